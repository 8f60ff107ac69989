package automl

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/gp"
	"github.com/lren-chuv/automl/metrics"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/catalog"
	"github.com/lren-chuv/automl/pipeline"
)

func individual(t *testing.T, id int, text string, loss float64) *gp.Individual {
	t.Helper()
	tree, err := pipeline.Parse(text, catalog.All())
	if err != nil {
		t.Fatal(err)
	}
	return &gp.Individual{ID: id, Tree: tree, Cost: []float64{loss, float64(tree.Steps())},
		Result: pipeline.Result{Score: loss, OOF: [][]float32{{0}}, Took: time.Millisecond}}
}

// TestLibraryKeepsTheBestOfEachPredictor: however crowded the top is, the only one of its kind stays.
func TestLibraryKeepsTheBestOfEachPredictor(t *testing.T) {
	l := &library{limit: 10}
	l.add(individual(t, 0, "Lasso(input)", 9))
	l.add(individual(t, 1, "ElasticNet(input)", 8))
	for i := range 30 {
		l.add(individual(t, 2+i, "Ridge(input)", float64(i%20)/10))
	}
	for i := range 5 {
		l.add(individual(t, 40+i, "LassoCV(input)", 1+float64(i)/10))
	}
	count := map[string]int{}
	for i, k := range l.kept {
		count[predictor(k).Name]++
		if i > 0 && k.Cost[0] < l.kept[i-1].Cost[0] {
			t.Errorf("not sorted: %v before %v", l.kept[i-1].Cost[0], k.Cost[0])
		}
	}
	if len(l.kept) != 10 || count["Ridge"] > perPredictor || count["Lasso"] != 1 || count["ElasticNet"] != 1 {
		t.Errorf("%d kept: %v", len(l.kept), count)
	}
	if l.kept[0].ID != 2 {
		t.Errorf("the best is %d, want the first with the lowest loss, 2", l.kept[0].ID)
	}
	failed := individual(t, 99, "LassoLarsCV(input)", math.Inf(1))
	l.add(failed)
	for _, f := range l.finalists(6) {
		if f == failed {
			t.Error("a failure is a finalist")
		}
	}
	if f := l.finalists(6); len(f) != 6 || f[len(f)-1].Tree.Root().Spec.Name != "ElasticNet" {
		t.Errorf("finalists: %d, the last is %s", len(f), f[len(f)-1].Tree)
	}
}

// panelOf makes a panel for a regression target of 200 rows, in 10 folds of 20, from the predictors' errors.
func panelOf(t *testing.T, texts []string, predict func(m int, y float64, rng *rand.Rand) float64) (*panel, []float64) {
	const n, k = 200, 10
	rng := rand.New(rand.NewPCG(3, 4))
	y, fold := make([]float64, n), make([]int32, n)
	for i := range y {
		y[i], fold[i] = rng.NormFloat64(), int32(i%k)
	}
	s := dataset.Sample{X: dataset.MustFrame(n, dataset.NewNumeric("x", y)), Y: dataset.NewNumeric("y", y)}
	folds, err := dataset.NewFolds(s, rng, fold)
	if err != nil {
		t.Fatal(err)
	}
	metric, err := metrics.ByName("rmse")
	if err != nil {
		t.Fatal(err)
	}
	p := &panel{metric: metric}
	var results []*pipeline.Result
	for m, text := range texts {
		r := &pipeline.Result{OOF: [][]float32{make([]float32, n)}}
		sums := make([]float64, k)
		for i := range y {
			v := predict(m, y[i], rng)
			r.OOF[0][i] = float32(v)
			sums[fold[i]] += (v - y[i]) * (v - y[i]) / (n / k)
		}
		for _, sum := range sums {
			r.Folds = append(r.Folds, math.Sqrt(sum))
		}
		p.members = append(p.members, individual(t, m, text, 1))
		results = append(results, r)
	}
	p.add(s, folds, results)
	return p, y
}

// TestEnsembleOfEquals: independent errors of equal size are averaged away, so all take part and the score falls.
func TestEnsembleOfEquals(t *testing.T) {
	p, _ := panelOf(t, []string{"Ridge(input)", "Lasso(input)", "ElasticNet(input)", "LassoCV(input)"},
		func(_ int, y float64, rng *rand.Rand) float64 { return y + 0.5*rng.NormFloat64() })
	w := p.weights(context.Background(), operators.NewEnv(1, 1), 25, true)
	sum := 0.0
	for m, v := range w {
		sum += v
		if v < 0.1 {
			t.Errorf("member %d has weight %v", m, v)
		}
	}
	if math.Abs(sum-1) > 1e-12 {
		t.Errorf("the weights sum to %v", sum)
	}
	alone, _ := p.single(p.order()[0])
	if together, _ := meanStd(p.scores(blend{weights: w})); together > 0.65*alone {
		t.Errorf("together %.3f, the best alone %.3f: want half", together, alone)
	}
}

// TestEnsembleLeavesOutTheClearlyWorse: a single good member among bad ones gets nearly all.
func TestEnsembleLeavesOutTheClearlyWorse(t *testing.T) {
	p, _ := panelOf(t, []string{"Ridge(input)", "Lasso(input)", "ElasticNet(input)", "LassoCV(input)", "RidgeCV(input)"},
		func(m int, y float64, rng *rand.Rand) float64 {
			if m == 3 {
				return y + 0.01*rng.NormFloat64()
			}
			return rng.NormFloat64()
		})
	if w := p.weights(context.Background(), operators.NewEnv(1, 1), 25, true); w[3] < 0.95 {
		t.Errorf("the good one has weight %v of %v", w[3], w)
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	if w := p.weights(cancelled, operators.NewEnv(1, 1), 25, true); w[3] != 1 {
		t.Errorf("without time the weights are %v, want all for the best", w)
	}
}

// TestEnsembleOfNoise: members that know nothing of the target, however many, give way to the one that says so; where they
// do, it draws their average no nearer to the mean than is best (0.95 of what it is).
func TestEnsembleOfNoise(t *testing.T) {
	texts := []string{"DummyRegressor(input)", "Ridge(input)", "Lasso(input)", "ElasticNet(input)", "LassoCV(input)", "RidgeCV(input)"}
	p, _ := panelOf(t, texts, func(m int, _ float64, rng *rand.Rand) float64 {
		if m == 0 {
			return 0
		}
		return 0.3 * rng.NormFloat64()
	})
	if w := p.weights(context.Background(), operators.NewEnv(1, 1), 25, true); p.convincing() || w[0] < 0.75 {
		t.Errorf("convincing %t, weights %v: want most for the first", p.convincing(), w)
	}
	p, _ = panelOf(t, texts, func(m int, y float64, rng *rand.Rand) float64 {
		if m == 0 {
			return 0
		}
		return y + 0.5*rng.NormFloat64()
	})
	if w := p.weights(context.Background(), operators.NewEnv(1, 1), 25, true); !p.convincing() || w[0] > 0.1 {
		t.Errorf("convincing %t, weights %v: want hardly any for the first", p.convincing(), w)
	}
}

func TestEnsembleIsTheSameForAnyNumberOfThreads(t *testing.T) {
	p, _ := panelOf(t, []string{"Ridge(input)", "Lasso(input)", "ElasticNet(input)"},
		func(m int, y float64, rng *rand.Rand) float64 { return y + (0.5+float64(m)/10)*rng.NormFloat64() })
	env := func(threads int) *operators.Env {
		e := operators.NewEnv(5, 1)
		e.Threads = threads
		return e
	}
	one, four := p.weights(context.Background(), env(1), 25, true), p.weights(context.Background(), env(4), 25, true)
	for m := range one {
		if one[m] != four[m] {
			t.Fatalf("%v with one thread, %v with four", one, four)
		}
	}
}

// TestWithinLeavesBehindWhoIgnoresItsContext: an answer is there soon after the time is up, whatever the work does.
func TestWithinLeavesBehindWhoIgnoresItsContext(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	start := time.Now()
	v, err := within(ctx, func() (int, error) { <-release; return 1, nil })
	if took := time.Since(start); err == nil || v != 0 || took > patience+time.Second {
		t.Errorf("%d, %v after %v", v, err, took)
	}
	if v, err := within(context.Background(), func() (int, error) { return 2, nil }); v != 2 || err != nil {
		t.Errorf("%d, %v", v, err)
	}
}

// TestTemperatureFindsTheRightOne: probabilities that were made too timid are sharpened back, those that are right stay.
func TestTemperatureFindsTheRightOne(t *testing.T) {
	const n = 4000
	rng := rand.New(rand.NewPCG(8, 9))
	truth := make([]float64, n)
	codes := make([]int32, n)
	for i := range truth {
		truth[i] = 1 / (1 + math.Exp(3*rng.NormFloat64()))
		if rng.Float64() < truth[i] {
			codes[i] = 1
		}
	}
	for _, made := range []float64{1, 1.6} { // what the probabilities were tempered by
		p := make([][]float64, 2)
		for i := range truth {
			a, b := math.Pow(1-truth[i], 1/made), math.Pow(truth[i], 1/made)
			p[0], p[1] = append(p[0], a/(a+b)), append(p[1], b/(a+b))
		}
		pan := &panel{members: []*gp.Individual{individual(t, 0, "GaussianNB(input)", 1)},
			views: []view{{y: dataset.NewCategorical("y", codes, []string{"no", "yes"}), preds: [][][]float64{p}}}}
		if got := pan.temperature(blend{weights: []float64{1}}); math.Abs(got*made-1) > 0.08 {
			t.Errorf("probabilities tempered by %v: temperature %v, want %v", made, got, 1/made)
		}
	}
}

func TestLevers(t *testing.T) {
	for _, name := range Levers() {
		l, err := ParseLevers(name)
		if err != nil || l.String() != name {
			t.Errorf("%s is read as %v, %v", name, l, err)
		}
	}
	if both, err := ParseLevers("racing,pace"); err != nil || both != Racing|Pace {
		t.Errorf("two levers: %v, %v", both, err)
	}
	if _, err := ParseLevers("luck"); err == nil {
		t.Error("an unknown lever is no error")
	}
}
