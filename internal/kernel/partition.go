package kernel

import "math"

// Partition moves the rows whose code is at most cut to the front, keeping the order on both sides, and returns their
// number. spare is scratch of at least the same length.
func Partition(codes []uint16, rows, spare []int32, cut uint16) int {
	left, right := 0, 0
	for _, r := range rows {
		// both places are written, only one counter moves: no branch to mispredict
		rows[left] = r
		spare[right] = r
		goes := int(uint64(int64(codes[r])-int64(cut)-1) >> 63)
		left += goes
		right += 1 - goes
	}
	copy(rows[left:], spare[:right])
	return left
}

// Below is [Partition] by value: rows up to the threshold go to the front.
func Below(values []float64, rows, spare []int32, threshold float64) int {
	left, right := 0, 0
	for _, r := range rows {
		rows[left] = r
		spare[right] = r
		goes := 0
		if values[r] <= threshold {
			goes = 1
		}
		left += goes
		right += 1 - goes
	}
	copy(rows[left:], spare[:right])
	return left
}

// Key maps a number to an integer of the same order; -0 comes right before 0.
func Key(v float64) int64 {
	b := int64(math.Float64bits(v))
	return b ^ int64(uint64(b>>63)>>1)
}

// FromKey is the inverse of [Key].
func FromKey(k int64) float64 { return math.Float64frombits(uint64(k ^ int64(uint64(k>>63)>>1))) }

// Keys writes the key of each row's value to dst and returns the smallest and the largest.
func Keys(values []float64, rows []int32, dst []int64) (lo, hi int64) {
	lo, hi = math.MaxInt64, math.MinInt64
	dst = dst[:len(rows)]
	for i, r := range rows {
		k := Key(values[r])
		dst[i] = k
		lo, hi = min(lo, k), max(hi, k)
	}
	return lo, hi
}

// CodeKeys is [Keys] for codes, which are their own keys.
func CodeKeys(codes []uint16, rows []int32, dst []int64) (lo, hi int64) {
	lo, hi = math.MaxInt64, math.MinInt64
	dst = dst[:len(rows)]
	for i, r := range rows {
		k := int64(codes[r])
		dst[i] = k
		lo, hi = min(lo, k), max(hi, k)
	}
	return lo, hi
}

// SumBelow adds up the words whose key is at most cut.
func SumBelow(keys, words []int64, cut int64) int64 {
	sum := int64(0)
	words = words[:len(keys)]
	for i, k := range keys {
		m := int64(0)
		if k <= cut {
			m = 1
		}
		sum += words[i] & -m
	}
	return sum
}
