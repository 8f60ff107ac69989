package tree

import (
	"context"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/kernel"
	"github.com/lren-chuv/automl/operators"
)

// TestEdges holds the search for codes without jumps to a look at one after the other.
func TestEdges(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	s := benchTable(600, 12, 2, 0)
	tab, err := tableOf(context.Background(), s.X, coarseRanks, false)
	if err != nil {
		t.Fatal(err)
	}
	l, err := newLattice(context.Background(), &tab, s.X, s.Y.Code, true)
	if err != nil {
		t.Fatal(err)
	}
	for range 2000 {
		var at, want [4]int
		var key [4]int64
		for k := range at {
			j := int32(rng.IntN(s.X.Cols()))
			col := tab.ranked(j)
			hi := 1 + rng.IntN(len(col.lo)-1)
			lo := rng.IntN(hi)
			at[k], key[k] = 256*int(j), l.edges.draw(j, lo, hi, rng.Float64())
			v := single(uint32(key[k]))
			if v < float32(col.lo[lo]) || v > float32(col.lo[hi]) {
				t.Fatalf("%v lies outside [%v, %v]", v, col.lo[lo], col.lo[hi])
			}
			want[k] = at[k]
			for c, x := range col.lo {
				if float32(x) <= v {
					want[k] = 256*int(j) + c
				}
			}
		}
		if l.edges.four(&at, &key); at != want {
			t.Fatalf("got %v, want %v", at, want)
		}
	}
	for r := range s.Rows() {
		row := l.Row(r)
		for j := range s.X.Cols() {
			if uint16(row[j]) != tab.ranked(int32(j)).code[r] {
				t.Fatal("wrong code")
			}
		}
		if int32(row[l.columns]) != s.Y.Code[r] {
			t.Fatal("wrong class")
		}
	}
}

// TestHalves looks whether every node of trees grown by counting halves holds what its rows say, and enough of them, and
// whether the trees are the same for any number of threads.
func TestHalves(t *testing.T) {
	s := benchTable(5000, 9, 2, 0)
	for _, text := range []map[string]float64{
		{"n_estimators": 3},
		{"n_estimators": 3, "criterion": 1, "min_samples_leaf": 7},
		{"n_estimators": 3, "class_weight": 1, "min_samples_leaf": 5, "max_features": 1},
		{"n_estimators": 2, "max_depth": 4, "max_leaf_nodes": 9},
	} {
		v := ExtraTreesClassifier.Defaults()
		for name, x := range text {
			v[slices.IndexFunc(ExtraTreesClassifier.Params, func(p operators.Param) bool { return p.Name == name })] = x
		}
		op, err := ExtraTreesClassifier.New(v)
		if err != nil {
			t.Fatal(err)
		}
		var models [2]*average
		for i, threads := range []int{1, 4} {
			env := operators.NewEnv(3, 3)
			env.Threads = threads
			f, err := op.Fit(context.Background(), env, s)
			if err != nil {
				t.Fatal(err)
			}
			models[i] = f.(*average)
		}
		if !reflect.DeepEqual(models[0], models[1]) {
			t.Fatal("threads change the trees")
		}
		factor := []float64{1, 1}
		if text["class_weight"] > 0 {
			ones := 0.0
			for _, c := range s.Y.Code {
				ones += float64(c)
			}
			factor = []float64{2500 / (5000 - ones), 2500 / ones}
		}
		least := max(1, int(text["min_samples_leaf"]))
		checkNodes(t, &models[0].Trees, s.Y.Code, factor, least, func(r int) []float64 {
			row := make([]float64, s.X.Cols())
			for j, c := range s.X.Columns() {
				row[j] = c.Float[r]
			}
			return row
		})
	}
}

// TestLines holds the search line by line to the one column by column: the same trees, whatever the criterion, the limits
// and the number of columns.
func TestLines(t *testing.T) {
	if !kernel.Lined() {
		t.Skip("the processor has no such instructions")
	}
	rng := rand.New(rand.NewPCG(5, 8))
	for i := range 48 {
		classes := []int{2, 2, 0, 4, 9}[rng.IntN(5)]
		s := benchTable(30+rng.IntN(600), 1+rng.IntN(20<<(i%4)), classes, 0)
		p := linedPlanter(t, s, rng)
		g := p.hire()
		seed := rng.Uint64()
		grow := func() *Ensemble {
			e := &Ensemble{}
			if err := g.plant(context.Background(), rand.New(rand.NewPCG(seed, 1)), e); err != nil {
				t.Fatal(err)
			}
			return e
		}
		lined := grow()
		switch {
		case g.grower.halves != nil:
			g.grower.halves = newHalves(p.lattice, g.crit.(*counted), s.Rows(), false)
			g.grower.halves.load(p.t)
		case g.broad != nil:
			g.broad = nil
		default:
			t.Fatalf("%d: %s of %d classes is not searched line by line", i, p.criterion, classes)
		}
		if plain := grow(); !reflect.DeepEqual(lined, plain) {
			t.Fatalf("%d: %s of %d classes: other trees", i, p.criterion, classes)
		}
	}
}

// linedPlanter draws how trees of s grow.
func linedPlanter(t *testing.T, s dataset.Sample, rng *rand.Rand) *planter {
	t.Helper()
	target, err := newTarget(s)
	if err != nil {
		t.Fatal(err)
	}
	p := &planter{t: target, codes: coarseRanks}
	p.criterion = []string{"gini", "entropy"}[rng.IntN(2)]
	if s.Y.Kind == dataset.Numeric {
		p.criterion = "squared_error"
	}
	p.growth = growth{maxDepth: 1 + rng.IntN(20), minSplit: 2 + rng.IntN(5), minLeaf: 1 + rng.IntN(5), minFraction: float64(rng.IntN(2)) / 50, random: true}
	p.features = float64(1+rng.IntN(s.X.Cols())) / float64(s.X.Cols())
	p.bootstrap, p.samples = rng.IntN(2) == 0, 1
	if p.table, err = tableOf(context.Background(), s.X, coarseRanks, false); err != nil {
		t.Fatal(err)
	}
	if target.once() && rng.IntN(2) == 0 {
		p.factor = target.balance(nil)
	}
	p.halves = target.once() && !p.bootstrap
	if p.lattice, err = newLattice(context.Background(), &p.table, s.X, s.Y.Code, p.halves); err != nil {
		t.Fatal(err)
	}
	return p
}

// checkNodes sends all rows down every tree.
func checkNodes(t *testing.T, e *Ensemble, class []int32, factor []float64, least int, row func(r int) []float64) {
	t.Helper()
	for _, root := range e.Roots {
		rows, sum := make([]int, len(e.Nodes)), make([][2]float64, len(e.Nodes))
		for r, k := range class {
			x := row(r)
			for i := root; ; {
				rows[i]++
				sum[i][k] += factor[k]
				n := e.Nodes[i]
				if n.Left == 0 {
					break
				}
				i = n.Left
				if !e.goesLeft(n, x) {
					i++
				}
			}
		}
		for i := range e.Nodes {
			if rows[i] == 0 {
				continue // of another tree
			}
			w := sum[i][0] + sum[i][1]
			if !alike(e.Cover[i], w) || rows[i] < least {
				t.Fatalf("node %d of %d rows that weigh %v has cover %v", i, rows[i], w, e.Cover[i])
			}
			if n := e.Nodes[i]; n.Left == 0 && !alike(n.Threshold, sum[i][1]/w) {
				t.Fatalf("leaf %d predicts %v, want %v", i, n.Threshold, sum[i][1]/w)
			}
		}
	}
}
