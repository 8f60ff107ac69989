package linalg

import "gonum.org/v1/gonum/floats"

// Dot returns Σ x[i]·y[i].
func Dot(x, y []float64) float64 { return floats.Dot(x, y) }

// AddScaled adds a·x to y.
func AddScaled(y []float64, a float64, x []float64) { floats.AddScaled(y, a, x) }

// SquaredNorm returns Σ x[i]².
func SquaredNorm(x []float64) float64 { return floats.Dot(x, x) }

// MulVec writes m·v to dst (Rows elements).
func (m Matrix) MulVec(dst, v []float64) {
	if len(dst) != m.Rows || len(v) != m.Cols {
		panic("linalg: MulVec of unequal lengths")
	}
	for i := range dst {
		dst[i] = floats.Dot(m.Row(i), v)
	}
}

// TMulVec writes m'·u to dst (Cols elements).
func (m Matrix) TMulVec(dst, u []float64) {
	if len(dst) != m.Cols || len(u) != m.Rows {
		panic("linalg: TMulVec of unequal lengths")
	}
	clear(dst)
	for i, a := range u {
		floats.AddScaled(dst, a, m.Row(i))
	}
}
