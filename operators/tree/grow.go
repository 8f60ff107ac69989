package tree

import (
	"context"
	"math/rand/v2"
	"slices"

	"github.com/lren-chuv/automl/internal/kernel"
)

// growth says when a tree stops to grow; the names are scikit-learn's.
type growth struct {
	maxDepth    int // no limit: math.MaxInt
	minSplit    int
	minLeaf     int
	minFraction float64 // of the total weight, in every leaf
	minDecrease float64
	maxFeatures int
	maxLeaves   int // 0: no limit, the tree grows depth first
	random      bool
}

// criterion judges splits of some rows of the target it was made for. It keeps scratch: one goroutine only.
type criterion interface {
	// measure returns the impurity and the weight of the rows and stores their leaf value.
	measure(rows []int32, value []float64) (impurity, weight float64)
	// search finds the cut of a column with the best proxy; larger is better, proxies of one set of rows are comparable.
	// Without a column it judges the split of the offer's keys. It reports whether some cut keeps the limits.
	search(col *ranked, rows []int32, least kernel.Limits, offer *offer) bool
}

// offer is a split of a column: codes up to cut go left, the smallest code on the right is next; or the rows whose keys
// are up to key.
type offer struct {
	fresh     bool // the first search of these rows
	cut, next uint16
	key       int64
	keys      []int64 // of the rows, see [kernel.Key]
	proxy     float64
	floor     float64         // what another column has reached, -1 for none: a criterion need not tell of less
	members   *kernel.Members // the rows as a set, nil where they are not lined up
	queue     *queue          // with members: a list that they stand in, in the order of the column
	all, left kernel.Tally    // with sums: of the words of the rows, of those that go left
}

// branch is a node that grows: its rows and what is known of them.
type branch struct {
	lo, mid, hi      int32 // its rows; those before mid go left
	left             int32 // position of the left child, 0 for a leaf
	depth            int32
	column           int32  // -1 while there is no split
	cut              uint16 // last code on the left
	spare            bool   // prepared as a child and not used
	threshold        float64
	impurity, weight float64
	gain             float64      // weighted decrease of the impurity, in units of the total weight
	tally            kernel.Tally // with halves or sums
}

// grower grows trees on the same columns, one after the other.
type grower struct {
	growth
	table
	crit     criterion
	outputs  int  // length of a leaf value
	friedman bool // improvement is not divided by the total weight
	rng      *rand.Rand
	rows     []int32 // permuted so that every node owns a run
	spare    []int32
	features []int32
	nodes    []branch
	values   []float64
	frontier []int32
	least    kernel.Limits
	total    float64
	offer    offer
	byValue  bool     // random thresholds are drawn between values, not between codes
	halves   *halves  // nil where they do not apply
	abreast  *abreast // likewise
	broad    *broad   // likewise
	lined    bool     // every node has its set of rows
	members  []kernel.Members
	nests    nests
	twins    *moments // measures two children at once, nil if crit does not
	visits   []visit
	sums     *census // nil unless every node knows the sum of its words
}

// newGrower makes a grower for trees of up to rows rows.
func newGrower(g growth, t table, crit criterion, outputs, rows int) *grower {
	b := &grower{growth: g, table: t.copy(), crit: crit, outputs: outputs}
	b.spare = make([]int32, rows)
	if g.random {
		b.offer.keys, b.byValue = make([]int64, rows), t.limit == maxRanks
	}
	if b.byValue {
		b.abreast = newAbreast(t.cols, crit, g.maxFeatures)
	}
	b.lined = !g.random && linesUp(crit, t.cols)
	if c, ok := crit.(*census); ok && b.lined {
		b.sums = c
	}
	if m, ok := crit.(*moments); ok && !m.poisson && outputs == 1 {
		b.twins = m
	}
	b.features = make([]int32, len(t.cols))
	for j := range b.features {
		b.features[j] = int32(j)
	}
	return b
}

// grow grows a tree on rows, which it permutes; the nodes stand in b.nodes and b.values until the next call.
func (b *grower) grow(ctx context.Context, rows []int32, rng *rand.Rand) error {
	if err := ctx.Err(); err != nil { // small trees look no more often
		return err
	}
	b.rows, b.rng = rows, rng
	b.nodes, b.values, b.frontier = b.nodes[:0], b.values[:0], b.frontier[:0]
	b.add(0, int32(len(rows)), 0, b.tally(rows))
	if b.lined {
		b.members = append(b.members[:0], kernel.Members{})
		b.members[0].Fill(rows)
		b.nests.depth = 0
	}
	if b.halves != nil {
		b.halves.place(rows)
	}
	b.total = b.nodes[0].weight
	b.least = kernel.Limits{Rows: b.minLeaf, Weight: b.minFraction * b.total}
	b.consider(0)
	leaves, work := 1, 0
	for len(b.frontier) > 0 {
		k := b.pick()
		x := &b.nodes[k]
		if work += int(x.hi - x.lo); work > 1<<12 {
			work = 0
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		x.left = x.left &^ pending
		b.consider(x.left)
		b.consider(b.nodes[k].left + 1)
		if leaves++; leaves == b.maxLeaves {
			break
		}
	}
	b.settle()
	return nil
}

// pending marks a split that is possible but not yet done.
const pending = -1 << 31

// tally is that of the rows, with halves or sums.
func (b *grower) tally(rows []int32) kernel.Tally {
	switch {
	case b.halves != nil:
		return kernel.SumTallies(rows, b.halves.crit.tally)
	case b.sums != nil:
		return kernel.Tally(kernel.Sum(rows, b.sums.sheets[0].words))
	}
	return 0
}

// add appends a node of rows [lo, hi).
func (b *grower) add(lo, hi, depth int32, tally kernel.Tally) {
	for range b.outputs {
		b.values = append(b.values, 0)
	}
	x, value := branch{lo: lo, hi: hi, depth: depth, column: -1, tally: tally}, b.values[len(b.values)-b.outputs:]
	switch {
	case b.halves != nil:
		x.impurity, x.weight = b.halves.crit.value(tally, value)
	case b.sums != nil:
		x.impurity, x.weight = b.sums.value(tally, value)
	default:
		x.impurity, x.weight = b.crit.measure(b.rows[lo:hi], value)
	}
	b.nodes = append(b.nodes, x)
}

// addTwins appends the nodes of rows [lo, mid) and [mid, hi).
func (b *grower) addTwins(lo, mid, hi, depth int32) {
	n := len(b.values)
	b.values = append(b.values, 0, 0)
	l, r := branch{lo: lo, hi: mid, depth: depth, column: -1}, branch{lo: mid, hi: hi, depth: depth, column: -1}
	l.impurity, l.weight, r.impurity, r.weight = b.twins.measureBoth(b.rows[lo:mid], b.rows[mid:hi], b.values[n:])
	b.nodes = append(b.nodes, l, r)
}

// purity is the impurity below which a node counts as pure.
const purity = 2.220446049250313e-16

// consider looks for the best split of node k and, if it is worth it, puts the node on the frontier with its children
// prepared.
func (b *grower) consider(k int32) {
	x := b.nodes[k]
	n := int(x.hi - x.lo)
	if int(x.depth) >= b.maxDepth || n < b.minSplit || n < 2*b.minLeaf || x.weight < 2*b.least.Weight || x.impurity <= purity {
		return
	}
	rows := b.rows[x.lo:x.hi]
	if b.lined {
		b.offer.members, b.offer.all = &b.members[k], x.tally
		b.nests.enter(x.lo, x.hi, len(b.cols[0].Float), &b.members[k], int(x.depth)+1 < b.maxDepth && n >= 2*b.minSplit && len(b.cols) <= nestColumns)
	}
	column, best, ok := b.search(rows, x.tally)
	if !ok {
		return
	}
	threshold := 0.0
	if b.byValue {
		threshold = kernel.FromKey(best.key)
	} else {
		col := b.ranked(column)
		threshold = middleSingle(col.hi[best.cut], col.lo[best.next])
	}
	mid, tally := x.lo, kernel.Tally(0)
	switch h := b.halves; {
	case h != nil:
		mid += int32(h.divide(rows, b.spare, best.cut))
		tally = h.left
	case b.broad != nil && b.broad.found:
		mid += int32(b.broad.divide(rows, b.spare))
	case b.lined:
		mid += int32(b.partMembers(k, rows, b.ranked(column).code, best.cut))
		tally = best.left
	default:
		mid += int32(b.part(column, rows, b.spare, best.cut, threshold))
	}
	left := int32(len(b.nodes))
	if b.twins != nil {
		b.addTwins(x.lo, mid, x.hi, x.depth+1)
	} else {
		b.add(x.lo, mid, x.depth+1, tally)
		b.add(mid, x.hi, x.depth+1, x.tally-tally)
	}
	l, r := &b.nodes[left], &b.nodes[left+1]
	gain := x.weight*x.impurity - l.weight*l.impurity - r.weight*r.impurity
	improvement := gain / b.total
	if b.friedman {
		improvement = gain
	}
	if improvement+purity < b.minDecrease {
		b.nodes, b.values = b.nodes[:left], b.values[:int(left)*b.outputs]
		if b.lined {
			b.members = b.members[:left]
		}
		return
	}
	p := &b.nodes[k]
	p.mid, p.left, p.column, p.cut, p.gain = mid, left|pending, column, best.cut, gain
	p.threshold = threshold
	b.push(k)
}

// part moves the rows that go left to the front and returns their number.
func (b *grower) part(column int32, rows, spare []int32, cut uint16, threshold float64) int {
	if b.byValue {
		return kernel.Below(b.cols[column].Float, rows, spare, threshold)
	}
	return kernel.Partition(b.ranked(column).code, rows, spare, cut)
}

// search tries maxFeatures columns, more only as long as none can be split.
func (b *grower) search(rows []int32, all kernel.Tally) (column int32, best offer, found bool) {
	if b.halves != nil {
		return b.searchHalves(rows, all)
	}
	p, o, from := len(b.features), &b.offer, 0
	o.fresh, o.floor = true, -1
	if b.abreast != nil && len(rows) > 2 {
		if column, best, found = b.searchAbreast(rows); found {
			return column, best, true
		}
		from = min(p, b.maxFeatures)
	}
	if b.broad != nil {
		if b.broad.found = false; len(rows) > 2 {
			if column, best, found = b.searchBroad(rows); found {
				return column, best, true
			}
			from = min(p, b.maxFeatures)
		}
	}
	for i := from; i < p; i++ {
		if found && (i >= b.maxFeatures || len(rows) == 2) { // two rows can be split in one way only
			break
		}
		j := i + drawBelow(b.rng, p-i) // ties go to the column that is met first, so chance decides them
		b.features[i], b.features[j] = b.features[j], b.features[i]
		var col *ranked
		switch {
		case b.byValue:
			if !b.draw(b.cols[b.features[i]].Float, rows) {
				continue
			}
		case b.random:
			if !b.drawCode(b.ranked(b.features[i]), rows) {
				continue
			}
		default:
			if col = b.ranked(b.features[i]); len(col.lo) < 2 {
				continue
			}
			if b.lined {
				o.queue = b.nests.queue(b.features[i], col, len(b.cols))
			}
		}
		if b.crit.search(col, rows, b.least, o) && (!found || o.proxy > best.proxy) {
			column, best, found = b.features[i], *o, true
			o.floor = o.proxy
		}
		o.fresh = false
	}
	return column, best, found
}

// draw offers a threshold drawn uniformly between the smallest and the largest value of the rows.
func (b *grower) draw(values []float64, rows []int32) bool {
	o := &b.offer
	o.keys = o.keys[:len(rows)]
	lo, hi := kernel.Keys(values, rows, o.keys)
	a, z := kernel.FromKey(lo), kernel.FromKey(hi)
	if a == z {
		return false
	}
	o.key = kernel.Key(b.between(a, z))
	return true
}

// between draws a threshold that sends a to the left and z to the right.
func (b *grower) between(a, z float64) float64 {
	t := a + b.rng.Float64()*(z-a) + 0 // not -0
	if !(t < z) {
		t = a + 0
	}
	return t
}

// drawCode is draw for codes: the threshold lies between two of them.
func (b *grower) drawCode(col *ranked, rows []int32) bool {
	o := &b.offer
	o.keys = o.keys[:len(rows)]
	lo, hi := kernel.CodeKeys(col.code, rows, o.keys)
	if lo == hi {
		return false
	}
	below := col.below(int(lo), int(hi), b.rng.Float64())
	o.key, o.cut, o.next = int64(below), uint16(below), uint16(below+1)
	return true
}

// push and pick keep the frontier: a stack that is emptied depth first, or with maxLeaves a heap by gain.
func (b *grower) push(k int32) {
	b.frontier = append(b.frontier, k)
	if b.maxLeaves == 0 {
		return
	}
	f := b.frontier
	for i := len(f) - 1; i > 0 && b.before(f[i], f[(i-1)/2]); i = (i - 1) / 2 {
		f[i], f[(i-1)/2] = f[(i-1)/2], f[i]
	}
}

func (b *grower) pick() int32 {
	f := b.frontier
	last := len(f) - 1
	if b.maxLeaves > 0 {
		f[0], f[last] = f[last], f[0]
		for i := 0; ; {
			c := 2*i + 1
			if c+1 < last && b.before(f[c+1], f[c]) {
				c++
			}
			if c >= last || !b.before(f[c], f[i]) {
				break
			}
			f[i], f[c] = f[c], f[i]
			i = c
		}
	}
	b.frontier = f[:last]
	return f[last]
}

func (b *grower) before(i, j int32) bool {
	if gi, gj := b.nodes[i].gain, b.nodes[j].gain; gi != gj {
		return gi > gj
	}
	return i < j
}

// settle makes leaves of what stayed on the frontier and sets aside the children prepared for it.
func (b *grower) settle() {
	for _, k := range b.frontier {
		x := &b.nodes[k]
		b.nodes[x.left&^pending].spare, b.nodes[x.left&^pending+1].spare = true, true
		x.left = 0
	}
}

// eachLeaf calls f for every leaf with its rows.
func (b *grower) eachLeaf(f func(leaf int, rows []int32)) {
	for k := range b.nodes {
		if x := &b.nodes[k]; x.left == 0 && !x.spare {
			f(k, b.rows[x.lo:x.hi])
		}
	}
}

// emit appends the tree with its leaf values to e.
func (b *grower) emit(e *Ensemble) {
	b.append(e, func(k int32) node { return b.leaf(e, k) })
}

// emitWith appends the tree with one value per leaf to e.
func (b *grower) emitWith(e *Ensemble, value func(leaf int) float64) {
	b.append(e, func(k int32) node { return node{Threshold: value(int(k))} })
}

// append writes the nodes. Children stand side by side behind their parents; right behind them stand the children of the
// heavier one, which most rows visit next, so that they often share a cache line. Unreachable nodes are left out.
func (b *grower) append(e *Ensemble, leaf func(k int32) node) {
	type place struct{ k, at int32 }
	e.Roots = append(e.Roots, int32(len(e.Nodes)))
	n := len(b.nodes)
	e.Nodes, e.Cover, e.Gain = slices.Grow(e.Nodes, n), slices.Grow(e.Cover, n), slices.Grow(e.Gain, n)
	put := func(k int32) place {
		at := int32(len(e.Nodes))
		e.Nodes, e.Cover, e.Gain = append(e.Nodes, node{}), append(e.Cover, b.nodes[k].weight), append(e.Gain, 0)
		return place{k, at}
	}
	for stack := []place{put(0)}; len(stack) > 0; {
		p := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		x := &b.nodes[p.k]
		if x.left == 0 {
			e.Nodes[p.at] = leaf(p.k)
			continue
		}
		l, r, f := put(x.left), put(x.left+1), x.column
		e.Gain[p.at] = x.gain
		if b.nodes[x.left].weight >= b.nodes[x.left+1].weight {
			f |= missingLeft
			stack = append(stack, r, l)
		} else {
			stack = append(stack, l, r)
		}
		e.Nodes[p.at] = node{x.threshold, l.at, f}
	}
}

func (b *grower) leaf(e *Ensemble, k int32) node {
	v := b.values[int(k)*b.outputs : int(k+1)*b.outputs]
	if b.outputs == 1 {
		return node{Threshold: v[0]}
	}
	e.Values = append(e.Values, v...)
	return node{Feature: int32(len(e.Values)/b.outputs - 1)}
}
