package linear

import (
	"context"
	"math"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// TestDummy compares with scikit-learn 1.2's DummyRegressor and DummyClassifier.
func TestDummy(t *testing.T) {
	x := dataset.MustFrame(7, dataset.NewNumeric("x", make([]float64, 7)))
	y := dataset.NewNumeric("y", []float64{3, 1, 4, 1, 5, 9, 2})
	c := dataset.NewCategorical("c", []int32{0, 1, 1, 2, 2, 2, 1}, []string{"a", "b", "c"})
	two := dataset.NewCategorical("c", []int32{0, 2, 2, 2, 0, 2, 2}, []string{"a", "b", "c"})
	w := []float64{1, 2, 0, 1, 3, 1, 1}
	for _, tt := range []struct {
		spec            *operators.Spec
		strategy        float64
		quantile        float64
		y               *dataset.Column
		plain, weighted []float64
	}{
		{DummyRegressor, 0, 0.5, y, []float64{25. / 7}, []float64{32. / 9}},
		{DummyRegressor, 1, 0.9, y, []float64{3}, []float64{3}},
		{DummyRegressor, 2, 0.3, y, []float64{1.8}, []float64{1}},
		{DummyRegressor, 2, 0.9, y, []float64{6.6}, []float64{9}},
		{DummyRegressor, 2, 1, y, []float64{9}, []float64{9}},
		{DummyClassifier, 0, 0, c, []float64{1. / 7, 3. / 7, 3. / 7}, []float64{1. / 9, 3. / 9, 5. / 9}},
		{DummyClassifier, 1, 0, c, []float64{1. / 3, 1. / 3, 1. / 3}, []float64{1. / 3, 1. / 3, 1. / 3}},
		{DummyClassifier, 0, 0, two, []float64{2. / 7, 0, 5. / 7}, []float64{4. / 9, 0, 5. / 9}},
	} {
		values := []float64{tt.strategy, tt.quantile}[:len(tt.spec.Params)]
		op, err := tt.spec.New(values)
		if err != nil {
			t.Fatal(err)
		}
		for weights, want := range map[bool][]float64{false: tt.plain, true: tt.weighted} {
			s := dataset.Sample{X: x, Y: tt.y}
			if weights {
				s.W = w
			}
			f, err := op.Fit(context.Background(), operators.NewEnv(1, 1), s)
			if err != nil {
				t.Fatal(err)
			}
			got, err := f.Apply(context.Background(), operators.NewEnv(1, 1), x)
			if err != nil {
				t.Fatal(err)
			}
			for k, v := range want {
				if g := got.Col(k).Float[3]; math.Abs(g-v) > 1e-12 {
					t.Errorf("%s %v, weights %t: column %d is %v, want %v", tt.spec.Name, values, weights, k, g, v)
				}
			}
		}
	}
	if _, err := DummyRegressor.New([]float64{2, 1.5}); err == nil {
		t.Error("a quantile of 1.5 is accepted")
	}
}
