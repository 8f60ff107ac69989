package kernel

// Slots is the number of cells per column of a histogram: 255 bins, and [MissingBin] for missing values.
const Slots = 256

// MissingBin is the bin of missing values.
const MissingBin = 255

// Accumulate adds each row's word to the cell of its bin in every column of a block. A block holds the bins of 8 or 16
// columns row by row, cells the [Slots] cells of each column, one column after the other. Words are sums of fixed-point
// numbers in one integer (see [Packing]), so that the result does not depend on the order of the rows.
func Accumulate(width int, block []byte, rows []int32, words, cells []int64) {
	if width == 8 {
		accumulate8(block, rows, words, cells)
	} else {
		accumulate16(block, rows, words, cells)
	}
}

// accumulate8 is [Accumulate] for a block of 8 columns.
func accumulate8(block []byte, rows []int32, words, cells []int64) {
	hist := (*[8 * Slots]int64)(cells)
	for _, r := range rows {
		w := words[r]
		c := (*[8]byte)(block[int(r)*8:])
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

// accumulate16 is [Accumulate] for a block of 16 columns.
func accumulate16(block []byte, rows []int32, words, cells []int64) {
	hist := (*[16 * Slots]int64)(cells)
	for _, r := range rows {
		w := words[r]
		c := (*[16]byte)(block[int(r)*16:])
		hist[0<<8|int(c[0])] += w
		hist[1<<8|int(c[1])] += w
		hist[2<<8|int(c[2])] += w
		hist[3<<8|int(c[3])] += w
		hist[4<<8|int(c[4])] += w
		hist[5<<8|int(c[5])] += w
		hist[6<<8|int(c[6])] += w
		hist[7<<8|int(c[7])] += w
		hist[8<<8|int(c[8])] += w
		hist[9<<8|int(c[9])] += w
		hist[10<<8|int(c[10])] += w
		hist[11<<8|int(c[11])] += w
		hist[12<<8|int(c[12])] += w
		hist[13<<8|int(c[13])] += w
		hist[14<<8|int(c[14])] += w
		hist[15<<8|int(c[15])] += w
	}
}

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
	copy(rows[n:], spare[:m])
	return n
}
