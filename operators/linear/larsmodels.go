package linear

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/operators"
)

var (
	larsSteps   = operators.Param{Name: "max_iter", Scale: operators.Int, Default: 500, Fixed: true}
	larsEps     = operators.Param{Name: "eps", Scale: operators.Log, Lo: 1e-5, Hi: 0.1, Default: 0x1p-52, Fixed: true}
	larsIgnored = []string{"precompute", "copy_X", "verbose", "fit_path", "jitter", "random_state", "n_jobs", "max_n_alphas"}
)

// Lars is least angle regression, stopped after n_nonzero_coefs steps.
var Lars = &operators.Spec{
	Name: "Lars", Doc: "least angle regression", Role: operators.Regressor, Traits: operators.Weights,
	Params: []operators.Param{
		{Name: "n_nonzero_coefs", Scale: operators.LogInt, Lo: 1, Hi: 500, Default: 500},
		fitIntercept, normalize, larsEps,
	},
	Ignored: larsIgnored,
	New: func(v []float64) (operators.Operator, error) {
		if v[0] < 1 || v[3] < 0 {
			return nil, fmt.Errorf("lars: n_nonzero_coefs=%g, eps=%g: want at least 1 and 0", v[0], v[3])
		}
		return larsModel{larsOptions{steps: int(v[0]), eps: v[3]}, v[1] != 0, v[2] != 0, last}, nil
	},
	Decode: operators.Decode[line],
	Memory: columnMemory,
}

// varied is the parameter as one that the search draws.
func varied(p operators.Param) operators.Param {
	p.Fixed = false
	return p
}

// LassoLars is [Lasso] by least angle regression, which walks the exact path down to alpha. eps is the least diagonal
// entry of the Cholesky factor of the chosen columns' products: more of it turns the path where columns nearly repeat.
var LassoLars = &operators.Spec{
	Name: "LassoLars", Doc: "lasso by least angle regression", Role: operators.Regressor, Traits: operators.Weights,
	Params:  []operators.Param{{Name: "alpha", Scale: operators.Linear, Lo: 0, Hi: 1, Default: 1}, fitIntercept, positive, normalize, larsSteps, varied(larsEps)},
	Ignored: larsIgnored,
	New: func(v []float64) (operators.Operator, error) {
		if v[0] < 0 || v[4] < 1 || v[5] < 0 {
			return nil, fmt.Errorf("lasso lars: alpha=%g, max_iter=%g, eps=%g: want at least 0, 1 and 0", v[0], v[4], v[5])
		}
		return larsModel{larsOptions{true, v[2] != 0, int(v[4]), v[0], v[5]}, v[1] != 0, v[3] != 0, last}, nil
	},
	Decode: operators.Decode[line],
	Memory: columnMemory,
}

// LassoLarsIC is [LassoLars] with the penalty that has the lowest information criterion.
var LassoLarsIC = &operators.Spec{
	Name: "LassoLarsIC", Doc: "lasso that chooses its penalty by an information criterion", Role: operators.Regressor, Traits: operators.Weights,
	Params: []operators.Param{
		{Name: "criterion", Scale: operators.Choice, Choices: []string{"aic", "bic"}},
		fitIntercept, positive, normalize, larsSteps, larsEps,
	},
	Ignored: larsIgnored,
	New: func(v []float64) (operators.Operator, error) {
		if v[4] < 1 || v[5] < 0 {
			return nil, fmt.Errorf("lasso lars ic: max_iter=%g, eps=%g: want at least 1 and 0", v[4], v[5])
		}
		choose := aic
		if v[0] == 1 {
			choose = bic
		}
		return larsModel{larsOptions{true, v[2] != 0, int(v[4]), 0, v[5]}, v[1] != 0, v[3] != 0, choose}, nil
	},
	Decode: operators.Decode[line],
	Memory: columnMemory,
}

// choice says which point of the path is the model.
type choice uint8

const (
	last choice = iota
	aic
	bic
)

type larsModel struct {
	larsOptions
	intercept, normalize bool
	choose               choice
}

func (o larsModel) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	const name = "least angle regression"
	p, err := newProblem(ctx, s, o.intercept, 1)
	if err != nil {
		return nil, failed(name, err)
	}
	sys := p.system(-1)
	var norms []float64
	if o.normalize {
		norms = sys.normalize()
	}
	path, err := sys.lars(ctx, o.larsOptions)
	if err != nil {
		return nil, failed(name, err)
	}
	k := len(path.alphas) - 1
	if o.choose != last {
		k = sys.lowestCriterion(path, o.choose, o.intercept)
	}
	coef := path.coefs[k]
	divide(coef, norms)
	out := sys.line(coef)
	out.Alpha = path.alphas[k]
	return out.fitted(name)
}

// residual is Σ w(y − ŷ)² of coefficients.
func (s *system) residual(coef []float64) float64 {
	g := make([]float64, len(coef))
	s.gram.MulVec(g, coef)
	return max(0, s.yy-2*linalg.Dot(s.xy, coef)+linalg.Dot(g, coef))
}

// lowestCriterion returns the point of the path with the lowest n·log(2πσ²) + RSS/σ² + factor·df, df being the number
// of coefficients (Zou, Hastie, Tibshirani, Ann. Statist. 35(5), 2007). σ² comes from least squares with all columns or,
// where there are too few rows for that, from the last point with at most half as many coefficients as rows.
func (s *system) lowestCriterion(path *larsPath, c choice, intercept bool) int {
	factor, fixed := 2.0, 0
	if c == bic {
		factor = math.Log(s.w)
	}
	if intercept {
		fixed = 1
	}
	df, rss := make([]int, len(path.coefs)), make([]float64, len(path.coefs))
	noise := s.yy / s.w
	for k, coef := range path.coefs {
		for _, v := range coef {
			if v != 0 {
				df[k]++
			}
		}
		rss[k] = s.residual(coef)
		if free := s.w - float64(df[k]+fixed); free >= s.w/2 {
			noise = rss[k] / free
		}
	}
	if free := s.w - float64(len(s.xy)+fixed); free > 0 {
		if chol, err := linalg.NewCholesky(s.gram); err == nil {
			coef := slices.Clone(s.xy)
			chol.Solve(coef)
			noise = s.residual(coef) / free
		}
	}
	best, lowest := 0, math.Inf(1)
	for k := range path.coefs {
		if v := rss[k]/max(noise, 1e-300) + factor*float64(df[k]); v < lowest {
			best, lowest = k, v
		}
	}
	return best
}

// LassoLarsCV is [LassoLars] with the penalty that has the lowest mean squared error over cv consecutive, unshuffled
// parts of the rows, among all the penalties where one of their paths bends.
var LassoLarsCV = &operators.Spec{
	Name: "LassoLarsCV", Doc: "lasso by least angle regression that chooses its penalty by cross-validation", Role: operators.Regressor, Traits: operators.Weights,
	Params: []operators.Param{
		{Name: "normalize", Scale: operators.Bool},
		fitIntercept, positive, larsSteps, pathCV,
		{Name: "max_n_alphas", Scale: operators.Int, Default: 1000, Fixed: true}, larsEps,
	},
	Ignored: larsIgnored[:len(larsIgnored)-1],
	New: func(v []float64) (operators.Operator, error) {
		if v[3] < 1 || v[4] < 2 || v[5] < 1 || v[6] < 0 {
			return nil, fmt.Errorf("lasso lars cv: max_iter=%g, cv=%g, max_n_alphas=%g, eps=%g: want at least 1, 2, 1 and 0", v[3], v[4], v[5], v[6])
		}
		return larsCV{larsModel{larsOptions{true, v[2] != 0, int(v[3]), 0, v[6]}, v[1] != 0, v[0] != 0, last}, int(v[4]), int(v[5])}, nil
	},
	Decode: operators.Decode[line],
	Memory: columnMemory,
}

type larsCV struct {
	larsModel
	cv, most int
}

func (o larsCV) Fit(ctx context.Context, env *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	const name = "lasso lars cv"
	if s.Rows() < 2 {
		return nil, failed(name, errTooFewRows)
	}
	p, err := newProblem(ctx, s.InOrder(), o.intercept, min(o.cv, s.Rows()))
	if err != nil {
		return nil, failed(name, err)
	}
	systems, paths := make([]*system, len(p.chunks)), make([]*larsPath, len(p.chunks))
	var alphas []float64
	for k := range p.chunks {
		sys := p.system(k)
		if !(sys.w > 0) || !(p.chunks[k].w > 0) {
			continue
		}
		var norms []float64
		if o.normalize {
			norms = sys.normalize()
		}
		if paths[k], err = sys.lars(ctx, o.larsOptions); err != nil {
			return nil, failed(name, err)
		}
		for _, coef := range paths[k].coefs {
			divide(coef, norms)
		}
		systems[k], alphas = sys, append(alphas, paths[k].alphas...)
	}
	slices.Sort(alphas)
	alphas = slices.Compact(alphas)
	stride := max(1, len(alphas)/o.most)
	best, lowest := 0.0, math.Inf(1)
	for i := 0; i < len(alphas); i += stride {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		mse := 0.0
		for k, path := range paths {
			if path != nil {
				mse += p.foldWeight(k) * p.loss(k, systems[k], path.at(alphas[i])) / p.chunks[k].w
			}
		}
		if mse < lowest {
			best, lowest = alphas[i], mse
		}
	}
	one := o.larsModel
	one.alphaMin = best
	return one.Fit(ctx, env, s)
}

// at interpolates the coefficients at alpha; beyond the ends of the path they are those of the ends.
func (p *larsPath) at(alpha float64) []float64 {
	k, _ := slices.BinarySearchFunc(p.alphas, alpha, func(a, alpha float64) int {
		switch {
		case a > alpha:
			return -1
		case a < alpha:
			return 1
		}
		return 0
	})
	if k == 0 || k == len(p.alphas) {
		return p.coefs[min(k, len(p.alphas)-1)]
	}
	share := (p.alphas[k-1] - alpha) / (p.alphas[k-1] - p.alphas[k])
	out := make([]float64, len(p.coefs[k]))
	for j, v := range p.coefs[k-1] {
		out[j] = v + share*(p.coefs[k][j]-v)
	}
	return out
}
