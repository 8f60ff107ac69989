package posterior

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestPlattIsAMinimum(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, shift := range []float64{-2, 0, 50} {
		var f, w []float64
		var positive []bool
		for range 200 {
			v := rng.NormFloat64()
			f, w = append(f, v+shift), append(w, rng.Float64())
			positive = append(positive, v+rng.NormFloat64() > 0.5)
		}
		s := Platt(f, positive, w)
		loss := newPlattLoss(f, positive, w)
		best := loss.value(s)
		for _, d := range []Sigmoid{{1e-3, 0}, {-1e-3, 0}, {0, 1e-3}, {0, -1e-3}} {
			if v := loss.value(Sigmoid{s.A + d.A, s.B + d.B}); v < best {
				t.Errorf("shift %v: %v is better than %v", shift, v, best)
			}
		}
		if s.A > 0 {
			t.Errorf("larger decision values should be likelier positive: %v", s)
		}
	}
}

func TestPlattOfOneClass(t *testing.T) {
	s := Platt([]float64{1, 2, 3}, []bool{true, true, true}, nil)
	if p := s.At(2); !(p > 0.7 && p < 1) {
		t.Errorf("probability %v", p)
	}
}

// Pairwise probabilities that stem from a distribution give it back.
func TestCouple(t *testing.T) {
	for _, want := range [][]float64{{0.5, 0.5}, {0.2, 0.3, 0.5}, {0.97, 0.01, 0.01, 0.01}} {
		k := len(want)
		r, got := make([]float64, k*k), make([]float64, k)
		for a := range k {
			for b := range k {
				r[a*k+b] = want[a] / (want[a] + want[b])
			}
		}
		Couple(r, got)
		for a := range k {
			if math.Abs(got[a]-want[a]) > 2e-3 {
				t.Errorf("got %v, want %v", got, want)
			}
		}
	}
}
