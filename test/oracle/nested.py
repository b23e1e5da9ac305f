"""Tables with records, lists, decimals and clocks as PyArrow writes them: `python test/oracle/nested.py > test/runtime/nested-files.json` (PyArrow 26)."""
import base64
import datetime as dt
import decimal
import io
import json

import numpy as np
import pyarrow as pa
import pyarrow.ipc as ipc
import pyarrow.parquet as pq

rng = np.random.default_rng(7)
ROWS = 90
UTC = dt.timezone.utc
WORDS = ["a", "", "é→", "two words", "NA", "x\ny"]


def word():
    return WORDS[rng.integers(len(WORDS))]


def maybe(x):
    return None if rng.random() < 0.3 else x


def instant():
    return dt.datetime(2020, 1, 1, tzinfo=UTC) + dt.timedelta(microseconds=int(rng.integers(-10**15, 10**15)))


def some(f, most=4):
    return [f() for _ in range(rng.integers(0, most))]


def real():
    return float(np.float32(rng.normal()))


def row(i):
    return {
        "id": i * 2**33,
        "user": maybe({"name": maybe(word()), "pos": {"x": real(), "y": int(rng.integers(-9, 9))}}),
        "tags": some(word),
        "nums": some(real, 6),
        "items": some(lambda: {"sku": word(), "n": int(rng.integers(-100, 100)), "ok": bool(rng.integers(2)), "at": instant()}),
        "m": [[real(), real(), real()], [real(), real(), real()]],
        "bytes": [int(x) for x in rng.integers(0, 256, 4)],
        "flags": [bool(x) for x in rng.integers(0, 2, 3)],
        "price": decimal.Decimal(int(rng.integers(-10**9, 10**9))) / 1000,
        "at": maybe(instant()),
        "ragged": [[1] * int(rng.integers(1, 3)), [2]],
        "none": None,
    }


rows = [row(i) for i in range(ROWS)]
item = pa.struct([("sku", pa.string()), ("n", pa.int32()), ("ok", pa.bool_()), ("at", pa.timestamp("us", "UTC"))])
schema = pa.schema([
    ("id", pa.int64()),
    ("user", pa.struct([("name", pa.string()), ("pos", pa.struct([("x", pa.float64()), ("y", pa.int16())]))])),
    ("tags", pa.list_(pa.string())),
    ("nums", pa.large_list(pa.float32())),
    ("items", pa.list_(item)),
    ("m", pa.list_(pa.list_(pa.float32()))),
    ("bytes", pa.list_(pa.uint8(), 4)),
    ("flags", pa.list_(pa.bool_(), 3)),
    ("price", pa.decimal128(12, 3)),
    ("at", pa.timestamp("ms", "America/New_York")),
    ("ragged", pa.list_(pa.list_(pa.int64()))),
    ("none", pa.null()),
])
for r in rows:
    if r["at"]:
        r["at"] = r["at"].replace(microsecond=r["at"].microsecond // 1000 * 1000)
table = pa.Table.from_pylist(rows, schema)


def text(b):
    return base64.b64encode(b).decode()


def arrow(new, compression):
    out = io.BytesIO()
    with new(out, schema, options=ipc.IpcWriteOptions(compression=compression)) as writer:
        for batch in table.to_batches(max_chunksize=37):
            writer.write_batch(batch)
    return text(out.getvalue())


def parquet(**options):
    out = io.BytesIO()
    pq.write_table(table, out, row_group_size=37, **options)
    return text(out.getvalue())


def micros(t):
    return (t - dt.datetime(1970, 1, 1, tzinfo=UTC)) // dt.timedelta(microseconds=1)


def line(x):
    """as JSON has it; clocks an hour east of UTC"""
    if isinstance(x, dt.datetime):
        return x.astimezone(dt.timezone(dt.timedelta(hours=1))).isoformat()
    if isinstance(x, decimal.Decimal):
        return float(x)
    if isinstance(x, dict):
        return {k: line(v) for k, v in x.items()}
    return [line(v) for v in x] if isinstance(x, list) else x


def expected(r):
    user = r["user"] or {"name": None, "pos": None}
    pos = user["pos"] or {"x": None, "y": None}
    return {
        "id": r["id"],
        "name": user["name"],
        "x": pos["x"],
        "y": pos["y"],
        "tags": r["tags"],
        "nums": r["nums"],
        "items": [[i["sku"], i["n"], i["ok"], micros(i["at"])] for i in r["items"]],
        "m": [x for side in r["m"] for x in side],
        "bytes": r["bytes"],
        "flags": r["flags"],
        "price": float(r["price"]),
        "at": r["at"] and micros(r["at"]),
    }


print(json.dumps({
    "rows": [expected(r) for r in rows],
    "files": {
        "plain.arrow": arrow(ipc.new_file, None),
        "stream.arrow": arrow(ipc.new_stream, None),
        "lz4.arrow": arrow(ipc.new_file, "lz4"),
        "zstd.arrow": arrow(ipc.new_stream, "zstd"),
        "snappy.parquet": parquet(),
        "zstd.parquet": parquet(compression="zstd", data_page_version="2.0", use_dictionary=False),
        "lines.json": text("\n".join(json.dumps(line(r), ensure_ascii=False) for r in rows).encode()),
        "array.json": text(json.dumps([line(r) for r in rows], indent=1).encode()),
    },
}))
