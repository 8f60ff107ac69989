package tree

import (
	"fmt"

	"github.com/lren-chuv/automl/operators"
)

// baggingParams are the parameters of bagging, before those of its trees.
func baggingParams(class string) []operators.Param {
	own := []operators.Param{
		{Name: "n_estimators", Scale: operators.LogInt, Lo: 3, Hi: 100, Default: 10},
		{Name: "bootstrap", Scale: operators.Bool, Default: 1},
		{Name: "max_samples", Scale: operators.Fraction, Lo: 0.05, Hi: 1, Default: 1},
		{Name: "oob_score", Scale: operators.Bool, Fixed: true},
		{Name: "max_features", Scale: operators.Fraction, Lo: 0.05, Hi: 1, Default: 1},
		{Name: "bootstrap_features", Scale: operators.Bool},
	}
	return append(own, append(baseTree(class, 0)[:1], []operators.Param{
		{Name: "estimator__max_depth", Scale: operators.Int, Lo: 1, Hi: 20, Default: operators.Word(0), Choices: []string{"None"}, Fixed: true},
		{Name: "estimator__min_samples_split", Scale: operators.Int, Lo: 2, Hi: 20, Default: 2, Fixed: true},
		{Name: "estimator__min_samples_leaf", Scale: operators.Int, Lo: 1, Hi: 20, Default: 1, Fixed: true},
	}...)...)
}

var baggingClassParams, baggingValueParams = baggingParams("DecisionTreeClassifier"), baggingParams("DecisionTreeRegressor")

// BaggingClassifier averages full trees, each grown on a sample of the rows and of the columns (Breiman, Bagging
// predictors, 1996; Ho, The random subspace method, 1998).
var BaggingClassifier = &operators.Spec{
	Name: "BaggingClassifier", Doc: "trees on samples of rows and columns", Role: operators.Classifier,
	Traits: operators.Weights | operators.Random, Params: baggingClassParams, Ignored: treeIgnored,
	New: func(v []float64) (operators.Operator, error) {
		return newBagging(settings{baggingClassParams, v}, "gini")
	},
	Decode: operators.Decode[average],
}

// BaggingRegressor is the same for a numeric target; see [BaggingClassifier].
var BaggingRegressor = &operators.Spec{
	Name: "BaggingRegressor", Doc: "trees on samples of rows and columns", Role: operators.Regressor,
	Traits: operators.Weights | operators.Random, Params: baggingValueParams, Ignored: treeIgnored,
	New: func(v []float64) (operators.Operator, error) {
		return newBagging(settings{baggingValueParams, v}, "squared_error")
	},
	Decode: operators.Decode[average],
}

// subspace says which columns a tree of a bag sees.
type subspace struct {
	share     float64 // a Fraction; 0: all columns
	bootstrap bool    // columns are drawn with replacement
}

// newBagging makes a forest whose trees are full and see a subspace each.
func newBagging(s settings, criterion string) (operators.Operator, error) {
	all := operators.Word(0)
	f, err := newForest([]float64{
		s.get("n_estimators"), s.get("bootstrap"), s.get("max_samples"), s.get("oob_score") * s.get("bootstrap"),
		s.get("estimator__max_depth"), s.get("estimator__min_samples_split"), s.get("estimator__min_samples_leaf"), 0, all, all, 0, 0,
	}, false)
	if err != nil {
		return nil, fmt.Errorf("bagging: %w", err)
	}
	f.criterion, f.auto = criterion, "None"
	f.subspace = subspace{s.get("max_features"), s.get("bootstrap_features") != 0}
	f.subsample = !f.bootstrap
	return f, nil
}
