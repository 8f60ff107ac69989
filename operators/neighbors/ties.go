package neighbors

import (
	"math"
	"math/bits"
	"sync"
)

// Which of several equally near rows are the nearest is a matter of order. Tables of whole numbers are full of such ties,
// so we take those that scikit-learn takes: it meets the rows in their order where a table has many columns or many
// neighbours are asked for, in the order of the leaves of a k-d tree elsewhere, and its heap of the k best takes a row
// only if it is nearer than the worst; which of several worst it gives up depends on where they stand in the heap.

// scikit-learn compares with all rows where a table has more than so many columns.
const scanCols = 15

// ties puts the rows in the order in which scikit-learn meets them, once that is asked for.
type ties struct {
	once  sync.Once
	order []int32 // rows by leaf
	boxes []box
}

// box is a node of the tree: its rows are a run of the order.
type box struct {
	lo, hi       int
	lower, upper []float64
	leaf         bool
}

// scans reports whether scikit-learn would compare with all rows.
func (s *store) scans() bool { return s.Cols > scanCols || s.Neighbors >= s.count/2 }

// choose finds again the neighbours of query, now those that scikit-learn takes.
func (s *store) choose(m metric, query []float64, h *nearest) {
	heap := h.heap[:h.k]
	for i := range heap {
		heap[i] = neighbour{math.Inf(1), -1}
	}
	if s.scans() {
		var out [rowBlock]float64
		for lo := 0; lo < s.count; lo += rowBlock {
			hi := min(lo+rowBlock, s.count)
			m.reduced(query, s.values()[lo*s.Cols:], out[:hi-lo])
			for j, d := range out[:hi-lo] {
				if d < heap[0].distance {
					sink(heap, neighbour{d, int32(lo + j)})
				}
			}
		}
		return
	}
	s.ties.once.Do(func() { s.ties.build(s.values(), s.Cols) })
	d := descent{s: s, m: m, query: query, heap: heap, gap: make([]float64, s.Cols), zero: make([]float64, s.Cols)}
	d.visit(0, d.bound(0))
}

// descent is one query of the tree.
type descent struct {
	s         *store
	m         metric
	query     []float64
	heap      []neighbour
	gap, zero []float64
}

func (d *descent) visit(i int, bound float64) {
	b := &d.s.ties.boxes[i]
	switch {
	case bound > d.heap[0].distance:
	case b.leaf:
		var out [1]float64
		for _, r := range d.s.ties.order[b.lo:b.hi] {
			d.m.reduced(d.query, d.s.row(int(r)), out[:])
			if out[0] < d.heap[0].distance {
				sink(d.heap, neighbour{out[0], r})
			}
		}
	default:
		first, second := 2*i+1, 2*i+2
		near, far := d.bound(first), d.bound(second)
		if near > far {
			first, second, near, far = second, first, far, near
		}
		d.visit(first, near)
		d.visit(second, far)
	}
}

// bound is the reduced distance of the query from box i.
func (d *descent) bound(i int) float64 {
	b := &d.s.ties.boxes[i]
	for j, v := range d.query {
		d.gap[j] = max(0, b.lower[j]-v) + max(0, v-b.upper[j])
	}
	var out [1]float64
	d.m.reduced(d.gap, d.zero, out[:])
	return out[0]
}

// leafTarget is scikit-learn's leaf_size.
const leafTarget = 30

// build grows the tree: every node is halved at the median of its widest column.
func (t *ties) build(rows []float64, cols int) {
	n := len(rows) / cols
	t.order = make([]int32, n)
	for i := range t.order {
		t.order[i] = int32(i)
	}
	levels := int(math.Log2(max(1, float64(n-1)/leafTarget)) + 1)
	t.boxes = make([]box, 1<<levels-1)
	t.boxes[0].hi = n
	for i := range t.boxes {
		b := &t.boxes[i]
		own := t.order[b.lo:b.hi]
		b.lower, b.upper = make([]float64, cols), make([]float64, cols)
		widest, spread := 0, 0.0
		for j := range cols {
			b.lower[j], b.upper[j] = math.Inf(1), math.Inf(-1)
			for _, r := range own {
				v := rows[int(r)*cols+j]
				b.lower[j], b.upper[j] = min(b.lower[j], v), max(b.upper[j], v)
			}
			if w := b.upper[j] - b.lower[j]; w > spread {
				widest, spread = j, w
			}
		}
		if b.leaf = 2*i+1 >= len(t.boxes) || len(own) < 2; b.leaf {
			continue
		}
		middle := len(own) / 2
		divide(own, middle, func(a, b int32) bool {
			x, y := rows[int(a)*cols+widest], rows[int(b)*cols+widest]
			return x < y || x == y && a < b
		})
		t.boxes[2*i+1].lo, t.boxes[2*i+1].hi = b.lo, b.lo+middle
		t.boxes[2*i+2].lo, t.boxes[2*i+2].hi = b.lo+middle, b.hi
	}
}

// divide moves the k smallest to the front by introspective selection (Musser 1997), choosing pivots and swapping as the
// GNU library's nth_element does: the order within the halves matters.
func divide(v []int32, k int, less func(a, b int32) bool) {
	first, last := 0, len(v)
	for depth := 2 * (bits.Len(uint(len(v))) - 1); last-first > 3; depth-- {
		if depth == 0 {
			selectByHeap(v[first:last], k-first, less)
			return
		}
		pivotToFront(v, first, last, less)
		lo, hi := first+1, last
		for {
			for less(v[lo], v[first]) {
				lo++
			}
			for hi--; less(v[first], v[hi]); hi-- {
			}
			if lo >= hi {
				break
			}
			v[lo], v[hi] = v[hi], v[lo]
			lo++
		}
		if lo <= k {
			first = lo
		} else {
			last = lo
		}
	}
	for i := first + 1; i < last; i++ {
		for j := i; j > first && less(v[j], v[j-1]); j-- {
			v[j], v[j-1] = v[j-1], v[j]
		}
	}
}

// pivotToFront swaps the median of the second, the middle and the last element with the first.
func pivotToFront(v []int32, first, last int, less func(a, b int32) bool) {
	a, b, c := first+1, first+(last-first)/2, last-1
	median := a
	if less(v[a], v[b]) {
		switch {
		case less(v[b], v[c]):
			median = b
		case less(v[a], v[c]):
			median = c
		}
	} else if !less(v[a], v[c]) {
		median = b
		if less(v[b], v[c]) {
			median = c
		}
	}
	v[first], v[median] = v[median], v[first]
}

// selectByHeap moves the k+1 smallest to the front and the largest of these to place k. It is for inputs on which pivots
// fail, where the order within the halves is ours.
func selectByHeap(v []int32, k int, less func(a, b int32) bool) {
	for i := range k + 1 {
		least := i
		for j := i + 1; j < len(v); j++ {
			if less(v[j], v[least]) {
				least = j
			}
		}
		v[i], v[least] = v[least], v[i]
	}
}

// sink puts n in the place of the top and moves it down; of two equal children the left one comes up.
func sink(heap []neighbour, n neighbour) {
	i := 0
	for {
		down := 2*i + 1
		if down >= len(heap) {
			break
		}
		if down+1 < len(heap) && heap[down+1].distance > heap[down].distance {
			down++
		}
		if heap[down].distance <= n.distance {
			break
		}
		heap[i] = heap[down]
		i = down
	}
	heap[i] = n
}
