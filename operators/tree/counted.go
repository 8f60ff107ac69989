package tree

import (
	"math"

	"github.com/lren-chuv/automl/internal/kernel"
)

// counted judges splits for two classes whose rows count a whole number of times, each class weighing its own factor.
type counted struct {
	tally   []kernel.Tally // by row
	factor  [2]float64
	entropy bool
	logs    []float64 // k log k for the counts that occur, if both factors are 1
	hist    []kernel.Tally
	order   []uint16
	seen    kernel.Ranks
	total   kernel.Tally
}

// newCounted makes a criterion for columns with codes below codes; the tallies are filled in by the caller.
func newCounted(rows, codes int, factor [2]float64, entropy bool) *counted {
	c := &counted{tally: make([]kernel.Tally, rows), factor: factor, entropy: entropy}
	c.hist, c.order = make([]kernel.Tally, codes), make([]uint16, codes)
	if entropy && factor == [2]float64{1, 1} {
		c.logs = logTable(rows)
	}
	return c
}

// logTable holds k log k for k up to n.
func logTable(n int) []float64 {
	t := make([]float64, n+1)
	for k := 1; k <= n; k++ {
		t[k] = float64(k) * math.Log(float64(k))
	}
	return t
}

// xlogx is x log x, 0 for 0.
func xlogx(x float64) float64 {
	if x <= 0 {
		return 0
	}
	return x * math.Log(x)
}

func (c *counted) weights(t kernel.Tally) (w0, w1 float64) {
	return c.factor[0] * float64(t.Class0()), c.factor[1] * float64(t.Class1())
}

func (c *counted) measure(rows []int32, value []float64) (impurity, weight float64) {
	sum := kernel.SumTallies(rows, c.tally)
	w0, w1 := c.weights(sum)
	w := w0 + w1
	p := w1 / w
	value[0] = p
	if c.entropy {
		return max(0, -(xlogx(p)+xlogx(1-p))/math.Ln2), w
	}
	return 2 * p * (1 - p), w
}

func (c *counted) search(col *ranked, rows []int32, least kernel.Limits, o *offer) bool {
	if o.fresh {
		c.total = kernel.SumTallies(rows, c.tally)
	}
	total := c.total
	if o.only {
		return c.judge(kernel.TallyUpTo(col.code, rows, c.tally, o.cut), total, least, o)
	}
	hist := c.hist[:len(col.lo)]
	kernel.TallyRows(col.code, rows, c.tally, hist, &c.seen)
	order := c.order[:c.seen.Drain(c.order, len(hist)-1)]
	at := -1
	if c.entropy {
		at = c.scan(order, hist, total, least, o)
	} else {
		at, o.proxy = kernel.BestGini(order, hist, total, c.factor, least)
	}
	if at < 0 {
		return false
	}
	o.cut, o.next = order[at], order[at+1]
	return true
}

// scan is kernel.BestGini for the entropy.
func (c *counted) scan(order []uint16, hist []kernel.Tally, total kernel.Tally, least kernel.Limits, o *offer) int {
	at, left := -1, kernel.Tally(0)
	for i, k := range order {
		left += hist[k]
		hist[k] = 0
		t := offer{}
		if i < len(order)-1 && c.judge(left, total, least, &t) && (at < 0 || t.proxy > o.proxy) {
			at, o.proxy = i, t.proxy
		}
	}
	return at
}

// judge computes the proxy of one split and reports whether it keeps the limits.
func (c *counted) judge(left, total kernel.Tally, least kernel.Limits, o *offer) bool {
	right := total - left
	if left.Rows() < least.Rows || right.Rows() < least.Rows {
		return false
	}
	l0, l1 := c.weights(left)
	r0, r1 := c.weights(right)
	if l0+l1 < least.Weight || r0+r1 < least.Weight {
		return false
	}
	switch {
	case !c.entropy:
		o.proxy = (l0*l0+l1*l1)/(l0+l1) + (r0*r0+r1*r1)/(r0+r1)
	case c.logs != nil:
		g := c.logs
		o.proxy = g[left.Class0()] + g[left.Class1()] - g[left.Class0()+left.Class1()] + g[right.Class0()] + g[right.Class1()] - g[right.Class0()+right.Class1()]
	default:
		o.proxy = xlogx(l0) + xlogx(l1) - xlogx(l0+l1) + xlogx(r0) + xlogx(r1) - xlogx(r0+r1)
	}
	return true
}
