package tree

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/lren-chuv/automl/internal/kernel"
)

// budding says how a boosted tree grows.
type budding struct {
	maxLeaves, maxDepth int // 0: no limit
	minRows             int
	minHessian          float64
	minGain             float64
	l1, l2              float64
	prune               bool // minGain cuts back the grown tree, from the leaves up, instead of stopping its growth
	gap                 gap
	edge                func(a, b float64) float64 // threshold between two neighbouring values, nil: middle
	catL2               float64
	perTree, perLevel   float64 // shares of the columns
	perNode             float64
}

// gap says where the threshold lies between two neighbouring values of a node that are not neighbours in the table.
type gap uint8

const (
	low      gap = iota // next to the left value, as in scikit-learn
	middling            // half-way, as in XGBoost
	high                // next to the right value, as in LightGBM
)

// bud is a node of a growing tree.
type bud struct {
	lo, hi   int32 // its rows
	left     int32 // child, 0 while it is a leaf
	parent   int32
	depth    int32
	total    int64   // word of its rows
	cells    []int64 // histogram, nil if it has none
	gain     float64 // of its best split; 0 if it has none
	column   int32
	at, next uint8
	holeLeft bool // missing values go left
	set      *[kernel.Slots]uint8
}

// sprouter grows trees on gradients, one after the other, in the same memory.
type sprouter struct {
	budding
	t       *binnedTable
	pack    kernel.Packing
	words   []int64 // by row
	rows    []int32
	spare   []int32
	buds    []bud
	heap    []int32
	idle    [][]int64 // histograms without an owner
	columns []int32   // of this tree
	level   [][]int32 // of each depth, if columns are drawn by level
	cells   [kernel.Slots]int64
	seen    [kernel.Slots / 64]uint64
	bounds  kernel.Bounds
	rng     *rand.Rand
	work    int
}

func newSprouter(b budding, t *binnedTable, rows int) *sprouter {
	s := &sprouter{budding: b, t: t, words: make([]int64, len(t.cols[0].bin)), spare: make([]int32, rows)}
	s.bounds = kernel.Bounds{Hessian: b.minHessian, L1: b.l1, L2: b.l2}
	return s
}

// grow grows a tree on the rows, which it permutes so that every node owns a run.
func (s *sprouter) grow(ctx context.Context, rows []int32, rng *rand.Rand) error {
	s.rows, s.rng, s.buds, s.heap, s.work = rows, rng, s.buds[:0], s.heap[:0], 0
	s.columns = drawColumns(s.columns, len(s.t.cols), s.perTree, rng)
	s.level = s.level[:0]
	total := int64(0)
	for _, r := range rows {
		total += s.words[r]
	}
	s.buds = append(s.buds, bud{hi: int32(len(rows)), total: total, parent: -1})
	if s.promising(0) {
		s.consider(0, len(rows) > sparseRows)
	}
	for leaves := 1; len(s.heap) > 0 && leaves != s.maxLeaves; leaves++ {
		if s.work > 1<<16 {
			s.work = 0
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		s.split(s.pick())
	}
	for k := range s.buds {
		s.release(&s.buds[k])
	}
	if s.prune {
		s.cutBack()
	}
	return nil
}

// drawColumns chooses a share of p columns, in ascending order.
func drawColumns(dst []int32, p int, share float64, rng *rand.Rand) []int32 {
	dst = dst[:0]
	for j := range p {
		dst = append(dst, int32(j))
	}
	return drawShare(dst, share, rng)
}

// drawShare keeps a random share of the columns, at least one, in ascending order.
func drawShare(columns []int32, share float64, rng *rand.Rand) []int32 {
	k := int(share * float64(len(columns)))
	if share >= 1 || len(columns) == 0 {
		return columns
	}
	k = max(1, k)
	for i := range k {
		j := i + rng.IntN(len(columns)-i)
		columns[i], columns[j] = columns[j], columns[i]
	}
	slices.Sort(columns[:k])
	return columns[:k]
}

// candidates are the columns that a node of the given depth may split.
func (s *sprouter) candidates(depth int32) []int32 {
	c := s.columns
	if s.perLevel < 1 {
		for len(s.level) <= int(depth) {
			s.level = append(s.level, drawShare(slices.Clone(s.columns), s.perLevel, s.rng))
		}
		c = s.level[depth]
	}
	if s.perNode < 1 {
		c = drawShare(slices.Clone(c), s.perNode, s.rng)
	}
	return c
}

// sparseRows is the number of rows up to which a node visits the bins of its rows rather than all bins.
const sparseRows = 64

// promising reports whether node k may be split at all.
func (s *sprouter) promising(k int32) bool {
	x := &s.buds[k]
	return (s.maxDepth == 0 || int(x.depth) < s.maxDepth) && int(x.hi-x.lo) >= max(2, 2*s.minRows) &&
		s.pack.Hessian(x.total) >= 2*s.minHessian
}

// consider looks for the best split of node k and puts it on the heap if there is one. A dense node has or gets a
// histogram.
func (s *sprouter) consider(k int32, dense bool) {
	x := &s.buds[k]
	rows := s.rows[x.lo:x.hi]
	if dense && x.cells == nil {
		s.count(x)
	}
	s.bounds.Least = max(1, s.pack.Counts(s.minRows, len(rows), x.total))
	parent := s.score(x.total)
	x.gain = 0
	least := parent + max(1e-6*parent, 1e-12)
	if !s.prune {
		least += s.minGain
	}
	best := least
	for _, j := range s.candidates(x.depth) {
		col := s.t.cols[j]
		if col.bins < 2 && !col.missing {
			continue
		}
		if dense {
			s.work += col.bins
			best = s.searchCells(x, j, x.cells[int(j)*kernel.Slots:][:kernel.Slots], nil, best)
			continue
		}
		s.work += 4 * len(rows)
		kernel.Gather(col.bin, rows, s.words, &s.cells, &s.seen)
		var at [kernel.Slots]uint8
		var words [kernel.Slots]int64
		n := kernel.Occupied(&s.cells, &s.seen, &at, &words)
		best = s.searchCells(x, j, words[:n], at[:n], best)
	}
	if best > least {
		x.gain = best - parent
		s.push(k)
	}
}

// score is G²/(H+L2) of a word.
func (s *sprouter) score(w int64) float64 {
	g, h := kernel.Shrink(s.pack.Gradient(w), s.l1), s.pack.Hessian(w)+s.l2
	if h <= 0 {
		return 0
	}
	return g * g / h
}

// searchCells looks for a better split than best in the cells of column j. With at, the cells belong to these bins only.
func (s *sprouter) searchCells(x *bud, j int32, cells []int64, at []uint8, best float64) float64 {
	col := s.t.cols[j]
	if col.level != nil {
		return s.searchLevels(x, j, cells, at, best)
	}
	hole, n := int64(0), col.bins
	if at != nil {
		if n = len(at); n > 0 && at[n-1] == kernel.MissingBin && col.missing {
			n--
			hole = cells[n]
		}
	} else if col.missing {
		hole = cells[kernel.MissingBin]
	}
	i, score := kernel.BestCut(cells[:n], &s.pack, x.total, 0, s.bounds, best)
	left := false
	if hole != 0 {
		if k, better := kernel.BestCut(cells[:n], &s.pack, x.total, hole, s.bounds, score); k >= 0 {
			i, score, left = k, better, true
		}
	}
	if i < 0 {
		return best
	}
	x.column, x.holeLeft, x.set = j, left, nil
	next := i + 1
	for at == nil && next < n && cells[next] == 0 {
		next++
	}
	if at != nil {
		s.place(x, at[i], int(at[min(next, n-1)]), next == n, col.bins)
	} else {
		s.place(x, uint8(i), next, next == n, col.bins)
	}
	return score
}

// place settles where in the gap between two bins of the node's rows the threshold lies: bin at is the last on the left,
// above the first on the right. With all, there is none on the right: only missing values go there.
func (s *sprouter) place(x *bud, at uint8, above int, all bool, bins int) {
	last := uint8(bins - 1)
	switch {
	case all && (s.gap != low || at == last):
		x.at, x.next = last, last
	case s.gap == low:
		x.at, x.next = at, at+1
	case s.gap == high && (x.holeLeft || !s.t.cols[x.column].missing):
		x.at, x.next = uint8(above-1), uint8(above)
	case s.gap == high:
		x.at, x.next = at, at+1
	default:
		x.at, x.next = at, uint8(above)
	}
}

// push and pick keep a heap of nodes by gain.
func (s *sprouter) push(k int32) {
	s.heap = append(s.heap, k)
	h := s.heap
	for i := len(h) - 1; i > 0 && s.before(h[i], h[(i-1)/2]); i = (i - 1) / 2 {
		h[i], h[(i-1)/2] = h[(i-1)/2], h[i]
	}
}

func (s *sprouter) pick() int32 {
	h := s.heap
	last := len(h) - 1
	h[0], h[last] = h[last], h[0]
	for i := 0; ; {
		c := 2*i + 1
		if c+1 < last && s.before(h[c+1], h[c]) {
			c++
		}
		if c >= last || !s.before(h[c], h[i]) {
			break
		}
		h[i], h[c] = h[c], h[i]
		i = c
	}
	s.heap = h[:last]
	return h[last]
}

func (s *sprouter) before(i, j int32) bool {
	if gi, gj := s.buds[i].gain, s.buds[j].gain; gi != gj {
		return gi > gj
	}
	return i < j
}

// split divides node k and considers its children. If one of them is large, the histogram of the smaller is counted and
// that of the larger is what remains of the parent's.
func (s *sprouter) split(k int32) {
	x := &s.buds[k]
	var goes [kernel.Slots]uint8
	s.sides(x, &goes)
	mid := x.lo + int32(kernel.Divide(s.t.cols[x.column].bin, s.rows[x.lo:x.hi], s.spare, &goes))
	s.work += 4 * int(x.hi-x.lo)
	small, large := bud{lo: x.lo, hi: mid, depth: x.depth + 1, parent: k}, bud{lo: mid, hi: x.hi, depth: x.depth + 1, parent: k}
	a, b := int32(len(s.buds)), int32(len(s.buds))+1
	x.left = a
	if small.hi-small.lo > large.hi-large.lo {
		a, b = b, a
		small, large = large, small
	}
	for _, r := range s.rows[small.lo:small.hi] {
		small.total += s.words[r]
	}
	large.total = x.total - small.total
	parent := x.cells
	x.cells = nil
	s.buds = append(s.buds, bud{}, bud{})
	s.buds[a], s.buds[b] = small, large
	doSmall, doLarge := s.promising(a), s.promising(b)
	dense := parent != nil && (doSmall || doLarge) && large.hi-large.lo > sparseRows
	if dense {
		s.count(&s.buds[a])
		kernel.Subtract(parent, s.buds[a].cells)
		s.buds[b].cells = parent
	} else if parent != nil {
		s.idle = append(s.idle, parent)
	}
	for c := min(a, b); c <= max(a, b); c++ {
		if c == a && doSmall || c == b && doLarge {
			s.consider(c, dense)
		}
		if s.buds[c].gain == 0 {
			s.release(&s.buds[c])
		}
	}
}

// count makes the histogram of x.
func (s *sprouter) count(x *bud) {
	size := s.t.width * kernel.Slots
	if last := len(s.idle) - 1; last >= 0 {
		x.cells = s.idle[last]
		s.idle = s.idle[:last]
		clear(x.cells)
	} else {
		x.cells = make([]int64, size)
	}
	rows := s.rows[x.lo:x.hi]
	s.work += len(rows) * len(s.t.cols) / 2
	for _, b := range s.t.blocks {
		kernel.Accumulate(b.width, b.bins, rows, s.words, x.cells[b.first*kernel.Slots:][:b.width*kernel.Slots])
	}
}

// release gives the histogram of x back.
func (s *sprouter) release(x *bud) {
	if x.cells != nil {
		s.idle = append(s.idle, x.cells)
		x.cells = nil
	}
}

// sides marks the bins that go left when x is split.
func (s *sprouter) sides(x *bud, goes *[kernel.Slots]uint8) {
	if x.set != nil {
		*goes = *x.set
		return
	}
	for b := range int(x.at) + 1 {
		goes[b] = 1
	}
	if x.holeLeft {
		goes[kernel.MissingBin] = 1
	}
}

// cutBack makes leaves of the splits that gained less than minGain, from the leaves up.
func (s *sprouter) cutBack() {
	for k := len(s.buds) - 1; k >= 0; k-- {
		x := &s.buds[k]
		if x.left != 0 && s.buds[x.left].left == 0 && s.buds[x.left+1].left == 0 && x.gain < s.minGain {
			x.left = 0
		}
	}
}

// leaves calls f for every leaf with its rows.
func (s *sprouter) leaves(f func(leaf int, rows []int32)) {
	for k := range s.buds {
		if x := &s.buds[k]; x.left == 0 && s.alive(x) {
			f(k, s.rows[x.lo:x.hi])
		}
	}
}

// alive reports whether x can be reached from the root: its ancestors were not cut back.
func (s *sprouter) alive(x *bud) bool {
	for p := x.parent; p >= 0; p = s.buds[p].parent {
		if s.buds[p].left == 0 {
			return false
		}
	}
	return true
}

// route sends other rows, which it permutes, down the tree and calls f for every leaf with those that end there.
func (s *sprouter) route(rows []int32, f func(leaf int, rows []int32)) {
	type visit struct{ k, lo, hi int32 }
	stack := []visit{{0, 0, int32(len(rows))}}
	spare := make([]int32, len(rows))
	for len(stack) > 0 {
		v := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		x := &s.buds[v.k]
		if x.left == 0 {
			f(int(v.k), rows[v.lo:v.hi])
			continue
		}
		var goes [kernel.Slots]uint8
		s.sides(x, &goes)
		mid := v.lo + int32(kernel.Divide(s.t.cols[x.column].bin, rows[v.lo:v.hi], spare, &goes))
		stack = append(stack, visit{x.left, v.lo, mid}, visit{x.left + 1, mid, v.hi})
	}
}

// emit appends the tree with the given values of its nodes to e.
func (s *sprouter) emit(e *Ensemble, values []float64) {
	base := int32(len(e.Nodes))
	e.Roots = append(e.Roots, base)
	queue := append(s.heap[:0], 0)
	end := base + 1
	for i := 0; i < len(queue); i++ {
		k := queue[i]
		x := &s.buds[k]
		e.Cover = append(e.Cover, float64(x.hi-x.lo))
		if x.left == 0 {
			e.Gain = append(e.Gain, 0)
			e.Nodes = append(e.Nodes, node{Threshold: values[k]})
			continue
		}
		e.Gain = append(e.Gain, x.gain)
		e.Nodes = append(e.Nodes, s.inner(e, x, end))
		queue = append(queue, x.left, x.left+1)
		end += 2
	}
	s.heap = queue
}

// inner is the node that splits like x and has its children at left.
func (s *sprouter) inner(e *Ensemble, x *bud, left int32) node {
	col := s.t.cols[x.column]
	out := node{Left: left, Feature: x.column}
	l, r := &s.buds[x.left], &s.buds[x.left+1]
	if x.holeLeft || !col.missing && l.hi-l.lo >= r.hi-r.lo { // unseen in training: to the larger side
		out.Feature |= missingLeft
	}
	switch {
	case col.level != nil:
		out.Feature |= inSet
		out.Threshold = e.levelSet(col.level, x.set)
	case x.next <= x.at: // all present values against the missing ones
		out.Threshold = math.MaxFloat64
	case s.edge != nil:
		out.Threshold = s.edge(col.hi[x.at], col.lo[x.next])
	default:
		out.Threshold = middle(col.hi[x.at], col.lo[x.next])
	}
	return out
}
