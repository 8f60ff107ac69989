package gp

import (
	"math"
	"math/rand/v2"
	"time"
)

// pace divides time, not evaluations, evenly under a time limit: a tree that is expected to take k times the fair share
// is proposed one time in k. It learns what trees take from those that were folded in, so it is of no use where the
// search must not depend on speed. (Wu, Wang and Huang 2021, "Frugal optimization for cost-related hyperparameters", make
// the same point for hyper-parameters: start cheap, pay where it pays.)
type pace struct {
	n       float64
	logMean float64 // of the seconds per fold: of all trees
	perRoot map[string]*average
}

type average struct{ n, sum float64 }

const (
	fairShare = 2    // times the geometric mean of what trees take: cheaper ones are always welcome
	seldom    = 0.05 // the least probability with which a tree is accepted
	patient   = 30   // trees to have seen before anything is refused
)

// add folds in what a tree took.
func (p *pace) add(ind *Individual) {
	folds := len(ind.Result.Folds)
	if folds == 0 {
		folds = 1
	}
	s := max(ind.Result.Took, 10*time.Microsecond).Seconds() / float64(folds)
	p.n++
	p.logMean += (math.Log(s) - p.logMean) / p.n
	if p.perRoot == nil {
		p.perRoot = map[string]*average{}
	}
	root := predictor(ind)
	if p.perRoot[root] == nil {
		p.perRoot[root] = &average{}
	}
	p.perRoot[root].n++
	p.perRoot[root].sum += s
}

// welcome reports whether a child of a should be evaluated; a is nil for a tree without parents.
func (p *pace) welcome(rng *rand.Rand, child, a *Individual) bool {
	if p.n < patient {
		return true
	}
	expected := 0.0
	if avg := p.perRoot[predictor(child)]; avg != nil {
		expected = avg.sum / avg.n
	}
	if a != nil && predictor(a) == predictor(child) && len(a.Result.Folds) > 0 {
		expected = a.Result.Took.Seconds() / float64(len(a.Result.Folds))
	}
	fair := fairShare * math.Exp(p.logMean)
	return expected <= fair || rng.Float64() < max(seldom, fair/expected)
}
