package tree

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// gradientParams are the parameters of classical gradient boosting, before those of its trees.
func gradientParams(own ...operators.Param) []operators.Param {
	own = append(own, []operators.Param{
		{Name: "n_estimators", Scale: operators.LogInt, Lo: 10, Hi: 500, Default: 100, Fixed: true},
		{Name: "learning_rate", Scale: operators.Log, Lo: 0.001, Hi: 1, Default: 0.1},
		{Name: "subsample", Scale: operators.Linear, Lo: 0.05, Hi: 1, Default: 1},
		{Name: "criterion", Scale: operators.Choice, Choices: []string{"friedman_mse", "squared_error", "mse"}, Fixed: true},
		{Name: "n_iter_no_change", Scale: operators.Int, Lo: 1, Hi: 20, Default: operators.Word(0), Choices: []string{"None"}, Fixed: true},
		{Name: "validation_fraction", Scale: operators.Linear, Lo: 0.01, Hi: 0.4, Default: 0.1, Fixed: true},
		{Name: "tol", Scale: operators.Linear, Hi: 1, Default: 1e-4, Fixed: true},
	}...)
	trees := varied(growthParams(operators.Word(0), true))
	trees[0].Default, trees[0].Hi = 3, 10
	return append(own, trees...) // newGradient reads them from the end
}

var gradientClassParams = gradientParams(
	operators.Param{Name: "loss", Scale: operators.Choice, Choices: []string{"log_loss", "deviance", "exponential"}, Fixed: true},
)

// GradientBoostingClassifier boosts exact regression trees on the gradient of the log-loss, or of the exponential loss
// for two classes, and sets their leaves by one Newton step (Friedman, 2001).
var GradientBoostingClassifier = &operators.Spec{
	Name: "GradientBoostingClassifier", Doc: "gradient boosting of exact trees", Role: operators.Classifier,
	Traits: operators.Weights | operators.Random, Params: gradientClassParams, Ignored: append([]string{"init"}, treeIgnored...),
	New: func(v []float64) (operators.Operator, error) {
		s := settings{gradientClassParams, v}
		g, err := newGradient(s)
		g.loss = s.choice("loss")
		return g, err
	},
	Decode: operators.Decode[boosted],
}

var gradientValueParams = gradientParams(
	operators.Param{Name: "loss", Scale: operators.Choice, Choices: []string{"squared_error", "absolute_error", "huber", "quantile", "ls", "lad"}, Fixed: false},
	operators.Param{Name: "alpha", Scale: operators.Linear, Lo: 0.75, Hi: 0.99, Default: 0.9, When: &operators.Condition{Param: "loss", Is: []string{"huber", "quantile"}}},
)

// GradientBoostingRegressor boosts exact regression trees on the gradient of the loss; their leaves get the mean of the
// residuals, their median (absolute_error), their quantile alpha (quantile) or Huber's estimate of their centre with the
// bend at the quantile alpha of their sizes (huber). Friedman (2001).
var GradientBoostingRegressor = &operators.Spec{
	Name: "GradientBoostingRegressor", Doc: "gradient boosting of exact trees", Role: operators.Regressor,
	Traits: operators.Weights | operators.Random, Params: gradientValueParams, Ignored: append([]string{"init"}, treeIgnored...),
	New: func(v []float64) (operators.Operator, error) {
		s := settings{gradientValueParams, v}
		g, err := newGradient(s)
		g.loss, g.alpha = s.choice("loss"), s.get("alpha")
		if err == nil && !(g.alpha > 0 && g.alpha < 1) {
			err = fmt.Errorf("gradient boosting: alpha %g: want a number between 0 and 1", g.alpha)
		}
		return g, err
	},
	Decode: operators.Decode[boosted],
}

// gradient holds the hyper-parameters of classical gradient boosting.
type gradient struct {
	pruned
	stopping
	loss      string
	alpha     float64
	rounds    int
	rate      float64
	subsample float64
}

func newGradient(s settings) (gradient, error) {
	p, err := newGrowth(s.values[len(s.values)-8:])
	g := gradient{pruned: p, rounds: s.limit("n_estimators"), rate: s.get("learning_rate"), subsample: s.get("subsample")}
	g.stopping = stopping{patience: s.limit("n_iter_no_change"), holdout: s.get("validation_fraction"), tol: s.get("tol")}
	if err == nil && (g.rounds < 1 || g.rounds > maxTrees || !(g.rate > 0) || !s.within(1e-9, 1, "subsample") || !s.within(1e-9, 0.999, "validation_fraction")) {
		err = errors.New("want n_estimators ≥ 1, learning_rate > 0, subsample in (0, 1], validation_fraction in (0, 1)")
	}
	if err != nil {
		return g, fmt.Errorf("gradient boosting: %w", err)
	}
	return g, nil
}

// ascent is one run of classical boosting.
type ascent struct {
	gradient
	course
	t        *target
	step     descent
	grown    *grower
	moments  *moments
	residual []float64
	inTree   []float64 // weight of each row in the current tree
	train    []int32
	held     []int32
	sample   []int32 // rows of the next trees, permuted by them
	drawn    []int32 // the same in their order
	rest     []int32
	history  []float64
}

// descent is a loss as classical boosting sees it.
type descent interface {
	// residuals stores the negative gradient of output k at the rows.
	residuals(c *course, rows []int32, k int, out []float64)
	// leaf is the best value of output k for the rows of a leaf.
	leaf(c *course, k int, rows []int32, residual []float64) float64
}

// Fit grows the trees.
func (g gradient) Fit(ctx context.Context, env *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	t, err := newTarget(s)
	if err != nil {
		return nil, fmt.Errorf("gradient boosting: %w", err)
	}
	f := &boosted{Levels: layoutOf(s.X).Levels, Classes: t.levels, Trees: Ensemble{Outputs: 1, Columns: s.X.Cols()}}
	a := &ascent{gradient: g, t: t}
	a.rows, a.y = t.rows, t.y
	a.weight = make([]float64, s.Rows())
	t.fill(a.weight, bag{})
	if t.levels != nil {
		f.Present, a.class = t.occurring()
		if len(f.Present) == 1 {
			return f, nil
		}
	}
	loss, err := a.choose(len(f.Present))
	if err != nil {
		return nil, fmt.Errorf("gradient boosting: %w", err)
	}
	cols, err := tableOf(ctx, s.X, maxRanks, false)
	if err != nil {
		return nil, err
	}
	a.residual, a.inTree = make([]float64, s.Rows()), make([]float64, s.Rows())
	a.moments = newMoments(a.residual, cols.most(s.Rows()), false)
	a.grown = newGrower(g.of(s.X.Cols(), "sqrt"), cols, a.moments, 1, len(t.rows))
	a.grown.friedman = true
	if err := a.run(ctx, env.Rand, loss, f); err != nil {
		return nil, err
	}
	if g.loss == "exponential" {
		f.double()
	}
	if err := f.Check(); err != nil {
		return nil, fmt.Errorf("gradient boosting: the target is too large or too small: %w", err)
	}
	return f, nil
}

// double turns half log-odds into log-odds.
func (b *boosted) double() {
	for i := range b.Start {
		b.Start[i] *= 2
	}
	for i := range b.Trees.Nodes {
		if x := &b.Trees.Nodes[i]; x.Left == 0 {
			x.Threshold *= 2
		}
	}
}

func (a *ascent) run(ctx context.Context, rng *rand.Rand, l *loss, f *boosted) error {
	f.Start = l.start(&a.course)
	a.score = columns(len(a.weight), l.outputs)
	for k, v := range f.Start {
		for _, i := range a.rows {
			a.score[k][i] = v
		}
	}
	a.train = a.rows
	if n := int(a.holdout * float64(len(a.rows))); a.patience > 0 && n > 0 {
		mixed := append([]int32(nil), a.rows...)
		rng.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		a.held, a.train = mixed[:n], mixed[n:]
	}
	before := make([][]float64, l.outputs)
	for range a.rounds {
		a.draw(rng)
		for k := range before { // all outputs of a round look at the scores of the last
			before[k] = append(before[k][:0], a.score[k]...)
		}
		for k := range l.outputs {
			if err := a.tree(ctx, k, before, rng); err != nil {
				return err
			}
			a.grown.emit(&f.Trees)
			if len(f.Trees.Roots) == 1 && len(a.held) == 0 { // else it may end soon
				f.Trees.reserve(min(a.rounds, 1<<10) * l.outputs)
			}
		}
		if a.patience > 0 && len(a.held) > 0 && a.stopped(l) {
			return nil
		}
	}
	return nil
}

// stopped notes the loss on the rows held out and reports whether it stays above all of the last patience rounds.
func (a *ascent) stopped(l *loss) bool {
	sum, total := 0.0, 0.0
	for _, i := range a.held {
		sum += a.weight[i] * l.value(&a.course, i)
		total += a.weight[i]
	}
	a.history = append(a.history, sum/total)
	last := len(a.history) - 1
	if last < a.patience {
		return false
	}
	for _, v := range a.history[last-a.patience : last] {
		if a.history[last]+a.tol < v {
			return false
		}
	}
	return true
}

// draw chooses the rows of the next trees.
func (a *ascent) draw(rng *rand.Rand) {
	a.sample, a.rest = a.sample[:0], append(a.rest[:0], a.held...)
	left, want := len(a.train), len(a.train)
	if a.subsample < 1 {
		want = max(1, int(a.subsample*float64(left)))
	}
	for _, i := range a.train { // each of the rows left is as likely as any other to be among those still wanted
		if want == left || drawBelow(rng, left) < want {
			a.sample = append(a.sample, i)
			a.inTree[i] = a.weight[i]
			want--
		} else {
			a.rest = append(a.rest, i)
			a.inTree[i] = 0
		}
		left--
	}
	a.drawn = append(a.drawn[:0], a.sample...)
}

// tree grows the tree of output k on the residuals and moves the scores.
func (a *ascent) tree(ctx context.Context, k int, before [][]float64, rng *rand.Rand) error {
	now := a.score
	a.score = before
	a.step.residuals(&a.course, a.drawn, k, a.residual)
	a.moments.prepareRows(a.inTree, a.drawn)
	b := a.grown
	if err := b.grow(ctx, a.sample, rng); err != nil {
		return err
	}
	if a.ccpAlpha > 0 {
		b.prune(a.ccpAlpha)
	}
	b.eachLeaf(func(leaf int, rows []int32) {
		b.values[leaf] = a.rate * a.step.leaf(&a.course, k, rows, a.residual)
	})
	a.score = now
	move := func(leaf int, rows []int32) {
		for _, r := range rows {
			now[k][r] += b.values[leaf]
		}
	}
	b.eachLeaf(move)
	if len(a.rest) > 0 {
		b.route(a.rest, move)
	}
	return nil
}

// choose finds the loss: how it starts and judges, and how it descends.
func (a *ascent) choose(classes int) (*loss, error) {
	var l *loss
	switch a.loss {
	case "log_loss", "deviance":
		a.step = &logDescent{classes: classes}
		return classLoss(1)(classes), nil
	case "exponential":
		if classes != 2 {
			return nil, errors.New("the exponential loss wants two classes")
		}
		a.step = exponentialDescent{}
		l = logistic()
		start := l.start
		l.start = func(c *course) []float64 { return []float64{start(c)[0] / 2} }
		l.value = func(c *course, r int32) float64 {
			return math.Exp(-float64(2*c.class[r]-1) * c.score[0][r])
		}
	case "absolute_error", "lad":
		a.step = quantileDescent{0.5}
		l = pinball(0.5)
	case "quantile":
		a.step = quantileDescent{a.alpha}
		l = pinball(a.alpha)
		l.start = func(c *course) []float64 { return []float64{a.quantile(a.alpha)} }
	case "huber":
		a.step = &huberDescent{alpha: a.alpha}
		l = pinball(0.5)
	default:
		a.step = squareDescent{}
		l = squared()
	}
	return l, nil
}

// quantile is the quantile q of the target; without weights it is interpolated as numpy's percentile is.
func (a *ascent) quantile(q float64) float64 {
	if a.t.weight != nil {
		return lowQuantile(a.rows, q, func(r int32) float64 { return a.y[r] }, a.weight)
	}
	return interpolated(a.rows, q, a.y)
}
