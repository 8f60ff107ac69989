package tree

import (
	"math"

	"github.com/lren-chuv/automl/internal/kernel"
)

// flat is the bins of a small table of numbers without gaps, row by row, as the numbers of cells in histograms that have
// no gaps either: those of a node and of its parent stay in the fastest cache, and are cleared, subtracted and searched
// at once.
type flat struct {
	columns []kernel.Span // their cells
	numbers []uint16
}

// flatRows is the number of rows below which a table is flat. The histograms of larger ones are counted by several threads
// at a time, and look at many rows for each cell.
const flatRows = 2048

// span tells where the cells of the columns stand in histograms with gaps.
func (t *binnedTable) span() []kernel.Span {
	spans := make([]kernel.Span, len(t.cols))
	for j, c := range t.cols {
		if c.missing || c.level != nil || c.bins == 0 {
			return nil
		}
		spans[j] = kernel.Span{First: int32(j * kernel.Slots), N: int32(c.bins)}
	}
	return spans
}

// flatten closes the gaps, if all columns are numbers without holes and there is not too much.
func (t *binnedTable) flatten(rows int) *flat {
	if t.spans == nil || rows >= flatRows || t.bins > math.MaxUint16 || len(t.cols) > 4*slabWidth {
		return nil
	}
	p, f := len(t.cols), &flat{columns: t.spans, numbers: make([]uint16, rows*len(t.cols))}
	first := 0
	for j, c := range t.cols {
		t.spans[j].First = int32(first)
		at := j
		for _, b := range c.bin {
			f.numbers[at] = uint16(first + int(b))
			at += p
		}
		first += c.bins
	}
	return f
}

// span is which columns the blocks [lo, hi) have.
func (f *flat) span(lo, hi int) (first, end int) {
	return lo * blockWidth, min(hi*blockWidth, len(f.columns))
}

// cells is where those of the columns of the blocks [lo, hi) stand.
func (f *flat) cells(lo, hi int) (first, end int) {
	lo, hi = f.span(lo, hi)
	last := f.columns[hi-1]
	return int(f.columns[lo].First), int(last.First + last.N)
}

// count makes the part of a histogram that belongs to a share, of ascending rows.
func (f *flat) count(w *share, rows []int32, words, cells []int64) {
	lo, hi := f.cells(w.lo, w.hi)
	clear(cells[lo:hi])
	lo, hi = f.span(w.lo, w.hi)
	kernel.AccumulateFlat(f.numbers[lo:], len(f.columns), hi-lo, rows, words, cells)
}

// sum adds up the cells of column j.
func (f *flat) sum(cells []int64, j int) int64 {
	c, total := f.columns[j], int64(0)
	for _, w := range cells[c.First:][:c.N] {
		total += w
	}
	return total
}

// cellsOf is the cells of column j, in as many slots as it has bins at least.
func (s *sprouter) cellsOf(cells []int64, j int32) []int64 {
	if s.t.spans != nil {
		c := s.t.spans[j]
		return cells[c.First:][:c.N]
	}
	return cells[int(j)*kernel.Slots:][:kernel.Slots]
}

// searchFlat is searchShare in flat histograms: what is found is left with the first plot.
func (s *sprouter) searchFlat(w *share) {
	large, small := &s.pair[0], &s.pair[1]
	if large.does && small.node >= 0 {
		lo, hi := s.t.flat.cells(w.lo, w.hi)
		kernel.Subtract(s.buds[large.node].cells[lo:hi], s.buds[small.node].cells[lo:hi])
	}
	for side := range s.pair {
		d := &s.pair[side]
		if !d.does {
			continue
		}
		whole := len(d.columns) == len(s.t.cols)
		for i := w.lo; i < w.hi; i++ {
			s.plots[i].best[side] = none(d.floor)
			if !whole {
				s.plots[i].best[side] = s.searchPlot(i, &d.prospect)
			}
		}
		if whole {
			s.searchSpans(w.lo, w.hi, &d.prospect, &s.plots[w.lo].best[side])
		}
	}
}

// searchSpans looks for better splits of a node by all columns of the blocks [lo, hi).
func (s *sprouter) searchSpans(lo, hi int, p *prospect, best *fission) {
	lo, hi = lo*blockWidth, min(hi*blockWidth, len(s.t.cols))
	columns := s.t.spans[:hi]
	for lo < hi {
		k, at, score := p.scan.BestOf(p.cells, columns[lo:], best.floor())
		if k < 0 {
			return
		}
		lo += k + 1
		f := fission{score: score, column: int32(lo - 1)}
		if f.beats(best) {
			*best = f
			s.placeAfter(best, s.cellsOf(p.cells, f.column), at)
		}
	}
}
