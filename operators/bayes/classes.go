package bayes

import (
	"context"
	"fmt"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/posterior"
	"github.com/lren-chuv/automl/internal/stats"
)

// sizes is the total weight of each class.
func sizes(codes []int32, w []float64, classes int) []float64 {
	size := make([]float64, classes)
	for i, k := range codes {
		if k >= 0 {
			size[k] += weight(w, i)
		}
	}
	return size
}

// pairwise sums v in numpy's order: rows whose likelihoods differ by rounding alone then rank as in scikit-learn.
func pairwise(v []float64) float64 {
	const block = 128
	if n := len(v); n > block {
		half := n / 2 &^ 7
		return pairwise(v[:half]) + pairwise(v[half:])
	}
	if len(v) < 8 {
		sum := 0.0
		for _, x := range v {
			sum += x
		}
		return sum
	}
	var r [8]float64
	copy(r[:], v)
	i := 8
	for ; i+8 <= len(v); i += 8 {
		for j := range r {
			r[j] += v[i+j]
		}
	}
	sum := ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]))
	for _, x := range v[i:] {
		sum += x
	}
	return sum
}

func weight(w []float64, i int) float64 {
	if w == nil {
		return 1
	}
	return w[i]
}

// shares divides sizes by their sum.
func shares(size []float64) []float64 {
	out := append([]float64(nil), size...)
	posterior.Normalize(out)
	return out
}

func uniform(classes int) []float64 { return shares(make([]float64, classes)) }

func checkPrior(prior []float64) error {
	sum := 0.0
	for _, p := range prior {
		if !(p >= 0) {
			return fmt.Errorf("bayes: prior %v", p)
		}
		sum += p
	}
	if !(math.Abs(sum-1) < 1e-9) {
		return fmt.Errorf("bayes: the priors sum to %v", sum)
	}
	return nil
}

// momentsByClass returns the weighted mean and variance of v in each class, whose total weights are given.
func momentsByClass(v []float64, codes []int32, w, size []float64) (mean, variance []float64) {
	if mean = sumsByClass(v, codes, w, make([]float64, len(size)), 1); len(size) == 0 {
		return mean, mean
	}
	for k := range mean {
		mean[k] /= size[k]
	}
	variance = sumsByClass(v, codes, w, mean, 2)
	for k := range variance {
		variance[k] /= size[k]
	}
	return mean, variance
}

// sumsByClass adds up the weighted differences of v from its class's centre, or, of power 2, their squares, in four strands
// that do not wait for each other.
func sumsByClass(v []float64, codes []int32, w, centre []float64, power int) []float64 {
	n := len(centre)
	strands := make([]float64, 4*n)
	for i, k := range codes {
		if k < 0 {
			continue
		}
		d := v[i] - centre[k]
		if power == 2 {
			d *= d
		}
		if w != nil {
			d *= w[i]
		}
		strands[i&3*n+int(k)] += d
	}
	for k := range n {
		strands[k] += strands[n+k] + (strands[2*n+k] + strands[3*n+k])
	}
	return strands[:n]
}

// largestVariance of a column, without weights as in scikit-learn.
func largestVariance(x *dataset.Frame) float64 {
	top := 0.0
	for _, c := range x.Columns() {
		top = max(top, stats.Describe(c).Var)
	}
	return top
}

// finish turns the row-major matrix of joint log-likelihoods into probabilities.
func finish(ctx context.Context, c posterior.Classes, out, prior []float64) (*dataset.Frame, error) {
	classes := c.Len()
	for i := 0; i < len(out); i += classes {
		posterior.SoftmaxLog(out[i:i+classes], prior)
	}
	return c.Frame(len(out)/classes, out), ctx.Err()
}
