package stats

import (
	"math"
	"slices"
)

const fewValues = 256 // up to here comparing beats counting digits

// ascend sorts values, none of which is missing; -0 becomes 0.
func ascend(values []float64) {
	if len(values) <= fewValues {
		slices.Sort(values)
		return
	}
	keys := make([]uint64, 2*len(values))
	a, b := keys[:len(values)], keys[len(values):]
	var count [8][256]int32
	for i, v := range values {
		k := math.Float64bits(v + 0)
		k ^= uint64(int64(k)>>63) | 1<<63 // integers of the same order
		a[i] = k
		for d := range count {
			count[d][k>>(8*d)&255]++
		}
	}
	for d := range count { // by one byte after the other, the lowest first
		at := &count[d]
		if at[a[0]>>(8*d)&255] == int32(len(a)) {
			continue
		}
		sum := int32(0)
		for k, n := range at {
			at[k] = sum
			sum += n
		}
		for _, x := range a {
			k := x >> (8 * d) & 255
			b[at[k]] = x
			at[k]++
		}
		a, b = b, a
	}
	for i, k := range a {
		values[i] = math.Float64frombits(k ^ (uint64(int64(^k)>>63) | 1<<63))
	}
}
