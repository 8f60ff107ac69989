package preprocess

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/stats"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

// KBinsDiscretizer cuts every column into n_bins intervals: of equal width, of equally many rows, or around the centres
// of a one-dimensional k-means. A value becomes the number of its interval, or a 1 in the interval's column; values
// beyond the training range belong to the outer intervals. Intervals narrower than 1e-8 are joined.
var KBinsDiscretizer = &operators.Spec{
	Name: "KBinsDiscretizer", Doc: "numbers become intervals", Role: operators.Transformer, Traits: operators.FewRows,
	Params: []operators.Param{
		{Name: "n_bins", Scale: operators.LogInt, Lo: 3, Hi: 100, Default: 5},
		{Name: "encode", Scale: operators.Choice, Choices: []string{"onehot", "onehot-dense", "ordinal"}, Fixed: true},
		{Name: "strategy", Scale: operators.Choice, Choices: strategies, Default: 1},
	},
	Ignored: []string{"dtype", "subsample", "random_state", "quantile_method"},
	New: func(v []float64) (operators.Operator, error) {
		if v[0] < 2 || v[0] > 1e4 {
			return nil, fmt.Errorf("KBinsDiscretizer: n_bins=%g: want 2 to 10000", v[0])
		}
		return kBins{bins: int(v[0]), ordinal: v[1] == 2, strategy: strategies[int(v[2])]}, nil
	},
	Decode: operators.Decode[binned],
	Memory: func(shape operators.Shape, v []float64) int64 {
		return int64(8 * float64(shape.Rows*shape.Cols) * v[0])
	},
}

var strategies = []string{"uniform", "quantile", "kmeans"}

// maxBinColumns bounds the columns of all intervals together.
const maxBinColumns = 10_000

type kBins struct {
	bins     int
	ordinal  bool
	strategy string
}

// binned holds the inner edges of every column's intervals.
type binned struct {
	Ordinal bool
	Edges   []wire.Floats
}

type edgesKey struct {
	strategy string
	bins     int
}

// Fit finds the edges.
func (o kBins) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	f := &binned{Ordinal: o.ordinal}
	columns := 0
	for _, c := range s.X.Columns() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		edges := c.Derive(edgesKey{o.strategy, o.bins}, func() any { return o.edges(c) }).(wire.Floats)
		if columns += len(edges) + 1; columns > maxBinColumns && !o.ordinal {
			return nil, fmt.Errorf("KBinsDiscretizer: more than %d intervals: select columns or take fewer bins", maxBinColumns)
		}
		for _, e := range edges {
			if e-e != 0 {
				return nil, fmt.Errorf("KBinsDiscretizer: the values of column %q are too large", c.Name)
			}
		}
		f.Edges = append(f.Edges, edges)
	}
	return f, nil
}

// edges returns the inner edges, ascending; none if the column is constant.
func (o kBins) edges(c *dataset.Column) wire.Floats {
	m := stats.Describe(c)
	lo, hi := m.Min, m.Max
	if lo == hi {
		return nil
	}
	if o.strategy == "uniform" {
		var inner wire.Floats
		for k := 1; k < o.bins; k++ {
			inner = append(inner, lo+float64(k)*((hi-lo)/float64(o.bins)))
		}
		return inner
	}
	x := stats.Sorted(c)
	all := []float64{lo}
	if o.strategy == "quantile" {
		for k := 1; k < o.bins; k++ {
			all = append(all, stats.Quantile(x, float64(k)*(100/float64(o.bins))/100))
		}
	} else {
		centres := lineMeans(x, o.bins)
		for k := 1; k < len(centres); k++ {
			all = append(all, (centres[k-1]+centres[k])/2)
		}
	}
	all = append(all, hi)
	kept := all[:1]
	for k, e := range all[1:] {
		if e-all[k] > 1e-8 {
			kept = append(kept, e)
		}
	}
	if len(kept) < 3 {
		return nil
	}
	return wire.Floats(kept[1 : len(kept)-1])
}

// lineMeans is Lloyd's k-means on sorted values, from centres in the middle of intervals of equal width. A centre that
// loses all its values is given up.
func lineMeans(x []float64, k int) []float64 {
	lo, width := x[0], (x[len(x)-1]-x[0])/float64(k)
	centres := make([]float64, k)
	for i := range centres {
		centres[i] = lo + (float64(i)+0.5)*width
	}
	sums := make([]float64, len(x)+1)
	for i, v := range x {
		sums[i+1] = sums[i] + v
	}
	for range 300 {
		var next []float64
		moved, start := 0.0, 0
		for i, c := range centres {
			end := len(x)
			if i+1 < len(centres) {
				middle := (c + centres[i+1]) / 2
				end = sort.Search(len(x), func(j int) bool { return x[j] > middle })
			}
			if end > start {
				mean := (sums[end] - sums[start]) / float64(end-start)
				moved = max(moved, math.Abs(mean-c))
				next = append(next, mean)
			}
			start = max(start, end)
		}
		settled := len(next) == len(centres) && moved == 0
		if centres = next; settled {
			break
		}
	}
	return centres
}

// Apply finds the interval of every value.
func (f *binned) Apply(ctx context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	if x.Cols() != len(f.Edges) {
		return nil, fmt.Errorf("KBinsDiscretizer: %d columns, learned from %d", x.Cols(), len(f.Edges))
	}
	var cols []*dataset.Column
	n := x.Rows()
	for j, c := range x.Columns() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		edges := f.Edges[j]
		if f.Ordinal {
			v := make([]float64, n)
			for i, u := range c.Float {
				v[i] = float64(interval(edges, u))
			}
			cols = append(cols, dataset.NewNumeric(c.Name, v))
			continue
		}
		block := make([]float64, n*(len(edges)+1))
		for i, u := range c.Float {
			block[interval(edges, u)*n+i] = 1
		}
		for k := range len(edges) + 1 {
			cols = append(cols, dataset.NewNumeric(fmt.Sprintf("%s bin %d", c.Name, k), block[k*n:(k+1)*n:(k+1)*n]))
		}
	}
	return dataset.MustFrame(n, cols...), nil
}

// interval is the number of edges at or below u.
func interval(edges []float64, u float64) int {
	return sort.Search(len(edges), func(k int) bool { return edges[k] > u })
}

// Check refuses what Fit cannot have made.
func (f *binned) Check() error {
	columns := 0
	for _, e := range f.Edges {
		if !slices.IsSorted(e) {
			return errors.New("KBinsDiscretizer: edges out of order")
		}
		columns += len(e) + 1
	}
	if !f.Ordinal && columns > maxBinColumns {
		return errors.New("KBinsDiscretizer: too many intervals")
	}
	return nil
}
