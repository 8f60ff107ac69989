package tree

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

func rounds(t *testing.T, spec *operators.Spec, n int, more map[string]float64) operators.Operator {
	t.Helper()
	v := spec.Defaults()
	for i, p := range spec.Params {
		if p.Name == "max_iter" || p.Name == "n_estimators" {
			v[i] = float64(n)
		}
		if x, ok := more[p.Name]; ok {
			v[i] = x
		}
	}
	op, err := spec.New(v)
	if err != nil {
		t.Fatal(err)
	}
	return op
}

func grown(t *testing.T, op operators.Operator, s dataset.Sample) *boosted {
	t.Helper()
	f, err := op.Fit(context.Background(), operators.NewEnv(3, 1), s)
	if err != nil {
		t.Fatal(err)
	}
	return f.(*boosted)
}

// TestWarmStart: all rounds at once and in two parts are the same model to the bit, for every booster and kind of target,
// and the first part is left as it was.
func TestWarmStart(t *testing.T) {
	for _, c := range []struct {
		spec    *operators.Spec
		classes int
	}{
		{HistGradientBoostingClassifier, 2}, {HistGradientBoostingClassifier, 3}, {HistGradientBoostingRegressor, 0},
		{XGBClassifier, 2}, {LGBMClassifier, 3}, {LGBMRegressor, 0},
	} {
		s := benchTable(400, 7, c.classes, 0.1)
		whole := grown(t, rounds(t, c.spec, 25, nil), s)
		part := grown(t, rounds(t, c.spec, 10, nil), s)
		before := part.Trees.clone()
		op, err := WarmStart(rounds(t, c.spec, 25, nil), part)
		if err != nil {
			t.Fatal(err)
		}
		if got := grown(t, op, s); !reflect.DeepEqual(got, whole) {
			t.Errorf("%s, %d classes: two parts do not make the whole", c.spec.Name, c.classes)
		}
		if !reflect.DeepEqual(part.Trees, before) {
			t.Errorf("%s: the model to go on from has changed", c.spec.Name)
		}
		if op, err = WarmStart(rounds(t, c.spec, 10, nil), part); err != nil {
			t.Fatal(err)
		}
		if got := grown(t, op, s); !reflect.DeepEqual(got, part) {
			t.Errorf("%s: no more rounds, yet another model", c.spec.Name)
		}
	}
}

// TestWarmStartOnSample goes on in the middle of a period of the same sample.
func TestWarmStartOnSample(t *testing.T) {
	s := benchTable(300, 5, 2, 0)
	drawn := map[string]float64{"subsample": 0.5, "subsample_freq": 4}
	op, err := WarmStart(rounds(t, LGBMClassifier, 20, drawn), grown(t, rounds(t, LGBMClassifier, 10, drawn), s))
	if err != nil {
		t.Fatal(err)
	}
	f := grown(t, op, s)
	if n := f.Trees.trees(); n != 20 {
		t.Fatalf("%d trees, want 20", n)
	}
	for i, root := range f.Trees.Roots {
		if got := f.Trees.Cover[root]; got != 150 {
			t.Fatalf("tree %d has %v rows, want 150", i, got)
		}
	}
}

func TestWarmStartRefuses(t *testing.T) {
	s := benchTable(200, 4, 2, 0)
	part := grown(t, rounds(t, LGBMClassifier, 10, nil), s)
	if _, err := WarmStart(rounds(t, RandomForestClassifier, 10, nil), part); err == nil {
		t.Error("a forest went on from a booster")
	}
	if _, err := WarmStart(rounds(t, LGBMClassifier, 10, nil), &average{}); err == nil {
		t.Error("a booster went on from a forest")
	}
	for _, c := range []struct {
		op   operators.Operator
		s    dataset.Sample
		want string
	}{
		{rounds(t, LGBMClassifier, 20, nil), benchTable(200, 5, 2, 0), "columns"},
		{rounds(t, LGBMClassifier, 20, nil), benchTable(200, 4, 3, 0), "target"},
		{rounds(t, LGBMRegressor, 20, nil), benchTable(200, 4, 0, 0), "target"},
		{rounds(t, LGBMClassifier, 9, nil), s, "rounds"},
	} {
		op, err := WarmStart(c.op, part)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := op.Fit(context.Background(), operators.NewEnv(1, 1), c.s); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want an error about %s", err, c.want)
		}
	}
}
