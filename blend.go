package automl

import (
	"math"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/pipeline"
)

// blend is how the predictions of members become one: by the weighted mean or, for probabilities, the weighted geometric
// mean (a logarithmic opinion pool: Genest and Zidek 1986), then temperature and odds.
type blend struct {
	weights     []float64 // sum to one
	geometric   bool
	temperature float64 // 0 and 1 change nothing
	odds        []float64
}

// LeastShare is the smallest probability that counts in a geometric mean, so that no member can veto a class.
const LeastShare = 1e-4

// mixture adds up weighted predictions.
type mixture struct {
	geometric bool
	sums      [][]float64 // column → row; of logarithms if geometric
}

func newMixture(columns, rows int, geometric bool) *mixture {
	m := &mixture{geometric: geometric, sums: make([][]float64, columns)}
	for j := range m.sums {
		m.sums[j] = make([]float64, rows)
	}
	return m
}

// add takes in column j of a member of weight w; value gives its number in a row.
func (m *mixture) add(w float64, j int, value func(i int) float64) {
	sum := m.sums[j]
	if !m.geometric {
		for i := range sum {
			sum[i] += w * value(i)
		}
		return
	}
	for i := range sum {
		sum[i] += w * math.Log(max(value(i), LeastShare))
	}
}

// frame is the mean of what was added; names may be nil.
func (m *mixture) frame(names []string) *dataset.Frame {
	if m.geometric {
		softmax(m.sums)
	}
	cols := make([]*dataset.Column, len(m.sums))
	for j, sum := range m.sums {
		name := ""
		if names != nil {
			name = names[j]
		}
		cols[j] = dataset.NewNumeric(name, sum)
	}
	return dataset.MustFrame(len(m.sums[0]), cols...)
}

// softmax turns the logarithms of each row into probabilities.
func softmax(z [][]float64) {
	for i := range z[0] {
		top, sum := math.Inf(-1), 0.0
		for j := range z {
			top = max(top, z[j][i])
		}
		for j := range z {
			z[j][i] = math.Exp(z[j][i] - top)
			sum += z[j][i]
		}
		for j := range z {
			z[j][i] /= sum
		}
	}
}

// mixed is the mean of the members' out-of-fold predictions of some rows.
func (v *view) mixed(rows []int32, b blend) *dataset.Frame {
	mix := newMixture(len(v.results[0].OOF), len(rows), b.geometric)
	for m, w := range b.weights {
		if w == 0 {
			continue
		}
		for j, column := range v.results[m].OOF {
			mix.add(w, j, func(i int) float64 { return float64(column[rows[i]]) })
		}
	}
	return mix.frame(nil)
}

// judgedMix is the mean of the members' predictions of the judged rows.
func (v *view) judgedMix(b blend) *dataset.Frame {
	mix := newMixture(len(v.preds[0]), v.y.Len(), b.geometric)
	for m, w := range b.weights {
		if w == 0 {
			continue
		}
		for j, column := range v.preds[m] {
			mix.add(w, j, func(i int) float64 { return column[i] })
		}
	}
	return mix.frame(nil)
}

// finished turns the mean of the members' raw predictions into what the model says: n rows were learned from.
func (b blend) finished(mix *dataset.Frame, n int) *dataset.Frame {
	return pipeline.Humble(inclined(temper(mix, b.temperature), b.odds), n)
}

// normalOdds divides odds by the largest and keeps them from vanishing; nil if all are one.
func normalOdds(odds []float64) []float64 {
	if odds == nil {
		return nil
	}
	out, top := slices.Clone(odds), slices.Max(odds)
	even := true
	for k := range out {
		out[k] = max(out[k]/top, leastOdds)
		even = even && out[k] == 1
	}
	if even {
		return nil
	}
	return out
}
