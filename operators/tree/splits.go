package tree

import (
	"context"
	"slices"

	"github.com/lren-chuv/automl/internal/kernel"
)

// plot is a block of columns with those that the current tree may split: the unit of work when nodes are searched.
type plot struct {
	columns []int32
	best    [2]fission // splits of the two nodes in question
}

// allot gives every block its share of the tree's columns.
func (s *sprouter) allot() {
	rest := s.columns
	for i := range s.plots {
		n := 0
		for n < len(rest) && int(rest[n]) < (i+1)*blockWidth {
			n++
		}
		s.plots[i].columns, rest = rest[:n], rest[n:]
	}
}

// candidates are the columns that a node of the given depth may split; side tells apart the nodes that are searched
// together.
func (s *sprouter) candidates(depth int32, side int) []int32 {
	c := s.columns
	if s.perLevel < 1 {
		for len(s.level) <= int(depth) {
			s.level = append(s.level, drawShare(slices.Clone(s.columns), s.perLevel, s.rng))
		}
		c = s.level[depth]
	}
	if s.perNode < 1 {
		s.drawn[side] = append(s.drawn[side][:0], c...)
		c = drawShare(s.drawn[side], s.perNode, s.rng)
	}
	return c
}

// within returns the part of the ascending columns that belongs to block i.
func within(columns []int32, i int) []int32 {
	lo, _ := slices.BinarySearch(columns, int32(i*blockWidth))
	hi, _ := slices.BinarySearch(columns[lo:], int32((i+1)*blockWidth))
	return columns[lo : lo+hi]
}

// promising reports whether node k may be split at all.
func (s *sprouter) promising(k int32) bool {
	x := &s.buds[k]
	return s.divisible(x) && s.pack.Hessian(x.total) >= 2*s.minHessian
}

// divisible is what is known of that before x is counted.
func (s *sprouter) divisible(x *bud) bool {
	return (s.maxDepth == 0 || int(x.depth) < s.maxDepth) && int(x.hi-x.lo) >= max(2, 2*s.minRows)
}

// A prospect is a node whose best split is looked for.
type prospect struct {
	x       *bud
	columns []int32
	bounds  kernel.Bounds
	scan    kernel.Scan
	parent  float64 // what the node scores as a leaf
	floor   float64 // what a split must score
	cells   []int64
}

// prospect prepares the search of node k.
func (s *sprouter) prospect(k int32, side int) prospect {
	x := &s.buds[k]
	p := prospect{x: x, columns: s.candidates(x.depth, side), cells: x.cells}
	p.bounds = kernel.Bounds{Least: max(1, s.pack.Counts(s.minRows, int(x.hi-x.lo), x.total)), Hessian: s.minHessian, L2: s.l2}
	p.scan = kernel.NewScan(&s.pack, x.total, p.bounds)
	p.parent, _ = s.limits(x, 0).Side(s.pack.Gradient(x.total), s.pack.Hessian(x.total)+s.l2)
	p.floor = p.parent + max(1e-6*p.parent, 1e-12)
	if !s.prune {
		p.floor += s.minGain
	}
	if !s.limited {
		p.floor = max(0, p.scan.Score(p.floor))
	}
	return p
}

// limits are those of splits of x by a column of the given order.
func (s *sprouter) limits(x *bud, order int8) kernel.Limited {
	return kernel.Limited{L1: s.l1, Order: order, Lo: x.clip.lo, Hi: x.clip.hi, Clip: s.monotone != nil}
}

// settle takes the best split found for node k, if there is one, and puts the node on the heap.
func (s *sprouter) settle(k int32, p *prospect, best fission) {
	x := &s.buds[k]
	x.gain = 0
	if best.column >= 0 {
		x.fission, x.gain = best, best.score-p.parent
		if !s.limited {
			x.gain = p.scan.Value(best.score) - p.parent
		}
		s.push(k)
	}
}

// considerRoot looks for the best split of the root.
func (s *sprouter) considerRoot(ctx context.Context) error {
	if !s.promising(0) {
		return nil
	}
	x := &s.buds[0]
	if !s.dense(len(s.rows)) {
		p := s.prospect(0, 0)
		s.settle(0, &p, s.searchRows(&p))
		return nil
	}
	x.cells = s.histogram()
	s.pending = s.pending[:0]
	var err error
	if s.apart(len(s.rows)) {
		s.engage(x.cells)
		parts := s.stints(len(s.rows))
		err = s.over(ctx, len(parts), len(s.rows)*len(s.columns)/2, func(i int) { s.countAll(i, s.rows[parts[i].lo:parts[i].hi]) })
	} else {
		s.counts, s.into = s.rows, x.cells
		err = s.over(ctx, len(s.shares), len(s.rows)*len(s.columns)/2, s.all)
	}
	if err != nil {
		return err
	}
	return s.searchPair(ctx, 0, -1)
}

// split divides node k and considers its children, unless it is the last split of the tree. If they are dense, the
// histogram of the smaller is counted and that of the larger is what remains of the parent's.
func (s *sprouter) split(ctx context.Context, k int32, last bool) error {
	x := &s.buds[k]
	if err := s.divide(ctx, x.fission, s.rows[x.lo:x.hi]); err != nil {
		return err
	}
	d := &s.d
	s.work += 4 * len(d.rows)
	l := bud{lo: x.lo, hi: x.lo + int32(d.mid), depth: x.depth + 1, parent: k, clip: x.clip}
	r := bud{lo: l.hi, hi: x.hi, depth: x.depth + 1, parent: k, clip: x.clip}
	a, b := &l, &r // a is the smaller
	if d.rightIsSmaller() {
		a, b = b, a
	}
	last = last || !s.divisible(b)
	if dense := x.cells != nil && !last && s.dense(int(b.hi-b.lo)); dense {
		a.cells, b.cells = s.histogram(), x.cells
	} else if x.cells != nil {
		s.idle = append(s.idle, x.cells)
	}
	x.cells = nil
	if err := s.tally(ctx, a.cells); err != nil {
		return err
	}
	if a.cells != nil {
		a.total = s.counted(d.smaller(), a.cells)
	} else if !last || s.monotone != nil {
		a.total = s.sumWords(d.smaller())
	}
	b.total = x.total - a.total
	s.confine(x, &l, &r)
	x.left = int32(len(s.buds))
	s.buds = append(s.buds, l, r)
	if last {
		return nil
	}
	small := s.buds[k].left
	if d.rightIsSmaller() {
		small++
	}
	if s.buds[small].cells != nil {
		s.work += len(d.smaller()) * len(s.t.cols) / 2
		return s.searchPair(ctx, 2*s.buds[k].left+1-small, small)
	}
	for c := s.buds[k].left; c <= s.buds[k].left+1; c++ {
		if s.promising(c) {
			p := s.prospect(c, 0)
			s.settle(c, &p, s.searchRows(&p))
		}
	}
	return nil
}

// A duty is a node whose histogram is searched.
type duty struct {
	node int32 // -1: none
	does bool  // its splits are searched
	prospect
}

// searchPair looks for the best splits of two siblings, of which small has been counted and large has the histogram of
// their parent; without small, large has been counted.
func (s *sprouter) searchPair(ctx context.Context, large, small int32) error {
	s.pair[0].node, s.pair[1].node = large, small
	first := 0
	if small >= 0 && small < large { // the left one draws its columns first
		first = 1
	}
	for _, i := range [2]int{first, 1 - first} {
		w := &s.pair[i]
		if w.does = w.node >= 0 && s.promising(w.node); w.does {
			w.prospect = s.prospect(w.node, i)
		}
	}
	err := s.over(ctx, len(s.shares), s.t.bins, s.search)
	s.disengage()
	for _, i := range [2]int{first, 1 - first} {
		w := &s.pair[i]
		if w.does {
			best := none(w.floor)
			for k := range s.plots {
				if f := &s.plots[k].best[i]; f.beats(&best) {
					best = *f
				}
			}
			s.settle(w.node, &w.prospect, best)
		}
		if w.node >= 0 && s.buds[w.node].gain == 0 {
			s.release(&s.buds[w.node])
		}
	}
	return err
}

// searchShare is the part of share k in that.
func (s *sprouter) searchShare(k int) {
	large, small := &s.pair[0], &s.pair[1]
	if s.t.flat != nil && !s.limited {
		s.searchFlat(&s.shares[k])
		return
	}
	for i := s.shares[k].lo; i < s.shares[k].hi; i++ {
		s.merge(i)
		if large.does && small.node >= 0 {
			s.subtract(i, s.buds[large.node].cells, s.buds[small.node].cells)
		}
		for side := range s.pair {
			if w := &s.pair[side]; w.does {
				s.plots[i].best[side] = s.searchPlot(i, &w.prospect)
			}
		}
	}
}

// dense reports whether nodes of so many rows have histograms. With fewer rows the bins of the rows are visited instead
// of all bins.
func (s *sprouter) dense(rows int) bool { return rows*len(s.t.cols)*sparseness > s.t.bins }

// sparseness is the number of bins that are searched in the time that one row takes to be put in order.
const sparseness = 4

// histogram returns memory for one.
func (s *sprouter) histogram() []int64 {
	if last := len(s.idle) - 1; last >= 0 {
		c := s.idle[last]
		s.idle = s.idle[:last]
		return c
	}
	if s.t.flat != nil {
		return make([]int64, s.t.bins)
	}
	return make([]int64, s.t.blocks()*blockWidth*kernel.Slots)
}

// subtract takes the part of small that belongs to plot i away from large.
func (s *sprouter) subtract(i int, large, small []int64) {
	if f := s.t.flat; f != nil {
		lo, hi := f.cells(i, i+1)
		kernel.Subtract(large[lo:hi], small[lo:hi])
		return
	}
	for _, j := range s.plots[i].columns {
		at := int(j) * kernel.Slots
		kernel.Subtract(large[at:at+s.t.cols[j].bins], small[at:])
		if s.t.cols[j].missing {
			large[at+kernel.MissingBin] -= small[at+kernel.MissingBin]
		}
	}
}

// searchPlot looks for the best split of a node in the histograms of plot i.
func (s *sprouter) searchPlot(i int, p *prospect) fission {
	best := none(p.floor)
	if s.t.spans != nil && !s.limited && len(p.columns) == len(s.t.cols) {
		s.searchSpans(i, i+1, p, &best)
		return best
	}
	columns := s.plots[i].columns
	if s.perLevel < 1 || s.perNode < 1 {
		columns = within(p.columns, i)
	}
	for _, j := range columns {
		if col := s.t.cols[j]; col.bins > 1 || col.missing {
			s.searchCells(p, j, s.cellsOf(p.cells, j), nil, &best)
		}
	}
	return best
}

// searchRows looks for the best split of a node without a histogram.
func (s *sprouter) searchRows(p *prospect) fission {
	best := none(p.floor)
	rows := s.rows[p.x.lo:p.x.hi]
	s.work += 4 * len(rows) * len(p.columns)
	for _, j := range p.columns {
		col := s.t.cols[j]
		if col.bins < 2 && !col.missing {
			continue
		}
		kernel.Gather(col.bin, rows, s.words, &s.cells, &s.seen)
		n := kernel.Occupied(&s.cells, &s.seen, &s.at, &s.packed)
		s.searchCells(p, j, s.packed[:n], s.at[:n], &best)
	}
	return best
}

// best finds the best cut of cells of column j.
func (s *sprouter) best(p *prospect, j int32, cells []int64, left int64, floor float64) (int, float64) {
	if !s.limited {
		return p.scan.Best(cells, left, floor)
	}
	order := int8(0)
	if s.monotone != nil {
		order = s.monotone[j]
	}
	return s.limits(p.x, order).Best(&s.pack, cells, p.x.total, left, p.bounds, floor)
}

// searchCells looks for a better split in the cells of column j. With at, the cells belong to these bins only.
func (s *sprouter) searchCells(p *prospect, j int32, cells []int64, at []uint8, best *fission) {
	col := s.t.cols[j]
	if col.level != nil {
		s.searchLevels(p, j, cells, at, best)
		return
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
	i, score := s.best(p, j, cells[:n], 0, best.floor())
	left := false
	if hole != 0 {
		if k, better := s.best(p, j, cells[:n], hole, score); k >= 0 {
			i, score, left = k, better, true
		}
	}
	if i < 0 {
		return
	}
	f := fission{score: score, column: j, holeLeft: left}
	if !f.beats(best) {
		return
	}
	*best = f
	if next := i + 1; at != nil {
		s.place(best, at[i], int(at[min(next, n-1)]), next == n)
	} else {
		s.placeAfter(best, cells[:n], i)
	}
}

// placeAfter is place for the cut behind cell i of all cells of a column.
func (s *sprouter) placeAfter(x *fission, cells []int64, i int) {
	next := i + 1
	for next < len(cells) && cells[next] == 0 {
		next++
	}
	s.place(x, uint8(i), next, next == len(cells))
}

// place settles where in the gap between two bins of the node's rows the threshold lies: bin at is the last on the left,
// above the first on the right. With all, there is none on the right: only missing values go there.
func (s *sprouter) place(x *fission, at uint8, above int, all bool) {
	col := s.t.cols[x.column]
	last := uint8(col.bins - 1)
	switch {
	case all && (s.gap != low || at == last):
		x.at, x.next = last, last
	case s.gap == low:
		x.at, x.next = at, at+1
	case s.gap == high && (x.holeLeft || !col.missing):
		x.at, x.next = uint8(above-1), uint8(above)
	case s.gap == high:
		x.at, x.next = at, at+1
	default:
		x.at, x.next = at, uint8(above)
	}
}
