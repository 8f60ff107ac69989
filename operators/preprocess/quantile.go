package preprocess

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/stats"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

// QuantileTransformer maps the values of every column to their place among the training quantiles, between 0 and 1, or
// to the normal deviate of that place. Values beyond the training range count as its ends; missing ones stay.
var QuantileTransformer = &operators.Spec{
	Name: "QuantileTransformer", Doc: "uniform or normal distribution by ranks", Role: operators.Scaler, Traits: operators.Missing | operators.FewRows,
	Params: []operators.Param{
		{Name: "n_quantiles", Scale: operators.LogInt, Lo: 10, Hi: 1000, Default: 1000},
		{Name: "output_distribution", Scale: operators.Choice, Choices: []string{"uniform", "normal"}},
	},
	Ignored: []string{"copy", "subsample", "random_state", "ignore_implicit_zeros"},
	New: func(v []float64) (operators.Operator, error) {
		if v[0] < 1 {
			return nil, fmt.Errorf("QuantileTransformer: n_quantiles=%g: want at least 1", v[0])
		}
		return quantileTransformer{count: int(min(v[0], 1e6)), normal: v[1] != 0}, nil
	},
	Decode: operators.Decode[quantiled],
}

type quantileTransformer struct {
	count  int
	normal bool
}

// quantiled holds the training quantiles of every column, ascending and evenly spaced in probability.
type quantiled struct {
	Normal    bool
	Quantiles []wire.Floats
}

type quantilesKey struct{ count int }

func (o quantileTransformer) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	k := max(1, min(o.count, s.X.Rows()))
	f := &quantiled{Normal: o.normal, Quantiles: make([]wire.Floats, s.X.Cols())}
	for j, c := range s.X.Columns() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		f.Quantiles[j] = c.Derive(quantilesKey{k}, func() any {
			sorted, q := stats.Sorted(c), make(wire.Floats, k)
			for i := range q {
				// Multiplying by the step rounds as numpy does; among ties the rounding decides what counts as equal.
				at := float64(i) * (1 / float64(max(1, k-1))) * 100 / 100
				q[i] = stats.Quantile(sorted, min(1, at))
				if i > 0 {
					q[i] = max(q[i], q[i-1]) // interpolation can round the wrong way
				}
			}
			return q
		}).(wire.Floats)
	}
	return f, nil
}

// Check refuses what Fit cannot have made.
func (f *quantiled) Check() error {
	for j, q := range f.Quantiles {
		if len(q) == 0 || !slices.IsSorted(q) || q[0]-q[0] != 0 || q[len(q)-1]-q[len(q)-1] != 0 {
			return fmt.Errorf("QuantileTransformer: the quantiles of column %d are not in order", j)
		}
	}
	return nil
}

func (f *quantiled) Apply(ctx context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	if x.Cols() != len(f.Quantiles) {
		return nil, fmt.Errorf("QuantileTransformer: %d columns, learned from %d", x.Cols(), len(f.Quantiles))
	}
	cols := make([]*dataset.Column, x.Cols())
	for j, c := range x.Columns() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		v := make([]float64, c.Len())
		for i, u := range c.Float {
			if u-u != 0 && u == u {
				return nil, errors.New("QuantileTransformer: infinite values")
			}
			v[i] = place(f.Quantiles[j], u)
			if f.Normal {
				v[i] = deviate(v[i])
			}
		}
		cols[j] = dataset.NewNumeric(c.Name, v)
	}
	return dataset.MustFrame(x.Rows(), cols...), nil
}

// place is where u stands among the quantiles, between 0 and 1; among equal quantiles in their middle, at the ends at
// the end. NaN stays.
func place(q []float64, u float64) float64 {
	n := len(q)
	switch {
	case u != u:
		return u
	case n == 1:
		return 0
	case u >= q[n-1] && u > q[0]:
		return 1
	case u <= q[0]:
		return 0
	}
	lo, _ := slices.BinarySearch(q, u) // first quantile ≥ u
	if q[lo] > u {
		return (float64(lo-1) + (u-q[lo-1])/(q[lo]-q[lo-1])) / float64(n-1)
	}
	hi := lo
	for hi+1 < n && q[hi+1] == u {
		hi++
	}
	return float64(lo+hi) / 2 / float64(n-1)
}

// deviate is the normal deviate of probability p, which is kept 1e-7 away from 0 and 1.
func deviate(p float64) float64 {
	const margin = 1e-7
	spacing := math.Nextafter(1, 2) - 1
	lo, hi := distuv.UnitNormal.Quantile(margin-spacing), distuv.UnitNormal.Quantile(1-(margin-spacing))
	switch {
	case p != p:
		return p
	case p < margin:
		return lo
	case p > 1-margin:
		return hi
	}
	return max(lo, min(hi, distuv.UnitNormal.Quantile(p)))
}
