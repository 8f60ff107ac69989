package impute

import (
	"math"
	"slices"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/operatortest"
)

func TestCleanersConform(t *testing.T) {
	for _, spec := range []*operators.Spec{KNNImputer, IterativeImputer, Winsorizer, DropConstantFeatures, DropEmptyFeatures, DropDuplicateFeatures} {
		operatortest.Run(t, spec, nil)
	}
}

func TestModelImputersGolden(t *testing.T) {
	operatortest.Golden(t, KNNImputer, operatortest.GoldenOptions{})
	operatortest.Golden(t, IterativeImputer, operatortest.GoldenOptions{})
}

func kept(t *testing.T, spec *operators.Spec, x *dataset.Frame) []int32 {
	t.Helper()
	op, err := spec.New(spec.Defaults())
	if err != nil {
		t.Fatal(err)
	}
	f, err := op.Fit(t.Context(), operators.NewEnv(1, 1), dataset.Sample{X: x, Y: dataset.NewNumeric("y", make([]float64, x.Rows()))})
	if err != nil {
		t.Fatal(err)
	}
	return f.(*rest).Keep
}

func TestDropped(t *testing.T) {
	nan := math.NaN()
	x := dataset.MustFrame(3,
		dataset.NewNumeric("a", []float64{1, 2, nan}),
		dataset.NewNumeric("flat", []float64{4, 4, 4}),
		dataset.NewNumeric("empty", []float64{nan, nan, nan}),
		dataset.NewNumeric("again", []float64{1, 2, nan}),
		dataset.NewCategorical("c", []int32{0, 1, 1}, []string{"p", "q"}),
		dataset.NewCategorical("one", []int32{1, 1, 1}, []string{"p", "q"}))
	for _, c := range []struct {
		spec *operators.Spec
		want []int32
	}{
		{DropConstantFeatures, []int32{0, 3, 4}},
		{DropEmptyFeatures, []int32{0, 1, 3, 4, 5}},
		{DropDuplicateFeatures, []int32{0, 1, 2, 4, 5}},
	} {
		if got := kept(t, c.spec, x); !slices.Equal(got, c.want) {
			t.Errorf("%s keeps %v, want %v", c.spec.Name, got, c.want)
		}
	}
}
