package gp

import (
	"context"
	"errors"
	"math"
	"math/rand"

	"github.com/MaxHalford/eaopt"

	"github.com/lren-chuv/automl/pipeline"
)

// Config says how to search. The zero value of a limit means no limit; at least one limit, or a context that ends, is
// needed.
type Config struct {
	Grammar     *pipeline.Grammar
	Objectives  []Objective     // the first is the loss
	Start       []pipeline.Tree // evaluated first
	Seed        uint64
	Population  int // default 100
	Generations int
	Evaluations int
	EarlyStop   int // generations without a better loss
	Workers     int // default 1
	Ordered     bool
	NoRacing    bool            // evaluate every tree on all folds
	NoPace      bool            // propose slow trees as readily as fast ones
	NoCredit    bool            // choose variations by their weights alone
	NoNiches    bool            // draw all parents from the whole population
	NoRestart   bool            // go on with a population that has converged
	Random      bool            // draw every tree at random, for comparison
	Variations  []Variation     // default Variations()
	Replay      []Recorded      // what an earlier run of the same search folded in, in that order; it is not evaluated again
	Observe     func(Event)     // called by the owning loop after each folded result
	Cache       *pipeline.Cache // of the evaluator: observers are told its counts; may be nil
}

// Event is what an observer sees after a result was folded in. Nothing in it changes later.
type Event struct {
	Individual *Individual   // with its out-of-fold predictions, which the history goes without
	Best       *Individual   // lowest loss so far, nil before the first success
	Front      []*Individual // the Pareto front so far, in no order
	Evaluated  int
	Failed     int
	Failures   []Failure // why they failed, most frequent first
	Pruned     int       // given up early
	Duplicates int       // proposals that had been made before and were not evaluated again
	Generation int
	Prefixes   pipeline.CacheStats // of the cache of fitted prefixes, if Config names it
	Memory     uint64              // bytes of living and not yet collected values in this process
}

// Failure is a reason for which pipelines failed; reasons that differ in their numbers alone are one.
type Failure struct {
	Reason string // of the first such pipeline
	Count  int
}

// Recorded is a result of an earlier run. A search with the same configuration (when not ordered: the same number of
// workers, too) that is given them goes through the same states and continues where they end.
type Recorded struct {
	ID     int // number of the tree in order of making
	Hash   pipeline.Hash
	Result pipeline.Result
}

// ErrOtherSearch is returned when a recorded result belongs to another tree than the one this search has made.
var ErrOtherSearch = errors.New("gp: the recorded results are those of another search")

// Outcome is what a search found.
type Outcome struct {
	History     []*Individual // all, in the order in which they were folded in
	Front       []*Individual // the Pareto front, lowest loss first
	Best        *Individual   // lowest loss, nil if nothing succeeded
	Failed      int
	Duplicates  int
	Generations int
}

// errDone ends eaopt's loop when a limit is reached; it never leaves the package.
var errDone = errors.New("gp: done")

// Search runs until a limit is reached or ctx is done, which is no error: what was found so far is returned. The error
// is the evaluator's.
func Search(ctx context.Context, ev Evaluator, cfg Config) (*Outcome, error) {
	if cfg.Population == 0 {
		cfg.Population = 100
	}
	if cfg.Variations == nil {
		cfg.Variations = Variations()
	}
	cfg.Workers = max(1, cfg.Workers)
	ctx, cancel := context.WithCancel(ctx)
	loop := newLoop(ctx, ev, cfg)
	defer func() {
		cancel()
		loop.stop()
	}()
	ga, err := eaopt.GAConfig{
		NPops:        1,
		PopSize:      uint(cfg.Population),
		NGenerations: math.MaxUint32,
		HofSize:      1,
		Model:        generation{loop},
		EarlyStop:    func(*eaopt.GA) bool { return loop.finished() },
		RNG:          rand.New(rand.NewSource(int64(cfg.Seed))),
	}.NewGA()
	if err != nil {
		return nil, err
	}
	err = ga.Minimize(func(*rand.Rand) eaopt.Genome { return &genome{} })
	if err != nil && !errors.Is(err, errDone) {
		return nil, err
	}
	return loop.outcome(), nil
}

// genome hands an immutable individual through eaopt. Its fitness is the rank that the model gave it; eaopt's own
// variation is never used.
type genome struct{ ind *Individual }

func (g *genome) Evaluate() (float64, error)         { return math.Inf(1), nil }
func (g *genome) Mutate(*rand.Rand)                  {}
func (g *genome) Crossover(eaopt.Genome, *rand.Rand) {}
func (g *genome) Clone() eaopt.Genome                { c := *g; return &c }

// generation is the eaopt.Model that makes one generation: it folds in a population's worth of results, keeps the best
// of old and new, and ranks them. Evaluations in flight cross its end, so no worker ever waits for a straggler.
type generation struct{ loop *loop }

func (g generation) Validate() error { return nil }

func (g generation) Apply(pop *eaopt.Population) error {
	fresh, err := g.loop.fold(len(pop.Individuals))
	all := fresh
	for _, ind := range pop.Individuals {
		if old := ind.Genome.(*genome).ind; old != nil {
			all = append(all, old)
		}
	}
	if g.loop.restart() {
		all = nil
	}
	kept := survivors(all, len(pop.Individuals))
	g.loop.close(kept)
	for i := range pop.Individuals {
		pop.Individuals[i].Genome, pop.Individuals[i].Fitness = &genome{}, math.Inf(1)
		if i < len(kept) {
			pop.Individuals[i].Genome, pop.Individuals[i].Fitness = &genome{kept[i].Individual}, float64(i)
		}
		pop.Individuals[i].Evaluated = true
	}
	return err
}
