package tree

import (
	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/kernel"
)

// additive is a criterion for which a side of a split comes down to the sum of a word per row.
type additive interface {
	// open begins the judgement of splits of the rows and returns the words of all rows.
	open(rows []int32, least kernel.Limits) []int64
	// weighed is the proxy of sending rows whose words add up to left to the left, and whether it keeps the limits.
	weighed(left int64, least kernel.Limits) (proxy float64, ok bool)
}

// additiveOf is crit as such, nil if it is none.
func additiveOf(crit criterion) additive {
	switch c := crit.(type) {
	case *counted:
		if c.seeker == nil {
			return c
		}
		return c.seeker
	case *moments:
		if c.seeker != nil {
			return c.seeker
		}
	case *census:
		if len(c.sheets) == 1 {
			return c
		}
	}
	return nil
}

// abreast searches splits at random thresholds for which all columns are looked at in a row before the next row: their
// values stand side by side, and the processor compares eight of them at a time. It finds what [grower.search] finds.
type abreast struct {
	crit   additive
	values []float64 // row by row
	lo, hi []float64 // by column
	cuts   []float64
	sums   []int64
	tried  []int32
}

// mostIdle is the number of columns per column tried up to which it pays to look at all.
const mostIdle = 12

// newAbreast returns nil where it does not apply or pay.
func newAbreast(cols []*dataset.Column, crit criterion, tried int) *abreast {
	a := additiveOf(crit)
	if a == nil || !kernel.Abreast() || len(cols) == 0 || len(cols) > mostIdle*tried {
		return nil
	}
	stride := (len(cols) + kernel.Lane - 1) / kernel.Lane * kernel.Lane
	s := &abreast{crit: a, values: make([]float64, stride*cols[0].Len())}
	for j, c := range cols {
		for i, v := range c.Float {
			s.values[i*stride+j] = v
		}
	}
	s.lo, s.hi, s.cuts = make([]float64, stride), make([]float64, stride), make([]float64, stride)
	s.sums, s.tried = make([]int64, stride), make([]int32, 0, len(cols))
	return s
}

// searchAbreast tries maxFeatures columns; where none of them can be split, search goes on with the others.
func (b *grower) searchAbreast(rows []int32) (column int32, best offer, found bool) {
	a, p := b.abreast, len(b.features)
	kernel.Extents(a.values, rows, a.lo, a.hi)
	a.tried = a.tried[:0]
	for i := range min(p, b.maxFeatures) {
		j := i + int(b.rng.Uint32N(uint32(p-i)))
		b.features[i], b.features[j] = b.features[j], b.features[i]
		f := b.features[i]
		if lo, hi := a.lo[f], a.hi[f]; lo != hi {
			a.cuts[f] = b.between(lo, hi)
			a.tried = append(a.tried, f)
		}
	}
	if len(a.tried) == 0 {
		return 0, best, false
	}
	words := a.crit.open(rows, b.least)
	kernel.SumsBelow(a.values, rows, words, a.cuts, a.sums)
	for _, f := range a.tried {
		if proxy, ok := a.crit.weighed(a.sums[f], b.least); ok && (!found || proxy > best.proxy) {
			column, best.proxy, found = f, proxy, true
		}
	}
	best.key = kernel.Key(a.cuts[column])
	return column, best, found
}
