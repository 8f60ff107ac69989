package encode

import (
	"slices"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/operatortest"
)

func TestConformance(t *testing.T) {
	for _, spec := range []*operators.Spec{TableVectorizer, OneHotEncoder, OrdinalEncoder, CountEncoder,
		TargetEncoder, HashingEncoder, RareLabelEncoder, DominantEncoder, RecessiveEncoder, HeterosisEncoder, UnderDominanceEncoder, OverDominanceEncoder} {
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

func column(codes []int32) *dataset.Frame {
	return dataset.MustFrame(len(codes), dataset.NewCategorical("c", codes, []string{"a", "b", "z"}))
}

// The mean of a level is drawn towards the overall mean by as many rows of it as smooth says, unknown levels get it.
func TestTargetEncoderSmooths(t *testing.T) {
	values := TargetEncoder.Defaults()
	values[0] = 2
	op, err := TargetEncoder.New(values)
	if err != nil {
		t.Fatal(err)
	}
	s := dataset.Sample{X: column([]int32{0, 0, 1, 1}), Y: dataset.NewNumeric("y", []float64{1, 3, 5, 7})}
	f, err := op.Fit(t.Context(), operators.NewEnv(1, 1), s)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, applied(t, f, column([]int32{0, 1, 2, -1})), map[string][]float64{"c target": {3, 5, 4, 4}})
	f = fitted(t, TargetEncoder, s)
	// auto: the variance within levels is 1, that of all rows 5, so the share is 5·2/(5·2+1).
	expect(t, applied(t, f, column([]int32{2})), map[string][]float64{"c target": {4}})
	got := applied(t, f, column([]int32{0})).Col(0).Float[0]
	if want := 10.0/11*2 + 1.0/11*4; got-want > 1e-12 || want-got > 1e-12 {
		t.Errorf("auto: %v, want %v", got, want)
	}
}

func TestCountAndRare(t *testing.T) {
	s := dataset.Sample{X: column([]int32{0, 0, 0, 1, -1}), Y: dataset.NewNumeric("y", []float64{1, 3, 5, 7, 9})}
	expect(t, applied(t, fitted(t, CountEncoder, s), column([]int32{0, 1, 2, -1})), map[string][]float64{"c frequency": {0.6, 0.2, 0, 0.2}})

	values := RareLabelEncoder.Defaults()
	values[0], values[1] = 0.5, 1
	op, err := RareLabelEncoder.New(values)
	if err != nil {
		t.Fatal(err)
	}
	f, err := op.Fit(t.Context(), operators.NewEnv(1, 1), s)
	if err != nil {
		t.Fatal(err)
	}
	c := applied(t, f, column([]int32{0, 1, 2, -1})).Col(0)
	if !slices.Equal(c.Code, []int32{0, 1, 1, -1}) || !slices.Equal(c.Levels, []string{"a", rareLevel}) {
		t.Errorf("codes %v of %v", c.Code, c.Levels)
	}
}
