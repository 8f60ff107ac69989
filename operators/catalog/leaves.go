package catalog

import (
	"slices"
	"strings"

	"github.com/lren-chuv/automl/operators"
)

// WithLeaves returns the operators with leaves of trees that are about n rows at least, whatever their parameters say: for
// data of persons, of whom a leaf of one row would tell.
func WithLeaves(specs []*operators.Spec, n int) []*operators.Spec {
	out := make([]*operators.Spec, len(specs))
	for i, s := range specs {
		out[i] = withLeaves(s, n)
	}
	return out
}

// leafParams bound the size of a leaf: rows, or the sum of the second derivatives, of which every row adds at most one
// (half of one for classes).
var leafParams = map[string]float64{"min_samples_leaf": 1, "estimator__min_samples_leaf": 1, "min_child_samples": 1, "min_child_weight": 0}

// withLeaves returns the operator with leaves of at least n rows, whatever is asked for.
func withLeaves(s *operators.Spec, n int) *operators.Spec {
	least := map[int]float64{}
	for i, p := range s.Params {
		if _, bounds := leafParams[p.Name]; !bounds {
			continue
		}
		least[i] = float64(n)
		if p.Name == "min_child_weight" {
			if !strings.HasPrefix(s.Name, "XGB") {
				delete(least, i) // there, the number of rows is bounded too
			} else if s.Role == operators.Classifier {
				least[i] = float64(n) / 2
			}
		}
	}
	if len(least) == 0 || n <= 1 {
		return s
	}
	out := *s
	out.Params = slices.Clone(s.Params)
	for i, v := range least {
		p := &out.Params[i]
		p.Lo, p.Hi, p.Default = max(p.Lo, v), max(p.Hi, v), max(p.Default, v)
	}
	out.New = func(values []float64) (operators.Operator, error) {
		values = slices.Clone(values)
		for i, v := range least {
			values[i] = max(values[i], v)
		}
		return s.New(values)
	}
	return &out
}
