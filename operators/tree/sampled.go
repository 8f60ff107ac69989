package tree

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/lren-chuv/automl/internal/kernel"
)

// Beyond sampledRows rows, the bins of a column are found on sampleSize of them: some 250 for each of 255 bins. Sorting all
// rows would take longer than boosting them, and more memory.
const sampledRows, sampleSize = 1 << 17, 1 << 16

// sampled is values for many of them. A column with no more values than bins has a bin for each of them; the bins of
// another are those of a random sample, and values between two of these go to the nearer one.
func (m *binner) sampled(values []float64, how binning) *binned {
	if few := distinct(values, how.limit); few != nil {
		return assign(values, few, few)
	}
	rng := rand.New(rand.NewPCG(uint64(len(values)), 1)) // the same rows for every column of a table
	if m.sample == nil {
		m.sample = make([]float64, 0, sampleSize)
	}
	sample := m.sample[:0]
	for i := range sampleSize { // one row of each of as many stretches of rows
		lo, hi := i*len(values)/sampleSize, (i+1)*len(values)/sampleSize
		if v := values[lo+rng.IntN(hi-lo)]; v == v {
			sample = append(sample, v)
		}
	}
	b := m.sorted(sample, how)
	return assign(values, b.lo, b.hi)
}

// distinct returns the values that occur, ascending, nil if there are more than limit or none.
func distinct(values []float64, limit int) []float64 {
	const size = 4 * kernel.Slots
	var table [size]float64
	var used [size]bool
	var out []float64
	for _, v := range values {
		if v != v {
			continue
		}
		v += 0 // -0 is 0
		at := int(math.Float64bits(v) * 0x9e3779b97f4a7c15 >> 54)
		for used[at] && table[at] != v {
			at = (at + 1) % size
		}
		if used[at] {
			continue
		}
		if len(out) == limit {
			return nil
		}
		table[at], used[at] = v, true
		out = append(out, v)
	}
	slices.Sort(out)
	return out
}

// assign puts every value in one of the bins from lo to hi, ascending and not overlapping; lo and hi of the result are
// the smallest and the largest value of each bin.
func assign(values, lo, hi []float64) *binned {
	b := &binned{bin: make([]uint8, len(values)), bins: len(lo), lo: slices.Clone(hi), hi: slices.Clone(lo)}
	var edges [kernel.Slots]float64 // largest value of a bin
	for k := range edges {
		edges[k] = math.Inf(1)
		if k+1 < len(lo) {
			edges[k] = middle(hi[k], lo[k+1])
		}
	}
	for i, v := range values {
		if v != v {
			b.bin[i], b.missing = kernel.MissingBin, true
			continue
		}
		at := 0
		for step := kernel.Slots / 2; step > 0; step /= 2 { // no branch to mispredict
			next := at + step
			if v <= edges[(next-1)&(kernel.Slots-1)] {
				next = at
			}
			at = next
		}
		b.bin[i] = uint8(at)
		b.lo[at], b.hi[at] = min(b.lo[at], v), max(b.hi[at], v)
	}
	return b
}
