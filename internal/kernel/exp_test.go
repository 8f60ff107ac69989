package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestExp holds Exp to the library's.
func TestExp(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	worst := 0.0
	for range 100000 {
		x := rng.NormFloat64() * math.Ldexp(1, rng.IntN(12)-4)
		x = max(-700, min(x, 700))
		want := math.Exp(x)
		worst = max(worst, math.Abs(Exp(x)-want)/want)
	}
	if worst > 4.5e-16 {
		t.Errorf("off by %v of the value", worst)
	}
	for _, c := range [][2]float64{{0, 1}, {-800, math.Exp(-700)}, {math.Inf(-1), math.Exp(-700)}, {800, math.Exp(700)}, {math.Inf(1), math.Exp(700)}} {
		if got := Exp(c[0]); math.Abs(got-c[1]) > 1e-15*c[1] {
			t.Errorf("%v: got %v, want %v", c[0], got, c[1])
		}
	}
	if v := Exp(math.NaN()); v == v {
		t.Errorf("NaN becomes %v", v)
	}
}

func BenchmarkExp(b *testing.B) {
	x := make([]float64, 1024)
	for i := range x {
		x[i] = float64(i%37) - 18
	}
	for name, f := range map[string]func(float64) float64{"library": math.Exp, "ours": Exp} {
		b.Run(name, func(b *testing.B) {
			sum := 0.0
			for b.Loop() {
				for _, v := range x {
					sum += f(v)
				}
			}
			if sum == 0 {
				b.Fatal()
			}
		})
	}
}
