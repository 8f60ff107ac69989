package kernel

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
