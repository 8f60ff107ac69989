package automl

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/gp"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/pipeline"
)

// finish chooses the ensemble, fits its members on all rows and writes the model down.
func (r *run) finish(ctx context.Context) error {
	ctx, cancel := r.clock.refitContext(ctx)
	defer cancel()
	rounds := r.opt.Ensemble
	if r.opt.Single {
		rounds = 1
	}
	lib := newLibrary(r.outcome, r.train, r.metric)
	counts := lib.choose(ctx, rounds)
	chosen := make([]*gp.Individual, 0, len(counts))
	weight := map[*gp.Individual]float64{}
	for i, n := range counts {
		if n > 0 {
			chosen = append(chosen, lib.members[i])
			weight[lib.members[i]] = float64(n)
		}
	}
	slices.SortStableFunc(chosen, func(a, b *gp.Individual) int {
		switch {
		case weight[a] > weight[b]:
			return -1
		case weight[a] < weight[b]:
			return 1
		}
		return 0
	})
	members, err := r.refit(ctx, chosen, weight)
	if err != nil {
		return err
	}
	return r.write(ctx, members, weight)
}

type refitted struct {
	ind    *gp.Individual
	fitted *pipeline.Fitted
}

// refit fits the chosen individuals on all rows, the heaviest first. Those that do not get done in time are left out; if
// none is done, the fastest good one of the search is fitted whatever it takes.
func (r *run) refit(ctx context.Context, chosen []*gp.Individual, weight map[*gp.Individual]float64) ([]refitted, error) {
	done := make([]refitted, len(chosen))
	env := operators.NewEnv(r.opt.Seed, 0)
	env.Threads = r.opt.Workers
	errs := make([]error, len(chosen))
	err := env.Each(ctx, len(chosen), func(i int, _ *rand.Rand) error {
		f, err := fitSafely(ctx, chosen[i].Tree, r.train, r.opt.Seed)
		if err != nil {
			errs[i] = err
			return nil
		}
		done[i] = refitted{chosen[i], f}
		return nil
	})
	done = slices.DeleteFunc(done, func(d refitted) bool { return d.fitted == nil })
	if len(done) > 0 {
		return done, nil
	}
	if err = errors.Join(append(errs, err)...); !errors.Is(err, context.DeadlineExceeded) {
		return nil, fmt.Errorf("the best pipeline cannot be fitted on all rows: %w", err)
	}
	quick := r.quickest()
	f, err := fitSafely(context.WithoutCancel(ctx), quick.Tree, r.train, r.opt.Seed)
	if err != nil {
		return nil, err
	}
	weight[quick] = 1
	return []refitted{{quick, f}}, nil
}

// quickest is the fastest individual of the search among its better half.
func (r *run) quickest() *gp.Individual {
	ok := slices.DeleteFunc(slices.Clone(r.outcome.History), func(ind *gp.Individual) bool { return math.IsInf(ind.Cost[0], 1) })
	slices.SortStableFunc(ok, func(a, b *gp.Individual) int {
		if a.Cost[0] < b.Cost[0] {
			return -1
		}
		return 1
	})
	best := ok[0]
	for _, ind := range ok[:(len(ok)+1)/2] {
		if ind.Result.Took < best.Result.Took {
			best = ind
		}
	}
	return best
}

func fitSafely(ctx context.Context, t pipeline.Tree, s dataset.Sample, seed uint64) (f *pipeline.Fitted, err error) {
	defer func() {
		if p := recover(); p != nil {
			f, err = nil, fmt.Errorf("panic: %v", p)
		}
	}()
	return pipeline.Fit(ctx, t, s, seed, 1)
}

// write puts the model together.
func (r *run) write(ctx context.Context, members []refitted, weight map[*gp.Individual]float64) error {
	m := &Model{Schema: r.opt.Schema, Task: r.train.Task().String(), Target: r.train.Y.Name, Metric: r.opt.Metric}
	if m.Schema == nil {
		m.Schema = dataset.SchemaOf(r.all)
	}
	if r.train.Y.Kind == dataset.Categorical {
		m.Levels = r.train.Y.Levels
	}
	total := 0.0
	for _, d := range members {
		total += weight[d.ind]
	}
	for _, d := range members {
		m.Members = append(m.Members, Member{weight[d.ind] / total, d.ind.Tree.String(), d.fitted})
	}
	m.Best = scored(r.outcome.Best)
	for _, ind := range r.outcome.Front {
		m.Front = append(m.Front, scored(ind))
	}
	m.Score.CV, m.Score.Std = r.ensembleScore(members, weight)
	o := r.outcome
	m.Search = Statistics{Program: Version, Seed: r.opt.Seed, Fingerprint: r.all.Fingerprint().String(), Rows: r.all.Rows(), Columns: r.all.X.Cols(),
		Folds: r.cv.Used(), Evaluated: len(o.History), Failed: o.Failed, Duplicates: o.Duplicates, Generations: o.Generations}
	for _, ind := range o.History {
		if ind.Result.Pruned {
			m.Search.Pruned++
		}
	}
	r.model = m
	if r.holdout.Y == nil {
		return nil
	}
	p, err := m.Predict(context.WithoutCancel(ctx), r.holdout.X) // promised, and quick beside the search
	if err != nil {
		return err
	}
	score, err := r.metric.Score(r.holdout.Y, p, r.holdout.W)
	if err == nil {
		m.Score.Holdout = &score
	}
	return nil
}

func scored(ind *gp.Individual) Scored {
	_, std := meanStd(ind.Result.Folds)
	return Scored{ind.Tree.String(), ind.Result.Score, std, ind.Tree.Steps()}
}

// ensembleScore scores the members' averaged out-of-fold predictions fold by fold.
func (r *run) ensembleScore(members []refitted, weight map[*gp.Individual]float64) (mean, std float64) {
	if len(members) == 1 {
		res := members[0].ind.Result
		_, std = meanStd(res.Folds)
		return res.Score, std
	}
	total := 0.0
	for _, d := range members {
		total += weight[d.ind]
	}
	var scores []float64
	for k := range r.cv.Used() {
		_, test := r.cv.Folds.Fold(k)
		rows := r.cv.Folds.TestRows(k)
		cols := make([]*dataset.Column, len(members[0].ind.Result.OOF))
		for j := range cols {
			v := make([]float64, len(rows))
			for _, d := range members {
				for i, row := range rows {
					v[i] += weight[d.ind] / total * float64(d.ind.Result.OOF[j][row])
				}
			}
			cols[j] = dataset.NewNumeric("", v)
		}
		if s, err := r.metric.Score(test.Y, dataset.MustFrame(len(rows), cols...), test.W); err == nil {
			scores = append(scores, s)
		}
	}
	return meanStd(scores)
}

// meanStd returns the mean and the sample standard deviation (n-1) of the defined scores.
func meanStd(scores []float64) (mean, std float64) {
	n := 0.0
	for _, s := range scores {
		if !math.IsNaN(s) {
			mean += s
			n++
		}
	}
	mean /= n
	for _, s := range scores {
		if !math.IsNaN(s) {
			std += (s - mean) * (s - mean)
		}
	}
	if n < 2 {
		return mean, 0
	}
	return mean, math.Sqrt(std / (n - 1))
}
