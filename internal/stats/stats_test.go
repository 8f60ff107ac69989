package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/lren-chuv/automl/dataset"
)

func TestMoments(t *testing.T) {
	nan := math.NaN()
	c := dataset.NewNumeric("x", []float64{1e8 + 1, nan, 1e8 + 2, 1e8 + 6, nan})
	got := Describe(c)
	want := Moments{Count: 3, Mean: 1e8 + 3, Var: 14.0 / 3, Min: 1e8 + 1, Max: 1e8 + 6}
	if got.Count != 3 || got.Mean != want.Mean || math.Abs(got.Var-want.Var) > 1e-12 || got.Min != want.Min || got.Max != want.Max {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := Weighted(c, []float64{2, 2, 2, 2, 2}); math.Abs(got.Mean-want.Mean) > 1e-7 || math.Abs(got.Var-want.Var) > 1e-9 {
		t.Errorf("equal weights: %+v", got)
	}
	if got := Weighted(c, []float64{0, 1, 1, 3, 9}); got.Mean != 1e8+5 || math.Abs(got.Var-3) > 1e-9 || got.Min != 1e8+2 {
		t.Errorf("weights: %+v", got)
	}
	if got := Describe(dataset.NewNumeric("none", []float64{nan})); got != (Moments{}) {
		t.Errorf("nothing known: %+v", got)
	}
}

func TestOrder(t *testing.T) {
	nan := math.NaN()
	c := dataset.NewNumeric("x", []float64{3, nan, 1, 2, 2})
	if got := Sorted(c); !slices.Equal(got, []float64{1, 2, 2, 3}) {
		t.Errorf("sorted %v", got)
	}
	values, rows := Distinct(c)
	if !slices.Equal(values, []float64{1, 2, 3}) || !slices.Equal(rows, []int{1, 2, 1}) {
		t.Errorf("distinct %v %v", values, rows)
	}
	if Median(c) != 2 || Mode(Sorted(c)) != 2 || Missing(c) != 1 {
		t.Errorf("median %v, mode %v, missing %v", Median(c), Mode(Sorted(c)), Missing(c))
	}
	if got := Median(dataset.NewNumeric("huge", []float64{math.MaxFloat64, math.MaxFloat64})); got != math.MaxFloat64 {
		t.Errorf("median of huge values %v", got)
	}
	if got := Missing(dataset.NewCategorical("c", []int32{-1, 0, -1}, []string{"a"})); got != 2 {
		t.Errorf("missing categories %v", got)
	}
}

// Quantiles grow with q and meet the ends.
func TestQuantiles(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	x := make([]float64, 101)
	for i := range x {
		x[i] = rng.NormFloat64()
	}
	slices.Sort(x)
	last := math.Inf(-1)
	for k := range 1001 {
		v := Quantile(x, float64(k)/1000)
		if v < last {
			t.Fatalf("quantile %d: %v after %v", k, v, last)
		}
		last = v
	}
	if Quantile(x, 0) != x[0] || Quantile(x, 1) != x[100] || Quantile(x, 0.5) != x[50] || Quantile(nil, 0.5) != 0 {
		t.Error("the ends or the middle are wrong")
	}
}

func BenchmarkDescribe(b *testing.B) {
	x := make([]float64, 450)
	for i := range x {
		x[i] = float64(i % 17)
	}
	for b.Loop() {
		describe(x)
	}
}

func TestAscend(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{0, 1, 2, 255, 256, 257, 3000} {
		for name, draw := range map[string]func() float64{
			"normal":  rng.NormFloat64,
			"integer": func() float64 { return float64(rng.IntN(9) - 4) },
			"wide":    func() float64 { return math.Ldexp(rng.NormFloat64(), rng.IntN(2000)-1000) },
			"ends":    func() float64 { return []float64{math.Inf(1), math.Inf(-1), 0, math.MaxFloat64, -5e-324}[rng.IntN(5)] },
		} {
			got := make([]float64, n)
			for i := range got {
				got[i] = draw()
			}
			want := slices.Sorted(slices.Values(got))
			if ascend(got); !slices.Equal(got, want) {
				t.Errorf("%s, %d values: wrong order", name, n)
			}
		}
	}
}

// The fast way gives what the careful way does.
func TestDescribe(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 1))
	for n := range 40 {
		v := make([]float64, n)
		for i := range v {
			v[i] = 1000 + rng.NormFloat64()
		}
		got, want := describe(v), describe(append(v[:n:n], math.NaN()))
		if got.Count != want.Count || got.Min != want.Min || got.Max != want.Max || math.Abs(got.Mean-want.Mean) > 1e-12*want.Mean || math.Abs(got.Var-want.Var) > 1e-12 {
			t.Errorf("%d values: %+v, want %+v", n, got, want)
		}
	}
}
