package tree

import (
	"context"

	"github.com/lren-chuv/automl/internal/kernel"
)

// A stint is what one thread does when the rows of a node are divided: it has a stretch of them. When the smaller side is
// counted then, it counts those that it has divided itself, since they are in its cache.
type stint struct {
	lo, hi int   // its rows, from the first of the node's
	left   int   // how many go left
	ahead  int   // how many before its own go left
	total  int64 // of the words that it packs
	_      [24]byte
}

// right is how many rows before its own go right.
func (p *stint) right() int { return p.lo - p.ahead }

// stints sets out n rows.
func (s *sprouter) stints(n int) []stint {
	k := s.threads()
	for i := range s.parts[:k] {
		s.parts[i] = stint{lo: i * n / k, hi: (i + 1) * n / k}
	}
	return s.parts[:k]
}

// divided is the rows of a node, of which the first mid go left. Where parts is not nil, those of each part that go right
// are still to be copied from spare.
type divided struct {
	rows  []int32
	mid   int
	parts []stint
}

// smaller is the smaller side.
func (d *divided) smaller() []int32 {
	if d.rightIsSmaller() {
		return d.rows[d.mid:]
	}
	return d.rows[:d.mid]
}

func (d *divided) rightIsSmaller() bool { return 2*d.mid > len(d.rows) }

// sharedRows is from how many rows on a node's rows are shared out.
const sharedRows = 4096

// jobs are what threads do at a split. They are made once, since so much else is done in the time that it takes to make
// a function, and find what they are about in the other fields.
type jobs struct {
	d      divided
	cut    fission // that divides d
	bins   []uint8 // of its column
	counts []int32 // rows that are counted
	into   []int64 // where
	pair   [2]duty // whose splits are searched: the larger, the smaller
	sift   func(i int)
	shut   func(i int)
	mine   func(i int)
	all    func(i int)
	search func(k int)
}

func (s *sprouter) newJobs() jobs {
	return jobs{
		sift: func(i int) {
			p := &s.d.parts[i]
			p.left = s.cut.sift(s.bins, s.d.rows[p.lo:p.hi], s.spare[p.lo:p.hi])
		},
		shut:   func(i int) { s.close(&s.d, i) },
		mine:   func(i int) { s.countAll(i, s.close(&s.d, i)) },
		all:    func(i int) { s.count(s.desks[i], &s.shares[i], s.counts, s.into) },
		search: s.searchShare,
	}
}

// divide moves the rows whose bin goes left to the front, keeping the order on both sides.
func (s *sprouter) divide(ctx context.Context, cut fission, rows []int32) error {
	s.d = divided{rows: rows}
	d := &s.d
	bins := s.t.cols[cut.column].bin
	if s.team == nil || len(rows) < sharedRows {
		d.mid = cut.sift(bins, rows, s.spare)
		copy(rows[d.mid:], s.spare)
		return nil
	}
	s.cut, s.bins, d.parts = cut, bins, s.stints(len(rows))
	if err := s.over(ctx, len(d.parts), len(rows), s.sift); err != nil {
		return err
	}
	for i := range d.parts {
		p := &d.parts[i]
		p.ahead = d.mid
		copy(rows[d.mid:], rows[p.lo:p.lo+p.left])
		d.mid += p.left
	}
	return nil
}

// close copies what goes right of part i to its place and returns those rows of the part that go to the smaller side.
func (s *sprouter) close(d *divided, i int) []int32 {
	p := &d.parts[i]
	right := d.rows[d.mid+p.right():][:p.hi-p.lo-p.left]
	copy(right, s.spare[p.lo:])
	if d.rightIsSmaller() {
		return right
	}
	return d.rows[p.ahead:][:p.left]
}

// tally counts the histogram of the smaller side, in as many parts as threads have made of it: see [sprouter.merge].
// Without cells it only closes what is divided.
func (s *sprouter) tally(ctx context.Context, cells []int64) error {
	s.pending = s.pending[:0]
	d, rows := &s.d, s.d.smaller()
	work := len(rows) * len(s.columns) / 2
	if cells != nil && d.parts != nil && s.apart(len(rows)) {
		s.engage(cells)
		return s.over(ctx, len(d.parts), work+len(d.rows), s.mine)
	}
	if d.parts != nil {
		if err := s.over(ctx, len(d.parts), len(d.rows), s.shut); err != nil {
			return err
		}
	}
	if cells == nil {
		return nil
	}
	s.counts, s.into = rows, cells
	return s.over(ctx, len(s.shares), work, s.all)
}

// apart reports whether each thread should count its own rows of so many in a histogram of its own. That they are added up
// costs time, but each row is then visited by one thread only.
func (s *sprouter) apart(rows int) bool { return s.team != nil && rows >= max(flatRows, s.t.bins/2) }

// engage provides a histogram for each thread: cells for the first.
func (s *sprouter) engage(cells []int64) {
	s.pending = append(s.pending, cells)
	for len(s.pending) < s.threads() {
		s.pending = append(s.pending, s.histogram())
	}
}

// countAll counts rows in the histogram of part i.
func (s *sprouter) countAll(i int, rows []int32) {
	for k := range s.slabs {
		s.count(s.desks[i], &s.slabs[k], rows, s.pending[i])
	}
}

// disengage takes back the histograms of the threads but the first.
func (s *sprouter) disengage() {
	for i := 1; i < len(s.pending); i++ {
		s.idle = append(s.idle, s.pending[i])
	}
	s.pending = s.pending[:0]
}

// merge adds what other threads have counted of the columns of plot i.
func (s *sprouter) merge(i int) {
	for k := 1; k < len(s.pending); k++ {
		for _, j := range s.plots[i].columns {
			at, col := int(j)*kernel.Slots, s.t.cols[j]
			kernel.Add(s.pending[0][at:at+col.bins], s.pending[k][at:])
			if col.missing {
				s.pending[0][at+kernel.MissingBin] += s.pending[k][at+kernel.MissingBin]
			}
		}
	}
}

// counted is the sum of the words of the rows that have been counted in cells and what is pending.
func (s *sprouter) counted(rows []int32, cells []int64) int64 {
	j := int(s.columns[0])
	if len(rows) < s.t.cols[j].bins {
		return s.sumWords(rows)
	}
	if s.t.flat != nil {
		return s.t.flat.sum(cells, j)
	}
	total := s.sum(cells, j)
	for k := 1; k < len(s.pending); k++ {
		total += s.sum(s.pending[k], j)
	}
	return total
}

func (s *sprouter) sum(cells []int64, j int) int64 {
	cells = cells[j*kernel.Slots:][:kernel.Slots]
	total := cells[kernel.MissingBin]
	for _, w := range cells[:s.t.cols[j].bins] {
		total += w
	}
	return total
}

// sumWords is the sum of the words of the rows.
func (s *sprouter) sumWords(rows []int32) int64 {
	total, words := int64(0), s.words
	for _, r := range rows {
		total += words[r]
	}
	return total
}
