package tree

import (
	"cmp"
	"math"
	"slices"
)

// logDescent is the log-loss of some classes.
type logDescent struct {
	classes int
	chance  [][]float64 // of each of more than two classes, or of the second, one row after the other
}

// residuals of output 0 come first in a round, and all outputs of a round look at the same scores and rows.
func (d *logDescent) residuals(c *course, rows []int32, k int, out []float64) {
	if d.chance == nil {
		outputs := d.classes
		if outputs == 2 {
			outputs = 1
		}
		d.chance = columns(len(c.rows), outputs)
	}
	if d.classes == 2 {
		p := d.chance[0][:len(rows)]
		logisticOf(c.score[0], rows, p)
		for i, r := range rows {
			out[r] = float64(c.class[r]) - p[i]
		}
		return
	}
	if k == 0 {
		softmaxRows(c.score, rows, d.chance)
	}
	p := d.chance[k][:len(rows)]
	for i, r := range rows {
		out[r] = same(c.class[r], int32(k)) - p[i]
	}
}

// same is 1 for equal classes and 0 for others, without a jump: the processor could not guess it.
func same(a, b int32) float64 { return float64(int64(uint32(a^b-1) >> 31)) }

func (d *logDescent) leaf(c *course, k int, rows []int32, residual []float64) float64 {
	num, den := 0.0, 0.0
	for _, r := range rows {
		y := float64(c.class[r])
		if d.classes > 2 {
			y = same(c.class[r], int32(k))
		}
		w, e := c.weight[r], residual[r]
		num += w * e
		den += w * (y - e) * (1 - y + e)
	}
	if den < 1e-150 {
		return 0
	}
	if d.classes > 2 {
		num *= float64(d.classes-1) / float64(d.classes)
	}
	return num / den
}

// exponentialDescent is the exponential loss of two classes, on half the log-odds.
type exponentialDescent struct{}

func (exponentialDescent) residuals(c *course, rows []int32, _ int, out []float64) {
	for _, r := range rows {
		y := float64(2*c.class[r] - 1)
		out[r] = y * math.Exp(min(700, -y*c.score[0][r]))
	}
}

func (exponentialDescent) leaf(c *course, _ int, rows []int32, residual []float64) float64 {
	num, den := 0.0, 0.0
	for _, r := range rows {
		num += c.weight[r] * residual[r]
		den += c.weight[r] * math.Abs(residual[r])
	}
	if den < 1e-150 {
		return 0
	}
	return num / den
}

// squareDescent is the squared error.
type squareDescent struct{}

func (squareDescent) residuals(c *course, rows []int32, _ int, out []float64) {
	for _, r := range rows {
		out[r] = c.y[r] - c.score[0][r]
	}
}

func (squareDescent) leaf(c *course, _ int, rows []int32, residual []float64) float64 {
	sum, total := 0.0, 0.0
	for _, r := range rows {
		sum += c.weight[r] * residual[r]
		total += c.weight[r]
	}
	return sum / total
}

// quantileDescent is the pinball loss of the quantile q.
type quantileDescent struct{ q float64 }

func (d quantileDescent) residuals(c *course, rows []int32, _ int, out []float64) {
	for _, r := range rows {
		out[r] = d.q - 1
		if c.y[r] > c.score[0][r] {
			out[r] = d.q
		}
	}
}

func (d quantileDescent) leaf(c *course, _ int, rows []int32, _ []float64) float64 {
	return lowQuantile(rows, d.q, func(r int32) float64 { return c.y[r] - c.score[0][r] }, c.weight)
}

// huberDescent is Huber's loss with the bend at the quantile alpha of the residuals' sizes.
type huberDescent struct{ alpha, bend float64 }

func (d *huberDescent) residuals(c *course, rows []int32, _ int, out []float64) {
	d.bend = lowQuantile(c.rows, d.alpha, func(r int32) float64 { return math.Abs(c.y[r] - c.score[0][r]) }, c.weight)
	for _, r := range rows {
		out[r] = max(-d.bend, min(c.y[r]-c.score[0][r], d.bend))
	}
}

func (d *huberDescent) leaf(c *course, _ int, rows []int32, _ []float64) float64 {
	diff := func(r int32) float64 { return c.y[r] - c.score[0][r] }
	centre := lowQuantile(rows, 0.5, diff, c.weight)
	sum := 0.0
	for _, r := range rows {
		sum += max(-d.bend, min(diff(r)-centre, d.bend))
	}
	return centre + sum/float64(len(rows))
}

// lowQuantile is the weighted quantile q of f over rows without interpolation: the smallest value up to which at least
// the share q of the weight lies.
func lowQuantile(rows []int32, q float64, f func(r int32) float64, weight []float64) float64 {
	values, total, one := make([]float64, len(rows)), 0.0, true
	for i, r := range rows {
		values[i] = f(r)
		total += weight[r]
		one = one && weight[r] == weight[rows[0]] && values[i] == values[i]
	}
	below := 0.0
	if one { // the same place whatever the order
		for i, r := range rows {
			if below += weight[r]; below >= q*total || i == len(rows)-1 {
				return nth(values, i)
			}
		}
	}
	type pair struct{ v, w float64 }
	pairs := make([]pair, len(rows))
	for i, r := range rows {
		pairs[i] = pair{values[i], weight[r]}
	}
	slices.SortFunc(pairs, func(a, b pair) int { return cmp.Compare(a.v, b.v) })
	for _, p := range pairs {
		if below += p.w; below >= q*total {
			return p.v
		}
	}
	return pairs[len(pairs)-1].v
}

// nth returns what stands at place k of v in ascending order, and moves v around (Hoare, Algorithm 65: find, 1961). There
// must be no NaN.
func nth(v []float64, k int) float64 {
	for turn := 0; len(v) > 1; turn++ {
		if len(v) <= fewToFind || turn == mostTurns {
			slices.Sort(v)
			break
		}
		a, b, c := v[0], v[len(v)/2], v[len(v)-1]
		pivot := max(min(a, b), min(max(a, b), c))
		i, j := 0, len(v)-1
		for i <= j {
			for v[i] < pivot {
				i++
			}
			for v[j] > pivot {
				j--
			}
			if i <= j {
				v[i], v[j] = v[j], v[i]
				i++
				j--
			}
		}
		switch {
		case k <= j:
			v = v[:j+1]
		case k >= i:
			v, k = v[i:], k-i
		default:
			return pivot
		}
	}
	return v[k]
}

// fewToFind is the number of values that are sorted, and mostTurns the number of turns after which they are: a column
// could be made to take many.
const fewToFind, mostTurns = 12, 40

// interpolated is the quantile q of y over rows, linear between the two order statistics around it.
func interpolated(rows []int32, q float64, y []float64) float64 {
	v := make([]float64, len(rows))
	for i, r := range rows {
		v[i] = y[r]
	}
	slices.Sort(v)
	at := q * float64(len(v)-1)
	k := int(at)
	if k+1 >= len(v) {
		return v[k]
	}
	return v[k] + (at-float64(k))*(v[k+1]-v[k])
}
