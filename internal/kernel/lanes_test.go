package kernel

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestLanes holds what is done with eight codes at a time to the same with one after the other.
func TestLanes(t *testing.T) {
	each(t, func(rng *rand.Rand, s scene) {
		const stride = 3
		top := 2 + rng.IntN(254)
		codes := make([]uint8, stride*len(s.codes))
		for r := range s.codes {
			codes[r*stride] = uint8(int(s.codes[r]) % top)
			codes[r*stride+1] = uint8(rng.IntN(2))
		}
		for i := range s.rows {
			s.rows[i] *= stride
		}
		lanes, marks := make([]uint64, LaneWords(len(s.rows))), make([]uint64, LaneWords(len(s.rows)))
		lo, hi := GatherLanes(codes, s.rows, lanes, 255, 0)
		MarkLanes(codes[1:], s.rows, marks)
		cut := rng.IntN(top)
		low, high, n, marked := 255, 0, 0, 0
		for i, r := range s.rows {
			c := int(codes[r])
			if got := int(lanes[i/8] >> (i % 8 * 8) & 255); got != c {
				t.Fatalf("lane %d holds %d, want %d", i, got, c)
			}
			low, high = min(low, c), max(high, c)
			if c <= cut {
				n++
				marked += int(codes[r+1])
			}
		}
		gotN, gotMarked := CountLanes(lanes, marks, cut)
		if lo != low || hi != high || gotN != n || gotMarked != marked {
			t.Fatalf("got %d %d %d %d, want %d %d %d %d", lo, hi, gotN, gotMarked, low, high, n, marked)
		}
		want := slices.Clone(s.rows)
		slices.SortStableFunc(want, func(a, b int32) int {
			return cmp.Compare(btoi(int(codes[a]) > cut), btoi(int(codes[b]) > cut))
		})
		if got := PartLanes(lanes, s.rows, make([]int32, len(s.rows)), cut); got != n || !slices.Equal(s.rows, want) {
			t.Fatalf("got %v, %d, want %v, %d", s.rows, got, want, n)
		}
	})
}
