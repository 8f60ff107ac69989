package linalg

import "math"

// rectifyGo is the plain form of Rectify.
func rectifyGo(v []float64) {
	for i, x := range v {
		if x < 0 {
			v[i] = 0
		}
	}
}

// silenceGo is the plain form of Silence.
func silenceGo(v, by []float64) {
	for i, x := range by {
		if x == 0 {
			v[i] = 0
		}
	}
}

// adamGo is the plain form of Adam. The conversions keep products from being fused with sums.
func adamGo(theta, grad, m, v []float64, rate float64) {
	const beta1, beta2, eps = 0.9, 0.999, 1e-8
	for i, g := range grad {
		m[i] = float64(beta1*m[i]) + float64((1-beta1)*g)
		v[i] = float64(beta2*v[i]) + float64(float64((1-beta2)*g)*g)
		theta[i] -= float64(rate*m[i]) / (math.Sqrt(v[i]) + eps)
	}
}
