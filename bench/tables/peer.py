"""`peer.py polars|torch|jax csv|mixed|group|mlp file threads`: as serve.ts, by other programs; columns as NumPy arrays at the end."""
import json
import sys
import time

import numpy as np
import polars as pl

who, what, path, threads = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
names = [f"x{k}" for k in range(11)]
BATCH, LR = 256, 0.01


def csv():
    table = pl.read_csv(path, schema={n: pl.Float32 for n in names})
    return [table[n].to_numpy() for n in names]


def mixed():
    schema = {"day": pl.Date, "city": pl.String, "note": pl.String, "x": pl.Float64}
    return [pl.read_csv(path, schema=schema)["x"].to_numpy()]


def group():
    return [pl.scan_parquet(path).group_by("k").agg(pl.col("x").mean()).collect()["x"].to_numpy()]


def features():
    table = pl.read_csv(path, schema={n: pl.Float32 for n in names})
    return table.select(names[1:]).to_numpy() * 2, table.select(names[:1]).to_numpy()


def torch_mlp():
    import torch

    torch.set_num_threads(threads)

    def once():
        x, y = (torch.from_numpy(np.ascontiguousarray(a)) for a in features())
        nn = torch.nn
        net = nn.Sequential(nn.Linear(10, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
        optimizer = torch.optim.SGD(net.parameters(), LR)
        for at in range(0, len(x), BATCH):
            optimizer.zero_grad(set_to_none=True)
            nn.functional.mse_loss(net(x[at : at + BATCH]), y[at : at + BATCH]).backward()
            optimizer.step()
        return []

    return once


def jax_mlp():
    import jax
    import jax.numpy as jnp

    def loss(w, x, y):
        for i, (a, b) in enumerate(w):
            x = x @ a + b
            x = jnp.maximum(x, 0) if i < 2 else x
        return jnp.mean((x - y) ** 2)

    @jax.jit
    def epoch(w, x, y):
        def step(w, xy):
            g = jax.grad(loss)(w, *xy)
            return jax.tree.map(lambda a, b: a - LR * b, w, g), None

        n = len(x) // BATCH
        w, _ = jax.lax.scan(step, w, (x[: n * BATCH].reshape(n, BATCH, -1), y[: n * BATCH].reshape(n, BATCH, -1)))
        return w

    def once():
        x, y = features()
        sizes = [10, 64, 32, 1]
        w = [(np.random.randn(a, b).astype("f4") / a**0.5, np.zeros(b, "f4")) for a, b in zip(sizes, sizes[1:])]
        jax.block_until_ready(epoch(w, x, y))
        return []

    return once


once = {"csv": lambda: csv, "mixed": lambda: mixed, "group": lambda: group, "mlp": torch_mlp if who == "torch" else jax_mlp}[what]()
print("ready", flush=True)
for _ in sys.stdin:
    start = time.perf_counter()
    arrays = once()
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "sums": [float(a.sum(dtype="f8")) for a in arrays]}), flush=True)
