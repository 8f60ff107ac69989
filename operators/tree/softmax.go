package tree

import (
	"github.com/lren-chuv/automl/internal/kernel"
	"github.com/lren-chuv/automl/internal/linalg"
)

// curveBlock is how many rows are given their probabilities together: what is worked with stays in the cache.
const curveBlock = 256

// farScore is the score beyond which probabilities no longer change: the hessian of a row never becomes 0.
const farScore = 700

// softmaxRows stores the probabilities of each class, one row after the other, in out, from the scores of each class.
func softmaxRows(score [][]float64, rows []int32, out [][]float64) {
	var tops, sums [curveBlock]float64
	for lo := 0; lo < len(rows); lo += curveBlock {
		rows := rows[lo:min(lo+curveBlock, len(rows))]
		top, sum := tops[:len(rows)], sums[:len(rows)]
		for j, s := range score {
			p := out[j][lo:][:len(rows)]
			for i, r := range rows {
				p[i] = s[r]
			}
			if j == 0 {
				copy(top, p)
			} else {
				kernel.Largest(top, p)
			}
		}
		for j, p := range out {
			p = p[lo:][:len(rows)]
			kernel.Drop(p, top, -farScore)
			linalg.Exp(p)
			if j == 0 {
				copy(sum, p)
			} else {
				kernel.Sums(sum, p)
			}
		}
		kernel.Inverse(sum)
		for _, p := range out {
			kernel.Times(p[lo:][:len(rows)], sum)
		}
	}
}

// logisticRows calls f for blocks of the rows with the probabilities that belong to their scores.
func logisticRows(score []float64, rows []int32, f func(rows []int32, p []float64)) {
	var p [curveBlock]float64
	for len(rows) > 0 {
		n := min(len(p), len(rows))
		logisticOf(score, rows[:n], p[:n])
		f(rows[:n], p[:n])
		rows = rows[n:]
	}
}

// logisticRun stores the slopes of the log-loss of two classes of the ascending rows of a course if there are no others
// between them, and reports whether it has: they need not be looked up then. The numbers are those of [logisticRows].
func logisticRun(c *course) bool {
	if len(c.rows) == 0 || !consecutive(c.rows) {
		return false
	}
	var odds [curveBlock]float64
	for lo, end := int(c.rows[0]), int(c.rows[0])+len(c.rows); lo < end; lo += curveBlock {
		hi := min(lo+curveBlock, end)
		o := odds[:hi-lo]
		kernel.Odds(o, c.score[0][lo:hi], farScore)
		linalg.Exp(o)
		kernel.LogisticSlopes(o, c.weight[lo:hi], c.class[lo:hi], c.slope[0][lo:hi])
	}
	return true
}

// logisticOf stores the probabilities that belong to the scores of the rows in p.
func logisticOf(score []float64, rows []int32, p []float64) {
	for i, r := range rows {
		p[i] = max(-farScore, min(score[r], farScore))
	}
	linalg.Logistic(p)
}
