package catalog

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/lren-chuv/automl/operators"
)

func names(specs []*operators.Spec) []string {
	var out []string
	for _, s := range specs {
		out = append(out, s.Name)
	}
	return out
}

func TestForTable(t *testing.T) {
	sets, err := ReadFeatureSets(strings.NewReader("Subset,Size,Features\na,1,x\nb,2,x;y\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		columns   int
		sets      []FeatureSet
		mask, set bool
	}{{1, nil, false, false}, {2, nil, true, false}, {64, sets, true, true}, {65, sets, false, true}} {
		got := names(ForTable(c.columns, c.sets))
		if slices.Contains(got, "FeatureMask") != c.mask || slices.Contains(got, "FeatureSetSelector") != c.set {
			t.Errorf("%d columns, %d sets: %v", c.columns, len(c.sets), got)
		}
		for _, space := range []string{"light", "fast", "mdr"} {
			in, err := Space(space, ForTable(c.columns, c.sets))
			if err != nil || slices.Contains(names(in), "FeatureSetSelector") != c.set || slices.Contains(names(in), "FeatureMask") {
				t.Errorf("%s space: %v, %v", space, names(in), err)
			}
		}
	}
	all := names(Stored())
	slices.Sort(all)
	if len(slices.Compact(all)) != len(All())+2 {
		t.Error("names are not unique")
	}
}

// TestSpacesNameWhatExists: a misspelt name would silently be missing.
func TestSpacesNameWhatExists(t *testing.T) {
	all := names(All())
	for _, space := range [][]string{light, fast, mdr} {
		for _, n := range space {
			if !slices.Contains(all, n) {
				t.Errorf("there is no %s", n)
			}
		}
	}
}

// TestAdapt: what depends on the table is exchanged, what the table cannot have leaves, the rest stays in its order.
func TestAdapt(t *testing.T) {
	names := func(columns int, sets []FeatureSet) string {
		var out []string
		for _, s := range Adapt(append([]*operators.Spec{All()[0]}, Stored()[len(All()):]...), columns, sets) {
			out = append(out, fmt.Sprint(s.Name, len(s.Params)))
		}
		return strings.Join(out, " ")
	}
	first := fmt.Sprint(All()[0].Name, len(All()[0].Params))
	if got, want := names(5, nil), first+" FeatureMask5"; got != want {
		t.Errorf("five columns, no sets: %s, want %s", got, want)
	}
	if got, want := names(500, []FeatureSet{{Name: "a"}}), first+" FeatureSetSelector1"; got != want {
		t.Errorf("many columns and a set: %s, want %s", got, want)
	}
}
