package tree

import (
	"math"
	"slices"
)

// The three ways to search a column for the best split of a node: by a histogram over codes, by sorting the node's rows
// when there are few of them, and by a random threshold. All keep g.left, the sums of the rows that go left.

// stride is the room per code in a histogram: weights per class, or weight and weighted sum; and the number of rows.
func (g *grower) stride() int {
	if g.k > 0 {
		return g.k + 1
	}
	return 3
}

func (g *grower) histogram(n *node, f int32, lo, hi uint16) {
	stride := g.stride()
	size := (int(hi-lo) + 1) * stride
	if cap(g.hist) < size {
		g.hist = make([]float64, size)
	}
	h := g.hist[:size]
	clear(h)
	code := g.cols[f].code
	if g.k > 0 {
		for _, r := range g.rows[n.lo:n.hi] {
			at := int(code[r]-lo) * stride
			h[at+int(g.class[r])] += g.w[r]
			h[at+g.k]++
		}
	} else {
		for _, r := range g.rows[n.lo:n.hi] {
			at := int(code[r]-lo) * stride
			w := g.w[r]
			h[at] += w
			h[at+1] += w * g.y[r]
			h[at+2]++
		}
	}
	s := g.start(n)
	before := lo
	for c := lo; ; c++ {
		cell := h[int(c-lo)*stride : int(c-lo+1)*stride]
		if cell[stride-1] > 0 {
			if c > lo {
				s.offer(f, before, c)
			}
			s.move(cell[:stride-1], int(cell[stride-1]))
			before = c
		}
		if c == hi {
			return
		}
	}
}

func (g *grower) sorted(n *node, f int32) {
	code := g.cols[f].code
	keys := g.keys[:0]
	for _, r := range g.rows[n.lo:n.hi] {
		keys = append(keys, uint64(code[r])<<32|uint64(r))
	}
	g.keys = keys
	if len(keys) < 32 {
		insertionSort(keys)
	} else {
		slices.Sort(keys)
	}
	s := g.start(n)
	var one [2]float64
	for i, k := range keys {
		c, r := uint16(k>>32), uint32(k)
		if i > 0 && uint16(keys[i-1]>>32) != c {
			s.offer(f, uint16(keys[i-1]>>32), c)
		}
		if g.k > 0 {
			s.moveClass(g.class[r], g.w[r])
		} else {
			one = [2]float64{g.w[r], g.w[r] * g.y[r]}
			s.move(one[:], 1)
		}
	}
}

func insertionSort(keys []uint64) {
	for i := 1; i < len(keys); i++ {
		k, j := keys[i], i
		for ; j > 0 && keys[j-1] > k; j-- {
			keys[j] = keys[j-1]
		}
		keys[j] = k
	}
}

// draw takes a threshold at random between the node's smallest and largest value.
func (g *grower) draw(n *node, f int32, lo, hi uint16) {
	b := g.cols[f]
	low, high := b.low[min(int(lo), len(b.low)-1)], b.high[min(int(hi), len(b.high)-1)]
	cut := lo // rows with at most this code go left
	if hi == b.missing() && (lo == hi-1 || low == high || g.rng.Float64() < 1/float64(len(b.low)+1)) {
		cut = hi - 1 // missing against the rest
	} else {
		thr := low + g.rng.Float64()*(high-low)
		i, found := slices.BinarySearch(b.high, thr)
		if !found {
			i--
		}
		cut = uint16(max(int(lo), min(i, int(hi)-1)))
	}
	s := g.start(n)
	next := hi
	var one [2]float64
	for _, r := range g.rows[n.lo:n.hi] {
		c := b.code[r]
		if c > cut {
			next = min(next, c)
			continue
		}
		if g.k > 0 {
			s.moveClass(g.class[r], g.w[r])
		} else {
			one = [2]float64{g.w[r], g.w[r] * g.y[r]}
			s.move(one[:], 1)
		}
	}
	s.offerAt(f, cut, next, g.threshold(b, cut, next))
}

// threshold of a drawn cut lies at random in the gap between the bins, as the draw did.
func (g *grower) threshold(b *bins, cut, next uint16) float64 {
	if next >= b.missing() {
		return b.between(cut, next)
	}
	t := b.high[cut] + g.rng.Float64()*(b.low[next]-b.high[cut])
	if !(t < b.low[next]) {
		return b.high[cut]
	}
	return t
}

// scan walks a column from left to right.
type scan struct {
	g          *grower
	n          *node
	left       []float64 // like node.sums, without the squares
	rows       int
	weight     float64
	squares    float64 // gini: Σ left², Σ right²
	squaresRgt float64
}

func (g *grower) start(n *node) scan {
	width := 2
	if g.k > 0 {
		width = g.k
	}
	if len(g.left) < width {
		g.left = make([]float64, width)
	}
	clear(g.left)
	s := scan{g: g, n: n, left: g.left[:width]}
	if g.criterion == gini {
		for _, v := range n.sums {
			s.squaresRgt += v * v
		}
	}
	return s
}

// moveClass takes one row over to the left.
func (s *scan) moveClass(c int32, w float64) {
	s.rows++
	s.shift(int(c), w)
}

func (s *scan) shift(c int, w float64) {
	l := s.left[c]
	r := s.n.sums[c] - l
	s.squares += w * (2*l + w)
	s.squaresRgt -= w * (2*r - w)
	s.left[c] = l + w
	s.weight += w
}

// move takes several rows over.
func (s *scan) move(sums []float64, rows int) {
	s.rows += rows
	if s.g.k > 0 {
		for c, w := range sums {
			if w != 0 {
				s.shift(c, w)
			}
		}
		return
	}
	s.left[0] += sums[0]
	s.left[1] += sums[1]
	s.weight = s.left[0]
}

// offer proposes to cut between two codes that occur in the node.
func (s *scan) offer(f int32, lo, hi uint16) {
	if p, ok := s.proxy(); ok && p > s.n.best.proxy {
		s.n.best = split{feature: f, code: lo, thr: s.g.cols[f].between(lo, hi), proxy: p}
	}
}

func (s *scan) offerAt(f int32, lo, _ uint16, thr float64) {
	if p, ok := s.proxy(); ok && p > s.n.best.proxy {
		s.n.best = split{feature: f, code: lo, thr: thr, proxy: p}
	}
}

// proxy is what the best split maximises, see improvement; false where a child would be too small.
func (s *scan) proxy() (float64, bool) {
	g, n := s.g, s.n
	rows := n.hi - n.lo
	l, r := s.weight, n.weight-s.weight
	if s.rows < g.minSamplesLeaf || rows-s.rows < g.minSamplesLeaf || s.rows == 0 || s.rows == rows ||
		l < g.minWeightLeaf*g.total || r < g.minWeightLeaf*g.total || !(l > 0 && r > 0) {
		return 0, false
	}
	switch g.criterion {
	case gini:
		return s.squares/l + s.squaresRgt/r, true
	case entropy:
		sum := 0.0
		for c, v := range s.left {
			if v > 0 {
				sum += v * math.Log2(v/l)
			}
			if o := n.sums[c] - v; o > 1e-12*n.weight {
				sum += o * math.Log2(o/r)
			}
		}
		return sum, true
	case friedmanMSE:
		d := s.left[1]/l - (n.sums[1]-s.left[1])/r
		return l * r / (l + r) * d * d, true
	}
	a, b := s.left[1], n.sums[1]-s.left[1]
	return a*a/l + b*b/r, true
}
