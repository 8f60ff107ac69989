package gp

import (
	"math"
	"slices"

	"github.com/lren-chuv/automl/pipeline"
)

// rivals is how many predictors a tree races against.
const rivals = 8

// race decides how bad a tree may look in a trial on few rows and on its first folds before the others are spared: worse than the best tree of each
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
	first := &r.leaders[0].Result
	r.bar = make([]float64, len(first.Trials)+len(first.Folds))
	for i := range r.bar {
		r.bar[i] = math.Inf(-1)
		for _, l := range r.leaders[:rivals] {
			loss := r.loss.Of(l.Tree, pipeline.Result{Score: stage(&l.Result, i)})
			if math.IsNaN(loss) { // not defined on these folds: nothing can be said
				loss = math.Inf(1)
			}
			r.bar[i] = max(r.bar[i], loss)
		}
	}
}

// stage is the score after stage i: the trials, then the mean of the first folds.
func stage(r *pipeline.Result, i int) float64 {
	if i < len(r.Trials) {
		return r.Trials[i]
	}
	return pipeline.MeanScore(r.Folds[:i-len(r.Trials)+1])
}
