package selection

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/decompose"
	"github.com/lren-chuv/automl/operators/encode"
	"github.com/lren-chuv/automl/operators/operatortest"
)

func TestKindSelectorsConform(t *testing.T) {
	operatortest.Run(t, CategoricalSelector, operatortest.Exempt{"degenerate": "its tables of numeric columns alone may have no column of few values"})
	operatortest.Run(t, ContinuousSelector, operatortest.Exempt{"degenerate": "its table of ten rows has no column of more than ten values"})
}

// TestKindSelectors: the same as selecting by hand and applying what follows.
func TestKindSelectors(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	n := 80
	many, few, code := make([]float64, n), make([]float64, n), make([]int32, n)
	more := make([]float64, n)
	for i := range many {
		many[i], few[i], code[i] = rng.NormFloat64(), float64(i%4), int32(i%2)
		more[i] = many[i] + rng.NormFloat64()
	}
	cat := dataset.NewCategorical("c", code, []string{"a", "b"})
	x := dataset.MustFrame(n, dataset.NewNumeric("many", many), dataset.NewNumeric("few", few), cat, dataset.NewNumeric("more", more))
	for _, c := range []struct {
		spec, then *operators.Spec
		keep       []int
	}{{CategoricalSelector, encode.OneHotEncoder, []int{1, 2}}, {ContinuousSelector, decompose.PCA, []int{0, 3}}} {
		s := dataset.Sample{X: x, Y: dataset.NewNumeric("y", many)}
		got, want := fitApply(t, c.spec, s, x), fitApply(t, c.then, dataset.Sample{X: x.Select(c.keep...), Y: s.Y}, x.Select(c.keep...))
		if g, w := fmt.Sprint(values(got)), fmt.Sprint(values(want)); g != w {
			t.Errorf("%s: %s, want %s", c.spec.Name, g, w)
		}
	}
	op, _ := ContinuousSelector.New(ContinuousSelector.Defaults())
	if _, err := op.Fit(t.Context(), operators.NewEnv(1, 1), dataset.Sample{X: x.Select(1), Y: dataset.NewNumeric("y", many)}); err == nil {
		t.Error("columns of few values are continuous")
	}
}

func values(x *dataset.Frame) [][]float64 {
	var out [][]float64
	for _, c := range x.Columns() {
		out = append(out, c.Float)
	}
	return out
}

func fitApply(t *testing.T, spec *operators.Spec, s dataset.Sample, x *dataset.Frame) *dataset.Frame {
	t.Helper()
	op, err := spec.New(spec.Defaults())
	if err != nil {
		t.Fatal(err)
	}
	f, err := op.Fit(t.Context(), operators.NewEnv(1, 1), s)
	if err != nil {
		t.Fatal(err)
	}
	out, err := f.Apply(t.Context(), operators.NewEnv(1, 1), x)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
