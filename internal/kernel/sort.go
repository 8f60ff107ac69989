package kernel

import (
	"cmp"
	"math"
	"slices"
)

// keyed is a row with its value in an order-preserving integer.
type keyed struct {
	key uint64
	row int32
}

// fewRows is the number of rows up to which comparing beats counting digits.
const fewRows = 256

// Ascending returns the row numbers by ascending value, NaN last; equal values, among them 0 and -0, keep their order.
func Ascending(values []float64) []int32 {
	a := make([]keyed, len(values))
	for i, v := range values {
		a[i] = keyed{sortKey(v), int32(i)}
	}
	if len(a) <= fewRows {
		slices.SortFunc(a, func(x, y keyed) int {
			if c := cmp.Compare(x.key, y.key); c != 0 {
				return c
			}
			return int(x.row - y.row)
		})
	} else {
		a = radix(a)
	}
	order := make([]int32, len(a))
	for i, x := range a {
		order[i] = x.row
	}
	return order
}

// sortKey maps floats to integers of the same order, NaN above all.
func sortKey(v float64) uint64 {
	if v != v {
		return math.MaxUint64
	}
	b := math.Float64bits(v + 0) // -0 + 0 is 0
	if b>>63 != 0 {
		return ^b
	}
	return b | 1<<63
}

// radix sorts by one byte of the key after the other, the lowest first; bytes that are the same everywhere are skipped.
func radix(a []keyed) []keyed {
	var count [8][256]int32
	for _, x := range a {
		for d := range count {
			count[d][x.key>>(8*d)&255]++
		}
	}
	b := make([]keyed, len(a))
	for d := range count {
		if count[d][a[0].key>>(8*d)&255] == int32(len(a)) {
			continue
		}
		at := int32(0)
		for k, n := range count[d] {
			count[d][k] = at
			at += n
		}
		for _, x := range a {
			k := x.key >> (8 * d) & 255
			b[count[d][k]] = x
			count[d][k]++
		}
		a, b = b, a
	}
	return a
}
