package selection

import (
	"slices"
	"strings"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/operatortest"
)

const setsFile = "Subset,Size,Features\nodd,3,x1;x3; x5\nfirst,1,x0\nelsewhere,1,z\n"

func TestFeatureSets(t *testing.T) {
	sets, err := ReadFeatureSets(strings.NewReader(setsFile))
	if err != nil {
		t.Fatal(err)
	}
	spec := NewFeatureSetSelector(sets)
	s := operatortest.Table(spec, dataset.Regression, 20, 6, 1)
	for k, want := range [][]int32{{1, 3, 5}, {0}, nil} {
		op, err := spec.New([]float64{float64(k)})
		if err != nil {
			t.Fatal(err)
		}
		f, err := op.Fit(t.Context(), operators.NewEnv(1, 1), s)
		if (err != nil) != (want == nil) {
			t.Fatalf("set %d: %v", k, err)
		}
		if err == nil && !slices.Equal(f.(*selected).Keep, want) {
			t.Errorf("set %d keeps %v, want %v", k, f.(*selected).Keep, want)
		}
	}
	for _, bad := range []string{"", "a,b\n1,2\n", "Subset,Size,Features\nx,0,;\n", "Subset,Size,Features\nx\n"} {
		if _, err := ReadFeatureSets(strings.NewReader(bad)); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

func TestGivenSelectorsConform(t *testing.T) {
	operatortest.Run(t, NewFeatureSetSelector([]FeatureSet{{"some", []string{"x0", "x1", "x2"}}, {"one", []string{"x1"}}}), operatortest.Exempt{
		"degenerate": "some of the tables have none of the columns"})
	operatortest.Run(t, NewFeatureMask(6), nil)
}

func TestFeatureMask(t *testing.T) {
	spec := NewFeatureMask(4)
	s := operatortest.Table(ReliefF, dataset.Binary, 30, 4, 1)
	op, err := spec.New([]float64{0, 1, 0, 1})
	if err != nil {
		t.Fatal(err)
	}
	f, err := op.Fit(t.Context(), operators.NewEnv(1, 1), s)
	if err != nil {
		t.Fatal(err)
	}
	if got := f.(*selected).Keep; !slices.Equal(got, []int32{1, 3}) {
		t.Errorf("keeps %v, want [1 3]", got)
	}
	wide := operatortest.Table(ReliefF, dataset.Binary, 30, 7, 1)
	if f, err = op.Fit(t.Context(), operators.NewEnv(1, 1), wide); err != nil || !slices.Equal(f.(*selected).Keep, []int32{1, 3, 5}) {
		t.Errorf("of seven columns it keeps %v, %v", f, err)
	}
	none, err := spec.New(make([]float64, 4))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := none.Fit(t.Context(), operators.NewEnv(1, 1), s); err == nil {
		t.Error("an empty mask was accepted")
	}
}

// The number of columns that extremely randomized trees keep must be what was recorded over ten seeds, within four
// standard deviations of the mean of five.
func TestSelectFromModelKeepsAsMany(t *testing.T) {
	s := goldenSample(t, "breast_cancer", true)
	for _, c := range []struct {
		threshold, mean, sd float64
	}{{operators.Word(1), 9.4, 1.075}, {0.05, 6.8, 0.632}} {
		values := SelectFromModel.Defaults()
		values[0] = c.threshold
		values[SelectFromModel.Index("estimator__criterion")] = 2
		values[SelectFromModel.Index("estimator__max_features")] = 0.5
		op, err := SelectFromModel.New(values)
		if err != nil {
			t.Fatal(err)
		}
		kept := 0.0
		for seed := range 5 {
			f, err := op.Fit(t.Context(), operators.NewEnv(uint64(seed), 1), s)
			if err != nil {
				t.Fatal(err)
			}
			kept += float64(len(f.(*selected).Keep)) / 5
		}
		if kept < c.mean-4*c.sd*0.55 || kept > c.mean+4*c.sd*0.55 { // 0.55 = √(1/10 + 1/5)
			t.Errorf("%.1f columns, want %.1f", kept, c.mean)
		}
	}
}
