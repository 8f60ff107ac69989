package linalg

import (
	"context"
	"slices"
)

// Mul returns a·b.
func Mul(a, b Matrix) Matrix {
	c := NewMatrix(a.Rows, b.Cols)
	new(Workspace).Mul(c, a, b)
	return c
}

// TMul returns a'·b.
func TMul(a, b Matrix) Matrix {
	c := NewMatrix(a.Cols, b.Cols)
	new(Workspace).TMul(c, a, b)
	return c
}

// MulT returns a·b'.
func MulT(a, b Matrix) Matrix {
	c := NewMatrix(a.Rows, b.Rows)
	new(Workspace).MulT(c, a, b)
	return c
}

// Gram returns m'·diag(w)·m; w nil means ones.
func (m Matrix) Gram(w []float64) Matrix {
	g := NewMatrix(m.Cols, m.Cols)
	AddGram(g, m, w)
	return g
}

// AddGram adds m'·diag(w)·m to the symmetric matrix g, both triangles; w nil means ones. Rows of weight zero cost
// nothing.
func AddGram(g, m Matrix, w []float64) { new(Workspace).AddGram(g, m, w) }

// AddGram is the function of that name.
func (s *Workspace) AddGram(g, m Matrix, w []float64) {
	if g.Rows != m.Cols || g.Cols != m.Cols || w != nil && len(w) != m.Rows {
		panic("linalg: AddGram of unequal sizes")
	}
	rows := &side{m: m}
	k := m.Rows
	if w != nil {
		rows.pick, w = s.positive(w)
		k = len(w)
	}
	sum := Of(m.Cols, m.Cols, grown(&s.sum, m.Cols*m.Cols))
	s.product(block{Matrix: sum, upper: true, w: w}, k, rows, rows)
	sum.mirror()
	AddScaled(g.Data, 1, sum.Data)
}

// positive returns the weights that are not zero and where they stand; a nil list is all of them.
func (s *Workspace) positive(w []float64) ([]int32, []float64) {
	if !slices.Contains(w, 0) {
		return nil, w
	}
	s.at, s.kept = s.at[:0], s.kept[:0]
	for i, v := range w {
		if v != 0 {
			s.at, s.kept = append(s.at, int32(i)), append(s.kept, v)
		}
	}
	return s.at, s.kept
}

// mirror copies the upper triangle into the lower one.
func (m Matrix) mirror() {
	for i := range m.Rows {
		for j := range i {
			m.Data[i*m.Cols+j] = m.Data[j*m.Cols+i]
		}
	}
}

const stretch = 8192 // rows of a table between two looks at the context

// MulColumns writes a·(x − shift) to dst, where the slices of x, of dst.Cols elements each, are the rows of a matrix, as
// the columns of a table are, and shift holds a number for each or is nil: every column of dst then belongs to a row of
// the table. It polls ctx.
func MulColumns(ctx context.Context, dst, a Matrix, x [][]float64, shift []float64) error {
	if a.Cols != len(x) || dst.Rows != a.Rows || shift != nil && len(shift) != len(x) {
		panic("linalg: MulColumns of unequal sizes")
	}
	if a.Rows <= few && a.Cols <= deep && shift == nil {
		return combineColumns(ctx, dst, a, x)
	}
	var w Workspace
	left, right := &side{m: a, across: true}, &side{slices: x, shift: shift}
	for lo := 0; lo < dst.Cols; lo += stretch {
		if err := ctx.Err(); err != nil {
			return err
		}
		w.product(block{Matrix: dst, from: lo, to: min(lo+stretch, dst.Cols)}, len(x), left, right)
	}
	return nil
}

const few = 3 // rows of a product for which packing the columns does not pay off

// combineColumns is MulColumns for few rows: the same sums, in the same order, straight from the columns.
func combineColumns(ctx context.Context, dst, a Matrix, x [][]float64) error {
	const block = 1024 // sums that stay in the first-level cache
	part := make([][]float64, len(x))
	for lo := 0; lo < dst.Cols; lo += block {
		if err := ctx.Err(); err != nil {
			return err
		}
		hi := min(lo+block, dst.Cols)
		for j, c := range x {
			part[j] = c[lo:hi]
		}
		for i := range a.Rows {
			sums, factors := dst.Row(i)[lo:hi], a.Row(i)
			clear(sums)
			j := 0
			for ; j+4 <= len(part); j += 4 {
				addScaled4(sums, (*[4]float64)(factors[j:]), (*[4][]float64)(part[j:]))
			}
			for ; j < len(part); j++ {
				AddFused(sums, factors[j], part[j])
			}
		}
	}
	return nil
}

// GramOfColumns returns the products of every two of the slices x less their shifts; shift nil is zero. It polls ctx.
func GramOfColumns(ctx context.Context, x [][]float64, shift []float64) (Matrix, error) {
	sum := NewMatrix(len(x), len(x))
	if len(x) == 0 {
		return sum, nil
	}
	var w Workspace
	part := NewMatrix(len(x), len(x))
	parts := &side{slices: make([][]float64, len(x)), shift: shift, across: true}
	step := max(deep, 50_000_000/(1+len(x)*len(x))/deep*deep)
	for lo := 0; lo < len(x[0]); lo += step {
		if err := ctx.Err(); err != nil {
			return sum, err
		}
		hi := min(lo+step, len(x[0]))
		for j, c := range x {
			parts.slices[j] = c[lo:hi]
		}
		w.product(block{Matrix: part, upper: true}, hi-lo, parts, parts)
		AddScaled(sum.Data, 1, part.Data)
	}
	sum.mirror()
	return sum, nil
}
