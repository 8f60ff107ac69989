package discriminant

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/internal/posterior"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

var solvers = []string{"svd", "lsqr", "eigen"}

var priorsParam = operators.Param{Name: "priors", Scale: operators.Choice, Choices: []string{"None", "uniform"}, Fixed: true}

// LinearDiscriminantAnalysis takes all classes as normal with a common covariance matrix, which makes the boundaries
// linear. svd drops directions whose standard deviation within the classes, in units of the columns' own, is below tol;
// lsqr and eigen can shrink the covariance of each class: by a share, or by Ledoit and Wolf's estimate of it (auto).
// priors=uniform gives all classes seen the same prior. Hastie, Tibshirani and Friedman (2009), section 4.3.
var LinearDiscriminantAnalysis = &operators.Spec{
	Name: "LinearDiscriminantAnalysis", Doc: "linear discriminant analysis", Role: operators.Classifier, Traits: operators.Weights,
	Params: []operators.Param{
		{Name: "solver", Scale: operators.Choice, Choices: solvers},
		{Name: "shrinkage", Scale: operators.Linear, Lo: 0, Hi: 1, Choices: []string{"None", "auto"}, Default: operators.Word(0),
			When: &operators.Condition{Param: "solver", Is: []string{"lsqr", "eigen"}}},
		{Name: "tol", Scale: operators.Log, Default: 1e-4, Fixed: true},
		priorsParam,
	},
	Ignored: []string{"n_components", "store_covariance", "covariance_estimator"},
	New: func(v []float64) (operators.Operator, error) {
		l := lda{solver: solvers[int(v[0])], tol: v[2], uniform: v[3] == 1}
		word, isWord := operators.IsWord(v[1])
		switch {
		case isWord && word == 1:
			l.auto = true
		case !isWord:
			l.shrinkage = v[1]
		}
		switch {
		case l.solver == "svd" && !(isWord && word == 0):
			return nil, errors.New("linear discriminant analysis: svd takes no shrinkage")
		case l.shrinkage < 0 || l.shrinkage > 1 || l.tol < 0:
			return nil, fmt.Errorf("linear discriminant analysis: shrinkage %v outside [0, 1] or tol %v < 0", l.shrinkage, l.tol)
		}
		return l, nil
	},
	Decode: operators.Decode[linearRule],
	Memory: momentMemory,
}

type lda struct {
	solver    string
	auto      bool
	shrinkage float64
	tol       float64
	uniform   bool
}

// Fit finds the linear score of each class.
func (l lda) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	g, err := newGroups(ctx, s, l.uniform)
	if err != nil {
		return nil, fmt.Errorf("linear discriminant analysis: %w", err)
	}
	f := &linearRule{Classes: g.classes, Prior: g.prior}
	if l.solver == "svd" {
		err = l.bySVD(ctx, g, f)
	} else {
		err = l.byCovariance(ctx, g, f)
	}
	if err == nil && (!linalg.Finite(f.Coef) || !linalg.Finite(f.Intercept)) {
		err = linalg.ErrNotFinite
	}
	if err != nil {
		return nil, fmt.Errorf("linear discriminant analysis: %w", err)
	}
	return f, nil
}

// bySVD spheres the rows within the classes, then scores by the distance to the centres in the space they span.
func (l lda) bySVD(ctx context.Context, g *groups, f *linearRule) error {
	axes, err := discriminantAxes(ctx, g, l.tol)
	if err != nil {
		return err
	}
	center := g.grandMean()
	centered := g.mean.Clone()
	for k := range g.prior {
		linalg.AddScaled(centered.Row(k), -1, center)
	}
	scores := linalg.Mul(centered, axes)
	coef := linalg.MulT(scores, axes)
	f.Coef = coef.Data
	for k, p := range g.prior {
		f.Intercept = append(f.Intercept, math.Log(p)-linalg.SquaredNorm(scores.Row(k))/2-linalg.Dot(center, coef.Row(k)))
	}
	return nil
}

// discriminantAxes returns, as columns, the directions that separate the class means best, each of unit variance within
// the classes: columns × at most classes-1.
func discriminantAxes(ctx context.Context, g *groups, tol float64) (linalg.Matrix, error) {
	whitening, err := whiten(ctx, g, tol)
	if err != nil {
		return whitening, err
	}
	center, between := g.grandMean(), g.mean.Clone()
	for k, p := range g.prior {
		row := between.Row(k)
		linalg.AddScaled(row, -1, center)
		for j := range row {
			row[j] *= math.Sqrt(g.total * p / math.Max(1, float64(len(g.prior)-1)))
		}
	}
	if whitening.Cols == 0 {
		return whitening, errors.New("no column varies within the classes")
	}
	svd, err := linalg.ThinSVD(linalg.Mul(between, whitening))
	if err != nil {
		return whitening, err
	}
	rank := 0
	for rank < len(svd.S) && svd.S[rank] > tol*svd.S[0] {
		rank++
	}
	return linalg.Mul(whitening, firstColumns(svd.V, rank)), nil
}

// whiten returns the columns × rank map to coordinates that are uncorrelated and of unit variance within the classes.
// The eigenvectors of the correlations stand for a decomposition of all rows; for singular values above tol, the square
// root of the rounding error, that is as good and costs less.
func whiten(ctx context.Context, g *groups, tol float64) (linalg.Matrix, error) {
	if freedom := g.total - float64(len(g.x)); freedom > 0 && g.rows() < g.cols {
		return whitenWide(ctx, g, freedom, tol)
	}
	within := linalg.NewMatrix(g.cols, g.cols)
	for k := range g.x {
		scatter, err := g.scatter(ctx, k)
		if err != nil {
			return within, err
		}
		linalg.AddScaled(within.Data, 1, scatter.Data)
	}
	std := make([]float64, g.cols)
	for j := range std {
		if std[j] = math.Sqrt(within.At(j, j) / g.total); std[j] == 0 {
			std[j] = 1
		}
	}
	freedom := g.total - float64(len(g.x))
	if freedom <= 0 {
		return within, errors.New("not more rows than classes")
	}
	for i := range std {
		for j := range std {
			within.Set(i, j, within.At(i, j)/(std[i]*std[j]*freedom))
		}
	}
	values, vectors, err := linalg.SymEigen(within)
	if err != nil {
		return within, err
	}
	low := 0
	for low < len(values) && !(math.Sqrt(max(0, values[low])) > max(tol, 1e-7)) {
		low++
	}
	out := linalg.NewMatrix(g.cols, g.cols-low)
	for i := range std {
		for j := range out.Cols {
			out.Set(i, j, vectors.At(i, low+j)/(std[i]*math.Sqrt(values[low+j])))
		}
	}
	return out, nil
}

func firstColumns(m linalg.Matrix, n int) linalg.Matrix {
	out := linalg.NewMatrix(m.Rows, n)
	for i := range m.Rows {
		copy(out.Row(i), m.Row(i)[:n])
	}
	return out
}

// byCovariance scores by the mean times the inverse of the mean covariance. The eigenvectors of scikit-learn's eigen
// solver span that inverse too, so that both solvers are one here.
func (l lda) byCovariance(ctx context.Context, g *groups, f *linearRule) error {
	within := linalg.NewMatrix(g.cols, g.cols)
	err := g.covariances(ctx, func(k int, cov linalg.Matrix) error {
		switch {
		case l.auto:
			shrinkAuto(g, k, cov)
		case l.shrinkage > 0:
			shrink(cov, l.shrinkage)
		}
		linalg.AddScaled(within.Data, g.prior[k], cov.Data)
		return nil
	})
	if err != nil {
		return err
	}
	inverse, err := pseudoInverse(within)
	if err != nil {
		return err
	}
	coef := linalg.Mul(g.mean, inverse)
	f.Coef = coef.Data
	for k, p := range g.prior {
		f.Intercept = append(f.Intercept, math.Log(p)-linalg.Dot(g.mean.Row(k), coef.Row(k))/2)
	}
	return nil
}

// shrinkAuto shrinks the correlations of class k, so that the columns' units do not matter.
func shrinkAuto(g *groups, k int, cov linalg.Matrix) {
	std := make([]float64, g.cols)
	for j := range std {
		if std[j] = math.Sqrt(cov.At(j, j)); std[j] == 0 {
			std[j] = 1
		}
	}
	x := g.x[k].Clone()
	for i := range x.Rows {
		for j, v := range x.Row(i) {
			x.Set(i, j, v/std[j])
		}
	}
	for i, v := range cov.Data {
		cov.Data[i] = v / (std[i/g.cols] * std[i%g.cols])
	}
	shrink(cov, ledoitWolf(x, g.w[k], cov, g.size[k]))
	for i := range cov.Data {
		cov.Data[i] *= std[i/g.cols] * std[i%g.cols]
	}
}

// linearRule is a fitted LinearDiscriminantAnalysis.
type linearRule struct {
	Classes   posterior.Classes
	Prior     wire.Floats
	Coef      wire.Floats // classes × columns
	Intercept wire.Floats
}

// Check reports what a decoded value cannot be.
func (f *linearRule) Check() error {
	if err := f.Classes.Check(); err != nil {
		return err
	}
	k := f.Classes.Len()
	if len(f.Prior) != k || len(f.Intercept) != k || len(f.Coef) == 0 || len(f.Coef)%k != 0 {
		return errors.New("discriminant: coefficients and classes do not fit together")
	}
	return checkPrior(f.Prior)
}

func checkPrior(prior []float64) error {
	sum := 0.0
	for _, p := range prior {
		if !(p >= 0) {
			return fmt.Errorf("discriminant: prior %v", p)
		}
		sum += p
	}
	if !(math.Abs(sum-1) < 1e-9) {
		return fmt.Errorf("discriminant: the priors sum to %v", sum)
	}
	return nil
}

// Apply returns the probability of each class.
func (f *linearRule) Apply(ctx context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	k := f.Classes.Len()
	if x.Cols() != len(f.Coef)/k {
		return nil, wrongColumns(x.Cols(), len(f.Coef)/k)
	}
	scores := linalg.NewMatrix(k, x.Rows())
	if err := linalg.MulColumns(ctx, scores, linalg.Of(k, x.Cols(), f.Coef), x.Floats(), nil); err != nil {
		return nil, err
	}
	p := make([][]float64, k)
	for c := range p {
		p[c] = scores.Row(c)
		for i := range p[c] {
			p[c][i] += f.Intercept[c]
		}
	}
	posterior.SoftmaxColumns(p, f.Prior)
	return f.Classes.Columns(x.Rows(), p), nil
}
