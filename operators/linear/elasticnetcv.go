package linear

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

var (
	pathEps = operators.Param{Name: "eps", Scale: operators.Log, Default: 1e-3, Fixed: true}
	nAlphas = operators.Param{Name: "n_alphas", Scale: operators.Int, Default: 100, Fixed: true}
	pathCV  = operators.Param{Name: "cv", Scale: operators.Int, Default: 5, Fixed: true}
)

// minRatio stands for smaller values of l1_ratio in the choice of the grid: with zero there is no largest alpha. It is
// the one that glmnet uses.
const minRatio = 1e-3

// ElasticNetCV is [ElasticNet] with alpha chosen from n_alphas values, spaced logarithmically down to eps times the
// smallest alpha that leaves no coefficient, by the mean squared error over cv consecutive, unshuffled parts of the rows.
var ElasticNetCV = &operators.Spec{
	Name: "ElasticNetCV", Doc: "elastic net that chooses its penalty by cross-validation", Role: operators.Regressor, Traits: operators.Weights,
	Params: []operators.Param{
		{Name: "l1_ratio", Scale: operators.Linear, Lo: 0, Hi: 1, Default: 0.5},
		pathEps, nAlphas, pathCV, fitIntercept, positive,
	},
	Ignored: append([]string{"normalize"}, solverIgnored...),
	New: func(v []float64) (operators.Operator, error) {
		return newElasticNetCV("elastic net cv", v[0], v[1:])
	},
	Decode: operators.Decode[line],
	Memory: columnMemory,
}

// LassoCV is [ElasticNetCV] with the l1 penalty alone.
var LassoCV = &operators.Spec{
	Name: "LassoCV", Doc: "lasso that chooses its penalty by cross-validation", Role: operators.Regressor, Traits: operators.Weights,
	Params:  []operators.Param{pathEps, nAlphas, pathCV, fitIntercept, positive},
	Ignored: append([]string{"normalize"}, solverIgnored...),
	New: func(v []float64) (operators.Operator, error) {
		return newElasticNetCV("lasso cv", 1, v)
	},
	Decode: operators.Decode[line],
	Memory: columnMemory,
}

type elasticNetCV struct {
	ratios              []float64 // those to choose from
	alphas              []float64 // in descending order; nil: n of them down to eps
	eps                 float64
	n, cv               int
	intercept, positive bool
}

// newElasticNetCV takes eps, n_alphas, cv, fit_intercept and positive.
func newElasticNetCV(name string, ratio float64, v []float64) (operators.Operator, error) {
	o := elasticNetCV{ratios: []float64{ratio}, eps: v[0], n: int(v[1]), cv: int(v[2]), intercept: v[3] != 0, positive: v[4] != 0}
	if !(o.eps > 0 && o.eps < 1) || o.n < 1 || o.n > 100_000 || o.cv < 2 {
		return nil, fmt.Errorf("%s: eps=%g, n_alphas=%d, cv=%d: want eps in (0, 1), n_alphas of 1 to 100000, cv of at least 2",
			name, o.eps, o.n, o.cv)
	}
	if ratio < 0 || ratio > 1 {
		return nil, fmt.Errorf("%s: l1_ratio=%g: want a number in [0, 1]", name, ratio)
	}
	return o, nil
}

func (o elasticNetCV) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	const name = "elastic net cv"
	if s.Rows() < 2 {
		return nil, failed(name, errTooFewRows)
	}
	p, err := newProblem(ctx, s.InOrder(), o.intercept, min(o.cv, s.Rows()))
	if err != nil {
		return nil, failed(name, err)
	}
	whole := p.system(-1)
	best, bestAlpha, bestRatio := math.Inf(1), 0.0, o.ratios[0]
	for _, ratio := range o.ratios {
		alphas := o.alphas
		if alphas == nil {
			alphas = whole.grid(max(ratio, minRatio), o.eps, o.n)
		}
		mse, err := p.pathErrors(ctx, alphas, ratio, o.positive)
		if err != nil {
			return nil, err
		}
		for i, e := range mse {
			if e < best {
				best, bestAlpha, bestRatio = e, alphas[i], ratio
			}
		}
	}
	coef, err := newPath(whole, bestRatio, o.positive).at(ctx, bestAlpha)
	if err != nil {
		return nil, err
	}
	out := whole.line(coef)
	out.Alpha, out.Ratio = bestAlpha, bestRatio
	return out.fitted(name)
}

var (
	errTooFewRows  = errors.New("too few rows")
	errTooFewFolds = errors.New("cv: want at least 2")
)

// grid returns n penalties from the smallest one that leaves no coefficient down to eps times it.
func (s *system) grid(ratio, eps float64, n int) []float64 {
	top := 0.0
	for _, v := range s.xy {
		top = max(top, math.Abs(v)/(s.w*ratio))
	}
	out := make([]float64, n)
	for i := range out {
		if top <= 1e-15 {
			out[i] = 1e-15
			continue
		}
		share := 0.0
		if n > 1 {
			share = float64(i) / float64(n-1)
		}
		out[i] = math.Pow(10, math.Log10(top)+share*math.Log10(eps))
	}
	return out
}

// pathErrors returns, for each alpha, the mean over the chunks of their mean squared error when they are left out.
func (p *problem) pathErrors(ctx context.Context, alphas []float64, ratio float64, positive bool) ([]float64, error) {
	mse := make([]float64, len(alphas))
	for k, part := range p.chunks {
		sys := p.system(k)
		if !(part.w > 0) || !(sys.w > 0) {
			continue
		}
		path := newPath(sys, ratio, positive)
		for i, alpha := range alphas {
			coef, err := path.at(ctx, alpha)
			if err != nil {
				return nil, err
			}
			mse[i] += p.foldWeight(k) * p.loss(k, sys, coef) / part.w
		}
	}
	return mse, nil
}

// foldWeight is the share of chunk k in the mean over all chunks: equal ones, or by their weights.
func (p *problem) foldWeight(k int) float64 {
	if p.w == nil {
		return 1 / float64(len(p.chunks))
	}
	return p.chunks[k].w / sum(p.w)
}
