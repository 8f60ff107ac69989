package tree

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/operatortest"
)

var specs = []*operators.Spec{
	DecisionTreeClassifier, DecisionTreeRegressor, RandomForestClassifier, RandomForestRegressor, ExtraTreesClassifier, ExtraTreesRegressor,
	HistGradientBoostingClassifier, HistGradientBoostingRegressor, XGBClassifier, XGBRegressor, LGBMClassifier, LGBMRegressor,
	GradientBoostingClassifier, GradientBoostingRegressor,
	AdaBoostClassifier, AdaBoostRegressor, BaggingClassifier, BaggingRegressor,
}

func TestConformance(t *testing.T) {
	for _, s := range specs {
		operatortest.Run(t, s, nil)
	}
}

// golden lists what differs by choice; the reasons stand in testdata/golden/README.md too.
var golden = map[string]operatortest.GoldenOptions{
	"DecisionTreeClassifier":         {Skip: map[string]string{"min_samples_leaf=0.1": "counts are taken, shares are not"}},
	"DecisionTreeRegressor":          {Skip: map[string]string{"split=0.2": "counts are taken, shares are not"}},
	"HistGradientBoostingClassifier": {Skip: map[string]string{"sample_weight": zeroWeight}},
	"LGBMClassifier": {Skip: map[string]string{
		"extra_trees": notOffered, "rf": notOffered, "sample_weight": zeroWeight,
		"exact bins sample_weight, 1 iterations": counted20, "exact bins sample_weight, 10 iterations": counted20, "exact bins l1 l2, 10 iterations": counted20,
	}},
	"BaggingClassifier": {Skip: map[string]string{"no bootstrap, 5-NN": "only trees are bagged"}},
	"BaggingRegressor":  {Skip: map[string]string{"ridge": "only trees are bagged"}},
	"LGBMRegressor":     {Skip: map[string]string{"extra_trees": notOffered, "linear_tree": notOffered}},
}

const (
	zeroWeight = "rows of weight zero are absent here, there they count towards the rows of a leaf"
	notOffered = "a parameter that is not offered"
	counted20  = "LightGBM guesses the rows of a leaf from hessians, here they are counted"
)

// untied are the cases in which no two columns split equally well: there the whole tree must agree.
var untied = map[string][]string{
	"DecisionTreeClassifier": {"stump", "split=60", "max_leaf_nodes=4", "log_loss", "3 classes", "sample_weight with zeros"},
	"DecisionTreeRegressor":  {"depth=3", "depth=5 leaf=8", "max_leaf_nodes=10", "friedman_mse", "absolute_error", "sample_weight", "sample_weight with zeros"},
}

// attributes are the fitted values that scikit-learn's trees show.
func attributes(f operators.Fitted) map[string][]float64 {
	e := &f.(*average).Trees
	leaves := 0
	for _, x := range e.Nodes {
		if x.Left == 0 {
			leaves++
		}
	}
	return map[string][]float64{"n_leaves": {float64(leaves)}, "feature_importances_": e.FeatureImportances()}
}

func TestGolden(t *testing.T) {
	if testing.Short() { // thousands of single-threaded fits: the race detector has nothing to find and takes minutes
		t.Skip("SKIPPED: golden numbers are compared without -short")
	}
	for _, s := range specs {
		operatortest.Golden(t, s, golden[s.Name])
	}
}

func TestWholeTree(t *testing.T) {
	for _, s := range []*operators.Spec{DecisionTreeClassifier, DecisionTreeRegressor} {
		skip := map[string]string{}
		for _, c := range goldenCases(t, s.Name) {
			if !slices.Contains(untied[s.Name], c) {
				skip[c] = "splits are tied: which column is named is chance"
			}
		}
		operatortest.Golden(t, s, operatortest.GoldenOptions{Skip: skip, Attributes: attributes})
	}
}

// goldenCases lists the cases of a golden file.
func goldenCases(t *testing.T, name string) []string {
	raw, err := os.ReadFile("../../testdata/golden/operators/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct{ Case string }
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, c := range cases {
		out = append(out, c.Case)
	}
	return out
}
