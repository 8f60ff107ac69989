package tree

import (
	"math/rand/v2"

	"github.com/lren-chuv/automl/internal/kernel"
)

// halves searches splits at random thresholds for two classes whose rows count once each. What goes to the left is then
// known from two numbers of rows, which are counted eight rows at a time, and what goes to the right from these and
// those of the node: no row is looked at twice.
type halves struct {
	lattice   *lattice
	lines     *lines  // nil: one column after the other
	words     []int64 // by row, the tallies, with lines
	crit      *counted
	word      [2]int64                 // of a row of either class
	marks     []uint64                 // of the node's rows, those of the second class
	probes    [kernel.TrialWidth]probe // columns that are looked at together: what one has to wait for, the processor does for another
	live      [kernel.TrialWidth]int
	best      []uint64     // lanes of the rows in the column of the best split so far
	all, left kernel.Tally // of the node, and of what the best split sends to the left
	column    int32
}

// probe is a split that is tried.
type probe struct {
	column int32
	cut    int
	lo, hi int // smallest and largest code among the rows
	left   kernel.Tally
	keys   []uint64 // lanes of the rows
	noted  noted
}

// bandRows is the number of rows that are looked up in all probed columns before the next ones: they stay in the fastest cache.
const bandRows = 128

func newHalves(l *lattice, c *counted, rows int, lined bool) *halves {
	n := kernel.LaneWords(rows)
	h := &halves{lattice: l, crit: c}
	if lined {
		h.lines, h.words = newLines(l, rows), make([]int64, rows)
		return h
	}
	h.marks, h.best = make([]uint64, n), make([]uint64, n)
	for k := range h.probes {
		h.probes[k].keys = make([]uint64, n)
	}
	return h
}

// load takes over the words of the rows, which are the same for all rows of a class.
func (h *halves) load(t *target) {
	if h.lines != nil {
		for r, t := range h.crit.tally {
			h.words[r] = int64(t)
		}
	}
	for _, r := range t.rows {
		if h.crit.seeker != nil {
			h.word[t.class[r]&1] = h.crit.seeker.words[r]
		}
	}
}

// tallyOf is the tally of n rows, of which second are of the second class.
func tallyOf(n, second int) kernel.Tally {
	return kernel.Tally(n) + kernel.Tally(n-second)*(kernel.NewTally(0, 1)-1) + kernel.Tally(second)*(kernel.NewTally(1, 1)-1)
}

// sum is the word of the rows of a tally.
func (h *halves) sum(t kernel.Tally) int64 {
	return int64(t.Class0())*h.word[0] + int64(t.Class1())*h.word[1]
}

// place turns row numbers into places in the lattice, which is how halves know rows without lines.
func (h *halves) place(rows []int32) {
	if h.lines != nil {
		return
	}
	for i := range rows {
		rows[i] *= int32(h.lattice.Stride)
	}
}

// begin prepares the search of a node.
func (h *halves) begin(rows []int32, all kernel.Tally, least kernel.Limits) {
	h.all = all
	if h.lines != nil {
		h.lines.begin()
	} else {
		h.marks = h.marks[:kernel.LaneWords(len(rows))]
		kernel.MarkLanes(h.lattice.Codes[h.lattice.columns:], rows, h.marks)
	}
	if h.crit.seeker != nil {
		h.crit.weigh(h.sum(all), len(rows), least)
	}
}

// gather looks the columns of the probes up in the rows and returns how many of these vary there; their numbers stand in
// h.live.
func (h *halves) gather(rows []int32, probes []probe) int {
	if h.lines == nil {
		h.lookUp(rows, probes)
	} else {
		for k := range probes {
			probes[k].lo, probes[k].hi = h.lines.extent(probes[k].column, rows)
		}
	}
	n := 0
	for k := range probes {
		h.live[n] = k
		if probes[k].lo != probes[k].hi {
			n++
		}
	}
	return n
}

// lookUp fills the probes column by column.
func (h *halves) lookUp(rows []int32, probes []probe) {
	for k := range probes {
		probes[k].lo, probes[k].hi = 255, 0
	}
	for lo := 0; lo < len(rows); lo += bandRows {
		part := rows[lo:min(len(rows), lo+bandRows)]
		for k := range probes {
			p := &probes[k]
			p.lo, p.hi = kernel.GatherLanes(h.lattice.Codes[p.column:], part, p.keys[lo/8:], p.lo, p.hi)
		}
	}
}

// judge draws a threshold for each of the columns that vary and reports whether one of the splits is better than the
// best one so far, which is then replaced.
func (h *halves) judge(rows []int32, live []int, rng *rand.Rand, least kernel.Limits, best *offer, found bool) bool {
	h.cut(live, rng)
	if h.lines != nil {
		h.count(rows, live)
	} else {
		for _, k := range live {
			p := &h.probes[k]
			p.left = tallyOf(kernel.CountLanes(p.keys[:len(h.marks)], h.marks, p.cut))
		}
	}
	better := -1
	for _, k := range live {
		p, o, ok := &h.probes[k], offer{}, false
		if h.crit.seeker != nil {
			o.proxy, ok = h.crit.scan.One(h.sum(p.left))
		} else {
			ok = h.crit.judge(p.left, h.all, least, &o)
		}
		if ok && (!found || o.proxy > best.proxy) {
			best.proxy, better, found = o.proxy, k, true
		}
	}
	if better < 0 {
		return false
	}
	p := &h.probes[better]
	best.cut, best.next = uint16(p.cut), uint16(p.cut+1)
	h.left, h.column = p.left, p.column
	p.keys, h.best = h.best, p.keys
	if h.lines != nil {
		h.lines.keep(p.noted)
	}
	return true
}

// count tallies what the live probes send to the left, a line after the other.
func (h *halves) count(rows []int32, live []int) {
	s := h.lines
	for done, n := uint(0), 0; done != 1<<len(live)-1; n++ {
		at, k, these := int32(-1), 0, uint(0)
		for i, x := range live {
			p := &h.probes[x]
			line := p.column / kernel.LineWidth
			if done>>i&1 != 0 || at >= 0 && line != at {
				continue
			}
			at, these = line, these|1<<i
			p.noted = noted{n, k}
			s.trial.Columns[k], s.trial.Cuts[k] = uint8(p.column%kernel.LineWidth), uint8(p.cut)
			k++
		}
		s.table.Sums(int(at), rows, h.words, &s.trial, s.noting(n))
		for i, x := range live {
			if these>>i&1 != 0 {
				h.probes[x].left = kernel.Tally(s.trial.Sums[h.probes[x].noted.bit])
			}
		}
		done |= these
	}
}

// cut draws the thresholds: the last codes on the left, with codes on both sides.
func (h *halves) cut(live []int, rng *rand.Rand) {
	e := h.lattice.edges
	if h.lines != nil {
		for _, k := range live {
			p := &h.probes[k]
			t := e.between(p.column, p.lo, p.hi, rng.Float64())
			p.cut = min(max(h.lattice.ladder.UpTo(int(p.column), float64(t))-1, p.lo), p.hi-1)
		}
		return
	}
	for i := 0; i < len(live); i += 4 {
		var at [4]int
		var t [4]int64
		for k := range at {
			if i+k < len(live) {
				p := &h.probes[live[i+k]]
				at[k], t[k] = 256*int(p.column), e.draw(p.column, p.lo, p.hi, rng.Float64())
			}
		}
		e.four(&at, &t)
		for k := range min(4, len(live)-i) {
			p := &h.probes[live[i+k]]
			p.cut = min(max(at[k]&255, p.lo), p.hi-1)
		}
	}
}

// pure reports whether the best split leaves one class on either side: no other can be better.
func (h *halves) pure() bool {
	return h.left.Class0() == 0 && h.left.Class1() == h.all.Class1() || h.left.Class1() == 0 && h.left.Class0() == h.all.Class0()
}

// divide moves the rows that the best split sends to the left to the front and returns their number.
func (h *halves) divide(rows, spare []int32, cut uint16) int {
	if h.lines != nil {
		return h.lines.divide(rows, spare)
	}
	return kernel.PartLanes(h.best, rows, spare, int(cut))
}

// atOnce is the number of columns that are looked at together in a node of so many rows: of few rows a split is likely
// to leave one class on either side, after which no other is of use.
func atOnce(rows int) int {
	switch {
	case rows < 4:
		return 1
	case rows < 8:
		return 3
	}
	return 8
}

// searchHalves is search with halves.
func (b *grower) searchHalves(rows []int32, all kernel.Tally) (column int32, best offer, found bool) {
	h, p := b.halves, len(b.features)
	h.begin(rows, all, b.least)
	for i := 0; i < p && !(found && (i >= b.maxFeatures || h.pure())); {
		n := max(1, min(atOnce(len(rows)), b.maxFeatures-i))
		for k := range n {
			j := i + int(b.rng.Uint32N(uint32(p-i)))
			b.features[i], b.features[j] = b.features[j], b.features[i]
			h.probes[k].column = b.features[i]
			i++
		}
		live := h.live[:h.gather(rows, h.probes[:n])]
		found = h.judge(rows, live, b.rng, b.least, &best, found) || found
	}
	return h.column, best, found
}
