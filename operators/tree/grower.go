package tree

import (
	"container/heap"
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/lren-chuv/automl/dataset"
)

// criterion measures how mixed a node is.
type criterion uint8

const (
	gini criterion = iota
	entropy
	squaredError
	friedmanMSE
)

// growth says how one tree grows; names and meanings are scikit-learn's.
type growth struct {
	criterion           criterion
	maxDepth            int // 0 is unlimited
	maxLeafNodes        int // 0 is unlimited; otherwise the best node splits first
	minSamplesSplit     int
	minSamplesLeaf      int
	minWeightLeaf       float64 // share of the total weight
	minImpurityDecrease float64
	maxFeatures         int  // columns tried per split
	random              bool // thresholds are drawn, not searched (extremely randomised trees)
}

// training is what all trees of one fit share.
type training struct {
	cols  []*bins
	k     int       // classes, 0 for regression
	class []int32   // target of classification
	y     []float64 // target of regression
}

func newTraining(s dataset.Sample, most int) *training {
	t := &training{cols: make([]*bins, s.X.Cols())}
	for j := range t.cols {
		t.cols[j] = binned(s.X.Col(j), most)
	}
	if s.Y.Kind == dataset.Categorical {
		t.k, t.class = len(s.Y.Levels), s.Y.Code
	} else {
		t.y = s.Y.Float
	}
	return t
}

// width is the number of values in a leaf.
func (t *training) width() int { return max(1, t.k) }

// node is a part of the rows that may be split further.
type node struct {
	id       int32
	lo, hi   int // rows of the grower
	depth    int
	weight   float64
	impurity float64
	sums     []float64 // weight per class, or (weight, weighted sum, weighted sum of squares)
	best     split
	order    int // of making, to break ties of the heap
}

type split struct {
	feature int32  // -1: none
	code    uint16 // rows with at most this code go left
	thr     float64
	proxy   float64
	gain    float64 // weighted decrease of impurity, over the tree's weight
}

// grower grows one tree after another; its scratch memory is reused. It belongs to one goroutine.
type grower struct {
	*training
	growth
	rng    *rand.Rand
	w      []float64 // weight per row of the data, 0 for rows out of the bag
	rows   []int32
	spare  []int32
	cands  []int32
	hist   []float64
	keys   []uint64
	left   []float64
	total  float64
	tree   *flat
	queue  nodeHeap
	made   int
	worked int
}

// grow returns the tree for the rows with positive weight.
func (g *grower) grow(ctx context.Context, w []float64, rng *rand.Rand) (*flat, error) {
	g.w, g.rng, g.tree, g.made = w, rng, &flat{}, 0
	g.rows = g.rows[:0]
	for i, v := range w {
		if v > 0 {
			g.rows = append(g.rows, int32(i))
		}
	}
	g.spare = slices.Grow(g.spare[:0], len(g.rows))[:len(g.rows)]
	if len(g.cands) != len(g.cols) {
		g.cands = make([]int32, len(g.cols))
		for j := range g.cands {
			g.cands[j] = int32(j)
		}
	} else {
		slices.Sort(g.cands)
	}
	root := g.node(0, len(g.rows), 0)
	g.total = root.weight
	g.consider(root)
	g.queue = append(g.queue[:0], root)
	leaves := 1
	for len(g.queue) > 0 && (g.maxLeafNodes == 0 || leaves < g.maxLeafNodes) {
		if g.worked > 20_000 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			g.worked = 0
		}
		n := g.next()
		if n.best.feature < 0 {
			continue
		}
		l, r := g.divide(n)
		leaves++
		g.consider(l)
		g.consider(r)
		g.push(r)
		g.push(l)
	}
	return g.tree, nil
}

// next takes the best node when leaves are limited, the deepest first otherwise.
func (g *grower) next() *node {
	if g.maxLeafNodes > 0 {
		return heap.Pop(&g.queue).(*node)
	}
	n := g.queue[len(g.queue)-1]
	g.queue = g.queue[:len(g.queue)-1]
	return n
}

func (g *grower) push(n *node) {
	if n.best.feature < 0 {
		return
	}
	if g.maxLeafNodes > 0 {
		heap.Push(&g.queue, n)
	} else {
		g.queue = append(g.queue, n)
	}
}

// node makes the node of rows [lo, hi).
func (g *grower) node(lo, hi, depth int) *node {
	n := &node{lo: lo, hi: hi, depth: depth, order: g.made}
	g.made++
	g.worked += hi - lo
	if g.k > 0 {
		n.sums = make([]float64, g.k)
		for _, r := range g.rows[lo:hi] {
			n.sums[g.class[r]] += g.w[r]
			n.weight += g.w[r]
		}
	} else {
		n.sums = make([]float64, 3)
		for _, r := range g.rows[lo:hi] {
			w, y := g.w[r], g.y[r]
			n.sums[0] += w
			n.sums[1] += w * y
			n.sums[2] += w * y * y
		}
		n.weight = n.sums[0]
	}
	n.impurity = g.impurity(n)
	n.id = g.tree.leaf(g.value(n))
	return n
}

// value is what the node predicts: class shares or the mean.
func (g *grower) value(n *node) []float64 {
	if g.k == 0 {
		return []float64{n.sums[1] / n.weight}
	}
	v := make([]float64, g.k)
	for c := range v {
		v[c] = n.sums[c] / n.weight
	}
	return v
}

func (g *grower) impurity(n *node) float64 {
	switch g.criterion {
	case gini:
		sum := 0.0
		for _, s := range n.sums {
			sum += s * s
		}
		return 1 - sum/(n.weight*n.weight)
	case entropy:
		sum := 0.0
		for _, s := range n.sums {
			if s > 0 {
				sum -= s / n.weight * math.Log2(s/n.weight)
			}
		}
		return sum
	}
	mean := n.sums[1] / n.weight
	return max(0, n.sums[2]/n.weight-mean*mean)
}

// epsilon is the impurity below which a node counts as pure.
const epsilon = 2.220446049250313e-16

// consider looks for the node's best split, if it may be split at all.
func (g *grower) consider(n *node) {
	n.best = split{feature: -1, proxy: math.Inf(-1)}
	rows := n.hi - n.lo
	if g.maxDepth > 0 && n.depth >= g.maxDepth || rows < g.minSamplesSplit || rows < 2*g.minSamplesLeaf ||
		n.weight < 2*g.minWeightLeaf*g.total || n.impurity <= g.pure(n) {
		return
	}
	tried := 0
	for j := 0; j < len(g.cands) && tried < g.maxFeatures; j++ {
		k := j + g.rng.IntN(len(g.cands)-j) // drawn even when all are tried: that breaks ties at random, like scikit-learn
		g.cands[j], g.cands[k] = g.cands[k], g.cands[j]
		if g.try(n, g.cands[j]) {
			tried++
		}
		g.worked += rows
	}
	if n.best.feature < 0 {
		return
	}
	n.best.gain = g.improvement(n)
	if n.best.gain+epsilon < g.minImpurityDecrease {
		n.best.feature = -1
	}
}

// pure is the impurity that counts as none: rounding leaves more of it where targets are large.
func (g *grower) pure(n *node) float64 {
	if g.k > 0 {
		return epsilon
	}
	return max(epsilon, 1e-14*n.sums[2]/n.weight)
}

// try searches one column and reports whether it varies within the node.
func (g *grower) try(n *node, f int32) bool {
	b := g.cols[f]
	lo, hi := b.code[g.rows[n.lo]], b.code[g.rows[n.lo]]
	for _, r := range g.rows[n.lo:n.hi] {
		c := b.code[r]
		lo, hi = min(lo, c), max(hi, c)
	}
	switch {
	case lo == hi:
		return false
	case g.random:
		g.draw(n, f, lo, hi)
	case int(hi-lo) > 6*(n.hi-n.lo) || n.hi-n.lo < 24:
		g.sorted(n, f)
	default:
		g.histogram(n, f, lo, hi)
	}
	return true
}

// improvement is the weighted decrease of impurity by the best split, as scikit-learn reports it.
func (g *grower) improvement(n *node) float64 {
	w := n.weight / g.total
	switch g.criterion {
	case gini: // proxy = Σ l²/L + Σ r²/R
		sum := 0.0
		for _, s := range n.sums {
			sum += s * s
		}
		return w * (n.best.proxy - sum/n.weight) / n.weight
	case entropy: // proxy = -L·H(l) - R·H(r)
		return w * (n.impurity + n.best.proxy/n.weight)
	case friedmanMSE: // proxy = L·R/(L+R)·(mean difference)²
		return n.best.proxy / n.weight
	}
	return w * (n.best.proxy - n.sums[1]*n.sums[1]/n.weight) / n.weight
}

// divide splits a node's rows in place and makes its children.
func (g *grower) divide(n *node) (l, r *node) {
	b := g.cols[n.best.feature].code
	mid, spare := n.lo, g.spare[:0]
	for _, row := range g.rows[n.lo:n.hi] {
		if b[row] <= n.best.code {
			g.rows[mid] = row
			mid++
		} else {
			spare = append(spare, row)
		}
	}
	copy(g.rows[mid:n.hi], spare)
	l = g.node(n.lo, mid, n.depth+1)
	r = g.node(mid, n.hi, n.depth+1)
	t := g.tree
	t.Feature[n.id], t.Threshold[n.id], t.Gain[n.id] = n.best.feature, n.best.thr, n.best.gain
	t.Left[n.id], t.Right[n.id] = l.id, r.id
	return l, r
}

// nodeHeap has the node with the largest gain on top; the older one of equals.
type nodeHeap []*node

func (h nodeHeap) Len() int { return len(h) }
func (h nodeHeap) Less(i, j int) bool {
	if h[i].best.gain != h[j].best.gain {
		return h[i].best.gain > h[j].best.gain
	}
	return h[i].order < h[j].order
}
func (h nodeHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *nodeHeap) Push(x any)   { *h = append(*h, x.(*node)) }
func (h *nodeHeap) Pop() any {
	old := *h
	n := old[len(old)-1]
	*h = old[:len(old)-1]
	return n
}
