// Package catalog lists every operator there is.
package catalog

import (
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/bayes"
	"github.com/lren-chuv/automl/operators/calibration"
	"github.com/lren-chuv/automl/operators/decompose"
	"github.com/lren-chuv/automl/operators/discriminant"
	"github.com/lren-chuv/automl/operators/encode"
	"github.com/lren-chuv/automl/operators/gaussian"
	"github.com/lren-chuv/automl/operators/impute"
	"github.com/lren-chuv/automl/operators/linear"
	"github.com/lren-chuv/automl/operators/neighbors"
	"github.com/lren-chuv/automl/operators/neural"
	"github.com/lren-chuv/automl/operators/preprocess"
	"github.com/lren-chuv/automl/operators/selection"
	"github.com/lren-chuv/automl/operators/svm"
	"github.com/lren-chuv/automl/operators/tree"
)

// All returns the catalogue, family by family. The slice is the caller's, the Specs are shared constants.
func All() []*operators.Spec {
	return []*operators.Spec{
		impute.DropConstantFeatures,
		impute.DropEmptyFeatures,
		impute.DropDuplicateFeatures,
		impute.IterativeImputer,
		impute.KNNImputer,
		impute.SimpleImputer,
		impute.Winsorizer,

		encode.CountEncoder,
		encode.DominantEncoder,
		encode.RecessiveEncoder,
		encode.HeterosisEncoder,
		encode.UnderDominanceEncoder,
		encode.OverDominanceEncoder,
		encode.HashingEncoder,
		encode.OneHotEncoder,
		encode.OrdinalEncoder,
		encode.RareLabelEncoder,
		encode.TargetEncoder,
		encode.StringEncoder,
		encode.TableVectorizer,

		preprocess.Binarizer,
		preprocess.Log1pTransformer,
		preprocess.SqrtTransformer,
		preprocess.KBinsDiscretizer,
		preprocess.MDR,
		preprocess.ContinuousMDR,
		preprocess.Normalizer,
		preprocess.ArithmeticPairs,
		preprocess.PolynomialFeatures,
		preprocess.PowerTransformer,
		preprocess.QuantileTransformer,
		preprocess.StandardScaler,
		preprocess.MinMaxScaler,
		preprocess.MaxAbsScaler,
		preprocess.RobustScaler,
		preprocess.SplineTransformer,
		preprocess.ZeroCount,

		selection.CategoricalSelector,
		selection.ContinuousSelector,
		selection.SelectFromModel,
		selection.ReliefF,
		selection.SURF,
		selection.SURFstar,
		selection.MultiSURF,
		selection.RFE,
		selection.VarianceThreshold,
		selection.SelectKBest,
		selection.SelectPercentile,
		selection.SelectFwe,
		selection.SelectFpr,
		selection.SelectFdr,

		decompose.FeatureAgglomeration,
		decompose.FastICA,
		decompose.KMeans,
		decompose.Nystroem,
		decompose.PCA,
		decompose.RBFSampler,
		decompose.TruncatedSVD,

		discriminant.LinearDiscriminantAnalysis,
		discriminant.QuadraticDiscriminantAnalysis,
		discriminant.LDATransform,

		linear.DummyClassifier,
		linear.DummyRegressor,
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
		linear.RANSACRegressor,
		linear.Ridge,
		linear.RidgeClassifier,
		linear.RidgeCV,
		linear.SGDClassifier,
		linear.SGDRegressor,
		linear.Perceptron,
		linear.PassiveAggressiveClassifier,
		linear.PassiveAggressiveRegressor,
		linear.LinearSVC,
		linear.LinearSVR,
		linear.TheilSenRegressor,

		bayes.BernoulliNB,
		bayes.MultinomialNB,
		bayes.ComplementNB,
		bayes.GaussianNB,

		neighbors.NearestCentroid,
		neighbors.KNeighborsClassifier,
		neighbors.KNeighborsRegressor,

		svm.SVC,
		svm.SVR,

		gaussian.GaussianProcessClassifier,
		gaussian.GaussianProcessRegressor,
		gaussian.KernelRidge,

		neural.MLPClassifier,
		neural.MLPRegressor,

		calibration.CalibratedClassifierCV,
		calibration.IsotonicRegression,

		tree.IsolationForest,
		tree.RandomTreesEmbedding,
		tree.BoostedTreesEmbedding,
		tree.AdaBoostClassifier,
		tree.AdaBoostRegressor,
		tree.BaggingClassifier,
		tree.BaggingRegressor,
		tree.DecisionTreeClassifier,
		tree.DecisionTreeRegressor,
		tree.RandomForestClassifier,
		tree.RandomForestRegressor,
		tree.ExtraTreesClassifier,
		tree.ExtraTreesRegressor,
		tree.GradientBoostingClassifier,
		tree.GradientBoostingRegressor,
		tree.HistGradientBoostingClassifier,
		tree.HistGradientBoostingRegressor,
		tree.LGBMClassifier,
		tree.LGBMRegressor,
		tree.XGBClassifier,
		tree.XGBRegressor,
	}
}
