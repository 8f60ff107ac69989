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
	logs           []float64 // k log k for the counts that occur, if both factors are 1
	words, local   []int64   // the tallies, and those of the rows of a node; this and the rest is for the entropy
	hist, packed   []int64   // by code, all 0 between searches; of the codes that occur
	order          []uint16
	seen           kernel.Ranks
	line           *kernel.Lineup // nil for many rows
	total          kernel.Tally
}

// newCounted makes a criterion for columns with codes below codes; the tallies are filled in by the caller.
func newCounted(rows, codes int, factor [2]float64, entropy bool) *counted {
	c := &counted{tally: make([]kernel.Tally, rows), factor: factor, entropy: entropy}
	if !entropy {
		c.seeker, c.second, c.weight = newSeeker(rows, codes), make([]float64, rows), make([]float64, rows)
		return c
	}
	c.words, c.local = make([]int64, rows), make([]int64, rows)
	c.hist, c.packed, c.order = make([]int64, codes), make([]int64, codes), make([]uint16, codes)
	if rows <= kernel.MaxMembers {
		c.line = kernel.NewLineup(rows)
	}
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
		return c.seeker.search(col, rows, least, o)
	}
	if o.fresh {
		c.open(rows, least)
	}
	if col == nil {
		local := c.local[:len(rows)]
		if o.fresh {
			for i, r := range rows {
				local[i] = c.words[r]
			}
		}
		left := kernel.SumBelow(o.keys, local, o.key)
		return c.judge(kernel.Tally(left), c.total, least, o)
	}
	if o.members != nil {
		return c.searchLine(col, rows, least, o)
	}
	return c.best(rows, least, o, c.seen.Sparse(col.code, rows, c.words, c.hist[:len(col.lo)], c.packed, c.order))
}

// best offers the best cut between n codes of the rows, by the entropy.
func (c *counted) best(rows []int32, least kernel.Limits, o *offer, n int) bool {
	at := -1
	if cells := c.packed[:n]; c.logs != nil && least.Weight == 0 && 2*least.Rows <= len(rows) {
		at, o.proxy = c.inform(cells, least.Rows)
	} else {
		at = c.walk(cells, least, o)
	}
	if at < 0 {
		return false
	}
	o.cut, o.next = c.order[at], c.order[at+1]
	return true
}

func (c *counted) open(rows []int32, _ kernel.Limits) []int64 {
	c.total = kernel.Tally(kernel.Sum(rows, c.words))
	return c.words
}

func (c *counted) weighed(left int64, least kernel.Limits) (proxy float64, ok bool) {
	var o offer
	ok = c.judge(kernel.Tally(left), c.total, least, &o)
	return o.proxy, ok
}

// walk finds the best cut between the tallies of ascending codes. It returns the position of the last code on the left,
// -1 if there is none.
func (c *counted) walk(cells []int64, least kernel.Limits, o *offer) int {
	at, left := -1, kernel.Tally(0)
	for i, v := range cells[:len(cells)-1] {
		left += kernel.Tally(v)
		t := offer{}
		if c.judge(left, c.total, least, &t) && (at < 0 || t.proxy > o.proxy) {
			at, o.proxy = i, t.proxy
		}
	}
	return at
}

// inform is walk for factors of 1, with the short cut of [census.inform].
func (c *counted) inform(cells []int64, least int) (at int, proxy float64) {
	total, left := int64(c.total), int64(0)
	lowest, span := int64(least), uint64(c.total.Rows()-2*least)
	at = -1
	for i, v := range cells[:len(cells)-1] {
		left += v
		k, n := int64(kernel.Tally(left).Rows())-lowest, int64(kernel.Tally(v).Rows())
		if uint64(k) > span || v == cells[i+1] && uint64(k-n) <= span && uint64(k+n) <= span {
			continue
		}
		if p := c.information(kernel.Tally(left), kernel.Tally(total-left)); at < 0 || p > proxy {
			at, proxy = i, p
		}
	}
	return at, proxy
}

// information is the proxy for factors of 1.
func (c *counted) information(left, right kernel.Tally) float64 {
	g, l0, l1, r0, r1 := c.logs, left.Class0(), left.Class1(), right.Class0(), right.Class1()
	return g[l0] + g[l1] - g[l0+l1] + g[r0] + g[r1] - g[r0+r1]
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
	if c.logs != nil {
		o.proxy = c.information(left, right)
	} else {
		o.proxy = xlogx(l0) + xlogx(l1) - xlogx(l0+l1) + xlogx(r0) + xlogx(r1) - xlogx(r0+r1)
	}
	return true
}
