// Package neighbors predicts from the nearest training rows.
package neighbors

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

// The k nearest neighbours by Minkowski distance, found by comparing with every training row: block by block, so that
// the training rows stay in the cache while a block of queries passes. Of rows at the same distance the earlier counts
// as nearer.
var (
	KNeighborsClassifier = spec("KNeighborsClassifier", operators.Classifier)
	KNeighborsRegressor  = spec("KNeighborsRegressor", operators.Regressor)
)

func spec(name string, role operators.Role) *operators.Spec {
	s := &operators.Spec{
		Name: name, Doc: "vote or mean of the nearest training rows", Role: role, Traits: operators.Instances,
		Params: []operators.Param{
			{Name: "n_neighbors", Scale: operators.LogInt, Lo: 1, Hi: 100, Default: 5},
			{Name: "weights", Scale: operators.Choice, Choices: []string{"uniform", "distance"}},
			{Name: "p", Scale: operators.Choice, Choices: []string{"1", "2", "3"}, Default: 1},
		},
		Ignored: []string{"n_jobs", "algorithm", "leaf_size", "metric_params"},
		Decode:  operators.Decode[neighbors],
	}
	s.New = func(v []float64) (operators.Operator, error) {
		if v[0] < 1 {
			return nil, fmt.Errorf("%s: n_neighbors=%g: want at least 1", name, v[0])
		}
		return knn{name: name, k: int(v[0]), byDistance: v[1] != 0, p: int(v[2]) + 1}, nil
	}
	return s
}

type knn struct {
	name       string
	k, p       int
	byDistance bool
}

// neighbors is the training table itself.
type neighbors struct {
	Name       string
	K, P       int
	ByDistance bool
	Levels     []string
	Features   int
	X          wire.Floats // rows × Features
	Class      wire.Ints
	Y          wire.Floats
}

func (o knn) Fit(_ context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	if s.X.Cols() == 0 || s.Rows() == 0 {
		return nil, fmt.Errorf("%s: nothing to learn from", o.name)
	}
	for _, c := range s.X.Columns() {
		for _, v := range c.Float {
			if !(math.Abs(v) < 1e100) {
				return nil, fmt.Errorf("%s: column %q has the value %g, too large for distances", o.name, c.Name, v)
			}
		}
	}
	f := &neighbors{Name: o.name, K: o.k, P: o.p, ByDistance: o.byDistance, Features: s.X.Cols(), X: s.X.Matrix()}
	if s.Y.Kind == dataset.Categorical {
		f.Levels, f.Class = s.Y.Levels, s.Y.Code
	} else {
		f.Y = s.Y.Float
	}
	return f, f.Check()
}

// Check refuses a table that does not fit together.
func (f *neighbors) Check() error {
	n := len(f.Y)
	if len(f.Levels) > 0 {
		n = len(f.Class)
	}
	if f.Features < 1 || n == 0 || len(f.X) != n*f.Features || f.K < 1 || f.P < 1 || f.P > 3 || len(f.Levels) > 0 && len(f.Y) > 0 {
		return fmt.Errorf("%s: %d rows do not fit %d numbers in %d columns", f.Name, n, len(f.X), f.Features)
	}
	for _, c := range f.Class {
		if c < 0 || int(c) >= len(f.Levels) {
			return fmt.Errorf("%s: class %d of %d", f.Name, c, len(f.Levels))
		}
	}
	for _, v := range append(append([]float64(nil), f.Y...), f.X...) {
		if v-v != 0 {
			return fmt.Errorf("%s: a training value is %v", f.Name, v)
		}
	}
	return nil
}

const blockRows = 16

// Apply finds the neighbours of every row.
func (f *neighbors) Apply(ctx context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	if x.Cols() != f.Features {
		return nil, fmt.Errorf("%s: %d columns, learned from %d", f.Name, x.Cols(), f.Features)
	}
	n := len(f.X) / f.Features
	if f.K > n {
		return nil, fmt.Errorf("%s: n_neighbors=%d, but there are only %d training rows", f.Name, f.K, n)
	}
	q := x.Matrix()
	for _, v := range q {
		if v-v != 0 {
			return nil, errors.New(f.Name + ": cannot measure the distance to a value that is not finite")
		}
	}
	out := make([][]float64, max(1, len(f.Levels)))
	for k := range out {
		out[k] = make([]float64, x.Rows())
	}
	heaps := make([]nearest, blockRows)
	for i := range heaps {
		heaps[i] = make(nearest, 0, f.K)
	}
	for lo := 0; lo < x.Rows(); lo += blockRows {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		hi := min(lo+blockRows, x.Rows())
		f.search(q, lo, hi, heaps)
		for i := lo; i < hi; i++ {
			f.answer(heaps[i-lo], i, out)
		}
	}
	cols := make([]*dataset.Column, len(out))
	for k := range cols {
		name := "prediction"
		if len(f.Levels) > 0 {
			name = f.Levels[k]
		}
		cols[k] = dataset.NewNumeric(name, out[k])
	}
	return dataset.MustFrame(x.Rows(), cols...), nil
}

// search fills the heaps with the neighbours of rows [lo, hi) of q.
func (f *neighbors) search(q []float64, lo, hi int, heaps []nearest) {
	p := f.Features
	for i := range heaps {
		heaps[i] = heaps[i][:0]
	}
	for r := 0; r*p < len(f.X); r++ {
		t := f.X[r*p : r*p+p]
		for i := lo; i < hi; i++ {
			h := &heaps[i-lo]
			d := f.distance(t, q[i*p:i*p+p])
			if len(*h) < f.K {
				h.push(neighbor{d, int32(r)})
			} else if d < (*h)[0].d {
				h.replace(neighbor{d, int32(r)})
			}
		}
	}
}

// distance is the sum of the p-th powers: the root does not change the order.
func (f *neighbors) distance(a, b []float64) float64 {
	b = b[:len(a)]
	switch f.P {
	case 1:
		s := 0.0
		for j, v := range a {
			s += math.Abs(v - b[j])
		}
		return s
	case 2:
		var s0, s1, s2, s3 float64
		j := 0
		for ; j+3 < len(a); j += 4 {
			d0, d1, d2, d3 := a[j]-b[j], a[j+1]-b[j+1], a[j+2]-b[j+2], a[j+3]-b[j+3]
			s0 += d0 * d0
			s1 += d1 * d1
			s2 += d2 * d2
			s3 += d3 * d3
		}
		for ; j < len(a); j++ {
			s0 += (a[j] - b[j]) * (a[j] - b[j])
		}
		return s0 + s1 + (s2 + s3)
	}
	s := 0.0
	for j, v := range a {
		d := math.Abs(v - b[j])
		s += d * d * d
	}
	return s
}

// answer votes or averages. With weights by distance a neighbour at distance zero decides alone.
func (f *neighbors) answer(h nearest, row int, out [][]float64) {
	exact := false
	for _, n := range h {
		exact = exact || n.d == 0
	}
	total := 0.0
	for _, n := range h {
		w := 1.0
		if f.ByDistance {
			w = f.weight(n.d, exact)
		}
		total += w
		if len(f.Levels) > 0 {
			out[f.Class[n.row]][row] += w
		} else {
			out[0][row] += w * f.Y[n.row]
		}
	}
	for k := range out {
		out[k][row] /= total
	}
}

func (f *neighbors) weight(d float64, exact bool) float64 {
	switch {
	case exact && d == 0:
		return 1
	case exact:
		return 0
	case f.P == 2:
		return 1 / math.Sqrt(d)
	case f.P == 3:
		return 1 / math.Cbrt(d)
	}
	return 1 / d
}

type neighbor struct {
	d   float64
	row int32
}

// nearest is a heap with the farthest of the neighbours on top.
type nearest []neighbor

func farther(a, b neighbor) bool { return a.d > b.d || a.d == b.d && a.row > b.row }

func (h *nearest) push(n neighbor) {
	*h = append(*h, n)
	s := *h
	i := len(s) - 1
	for i > 0 {
		up := (i - 1) / 2
		if !farther(s[i], s[up]) {
			return
		}
		s[i], s[up] = s[up], s[i]
		i = up
	}
}

func (h *nearest) replace(n neighbor) {
	s := *h
	s[0] = n
	i := 0
	for {
		c := 2*i + 1
		if c >= len(s) {
			return
		}
		if c+1 < len(s) && farther(s[c+1], s[c]) {
			c++
		}
		if !farther(s[c], s[i]) {
			return
		}
		s[i], s[c] = s[c], s[i]
		i = c
	}
}
