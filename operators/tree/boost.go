package tree

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/kernel"
	"github.com/lren-chuv/automl/operators"
)

// booster holds the hyper-parameters of gradient boosting on bins: Friedman, Greedy function approximation (2001), with
// the Newton steps of Chen and Guestrin (XGBoost, 2016) and the leaf-wise growth of Ke et al. (LightGBM, 2017).
type booster struct {
	budding
	binning
	name      string
	loss      func(classes int) *loss // classes present, 0 for regression
	positive  bool                    // the target must not be negative
	rounds    int
	rate      float64
	subsample float64
	every     int // rounds between two draws of the subsample, 0: never drawn
	balanced  bool
	positives float64 // factor of the second class's weight; 0 and 1 leave it
	base      *float64
	goss      [2]float64 // shares of rows with large gradients and of the others (Ke et al., 2017, algorithm 2); 0: all
	dart      *dart      // nil: no trees are dropped
	stopping
	from *boosted // what to go on from, nil: nothing
}

// stopping says when to stop before all rounds are done.
type stopping struct {
	patience int // rounds without improvement, 0: never stop early
	above    int // only with more rows than this
	holdout  float64
	tol      float64
}

// Fit grows the trees.
func (b booster) Fit(ctx context.Context, env *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	t, err := newTarget(s)
	if err == nil && b.positive {
		err = t.accepts("poisson")
	}
	if err == nil && s.X.Cols() == 0 {
		err = errors.New("no columns to learn from")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.name, err)
	}
	r := b.begin(t)
	r.crew = newCrew(env)
	if err := b.obeys(s.X, len(r.present)); err != nil {
		return nil, fmt.Errorf("%s: %w", b.name, err)
	}
	f := &boosted{Levels: layoutOf(s.X).Levels, Classes: t.levels, Present: r.present, Trees: Ensemble{Outputs: 1, Columns: s.X.Cols()}}
	if r.loss != nil {
		f.Log = r.loss.log
	}
	if b.from != nil {
		if err := b.resume(f); err != nil {
			return nil, fmt.Errorf("%s: %w", b.name, err)
		}
	}
	if len(r.present) == 1 {
		return f, nil
	}
	if err := binAll(ctx, r.env, s.X, b.binning); err != nil {
		return nil, err
	}
	r.table = tabulate(s.X, b.binning)
	if b.from == nil {
		r.begun(f)
	} else if err := r.catchUp(ctx, f, s.X); err != nil {
		return nil, err
	}
	if err := r.enlist(func() error { return r.run(ctx, env.Rand, f) }); err != nil {
		return nil, err
	}
	if err := f.Check(); err != nil {
		return nil, fmt.Errorf("%s: the target is too large or too small: %w", b.name, err)
	}
	return f, nil
}

// run is one boosting run.
type run struct {
	*booster
	crew
	course
	loss    *loss
	table   *binnedTable
	grown   *sprouter
	dropout *dropout // nil without dart
	present []int32  // classes that occur
	train   []int32  // rows that trees learn from
	held    []int32  // rows that only judge
	sample  []int32  // rows of the current tree
	rest    []int32  // counted rows that are not in it
	routed  []int32  // the same, permuted
	spare   []int32
	history []float64
	ends    []int        // leaves of the current tree
	sums    [][][2]int64 // of their slopes, by thread
	ruler   kernel.Ruler
	extents [mostParts]kernel.Extent
	chances [mostParts][][]float64
	losses  [mostParts]float64
	weights [mostParts]float64
}

func (b booster) begin(t *target) *run {
	r := &run{booster: &b}
	r.rows, r.y = t.rows, t.y
	r.weight = make([]float64, max(len(t.class), len(t.y)))
	var factor []float64
	if b.balanced {
		factor = t.balance(nil)
	}
	t.fill(r.weight, bag{factor: factor})
	classes := 0
	if t.levels != nil {
		r.present, r.class = t.occurring()
		classes = len(r.present)
	}
	if classes == 1 {
		return r
	}
	if b.positives > 0 && classes == 2 {
		for i, k := range r.class {
			if k == 1 {
				r.weight[i] *= b.positives
			}
		}
	}
	r.loss = b.loss(classes)
	if b.dart != nil {
		r.dropout = &dropout{dart: *b.dart, rate: b.rate}
	}
	r.score, r.slope = columns(len(r.weight), r.loss.outputs), make([][]kernel.Slope, r.loss.outputs)
	for k := range r.slope {
		r.slope[k] = make([]kernel.Slope, len(r.weight))
	}
	return r
}

// occurring lists the classes that have rows, and renumbers the class of every row among them.
func (t *target) occurring() (present, class []int32) {
	at := make([]int32, len(t.levels))
	for _, r := range t.rows {
		at[t.class[r]] = 1
	}
	for k := range at {
		if at[k] == 1 {
			at[k] = int32(len(present))
			present = append(present, int32(k))
		}
	}
	class = make([]int32, len(t.class))
	for _, r := range t.rows {
		class[r] = at[t.class[r]]
	}
	return present, class
}

// begun sets the scores of all rows to what they are before the first tree.
func (r *run) begun(f *boosted) {
	f.Start = r.loss.start(&r.course)
	for k := range f.Start {
		if r.base != nil {
			f.Start[k] = *r.base
		}
		for _, i := range r.rows {
			r.score[k][i] = f.Start[k]
		}
	}
}

// run grows the trees that f does not have yet.
func (r *run) run(ctx context.Context, rng *rand.Rand, f *boosted) error {
	for _, v := range f.Start {
		if !finite(v) {
			return fmt.Errorf("%s: no finite start", r.name)
		}
	}
	stops := r.patience > 0 && len(r.rows) > r.above
	r.hold(stops, rng)
	r.grown = newSprouter(r.budding, r.crew, r.table, len(r.rows))
	if _, err := r.judge(ctx, stops); err != nil {
		return err
	}
	var values []float64
	first := f.Trees.trees() / r.loss.outputs
	for round := first; round < r.rounds; round++ {
		if err := r.drop(ctx, rng); err != nil {
			return err
		}
		if err := r.slopes(ctx); err != nil {
			return err
		}
		r.draw(round, rng)
		for k := range r.loss.outputs {
			if err := ctx.Err(); err != nil { // a tree of few rows is grown without looking
				return err
			}
			if err := r.tree(ctx, k, rng, &values); err != nil {
				return err
			}
			r.grown.emit(&f.Trees, values)
			if round == first && k == 0 { // the others will be of similar size
				f.Trees.reserve(min(r.rounds-first, 1<<10) * r.loss.outputs)
			}
		}
		if err := r.restore(ctx); err != nil {
			return err
		}
		done, err := r.judge(ctx, stops)
		if err != nil {
			return err
		}
		if done {
			break
		}
	}
	r.settle(&f.Trees)
	return nil
}

// hold sets rows aside to judge by, stratified by chance only.
func (r *run) hold(stops bool, rng *rand.Rand) {
	r.train = r.rows
	if n := int(r.holdout * float64(len(r.rows))); stops && n > 0 && n < len(r.rows) {
		mixed := append([]int32(nil), r.rows...)
		rng.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		r.held, r.train = mixed[:n], mixed[n:]
		slices.Sort(r.held) // rows in the order of memory
		slices.Sort(r.train)
	}
}

// judge notes the current loss and reports whether it has stopped to fall.
func (r *run) judge(ctx context.Context, stops bool) (bool, error) {
	if !stops {
		return false, nil
	}
	rows := r.held
	if rows == nil {
		rows = r.train
	}
	err := r.stretches(ctx, len(rows), 40*r.loss.outputs, func(i, lo, hi int) {
		sum, total := 0.0, 0.0
		for _, i := range rows[lo:hi] {
			sum += r.weight[i] * r.loss.value(&r.course, i)
			total += r.weight[i]
		}
		r.losses[i], r.weights[i] = sum, total
	})
	sum, total := 0.0, 0.0
	for i := range pieces(len(rows)) {
		sum += r.losses[i]
		total += r.weights[i]
	}
	r.history = append(r.history, sum/total)
	return r.stalled(), err
}

// stalled reports whether none of the last rounds was better than the one before them.
func (r *run) stalled() bool {
	last := len(r.history) - 1
	if last < r.patience {
		return false
	}
	reference := r.history[last-r.patience]
	for _, v := range r.history[last-r.patience+1:] {
		if v < reference-r.tol {
			return false
		}
	}
	return true
}

// draw chooses the rows of the next trees.
func (r *run) draw(round int, rng *rand.Rand) {
	if r.goss[0] > 0 {
		r.oneSided(round, rng)
		return
	}
	first := r.sample == nil
	if first {
		r.sample = r.train
		r.rest = append([]int32(nil), r.held...)
	}
	if r.subsample >= 1 || r.every == 0 || !first && round%r.every != 0 {
		return
	}
	if first {
		r.sample = make([]int32, 0, len(r.train))
	}
	n, want := len(r.train), max(1, int(r.subsample*float64(len(r.train))))
	r.sample = r.sample[:want]
	r.rest = slices.Grow(append(r.rest[:0], r.held...), n-want)[:len(r.held)+n-want]
	choose(r.train, r.sample, r.rest[len(r.held):], rng)
}

// choose divides rows by chance between sample and rest, which have room for them together.
func choose(rows, sample, rest []int32, rng *rand.Rand) {
	in, out, left, want := 0, 0, len(rows), len(sample)
	for _, i := range rows { // each of the rows left is as likely as any other to be among those still wanted
		goes := (rng.IntN(left) - want) >> 63 // -1 or 0: a jump would be one that the processor cannot guess
		if in < len(sample) {
			sample[in] = i
		}
		if out < len(rest) {
			rest[out] = i
		}
		in, out, want = in-goes, out+1+goes, want+goes
		left--
	}
}

// slopes fills the gradients and hessians.
func (r *run) slopes(ctx context.Context) error {
	return r.stretches(ctx, len(r.rows), 16*r.loss.outputs, func(i, lo, hi int) {
		c := r.course
		c.rows, c.chance = c.rows[lo:hi], r.chances[i]
		r.loss.slopes(&c)
		r.chances[i] = c.chance
	})
}

// tree grows the tree of output k, finds the values of its leaves and moves the scores.
func (r *run) tree(ctx context.Context, k int, rng *rand.Rand, values *[]float64) error {
	if err := r.words(ctx, k); err != nil {
		return err
	}
	s := r.grown
	if err := s.grow(ctx, rng); err != nil {
		return err
	}
	*values = slices.Grow((*values)[:0], len(s.buds))[:len(s.buds)]
	out, score := *values, r.score[k]
	if err := r.leafValues(ctx, k, out); err != nil {
		return err
	}
	move := r.noting(out, func(leaf int, rows []int32) {
		v := out[leaf]
		for _, i := range rows {
			score[i] += v
		}
	})
	threads := s.threads()
	err := r.over(ctx, threads, 2*len(r.sample), func(i int) {
		for _, leaf := range r.ends {
			rows := s.rowsOf(leaf)
			move(leaf, rows[i*len(rows)/threads:(i+1)*len(rows)/threads])
		}
	})
	if err != nil || len(r.rest) == 0 {
		return err
	}
	r.routed, r.spare = append(r.routed[:0], r.rest...), slices.Grow(r.spare[:0], len(r.rest))[:len(r.rest)]
	return r.stretches(ctx, len(r.rest), 20, func(_, lo, hi int) { s.route(r.routed[lo:hi], r.spare[lo:hi], move) })
}

// words packs the gradients and hessians of output k for the rows of the sample.
func (r *run) words(ctx context.Context, k int) error {
	slopes, s := r.slope[k], r.grown
	err := r.stretches(ctx, len(r.sample), 2, func(i, lo, hi int) {
		if rows := r.sample[lo:hi]; len(rows) > 0 && consecutive(rows) {
			r.extents[i] = kernel.ExtentOfRun(slopes[rows[0]:][:len(rows)])
		} else {
			r.extents[i] = kernel.ExtentOf(rows, slopes)
		}
	})
	if err != nil {
		return err
	}
	all := r.extents[0]
	for i := range pieces(len(r.sample)) {
		all = all.And(r.extents[i])
	}
	if !finite(all.G) || !finite(all.High) {
		return fmt.Errorf("%s: the loss overflows", r.name)
	}
	r.ruler = kernel.NewRuler(len(r.sample), all)
	s.pack = kernel.NewPacking(len(r.sample), all.G, all.High, all.Low == all.High)
	if s.catRows > 0 && s.t.levels > manyLevels {
		s.flattery = flattery(slopes, r.sample)
	}
	return s.load(ctx, r.sample, slopes)
}
