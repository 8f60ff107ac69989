package form_test

import (
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/export/form"
	"github.com/lren-chuv/automl/operators"
)

// apply is a fitted operator that is a function.
type apply func(x *dataset.Frame) []*dataset.Column

func (f apply) Apply(_ context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	cols := f(x)
	if cols == nil {
		return nil, errors.New("no columns")
	}
	return dataset.MustFrame(x.Rows(), cols...), nil
}

func each(c *dataset.Column, f func(v float64) float64) *dataset.Column {
	v := make([]float64, c.Len())
	for i := range v {
		x := math.NaN()
		if !c.Missing(i) {
			if c.Kind == dataset.Categorical {
				x = float64(c.Code[i])
			} else {
				x = c.Float[i]
			}
		}
		v[i] = f(x)
	}
	return dataset.NewNumeric("", v)
}

func input() *dataset.Frame {
	return dataset.MustFrame(1, dataset.NewNumeric("n", []float64{1}), dataset.NewCategorical("c", []int32{0}, []string{"a", "b", "c"}))
}

func TestColumnwiseFindsOut(t *testing.T) {
	model := apply(func(x *dataset.Frame) []*dataset.Column {
		return []*dataset.Column{
			x.Col(0), // passes
			each(x.Col(0), func(v float64) float64 { return map[bool]float64{true: 7, false: v}[v != v] }), // filled
			each(x.Col(0), func(v float64) float64 { return map[bool]float64{true: 1, false: 0}[v != v] }), // marked
			each(x.Col(1), func(v float64) float64 { return map[float64]float64{0: 5, 1: 6, 2: 5}[v] }),    // looked up
			each(x.Col(0), func(float64) float64 { return 3 }),                                             // constant
			each(x.Col(0), func(v float64) float64 { return map[bool]float64{true: 9, false: v}[v == 2] }), // one value replaced
		}
	})
	got, err := form.Columnwise(model, input(), [][]float64{{2, 4}, nil})
	if err != nil {
		t.Fatal(err)
	}
	nan := math.NaN()
	want := []form.Lookup{
		{From: 0, Pass: true, Missing: nan},
		{From: 0, Pass: true, Missing: 7},
		{From: 0, Missing: 1, Keys: []float64{2, 4}, Values: []float64{0, 0}},
		{From: 1, Values: []float64{5, 6, 5}},
		{From: -1, Others: 3},
		{From: 0, Pass: true, Missing: nan, Keys: []float64{2, 4}, Values: []float64{9, 4}},
	}
	for i, w := range want {
		g := got[i]
		if math.IsNaN(w.Missing) && math.IsNaN(g.Missing) {
			g.Missing, w.Missing = 0, 0
		}
		if !reflect.DeepEqual(g, w) {
			t.Errorf("output %d: %+v, want %+v", i, g, w)
		}
	}
}

func TestColumnwiseRefuses(t *testing.T) {
	for name, model := range map[string]apply{
		"a sum of columns": func(x *dataset.Frame) []*dataset.Column {
			v := make([]float64, x.Rows())
			for i := range v {
				v[i] = x.Col(0).Float[i] + float64(x.Col(1).Code[i])
			}
			return []*dataset.Column{dataset.NewNumeric("", v)}
		},
		"a square": func(x *dataset.Frame) []*dataset.Column {
			return []*dataset.Column{each(x.Col(0), func(v float64) float64 { return v * v })}
		},
		"a failure": func(*dataset.Frame) []*dataset.Column { return nil },
	} {
		if got, err := form.Columnwise(model, input(), nil); err == nil {
			t.Errorf("%s was taken for a table: %+v", name, got)
		}
	}
}

func TestRowHasTheFeatures(t *testing.T) {
	row := form.Row(&dataset.Schema{Fields: []dataset.Field{
		{Name: "id", Type: dataset.ID}, {Name: "n", Type: dataset.Number}, {Name: "d", Type: dataset.Date, Parts: []string{"year", "month"}},
		{Name: "c", Type: dataset.Category, Levels: []string{"a"}}, {Name: "b", Type: dataset.Boolean},
	}})
	var names []string
	for _, c := range row.Columns() {
		names = append(names, c.Name)
	}
	if !slices.Equal(names, []string{"n", "d.year", "d.month", "c", "b"}) || row.Rows() != 1 {
		t.Errorf("%v", names)
	}
}
