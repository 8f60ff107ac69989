"""The other side of bench/peers: reads one request a line, fits, predicts, and answers with CPU seconds, one line each."""
import json
import sys
import time
import warnings

import numpy as np
import sklearn
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.feature_selection import chi2, f_classif, f_regression, mutual_info_classif, mutual_info_regression
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Matern
from sklearn.utils import all_estimators

warnings.filterwarnings("ignore")
names = dict(all_estimators())
names.update(LightGBM=globals().get("LightGBM"), XGBoost=globals().get("XGBoost"))  # the other script stands before this one
names.update(np=np, chi2=chi2, f_classif=f_classif, f_regression=f_regression, mutual_info_classif=mutual_info_classif,
             mutual_info_regression=mutual_info_regression, RBF=RBF, ConstantKernel=ConstantKernel, Matern=Matern)
versions = {"scikit-learn": sklearn.__version__}
for module in ("xgboost", "lightgbm"):
    try:
        names[module] = __import__(module)
        versions[module] = names[module].__version__
    except ImportError:
        pass

tables = {}


def load(r):
    """The table of a request: features, target."""
    if r["path"] not in tables:
        raw = np.fromfile(r["path"], dtype="<f8")
        x = raw[: r["rows"] * r["cols"]].reshape(r["rows"], r["cols"])
        y = raw[r["rows"] * r["cols"]:]
        if r["kind"] == "levels":
            x = np.array(["level%d" % i for i in range(8)], dtype=object)[x.astype(int)]
        tables.clear()
        tables[r["path"]] = x, y.astype(int) if r["classes"] else y
    return tables[r["path"]]


def output(estimator, x):
    for method in ("predict_proba", "decision_function", "predict", "transform"):
        if hasattr(estimator, method) and not (method == "predict" and hasattr(estimator, "cluster_centers_")):
            return getattr(estimator, method)(x)
    raise TypeError("no output")


def score(estimator, out, y, classes):
    """Share of right labels, or the determination coefficient; nothing for a transformer."""
    if hasattr(estimator, "transform") and not hasattr(estimator, "predict") or hasattr(estimator, "cluster_centers_"):
        return None
    if classes:
        labels = out if out.dtype.kind in "iu" else out.argmax(axis=1) if out.ndim == 2 else (out > 0)
        return float(np.mean(labels == y))
    return float(1 - np.sum((out - y) ** 2) / np.sum((y - y.mean()) ** 2))


def answer(r):
    x, y = load(r)
    estimator = eval(r["peer"], names)
    np.random.seed(1)  # the same draws each time, so that the best of several is no choice among draws
    if hasattr(estimator, "prepare"):
        estimator.prepare(x, y)
    a = time.process_time()
    estimator.fit(x.ravel() if r["flat"] else x, y)
    b = time.process_time()
    out = output(estimator, x.ravel() if r["flat"] else x)
    c = time.process_time()
    transforms = hasattr(estimator, "transform") and not r["predicts"]
    return {"fit": b - a, "predict": c - b, "score": None if transforms else score(estimator, out, y, r["classes"])}


print(json.dumps(versions), flush=True)
for line in sys.stdin:
    try:
        reply = answer(json.loads(line))
    except Exception as e:  # told to the other side, which goes on with the next case
        reply = {"error": "%s: %s" % (type(e).__name__, e)}
    print(json.dumps(reply), flush=True)
