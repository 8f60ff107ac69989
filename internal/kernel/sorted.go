package kernel

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// MaxMembers is the number of rows that a set of [Members] tells apart.
const MaxMembers = 1024

// Members is a set of rows below [MaxMembers], one bit each: few enough for the processor to hold them all in registers.
type Members [MaxMembers / 64]uint64

// Sorted reports whether the processor reads the rows of a set off a sorted column for less than it takes to sort them.
func Sorted() bool { return widest }

// Fill makes m the set of the rows.
func (m *Members) Fill(rows []int32) {
	*m = Members{}
	for _, r := range rows {
		m[r>>6&15] |= 1 << (r & 63)
	}
}

// Has reports whether row r is in the set.
func (m *Members) Has(r int) bool { return m[r>>6&15]>>(r&63)&1 != 0 }

// Split makes left the members whose code is at most cut, right the others.
func (m *Members) Split(codes []uint16, cut uint16, left, right *Members) {
	*left, *right = Members{}, Members{}
	codes = codes[:min(len(codes), MaxMembers)]
	if widest && len(codes) > 0 {
		split32(&codes[0], len(codes), cut, m, left, right)
		return
	}
	m.split(codes, cut, left, right)
}

func (m *Members) split(codes []uint16, cut uint16, left, right *Members) {
	for k, x := range m {
		for ; x != 0; x &= x - 1 {
			b := bits.TrailingZeros64(x)
			if codes[k<<6|b] <= cut {
				left[k] |= 1 << b
			} else {
				right[k] |= 1 << b
			}
		}
	}
}

// Part moves the members among the rows to the front, keeping the order on both sides, and returns their number. spare is
// scratch of at least the same length.
func (m *Members) Part(rows, spare []int32) int {
	n, left := 0, 0
	if widest {
		if n = len(rows) &^ 15; n > 0 {
			left = part16(&rows[0], n, m, &spare[0])
		}
	}
	right := n - left
	for _, r := range rows[n:] {
		rows[left] = r
		spare[right] = r
		in := int(m[r>>6&15] >> (r & 63) & 1)
		left += in
		right += 1 - in
	}
	copy(rows[left:], spare[:right])
	return left
}

// A Lineup is the rows of a node by ascending code of a column, with the sums of their words.
type Lineup struct {
	n           int
	rows, codes []uint16
	sums        []int64
	ends        []uint8   // bit i: the code of place i is not that of place i+1
	all         []uint8   // where all codes end
	roots       []float64 // of rooted rows, see roots8
	rooted      int
}

// lineSlack is how far beyond the last place the assembly may write.
const lineSlack = 32

// NewLineup makes one for nodes of up to rows rows.
func NewLineup(rows int) *Lineup {
	n := rows + lineSlack
	l := &Lineup{rows: make([]uint16, n), codes: make([]uint16, n), sums: make([]int64, n), ends: make([]uint8, n/8+8)}
	l.roots = make([]float64, n)
	l.all = bytes.Repeat([]byte{0xFF}, n/8+8)
	return l
}

// Line puts the members in order. order holds all rows of the column by ascending code, codes their codes in this order,
// nil if no two are the same.
func (l *Lineup) Line(order, codes []uint16, m *Members) {
	l.n = 0
	switch {
	case len(order) == 0:
	case !widest:
		l.n = sift(order, codes, m, l.rows, l.codes)
	case codes == nil:
		l.n = sift32(&order[0], len(order), m, &l.rows[0])
	default:
		l.n = siftBoth32(&order[0], &codes[0], len(order), m, &l.rows[0], &l.codes[0])
	}
	l.finish(codes == nil)
}

// Narrow appends the members to rows, and their codes to own, unless codes is nil, both from their start; order and codes are
// those of [Lineup.Line].
func Narrow(order, codes []uint16, m *Members, rows, own []uint16) (r, c []uint16) {
	if room := len(order) + lineSlack; cap(rows) < room || codes != nil && cap(own) < room {
		rows, own = make([]uint16, room), make([]uint16, room)
	}
	rows, own = rows[:cap(rows)], own[:cap(own)]
	n := 0
	switch {
	case len(order) == 0:
	case !widest:
		n = sift(order, codes, m, rows, own)
	case codes == nil:
		n = sift32(&order[0], len(order), m, &rows[0])
	default:
		n = siftBoth32(&order[0], &codes[0], len(order), m, &rows[0], &own[0])
	}
	if codes == nil {
		return rows[:n], nil
	}
	return rows[:n], own[:n]
}

func sift(order, codes []uint16, m *Members, rows, own []uint16) int {
	n := 0
	for i, r := range order {
		if m.Has(int(r)) {
			rows[n] = r
			if codes != nil {
				own[n] = codes[i]
			}
			n++
		}
	}
	return n
}

// finish finds the places where codes end.
func (l *Lineup) finish(distinct bool) {
	switch {
	case distinct:
		copy(l.ends, l.all[:(l.n+7)/8])
	case widest && l.n > 0:
		ends32(&l.codes[0], l.n, &l.ends[0])
	default:
		endsOf(l.codes[:l.n+1], l.ends)
	}
}

// endsOf sets the bits of the places whose code is not the next one; the last code is not looked at.
func endsOf(codes []uint16, ends []uint8) {
	n := len(codes) - 1
	clear(ends[:(n+7)/8])
	for i := range n {
		if codes[i] != codes[i+1] {
			ends[i>>3] |= 1 << (i & 7)
		}
	}
}

// Rows are the rows of the node in order, until the next call of Line.
func (l *Lineup) Rows() []uint16 { return l.rows[:l.n] }

// Add sums up the words of the rows, in order.
func (l *Lineup) Add(words []int64) {
	if widest && l.n > 0 {
		sums1(&l.rows[0], l.n, &words[0], &l.sums[0])
		return
	}
	l.add(words)
}

func (l *Lineup) add(words []int64) {
	sum := int64(0)
	for i, r := range l.rows[:l.n] {
		sum += words[r]
		l.sums[i] = sum
	}
}

// Total is the sum of the words of all rows that have been lined up and added.
func (l *Lineup) Total() int64 {
	if l.n == 0 {
		return 0
	}
	return l.sums[l.n-1]
}

// Sum is that of the words of the rows up to place at.
func (l *Lineup) Sum(at int) int64 { return l.sums[at] }

// Cells is [Ranks.Sparse] for rows that have been lined up: the sums of words of equal codes go to dst, the codes of all
// rows being in codes, and those of the cells to order. It returns their number.
func (l *Lineup) Cells(codes []uint16, words, dst []int64, order []uint16) int {
	n, sum := 0, int64(0)
	for i, r := range l.rows[:l.n] {
		sum += words[r]
		dst[n], order[n] = sum, codes[r]
		end := int64(l.ends[i>>3] >> (i & 7) & 1)
		n += int(end)
		sum &= end - 1
	}
	if l.n > 0 && l.ends[(l.n-1)>>3]>>((l.n-1)&7)&1 == 0 { // whether the last code is followed by another is not known
		n++
	}
	return n
}

// Ends writes the places behind which there may be a cut to dst, the last place of all behind them, and returns their
// number.
func (l *Lineup) Ends(dst []uint16) int {
	n := 0
	for base := 0; base < l.n; base += 64 {
		x := binary.LittleEndian.Uint64(l.ends[base>>3:])
		if left := l.n - 1 - base; left < 64 {
			x &= 1<<left - 1
		}
		for ; x != 0; x &= x - 1 {
			dst[n] = uint16(base + bits.TrailingZeros64(x))
			n++
		}
	}
	if l.n > 0 {
		dst[n] = uint16(l.n - 1)
		n++
	}
	return n
}

// Sums are those of the words of the rows up to each place.
func (l *Lineup) Sums() []int64 { return l.sums[:l.n] }

// between trims the ends to the places lo to hi, which are at least one, and returns the turns of eight that hold them.
func (l *Lineup) between(lo, hi int) (first, turns int) {
	l.ends[lo>>3] &= 0xFF << (lo & 7)
	l.ends[hi>>3] &= 0xFF >> (7 - hi&7)
	return lo >> 3, hi>>3 - lo>>3 + 1
}

// Line is [Scan.Best] for rows that have been lined up and added: the cut with the largest score above floor, at least
// -1, the first of them, as the place of the last row on the left, -1 if there is none. Rows count once each.
func (s *Scan) Line(l *Lineup, floor float64) (at int, score float64) {
	lo, hi := int(s.least)-1, l.n-1-int(s.least)
	same := s.hessianShift == 0 && s.hessianMask == s.countMask && s.l2 == 0 // hessians are counts
	if same {
		lo, hi = max(lo, int(s.lowest)-1), min(hi, int(s.highest)-1)
	}
	if lo > hi {
		return -1, floor
	}
	first, turns := l.between(lo, hi)
	switch {
	case !widest:
		return s.line(l, lo, hi, floor)
	case same:
		if l.rooted != l.n {
			l.rooted = l.n
			roots8(l.n, &l.roots[0])
		}
		return lineEven8(s, &l.sums[8*first], &l.ends[first], &l.roots[8*first], turns, 8*first, floor)
	default:
		return line8(s, &l.sums[8*first], &l.ends[first], turns, 8*first, floor)
	}
}

// line looks at the places lo to hi.
func (s *Scan) line(l *Lineup, lo, hi int, floor float64) (at int, score float64) {
	at, score = -1, floor
	for i := lo; i <= hi; i++ {
		if l.ends[i>>3]>>(i&7)&1 == 0 {
			continue
		}
		if x := s.score(l.sums[i]); x > score {
			at, score = i, x
		}
	}
	return at, score
}
