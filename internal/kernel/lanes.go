package kernel

import "math/bits"

// Lanes are bytes that are worked on eight at a time, as the digits of a 64-bit word, the first in the lowest byte.
// A last word that is not full ends in bytes of 255.

const (
	laneTops = 0x8080808080808080 // the highest bit of every lane
	laneOnes = 0x0101010101010101
)

// LaneWords is the number of words that hold n lanes.
func LaneWords(n int) int { return (n + 7) / 8 }

// GatherLanes writes the code at each of the given places to the lanes of dst and returns the smaller of lo and the smallest
// of them, and the larger of hi and the largest; all are below 255.
func GatherLanes(codes []uint8, places []int32, dst []uint64, lo, hi int) (least, most int) {
	l, h := uint64(lo), uint64(hi)
	k := 0
	for len(places) >= 8 {
		r := places[:8]
		a, b, c, d := uint64(codes[r[0]]), uint64(codes[r[1]]), uint64(codes[r[2]]), uint64(codes[r[3]])
		w := a | b<<8 | c<<16 | d<<24
		l = min(l, min(min(a, b), min(c, d)))
		h = max(h, max(max(a, b), max(c, d)))
		a, b, c, d = uint64(codes[r[4]]), uint64(codes[r[5]]), uint64(codes[r[6]]), uint64(codes[r[7]])
		dst[k] = w | a<<32 | b<<40 | c<<48 | d<<56
		l = min(l, min(min(a, b), min(c, d)))
		h = max(h, max(max(a, b), max(c, d)))
		k++
		places = places[8:]
	}
	if len(places) > 0 {
		w := ^uint64(0)
		for i, r := range places {
			c := uint64(codes[r])
			w ^= (c ^ 255) << (8 * i & 63)
			l, h = min(l, c), max(h, c)
		}
		dst[k] = w
	}
	return int(l), int(h)
}

// upTo has the highest bit of every lane of x that is at most that of c, and no other bits.
func upTo(x, c uint64) uint64 {
	// the lower seven bits are compared by a difference that borrows nothing from the next lane, the highest by itself
	t := ((c | laneTops) - x&^laneTops) &^ (x ^ c)
	return (t | c&^x) & laneTops
}

// MarkLanes writes 128 to the lane of every place that holds 1, and 0 if it holds 0.
func MarkLanes(marks []uint8, places []int32, dst []uint64) {
	k := 0
	for len(places) >= 8 {
		r := places[:8]
		w := uint64(marks[r[0]])<<7 | uint64(marks[r[1]])<<15 | uint64(marks[r[2]])<<23 | uint64(marks[r[3]])<<31
		dst[k] = w | uint64(marks[r[4]])<<39 | uint64(marks[r[5]])<<47 | uint64(marks[r[6]])<<55 | uint64(marks[r[7]])<<63
		k++
		places = places[8:]
	}
	if len(places) > 0 {
		w := uint64(0)
		for i, r := range places {
			w |= uint64(marks[r]) << ((8*i + 7) & 63)
		}
		dst[k] = w
	}
}

// CountLanes returns the number of lanes up to cut, below 255, and how many of them are marked.
func CountLanes(lanes, marks []uint64, cut int) (n, marked int) {
	c := uint64(cut) * laneOnes
	marks = marks[:len(lanes)]
	for i, x := range lanes {
		t := upTo(x, c)
		n += bits.OnesCount64(t)
		marked += bits.OnesCount64(t & marks[i])
	}
	return n, marked
}

// PartLanes is [Partition] for rows with their lanes.
func PartLanes(lanes []uint64, rows, spare []int32, cut int) int {
	left, right, x := 0, 0, uint64(0)
	for i, r := range rows {
		if i&7 == 0 {
			x = lanes[i>>3]
		}
		rows[left] = r
		spare[right] = r
		goes := int(uint64(int64(x&255)-int64(cut)-1) >> 63)
		x >>= 8
		left += goes
		right += 1 - goes
	}
	copy(rows[left:], spare[:right])
	return left
}
