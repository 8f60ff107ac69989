package automl

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// An ensemble is two thirds of what greedy selection wants and one third the plain average of the leading predictors.
//
// Greedy selection with replacement (Caruana et al. 2004, "Ensemble selection from libraries of models") adds, round
// after round, the member whose predictions, averaged with those chosen so far, score best; it is repeated on random
// halves of the members and averaged. On small tables its choice is mostly noise, hence the plain part, which chooses
// little: the best member of each of the five best predictors, those left out that are significantly worse than the best.

const (
	bags        = 10
	enough      = 5 // rounds without progress that end a selection
	leading     = 5 // predictors
	significant = 3 // standard errors of the mean paired difference
	plain       = 1. / 3
	negligible  = 0.02 // weight that is not worth a fit
)

// weights returns one weight per member; they sum to one. When ctx ends, what has been selected so far counts.
func (p *panel) weights(ctx context.Context, env *operators.Env, rounds int) []float64 {
	greedy := p.greedy(ctx, env, rounds)
	lead := p.lead()
	w := make([]float64, len(p.members))
	for m := range w {
		w[m] = (1-plain)*greedy[m] + plain*lead[m]
		if w[m] < negligible {
			w[m] = 0
		}
	}
	return normalised(w)
}

func normalised(w []float64) []float64 {
	total := 0.0
	for _, v := range w {
		total += v
	}
	for i := range w {
		w[i] /= total
	}
	return w
}

// lead is the plain average of the leading predictors' best members.
func (p *panel) lead() []float64 {
	w := make([]float64, len(p.members))
	seen := map[*operators.Spec]bool{}
	order := p.order()
	for _, m := range order {
		spec := predictor(p.members[m])
		if seen[spec] || len(seen) == leading {
			continue
		}
		seen[spec] = true
		if !p.clearlyWorse(m, order[0]) {
			w[m] = 1
		}
	}
	return normalised(w)
}

// clearlyWorse compares two members fold by fold.
func (p *panel) clearlyWorse(m, best int) bool {
	diff := make([]float64, 0, len(p.folds[m]))
	for k, v := range p.folds[m] {
		if d := v - p.folds[best][k]; !math.IsNaN(d) {
			diff = append(diff, d)
		}
	}
	mean, std := meanStd(diff)
	return len(diff) > 1 && mean > significant*std/math.Sqrt(float64(len(diff)))
}

// greedy averages the selections from random halves of the members and the best one.
func (p *panel) greedy(ctx context.Context, env *operators.Env, rounds int) []float64 {
	picks, best := make([][]int, bags), p.order()[0]
	err := env.Each(ctx, bags, func(b int, rng *rand.Rand) error {
		some := rng.Perm(len(p.members))[:(len(p.members)+1)/2]
		if !slices.Contains(some, best) {
			some = append(some, best)
		}
		slices.Sort(some)
		picks[b] = p.choose(ctx, some, rounds)
		return ctx.Err()
	})
	w := make([]float64, len(p.members))
	for _, counts := range picks {
		total := 0
		for _, n := range counts {
			total += n
		}
		for m, n := range counts {
			w[m] += float64(n) / float64(total)
		}
	}
	if err != nil && slices.Max(w) == 0 { // no time at all
		w[best] = 1
	}
	return normalised(w)
}

// choose returns how often each member was chosen from some of them in the best of at most the given number of rounds.
func (p *panel) choose(ctx context.Context, some []int, rounds int) []int {
	sel := newSelection(p)
	best, bestLoss, stale := slices.Clone(sel.counts), math.Inf(1), 0
	for round := 0; round < rounds && stale < enough && ctx.Err() == nil; round++ {
		pick, pickLoss := -1, math.Inf(1)
		for _, m := range some {
			if loss := sel.lossWith(m); loss < pickLoss || pick < 0 {
				pick, pickLoss = m, loss
			}
		}
		sel.add(pick)
		stale++
		if pickLoss < bestLoss-1e-9*math.Abs(bestLoss) || math.IsInf(bestLoss, 1) {
			bestLoss, stale = pickLoss, 0
			copy(best, sel.counts)
		}
	}
	if slices.Max(best) == 0 {
		best[some[0]] = 1
	}
	return best
}

// selection is the sum of what was chosen so far.
type selection struct {
	*panel
	counts  []int
	n       int
	sums    [][][]float64 // view → column → row
	scratch [][][]float64
}

func newSelection(p *panel) *selection {
	s := &selection{panel: p, counts: make([]int, len(p.members))}
	for _, v := range p.views {
		s.sums = append(s.sums, columns(v))
		s.scratch = append(s.scratch, columns(v))
	}
	return s
}

func columns(v view) [][]float64 {
	out := make([][]float64, len(v.preds[0]))
	for j := range out {
		out[j] = make([]float64, v.y.Len())
	}
	return out
}

func (s *selection) add(m int) {
	for k, v := range s.views {
		for j, column := range v.preds[m] {
			for i, u := range column {
				s.sums[k][j][i] += u
			}
		}
	}
	s.counts[m]++
	s.n++
}

// lossWith is the mean loss over the views if member m were added.
func (s *selection) lossWith(m int) float64 {
	total, share := 0.0, 1/float64(s.n+1)
	for k, v := range s.views {
		cols := make([]*dataset.Column, len(v.preds[m]))
		for j, column := range v.preds[m] {
			mean := s.scratch[k][j]
			for i, u := range column {
				mean[i] = (s.sums[k][j][i] + u) * share
			}
			cols[j] = dataset.NewNumeric("", mean)
		}
		score, err := s.metric.Score(v.y, dataset.MustFrame(v.y.Len(), cols...), v.w)
		if err != nil {
			return math.Inf(1)
		}
		total += s.metric.Loss(score)
	}
	return total / float64(len(s.views))
}
