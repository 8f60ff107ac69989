package impute

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
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
	Rows       *wire.Rows  // rows × columns, NaN is missing; laid out by the first search or by who writes them down
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
	f.Rows = wire.RowsOf(s.X.Matrix)
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
	var rows []int
	for i := range x.Rows() {
		if slices.ContainsFunc(x.Columns(), func(c *dataset.Column) bool { return c.Float[i] != c.Float[i] }) {
			rows = append(rows, i)
		}
	}
	const block = 32 // rows that are measured together
	w := newNearest(f)
	for lo := 0; lo < len(rows); lo += block {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		part := rows[lo:min(lo+block, len(rows))]
		w.measure(x, part)
		for k, i := range part {
			for j, c := range filled {
				if c.Float[i] != c.Float[i] {
					c.Float[i] = w.value(w.distance.Row(k), j)
				}
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

// nearest finds the donors of some rows after the others.
type nearest struct {
	donors   *donors
	rows     linalg.Matrix
	present  linalg.Matrix // 1 where a row has a value, else 0
	distance linalg.Matrix // squared, of every row that was measured to every training row; NaN if nothing is shared
	best     []int32       // the nearest rows, nearest first
	columns  [][]float64   // of the training rows
	work     linalg.Workspace
}

func newNearest(f *donors) *nearest {
	p := len(f.Mean)
	w := &nearest{donors: f}
	if p > 0 {
		rows := f.Rows.Values()
		w.rows = linalg.Of(len(rows)/p, p, rows)
	}
	w.present, w.best = presence(w.rows), make([]int32, 0, min(w.rows.Rows, f.Neighbours)+1)
	t := w.rows.T()
	for j := range t.Rows {
		w.columns = append(w.columns, t.Row(j))
	}
	return w
}

func presence(m linalg.Matrix) linalg.Matrix {
	p := linalg.NewMatrix(m.Rows, m.Cols)
	for i, v := range m.Data {
		if v == v {
			p.Data[i] = 1
		}
	}
	return p
}

// measure computes the distances from some rows of x.
func (w *nearest) measure(x *dataset.Frame, part []int) {
	p := x.Cols()
	m, shared := linalg.NewMatrix(len(part), p), linalg.NewMatrix(len(part), w.rows.Rows)
	for k, i := range part {
		for j, c := range x.Columns() {
			m.Set(k, j, c.Float[i])
		}
	}
	w.distance = linalg.NewMatrix(len(part), w.rows.Rows)
	w.work.Shared(w.distance, m, w.rows)
	w.work.MulT(shared, presence(m), w.present)
	for i, sum := range w.distance.Data {
		w.distance.Data[i] = sum / shared.Data[i] * float64(p)
	}
}

// value is what the nearest rows that have column j say, given the distances.
func (w *nearest) value(distance []float64, j int) float64 {
	w.best = w.best[:0]
	column, worst := w.columns[j], math.Inf(1)
	for k, d := range distance {
		full := len(w.best) == w.donors.Neighbours
		if d != d || full && d >= worst || column[k] != column[k] {
			continue
		}
		at, _ := slices.BinarySearchFunc(w.best, d, func(k int32, d float64) int {
			if distance[k] <= d {
				return -1
			}
			return 1
		})
		if full {
			w.best = w.best[:len(w.best)-1]
		}
		w.best = slices.Insert(w.best, at, int32(k))
		worst = distance[w.best[len(w.best)-1]]
	}
	if len(w.best) == 0 {
		return w.donors.Mean[j]
	}
	sum, total := 0.0, 0.0
	exact := distance[w.best[0]] == 0
	for _, k := range w.best {
		weight := 1.0
		if w.donors.Weighted {
			if exact && distance[k] > 0 {
				break // rows at distance zero decide alone
			}
			if !exact {
				weight = 1 / math.Sqrt(distance[k])
			}
		}
		sum += weight * column[k]
		total += weight
	}
	return sum / total
}

// Check refuses what Fit cannot have made.
func (f *donors) Check() error {
	p, rows := len(f.Mean), f.Rows.Values()
	if len(f.Indicated) != p || p == 0 && len(rows) > 0 || p > 0 && len(rows)%p != 0 || f.Neighbours < 1 {
		return errors.New("KNNImputer: its rows are cut short")
	}
	for _, m := range f.Mean {
		if m-m != 0 {
			return errors.New("KNNImputer: a mean is not finite")
		}
	}
	for _, v := range rows {
		if math.Abs(v) >= 1e150 {
			return errors.New("KNNImputer: a value is too large")
		}
	}
	return nil
}
