package neural

import (
	"math"

	"github.com/lren-chuv/automl/internal/linalg"
)

// solver is a rule that moves the weights against the gradient of one batch.
type solver interface {
	step(theta, grad []float64)
	each(f func(v []float64)) // calls f with every vector that has a number for every weight
}

// adam is Kingma and Ba (2015).
type adam struct {
	rate float64
	t    int
	m, v []float64 // running means of the gradient and of its square
}

func (a *adam) step(theta, grad []float64) {
	const beta1, beta2 = 0.9, 0.999
	if a.m == nil {
		a.m, a.v = make([]float64, len(theta)), make([]float64, len(theta))
	}
	a.t++
	rate := a.rate * math.Sqrt(1-math.Pow(beta2, float64(a.t))) / (1 - math.Pow(beta1, float64(a.t)))
	linalg.Adam(theta, grad, a.m, a.v, rate)
}

func (a *adam) each(f func(v []float64)) {
	f(a.m)
	f(a.v)
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

func (s *momentum) each(f func(v []float64)) { f(s.velocity) }
