package preprocess

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

// ArithmeticPairs adds the n_pairs differences, ratios or products of two columns that are most correlated with the
// target, beside the columns themselves. A ratio is a/(|b|+1) with the sign of b, so that it is always finite. Of more
// than 60 columns only those most correlated with the target are paired. The classes of a target count as their numbers.
var ArithmeticPairs = &operators.Spec{
	Name: "ArithmeticPairs", Doc: "adds differences, ratios or products of two columns that follow the target", Role: operators.Transformer,
	Traits: operators.Supervised,
	Params: []operators.Param{
		{Name: "operation", Scale: operators.Choice, Choices: operations},
		{Name: "n_pairs", Scale: operators.LogInt, Lo: 1, Hi: 50, Default: 10},
	},
	New: func(v []float64) (operators.Operator, error) {
		if v[1] < 1 || v[1] > 1000 {
			return nil, fmt.Errorf("ArithmeticPairs: n_pairs=%g: want 1 to 1000", v[1])
		}
		return arithmetic{operation: operations[int(v[0])], pairs: int(v[1])}, nil
	},
	Decode: operators.Decode[paired],
}

var operations = []string{"difference", "ratio", "product"}

// maxPaired bounds the columns that are paired with each other.
const maxPaired = 60

type arithmetic struct {
	operation string
	pairs     int
}

// paired holds the pairs that were chosen.
type paired struct {
	Features  int
	Operation string
	A, B      wire.Ints
}

type pair struct {
	a, b  int
	score float64
}

// Fit tries all pairs.
func (o arithmetic) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	y := s.Y.Float
	if s.Y.Kind == dataset.Categorical {
		y = make([]float64, s.Y.Len())
		for i, c := range s.Y.Code {
			y[i] = float64(c)
		}
	}
	f := &paired{Features: s.X.Cols(), Operation: o.operation}
	columns := foremost(s.X, y)
	var all []pair
	v := make([]float64, s.X.Rows())
	for k, a := range columns {
		for l, b := range columns {
			if a == b || o.operation != "ratio" && k > l {
				continue
			}
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			combine(v, o.operation, s.X.Col(a).Float, s.X.Col(b).Float)
			if score := correlated(v, y); score == score {
				all = append(all, pair{a, b, score})
			}
		}
	}
	slices.SortStableFunc(all, func(p, q pair) int { return cmp.Compare(q.score, p.score) })
	for _, p := range all[:min(len(all), o.pairs)] {
		f.A, f.B = append(f.A, int32(p.a)), append(f.B, int32(p.b))
	}
	return f, nil
}

// foremost returns the columns to pair, in their order.
func foremost(x *dataset.Frame, y []float64) []int {
	var all []pair
	for j, c := range x.Columns() {
		if score := correlated(c.Float, y); score == score {
			all = append(all, pair{a: j, score: score})
		}
	}
	slices.SortStableFunc(all, func(p, q pair) int { return cmp.Compare(q.score, p.score) })
	var out []int
	for _, p := range all[:min(len(all), maxPaired)] {
		out = append(out, p.a)
	}
	slices.Sort(out)
	return out
}

// correlated is the square of the correlation, NaN if there is none.
func correlated(x, y []float64) float64 {
	n, mx, my := float64(len(x)), 0.0, 0.0
	for i := range x {
		mx, my = mx+x[i], my+y[i]
	}
	mx, my = mx/n, my/n
	xx, xy, yy := 0.0, 0.0, 0.0
	for i := range x {
		dx, dy := x[i]-mx, y[i]-my
		xx, xy, yy = xx+dx*dx, xy+dx*dy, yy+dy*dy
	}
	return xy / xx * xy / yy
}

// combine writes the combination of a and b into v.
func combine(v []float64, operation string, a, b []float64) {
	switch operation {
	case "difference":
		for i := range v {
			v[i] = a[i] - b[i]
		}
	case "product":
		for i := range v {
			v[i] = a[i] * b[i]
		}
	default:
		for i := range v {
			v[i] = a[i] / math.Copysign(math.Abs(b[i])+1, b[i])
		}
	}
}

// Apply puts the combinations behind the columns.
func (f *paired) Apply(ctx context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	if x.Cols() != f.Features {
		return nil, fmt.Errorf("ArithmeticPairs: %d columns, learned from %d", x.Cols(), f.Features)
	}
	sign := map[string]string{"difference": "-", "ratio": "/", "product": "*"}[f.Operation]
	cols := slices.Clone(x.Columns())
	for k := range f.A {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		a, b, v := x.Col(int(f.A[k])), x.Col(int(f.B[k])), make([]float64, x.Rows())
		combine(v, f.Operation, a.Float, b.Float)
		for _, u := range v {
			if u-u != 0 {
				return nil, fmt.Errorf("ArithmeticPairs: %s%s%s overflows", a.Name, sign, b.Name)
			}
		}
		cols = append(cols, dataset.NewNumeric(a.Name+sign+b.Name, v))
	}
	return dataset.MustFrame(x.Rows(), cols...), nil
}

// Check refuses what Fit cannot have made.
func (f *paired) Check() error {
	if len(f.A) != len(f.B) || !slices.Contains(operations, f.Operation) {
		return errors.New("ArithmeticPairs: its pairs do not fit together")
	}
	for _, j := range slices.Concat(f.A, f.B) {
		if j < 0 || int(j) >= f.Features {
			return fmt.Errorf("ArithmeticPairs: column %d of %d", j, f.Features)
		}
	}
	return nil
}
