// Package catalog lists every operator there is.
package catalog

import (
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/bayes"
	"github.com/lren-chuv/automl/operators/decompose"
	"github.com/lren-chuv/automl/operators/encode"
	"github.com/lren-chuv/automl/operators/impute"
	"github.com/lren-chuv/automl/operators/linear"
	"github.com/lren-chuv/automl/operators/neighbors"
	"github.com/lren-chuv/automl/operators/preprocess"
	"github.com/lren-chuv/automl/operators/selection"
	"github.com/lren-chuv/automl/operators/tree"
)

// All returns the catalogue, family by family. The slice is the caller's, the Specs are shared constants.
func All() []*operators.Spec {
	return []*operators.Spec{
		impute.SimpleImputer,

		encode.TableVectorizer,
		encode.OneHotEncoder,
		encode.OrdinalEncoder,

		preprocess.StandardScaler,
		preprocess.MinMaxScaler,
		preprocess.MaxAbsScaler,
		preprocess.RobustScaler,
		preprocess.PolynomialFeatures,

		selection.VarianceThreshold,
		selection.SelectKBest,
		selection.SelectPercentile,
		selection.SelectFwe,

		decompose.PCA,

		linear.LogisticRegression,
		linear.LinearRegression,
		linear.Ridge,
		linear.ElasticNet,
		linear.Lasso,

		bayes.GaussianNB,
		bayes.BernoulliNB,
		bayes.MultinomialNB,
		bayes.ComplementNB,

		neighbors.KNeighborsClassifier,
		neighbors.KNeighborsRegressor,
		neighbors.NearestCentroid,

		tree.DecisionTreeClassifier,
		tree.DecisionTreeRegressor,
		tree.RandomForestClassifier,
		tree.RandomForestRegressor,
		tree.ExtraTreesClassifier,
		tree.ExtraTreesRegressor,
		tree.HistGradientBoostingClassifier,
		tree.HistGradientBoostingRegressor,
		tree.XGBClassifier,
		tree.XGBRegressor,
	}
}
