package tree

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/lren-chuv/automl/internal/kernel"
)

// TestAssign holds the search for a bin to the obvious one, and what is noted of each bin to its rows.
func TestAssign(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	for trial := range 60 {
		n := 1 + rng.IntN(2000)
		values := make([]float64, n)
		for i := range values {
			values[i] = math.Round(rng.NormFloat64() * math.Ldexp(1, rng.IntN(12)))
			if rng.IntN(9) == 0 {
				values[i] = math.NaN()
			}
		}
		sorted := new(binner).sorted(values, binning{2 + rng.IntN(254), 1 + rng.IntN(3)})
		got := assign(values, sorted.lo, sorted.hi)
		if !slices.Equal(got.bin, sorted.bin) || !slices.Equal(got.lo, sorted.lo) || !slices.Equal(got.hi, sorted.hi) || got.bins != sorted.bins || got.missing != sorted.missing {
			t.Fatalf("trial %d: bins of the values themselves are not kept", trial)
		}
	}
}

func TestDistinct(t *testing.T) {
	v := []float64{3, 1, math.NaN(), 1, math.Copysign(0, -1), 0, 3, -2}
	if got := distinct(v, 4); !slices.Equal(got, []float64{-2, 0, 1, 3}) {
		t.Errorf("got %v", got)
	}
	if got := distinct(v, 3); got != nil {
		t.Errorf("more than 3 values: %v", got)
	}
}

// TestBinSampled: on many rows, bins are quantiles to within what a sample can tell, few values are kept apart however
// rare, and what is noted of the bins is true.
func TestBinSampled(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	n := sampledRows + 5000
	smooth, few := make([]float64, n), make([]float64, n)
	for i := range smooth {
		smooth[i] = rng.NormFloat64()
		if rng.IntN(10) == 0 {
			smooth[i] = math.NaN()
		}
		few[i] = float64(rng.IntN(7))
	}
	few[1234] = 7.5
	b := new(binner).values(few, binning{255, 1})
	if b.bins != 8 || b.missing || b.bin[1234] != 7 || b.lo[7] != 7.5 {
		t.Errorf("few values: %d bins, the rare one in %d", b.bins, b.bin[1234])
	}
	b = new(binner).values(smooth, binning{255, 1})
	if b.bins < 250 || b.bins > 255 || !b.missing {
		t.Fatalf("%d bins", b.bins)
	}
	count := make([]int, b.bins)
	for i, v := range smooth {
		k := b.bin[i]
		if v != v != (k == kernel.MissingBin) {
			t.Fatalf("%v in bin %d", v, k)
		}
		if v == v {
			count[k]++
			if v < b.lo[k] || v > b.hi[k] {
				t.Fatalf("%v in bin %d of [%v, %v]", v, k, b.lo[k], b.hi[k])
			}
		}
	}
	want := 0.9 * float64(n) / float64(b.bins)
	for k, c := range count {
		if float64(c) < 0.7*want || float64(c) > 1.3*want || k > 0 && b.hi[k-1] >= b.lo[k] {
			t.Errorf("bin %d has %d rows, about %v expected", k, c, want)
		}
	}
}

// TestFewValues: a column of few values has the same bins without being sorted, unless one of them is too rare.
func TestFewValues(t *testing.T) {
	rng := rand.New(rand.NewPCG(10, 10))
	for _, rare := range []int{1, 2, 3, 50} {
		values := make([]float64, manyRows+100)
		for i := range values {
			values[i] = float64(rng.IntN(40)) / 3
			if i < rare {
				values[i] = 5.1
			} else if rng.IntN(8) == 0 {
				values[i] = math.NaN()
			}
		}
		for _, least := range []int{1, 3} {
			how := binning{255, least}
			got, want := new(binner).values(values, how), new(binner).sorted(values, how)
			if !slices.Equal(got.bin, want.bin) || !slices.Equal(got.lo, want.lo) || !slices.Equal(got.hi, want.hi) || got.bins != want.bins || got.missing != want.missing {
				t.Errorf("%d rows of a value, bins of %d: not the bins of the sorted column", rare, least)
			}
		}
	}
}
