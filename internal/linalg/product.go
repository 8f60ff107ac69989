package linalg

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
)

func (m Matrix) general() blas64.General {
	return blas64.General{Rows: m.Rows, Cols: m.Cols, Stride: max(1, m.Cols), Data: m.Data}
}

// Mul returns a·b.
func Mul(a, b Matrix) Matrix { return product(a, b, blas.NoTrans, blas.NoTrans, a.Rows, b.Cols) }

// TMul returns a'·b.
func TMul(a, b Matrix) Matrix { return product(a, b, blas.Trans, blas.NoTrans, a.Cols, b.Cols) }

// MulT returns a·b'.
func MulT(a, b Matrix) Matrix { return product(a, b, blas.NoTrans, blas.Trans, a.Rows, b.Rows) }

func product(a, b Matrix, ta, tb blas.Transpose, rows, cols int) Matrix {
	c := NewMatrix(rows, cols)
	if len(c.Data) > 0 && len(a.Data) > 0 {
		blas64.Gemm(ta, tb, 1, a.general(), b.general(), 0, c.general())
	}
	return c
}

// Gram returns m'·diag(w)·m; w nil means ones.
func (m Matrix) Gram(w []float64) Matrix {
	g := NewMatrix(m.Cols, m.Cols)
	AddGram(g, m, w)
	return g
}

// AddGram adds m'·diag(w)·m to the symmetric matrix g, both triangles; w nil means ones.
func AddGram(g, m Matrix, w []float64) {
	for i := range m.Rows {
		row, wi := m.Row(i), 1.0
		if w != nil {
			wi = w[i]
		}
		for j, v := range row {
			AddScaled(g.Data[j*m.Cols+j:(j+1)*m.Cols], wi*v, row[j:])
		}
	}
	g.mirror()
}

// mirror copies the upper triangle into the lower one.
func (m Matrix) mirror() {
	for i := range m.Rows {
		for j := range i {
			m.Data[i*m.Cols+j] = m.Data[j*m.Cols+i]
		}
	}
}
