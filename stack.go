package automl

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// A second-level model can do better than averages: it learns from the finalists' out-of-fold predictions how much each is
// worth beside the others (stacked generalisation: Wolpert 1992; with weights that are not negative: Breiman 1996, "Stacked
// regressions"). For classes it is a multinomial logistic regression on the members' logarithms of probabilities, one weight
// per member and one constant per class; for numbers least squares. Both are drawn towards the greedy ensemble, from which
// only rows in some number can move them.
//
// It is fitted without each fold of the rows and judged on that fold beside the greedy ensemble, which has seen all of
// them. Only if it is better by more than the folds differ, and the folds are not those of the search, does it take its
// place.

const (
	attachment  = 10.0 // rows' worth of evidence that it takes to leave the greedy weights
	evenness    = 1.0  // likewise for the constants of the classes
	margin      = 0.5  // standard errors over the folds by which a stack must be better
	leastStack  = 200  // rows below which there is nothing to learn
	mostStacked = 50   // classes
)

// Stack tells of a second-level model that weighs the members in place of greedy selection.
type Stack struct {
	// Geometric says that the probabilities' weighted geometric mean is taken, not their mean: max(p, LeastShare) to the
	// power of the weight, multiplied over the members and normalised.
	Geometric bool
	// Score and Greedy are the mean scores on folds that this model had not seen, and of the greedy ensemble, which had.
	Score, Greedy float64
}

// stacked is the second-level model of the members if it does better than the greedy blend, else nil.
func (p *panel) stacked(ctx context.Context, env *operators.Env, greedy blend) (*blend, *Stack) {
	if !p.fresh {
		return nil, nil
	}
	d := p.stackData(greedy.weights)
	if d == nil {
		return nil, nil
	}
	full, ok := d.fit(ctx, nil, -1)
	if !ok {
		return nil, nil
	}
	folds := slices.Max(d.fold) + 1
	scores := make([][2]float64, folds)
	fair := make([]bool, folds)
	err := env.Each(ctx, folds, func(k int, _ *rand.Rand) error {
		theta, ok := d.fit(ctx, full, k)
		if ok {
			scores[k], fair[k] = p.duel(d, k, greedy, d.blend(theta))
		}
		return ctx.Err()
	})
	if err != nil || slices.Contains(fair, false) {
		return nil, nil
	}
	s, gains := Stack{Geometric: d.classes > 0}, make([]float64, folds)
	for k, pair := range scores {
		s.Greedy, s.Score = s.Greedy+pair[0]/float64(folds), s.Score+pair[1]/float64(folds)
		gains[k] = p.metric.Loss(pair[0]) - p.metric.Loss(pair[1])
	}
	b := d.blend(full)
	mean, std := meanStd(gains)
	if !(mean > margin*std/math.Sqrt(float64(folds))) || !b.storable() {
		return nil, nil
	}
	return &b, &s
}

// storable reports whether a model file takes it: what wants to be much surer or less sure than all members is not sound.
func (b blend) storable() bool {
	return b.temperature >= 1/(2*maxTemperature) && b.temperature <= 2*maxTemperature
}

// duel scores the greedy blend and a stack on the judged rows of a fold of all views; not ok if a score is not defined.
func (p *panel) duel(d *stackData, fold int, greedy, stack blend) (scores [2]float64, ok bool) {
	var rows []int32
	for i, f := range d.fold {
		if f == fold {
			rows = append(rows, int32(i))
		}
	}
	for c, b := range []blend{greedy, stack} {
		for _, v := range p.views {
			part := v.only(rows)
			s, err := p.metric.Score(part.y, b.finished(part.judgedMix(b), v.y.Len()), part.w)
			if err != nil || math.IsNaN(s) {
				return scores, false
			}
			scores[c] += s / float64(len(p.views))
		}
	}
	return scores, true
}

// only is the view of some of the judged rows.
func (v *view) only(rows []int32) *view {
	out := &view{y: v.y.Gather(rows), preds: make([][][]float64, len(v.preds))}
	for _, i := range rows {
		if v.w != nil {
			out.w = append(out.w, v.w[i])
		}
	}
	for m := range v.preds {
		for _, column := range v.preds[m] {
			some := make([]float64, len(rows))
			for k, i := range rows {
				some[k] = column[i]
			}
			out.preds[m] = append(out.preds[m], some)
		}
	}
	return out
}

// stackData are the rows of all views as the second level sees them: judged row i of view v is row v*n+i.
type stackData struct {
	classes int           // 0 for a number
	inputs  [][][]float64 // member → class → row: logarithms of probabilities, or standardised predictions
	class   []int32       // of every row
	number  []float64     // standardised target
	weight  []float64     // mean one over the rows of a view, divided by the number of views
	fold    []int         // of every judged row, the same in all views
	prior   []float64     // one weight per member
}

// stackData is nil where a second level is not worth a try.
func (p *panel) stackData(prior []float64) *stackData {
	first := &p.views[0]
	n := first.y.Len()
	if len(p.members) < 2 || n < leastStack || len(first.y.Levels) > mostStacked {
		return nil
	}
	d := &stackData{classes: len(first.y.Levels), fold: first.foldsOf(), prior: prior}
	if slices.Max(d.fold) < 2 {
		return nil
	}
	if first.y.Kind != dataset.Categorical {
		d.classes = 0
	}
	for _, v := range p.views {
		if !slices.Equal(v.rows, first.rows) {
			return nil
		}
		d.weight = append(d.weight, shares(v.w, n, 1/float64(len(p.views)))...)
	}
	change := math.Log
	if d.classes == 0 {
		mean, std := meanStd(first.y.Float)
		if !(std > 0) {
			return nil
		}
		change = func(u float64) float64 { return (u - mean) / std }
	}
	for _, v := range p.views {
		d.class = append(d.class, v.y.Code...)
		for _, u := range v.y.Float {
			d.number = append(d.number, change(u))
		}
	}
	d.inputs = make([][][]float64, len(p.members))
	for m := range d.inputs {
		d.inputs[m] = make([][]float64, max(1, d.classes))
		for j := range d.inputs[m] {
			for _, v := range p.views {
				for _, u := range v.preds[m][j] {
					if d.classes > 0 {
						u = max(u, LeastShare)
					}
					d.inputs[m][j] = append(d.inputs[m][j], change(u))
				}
			}
		}
	}
	return d
}

// shares are weights of n rows, all even if w is nil, whose mean is as given.
func shares(w []float64, n int, mean float64) []float64 {
	out, total := make([]float64, n), 0.0
	for i := range out {
		out[i] = 1
		if w != nil {
			out[i] = w[i]
		}
		total += out[i]
	}
	for i := range out {
		out[i] *= mean * float64(n) / total
	}
	return out
}

// foldsOf is the fold of every judged row.
func (v *view) foldsOf() []int {
	of := map[int32]int{}
	for k := range v.folds.Len() {
		for _, row := range v.folds.TestRows(k) {
			of[row] = k
		}
	}
	out := make([]int, len(v.rows))
	for i, row := range v.rows {
		out[i] = of[row]
	}
	return out
}

// blend is what parameters mean: the members' weights, those that are worth a fit, and for classes their sum's inverse as
// temperature and the constants as odds.
func (d *stackData) blend(theta []float64) blend {
	m := len(d.prior)
	sum := 0.0
	for _, w := range theta[:m] {
		sum += w
	}
	b := blend{weights: slices.Clone(theta[:m]), temperature: 1}
	if !(sum > 0) {
		b.temperature = math.NaN()
		return b
	}
	for i, w := range b.weights {
		if w < negligible*sum {
			b.weights[i] = 0
		}
	}
	b.weights = normalised(b.weights)
	if d.classes > 0 {
		b.geometric, b.temperature = true, 1/sum
		odds := make([]float64, d.classes)
		for k, c := range theta[m:] {
			odds[k] = math.Exp(c)
		}
		b.odds = normalOdds(odds)
	}
	return b
}
