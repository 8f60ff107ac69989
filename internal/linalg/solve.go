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

// SolveLower replaces every column of b by the solution x of l·x = b, for a lower triangular matrix l.
func SolveLower(l, b Matrix) {
	if l.Rows != l.Cols || b.Rows != l.Rows {
		panic("linalg: SolveLower of unequal sizes")
	}
	const rows = 64 // that are solved together, after a product with those before them
	var w Workspace
	sum, left, negative := NewMatrix(min(rows, l.Rows), b.Cols), make([][]float64, 0, rows), make([]float64, rows)
	above := make([][]float64, 0, rows)
	for lo := 0; lo < l.Rows; lo += rows {
		hi := min(lo+rows, l.Rows)
		left, above = left[:0], above[:0]
		for i := lo; i < hi; i++ {
			left = append(left, l.Row(i)[:lo])
		}
		part := Matrix{hi - lo, b.Cols, sum.Data[:(hi-lo)*b.Cols]}
		w.product(block{Matrix: part}, lo, &side{slices: left, across: true}, &side{m: b})
		for i := lo; i < hi; i++ {
			row := b.Row(i)
			AddScaled(row, -1, part.Row(i-lo))
			for j, v := range l.Row(i)[lo:i] {
				negative[j] = -v
			}
			Combine(row, negative[:i-lo], above)
			for j := range row {
				row[j] /= l.At(i, i)
			}
			above = append(above, row)
		}
	}
}
