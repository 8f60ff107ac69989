package pipeline

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/metrics"
	"github.com/lren-chuv/automl/operators"
)

func parse(t *testing.T, text string) Tree {
	t.Helper()
	tree, err := Parse(text, fakes)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func crossVal(t *testing.T, s dataset.Sample, k int) *CrossVal {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 1))
	folds, err := dataset.NewFolds(s, rng, dataset.KFold(s.Rows(), k, rng))
	if err != nil {
		t.Fatal(err)
	}
	m, err := metrics.ByName("r2")
	if err != nil {
		t.Fatal(err)
	}
	return &CrossVal{Folds: folds, Rows: s.Rows(), Metric: m, Seed: 1, Threads: 1, Cache: NewCache(1 << 24)}
}

func evaluate(t *testing.T, cv *CrossVal, text string) Result {
	t.Helper()
	r, err := cv.Evaluate(context.Background(), parse(t, text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestStackingDoesNotLeak: one nearest neighbour knows its training rows by heart, so a stack of in-sample predictions
// would explain pure noise. Out of fold it must not.
func TestStackingDoesNotLeak(t *testing.T) {
	s := noisy(150, 1)
	for _, text := range []string{"Nearest(stack(Nearest(input)))", "Nearest(Nearest(Shift(input)))"} {
		r := evaluate(t, crossVal(t, s, 5), text)
		if r.Failed() || r.Score > 0.1 {
			t.Errorf("%s explains %.2f of noise %s", text, r.Score, r.Err)
		}
	}
	f := fitting{seed: 1, train: s, test: s.X, cache: NewCache(1 << 24)}
	o, err := f.run(context.Background(), parse(t, "Nearest(stack(Nearest(input)))").Subtree(2), false)
	if err != nil {
		t.Fatal(err)
	}
	if o.train.Cols() != 4 || o.test.Cols() != 4 {
		t.Fatalf("stack gives %d and %d columns, want 4", o.train.Cols(), o.test.Cols())
	}
	same := 0
	for i, v := range o.train.Col(0).Float {
		if math.Abs(v-s.Y.Float[i]) < 1e-6 {
			same++
		}
	}
	if same > 0 {
		t.Errorf("%d of %d training rows were predicted from themselves", same, s.Rows())
	}
}

func TestFitAndCrossValAgree(t *testing.T) {
	s := noisy(60, 2)
	cv := crossVal(t, s, 4) // four folds have no windows
	tree := parse(t, "Nearest(union(Shift(input, by=0.5), stack(Nearest(input, noise=0.5))))")
	r := evaluate(t, cv, tree.String())
	again := evaluate(t, crossVal(t, s, 4), tree.String())
	if r.Score != again.Score || !slices.Equal(r.OOF[0], again.OOF[0]) {
		t.Error("two evaluations differ")
	}
	train, test := cv.Folds.Fold(0)
	f, err := Fit(context.Background(), tree, train, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Predict(context.Background(), f, test.X, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range cv.Folds.TestRows(0) {
		if float32(p.Col(0).Float[i]) != r.OOF[0][row] { // fold 0 has the same part number as a fit on its own
			t.Fatalf("row %d: fitted %v, cross-validated %v", row, p.Col(0).Float[i], r.OOF[0][row])
		}
	}
}

func TestStoredPipelinePredictsTheSame(t *testing.T) {
	s := noisy(40, 3)
	f, err := Fit(context.Background(), parse(t, "Nearest(union(Shift(input), stack(Nearest(input))))"), s, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := f.Encode()
	if err != nil {
		t.Fatal(err)
	}
	g, err := Decode(stored, append(slices.Clone(fakes), vectorizerSpecs...))
	if err != nil {
		t.Fatal(err)
	}
	a, _ := Predict(context.Background(), f, s.X, 1)
	b, err := Predict(context.Background(), g, s.X, 1)
	if err != nil || !slices.Equal(a.Col(0).Float, b.Col(0).Float) {
		t.Errorf("predictions differ: %v", err)
	}
	for i := range stored {
		for _, damage := range []func(e *Encoded){
			func(e *Encoded) { e.Op = 77 },
			func(e *Encoded) { e.Arity += 3 },
			func(e *Encoded) { e.Arity = -1 },
			func(e *Encoded) { e.Spec = "Nothing"; e.Op = uint8(Step); e.Arity = 1 },
			func(e *Encoded) { e.Op = uint8(Stack); e.Arity = 1 },
		} {
			bad := slices.Clone(stored)
			damage(&bad[i])
			if d, err := Decode(bad, append(slices.Clone(fakes), vectorizerSpecs...)); err == nil {
				_, _ = Predict(context.Background(), d, s.X, 1) // may fail, must not panic
			}
		}
	}
	if _, err := Decode(nil, fakes); err == nil {
		t.Error("an empty pipeline was decoded")
	}
}

func TestPrefixesAreFittedOnce(t *testing.T) {
	cv := crossVal(t, noisy(60, 4), 3)
	evaluate(t, cv, "Nearest(Shift(input, by=0.25))")
	before := fits.Load()
	evaluate(t, cv, "Nearest(Shift(input, by=0.25), noise=0.5)")
	if n := fits.Load() - before; n != 3 {
		t.Errorf("%d fits, want 3: the shift was known", n)
	}
	if s := cv.Cache.Stats(); s.Hits == 0 || s.Bytes == 0 {
		t.Errorf("cache %+v", s)
	}
}

func TestCacheKeepsItsBudget(t *testing.T) {
	cv := crossVal(t, noisy(200, 5), 2)
	cv.Cache = NewCache(40_000)
	rng := rand.New(rand.NewPCG(1, 1))
	var wg sync.WaitGroup
	for range 4 {
		texts := make([]string, 20)
		for i := range texts {
			texts[i] = grammar().Draw(rng, 4).String()
		}
		wg.Add(1)
		go func() {
			defer wg.Done()
			for _, text := range texts {
				tree, _ := Parse(text, fakes)
				if _, err := cv.Evaluate(context.Background(), tree, nil); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	wg.Wait()
	if s := cv.Cache.Stats(); s.Bytes > 40_000 {
		t.Errorf("the cache holds %d bytes, 40000 are allowed", s.Bytes)
	}
}

func TestTroubleIsDataNotAnError(t *testing.T) {
	cv := crossVal(t, noisy(40, 6), 2)
	cv.Limit = 30 * time.Millisecond
	for kind, want := range map[string]string{"panic": "kaboom", "hang": "longer than", "fail": "no luck", "nan": "NaN"} {
		start := time.Now()
		r := evaluate(t, cv, "Trouble(input, kind="+kind+")")
		if !strings.Contains(r.Err, want) || strings.Contains(r.Err, "\n") || !math.IsNaN(r.Score) {
			t.Errorf("%s: %+v", kind, r)
		}
		if time.Since(start) > 2*time.Second {
			t.Errorf("%s took %v", kind, time.Since(start))
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := cv.Evaluate(ctx, parse(t, "Nearest(input)"), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled evaluation returned %v", err)
	}
}

// TestWaitersComputeWhenTheFirstGivesUp: an evaluation that runs out of time must not fail those who wait for its prefix.
func TestWaitersComputeWhenTheFirstGivesUp(t *testing.T) {
	c := NewCache(1 << 20)
	started, release := make(chan struct{}), make(chan struct{})
	go func() {
		_, _ = c.get(context.Background(), prefixKey{part: 1}, func() (output, error) {
			close(started)
			<-release
			return output{}, context.DeadlineExceeded
		})
	}()
	<-started
	done := make(chan error)
	go func() {
		_, err := c.get(context.Background(), prefixKey{part: 1}, func() (output, error) { return output{}, nil })
		done <- err
	}()
	close(release)
	if err := <-done; err != nil {
		t.Errorf("the waiter got %v", err)
	}
}

// TestRacing: a tree that is clearly worse than the limit is given up after two folds, one that is better never.
func TestRacing(t *testing.T) {
	cv := crossVal(t, noisy(60, 8), 5)
	all := evaluate(t, cv, "Nearest(input)")
	for limit, folds := range map[float64]int{cv.Metric.Loss(all.Score) - 10: 2, cv.Metric.Loss(slices.Min(all.Folds)) + 1: 5} {
		bar := []float64{math.Inf(1), limit, limit, limit, limit}
		r, err := cv.Evaluate(context.Background(), parse(t, "Nearest(input)"), bar)
		if err != nil || len(r.Folds) != folds || r.Pruned != (folds < 5) || r.Pruned && r.OOF != nil {
			t.Errorf("limit %v: %d folds, pruned %v, %v", limit, len(r.Folds), r.Pruned, err)
		}
	}
}

// TestTrial: a trial on few rows comes first, is predicted on the whole test part, and can be the end of a tree.
func TestTrial(t *testing.T) {
	cv := crossVal(t, noisy(200, 8), 5)
	whole := evaluate(t, cv, "Nearest(input)")
	cv.Trial = 0.25
	r := evaluate(t, cv, "Nearest(input)")
	if len(r.Trials) != 1 || !slices.Equal(r.Folds, whole.Folds) || r.Score != whole.Score {
		t.Errorf("trials %v, folds %v, want those without a trial: %v", r.Trials, r.Folds, whole.Folds)
	}
	train, test := cv.Folds.Fold(0)
	few, err := Fit(context.Background(), parse(t, "Nearest(input)"), train.Slice(0, train.Rows()/4), cv.Seed, 1)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Predict(context.Background(), few, test.X, 1)
	if err != nil {
		t.Fatal(err)
	}
	if want, err := cv.Metric.Score(test.Y, p, nil); err != nil || math.Abs(r.Trials[0]-want) > 1e-6 {
		t.Errorf("the trial scores %v, a fit on a quarter of the rows %v (%v)", r.Trials[0], want, err)
	}
	loss := cv.Metric.Loss(r.Trials[0])
	for bar, pruned := range map[float64]bool{loss - 1e-9: true, loss: false} {
		got, err := cv.Evaluate(context.Background(), parse(t, "Nearest(input)"), []float64{bar, math.Inf(1), math.Inf(1), math.Inf(1), math.Inf(1), math.Inf(1)})
		if err != nil || got.Pruned != pruned || pruned && len(got.Folds) > 0 {
			t.Errorf("bar %v, loss %v: pruned %v after %d folds, %v", bar, loss, got.Pruned, len(got.Folds), err)
		}
	}
}

// TestMemoryIsRefused: a fit that would need too much is not begun.
func TestMemoryIsRefused(t *testing.T) {
	s := noisy(60, 1)
	greedy := *shift
	greedy.Name = "Greedy"
	greedy.Memory = func(shape operators.Shape, _ []float64) int64 { return int64(shape.Rows) << 20 }
	tree := Apply(&greedy, greedy.Defaults(), Leaf())
	f := fitting{seed: 1, train: s, test: s.X, cache: NewCache(1 << 24), memory: 59 << 20}
	if _, err := f.run(context.Background(), tree, false); err == nil || !strings.Contains(err.Error(), "Greedy on 60 rows of 3 columns needs about 60 MB") {
		t.Errorf("a fit beyond the limit: %v", err)
	}
	f.memory = 60 << 20
	if _, err := f.run(context.Background(), tree, false); err != nil {
		t.Errorf("a fit within the limit: %v", err)
	}
}
