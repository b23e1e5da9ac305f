"""NumPy (with its OpenBLAS) as a peer of bench/main.ts: products and elementwise programs. `numpy_peer.py threads`."""
import os
import sys

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = sys.argv[1]
import numpy as np
from common import apart, serve


def softmax(x, t):
    e = np.exp(x - x.max(-1, keepdims=True))
    y = e / e.sum(-1, keepdims=True)
    return y, y * (t - (y * t).sum(-1, keepdims=True))


def chain(x, y):
    a = np.abs(x * np.float32(1.5) - y)
    b = np.maximum(a * y, x) + np.float32(0.5)
    return np.minimum(b * b, np.float32(4)) * x - y


def make(row):
    folder, program = row["folder"], row["program"]
    if row["kind"] != "evaluate":
        return "NumPy has no nets"
    given = lambda n: np.load(os.path.join(folder, f"{n}.npy"))
    if program == "softmax":
        x, t = given("x"), given("t")
        run = lambda: softmax(x, t)
        return run, lambda: None, lambda: max(apart(v, os.path.join(folder, f"{n}.npy")) for n, v in zip("yg", run()))
    f = {
        "product": lambda a, b: a @ b,
        "product64": lambda a, b: a @ b,
        "elementwise": lambda a, b: np.maximum(np.float32(2) * a + b, np.float32(0)) * a - b,
        "chain": chain,
        "exp": np.exp,
    }[program]
    args = (given("x"),) if program == "exp" else (given("x"), given("y"))
    return lambda: f(*args), lambda: None, lambda: apart(f(*args), os.path.join(folder, "z.npy"))


serve(make)
