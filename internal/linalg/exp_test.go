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

// sameCurve checks that a form of a curve gives the same bits as the plain one.
func sameCurve(t *testing.T, name string, fast, plain func(v []float64)) {
	t.Helper()
	rng := rand.New(rand.NewPCG(2, 2))
	x := []float64{0, math.Copysign(0, -1), 709.7, 709.8, -708, -740, -745.1, -746, math.Inf(1), math.Inf(-1), math.NaN(), 1e-300, -1e-300, 5e-324, 1e5, -1e5}
	for range 4000 {
		x = append(x, rng.NormFloat64()*math.Pow(10, float64(rng.IntN(5)-2)))
	}
	got, want := append([]float64(nil), x...), append([]float64(nil), x...)
	fast(got)
	plain(want)
	for i, w := range want {
		if math.Float64bits(got[i]) != math.Float64bits(w) && !(w != w && got[i] != got[i]) {
			t.Errorf("%s(%v): %v, want %v", name, x[i], got[i], w)
		}
	}
}

func TestExpm1AndLog1p(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	x := []float64{0, math.Copysign(0, -1), 1e-300, -1e-18, 699, -699, 701, -745, 710, math.Inf(1), math.Inf(-1), math.NaN(), 1e300, -1e300, math.MaxFloat64}
	for range 20000 {
		x = append(x, rng.NormFloat64()*math.Pow(10, float64(rng.IntN(9)-6)))
	}
	for _, n := range []int{1, 7, 8, 15, len(x)} {
		for _, from := range []int{0, 40} {
			if from+n > len(x) {
				continue
			}
			e, l := append([]float64(nil), x[from:from+n]...), append([]float64(nil), x[from:from+n]...)
			Expm1(e)
			Log1p(l)
			for i, v := range x[from : from+n] {
				we, wl := math.Expm1(v), math.Copysign(math.Log1p(math.Abs(v)), v)
				if e[i] != we && !(math.Abs(e[i]-we) <= 1e-15*math.Abs(we)) && v == v {
					t.Errorf("expm1(%v): %v, want %v", v, e[i], we)
				}
				if l[i] != wl && !(math.Abs(l[i]-wl) <= 1e-15*math.Abs(wl)) && v == v {
					t.Errorf("log1p(%v): %v, want %v", v, l[i], wl)
				}
				if v != v && (e[i] == e[i] || l[i] == l[i]) {
					t.Errorf("of NaN: %v and %v", e[i], l[i])
				}
			}
		}
	}
}

func TestCos(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for _, size := range []float64{1, 100, 1e5, 1e7} {
		for _, n := range []int{0, 1, 7, 8, 1000, 1027} {
			x := make([]float64, n)
			for i := range x {
				x[i] = size * rng.NormFloat64()
			}
			got := append([]float64(nil), x...)
			Cos(got, 0.25, 2)
			for i, v := range x {
				if want := 2 * math.Cos(v+0.25); math.Abs(got[i]-want) > 6e-16 {
					t.Fatalf("2·cos(%v+0.25): %v, want %v", v, got[i], want)
				}
				one := []float64{v}
				if Cos(one, 0.25, 2); one[0] != got[i] {
					t.Fatalf("2·cos(%v+0.25): %v alone, %v among others", v, one[0], got[i])
				}
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
