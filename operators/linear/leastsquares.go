package linear

import (
	"context"
	"errors"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/operators"
)

var (
	fitIntercept = operators.Param{Name: "fit_intercept", Scale: operators.Bool, Default: 1, Fixed: true}
	positive     = operators.Param{Name: "positive", Scale: operators.Bool, Fixed: true}
	normalize    = operators.Param{Name: "normalize", Scale: operators.Bool, Fixed: true}
)

// solverIgnored are parameters that tune a solver towards an optimum that is always reached here, or its chores.
var solverIgnored = []string{
	"solver", "tol", "max_iter", "selection", "precompute", "warm_start", "random_state", "copy_X", "n_jobs", "verbose", "dual",
}

// LinearRegression is ordinary least squares; of several solutions the one with the smallest norm.
var LinearRegression = &operators.Spec{
	Name: "LinearRegression", Doc: "ordinary least squares", Role: operators.Regressor, Traits: operators.Weights,
	Params: []operators.Param{fitIntercept, positive}, Ignored: solverIgnored,
	New: func(v []float64) (operators.Operator, error) {
		return leastSquares{v[0] != 0, v[1] != 0}, nil
	},
	Decode: operators.Decode[line],
	Memory: columnMemory,
}

type leastSquares struct{ intercept, positive bool }

func (o leastSquares) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	p, err := o.problem(ctx, s)
	if err != nil {
		return nil, failed("linear regression", err)
	}
	sys := p.system(-1)
	if o.positive {
		coef := make([]float64, len(sys.xy))
		zero := make([]float64, len(coef))
		q := &quadratic{gram: sys.gram, q: sys.xy, l1: zero, l2: zero, positive: true}
		if err := q.solve(ctx, coef); err != nil {
			return nil, err
		}
		return sys.line(coef).fitted("linear regression")
	}
	coef, err := p.ridge(sys, 0)
	if err != nil {
		return nil, failed("linear regression", err)
	}
	return sys.line(coef).fitted("linear regression")
}

// problem keeps the columns apart where their coefficients may not be negative.
func (o leastSquares) problem(ctx context.Context, s dataset.Sample) (*problem, error) {
	if o.positive {
		return newProblem(ctx, s, o.intercept, 1)
	}
	return newNarrowProblem(ctx, s, o.intercept, 1)
}

// ridge minimises Σ w(y − ŷ)² + alpha·‖coef‖². It solves the normal equations and refines the solution by the residuals
// of the rows themselves (Björck, Linear Algebra Appl. 88, 1987), which makes up for the squared condition number; when
// they are singular it takes the solution of smallest norm.
func (p *problem) ridge(sys *system, alpha float64) ([]float64, error) {
	f := len(sys.xy)
	a := sys.gram.Clone()
	for j := range f {
		a.Data[j*f+j] += alpha
	}
	chol, err := linalg.NewCholesky(a)
	if errors.Is(err, linalg.ErrNotFinite) {
		return nil, err
	}
	if err != nil || nearlySingular(chol, a) {
		return p.smallest(sys, alpha)
	}
	coef := append([]float64(nil), sys.xy...)
	chol.Solve(coef)
	correction := p.gradient(sys, coef)
	linalg.AddScaled(correction, -alpha, coef)
	chol.Solve(correction)
	linalg.AddScaled(coef, 1, correction)
	return coef, nil
}

// nearlySingular reports whether a column is all but a combination of those before it.
func nearlySingular(c *linalg.Cholesky, a linalg.Matrix) bool {
	for i := range a.Rows {
		if pivot := c.L().At(i, i); pivot*pivot < 1e-11*a.At(i, i) {
			return true
		}
	}
	return false
}

// gradient returns Σ w(x − x̄)(y − ŷ) over the rows themselves, all chunks together.
func (p *problem) gradient(sys *system, coef []float64) []float64 {
	f, z := len(coef), p.design.z
	theta := make([]float64, z.Cols)
	copy(theta, coef)
	if z.Cols > f {
		theta[f] = sys.intercept(coef) - p.yshift + linalg.Dot(p.design.shift, coef)
	}
	g := make([]float64, z.Cols)
	for i := range z.Rows {
		row := z.Row(i)
		r := p.y[i] - linalg.Dot(row, theta)
		if p.w != nil {
			r *= p.w[i]
		}
		linalg.AddScaled(g, r, row)
	}
	if z.Cols > f { // from deviations about the shift to deviations about the mean
		for j := range f {
			g[j] -= g[f] * (sys.xmean[j] - p.design.shift[j])
		}
	}
	return g[:f]
}

// smallest is the solution of smallest norm, by the singular values of the centred rows: those that are zero to working
// precision are left out.
func (p *problem) smallest(sys *system, alpha float64) ([]float64, error) {
	f, z := len(sys.xy), p.design.z
	rows, target := linalg.NewMatrix(z.Rows, f), make([]float64, z.Rows)
	for i := range z.Rows {
		root := 1.0
		if p.w != nil {
			root = math.Sqrt(p.w[i])
		}
		row := rows.Row(i)
		for j, v := range z.Row(i)[:f] {
			if sys.gram.At(j, j) <= 0 {
				continue // constant
			}
			if z.Cols > f {
				v -= sys.xmean[j] - p.design.shift[j]
			}
			row[j] = root * v
		}
		target[i] = root * (p.y[i] - (sys.ymean - p.yshift))
	}
	d, err := linalg.ThinSVD(rows)
	if err != nil {
		return nil, err
	}
	c, coef := make([]float64, len(d.S)), make([]float64, f)
	d.U.TMulVec(c, target)
	for i, v := range d.S {
		if v > 0x1p-52*float64(max(z.Rows, f))*d.S[0] {
			c[i] *= v / (v*v + alpha)
		} else {
			c[i] = 0
		}
	}
	d.V.MulVec(coef, c)
	for j := range coef {
		if sys.gram.At(j, j) <= 0 {
			coef[j] = 0
		}
	}
	return coef, nil
}
