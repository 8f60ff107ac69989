package metrics

import (
	"errors"
	"fmt"
	"math"
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
	area, tp, fp := 0.0, 0.0, 0.0
	rank(y, score, w, neg, pos).steps(y, w, pos, func(dt, df float64) {
		area += df * (tp + dt/2)
		tp, fp = tp+dt, fp+df
	})
	if tp == 0 || fp == 0 {
		return 0, errOneClass
	}
	return area / tp / fp, nil
}

// averagePrecision sums precision over the steps of recall; 0 when there is no positive row.
func averagePrecision(y []int32, p [][]float64, w []float64) (float64, error) {
	sum, tp, all := 0.0, 0.0, 0.0
	rank(y, p[1], w, -1, 1).steps(y, w, 1, func(dt, df float64) {
		tp, all = tp+dt, all+dt+df
		sum += dt * tp / all
	})
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
