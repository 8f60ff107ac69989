package metrics

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
)

var errOneClass = errors.New("only one class occurs, so the area under the ROC curve is not defined")

func rocAUC(y []int32, p [][]float64, w []float64) (float64, error) {
	return auc(y, p[1], w, 1, -1)
}

// rocAUCOvR averages the classes, each against the rest; two classes count once.
func rocAUCOvR(y []int32, p [][]float64, w []float64) (float64, error) {
	if len(p) == 2 {
		return rocAUC(y, p, w)
	}
	if err := sumToOne(p); err != nil {
		return 0, err
	}
	sum := 0.0
	for k := range p {
		a, err := auc(y, p[k], w, int32(k), -1)
		if err != nil {
			return 0, err
		}
		sum += a
	}
	return sum / float64(len(p)), nil
}

// rocAUCOvO averages the pairs of classes that occur (Hand and Till 2001). As in scikit-learn it knows no weights.
func rocAUCOvO(y []int32, p [][]float64, _ []float64) (float64, error) {
	if len(p) == 2 {
		return rocAUC(y, p, nil)
	}
	if err := sumToOne(p); err != nil {
		return 0, err
	}
	sum, n := 0.0, 0.0
	for a := range p {
		for b := range a {
			one, err := auc(y, p[a], nil, int32(a), int32(b))
			if err != nil {
				continue
			}
			other, _ := auc(y, p[b], nil, int32(b), int32(a))
			sum, n = sum+(one+other)/2, n+1
		}
	}
	if n == 0 {
		return 0, errOneClass
	}
	return sum / n, nil
}

func sumToOne(p [][]float64) error {
	for i := range p[0] {
		sum := 0.0
		for k := range p {
			sum += p[k][i]
		}
		if math.Abs(sum-1) > 1e-5 {
			return fmt.Errorf("the probabilities of row %d sum to %v, not to 1", i, sum)
		}
	}
	return nil
}

// auc is the probability that a row of class pos scores higher than one of class neg (all others if neg is -1), ties
// counted half: the area under the ROC curve by the statistic of Mann and Whitney.
func auc(y []int32, score, w []float64, pos, neg int32) (float64, error) {
	if w != nil {
		return weightedAUC(y, score, w, pos)
	}
	n := 0
	for _, c := range y {
		if c == pos {
			n++
		}
	}
	keys := make([]uint64, 2*len(y))
	good, bad := keys[:0:n], keys[n:n:len(y)]
	for i, c := range y {
		switch {
		case c == pos:
			good = append(good, sortable(score[i]))
		case neg < 0 || c == neg:
			bad = append(bad, sortable(score[i]))
		}
	}
	if len(good) == 0 || len(bad) == 0 {
		return 0, errOneClass
	}
	scratch := keys[len(y):]
	sortKeys(good, scratch)
	sortKeys(bad, scratch)
	return float64(wins(good, bad)) / 2 / (float64(len(good)) * float64(len(bad))), nil
}

// wins counts pairs twice: 2 where the good key is larger, 1 where they are equal. Both slices are sorted.
func wins(good, bad []uint64) uint64 {
	var total uint64
	below, equal := 0, 0
	for i, g := range good {
		if i > 0 && good[i-1] == g {
			total += 2*uint64(below) + uint64(equal)
			continue
		}
		below += equal
		for below < len(bad) && bad[below] < g {
			below++
		}
		equal = 0
		for below+equal < len(bad) && bad[below+equal] == g {
			equal++
		}
		total += 2*uint64(below) + uint64(equal)
	}
	return total
}

// sortable maps a float to an integer of the same order; the two zeros become one.
func sortable(v float64) uint64 {
	b := math.Float64bits(v + 0)
	if b>>63 != 0 {
		return ^b
	}
	return b | 1<<63
}

// sortKeys sorts by eleven bits at a time, from the lowest, where that is faster than comparing. scratch is at least as
// long as keys.
func sortKeys(keys, scratch []uint64) {
	const bits, small = 11, 2048
	if len(keys) < small {
		slices.Sort(keys)
		return
	}
	a, b := keys, scratch[:len(keys)]
	for shift := 0; shift < 64; shift += bits {
		var count [1<<bits + 1]int
		for _, k := range a {
			count[k>>shift&(1<<bits-1)+1]++
		}
		if slices.Contains(count[1:], len(a)) { // all alike in these bits
			continue
		}
		for d := 1; d < len(count); d++ {
			count[d] += count[d-1]
		}
		for _, k := range a {
			d := k >> shift & (1<<bits - 1)
			b[count[d]] = k
			count[d]++
		}
		a, b = b, a
	}
	if &a[0] != &keys[0] {
		copy(keys, a)
	}
}

// descending returns the rows of positive weight by falling score.
func descending(score, w []float64) []int32 {
	order := make([]int32, 0, len(score))
	for i := range score {
		if weight(w, i) > 0 {
			order = append(order, int32(i))
		}
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Compare(score[b], score[a]) })
	return order
}

func weightedAUC(y []int32, score, w []float64, pos int32) (float64, error) {
	order := descending(score, w)
	area, tp, fp := 0.0, 0.0, 0.0
	for i := 0; i < len(order); {
		dt, df, j := 0.0, 0.0, i
		for ; j < len(order) && score[order[j]] == score[order[i]]; j++ {
			if r := order[j]; y[r] == pos {
				dt += w[r]
			} else {
				df += w[r]
			}
		}
		area += df * (tp + dt/2)
		tp, fp, i = tp+dt, fp+df, j
	}
	if tp == 0 || fp == 0 {
		return 0, errOneClass
	}
	return area / (tp * fp), nil
}

// averagePrecision sums precision over the steps of recall; 0 when there is no positive row.
func averagePrecision(y []int32, p [][]float64, w []float64) (float64, error) {
	score := p[1]
	order := descending(score, w)
	sum, tp, all := 0.0, 0.0, 0.0
	for i := 0; i < len(order); {
		dt, j := 0.0, i
		for ; j < len(order) && score[order[j]] == score[order[i]]; j++ {
			r := int(order[j])
			all += weight(w, r)
			if y[r] == 1 {
				dt += weight(w, r)
			}
		}
		tp += dt
		sum += dt * tp / all
		i = j
	}
	switch {
	case all == 0:
		return 0, errNoWeight
	case tp == 0:
		return 0, nil
	}
	return sum / tp, nil
}

// clip is scikit-learn's limit of probabilities: one machine epsilon.
const clip = 2.220446049250313e-16

// logLoss is the mean negative logarithm of the probability given to the true class, clipped, rows made to sum to one.
func logLoss(y []int32, p [][]float64, w []float64) (float64, error) {
	sum := 0.0
	for i, c := range y {
		total := 0.0
		for k := range p {
			total += max(clip, min(1-clip, p[k][i]))
		}
		sum -= weight(w, i) * math.Log(max(clip, min(1-clip, p[c][i]))/total)
	}
	total := sumWeights(len(y), w)
	if total == 0 {
		return 0, errNoWeight
	}
	return sum / total, nil
}

// brier is the mean squared difference of probability and truth: of the positive class alone if there are two.
func brier(y []int32, p [][]float64, w []float64) (float64, error) {
	sum := 0.0
	for i, c := range y {
		for k := range p {
			if len(p) == 2 && k == 0 {
				continue
			}
			if p[k][i] < 0 || p[k][i] > 1 {
				return 0, errors.New("probabilities must lie in [0, 1]")
			}
			d := p[k][i]
			if int(c) == k {
				d--
			}
			sum += weight(w, i) * d * d
		}
	}
	total := sumWeights(len(y), w)
	if total == 0 {
		return 0, errNoWeight
	}
	return sum / total, nil
}
