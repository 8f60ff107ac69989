package gp

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/lren-chuv/automl/pipeline"
)

// Window is how many trees ahead of the last folded result are made in ordered mode. It is the largest number of workers
// that ordered mode can keep busy, and must not depend on how many there are.
const Window = 64

// loop owns the search: only its goroutine makes trees and folds results; workers evaluate.
type loop struct {
	cfg      Config
	ctx      context.Context
	tasks    chan *task
	results  chan *task
	workers  sync.WaitGroup
	inFlight int
	waiting  []*task          // ordered mode: made, not yet folded, in order of making
	replay   []Recorded       // recorded results not yet folded in
	recorded map[int]Recorded // those whose tree was not yet made
	ready    map[int]*task    // trees that were made and have a recorded result
	known    map[pipeline.Hash]bool

	population []ranked // survivors of the last closed generation
	history    []*Individual
	front      []*Individual
	made       int
	failed     int
	failures   []Failure // as observers have it: replaced, never changed
	pruned     int
	duplicates int
	generation int
	best       *Individual
	progress   int // generation of the last improvement
	restarted  int // generation that began with random trees again
	race       race
	pace       pace
	credit     credit
	niches     niches
}

type task struct {
	ind    *Individual // without a result yet
	parent *Individual // nil if it has none
	bar    []float64
	result pipeline.Result
	err    error
	done   bool
}

func newLoop(ctx context.Context, ev Evaluator, cfg Config) *loop {
	l := &loop{cfg: cfg, ctx: ctx, known: map[pipeline.Hash]bool{}, race: race{loss: cfg.Objectives[0]}}
	l.replay, l.recorded, l.ready = cfg.Replay, make(map[int]Recorded, len(cfg.Replay)), map[int]*task{}
	for _, r := range cfg.Replay {
		l.recorded[r.ID] = r
	}
	l.tasks = make(chan *task, Window)
	l.results = make(chan *task, 2*Window+cfg.Workers)
	for range cfg.Workers {
		l.workers.Add(1)
		go func() {
			defer l.workers.Done()
			for t := range l.tasks {
				t.result, t.err = ev.Evaluate(ctx, t.ind.Tree, t.bar)
				l.results <- t
			}
		}()
	}
	return l
}

// patience is how long stop waits for evaluations that do not look at their context. The deadline is a promise, so an
// operator that breaks the rule is left behind; its result is dropped.
const patience = 100 * time.Millisecond

// stop ends the workers; the context is already done or nothing is in flight that matters.
func (l *loop) stop() {
	close(l.tasks)
	done := make(chan struct{})
	go func() {
		l.workers.Wait()
		close(done)
	}()
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		select {
		case <-l.results: // nobody will fold it
		case <-done:
			return
		case <-late.C:
			return // results has room for all that is in flight, so nobody stays blocked
		}
	}
}

// ahead is how many evaluations are kept under way: in ordered mode a constant, otherwise one per worker and one waiting.
func (l *loop) ahead() int {
	if l.cfg.Ordered {
		return Window
	}
	return l.cfg.Workers + 1
}

// finished reports whether a limit is reached.
func (l *loop) finished() bool {
	c := &l.cfg
	return l.ctx.Err() != nil ||
		c.Evaluations > 0 && len(l.history) >= c.Evaluations ||
		c.Generations > 0 && l.generation >= c.Generations ||
		c.EarlyStop > 0 && l.generation-l.progress >= c.EarlyStop
}

// mayMake reports whether another tree may be made.
func (l *loop) mayMake() bool { return l.cfg.Evaluations == 0 || l.made < l.cfg.Evaluations }

// fold folds in the next n results, making a new tree after each, and returns their individuals.
func (l *loop) fold(n int) ([]*Individual, error) {
	fresh := make([]*Individual, 0, n)
	for len(fresh) < n {
		for l.inFlight < l.ahead() && l.mayMake() {
			l.make()
		}
		if l.inFlight == 0 {
			return fresh, errDone
		}
		t, err := l.next()
		if err != nil {
			return fresh, err
		}
		fresh = append(fresh, l.take(t))
	}
	return fresh, nil
}

// next waits for the result to be folded in: the oldest in ordered mode, any otherwise, recorded ones in their order.
func (l *loop) next() (*task, error) {
	if !l.cfg.Ordered && len(l.replay) > 0 {
		t := l.ready[l.replay[0].ID]
		if t == nil {
			return nil, ErrOtherSearch
		}
		delete(l.ready, t.ind.ID)
		l.replay = l.replay[1:]
		return l.finish(t)
	}
	for {
		if l.cfg.Ordered && l.waiting[0].done {
			t := l.waiting[0]
			l.waiting = l.waiting[1:]
			return l.finish(t)
		}
		select {
		case t := <-l.results:
			t.done = true
			if !l.cfg.Ordered {
				return l.finish(t)
			}
		case <-l.ctx.Done():
			return nil, errDone
		}
	}
}

func (l *loop) finish(t *task) (*task, error) {
	l.inFlight--
	if t.err != nil {
		if l.ctx.Err() != nil {
			return nil, errDone
		}
		return nil, t.err
	}
	return t, nil
}

// take makes the individual that was evaluated part of the history. Observers see its out-of-fold predictions; the
// history goes without, or it would soon be what fills the memory.
func (l *loop) take(t *task) *Individual {
	full := *t.ind
	full.Result = t.result
	full.Cost = cost(l.cfg.Objectives, full.Tree, full.Result)
	kept := full
	kept.Result.OOF = nil
	ind := &kept
	l.history = append(l.history, ind)
	l.pace.add(ind)
	if t.parent != nil {
		l.credit.add(ind.Origin, l.spent(ind), ind.Cost[0] < t.parent.Cost[0])
	}
	switch {
	case ind.Result.Failed():
		l.failed++
		l.failures = counted(l.failures, ind.Result.Err)
	case ind.Result.Pruned:
		l.pruned++
	}
	if !math.IsInf(ind.Cost[0], 1) {
		l.archive(ind)
		l.race.add(ind)
		l.niches.add(ind)
		if l.best == nil || ind.Cost[0] < l.best.Cost[0] {
			l.best, l.progress = ind, l.generation
		}
	}
	if l.cfg.Observe != nil {
		l.cfg.Observe(l.event(&full))
	}
	return ind
}

// stagnation is the number of generations without progress after which a population has nothing left to give.
const stagnation = 12

// restart reports whether to start anew from random trees, and notes it. What was found stays: the history, the front
// and the best are the search's, not the population's.
func (l *loop) restart() bool {
	if l.cfg.NoRestart || l.generation+1-max(l.progress, l.restarted) < stagnation {
		return false
	}
	l.restarted = l.generation + 1
	return true
}

// event tells what is known after ind was folded in.
func (l *loop) event(ind *Individual) Event {
	e := Event{Individual: ind, Best: l.best, Front: slices.Clone(l.front), Evaluated: len(l.history), Failed: l.failed, Failures: l.failures,
		Pruned: l.pruned, Duplicates: l.duplicates, Generation: l.generation, Memory: heap()}
	if l.cfg.Cache != nil {
		e.Prefixes = l.cfg.Cache.Stats()
	}
	return e
}

// close ends a generation.
func (l *loop) close(kept []ranked) {
	l.population = kept
	l.generation++
}

// make asks the variation for a tree and hands it to the workers.
func (l *loop) make() {
	ind, parent := l.propose(l.made)
	l.made++
	l.known[ind.Tree.Hash()] = true
	t := &task{ind: ind, parent: parent, bar: l.bar(ind)}
	l.inFlight++
	if l.cfg.Ordered {
		l.waiting = append(l.waiting, t)
	}
	r, known := l.recorded[ind.ID]
	if !known {
		l.tasks <- t
		return
	}
	delete(l.recorded, ind.ID)
	t.result, t.done = r.Result, true
	if r.Hash != ind.Tree.Hash() {
		t.err = ErrOtherSearch
	}
	l.ready[ind.ID] = t
}

// bar is what the race demands of the next tree; given starts always run to the end, so that every kind of predictor
// leaves its out-of-fold predictions. It depends on what was folded in before the tree was made, as the tree itself does.
func (l *loop) bar(ind *Individual) []float64 {
	if l.cfg.NoRacing || ind.Origin == "start" {
		return nil
	}
	return l.race.bar
}

// propose makes tree number id: a given start, a random tree while there is no population, or a child, which comes with
// the parent it was made from. Randomness depends on the seed and the number alone.
func (l *loop) propose(id int) (ind, parent *Individual) {
	ind = &Individual{ID: id, Parents: [2]int{-1, -1}}
	if id < len(l.cfg.Start) {
		ind.Origin, ind.Tree = "start", l.cfg.Start[id]
		return ind, nil
	}
	rng := rand.New(rand.NewPCG(l.cfg.Seed, uint64(id)))
	g := l.cfg.Grammar
	for try := range 60 {
		ind.Parents, parent = [2]int{-1, -1}, nil
		if len(l.population) == 0 || l.cfg.Random || try >= 40 || rng.Float64() < 0.05 {
			ind.Origin, ind.Tree = "random", g.Draw(rng, 1+rng.IntN(4))
		} else {
			parent = l.vary(rng, ind)
		}
		switch {
		case g.Check(ind.Tree) != nil || l.known[ind.Tree.Hash()]:
			l.duplicates++
		case l.cfg.Ordered || l.cfg.NoPace || l.pace.welcome(rng, ind, parent):
			return ind, parent
		}
	}
	ind.Origin, ind.Tree, ind.Parents = "random", g.Draw(rng, g.MaxSteps), [2]int{-1, -1}
	return ind, nil
}

// vary makes ind a child and returns its first parent.
func (l *loop) vary(rng *rand.Rand, ind *Individual) *Individual {
	a, b := l.parent(rng), l.parent(rng)
	v := l.choose(rng)
	ind.Parents, ind.Origin = [2]int{a.ID, -1}, v.Name
	if v.Name == "crossover" {
		ind.Parents[1] = b.ID
	}
	ind.Tree = v.Make(rng, l.cfg.Grammar, a.Tree, b.Tree)
	return a
}

// parent is the winner of a binary tournament; the population is sorted, so the smaller position wins.
func (l *loop) parent(rng *rand.Rand) *Individual {
	if !l.cfg.NoNiches && rng.Float64() < nicheShare {
		return l.niches.draw(rng)
	}
	n := len(l.population)
	return l.population[min(rng.IntN(n), rng.IntN(n))].Individual
}

// choose draws a variation by its weight and its credit.
func (l *loop) choose(rng *rand.Rand) *Variation {
	vs := l.cfg.Variations
	weights, total := make([]float64, len(vs)), 0.0
	for i := range vs {
		weights[i] = vs[i].Weight
		if !l.cfg.NoCredit {
			weights[i] *= l.credit.factor(vs[i].Name)
		}
		total += weights[i]
	}
	u := rng.Float64() * total
	for i, w := range weights {
		if u -= w; u < 0 {
			return &vs[i]
		}
	}
	return &vs[len(vs)-1]
}

// spent is what a tree has cost: time, unless the search must not depend on speed.
func (l *loop) spent(ind *Individual) float64 {
	if l.cfg.Ordered {
		return 1
	}
	return ind.Result.Took.Seconds()
}

func (l *loop) outcome() *Outcome {
	slices.SortFunc(l.front, compareCost)
	return &Outcome{l.history, l.front, l.best, l.failed, l.duplicates, l.generation}
}

// archive keeps the Pareto front of everything folded in so far; of equal costs the older individual stays.
func (l *loop) archive(ind *Individual) {
	for _, f := range l.front {
		if dominates(f.Cost, ind.Cost) || slices.Equal(f.Cost, ind.Cost) {
			return
		}
	}
	l.front = append(slices.DeleteFunc(l.front, func(f *Individual) bool { return dominates(ind.Cost, f.Cost) }), ind)
}

func compareCost(a, b *Individual) int {
	return slices.Compare(append(slices.Clone(a.Cost), float64(a.ID)), append(slices.Clone(b.Cost), float64(b.ID)))
}
