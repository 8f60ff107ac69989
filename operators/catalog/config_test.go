package catalog

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/lren-chuv/automl/operators"
)

// TestWhatIsPrintedCanBeRead: the catalogue as JSON is a search space that changes nothing.
func TestWhatIsPrintedCanBeRead(t *testing.T) {
	var entries []Entry
	for _, s := range All() {
		entries = append(entries, Describe(s))
	}
	data, err := json.Marshal(entries)
	if err != nil {
		t.Fatal(err)
	}
	specs, err := ParseSpace(data, All())
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range All() {
		if specs[i] != s {
			t.Errorf("%s is changed", s.Name)
		}
	}
}

func find(specs []*operators.Spec, name string) *operators.Spec {
	for _, s := range specs {
		if s.Name == name {
			return s
		}
	}
	return nil
}

func TestParseSpace(t *testing.T) {
	specs, err := ParseSpace([]byte(`["GaussianNB",
		{"name": "LogisticRegression", "params": [
			{"name": "C", "low": 0.5, "high": 2},
			{"name": "penalty", "choices": ["l2"]},
			{"name": "class_weight", "default": null, "fixed": true}]},
		{"name": "KNeighborsClassifier", "params": [{"name": "n_neighbors", "default": 7, "fixed": true}]}]`), All())
	if err != nil {
		t.Fatal(err)
	}
	if len(specs) != 3 || specs[0] != find(All(), "GaussianNB") {
		t.Fatalf("%d operators", len(specs))
	}
	lr, all := specs[1], find(All(), "LogisticRegression")
	c := lr.Params[lr.Index("C")]
	if c.Lo != 0.5 || c.Hi != 2 || c.Default != 1 || c.Fixed || all.Params[all.Index("C")].Hi == 2 {
		t.Errorf("C became %+v", c)
	}
	if p := lr.Params[lr.Index("penalty")]; !p.Fixed || p.Format(p.Default) != "l2" {
		t.Errorf("penalty became %+v", p)
	}
	if _, err := lr.New(lr.Defaults()); err != nil {
		t.Error(err)
	}
	values := lr.Defaults()
	values[lr.Index("C")] = 3
	if _, err := lr.New(values); err == nil || !strings.Contains(err.Error(), "C=3") {
		t.Errorf("C=3 gives %v", err)
	}
	knn := specs[2]
	if p := knn.Params[knn.Index("n_neighbors")]; !p.Fixed || p.Default != 7 || !p.Named {
		t.Errorf("n_neighbors became %+v", p)
	}
}

func TestParseSpaceErrors(t *testing.T) {
	for text, says := range map[string]string{
		``:                          "list of operators",
		`{"name": "PCA"}`:           "list of operators",
		"[\n\n\"PCA\",\n,]":         "line 4",
		`["PCA"] 1`:                 "follows",
		`[]`:                        "empty",
		`["PCA", "PCA"]`:            "operator 2 of the list: PCA stands twice",
		`["pca"]`:                   "did you mean PCA",
		`["Nothing"]`:               "Nothing",
		`[1]`:                       "operator 1",
		`[{"params": []}]`:          "no name",
		`[{"name": "PCA", "x": 1}]`: `"x"`,
		`[{"name": "LogisticRegression", "params": [{"name": "c"}]}]`:                                       "has no parameter",
		`[{"name": "LogisticRegression", "params": [{"name": "C"}, {"name": "C"}]}]`:                        "twice",
		`[{"name": "LogisticRegression", "params": [{"name": "C", "low": -1}]}]`:                            "positive",
		`[{"name": "LogisticRegression", "params": [{"name": "C", "low": 5, "high": 2}]}]`:                  "low",
		`[{"name": "LogisticRegression", "params": [{"name": "C", "default": "much"}]}]`:                    "number",
		`[{"name": "LogisticRegression", "params": [{"name": "penalty", "choices": ["l3"]}]}]`:              "l3",
		`[{"name": "LogisticRegression", "params": [{"name": "penalty", "choices": []}]}]`:                  "no choice",
		`[{"name": "LogisticRegression", "params": [{"name": "penalty", "low": 1}]}]`:                       "only choices",
		`[{"name": "KNeighborsClassifier", "params": [{"name": "n_neighbors", "low": 1.5}]}]`:               "integer",
		`[{"name": "MDR", "params": [{"name": "tie_break", "high": 7}]}]`:                                   "7",
		`[{"name": "RandomForestClassifier", "params": [{"name": "max_features", "low": 0, "high": 0.5}]}]`: "share",
	} {
		_, err := ParseSpace([]byte(text), All())
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", text, err, says)
		}
	}
}

var pointer = regexp.MustCompile("0x[0-9a-f]+")

func printed(op operators.Operator) string {
	return pointer.ReplaceAllString(fmt.Sprintf("%#v", op), "")
}

// TestNarrowedChoicesKeepTheirMeaning: with some choices left out, the others make the operator that they made before.
func TestNarrowedChoicesKeepTheirMeaning(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, full := range All() {
		ranges := map[string]operators.Range{}
		for _, p := range full.Params {
			if n := len(p.Choices); n > 1 && !p.Fixed {
				keep := p.Choices[1+rng.IntN(n-1):]
				ranges[p.Name] = operators.Range{Choices: keep, Default: keep[0]}
			}
		}
		s, err := full.Narrow(ranges)
		if err != nil {
			t.Errorf("%s: %v", full.Name, err)
			continue
		}
		values, want := s.Defaults(), full.Defaults()
		for i := range s.Params {
			v, err := full.Params[i].Parse(s.Params[i].Format(values[i]))
			if err != nil {
				t.Fatal(err)
			}
			want[i] = v
		}
		a, errA := s.New(s.Canonical(values))
		b, errB := full.New(full.Canonical(want))
		if errA != nil || errB != nil {
			t.Errorf("%s: %v, %v", s.Name, errA, errB)
			continue
		}
		if x, y := printed(a), printed(b); x != y {
			t.Errorf("%s: %s, want %s", s.Name, x, y)
		}
	}
}
