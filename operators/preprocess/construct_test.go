package preprocess

import (
	"slices"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/operatortest"
)

func TestConstructorsConform(t *testing.T) {
	for _, spec := range []*operators.Spec{KBinsDiscretizer, MDR, ContinuousMDR} {
		operatortest.Run(t, spec, nil)
	}
}

func TestKBinsGolden(t *testing.T) {
	operatortest.Golden(t, KBinsDiscretizer, operatortest.GoldenOptions{})
}

// Two genotypes that interact become one column that is the class; unseen combinations get the default label.
func TestMDRTellsInteractions(t *testing.T) {
	a := []float64{0, 0, 1, 1, 2, 2, 0, 1}
	b := []float64{0, 1, 0, 1, 0, 1, 0, 1}
	y := []int32{0, 1, 1, 0, 0, 1, 0, 0}
	s := dataset.Sample{X: dataset.MustFrame(8, dataset.NewNumeric("a", a), dataset.NewNumeric("b", b)),
		Y: dataset.NewCategorical("y", y, []string{"no", "yes"})}
	values := MDR.Defaults()
	values[1] = 1
	op, err := MDR.New(values)
	if err != nil {
		t.Fatal(err)
	}
	f, err := op.Fit(t.Context(), operators.NewEnv(1, 1), s)
	if err != nil {
		t.Fatal(err)
	}
	x := dataset.MustFrame(7, dataset.NewNumeric("a", []float64{0, 0, 1, 1, 2, 2, 9}), dataset.NewNumeric("b", []float64{0, 1, 0, 1, 0, 1, 9}))
	out, err := f.Apply(t.Context(), operators.NewEnv(1, 1), x)
	if err != nil {
		t.Fatal(err)
	}
	if want := []float64{0, 1, 1, 0, 0, 1, 1}; !slices.Equal(out.Col(0).Float, want) {
		t.Errorf("labels %v, want %v", out.Col(0).Float, want)
	}
}
