package linalg

import (
	"errors"
	"math"
)

// Cholesky is the factor L of a symmetric positive definite matrix A = L·L'.
type Cholesky struct{ l Matrix }

// ErrNotPositive is returned when a matrix is not positive definite to working precision.
var ErrNotPositive = errors.New("linalg: the matrix is not positive definite")

// NewCholesky factors a, of which it reads the lower triangle only.
func NewCholesky(a Matrix) (*Cholesky, error) {
	n := a.Rows
	l := NewMatrix(n, n)
	for i := range n {
		li := l.Row(i)
		for j := range i {
			lj := l.Row(j)
			li[j] = (a.Data[i*n+j] - Dot(li[:j], lj[:j])) / lj[j]
		}
		d := a.Data[i*n+i] - SquaredNorm(li[:i])
		if math.IsNaN(d) || math.IsInf(d, 0) {
			return nil, ErrNotFinite
		}
		if d <= 0 {
			return nil, ErrNotPositive
		}
		li[i] = math.Sqrt(d)
	}
	return &Cholesky{l}, nil
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
