package linalg

import (
	"context"
	"errors"
	"math"

	"gonum.org/v1/gonum/floats"
)

// Cholesky is the factor L of a symmetric positive definite matrix A = L·L'.
type Cholesky struct{ l Matrix }

// ErrNotPositive is returned when a matrix is not positive definite to working precision.
var ErrNotPositive = errors.New("linalg: the matrix is not positive definite")

const (
	panel = 256 // columns that are factored together before the columns to their right are updated
	small = 64  // rows up to which all columns are factored one by one
	leaf  = 32  // columns that are factored one by one in a larger matrix
	slab  = 64  // rows that are updated in one product
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
	ctx    context.Context
	l      Matrix
	work   Workspace
	slices [][]float64 // rows of a factor of a product
	packed []float64   // the other factor
	strip  []float64
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
	for i := lo; i < hi; i++ {
		c.row(i, lo, i)
		row := c.l.Row(i)
		d := row[i] - SquaredNorm(row[lo:i])
		if math.IsNaN(d) || math.IsInf(d, 0) {
			return ErrNotFinite
		}
		if d <= 0 {
			return ErrNotPositive
		}
		row[i] = math.Sqrt(d)
	}
	i := hi
	for ; hasFused && i+strip <= c.l.Rows; i += strip {
		c.rows(i, lo, hi)
	}
	for ; i < c.l.Rows; i++ {
		c.row(i, lo, hi)
	}
	return nil
}

// row finds elements [lo, hi) of row i, given the rows of the factor above it.
func (c *cholesky) row(i, lo, hi int) {
	row := c.l.Row(i)
	for j := lo; j < hi; j++ {
		other := c.l.Row(j)
		row[j] = (row[j] - Dot(row[lo:j], other[lo:j])) / other[j]
	}
}

// rows is row for 8 of them at once.
func (c *cholesky) rows(i, lo, hi int) {
	var from [strip][]float64
	for k := range from {
		from[k] = c.l.Row(i + k)[lo:hi]
	}
	rows, n := from, c.l.Cols
	x := grown(&c.strip, small*strip)[:(hi-lo)*strip]
	packAcross(x, strip, &rows, &[strip]float64{})
	solveRows(x, c.l.Data[lo*n+lo:(hi-1)*n+hi], n)
	for k, row := range from {
		for j := range row {
			row[j] = x[j*strip+k]
		}
	}
}

// solveRowsGo is the plain form of solveRows, which replaces the 8 vectors that a strip holds by the solutions of systems
// with a lower triangle, whose rows are stride apart.
func solveRowsGo(x, l []float64, stride int) {
	for j := range len(x) / strip {
		own, row := (*[strip]float64)(x[j*strip:]), l[j*stride:]
		for t, v := range row[:j] {
			for k, s := range x[t*strip : t*strip+strip] {
				own[k&(strip-1)] = math.FMA(-v, s, own[k&(strip-1)])
			}
		}
		for k := range own {
			own[k] /= row[j]
		}
	}
}

// update takes from columns [mid, hi) of the lower triangle what the factored columns [lo, mid) make of them.
func (c *cholesky) update(lo, mid, hi int) error {
	n, k := c.l.Rows, mid-lo
	if mid >= hi {
		return nil
	}
	right := Packed{columns: k, rows: hi - mid, strips: grown(&c.packed, k*whole(hi-mid))}
	rows := side{slices: c.part(mid, hi, lo, mid), across: true}
	rows.pack(right.strips, 0, k, 0, right.rows)
	floats.Scale(-1, right.strips)
	for from := mid; from < n; from += slab {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		to := min(from+slab, n)
		cols := min(to, hi) - mid // what this writes above the diagonal is cleared in the end
		target := block{Matrix: Matrix{to - from, n, c.l.Data[from*n+mid:]}, to: cols, add: true}
		c.work.product(target, k, &side{slices: c.part(from, to, lo, mid), across: true}, &side{packed: &right})
	}
	return nil
}

// part returns columns [lo, mid) of rows [from, to).
func (c *cholesky) part(from, to, lo, mid int) [][]float64 {
	c.slices = c.slices[:0]
	for i := from; i < to; i++ {
		c.slices = append(c.slices, c.l.Row(i)[lo:mid])
	}
	return c.slices
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
