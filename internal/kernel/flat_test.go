package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestAccumulateFlat compares the assembly and the loop without it with a sum per column.
func TestAccumulateFlat(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 1))
	for trial := range 300 {
		n, width := 1+rng.IntN(60), 1+rng.IntN(40)
		stride := width + rng.IntN(4)
		numbers, words := make([]uint16, n*stride), make([]int64, n)
		spans, size := make([]Span, stride), int32(0)
		for j := range spans {
			spans[j] = Span{size, 1 + rng.Int32N(30)}
			size += spans[j].N
		}
		for i := range numbers {
			c := spans[i%stride]
			numbers[i] = uint16(c.First + rng.Int32N(c.N))
		}
		for i := range words {
			words[i] = rng.Int64()
		}
		var rows []int32
		for i := range n {
			if rng.IntN(3) > 0 {
				rows = append(rows, int32(i))
			}
		}
		first := rng.IntN(width)
		want := make([]int64, size)
		for j := first; j < width; j++ {
			for _, r := range rows {
				want[numbers[int(r)*stride+j]] += words[r]
			}
		}
		for _, f := range []func([]uint16, int, int, []int32, []int64, []int64){AccumulateFlat, accumulateEach} {
			got := make([]int64, size)
			if f(numbers[first:], stride, width-first, rows, words, got); !slices.Equal(got, want) {
				t.Fatalf("trial %d: %d rows, %d columns", trial, len(rows), width-first)
			}
		}
	}
}

// TestBestOf compares with one column after the other, and with the first cut that is above the floor.
func TestBestOf(t *testing.T) {
	rng := rand.New(rand.NewPCG(22, 1))
	found := 0
	for trial := range 3000 {
		spans, size := make([]Span, rng.IntN(9)), int32(0)
		for j := range spans {
			spans[j] = Span{size, 1 + rng.Int32N(40)}
			size += spans[j].N
		}
		rows := 2 + rng.IntN(300)
		p := NewPacking(rows, 1, 1, trial%2 == 0)
		cells, total := make([]int64, size+1), int64(0)
		for range rows {
			w := []int64{0}
			p.Pack([]int32{0}, slopes([]float64{float64(rng.IntN(3)-1) / 2}, []float64{0.5}), w)
			total += w[0]
			for _, c := range spans {
				cells[c.First+rng.Int32N(c.N)] += w[0]
			}
		}
		s := NewScan(&p, total, Bounds{Least: 1 + int64(rng.IntN(4)), Hessian: rng.Float64() * 2, L2: float64(rng.IntN(2))})
		floor := rng.Float64() * 1e-3 * s.all * s.all * s.all
		if trial%3 == 0 {
			floor = 0
		}
		want, wantAt, wantScore := -1, -1, floor
		for j, c := range spans {
			left := int64(0)
			for i, v := range cells[c.First:][:c.N] {
				left += v
				if x, ok := s.One(left); ok && x > wantScore {
					want, wantAt, wantScore = j, i, x
				}
			}
			if want >= 0 {
				found++
				break
			}
		}
		for _, f := range []func([]int64, []Span, float64) (int, int, float64){s.BestOf, s.bestOf} {
			if column, at, score := f(cells, spans, floor); column != want || at != wantAt || score != wantScore {
				t.Fatalf("trial %d: column %d, cut %d with %v, want %d, %d with %v", trial, column, at, score, want, wantAt, wantScore)
			}
		}
	}
	if found < 300 || found > 2700 {
		t.Errorf("a cut in %d of 3000 trials", found)
	}
}

// TestSiftUpTo compares with the table of what goes left.
func TestSiftUpTo(t *testing.T) {
	rng := rand.New(rand.NewPCG(23, 1))
	for range 300 {
		n := 1 + rng.IntN(100)
		bins, rows := make([]uint8, n), make([]int32, n)
		for i := range bins {
			rows[i] = int32(i)
			if bins[i] = uint8(rng.IntN(20)); rng.IntN(4) == 0 {
				bins[i] = MissingBin
			}
		}
		at, hole := uint8(rng.IntN(20)), uint8(rng.IntN(2))
		var left [Slots]uint8
		for b := range int(at) + 1 {
			left[b] = 1
		}
		left[MissingBin] = hole
		again, spare, other := slices.Clone(rows), make([]int32, n), make([]int32, n)
		k := Sift(bins, rows, spare, &left)
		if m := SiftUpTo(bins, again, other, at+hole, hole); m != k || !slices.Equal(rows[:k], again[:k]) || !slices.Equal(spare[:n-k], other[:n-k]) {
			t.Fatal("wrong sides")
		}
	}
}
