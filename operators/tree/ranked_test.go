package tree

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestMiddleSingle: a value between two others goes to the side that its rounded value goes to.
func TestMiddleSingle(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 20_000 {
		a := math.Round(rng.NormFloat64()*1000) / math.Pow(10, float64(rng.IntN(6)))
		b := a + math.Abs(math.Round(rng.NormFloat64()*3))/math.Pow(10, float64(rng.IntN(6)))
		if float32(a) >= float32(b) {
			continue
		}
		cut := middleSingle(a, b)
		if !(cut >= a && cut < b) {
			t.Fatalf("middleSingle(%v, %v) = %v", a, b, cut)
		}
		m := float64(float32(a))/2 + float64(float32(b))/2
		if m == float64(float32(b)) {
			m = float64(float32(a))
		}
		for _, x := range []float64{a, b, (a + b) / 2, m, math.Nextafter(m, a), math.Nextafter(m, b), cut, math.Nextafter(cut, math.Inf(1)), a + rng.Float64()*(b-a)} {
			if (x <= cut) != (float64(float32(x)) <= m) {
				t.Fatalf("middleSingle(%v, %v) = %v sends %v to the wrong side of %v", a, b, cut, x, m)
			}
		}
	}
}
