package impute

import (
	"context"
	"errors"
	"fmt"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/stats"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

// Winsorizer moves numbers beyond the fold and 1−fold quantiles of the training rows to these quantiles. Missing values
// stay.
var Winsorizer = &operators.Spec{
	Name: "Winsorizer", Doc: "cuts off extreme values at two quantiles", Role: operators.Cleaner, Traits: operators.Missing | operators.FewRows,
	Params:  []operators.Param{{Name: "fold", Scale: operators.Log, Lo: 0.001, Hi: 0.2, Default: 0.05}},
	Ignored: []string{"capping_method", "tail", "add_indicators", "variables", "missing_values"},
	New: func(v []float64) (operators.Operator, error) {
		if v[0] < 0 || v[0] > 0.5 {
			return nil, fmt.Errorf("Winsorizer: fold=%g: want 0 to 0.5", v[0])
		}
		return winsorizer(v[0]), nil
	},
	Decode: operators.Decode[clipped],
}

type winsorizer float64

// clipped holds the limits of every column.
type clipped struct{ Low, High wire.Floats }

// Fit finds the quantiles.
func (o winsorizer) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	f := &clipped{}
	for _, c := range s.X.Columns() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		x := stats.Sorted(c)
		f.Low = append(f.Low, stats.Quantile(x, float64(o)))
		f.High = append(f.High, stats.Quantile(x, 1-float64(o)))
	}
	return f, nil
}

// Apply cuts off; columns within the limits are shared.
func (f *clipped) Apply(_ context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	if x.Cols() != len(f.Low) {
		return nil, fmt.Errorf("Winsorizer: %d columns, learned from %d", x.Cols(), len(f.Low))
	}
	cols := make([]*dataset.Column, x.Cols())
	for j, c := range x.Columns() {
		low, high := f.Low[j], f.High[j]
		if m := stats.Describe(c); m.Count == 0 || low <= m.Min && m.Max <= high {
			cols[j] = c
			continue
		}
		v := make([]float64, c.Len())
		for i, u := range c.Float {
			v[i] = max(low, min(high, u)) // NaN stays
		}
		cols[j] = dataset.NewNumeric(c.Name, v)
	}
	return dataset.MustFrame(x.Rows(), cols...), nil
}

// Check refuses what Fit cannot have made.
func (f *clipped) Check() error {
	if len(f.Low) != len(f.High) {
		return errors.New("Winsorizer: its limits do not fit together")
	}
	for j := range f.Low {
		if !(f.Low[j] <= f.High[j]) || f.High[j]-f.Low[j] != f.High[j]-f.Low[j] {
			return fmt.Errorf("Winsorizer: column %d has the limits %v and %v", j, f.Low[j], f.High[j])
		}
	}
	return nil
}
