"""Boosters with a data set of their own: what prepare does is not timed, fit is."""
import numpy as np

try:
    import lightgbm
except ImportError:
    lightgbm = None
try:
    import xgboost
except ImportError:
    xgboost = None


class LightGBM:
    """LightGBM's own interface. prepared: the data set is binned in prepare."""

    def __init__(self, rounds=100, threads=1, prepared=False, categorical=(), **params):
        self.rounds, self.prepared, self.categorical = rounds, prepared, list(categorical)
        self.params = dict(num_leaves=31, max_bin=255, min_data_in_leaf=20, learning_rate=0.1, num_threads=threads, verbosity=-1)
        self.params.update(params)

    def prepare(self, x, y):
        if self.prepared:
            self.data = self.bins(x, y)

    def bins(self, x, y):
        return lightgbm.Dataset(x, y, categorical_feature=self.categorical, params=self.params, free_raw_data=False).construct()

    def fit(self, x, y):
        self.model = lightgbm.train(self.params, self.data if self.prepared else self.bins(x, y), self.rounds)

    def predict(self, x):
        out = self.model.predict(x, num_threads=1)
        return out if self.params["objective"] != "binary" else np.stack([1 - out, out], axis=1)


class XGBoost:
    """XGBoost's own interface. prepared: the matrix is made in prepare, and binned by a booster of one tree."""

    def __init__(self, rounds=100, threads=1, prepared=False, categorical=(), **params):
        self.rounds, self.prepared, self.categorical = rounds, prepared, set(categorical)
        self.params = dict(tree_method="hist", grow_policy="lossguide", max_leaves=31, max_depth=0, max_bin=256, eta=0.1, nthread=threads, verbosity=0)
        self.params.update(params)

    def matrix(self, x, y=None):
        types = ["c" if j in self.categorical else "q" for j in range(x.shape[1])]
        return xgboost.DMatrix(x, y, nthread=1, feature_types=types, enable_categorical=True)

    def prepare(self, x, y):
        if self.prepared:
            self.data = self.matrix(x, y)
            xgboost.train(self.params, self.data, 1)

    def fit(self, x, y):
        self.model = xgboost.train(self.params, self.data if self.prepared else self.matrix(x, y), self.rounds)

    def predict(self, x):
        out = self.model.predict(self.matrix(x))
        return out if self.params["objective"] != "binary:logistic" else np.stack([1 - out, out], axis=1)
