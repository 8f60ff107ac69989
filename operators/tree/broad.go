package tree

import (
	"slices"

	"github.com/lren-chuv/automl/internal/kernel"
)

// broad searches splits at random thresholds between codes by criteria that come down to sums of words, in lines. It finds
// what [grower.search] finds.
type broad struct {
	lines
	ladder *kernel.Ladder
	crit   additive // nil with a census of several sheets
	census *census
	words  [][]int64 // by sheet and row
	tried  []attempt
	order  []int32 // of the tried ones by line
	found  bool    // the split of the node was found here
}

// attempt is a split that is tried.
type attempt struct {
	column int32
	cut    int
	noted  noted
	sums   [maxSheets]int64 // of what goes left
}

// newBroad returns nil where it does not apply.
func newBroad(l *lattice, crit criterion, rows int) *broad {
	s := &broad{lines: *newLines(l, rows), ladder: &l.ladder, crit: additiveOf(crit)}
	if s.crit != nil {
		s.words = make([][]int64, 1)
		return s
	}
	if s.census, _ = crit.(*census); s.census == nil {
		return nil
	}
	for k := range s.census.sheets {
		s.words = append(s.words, s.census.sheets[k].words)
	}
	return s
}

// open begins the judgement of splits of the rows.
func (s *broad) open(rows []int32, least kernel.Limits) {
	if s.census == nil {
		s.words[0] = s.crit.open(rows, least)
		return
	}
	for k, words := range s.words {
		s.census.sheets[k].total = kernel.Sum(rows, words)
	}
}

// cut is [ranked.below] of a column.
func (s *broad) cut(col *ranked, column int32, lo, hi int, u float64) int {
	return min(max(s.ladder.UpTo(int(column), col.threshold(lo, hi, u))-1, lo), hi-1)
}

// judge is the proxy of an attempt, and whether it keeps the limits.
func (s *broad) judge(x *attempt, least kernel.Limits) (proxy float64, ok bool) {
	if s.census == nil {
		return s.crit.weighed(x.sums[0], least)
	}
	for k := range s.words {
		s.census.sheets[k].left = x.sums[k]
	}
	return s.census.judge(least)
}

// count adds up what the attempts send to the left, line by line.
func (s *broad) count(rows []int32) {
	s.order = s.order[:0]
	for i := range s.tried {
		s.order = append(s.order, int32(i))
	}
	line := func(i int32) int32 { return s.tried[i].column / kernel.LineWidth }
	if len(s.done) > 1 {
		slices.SortStableFunc(s.order, func(a, b int32) int { return int(line(a) - line(b)) })
	}
	rest := s.order
	for n := 0; len(rest) > 0; n++ {
		k, at := 0, line(rest[0])
		for ; k < len(rest) && k < kernel.TrialWidth && line(rest[k]) == at; k++ {
			x := &s.tried[rest[k]]
			x.noted = noted{n, k}
			s.trial.Columns[k], s.trial.Cuts[k] = uint8(x.column%kernel.LineWidth), uint8(x.cut)
		}
		goes := s.noting(n)
		for sheet, words := range s.words {
			s.table.Sums(int(at), rows, words, &s.trial, goes)
			for i, x := range rest[:k] {
				s.tried[x].sums[sheet] = s.trial.Sums[i]
			}
		}
		rest = rest[k:]
	}
}

// searchBroad tries maxFeatures columns; where none of them can be split, search goes on with the others.
func (b *grower) searchBroad(rows []int32) (column int32, best offer, found bool) {
	s, p := b.broad, len(b.features)
	s.begin()
	s.tried = s.tried[:0]
	for i := range min(p, b.maxFeatures) {
		j := i + int(b.rng.Uint32N(uint32(p-i)))
		b.features[i], b.features[j] = b.features[j], b.features[i]
		f := b.features[i]
		if lo, hi := s.extent(f, rows); lo != hi {
			s.tried = append(s.tried, attempt{column: f, cut: s.cut(b.ranked(f), f, lo, hi, b.rng.Float64())})
		}
	}
	if len(s.tried) == 0 {
		return 0, best, false
	}
	s.open(rows, b.least)
	s.count(rows)
	at := -1
	for i := range s.tried {
		if proxy, ok := s.judge(&s.tried[i], b.least); ok && (at < 0 || proxy > best.proxy) {
			at, best.proxy = i, proxy
		}
	}
	if at < 0 {
		return 0, best, false
	}
	x := &s.tried[at]
	best.cut, best.next = uint16(x.cut), uint16(x.cut+1)
	s.keep(x.noted)
	s.found = true
	return x.column, best, true
}
