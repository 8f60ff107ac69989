package tree

import (
	"math"
	"math/bits"
)

// walker leads blocks of rows through one tree after the other, all of them through one tree before the next so that the
// tree stays in the cache.
//
// A row takes the same way as in [Ensemble.leaf], but without a jump that the processor would have to guess: numbers
// become whole numbers of the same order, missing ones the largest, so that a node compares with one subtraction, whose
// borrow is added to the place of the children. Where missing values go left, everything is shifted by one, which brings
// the largest number round to the smallest. A leaf leads to itself. Four rows walk at a time until all have arrived: the
// processor has four independent loads to wait for instead of one. Large trees, which would take long to turn into such
// nodes, are walked as they are, by eight rows, if nothing is missing and no split is categorical.
type walker struct {
	e    *Ensemble
	rows []float64
	keys []uint64
	tree []signpost // the current tree, children counted from its root
	sets bool       // it has categorical splits
	ends []int32
	full bool // no number of the block is missing
}

// largeTree is the number of nodes from which a tree is walked as it is.
const largeTree = 256

// signpost is a node of a walker's tree.
type signpost struct {
	key  uint64 // of the threshold, with the shift added; of a categorical split where its set stands
	left int32
	from int32 // column, and the node's flags
}

// key orders numbers as they are: -0 like 0, missing above all.
func key(v float64) uint64 {
	if v != v {
		return math.MaxUint64
	}
	b := math.Float64bits(v + 0)
	return b ^ (uint64(int64(b)>>63) | 1<<63)
}

// block turns to other rows, which stand row by row.
func (w *walker) block(rows []float64) {
	w.rows, w.keys = rows, w.keys[:0]
	w.full = len(w.e.Sets) == 0 && !anyMissing(rows)
}

// anyMissing reports whether one of the numbers is missing; infinite ones may count as such.
func anyMissing(v []float64) bool {
	a, b := 0.0, 0.0 // stay 0 as long as nothing is
	for len(v) >= 4 {
		a += v[0]*0 + v[1]*0
		b += v[2]*0 + v[3]*0
		v = v[4:]
	}
	for _, x := range v {
		a += x * 0
	}
	return a+b != 0 || a+b != a+b
}

// encode makes the keys of the block, if it has none.
func (w *walker) encode() {
	if len(w.keys) == len(w.rows) {
		return
	}
	w.keys = resized(w.keys, len(w.rows))
	for i, v := range w.rows {
		w.keys[i] = key(v)
	}
}

// walk returns the leaf of each of the block's n rows in tree t, counted from the tree's root, in memory that the next
// call reuses.
func (w *walker) walk(t, n int) []int32 {
	w.ends = resized(w.ends, n)
	lo, hi := w.e.span(t)
	if hi == lo+1 {
		clear(w.ends)
		return w.ends
	}
	p, i := w.e.Columns, 0
	if w.full && hi-lo >= largeTree {
		for ; i+8 <= n; i += 8 {
			w.e.eight(lo, w.rows[i*p:(i+8)*p], w.ends[i:i+8])
		}
	} else if n >= 4 {
		w.encode()
		w.open(lo, hi)
		for ; i+4 <= n; i += 4 {
			if w.sets {
				w.four(i*p, w.ends[i:i+4])
			} else {
				four(w.tree, w.keys[i*p:(i+4)*p], p, w.ends[i:i+4])
			}
		}
	}
	for ; i < n; i++ {
		w.ends[i] = w.e.leaf(lo, w.rows[i*p:(i+1)*p]) - lo
	}
	return w.ends
}

// open copies the nodes [lo, hi).
func (w *walker) open(lo, hi int32) {
	w.tree, w.sets = resized(w.tree, int(hi-lo)), false
	for i, x := range w.e.Nodes[lo:hi] {
		s := signpost{math.MaxUint64, int32(i), 0} // a leaf
		if x.Left != 0 {
			s = signpost{key(x.Threshold) + uint64(x.Feature>>30), x.Left - lo, x.Feature}
			if x.Feature&inSet != 0 {
				s.key, w.sets = uint64(x.Threshold), true
			}
		}
		w.tree[i] = s
	}
}

// eight leads eight rows without missing numbers through the tree at root, which has no categorical splits.
func (e *Ensemble) eight(root int32, rows []float64, ends []int32) {
	nodes, p := e.Nodes, e.Columns
	a, b, c, d := root, root, root, root
	f, g, h, i := root, root, root, root
	for {
		na, nb := advance(nodes, rows, 0, a), advance(nodes, rows, p, b)
		nc, nd := advance(nodes, rows, 2*p, c), advance(nodes, rows, 3*p, d)
		nf, ng := advance(nodes, rows, 4*p, f), advance(nodes, rows, 5*p, g)
		nh, ni := advance(nodes, rows, 6*p, h), advance(nodes, rows, 7*p, i)
		if (a^na)|(b^nb)|(c^nc)|(d^nd)|(f^nf)|(g^ng)|(h^nh)|(i^ni) == 0 {
			break
		}
		a, b, c, d, f, g, h, i = na, nb, nc, nd, nf, ng, nh, ni
	}
	ends = ends[:8]
	ends[0], ends[1], ends[2], ends[3] = a-root, b-root, c-root, d-root
	ends[4], ends[5], ends[6], ends[7] = f-root, g-root, h-root, i-root
}

// advance is where the row that begins at the given place goes from node i; from a leaf it goes nowhere.
func advance(nodes []node, rows []float64, at int, i int32) int32 {
	x := &nodes[i]
	leaf := (x.Left - 1) >> 31 // all bits set for a leaf, none otherwise
	right := int32(0)
	if rows[at+int(x.Feature&column&^leaf)] > x.Threshold {
		right = 1
	}
	return (x.Left+right)&^leaf | i&leaf
}

// four leads four rows through a tree without categorical splits.
func four(tree []signpost, keys []uint64, p int, ends []int32) {
	var a, b, c, d int32
	for {
		na := step(&tree[a], keys, 0)
		nb := step(&tree[b], keys, p)
		nc := step(&tree[c], keys, 2*p)
		nd := step(&tree[d], keys, 3*p)
		if (a^na)|(b^nb)|(c^nc)|(d^nd) == 0 {
			break
		}
		a, b, c, d = na, nb, nc, nd
	}
	ends[0], ends[1], ends[2], ends[3] = a, b, c, d
}

// step is where the row that begins at the given place goes from node x.
func step(x *signpost, keys []uint64, at int) int32 {
	_, right := bits.Sub64(x.key, keys[at+int(x.from&column)]+uint64(x.from>>30), 0)
	return x.left + int32(right)
}

// four is four for trees with categorical splits; the rows begin at the given place.
func (w *walker) four(at int, ends []int32) {
	tree, p := w.tree, w.e.Columns
	var a, b, c, d int32
	for {
		na := w.step(&tree[a], at)
		nb := w.step(&tree[b], at+p)
		nc := w.step(&tree[c], at+2*p)
		nd := w.step(&tree[d], at+3*p)
		if (a^na)|(b^nb)|(c^nc)|(d^nd) == 0 {
			break
		}
		a, b, c, d = na, nb, nc, nd
	}
	ends[0], ends[1], ends[2], ends[3] = a, b, c, d
}

func (w *walker) step(x *signpost, at int) int32 {
	if x.from&inSet == 0 {
		return step(x, w.keys, at)
	}
	left := x.from&missingLeft != 0
	if v := w.rows[at+int(x.from&column)]; v == v {
		left = w.e.member(int(x.key), v)
	}
	if left {
		return x.left
	}
	return x.left + 1
}
