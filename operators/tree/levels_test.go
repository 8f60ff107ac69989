package tree

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/metrics"
	"github.com/lren-chuv/automl/operators"
)

// withLevels is a sample whose classes depend on x alone, or, if telling, on a column of fifty levels as well.
func withLevels(rows int, telling bool, seed uint64) dataset.Sample {
	rng := rand.New(rand.NewPCG(seed, 50))
	names, effect := make([]string, 50), make([]float64, 50)
	for k := range names {
		names[k], effect[k] = fmt.Sprint("level ", k), 2*rng.NormFloat64()
	}
	x, level, y := make([]float64, rows), make([]int32, rows), make([]int32, rows)
	for i := range x {
		x[i], level[i] = rng.NormFloat64(), rng.Int32N(50)
		score := 2 * x[i]
		if telling {
			score += effect[level[i]]
		}
		if score+rng.NormFloat64() > 0 {
			y[i] = 1
		}
	}
	return dataset.Sample{
		X: dataset.MustFrame(rows, dataset.NewNumeric("x", x), dataset.NewCategorical("level", level, names)),
		Y: dataset.NewCategorical("y", y, []string{"no", "yes"}),
	}
}

// TestManyLevelsDoNotFlatter: fifty levels that mean nothing must hardly harm, fifty that mean something must help much.
func TestManyLevelsDoNotFlatter(t *testing.T) {
	auc, err := metrics.ByName("roc_auc")
	if err != nil {
		t.Fatal(err)
	}
	for _, spec := range []*operators.Spec{HistGradientBoostingClassifier, XGBClassifier} {
		score := func(telling, seen bool) float64 {
			train, test := withLevels(2000, telling, 1), withLevels(4000, telling, 1)
			test = test.Slice(2000, 4000)
			train.X, test.X = keep(train.X, seen), keep(test.X, seen)
			op, err := spec.New(spec.Defaults())
			if err != nil {
				t.Fatal(err)
			}
			env := operators.NewEnv(1, 1)
			model, err := op.Fit(t.Context(), env, train)
			if err != nil {
				t.Fatal(err)
			}
			p, err := model.Apply(t.Context(), env, test.X)
			if err != nil {
				t.Fatal(err)
			}
			s, err := auc.Score(test.Y, p, nil)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		if without, with := score(false, false), score(false, true); with < without-0.008 {
			t.Errorf("%s: ROC-AUC %.4f with levels that mean nothing, %.4f without", spec.Name, with, without)
		}
		if without, with := score(true, false), score(true, true); with < without+0.05 {
			t.Errorf("%s: ROC-AUC %.4f with levels that mean much, %.4f without", spec.Name, with, without)
		}
	}
}

func keep(x *dataset.Frame, levels bool) *dataset.Frame {
	if levels {
		return x
	}
	return dataset.MustFrame(x.Rows(), x.Col(0))
}
