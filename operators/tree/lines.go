package tree

import "github.com/lren-chuv/automl/internal/kernel"

// lines looks at all columns of a row before the next row. For a node the extents of a line's columns are found at once,
// whichever of them are tried, and what several cuts send to the left in one more visit of the rows.
type lines struct {
	table  *kernel.Lines
	rows   int                       // at most
	lo, hi [][kernel.LineWidth]uint8 // by line
	done   []bool                    // lines whose extents are known
	trial  kernel.Trial
	goes   [][]uint8 // by trial, of every row: a bit for each cut
	best   noted
	kept   []uint8 // goes of the best split
}

// noted is where lines says which rows go left.
type noted struct{ trial, bit int }

func newLines(l *lattice, rows int) *lines {
	n := l.Count()
	s := &lines{table: &l.Lines, rows: rows, kept: make([]uint8, rows)}
	s.lo, s.hi, s.done = make([][kernel.LineWidth]uint8, n), make([][kernel.LineWidth]uint8, n), make([]bool, n)
	return s
}

// begin prepares the search of a node.
func (s *lines) begin() { clear(s.done) }

// extent is the smallest and the largest code of a column among the rows.
func (s *lines) extent(column int32, rows []int32) (lo, hi int) {
	at, j := column/kernel.LineWidth, column%kernel.LineWidth
	if !s.done[at] {
		s.table.Extents(int(at), rows, &s.lo[at], &s.hi[at])
		s.done[at] = true
	}
	return int(s.lo[at][j]), int(s.hi[at][j])
}

// noting is memory for what the n-th trial of a node notes.
func (s *lines) noting(n int) []uint8 {
	if n == len(s.goes) {
		s.goes = append(s.goes, make([]uint8, s.rows))
	}
	return s.goes[n]
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
