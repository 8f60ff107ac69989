package linear

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/operatortest"
)

// BenchmarkWide fits tables with more columns than rows: all products of few columns, on very different scales.
func BenchmarkWide(b *testing.B) {
	narrow := operatortest.Table(LogisticRegression, dataset.Binary, 364, 30, 1)
	for name, scaled := range map[string]bool{"raw": false, "scaled": true} {
		s := narrow
		s.X = products(narrow.X, scaled)
		for label, c := range map[string]struct {
			spec   *operators.Spec
			values map[string]float64
		}{
			"Logistic-l2": {LogisticRegression, map[string]float64{"C": 10}},
			"Logistic-l1": {LogisticRegression, map[string]float64{"penalty": 0, "C": 10}},
			"SVC-l1":      {LinearSVC, map[string]float64{"penalty": 0, "C": 10}},
			"SVC-l2":      {LinearSVC, map[string]float64{"C": 10}},
		} {
			v := c.spec.Defaults()
			for k, x := range c.values {
				v[c.spec.Index(k)] = x
			}
			op, err := c.spec.New(v)
			if err != nil {
				b.Fatal(err)
			}
			b.Run(label+"/"+name, func(b *testing.B) {
				for range b.N {
					t := s
					t.X = dataset.MustFrame(s.Rows(), s.X.Columns()...)
					if _, err := op.Fit(context.Background(), operators.NewEnv(1, 1), t); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func products(x *dataset.Frame, scaled bool) *dataset.Frame {
	rng := rand.New(rand.NewPCG(1, 1))
	var cols []*dataset.Column
	for i := range x.Cols() {
		scale := 1.0
		if !scaled {
			scale = 1000 * rng.Float64() * rng.Float64() * rng.Float64()
		}
		for j := range i + 1 {
			v := make([]float64, x.Rows())
			for r := range v {
				v[r] = scale * (3 + x.Col(i).Float[r]) * (3 + x.Col(j).Float[r])
			}
			cols = append(cols, dataset.NewNumeric("x", v))
		}
	}
	return dataset.MustFrame(x.Rows(), cols...)
}
