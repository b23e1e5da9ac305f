"""What the peers in Python share: the protocol of bench/peer.ts, weights as hsc saves them, the data of a row. Knows no framework."""
import gzip
import json
import os
import struct
import sys
import time

import numpy as np

# (kernel, units, relu, pool, pad) per layer; kernel 0 is dense
NETS = {
    "mlp": ((1, 28, 28), [(0, 256, 1, 0, 0), (0, 128, 1, 0, 0), (0, 10, 0, 0, 0)]),
    "lenet": ((1, 28, 28), [(5, 20, 0, 1, 0), (5, 50, 0, 1, 0), (0, 500, 1, 0, 0), (0, 10, 0, 0, 0)]),
    "lenet5": ((1, 28, 28), [(5, 6, 1, 1, 2), (5, 16, 1, 1, 0), (0, 120, 1, 0, 0), (0, 84, 1, 0, 0), (0, 10, 0, 0, 0)]),
    "cifar": (
        (3, 32, 32),
        [(3, 32, 1, 0, 1), (3, 32, 1, 1, 1), (3, 64, 1, 0, 1), (3, 64, 1, 1, 1), (0, 128, 1, 0, 0), (0, 10, 0, 0, 0)],
    ),
}
LR, MOMENTUM = 0.01, 0.9


def safetensors(path):
    """tensors in the order of the file, which is that of the program"""
    with open(path, "rb") as f:
        raw = f.read()
    size = struct.unpack("<Q", raw[:8])[0]
    head = json.loads(raw[8 : 8 + size])
    head.pop("__metadata__", None)
    out = {}
    for name, t in sorted(head.items(), key=lambda e: e[1]["data_offsets"]):
        lo, hi = t["data_offsets"]
        out[name] = np.frombuffer(raw[8 + size + lo : 8 + size + hi], dtype={"F32": "f4", "F64": "f8"}[t["dtype"]]).reshape(t["shape"])
    return out


def idx(path):
    with gzip.open(path, "rb") as f:
        raw = f.read()
    dims = struct.unpack(f">{raw[3]}I", raw[4 : 4 + 4 * raw[3]])
    return np.frombuffer(raw[4 + 4 * raw[3] :], dtype="u1").reshape(dims)


def records(row):
    """inputs and targets in the order of the file: images as the net takes them and labels, or x.npy, which is its own target"""
    folder, net = row["folder"], row["program"]
    if net not in NETS:
        return np.load(os.path.join(folder, "x.npy")), None
    data = row["data"]
    x = idx(os.path.join(data, "t10k-images-idx3-ubyte.gz")).astype("f4") / np.float32(255)
    if net == "cifar":
        x = np.repeat(np.pad(x, ((0, 0), (2, 2), (2, 2)))[:, None], 3, axis=1)
    else:
        x = x[:, None]
    return x, idx(os.path.join(data, "t10k-labels-idx1-ubyte.gz")).astype("i8")


def difference(folder, found):
    """how far weights lie from those that hsc came to, in units of the way from the start (euclidean, all weights together)"""
    start, end = (safetensors(os.path.join(folder, f"{f}.safetensors")) for f in ("start", "end"))
    names = [n for n in end if n in found]
    gap = sum(float(((found[n].astype("f8") - end[n]) ** 2).sum()) for n in names)
    way = sum(float(((end[n].astype("f8") - start[n]) ** 2).sum()) for n in names)
    return (gap / way) ** 0.5


def apart(found, path):
    """largest difference from a tensor that hsc saved, in units of its largest element"""
    expected = np.load(path)
    return float(np.abs(found.astype("f8") - expected).max() / np.abs(expected).max())


def best(step, sync, seconds):
    """seconds per step: the least mean over chunks of at least 3 ms"""
    step()
    sync()
    start = time.perf_counter()
    step()
    sync()
    chunk = max(1, round(0.003 / max(time.perf_counter() - start, 1e-6)))
    least, end = 1e9, time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        for _ in range(chunk):
            step()
        sync()
        least = min(least, (time.perf_counter() - start) / chunk)
    return least


def serve(make):
    """make(row): (step, sync, check) of a row, or a string: why it cannot run it"""
    known = {}
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        row = json.loads(line)
        try:
            if row["ask"] == "forget":
                known.pop(row["id"], None)
                print("{}", flush=True)
                continue
            if row["id"] not in known:
                known[row["id"]] = make(row)
            made = known[row["id"]]
            if isinstance(made, str):
                answer = {"cannot": made}
            elif row["ask"] == "check":
                answer = {"difference": made[2]()}
            else:
                answer = {"seconds": best(made[0], made[1], row["seconds"])}
        except Exception as e:  # a peer that fails in one row goes on with the next
            answer = {"cannot": f"{type(e).__name__}: {str(e).splitlines()[0] if str(e) else ''}"[:300]}
        print(json.dumps(answer), flush=True)
