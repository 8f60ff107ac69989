package linalg

import (
	"errors"
	"math"
)

// Cholesky is the factor L of a symmetric positive definite matrix A = L·L'.
type Cholesky struct{ l Matrix }

// ErrNotPositive is returned when a matrix is not positive definite to working precision.
var ErrNotPositive = errors.New("linalg: the matrix is not positive definite")

// panel is the number of columns that are factored together before the rest of the matrix is updated.
const panel = 64

// NewCholesky factors a, of which it reads the lower triangle only.
func NewCholesky(a Matrix) (*Cholesky, error) {
	n := a.Rows
	l := NewMatrix(n, n)
	for i := range n {
		copy(l.Row(i)[:i+1], a.Row(i)[:i+1])
	}
	for lo := 0; lo < n; lo += panel {
		hi := min(lo+panel, n)
		for i := lo; i < n; i++ {
			row := l.Row(i)
			for j := lo; j < min(i, hi); j++ {
				other := l.Row(j)
				row[j] = (row[j] - Dot(row[lo:j], other[lo:j])) / other[j]
			}
			if i >= hi {
				continue
			}
			d := row[i] - SquaredNorm(row[lo:i])
			if math.IsNaN(d) || math.IsInf(d, 0) {
				return nil, ErrNotFinite
			}
			if d <= 0 {
				return nil, ErrNotPositive
			}
			row[i] = math.Sqrt(d)
		}
		l.subtractProduct(lo, hi)
	}
	return &Cholesky{l}, nil
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

// subtractProduct takes P·P' from the lower triangle of what follows column hi, P being columns [lo, hi) of those rows.
func (m Matrix) subtractProduct(lo, hi int) {
	rest := m.Rows - hi
	if rest == 0 {
		return
	}
	p := NewMatrix(rest, hi-lo)
	for i := range rest {
		copy(p.Row(i), m.Row(hi + i)[lo:hi])
	}
	g := p.T().Gram(nil)
	for i := range rest {
		AddScaled(m.Row(hi + i)[hi:hi+i+1], -1, g.Row(i)[:i+1])
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

// LogDet returns the logarithm of the determinant of A.
func (c *Cholesky) LogDet() float64 {
	s := 0.0
	for i := range c.l.Rows {
		s += math.Log(c.l.At(i, i))
	}
	return 2 * s
}
