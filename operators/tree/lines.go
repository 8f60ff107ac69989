package tree

import "github.com/lren-chuv/automl/internal/kernel"

// lines looks at all columns of a row before the next row. For a node the extents of a line's columns are found at once,
// whichever of them are tried, and what several cuts send to the left in one more visit of the rows.
type lines struct {
	table  *kernel.Lines
	words  []int64                   // by row
	lo, hi [][kernel.LineWidth]uint8 // by line
	done   []bool                    // lines whose extents are known
	trial  kernel.Trial
	goes   [kernel.TrialWidth][]uint8 // of every row: a bit for each cut of a trial
	best   noted
	kept   []uint8 // goes of the best split
}

// noted is where lines says which rows go left.
type noted struct{ trial, bit int }

func newLines(l *lattice, rows int) *lines {
	n := l.Count()
	s := &lines{table: &l.Lines, words: make([]int64, rows), kept: make([]uint8, rows)}
	s.lo, s.hi, s.done = make([][kernel.LineWidth]uint8, n), make([][kernel.LineWidth]uint8, n), make([]bool, n)
	for i := range min(n, len(s.goes)) {
		s.goes[i] = make([]uint8, rows)
	}
	return s
}

// load takes over the tallies of the rows.
func (s *lines) load(tally []kernel.Tally) {
	for r, t := range tally {
		s.words[r] = int64(t)
	}
}

// begin prepares the search of a node.
func (s *lines) begin() { clear(s.done) }

// gather finds the extents of the probes.
func (s *lines) gather(rows []int32, probes []probe) {
	for k := range probes {
		p := &probes[k]
		at := p.column / kernel.LineWidth
		if !s.done[at] {
			s.table.Extents(int(at), rows, &s.lo[at], &s.hi[at])
			s.done[at] = true
		}
		j := p.column % kernel.LineWidth
		p.lo, p.hi = int(s.lo[at][j]), int(s.hi[at][j])
	}
}

// count tallies what the live probes send to the left, a line after the other.
func (s *lines) count(rows []int32, probes *[kernel.TrialWidth]probe, live []int) {
	for done, n := uint(0), 0; done != 1<<len(live)-1; n++ {
		at, k, these := int32(-1), 0, uint(0)
		for i, x := range live {
			p := &probes[x]
			line := p.column / kernel.LineWidth
			if done>>i&1 != 0 || at >= 0 && line != at {
				continue
			}
			at, these = line, these|1<<i
			p.noted = noted{n, k}
			s.trial.Columns[k], s.trial.Cuts[k] = uint8(p.column%kernel.LineWidth), uint8(p.cut)
			k++
		}
		s.table.Sums(int(at), rows, s.words, &s.trial, s.goes[n])
		for i, x := range live {
			if these>>i&1 != 0 {
				probes[x].left = kernel.Tally(s.trial.Sums[probes[x].noted.bit])
			}
		}
		done |= these
	}
}

// keep keeps what goes left of the best split.
func (s *lines) keep(x noted) {
	s.best = x
	s.kept, s.goes[x.trial] = s.goes[x.trial], s.kept
}

// divide moves the rows that the best split sends to the left to the front and returns their number.
func (s *lines) divide(rows, spare []int32) int {
	return kernel.DivideBy(s.kept, s.best.bit, rows, spare)
}
