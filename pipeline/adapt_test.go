package pipeline

import (
	"context"
	"math"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/encode"
)

var vectorizerSpecs = []*operators.Spec{encode.TableVectorizer}

func TestEncodingIsInsertedWhereNeeded(t *testing.T) {
	for text, want := range map[string]string{
		"Nearest(input)":                     "Nearest(TableVectorizer(input",
		"Nearest(Shift(input))":              "Nearest(Shift(TableVectorizer(input",
		"Trouble(input)":                     "Trouble(input",
		"Nearest(stack(Nearest(input)))":     "Nearest(stack(Nearest(TableVectorizer(input",
		"Nearest(union(Shift(input),input))": "",
	} {
		got := explicit(parse(t, text), true).String()
		if len(want) > 0 && (len(got) < len(want) || got[:len(want)] != want) {
			t.Errorf("%s becomes %s", text, got)
		}
	}
}

func TestMixedColumnsNeedNoCare(t *testing.T) {
	s := noisy(60, 9)
	v := append([]float64(nil), s.X.Col(0).Float...)
	v[3] = math.NaN()
	codes := make([]int32, 60)
	for i := range codes {
		codes[i] = int32(i%4) - 1
	}
	s.X = dataset.MustFrame(60, dataset.NewNumeric("holes", v), dataset.NewCategorical("kind", codes, []string{"a", "b", "c"}), s.X.Col(1))
	for _, text := range []string{"Nearest(input)", "Nearest(union(Shift(input), input))", "Nearest(stack(Nearest(input)))"} {
		if r := evaluate(t, crossVal(t, s, 3), text); r.Failed() {
			t.Errorf("%s: %s", text, r.Err)
		}
		f, err := Fit(context.Background(), parse(t, text), s, 1, 1)
		if err != nil {
			t.Fatal(err)
		}
		if p, err := Predict(context.Background(), f, s.X.Slice(0, 1), 1); err != nil || p.Rows() != 1 {
			t.Errorf("%s: %v", text, err)
		}
	}
}
