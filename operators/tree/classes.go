package tree

import (
	"math"

	"github.com/lren-chuv/automl/internal/kernel"
)

// classes judges splits for any number of classes and any weights. It visits the rows of a node in the order of the
// column and moves one after the other from the right to the left side.
type classes struct {
	*seeker // for the Gini impurity of two classes, after prepare
	class   []int32
	weight  []float64
	entropy bool
	logs    []float64 // k log k if all weights are whole numbers
	whole   bool      // all weights are whole numbers: sums can be kept up to date without rounding
	left    []float64 // weight of each class
	right   []float64
	total   []float64 // of both sides
	sorter  *kernel.Sorter
	order   []int32
	second  []float64 // weight of each row in the second class
	codes   int
}

func newClasses(class []int32, weight []float64, k, codes int, entropy bool) *classes {
	c := &classes{class: class, weight: weight, entropy: entropy, codes: codes}
	c.left, c.right, c.total = make([]float64, k), make([]float64, k), make([]float64, k)
	c.sorter, c.order = kernel.NewSorter(len(class), codes), make([]int32, len(class))
	return c
}

// prepare takes over the weights of the rows, if it is of use.
func (c *classes) prepare() {
	if c.entropy || len(c.left) != 2 {
		return
	}
	if c.seeker == nil {
		c.seeker, c.second = newSeeker(len(c.class), c.codes), make([]float64, len(c.class))
	}
	for i, k := range c.class {
		c.second[i] = float64(k) * c.weight[i]
	}
	c.load(c.second, c.weight)
}

func (c *classes) measure(rows []int32, value []float64) (impurity, weight float64) {
	share := c.left
	clear(share)
	for _, r := range rows {
		share[c.class[r]] += c.weight[r]
	}
	for _, v := range share {
		weight += v
	}
	sum := 0.0
	for k, v := range share {
		p := v / weight
		share[k] = p
		if c.entropy {
			sum -= xlogx(p)
		} else {
			sum += p * p
		}
	}
	copy(value, share)
	if len(value) == 1 {
		value[0] = share[1]
	}
	if c.entropy {
		return max(0, sum/math.Ln2), weight
	}
	return 1 - sum, weight
}

// term is the contribution of a weight x to the proxy of its side.
func (c *classes) term(x float64) float64 {
	switch {
	case !c.entropy:
		return x * x
	case c.logs != nil:
		return c.logs[int(x)]
	}
	return xlogx(x)
}

// side is the proxy of a side of weight w whose terms add up to sum.
func (c *classes) side(sum, w float64) float64 {
	if c.entropy {
		return sum - c.term(w)
	}
	return sum / w
}

func (c *classes) search(col *ranked, rows []int32, least kernel.Limits, o *offer) bool {
	if c.seeker != nil {
		return c.seeker.search(col, rows, least, o)
	}
	clear(c.left)
	if o.fresh {
		clear(c.total)
		for _, r := range rows {
			c.total[c.class[r]] += c.weight[r]
		}
	}
	copy(c.right, c.total)
	wl, wr := 0.0, 0.0
	sl, sr := 0.0, 0.0
	for _, v := range c.right {
		wr += v
		sr += c.term(v)
	}
	if col == nil {
		return c.judge(rows, wr, least, o)
	}
	order := c.order[:len(rows)]
	c.sorter.Order(col.code, rows, order)
	found := false
	for i, r := range order[:len(order)-1] {
		k, w := c.class[r], c.weight[r]
		l, t := c.left[k], c.right[k]
		c.left[k], c.right[k] = l+w, t-w
		if c.whole {
			sl += c.term(l+w) - c.term(l)
			sr += c.term(t-w) - c.term(t)
		}
		wl, wr = wl+w, wr-w
		next := col.code[order[i+1]]
		if next == col.code[r] || i+1 < least.Rows || len(order)-i-1 < least.Rows || wl < least.Weight || wr < least.Weight {
			continue
		}
		if !c.whole {
			sl, sr, wr = c.sums()
		}
		if proxy := c.side(sl, wl) + c.side(sr, wr); !found || proxy > o.proxy {
			found, o.cut, o.next, o.proxy = true, col.code[r], next, proxy
		}
	}
	return found
}

// sums adds up the terms of both sides and the weight of the right one from scratch.
func (c *classes) sums() (left, right, weight float64) {
	for k, v := range c.right {
		left += c.term(c.left[k])
		right += c.term(v)
		weight += v
	}
	return left, right, weight
}

// judge computes the proxy of the offered cut; total is the weight of all rows, c.right their class weights.
func (c *classes) judge(rows []int32, total float64, least kernel.Limits, o *offer) bool {
	n := 0
	for i, r := range rows {
		if o.keys[i] <= o.key {
			c.left[c.class[r]] += c.weight[r]
			n++
		}
	}
	sl, sr, wl := 0.0, 0.0, 0.0
	for k, v := range c.left {
		wl += v
		sl += c.term(v)
		sr += c.term(c.right[k] - v)
	}
	wr := total - wl
	if n < least.Rows || len(rows)-n < least.Rows || wl < least.Weight || wr < least.Weight {
		return false
	}
	o.proxy = c.side(sl, wl) + c.side(sr, wr)
	return true
}
