package discriminant

import "github.com/lren-chuv/automl/operators"

// momentMemory is that of a copy of the input and of a covariance for every class.
func momentMemory(s operators.Shape, _ []float64) int64 {
	n, p := int64(s.Rows), int64(s.Cols)
	return 8 * (2*n*p + int64(s.Classes+3)*p*p)
}
