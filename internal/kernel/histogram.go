package kernel

import "encoding/binary"

// Slots is the number of cells per column of a histogram: 255 bins, and [MissingBin] for missing values.
const Slots = 256

// MissingBin is the bin of missing values.
const MissingBin = 255

// BlockWidth is the number of columns that [Accumulate] treats together: their histograms fill half of the fastest cache.
const BlockWidth = 8

// A Hist is the histograms of the columns of a block, one column after the other.
type Hist = [BlockWidth * Slots]int64

// Accumulate adds the word of each row to the cell of its bin in every column of a block. The bins of the block's columns
// stand row by row, the rows stride bytes apart. Words are sums of fixed-point numbers in one integer (see [Packing]), so
// that the result does not depend on the order of the rows.
func Accumulate(bins []byte, stride int, words []int64, hist *Hist) {
	at := 0
	for _, w := range words {
		c := (*[BlockWidth]byte)(bins[at:])
		at += stride
		hist[0<<8|int(c[0])] += w
		hist[1<<8|int(c[1])] += w
		hist[2<<8|int(c[2])] += w
		hist[3<<8|int(c[3])] += w
		hist[4<<8|int(c[4])] += w
		hist[5<<8|int(c[5])] += w
		hist[6<<8|int(c[6])] += w
		hist[7<<8|int(c[7])] += w
	}
}

// AccumulateFew is [Accumulate] for the first half of the block's columns.
func AccumulateFew(bins []byte, stride int, words []int64, hist *Hist) {
	at := 0
	for _, w := range words {
		c := (*[BlockWidth / 2]byte)(bins[at:])
		at += stride
		hist[0<<8|int(c[0])] += w
		hist[1<<8|int(c[1])] += w
		hist[2<<8|int(c[2])] += w
		hist[3<<8|int(c[3])] += w
	}
}

// AccumulateAt is [Accumulate] for some of the rows; words stand in the order of rows.
func AccumulateAt(bins []byte, stride int, rows []int32, words []int64, hist *Hist) {
	words = words[:len(rows)]
	for i, r := range rows {
		w := words[i]
		c := (*[BlockWidth]byte)(bins[int(r)*stride:])
		hist[0<<8|int(c[0])] += w
		hist[1<<8|int(c[1])] += w
		hist[2<<8|int(c[2])] += w
		hist[3<<8|int(c[3])] += w
		hist[4<<8|int(c[4])] += w
		hist[5<<8|int(c[5])] += w
		hist[6<<8|int(c[6])] += w
		hist[7<<8|int(c[7])] += w
	}
}

// AccumulateFewAt is [AccumulateAt] for the first half of the block's columns.
func AccumulateFewAt(bins []byte, stride int, rows []int32, words []int64, hist *Hist) {
	words = words[:len(rows)]
	for i, r := range rows {
		w := words[i]
		c := (*[BlockWidth / 2]byte)(bins[int(r)*stride:])
		hist[0<<8|int(c[0])] += w
		hist[1<<8|int(c[1])] += w
		hist[2<<8|int(c[2])] += w
		hist[3<<8|int(c[3])] += w
	}
}

// Collect copies width bytes, a multiple of 8, of each of the rows to dst, without gaps. The rows of src are stride bytes
// apart. A row is a few independent loads, so that the processor waits for many rows at the same time, where adding them
// to a histogram at once would have it wait for a few.
func Collect(dst, src []byte, stride, width int, rows []int32) {
	switch width {
	case 8:
		for i, r := range rows {
			move(dst[i*8:], src[int(r)*stride:])
		}
	case 16:
		for i, r := range rows {
			to, from := dst[i*16:][:16], src[int(r)*stride:][:16]
			move(to, from)
			move(to[8:], from[8:])
		}
	case 24:
		for i, r := range rows {
			to, from := dst[i*24:][:24], src[int(r)*stride:][:24]
			move(to, from)
			move(to[8:], from[8:])
			move(to[16:], from[16:])
		}
	case 32:
		for i, r := range rows {
			to, from := dst[i*32:][:32], src[int(r)*stride:][:32]
			move(to, from)
			move(to[8:], from[8:])
			move(to[16:], from[16:])
			move(to[24:], from[24:])
		}
	default:
		collectWide(dst, src, stride, width, rows)
	}
}

// collectWide is [Collect] for more than 32 bytes.
func collectWide(dst, src []byte, stride, width int, rows []int32) {
	switch width {
	case 40:
		for i, r := range rows {
			to, from := dst[i*40:][:40], src[int(r)*stride:][:40]
			move(to, from)
			move(to[8:], from[8:])
			move(to[16:], from[16:])
			move(to[24:], from[24:])
			move(to[32:], from[32:])
		}
	case 48:
		for i, r := range rows {
			to, from := dst[i*48:][:48], src[int(r)*stride:][:48]
			move(to, from)
			move(to[8:], from[8:])
			move(to[16:], from[16:])
			move(to[24:], from[24:])
			move(to[32:], from[32:])
			move(to[40:], from[40:])
		}
	case 56:
		for i, r := range rows {
			to, from := dst[i*56:][:56], src[int(r)*stride:][:56]
			move(to, from)
			move(to[8:], from[8:])
			move(to[16:], from[16:])
			move(to[24:], from[24:])
			move(to[32:], from[32:])
			move(to[40:], from[40:])
			move(to[48:], from[48:])
		}
	case 64:
		for i, r := range rows {
			to, from := dst[i*64:][:64], src[int(r)*stride:][:64]
			move(to, from)
			move(to[8:], from[8:])
			move(to[16:], from[16:])
			move(to[24:], from[24:])
			move(to[32:], from[32:])
			move(to[40:], from[40:])
			move(to[48:], from[48:])
			move(to[56:], from[56:])
		}
	default:
		for i, r := range rows {
			to, from := dst[i*width:][:width], src[int(r)*stride:][:width]
			for k := 0; k+8 <= len(from) && k+8 <= len(to); k += 8 {
				move(to[k:], from[k:])
			}
		}
	}
}

// move copies 8 bytes, without the call that copying an array becomes.
func move(dst, src []byte) { binary.LittleEndian.PutUint64(dst, binary.LittleEndian.Uint64(src)) }

// Gather adds each row's word to the cell of its bin in one column and notes the bins.
func Gather(bins []uint8, rows []int32, words []int64, cells *[Slots]int64, seen *[Slots / 64]uint64) {
	for _, r := range rows {
		b := bins[r]
		cells[b] += words[r]
		seen[b>>6] |= 1 << (b & 63)
	}
}

// Divide moves the rows whose bin goes left to the front, keeping the order on both sides, and returns their number.
// left holds 1 for the bins that go left and 0 for the others; spare is scratch of at least the same length.
func Divide(bins []uint8, rows, spare []int32, left *[Slots]uint8) int {
	n := Sift(bins, rows, spare, left)
	copy(rows[n:], spare)
	return n
}

// Sift is [Divide] that leaves the rows that do not go left in spare.
func Sift(bins []uint8, rows, spare []int32, left *[Slots]uint8) int {
	n, m := 0, 0
	spare = spare[:len(rows)]
	for _, r := range rows {
		// both places are written, only one counter moves: no branch to mispredict
		rows[n] = r
		spare[m] = r
		goes := int(left[bins[r]])
		n += goes
		m += 1 - goes
	}
	return n
}
