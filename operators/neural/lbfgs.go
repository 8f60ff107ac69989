package neural

import (
	"context"
	"math"
	"slices"

	"github.com/lren-chuv/automl/internal/linalg"
)

// memoryPairs is the number of past steps from which L-BFGS guesses the curvature.
const memoryPairs = 10

// lbfgs minimises a function by limited-memory BFGS (Liu and Nocedal 1989) with a line search for Wolfe's conditions.
type lbfgs struct {
	f       func(x, grad []float64) float64
	x, grad []float64
	value   float64
	steps   []pair
}

// pair is a step and the change of the gradient along it.
type pair struct {
	s, y []float64
	rho  float64 // 1/(s·y)
}

// descend trains on all rows at once, at most max_iter steps, until no slope exceeds tol or the loss stands still.
func (m mlp) descend(ctx context.Context, net *network, t *task, rows []int32) error {
	pass := net.newPass(len(rows))
	b := &lbfgs{x: slices.Clone(net.Theta), grad: make([]float64, len(net.Theta))}
	b.f = func(x, grad []float64) float64 {
		net.Theta = x
		return net.gradient(t, pass, rows, grad)
	}
	b.value = b.f(b.x, b.grad)
	for range m.maxIter {
		if err := ctx.Err(); err != nil {
			return err
		}
		before := b.value
		if largest(b.grad) <= m.tol || !b.step() || before-b.value <= 2.2e-9*max(math.Abs(before), math.Abs(b.value), 1) {
			break
		}
	}
	net.Theta = b.x
	return nil
}

func largest(v []float64) float64 {
	top := 0.0
	for _, x := range v {
		top = max(top, math.Abs(x))
	}
	return top
}

// step moves x along the search direction; it reports whether a better point was found.
func (b *lbfgs) step() bool {
	d := b.direction()
	slope := linalg.Dot(d, b.grad)
	if !(slope < 0) {
		return false
	}
	length := 1.0
	if len(b.steps) == 0 {
		length = min(1, 1/math.Sqrt(-slope))
	}
	x, grad, value, ok := b.search(d, slope, length)
	if !ok {
		return false
	}
	p := pair{s: make([]float64, len(x)), y: make([]float64, len(x))}
	for i := range x {
		p.s[i], p.y[i] = x[i]-b.x[i], grad[i]-b.grad[i]
	}
	if sy := linalg.Dot(p.s, p.y); sy > 1e-300 {
		p.rho = 1 / sy
		if b.steps = append(b.steps, p); len(b.steps) > memoryPairs {
			b.steps = b.steps[1:]
		}
	}
	b.x, b.grad, b.value = x, grad, value
	return true
}

// direction is minus the gradient times the inverse Hessian as the past steps suggest it (Nocedal 1980, two loops).
func (b *lbfgs) direction() []float64 {
	d := make([]float64, len(b.grad))
	linalg.AddScaled(d, -1, b.grad)
	a := make([]float64, len(b.steps))
	for i := len(b.steps) - 1; i >= 0; i-- {
		p := b.steps[i]
		a[i] = p.rho * linalg.Dot(p.s, d)
		linalg.AddScaled(d, -a[i], p.y)
	}
	if n := len(b.steps); n > 0 {
		scale := 1 / (b.steps[n-1].rho * linalg.SquaredNorm(b.steps[n-1].y))
		for i := range d {
			d[i] *= scale
		}
	}
	for i, p := range b.steps {
		linalg.AddScaled(d, a[i]-p.rho*linalg.Dot(p.y, d), p.s)
	}
	return d
}

// search halves and doubles the step until the value falls enough and the slope flattens (weak Wolfe conditions).
func (b *lbfgs) search(d []float64, slope, length float64) (x, grad []float64, value float64, ok bool) {
	const fall, flatten, trials = 1e-4, 0.9, 30
	x, grad = make([]float64, len(d)), make([]float64, len(d))
	lo, hi := 0.0, math.Inf(1)
	for range trials {
		copy(x, b.x)
		linalg.AddScaled(x, length, d)
		value = b.f(x, grad)
		switch {
		case !(value <= b.value+fall*length*slope):
			hi = length
		case linalg.Dot(grad, d) < flatten*slope:
			lo = length
		default:
			return x, grad, value, true
		}
		if length = (lo + hi) / 2; math.IsInf(hi, 1) {
			length = 2 * lo
		}
	}
	return x, grad, value, value < b.value
}
