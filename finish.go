package automl

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/gp"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/pipeline"
)

// finish scores the finalists again, chooses the ensemble, fits its members on all rows and writes the model down.
func (r *run) finish(ctx context.Context) error {
	hurry := ctx.Err() != nil // who presses Ctrl-C wants an answer, not a better one
	ctx, cancel := r.clock.refitContext(ctx)
	defer cancel()
	p, err := r.judge(ctx, hurry)
	if err != nil {
		return err
	}
	r.panel = p
	b, stack := r.ensemble(ctx, p)
	members, err := r.refit(ctx, p, b.weights)
	if err != nil {
		return err
	}
	return r.write(ctx, p, members, b, stack)
}

// ensemble chooses the members' weights: greedily, and where that does better by a second-level model.
func (r *run) ensemble(ctx context.Context, p *panel) (blend, *Stack) {
	b := blend{weights: make([]float64, len(p.members)), temperature: 1}
	if r.opt.Single || r.opt.Ensemble <= 1 {
		b.weights[p.order()[0]] = 1
		return b, nil
	}
	env := operators.NewEnv(r.opt.Seed, 0xe15e)
	env.Threads = r.opt.Workers
	ctx, stop := r.clock.selectContext(ctx)
	defer stop()
	b.weights = p.weights(ctx, env, r.opt.Ensemble, r.opt.has(Plain))
	if !r.opt.has(Stacking) || ctx.Err() != nil {
		return b, nil
	}
	greedy := b
	if r.opt.has(Temperature) {
		greedy.temperature = p.temperature(b)
	}
	if better, stack := p.stacked(ctx, env, greedy); stack != nil {
		return *better, stack
	}
	return b, nil
}

type refitted struct {
	ind    *gp.Individual
	weight float64
	fitted *pipeline.Fitted
}

// refit fits the chosen members on all rows, the heaviest first. Those that do not get done in time are left out; if
// none is done, the fastest good one of the search is fitted whatever it takes.
func (r *run) refit(ctx context.Context, p *panel, weights []float64) ([]refitted, error) {
	var chosen []refitted
	for _, m := range p.order() {
		if weights[m] > 0 {
			chosen = append(chosen, refitted{ind: p.members[m], weight: weights[m]})
		}
	}
	slices.SortStableFunc(chosen, func(a, b refitted) int { return cmp.Compare(b.weight, a.weight) })
	env := operators.NewEnv(r.opt.Seed, 0)
	env.Threads = r.opt.Workers
	errs := make([]error, len(chosen))
	slot := r.clock.left() * time.Duration(r.opt.Workers) / time.Duration(max(r.opt.Workers, len(chosen)))
	err := env.Each(ctx, len(chosen), func(i int, _ *rand.Rand) error {
		tree, rows := chosen[i].ind.Tree, r.rowsFor(chosen[i], slot)
		chosen[i].fitted, errs[i] = within(ctx, func() (*pipeline.Fitted, error) { return fitSafely(ctx, tree, rows, r.opt.Seed) })
		return nil
	})
	done := slices.DeleteFunc(chosen, func(d refitted) bool { return d.fitted == nil })
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
	return []refitted{{quick, 1, f}}, nil
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
func (r *run) write(ctx context.Context, p *panel, members []refitted, b blend, stack *Stack) error {
	m := &Model{Schema: r.opt.Schema, Task: r.train.Task().String(), Target: r.train.Y.Name, Metric: r.opt.Metric}
	if m.Schema == nil {
		m.Schema = dataset.SchemaOf(r.all)
	}
	if r.train.Y.Kind == dataset.Categorical {
		m.Levels = r.train.Y.Levels
	}
	total := 0.0
	for _, d := range members {
		total += d.weight
	}
	for _, d := range members {
		m.Members = append(m.Members, Member{d.weight / total, d.ind.Tree.String(), d.fitted})
	}
	r.judgeModel(p, m, b, stack)
	for _, ind := range r.outcome.Front {
		m.Front = append(m.Front, scored(ind))
	}
	o := r.outcome
	m.Search = Statistics{Program: Version, Seed: r.opt.Seed, Fingerprint: r.all.Fingerprint().String(), Rows: r.all.Rows(), Columns: r.all.X.Cols(),
		Folds: r.cv.Used(), Sample: r.sampled(), Evaluated: len(o.History), Failed: o.Failed, Duplicates: o.Duplicates, Generations: o.Generations}
	for _, ind := range o.History {
		if ind.Result.Pruned {
			m.Search.Pruned++
		}
	}
	r.model = m
	if r.holdout.Y == nil {
		return nil
	}
	predicted, err := m.Predict(context.WithoutCancel(ctx), r.holdout.X) // promised, and quick beside the search
	if err != nil {
		return err
	}
	score, err := r.metric.Score(r.holdout.Y, predicted, r.holdout.W)
	if err == nil {
		m.Score.Holdout = &score
	}
	return nil
}

func scored(ind *gp.Individual) Scored {
	_, std := meanStd(ind.Result.Folds)
	return Scored{ind.Tree.String(), ind.Result.Score, std, ind.Tree.Steps()}
}

// judgeModel notes what to expect of the model, whose members are some of the panel's, and of the best single pipeline,
// and sets temperature and odds. The blend is the one that was chosen, of which some members may be missing.
func (r *run) judgeModel(p *panel, m *Model, b blend, stack *Stack) {
	at := map[string]int{}
	for i, ind := range p.members {
		at[ind.Tree.String()] = i
	}
	b.weights = make([]float64, len(p.members))
	for _, member := range m.Members {
		i, known := at[member.Pipeline]
		if !known { // the quickest of the search, in need
			m.Best, m.Temperature = scored(r.outcome.Best), 1
			m.Score = Score{CV: m.Best.Score, Std: m.Best.Std, Search: m.Best.Score}
			return
		}
		b.weights[i] += member.Weight
	}
	first := p.order()[0]
	m.Best = scored(p.members[first])
	m.Score.Search = m.Best.Score
	m.Best.Score, m.Best.Std = p.single(first)
	m.Stack = stack
	if stack == nil && r.opt.has(Temperature) {
		b.temperature = p.temperature(b)
	}
	if r.opt.has(Odds) {
		b.odds = p.odds(b)
	}
	m.Temperature, m.Odds, r.blend = b.temperature, b.odds, &b
	m.Score.CV, m.Score.Std = meanStd(p.scores(b))
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
