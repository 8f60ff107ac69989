package linalg

import "math"

// expAVX2 replaces n times four numbers by their exponentials.
//
//go:noescape
func expAVX2(v *float64, n int)

// Exp replaces every element by its exponential, to 1e-15 of it. What an element becomes does not depend on its place.
func Exp(v []float64) {
	if !hasAVX2 {
		for i, x := range v {
			v[i] = math.Exp(x)
		}
		return
	}
	body := len(v) &^ 3
	if body > 0 {
		expAVX2(&v[0], body/4)
	}
	if body < len(v) {
		var rest [4]float64
		copy(rest[:], v[body:])
		expAVX2(&rest[0], 1)
		copy(v[body:], rest[:])
	}
}
