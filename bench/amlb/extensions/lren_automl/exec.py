"""Trains with the automl program on the training file, predicts the test file, hands the predictions over."""

import csv
import os
import tempfile

from amlb.results import save_predictions
from amlb.utils import Timer, run_cmd

PROGRAM = os.environ.get("AUTOML_BINARY", os.path.join(os.path.dirname(os.path.abspath(__file__)), "bin", "automl"))

# the benchmark's names of metrics
METRICS = {
    "auc": "roc_auc", "logloss": "log_loss", "acc": "accuracy", "balacc": "balanced_accuracy",
    "rmse": "rmse", "mse": "mse", "mae": "mae", "r2": "r2",
}


def quoted(text):
    return "'" + str(text).replace("'", "'\\''") + "'"


def run(dataset, config):
    folder = tempfile.mkdtemp(dir=config.output_dir)
    model, out = os.path.join(folder, "model.automl"), os.path.join(folder, "predictions.csv")
    flags = {
        "target": dataset.target.name, "time": f"{config.max_runtime_seconds}s", "workers": config.cores,
        "memory": f"{config.max_mem_size_mb}MB", "seed": config.seed % 2**63, "out": model,
    }
    if config.metric in METRICS:
        flags["metric"] = METRICS[config.metric]
    if config.type == "regression":
        flags["task"] = "regression"
    arguments = " ".join(f"--{name} {quoted(value)}" for name, value in flags.items())
    with Timer() as training:
        run_cmd(f"{quoted(PROGRAM)} train {quoted(dataset.train.path)} {arguments}", _live_output_=True)
    with Timer() as predicting:
        run_cmd(f"{quoted(PROGRAM)} predict {quoted(model)} {quoted(dataset.test.path)} -o {quoted(out)}", _live_output_=True)

    with open(out, newline="") as f:
        rows = list(csv.DictReader(f))
    labels = sorted(name[len("proba_"):] for name in rows[0] if name.startswith("proba_"))  # the benchmark's order
    probabilities = [[float(row["proba_" + label]) for label in labels] for row in rows] if labels else None
    save_predictions(
        dataset=dataset,
        output_file=config.output_predictions_file,
        predictions=[row["prediction"] for row in rows],
        truth=dataset.test.y,
        probabilities=probabilities,
        probabilities_labels=labels or None,
    )
    return {"training_duration": training.duration, "predict_duration": predicting.duration}
