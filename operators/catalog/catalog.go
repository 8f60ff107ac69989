// Package catalog lists every operator there is.
package catalog

import (
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/encode"
	"github.com/lren-chuv/automl/operators/linear"
	"github.com/lren-chuv/automl/operators/tree"
)

// All returns the catalogue, family by family. The slice is the caller's, the Specs are shared constants.
func All() []*operators.Spec {
	return []*operators.Spec{
		encode.TableVectorizer,

		linear.LogisticRegression,
		linear.LinearRegression,
		linear.Ridge,
		linear.ElasticNet,
		linear.Lasso,

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
