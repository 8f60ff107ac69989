package automl

import (
	"context"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/gp"
	"github.com/lren-chuv/automl/metrics"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/pipeline"
)

// opinions is a panel of members that each see a part of the evidence for one of k classes, or for a number if k is 0:
// member m sees it with a strength of strong[m] and adds noise, knowing how much, unless it sees nothing and thinks it does, in two views of n rows in five folds.
func opinions(t *testing.T, metric string, k, n int, strong []float64, seed uint64) *panel {
	t.Helper()
	how, err := metrics.ByName(metric)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(seed, 5))
	code, y, fold := make([]int32, n), make([]float64, n), make([]int32, n)
	for i := range n {
		code[i], y[i], fold[i] = int32(rng.IntN(max(1, k))), rng.NormFloat64(), int32(i%5)
	}
	s := dataset.Sample{X: dataset.MustFrame(n, dataset.NewNumeric("x", y)), Y: dataset.NewNumeric("y", y)}
	if k > 0 {
		s.Y = dataset.NewCategorical("y", code, strings.Split("abcdefgh", "")[:k])
	}
	p := &panel{metric: how, fresh: true}
	members := make([][][]float32, len(strong)) // of both views, as refits on other folds say nearly the same
	for m := range strong {
		p.members = append(p.members, &gp.Individual{})
		members[m] = make([][]float32, max(1, k))
		for j := range members[m] {
			members[m][j] = make([]float32, n)
		}
		z := make([]float64, max(1, k))
		for i := range n {
			if k == 0 {
				members[m][0][i] = float32(y[i] + rng.NormFloat64()/strong[m])
				continue
			}
			sum := 0.0
			for j := range z { // evidence of strength s shows class j where it is s more than elsewhere
				e := rng.NormFloat64()
				if int(code[i]) == j {
					e += strong[m]
				}
				if strong[m] == 0 {
					z[j] = math.Exp(e)
				} else {
					z[j] = math.Exp(strong[m] * e)
				}
				sum += z[j]
			}
			for j := range z {
				members[m][j][i] = float32(z[j] / sum)
			}
		}
	}
	for range 2 {
		folds, err := dataset.NewFolds(s, rng, fold)
		if err != nil {
			t.Fatal(err)
		}
		var results []*pipeline.Result
		for m := range strong {
			results = append(results, &pipeline.Result{OOF: members[m], Folds: make([]float64, 5)})
		}
		p.add(s, folds, results)
	}
	return p
}

func even(n int) blend {
	b := blend{weights: make([]float64, n), temperature: 1}
	for m := range b.weights {
		b.weights[m] = 1 / float64(n)
	}
	return b
}

// TestStackIsTheMinimum compares the fit with what can be seen by trying: no small step that keeps the weights from being
// negative makes the loss, computed anew by its definition, smaller.
func TestStackIsTheMinimum(t *testing.T) {
	for _, k := range []int{0, 2, 4} {
		metric := "log_loss"
		if k == 0 {
			metric = "rmse"
		}
		p := opinions(t, metric, k, 300, []float64{1.2, 0.8, 0.5, 0.01}, 1)
		d := p.stackData(even(4).weights)
		loss := func(theta []float64) float64 {
			sum := 0.0
			for i, w := range d.weight {
				if d.fold[i%len(d.fold)] == 1 {
					continue
				}
				z := make([]float64, max(1, k))
				for j := range z {
					for m := range 4 {
						z[j] += theta[m] * d.inputs[m][j][i]
					}
					if k > 0 {
						z[j] += theta[4+j]
					}
				}
				if k == 0 {
					sum += w * (z[0] - d.number[i]) * (z[0] - d.number[i]) / 2
					continue
				}
				sum -= w * math.Log(math.Exp(z[d.class[i]])/total(z))
			}
			for a, v := range theta {
				if a < 4 {
					sum += attachment * (v - 0.25) * (v - 0.25) / 2
				} else {
					sum += evenness * v * v / 2
				}
			}
			return sum
		}
		theta, ok := d.fit(context.Background(), nil, 1)
		if !ok || len(theta) != 4+k || slices.Min(theta[:4]) < 0 {
			t.Fatalf("%d classes: %v, %v", k, theta, ok)
		}
		least := loss(theta)
		rng := rand.New(rand.NewPCG(2, 2))
		for range 300 {
			other := slices.Clone(theta)
			for a := range other {
				other[a] += 0.01 * rng.NormFloat64()
				if a < 4 {
					other[a] = max(0, other[a])
				}
			}
			if l := loss(other); l < least-1e-9 {
				t.Fatalf("%d classes: %v has loss %v, %v only %v", k, theta, least, other, l)
			}
		}
		again, ok := d.fit(context.Background(), []float64{0.1, 0.7, 0, 0.9, 0.3, -0.2, 0, 0}[:4+k], 1)
		for a := range theta {
			if !ok || math.Abs(again[a]-theta[a]) > 1e-4 {
				t.Errorf("%d classes: %v from one start, %v from another", k, theta, again)
				break
			}
		}
	}
}

func total(z []float64) float64 {
	sum := 0.0
	for _, v := range z {
		sum += math.Exp(v)
	}
	return sum
}

// TestStackWhereItPays: independent evidence adds up in logarithms, which no average of probabilities does, and what is
// noise gets next to no weight; the model says what its members together know.
func TestStackWhereItPays(t *testing.T) {
	for _, k := range []int{2, 4} {
		p := opinions(t, "log_loss", k, 1500, []float64{1.2, 1.2, 1.2, 0}, 3)
		b := even(4)
		b.temperature = p.temperature(b)
		env := operators.NewEnv(1, 1)
		env.Threads = 1
		stack, about := p.stacked(context.Background(), env, b)
		if stack == nil {
			t.Fatalf("%d classes: the average was kept", k)
		}
		if !about.Geometric || !(about.Score < 0.95*about.Greedy) {
			t.Errorf("%d classes: %+v", k, about)
		}
		if stack.weights[3] > 0.05 || math.Abs(stack.weights[0]-1./3) > 0.06 || math.Abs(stack.temperature-1./3) > 0.04 {
			t.Errorf("%d classes: %+v", k, stack)
		}
		env.Threads = 4
		if again, _ := p.stacked(context.Background(), env, b); again == nil || !slices.Equal(again.weights, stack.weights) || again.temperature != stack.temperature {
			t.Errorf("%d classes: %+v with one thread, %+v with four", k, stack, again)
		}
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		if s, _ := p.stacked(ended, env, b); s != nil {
			t.Errorf("%d classes: a stack without time", k)
		}
	}
	p := opinions(t, "rmse", 0, 1000, []float64{3, 1, 1, 0.3}, 3)
	stack, about := p.stacked(context.Background(), operators.NewEnv(1, 1), even(4))
	if stack == nil || about.Geometric || !(about.Score < 0.8*about.Greedy) || stack.odds != nil || math.Abs(stack.weights[0]-9/11.09) > 0.04 {
		t.Errorf("numbers: %+v, %+v", stack, about)
	}
}

// TestStackWhereItDoesNotPay: members that know equally much about a number are best averaged, so a second level can only
// learn noise; the guard lets it pass at most now and then.
func TestStackWhereItDoesNotPay(t *testing.T) {
	used := 0
	for seed := range uint64(40) {
		p := opinions(t, "rmse", 0, 250, []float64{1, 1, 1, 1, 1, 1}, seed)
		if s, _ := p.stacked(context.Background(), operators.NewEnv(1, 1), even(6)); s != nil {
			used++
		}
	}
	if used > 2 {
		t.Errorf("%d of 40 times noise took the place of the average", used)
	}
	p := opinions(t, "log_loss", 2, 1500, []float64{1.2, 1.2, 1.2}, 3)
	p.fresh = false
	if s, _ := p.stacked(context.Background(), operators.NewEnv(1, 1), even(3)); s != nil {
		t.Error("a second level on the folds of the search")
	}
	if p := opinions(t, "rmse", 0, leastStack-1, []float64{5, 1, 1}, 1); p.stackData(even(3).weights) != nil {
		t.Error("a second level for a handful of rows")
	}
}

// TestGeometricMean compares the mixture with its definition, zeros included, and sends it through a model file.
func TestGeometricMean(t *testing.T) {
	p := [][]float64{{0.2, 1, 0}, {0.5, 0.3, 0.4}} // of the first class, by member and row
	w := []float64{0.7, 0.3}
	mix := newMixture(2, 3, true)
	for m := range p {
		mix.add(w[m], 0, func(i int) float64 { return p[m][i] })
		mix.add(w[m], 1, func(i int) float64 { return 1 - p[m][i] })
	}
	got := mix.frame(nil)
	for i := range 3 {
		a, b := 1.0, 1.0
		for m := range p {
			a *= math.Pow(max(p[m][i], LeastShare), w[m])
			b *= math.Pow(max(1-p[m][i], LeastShare), w[m])
		}
		if v := got.Col(0).Float[i]; math.Abs(v-a/(a+b)) > 1e-12 {
			t.Errorf("row %d: %v, want %v", i, v, a/(a+b))
		}
	}
}

// TestGeometricModelFile: the file of such a model has a version of its own and predicts the same; for numbers it is refused.
func TestGeometricModelFile(t *testing.T) {
	s := iris(t)
	m, err := Train(context.Background(), s, Options{Evaluations: 10, Config: "fast", NoExplain: true, Without: Stacking})
	if err != nil {
		t.Fatal(err)
	}
	plain, err := m.Predict(context.Background(), s.X)
	if err != nil {
		t.Fatal(err)
	}
	m.Stack = &Stack{Geometric: true, Score: 0.1, Greedy: 0.2}
	if len(m.Members) == 1 {
		m.Members = []Member{{0.5, m.Members[0].Pipeline, m.Members[0].Fitted}, {0.5, m.Members[0].Pipeline, m.Members[0].Fitted}}
	}
	data, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if v := binary.LittleEndian.Uint32(data[len(fileMagic):]); v != geometricVersion {
		t.Errorf("version %d", v)
	}
	back, err := Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if *back.Stack != *m.Stack {
		t.Errorf("%+v became %+v", m.Stack, back.Stack)
	}
	a, err := m.Predict(context.Background(), s.X)
	if err != nil {
		t.Fatal(err)
	}
	b, err := back.Predict(context.Background(), s.X)
	if err != nil {
		t.Fatal(err)
	}
	same := true
	for j := range a.Cols() {
		if !slices.Equal(a.Col(j).Float, b.Col(j).Float) {
			t.Error("the file predicts something else")
		}
		same = same && slices.Equal(a.Col(j).Float, plain.Col(j).Float)
	}
	if same {
		t.Error("a geometric mean predicts what the usual one does")
	}
	m.Stack.Geometric = false
	if data, err = m.Encode(); err != nil || binary.LittleEndian.Uint32(data[len(fileMagic):]) != plainVersion {
		t.Errorf("weights alone make another version, %v", err)
	}
	m.Stack, m.Levels = nil, nil // as hostile bytes could say: probabilities for a number
	if _, err := m.Predict(context.Background(), s.X); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("three columns for a number: %v", err)
	}
	m.Stack = &Stack{Geometric: true}
	if data, err = m.Encode(); err != nil {
		t.Fatal(err)
	}
	if _, err = Decode(data); err == nil || !strings.Contains(err.Error(), "geometric") {
		t.Errorf("a geometric mean of numbers: %v", err)
	}
}

func iris(t *testing.T) dataset.Sample {
	t.Helper()
	tb, err := dataset.Read(context.Background(), "testdata/iris.csv", dataset.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s, _, err := tb.Sample(dataset.SampleOptions{Target: "target"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestTrainStacks: a search ends with a stack where there is something to learn, in the same file for any number of workers,
// and without where the lever is off.
func TestTrainStacks(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED with -short: whole searches, whose workers other tests run side by side")
	}
	const n = 300
	rng := rand.New(rand.NewPCG(6, 6))
	cols, y := make([]*dataset.Column, 6), make([]float64, n)
	x := make([][]float64, len(cols))
	for j := range cols {
		x[j] = make([]float64, n)
		for i := range n {
			x[j][i] = rng.Float64()
		}
		cols[j] = dataset.NewNumeric(string(rune('a'+j)), x[j])
	}
	for i := range n { // a curve for trees, lines for linear models: both are needed
		y[i] = 10*math.Sin(math.Pi*x[0][i]*x[1][i]) + 20*(x[2][i]-0.5)*(x[2][i]-0.5) + 10*x[3][i] + 5*x[4][i] + rng.NormFloat64()
	}
	s := dataset.Sample{X: dataset.MustFrame(n, cols...), Y: dataset.NewNumeric("y", y)}
	var first []byte
	for _, workers := range []int{1, 8} {
		m, err := Train(context.Background(), s, Options{Evaluations: 10, Config: "fast", NoExplain: true, Workers: workers})
		if err != nil {
			t.Fatal(err)
		}
		if m.Stack == nil || m.Stack.Geometric || !(m.Stack.Score < m.Stack.Greedy) {
			t.Errorf("stack: %+v", m.Stack)
		}
		data, err := m.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = data
		}
		if !slices.Equal(first, data) {
			t.Errorf("%d workers give another file", workers)
		}
	}
	m, err := Train(context.Background(), s, Options{Evaluations: 10, Config: "fast", NoExplain: true, Without: Stacking})
	if err != nil || m.Stack != nil {
		t.Errorf("without the lever: %+v, %v", m.Stack, err)
	}
}
