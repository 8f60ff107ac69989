package automl

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// An ensemble is what greedy selection wants and, for up to half, the plain average of the leading predictors.
//
// Greedy selection with replacement (Caruana et al. 2004, "Ensemble selection from libraries of models") adds, round
// after round, the member whose predictions, averaged with those chosen so far, score best; it is repeated on random
// halves of the members and averaged. On small tables its choice is mostly noise, and all it can choose from is what
// thousands of trials have fitted to the same rows. Hence the plain part, which chooses little and trusts recipes that
// were there before the search: the best of each of up to eight predictors, unless it loses a fifth of what the best
// member gains over knowing nothing, or, where that is not clearly better, what looks at no column (baseline.go).

const (
	bags       = 10
	enough     = 5 // rounds without progress that end a selection
	leading    = 8 // predictors
	toleration = 0.2
	negligible = 0.02 // weight that is not worth a fit
)

// weights returns one weight per member; they sum to one. Unless mixed, there is no plain part. When ctx ends, what has
// been selected so far counts.
func (p *panel) weights(ctx context.Context, env *operators.Env, rounds int, mixed bool) []float64 {
	greedy := p.greedy(ctx, env, rounds)
	if !mixed {
		return greedy
	}
	lead := p.lead()
	plain := 1 / (2 + float64(p.views[0].y.Len())/1000) // the more rows, the less of a selection is noise
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

// lead is the plain average of the leading recipes or, if there are hardly any, of the leading predictors' best members.
func (p *panel) lead() []float64 {
	none := p.baseline()
	w := make([]float64, len(p.members))
	if !p.convincing() {
		w[none] = 1
		return w
	}
	order := slices.DeleteFunc(p.order(), func(m int) bool { return m == none })
	eligible := slices.DeleteFunc(slices.Clone(order), func(m int) bool { return !isRecipe(p.members[m]) })
	if len(eligible) < 3 {
		eligible = order
	}
	best, _ := meanStd(p.folds[order[0]])
	limit := best + toleration*max(0, p.ignorance()-best)
	seen := map[*operators.Spec]bool{}
	for _, m := range eligible {
		spec := predictor(p.members[m])
		if seen[spec] || len(seen) == leading {
			continue
		}
		seen[spec] = true
		if loss, _ := meanStd(p.folds[m]); loss <= limit {
			w[m] = 1
		}
	}
	if slices.Max(w) == 0 {
		w[order[0]] = 1
	}
	return normalised(w)
}

// ignorance is the loss of knowing nothing: of the member that looks at no column or, where there is none, of predicting the
// shares of the classes, or the mean, for every row.
func (p *panel) ignorance() float64 {
	if m := p.baseline(); m >= 0 {
		loss, _ := meanStd(p.folds[m])
		return loss
	}
	v := p.views[0]
	score, err := p.metric.Score(v.y, ignorant(dataset.Sample{Y: v.y, W: v.w}), v.w)
	if err != nil {
		return math.Inf(1)
	}
	return p.metric.Loss(score)
}

// greedy averages the selections from random halves of the members, each with the best one and, where that can help, the one
// that looks at no column.
func (p *panel) greedy(ctx context.Context, env *operators.Env, rounds int) []float64 {
	picks, best, none := make([][]int, bags), p.order()[0], p.baseline()
	var drawn []int
	for m := range p.members {
		if m != none {
			drawn = append(drawn, m)
		}
	}
	err := env.Each(ctx, bags, func(b int, rng *rand.Rand) error {
		var some []int
		for _, i := range rng.Perm(len(drawn))[:(len(drawn)+1)/2] {
			some = append(some, drawn[i])
		}
		if !slices.Contains(some, best) {
			some = append(some, best)
		}
		if none >= 0 && p.calms() {
			some = append(some, none)
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
