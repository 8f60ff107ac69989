package kernel

// A Span is the cells of one column in a histogram without gaps.
type Span struct{ First, N int32 }

// AccumulateFlat adds the word of each of the ascending rows to its cells in width columns. The numbers of the cells stand row
// by row, the rows stride numbers apart; every column has cells of its own. Words stand by row. That a row's cells are found
// without the column's place in the histogram, which may then have any length, makes it smaller than a [Hist], and all
// columns are served while the row's word is at hand.
func AccumulateFlat(numbers []uint16, stride, width int, rows []int32, words, cells []int64) {
	if len(rows) == 0 || width == 0 {
		return
	}
	last := int(rows[len(rows)-1])
	_, _, _ = numbers[last*stride+width-1], words[last], cells[0]
	if assembled {
		accumulateFlat(&numbers[0], stride, width, &rows[0], len(rows), &words[0], &cells[0])
		return
	}
	accumulateEach(numbers, stride, width, rows, words, cells)
}

// accumulateEach is AccumulateFlat without assembly.
func accumulateEach(numbers []uint16, stride, width int, rows []int32, words, cells []int64) {
	for _, r := range rows {
		w := words[r]
		for _, k := range numbers[int(r)*stride:][:width] {
			cells[k] += w
		}
	}
}

// BestOf is [Scan.Best] for one column after the other, nothing of which goes left in any case, up to the first with a cut
// above floor: it returns which of them that is, -1 if there is none. Columns have at least one cell.
func (s *Scan) BestOf(cells []int64, columns []Span, floor float64) (column, at int, score float64) {
	if wide && len(columns) > 0 {
		return scanSpans(s, &cells[0], &columns[0], len(columns), 0, floor)
	}
	return s.bestOf(cells, columns, floor)
}

// bestOf is BestOf with a call for each column.
func (s *Scan) bestOf(cells []int64, columns []Span, floor float64) (column, at int, score float64) {
	for k, c := range columns {
		if at, score := s.Best(cells[c.First:][:c.N], 0, floor); at >= 0 {
			return k, at, score
		}
	}
	return -1, -1, floor
}

// SiftUpTo is [Sift] where bins up to top go left, after shift has been added to all: 1 brings [MissingBin] round to 0, and
// is part of top.
func SiftUpTo(bins []uint8, rows, spare []int32, top, shift uint8) int {
	n, m := 0, 0
	spare = spare[:len(rows)]
	for _, r := range rows {
		rows[n] = r
		spare[m] = r
		goes := int((uint32(bins[r]+shift) - uint32(top) - 1) >> 31)
		n += goes
		m += 1 - goes
	}
	return n
}
