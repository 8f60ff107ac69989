package catalog

import (
	"fmt"
	"slices"

	"github.com/lren-chuv/automl/operators"
)

// Space returns the operators of a named search space: "default" (or "") has all of them, "light" only those that fit
// fast on any table, "fast" a handful for quick answers, "mdr" those that look for interactions between genetic variants:
// the Relief family of filters, multifactor dimensionality reduction and encodings of genotypes. FeatureSetSelector, which
// is there if the user has named sets of columns, is in all of them.
func Space(name string, all []*operators.Spec) ([]*operators.Spec, error) {
	switch name {
	case "", "default":
		return all, nil
	case "light":
		return only(all, light), nil
	case "fast":
		return only(all, fast), nil
	case "mdr":
		return only(all, mdr), nil
	}
	return nil, fmt.Errorf("search space %q: want default, light, fast or mdr", name)
}

func only(all []*operators.Spec, names []string) []*operators.Spec {
	var out []*operators.Spec
	for _, s := range all {
		if s.Name == "FeatureSetSelector" || slices.Contains(names, s.Name) {
			out = append(out, s)
		}
	}
	return out
}

// The light space follows TPOT's, with native boosting added.
var light = []string{
	"DummyClassifier", "DummyRegressor",
	"GaussianNB", "BernoulliNB", "MultinomialNB", "DecisionTreeClassifier", "KNeighborsClassifier", "LogisticRegression",
	"HistGradientBoostingClassifier", "ElasticNet", "ElasticNetCV", "Ridge", "RidgeCV", "LassoLarsCV", "LinearSVR",
	"DecisionTreeRegressor", "KNeighborsRegressor", "HistGradientBoostingRegressor", "Binarizer", "FeatureAgglomeration",
	"MaxAbsScaler", "MinMaxScaler", "Normalizer", "Nystroem", "PCA", "RBFSampler", "RobustScaler", "StandardScaler",
	"ZeroCount", "SelectFwe", "SelectPercentile", "SelectKBest", "VarianceThreshold",
}

var fast = []string{
	"DummyClassifier", "DummyRegressor",
	"GaussianNB", "LogisticRegression", "HistGradientBoostingClassifier", "Ridge", "HistGradientBoostingRegressor",
	"StandardScaler", "SelectPercentile", "PCA",
}

// The mdr space is that of TPOT-MDR (Sohn, Olson, Moore, "Toward the automated analysis of complex diseases in
// genome-wide association studies using genetic programming", GECCO 2017), with TPOT's encodings of genotypes.
var mdr = []string{
	"DummyClassifier", "DummyRegressor",
	"ReliefF", "SURF", "SURFstar", "MultiSURF", "MDR", "ContinuousMDR", "LogisticRegression", "ElasticNetCV",
	"DominantEncoder", "RecessiveEncoder", "HeterosisEncoder", "UnderDominanceEncoder", "OverDominanceEncoder",
}
