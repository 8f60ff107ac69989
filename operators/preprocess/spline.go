package preprocess

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/stats"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

// SplineTransformer replaces every column by a basis of B-splines (de Boor 1978) of the given degree, with knots evenly
// spaced over the training range or at training quantiles. Values beyond the range count as its ends. Without
// include_bias the last function, which the others imply, is left out. A constant column passes.
var SplineTransformer = &operators.Spec{
	Name: "SplineTransformer", Doc: "smooth piecewise polynomials of every column", Role: operators.Transformer, Traits: operators.FewRows,
	Params: []operators.Param{
		{Name: "n_knots", Scale: operators.Int, Lo: 2, Hi: 12, Default: 5},
		{Name: "degree", Scale: operators.Int, Lo: 1, Hi: 4, Default: 3},
		{Name: "knots", Scale: operators.Choice, Choices: []string{"uniform", "quantile"}},
		{Name: "include_bias", Scale: operators.Bool, Default: 1, Fixed: true},
	},
	Ignored: []string{"extrapolation", "order", "sparse_output"},
	New: func(v []float64) (operators.Operator, error) {
		if v[0] < 2 || v[0] > 1000 || v[1] < 0 || v[1] > maxDegree {
			return nil, fmt.Errorf("SplineTransformer: n_knots=%g, degree=%g: want 2 to 1000, and 0 to %d", v[0], v[1], maxDegree)
		}
		return splines{knots: int(v[0]), degree: int(v[1]), quantiles: v[2] != 0, bias: v[3] != 0}, nil
	},
	Decode: operators.Decode[splined],
	Memory: func(shape operators.Shape, v []float64) int64 {
		return int64(8 * float64(shape.Rows*shape.Cols) * (v[0] + v[1]))
	},
}

const maxDegree = 8

type splines struct {
	knots, degree int
	quantiles     bool
	bias          bool
}

// splined holds every column's knots within the training range, ascending; a constant column has none.
type splined struct {
	Degree int
	Bias   bool
	Knots  []wire.Floats
}

// Fit places the knots.
func (o splines) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	f := &splined{Degree: o.degree, Bias: o.bias}
	for _, c := range s.X.Columns() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		m := stats.Describe(c)
		var knots wire.Floats
		for k := range o.knots {
			q := float64(k) / float64(o.knots-1)
			at := m.Min + q*(m.Max-m.Min)
			if o.quantiles {
				at = stats.Quantile(stats.Sorted(c), q)
			}
			if len(knots) == 0 || at > knots[len(knots)-1] {
				knots = append(knots, at)
			}
		}
		if len(knots) > 1 && !(m.Max < 1e150 && m.Min > -1e150) {
			return nil, fmt.Errorf("SplineTransformer: the values of column %q are too large", c.Name)
		}
		if len(knots) < 2 || knots[1]-knots[0] < 1e-300 {
			knots = nil
		}
		f.Knots = append(f.Knots, knots)
	}
	return f, nil
}

// padded continues the knots by degree more on both sides, as far apart as the outer ones (Eilers & Marx 1996).
func padded(knots []float64, degree int) []float64 {
	n := len(knots)
	first, last := knots[1]-knots[0], knots[n-1]-knots[n-2]
	var out []float64
	for k := degree; k > 0; k-- {
		out = append(out, knots[0]-float64(k)*first)
	}
	out = append(out, knots...)
	for k := 1; k <= degree; k++ {
		out = append(out, knots[n-1]+float64(k)*last)
	}
	return out
}

// basis writes the values at x of the degree+1 functions that are not zero there and returns the number of the first. t
// are the padded knots; x lies between the outer of the original ones.
func basis(t []float64, degree int, x float64, out []float64) int {
	last := len(t) - degree - 2 // the last interval begins here
	at := sort.Search(last-degree, func(k int) bool { return t[degree+1+k] > x }) + degree
	out[0] = 1
	for d := 1; d <= degree; d++ { // Cox & de Boor
		saved := 0.0
		for r := range d {
			right, left := t[at+r+1], t[at+1-d+r]
			share := out[r] / (right - left)
			out[r] = saved + (right-x)*share
			saved = (x - left) * share
		}
		out[d] = saved
	}
	return at - degree
}

// Apply evaluates the functions.
func (f *splined) Apply(ctx context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	if x.Cols() != len(f.Knots) {
		return nil, fmt.Errorf("SplineTransformer: %d columns, learned from %d", x.Cols(), len(f.Knots))
	}
	var cols []*dataset.Column
	values, n := make([]float64, f.Degree+1), x.Rows()
	for j, c := range x.Columns() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		knots := f.Knots[j]
		if knots == nil {
			cols = append(cols, c)
			continue
		}
		t, count := padded(knots, f.Degree), len(knots)+f.Degree-1
		block := make([]float64, n*count)
		for i, u := range c.Float {
			first := basis(t, f.Degree, max(knots[0], min(knots[len(knots)-1], u)), values)
			for k, v := range values {
				block[(first+k)*n+i] = v
			}
		}
		if !f.Bias {
			count--
		}
		for k := range count {
			cols = append(cols, dataset.NewNumeric(fmt.Sprintf("%s sp %d", c.Name, k), block[k*n:(k+1)*n:(k+1)*n]))
		}
	}
	return dataset.MustFrame(n, cols...), nil
}

// Check refuses what Fit cannot have made.
func (f *splined) Check() error {
	if f.Degree < 0 || f.Degree > maxDegree {
		return fmt.Errorf("SplineTransformer: degree %d", f.Degree)
	}
	for _, t := range f.Knots {
		if t == nil {
			continue
		}
		if len(t) < 2 || len(t) > 1000 || !slices.IsSorted(t) || t[0] < -1e150 || t[len(t)-1] > 1e150 {
			return errors.New("SplineTransformer: knots out of order")
		}
		for k := range len(t) - 1 {
			if !(t[k] < t[k+1]) {
				return errors.New("SplineTransformer: two knots are one")
			}
		}
	}
	return nil
}
