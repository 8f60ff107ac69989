package impute

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// TestEstimatorsFillCurves: of a column that is the square of another, a forest fills the gaps better than a line does, and
// the filled values survive the model file.
func TestEstimatorsFillCurves(t *testing.T) {
	const n = 300
	rng := rand.New(rand.NewPCG(1, 1))
	a, b, c, truth := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range a {
		a[i], c[i] = rng.Float64()*4-2, rng.NormFloat64()
		truth[i] = a[i] * a[i]
		b[i] = truth[i]
		if i%5 == 0 {
			b[i] = math.NaN()
		}
	}
	x := dataset.MustFrame(n, dataset.NewNumeric("a", a), dataset.NewNumeric("b", b), dataset.NewNumeric("c", c))
	s := dataset.Sample{X: x, Y: dataset.NewNumeric("y", a)}
	off := map[string]float64{}
	for k, name := range estimators {
		values := IterativeImputer.Defaults()
		values[IterativeImputer.Index("estimator")] = float64(k)
		values[IterativeImputer.Index("estimator__n_estimators")] = 20
		op, err := IterativeImputer.New(values)
		if err != nil {
			t.Fatal(err)
		}
		f, err := op.Fit(context.Background(), operators.NewEnv(1, 1), s)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		data, err := operators.Encode(f)
		if err != nil {
			t.Fatal(err)
		}
		again, err := IterativeImputer.Decode(data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var filled [2][]float64
		for i, m := range []operators.Fitted{f, again} {
			out, err := m.Apply(context.Background(), operators.NewEnv(1, 1), x)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			filled[i] = out.Col(1).Float
		}
		for i := range truth {
			if filled[0][i] != filled[1][i] {
				t.Fatalf("%s: row %d is %v and, read back, %v", name, i, filled[0][i], filled[1][i])
			}
			off[name] += math.Abs(filled[0][i] - truth[i])
		}
	}
	for _, name := range estimators[forests:] {
		if off[name] > off["BayesianRidge"]/3 {
			t.Errorf("%s is off by %.1f, a line by %.1f", name, off[name], off["BayesianRidge"])
		}
	}
	if math.Abs(off["Ridge"]/off["BayesianRidge"]-1) > 0.1 {
		t.Errorf("Ridge is off by %.1f, BayesianRidge by %.1f", off["Ridge"], off["BayesianRidge"])
	}
}

// TestChooser: so many different columns as asked for, never the target, the correlated ones first.
func TestChooser(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	values := make([][]float64, 8)
	for j := range values {
		values[j] = make([]float64, 100)
		for i := range values[j] {
			values[j][i] = rng.NormFloat64()
			if j == 5 {
				values[j][i] = values[2][i] + 0.01*rng.NormFloat64()
			}
		}
	}
	c := chooser{2, correlations(values, 2)}
	seen := map[int32]int{}
	for range 500 {
		in := c.inputs(rng, 2, 8)
		if len(in) != 2 || in[0] >= in[1] || in[0] == 2 || in[1] == 2 {
			t.Fatalf("inputs %v of column 2", in)
		}
		seen[in[0]]++
		seen[in[1]]++
	}
	for k, times := range seen {
		if k != 5 && times >= seen[5] {
			t.Errorf("column %d was drawn %d times, its near copy %d times", k, times, seen[5])
		}
	}
	if in := (chooser{}).inputs(rng, 0, 4); len(in) != 3 {
		t.Errorf("all others are %v", in)
	}
}
