package tree

import (
	"math/rand/v2"
	"testing"
)

// TestTerms: what is looked up is what is computed, to the bit.
func TestTerms(t *testing.T) {
	var known terms
	rng := rand.New(rand.NewPCG(1, 2))
	for range 10_000 {
		n := 1 + rng.IntN(80)
		v, weight := float64(rng.IntN(n+1)), float64(n)
		if rng.IntN(4) == 0 {
			v, weight = v*0.3, weight*0.3
		}
		p := v / weight
		if got, want := known.of(v, weight, p), xlogx(p); got != want {
			t.Fatalf("%g of %g: got %g, want %g", v, weight, got, want)
		}
	}
}
