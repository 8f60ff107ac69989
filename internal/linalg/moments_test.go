package linalg

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestMoments(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 1))
	for _, n := range []int{1, 2, 3, 4, 7, 8, 9, 101, 1000} {
		v := random(rng, 1, n).Data
		lo, hi, sum := Extent(v)
		lo2, hi2, sum2 := extentGo(v)
		if lo != lo2 || hi != hi2 || sum != sum2 {
			t.Errorf("%d: extent %v, %v, %v, want %v, %v, %v", n, lo, hi, sum, lo2, hi2, sum2)
		}
		least, most, total := math.Inf(1), math.Inf(-1), 0.0
		for _, x := range v {
			least, most, total = min(least, x), max(most, x), total+x
		}
		if lo != least || hi != most || math.Abs(sum-total) > 1e-12 {
			t.Errorf("%d: extent %v, %v, %v, want %v, %v, %v", n, lo, hi, sum, least, most, total)
		}
		s, r := Deviation(v, 0.3)
		s2, r2 := deviationGo(v, 0.3, [4]float64{}, [4]float64{})
		if s != s2 || r != r2 {
			t.Errorf("%d: deviation %v, %v, want %v, %v", n, s, r, s2, r2)
		}
		got, want := make([]float64, n), make([]float64, n)
		Standardize(got, v, 0.3, 0.7)
		standardizeGo(want, v, 0.3, 0.7)
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%d: element %d is standardized to %v, want %v", n, i, got[i], want[i])
			}
		}
		v[n/2] = math.NaN()
		if _, _, sum := Extent(v); sum == sum {
			t.Errorf("%d: a sum of NaN is %v", n, sum)
		}
	}
}

func TestFinite(t *testing.T) {
	for n := range 70 {
		v := make([]float64, n)
		for i := range v {
			v[i] = math.MaxFloat64 * float64(1-2*(i&1))
		}
		if !Finite(v) {
			t.Fatalf("%d large numbers are not finite", n)
		}
		if !allWithin(v, math.MaxFloat64) || n > 0 && allWithin(v, 1e300) {
			t.Fatalf("%d large numbers: bounds", n)
		}
		for i := range v {
			for _, x := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
				was := v[i]
				if v[i] = x; allWithin(v, math.MaxFloat64) || withinGo(v, math.MaxFloat64) {
					t.Fatalf("%d numbers with %v at %d are within bounds", n, x, i)
				}
				if Finite(v) || finiteGo(v) {
					t.Fatalf("%d numbers with %v at %d are finite", n, x, i)
				}
				v[i] = was
			}
		}
	}
}
