package neighbors

// tree is a k-d tree (Bentley 1975) whose nodes keep the bounding boxes of their rows. Node i has the children 2i+1 and
// 2i+2; each split halves the rows at the median of the widest side of the box.
type tree struct {
	cols  int
	rows  []float64 // row-major copy in the order of the leaves, for the sake of the cache
	order []int32   // training row at each place
	nodes []node
	boxes []float64 // per node its cols lower and its cols upper bounds
}

type node struct{ lo, hi int32 }

const leafRows = 24

// newTree sorts the n rows of x into a tree.
func newTree(x []float64, cols int) *tree {
	n := len(x) / cols
	depth := 0
	for (n-1)>>depth >= leafRows {
		depth++
	}
	t := &tree{cols: cols, order: make([]int32, n), nodes: make([]node, 2<<depth-1)}
	t.boxes = make([]float64, len(t.nodes)*2*cols)
	for i := range t.order {
		t.order[i] = int32(i)
	}
	t.nodes[0] = node{0, int32(n)}
	for i := range t.nodes {
		t.bound(i, x)
		if 2*i+2 < len(t.nodes) {
			t.split(i, x)
		}
	}
	t.rows = make([]float64, len(x))
	for i, r := range t.order {
		copy(t.rows[i*cols:(i+1)*cols], x[int(r)*cols:])
	}
	return t
}

func (t *tree) box(i int) (lower, upper []float64) {
	b := t.boxes[i*2*t.cols:]
	return b[:t.cols], b[t.cols : 2*t.cols]
}

func (t *tree) bound(i int, x []float64) {
	lower, upper := t.box(i)
	rows := t.order[t.nodes[i].lo:t.nodes[i].hi]
	copy(lower, x[int(rows[0])*t.cols:])
	copy(upper, lower)
	for _, r := range rows[1:] {
		for j, v := range x[int(r)*t.cols:][:t.cols] {
			lower[j], upper[j] = min(lower[j], v), max(upper[j], v)
		}
	}
}

func (t *tree) split(i int, x []float64) {
	lower, upper := t.box(i)
	wide := 0
	for j := range lower {
		if upper[j]-lower[j] > upper[wide]-lower[wide] {
			wide = j
		}
	}
	at := t.nodes[i]
	middle := (at.lo + at.hi) / 2
	partition(t.order[at.lo:at.hi], int(middle-at.lo), func(r int32) float64 { return x[int(r)*t.cols+wide] })
	t.nodes[2*i+1], t.nodes[2*i+2] = node{at.lo, middle}, node{middle, at.hi}
}

// partition reorders rows so that none before place k has a larger value than any from k on (Hoare's quickselect).
func partition(rows []int32, k int, value func(int32) float64) {
	lo, hi := 0, len(rows)-1
	for lo < hi {
		pivot := value(rows[(lo+hi)/2])
		i, j := lo, hi
		for i <= j {
			for value(rows[i]) < pivot {
				i++
			}
			for value(rows[j]) > pivot {
				j--
			}
			if i <= j {
				rows[i], rows[j] = rows[j], rows[i]
				i, j = i+1, j-1
			}
		}
		switch {
		case k <= j:
			hi = j
		case k >= i:
			lo = i
		default:
			return
		}
	}
}

// visit walks the tree for one query; its buffers serve any number of queries.
type visit struct {
	tree  *tree
	m     metric
	found *nearest
	query []float64
	inner []float64 // the point of a box nearest to the query
	out   [leafRows]float64
}

func (v *visit) search(query []float64) {
	v.query = query
	v.node(0, v.bound(0))
}

func (v *visit) bound(i int) float64 {
	lower, upper := v.tree.box(i)
	for j, q := range v.query {
		v.inner[j] = min(max(q, lower[j]), upper[j])
	}
	v.m.reduced(v.query, v.inner, v.out[:1])
	return v.out[0]
}

func (v *visit) node(i int, bound float64) {
	if v.found.full() && bound > v.found.heap[0].distance {
		return
	}
	if a := 2*i + 1; a < len(v.tree.nodes) {
		b := a + 1
		near, far := v.bound(a), v.bound(b)
		if far < near {
			a, b, near, far = b, a, far, near
		}
		v.node(a, near)
		v.node(b, far)
		return
	}
	at := v.tree.nodes[i]
	out := v.out[:at.hi-at.lo]
	v.m.reduced(v.query, v.tree.rows[int(at.lo)*v.tree.cols:], out)
	for k, d := range out {
		v.found.offer(neighbour{d, v.tree.order[int(at.lo)+k]})
	}
}
