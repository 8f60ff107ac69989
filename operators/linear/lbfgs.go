package linear

import (
	"context"
	"math"

	"github.com/lren-chuv/automl/internal/linalg"
)

const (
	lbfgsMemory = 20
	lbfgsSteps  = 2000
	lbfgsTol    = 1e-13 // predicted decrease at the end, relative to the value
)

// lbfgs minimises f from theta on, in place, by limited-memory BFGS (Liu and Nocedal, Math. Program. 45, 1989). In
// place of a multiple of the identity it starts from the inverse of h, one for each block of parameters, which frees it
// from the scales and correlations of the columns.
func lbfgs(ctx context.Context, f objective, theta []float64, h *linalg.Cholesky) error {
	p := len(theta)
	grad, step := make([]float64, p), make([]float64, p)
	next, change := make([]float64, p), make([]float64, p)
	value := f.gradient(theta, grad)
	m := &memory{first: h}
	for range lbfgsSteps {
		if err := ctx.Err(); err != nil {
			return err
		}
		copy(step, grad)
		m.apply(step)
		promise := linalg.Dot(grad, step)
		if !linalg.Finite([]float64{promise}) {
			return linalg.ErrNotFinite
		}
		if promise <= lbfgsTol*math.Abs(value) {
			return nil
		}
		t, lower := 1.0, 0.0
		for k := 0; ; k++ {
			copy(next, theta)
			linalg.AddScaled(next, -t, step)
			if lower = f.gradient(next, change); lower <= value-1e-4*t*promise {
				break
			}
			if k == maxHalvings {
				return nil // rounding hides any further decrease
			}
			t /= 2
		}
		for j := range grad {
			step[j] *= -t
			grad[j], change[j] = change[j], change[j]-grad[j]
		}
		m.add(step, change)
		copy(theta, next)
		value = lower
	}
	return nil
}

// memory is the product form of the inverse second derivatives.
type memory struct {
	first *linalg.Cholesky
	s, y  [][]float64 // steps and the changes of the gradient along them
	rho   []float64
}

// add remembers a step; one without curvature is of no use.
func (m *memory) add(s, y []float64) {
	curve := linalg.Dot(s, y)
	if !(curve > 0) {
		return
	}
	if len(m.s) == lbfgsMemory {
		m.s, m.y, m.rho = m.s[1:], m.y[1:], m.rho[1:]
	}
	m.s = append(m.s, append([]float64(nil), s...))
	m.y = append(m.y, append([]float64(nil), y...))
	m.rho = append(m.rho, 1/curve)
}

// apply multiplies v by the inverse: the two-loop recursion.
func (m *memory) apply(v []float64) {
	a := make([]float64, len(m.s))
	for i := len(m.s) - 1; i >= 0; i-- {
		a[i] = m.rho[i] * linalg.Dot(m.s[i], v)
		linalg.AddScaled(v, -a[i], m.y[i])
	}
	q := m.first.L().Rows
	for lo := 0; lo < len(v); lo += q {
		m.first.Solve(v[lo : lo+q])
	}
	for i, s := range m.s {
		linalg.AddScaled(v, a[i]-m.rho[i]*linalg.Dot(m.y[i], v), s)
	}
}
