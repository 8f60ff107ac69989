// Package linalg is the linear algebra of the operators: dense row-major float64 matrices, their products, and the
// decompositions that estimators need. Everything runs on the caller's goroutine and gives the same bits every time.
// Sizes that do not fit are programming errors and panic; values that are not finite are data errors and are reported.
package linalg

import "errors"

// Matrix is a dense Rows×Cols matrix, row after row without gaps: element (i, j) is Data[i*Cols+j]. The value shares
// Data when it is copied.
type Matrix struct {
	Rows, Cols int
	Data       []float64
}

// NewMatrix returns a matrix of zeros.
func NewMatrix(rows, cols int) Matrix {
	return Matrix{rows, cols, make([]float64, rows*cols)}
}

// Of wraps row-major data of rows with cols elements each.
func Of(rows, cols int, data []float64) Matrix {
	if len(data) != rows*cols {
		panic("linalg: the data do not fill the matrix")
	}
	return Matrix{rows, cols, data}
}

// Row returns row i, shared with the matrix.
func (m Matrix) Row(i int) []float64 {
	return m.Data[i*m.Cols : (i+1)*m.Cols : (i+1)*m.Cols]
}

// At returns element (i, j).
func (m Matrix) At(i, j int) float64 { return m.Data[i*m.Cols+j] }

// Set changes element (i, j).
func (m Matrix) Set(i, j int, v float64) { m.Data[i*m.Cols+j] = v }

// Clone returns a copy that shares nothing.
func (m Matrix) Clone() Matrix {
	return Matrix{m.Rows, m.Cols, append([]float64(nil), m.Data...)}
}

// T returns the transposed matrix as a copy.
func (m Matrix) T() Matrix {
	t := NewMatrix(m.Cols, m.Rows)
	for i := range m.Rows {
		for j, v := range m.Row(i) {
			t.Data[j*m.Rows+i] = v
		}
	}
	return t
}

// ErrNotFinite is returned where NaN or an infinity stands in the input or would stand in the result.
var ErrNotFinite = errors.New("linalg: values are not finite or too large")
