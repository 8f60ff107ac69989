package linear

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/operators"
)

// gammaPriors are the four parameters of the Gamma priors over the precisions of noise (alpha) and weights (lambda).
func gammaPriors(lo, hi float64) []operators.Param {
	var ps []operators.Param
	for _, name := range []string{"alpha_1", "alpha_2", "lambda_1", "lambda_2"} {
		ps = append(ps, operators.Param{Name: name, Scale: operators.Log, Lo: lo, Hi: hi, Default: 1e-6})
	}
	return ps
}

var bayesIgnored = []string{"copy_X", "verbose", "compute_score"}

// BayesianRidge is ridge regression whose penalty is the ratio of two precisions that maximise the marginal likelihood
// (MacKay, Neural Computation 4(3), 1992), found by at most n_iter steps of fixed-point iteration.
var BayesianRidge = &operators.Spec{
	Name: "BayesianRidge", Doc: "ridge regression that learns its penalty from the evidence", Role: operators.Regressor, Traits: operators.Weights,
	Params: append(gammaPriors(1e-6, 0.1),
		operators.Param{Name: "n_iter", Scale: operators.Int, Default: 300, Fixed: true},
		operators.Param{Name: "tol", Scale: operators.Log, Default: 1e-3, Fixed: true},
		operators.Param{Name: "alpha_init", Scale: operators.Linear, Choices: []string{"None"}, Default: operators.Word(0), Fixed: true},
		operators.Param{Name: "lambda_init", Scale: operators.Linear, Choices: []string{"None"}, Default: operators.Word(0), Fixed: true},
		fitIntercept,
	),
	Ignored: bayesIgnored,
	New: func(v []float64) (operators.Operator, error) {
		o, err := newBayes("bayesian ridge", v)
		o.alpha0, o.lambda0 = v[6], v[7]
		return bayesianRidge{o, v[8] != 0}, err
	},
	Decode: operators.Decode[line],
	Memory: spanMemory,
}

// bayes holds what both Bayesian models share.
type bayes struct {
	alpha1, alpha2, lambda1, lambda2 float64
	alpha0, lambda0                  float64 // where to start; a Word means by the data
	steps                            int
	tol                              float64
}

func newBayes(name string, v []float64) (bayes, error) {
	o := bayes{alpha1: v[0], alpha2: v[1], lambda1: v[2], lambda2: v[3], steps: int(v[4]), tol: v[5]}
	for _, x := range v[:4] {
		if x < 0 {
			return o, fmt.Errorf("%s: the priors want numbers of at least 0, not %g", name, x)
		}
	}
	if o.steps < 1 || o.tol < 0 {
		return o, fmt.Errorf("%s: n_iter=%d, tol=%g: want at least 1 and 0", name, o.steps, o.tol)
	}
	return o, nil
}

type bayesianRidge struct {
	bayes
	intercept bool
}

// noisePrecision is where the noise's precision starts: one over the variance of the weighted target.
func (p *problem) noisePrecision(sys *system) float64 {
	mean := 0.0
	for i, y := range p.y {
		mean += math.Sqrt(p.weight(i)) * (y - (sys.ymean - p.yshift)) / float64(len(p.y))
	}
	return 1 / (sys.yy/float64(len(p.y)) - mean*mean + 0x1p-52)
}

// used is the number of rows with a positive weight.
func (p *problem) used() float64 {
	n := 0.0
	for i := range p.y {
		if p.weight(i) > 0 {
			n++
		}
	}
	return n
}

func (o bayesianRidge) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	const name = "bayesian ridge"
	p, err := newNarrowProblem(ctx, s, o.intercept, 1)
	if err != nil {
		return nil, failed(name, err)
	}
	sys := p.system(-1)
	values, vectors, err := linalg.SymEigen(sys.gram)
	if err != nil {
		return nil, failed(name, err)
	}
	e := &evidence{bayes: o.bayes, sys: sys, rows: p.used(), values: values, projected: make([]float64, len(values))}
	for i, v := range values {
		values[i] = max(v, 0)
	}
	vectors.TMulVec(e.projected, sys.xy)
	e.alpha, e.lambda = p.noisePrecision(sys), 1
	if _, none := operators.IsWord(o.alpha0); !none {
		e.alpha = o.alpha0
	}
	if _, none := operators.IsWord(o.lambda0); !none {
		e.lambda = o.lambda0
	}
	turned := e.maximise(vectors)
	coef := make([]float64, len(turned))
	vectors.MulVec(coef, turned)
	return sys.line(coef).fitted(name)
}

// evidence is the fixed-point iteration in the basis of the Gram matrix's eigenvectors.
type evidence struct {
	bayes
	sys           *system
	rows          float64
	values        []float64
	projected     []float64 // xy in that basis
	alpha, lambda float64
}

// maximise returns the coefficients in the eigenvectors' basis. As in scikit-learn it stops when the coefficients, in
// the columns' own basis, move by less than tol in sum.
func (e *evidence) maximise(vectors linalg.Matrix) []float64 {
	p := len(e.values)
	turned, coef, before := make([]float64, p), make([]float64, p), make([]float64, p)
	for step := range e.steps {
		rss := e.solve(turned)
		vectors.MulVec(coef, turned)
		gamma := 0.0
		for _, v := range e.values {
			gamma += e.alpha * v / (e.lambda + e.alpha*v)
		}
		e.lambda = (gamma + 2*e.lambda1) / (linalg.SquaredNorm(coef) + 2*e.lambda2)
		e.alpha = (e.rows - gamma + 2*e.alpha1) / (rss + 2*e.alpha2)
		if step > 0 && distance(coef, before) < e.tol {
			break
		}
		copy(before, coef)
	}
	e.solve(turned)
	return turned
}

// solve computes the posterior mean and returns its sum of squared residuals.
func (e *evidence) solve(turned []float64) float64 {
	ratio, rss := e.lambda/e.alpha, e.sys.yy
	for j, v := range e.values {
		turned[j] = 0
		if v+ratio > 0 {
			turned[j] = e.projected[j] / (v + ratio)
		}
		rss -= turned[j] * (2*e.projected[j] - v*turned[j])
	}
	return max(rss, 0)
}

// distance is Σ|a − b|.
func distance(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += math.Abs(v - b[i])
	}
	return s
}

// ARDRegression gives every coefficient a precision of its own, so that those the data do not ask for vanish (automatic
// relevance determination: MacKay, ASHRAE Transactions 100(2), 1994).
var ARDRegression = &operators.Spec{
	Name: "ARDRegression", Doc: "Bayesian regression that prunes irrelevant columns", Role: operators.Regressor, Traits: operators.Weights,
	Params: append(gammaPriors(1e-10, 1e-3),
		operators.Param{Name: "n_iter", Scale: operators.Int, Default: 300, Fixed: true},
		operators.Param{Name: "tol", Scale: operators.Log, Default: 1e-3, Fixed: true},
		operators.Param{Name: "threshold_lambda", Scale: operators.Log, Lo: 1e3, Hi: 1e5, Default: 1e4},
		fitIntercept,
	),
	Ignored: bayesIgnored,
	New: func(v []float64) (operators.Operator, error) {
		o, err := newBayes("ard regression", v)
		if err == nil && v[6] < 0 {
			err = errors.New("ard regression: threshold_lambda: want a number of at least 0")
		}
		return ard{o, v[6], v[7] != 0}, err
	},
	Decode: operators.Decode[line],
	Memory: columnMemory,
}

type ard struct {
	bayes
	threshold float64
	intercept bool
}

func (o ard) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	const name = "ard regression"
	p, err := newProblem(ctx, s, o.intercept, 1)
	if err != nil {
		return nil, failed(name, err)
	}
	sys := p.system(-1)
	r := &relevance{
		ard: o, sys: sys, rows: p.used(), alpha: p.noisePrecision(sys),
		coef: make([]float64, len(sys.xy)), lambda: constants(1, len(sys.xy)),
	}
	if err := r.maximise(ctx); err != nil {
		return nil, failed(name, err)
	}
	return sys.line(r.coef).fitted(name)
}

// relevance is the fixed-point iteration of [ARDRegression].
type relevance struct {
	ard
	sys          *system
	rows         float64
	alpha        float64
	lambda, coef []float64
}

func (r *relevance) maximise(ctx context.Context) error {
	before := make([]float64, len(r.coef))
	kept := r.kept()
	for step := range r.steps {
		if err := ctx.Err(); err != nil {
			return err
		}
		variances, err := r.solve(kept)
		if err != nil {
			return err
		}
		gamma, rss := 0.0, r.sys.residual(r.coef)
		for k, j := range kept {
			g := 1 - r.lambda[j]*variances[k]
			gamma += g
			r.lambda[j] = (g + 2*r.lambda1) / (r.coef[j]*r.coef[j] + 2*r.lambda2)
		}
		r.alpha = (r.rows - gamma + 2*r.alpha1) / (rss + 2*r.alpha2)
		kept = r.kept()
		if step > 0 && distance(r.coef, before) < r.tol || len(kept) == 0 {
			break
		}
		copy(before, r.coef)
	}
	_, err := r.solve(kept)
	return err
}

// kept lists the coefficients whose precision is below the threshold and sets the others to zero.
func (r *relevance) kept() []int {
	var kept []int
	for j, l := range r.lambda {
		if l < r.threshold {
			kept = append(kept, j)
		} else {
			r.coef[j] = 0
		}
	}
	return kept
}

// solve computes the posterior mean of the kept coefficients and returns their variances.
func (r *relevance) solve(kept []int) ([]float64, error) {
	k := len(kept)
	precision, b := linalg.NewMatrix(k, k), make([]float64, k)
	for a, i := range kept {
		for c, j := range kept {
			precision.Data[a*k+c] = r.alpha * r.sys.gram.At(i, j)
		}
		precision.Data[a*k+a] += r.lambda[i]
		b[a] = r.alpha * r.sys.xy[i]
	}
	chol, err := linalg.RaisedCholesky(precision)
	if err != nil {
		return nil, err
	}
	chol.Solve(b)
	variances, column := make([]float64, k), make([]float64, k)
	for a, i := range kept {
		r.coef[i] = b[a]
		clear(column)
		column[a] = 1
		chol.SolveL(column)
		variances[a] = linalg.SquaredNorm(column)
	}
	return variances, nil
}
