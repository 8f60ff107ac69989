package linalg

import "math"

// Tanh replaces every element by its hyperbolic tangent, with an absolute error of 3e-16.
func Tanh(v []float64) {
	var e [64]float64
	for len(v) > 0 {
		n := min(len(v), len(e))
		for i, x := range v[:n] {
			e[i] = -2 * math.Abs(x)
		}
		Exp(e[:n])
		for i, x := range v[:n] {
			v[i] = math.Copysign((1-e[i])/(1+e[i]), x)
		}
		v = v[n:]
	}
}

// Logistic replaces every element x by 1/(1+exp(-x)).
func Logistic(v []float64) {
	for i, x := range v {
		v[i] = -x
	}
	Exp(v)
	for i, e := range v {
		v[i] = 1 / (1 + e)
	}
}
