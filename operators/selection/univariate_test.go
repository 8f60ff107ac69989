package selection

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/lren-chuv/automl/dataset"
)

// TestCorrelation compares F with that of Pearson's correlation, two passes over each column and one sum at a time.
func TestCorrelation(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{3, 4, 7, 50, 1001} {
		x, y := make([]float64, n), make([]float64, n)
		for i := range x {
			x[i] = 1e6 + rng.NormFloat64()
			y[i] = 0.3*x[i] + rng.NormFloat64()
		}
		score, p, err := scores(t.Context(), "f_regression", dataset.Sample{
			X: dataset.MustFrame(n, dataset.NewNumeric("x", x), dataset.NewNumeric("constant", filled(n, 0.1))),
			Y: dataset.NewNumeric("y", y),
		})
		if err != nil {
			t.Fatal(err)
		}
		mx, my := average(x), average(y)
		xx, xy, yy := 0.0, 0.0, 0.0
		for i := range x {
			xx, xy, yy = xx+(x[i]-mx)*(x[i]-mx), xy+(x[i]-mx)*(y[i]-my), yy+(y[i]-my)*(y[i]-my)
		}
		r2 := xy * xy / (xx * yy)
		want := r2 / (1 - r2) * float64(n-2)
		if math.Abs(score[0]-want) > 1e-8*want || !(p[0] > 0 && p[0] < 1) || score[1] != 0 || p[1] != 1 {
			t.Errorf("%d rows: F %v and p %v, want %v, and 0 and 1", n, score, p, want)
		}
		if f, p := newCorrelation(filled(n, 0.1)).test(x, mx*float64(n)); f != 0 || p != 1 {
			t.Errorf("%d rows of one target: F %v and p %v", n, f, p)
		}
	}
}

// TestVariance compares F with sums over the rows of each class.
func TestVariance(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	x, code := make([]float64, 100), make([]int32, 100)
	for i := range x {
		code[i] = []int32{0, 1, 3}[rng.IntN(3)]
		x[i] = 1e3 + rng.NormFloat64() + float64(code[i])
	}
	y := dataset.NewCategorical("y", code, []string{"a", "b", "none", "c"})
	score, _, err := scores(t.Context(), "f_classif", dataset.Sample{X: dataset.MustFrame(len(x), dataset.NewNumeric("x", x)), Y: y})
	if err != nil {
		t.Fatal(err)
	}
	between, within, all := 0.0, 0.0, average(x)
	for _, c := range []int32{0, 1, 3} {
		var own []float64
		for i, v := range x {
			if code[i] == c {
				own = append(own, v)
			}
		}
		m := average(own)
		between += float64(len(own)) * (m - all) * (m - all)
		for _, v := range own {
			within += (v - m) * (v - m)
		}
	}
	if want := between / 2 / (within / 97); math.Abs(score[0]-want) > 1e-9*want {
		t.Errorf("F %v, want %v", score[0], want)
	}
}

func average(v []float64) float64 {
	s := 0.0
	for _, x := range v {
		s += x / float64(len(v))
	}
	return s
}

func filled(n int, v float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = v
	}
	return out
}
