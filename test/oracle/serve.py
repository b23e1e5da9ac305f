"""Answers questions, one per line of JSON, for test/oracle/python.ts. Also reads idx and safetensors, writes the latter, and knows the row function."""
import base64
import gzip
import hashlib
import json
import os
import struct
import sys
import traceback

import numpy as np

os.environ.setdefault("JAX_PLATFORMS", "cpu")
import jax  # noqa: E402

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_threefry_partitionable", True)


def serve(*questions):
    """Functions by their name; their arguments are the fields of the question, tensors as NumPy arrays."""
    table = {q.__name__: q for q in questions}
    answers, sys.stdout = sys.stdout, sys.stderr  # what a library prints is no answer
    for line in sys.stdin:
        try:
            given = unpack(json.loads(line))
            answer = {"ok": pack(table[given.pop("question")](**given))}
        except Exception:
            answer = {"error": traceback.format_exc()}
        print(json.dumps(answer), file=answers, flush=True)


def pack(v):
    if isinstance(v, dict):
        return {k: pack(x) for k, x in v.items()}
    if isinstance(v, (list, tuple)):
        return [pack(x) for x in v]
    if v is None or isinstance(v, (bool, int, float, str)) and not isinstance(v, np.generic):
        return v
    a = np.asarray(v)
    return {"dtype": a.dtype.name, "shape": list(a.shape), "data": base64.b64encode(a.tobytes()).decode()}


def unpack(v):
    if isinstance(v, list):
        return [unpack(x) for x in v]
    if not isinstance(v, dict):
        return v
    if "dtype" in v:
        return np.frombuffer(base64.b64decode(v["data"]), v["dtype"]).reshape(v["shape"])
    return {k: unpack(x) for k, x in v.items()}


DTYPES = {"F32": "<f4", "F64": "<f8", "I32": "<i4", "I64": "<i8", "U8": "u1", "BOOL": "?"}


def read_safetensors(path):
    with open(path, "rb") as f:
        (length,) = struct.unpack("<Q", f.read(8))
        header, data = json.loads(f.read(length)), f.read()
    header.pop("__metadata__", None)
    return {k: np.frombuffer(data[slice(*e["data_offsets"])], DTYPES[e["dtype"]]).reshape(e["shape"]) for k, e in header.items()}


def write_safetensors(path, tensors):
    header, parts, at = {}, [], 0
    for k, v in tensors.items():
        v = np.ascontiguousarray(v)
        name = next(n for n, d in DTYPES.items() if np.dtype(d) == v.dtype)
        header[k] = {"dtype": name, "shape": list(v.shape), "data_offsets": [at, at + v.nbytes]}
        parts.append(v.tobytes())
        at += v.nbytes
    text = json.dumps(header).encode()
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + b"".join(parts))


def idx(path):
    """MNIST's files."""
    b = gzip.open(path).read()
    shape = np.frombuffer(b[4:4 + 4 * b[3]], ">u4").astype(int)
    return np.frombuffer(b[4 + 4 * b[3]:], "u1").reshape(shape)


# --- chance (language 4)
def place(path):
    """The word of a place in the program."""
    return int.from_bytes(hashlib.sha256(path.encode()).digest()[:4], "big")


def key(path, seed=0, *words):
    """The key of a random value: the words are epoch, step, iteration, row lo, row hi, as far as they exist there."""
    k = jax.random.key(seed)
    for w in (place(path), *words):
        k = jax.random.fold_in(k, jax.numpy.uint32(w))
    return k


def threefry(k0, k1, c0, c1):
    """Threefry-2x32-20 of one counter, by JAX."""
    from jax.extend.random import threefry_2x32

    a, b = threefry_2x32(np.array([k0, k1], np.uint32), np.array([c0, c1], np.uint32))
    return np.uint32(a), np.uint32(b)


def mix32(x):
    x = np.asarray(x, np.uint32)
    for _ in range(2):
        x = ((x ^ (x >> np.uint32(16))).astype(np.uint64) * 73244475 & 0xFFFFFFFF).astype(np.uint32)
    return x ^ (x >> np.uint32(16))


def row_words(rows, path, epoch=0, seed=0):
    """The words by which split, sample and shuffle choose and order rows."""
    rows = np.asarray(rows, np.uint64)
    a, b = threefry(seed >> 32, seed & 0xFFFFFFFF, place(path), epoch)
    lo, hi = (rows & 0xFFFFFFFF).astype(np.uint32), (rows >> np.uint64(32)).astype(np.uint32)
    return mix32(mix32(lo ^ a) ^ hi ^ b)


def shuffled(rows, path, epoch=0, seed=0):
    rows = np.asarray(rows)
    return rows[np.lexsort((rows, row_words(rows, path, epoch, seed)))]


def split(rows, path, shares, seed=0):
    """Rows of each part, by the running sum of the shares of 2^32."""
    words, parts, low = row_words(rows, path, 0, seed).astype(np.float64), [], 0.0
    for share in shares:
        high = low + share
        parts.append(np.asarray(rows)[(words >= round(low * 2**32)) & (words < round(high * 2**32))])
        low = high
    return parts
