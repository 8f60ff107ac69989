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
	catL2               float64                    // added to L2 for splits of categorical columns
	catRows             int                        // rows that count as few for a level, see searchLevels; 0: nothing does
	perTree, perLevel   float64                    // shares of the columns
	perNode             float64
	monotone            []int8 // by column, see [Monotonic]; nil: none
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
	lo, hi  int32 // its rows
	left    int32 // child, 0 while it is a leaf
	parent  int32
	depth   int32
	total   int64   // word of its rows
	cells   []int64 // histogram, nil if it has none
	gain    float64 // of its best split; 0 if it has none
	clip    span    // of the values of its leaves
	fission         // the best split
}

// fission is a split of a node.
type fission struct {
	score    float64
	column   int32 // -1: no split
	at, next uint8
	holeLeft bool // missing values go left
	set      *[kernel.Slots]uint8
}

// none is what a split must be better than.
func none(floor float64) fission { return fission{score: floor, column: -1} }

// beats reports whether x is better than y. Between columns that score alike a coin decides for the first or the last,
// one coin for all that have this score: where few rows are left many columns divide them alike, and to prefer the first
// throughout would make the trees of an ensemble more alike than they should be.
func (x *fission) beats(y *fission) bool {
	if x.column < 0 || x.score < y.score || y.column < 0 && x.score == y.score {
		return false
	}
	return x.score > y.score || (x.column > y.column) == coin(x.score)
}

// coin is a bit that looks random: the finalizer of MurmurHash3.
func coin(score float64) bool {
	x := math.Float64bits(score) * 0x9e3779b97f4a7c15
	x = (x ^ x>>29) * 0xc4ceb9fe1a85ec53
	return x>>63 != 0
}

// floor is what a cut must score more than to be as good as x.
func (x *fission) floor() float64 {
	if x.column < 0 {
		return x.score
	}
	return math.Nextafter(x.score, 0)
}

// sprouter grows trees on gradients, one after the other, in the same memory.
type sprouter struct {
	budding
	crew
	t       *binnedTable
	pack    kernel.Packing
	words   []int64 // by row
	total   int64   // of the words of all rows
	parts   [mostParts]stint
	pending [][]int64 // histograms that threads have counted parts of one in
	jobs
	rows     []int32
	spare    []int32
	buds     []bud
	heap     []int32
	idle     [][]int64 // histograms without an owner
	columns  []int32   // of this tree
	plots    []plot    // the same by block
	shares   []share   // of the threads
	slabs    []share   // whole slabs
	desks    []*desk
	level    [][]int32 // of each depth, if columns are drawn by level
	drawn    [2][]int32
	limited  bool    // splits are judged under limits
	flattery float64 // of a level, see searchLevels
	cells    [kernel.Slots]int64
	seen     [kernel.Slots / 64]uint64
	at       [kernel.Slots]uint8
	packed   [kernel.Slots]int64
	rng      *rand.Rand
	work     int
}

func newSprouter(b budding, c crew, t *binnedTable, rows int) *sprouter {
	s := &sprouter{budding: b, crew: c, t: t, words: make([]int64, len(t.cols[0].bin)), spare: make([]int32, rows)}
	s.limited = b.l1 > 0 || b.monotone != nil
	s.plots = make([]plot, t.blocks())
	s.divvy(rows)
	s.jobs = s.newJobs()
	return s
}

// load takes over the rows of the next tree, which are ascending, so that a node's rows lie in memory in the order of their
// numbers, and packs their slopes. In s.rows every node owns a run of them.
func (s *sprouter) load(ctx context.Context, rows []int32, slopes []kernel.Slope) error {
	s.rows = slices.Grow(s.rows[:0], len(rows))[:len(rows)]
	err := s.stretches(ctx, len(rows), 4, func(i, lo, hi int) {
		copy(s.rows[lo:], rows[lo:hi])
		if part := rows[lo:hi]; len(part) > 0 && consecutive(part) {
			s.parts[i].total = s.pack.PackRun(slopes[part[0]:][:len(part)], s.words[part[0]:])
		} else {
			s.parts[i].total = s.pack.Pack(part, slopes, s.words)
		}
	})
	s.total = 0
	for i := range pieces(len(rows)) {
		s.total += s.parts[i].total
	}
	return err
}

// grow grows a tree on the rows that are loaded.
func (s *sprouter) grow(ctx context.Context, rng *rand.Rand) error {
	s.rng, s.buds, s.heap, s.work = rng, s.buds[:0], s.heap[:0], 0
	s.columns = drawColumns(s.columns, len(s.t.cols), s.perTree, rng)
	s.allot()
	s.level = s.level[:0]
	s.buds = append(s.buds, bud{hi: int32(len(s.rows)), total: s.total, parent: -1, clip: everything})
	if err := s.considerRoot(ctx); err != nil {
		return err
	}
	for leaves := 1; len(s.heap) > 0 && leaves != s.maxLeaves; leaves++ {
		if s.work > 1<<16 {
			s.work = 0
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		if err := s.split(ctx, s.pick(), leaves+1 == s.maxLeaves); err != nil {
			return err
		}
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

// release gives the histogram of x back.
func (s *sprouter) release(x *bud) {
	if x.cells != nil {
		s.idle = append(s.idle, x.cells)
		x.cells = nil
	}
}

// sift moves the rows that go left to the front when a node is split, keeping their order, leaves the others in spare and
// returns the number of the former.
func (x *fission) sift(bins []uint8, rows, spare []int32) int {
	if x.set != nil {
		return kernel.Sift(bins, rows, spare, x.set)
	}
	shift := uint8(0)
	if x.holeLeft {
		shift = 1
	}
	return kernel.SiftUpTo(bins, rows, spare, x.at+shift, shift)
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

// leaves appends the leaves to dst.
func (s *sprouter) leaves(dst []int) []int {
	for k := range s.buds {
		if x := &s.buds[k]; x.left == 0 && s.alive(x) {
			dst = append(dst, k)
		}
	}
	return dst
}

// rowsOf is the rows of node k.
func (s *sprouter) rowsOf(k int) []int32 {
	x := &s.buds[k]
	return s.rows[x.lo:x.hi]
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

// route sends other rows, which it permutes, down the tree and calls f for every leaf with those that end there; spare is
// scratch of the same length. It may be called for different rows at the same time.
func (s *sprouter) route(rows, spare []int32, f func(leaf int, rows []int32)) {
	type visit struct{ k, lo, hi int32 }
	var room [32]visit
	stack := append(room[:0], visit{0, 0, int32(len(rows))})
	for len(stack) > 0 {
		v := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if v.lo == v.hi {
			continue
		}
		x := &s.buds[v.k]
		if x.left == 0 {
			f(int(v.k), rows[v.lo:v.hi])
			continue
		}
		mid := v.lo + int32(x.sift(s.t.cols[x.column].bin, rows[v.lo:v.hi], spare))
		copy(rows[mid:v.hi], spare)
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
