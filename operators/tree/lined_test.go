package tree

import (
	"context"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/kernel"
)

// TestLined holds trees that read nodes off sorted columns to those that tabulate them: the same bits.
func TestLined(t *testing.T) {
	if !kernel.Sorted() {
		t.Skip("this processor does not line rows up")
	}
	names := []string{"squared_error", "gini", "entropy", "gini of four", "entropy of four", "weighted gini", "balanced gini of three"}
	inner := 0
	for k := range 20 * len(names) {
		rng := rand.New(rand.NewPCG(uint64(k), 3))
		n, p := 20+rng.IntN(kernel.MaxMembers-20), 1+rng.IntN(8)
		if k < len(names) {
			n = kernel.MaxMembers
		}
		s := dataset.Sample{X: lineTable(rng, n, p), Y: dataset.NewNumeric("y", make([]float64, n))}
		classes := []int{0, 2, 2, 4, 4, 2, 3}[k%len(names)]
		if classes > 0 {
			s.Y = &dataset.Column{Name: "y", Kind: dataset.Categorical, Levels: []string{"a", "b", "c", "d"}[:classes], Code: make([]int32, n)}
		}
		for r := range n {
			v := s.X.Col(0).Float[r] + rng.NormFloat64()
			if classes > 0 {
				s.Y.Code[r] = int32(max(0, min(int(2+v), classes-1)))
			} else {
				s.Y.Float[r] = v
			}
		}
		if names[k%len(names)] == "weighted gini" {
			s.W = make([]float64, n)
			for r := range s.W {
				s.W[r] = rng.Float64()
			}
		}
		tg, err := newTarget(s)
		if err != nil {
			t.Fatal(err)
		}
		name, b := "squared_error", bag{times: make([]int32, n)}
		if classes > 0 {
			name = []string{"gini", "entropy"}[k%len(names)%2^1]
			if k%len(names) >= 5 {
				name = "gini"
			}
		}
		for range n {
			b.times[rng.IntN(n)]++
		}
		if k%3 == 0 {
			b.times = nil
		}
		if k%len(names) == 6 {
			b.factor = []float64{0.5, 1, 1.7}
		}
		g := growth{maxDepth: 1 + rng.IntN(12), minLeaf: 1 + rng.IntN(4), maxFeatures: 1 + rng.IntN(p)}
		if g.minSplit = 2 * g.minLeaf; k%4 == 0 {
			g.minFraction, g.maxLeaves = 0.01, 9
		}
		var got [2]*Ensemble
		for i := range got {
			got[i] = lineTree(t, tg, name, b, g, s.X, i == 1)
		}
		inner += len(got[0].Nodes) / 2
		if !reflect.DeepEqual(got[0], got[1]) {
			t.Fatalf("%s, %d rows, %d columns: other trees", names[k%len(names)], n, p)
		}
	}
	if inner < 3000 {
		t.Fatalf("only %d splits", inner)
	}
}

// lineTable has columns of distinct values, of few values and of anything between.
func lineTable(rng *rand.Rand, n, p int) *dataset.Frame {
	cols := make([]*dataset.Column, p)
	for j := range cols {
		v, few := make([]float64, n), 2+rng.IntN(60)
		for r := range v {
			switch v[r] = rng.NormFloat64(); j % 3 {
			case 1:
				v[r] = float64(rng.IntN(few))
			case 2:
				v[r] = float64(int(v[r] * 100))
			}
		}
		cols[j] = dataset.NewNumeric(string(rune('a'+j)), v)
	}
	x, err := dataset.NewFrame(cols...)
	if err != nil {
		panic(err)
	}
	return x
}

func lineTree(t *testing.T, tg *target, name string, bag bag, g growth, x *dataset.Frame, plain bool) *Ensemble {
	ctx := context.Background()
	cols, err := tableOf(ctx, x, maxRanks, false)
	if err != nil {
		t.Fatal(err)
	}
	crit, prepare := tg.judge(name, cols.most(x.Rows()), bag.factor)
	prepare(bag)
	b := newGrower(g, cols, crit, tg.outputs(), len(tg.rows))
	if !b.lined {
		t.Fatalf("%s is not lined up", name)
	}
	if plain {
		b.lined, b.sums, b.twins = false, nil, nil
	}
	e := &Ensemble{Outputs: tg.outputs(), Columns: x.Cols()}
	rng := rand.New(rand.NewPCG(5, 5))
	for range 3 {
		if err := b.grow(ctx, tg.chosen(bag.times, nil), rng); err != nil {
			t.Fatal(err)
		}
		b.emit(e)
	}
	return e
}
