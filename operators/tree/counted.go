package tree

import (
	"math"

	"github.com/lren-chuv/automl/internal/kernel"
)

// counted judges splits for two classes whose rows count a whole number of times, each class weighing its own factor.
type counted struct {
	*seeker                       // for the Gini impurity
	second, weight []float64      // of each row: that of the second class, that of either
	tally          []kernel.Tally // by row
	factor         [2]float64
	entropy        bool
	logs           []float64      // k log k for the counts that occur, if both factors are 1
	hist           []kernel.Tally // the rest is for the entropy
	order          []uint16
	seen           kernel.Ranks
	total          kernel.Tally
}

// newCounted makes a criterion for columns with codes below codes; the tallies are filled in by the caller.
func newCounted(rows, codes int, factor [2]float64, entropy bool) *counted {
	c := &counted{tally: make([]kernel.Tally, rows), factor: factor, entropy: entropy}
	if !entropy {
		c.seeker, c.second, c.weight = newSeeker(rows, codes), make([]float64, rows), make([]float64, rows)
		return c
	}
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
	return c.value(kernel.SumTallies(rows, c.tally), value)
}

// value is measure for the sum of the tallies of the rows.
func (c *counted) value(sum kernel.Tally, value []float64) (impurity, weight float64) {
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
	if c.seeker != nil {
		if o.fresh {
			c.begin(rows, least)
		}
		return c.seeker.search(col, rows, o)
	}
	if o.fresh {
		c.total = kernel.SumTallies(rows, c.tally)
	}
	if col == nil {
		left := kernel.Tally(0)
		for i, r := range rows {
			if o.keys[i] <= o.key {
				left += c.tally[r]
			}
		}
		return c.judge(left, c.total, least, o)
	}
	hist := c.hist[:len(col.lo)]
	kernel.TallyRows(col.code, rows, c.tally, hist, &c.seen)
	order := c.order[:c.seen.Drain(c.order, len(hist)-1)]
	at := c.walk(order, hist, c.total, least, o)
	if at < 0 {
		return false
	}
	o.cut, o.next = order[at], order[at+1]
	return true
}

// walk finds the best cut in the ordered codes and empties the histogram. It returns the position of the last code on
// the left, -1 if there is none.
func (c *counted) walk(order []uint16, hist []kernel.Tally, total kernel.Tally, least kernel.Limits, o *offer) int {
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

// judge computes the proxy of one split, the gain of information up to a constant, and reports whether it keeps the limits.
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
	if g := c.logs; g != nil {
		o.proxy = g[left.Class0()] + g[left.Class1()] - g[left.Class0()+left.Class1()] + g[right.Class0()] + g[right.Class1()] - g[right.Class0()+right.Class1()]
	} else {
		o.proxy = xlogx(l0) + xlogx(l1) - xlogx(l0+l1) + xlogx(r0) + xlogx(r1) - xlogx(r0+r1)
	}
	return true
}
