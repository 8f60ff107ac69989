package automl_test

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
)

// TestLargeTableIsSearchedOnSomeRows: not one boosted model on all rows would be done in the time given.
func TestLargeTableIsSearchedOnSomeRows(t *testing.T) {
	const n = 300_000
	rng := rand.New(rand.NewPCG(1, 2))
	x, z, y := make([]float64, n), make([]float64, n), make([]int32, n)
	for i := range x {
		x[i], z[i] = rng.NormFloat64(), rng.NormFloat64()
		if x[i]+z[i] > 2.3 { // about one row in twenty
			y[i] = 1
		}
	}
	s := dataset.Sample{X: dataset.MustFrame(n, dataset.NewNumeric("x", x), dataset.NewNumeric("z", z)),
		Y: dataset.NewCategorical("y", y, []string{"no", "yes"})}
	start := time.Now()
	m, err := automl.Train(context.Background(), s, automl.Options{Time: 2 * time.Second, Workers: 2, NoExplain: true})
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took > 2*time.Second+time.Second/2 && !testing.Short() {
		t.Errorf("2 s took %v", took)
	}
	if m.Search.Rows != n || m.Search.Sample < 10_000 || m.Search.Sample > n/10 {
		t.Errorf("%d of %d rows were searched on", m.Search.Sample, m.Search.Rows)
	}
	if !(m.Score.CV > 0.9) || math.IsNaN(m.Score.CV) {
		t.Errorf("ROC-AUC %g", m.Score.CV)
	}
}
