package gp

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/lren-chuv/automl/pipeline"
)

func story(o *Outcome) string {
	var b strings.Builder
	for _, ind := range o.History {
		fmt.Fprintln(&b, ind.ID, ind.Parents, ind.Origin, ind.Tree, ind.Cost)
	}
	return b.String()
}

func TestOrderedSearchIsTheSameForAnyNumberOfWorkers(t *testing.T) {
	run := func(workers int) string {
		cfg := toyConfig(7)
		cfg.Evaluations, cfg.Workers = 150, workers
		return story(mustSearch(t, context.Background(), &toyEvaluator{delay: uneven}, cfg))
	}
	want := run(1)
	for _, workers := range []int{1, 2, 8, 33} {
		if run(workers) != want {
			t.Errorf("%d workers tell another story", workers)
		}
	}
}

func TestSearchFindsTheOptimum(t *testing.T) {
	cfg := toyConfig(3)
	cfg.Evaluations = 1500
	o := mustSearch(t, context.Background(), &toyEvaluator{}, cfg)
	if o.Best == nil || o.Best.Cost[0] > 0.05 {
		t.Fatalf("best is %v", o.Best)
	}
	random := math.Inf(1)
	rng := rand.New(rand.NewPCG(1, 1))
	for range 1500 {
		random = min(random, toyLoss(cfg.Grammar.Draw(rng, 1+rng.IntN(4))))
	}
	if o.Best.Cost[0] >= random {
		t.Errorf("search reached %.4f, random drawing %.4f", o.Best.Cost[0], random)
	}
}

func TestNothingIsEvaluatedTwice(t *testing.T) {
	cfg := toyConfig(5)
	cfg.Evaluations = 600
	ev := &toyEvaluator{}
	o := mustSearch(t, context.Background(), ev, cfg)
	for h, n := range ev.seen {
		if n > 1 {
			t.Errorf("tree %x was evaluated %d times", h, n)
		}
	}
	if len(o.History) != 600 || int(ev.calls.Load()) != 600 {
		t.Errorf("%d folded, %d evaluated, want 600", len(o.History), ev.calls.Load())
	}
}

func TestLimits(t *testing.T) {
	for name, set := range map[string]func(*Config){
		"evaluations": func(c *Config) { c.Evaluations = 37 },
		"generations": func(c *Config) { c.Generations = 3 },
		"early stop":  func(c *Config) { c.EarlyStop = 2 },
	} {
		for _, ordered := range []bool{true, false} {
			cfg := toyConfig(1)
			cfg.Ordered, cfg.Workers = ordered, 3
			set(&cfg)
			o := mustSearch(t, context.Background(), &toyEvaluator{}, cfg)
			switch {
			case cfg.Evaluations > 0 && len(o.History) != 37:
				t.Errorf("%s ordered=%v: %d evaluations", name, ordered, len(o.History))
			case cfg.Generations > 0 && (o.Generations != 3 || len(o.History) != 60):
				t.Errorf("%s ordered=%v: %d generations, %d evaluations", name, ordered, o.Generations, len(o.History))
			case cfg.EarlyStop > 0 && o.Generations > 500:
				t.Errorf("%s ordered=%v: %d generations", name, ordered, o.Generations)
			}
		}
	}
}

func TestDeadlineKeepsWhatWasFound(t *testing.T) {
	before := runtime.NumGoroutine()
	cfg := toyConfig(2)
	cfg.Ordered, cfg.Workers = false, 4
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Millisecond)
	defer cancel()
	start := time.Now()
	o := mustSearch(t, ctx, &toyEvaluator{delay: func(tree pipeline.Tree) time.Duration {
		if tree.Hash()[0] > 250 {
			return time.Hour // a straggler must hold up neither the generations nor the end
		}
		return time.Millisecond
	}}, cfg)
	if late := time.Since(start); late > 500*time.Millisecond {
		t.Errorf("the search ended after %v", late)
	}
	if o.Best == nil || len(o.History) < 20 {
		t.Errorf("only %d results were kept", len(o.History))
	}
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Errorf("%d goroutines before, %d after", before, runtime.NumGoroutine())
}

type brokenEvaluator struct{}

var errBroken = errors.New("the evaluator broke")

func (brokenEvaluator) Evaluate(context.Context, pipeline.Tree, []float64) (pipeline.Result, error) {
	return pipeline.Result{}, errBroken
}

func TestEvaluatorErrorEndsTheSearch(t *testing.T) {
	cfg := toyConfig(1)
	cfg.Evaluations, cfg.Workers = 50, 3
	if _, err := Search(context.Background(), brokenEvaluator{}, cfg); !errors.Is(err, errBroken) {
		t.Errorf("error is %v", err)
	}
}

func TestVariationsKeepTheGrammar(t *testing.T) {
	templated, err := toyGrammar().WithTemplate("Scaler-Transformer-B")
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(4, 4))
	for _, g := range []*pipeline.Grammar{toyGrammar(), templated} {
		for _, v := range Variations() {
			changed := 0
			for range 500 {
				a, b := g.Draw(rng, 5), g.Draw(rng, 5)
				before := a.String()
				c := v.Make(rng, g, a, b)
				if err := c.Check(); err != nil {
					t.Fatalf("%s of %s: %v", v.Name, a, err)
				}
				if a.String() != before {
					t.Fatalf("%s changed its parent", v.Name)
				}
				if g.Template != nil && g.Check(c) != nil {
					t.Fatalf("%s left the template: %s", v.Name, c)
				}
				if c.Hash() != a.Hash() {
					changed++
				}
			}
			if changed == 0 && (g.Template == nil || v.Name == "point" || v.Name == "replace") {
				t.Errorf("%s never changes anything", v.Name)
			}
		}
	}
}

// TestCrossoverConserves: whatever a child consists of, it has from one of its parents.
func TestCrossoverConserves(t *testing.T) {
	g, rng := toyGrammar(), rand.New(rand.NewPCG(8, 8))
	have := func(tree pipeline.Tree, into map[string]bool) {
		for i := range tree.Len() {
			if n := tree.Node(i); n.Op == pipeline.Step {
				into[n.Spec.Name+fmt.Sprint(n.Values)] = true
			}
		}
	}
	for range 500 {
		a, b := g.Draw(rng, 5), g.Draw(rng, 5)
		parents, child := map[string]bool{}, map[string]bool{}
		have(a, parents)
		have(b, parents)
		have(crossover(rng, g, a, b), child)
		for k := range child {
			if !parents[k] {
				t.Fatalf("%s comes from neither %s nor %s", k, a, b)
			}
		}
	}
}

func TestStartTreesComeFirst(t *testing.T) {
	cfg := toyConfig(1)
	cfg.Evaluations = 30
	start := pipeline.Apply(toyB, []float64{0.7, 100, 2}, pipeline.Leaf())
	cfg.Start = []pipeline.Tree{start}
	o := mustSearch(t, context.Background(), &toyEvaluator{}, cfg)
	if o.History[0].Tree.Hash() != start.Hash() || o.History[0].Origin != "start" {
		t.Errorf("the first tree is %s", o.History[0].Tree)
	}
}

// TestRestart: a population that cannot get better is replaced, and nothing that was found is lost.
func TestRestart(t *testing.T) {
	flat := toyConfig(4)
	flat.Objectives = flat.Objectives[:1]
	flat.Objectives[0].Of = func(pipeline.Tree, pipeline.Result) float64 { return 1 }
	flat.Evaluations = 20 * (stagnation + 8)
	for _, without := range []bool{true, false} {
		flat.NoRestart = without
		o := mustSearch(t, context.Background(), &toyEvaluator{}, flat)
		random := 0
		for _, ind := range o.History[20*stagnation+1:] {
			if ind.Origin == "random" {
				random++
			}
		}
		if restarted := random >= 15; restarted == without {
			t.Errorf("without restarts %v: %d random trees at the end", without, random)
		}
		if o.Best == nil || o.Best.ID > 20 {
			t.Errorf("the best is %v", o.Best)
		}
	}
}

// TestNiches: a predictor that never leads keeps having children.
func TestNiches(t *testing.T) {
	children := func(without bool) int {
		cfg := toyConfig(6)
		cfg.Evaluations, cfg.NoNiches = 1500, without
		o := mustSearch(t, context.Background(), &toyEvaluator{}, cfg)
		n := 0
		for _, ind := range o.History[1000:] {
			if p := ind.Parents[0]; p >= 0 && o.History[p].Tree.Root().Spec == toyA {
				n++
			}
		}
		return n
	}
	if with, without := children(false), children(true); with < 50 || with <= without {
		t.Errorf("of the last 500 trees, %d come from the predictor that never leads, %d without niches", with, without)
	}
}
