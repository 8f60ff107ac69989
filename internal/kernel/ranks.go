package kernel

import "math/bits"

// Ranks is a set of 16-bit codes that gives its members back in ascending order: one bit per code and above it one bit
// per word. Adding n codes and draining them costs O(n), whatever the range: no sorting. The zero value is empty.
type Ranks struct {
	words [1024]uint64
	index [16]uint64
}

// Add puts c into the set.
func (r *Ranks) Add(c uint16) {
	r.words[c>>6] |= 1 << (c & 63)
	r.index[c>>12] |= 1 << (c >> 6 & 63)
}

// Drain writes the members to dst in ascending order, empties the set and returns their number; all of them are at most
// top.
func (r *Ranks) Drain(dst []uint16, top int) int {
	n := 0
	for k := range r.index[:top>>12+1] {
		for x := r.index[k]; x != 0; x &= x - 1 {
			w := (k<<6 | bits.TrailingZeros64(x)) & 1023
			for y := r.words[w]; y != 0; y &= y - 1 {
				dst[n] = uint16(w<<6 | bits.TrailingZeros64(y))
				n++
			}
			r.words[w] = 0
		}
		r.index[k] = 0
	}
	return n
}
