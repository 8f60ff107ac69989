package tree

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/operators"
)

// baseTree are the parameters of the trees inside AdaBoost, with the given default depth.
func baseTree(class string, depth float64) []operators.Param {
	return []operators.Param{
		{Name: "estimator", Scale: operators.Choice, Choices: []string{"None", class}, Fixed: true},
		{Name: "estimator__max_depth", Scale: operators.Int, Lo: 1, Hi: 10, Default: depth, Fixed: true},
		{Name: "estimator__min_samples_split", Scale: operators.Int, Lo: 2, Hi: 20, Default: 2, Fixed: true},
		{Name: "estimator__min_samples_leaf", Scale: operators.Int, Lo: 1, Hi: 20, Default: 1, Fixed: true},
	}
}

var adaIgnored = []string{"random_state", "base_estimator", "n_jobs"}

var adaClassParams = append([]operators.Param{
	{Name: "n_estimators", Scale: operators.LogInt, Lo: 50, Hi: 500, Default: 50},
	{Name: "learning_rate", Scale: operators.Log, Lo: 0.01, Hi: 2, Default: 1},
	{Name: "algorithm", Scale: operators.Choice, Choices: []string{"SAMME.R", "SAMME"}, Fixed: true},
}, baseTree("DecisionTreeClassifier", 1)...)

// AdaBoostClassifier grows trees on rows weighted by how wrong the trees before were: SAMME with their votes, SAMME.R
// with their probabilities (Zhu, Zou, Rosset and Hastie, Multi-class AdaBoost, 2009).
var AdaBoostClassifier = &operators.Spec{
	Name: "AdaBoostClassifier", Doc: "trees on reweighted rows", Role: operators.Classifier,
	Traits: operators.Weights | operators.Random, Params: adaClassParams, Ignored: adaIgnored,
	New: func(v []float64) (operators.Operator, error) {
		s := settings{adaClassParams, v}
		a, err := newAda(s)
		return adaClassifier{a, s.choice("algorithm") == "SAMME.R"}, err
	},
	Decode: operators.Decode[boosted],
}

var adaValueParams = append([]operators.Param{
	{Name: "n_estimators", Scale: operators.LogInt, Lo: 50, Hi: 500, Default: 50},
	{Name: "learning_rate", Scale: operators.Log, Lo: 0.001, Hi: 2, Default: 1},
	{Name: "loss", Scale: operators.Choice, Choices: []string{"linear", "square", "exponential"}},
}, baseTree("DecisionTreeRegressor", 3)...)

// AdaBoostRegressor grows trees on bootstrap samples drawn by how wrong the trees before were, and predicts their
// weighted median: AdaBoost.R2 (Drucker, Improving regressors using boosting techniques, 1997).
var AdaBoostRegressor = &operators.Spec{
	Name: "AdaBoostRegressor", Doc: "weighted median of trees on reweighted rows", Role: operators.Regressor,
	Traits: operators.Weights | operators.Random, Params: adaValueParams, Ignored: adaIgnored,
	New: func(v []float64) (operators.Operator, error) {
		s := settings{adaValueParams, v}
		a, err := newAda(s)
		return adaRegressor{a, s.choice("loss")}, err
	},
	Decode: operators.Decode[medians],
}

// ada is what both forms share.
type ada struct {
	growth
	rounds int
	rate   float64
}

func newAda(s settings) (ada, error) {
	a := ada{rounds: s.limit("n_estimators"), rate: s.get("learning_rate")}
	a.growth = growth{maxDepth: s.limit("estimator__max_depth"), minSplit: s.limit("estimator__min_samples_split"), minLeaf: s.limit("estimator__min_samples_leaf")}
	if a.rounds < 1 || a.rounds > maxTrees || !(a.rate > 0) || a.maxDepth < 1 || a.minLeaf < 1 || a.minSplit < 2 {
		return a, errors.New("adaboost: want n_estimators ≥ 1, learning_rate > 0, max_depth ≥ 1, min_samples_split ≥ 2, min_samples_leaf ≥ 1")
	}
	a.minSplit = max(a.minSplit, 2*a.minLeaf)
	return a, nil
}

// weights are the sample weights scaled to a sum of one.
func (t *target) weights(n int) []float64 {
	w := make([]float64, n)
	t.fill(w, bag{})
	normalizeSum(w)
	return w
}

func normalizeSum(w []float64) bool {
	sum := 0.0
	for _, v := range w {
		sum += v
	}
	if !(sum > 0) || !finite(sum) {
		return false
	}
	for i := range w {
		w[i] /= sum
	}
	return true
}

type adaClassifier struct {
	ada
	real bool // SAMME.R
}

// Fit grows the trees. What each contributes is additive in its leaves, so that the result is that of boosting.
func (a adaClassifier) Fit(ctx context.Context, env *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	t, err := newTarget(s)
	if err != nil {
		return nil, fmt.Errorf("adaboost: %w", err)
	}
	f := &boosted{Levels: layoutOf(s.X).Levels, Classes: t.levels, Trees: Ensemble{Outputs: 1, Columns: s.X.Cols()}}
	present, class := t.occurring()
	f.Present = present
	k := len(present)
	if k == 1 {
		return f, nil
	}
	cols, err := tableOf(ctx, s.X, maxRanks, false)
	if err != nil {
		return nil, err
	}
	w := t.weights(s.Rows())
	a.maxFeatures = s.X.Cols()
	crit := newClasses(class, w, k, cols.most(s.Rows()), false)
	b := newGrower(a.growth, cols, crit, k, len(t.rows))
	rows := make([]int32, len(t.rows))
	f.Start = make([]float64, k)
	if k == 2 {
		f.Start = f.Start[:1]
	}
	total := 0.0
	for round := range a.rounds {
		copy(rows, t.rows)
		crit.prepare()
		if err := b.grow(ctx, rows, env.Rand); err != nil {
			return nil, err
		}
		alpha, more := a.reweigh(b, class, w, k, round == a.rounds-1)
		if alpha == 0 && round > 0 {
			break
		}
		total += max(alpha, math.SmallestNonzeroFloat64)
		a.contribute(b, &f.Trees, k, alpha)
		if !more || !normalizeSum(w) {
			break
		}
	}
	for i := range f.Trees.Nodes {
		if x := &f.Trees.Nodes[i]; x.Left == 0 {
			x.Threshold /= total
		}
	}
	if err := f.Check(); err != nil {
		return nil, fmt.Errorf("adaboost: %w", err)
	}
	return f, nil
}

// tiny is the smallest probability and weight that is told from zero.
const tiny = 2.220446049250313e-16

// reweigh judges the grown tree and moves the weights towards the rows it got wrong. It returns the weight of the tree's
// vote, 0 if it is no better than chance, and whether to go on.
func (a adaClassifier) reweigh(b *grower, class []int32, w []float64, k int, last bool) (alpha float64, more bool) {
	wrong, total := 0.0, 0.0
	b.eachLeaf(func(leaf int, rows []int32) {
		vote := largest(b.values[leaf*k : (leaf+1)*k])
		for _, r := range rows {
			total += w[r]
			if int(class[r]) != vote {
				wrong += w[r]
			}
		}
	})
	bad := wrong / total
	if bad <= 0 {
		return 1, false
	}
	alpha = 1.0
	if !a.real {
		if bad >= 1-1/float64(k) {
			return 0, false
		}
		alpha = a.rate * (math.Log((1-bad)/bad) + math.Log(float64(k-1)))
	}
	if last {
		return alpha, false
	}
	b.eachLeaf(func(leaf int, rows []int32) {
		p := b.values[leaf*k : (leaf+1)*k]
		vote := largest(p)
		for _, r := range rows {
			up := alpha * b2f(int(class[r]) != vote)
			if a.real {
				up = a.rate * surprise(p, int(class[r]))
			}
			w[r] = max(tiny, w[r]*math.Exp(up))
		}
	})
	return alpha, true
}

// surprise is minus (k-1)/k times the sum of y log p over the classes, where y is 1 for the row's class and -1/(k-1) for
// the others.
func surprise(p []float64, class int) float64 {
	k, sum := float64(len(p)), 0.0
	for c, v := range p {
		y := -1 / (k - 1)
		if c == class {
			y = 1
		}
		sum += y * math.Log(max(v, tiny))
	}
	return -(k - 1) / k * sum
}

func largest(v []float64) int {
	best := 0
	for i := range v {
		if v[i] > v[best] {
			best = i
		}
	}
	return best
}

// contribute appends what the tree adds to the scores, a tree for each score.
func (a adaClassifier) contribute(b *grower, e *Ensemble, k int, alpha float64) {
	trees := k
	if k == 2 {
		trees = 1
	}
	votes := make([]float64, k)
	for c := range trees {
		b.emitWith(e, func(leaf int) float64 {
			a.votes(b.values[leaf*k:(leaf+1)*k], alpha, votes)
			if k == 2 {
				return votes[1] - votes[0]
			}
			return votes[c] / float64(k-1)
		})
		e.weighLast(alpha)
	}
}

// votes are what a leaf with probabilities p says for each class.
func (a adaClassifier) votes(p []float64, alpha float64, out []float64) {
	if !a.real {
		clear(out)
		out[largest(p)] = alpha
		return
	}
	k, mean := float64(len(p)), 0.0
	for c, v := range p {
		out[c] = math.Log(max(v, tiny))
		mean += out[c] / k
	}
	for c := range out {
		out[c] = (k - 1) * (out[c] - mean)
	}
}

type adaRegressor struct {
	ada
	loss string
}

// Fit grows the trees.
func (a adaRegressor) Fit(ctx context.Context, env *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	t, err := newTarget(s)
	if err != nil {
		return nil, fmt.Errorf("adaboost: %w", err)
	}
	cols, err := tableOf(ctx, s.X, maxRanks, false)
	if err != nil {
		return nil, err
	}
	times, weight := make([]int32, s.Rows()), make([]float64, s.Rows())
	var chosen, others []int32 // rows of the tree and the rest
	m := newMoments(t.y, cols.most(s.Rows()), false)
	a.maxFeatures = s.X.Cols()
	b := newGrower(a.growth, cols, m, 1, s.Rows())
	f := &medians{Levels: layoutOf(s.X).Levels, Trees: Ensemble{Outputs: 1, Columns: s.X.Cols()}}
	w, miss := t.weights(s.Rows()), make([]float64, s.Rows())
	for round := range a.rounds {
		drawByWeight(times, t.rows, w, env.Rand)
		for i, k := range times {
			weight[i] = float64(k)
		}
		chosen = t.chosen(times, chosen)
		m.prepareRows(weight, chosen)
		if err := b.grow(ctx, chosen, env.Rand); err != nil {
			return nil, err
		}
		others = others[:0]
		for _, r := range t.rows {
			if times[r] == 0 {
				others = append(others, r)
			}
		}
		alpha, more := a.reweigh(b, t, others, w, miss, round == a.rounds-1)
		if alpha <= 0 && round > 0 {
			break
		}
		b.emit(&f.Trees)
		f.Weights = append(f.Weights, max(alpha, tiny))
		if !more || !normalizeSum(w) {
			break
		}
	}
	return f, nil
}

// drawByWeight counts how often each row is drawn when as many are drawn as there are, with probabilities w. A table tells
// about where in the sums a draw falls, so that few are looked at.
func drawByWeight(times, rows []int32, w []float64, rng *rand.Rand) {
	clear(times)
	n := len(rows)
	sums, sum := make([]float64, n), 0.0
	for i, r := range rows {
		sum += w[r]
		sums[i] = sum
	}
	start, scale, k := make([]int32, n+1), float64(n)/sum, 0
	for j := range start {
		for k < n-1 && sums[k]*scale <= float64(j) {
			k++
		}
		start[j] = int32(k)
	}
	sums[n-1] = math.Inf(1)
	for range rows {
		u := rng.Float64() * sum
		k := int(start[min(n, max(0, int(u*scale)))])
		for range 2 { // mostly as many as it takes, without a jump that the processor could not guess
			one := 0
			if sums[k] <= u {
				one = 1
			}
			k += one
		}
		for sums[k] <= u {
			k++
		}
		for k > 0 && sums[k-1] > u { // only where rounding has led too far
			k--
		}
		times[rows[k]]++
	}
}

// reweigh judges the grown tree on its rows and the others, and moves the weights. It returns the tree's weight in the median,
// 0 if it is of no use, and whether to go on.
func (a adaRegressor) reweigh(b *grower, t *target, others []int32, w, miss []float64, last bool) (alpha float64, more bool) {
	worst := 0.0
	judge := func(leaf int, rows []int32) {
		for _, r := range rows {
			miss[r] = abs(t.y[r] - b.values[leaf])
			worst = max(worst, miss[r])
		}
	}
	b.eachLeaf(judge)
	b.route(others, judge)
	if worst > 0 {
		for _, r := range t.rows {
			miss[r] /= worst
		}
	}
	switch a.loss {
	case "square":
		for _, r := range t.rows {
			miss[r] *= miss[r]
		}
	case "exponential":
		for i, v := range miss {
			miss[i] = -v
		}
		linalg.Exp(miss)
		for i, e := range miss {
			miss[i] = 1 - e
		}
	}
	bad := 0.0
	for _, r := range t.rows {
		bad += w[r] * miss[r]
	}
	switch {
	case bad <= 0:
		return 1, false
	case bad >= 0.5:
		return 0, false
	}
	beta := bad / (1 - bad)
	if !last {
		step := a.rate * math.Log(beta)
		for i, v := range miss {
			miss[i] = (1 - v) * step
		}
		linalg.Exp(miss) // powers of beta
		for _, r := range t.rows {
			w[r] *= miss[r]
		}
	}
	return a.rate * math.Log(1/beta), !last
}
