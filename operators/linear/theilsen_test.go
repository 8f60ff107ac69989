package linear

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/lren-chuv/automl/internal/linalg"
)

// The normal equations give what singular values give, and refuse columns that depend on each other.
func TestNormalEquations(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	x, y := linalg.NewMatrix(60, 6), make([]float64, 60)
	for i := range y {
		for j := range 6 {
			x.Set(i, j, math.Pow(1000, float64(j%3))*(1+rng.NormFloat64()))
		}
		y[i] = 3*x.At(i, 0) - x.At(i, 4)/1000 + rng.NormFloat64()
	}
	want, err := linalg.LeastSquares(x, y)
	if err != nil {
		t.Fatal(err)
	}
	for j, got := range normalEquations(x, y) {
		if math.Abs(got-want[j]) > 1e-11*math.Abs(want[j]) {
			t.Errorf("coefficient %d: %v, want %v", j, got, want[j])
		}
	}
	for i := range y {
		x.Set(i, 5, x.At(i, 0)+x.At(i, 1)*(1+1e-9*float64(i)))
	}
	if got := normalEquations(x, y); got != nil {
		t.Errorf("dependent columns: %v", got)
	}
}
