package tree

import (
	"context"
	"math"
	"slices"

	"github.com/lren-chuv/automl/dataset"
)

// exact is a number of bins that leaves every distinct value of a fold alone.
const exact = math.MaxUint16 - 1

// coarse is the number of bins that forests use: splits stay exact for columns with no more distinct values.
const coarse = 255

// bins is a column in ranks: code[i] says in which bin the value of row i lies, in rising order; missing values have the
// last code, len(low). Low and high are the smallest and largest training value of each bin.
type bins struct {
	code      []uint16
	low, high []float64
}

// missing is the code of missing values.
func (b *bins) missing() uint16 { return uint16(len(b.low)) }

type binsKey struct{ most int }

// binned returns the column in at most the given number of bins, computed once for all who ask.
func binned(c *dataset.Column, most int) *bins {
	return c.Derive(binsKey{most}, func() any { return newBins(c.Float, most) }).(*bins)
}

// prepare bins the columns one by one, so that a cancelled fit need not wait for all of them.
func prepare(ctx context.Context, x *dataset.Frame, most int) error {
	for _, c := range x.Columns() {
		if err := ctx.Err(); err != nil {
			return err
		}
		binned(c, most)
	}
	return nil
}

func newBins(values []float64, most int) *bins {
	sorted := make([]float64, 0, len(values))
	for _, v := range values {
		if v == v {
			sorted = append(sorted, v)
		}
	}
	slices.Sort(sorted)
	b := &bins{code: make([]uint16, len(values))}
	distinct := 0
	for i, v := range sorted {
		if i == 0 || v != sorted[i-1] {
			distinct++
		}
	}
	b.cut(sorted, distinct, most)
	for i, v := range values {
		b.code[i] = b.find(v)
	}
	return b
}

// cut makes a bin of every distinct value, or of about equally many rows if there are too many.
func (b *bins) cut(sorted []float64, distinct, most int) {
	rows := 0.0
	if distinct > most {
		rows = float64(len(sorted)) / float64(most)
	}
	start := 0
	for i := range sorted {
		last := i == len(sorted)-1
		if !last && sorted[i+1] == sorted[i] {
			continue
		}
		if last || float64(i+1) >= rows*float64(len(b.low)+1) {
			b.low, b.high = append(b.low, sorted[start]), append(b.high, sorted[i])
			start = i + 1
		}
	}
}

// find is the bin of a training value.
func (b *bins) find(v float64) uint16 {
	if v != v {
		return b.missing()
	}
	i, _ := slices.BinarySearch(b.high, v)
	return uint16(min(i, len(b.high)-1))
}

// between is the threshold that separates two bins: halfway between the values that border on it.
func (b *bins) between(lo, hi uint16) float64 {
	if hi >= b.missing() { // only missing values go right
		return b.high[len(b.high)-1]
	}
	t := b.high[lo]/2 + b.low[hi]/2
	if t >= b.low[hi] { // rounding must not move the upper bin over
		return b.high[lo]
	}
	return t
}
