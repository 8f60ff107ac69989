package tree

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/lren-chuv/automl/internal/kernel"
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

// TestQueued holds the short way to rank few rows to the long one.
func TestQueued(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 1))
	for k := range 300 {
		v := make([]float64, 1+rng.IntN(700))
		for i := range v {
			switch v[i] = rng.NormFloat64(); k % 4 {
			case 0:
				v[i] = float64(rng.IntN(9))
			case 1:
				v[i] = float64(rng.IntN(len(v)))
			case 2:
				v[i] = float64(rng.IntN(3)-1) * 0 // 0 and -0
			}
		}
		got := newQueued(v, kernel.Ascending(v))
		want := rankOrdered(v, kernel.Ascending(v), maxRanks)
		if got == nil {
			if k%4 != 2 {
				t.Fatal("gave up")
			}
			continue
		}
		if !kernel.Sorted() { // nobody asks for it
			got.queue = nil
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%v\nwant %v", got, want)
		}
	}
}
