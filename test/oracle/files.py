"""Pictures and arrow files as other programs write and read them: `python test/oracle/files.py > test/runtime/foreign-files.json` (Pillow 13, PyArrow 26)."""
import base64
import io
import json

import numpy as np
import pyarrow as pa
import pyarrow.ipc as ipc
from PIL import Image

rng = np.random.default_rng(0)


def text(b):
    return base64.b64encode(b).decode()


def picture(height, width):
    y, x = np.mgrid[0:height, 0:width]
    planes = [x * 255 / width, y * 255 / height, (7 * x + 5 * y) % 256]
    return Image.fromarray(np.clip(np.stack(planes, -1) + rng.normal(0, 20, (height, width, 3)), 0, 255).astype("u1"))


def resized(image, height, width):
    """the width, then the height"""
    image = image.convert("RGB")
    wide = image.resize((width, image.height), Image.BILINEAR)
    return np.asarray(wide.resize((width, height), Image.BILINEAR)).transpose(2, 0, 1)


pictures = []
SIZES = [(12, 16), (7, 5), (30, 41), (23, 31)]
for name, mode, shape, options in [
    ("a.png", "RGB", (23, 31), {}),
    ("b.jpg", "RGB", (40, 30), {"quality": 85}),
    ("c.jpg", "L", (16, 24), {}),
    ("d.png", "RGBA", (9, 20), {}),
    ("e.png", "P", (12, 16), {}),
    ("f.jpg", "RGB", (33, 47), {"quality": 60, "progressive": True}),
]:
    out = io.BytesIO()
    picture(*shape).convert(mode).save(out, "JPEG" if name.endswith("jpg") else "PNG", **options)
    read = Image.open(io.BytesIO(out.getvalue()))
    pictures.append({
        "name": name,
        "bytes": text(out.getvalue()),
        "planes": [{"size": s, "bytes": text(resized(read, *s).tobytes())} for s in SIZES],
    })

table = pa.table({
    "i": pa.array([1, None, 3], pa.int64()),
    "u": pa.array([0, 200, 255], pa.uint8()),
    "f": pa.array([0.5, float("nan"), -0.0], pa.float32()),
    "h": pa.array(np.array([0.5, 2, -3], "f2")),
    "s": ["x", "", "é→"],
    "d": pa.array(["p", None, "p"]).dictionary_encode(),
    "b": [True, None, False],
    "t": pa.array([1, 1_000_000_007, -1], pa.timestamp("ns")),
    "day": pa.array([0, 19000, -1], pa.date32()),
    "v": pa.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], pa.list_(pa.float32(), 2)),
    "l": pa.array([[1, 2], [3, 4], [5, 6]], pa.list_(pa.int32())),
    "ragged": pa.array([[1], [2, 3], []], pa.list_(pa.int32())),
    "nested": [{"a": 1}, {"a": 2}, {"a": 3}],
    "big": pa.array([0, 2**63, 5], pa.uint64()),
})


def arrow(kind, options=None):
    out = io.BytesIO()
    writer = (ipc.new_file if kind == "file" else ipc.new_stream)(out, table.schema, options=options)
    with writer:
        for batch in table.to_batches(max_chunksize=2):
            writer.write_batch(batch)
    return text(out.getvalue())


arrows = {
    "file": arrow("file"),
    "stream": arrow("stream"),
    "zstd": arrow("file", ipc.IpcWriteOptions(compression="zstd")),
    "lz4": arrow("file", ipc.IpcWriteOptions(compression="lz4")),
}
print(json.dumps({"pictures": pictures, "arrows": arrows}))
