// Package preprocess rescales columns and constructs new ones from them.
package preprocess

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/internal/stats"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

// StandardScaler subtracts the mean and divides by the standard deviation (ddof 0).
var StandardScaler = &operators.Spec{
	Name: "StandardScaler", Doc: "zero mean and unit variance", Role: operators.Scaler, Traits: operators.Missing | operators.Weights,
	Params: []operators.Param{
		{Name: "with_mean", Scale: operators.Bool, Default: 1, Fixed: true},
		{Name: "with_std", Scale: operators.Bool, Default: 1, Fixed: true},
	},
	Ignored: []string{"copy"},
	New: func(v []float64) (operators.Operator, error) {
		return scaler{name: "StandardScaler", learn: func(c *dataset.Column, w []float64) (float64, float64) {
			m := stats.Weighted(c, w)
			shift, scale := 0.0, 1.0
			if v[0] != 0 {
				shift = m.Mean
			}
			if v[1] != 0 {
				scale = math.Sqrt(m.Var)
			}
			return shift, scale
		}}, nil
	},
	Decode: operators.Decode[scaled],
}

// MinMaxScaler maps the range of the training values to [0, 1].
var MinMaxScaler = &operators.Spec{
	Name: "MinMaxScaler", Doc: "range 0 to 1", Role: operators.Scaler, Traits: operators.Missing | operators.FewRows,
	Params:  []operators.Param{{Name: "clip", Scale: operators.Bool, Fixed: true}},
	Ignored: []string{"copy"},
	New: func(v []float64) (operators.Operator, error) {
		return scaler{name: "MinMaxScaler", clip: v[0] != 0, learn: func(c *dataset.Column, _ []float64) (float64, float64) {
			m := stats.Describe(c)
			return m.Min, m.Max - m.Min
		}}, nil
	},
	Decode: operators.Decode[scaled],
}

// MaxAbsScaler divides by the largest absolute training value.
var MaxAbsScaler = &operators.Spec{
	Name: "MaxAbsScaler", Doc: "largest absolute value 1", Role: operators.Scaler, Traits: operators.Missing | operators.FewRows,
	Ignored: []string{"copy"},
	New: func([]float64) (operators.Operator, error) {
		return scaler{name: "MaxAbsScaler", learn: func(c *dataset.Column, _ []float64) (float64, float64) {
			m := stats.Describe(c)
			return 0, max(math.Abs(m.Min), math.Abs(m.Max))
		}}, nil
	},
	Decode: operators.Decode[scaled],
}

// RobustScaler subtracts the median and divides by the range between two quantiles.
var RobustScaler = &operators.Spec{
	Name: "RobustScaler", Doc: "zero median and unit range between quantiles", Role: operators.Scaler, Traits: operators.Missing,
	Params: []operators.Param{
		{Name: "q_min", Scale: operators.Linear, Lo: 0.001, Hi: 0.3, Default: 0.25},
		{Name: "q_max", Scale: operators.Linear, Lo: 0.7, Hi: 0.999, Default: 0.75},
		{Name: "with_centering", Scale: operators.Bool, Default: 1, Fixed: true},
		{Name: "with_scaling", Scale: operators.Bool, Default: 1, Fixed: true},
		{Name: "unit_variance", Scale: operators.Bool, Fixed: true},
	},
	Ignored: []string{"copy"},
	New: func(v []float64) (operators.Operator, error) {
		if v[0] < 0 || v[1] > 1 || v[0] >= v[1] {
			return nil, fmt.Errorf("RobustScaler: q_min=%g, q_max=%g: want 0 <= q_min < q_max <= 1", v[0], v[1])
		}
		normal := 1.0 // the same range of the standard normal distribution
		if v[4] != 0 {
			normal = distuv.UnitNormal.Quantile(v[1]) - distuv.UnitNormal.Quantile(v[0])
		}
		return scaler{name: "RobustScaler", learn: func(c *dataset.Column, _ []float64) (float64, float64) {
			x := stats.Sorted(c)
			shift, scale := 0.0, 1.0
			if v[2] != 0 {
				shift = stats.Quantile(x, 0.5)
			}
			if v[3] != 0 {
				scale = (stats.Quantile(x, v[1]) - stats.Quantile(x, v[0])) / normal
			}
			return shift, scale
		}}, nil
	},
	Decode: operators.Decode[scaled],
}

// scaler maps every column by (x − shift)/scale; columns without spread are divided by one.
type scaler struct {
	name  string
	clip  bool
	learn func(c *dataset.Column, w []float64) (shift, scale float64)
}

type scaled struct {
	Name  string
	Clip  bool
	Shift wire.Floats
	Scale wire.Floats
}

func (o scaler) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	f := &scaled{Name: o.name, Clip: o.clip}
	for _, c := range s.X.Columns() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		shift, scale := o.learn(c, s.W)
		if math.IsInf(shift, 0) || math.IsInf(scale, 0) {
			return nil, fmt.Errorf("%s: the values of column %q are too large", o.name, c.Name)
		}
		if !(scale > 10*epsilon*math.Abs(shift)) || scale < 1e-300 {
			scale = 1
		}
		f.Shift, f.Scale = append(f.Shift, shift), append(f.Scale, scale)
	}
	return f, nil
}

const epsilon = 2.220446049250313e-16

func (f *scaled) Check() error {
	if len(f.Shift) != len(f.Scale) {
		return fmt.Errorf("%s: %d shifts and %d scales", f.Name, len(f.Shift), len(f.Scale))
	}
	for j, v := range f.Scale {
		if !(v > 0) || math.IsInf(v, 0) || f.Shift[j]-f.Shift[j] != 0 {
			return fmt.Errorf("%s: column %d is scaled by %v", f.Name, j, v)
		}
	}
	return nil
}

func (f *scaled) Apply(_ context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	if x.Cols() != len(f.Scale) {
		return nil, fmt.Errorf("%s: %d columns, learned from %d", f.Name, x.Cols(), len(f.Scale))
	}
	cols := make([]*dataset.Column, x.Cols())
	for j, c := range x.Columns() {
		v := make([]float64, c.Len())
		linalg.Standardize(v, c.Float, f.Shift[j], f.Scale[j])
		if f.Clip {
			for i, u := range v {
				v[i] = max(0, min(1, u))
			}
		}
		cols[j] = dataset.NewNumeric(c.Name, v)
	}
	return dataset.MustFrame(x.Rows(), cols...), nil
}
