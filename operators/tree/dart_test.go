package tree

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

const darts = 2 // of boosting_type

// TestDart holds the trees to those of the obvious way: for each round, a model of what is not dropped, its weights written
// into the leaves, from which plain boosting goes on for one round.
func TestDart(t *testing.T) {
	for name, c := range map[string]struct {
		spec    *operators.Spec
		classes int
		set     map[string]float64
	}{
		"two classes":   {LGBMClassifier, 2, nil},
		"three classes": {LGBMClassifier, 3, nil},
		"squares":       {LGBMRegressor, 0, nil},
		"medians":       {LGBMRegressor, 0, map[string]float64{"objective": 1}},
		"quantile":      {LGBMRegressor, 0, map[string]float64{"objective": 4, "alpha": 0.8}},
		"few":           {LGBMRegressor, 0, map[string]float64{"max_drop": 2}},
	} {
		const rounds = 30
		set := map[string]float64{"boosting_type": darts, "drop_rate": 0.3, "skip_drop": 0.3, "n_estimators": rounds, "num_leaves": 6, "learning_rate": 0.2}
		for k, v := range c.set {
			set[k] = v
		}
		s := benchTable(300, 7, c.classes, 0.1)
		op := build(t, c.spec, set)
		got := grown(t, op, s)
		want, drops := slowDart(t, op.(booster), s)
		if drops < rounds/2 {
			t.Errorf("%s: only %d rounds were dropped", name, drops)
		}
		if len(got.Trees.Nodes) != len(want.Trees.Nodes) || !slices.Equal(got.Trees.Roots, want.Trees.Roots) || !slices.Equal(got.Start, want.Start) {
			t.Fatalf("%s: other trees", name)
		}
		for i, x := range got.Trees.Nodes {
			y := want.Trees.Nodes[i]
			if x.Left != y.Left || x.Feature != y.Feature || math.Abs(x.Threshold-y.Threshold) > 1e-10*(1+math.Abs(y.Threshold)) {
				t.Fatalf("%s: node %d is %v, want %v", name, i, x, y)
			}
		}
	}
}

// slowDart also returns how many rounds were dropped in all.
func slowDart(t *testing.T, b booster, s dataset.Sample) (model *boosted, drops int) {
	t.Helper()
	d, rng := b.dart, operators.NewEnv(3, 1).Rand
	b.dart = nil
	var single []*boosted // each round alone, as it was grown
	var rate, left []float64
	of := func(rounds func(i int) bool) *boosted {
		m := *single[0]
		m.Trees = Ensemble{Outputs: 1, Columns: s.X.Cols()}
		for i, f := range single {
			if rounds(i) {
				e := f.Trees.clone()
				for j := range e.Nodes {
					if e.Nodes[j].Left == 0 {
						e.Nodes[j].Threshold *= left[i]
					}
				}
				m.Trees.join(&e)
			}
		}
		return &m
	}
	for n := range b.rounds {
		dropped := map[int]bool{}
		if skip := rng.Float64() < d.skip; !skip && n > 0 {
			sum := 0.0
			for i := range n {
				sum += rate[i] * left[i]
			}
			for i := range n {
				p := min(d.share, float64(d.most)/float64(n)) * rate[i] * left[i] * float64(n) / sum
				if rng.Float64() < p && len(dropped) < d.most {
					dropped[i] = true
				}
			}
		}
		k := float64(len(dropped))
		one := b
		one.rate, one.rounds = b.rate/(k+1), 1
		if n > 0 {
			one.from = of(func(i int) bool { return !dropped[i] })
			one.rounds = n - len(dropped) + 1
		}
		f := grown(t, one, s)
		alone := *f
		first := f.Trees.Roots[len(f.Trees.Roots)-len(f.Start)]
		alone.Trees = tail(&f.Trees, first)
		single, rate, left = append(single, &alone), append(rate, one.rate), append(left, 1)
		for i := range dropped {
			left[i] *= k / (k + 1)
		}
		drops += len(dropped)
	}
	return of(func(int) bool { return true }), drops
}

// tail is the trees of e, which has numeric columns, from node first on.
func tail(e *Ensemble, first int32) Ensemble {
	out := Ensemble{Outputs: 1, Columns: e.Columns, Nodes: slices.Clone(e.Nodes[first:]), Cover: e.Cover[first:], Gain: e.Gain[first:]}
	for i := range out.Nodes {
		if out.Nodes[i].Left != 0 {
			out.Nodes[i].Left -= first
		}
	}
	for _, r := range e.Roots {
		if r >= first {
			out.Roots = append(out.Roots, r-first)
		}
	}
	return out
}

// TestDartScores: the scores that a run has moved hundreds of times are those of the model that it leaves, in rows that a
// tree has learned from and in others, with leaves noted in 8 bits and in 16.
func TestDartScores(t *testing.T) {
	for _, leaves := range []float64{5, 400} {
		for _, classes := range []int{0, 3} {
			spec, s := LGBMClassifier, benchTable(1500, 6, classes, 0.1)
			if classes == 0 {
				spec = LGBMRegressor
			}
			b := build(t, spec, map[string]float64{
				"boosting_type": darts, "drop_rate": 0.5, "skip_drop": 0.1, "n_estimators": 25, "num_leaves": leaves, "min_child_samples": 1, "subsample": 0.6, "subsample_freq": 2,
			}).(booster)
			target, err := newTarget(s)
			if err != nil {
				t.Fatal(err)
			}
			env := operators.NewEnv(1, 1)
			r, f := b.begin(target), &boosted{Trees: Ensemble{Outputs: 1, Columns: s.X.Cols()}}
			r.crew = newCrew(env)
			r.table = tabulate(s.X, b.binning)
			r.begun(f)
			if err := r.enlist(func() error { return r.run(t.Context(), env.Rand, f) }); err != nil {
				t.Fatal(err)
			}
			l := layoutOf(s.X)
			rd, err := l.read(s.X, s.X.Rows())
			if err != nil {
				t.Fatal(err)
			}
			k := len(f.Start)
			want := make([]float64, k*s.X.Rows())
			f.scores(rd.rows(0, s.X.Rows()), want)
			for i, v := range want {
				if got := r.score[i%k][i/k]; math.Abs(got-v) > 1e-11 {
					t.Fatalf("%v leaves, %d classes: score %v of row %d, want %v", leaves, classes, got, i/k, v)
				}
			}
			many := slices.ContainsFunc(r.dropout.trees, func(p planted) bool { return p.many != nil })
			if many != (leaves > fewPlaces) {
				t.Errorf("%v leaves: 16 bits a row %v", leaves, many)
			}
		}
	}
}

// TestDartDropsNothing: where nothing is dropped, dart is plain boosting to the bit.
func TestDartDropsNothing(t *testing.T) {
	s := benchTable(300, 7, 3, 0.1)
	want := grown(t, build(t, LGBMClassifier, map[string]float64{"n_estimators": 12}), s)
	for _, set := range []map[string]float64{{"skip_drop": 1}, {"drop_rate": 0, "skip_drop": 0}} {
		set["boosting_type"], set["n_estimators"] = darts, 12
		if got := grown(t, build(t, LGBMClassifier, set), s); !reflect.DeepEqual(got, want) {
			t.Errorf("%v: another model", set)
		}
	}
}

// TestDartChooses counts what is drawn.
func TestDartChooses(t *testing.T) {
	const trials = 20_000
	rng := rand.New(rand.NewPCG(5, 6))
	d := dropout{dart: dart{share: 0.2, most: 100, skip: 0.25}}
	for _, left := range []float64{1, 0.5, 2, 0.5} {
		d.turns = append(d.turns, turn{0.1, left})
	}
	var count [4]int
	for range trials {
		d.choose(rng)
		for _, i := range d.out {
			count[i]++
		}
	}
	for i, want := range []float64{0.15, 0.075, 0.3, 0.075} { // 0.75 · 0.2 · weight / mean
		if got := float64(count[i]) / trials; math.Abs(got-want) > 0.015 {
			t.Errorf("round %d is dropped in %.3f of all rounds, want %v", i, got, want)
		}
	}
	d.share, d.skip, d.most = 1, 0, 1
	for range 200 {
		if d.choose(rng); len(d.out) > 1 {
			t.Fatalf("%d rounds are dropped, one is allowed", len(d.out))
		}
	}
}

// TestDartGoesOn: trees of the model to go on from stay as they are.
func TestDartGoesOn(t *testing.T) {
	s := benchTable(300, 5, 3, 0)
	set := map[string]float64{"boosting_type": darts, "drop_rate": 1, "skip_drop": 0, "n_estimators": 8}
	part := grown(t, build(t, LGBMClassifier, set), s)
	set["n_estimators"] = 20
	op, err := WarmStart(build(t, LGBMClassifier, set), part)
	if err != nil {
		t.Fatal(err)
	}
	f := grown(t, op, s)
	if n := len(part.Trees.Nodes); f.Trees.trees() != 60 || !slices.Equal(f.Trees.Nodes[:n], part.Trees.Nodes) {
		t.Errorf("%d trees, the first of them changed", f.Trees.trees())
	}
}

func TestDartParameters(t *testing.T) {
	for name, set := range map[string]map[string]float64{
		"drop_rate": {"drop_rate": 1.5}, "skip_drop": {"skip_drop": -0.1}, "num_leaves": {"num_leaves": mostPlaces + 1},
	} {
		v := LGBMClassifier.Defaults()
		v[LGBMClassifier.Index("boosting_type")] = darts
		for p, x := range set {
			v[LGBMClassifier.Index(p)] = x
		}
		if _, err := LGBMClassifier.New(v); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got error %v", name, err)
		}
	}
	v, shape := LGBMClassifier.Defaults(), operators.Shape{Rows: 1_000_000, Cols: 10, Classes: 4}
	plain := LGBMClassifier.Needs(shape, v)
	v[LGBMClassifier.Index("boosting_type")] = darts
	if got := LGBMClassifier.Needs(shape, v) - plain; got != 400_000_000 {
		t.Errorf("%d bytes for the leaves of 1,000,000 rows in 400 trees", got)
	}
}
