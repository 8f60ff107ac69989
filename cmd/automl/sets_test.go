package main

import (
	"encoding/json"
	"strings"
	"testing"
)

const irisSets = "Subset,Size,Features\nsepal,2,sepal_length_cm;sepal_width_cm\npetal,2,petal_length_cm;petal_width_cm\n"

// TestFeatureSets: sets of columns from a file reach the search, the model file and what is evaluated by hand.
func TestFeatureSets(t *testing.T) {
	dir := t.TempDir()
	iris := testdata(t, "iris.csv")
	write(t, dir, "sets.csv", irisSets)
	r := run(t, dir, "train", iris, "--target", "target", "--evaluations", "20", "--config", "light", "--quiet", "--json", "--ensemble", "0",
		"--template", "FeatureSetSelector-Classifier", "--feature-sets", "sets.csv")
	if r.status != 0 || !strings.Contains(r.stdout, "sel_subset=petal") {
		t.Fatalf("train: %+v", r)
	}
	if r := run(t, dir, "predict", "model.automl", iris, "-o", "p.csv"); r.status != 0 {
		t.Errorf("predict: %+v", r)
	}
	if r := run(t, dir, "show", "model.automl"); r.status != 0 || !strings.Contains(r.stdout, "sel_subset=petal") {
		t.Errorf("show: %+v", r)
	}
	write(t, dir, "p.txt", "GaussianNB(FeatureSetSelector(input, sel_subset=petal))\nGaussianNB(FeatureSetSelector(input, sel_subset=sepal))\n"+
		"GaussianNB(FeatureMask(input, keep0=false, keep1=false))\n")
	r = run(t, dir, "evaluate", iris, "--target", "target", "--pipelines", "p.txt", "--feature-sets", "sets.csv", "--metric", "accuracy", "--json")
	var scores []float64
	for _, line := range strings.Split(strings.TrimSpace(r.stdout), "\n") {
		var e struct{ Score *float64 }
		if err := json.Unmarshal([]byte(line), &e); err != nil || e.Score == nil {
			t.Fatalf("evaluate: %+v", r)
		}
		scores = append(scores, *e.Score)
	}
	if len(scores) != 3 || scores[0] != scores[2] || scores[0] <= scores[1] {
		t.Errorf("petals, sepals and the mask of petals score %v", scores)
	}
	write(t, dir, "bad.csv", "a,b\n")
	for _, c := range [][]string{{"--feature-sets", "bad.csv"}, {"--feature-sets", "nowhere.csv"}} {
		if r := run(t, dir, append([]string{"train", iris, "--target", "target"}, c...)...); r.status == 0 || r.status == 1 {
			t.Errorf("%v: status %d", c, r.status)
		}
	}
}

// TestMaskIsEvolved: a search in the default space may choose columns one by one, and the model can be read again.
func TestMaskIsEvolved(t *testing.T) {
	dir := t.TempDir()
	iris := testdata(t, "iris.csv")
	r := run(t, dir, "train", iris, "--target", "target", "--evaluations", "15", "--quiet", "--json", "--template", "FeatureMask-GaussianNB", "--ensemble", "0")
	if r.status != 0 || !strings.Contains(r.stdout, "FeatureMask(input, keep0=") {
		t.Fatalf("train: %+v", r)
	}
	if r := run(t, dir, "score", "model.automl", iris, "--json"); r.status != 0 {
		t.Errorf("score: %+v", r)
	}
	if r := run(t, dir, "show", "model.automl"); r.status != 0 || !strings.Contains(r.stdout, "FeatureMask  keep0=") {
		t.Errorf("show: %+v", r)
	}
}

func TestOperatorsListsAll(t *testing.T) {
	r := run(t, t.TempDir(), "operators")
	for _, name := range []string{"FeatureMask", "FeatureSetSelector", "IsolationForest", "RandomTreesEmbedding", "BoostedTreesEmbedding", "CategoricalSelector", "ContinuousSelector"} {
		if !strings.Contains(r.stdout, name+" ") {
			t.Errorf("%s is not listed", name)
		}
	}
	if r := run(t, t.TempDir(), "train", testdata(t, "iris.csv"), "--target", "target", "--config", "mdr", "--evaluations", "5", "--quiet", "--json"); r.status != 0 {
		t.Errorf("mdr: %+v", r)
	}
}
