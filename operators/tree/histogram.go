package tree

import (
	"container/heap"
	"context"
	"math"

	"github.com/lren-chuv/automl/dataset"
)

// table is the training frame as histograms see it: one byte per value, row by row, and for every column where its cells
// begin in a histogram. It is made once per frame and shared by all boosters.
type table struct {
	cols  []*bins
	code  []uint8 // rows × columns
	first []int32 // of the column's cells; the last cell of a column is that of missing values
	cells int
	holes []bool // the column has missing values
}

type tableKey struct{ most int }

func tabulate(x *dataset.Frame, most int) *table {
	return x.Derive(tableKey{most}, func() any {
		p, n := x.Cols(), x.Rows()
		t := &table{cols: make([]*bins, p), code: make([]uint8, n*p), first: make([]int32, p), holes: make([]bool, p)}
		for j := range p {
			b := binned(x.Col(j), most)
			t.cols[j], t.first[j] = b, int32(t.cells)
			t.cells += len(b.low) + 1
			for i, c := range b.code {
				t.code[i*p+j] = uint8(c)
				t.holes[j] = t.holes[j] || c == b.missing()
			}
		}
		return t
	}).(*table)
}

// cell sums the gradients, second derivatives and rows of one bin.
type cell struct{ g, h, n float64 }

// boostGrowth says how the trees of a booster grow.
type boostGrowth struct {
	maxLeaves, maxDepth int     // 0 is unlimited
	minRows             int     // min_samples_leaf
	minHessian          float64 // min_child_weight
	minGain             float64
	l1, l2              float64
	columns             float64 // share tried per tree
}

// bud is a leaf that may still grow.
type bud struct {
	id      int32
	lo, hi  int
	depth   int
	sum     cell
	hist    []cell
	feature int32
	code    uint16
	left    bool // missing values go left
	gain    float64
	leftSum cell
	order   int
}

// boostGrower grows trees leaf by leaf, the best split of all leaves first (Shi 2007; LightGBM). It belongs to one
// goroutine.
type boostGrower struct {
	*table
	boostGrowth
	g, h   []float64
	rows   []int32
	spare  []int32
	cands  []int32
	free   [][]cell
	queue  budHeap
	tree   *flat
	leaves []*bud
	made   int
	worked int
}

// grow fits one tree to the gradients of the given rows, which it reorders.
func (b *boostGrower) grow(ctx context.Context, rows []int32, cands []int32) (*flat, error) {
	b.rows, b.cands, b.tree, b.made = rows, cands, &flat{MissingLeft: []byte{}}, 0
	if cap(b.spare) < len(rows) {
		b.spare = make([]int32, len(rows))
	}
	b.leaves, b.queue = b.leaves[:0], b.queue[:0]
	root := &bud{hi: len(rows), hist: b.borrow()}
	for _, r := range rows {
		root.sum.g += b.g[r]
		root.sum.h += b.h[r]
	}
	root.sum.n = float64(len(rows))
	b.fill(root)
	b.sprout(root)
	for len(b.queue) > 0 && (b.maxLeaves == 0 || len(b.leaves) < b.maxLeaves) {
		if b.worked > 1_000_000 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			b.worked = 0
		}
		b.divide(heap.Pop(&b.queue).(*bud))
	}
	for _, l := range b.leaves {
		b.tree.Value[l.id] = b.weight(l.sum)
		b.giveBack(l)
	}
	return b.tree, nil
}

// weight is the Newton step of a leaf, shrunk by l1 and l2.
func (b *boostGrower) weight(s cell) float64 {
	d := s.h + b.l2
	if !(d > 0) {
		return 0
	}
	return -shrink(s.g, b.l1) / d
}

func shrink(g, l1 float64) float64 {
	switch {
	case g > l1:
		return g - l1
	case g < -l1:
		return g + l1
	}
	return 0
}

func (b *boostGrower) score(g, h float64) float64 {
	d := h + b.l2
	if !(d > 0) {
		return 0
	}
	g = shrink(g, b.l1)
	return g * g / d
}

func (b *boostGrower) borrow() []cell {
	if n := len(b.free); n > 0 {
		h := b.free[n-1]
		b.free = b.free[:n-1]
		return h
	}
	return make([]cell, b.cells)
}

func (b *boostGrower) giveBack(n *bud) {
	if n.hist != nil {
		b.free = append(b.free, n.hist)
		n.hist = nil
	}
}

// fill builds a node's histogram from its rows.
func (b *boostGrower) fill(n *bud) {
	h, p := n.hist, len(b.cols)
	clear(h)
	b.worked += (n.hi - n.lo) * len(b.cands)
	if len(b.cands) < p {
		for _, r := range b.rows[n.lo:n.hi] {
			code, g, hs := b.code[int(r)*p:int(r)*p+p], b.g[r], b.h[r]
			for _, j := range b.cands {
				c := &h[int(b.first[j])+int(code[j])]
				c.g += g
				c.h += hs
				c.n++
			}
		}
		return
	}
	first := b.first[:p]
	for _, r := range b.rows[n.lo:n.hi] {
		code, g, hs := b.code[int(r)*p:int(r)*p+p], b.g[r], b.h[r]
		for j, f := range first {
			c := &h[int(f)+int(code[j])]
			c.g += g
			c.h += hs
			c.n++
		}
	}
}

// sprout makes a leaf of the tree and queues it if it can be split.
func (b *boostGrower) sprout(n *bud) {
	n.id = b.tree.leaf([]float64{0})
	b.tree.MissingLeft = append(b.tree.MissingLeft, 0)
	n.order, n.feature = b.made, -1
	b.made++
	b.leaves = append(b.leaves, n)
	rows := n.hi - n.lo
	if n.hist == nil || b.maxDepth > 0 && n.depth >= b.maxDepth || rows < 2*b.minRows || rows < 2 {
		b.giveBack(n)
		return
	}
	parent := b.score(n.sum.g, n.sum.h)
	for _, f := range b.cands {
		b.search(n, f, parent)
	}
	if n.feature < 0 {
		b.giveBack(n)
		return
	}
	heap.Push(&b.queue, n)
}

// search looks through one column's cells for a better split.
func (b *boostGrower) search(n *bud, f int32, parent float64) {
	k := len(b.cols[f].low)
	at := int(b.first[f])
	cells := n.hist[at : at+k]
	hole := n.hist[at+k]
	b.worked += k
	minRows := max(1, float64(b.minRows))
	floor := max(n.gain, b.minGain, 1e-12*parent) + parent
	total := n.sum
	var l cell
	for c := range cells {
		x := &cells[c]
		if x.n == 0 {
			continue
		}
		l.g += x.g
		l.h += x.h
		l.n += x.n
		if total.n-l.n < minRows && hole.n == 0 {
			break
		}
		if l.n >= minRows && total.n-l.n >= minRows {
			if gain := b.gain(l, total); gain > floor {
				floor = gain
				n.gain, n.feature, n.code, n.left, n.leftSum = gain-parent, f, uint16(c), false, l
			}
		}
		if hole.n > 0 && l.n+hole.n >= minRows && total.n-l.n-hole.n >= minRows {
			m := cell{l.g + hole.g, l.h + hole.h, l.n + hole.n}
			if gain := b.gain(m, total); gain > floor {
				floor = gain
				n.gain, n.feature, n.code, n.left, n.leftSum = gain-parent, f, uint16(c), true, m
			}
		}
	}
}

// gain is the score of both sides of a split, -1 if one is too light.
func (b *boostGrower) gain(l, total cell) float64 {
	rg, rh := total.g-l.g, total.h-l.h
	if l.h < b.minHessian || rh < b.minHessian {
		return -1
	}
	if b.l1 > 0 {
		return b.score(l.g, l.h) + b.score(rg, rh)
	}
	dl, dr := l.h+b.l2, rh+b.l2
	if !(dl > 0 && dr > 0) {
		return -1
	}
	return (l.g*l.g*dr + rg*rg*dl) / (dl * dr)
}

// divide splits a leaf; the smaller child counts its rows, the other is the difference.
func (b *boostGrower) divide(n *bud) {
	col, p := b.cols[n.feature], len(b.cols)
	f, hole := int(n.feature), uint8(col.missing())
	mid, spare := n.lo, b.spare[:0]
	for _, r := range b.rows[n.lo:n.hi] {
		c := b.code[int(r)*p+f]
		if c == hole && n.left || c != hole && uint16(c) <= n.code {
			b.rows[mid] = r
			mid++
		} else {
			spare = append(spare, r)
		}
	}
	copy(b.rows[mid:n.hi], spare)
	l := &bud{lo: n.lo, hi: mid, depth: n.depth + 1, sum: n.leftSum}
	r := &bud{lo: mid, hi: n.hi, depth: n.depth + 1, sum: cell{n.sum.g - n.leftSum.g, n.sum.h - n.leftSum.h, n.sum.n - n.leftSum.n}}
	b.histograms(n, l, r)
	t := b.tree
	t.Feature[n.id], t.Gain[n.id] = n.feature, n.gain
	t.Threshold[n.id] = b.threshold(n, col)
	if n.left {
		t.MissingLeft[n.id] = 1
	}
	for i, leaf := range b.leaves { // the split leaf is one no more
		if leaf == n {
			b.leaves[i] = b.leaves[len(b.leaves)-1]
			b.leaves = b.leaves[:len(b.leaves)-1]
			break
		}
	}
	b.sprout(l)
	b.sprout(r)
	t.Left[n.id], t.Right[n.id] = l.id, r.id
}

// threshold separates the last bin on the left from the next: missing values have a direction of their own.
func (b *boostGrower) threshold(n *bud, col *bins) float64 {
	if int(n.code)+1 >= len(col.low) {
		return math.MaxFloat64
	}
	return col.between(n.code, n.code+1)
}

func (b *boostGrower) histograms(n, l, r *bud) {
	small, large := l, r
	if l.hi-l.lo > r.hi-r.lo {
		small, large = r, l
	}
	if b.maxDepth > 0 && l.depth >= b.maxDepth || len(b.leaves)+1 == b.maxLeaves { // neither will be searched
		b.giveBack(n)
		return
	}
	small.hist, large.hist = b.borrow(), n.hist
	n.hist = nil
	b.fill(small)
	for i := range large.hist {
		s, x := &small.hist[i], &large.hist[i]
		x.g -= s.g
		x.h -= s.h
		x.n -= s.n
	}
}

type budHeap []*bud

func (h budHeap) Len() int { return len(h) }
func (h budHeap) Less(i, j int) bool {
	if h[i].gain != h[j].gain {
		return h[i].gain > h[j].gain
	}
	return h[i].order < h[j].order
}
func (h budHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *budHeap) Push(x any)   { *h = append(*h, x.(*bud)) }
func (h *budHeap) Pop() any {
	old := *h
	n := old[len(old)-1]
	*h = old[:len(old)-1]
	return n
}
