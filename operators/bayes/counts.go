package bayes

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

var (
	alphaParam    = operators.Param{Name: "alpha", Scale: operators.Log, Lo: 0.001, Hi: 100, Default: 1}
	fitPriorParam = operators.Param{Name: "fit_prior", Scale: operators.Bool, Default: 1}
	countIgnored  = []string{"class_prior", "force_alpha"}
)

// BernoulliNB takes every column as a coin whose bias depends on the class, after comparing it with binarize; alpha is
// Laplace's smoothing, at least 1e-10. Manning, Raghavan and Schütze (2008), section 13.3.
var BernoulliNB = &operators.Spec{
	Name: "BernoulliNB", Doc: "naive Bayes with yes/no columns", Role: operators.Classifier, Traits: operators.Weights,
	Params: []operators.Param{
		alphaParam, fitPriorParam,
		{Name: "binarize", Scale: operators.Linear, Lo: -1, Hi: 1, Fixed: true},
	},
	Ignored: countIgnored,
	New: func(v []float64) (operators.Operator, error) {
		n, err := newDiscrete(v)
		return bernoulliNB{discrete: n, binarize: v[2]}, err
	},
	Decode: operators.Decode[linear],
}

// MultinomialNB takes a row as counts drawn from a distribution over the columns that depends on the class; alpha is
// Laplace's smoothing, at least 1e-10. Negative values are refused. Manning et al. (2008), section 13.2.
var MultinomialNB = &operators.Spec{
	Name: "MultinomialNB", Doc: "naive Bayes with counts", Role: operators.Classifier,
	Traits: operators.Weights | operators.NonNegative, Params: []operators.Param{alphaParam, fitPriorParam}, Ignored: countIgnored,
	New: func(v []float64) (operators.Operator, error) {
		n, err := newDiscrete(v)
		return multinomialNB{n}, err
	},
	Decode: operators.Decode[linear],
}

// ComplementNB is MultinomialNB with weights estimated from the rows of all other classes, which suits classes of very
// different size. Negative values are refused. Rennie et al. (2003).
var ComplementNB = &operators.Spec{
	Name: "ComplementNB", Doc: "naive Bayes with counts of the other classes", Role: operators.Classifier,
	Traits: operators.Weights | operators.NonNegative,
	Params: []operators.Param{
		alphaParam, {Name: "fit_prior", Scale: operators.Bool, Default: 1, Fixed: true}, // it matters for one class only
		{Name: "norm", Scale: operators.Bool},
	},
	Ignored: countIgnored,
	New: func(v []float64) (operators.Operator, error) {
		n, err := newDiscrete(v)
		return complementNB{discrete: n, norm: v[2] == 1}, err
	},
	Decode: operators.Decode[linear],
}

// discrete is what the three share.
type discrete struct {
	alpha    float64
	fitPrior bool
}

func newDiscrete(v []float64) (discrete, error) {
	if !(v[0] >= 0) {
		return discrete{}, fmt.Errorf("naive bayes: alpha %v is negative", v[0])
	}
	return discrete{alpha: max(v[0], 1e-10), fitPrior: v[1] == 1}, nil
}

// start finds classes, priors and sizes, and the sum of every column in every class (columns × classes).
func (d discrete) start(ctx context.Context, s dataset.Sample, threshold *float64) (f *linear, size, sums []float64, err error) {
	classes, codes, err := posterior.Of(s.Y, s.W)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("naive bayes: %w", err)
	}
	if s.X.Cols() == 0 {
		return nil, nil, nil, errors.New("naive bayes: no columns")
	}
	size = sizes(codes, s.W, classes.Len())
	f = &linear{Classes: classes, Prior: shares(size)}
	if !d.fitPrior {
		f.Prior = uniform(classes.Len())
	}
	sums, err = classSums(ctx, s, codes, classes.Len(), threshold)
	return f, size, sums, err
}

const block = 2048 // rows that are multiplied together

// classSums adds up every column in every class (columns × classes); values count as whether they exceed threshold
// unless that is nil.
func classSums(ctx context.Context, s dataset.Sample, codes []int32, classes int, threshold *float64) ([]float64, error) {
	columns := s.X.Floats()
	sums, part := linalg.NewMatrix(classes, len(columns)), linalg.NewMatrix(classes, len(columns))
	members, slices := make([]float64, classes*block), make([][]float64, len(columns))
	var work linalg.Workspace
	for lo := 0; lo < len(codes); lo += block {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		hi := min(lo+block, len(codes))
		in := linalg.Of(classes, hi-lo, members[:classes*(hi-lo)])
		clear(in.Data)
		for i, k := range codes[lo:hi] {
			if k >= 0 {
				in.Set(int(k), i, weight(s.W, lo+i))
			}
		}
		cut(slices, columns, lo, hi, threshold)
		work.MulColumnsT(part, in, slices)
		linalg.AddScaled(sums.Data, 1, part.Data)
	}
	return sums.T().Data, nil
}

// cut writes to dst the rows [lo, hi) of the columns, or whether they exceed the threshold.
func cut(dst, columns [][]float64, lo, hi int, threshold *float64) {
	for j, c := range columns {
		if threshold == nil {
			dst[j] = c[lo:hi]
			continue
		}
		if cap(dst[j]) < hi-lo {
			dst[j] = make([]float64, hi-lo)
		}
		dst[j] = dst[j][:hi-lo]
		for i, v := range c[lo:hi] {
			dst[j][i] = above(v, *threshold)
		}
	}
}

// linear is a fitted naive Bayes whose log-likelihoods are linear in the values, or in whether they exceed a threshold.
type linear struct {
	Classes   posterior.Classes
	Prior     wire.Floats
	Intercept wire.Floats // per class
	Coef      wire.Floats // columns × classes
	LogProb   wire.Floats // columns × classes: scikit-learn's feature_log_prob_
	Binarize  *float64    // threshold, nil if the values count themselves
}

// Check reports what a decoded value cannot be.
func (f *linear) Check() error {
	if err := f.Classes.Check(); err != nil {
		return err
	}
	k := f.Classes.Len()
	if len(f.Prior) != k || len(f.Intercept) != k || len(f.Coef) == 0 || len(f.Coef)%k != 0 {
		return errors.New("bayes: coefficients and classes do not fit together")
	}
	return checkPrior(f.Prior)
}

// Apply returns the probability of each class. A value below zero, which a scaler may make of a row that it was not fitted
// on, counts against the classes that its column speaks for, as in scikit-learn.
func (f *linear) Apply(ctx context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	classes := f.Classes.Len()
	if x.Cols()*classes != len(f.Coef) {
		return nil, fmt.Errorf("bayes: %d columns, trained on %d", x.Cols(), len(f.Coef)/classes)
	}
	scores, coef := linalg.NewMatrix(classes, x.Rows()), linalg.Of(x.Cols(), classes, f.Coef).T()
	if f.Binarize == nil {
		if err := linalg.MulColumns(ctx, scores, coef, x.Floats(), nil); err != nil {
			return nil, err
		}
	} else if err := f.binary(ctx, scores, coef, x.Floats()); err != nil {
		return nil, err
	}
	p := make([][]float64, classes)
	for k := range p {
		p[k] = scores.Row(k)
		for i := range p[k] {
			p[k][i] += f.Intercept[k]
		}
	}
	posterior.SoftmaxLogColumns(p, f.Prior)
	return f.Classes.Columns(x.Rows(), p), ctx.Err()
}

// binary multiplies the coefficients by whether the columns exceed the threshold.
func (f *linear) binary(ctx context.Context, scores, coef linalg.Matrix, columns [][]float64) error {
	slices, data := make([][]float64, len(columns)), make([]float64, coef.Rows*block)
	var work linalg.Workspace
	for lo := 0; lo < scores.Cols; lo += block {
		if err := ctx.Err(); err != nil {
			return err
		}
		hi := min(lo+block, scores.Cols)
		cut(slices, columns, lo, hi, f.Binarize)
		part := linalg.Of(coef.Rows, hi-lo, data[:coef.Rows*(hi-lo)])
		work.MulColumns(part, coef, slices, nil)
		for k := range coef.Rows {
			copy(scores.Row(k)[lo:hi], part.Row(k))
		}
	}
	return nil
}

func above(v, threshold float64) float64 {
	if v > threshold {
		return 1
	}
	return 0
}

func nonNegative(x *dataset.Frame) error {
	for _, c := range x.Columns() {
		for i, v := range c.Float {
			if v < 0 {
				return fmt.Errorf("naive bayes: column %q row %d: %v is negative", c.Name, i, v)
			}
		}
	}
	return nil
}

// seal sets the intercepts and reports coefficients beyond all numbers.
func (f *linear) seal(shift []float64) (operators.Fitted, error) {
	for k, p := range f.Prior {
		f.Intercept = append(f.Intercept, math.Log(p)+shift[k])
	}
	for _, v := range append(f.Intercept, f.Coef...) {
		if v-v != 0 {
			return nil, errors.New("naive bayes: the values are too large")
		}
	}
	return f, nil
}

type bernoulliNB struct {
	discrete
	binarize float64
}

// Fit counts how often each column exceeds the threshold in each class.
func (b bernoulliNB) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	f, size, sums, err := b.start(ctx, s, &b.binarize)
	if err != nil {
		return nil, err
	}
	f.Binarize = &b.binarize
	shift, nos := make([]float64, len(size)), make([][]float64, len(size))
	for i, sum := range sums {
		k := i % len(size)
		total := size[k] + 2*b.alpha
		yes := math.Log(sum+b.alpha) - math.Log(total)
		no := math.Log(1 - math.Exp(yes))
		f.LogProb = append(f.LogProb, yes)
		f.Coef = append(f.Coef, yes-no)
		nos[k] = append(nos[k], no)
	}
	for k, v := range nos {
		shift[k] = pairwise(v)
	}
	return f.seal(shift)
}

type multinomialNB struct{ discrete }

// Fit sums each column in each class.
func (m multinomialNB) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	if err := nonNegative(s.X); err != nil {
		return nil, err
	}
	f, size, sums, err := m.start(ctx, s, nil)
	if err != nil {
		return nil, err
	}
	total := make([]float64, len(size))
	for i, sum := range sums {
		total[i%len(size)] += sum + m.alpha
	}
	for i, sum := range sums {
		f.LogProb = append(f.LogProb, math.Log(sum+m.alpha)-math.Log(total[i%len(size)]))
	}
	f.Coef = f.LogProb
	return f.seal(make([]float64, len(size)))
}

type complementNB struct {
	discrete
	norm bool
}

// Fit sums each column in all classes but one, for each class. Rennie et al. (2003), table 4.
func (c complementNB) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	if err := nonNegative(s.X); err != nil {
		return nil, err
	}
	f, size, sums, err := c.start(ctx, s, nil)
	if err != nil {
		return nil, err
	}
	classes := len(size)
	others, total := make([]float64, len(sums)), make([]float64, classes)
	for j := 0; j < len(sums); j += classes {
		all := 0.0
		for _, v := range sums[j : j+classes] {
			all += v
		}
		for k, v := range sums[j : j+classes] {
			others[j+k] = all + c.alpha - v
			total[k] += others[j+k]
		}
	}
	norm := make([]float64, classes)
	for i := range others {
		k := i % classes
		others[i] = math.Log(others[i] / total[k])
		norm[k] += others[i]
	}
	for i, v := range others {
		if c.norm {
			f.Coef = append(f.Coef, v/norm[i%classes])
		} else {
			f.Coef = append(f.Coef, -v)
		}
	}
	f.LogProb = f.Coef
	if classes > 1 { // as in scikit-learn, the prior counts for nothing
		f.Prior = uniform(classes)
	}
	return f.seal(make([]float64, classes))
}
