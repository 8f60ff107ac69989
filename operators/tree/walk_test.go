package tree

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/lren-chuv/automl/operators"
)

// TestDescend holds the walk of several rows to that of one.
func TestDescend(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for _, spec := range []*operators.Spec{HistGradientBoostingClassifier, RandomForestClassifier} {
		for _, classes := range []int{2, 3} {
			holes := 0.0
			if spec.Has(operators.Missing) {
				holes = 0.2
			}
			s := benchTable(200, 7, classes, holes)
			op, err := spec.New(spec.Defaults())
			if err != nil {
				t.Fatal(err)
			}
			f, err := op.Fit(context.Background(), operators.NewEnv(1, 1), s)
			if err != nil {
				t.Fatal(err)
			}
			var e *Ensemble
			switch m := f.(type) {
			case *boosted:
				e = &m.Trees
			case *average:
				e = &m.Trees
			}
			for n := range 14 {
				rows, at := make([]float64, n*7), make([]int32, n)
				for i := range rows {
					rows[i] = []float64{rng.NormFloat64(), math.NaN(), float64(rng.IntN(9)), math.Inf(1 - 2*rng.IntN(2))}[rng.IntN(4)]
				}
				for _, root := range e.Roots {
					e.descend(root, rows, 7, at)
					for i := range at {
						if want := e.leaf(root, rows[i*7:(i+1)*7]); at[i] != want {
							t.Fatalf("row %d ends in %d, want %d", i, at[i], want)
						}
					}
				}
			}
		}
	}
}
