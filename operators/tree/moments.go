package tree

import (
	"math"

	"github.com/lren-chuv/automl/internal/kernel"
)

// moments judges splits of a numeric target by the squared error or the Poisson deviance.
type moments struct {
	*seeker   // for the squared error
	y, weight []float64
	sum       []float64 // weight times (y - shift)
	shift     float64   // about the mean, so that squares of sums do not cancel
	poisson   bool
	hist      []kernel.Moment // the rest is for the Poisson deviance
	order     []uint16
	seen      kernel.Ranks
	total     kernel.Moment
}

// newMoments makes a criterion for columns with codes below codes; prepare must follow.
func newMoments(y []float64, codes int, poisson bool) *moments {
	m := &moments{y: y, poisson: poisson, sum: make([]float64, len(y))}
	if !poisson {
		m.seeker = newSeeker(len(y), codes)
		return m
	}
	m.hist, m.order = make([]kernel.Moment, codes), make([]uint16, codes)
	return m
}

// prepare sets the weights of the rows for the next trees.
func (m *moments) prepare(weight []float64) {
	m.weight, m.shift = weight, 0
	if !m.poisson {
		sum, total := 0.0, 0.0
		for i, w := range weight {
			sum += w * m.y[i]
			total += w
		}
		m.shift = sum / total
	}
	for i, w := range weight {
		m.sum[i] = w * (m.y[i] - m.shift)
	}
	if m.seeker != nil {
		m.load(m.sum, weight)
	}
}

// prepareRows is prepare if the next trees grow on these rows only, summed in this order, and for the squared error: what is
// known of other rows may be old.
func (m *moments) prepareRows(weight []float64, rows []int32) {
	if len(rows) == len(weight) {
		m.prepare(weight)
		return
	}
	m.weight = weight
	sum, total := 0.0, 0.0
	for _, r := range rows {
		w := weight[r]
		sum += w * m.y[r]
		total += w
	}
	m.shift = sum / total
	for _, r := range rows {
		m.sum[r] = weight[r] * (m.y[r] - m.shift)
	}
	m.loadRows(m.sum, weight, rows)
}

func (m *moments) measure(rows []int32, value []float64) (impurity, weight float64) {
	sum, square := 0.0, 0.0
	for _, r := range rows {
		sum += m.sum[r]
		weight += m.weight[r]
	}
	mean := sum / weight
	value[0] = mean + m.shift
	for _, r := range rows {
		y, w := m.y[r], m.weight[r]
		if m.poisson {
			square += w * (xlogx(y) - y*math.Log(max(mean, math.SmallestNonzeroFloat64)))
			continue
		}
		d := y - m.shift - mean
		square += w * d * d
	}
	return max(0, square/weight), weight
}

// measureBoth is measure for two nodes, by the squared error. The sums of one do not wait for those of the other.
func (m *moments) measureBoth(l, r []int32, value []float64) (il, wl, ir, wr float64) {
	n := min(len(l), len(r))
	sum, weight, y := m.sum, m.weight, m.y
	sl, sr := 0.0, 0.0
	for i, a := range l[:n] {
		b := r[i]
		sl += sum[a]
		wl += weight[a]
		sr += sum[b]
		wr += weight[b]
	}
	for _, a := range l[n:] {
		sl += sum[a]
		wl += weight[a]
	}
	for _, b := range r[n:] {
		sr += sum[b]
		wr += weight[b]
	}
	ml, mr := sl/wl, sr/wr
	value[0], value[1] = ml+m.shift, mr+m.shift
	for i, a := range l[:n] {
		b := r[i]
		d, e := y[a]-m.shift-ml, y[b]-m.shift-mr
		il += weight[a] * d * d
		ir += weight[b] * e * e
	}
	for _, a := range l[n:] {
		d := y[a] - m.shift - ml
		il += weight[a] * d * d
	}
	for _, b := range r[n:] {
		e := y[b] - m.shift - mr
		ir += weight[b] * e * e
	}
	return max(0, il/wl), wl, max(0, ir/wr), wr
}

func (m *moments) search(col *ranked, rows []int32, least kernel.Limits, o *offer) bool {
	if m.seeker != nil {
		return m.seeker.search(col, rows, least, o)
	}
	if o.fresh {
		m.total = kernel.Moment{}
		for _, r := range rows {
			m.total.Add(kernel.Moment{Sum: m.sum[r], Weight: m.weight[r], Rows: 1})
		}
	}
	if col == nil {
		var left kernel.Moment
		for i, r := range rows {
			if o.keys[i] <= o.key {
				left.Add(kernel.Moment{Sum: m.sum[r], Weight: m.weight[r], Rows: 1})
			}
		}
		return m.judge(left, m.total, least, o)
	}
	hist := m.hist[:len(col.lo)]
	kernel.MomentRows(col.code, rows, m.sum, m.weight, hist, &m.seen)
	order := m.order[:m.seen.Drain(m.order, len(hist)-1)]
	at := m.walk(order, hist, m.total, least, o)
	if at < 0 {
		return false
	}
	o.cut, o.next = order[at], order[at+1]
	return true
}

// walk finds the best cut in the ordered codes and empties the histogram. It returns the position of the last code on
// the left, -1 if there is none.
func (m *moments) walk(order []uint16, hist []kernel.Moment, total kernel.Moment, least kernel.Limits, o *offer) int {
	at := -1
	var left kernel.Moment
	for i, k := range order {
		left.Add(hist[k])
		hist[k] = kernel.Moment{}
		t := offer{}
		if i < len(order)-1 && m.judge(left, total, least, &t) && (at < 0 || t.proxy > o.proxy) {
			at, o.proxy = i, t.proxy
		}
	}
	return at
}

// judge computes the proxy of one split, by the Poisson deviance, and reports whether it keeps the limits.
func (m *moments) judge(left, total kernel.Moment, least kernel.Limits, o *offer) bool {
	right := total.Minus(left)
	if left.Rows < least.Rows || right.Rows < least.Rows || left.Weight < least.Weight || right.Weight < least.Weight {
		return false
	}
	if left.Sum <= purity || right.Sum <= purity {
		return false // a mean of zero has no finite deviance for positive counts
	}
	o.proxy = left.Sum*math.Log(left.Sum/left.Weight) + right.Sum*math.Log(right.Sum/right.Weight)
	return true
}
