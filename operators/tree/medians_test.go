package tree

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/lren-chuv/automl/operators"
)

// TestMedians holds the ranked leaves to sorted votes, and many rows to few.
func TestMedians(t *testing.T) {
	s := benchTable(200, 6, 0, 0)
	m := fitted(t, AdaBoostRegressor, s).(*medians)
	rng, total := rand.New(rand.NewPCG(3, 4)), 0.0
	for i := range m.Weights { // many halves are met exactly
		m.Weights[i] = float64(1 + rng.IntN(2))
		total += m.Weights[i]
	}
	for i := range m.Trees.Nodes { // many leaves are alike
		if x := &m.Trees.Nodes[i]; x.Left == 0 {
			x.Threshold = float64(int(x.Threshold))
		}
	}
	all, err := m.Apply(context.Background(), operators.NewEnv(1, 1), s.X)
	if err != nil {
		t.Fatal(err)
	}
	distinct := map[float64]bool{}
	for i, v := range all.Col(0).Float {
		one, err := m.Apply(context.Background(), operators.NewEnv(1, 1), s.X.Slice(i, i+1))
		if err != nil {
			t.Fatal(err)
		}
		if got := one.Col(0).Float[0]; got != v {
			t.Fatalf("row %d: %g among many, %g alone", i, v, got)
		}
		half := 0.0 // weight of the votes up to v, and below it
		below := 0.0
		for k, root := range m.Trees.Roots {
			row := make([]float64, s.X.Cols())
			for j := range row {
				row[j] = s.X.Col(j).Float[i]
			}
			switch x := m.Trees.Nodes[m.Trees.leaf(root, row)].Threshold; {
			case x < v:
				below += m.Weights[k]
				fallthrough
			case x == v:
				half += m.Weights[k]
			}
		}
		if 2*half < total || 2*below >= total {
			t.Fatalf("row %d: weight %g up to %g, %g below, of %g", i, half, v, below, total)
		}
		distinct[v] = true
	}
	if len(distinct) < 3 {
		t.Errorf("only %d predictions", len(distinct))
	}
}
