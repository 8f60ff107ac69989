package linalg

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestNetworkKernels: each gives the bits of its plain form, with numbers that are zero, infinite or none.
func TestNetworkKernels(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	odd := []float64{0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), math.NaN(), 1e-320}
	draw := func(n int) []float64 {
		v := make([]float64, n)
		for i := range v {
			if v[i] = rng.NormFloat64(); rng.IntN(4) == 0 {
				v[i] = odd[rng.IntN(len(odd))]
			}
		}
		return v
	}
	same := func(name string, got, want []float64) {
		t.Helper()
		for i := range got {
			if math.Float64bits(got[i]) != math.Float64bits(want[i]) && !(got[i] != got[i] && want[i] != want[i]) {
				t.Fatalf("%s, %d of %d: %v, want %v", name, i, len(got), got[i], want[i])
			}
		}
	}
	clone := func(v []float64) []float64 { return append([]float64{}, v...) }
	for n := range 23 {
		v, by := draw(n), draw(n)
		got, want := clone(v), clone(v)
		Rectify(got)
		rectifyGo(want)
		same("Rectify", got, want)
		got, want = clone(v), clone(v)
		Silence(got, by)
		silenceGo(want, by)
		same("Silence", got, want)
		theta, m, s := draw(n), draw(n), draw(n)
		theta2, m2, s2 := clone(theta), clone(m), clone(s)
		Adam(theta, v, m, s, 0.01)
		adamGo(theta2, v, m2, s2, 0.01)
		same("Adam", theta, theta2)
		same("Adam's first moment", m, m2)
		same("Adam's second moment", s, s2)
	}
}
