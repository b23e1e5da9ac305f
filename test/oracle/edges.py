"""Numbers at the edges of f32, nothing at all, and what NumPy and JAX make of them."""
import jax
import jax.numpy as jnp
import numpy as np
from serve import serve

np.seterr(all="ignore")
MOST = np.finfo(np.float32).max
EDGES = np.array(
    [np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, 2.5, -2.5, 1e-3, 3e38, -3e38, MOST, -MOST, 1e-38, 2.0**31, -(2.0**31), 2.0**24 + 2, 88.0, -88.0, 104.0, -104.0, 7e4],
    np.float32,
)
i32 = lambda v: np.asarray(v).astype(np.int32)


def saturated(v):
    return i32(np.clip(np.nan_to_num(np.trunc(v.astype(float)), nan=0), -(2.0**31), 2.0**31 - 1).astype(np.int64))


# of x and y: all pairs
EXACT = {
    "x + y": lambda x, y: x + y,
    "x - y": lambda x, y: x - y,
    "x * y": lambda x, y: x * y,
    "x / y": lambda x, y: x / y,
    "maximum(x, y)": np.maximum,
    "minimum(x, y)": np.minimum,
    "i32(x < y)": lambda x, y: i32(x < y),
    "i32(x <= y)": lambda x, y: i32(x <= y),
    "i32(x == y)": lambda x, y: i32(x == y),
    "i32(x != y)": lambda x, y: i32(x != y),
    "where(x > y, x, y)": lambda x, y: np.where(x > y, x, y),
    "i32(isnan(x))": lambda x, y: i32(np.isnan(x)),
    "sqrt(x)": lambda x, y: np.sqrt(x),
    "rsqrt(x)": lambda x, y: np.float32(1) / np.sqrt(x),
    "clamp(x, -1, 2.5)": lambda x, y: np.clip(x, np.float32(-1), np.float32(2.5)),
    "clamp(x, minimum(y, 0), 88)": lambda x, y: np.clip(x, np.minimum(y, 0), np.float32(88)),
    "where(is_function(v => v) and not is_function(x), x, y)": lambda x, y: np.where(callable(abs) and not callable(x), x, y),
    "abs(x)": lambda x, y: np.abs(x),
    "floor(x)": lambda x, y: np.floor(x),
    "ceil(x)": lambda x, y: np.ceil(x),
    "round(x)": lambda x, y: np.rint(x),
    "i32(x)": lambda x, y: saturated(x),
    "relu(x)": lambda x, y: np.maximum(x, 0),  # JAX on CPUs flushes what is below 2^-126
    "max(t, axis: 1)": lambda x, y: x.reshape(26, 26).max(1),
    "min(t, axis: 0)": lambda x, y: x.reshape(26, 26).min(0),
    "argmax(t)": lambda x, y: i32(x.reshape(26, 26).argmax(-1)),
    "argmin(t, axis: 0)": lambda x, y: i32(x.reshape(26, 26).argmin(0)),
}
LINE = np.array([2, -1, np.nan, 2, np.inf, -np.inf, 0.5, -1, np.nan, 7, 2], np.float32)
LINES = np.stack([LINE, LINE[::-1], np.roll(LINE, 3)])
# NaN comes last, ties keep their places
SORTED = {
    "sort(t)": lambda t: np.sort(t, kind="stable"),
    "sort(t, axis: 0)": lambda t: np.sort(t, 0, kind="stable"),
    "argsort(t)": lambda t: i32(np.argsort(t, kind="stable")),
    "argsort(t, axis: 0)": lambda t: i32(np.argsort(t, 0, kind="stable")),
    "top_k(t, 4).values": lambda t: -np.sort(-t, kind="stable")[:, :4],
    "top_k(t, 4).indices": lambda t: i32(np.argsort(-t, kind="stable")[:, :4]),
}
MATRIX = np.array([[2, -1, 0.5, 0], [0.25, 3, -1, 1], [1, 0.5, -2, 0.75], [-0.5, 1, 0.25, 4]], np.float32)
RIGHT = np.array([[1, 2], [-1, 0.5], [0.25, 3], [2, -2]], np.float32)
ALGEBRA = {
    "solve(a, b)": lambda a, b: np.linalg.solve(a, b),
    "inverse_matrix(a)": lambda a, b: np.linalg.inv(a),
    "value_and_grad(w => sum(tanh(w @ b)))(a).value": lambda a, b: jnp.tanh(a @ b).sum(),
    "value_and_grad(w => sum(tanh(w @ b)))(a).grad": lambda a, b: jax.value_and_grad(lambda w: jnp.tanh(w @ b).sum())(a)[1],
    "grad(w => sum(stop_gradient(tanh(w)) * w * w))(a)": lambda a, b: jax.grad(lambda w: (jax.lax.stop_gradient(jnp.tanh(w)) * w * w).sum())(a),
    "orthonormalize(a)": lambda a, b: (lambda q, r: q * np.sign(np.diag(r)))(*np.linalg.qr(a)),
    "a @ b": lambda a, b: a @ b,
    'einsum("ij,jk,il->kl", a, b, a)': lambda a, b: np.einsum("ij,jk,il->kl", a, b, a),
    'einsum("ii,ij->j", a, b)': lambda a, b: np.einsum("ii,ij->j", a, b),
}
# each is one primitive, or decided by infinities alone
ULPS = {
    "exp(x)": np.exp,
    "log(x)": np.log,
    "tanh(x)": np.tanh,
    "sigmoid(x)": lambda v: np.asarray(jax.nn.sigmoid(v)),
    "softplus(x)": lambda v: np.asarray(jax.nn.softplus(v)),
    "log1p(x)": np.log1p,
    "expm1(x)": np.expm1,
    "sin(clamp(x, -100, 100))": lambda v: np.sin(np.clip(v, -100, 100)),
    "cos(clamp(x, -100, 100))": lambda v: np.cos(np.clip(v, -100, 100)),
    "pi * clamp(x, -1, inf)": lambda v: np.float32(np.pi) * np.clip(v, -1, np.inf),
    "erf(x)": lambda v: np.asarray(jax.scipy.special.erf(v)),
}
ROWS = np.array([[0, 0, 0], [-np.inf, 0, 1], [-np.inf] * 3, [3e38, -3e38, 0], [100, 200, 300], [np.nan, 0, 1], [1e-30, 0, -1e-30]], np.float32)
OF_ROWS = {
    "softmax(t)": lambda t: jax.nn.softmax(t),
    "log_softmax(t)": lambda t: jax.nn.log_softmax(t),
    "logsumexp(t)": lambda t: jax.nn.logsumexp(t, axis=-1),
}


def pairs():
    x, y = np.repeat(EDGES, len(EDGES)), np.tile(EDGES, len(EDGES))
    return {"x": x, "y": y, "exact": {k: f(x, y) for k, f in EXACT.items()}}


def lanes():
    return {"x": EDGES, "expect": {k: f(EDGES.astype(np.float64)) for k, f in ULPS.items()}}


def ordered():
    return {"t": LINES, "exact": {k: f(LINES) for k, f in SORTED.items()}}


def algebra():
    return {"a": MATRIX, "b": RIGHT, "expect": {k: f(MATRIX.astype(float), RIGHT.astype(float)) for k, f in ALGEBRA.items()}}


def rows():
    """In f64, and in f32: where that overflows."""
    return {"t": ROWS, **{d: {k: f(jnp.asarray(ROWS, d)) for k, f in OF_ROWS.items()} for d in ("float64", "float32")}}


HALVES = {
    "x": lambda x, y, s, d: x,
    "f32(x)": lambda x, y, s, d: x.astype("f4"),
    "x + y": lambda x, y, s, d: x + y,
    "x - y": lambda x, y, s, d: x - y,
    "x * y": lambda x, y, s, d: x * y,
    "x / y": lambda x, y, s, d: x / y,
    "sqrt(x)": lambda x, y, s, d: np.sqrt(x),
    "round(x)": lambda x, y, s, d: np.rint(x),
    "maximum(x, y)": lambda x, y, s, d: np.maximum(x, y),
    "where(x > y, -x, y)": lambda x, y, s, d: np.where(x > y, -x, y),
    "i32(x == y)": lambda x, y, s, d: (x == y).astype("i4"),
    "f16(s)": lambda x, y, s, d: s.astype("f2"),
    "f16(d)": lambda x, y, s, d: d.astype("f2"),
    "f16(i32(d))": lambda x, y, s, d: saturated(d).astype("f2"),
    "max(x[0:1000])": lambda x, y, s, d: x[:1000].max(),
}


def halves(folder):
    """Every f16 against another; around the middle between each two of them in f32, and by less than an f32 tells in f64."""
    x = np.arange(2**16, dtype="u2").view("f2")
    y = np.random.default_rng(5).permutation(x)
    up = np.nextafter(x, np.float16(np.inf)).astype(float)
    with np.errstate(all="ignore"):
        middle = np.where(np.isfinite(up + x), (up + x) / 2, np.where(x > 0, 65520.0, -65520.0))
    side = np.random.default_rng(6).integers(-1, 2, len(x))
    s = np.where(side == 0, middle, np.nextafter(middle.astype("f4"), np.float32(np.inf) * side)).astype("f4")
    d = middle * (1 + side * 2.0**-50)
    for name, a in {"x": x, "y": y, "s": s, "d": d}.items():
        np.save(f"{folder}/{name}.npy", a)
    answers = {k: np.asarray(f(x, y, s, d)) for k, f in HALVES.items()}
    return {k: v.astype("f4") if v.dtype == "f2" else v for k, v in answers.items()}


serve(pairs, lanes, rows, ordered, algebra, halves)
