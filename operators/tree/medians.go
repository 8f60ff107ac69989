package tree

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

// medians predicts the weighted median of its trees.
type medians struct {
	Levels  [][]string
	Trees   Ensemble
	Weights wire.Floats // of each tree
}

// Check reports what makes the value unusable.
func (m *medians) Check() error {
	if m.Trees.trees() == 0 || len(m.Weights) != m.Trees.trees() || m.Trees.Outputs != 1 || m.Trees.Columns != len(m.Levels) {
		return errors.New("adaboost: model of the wrong shape")
	}
	for _, w := range m.Weights {
		if !(w > 0) || !finite(w) {
			return errors.New("adaboost: bad tree weight")
		}
	}
	return m.Trees.check()
}

// Apply returns the predictions in one column.
func (m *medians) Apply(ctx context.Context, env *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	out := columns(x.Rows(), 1)
	total := 0.0
	for _, w := range m.Weights {
		total += w
	}
	l := layout{m.Levels}
	err := l.each(ctx, env, x, func(lo, hi int, rows []float64) {
		type vote struct{ value, weight float64 }
		votes, p := make([]vote, m.Trees.trees()), m.Trees.Columns
		for i := lo; i < hi; i++ {
			row := rows[(i-lo)*p : (i-lo+1)*p]
			for t, root := range m.Trees.Roots {
				votes[t] = vote{m.Trees.Nodes[m.Trees.leaf(root, row)].Threshold, m.Weights[t]}
			}
			slices.SortFunc(votes, func(a, b vote) int { return cmp.Compare(a.value, b.value) })
			below := 0.0
			for _, v := range votes {
				out[0][i] = v.value
				if below += v.weight; 2*below >= total {
					break
				}
			}
		}
	})
	if err != nil {
		return nil, fmt.Errorf("adaboost: %w", err)
	}
	return named(out, nil), nil
}
