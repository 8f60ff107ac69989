package linalg

import (
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack/lapack64"
)

func (m Matrix) general() blas64.General {
	return blas64.General{Rows: m.Rows, Cols: m.Cols, Stride: max(1, m.Cols), Data: m.Data}
}

// thinQR lets LAPACK factor a copy of a and then form the first Cols columns of Q in its place.
func thinQR(a Matrix) QR {
	q, r := a.Clone(), NewMatrix(a.Cols, a.Cols)
	tau := make([]float64, a.Cols)
	g := q.general()
	work := query(func(work []float64, n int) { lapack64.Geqrf(g, tau, work, n) })
	lapack64.Geqrf(g, tau, work, len(work))
	for i := range a.Cols {
		copy(r.Row(i)[i:], q.Row(i)[i:])
	}
	work = query(func(work []float64, n int) { lapack64.Orgqr(g, tau, work, n) })
	lapack64.Orgqr(g, tau, work, len(work))
	return QR{q, r}
}

// query asks a LAPACK routine how much workspace it wants.
func query(routine func(work []float64, n int)) []float64 {
	size := make([]float64, 1)
	routine(size, -1)
	return make([]float64, int(size[0]))
}
