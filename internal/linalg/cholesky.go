package linalg

import (
	"context"
	"errors"
	"math"
)

// Cholesky is the factor L of a symmetric positive definite matrix A = L·L'.
type Cholesky struct{ l Matrix }

// ErrNotPositive is returned when a matrix is not positive definite to working precision.
var ErrNotPositive = errors.New("linalg: the matrix is not positive definite")

const (
	panel = 256 // columns that are factored together before the columns to their right are updated
	small = 64  // rows up to which all columns are factored one by one
	leaf  = 32  // columns that are factored one by one in a larger matrix
	slab  = 256 // rows that are updated in one product
)

// NewCholesky factors a, of which it reads the lower triangle only.
func NewCholesky(a Matrix) (*Cholesky, error) { return CholeskyOf(context.Background(), a) }

// CholeskyOf is NewCholesky for large matrices: it polls ctx.
func CholeskyOf(ctx context.Context, a Matrix) (*Cholesky, error) {
	l := NewMatrix(a.Rows, a.Rows)
	for i := range a.Rows {
		copy(l.Row(i)[:i+1], a.Row(i)[:i+1])
	}
	return CholeskyInPlace(ctx, l)
}

// CholeskyInPlace is CholeskyOf in the memory of a, which is lost whatever happens.
func CholeskyInPlace(ctx context.Context, a Matrix) (*Cholesky, error) {
	c := cholesky{ctx: ctx, l: a}
	for i := range c.minus {
		c.minus[i] = -1
	}
	for lo := 0; lo < a.Rows; lo += panel {
		hi := min(lo+panel, a.Rows)
		if err := c.columns(lo, hi); err != nil {
			return nil, err
		}
		if err := c.update(lo, hi, a.Rows); err != nil {
			return nil, err
		}
	}
	for i := range a.Rows {
		clear(a.Row(i)[i+1:])
	}
	return &Cholesky{a}, nil
}

// cholesky is a factor in the making.
type cholesky struct {
	ctx   context.Context
	l     Matrix
	work  Workspace
	left  [][]float64 // rows of the factors of a product
	right [][]float64
	minus [panel]float64 // minus one
}

// columns factors columns [lo, hi), which owe nothing to those before them any more.
func (c *cholesky) columns(lo, hi int) error {
	if hi-lo > leaf && c.l.Rows > small {
		mid := lo + (hi-lo+2*leaf-1)/(2*leaf)*leaf
		if err := c.columns(lo, mid); err != nil {
			return err
		}
		if err := c.update(lo, mid, hi); err != nil {
			return err
		}
		return c.columns(mid, hi)
	}
	for i := lo; i < c.l.Rows; i++ {
		row := c.l.Row(i)
		for j := lo; j < min(i, hi); j++ {
			other := c.l.Row(j)
			row[j] = (row[j] - Dot(row[lo:j], other[lo:j])) / other[j]
		}
		if i >= hi {
			continue
		}
		d := row[i] - SquaredNorm(row[lo:i])
		if math.IsNaN(d) || math.IsInf(d, 0) {
			return ErrNotFinite
		}
		if d <= 0 {
			return ErrNotPositive
		}
		row[i] = math.Sqrt(d)
	}
	return nil
}

// update takes from columns [mid, hi) of the lower triangle what the factored columns [lo, mid) make of them.
func (c *cholesky) update(lo, mid, hi int) error {
	n, k := c.l.Rows, mid-lo
	if mid >= hi {
		return nil
	}
	right := c.part(&c.right, mid, hi, lo, mid)
	for from := mid; from < n; from += slab {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		to := min(from+slab, n)
		cols := min(to, hi) - mid // what this writes above the diagonal is cleared in the end
		left := c.part(&c.left, from, to, lo, mid)
		target := block{Matrix: Matrix{to - from, n, c.l.Data[from*n+mid:]}, to: cols, add: true, w: c.minus[:k]}
		c.work.product(target, k, &side{slices: left, across: true}, &side{slices: right[:cols], across: true})
	}
	return nil
}

// part returns columns [lo, mid) of rows [from, to).
func (c *cholesky) part(buffer *[][]float64, from, to, lo, mid int) [][]float64 {
	*buffer = (*buffer)[:0]
	for i := from; i < to; i++ {
		*buffer = append(*buffer, c.l.Row(i)[lo:mid])
	}
	return *buffer
}

// RaisedCholesky factors h, whose diagonal it raises, in place, where rounding made it singular.
func RaisedCholesky(h Matrix) (*Cholesky, error) {
	for raise := 1e-15; ; raise *= 100 {
		chol, err := NewCholesky(h)
		if err == nil || raise > 1e-6 || errors.Is(err, ErrNotFinite) {
			return chol, err
		}
		for j := range h.Rows {
			h.Data[j*h.Cols+j] += raise*h.At(j, j) + 1e-300
		}
	}
}

// L returns the lower triangular factor, shared.
func (c *Cholesky) L() Matrix { return c.l }

// Solve replaces b by the solution x of A·x = b.
func (c *Cholesky) Solve(b []float64) {
	c.SolveL(b)
	c.SolveLT(b)
}

// SolveL replaces b by the solution x of L·x = b.
func (c *Cholesky) SolveL(b []float64) {
	for i := range b {
		row := c.l.Row(i)
		b[i] = (b[i] - Dot(row[:i], b[:i])) / row[i]
	}
}

// SolveLT replaces b by the solution x of L'·x = b.
func (c *Cholesky) SolveLT(b []float64) {
	for i := len(b) - 1; i >= 0; i-- {
		row := c.l.Row(i)
		b[i] /= row[i]
		AddScaled(b[:i], -b[i], row[:i])
	}
}

// Inverse returns the inverse of A.
func (c *Cholesky) Inverse() Matrix {
	n := c.l.Rows
	inv := NewMatrix(n, n)
	for i := range n {
		row := inv.Row(i) // the inverse is symmetric: its rows are its columns
		row[i] = 1
		c.Solve(row)
	}
	return inv
}

// InverseL returns the inverse of L.
func (c *Cholesky) InverseL() Matrix {
	n := c.l.Rows
	inv := NewMatrix(n, n)
	for i := range n { // row i of L times the rows before it, and one, make row i of the identity
		row, own := inv.Row(i), c.l.Row(i)
		for j, v := range own[:i] {
			AddScaled(row[:j+1], -v, inv.Row(j)[:j+1])
		}
		row[i] = 1
		for j := range row[:i+1] {
			row[j] /= own[i]
		}
	}
	return inv
}

// LogDet returns the logarithm of the determinant of A.
func (c *Cholesky) LogDet() float64 {
	s := 0.0
	for i := range c.l.Rows {
		s += math.Log(c.l.At(i, i))
	}
	return 2 * s
}
