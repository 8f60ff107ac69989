package automl

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/explain"
	"github.com/lren-chuv/automl/gp"
	"github.com/lren-chuv/automl/metrics"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/pipeline"
)

// ErrNothingWorked is returned when not one pipeline could be evaluated.
var ErrNothingWorked = errors.New("no pipeline could be evaluated")

// Train searches for the best pipeline for s and returns it, or an ensemble, fitted on all rows. When ctx is cancelled
// or the time is up, what was found so far is fitted and returned; only if nothing was found is there an error. Who
// cancels wants an answer at once, with the scores of the search's own folds and without explanations; [Options.Enough]
// ends the search alone.
func Train(ctx context.Context, s dataset.Sample, opt Options) (*Model, error) {
	start := time.Now()
	if err := s.Check(); err != nil {
		return nil, err
	}
	opt, err := opt.withDefaults(s)
	if err != nil {
		return nil, err
	}
	r := &run{opt: opt, all: s, full: s}
	if opt.Elsewhere != nil {
		r.elsewhere = opt.Elsewhere.Slots()
	}
	if r.metric, err = metrics.ByName(opt.Metric); err != nil {
		return nil, err
	}
	r.clock = newClock(start, opt.Time, !opt.NoExplain)
	if err := r.split(); err != nil {
		return nil, err
	}
	if err := r.describe(context.WithoutCancel(ctx)); err != nil {
		return nil, err
	}
	if err := r.search(ctx); err != nil {
		return nil, err
	}
	if err := r.finish(ctx); err != nil {
		return nil, err
	}
	r.remember(ctx)
	return r.model, nil
}

// run is one call of Train.
type run struct {
	opt       Options
	all       dataset.Sample // as given
	full      dataset.Sample // without the holdout: what the model is fitted on
	train     dataset.Sample // what is searched on: the same, or some rows of it
	holdout   dataset.Sample
	metric    metrics.Metric
	clock     *clock
	described []explain.Column // the target, then the first columns
	cv        *pipeline.CrossVal
	specs     []*operators.Spec // of the grammar
	elsewhere int               // slots on other machines, as counted at the start
	outcome   *gp.Outcome
	library   *library
	panel     *panel
	blend     *blend          // of the panel's members in the model, nil if the model has others
	times     []time.Duration // when each result was folded in
	model     *Model
}

// split keeps the holdout apart and lays out the folds.
func (r *run) split() error {
	rng := rand.New(rand.NewPCG(r.opt.Seed, 0xf01d))
	if r.opt.Holdout > 0 {
		if err := r.keepApart(rng); err != nil {
			return err
		}
	}
	if err := r.thin(rng); err != nil {
		return err
	}
	var assignments [][]int32
	for range r.opt.Repeats {
		a, err := dataset.Split(r.train, r.opt.Folds, rng)
		if err != nil {
			return err
		}
		assignments = append(assignments, a)
	}
	folds, err := dataset.NewFolds(r.train, rng, assignments...)
	if err != nil {
		return err
	}
	r.cv = &pipeline.CrossVal{
		Folds: folds, Rows: r.train.Rows(), Metric: r.metric, Seed: r.opt.Seed, Limit: r.opt.EvalTime, Threads: 1,
		Cache: pipeline.NewCache(r.opt.cached()), Use: r.foldsToUse(folds.Len()), Trial: r.trial(), Humble: true,
		Memory: r.opt.fitting(),
	}
	return nil
}

// trial is the share of the training rows on which pipelines are tried first where that is much cheaper than a fold
// (successive halving with full test folds: Jamieson and Talwalkar 2016; Gijsbers and Vanschoren 2021).
func (r *run) trial() float64 {
	const (
		few    = 1000 // rows that tell a good pipeline from a bad one
		enough = 6000 // rows from which on it pays
	)
	n := float64(r.train.Rows()) * float64(r.opt.Folds-1) / float64(r.opt.Folds)
	if n < enough || !r.opt.has(Trials) {
		return 0
	}
	return max(few/n, 1./8)
}

func (r *run) search(ctx context.Context) error {
	g, err := r.opt.grammar(r.train)
	if err != nil {
		return err
	}
	r.specs = specsOf(g)
	trees, err := r.opt.start(g, r.train.X.Cols())
	if err != nil {
		return err
	}
	record, err := r.checkpoint(g, trees)
	if err != nil {
		return err
	}
	ctx, cancel := r.clock.searchContext(ctx)
	defer cancel()
	end := newEnding(r.opt.Enough, len(record.known))
	go end.watch(ctx, cancel)
	r.library = newLibrary(r.train.Rows(), max(1, len(r.train.Y.Levels)))
	ev, err := r.evaluator(ctx, r.cv)
	if err != nil {
		return errors.Join(err, record.close())
	}
	r.outcome, err = gp.Search(ctx, ev, gp.Config{
		Grammar: g, Start: trees, Seed: r.opt.Seed, Population: r.opt.Population, Generations: r.opt.Generations,
		Evaluations: r.opt.Evaluations, EarlyStop: r.opt.EarlyStop, Workers: r.searchWorkers(), Ordered: r.opt.ordered(),
		NoRacing: !r.opt.has(Racing), NoPace: !r.opt.has(Pace), Random: !r.opt.has(Evolution), NoNiches: !r.opt.has(Niches),
		NoCredit: !r.opt.has(Credit), NoRestart: !r.opt.has(Restarts),
		Objectives: []gp.Objective{r.loss(), gp.Complexity()}, Replay: record.known, Cache: r.cv.Cache,
		Observe: func(e gp.Event) {
			if err := record.add(e); err != nil && record.failed == nil {
				record.failed = err
				cancel() // nothing may be lost silently
			}
			r.times = append(r.times, time.Since(r.clock.start))
			r.library.add(e.Individual)
			end.add(e)
			r.clock.reserve(r.rescoring(), r.refitting())
			if r.opt.Observe != nil {
				r.opt.Observe(e)
			}
		},
	})
	if err = errors.Join(err, record.failed, record.close()); err != nil {
		return err
	}
	if r.outcome.Best == nil {
		return r.nothing(ctx)
	}
	if end.early.Load() {
		r.clock.shorten(r.rescoring(), r.refitting())
	}
	return nil
}

// nothing explains a search without a single success by the first failure.
func (r *run) nothing(ctx context.Context) error {
	for _, ind := range r.outcome.History {
		if ind.Result.Failed() {
			return fmt.Errorf("%w; the first failure: %s: %s", ErrNothingWorked, ind.Tree, ind.Result.Err)
		}
	}
	if err := context.Cause(ctx); err != nil {
		return fmt.Errorf("%w in the time given: %w", ErrNothingWorked, err)
	}
	return ErrNothingWorked
}

func (r *run) loss() gp.Objective {
	return gp.Objective{Name: r.metric.Name, Of: func(_ pipeline.Tree, res pipeline.Result) float64 {
		return r.metric.Loss(res.Score)
	}}
}
