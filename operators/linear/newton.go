package linear

import (
	"context"
	"math"

	"github.com/lren-chuv/automl/internal/linalg"
)

// objective is a convex function that is differentiable, and twice so almost everywhere.
type objective interface {
	// gradient fills grad and returns the value at theta; +Inf outside the domain.
	gradient(theta, grad []float64) float64
	// hessian returns the second derivatives where gradient was last asked; the caller may change them.
	hessian(ctx context.Context) (linalg.Matrix, error)
}

const (
	maxNewton   = 200
	maxProximal = 40  // steps with l1 on many columns, where scikit-learn's solvers stop early too
	manyColumns = 150 // beyond which the quadratic model is not minimised to rounding, which correlated columns make slow
	sweepWork   = 2e7 // multiplications that it may take then
	maxHalvings = 40
	exactly     = 1e-7 // tol of a final answer
	roughly     = 0.3  // tol of a starting point: beyond that, few rows would be fitted too well
)

// newton minimises f(θ) + Σ l1[j]·|θ[j]| from theta on, in place. Without l1 (nil) it is Newton's method with step
// halving; with it, every step minimises the quadratic model plus the penalty (proximal Newton: Lee, Sun, Saunders,
// SIAM J. Optim. 24(3), 2014). It ends with the first full step that promises a decrease of less than tol times the
// value; as convergence is quadratic, what is left after that step is about the square of it.
func newton(ctx context.Context, f objective, theta, l1 []float64, tol float64) error {
	p := len(theta)
	grad, step, next := make([]float64, p), make([]float64, p), make([]float64, p)
	value := f.gradient(theta, grad) + absolute(l1, theta)
	most := maxNewton
	if l1 != nil && p > manyColumns {
		most = maxProximal
	}
	for range most {
		if err := ctx.Err(); err != nil {
			return err
		}
		h, err := f.hessian(ctx)
		if err != nil {
			return err
		}
		if l1 == nil {
			err = descend(h, grad, step)
		} else {
			err = proximal(ctx, h, grad, theta, l1, step)
		}
		if err != nil {
			return err
		}
		copy(next, theta)
		linalg.AddScaled(next, 1, step)
		// The decrease that the model without curvature promises; twice that of the full model.
		promise := -linalg.Dot(grad, step) + absolute(l1, theta) - absolute(l1, next)
		if !(promise > 1e-30) {
			return nil
		}
		last := promise <= tol*math.Abs(value)
		t, lower := 1.0, value
		for k := 0; ; k++ {
			lower = f.gradient(next, grad) + absolute(l1, next)
			if lower <= value-1e-4*t*promise || last && lower <= value+1e-12*math.Abs(value) {
				break
			}
			if k == maxHalvings { // rounding hides any further decrease
				f.gradient(theta, grad)
				return nil
			}
			t /= 2
			copy(next, theta)
			linalg.AddScaled(next, t, step)
		}
		copy(theta, next)
		value = lower
		if last && t == 1 {
			return nil
		}
	}
	return nil
}

func absolute(l1, theta []float64) float64 {
	s := 0.0
	for j, l := range l1 {
		s += l * math.Abs(theta[j])
	}
	return s
}

// descend solves h·step = −grad, raising the diagonal as long as h is not positive definite.
func descend(h linalg.Matrix, grad, step []float64) error {
	trace := 0.0
	for j := range grad {
		trace += h.At(j, j)
	}
	if !linalg.Finite([]float64{trace}) {
		return linalg.ErrNotFinite
	}
	raise := 1e-12 * (trace/float64(max(1, len(grad))) + 1e-300)
	for {
		chol, err := linalg.NewCholesky(h)
		if err == nil {
			for j, g := range grad {
				step[j] = -g
			}
			chol.Solve(step)
			if !linalg.Finite(step) {
				return linalg.ErrNotFinite
			}
			return nil
		}
		if math.IsInf(raise, 0) || !linalg.Finite(h.Data) {
			return linalg.ErrNotFinite
		}
		for j := range grad {
			h.Data[j*h.Cols+j] += raise
		}
		raise *= 100
	}
}

// proximal minimises the quadratic model of f plus the penalty.
func proximal(ctx context.Context, h linalg.Matrix, grad, theta, l1, step []float64) error {
	p := len(theta)
	q := &quadratic{gram: h, q: make([]float64, p), l1: l1, l2: make([]float64, p)}
	h.MulVec(q.q, theta)
	linalg.AddScaled(q.q, -1, grad)
	if p > manyColumns {
		q.patience = max(60, int(sweepWork/float64(p*p)))
	}
	copy(step, theta)
	if err := q.solve(ctx, step); err != nil {
		return err
	}
	linalg.AddScaled(step, -1, theta)
	if !linalg.Finite(step) {
		return linalg.ErrNotFinite
	}
	return nil
}
