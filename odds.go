package automl

import (
	"math"
	"slices"

	"github.com/lren-chuv/automl/dataset"
)

// Where labels are scored, not probabilities, the most probable class need not be the best answer: the balanced accuracy
// wants rare classes named more often, F1 the positive one. So the probabilities of such a model are multiplied by odds of
// the classes before they are normalised, and the most probable class is then the best answer everywhere, here and in
// exported models. One number is chosen on predictions of unseen rows: a shift of the log-odds of two classes (a threshold,
// in other words; scikit-learn's TunedThresholdClassifierCV), a power of the shares of more. It is used only if the number
// chosen on one half of the rows does better on the other, both ways.

// tilt is what the probabilities of the classes are multiplied by: for two classes by the shift s of the log-odds, for more
// by their shares to the power -s.
func tilt(shares []float64, s float64) []float64 {
	odds := make([]float64, len(shares))
	for k, share := range shares {
		odds[k] = math.Pow(max(share, 1e-6), -s)
	}
	if len(odds) == 2 {
		odds[0], odds[1] = 1, math.Exp(s)
	}
	top := slices.Max(odds)
	for k := range odds {
		odds[k] = max(odds[k]/top, leastOdds)
	}
	return odds
}

const leastOdds = 1e-3

// tilts are the numbers to choose from; the one in the middle of the first is no tilt.
func tilts(classes int) []float64 {
	low, high, step := -0.6, 1.4, 0.05
	if classes == 2 {
		low, high, step = -3, 3, 0.1
	}
	var out []float64
	for i := 0; low+float64(i)*step < high+step/2; i++ {
		out = append(out, low+float64(i)*step)
	}
	return out
}

// odds are the best for a blend, its own where none are better or the metric looks at probabilities.
func (p *panel) odds(b blend) []float64 {
	if p.views[0].y.Kind != dataset.Categorical || !p.metric.OfLabels() {
		return b.odds
	}
	shares := make([]float64, len(p.views[0].preds[0]))
	mixes := make([]*dataset.Frame, len(p.views))
	for k := range p.views {
		mixes[k] = inclined(temper(p.views[k].judgedMix(b), b.temperature), b.odds)
		for _, c := range p.views[k].y.Code {
			shares[c] += 1 / float64(len(p.views)*p.views[k].y.Len())
		}
	}
	s := tilts(len(shares))
	losses := [2][]float64{p.tilted(mixes, shares, s, 0), p.tilted(mixes, shares, s, 1)}
	even := [2]float64{p.tilted(mixes, shares, nil, 0)[0], p.tilted(mixes, shares, nil, 1)[0]}
	both := make([]float64, len(s))
	for i := range s {
		both[i] = losses[0][i] + losses[1][i]
	}
	crossed := losses[1][lowest(losses[0])] + losses[0][lowest(losses[1])]
	if !(crossed < even[0]+even[1]) {
		return b.odds
	}
	best := tilt(shares, s[lowest(both)])
	if b.odds == nil {
		return best
	}
	for k := range best {
		best[k] *= b.odds[k]
	}
	return normalOdds(best)
}

// tilted is the loss of every tilt, none if s is nil, on the judged rows whose place is even or odd.
func (p *panel) tilted(mixes []*dataset.Frame, shares, s []float64, half int) []float64 {
	out := make([]float64, max(1, len(s)))
	for k, mix := range mixes {
		var rows []int32
		for i := half; i < mix.Rows(); i += 2 {
			rows = append(rows, int32(i))
		}
		y, part := p.views[k].y.Gather(rows), mix.Gather(rows)
		var w []float64
		for _, i := range rows {
			if p.views[k].w != nil {
				w = append(w, p.views[k].w[i])
			}
		}
		for i := range out {
			told := part
			if s != nil {
				told = inclined(part, tilt(shares, s[i]))
			}
			score, err := p.metric.Score(y, told, w)
			if err != nil {
				score = math.NaN()
			}
			out[i] += p.metric.Loss(score)
		}
	}
	return out
}

// lowest is the place of the lowest loss, each averaged with its neighbours: a peak that stands alone is luck.
func lowest(losses []float64) int {
	best, at := math.Inf(1), len(losses)/2
	for i := range losses {
		lo, hi := max(0, i-2), min(len(losses), i+3)
		sum := 0.0
		for _, v := range losses[lo:hi] {
			sum += v
		}
		if mean := sum / float64(hi-lo); mean < best {
			best, at = mean, i
		}
	}
	return at
}

// inclined multiplies the probabilities of the classes by odds and normalises them.
func inclined(p *dataset.Frame, odds []float64) *dataset.Frame {
	if odds == nil || p.Cols() != len(odds) {
		return p
	}
	out := make([][]float64, len(odds))
	for j := range out {
		out[j] = make([]float64, p.Rows())
	}
	for i := range p.Rows() {
		sum := 0.0
		for j, o := range odds {
			out[j][i] = o * p.Col(j).Float[i]
			sum += out[j][i]
		}
		for j := range out {
			out[j][i] /= sum
		}
	}
	cols := make([]*dataset.Column, len(out))
	for j := range cols {
		cols[j] = dataset.NewNumeric(p.Col(j).Name, out[j])
	}
	return dataset.MustFrame(p.Rows(), cols...)
}
