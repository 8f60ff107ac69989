package linalg

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestExp(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	x := []float64{0, math.Copysign(0, -1), 1, -1, 709.7, 709.8, 745, -708, -740, -745.1, -746, 1e5, -1e5, math.Inf(1), math.Inf(-1), math.NaN(), 1e-300, math.MaxFloat64}
	for range 20000 {
		x = append(x, rng.NormFloat64()*math.Pow(10, float64(rng.IntN(5)-2)))
	}
	for _, n := range []int{0, 1, 2, 3, 5, len(x)} {
		got := append([]float64(nil), x[:n]...)
		Exp(got)
		for i, g := range got {
			want := math.Exp(x[i])
			if g != want && !(math.Abs(g-want) <= 1e-15*want+5e-324) && !(math.IsNaN(want) && math.IsNaN(g)) {
				t.Errorf("exp(%v): %v, want %v", x[i], g, want)
			}
			one := []float64{x[i]}
			if Exp(one); one[0] != g && g == g {
				t.Errorf("exp(%v): %v alone, %v among others", x[i], one[0], g)
			}
		}
	}
}

func BenchmarkExp(b *testing.B) {
	x, v := random(rand.New(rand.NewPCG(1, 1)), 1000, 1), make([]float64, 1000)
	for b.Loop() {
		copy(v, x.Data)
		Exp(v)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/1000/float64(b.N), "ns/element")
}

func TestCurves(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 2))
	x := []float64{0, 800, -800, math.Inf(1), math.Inf(-1), math.NaN()}
	for range 300 {
		x = append(x, 5*rng.NormFloat64())
	}
	tanh, logistic := append([]float64(nil), x...), append([]float64(nil), x...)
	Tanh(tanh)
	Logistic(logistic)
	for i, v := range x {
		if want := math.Tanh(v); !(math.Abs(tanh[i]-want) <= 3e-16) && v == v {
			t.Errorf("tanh(%v): %v, want %v", v, tanh[i], want)
		}
		if want := 1 / (1 + math.Exp(-v)); !(math.Abs(logistic[i]-want) <= 1e-15) && v == v {
			t.Errorf("logistic(%v): %v, want %v", v, logistic[i], want)
		}
		if v != v && (tanh[i] == tanh[i] || logistic[i] == logistic[i]) {
			t.Errorf("of NaN: %v and %v", tanh[i], logistic[i])
		}
	}
}
