package tree

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// boosting is gradient boosting on histograms (Friedman 2001; Chen and Guestrin 2016; Ke et al. 2017): every operator of
// that kind is this one under other names and defaults.
type boosting struct {
	name      string
	loss      loss
	rounds    int
	rate      float64
	bins      int
	subsample float64
	balanced  bool
	zeroStart bool    // scores start from base instead of the best constant
	base      float64 //
	hessian   float64 // factor of the second derivative of the softmax: XGBoost takes 2
	stopping  stopping
	boostGrowth
}

// stopping ends boosting when a part of the rows that is kept apart is predicted no better any more.
type stopping struct {
	on       bool
	fraction float64
	patience int
	tol      float64
}

// boosted is a fitted booster.
type boosted struct {
	Name     string
	Levels   []string
	Features int
	Loss     string
	Start    []float64
	Trees    []*flat // outputs in turn
}

func (o boosting) Fit(ctx context.Context, env *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	w := rowWeights(s, o.balanced)
	if err := usable(o.name, s, w); err != nil {
		return nil, err
	}
	if o.loss.name == "poisson" || o.loss.name == "gamma" {
		for _, v := range s.Y.Float {
			if v < 0 || v == 0 && o.loss.name == "gamma" {
				return nil, fmt.Errorf("%s: the %s loss takes no target of %g", o.name, o.loss.name, v)
			}
		}
	}
	most := o.bins
	if most == 0 { // bins of fewer than eight rows on average buy little and make histograms of small tables slow
		most = min(255, max(32, s.Rows()/8))
	}
	if err := prepare(ctx, s.X, most); err != nil {
		return nil, err
	}
	r := o.begin(env, s, w)
	r.grower = &boostGrower{table: tabulate(s.X, most), boostGrowth: o.boostGrowth, g: r.g, h: r.h}
	f := &boosted{Name: o.name, Levels: s.Y.Levels, Features: s.X.Cols(), Loss: o.loss.name, Start: r.start}
	best, bestAt := math.Inf(1), 0
	for round := range o.rounds {
		for k := range r.score {
			t, err := r.round(ctx, k)
			if err != nil {
				return nil, err
			}
			f.Trees = append(f.Trees, t)
		}
		if !o.stopping.on {
			continue
		}
		if v := o.loss.value(s.Y, r.score, r.judge); v < best-o.stopping.tol {
			best, bestAt = v, round
		} else if round-bestAt >= o.stopping.patience {
			break
		}
	}
	if o.stopping.on {
		f.Trees = f.Trees[:(bestAt+1)*len(r.score)]
	}
	return f, nil
}

// booster is the state of one fit.
type booster struct {
	boosting
	s      dataset.Sample
	w      []float64
	raw    [][]float64 // columns, to route rows that a tree was not grown from
	train  []int32
	judge  []int32 // kept apart for early stopping
	start  []float64
	score  [][]float64
	g, h   []float64
	grower *boostGrower
	rng    *rand.Rand
	picked []int32
	in     []bool
	frozen [][]float64 // scores at the start of a round: all classes of a softmax step from the same point
}

func (o boosting) begin(env *operators.Env, s dataset.Sample, w []float64) *booster {
	n := s.Rows()
	r := &booster{boosting: o, s: s, w: w, raw: floats(s.X), rng: env.Rand, g: make([]float64, n), h: make([]float64, n), in: make([]bool, n)}
	for i, v := range w {
		if v > 0 {
			r.train = append(r.train, int32(i))
		}
	}
	if o.stopping.on && len(r.train) >= 10 {
		r.keepApart()
	} else {
		r.stopping.on = false
	}
	if len(r.judge) == 0 {
		r.judge = r.train
	}
	r.start = o.loss.start(s.Y, w)
	if o.zeroStart {
		for k := range r.start {
			r.start[k] = o.base
		}
	}
	r.score = grid(len(r.start), n)
	for k := range r.score {
		for i := range r.score[k] {
			r.score[k][i] = r.start[k]
		}
	}
	return r
}

func (r *booster) keepApart() {
	order := slices.Clone(r.train)
	r.rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	k := max(1, int(r.stopping.fraction*float64(len(order))))
	r.judge, r.train = order[:k], order[k:]
	slices.Sort(r.judge)
	slices.Sort(r.train)
}

// round grows the next tree of output k and adds it to the scores.
func (r *booster) round(ctx context.Context, k int) (*flat, error) {
	score := r.score
	if len(r.score) > 1 {
		if k == 0 {
			if r.frozen == nil {
				r.frozen = grid(len(r.score), len(r.g))
			}
			for c := range r.score {
				copy(r.frozen[c], r.score[c])
			}
		}
		score = r.frozen
	}
	r.loss.gradients(r.s.Y, r.w, score, k, r.g, r.h)
	if len(score) > 1 && r.hessian != 0 {
		for i := range r.h {
			r.h[i] *= r.hessian
		}
	}
	rows := r.draw()
	t, err := r.grower.grow(ctx, rows, r.columns())
	if err != nil {
		return nil, err
	}
	r.adjust(t)
	for i := range t.Value {
		t.Value[i] *= r.rate
	}
	r.add(t, k)
	return t, nil
}

// draw copies the training rows, or a random share of them.
func (r *booster) draw() []int32 {
	r.picked = r.picked[:0]
	for _, i := range r.train {
		if r.subsample >= 1 || r.rng.Float64() < r.subsample {
			r.picked = append(r.picked, i)
		}
	}
	if len(r.picked) == 0 {
		r.picked = append(r.picked, r.train...)
	}
	return r.picked
}

func (r *booster) columns() []int32 {
	p := len(r.raw)
	k := p
	if r.boostGrowth.columns < 1 {
		k = max(1, int(r.boostGrowth.columns*float64(p)))
	}
	all := make([]int32, p)
	for j := range all {
		all[j] = int32(j)
	}
	if k == p {
		return all
	}
	for j := range k {
		o := j + r.rng.IntN(p-j)
		all[j], all[o] = all[o], all[j]
	}
	slices.Sort(all[:k])
	return all[:k]
}

// adjust replaces the Newton step of losses without curvature by the quantile of the residuals in the leaf.
func (r *booster) adjust(t *flat) {
	q := 0.5
	switch r.loss.name {
	case "absolute_error":
	case "quantile":
		q = r.loss.alpha
	default:
		return
	}
	for _, l := range r.grower.leaves {
		rows := r.grower.rows[l.lo:l.hi]
		res, w := make([]float64, len(rows)), make([]float64, len(rows))
		for i, row := range rows {
			res[i], w[i] = r.s.Y.Float[row]-r.score[0][row], r.w[row]
		}
		t.Value[l.id] = quantile(res, w, q)
	}
}

// add adds the tree to the scores: rows that it was grown from are in its leaves, the others are routed.
func (r *booster) add(t *flat, k int) {
	s := r.score[k]
	for _, l := range r.grower.leaves {
		v := t.Value[l.id]
		for _, i := range r.grower.rows[l.lo:l.hi] {
			s[i] += v
			r.in[i] = true
		}
	}
	for i := range s {
		if !r.in[i] {
			s[i] += t.Value[t.find(r.raw, i)]
		}
		r.in[i] = false
	}
}

// Check refuses a booster that could not predict.
func (f *boosted) Check() error {
	if len(f.Start) == 0 || len(f.Trees)%len(f.Start) != 0 {
		return fmt.Errorf("%s: %d trees for %d outputs", f.Name, len(f.Trees), len(f.Start))
	}
	if want := max(1, len(f.Levels)); len(f.Levels) > 2 && len(f.Start) != want || len(f.Levels) <= 2 && len(f.Start) != 1 {
		return fmt.Errorf("%s: %d outputs for %d classes", f.Name, len(f.Start), len(f.Levels))
	}
	for _, v := range f.Start {
		if v-v != 0 {
			return fmt.Errorf("%s: starts from %v", f.Name, v)
		}
	}
	for _, t := range f.Trees {
		if t == nil {
			return fmt.Errorf("%s: a tree is missing", f.Name)
		}
		if err := t.check(f.Features, 1); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	return nil
}

// Apply sums the trees; a block of rows stays in the cache while all trees walk it.
func (f *boosted) Apply(ctx context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	if x.Cols() != f.Features {
		return nil, fmt.Errorf("%s: %d columns, learned from %d", f.Name, x.Cols(), f.Features)
	}
	const block = 512
	cols := floats(x)
	score := grid(len(f.Start), x.Rows())
	for lo := 0; lo < x.Rows(); lo += block {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		hi := min(lo+block, x.Rows())
		for k := range score {
			for i := lo; i < hi; i++ {
				score[k][i] = f.Start[k]
			}
		}
		for n, t := range f.Trees {
			s := score[n%len(score)]
			for i := lo; i < hi; i++ {
				s[i] += t.Value[t.find(cols, i)]
			}
		}
	}
	return output(f.Levels, loss{name: f.Loss}.predict(len(f.Levels), score)), nil
}

// FeatureImportances is each column's share of the gain of all splits.
func (f *boosted) FeatureImportances() []float64 {
	sum := make([]float64, f.Features)
	total := 0.0
	for _, t := range f.Trees {
		for i, feature := range t.Feature {
			if feature >= 0 {
				sum[feature] += t.Gain[i]
				total += t.Gain[i]
			}
		}
	}
	for j := range sum {
		if total > 0 {
			sum[j] /= total
		}
	}
	return sum
}
