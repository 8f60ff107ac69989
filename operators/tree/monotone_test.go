package tree

import (
	"context"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/operatortest"
)

// curve fits s and predicts the first row while column j takes the values of all rows in ascending order.
func curve(t *testing.T, op operators.Operator, s dataset.Sample, row, j int) []float64 {
	t.Helper()
	f, err := op.Fit(context.Background(), operators.NewEnv(3, 3), s)
	if err != nil {
		t.Fatal(err)
	}
	b := new(binner).bin(s.X.Col(j), binning{limit: 255, rows: 1})
	cols := make([]*dataset.Column, s.X.Cols())
	for k, c := range s.X.Columns() {
		v := make([]float64, b.bins)
		for i := range v {
			v[i] = c.Float[row]
			if k == j {
				v[i] = b.lo[i]
			}
		}
		cols[k] = dataset.NewNumeric(c.Name, v)
	}
	p, err := f.Apply(context.Background(), operators.NewEnv(1, 1), dataset.MustFrame(b.bins, cols...))
	if err != nil {
		t.Fatal(err)
	}
	return p.Col(p.Cols() - 1).Float
}

func falls(v []float64) bool {
	for i := 1; i < len(v); i++ {
		if v[i] < v[i-1] {
			return true
		}
	}
	return false
}

func TestMonotonic(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED with -short: hundreds of fits on one thread, in which the race detector has nothing to find")
	}
	for _, spec := range []*operators.Spec{HistGradientBoostingRegressor, HistGradientBoostingClassifier, XGBRegressor, LGBMClassifier} {
		classes := 2
		if spec.Role == operators.Regressor {
			classes = 0
		}
		s := benchTable(400, 8, classes, 0)
		free, err := spec.New(spec.Defaults())
		if err != nil {
			t.Fatal(err)
		}
		// the target waves with column 6; with column 0 it grows, under noise
		up, err := Monotonic(free, []int8{1, 0, 0, 0, 0, 0, 1, 0})
		if err != nil {
			t.Fatal(err)
		}
		down, err := Monotonic(free, []int8{0, 0, 0, 0, 0, 0, -1, 0})
		if err != nil {
			t.Fatal(err)
		}
		waves := false
		for row := range 5 {
			waves = waves || falls(curve(t, free, s, row, 6))
			if falls(curve(t, up, s, row, 6)) || falls(curve(t, up, s, row, 0)) {
				t.Errorf("%s: prediction falls", spec.Name)
			}
			v := curve(t, down, s, row, 6)
			for i := range v {
				v[i] = -v[i]
			}
			if falls(v) {
				t.Errorf("%s: prediction rises", spec.Name)
			}
		}
		if !waves {
			t.Errorf("%s: the table does not test anything", spec.Name)
		}
	}
}

func TestMonotonicRefuses(t *testing.T) {
	spec := HistGradientBoostingClassifier
	op, err := spec.New(spec.Defaults())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Monotonic(op, []int8{2}); err == nil {
		t.Error("sign 2 is taken")
	}
	forest, err := RandomForestClassifier.New(RandomForestClassifier.Defaults())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Monotonic(forest, []int8{1}); err == nil {
		t.Error("a forest is taken")
	}
	for name, c := range map[string]struct {
		s     dataset.Sample
		signs []int8
	}{
		"classes":     {benchTable(60, 3, 3, 0), []int8{1, 0, 0}},
		"columns":     {benchTable(60, 3, 2, 0), []int8{1}},
		"categorical": {operatortest.Table(spec, dataset.Binary, 60, 2, 1), []int8{0, 0, 1}},
	} {
		m, err := Monotonic(op, c.signs)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.Fit(context.Background(), operators.NewEnv(1, 1), c.s); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
