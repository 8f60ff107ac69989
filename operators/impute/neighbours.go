package impute

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/stats"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

// KNNImputer replaces a missing number by the mean of the n_neighbors nearest training rows that have the column
// (Troyanskaya et al. 2001). Rows are as far apart as the columns that both have say, scaled up to all columns; where
// nothing is shared, the column's mean stands in. Weights are uniform or one over the distance.
var KNNImputer = &operators.Spec{
	Name: "KNNImputer", Doc: "the mean of similar rows for what is missing", Role: operators.Cleaner, Useful: operators.HasMissing,
	Traits: operators.Missing | operators.Instances,
	Params: []operators.Param{
		{Name: "n_neighbors", Scale: operators.LogInt, Lo: 1, Hi: 100, Default: 5},
		{Name: "weights", Scale: operators.Choice, Choices: []string{"uniform", "distance"}},
		{Name: "add_indicator", Scale: operators.Bool, Fixed: true},
	},
	Ignored: []string{"missing_values", "metric", "copy", "keep_empty_features"},
	New: func(v []float64) (operators.Operator, error) {
		if v[0] < 1 {
			return nil, fmt.Errorf("KNNImputer: n_neighbors=%g: want at least 1", v[0])
		}
		return knn{neighbours: int(v[0]), weighted: v[1] != 0, indicator: v[2] != 0}, nil
	},
	Decode: operators.Decode[donors],
	Memory: func(shape operators.Shape, _ []float64) int64 { return int64(shape.Rows) * int64(shape.Cols) * 8 },
}

type knn struct {
	neighbours          int
	weighted, indicator bool
}

// donors holds the training rows.
type donors struct {
	Neighbours int
	Weighted   bool
	Mean       wire.Floats // of every column
	Rows       wire.Floats // rows × columns, NaN is missing
	Indicated  []bool      // columns that get one that marks missing values
}

// Fit keeps the rows.
func (o knn) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	f := &donors{Neighbours: o.neighbours, Weighted: o.weighted}
	for _, c := range s.X.Columns() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		m := stats.Describe(c)
		if !(math.Abs(m.Max) < 1e150 && math.Abs(m.Min) < 1e150) {
			return nil, fmt.Errorf("KNNImputer: the values of column %q are too large", c.Name)
		}
		f.Mean = append(f.Mean, m.Mean)
		f.Indicated = append(f.Indicated, o.indicator && stats.Missing(c) > 0)
	}
	f.Rows = s.X.Matrix()
	return f, nil
}

// Apply fills the rows that have gaps.
func (f *donors) Apply(ctx context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	p := len(f.Mean)
	if x.Cols() != p {
		return nil, fmt.Errorf("KNNImputer: %d columns, learned from %d", x.Cols(), p)
	}
	filled := make([]*dataset.Column, p)
	for j, c := range x.Columns() {
		if filled[j] = c; stats.Missing(c) > 0 {
			filled[j] = dataset.NewNumeric(c.Name, slices.Clone(c.Float))
		}
	}
	w, row := newNearest(f), make([]float64, p)
	for i := range x.Rows() {
		gap := false
		for j, c := range x.Columns() {
			row[j] = c.Float[i]
			gap = gap || row[j] != row[j]
		}
		if !gap {
			continue
		}
		if err := w.measure(ctx, row); err != nil {
			return nil, err
		}
		for j, v := range row {
			if v != v {
				filled[j].Float[i] = w.value(j)
			}
		}
	}
	return dataset.MustFrame(x.Rows(), append(filled, markers(x, f.Indicated)...)...), nil
}

// markers makes a 0/1 column of every column that is to be marked.
func markers(x *dataset.Frame, marked []bool) []*dataset.Column {
	var out []*dataset.Column
	for j, c := range x.Columns() {
		if !marked[j] {
			continue
		}
		v := make([]float64, c.Len())
		for i := range v {
			if c.Missing(i) {
				v[i] = 1
			}
		}
		out = append(out, dataset.NewNumeric(c.Name+" is missing", v))
	}
	return out
}

// nearest finds the donors of one row after the other.
type nearest struct {
	donors   *donors
	distance []float64 // squared, to every training row; NaN if nothing is shared
	best     []int32   // the nearest rows, nearest first
}

func newNearest(f *donors) *nearest {
	n := 0
	if len(f.Mean) > 0 {
		n = len(f.Rows) / len(f.Mean)
	}
	return &nearest{donors: f, distance: make([]float64, n), best: make([]int32, 0, min(n, f.Neighbours)+1)}
}

// measure computes the distances to row.
func (w *nearest) measure(ctx context.Context, row []float64) error {
	p := len(row)
	for k := range w.distance {
		if k%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		sum, shared := 0.0, 0.0
		for j, v := range w.donors.Rows[k*p : (k+1)*p] {
			if d := v - row[j]; d == d {
				sum += d * d
				shared++
			}
		}
		w.distance[k] = sum / shared * float64(p)
	}
	return nil
}

// value is what the nearest rows that have column j say.
func (w *nearest) value(j int) float64 {
	p := len(w.donors.Mean)
	w.best = w.best[:0]
	for k, d := range w.distance {
		if d != d || w.donors.Rows[k*p+j] != w.donors.Rows[k*p+j] {
			continue
		}
		full := len(w.best) == w.donors.Neighbours
		if full && d >= w.distance[w.best[len(w.best)-1]] {
			continue
		}
		at, _ := slices.BinarySearchFunc(w.best, d, func(k int32, d float64) int {
			if w.distance[k] <= d {
				return -1
			}
			return 1
		})
		if full {
			w.best = w.best[:len(w.best)-1]
		}
		w.best = slices.Insert(w.best, at, int32(k))
	}
	if len(w.best) == 0 {
		return w.donors.Mean[j]
	}
	sum, total := 0.0, 0.0
	exact := w.distance[w.best[0]] == 0
	for _, k := range w.best {
		weight := 1.0
		if w.donors.Weighted {
			if exact && w.distance[k] > 0 {
				break // rows at distance zero decide alone
			}
			if !exact {
				weight = 1 / math.Sqrt(w.distance[k])
			}
		}
		sum += weight * w.donors.Rows[int(k)*p+j]
		total += weight
	}
	return sum / total
}

// Check refuses what Fit cannot have made.
func (f *donors) Check() error {
	p := len(f.Mean)
	if len(f.Indicated) != p || p == 0 && len(f.Rows) > 0 || p > 0 && len(f.Rows)%p != 0 || f.Neighbours < 1 {
		return errors.New("KNNImputer: its rows are cut short")
	}
	for _, m := range f.Mean {
		if m-m != 0 {
			return errors.New("KNNImputer: a mean is not finite")
		}
	}
	for _, v := range f.Rows {
		if math.Abs(v) >= 1e150 {
			return errors.New("KNNImputer: a value is too large")
		}
	}
	return nil
}
