package automl

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/explain"
	"github.com/lren-chuv/automl/gp"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/pipeline"
)

// remember computes the model's record in the time that is left. What there is no time for is left out.
func (r *run) remember(ctx context.Context) {
	cancelled := ctx.Err() != nil
	ctx, cancel := r.clock.lastContext(ctx)
	defer cancel()
	members := r.individuals()
	rec := r.newRecord(0)
	rec.Quality = r.quality(ctx)
	if !r.opt.NoExplain && !cancelled {
		rec.Reasons = r.reasons(ctx, members)
	}
	rec.Seconds = time.Since(r.clock.start).Seconds()
	r.model.Record = rec
}

const (
	explainedRows  = 40_000 // predictions spent on explanations when there is no time limit
	maxExplained   = 2_000_000
	shareOfRest    = 0.75 // of the time left that explanations may take
	importanceRows = 1000
	repeats        = 5
	fewRows        = 30 // that an importance is computed from at least
	manyRows       = 100
	topFeatures    = 8
	gridPoints     = 20
	dependenceRows = 200
	effectRows     = 100
	exactRows      = 200
	walks          = 3
)

// reasons explains the model with as many predictions as there is time for.
func (r *run) reasons(ctx context.Context, members []*gp.Individual) Reasons {
	var out Reasons
	features := explain.Features(r.model.Schema, r.train.X)
	out.Features = len(features)
	m, rows, on := r.unseen(ctx, members)
	if m == nil {
		return out
	}
	budget := r.predictions(ctx)
	chosen := r.screen(ctx, features, int(budget/2)/(repeats*manyRows))
	n := min(importanceRows, rows.Rows(), int(budget/2)/(repeats*max(1, len(chosen))))
	if len(chosen) == 0 || n < min(fewRows, rows.Rows()) {
		return out
	}
	env := operators.NewEnv(r.opt.Seed, 0xe8b1)
	env.Threads = r.opt.Workers
	importance, err := explain.Permutation(ctx, env, m, thinned(rows, n), chosen, r.metric, repeats)
	if err != nil {
		return out
	}
	out.On, out.Rows, out.Examined = on, n, len(chosen)
	order := make([]int, len(importance))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(importance[b].Mean, importance[a].Mean) })
	var top []explain.Feature
	for i, k := range order {
		out.Importance = append(out.Importance, importance[k])
		if i < topFeatures {
			top = append(top, chosen[k])
		}
	}
	r.shapes(ctx, env, &out, top, features, budget/4)
	return out
}

// shapes adds partial dependence and contributions of the most important features.
func (r *run) shapes(ctx context.Context, env *operators.Env, out *Reasons, top, features []explain.Feature, budget float64) {
	n := min(dependenceRows, r.train.Rows(), int(budget)/(gridPoints*len(top)))
	if n < min(fewRows, r.train.Rows()) {
		return
	}
	d, err := explain.PartialDependence(ctx, env, r.model, thinned(r.train, n).X, top, gridPoints)
	if err != nil {
		return
	}
	out.Dependence = d
	if r.opt.NoInstances {
		for i := range d {
			r.private(&d[i])
		}
	}
	r.effects(ctx, env, out, features, budget)
}

// effects adds the contributions of features to single predictions, as far as possible exact ones.
func (r *run) effects(ctx context.Context, env *operators.Env, out *Reasons, features []explain.Feature, budget float64) {
	x := thinned(r.train, exactRows).X
	cs, err := r.model.Contributions(ctx, x, features)
	out.Exact = err == nil
	if err != nil {
		n, pairs := min(effectRows, r.train.Rows()), walks
		for ; pairs > 1 && n*pairs*2*(len(features)+1) > int(budget); pairs-- {
		}
		n = min(n, int(budget)/(2*pairs*(len(features)+1)))
		if n < min(fewRows, r.train.Rows()) {
			return
		}
		x = thinned(r.train, n).X
		if cs, err = explain.Contributions(ctx, env, r.model, x, x, features, pairs); err != nil {
			return
		}
	}
	out.Scale = string(cs[0].Scale)
	levels := r.model.Levels
	if levels == nil {
		levels = []string{r.model.Target}
	}
	for k, level := range levels[:min(curveClasses, len(levels))] {
		if len(levels) == 2 && k == 0 {
			continue
		}
		e := explain.Effects(cs, x, features, k, r.least())
		slices.SortStableFunc(e, func(a, b explain.Effect) int { return cmp.Compare(b.Mean, a.Mean) })
		out.Effects = append(out.Effects, ClassEffects{level, e[:min(topFeatures, len(e))]})
	}
}

// private drops what few rows would be known by: the outer points of a grid, and rare levels.
func (r *run) private(d *explain.Dependence) {
	grid := d.Grid
	var values []float64
	if grid != nil {
		values = r.train.X.Col(r.column(d.Feature)).Float
	}
	keep := func(k int) bool {
		below, above := 0, 0
		for _, v := range values {
			if v <= grid[k] {
				below++
			}
			if v >= grid[k] {
				above++
			}
		}
		return min(below, above) >= r.least()
	}
	if d.Levels != nil {
		common := map[string]bool{}
		for _, l := range explain.Describe(r.train.X.Col(r.column(d.Feature)), r.least()).Levels {
			common[l.Level] = true
		}
		levels := d.Levels
		keep = func(k int) bool { return common[levels[k]] }
	}
	d.Grid, d.Levels = kept(d.Grid, keep), kept(d.Levels, keep)
	for c := range d.Mean {
		d.Mean[c] = kept(d.Mean[c], keep)
	}
}

// column is the first column of a feature.
func (r *run) column(feature string) int {
	for _, f := range explain.Features(r.model.Schema, r.train.X) {
		if f.Name == feature {
			return f.Cols[0]
		}
	}
	return 0
}

func kept[T any](list []T, keep func(k int) bool) []T {
	var out []T
	for k, v := range list {
		if keep(k) {
			out = append(out, v)
		}
	}
	return out
}

// unseen returns a model and rows that it has not seen: the model itself and the holdout, or a copy of its members
// fitted without one fold and that fold; failing that, if time is short, the model and its training rows.
func (r *run) unseen(ctx context.Context, members []*gp.Individual) (*Model, dataset.Sample, string) {
	if r.holdout.Y != nil && r.scorable(r.holdout) {
		return r.model, r.holdout, "holdout"
	}
	train, test := r.cv.Folds.Fold(0)
	if r.scorable(test) && r.canFitAgain(ctx, members) {
		c := &Model{Levels: r.model.Levels, Temperature: r.model.Temperature, Odds: r.model.Odds, Stack: r.model.Stack,
			Search: Statistics{Rows: train.Rows()}, Members: make([]Member, len(members))}
		env := operators.NewEnv(r.opt.Seed, 0)
		env.Threads = r.opt.Workers
		err := env.Each(ctx, len(members), func(i int, _ *rand.Rand) error {
			f, err := within(ctx, func() (*pipeline.Fitted, error) { return fitSafely(ctx, members[i].Tree, train, r.opt.Seed) })
			c.Members[i] = Member{r.model.Members[i].Weight, r.model.Members[i].Pipeline, f}
			return err
		})
		if err == nil {
			return c, test, "fold"
		}
	}
	if ctx.Err() != nil {
		return nil, dataset.Sample{}, ""
	}
	return r.model, r.train, "training"
}

// scorable reports whether the metric is defined on the rows; a few rows may lack a class.
func (r *run) scorable(s dataset.Sample) bool {
	_, err := r.metric.Score(s.Y, ignorant(s), s.W)
	return err == nil
}

// canFitAgain reports whether fitting all members on one fold takes a small part of the time left.
func (r *run) canFitAgain(ctx context.Context, members []*gp.Individual) bool {
	var one time.Duration
	for _, ind := range members {
		if ind == nil {
			return false
		}
		one += ind.Result.Took / time.Duration(max(1, len(ind.Result.Folds)))
	}
	deadline, limited := ctx.Deadline()
	return !limited || one < time.Until(deadline)/4
}

// predictions is the number of rows that may be predicted for all explanations together.
func (r *run) predictions(ctx context.Context) float64 {
	deadline, limited := ctx.Deadline()
	if !limited {
		return explainedRows
	}
	perRow := math.Inf(1)
	for n := 10; n <= 1000; n *= 10 { // few rows cost more each
		x := thinned(r.train, min(n, r.train.Rows())).X
		start := time.Now()
		if _, err := r.model.Predict(ctx, x); err != nil {
			return 0
		}
		took := time.Since(start)
		perRow = min(perRow, max(took.Seconds(), 1e-6)/float64(x.Rows()))
		if took > time.Until(deadline)/100 {
			break
		}
	}
	left := shareOfRest * time.Until(deadline).Seconds() * float64(min(r.opt.Workers, 2))
	return max(0, min(left/perRow, maxExplained))
}

// thinned takes n rows evenly.
func thinned(s dataset.Sample, n int) dataset.Sample {
	if s.Rows() <= n {
		return s
	}
	rows := make([]int32, n)
	for i := range rows {
		rows[i] = int32(i * s.Rows() / n)
	}
	return s.Gather(rows)
}

// screen keeps the most features that can be examined: those that the model's predictions go along with most.
func (r *run) screen(ctx context.Context, features []explain.Feature, most int) []explain.Feature {
	if len(features) <= most {
		return features
	}
	x := thinned(r.train, dependenceRows).X
	p, err := r.model.Predict(ctx, x)
	if err != nil {
		return nil
	}
	strength := make([]float64, len(features))
	order := make([]int, len(features))
	for f := range features {
		if ctx.Err() != nil {
			return nil
		}
		order[f] = f
		for _, j := range features[f].Cols {
			for k := range p.Cols() {
				strength[f] = max(strength[f], association(x.Col(j), p.Col(k).Float))
			}
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(strength[b], strength[a]) })
	order = order[:most]
	slices.Sort(order)
	out := make([]explain.Feature, most)
	for i, f := range order {
		out[i] = features[f]
	}
	return out
}

// association is the squared correlation ratio of v given the column: the share of its variance between levels, or
// between eighths of the rows by value, with those that miss as one group more.
func association(c *dataset.Column, v []float64) float64 {
	const groups = 8
	group := make([]int, len(v))
	if c.Kind == dataset.Categorical {
		for i, k := range c.Code {
			group[i] = int(k) + 1
		}
	} else {
		order := make([]int, len(v))
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(c.Float[a], c.Float[b]) })
		for rank, i := range order {
			if !c.Missing(i) {
				group[i] = 1 + rank*groups/len(v)
			}
		}
	}
	k := slices.Max(group) + 1
	sum, count := make([]float64, k), make([]float64, k)
	mean, n := 0.0, float64(len(v))
	for i, x := range v {
		sum[group[i]] += x
		count[group[i]]++
		mean += x / n
	}
	between, total := 0.0, 0.0
	for g := range sum {
		if count[g] > 0 {
			between += count[g] * (sum[g]/count[g] - mean) * (sum[g]/count[g] - mean)
		}
	}
	for _, x := range v {
		total += (x - mean) * (x - mean)
	}
	if total == 0 || math.IsNaN(total) {
		return 0
	}
	return between / total
}
