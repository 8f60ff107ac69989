package tree

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestDrawBelow(t *testing.T) {
	a, b := rand.New(rand.NewPCG(1, 9)), rand.New(rand.NewPCG(1, 9))
	for k := range 20_000 {
		n := 1 + k%1000
		if k%50 == 0 {
			n = 1<<62 + k // one draw in four is refused
		}
		if got, want := drawBelow(a, n), b.IntN(n); got != want {
			t.Fatalf("below %d: %d, want %d", n, got, want)
		}
	}
}

func TestNth(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 9))
	for k := range 2000 {
		v := make([]float64, 1+rng.IntN(200))
		for i := range v {
			switch v[i] = rng.NormFloat64(); k % 4 {
			case 0:
				v[i] = float64(rng.IntN(5))
			case 1:
				v[i] = float64(i)
			case 2:
				v[i] = -float64(i)
			}
		}
		sorted, at := slices.Sorted(slices.Values(v)), rng.IntN(len(v))
		if got := nth(v, at); got != sorted[at] {
			t.Fatalf("%v at place %d of %v", got, at, sorted)
		}
	}
}
