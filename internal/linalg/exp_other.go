//go:build !amd64

package linalg

import "math"

// Exp replaces every element by its exponential.
func Exp(v []float64) {
	for i, x := range v {
		v[i] = math.Exp(x)
	}
}
