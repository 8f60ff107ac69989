package kernel

// Slots is the number of cells per column of a histogram: 255 bins, and [MissingBin] for missing values.
const Slots = 256

// MissingBin is the bin of missing values.
const MissingBin = 255

// BlockWidth is the number of columns that [Accumulate] treats together.
const BlockWidth = 8

// Accumulate adds each row's word to the cell of its bin in every column of a block. A block holds the bins of its columns
// row by row, cells the [Slots] cells of each column, one column after the other; words stand in the order of rows. Words
// are sums of fixed-point numbers in one integer (see [Packing]), so that the result does not depend on the order of the
// rows.
func Accumulate(block []byte, rows []int32, words, cells []int64) {
	hist := (*[BlockWidth * Slots]int64)(cells)
	words = words[:len(rows)]
	for i, r := range rows {
		w := words[i]
		c := (*[BlockWidth]byte)(block[int(r)*BlockWidth:])
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
