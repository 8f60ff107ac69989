package automl

import "github.com/lren-chuv/automl/dataset"

// recipes are pipelines that do well on many tables, cheap ones first: where every search starts.
func recipes(task dataset.Task) []string {
	if task == dataset.Regression {
		return []string{
			"Ridge(StandardScaler(input), alpha=1)",
			"HistGradientBoostingRegressor(input, learning_rate=0.1, max_iter=100)",
			"ElasticNet(StandardScaler(input), alpha=0.1, l1_ratio=0.5)",
			"ExtraTreesRegressor(input, n_estimators=100, max_features=0.5)",
			"RandomForestRegressor(input, n_estimators=100, max_features=0.4)",
			"KNeighborsRegressor(StandardScaler(input), n_neighbors=9, weights=distance)",
			"HistGradientBoostingRegressor(input, learning_rate=0.05, max_iter=200, max_leaf_nodes=8)",
			"Ridge(PolynomialFeatures(StandardScaler(input), degree=2), alpha=10)",
			"Ridge(StandardScaler(input), alpha=30)",
			"HistGradientBoostingRegressor(input, learning_rate=0.03, max_iter=400, max_leaf_nodes=5, min_samples_leaf=10)",
			"SVR(StandardScaler(input), C=10)",
			"GradientBoostingRegressor(input, n_estimators=100, learning_rate=0.1, max_depth=4, subsample=0.7, max_features=0.4)",
			"ExtraTreesRegressor(input, n_estimators=100, max_features=1.0, min_samples_leaf=3)",
			"RandomForestRegressor(input, n_estimators=100, max_features=0.3, min_samples_leaf=5)",
			"XGBRegressor(input, n_estimators=100, max_depth=4, learning_rate=0.1, subsample=0.7)",
			"KernelRidge(StandardScaler(input), alpha=0.1, kernel=rbf)",
		}
	}
	return []string{
		"LogisticRegression(StandardScaler(input), C=1, penalty=l2)",
		"HistGradientBoostingClassifier(input, learning_rate=0.1, max_iter=100)",
		"GaussianNB(input)",
		"ExtraTreesClassifier(input, n_estimators=100, max_features=0.5)",
		"RandomForestClassifier(input, n_estimators=100, max_features=0.3)",
		"KNeighborsClassifier(StandardScaler(input), n_neighbors=15, weights=distance)",
		"LogisticRegression(StandardScaler(input), C=0.1, penalty=l2)",
		"HistGradientBoostingClassifier(input, learning_rate=0.05, max_iter=150, max_leaf_nodes=8)",
		"ExtraTreesClassifier(input, n_estimators=100, max_features=0.3, min_samples_leaf=3)",
		"LogisticRegression(StandardScaler(input), C=0.1, penalty=l1)",
		"RandomForestClassifier(input, n_estimators=100, max_features=0.3, min_samples_leaf=5)",
		"LinearDiscriminantAnalysis(input)",
		"SVC(StandardScaler(input), C=1)",
		"HistGradientBoostingClassifier(input, learning_rate=0.03, max_iter=200, max_leaf_nodes=5, min_samples_leaf=10)",
		"LogisticRegression(PolynomialFeatures(StandardScaler(input), degree=2), C=0.01, penalty=l2)",
		"GradientBoostingClassifier(input, n_estimators=100, learning_rate=0.1, max_depth=3, subsample=0.7, max_features=0.4)",
		"QuadraticDiscriminantAnalysis(StandardScaler(input), reg_param=0.1)",
		"XGBClassifier(input, n_estimators=100, max_depth=4, learning_rate=0.1, subsample=0.7)",
	}
}
