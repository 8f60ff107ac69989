package encode

import (
	"slices"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/operatortest"
)

func TestConformance(t *testing.T) {
	for _, spec := range []*operators.Spec{TableVectorizer, OneHotEncoder, OrdinalEncoder} {
		operatortest.Run(t, spec, nil)
	}
}

const givenCategories = "categories cannot be listed"

func TestGoldenOneHot(t *testing.T) {
	strict := *OneHotEncoder
	strict.Params = slices.Clone(strict.Params)
	p := &strict.Params[strict.Index("handle_unknown")]
	p.Default, _ = p.Parse("error") // scikit-learn's
	operatortest.Golden(t, &strict, operatortest.GoldenOptions{Skip: map[string]string{"given categories": givenCategories}})
}

func TestGoldenOrdinal(t *testing.T) {
	operatortest.Golden(t, OrdinalEncoder, operatortest.GoldenOptions{Skip: map[string]string{"given order": givenCategories}})
}

func TestUnknownRefused(t *testing.T) {
	x := dataset.MustFrame(2, dataset.NewCategorical("c", []int32{0, 1}, []string{"a", "b"}))
	later := dataset.MustFrame(2, dataset.NewCategorical("c", []int32{0, 1}, []string{"b", "z"}))
	for _, spec := range []*operators.Spec{OneHotEncoder, OrdinalEncoder} {
		values := spec.Defaults()
		p := spec.Index("handle_unknown")
		values[p], _ = spec.Params[p].Parse("error")
		op, err := spec.New(values)
		if err != nil {
			t.Fatal(err)
		}
		f, err := op.Fit(t.Context(), operators.NewEnv(1, 1), dataset.Sample{X: x, Y: dataset.NewNumeric("y", []float64{1, 2})})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Apply(t.Context(), operators.NewEnv(1, 1), later); err == nil {
			t.Errorf("%s: an unknown level was not refused", spec.Name)
		}
	}
}
