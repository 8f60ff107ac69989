package explain_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/explain"
	"github.com/lren-chuv/automl/metrics"
	"github.com/lren-chuv/automl/operators"
)

// formula is a model that is a function of one row.
type formula func(row []float64) float64

func (f formula) Predict(ctx context.Context, x *dataset.Frame) (*dataset.Frame, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	out, row := make([]float64, x.Rows()), make([]float64, x.Cols())
	for i := range out {
		for j := range row {
			if c := x.Col(j); c.Kind == dataset.Categorical {
				row[j] = float64(c.Code[i])
			} else {
				row[j] = c.Float[i]
			}
		}
		out[i] = f(row)
	}
	return dataset.MustFrame(len(out), dataset.NewNumeric("prediction", out)), nil
}

// sample is three numbers and a category, with the formula's values as the target.
func sample(n int, f formula) dataset.Sample {
	rng := rand.New(rand.NewPCG(5, 5))
	cols := make([][]float64, 3)
	var codes []int32
	for range n {
		for j := range cols {
			cols[j] = append(cols[j], rng.NormFloat64())
		}
		codes = append(codes, int32(rng.IntN(3)))
	}
	x := dataset.MustFrame(n, dataset.NewNumeric("a", cols[0]), dataset.NewNumeric("b", cols[1]), dataset.NewNumeric("c", cols[2]),
		dataset.NewCategorical("kind", codes, []string{"x", "y", "z"}))
	p, _ := f.Predict(context.Background(), x)
	return dataset.Sample{X: x, Y: p.Col(0)}
}

func rmse(t *testing.T) metrics.Metric {
	m, err := metrics.ByName("rmse")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestPermutationOfLinearModel: shuffling a feature of weight w costs a root mean squared error of about w√2 times its
// standard deviation.
func TestPermutationOfLinearModel(t *testing.T) {
	f := formula(func(r []float64) float64 { return 3*r[0] - r[1] })
	s := sample(2000, f)
	features := explain.Features(nil, s.X)
	var first []explain.Importance
	for _, threads := range []int{1, 4} {
		env := operators.NewEnv(1, 2)
		env.Threads = threads
		got, err := explain.Permutation(context.Background(), env, f, s, features, rmse(t), 10)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = got
		}
		if !reflect.DeepEqual(first, got) {
			t.Errorf("%d threads give another result", threads)
		}
	}
	for i, want := range []float64{3 * math.Sqrt2, math.Sqrt2, 0, 0} {
		g := first[i]
		if math.Abs(g.Mean-want) > 0.15 || g.Lo > g.Mean || g.Hi < g.Mean || g.Hi-g.Lo > 0.2 || g.Repeats != 10 {
			t.Errorf("%s: %+v, want a mean of about %.3f", g.Feature, g, want)
		}
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := explain.Permutation(cancelled, operators.NewEnv(1, 2), f, s, features, rmse(t), 3); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestDependenceOfSquare(t *testing.T) {
	f := formula(func(r []float64) float64 { return r[0]*r[0] + 10*r[3] })
	s := sample(500, f)
	features := explain.Features(nil, s.X)
	got, err := explain.PartialDependence(context.Background(), operators.NewEnv(1, 1), f, s.X, []explain.Feature{features[0], features[3]}, 12)
	if err != nil {
		t.Fatal(err)
	}
	if len(got[0].Grid) != 12 || !slices.IsSorted(got[0].Grid) {
		t.Errorf("grid %v", got[0].Grid)
	}
	for k, v := range got[0].Grid {
		shift := got[0].Mean[0][k] - v*v
		if math.Abs(shift-(got[0].Mean[0][0]-got[0].Grid[0]*got[0].Grid[0])) > 1e-9 {
			t.Errorf("at %v: the square is off by %v", v, shift)
		}
	}
	if m := got[1].Mean[0]; !slices.Equal(got[1].Levels, []string{"x", "y", "z"}) || math.Abs(m[1]-m[0]-10) > 1e-9 || math.Abs(m[2]-m[1]-10) > 1e-9 {
		t.Errorf("%+v", got[1])
	}
}

// exact computes Shapley values from their definition: the mean over all orders and all background rows.
func exact(f formula, x, background []float64) []float64 {
	phi := make([]float64, len(x))
	count := 0.0
	var permute func(order, rest []int)
	permute = func(order, rest []int) {
		if len(rest) == 0 {
			count++
			row := slices.Clone(background)
			for _, j := range order {
				before := f(row)
				row[j] = x[j]
				phi[j] += f(row) - before
			}
			return
		}
		for i := range rest {
			permute(append(slices.Clone(order), rest[i]), append(slices.Clone(rest[:i]), rest[i+1:]...))
		}
	}
	permute(nil, []int{0, 1, 2, 3})
	for j := range phi {
		phi[j] /= count
	}
	return phi
}

func TestContributionsAgreeWithDefinition(t *testing.T) {
	f := formula(func(r []float64) float64 { return 2*r[0] + r[0]*r[1] - r[3]*r[1]*r[2] })
	s := sample(6, f)
	features := explain.Features(nil, s.X)
	background := s.X.Slice(0, 1)
	got, err := explain.Contributions(context.Background(), operators.NewEnv(1, 1), f, s.X.Slice(1, 6), background, features, 4000)
	if err != nil {
		t.Fatal(err)
	}
	row := func(i int) []float64 {
		return []float64{s.X.Col(0).Float[i], s.X.Col(1).Float[i], s.X.Col(2).Float[i], float64(s.X.Col(3).Code[i])}
	}
	for i := range got {
		sum := got[i].Base[0]
		want := exact(f, row(i+1), row(0))
		for j := range want {
			sum += got[i].Phi[j][0]
			if math.Abs(got[i].Phi[j][0]-want[j]) > 0.03 {
				t.Errorf("row %d, %s: %v, want %v", i, features[j].Name, got[i].Phi[j][0], want[j])
			}
		}
		if math.Abs(sum-s.Y.Float[i+1]) > 1e-9 {
			t.Errorf("row %d: the parts sum to %v, not to %v", i, sum, s.Y.Float[i+1])
		}
	}
}

func TestEffectsCountEveryRow(t *testing.T) {
	f := formula(func(r []float64) float64 { return 2*r[0] - r[1] })
	s := sample(60, f)
	features := explain.Features(nil, s.X)
	cs, err := explain.Contributions(context.Background(), operators.NewEnv(1, 1), f, s.X, s.X, features, 3)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range explain.Effects(cs, s.X, features, 0, 0) {
		n := 0
		for _, c := range e.Spread.Counts {
			n += c
		}
		if n != 60 {
			t.Errorf("%s: %d of 60 rows are counted", e.Feature, n)
		}
		if last := len(e.Value) - 1; e.Feature == "a" && !(e.Value[0] < 0.3 && e.Value[last] > 0.7) || e.Feature == "b" && !(e.Value[0] > 0.7 && e.Value[last] < 0.3) {
			t.Errorf("%s: mean ranks %v", e.Feature, e.Value)
		}
	}
}

func TestDescribe(t *testing.T) {
	var v []float64
	var codes []int32
	for i := range 101 {
		v = append(v, float64(i))
		codes = append(codes, int32(min(i/40, 2))-1)
	}
	v[7] = math.NaN()
	codes[100] = 2
	num := explain.Describe(dataset.NewNumeric("n", v), 0)
	if num.Missing != 1 || num.Distinct != 100 || num.Quantiles[0] != 0 || num.Quantiles[4] != 100 || len(num.Histogram.Counts) != 24 {
		t.Errorf("%+v", num)
	}
	hidden := explain.Describe(dataset.NewNumeric("n", v), 5)
	if hidden.Quantiles[0] < 4 || hidden.Quantiles[4] > 96 {
		t.Errorf("extremes are told: %v", hidden.Quantiles)
	}
	col := dataset.NewCategorical("c", codes, []string{"a", "b", "rare"})
	if d := explain.Describe(col, 0); d.Missing != 40 || d.Distinct != 3 || d.Levels[0] != (explain.Count{Level: "a", Rows: 40}) || len(d.Levels) != 3 {
		t.Errorf("%+v", d)
	}
	if d := explain.Describe(col, 5); len(d.Levels) != 2 || d.Others != 1 {
		t.Errorf("a level of one row is told: %+v", d)
	}
	if d := explain.Describe(dataset.NewNumeric("none", []float64{math.NaN()}), 0); d.Missing != 1 || d.Quantiles != nil {
		t.Errorf("%+v", d)
	}
}

func TestGridCounts(t *testing.T) {
	x, y := []float64{0, 1, 2, 3}, []float64{0, 1, 3, 3}
	g := explain.NewGrid(x, y, 4, 0)
	if g.Counts[0][0] != 1 || g.Counts[1][1] != 1 || g.Counts[2][3] != 1 || g.Counts[3][3] != 1 || g.Hi != 3 {
		t.Errorf("%+v", g)
	}
	if g := explain.NewGrid(nil, nil, 4, 0); g.Counts != nil {
		t.Errorf("%+v", g)
	}
}
