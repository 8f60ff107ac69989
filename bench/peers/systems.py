"""The other side of bench/peers -folds: one system learns train.csv and predicts test.csv; prints one line of JSON.

Arguments: system, train.csv, test.csv, task, metric, budget in seconds, threads. Categories become ranks and holes medians,
learned from the training rows, as the public AutoML benchmark does for systems that take numbers only."""
import csv
import importlib.util
import json
import sys
import time
import warnings

warnings.filterwarnings("ignore")
system, train, test, task, metric, budget, threads = sys.argv[1:]
budget, threads = float(budget), int(threads)
HOLES = {"", "NA", "N/A", "NaN", "nan", "null", "NULL", "?"}


SYSTEMS = {"random_forest": "sklearn", "hist_gb": "sklearn", "xgboost": "xgboost", "lightgbm": "lightgbm", "tpot": "tpot", "flaml": "flaml"}

for module in (SYSTEMS.get(system), "sklearn"):
    if module is None or importlib.util.find_spec(module) is None:  # said before anything large is loaded
        why = {"error": "no system is called " + system} if module is None else {"absent": module + " is not installed"}
        print(json.dumps(why))
        sys.exit()

import numpy as np  # noqa: E402
from sklearn import ensemble, metrics  # noqa: E402


def table(path):
    with open(path, newline="") as f:
        rows = list(csv.reader(f))
    at = rows[0].index("target")
    return [r[:at] + r[at + 1:] for r in rows[1:]], [r[at] for r in rows[1:]]


def number(text):
    return float("nan") if text in HOLES else float(text)


def encoded(train_rows, test_rows):
    out = []
    for column, other in zip(zip(*train_rows), zip(*test_rows)):
        try:
            a, b = np.array([number(v) for v in column]), np.array([number(v) for v in other])
        except ValueError:
            rank = {v: float(i) for i, v in enumerate(sorted(set(column)))}
            a, b = np.array([rank[v] for v in column]), np.array([rank.get(v, -1.0) for v in other])
        middle = np.nanmedian(a) if np.isfinite(a).any() else 0.0
        out.append((np.where(np.isnan(a), middle, a), np.where(np.isnan(b), middle, b)))
    return np.column_stack([a for a, _ in out]), np.column_stack([b for _, b in out])


def estimator():
    classes = task != "regression"
    if system == "random_forest":
        return (ensemble.RandomForestClassifier if classes else ensemble.RandomForestRegressor)(500, n_jobs=threads, random_state=1)
    if system == "hist_gb":
        return (ensemble.HistGradientBoostingClassifier if classes else ensemble.HistGradientBoostingRegressor)(random_state=1)
    if system == "xgboost":
        import xgboost as m

        return (m.XGBClassifier if classes else m.XGBRegressor)(n_jobs=threads, random_state=1)
    if system == "lightgbm":
        import lightgbm as m

        return (m.LGBMClassifier if classes else m.LGBMRegressor)(n_jobs=threads, random_state=1)
    if system == "tpot":
        import tpot as m

        scorer = {"roc_auc": "roc_auc", "log_loss": "neg_log_loss", "rmse": "neg_mean_squared_error"}[metric]
        make = m.TPOTClassifier if classes else m.TPOTRegressor
        if hasattr(m, "tpot_estimator"):  # from 1.0 on
            return make(scorers=[scorer], scorers_weights=[1], max_time_mins=budget / 60, n_jobs=threads, random_state=1)
        return make(scoring=scorer, max_time_mins=budget / 60, n_jobs=threads, random_state=1)
    if system == "flaml":
        from flaml import AutoML

        return AutoML(task="classification" if classes else "regression", metric=metric, time_budget=budget, n_jobs=threads, seed=1, verbose=0)
    raise ValueError(system)


def score(model, x, y, labels):
    if metric == "rmse":
        return float(np.sqrt(metrics.mean_squared_error(y, model.predict(x))))
    p = model.predict_proba(x)
    if metric == "roc_auc":
        return float(metrics.roc_auc_score(y, p[:, 1]))
    return float(metrics.log_loss(y, p, labels=labels))


def main():
    (x, y), (x2, y2) = table(train), table(test)
    x, x2 = encoded(x, x2)
    labels = None
    if task == "regression":
        y, y2 = np.array(y, float), np.array(y2, float)
    else:
        names = sorted(set(y))
        labels = list(range(len(names)))
        y, y2 = np.array([names.index(v) for v in y]), np.array([names.index(v) for v in y2])
    model = estimator()
    start = time.time()
    model.fit(x, y)
    took = time.time() - start
    return {"score": score(model, x2, y2, labels), "seconds": took}


try:
    reply = main()
except Exception as e:
    reply = {"error": "%s: %s" % (type(e).__name__, e)}
print("\n" + json.dumps(reply), flush=True)
