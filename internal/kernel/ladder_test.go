package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestLadder holds the search to a count.
func TestLadder(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 6))
	for range 300 {
		l := NewLadder(3)
		values := make([]float64, rng.IntN(256))
		for i := range values {
			values[i] = math.Round(rng.NormFloat64()*100) / 10
		}
		slices.Sort(values)
		l.Set(1, values)
		for range 30 {
			v := math.Round(rng.NormFloat64()*100) / 10
			want := 0
			for _, x := range values {
				if x <= v {
					want++
				}
			}
			if got := l.UpTo(1, v); got != want {
				t.Fatalf("%d of %d up to %v, want %d", got, len(values), v, want)
			}
		}
		if l.UpTo(1, math.NaN()) != 0 || l.UpTo(1, math.Inf(1)) < len(values) || l.UpTo(1, math.Inf(-1)) != 0 || l.UpTo(0, 1) != 0 {
			t.Fatal("wrong at the ends")
		}
	}
}
