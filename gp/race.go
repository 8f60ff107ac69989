package gp

import (
	"math"
	"slices"

	"github.com/lren-chuv/automl/pipeline"
)

// rivals is how many predictors a tree races against.
const rivals = 8

// race decides how bad a tree may look on its first folds before the others are spared: worse than the best tree of each
// of the leading predictors was on the same folds. Comparing on the same folds takes most of the noise out, and one rival
// per predictor keeps the bar forgiving when the leader's close relatives crowd the top. After Bergman et al. 2024, "Don't
// waste your time: early stopping cross-validation", whose bar is the incumbent's worst fold.
type race struct {
	loss    Objective
	leaders []*Individual // the best of each predictor, lowest loss first
	bar     []float64     // nil until there are enough rivals
}

// predictor names what an individual predicts with.
func predictor(ind *Individual) string { return ind.Tree.Root().Spec.Name }

// add folds in an individual that was evaluated on all folds.
func (r *race) add(ind *Individual) {
	same := slices.IndexFunc(r.leaders, func(l *Individual) bool { return predictor(l) == predictor(ind) })
	if same >= 0 {
		if r.leaders[same].Cost[0] <= ind.Cost[0] {
			return
		}
		r.leaders = slices.Delete(r.leaders, same, same+1)
	}
	at, _ := slices.BinarySearchFunc(r.leaders, ind, compareCost)
	r.leaders = slices.Insert(r.leaders, at, ind)
	if at < rivals && len(r.leaders) >= rivals {
		r.raise()
	}
}

// raise computes the bar anew. It makes a new slice, since evaluations under way read the old one.
func (r *race) raise() {
	r.bar = make([]float64, len(r.leaders[0].Result.Folds))
	for k := range r.bar {
		r.bar[k] = math.Inf(-1)
		for _, l := range r.leaders[:rivals] {
			part := r.loss.Of(l.Tree, pipeline.Result{Score: pipeline.MeanScore(l.Result.Folds[:k+1])})
			if !(part <= r.bar[k]) { // not defined on these folds: nothing can be said
				r.bar[k] = part
			}
			if math.IsNaN(part) {
				r.bar[k] = math.Inf(1)
				break
			}
		}
	}
}
