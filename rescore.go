package automl

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/gp"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/pipeline"
)

// The search optimises the scores on its own folds, so those flatter what it found, the more the smaller the table. The
// finalists are therefore scored again on fresh folds, and only those scores decide and are reported.

const (
	finalists     = 16
	fewest        = 4   // finalists worth a comparison
	repetitions   = 2   // of the fresh cross-validation
	rescoringPart = 0.2 // of a time budget that may be spent on it
)

// judge makes the panel of the finalists from fresh folds, or, in a hurry and where there is no time for more, from those
// of the search.
func (r *run) judge(ctx context.Context, hurry bool) (*panel, error) {
	all := r.library.finalists(finalists)
	var with []*gp.Individual
	if ind := r.baseline(ctx, all); ind != nil {
		with = append(with, ind)
	}
	if n := r.affordable(all); n >= fewest && !hurry {
		rctx, cancel := r.clock.rescoreContext(ctx)
		p, err := r.rescore(rctx, slices.Concat(all[:n], with))
		cancel()
		if err != nil || p != nil {
			return p, err
		}
	}
	return r.asSearched(ctx, slices.Concat(all, with))
}

// asSearched makes the panel from what the search saw. A checkpoint holds no predictions, so who comes from one predicts
// again, to the same bits.
func (r *run) asSearched(ctx context.Context, members []*gp.Individual) (*panel, error) {
	env := operators.NewEnv(r.opt.Seed, 0)
	env.Threads = r.opt.Workers
	results := make([]pipeline.Result, len(members))
	for i, ind := range members {
		results[i] = ind.Result
	}
	err := env.Each(ctx, len(members), func(i int, _ *rand.Rand) (err error) {
		if results[i].OOF == nil {
			results[i], err = within(ctx, func() (pipeline.Result, error) { return r.cv.Evaluate(ctx, members[i].Tree, nil) })
		}
		return err
	})
	done := 0
	for i := range results {
		if results[i].OOF != nil {
			members[done], results[done] = members[i], results[i]
			done++
		}
	}
	p := r.seat(members[:done], []round{{r.cv.Folds, results[:done]}})
	if p == nil {
		return nil, fmt.Errorf("no time is left to fit a model: %w", errors.Join(err, ErrNothingWorked))
	}
	return p, nil
}

// affordable is how many of the finalists can be scored again in the time set aside for it.
func (r *run) affordable(all []*gp.Individual) int {
	switch {
	case !r.opt.has(Rescoring):
		return 0
	case r.cv.Used() < min(r.opt.Folds, r.cv.Folds.Len()): // a large table: the search itself could not afford all folds
		return 0
	case r.opt.Time == 0:
		return len(all)
	}
	left := time.Duration(rescoringPart*float64(r.opt.Time)) * time.Duration(r.slots())
	for i, ind := range all {
		if left -= ind.Result.Took / time.Duration(r.opt.Repeats); left < 0 {
			return i
		}
	}
	return len(all)
}

// rescoring estimates how long that will take.
func (r *run) rescoring() time.Duration {
	var sum time.Duration
	all := r.library.finalists(finalists)
	n := r.affordable(all)
	if n < fewest {
		return 0
	}
	for _, ind := range all[:n] {
		sum += ind.Result.Took / time.Duration(r.opt.Repeats)
	}
	return min(repetitions*sum/time.Duration(r.slots()), time.Duration(rescoringPart*float64(r.opt.Time)))
}

// rescore cross-validates the finalists on fresh folds. A repetition counts when all were scored; those that fail are
// no longer members. It returns nil if there was no time for a single repetition.
func (r *run) rescore(ctx context.Context, members []*gp.Individual) (*panel, error) {
	rng := rand.New(rand.NewPCG(r.opt.Seed, 0xf4e5))
	env := operators.NewEnv(r.opt.Seed, 0xf4e5)
	env.Threads = r.slots()
	var rounds []round
	for range repetitions {
		a, err := dataset.Split(r.train, r.opt.Folds, rng)
		if err != nil {
			return nil, err
		}
		folds, err := dataset.NewFolds(r.train, rng, a)
		if err != nil {
			return nil, err
		}
		cv := *r.cv
		cv.Folds, cv.Cache, cv.Use, cv.Trial = folds, pipeline.NewCache(r.opt.cached()), 0, 0
		results, err := r.evaluateAll(ctx, env, &cv, members)
		if err != nil && ctx.Err() == nil {
			return nil, err
		}
		if err != nil {
			break
		}
		rounds = append(rounds, round{folds, results})
	}
	p := r.seat(members, rounds)
	if p != nil {
		p.fresh = true
	}
	return p, nil
}

// evaluateAll evaluates the members by cv.
func (r *run) evaluateAll(ctx context.Context, env *operators.Env, cv *pipeline.CrossVal, members []*gp.Individual) ([]pipeline.Result, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ev, err := r.evaluator(ctx, cv)
	if err != nil {
		return nil, err
	}
	results := make([]pipeline.Result, len(members))
	err = env.Each(ctx, len(members), func(i int, _ *rand.Rand) (err error) {
		results[i], err = within(ctx, func() (pipeline.Result, error) { return ev.Evaluate(ctx, members[i].Tree, nil) })
		return err
	})
	return results, err
}

// round is one fresh cross-validation of all finalists.
type round struct {
	folds   *dataset.Folds
	results []pipeline.Result
}

// seat makes the panel of the members that were scored in every round; nil if there is none that looks at the columns.
func (r *run) seat(members []*gp.Individual, rounds []round) *panel {
	p := &panel{metric: r.metric}
	seated := make([][]*pipeline.Result, len(rounds))
	for i, ind := range members {
		failed := len(rounds) == 0
		for _, round := range rounds {
			failed = failed || round.results[i].Failed()
		}
		if failed {
			continue
		}
		p.members = append(p.members, ind)
		for k := range rounds {
			seated[k] = append(seated[k], &rounds[k].results[i])
		}
	}
	if none := p.baseline(); len(p.members) == 0 || none >= 0 && len(p.members) == 1 {
		return nil // who looks at no column is no model
	}
	for k, results := range seated {
		p.add(r.train, rounds[k].folds, results)
	}
	return p
}
