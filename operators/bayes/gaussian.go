package bayes

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/posterior"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

// GaussianNB takes every column as normal within each class. var_smoothing times the largest variance of a column is
// added to all variances. priors=uniform gives all classes seen the same prior instead of their share of the rows.
var GaussianNB = &operators.Spec{
	Name: "GaussianNB", Doc: "naive Bayes with normal columns", Role: operators.Classifier, Traits: operators.Weights,
	Params: []operators.Param{
		{Name: "var_smoothing", Scale: operators.Log, Lo: 1e-12, Hi: 1e-1, Default: 1e-9, Fixed: true},
		{Name: "priors", Scale: operators.Choice, Choices: []string{"None", "uniform"}, Fixed: true},
	},
	New: func(v []float64) (operators.Operator, error) {
		if !(v[0] >= 0) {
			return nil, fmt.Errorf("gaussian naive bayes: var_smoothing %v is negative", v[0])
		}
		return gaussianNB{smoothing: v[0], uniform: v[1] == 1}, nil
	},
	Decode: operators.Decode[gaussians],
}

type gaussianNB struct {
	smoothing float64
	uniform   bool
}

// Fit finds the weighted mean and variance of each column in each class.
func (g gaussianNB) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	classes, codes, err := posterior.Of(s.Y, s.W)
	if err != nil {
		return nil, fmt.Errorf("gaussian naive bayes: %w", err)
	}
	if s.X.Cols() == 0 {
		return nil, errors.New("gaussian naive bayes: no columns")
	}
	size := sizes(codes, s.W, classes.Len())
	f := &gaussians{Classes: classes, Prior: shares(size)}
	if g.uniform {
		f.Prior = uniform(classes.Len())
	}
	for _, c := range s.X.Columns() {
		mean, variance := momentsByClass(c.Float, codes, s.W, size)
		f.Mean, f.Var = append(f.Mean, mean...), append(f.Var, variance...)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	f.Epsilon = g.smoothing * largestVariance(s.X)
	for i := range f.Var {
		if f.Var[i] += f.Epsilon; f.Var[i] == 0 {
			f.Var[i] = math.SmallestNonzeroFloat64 // constant everywhere, or no smoothing: any other value is impossible
		}
		if f.Mean[i]-f.Mean[i] != 0 || f.Var[i]-f.Var[i] != 0 {
			return nil, errors.New("gaussian naive bayes: the values are too large")
		}
	}
	return f, nil
}

// gaussians is a fitted GaussianNB.
type gaussians struct {
	Classes posterior.Classes
	Prior   wire.Floats // per class
	Mean    wire.Floats // columns × classes
	Var     wire.Floats // columns × classes, smoothed
	Epsilon float64     // what was added to the variances
}

// Check reports what a decoded value cannot be.
func (g *gaussians) Check() error {
	if err := g.Classes.Check(); err != nil {
		return err
	}
	k := g.Classes.Len()
	if len(g.Prior) != k || len(g.Mean) == 0 || len(g.Mean)%k != 0 || len(g.Var) != len(g.Mean) {
		return errors.New("bayes: means, variances and classes do not fit together")
	}
	if err := checkPrior(g.Prior); err != nil {
		return err
	}
	for _, v := range g.Var {
		if !(v > 0) {
			return fmt.Errorf("bayes: variance %v", v)
		}
	}
	return nil
}

// Apply returns the probability of each class.
func (g *gaussians) Apply(ctx context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	classes := g.Classes.Len()
	if x.Cols()*classes != len(g.Mean) {
		return nil, fmt.Errorf("bayes: %d columns, trained on %d", x.Cols(), len(g.Mean)/classes)
	}
	out := make([]float64, x.Rows()*classes)
	start := make([]float64, classes)
	for k := range start {
		start[k] = math.Log(g.Prior[k])
		for j := range x.Cols() {
			start[k] -= 0.5 * math.Log(2*math.Pi*g.Var[j*classes+k])
		}
	}
	const block = 1024 // rows whose sums stay in the first-level cache
	sums, columns := make([]float64, block), x.Floats()
	for lo := 0; lo < x.Rows(); lo += block {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		part := sums[:min(block, x.Rows()-lo)]
		for k := range classes {
			for i := range part {
				part[i] = start[k]
			}
			for j, c := range columns {
				addExponents(part, c[lo:], g.Mean[j*classes+k], -0.5/g.Var[j*classes+k])
			}
			for i, v := range part {
				out[(lo+i)*classes+k] = v
			}
		}
	}
	return finish(ctx, g.Classes, out, g.Prior)
}

// addExponents adds factor·(v − mean)² for each v of a column to the sums.
func addExponents(sums, column []float64, mean, factor float64) {
	column = column[:len(sums)]
	if math.IsInf(factor, 0) {
		for i, v := range column {
			if d := v - mean; d != 0 { // where the variance vanishes, 0 times infinity would be no number
				sums[i] += d * d * factor
			}
		}
		return
	}
	for i, v := range column {
		d := v - mean
		sums[i] += float64(d * d * factor)
	}
}
