"""Metrics by scikit-learn, and files as NumPy and Python's csv read them."""
import csv
from fractions import Fraction

import numpy as np
from serve import serve
from sklearn.metrics import confusion_matrix, f1_score, roc_auc_score, root_mean_squared_error


def auc(score, label):
    """Mann and Whitney in whole numbers, and scikit-learn's curve."""
    yes, no = score[label != 0], score[label == 0]
    if not len(yes) or not len(no):
        return {"pairs": None, "sklearn": None}
    halves = sum(2 * int((no < s).sum()) + int((no == s).sum()) for s in yes)
    return {"pairs": float(Fraction(halves, 2 * len(yes) * len(no))), "sklearn": float(roc_auc_score(label, score))}


def classes(predicted, actual, count):
    p, a = predicted.astype(int), actual.astype(int)
    return {"confusion": confusion_matrix(a, p, labels=range(count)), "f1": float(f1_score(a > 0, p > 0, zero_division=np.nan))}


def regression(predicted, actual, shares):
    """The error in f64; order statistics; the first of the least and the greatest."""
    at = {"least": int(predicted.argmin()), "most": int(predicted.argmax())}
    values = np.quantile(predicted, shares, method="inverted_cdf")
    return {"rmse": np.float64(root_mean_squared_error(actual.astype(float), predicted.astype(float))), "quantiles": values, **at}


def tensors(path):
    loaded = np.load(path)
    return dict(loaded) if path.endswith(".npz") else {"": loaded}


def table(path):
    with open(path, newline="") as f:
        head, *rows = csv.reader(f)
    columns = np.genfromtxt(path, delimiter=",", names=True, deletechars="", dtype=None, encoding=None)
    return {"head": head, "rows": rows, "columns": {n: np.atleast_1d(columns[n]) for n in columns.dtype.names}}


if __name__ == "__main__":
    serve(auc, classes, regression, tensors, table)
