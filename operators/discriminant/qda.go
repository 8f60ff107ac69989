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

// QuadraticDiscriminantAnalysis takes each class as normal with a covariance matrix of its own; reg_param mixes the
// variances along its principal axes with ones. Variances below a billionth of the largest column variance count as
// that much, where scikit-learn divides by zero. Hastie, Tibshirani and Friedman (2009), section 4.3.
var QuadraticDiscriminantAnalysis = &operators.Spec{
	Name: "QuadraticDiscriminantAnalysis", Doc: "quadratic discriminant analysis", Role: operators.Classifier, Traits: operators.Weights,
	Params:  []operators.Param{{Name: "reg_param", Scale: operators.Linear, Lo: 0, Hi: 1}, priorsParam},
	Ignored: []string{"tol", "store_covariance"},
	New: func(v []float64) (operators.Operator, error) {
		if !(v[0] >= 0 && v[0] <= 1) {
			return nil, fmt.Errorf("quadratic discriminant analysis: reg_param %v outside [0, 1]", v[0])
		}
		return qda{reg: v[0], uniform: v[1] == 1}, nil
	},
	Decode: operators.Decode[quadraticRule],
	Memory: momentMemory,
}

type qda struct {
	reg     float64
	uniform bool
}

// Fit finds the principal axes of each class.
func (q qda) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	g, err := newGroups(ctx, s, q.uniform)
	if err != nil {
		return nil, fmt.Errorf("quadratic discriminant analysis: %w", err)
	}
	f := &quadraticRule{Classes: g.classes, Cols: g.cols, Prior: g.prior, Mean: g.mean.Data}
	floor := 0.0
	for k := range g.x {
		for _, v := range g.variances(k) {
			floor = max(floor, 1e-9*v/g.size[k])
		}
	}
	floor = max(floor, math.SmallestNonzeroFloat64)
	for k := 0; k < len(g.x) && err == nil; k++ {
		if g.x[k].Rows < g.cols {
			err = q.wideAxes(ctx, f, g, k, floor)
		} else {
			err = q.axes(ctx, f, g, k, floor)
		}
	}
	if err == nil && (!linalg.Finite(f.Axes) || !linalg.Finite(f.LogVar)) {
		err = linalg.ErrNotFinite
	}
	if err != nil {
		return nil, fmt.Errorf("quadratic discriminant analysis: %w", err)
	}
	return f, nil
}

// axes adds the principal axes of class k.
func (q qda) axes(ctx context.Context, f *quadraticRule, g *groups, k int, floor float64) error {
	cov, err := g.scatter(ctx, k)
	if err != nil {
		return err
	}
	scale(cov, 1/max(1, g.size[k]-1))
	values, vectors, err := linalg.SymEigen(cov)
	if err == nil {
		q.add(f, values, vectors, floor)
	}
	return err
}

// add appends axes, each divided by its standard deviation.
func (q qda) add(f *quadraticRule, values []float64, vectors linalg.Matrix, floor float64) {
	logVar := 0.0
	for j, value := range values {
		v := max((1-q.reg)*max(value, 0)+q.reg, floor)
		logVar += math.Log(v)
		for i := range vectors.Rows {
			f.Axes = append(f.Axes, vectors.At(i, j)/math.Sqrt(v))
		}
	}
	f.LogVar = append(f.LogVar, logVar)
	f.Rank = append(f.Rank, int32(len(values)))
}

// quadraticRule is a fitted QuadraticDiscriminantAnalysis.
type quadraticRule struct {
	Classes posterior.Classes
	Cols    int
	Prior   wire.Floats
	Mean    wire.Floats // classes × columns
	Rank    wire.Ints   // axes per class
	Axes    wire.Floats // Rank × columns for each class
	LogVar  wire.Floats // logarithm of the determinant of each class's covariance
}

// Check reports what a decoded value cannot be.
func (f *quadraticRule) Check() error {
	if err := f.Classes.Check(); err != nil {
		return err
	}
	k, axes := f.Classes.Len(), 0
	if f.Cols < 1 || f.Cols > 1<<24 || len(f.Prior) != k || len(f.Mean) != k*f.Cols || len(f.Rank) != k || len(f.LogVar) != k {
		return errors.New("discriminant: means, axes and classes do not fit together")
	}
	for _, r := range f.Rank {
		if r < 1 || int(r) > f.Cols {
			return fmt.Errorf("discriminant: %d axes in %d dimensions", r, f.Cols)
		}
		axes += int(r)
	}
	if len(f.Axes) != axes*f.Cols {
		return errors.New("discriminant: axes are missing")
	}
	return checkPrior(f.Prior)
}

// Apply returns the probability of each class.
func (f *quadraticRule) Apply(ctx context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	if x.Cols() != f.Cols {
		return nil, wrongColumns(x.Cols(), f.Cols)
	}
	const block = 2048
	p, part, columns := make([][]float64, f.Classes.Len()), make([][]float64, f.Cols), x.Floats()
	for k := range p {
		p[k] = make([]float64, x.Rows())
	}
	for lo := 0; lo < x.Rows(); lo += block {
		hi := min(lo+block, x.Rows())
		for j, c := range columns {
			part[j] = c[lo:hi]
		}
		f.score(part, p, lo, hi)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	posterior.SoftmaxColumns(p, f.Prior)
	return f.Classes.Columns(x.Rows(), p), nil
}

// score writes the log-likelihoods of the rows [lo, hi), whose columns are given.
func (f *quadraticRule) score(columns, out [][]float64, lo, hi int) {
	at, work, data := 0, linalg.Workspace{}, make([]float64, f.Cols*(hi-lo))
	for k, rank := range f.Rank {
		size := int(rank) * f.Cols
		z := linalg.Of(int(rank), hi-lo, data[:int(rank)*(hi-lo)])
		work.MulColumns(z, linalg.Of(int(rank), f.Cols, f.Axes[at:at+size]), columns, f.Mean[k*f.Cols:(k+1)*f.Cols])
		at += size
		likelihood, constant := out[k][lo:hi], math.Log(f.Prior[k])-f.LogVar[k]/2
		for r := range z.Rows {
			linalg.AddSquares(likelihood, z.Row(r), 0)
		}
		for i, v := range likelihood {
			likelihood[i] = constant - v/2
		}
	}
}
