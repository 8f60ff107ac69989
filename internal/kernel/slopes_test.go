package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestSlopes holds what is done eight rows at a time to one row after the other.
func TestSlopes(t *testing.T) {
	rng := rand.New(rand.NewPCG(10, 6))
	for range 200 {
		n := 1 + rng.IntN(40)
		scores, weight, class := make([]float64, n), make([]float64, n), make([]int32, n)
		rows, slopes, odds := make([]int32, n), make([]Slope, n), make([]float64, n)
		for i := range n {
			rows[i], scores[i], weight[i], class[i] = int32(i), 50*rng.NormFloat64(), rng.ExpFloat64(), int32(rng.IntN(2))
		}
		if n > 0 && rng.IntN(4) == 0 {
			scores[rng.IntN(n)] = math.NaN()
		}
		Odds(odds, scores, 60)
		for i, v := range odds {
			if want := -max(-60, min(scores[i], 60)); v != want && (v == v || want == want) {
				t.Fatalf("odds of %v are %v", scores[i], v)
			}
			odds[i] = math.Exp(v)
		}
		LogisticSlopes(odds, weight, class, slopes)
		for i, x := range slopes {
			p := 1 / (1 + odds[i])
			if want := (Slope{weight[i] * (p - float64(class[i])), weight[i] * p * (1 - p)}); x != want && (x.G == x.G || want.G == want.G) {
				t.Fatalf("got %v, want %v", x, want)
			}
		}
		got, want := ExtentOfRun(slopes), ExtentOf(rows, slopes)
		if got != want && (got.G == got.G || want.G == want.G) {
			t.Fatalf("extent %v, want %v", got, want)
		}
		if want.G != want.G {
			continue
		}
		constant := rng.IntN(2) == 0
		p := NewPacking([]int{1, 100, 10_000_000}[rng.IntN(3)], want.G, want.High, constant)
		words, same := make([]int64, n), make([]int64, n)
		if a, b := p.PackRun(slopes, words), p.Pack(rows, slopes, same); a != b || !slices.Equal(words, same) {
			t.Fatalf("words %v, %d, want %v, %d", words, a, same, b)
		}
	}
}
