// Package selection keeps some of the columns.
package selection

import (
	"context"
	"errors"
	"fmt"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/stats"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

// selected is what every selector learns: the columns it keeps.
type selected struct {
	Name     string
	Features int
	Keep     wire.Ints
}

func (f *selected) Check() error {
	for _, j := range f.Keep {
		if j < 0 || int(j) >= f.Features {
			return fmt.Errorf("%s: column %d of %d", f.Name, j, f.Features)
		}
	}
	return nil
}

func (f *selected) Apply(_ context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	if x.Cols() != f.Features {
		return nil, fmt.Errorf("%s: %d columns, learned from %d", f.Name, x.Cols(), f.Features)
	}
	js := make([]int, len(f.Keep))
	for i, j := range f.Keep {
		js[i] = int(j)
	}
	return x.Select(js...), nil
}

// VarianceThreshold drops the columns whose variance is at most the threshold; with threshold 0 those of one value.
var VarianceThreshold = &operators.Spec{
	Name: "VarianceThreshold", Doc: "drops columns that hardly vary", Role: operators.Selector, Traits: operators.Missing,
	Params: []operators.Param{{Name: "threshold", Scale: operators.Log, Lo: 1e-4, Hi: 1, Default: 0}},
	New: func(v []float64) (operators.Operator, error) {
		if v[0] < 0 {
			return nil, fmt.Errorf("VarianceThreshold: threshold=%g: want at least 0", v[0])
		}
		return varianceThreshold(v[0]), nil
	},
	Decode: operators.Decode[selected],
}

type varianceThreshold float64

func (o varianceThreshold) Fit(_ context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	f := &selected{Name: "VarianceThreshold", Features: s.X.Cols()}
	for j, c := range s.X.Columns() {
		if spreadOf(c) > float64(o) {
			f.Keep = append(f.Keep, int32(j))
		}
	}
	if len(f.Keep) == 0 {
		return nil, fmt.Errorf("VarianceThreshold: no column varies by more than %g", float64(o))
	}
	return f, nil
}

// spreadOf is the variance, or the range if rounding makes that smaller; 0 for nothing but missing values.
func spreadOf(c *dataset.Column) float64 {
	m := stats.Describe(c)
	return min(m.Var, m.Max-m.Min)
}

// errHuge is returned for values that sums of squares cannot hold.
var errHuge = errors.New("columns with values beyond 1e150 cannot be scored")
