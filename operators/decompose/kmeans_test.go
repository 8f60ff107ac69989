package decompose

import (
	"math/rand/v2"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/operatortest"
)

func TestKMeansConforms(t *testing.T) { operatortest.Run(t, KMeans, nil) }

// Of three clouds far apart, every row must be near one centre and far from the others.
func TestKMeansFindsClouds(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	a, b := make([]float64, 90), make([]float64, 90)
	for i := range a {
		a[i], b[i] = float64(i%3)*100+rng.NormFloat64(), float64(i%3)*-50+rng.NormFloat64()
	}
	s := dataset.Sample{X: dataset.MustFrame(90, dataset.NewNumeric("a", a), dataset.NewNumeric("b", b)), Y: dataset.NewNumeric("y", a)}
	op, err := KMeans.New([]float64{3, 300, 1e-4})
	if err != nil {
		t.Fatal(err)
	}
	f, err := op.Fit(t.Context(), operators.NewEnv(3, 1), s)
	if err != nil {
		t.Fatal(err)
	}
	out, err := f.Apply(t.Context(), operators.NewEnv(1, 1), s.X)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 90 {
		near := 0
		for _, c := range out.Columns() {
			if c.Float[i] < 10 {
				near++
			}
		}
		if near != 1 {
			t.Fatalf("row %d is near %d centres", i, near)
		}
	}
}
