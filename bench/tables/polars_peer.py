"""`polars_peer.py file columns threads`: as serve.ts, by polars, told the types; each column as a NumPy array at the end."""
import json
import sys
import time

import polars as pl

path, count, threads = sys.argv[1], int(sys.argv[2]), sys.argv[3]
names = [f"x{k}" for k in range(count)]
for _ in sys.stdin:
    start = time.perf_counter()
    table = pl.read_csv(path, schema={n: pl.Float32 for n in names})
    columns = [table[n].to_numpy() for n in names]
    seconds = time.perf_counter() - start
    sums = [float(c.sum(dtype="f8")) for c in columns]
    print(json.dumps({"seconds": seconds, "sums": sums}), flush=True)
