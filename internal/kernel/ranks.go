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

// Flat is the number of codes below which [Ranks.Mark] and [Ranks.Flat] do.
const Flat = 4096

// Mark is Add for a set that is drained by Flat: all codes are below [Flat].
func (r *Ranks) Mark(c uint16) { r.words[c>>6&(Flat/64-1)] |= 1 << (c & 63) }

// Flat is Drain for a set of marked codes below codes.
func (r *Ranks) Flat(dst []uint16, codes int) int {
	n := 0
	for w := range r.words[:(codes+63)>>6] {
		for y := r.words[w]; y != 0; y &= y - 1 {
			dst[n] = uint16(w<<6 | bits.TrailingZeros64(y))
			n++
		}
		r.words[w] = 0
	}
	return n
}

// Tabulate adds each row's word to the histogram entry of its code.
func Tabulate(codes []uint16, rows []int32, words, hist []int64) {
	for _, r := range rows {
		hist[codes[r]] += words[r]
	}
}

// Sparse is [Tabulate] for few rows: the entries, in ascending order of their codes, are moved to dst, the codes to order. It
// returns their number and leaves hist and the set empty. All codes are below codes.
func (r *Ranks) Sparse(codes []uint16, rows []int32, words, hist, dst []int64, order []uint16) int {
	if len(rows) <= min(few, len(dst), len(order)) {
		return sortFew(codes, rows, words, dst, order)
	}
	n := 0
	if len(hist) < Flat {
		for _, i := range rows {
			c := codes[i]
			hist[c] += words[i]
			r.Mark(c)
		}
		n = r.Flat(order, len(hist))
	} else {
		for _, i := range rows {
			c := codes[i]
			hist[c] += words[i]
			r.Add(c)
		}
		n = r.Drain(order, len(hist)-1)
	}
	for i, c := range order[:n] {
		dst[i] = hist[c]
		hist[c] = 0
	}
	return n
}

// few is the number of rows up to which each is compared with each.
const few = 8

// sortFew is [Ranks.Sparse] for at most few rows: a row stands behind those of smaller codes. There is nothing to guess for
// the processor but the number of rows.
func sortFew(codes []uint16, rows []int32, words, dst []int64, order []uint16) int {
	var own [few]uint16
	n := len(rows)
	for i, r := range rows {
		own[i&(few-1)] = codes[r]
		dst[i] = 0
	}
	taken := [few]uint8{}
	for i, r := range rows {
		x, at := own[i&(few-1)], 0
		for _, y := range own[:n] {
			at += int(uint32(int32(y)-int32(x)) >> 31)
		}
		dst[at] += words[r]
		order[at] = x
		taken[at&(few-1)] = 1
	}
	m := 0
	for i := range n {
		dst[m], order[m] = dst[i], order[i]
		m += int(taken[i&(few-1)])
	}
	return m
}
