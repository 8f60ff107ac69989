package pfa

import (
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/pipeline"
)

// convert writes one fitted operator, given what it stores of itself, and returns its output columns.
type convert func(b *builder, stored []byte, in []column) ([]column, error)

// converter returns how to write the operator of the given name, nil if PFA has no way to say it.
func converter(name string) convert {
	switch name {
	case "TableVectorizer":
		return tableVectorizer
	case "SimpleImputer":
		return simpleImputer
	case "OneHotEncoder":
		return oneHot
	case "OrdinalEncoder":
		return ordinal
	case "CountEncoder":
		return counted
	case "TargetEncoder":
		return targetMeans
	case "RareLabelEncoder":
		return rareLabels
	case "DropConstantFeatures", "DropEmptyFeatures", "DropDuplicateFeatures", "SelectFromModel", "RFE", "VarianceThreshold",
		"SelectKBest", "SelectPercentile", "SelectFwe", "SelectFpr", "SelectFdr", "ReliefF", "SURF", "SURFstar", "MultiSURF":
		return selected
	}
	if c := numericConverter(name); c != nil {
		return c
	}
	return predictor(name)
}

// numericConverter knows what takes numbers and gives numbers.
func numericConverter(name string) convert {
	switch name {
	case "StandardScaler", "MinMaxScaler", "MaxAbsScaler", "RobustScaler":
		return scaled
	case "Winsorizer":
		return winsorized
	case "Log1pTransformer", "SqrtTransformer":
		return shrunk
	case "Binarizer":
		return binarized
	case "KBinsDiscretizer":
		return intervals
	case "Normalizer":
		return normalized
	case "PolynomialFeatures":
		return products
	case "ArithmeticPairs":
		return pairs
	case "PowerTransformer":
		return powers
	case "ZeroCount":
		return zeroCount
	case "DominantEncoder", "RecessiveEncoder", "HeterosisEncoder", "UnderDominanceEncoder", "OverDominanceEncoder":
		return genotypes
	case "RBFSampler":
		return cosines
	case "FeatureAgglomeration":
		return pooled
	case "PCA", "TruncatedSVD", "FastICA":
		return projection
	case "LDATransform":
		return discriminants
	}
	return nil
}

// predictor knows classifiers and regressors.
func predictor(name string) convert {
	switch engineOf(name) {
	case linearModel:
		switch name {
		case "DummyClassifier", "LogisticRegression", "RidgeClassifier", "SGDClassifier", "Perceptron", "PassiveAggressiveClassifier", "LinearSVC":
			return planes
		case "LinearDiscriminantAnalysis":
			return linearRule
		}
		return line
	case boosting:
		switch name {
		case "DecisionTreeClassifier", "DecisionTreeRegressor", "RandomForestClassifier", "RandomForestRegressor",
			"ExtraTreesClassifier", "ExtraTreesRegressor", "BaggingClassifier", "BaggingRegressor":
			return averagedTrees
		}
		return boostedTrees
	case bayes:
		switch name {
		case "GaussianNB":
			return gaussians
		case "QuadraticDiscriminantAnalysis":
			return quadraticRule
		}
		return countBayes
	case neighbors:
		return nearest(name)
	case neural:
		if name == "MLPClassifier" {
			return perceptronClasses
		}
		return perceptronValue
	}
	return nil
}

// The names by which the platform decides that a document is scored by an engine that can score classifiers.
const (
	linearModel = "linear_model"
	boosting    = "gradient_boosting"
	bayes       = "naive_bayes"
	neural      = "neural_network"
	neighbors   = "kNN"
)

func engineOf(name string) string {
	switch name {
	case "LogisticRegression", "RidgeClassifier", "SGDClassifier", "Perceptron", "PassiveAggressiveClassifier", "LinearSVC",
		"LinearDiscriminantAnalysis", "DummyClassifier", "DummyRegressor", "BayesianRidge", "ARDRegression", "ElasticNet",
		"Lasso", "ElasticNetCV", "LassoCV",
		"PoissonRegressor", "GammaRegressor", "TweedieRegressor", "HuberRegressor", "Lars", "LassoLars", "LassoLarsIC",
		"LassoLarsCV", "LinearRegression", "OrthogonalMatchingPursuit", "QuantileRegressor", "RANSACRegressor", "Ridge",
		"RidgeCV", "SGDRegressor", "PassiveAggressiveRegressor", "LinearSVR", "TheilSenRegressor":
		return linearModel
	case "DecisionTreeClassifier", "DecisionTreeRegressor", "RandomForestClassifier", "RandomForestRegressor",
		"ExtraTreesClassifier", "ExtraTreesRegressor", "BaggingClassifier", "BaggingRegressor", "AdaBoostClassifier",
		"GradientBoostingClassifier", "GradientBoostingRegressor", "HistGradientBoostingClassifier",
		"HistGradientBoostingRegressor", "LGBMClassifier", "LGBMRegressor", "XGBClassifier", "XGBRegressor":
		return boosting
	case "BernoulliNB", "MultinomialNB", "ComplementNB", "GaussianNB", "QuadraticDiscriminantAnalysis":
		return bayes
	case "MLPClassifier", "MLPRegressor":
		return neural
	case "KNeighborsClassifier", "KNeighborsRegressor":
		return neighbors
	}
	return ""
}

// EngineName is the name for a document of the fitted pipeline: one of those by which the platform's cross-validation
// chooses an engine that scores classifiers too.
func EngineName(f *pipeline.Fitted) string {
	steps := f.Steps()
	if last := steps[len(steps)-1]; last.Spec != nil {
		if name := engineOf(last.Spec.Name); name != "" {
			return name
		}
	}
	return linearModel
}

// Operators returns those of all that a document can express whatever their hyper-parameters, and without rows of the training table.
func Operators(all []*operators.Spec) []*operators.Spec {
	var out []*operators.Spec
	for _, s := range all {
		if converter(s.Name) != nil && !s.Has(operators.Instances) {
			out = append(out, s)
		}
	}
	return out
}
