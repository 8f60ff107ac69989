package tree

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/kernel"
	"github.com/lren-chuv/automl/operators"
)

// binned is a column in at most 255 bins. Larger values have larger bins; every level of a categorical column has its
// own, the rarest share the last one if there are too many.
type binned struct {
	bin     []uint8   // by row; kernel.MissingBin where missing
	lo, hi  []float64 // smallest and largest value of each bin of a numeric column
	level   []uint8   // bin of each level of a categorical column, nil for a numeric one
	bins    int
	missing bool
}

// binning is how values are put in bins.
type binning struct {
	limit int // number of bins
	rows  int // smallest number of rows in a bin
}

type binnedKey struct{ binning }

// binner is memory for finding bins, used for one column after the other.
type binner struct {
	kernel.Ordering
	sample []float64
}

// bin returns the column's bins, computed once for all fits.
func (m *binner) bin(c *dataset.Column, how binning) *binned {
	return c.Derive(binnedKey{how}, func() any {
		if c.Kind == dataset.Categorical {
			return binLevels(c, how.limit)
		}
		return m.values(c.Float, how)
	}).(*binned)
}

// binAll finds the bins of all columns; the threads of env have their own memory.
func binAll(ctx context.Context, env *operators.Env, x *dataset.Frame, how binning) error {
	idle := make(chan *binner, max(1, env.Threads))
	return env.Each(ctx, x.Cols(), func(j int, _ *rand.Rand) error { // it looks at ctx before every column
		m := new(binner)
		select {
		case m = <-idle:
		default:
		}
		m.bin(x.Col(j), how)
		idle <- m
		return nil
	})
}

func (m *binner) values(values []float64, how binning) *binned {
	if len(values) > sampledRows {
		return m.sampled(values, how)
	}
	if len(values) > manyRows {
		if few := distinct(values, how.limit); few != nil {
			if b := assign(values, few, few); b.every(how.rows) {
				return b
			}
		}
	}
	return m.sorted(values, how)
}

// manyRows is the number of rows from which it pays to look whether a column has few values before it is sorted.
const manyRows = 2048

// every reports whether every bin has so many rows.
func (b *binned) every(rows int) bool {
	var count [kernel.Slots]int
	for _, k := range b.bin {
		count[k]++
	}
	for _, n := range count[:b.bins] {
		if n < rows {
			return false
		}
	}
	return true
}

// sorted finds bins by sorting.
func (m *binner) sorted(values []float64, how binning) *binned {
	order := m.Ascending(values)
	n := len(order)
	for n > 0 && values[order[n-1]] != values[order[n-1]] {
		n--
	}
	b := &binned{bin: make([]uint8, len(values)), missing: n < len(order)}
	for _, r := range order[n:] {
		b.bin[r] = kernel.MissingBin
	}
	distinct := 0
	for i, r := range order[:n] {
		if i == 0 || values[r] != values[order[i-1]] {
			distinct++
		}
	}
	share := 0.0
	if distinct > how.limit {
		share = float64(n) / float64(min(how.limit, max(fewBins, n/rowsPerBin)))
	}
	first := 0 // row at which the open bin begins
	for i, r := range order[:n] {
		v := values[r]
		if i == 0 || v != values[order[i-1]] && float64(i) >= share*float64(b.bins) && i-first >= how.rows && n-i >= how.rows {
			b.lo, b.hi = append(b.lo, v), append(b.hi, v)
			b.bins, first = b.bins+1, i
		}
		b.hi[b.bins-1] = v
		b.bin[r] = uint8(b.bins - 1)
	}
	return b
}

func binLevels(c *dataset.Column, limit int) *binned {
	b := &binned{bin: make([]uint8, c.Len()), level: make([]uint8, len(c.Levels)), bins: min(len(c.Levels), limit)}
	count, order := make([]int, len(c.Levels)), make([]int, len(c.Levels))
	for _, k := range c.Code {
		if k >= 0 {
			count[k]++
		}
	}
	for k := range order {
		order[k] = k
	}
	if len(order) > limit {
		slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(count[j], count[i]) })
	}
	for i, k := range order {
		b.level[k] = uint8(min(i, limit-1))
	}
	for i, k := range c.Code {
		b.bin[i] = kernel.MissingBin
		if k >= 0 {
			b.bin[i] = b.level[k]
		} else {
			b.missing = true
		}
	}
	return b
}

// A column with too many values for a bin each gets no more bins than rowsPerBin rows to a bin, but fewBins at least:
// finer quantiles of a few hundred rows tell noise apart.
const fewBins, rowsPerBin = 127, 4

// slab is the bins of up to slabWidth columns, row by row: what a row has in them lies in one line of the cache. Columns
// that do not exist are in bin 0.
type slab struct {
	first  int // column
	stride int // bytes per row, a multiple of blockWidth
	bins   []byte
}

const slabWidth = 64

// blockWidth is the number of columns whose histograms are made together.
const blockWidth = kernel.BlockWidth

// binnedTable is a frame in bins, by column and by row.
type binnedTable struct {
	cols   []*binned
	slabs  []slab
	spans  []kernel.Span // the columns' cells in a histogram, nil if something is missing or categorical
	flat   *flat         // nil where it does not apply
	bins   int           // of all columns
	levels int           // most of a categorical column
}

// blocks is the number of blocks of columns.
func (t *binnedTable) blocks() int { return (len(t.cols) + blockWidth - 1) / blockWidth }

type tableKey struct{ binning }

// tabulate returns the bins of the frame, computed once for all fits.
func tabulate(x *dataset.Frame, how binning) *binnedTable {
	return x.Derive(tableKey{how}, func() any {
		t, m := &binnedTable{cols: make([]*binned, x.Cols())}, new(binner)
		for j, c := range x.Columns() {
			t.cols[j] = m.bin(c, how)
			t.bins += t.cols[j].bins
			if c.Kind == dataset.Categorical {
				t.levels = max(t.levels, t.cols[j].bins)
			}
		}
		for first := 0; first < len(t.cols); first += slabWidth {
			t.slabs = append(t.slabs, t.interleave(first, x.Rows()))
		}
		t.spans = t.span()
		t.flat = t.flatten(x.Rows())
		return t
	}).(*binnedTable)
}

// tile is the number of rows that are interleaved together, so that they are written while they are in the cache.
const tile = 2048

func (t *binnedTable) interleave(first, rows int) slab {
	cols := t.cols[first:min(len(t.cols), first+slabWidth)]
	b := slab{first: first, stride: (len(cols) + blockWidth - 1) / blockWidth * blockWidth}
	b.bins = make([]byte, rows*b.stride)
	for lo := 0; lo < rows; lo += tile {
		hi := min(rows, lo+tile)
		dst := b.bins[lo*b.stride : hi*b.stride]
		for j, c := range cols {
			at := j
			for _, v := range c.bin[lo:hi] {
				dst[at] = v
				at += b.stride
			}
		}
	}
	return b
}
