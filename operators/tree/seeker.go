package tree

import (
	"math"

	"github.com/lren-chuv/automl/internal/kernel"
)

// seeker finds splits for criteria that come down to the sum over both sides of G²/H, where G and H are sums over rows:
// the squared error with G the weighted target and H the weight, and the Gini impurity of two classes, which is least
// where that sum is largest, with G the weight of the second class. Both and the count of rows share a word, so that a
// split does not depend on the order of the rows and rows that weigh whole numbers are judged without rounding. Beyond
// 8,000 rows of different weights there are no bits left for the count: a side then has as many rows as its share of the
// weight stands for.
type seeker struct {
	pack   kernel.Packing
	words  []int64 // by row
	scan   kernel.Scan
	local  []int64 // words of the rows of the node
	hist   []int64 // by code, all 0 between searches
	packed []int64
	order  []uint16
	seen   kernel.Ranks
	total  int64
	line   *kernel.Lineup // nil for many rows
}

// newSeeker makes one for tables of so many rows and columns with codes below codes.
func newSeeker(rows, codes int) *seeker {
	s := &seeker{words: make([]int64, rows), local: make([]int64, rows)}
	s.hist, s.packed, s.order = make([]int64, codes), make([]int64, codes), make([]uint16, codes)
	if rows <= kernel.MaxMembers {
		s.line = kernel.NewLineup(rows)
	}
	return s
}

// load takes over what each row adds to G and H. Rows with an H of 0 do not take part.
func (s *seeker) load(g, h []float64) {
	gmax, hmax, hmin := uint64(0), uint64(0), ^uint64(0) // the bits of floats that are not negative have their order
	for i, v := range h {
		x := math.Float64bits(v + 0)
		some := uint64(int64(x|-x) >> 63) // all bits, unless v is 0: without a jump, since the rows of a sample are random
		gmax, hmax, hmin = max(gmax, math.Float64bits(g[i])&(1<<63-1)&some), max(hmax, x), min(hmin, x|^some)
	}
	s.pack = kernel.NewPacking(len(h), math.Float64frombits(gmax), math.Float64frombits(hmax), hmin == hmax || hmax == 0)
	s.pack.PackAll(g, h, s.words)
}

// loadRows is load for some of the rows, which all take part.
func (s *seeker) loadRows(g, h []float64, rows []int32) {
	gmax, hmax, hmin := uint64(0), uint64(0), ^uint64(0)
	for _, r := range rows {
		x := math.Float64bits(h[r] + 0)
		gmax, hmax, hmin = max(gmax, math.Float64bits(g[r])&(1<<63-1)), max(hmax, x), min(hmin, x)
	}
	s.pack = kernel.NewPacking(len(h), math.Float64frombits(gmax), math.Float64frombits(hmax), hmin == hmax || hmax == 0)
	s.pack.PackRows(g, h, rows, s.words)
}

// begin prepares the searches of a node.
func (s *seeker) begin(rows []int32, least kernel.Limits) {
	total := int64(0)
	for i, r := range rows {
		w := s.words[r]
		s.local[i] = w
		total += w
	}
	s.weigh(total, len(rows), least)
}

// weigh is begin for a node of so many rows whose words add up to total, if only its scan is used.
func (s *seeker) weigh(total int64, rows int, least kernel.Limits) {
	s.total = total
	s.scan = kernel.NewScan(&s.pack, s.total, kernel.Bounds{Least: s.pack.Counts(max(1, least.Rows), rows, s.total), Hessian: least.Weight})
}

func (s *seeker) open(rows []int32, least kernel.Limits) []int64 {
	s.weigh(kernel.Sum(rows, s.words), len(rows), least)
	return s.words
}

func (s *seeker) weighed(left int64, _ kernel.Limits) (proxy float64, ok bool) {
	return s.scan.One(left)
}

// scansPerRow is the number of codes that are scanned in the time that one row takes to be put in order.
const scansPerRow = 5

// search is that of a criterion.
func (s *seeker) search(col *ranked, rows []int32, least kernel.Limits, o *offer) bool {
	if o.members != nil {
		return s.searchLine(col, least, o)
	}
	if o.fresh {
		s.begin(rows, least)
	}
	if col == nil {
		proxy, ok := s.scan.One(kernel.SumBelow(o.keys, s.local, o.key))
		o.proxy = proxy
		return ok
	}
	hist := s.hist[:len(col.lo)]
	if len(rows)*scansPerRow < len(hist) {
		n := s.seen.Sparse(col.code, rows, s.words, hist, s.packed, s.order)
		at, proxy := s.scan.Best(s.packed[:n], 0, o.floor)
		if at < 0 {
			return false
		}
		o.proxy, o.cut, o.next = proxy, s.order[at], s.order[min(at+1, n-1)]
		return true
	}
	kernel.Tabulate(col.code, rows, s.words, hist)
	at, proxy := s.scan.Best(hist, 0, o.floor)
	if at >= 0 {
		next := at + 1
		for next < len(hist)-1 && hist[next] == 0 {
			next++
		}
		o.proxy, o.cut, o.next = proxy, uint16(at), uint16(next)
	}
	clear(hist)
	return at >= 0
}
