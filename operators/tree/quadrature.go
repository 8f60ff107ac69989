package tree

import "math"

// gaussLegendre returns the n nodes and weights on (0, 1) that integrate every polynomial of degree up to 2n-1 exactly.
func gaussLegendre(n int) (nodes, weights []float64) {
	nodes, weights = make([]float64, n), make([]float64, n)
	for i := range (n + 1) / 2 {
		x := math.Cos(math.Pi * (float64(i) + 0.75) / (float64(n) + 0.5))
		slope := 0.0
		for range 100 {
			var value float64
			value, slope = legendre(n, x)
			step := value / slope
			x -= step
			if math.Abs(step) < 1e-16 {
				break
			}
		}
		_, slope = legendre(n, x)
		w := 1 / ((1 - x*x) * slope * slope)
		nodes[i], nodes[n-1-i] = (1-x)/2, (1+x)/2
		weights[i], weights[n-1-i] = w, w
	}
	return nodes, weights
}

// legendre is the Legendre polynomial of degree n ≥ 1 and its derivative at x, |x| < 1.
func legendre(n int, x float64) (value, slope float64) {
	before, value := 1.0, x
	for k := 2; k <= n; k++ {
		f := float64(k)
		before, value = value, ((2*f-1)*x*value-(f-1)*before)/f
	}
	return value, float64(n) * (x*value - before) / (x*x - 1)
}
