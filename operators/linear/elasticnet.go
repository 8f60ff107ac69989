package linear

import (
	"context"
	"fmt"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

var (
	lassoAlpha = operators.Param{Name: "alpha", Scale: operators.Log, Lo: 1e-5, Hi: 100, Default: 1}
	l1Ratio    = operators.Param{Name: "l1_ratio", Scale: operators.Linear, Lo: 0, Hi: 1, Default: 0.5}
)

// ElasticNet minimises Σ w(y − ŷ)²/(2Σw) + alpha·(l1_ratio·‖coef‖₁ + (1 − l1_ratio)/2·‖coef‖²).
var ElasticNet = &operators.Spec{
	Name: "ElasticNet", Doc: "least squares with l1 and l2 penalties", Role: operators.Regressor, Traits: operators.Weights,
	Params:  []operators.Param{lassoAlpha, l1Ratio, fitIntercept, positive},
	Ignored: append([]string{"normalize"}, solverIgnored...),
	New: func(v []float64) (operators.Operator, error) {
		return newElasticNet("elastic net", elasticNet{alpha: v[0], ratio: v[1], intercept: v[2] != 0, positive: v[3] != 0})
	},
	Decode: operators.Decode[line],
	Memory: columnMemory,
}

// Lasso is [ElasticNet] with the l1 penalty alone. With normalize the columns are first scaled to unit length.
var Lasso = &operators.Spec{
	Name: "Lasso", Doc: "least squares with an l1 penalty", Role: operators.Regressor, Traits: operators.Weights,
	Params:  []operators.Param{lassoAlpha, fitIntercept, positive, normalize},
	Ignored: solverIgnored,
	New: func(v []float64) (operators.Operator, error) {
		return newElasticNet("lasso", elasticNet{alpha: v[0], ratio: 1, intercept: v[1] != 0, positive: v[2] != 0, normalize: v[3] != 0})
	},
	Decode: operators.Decode[line],
	Memory: columnMemory,
}

type elasticNet struct {
	alpha, ratio                   float64
	intercept, positive, normalize bool
}

func newElasticNet(name string, o elasticNet) (operators.Operator, error) {
	if o.alpha < 0 || o.ratio < 0 || o.ratio > 1 {
		return nil, fmt.Errorf("%s: alpha=%g, l1_ratio=%g: want alpha of at least 0 and l1_ratio in [0, 1]", name, o.alpha, o.ratio)
	}
	return o, nil
}

func (o elasticNet) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	p, err := newProblem(ctx, s, o.intercept, 1)
	if err != nil {
		return nil, failed("elastic net", err)
	}
	sys := p.system(-1)
	var norms []float64
	if o.normalize {
		norms = sys.normalize()
	}
	path := newPath(sys, o.ratio, o.positive)
	coef, err := path.at(ctx, o.alpha)
	if err != nil {
		return nil, err
	}
	divide(coef, norms)
	return sys.line(coef).fitted("elastic net")
}

// path solves the elastic net for one penalty after another, each starting from the last solution.
type path struct {
	quadratic
	ratio, weight float64
	coef          []float64
}

func newPath(s *system, ratio float64, positive bool) *path {
	p := len(s.xy)
	return &path{
		quadratic: quadratic{gram: s.gram, q: s.xy, l1: make([]float64, p), l2: make([]float64, p), positive: positive},
		ratio:     ratio, weight: s.w, coef: make([]float64, p),
	}
}

// at returns the coefficients for alpha.
func (p *path) at(ctx context.Context, alpha float64) ([]float64, error) {
	for j := range p.l1 {
		p.l1[j], p.l2[j] = alpha*p.ratio*p.weight, alpha*(1-p.ratio)*p.weight
	}
	err := p.solve(ctx, p.coef)
	return append([]float64(nil), p.coef...), err
}

// normalize scales every column to unit length and returns the lengths; constant columns stay.
func (s *system) normalize() []float64 {
	p := len(s.xy)
	norms := make([]float64, p)
	for j := range p {
		norms[j] = math.Sqrt(s.gram.At(j, j))
		if norms[j] == 0 {
			norms[j] = 1
		}
	}
	for i := range p {
		s.xy[i] /= norms[i]
		for j := range p {
			s.gram.Data[i*p+j] /= norms[i] * norms[j]
		}
	}
	return norms
}

// divide turns coefficients of normalised columns into those of the columns themselves; norms nil leaves them alone.
func divide(coef, norms []float64) {
	for j, n := range norms {
		coef[j] /= n
	}
}
