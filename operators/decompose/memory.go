package decompose

import "github.com/lren-chuv/automl/operators"

// squareMemory is that of a copy of the input and of matrices as wide as the smaller of rows and columns.
func squareMemory(s operators.Shape, _ []float64) int64 {
	n, p := int64(s.Rows), int64(s.Cols)
	q := min(n, p)
	return 8 * (3*n*p + 4*q*q)
}
