// Package catalog lists every operator there is.
package catalog

import (
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/bayes"
	"github.com/lren-chuv/automl/operators/decompose"
	"github.com/lren-chuv/automl/operators/discriminant"
	"github.com/lren-chuv/automl/operators/encode"
	"github.com/lren-chuv/automl/operators/impute"
	"github.com/lren-chuv/automl/operators/linear"
	"github.com/lren-chuv/automl/operators/neighbors"
	"github.com/lren-chuv/automl/operators/neural"
	"github.com/lren-chuv/automl/operators/preprocess"
	"github.com/lren-chuv/automl/operators/selection"
	"github.com/lren-chuv/automl/operators/tree"
)

// All returns the catalogue, family by family. The slice is the caller's, the Specs are shared constants.
func All() []*operators.Spec {
	return []*operators.Spec{
		impute.SimpleImputer,

		encode.OneHotEncoder,
		encode.OrdinalEncoder,
		encode.TableVectorizer,

		preprocess.Binarizer,
		preprocess.Normalizer,
		preprocess.PolynomialFeatures,
		preprocess.PowerTransformer,
		preprocess.QuantileTransformer,
		preprocess.StandardScaler,
		preprocess.MinMaxScaler,
		preprocess.MaxAbsScaler,
		preprocess.RobustScaler,
		preprocess.ZeroCount,

		selection.SelectFromModel,
		selection.RFE,
		selection.VarianceThreshold,
		selection.SelectKBest,
		selection.SelectPercentile,
		selection.SelectFwe,
		selection.SelectFpr,
		selection.SelectFdr,

		decompose.FeatureAgglomeration,
		decompose.FastICA,
		decompose.Nystroem,
		decompose.PCA,
		decompose.RBFSampler,

		discriminant.LinearDiscriminantAnalysis,
		discriminant.QuadraticDiscriminantAnalysis,
		discriminant.LDATransform,

		linear.BayesianRidge,
		linear.ARDRegression,
		linear.ElasticNet,
		linear.Lasso,
		linear.ElasticNetCV,
		linear.LassoCV,
		linear.PoissonRegressor,
		linear.GammaRegressor,
		linear.TweedieRegressor,
		linear.HuberRegressor,
		linear.Lars,
		linear.LassoLars,
		linear.LassoLarsIC,
		linear.LassoLarsCV,
		linear.LinearRegression,
		linear.LogisticRegression,
		linear.OrthogonalMatchingPursuit,
		linear.QuantileRegressor,
		linear.Ridge,
		linear.RidgeClassifier,
		linear.RidgeCV,
		linear.LinearSVC,
		linear.LinearSVR,

		bayes.BernoulliNB,
		bayes.MultinomialNB,
		bayes.ComplementNB,
		bayes.GaussianNB,

		neighbors.NearestCentroid,
		neighbors.KNeighborsClassifier,
		neighbors.KNeighborsRegressor,

		neural.MLPClassifier,
		neural.MLPRegressor,

		tree.HistGradientBoostingClassifier,
		tree.HistGradientBoostingRegressor,
		tree.XGBClassifier,
		tree.XGBRegressor,
		tree.DecisionTreeClassifier,
		tree.DecisionTreeRegressor,
		tree.RandomForestClassifier,
		tree.RandomForestRegressor,
		tree.ExtraTreesClassifier,
		tree.ExtraTreesRegressor,
	}
}
