package interior

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/lren-chuv/automl/internal/linalg"
)

// At the minimum the penalty's slope is the sum of what the hinges pull, and a hinge pulls with all its strength where it
// is open, with none where it is closed. Columns of very different scale make no difference.
func TestMinimise(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	const n, p = 120, 4
	z, hinges := linalg.NewMatrix(n, p), make([]Hinge, n)
	for i := range n {
		hinges[i] = Hinge{Row: i, Sign: 1, C: 0.5 + rng.Float64(), At: 1}
		for j := range p {
			z.Set(i, j, math.Pow(100, float64(j-1))*rng.NormFloat64())
		}
		if z.At(i, 0)+z.At(i, 2)/1e4+0.3*rng.NormFloat64() < 0 {
			hinges[i].Sign = -1
		}
	}
	l2 := []float64{1, 2, 0.5, 1}
	got, err := Minimise(context.Background(), z, hinges, l2)
	if err != nil {
		t.Fatal(err)
	}
	pull, scores, scale := make([]float64, p), make([]float64, n), make([]float64, p)
	z.MulVec(scores, got.Theta)
	for i, h := range hinges {
		a, open := got.Weight[i], h.At-h.Sign*scores[i]
		if a < 0 || a > h.C || open > 1e-6 && a < h.C-1e-6 || open < -1e-6 && a > 1e-6 {
			t.Errorf("hinge %d: weight %v of %v, open by %v", i, a, h.C, open)
		}
		linalg.AddScaled(pull, h.Sign*a, z.Row(i))
		for j := range p {
			scale[j] += a * math.Abs(z.At(i, j))
		}
	}
	for j, v := range pull {
		if math.Abs(v-l2[j]*got.Theta[j]) > 1e-7*scale[j] {
			t.Errorf("column %d: pulled by %v, held by %v", j, v, l2[j]*got.Theta[j])
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Minimise(ctx, z, hinges, l2); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
