package selection

import (
	"context"
	"errors"
	"fmt"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/stats"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/decompose"
	"github.com/lren-chuv/automl/operators/encode"
)

// CategoricalSelector keeps the categorical columns and the numeric ones of at most threshold different values, and
// encodes them as [encode.OneHotEncoder] does: TPOT's operator of this name.
var CategoricalSelector = &operators.Spec{
	Name: "CategoricalSelector", Doc: "keeps columns of few values, one-hot encoded", Role: operators.Transformer,
	Traits: operators.Categories | operators.Missing | operators.FewRows,
	Params: []operators.Param{
		{Name: "threshold", Scale: operators.LogInt, Lo: 2, Hi: 50, Default: 10},
		{Name: "minimum_fraction", Scale: operators.Linear, Lo: 0.05, Hi: 0.25, Choices: []string{"None"}, Default: operators.Word(0)},
	},
	New: func(v []float64) (operators.Operator, error) {
		inner := encode.OneHotEncoder.Defaults()
		inner[encode.OneHotEncoder.Index("threshold")] = v[0]
		inner[encode.OneHotEncoder.Index("minimum_fraction")] = v[1]
		return newKindSelector("CategoricalSelector", false, v[0], inner)
	},
	Decode: operators.Decode[kindSelected],
}

// ContinuousSelector keeps the numeric columns of more than threshold different values and turns them into their
// principal components, as [decompose.PCA] does: TPOT's operator of this name.
var ContinuousSelector = &operators.Spec{
	Name: "ContinuousSelector", Doc: "principal components of the columns of many values", Role: operators.Transformer,
	Params:  []operators.Param{{Name: "threshold", Scale: operators.LogInt, Lo: 2, Hi: 50, Default: 10}},
	Ignored: []string{"svd_solver", "iterated_power", "random_state"},
	New: func(v []float64) (operators.Operator, error) {
		return newKindSelector("ContinuousSelector", true, v[0], decompose.PCA.Defaults())
	},
	Decode: operators.Decode[kindSelected],
}

// kindSelector keeps the columns of one kind and hands them on.
type kindSelector struct {
	name       string
	continuous bool
	threshold  int
	inner      operators.Operator
}

func newKindSelector(name string, continuous bool, threshold float64, inner []float64) (operators.Operator, error) {
	if threshold < 1 {
		return nil, fmt.Errorf("%s: threshold=%g: want at least 1", name, threshold)
	}
	op, err := innerOf(continuous).New(inner)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return kindSelector{name, continuous, int(threshold), op}, nil
}

// innerOf is what the columns are handed on to.
func innerOf(continuous bool) *operators.Spec {
	if continuous {
		return decompose.PCA
	}
	return encode.OneHotEncoder
}

// Fit looks at the values and fits what follows on the columns kept.
func (o kindSelector) Fit(ctx context.Context, env *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	f := &kindSelected{Name: o.name, Continuous: o.continuous, Features: s.X.Cols()}
	var keep []int
	for j, c := range s.X.Columns() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		many := false
		if c.Kind == dataset.Numeric {
			values, _ := stats.Distinct(c)
			many = len(values) > o.threshold
		}
		if many == o.continuous {
			keep, f.Keep = append(keep, j), append(f.Keep, int32(j))
		}
	}
	if len(keep) == 0 {
		return nil, fmt.Errorf("%s: no column is of that kind", o.name)
	}
	s.X = s.X.Select(keep...)
	var err error
	if f.inner, err = o.inner.Fit(ctx, env, s); err != nil {
		return nil, fmt.Errorf("%s: %w", o.name, err)
	}
	f.Fitted, err = operators.Encode(f.inner)
	return f, err
}

// kindSelected is the fitted form of both.
type kindSelected struct {
	Name       string
	Continuous bool
	Features   int
	Keep       wire.Ints
	Fitted     []byte // what follows, encoded

	inner operators.Fitted
}

// Check reports what makes the value unusable and decodes what follows.
func (f *kindSelected) Check() error {
	if len(f.Keep) == 0 {
		return errors.New("no columns are kept")
	}
	for _, j := range f.Keep {
		if j < 0 || int(j) >= f.Features {
			return fmt.Errorf("%s: column %d of %d", f.Name, j, f.Features)
		}
	}
	var err error
	f.inner, err = innerOf(f.Continuous).Decode(f.Fitted)
	return err
}

// Apply hands the kept columns on.
func (f *kindSelected) Apply(ctx context.Context, env *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	if x.Cols() != f.Features {
		return nil, fmt.Errorf("%s: %d columns, learned from %d", f.Name, x.Cols(), f.Features)
	}
	js := make([]int, len(f.Keep))
	for i, j := range f.Keep {
		js[i] = int(j)
	}
	return f.inner.Apply(ctx, env, x.Select(js...))
}
