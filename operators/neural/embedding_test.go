package neural

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// TestEmbeddedGradient compares the derivatives of networks with embeddings, with and without norms, with differences of the
// loss.
func TestEmbeddedGradient(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	for _, normed := range []bool{false, true} {
		for numeric := range 3 {
			task := &task{inputs: inputs{numeric: numeric, codes: [][]int32{{0, 1, 2, 2, 1, 3}, {1, 0, 1, 0, 0, 1}}}, outputs: 2, alpha: 0.1}
			for range 6 * numeric {
				task.numbers = append(task.numbers, 10+3*rng.NormFloat64())
			}
			for range 6 * task.outputs {
				task.y = append(task.y, rng.NormFloat64())
			}
			net := newNetwork([]int{numeric + 5, 4, 3, 2}, "tanh", rng)
			net.embed([]embedding{{Column: 1, Levels: []string{"a", "b", "c"}, Dim: 3}, {Column: 2, Levels: []string{"x"}, Dim: 2}}, rng)
			if err := net.check(); err != nil || net.numeric() != numeric {
				t.Fatal(err, net.numeric())
			}
			if normed {
				net.normalise(task)
			}
			rows := []int32{4, 0, 1, 2, 5}
			pass := net.newPass(len(rows))
			grad, scratch := make([]float64, len(net.Theta)), make([]float64, len(net.Theta))
			net.gradient(task, pass, rows, grad)
			for i := range net.Theta {
				const h = 1e-5
				at := net.Theta[i]
				net.Theta[i] = at + h
				above := net.gradient(task, pass, rows, scratch)
				net.Theta[i] = at - h
				below := net.gradient(task, pass, rows, scratch)
				net.Theta[i] = at
				if want := (above - below) / (2 * h); math.Abs(grad[i]-want) > 1e-5*max(1, math.Abs(want)) {
					t.Errorf("norms %v, %d numbers: derivative %d is %v, want %v", normed, numeric, i, grad[i], want)
				}
			}
		}
	}
}

// labelled is a table whose target is an effect of each level and the number beside it.
func labelled(n int) dataset.Sample {
	rng := rand.New(rand.NewPCG(5, 1))
	effect := []float64{-2, 1, 3, -1, 0.5, 0, 0}
	x, y, codes := make([]float64, n), make([]float64, n), make([]int32, n)
	for i := range y {
		x[i] = rng.NormFloat64()
		codes[i] = int32(rng.IntN(5))
		y[i] = x[i] + effect[codes[i]]
	}
	codes[0], codes[1] = 5, -1 // one row of its own, one missing
	levels := []string{"a", "b", "c", "d", "e", "alone", "never"}
	return dataset.Sample{
		X: dataset.MustFrame(n, dataset.NewCategorical("kind", codes, levels), dataset.NewNumeric("x", x)), Y: dataset.NewNumeric("y", y),
	}
}

func fit(t *testing.T, s dataset.Sample) *regressor {
	t.Helper()
	v := MLPRegressor.Defaults()
	v[MLPRegressor.Index("n_nodes_per_layer")] = 16
	v[MLPRegressor.Index("learning_rate_init")] = 0.01
	op, err := MLPRegressor.New(v)
	if err != nil {
		t.Fatal(err)
	}
	f, err := op.Fit(context.Background(), operators.NewEnv(1, 1), s)
	if err != nil {
		t.Fatal(err)
	}
	return f.(*regressor)
}

func predict(t *testing.T, f operators.Fitted, x *dataset.Frame) []float64 {
	t.Helper()
	p, err := f.Apply(context.Background(), operators.NewEnv(1, 1), x)
	if err != nil {
		t.Fatal(err)
	}
	return p.Col(0).Float
}

// TestEmbeddingLearns the effect of levels, and finds a level by its name, not by its number.
func TestEmbeddingLearns(t *testing.T) {
	s := labelled(400)
	f := fit(t, s)
	if got := f.Net.Embed; len(got) != 1 || !slices.Equal(got[0].Levels, []string{"a", "b", "c", "d", "e"}) || got[0].Dim != 4 {
		t.Fatalf("embeddings %+v", got)
	}
	rest := 0.0
	for i, q := range predict(t, f, s.X)[2:] {
		rest += (q - s.Y.Float[i+2]) * (q - s.Y.Float[i+2]) / 398
	}
	if rest > 0.05 {
		t.Errorf("a mean squared error of %v", rest)
	}
	number := func(v float64) *dataset.Column { return dataset.NewNumeric("x", slices.Repeat([]float64{v}, 4)) }
	one := func(codes []int32, levels ...string) []float64 {
		return predict(t, f, dataset.MustFrame(4, dataset.NewCategorical("kind", codes, levels), number(0.3)))
	}
	a := one([]int32{0, 1, 2, -1}, "a", "b", "alone", "new")
	b := one([]int32{2, 1, 3, 0}, "new", "b", "a", "alone")
	if a[0] != b[0] || a[1] != b[1] || a[2] != a[3] || b[3] != a[3] || a[0] == a[1] {
		t.Errorf("%v and %v", a, b)
	}
	for name, x := range map[string]*dataset.Frame{
		"numbers alone": dataset.MustFrame(4, number(1), number(2)),
		"other order":   dataset.MustFrame(4, number(1), dataset.NewCategorical("kind", make([]int32, 4), []string{"a"})),
		"two kinds":     s.X.Select(0, 0),
	} {
		if _, err := f.Apply(context.Background(), operators.NewEnv(1, 1), x); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestEmbeddingCheck: damaged embeddings are refused.
func TestEmbeddingCheck(t *testing.T) {
	f := fit(t, labelled(60))
	for name, damage := range map[string]func(n *network){
		"no numbers":    func(n *network) { n.Embed[0].Dim = 0 },
		"too many":      func(n *network) { n.Embed[0].Dim = 1 << 40 },
		"a level more":  func(n *network) { n.Embed[0].Levels = append(n.Embed[0].Levels, "z") },
		"no column":     func(n *network) { n.Embed[0].Column = -1 },
		"column twice":  func(n *network) { n.Embed = append(n.Embed, n.Embed[0]) },
		"no embeddings": func(n *network) { n.Embed = nil },
	} {
		n := f.Net
		n.Embed = slices.Clone(n.Embed)
		damage(&n)
		if n.check() == nil {
			t.Errorf("%s passes", name)
		}
	}
	if err := f.Check(); err != nil {
		t.Error(err)
	}
}
