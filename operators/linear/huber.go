package linear

import (
	"context"
	"fmt"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/operators"
)

// HuberRegressor minimises Σ w·(σ + H((y − ŷ)/σ)·σ) + alpha·‖coef‖² over coefficients and scale σ together, where H(u)
// is u² up to epsilon and goes on as its tangent (Huber and Ronchetti, Robust Statistics, 2nd ed., p. 172).
var HuberRegressor = &operators.Spec{
	Name: "HuberRegressor", Doc: "regression that outliers hardly move", Role: operators.Regressor, Traits: operators.Weights,
	Params: []operators.Param{
		{Name: "epsilon", Scale: operators.Linear, Lo: 1, Hi: 3, Default: 1.35},
		{Name: "alpha", Scale: operators.Log, Lo: 1e-6, Hi: 10, Default: 1e-4},
		fitIntercept,
	},
	Ignored: []string{"max_iter", "tol", "warm_start"},
	New: func(v []float64) (operators.Operator, error) {
		if v[0] < 1 || v[1] < 0 {
			return nil, fmt.Errorf("huber: epsilon=%g, alpha=%g: want epsilon of at least 1 and alpha of at least 0", v[0], v[1])
		}
		return huberModel{v[0], v[1], v[2] != 0}, nil
	},
	Decode: operators.Decode[line],
	Memory: spanMemory,
}

type huberModel struct {
	epsilon, alpha float64
	intercept      bool
}

func (o huberModel) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	const name = "huber"
	p, err := newNarrowProblem(ctx, s, o.intercept, 1)
	if err != nil {
		return nil, failed(name, err)
	}
	sys := p.system(-1)
	coef, err := p.ridge(sys, o.alpha)
	if err != nil {
		return nil, failed(name, err)
	}
	start, rss := sys.line(coef), sys.residual(coef)
	if rss <= 1e-20*sys.yy || sys.yy == 0 {
		return start.fitted(name) // an exact fit has no scale
	}
	d := p.design
	q := d.z.Cols
	theta := make([]float64, q+1)
	copy(theta, coef)
	if o.intercept {
		theta[q-1] = sys.intercept(coef) - p.yshift + linalg.Dot(d.shift, coef)
	}
	theta[q] = math.Sqrt(rss / sys.w)
	h := &huber{
		problem: p, epsilon: o.epsilon, l2: append(d.penalty(2*o.alpha), 0),
		rows: linalg.NewMatrix(len(p.y), q+1), curve: make([]float64, len(p.y)),
	}
	for i := range p.y {
		copy(h.rows.Row(i), d.z.Row(i))
	}
	if err := newton(ctx, h, theta, nil, exactly); err != nil {
		return nil, failed(name, err)
	}
	return (&line{Coef: d.coef(theta), Intercept: d.intercept(theta) + p.yshift, Score: theta[q]}).fitted(name)
}

// huber is the objective of [HuberRegressor]; the last parameter is σ.
type huber struct {
	*problem
	epsilon float64
	l2      []float64
	rows    linalg.Matrix // those of the design, each with −u behind it
	curve   []float64
}

func (h *huber) gradient(theta, grad []float64) float64 {
	q := len(theta) - 1
	sigma, total := theta[q], 0.0
	if !(sigma > 0) {
		return math.Inf(1)
	}
	for j, v := range theta {
		total += h.l2[j] * v * v / 2
		grad[j] = h.l2[j] * v
	}
	for i, y := range h.y {
		row, w := h.rows.Row(i), h.weight(i)
		u := (linalg.Dot(row[:q], theta[:q]) - y) / sigma
		value, slope := u*u, 2*u
		h.curve[i] = 2 * w / sigma
		if a := math.Abs(u); a > h.epsilon {
			value, slope = h.epsilon*(2*a-h.epsilon), 2*math.Copysign(h.epsilon, u)
			h.curve[i] = 0
		}
		row[q] = -u
		total += w * sigma * (1 + value)
		linalg.AddScaled(grad[:q], w*slope, row[:q])
		grad[q] += w * (1 + value - u*slope)
	}
	return total
}

func (h *huber) hessian(ctx context.Context) (linalg.Matrix, error) {
	return (&margins{design: &design{z: h.rows}, y: h.y, curve: h.curve, l2: h.l2}).hessian(ctx)
}
