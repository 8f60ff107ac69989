package automl

import (
	"math"

	"github.com/lren-chuv/automl/dataset"
)

// An average of classifiers is less sure of itself than each of them, and on small tables each is surer than it should
// be. One number mends most of both: probabilities are raised to the power 1/T and normalised (temperature scaling, Guo et
// al. 2017, "On calibration of modern neural networks"), T minimising the log-loss of unseen rows. It changes no most
// probable class.

const (
	priorRows      = 10  // how many rows' worth of evidence it takes to move T by a factor e
	maxTemperature = 2.0 // and at least its inverse
)

// temperature is the best T for the mean that a blend takes, 1 for regression.
func (p *panel) temperature(b blend) float64 {
	if p.views[0].y.Kind != dataset.Categorical {
		return 1
	}
	mixes := make([]*dataset.Frame, len(p.views))
	for k := range p.views {
		v := &p.views[k]
		mixes[k] = v.judgedMix(b)
	}
	loss := func(logT float64) float64 {
		total := priorRows * logT * logT
		for k, mix := range mixes {
			total += negativeLogLikelihood(p.views[k].y, temper(mix, math.Exp(logT)), p.views[k].w) / float64(len(mixes))
		}
		return total
	}
	limit := math.Log(maxTemperature)
	return math.Exp(goldenSection(loss, -limit, limit, 1e-3))
}

// negativeLogLikelihood is the sum over the rows, in nats.
func negativeLogLikelihood(y *dataset.Column, p *dataset.Frame, w []float64) float64 {
	sum := 0.0
	for i, k := range y.Code {
		weight := 1.0
		if w != nil {
			weight = w[i]
		}
		sum -= weight * math.Log(max(p.Col(int(k)).Float[i], 1e-15))
	}
	return sum
}

// temper raises the probabilities of every row to the power 1/t and normalises them; numbers pass, as does all if t is 0 or 1.
func temper(p *dataset.Frame, t float64) *dataset.Frame {
	k := p.Cols()
	if k < 2 || t == 0 || t == 1 {
		return p
	}
	out := make([][]float64, k)
	for j := range out {
		out[j] = make([]float64, p.Rows())
	}
	power := 1 / t
	for i := range p.Rows() {
		sum := 0.0
		for j := range out {
			out[j][i] = math.Pow(p.Col(j).Float[i], power)
			sum += out[j][i]
		}
		for j := range out {
			out[j][i] /= sum
		}
	}
	cols := make([]*dataset.Column, k)
	for j := range cols {
		cols[j] = dataset.NewNumeric(p.Col(j).Name, out[j])
	}
	return dataset.MustFrame(p.Rows(), cols...)
}

// goldenSection finds the minimum of a function with a single one between lo and hi (Kiefer 1953).
func goldenSection(f func(float64) float64, lo, hi, tolerance float64) float64 {
	ratio := (math.Sqrt(5) - 1) / 2
	a, b := hi-ratio*(hi-lo), lo+ratio*(hi-lo)
	fa, fb := f(a), f(b)
	for hi-lo > tolerance {
		if fa < fb {
			hi, b, fb = b, a, fa
			a = hi - ratio*(hi-lo)
			fa = f(a)
		} else {
			lo, a, fa = a, b, fb
			b = lo + ratio*(hi-lo)
			fb = f(b)
		}
	}
	return (lo + hi) / 2
}
