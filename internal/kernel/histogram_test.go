package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// slowHist is the obvious way to the histogram of the first columns of a block.
func slowHist(bins []byte, stride int, rows []int32, words []int64, columns int) *Hist {
	h := new(Hist)
	for i, r := range rows {
		for j := range columns {
			h[j*Slots+int(bins[int(r)*stride+j])] += words[i]
		}
	}
	return h
}

// TestAccumulate holds the ways to a histogram to the obvious one: rows where they stand, rows that follow each other, and
// rows that were collected, of all columns of a block or of the first half.
func TestAccumulate(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	for trial := range 200 {
		n, width := 1+rng.IntN(300), BlockWidth*(1+rng.IntN(9))
		offset := BlockWidth * rng.IntN(width/BlockWidth)
		bins := make([]byte, n*width)
		for i := range bins {
			bins[i] = uint8(rng.IntN(1 + rng.IntN(256)))
		}
		var rows []int32
		for r := range n {
			if rng.IntN(3) > 0 || r == 0 {
				rows = append(rows, int32(r))
			}
		}
		words := make([]int64, n)
		for i := range words {
			words[i] = rng.Int64()
		}
		own := bins[offset:]
		want, few := slowHist(own, width, rows, words, BlockWidth), slowHist(own, width, rows, words, BlockWidth/2)
		got, half := new(Hist), new(Hist)
		AccumulateAt(own, width, rows, words, got)
		AccumulateFewAt(own, width, rows, words, half)
		if *got != *want || *half != *few {
			t.Fatalf("trial %d: rows where they stand", trial)
		}
		narrow := width - offset
		dst := make([]byte, len(rows)*narrow)
		Collect(dst, own, width, narrow, rows)
		for i, r := range rows {
			if string(dst[i*narrow:(i+1)*narrow]) != string(own[int(r)*width:][:narrow]) {
				t.Fatalf("trial %d: row %d is not what was collected", trial, r)
			}
		}
		got, half = new(Hist), new(Hist)
		Accumulate(dst, narrow, words[:len(rows)], got)
		AccumulateFew(dst, narrow, words[:len(rows)], half)
		if *got != *want || *half != *few {
			t.Fatalf("trial %d: collected rows", trial)
		}
	}
}

// TestRound holds round to the library's.
func TestRound(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	for range 10000 {
		x := math.Ldexp(rng.NormFloat64(), rng.IntN(49)-3)
		if rng.IntN(3) == 0 {
			x = math.Floor(x) + 0.5
		}
		if got, want := round(x), int64(math.RoundToEven(x)); got != want {
			t.Fatalf("%v: got %d, want %d", x, got, want)
		}
	}
}

func TestExtentOf(t *testing.T) {
	rows, inf := []int32{0, 2, 3}, math.Inf(1)
	for _, c := range []struct {
		slopes []Slope
		want   Extent
	}{
		{[]Slope{{-3, 1}, {9, 9}, {2, 0.5}, {0, 4}}, Extent{3, 0.5, 4}},
		{[]Slope{{0, 0}, {9, 9}, {math.Copysign(0, -1), 0}, {0, 0}}, Extent{0, 0, 0}},
		{[]Slope{{-inf, 1}, {9, 9}, {2, inf}, {0, 4}}, Extent{inf, 1, inf}},
	} {
		if got := ExtentOf(rows, c.slopes); got != c.want {
			t.Errorf("%v: got %v, want %v", c.slopes, got, c.want)
		}
	}
	e := ExtentOf(rows, []Slope{{1, 1}, {9, 9}, {math.NaN(), 1}, {5, math.NaN()}})
	if e.G == e.G || e.High == e.High {
		t.Errorf("NaN is lost: %v", e)
	}
}
