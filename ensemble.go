package automl

import (
	"context"
	"math"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/gp"
	"github.com/lren-chuv/automl/metrics"
)

// Greedy ensemble selection with replacement from a library of models (Caruana et al. 2004, "Ensemble selection from
// libraries of models"): every round adds the candidate whose predictions, averaged with those chosen so far, score best
// out of fold.

const (
	librarySize   = 40   // candidates at most
	selectionRows = 5000 // rows at most that judge a candidate
	enough        = 5    // rounds without progress that end the selection
)

// library is what the selection chooses from.
type library struct {
	members []*gp.Individual
	preds   [][][]float64 // member → column → judged row
	y       *dataset.Column
	w       []float64
	metric  metrics.Metric
}

// newLibrary takes the individuals with the lowest loss, no more than one of those that predict exactly alike.
func newLibrary(o *gp.Outcome, s dataset.Sample, m metrics.Metric) *library {
	sorted := slices.DeleteFunc(slices.Clone(o.History), func(ind *gp.Individual) bool {
		return ind.Result.OOF == nil || math.IsInf(ind.Cost[0], 1)
	})
	slices.SortStableFunc(sorted, func(a, b *gp.Individual) int {
		if a.Cost[0] != b.Cost[0] {
			if a.Cost[0] < b.Cost[0] {
				return -1
			}
			return 1
		}
		return a.ID - b.ID
	})
	l := &library{metric: m}
	if len(sorted) == 0 {
		return l
	}
	rows := judgedRows(sorted[0].Result.OOF[0])
	l.y = s.Y.Gather(rows)
	if s.W != nil {
		for _, r := range rows {
			l.w = append(l.w, s.W[r])
		}
	}
	var last float64
	for _, ind := range sorted {
		if len(l.members) == librarySize {
			break
		}
		if len(l.members) > 0 && ind.Cost[0] == last { // equal to the last bit: the same model in other words
			continue
		}
		last = ind.Cost[0]
		p := make([][]float64, len(ind.Result.OOF))
		for j, column := range ind.Result.OOF {
			p[j] = make([]float64, len(rows))
			for i, r := range rows {
				p[j][i] = float64(column[r])
			}
		}
		l.members, l.preds = append(l.members, ind), append(l.preds, p)
	}
	return l
}

// judgedRows lists the rows that have out-of-fold predictions, thinned out evenly if there are many.
func judgedRows(oof []float32) []int32 {
	var rows []int32
	for i, v := range oof {
		if v == v {
			rows = append(rows, int32(i))
		}
	}
	if len(rows) <= selectionRows {
		return rows
	}
	thin := make([]int32, selectionRows)
	for i := range thin {
		thin[i] = rows[i*len(rows)/selectionRows]
	}
	return thin
}

// choose returns how often each member was chosen in the best of at most the given number of rounds. It stops early when
// ctx is done; the single best member is always a valid answer.
func (l *library) choose(ctx context.Context, rounds int) []int {
	counts := make([]int, len(l.members))
	if len(l.members) == 0 {
		return counts
	}
	sum := make([][]float64, len(l.preds[0]))
	for j := range sum {
		sum[j] = make([]float64, l.y.Len())
	}
	best, bestLoss, stale := slices.Clone(counts), math.Inf(1), 0
	for round := 1; round <= rounds && stale < enough && ctx.Err() == nil; round++ {
		pick, pickLoss := -1, math.Inf(1)
		for m := range l.members {
			if loss := l.lossWith(sum, m, round); loss < pickLoss {
				pick, pickLoss = m, loss
			}
		}
		if pick < 0 {
			break
		}
		for j := range sum {
			for i, v := range l.preds[pick][j] {
				sum[j][i] += v
			}
		}
		counts[pick]++
		stale++
		if pickLoss < bestLoss-1e-9*math.Abs(bestLoss) || math.IsInf(bestLoss, 1) {
			bestLoss, stale = pickLoss, 0
			copy(best, counts)
		}
	}
	if slices.Max(best) == 0 {
		best[0] = 1
	}
	return best
}

// lossWith is the loss of the average of what was chosen so far and member m, the round-th.
func (l *library) lossWith(sum [][]float64, m, round int) float64 {
	n := float64(round)
	cols := make([]*dataset.Column, len(sum))
	for j := range sum {
		mean := make([]float64, len(sum[j]))
		for i, v := range l.preds[m][j] {
			mean[i] = (sum[j][i] + v) / n
		}
		cols[j] = dataset.NewNumeric("", mean)
	}
	score, err := l.metric.Score(l.y, dataset.MustFrame(l.y.Len(), cols...), l.w)
	if err != nil {
		return math.Inf(1)
	}
	return l.metric.Loss(score)
}
