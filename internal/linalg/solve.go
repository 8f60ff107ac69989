package linalg

import "math"

// Solve replaces b by the solution x of a·x = b, by elimination with partial pivoting, and destroys a. It returns false,
// with a and b left unusable, where a is singular to working precision.
func Solve(a Matrix, b []float64) bool {
	n := a.Rows
	top := 0.0
	for k := range n {
		best := k
		for i := k + 1; i < n; i++ {
			if math.Abs(a.At(i, k)) > math.Abs(a.At(best, k)) {
				best = i
			}
		}
		pivot := math.Abs(a.At(best, k))
		if top = max(top, pivot); !(pivot > 1e-12*top) {
			return false
		}
		if best != k {
			x, y := a.Row(k), a.Row(best)
			for j := k; j < n; j++ {
				x[j], y[j] = y[j], x[j]
			}
			b[k], b[best] = b[best], b[k]
		}
		row := a.Row(k)
		for i := k + 1; i < n; i++ {
			other := a.Row(i)
			if f := other[k] / row[k]; f != 0 {
				AddScaled(other[k+1:], -f, row[k+1:])
				b[i] -= f * b[k]
			}
		}
	}
	for k := n - 1; k >= 0; k-- {
		row := a.Row(k)
		b[k] = (b[k] - Dot(row[k+1:], b[k+1:])) / row[k]
	}
	return Finite(b)
}
