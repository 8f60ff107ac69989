"""Draws pipelines from TPOT's default space and records what scikit-learn makes of them on fixed folds, in the form that
`go run ./bench/pipelines` reads. One thread; three seeds; CPU seconds are those of the first. Needs scikit-learn 1.2 and
XGBoost 1.7 (Debian's python3-sklearn, python3-xgboost), and a table of numbers without gaps.

    python3 draw.py -data DIR -table NAME -count 60 -seed 7 > NAME.pipelines.csv
    python3 draw.py -data DIR -table NAME -texts FILE > NAME.pipelines.csv      # score given texts instead
"""
import os
for v in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[v] = "1"
import argparse, csv, inspect, random, re, sys, time, warnings
import numpy as np
import sklearn.base, sklearn.cluster, sklearn.decomposition, sklearn.ensemble, sklearn.feature_selection
import sklearn.kernel_approximation, sklearn.linear_model, sklearn.metrics, sklearn.naive_bayes, sklearn.neighbors
import sklearn.neural_network, sklearn.pipeline, sklearn.preprocessing, sklearn.svm, sklearn.tree
import xgboost
warnings.filterwarnings("ignore")

# ---- the space: TPOT 0.12's default configuration ----

def steps(lo, hi, by):
    return [float(v) for v in np.arange(lo, hi, by)]

def whole(lo, hi):
    return list(range(lo, hi))

SHARE = steps(0.05, 1.01, 0.05)
RATE = [1e-3, 1e-2, 1e-1, 0.5, 1.0]
COST = [1e-4, 1e-3, 1e-2, 1e-1, 0.5, 1.0, 5.0, 10.0, 15.0, 20.0, 25.0]
TOL = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1]
LEAF = dict(min_samples_split=whole(2, 21), min_samples_leaf=whole(1, 21))
SGD = dict(penalty=["elasticnet"], alpha=[0.0, 0.01, 0.001], learning_rate=["invscaling", "constant"], fit_intercept=[True, False],
           l1_ratio=[0.25, 0.0, 1.0, 0.75, 0.5], eta0=[0.1, 1.0, 0.01], power_t=[0.5, 0.0, 1.0, 0.1, 100.0, 10.0, 50.0])
XGB = dict(n_estimators=[100], max_depth=whole(1, 11), learning_rate=RATE, subsample=SHARE, min_child_weight=whole(1, 21), n_jobs=[1], verbosity=[0])

CLASSIFIERS = dict(
    GaussianNB={},
    BernoulliNB=dict(alpha=[1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0], fit_prior=[True, False]),
    MultinomialNB=dict(alpha=[1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0], fit_prior=[True, False]),
    DecisionTreeClassifier=dict(criterion=["gini", "entropy"], max_depth=whole(1, 11), **LEAF),
    ExtraTreesClassifier=dict(n_estimators=[100], criterion=["gini", "entropy"], max_features=SHARE, bootstrap=[True, False], **LEAF),
    RandomForestClassifier=dict(n_estimators=[100], criterion=["gini", "entropy"], max_features=SHARE, bootstrap=[True, False], **LEAF),
    GradientBoostingClassifier=dict(n_estimators=[100], learning_rate=RATE, max_depth=whole(1, 11), subsample=SHARE, max_features=SHARE, **LEAF),
    KNeighborsClassifier=dict(n_neighbors=whole(1, 101), weights=["uniform", "distance"], p=[1, 2]),
    LinearSVC=dict(penalty=["l1", "l2"], loss=["hinge", "squared_hinge"], dual=[True, False], tol=TOL, C=COST),
    LogisticRegression=dict(penalty=["l1", "l2"], C=COST, dual=[True, False]),
    XGBClassifier=XGB,
    SGDClassifier=dict(loss=["log", "hinge", "modified_huber", "squared_hinge", "perceptron"], **SGD),
    MLPClassifier=dict(alpha=[1e-4, 1e-3, 1e-2, 1e-1], learning_rate_init=RATE),
)
REGRESSORS = dict(
    ElasticNetCV=dict(l1_ratio=steps(0, 1.01, 0.05), tol=TOL),
    ExtraTreesRegressor=dict(n_estimators=[100], max_features=SHARE, bootstrap=[True, False], **LEAF),
    GradientBoostingRegressor=dict(n_estimators=[100], loss=["ls", "lad", "huber", "quantile"], learning_rate=RATE, max_depth=whole(1, 11),
                                   subsample=SHARE, max_features=SHARE, alpha=[0.75, 0.8, 0.85, 0.9, 0.95, 0.99], **LEAF),
    AdaBoostRegressor=dict(n_estimators=[100], learning_rate=RATE, loss=["linear", "square", "exponential"]),
    DecisionTreeRegressor=dict(max_depth=whole(1, 11), **LEAF),
    KNeighborsRegressor=dict(n_neighbors=whole(1, 101), weights=["uniform", "distance"], p=[1, 2]),
    LassoLarsCV=dict(normalize=[True, False]),
    LinearSVR=dict(loss=["epsilon_insensitive", "squared_epsilon_insensitive"], dual=[True, False], tol=TOL, C=COST, epsilon=[1e-4, 1e-3, 1e-2, 1e-1, 1.0]),
    RandomForestRegressor=dict(n_estimators=[100], max_features=SHARE, bootstrap=[True, False], **LEAF),
    RidgeCV={},
    XGBRegressor=dict(objective=["reg:squarederror"], **XGB),
    SGDRegressor=dict(loss=["squared_loss", "huber", "epsilon_insensitive"], **SGD),
)

def selectors(classes):
    func = ["f_classif" if classes else "f_regression"]
    trees = dict(estimator=["ExtraTreesClassifier" if classes else "ExtraTreesRegressor"], estimator__n_estimators=[100], estimator__max_features=SHARE)
    if classes:
        trees["estimator__criterion"] = ["gini", "entropy"]
    out = dict(
        SelectFwe=dict(alpha=steps(0, 0.05, 0.001), score_func=func),
        SelectPercentile=dict(percentile=whole(1, 100), score_func=func),
        VarianceThreshold=dict(threshold=[1e-4, 5e-4, 1e-3, 5e-3, 1e-2, 0.05, 0.1, 0.2]),
        SelectFromModel=dict(threshold=steps(0, 1.01, 0.05), **trees),
    )
    if classes:
        out["RFE"] = dict(step=steps(0.05, 1.01, 0.05), **trees)
    return out

TRANSFORMERS = dict(
    Binarizer=dict(threshold=steps(0, 1.01, 0.05)),
    FastICA=dict(tol=steps(0, 1.01, 0.05)),
    FeatureAgglomeration=dict(linkage=["ward", "complete", "average"], affinity=["euclidean", "l1", "l2", "manhattan", "cosine"]),
    MaxAbsScaler={}, MinMaxScaler={}, Normalizer=dict(norm=["l1", "l2", "max"]),
    Nystroem=dict(kernel=["rbf", "cosine", "chi2", "laplacian", "polynomial", "poly", "linear", "additive_chi2", "sigmoid"],
                  gamma=steps(0, 1.01, 0.05), n_components=whole(1, 11)),
    PCA=dict(svd_solver=["randomized"], iterated_power=whole(1, 11)),
    PolynomialFeatures=dict(degree=[2], include_bias=[False], interaction_only=[False]),
    RBFSampler=dict(gamma=steps(0, 1.01, 0.05)),
    RobustScaler={}, StandardScaler={}, ZeroCount={},
    OneHotEncoder=dict(minimum_fraction=steps(0.05, 0.26, 0.05), sparse=[False], threshold=[10]),
)

# ---- drawing texts, as TPOT grows its trees ----

class Space:
    def __init__(self, classes, stacks):
        self.roots = CLASSIFIERS if classes else REGRESSORS
        self.inner = dict(TRANSFORMERS, **selectors(classes))
        if not classes:
            self.inner["OneHotEncoder"] = TRANSFORMERS["OneHotEncoder"]
        self.stacks = stacks

    def draw(self, rng, only=None):
        height = rng.choices([1, 2, 3], [4, 5, 1])[0]
        names = [n for n in self.roots if only is None or re.search(only, n)] or list(self.roots)
        return self.step(rng, rng.choice(names), self.roots, self.grow(rng, height - 1, only))

    def grow(self, rng, height, only):
        if height == 0:
            return "input"
        names = list(self.inner) + ["union"] + (["stack"] * len(self.roots) if self.stacks else [])
        if only is not None:
            names = [n for n in names if re.search(only, n)] or names
        name = rng.choice(names)
        if name == "union":
            return "union(%s, %s)" % (self.grow(rng, height - 1, only), self.grow(rng, height - 1, only))
        if name == "stack":
            return "stack(%s)" % self.step(rng, rng.choice(list(self.roots)), self.roots, self.grow(rng, height - 1, only))
        return self.step(rng, name, self.inner, self.grow(rng, height - 1, only))

    def step(self, rng, name, space, inner):
        def text(v):
            return {True: "true", False: "false"}[v] if isinstance(v, bool) else str(v)
        picked = sorted((k, rng.choice(v)) for k, v in space[name].items())
        return name + "(" + ", ".join([inner] + ["%s=%s" % (k, text(v)) for k, v in picked]) + ")"

# ---- TPOT's own operators ----

class Input(sklearn.base.BaseEstimator, sklearn.base.TransformerMixin):
    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return X

class ZeroCount(Input):
    def transform(self, X):
        zeros = np.count_nonzero(X == 0, axis=1)
        return np.column_stack([X.shape[1] - zeros, zeros, X])

class OneHotEncoder(Input):
    """Columns with at most threshold values become one column per value; values below minimum_fraction share one."""

    def __init__(self, minimum_fraction=None, sparse=True, threshold=10):
        self.minimum_fraction, self.sparse, self.threshold = minimum_fraction, sparse, threshold

    def fit(self, X, y=None):
        self.levels_ = {}
        for j in range(X.shape[1]):
            values, counts = np.unique(X[:, j], return_counts=True)
            if len(values) <= self.threshold:
                self.levels_[j] = (values, counts >= (self.minimum_fraction or 0) * len(X))
        return self

    def transform(self, X):
        if not self.levels_:
            return X
        hot = []
        for j, (values, often) in self.levels_.items():
            rare = ~np.isin(X[:, j], values[often])
            if not often.all() or rare.any():
                if not often.all():
                    hot.append((rare & np.isin(X[:, j], values)).astype(float))
            for v in values[often]:
                hot.append((X[:, j] == v).astype(float))
        return np.column_stack(hot + [X[:, [j for j in range(X.shape[1]) if j not in self.levels_]]])

class Stack(Input):
    def __init__(self, estimator=None):
        self.estimator = estimator

    def fit(self, X, y=None):
        self.estimator.fit(X, y)
        return self

    def transform(self, X):
        last = self.estimator
        out = [np.reshape(last.predict(X), (-1, 1)).astype(float)]
        if hasattr(last, "predict_proba"):
            out.append(last.predict_proba(X))
        return np.column_stack(out + [X])

# ---- reading texts ----

MODULES = [sklearn.cluster, sklearn.decomposition, sklearn.ensemble, sklearn.feature_selection, sklearn.kernel_approximation,
           sklearn.linear_model, sklearn.naive_bayes, sklearn.neighbors, sklearn.neural_network, sklearn.preprocessing, sklearn.svm,
           sklearn.tree, xgboost]
RENAMED = {"ls": "squared_error", "lad": "absolute_error", "squared_loss": "squared_error"}

def find(name):
    if name in ("ZeroCount", "OneHotEncoder"):
        return globals()[name]
    for m in MODULES:
        if hasattr(m, name):
            return getattr(m, name)
    raise ValueError("no " + name)

def value(s):
    if s in ("true", "false"):
        return s == "true"
    for kind in (int, float):
        try:
            return kind(s)
        except ValueError:
            pass
    return RENAMED.get(s, s)

def parse(text, seed):
    step, rest = parse_step(text, seed)
    assert rest == "", rest
    return step

def parse_step(text, seed):
    """Returns the step as a scikit-learn pipeline, and what follows in text."""
    name, text = re.match(r"\s*(\w+)(.*)", text, re.S).groups()
    if name == "input":
        return Input(), text
    text, inner, settings = text[1:], [], {}
    while True:
        m = re.match(r"\s*([\w]+)=([^,()]*)(.*)", text, re.S)
        if m:
            settings[m[1]], text = value(m[2]), m[3]
        else:
            one, text = parse_step(text, seed)
            inner.append(one)
        if text[0] == ")":
            break
        text = text[1:]
    text = text[1:]
    if name == "union":
        return sklearn.pipeline.make_union(*inner), text
    if name == "stack":
        return Stack(inner[0]), text
    return sklearn.pipeline.make_pipeline(inner[0], make(name, settings, seed)), text

def make(name, settings, seed):
    kind = find(name)
    nested = {k.split("__")[1]: settings.pop(k) for k in list(settings) if "__" in k}
    if "estimator" in settings:
        settings["estimator"] = make(settings["estimator"], nested, seed)
    if "score_func" in settings:
        settings["score_func"] = getattr(sklearn.feature_selection, settings["score_func"])
    if "random_state" in inspect.signature(kind.__init__).parameters or name.startswith("XGB"):
        settings["random_state"] = seed
    return kind(**settings)

# ---- scoring ----

def read(folder, table):
    rows = list(csv.reader(open("%s/%s.csv" % (folder, table))))
    head, rows = rows[0], rows[1:]
    t = head.index("target")
    X = np.array([[float(v) if v else np.nan for j, v in enumerate(r) if j != t] for r in rows])
    if np.isnan(X).any():
        sys.exit(table + ": there are gaps")
    y = np.array([r[t] for r in rows])
    folds = np.zeros(len(rows), int)
    for r in csv.DictReader(open("%s/%s.folds.csv" % (folder, table))):
        folds[int(r["row"])] = int(r["fold"])
    try:
        numbers = y.astype(float)
        classes = len(set(y)) <= 10 and (numbers == numbers.astype(int)).all()
    except ValueError:
        classes = True
    return (X, np.unique(y, return_inverse=True)[1], folds, True) if classes else (X, numbers, folds, False)

def score(model, X, y, classes):
    if not classes:
        return np.sqrt(np.mean((model.predict(X) - y) ** 2))
    if y.max() > 1:
        return sklearn.metrics.log_loss(y, model.predict_proba(X), labels=range(y.max() + 1))
    try:
        s = model.decision_function(X)
    except AttributeError:
        s = model.predict_proba(X)[:, 1]
    return sklearn.metrics.roc_auc_score(y, s)

def crossval(text, data, seed):
    X, y, folds, classes = data
    out, began = [], time.process_time()
    for k in range(folds.max() + 1):
        model = parse(text, seed).fit(X[folds != k], y[folds != k])
        out.append(score(model, X[folds == k], y[folds == k], classes))
    out = np.array(out, float)
    if not np.isfinite(out).all():
        raise ValueError("no finite score")
    return out, time.process_time() - began

def main():
    p = argparse.ArgumentParser()
    p.add_argument("-data", required=True)
    p.add_argument("-table", required=True)
    p.add_argument("-count", type=int, default=60)
    p.add_argument("-seed", type=int, default=1)
    p.add_argument("-only", help="draw operators whose names match this expression where there are any")
    p.add_argument("-stacks", action="store_true", help="draw stacked pipelines too")
    p.add_argument("-texts", help="file of pipelines to score instead of drawing")
    a = p.parse_args()
    data = read(a.data, a.table)
    rng, space = random.Random(a.seed), Space(data[3], a.stacks)
    texts = iter(open(a.texts).read().split("\n")) if a.texts else iter(lambda: space.draw(rng, a.only), None)
    w = csv.writer(sys.stdout, lineterminator="\n")
    k = data[2].max() + 1
    w.writerow(["id", "pipeline", "cv_score"] + ["f%d" % i for i in range(k)] + ["cpu_seconds", "random", "score_std_over_seeds"])
    n, seen = 0, set()
    for text in texts:
        if not a.texts and n == a.count:
            break
        if not text or text in seen:
            continue
        seen.add(text)
        try:
            runs = [crossval(text, data, seed) for seed in range(3)]
        except Exception as e:
            sys.stderr.write("%s: %s\n" % (text, str(e).split("\n")[0]))
            continue
        n += 1
        means = [r[0].mean() for r in runs]
        w.writerow([n, text, "%.10g" % means[0]] + ["%.10g" % v for v in runs[0][0]] +
                   ["%.4f" % runs[0][1], "true" if np.ptp(means) > 1e-9 * abs(means[0]) else "false", "%.6g" % np.std(means)])
        sys.stdout.flush()

main()
