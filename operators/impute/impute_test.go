package impute

import (
	"context"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/operatortest"
)

func TestConformance(t *testing.T) {
	operatortest.Run(t, SimpleImputer, nil)
}

func TestGolden(t *testing.T) {
	operatortest.Golden(t, SimpleImputer, operatortest.GoldenOptions{Skip: map[string]string{
		"strings most_frequent": "outputs are levels, see TestLevels in this package",
		"strings constant":      "the name of the new level is fixed",
	}})
}

// TestLevels: categorical columns take their most frequent level, or with strategy constant a level of their own.
func TestLevels(t *testing.T) {
	x := dataset.MustFrame(4, dataset.NewCategorical("c", []int32{1, -1, 1, 0}, []string{"a", "b"}))
	for strategy, want := range map[float64]string{2: "b", 3: "missing"} {
		values := SimpleImputer.Defaults()
		values[SimpleImputer.Index("strategy")] = strategy
		op, err := SimpleImputer.New(values)
		if err != nil {
			t.Fatal(err)
		}
		f, err := op.Fit(context.Background(), operators.NewEnv(1, 1), dataset.Sample{X: x, Y: dataset.NewNumeric("y", make([]float64, 4))})
		if err != nil {
			t.Fatal(err)
		}
		out, err := f.Apply(context.Background(), operators.NewEnv(1, 1), x)
		if err != nil {
			t.Fatal(err)
		}
		if c := out.Col(0); c.Levels[c.Code[1]] != want {
			t.Errorf("strategy %v: the missing value became %q, want %q", strategy, c.Levels[c.Code[1]], want)
		}
	}
}
