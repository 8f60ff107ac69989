package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestSoftmaxSteps compares every step with the obvious one, bit by bit, for all remainders of lengths, and looks behind
// the end.
func TestSoftmaxSteps(t *testing.T) {
	rng := rand.New(rand.NewPCG(16, 1))
	const floor = -1.0
	steps := []struct {
		name string
		fast func(a, b []float64)
		slow func(x, y float64) float64
	}{
		{"Largest", Largest, func(x, y float64) float64 { return max(x, y) }},
		{"Drop", func(a, b []float64) { Drop(a, b, floor) }, func(x, y float64) float64 { return max(x-y, floor) }},
		{"Sums", Sums, func(x, y float64) float64 { return x + y }},
		{"Inverse", func(a, _ []float64) { Inverse(a) }, func(x, _ float64) float64 { return 1 / x }},
		{"Times", Times, func(x, y float64) float64 { return x * y }},
	}
	for _, s := range steps {
		for n := range 40 {
			a, b, was := make([]float64, n+9), make([]float64, n+9), make([]float64, n+9)
			for i := range a {
				a[i], b[i] = rng.NormFloat64(), rng.NormFloat64()
				if rng.IntN(9) == 0 {
					a[i] = math.Inf(rng.IntN(2)*2 - 1)
				}
				was[i] = a[i]
			}
			if s.name == "Drop" && n > 0 {
				a[n/2], b[n/2] = math.Inf(1), math.Inf(1) // NaN stays NaN
				was[n/2] = a[n/2]
			}
			s.fast(a[:n], b[:n])
			for i, v := range a {
				want := was[i]
				if i < n {
					want = s.slow(was[i], b[i])
				}
				if math.Float64bits(v) != math.Float64bits(want) && !(v != v && want != want) {
					t.Fatalf("%s: %d numbers: %v at %d, want %v", s.name, n, v, i, want)
				}
			}
		}
	}
}
