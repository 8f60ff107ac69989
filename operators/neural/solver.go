package neural

import "math"

// solver is a rule that moves the weights against the gradient of one batch.
type solver interface {
	step(theta, grad []float64)
}

// adam is Kingma and Ba (2015).
type adam struct {
	rate float64
	t    int
	m, v []float64 // running means of the gradient and of its square
}

func (a *adam) step(theta, grad []float64) {
	const beta1, beta2, eps = 0.9, 0.999, 1e-8
	if a.m == nil {
		a.m, a.v = make([]float64, len(theta)), make([]float64, len(theta))
	}
	a.t++
	rate := a.rate * math.Sqrt(1-math.Pow(beta2, float64(a.t))) / (1 - math.Pow(beta1, float64(a.t)))
	for i, g := range grad {
		a.m[i] = beta1*a.m[i] + (1-beta1)*g
		a.v[i] = beta2*a.v[i] + (1-beta2)*g*g
		theta[i] -= rate * a.m[i] / (math.Sqrt(a.v[i]) + eps)
	}
}

// momentum is gradient descent with Nesterov's momentum.
type momentum struct {
	rate     float64
	velocity []float64
}

func (s *momentum) step(theta, grad []float64) {
	const keep = 0.9
	if s.velocity == nil {
		s.velocity = make([]float64, len(theta))
	}
	for i, g := range grad {
		s.velocity[i] = keep*s.velocity[i] - s.rate*g
		theta[i] += keep*s.velocity[i] - s.rate*g
	}
}
