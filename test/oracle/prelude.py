"""Values of the prelude's functions by NumPy and JAX, for test/frontend/lower-prelude.test.ts.

python test/oracle/prelude.py > test/frontend/prelude-oracle.json     (numpy, jax)

Each case is a program whose inputs are files of float64, so that what it computes differs from the values here by the
rounding of float64 alone. Draws are float32: JAX's own bits.
"""
import hashlib
import json
import math

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_threefry_partitionable", True)
rng = np.random.default_rng(7)
cases = []


def tensor(a):
    a = np.asarray(a)
    data = a.astype(float).ravel().tolist()
    text = [None if math.isnan(v) else "inf" if v == math.inf else "-inf" if v == -math.inf else v for v in data]
    return {"shape": list(a.shape), "data": text}


def case(name, program, files, expect):
    """expect: values of the prints, in order"""
    cases.append({
        "name": name,
        "program": program,
        "files": {k: {**tensor(v), "store": {"float64": "f64", "float32": "f32", "int32": "i32"}[str(v.dtype)]} for k, v in files.items()},
        "expect": [tensor(e) for e in expect],
    })


def some(*shape, scale=1.0):
    return np.round(rng.standard_normal(shape) * scale * 64) / 64  # short decimals


def let(**files):
    return "".join(f'let {k}: {"f64" if v.dtype.kind == "f" else "i32"}{list(v.shape)} = npy("{k}.npy")\n' for k, v in files.items())


def unary(name, call, f, x):
    case(name, let(x=x) + f"print {call}\n", {"x": x}, [f(x)])


# --- activations and functions of numbers
wide = np.array([-80, -20, -3.5, -1, -0.25, -2.0**-10, 0, 2.0**-13, 0.5, 1, 2.25, 9, 40, 85])
sigmoid = lambda x: np.where(x >= 0, 1 / (1 + np.exp(-np.abs(x))), np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x))))
erf = np.vectorize(math.erf)
unary("relu", "relu(x)", lambda x: np.maximum(x, 0), wide)
unary("leaky_relu", "leaky_relu(x)", lambda x: np.where(x > 0, x, 0.01 * x), wide)
cases[-1]["literal"] = True  # a literal is rounded to the element of what it meets
unary("leaky_relu, slope", "leaky_relu(x, 0.125)", lambda x: np.where(x > 0, x, 0.125 * x), wide)
unary("elu", "elu(x)", lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))), wide)
unary("gelu", "gelu(x)", lambda x: 0.5 * x * (1 + erf(x / math.sqrt(2))), wide)
unary("sigmoid", "sigmoid(x)", sigmoid, wide)
unary("silu", "silu(x)", lambda x: x * sigmoid(x), wide)
unary("softplus", "softplus(x)", lambda x: np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))), wide)
unary("tanh", "tanh(x)", np.tanh, wide)
small = np.array([-0.875, -0.5, -2.0**-10, -2.0**-23, 0, 2.0**-26, 2.0**-20, 2.0**-7, 0.5, 1, 10, 1e5])
unary("log1p", "log1p(x)", np.log1p, small)
unary("expm1", "expm1(x)", np.expm1, np.array([-30, -2, -1, -0.375, -2.0**-13, 0, 2.0**-23, 0.25, 0.96875, 1.5, 8]))
unary("round, floor, ceil, sign", "round(x) + 16 * floor(x) + 256 * ceil(x) + 4096 * sign(x)",
      lambda x: np.rint(x) + 16 * np.floor(x) + 256 * np.ceil(x) + 4096 * np.sign(x), np.array([-2.5, -1.5, -0.5, 0, 0.5, 1.5, 2.5, 2.375]))
unary("powers", "x^2 + x^3 - x^-1", lambda x: x**2 + x**3 - 1 / x, np.array([-1.5, 0.5, 2, 3]))
unary("powers of any exponent", "x^0.5 + x^1.5 + x^0.3", lambda x: x**0.5 + x**1.5 + x**0.3, np.array([0.5, 2, 3]))
unary("remainder floors", "x % 3 + x % -3", lambda x: x % 3 + x % -3, np.array([-4, -3.5, -1, 0, 1, 2.5, 3, 7]))
i = np.array([-7, -6, -1, 0, 1, 6, 7], np.int32)
case("integers: div, %, /, ^", let(i=i) + "print div(i, 3)\nprint i % 3\nprint div(i, -3)\nprint i / 2\nprint i^2\n", {"i": i},
     [i // 3, i % 3, i // -3, i / 2, i**2])

# --- along axes
logits = some(3, 5, scale=4)
def lse(x, axis=-1):
    m = x.max(axis=axis, keepdims=True)
    return (m + np.log(np.exp(x - m).sum(axis=axis, keepdims=True))).squeeze(axis)
unary("softmax", "softmax(x)", lambda x: np.exp(x - lse(x)[..., None]), logits)
unary("softmax along axis 0", "softmax(x, axis: 0)", lambda x: np.exp(x - lse(x, 0)[None]), logits)
unary("log_softmax", "log_softmax(x)", lambda x: x - lse(x)[..., None], logits)
unary("logsumexp", "logsumexp(x)", lse, logits)
unary("logsumexp of large numbers", "logsumexp(x)", lse, np.array([200, 201, 199.5]))
unary("reductions", "concat([sum(x, axis: 0), prod(x, axis: 0), mean(x, axis: 0), max(x, axis: 0), min(x, axis: 0)])",
      lambda x: np.concatenate([x.sum(0), x.prod(0), x.mean(0), x.max(0), x.min(0)]), logits)
unary("var, std, norm", "concat([var(x, axis: 1), std(x, axis: -1), norm(x, axis: 1)])",
      lambda x: np.concatenate([x.var(1), x.std(1), np.sqrt((x * x).sum(1))]), logits)
unary("var of all", "var(x)", lambda x: x.var(), logits)
unary("cumsum", "cumsum(x, axis: 0) + cumsum(x)", lambda x: x.cumsum(0) + x.cumsum(1), logits)
unary("argmax, argmin", "concat([argmax(x), argmin(x)])", lambda x: np.concatenate([x.argmax(-1), x.argmin(-1)]), logits)
case("any, all", let(x=logits) + "print any(x > 5, axis: 1)\nprint all(x > -20, axis: 0)\nprint sum(x > 0)\nprint mean(x > 0)\n", {"x": logits},
     [(logits > 5).any(1), (logits > -20).all(0), (logits > 0).sum(), (logits > 0).mean()])

# --- losses
target = np.array([4, 0, 2], np.int32)
y = some(3, 5)
pick = lambda x: np.take_along_axis(x, target[:, None], -1)[:, 0]
ce = lambda x: lse(x) - pick(x)
case("cross_entropy", let(x=logits, t=target) + "print cross_entropy(x, t)\n", {"x": logits, "t": target}, [ce(logits)])
s = 0.1
case("cross_entropy, smooth", let(x=logits, t=target) + "print cross_entropy(x, t, smooth: 0.1)\n", {"x": logits, "t": target},
     [lse(logits) - (1 - s) * pick(logits) - s * logits.mean(-1)])
case("nll", let(x=logits, t=target) + "print nll(log_softmax(x), t)\n", {"x": logits, "t": target}, [ce(logits)])
flag = np.array([0, 1, 1, 0, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1], np.int32)
case("binary_cross_entropy", let(x=wide, t=flag) + "print binary_cross_entropy(x, t == 1)\n", {"x": wide, "t": flag},
     [(np.maximum(wide, 0) - wide * flag + np.log1p(np.exp(-np.abs(wide)))).mean()])
def two(name, call, f):
    case(name, let(x=logits, y=y) + f"print {call}\n", {"x": logits, "y": y}, [f(logits, y)])
two("mse", "mse(x, y)", lambda a, b: ((a - b) ** 2).mean())
two("mae", "mae(x, y)", lambda a, b: np.abs(a - b).mean())
two("huber", "huber(x, y)", lambda a, b: np.where(np.abs(a - b) <= 1, 0.5 * (a - b) ** 2, np.abs(a - b) - 0.5).mean())
two("huber, delta", "huber(x, y, delta: 2)", lambda a, b: np.where(np.abs(a - b) <= 2, 0.5 * (a - b) ** 2, 2 * (np.abs(a - b) - 1)).mean())
two("hinge", "hinge(x, sign(y))", lambda a, b: np.maximum(0, 1 - a * np.sign(b)).mean())
two("l2", "l2(x)", lambda a, b: (a * a).sum())
two("triplet", "triplet(x, y, x + 0.5)", lambda a, b: np.maximum(0, ((a - b) ** 2).sum() - (0.25 * np.ones_like(a)).sum() + 1))
def kl(a, b):
    p, q = np.exp(a - lse(a)[:, None]), np.exp(b - lse(b)[:, None])
    return (p * (np.log(p) - np.log(q))).sum()
two("kl_divergence", "kl_divergence(softmax(x), softmax(y))", kl)

# --- shapes
x3 = some(2, 3, 4)
def shaped(name, call, f):
    unary(name, call, f, x3)
shaped("reshape and flatten", "flatten(reshape(x, [4, -1]))", lambda x: x.reshape(-1))
shaped("transpose", "transpose(x, [2, 0, 1])", lambda x: x.transpose(2, 0, 1))
shaped("transpose of all", "transpose(x)", lambda x: x.T)
shaped("unsqueeze, squeeze", "squeeze(unsqueeze(x, [0, -1]), 0)", lambda x: x[..., None])
shaped("expand", "expand(unsqueeze(x, 1), [2, 5, 3, 4])", lambda x: np.broadcast_to(x[:, None], (2, 5, 3, 4)))
shaped("concat", "concat([x, x * 2], axis: -1)", lambda x: np.concatenate([x, 2 * x], -1))
shaped("stack", "stack([x, x * 2], axis: 1)", lambda x: np.stack([x, 2 * x], 1))
shaped("slice", "slice(x, [0, 1, 2], [2, 2, 1])", lambda x: x[:, 1:3, 2:3])
shaped("index", "x[1, 0:2, -1]", lambda x: x[1, 0:2, -1])
shaped("pad", "pad(x, [0, 1, 2], value: -1)", lambda x: np.pad(x, [(0, 0), (1, 1), (2, 2)], constant_values=-1))
shaped("pad of pairs", "pad(x, [[0, 0], [0, 1], [2, 0]])", lambda x: np.pad(x, [(0, 0), (0, 1), (2, 0)]))
def spread(x):
    out = np.zeros((2, 5, 4))
    out[:, ::2] = x
    return out
shaped("pad between", "pad(x, 0, between: [0, 1, 0])", spread)
shaped("flip", "flip(x, [0, 2])", lambda x: x[::-1, :, ::-1])
shaped("roll", "roll(x, 1, axis: 2) + roll(x, -1, axis: 1)", lambda x: np.roll(x, 1, 2) + np.roll(x, -1, 1))
shaped("tile", "tile(x, [2, 1, 3])", lambda x: np.tile(x, (2, 1, 3)))
shaped("window", "window(x, 2, stride: 2, axis: 2)", lambda x: x.reshape(2, 3, 2, 2))
shaped("window, dilation", "window(x, 2, axis: -1, dilation: 2)", lambda x: np.stack([x[..., :2], x[..., 2:]], -1))
case("gather", let(x=x3, i=np.array([[2, 0], [1, 1]], np.int32)) + "print gather(x, i, axis: 1)\n",
     {"x": x3, "i": np.array([[2, 0], [1, 1]], np.int32)}, [x3[:, [[2, 0], [1, 1]]]])
added = x3[0].copy()
np.add.at(added, [2, 0, 2], x3[1])
case("scatter_add", let(x=x3, i=np.array([2, 0, 2], np.int32)) + "print scatter_add(x[0], i, x[1])\n", {"x": x3, "i": np.array([2, 0, 2], np.int32)}, [added])
shaped("one_hot, eye, tril, causal_mask", "eye(4) + tril(ones([4, 4])) + f32(causal_mask(4)) + x[0, 0]",
       lambda x: np.eye(4) + 2 * np.tril(np.ones((4, 4))) + x[0, 0])
case("one_hot", let(i=target) + "print one_hot(i, 5)\n", {"i": target}, [np.eye(5)[target]])
case("range, full", "print range(5)\nprint range(2, 6)\nprint full([2, 2], 1.5)\nprint zeros([3])\n", {}, [np.arange(5), np.arange(2, 6), np.full((2, 2), 1.5), np.zeros(3)])

# --- products
a, b, v = some(3, 4), some(4, 5), some(4)
case("matmul", let(a=a, b=b, v=v) + "print a @ b\nprint a @ v\nprint v @ b\nprint dot(v, v)\nprint outer(v, v)\n", {"a": a, "b": b, "v": v},
     [a @ b, a @ v, v @ b, v @ v, np.outer(v, v)])
p, q = some(2, 1, 3, 4), some(5, 4, 2)
case("matmul broadcasts its batch", let(p=p, q=q) + "print p @ q\n", {"p": p, "q": q}, [p @ q])
e1, e2, e3 = some(3, 4), some(4, 4), some(4, 3)
case("einsum", let(a=e1, b=e2, c=e3) + 'print einsum("ij,jk,ki->i", a, b, c)\nprint einsum("ii->i", b)\nprint einsum("ij->", a)\nprint einsum("ij,ij->j", a, a)\nprint einsum("ij,k->kji", a, c[:, 0])\n',
     {"a": e1, "b": e2, "c": e3},
     [np.einsum("ij,jk,ki->i", e1, e2, e3), np.diag(e2), e1.sum(), (e1 ** 2).sum(0), np.einsum("ij,k->kji", e1, e3[:, 0])])

# --- convolution and pooling, as layers of a net loaded from a file
def conv(x, w, b, stride, pad, dilation, groups):
    out = jax.lax.conv_general_dilated(x[None], w, stride, [(p, p) for p in pad], rhs_dilation=dilation, feature_group_count=groups)[0]
    return np.asarray(out) + b[:, None, None]
img = some(4, 9, 8)
def conv_case(name, args, filters, kernel, stride=(1, 1), pad=(0, 0), dilation=(1, 1), groups=1):
    w, b = some(filters, 4 // groups, *kernel), some(filters)
    program = let(x=img) + f'model M(x: f64[4, 9, 8]) -> f64[...] = x |> conv({filters}, {args})\nlet net = load(M, "m.safetensors")\nprint net(x)\n'
    case(name, program, {"x": img, "conv1.w": w, "conv1.b": b}, [conv(img, w, b, stride, pad, dilation, groups)])
conv_case("conv", "kernel: 3", 5, (3, 3))
conv_case("conv, stride and pad", "kernel: 3, stride: 2, pad: 1", 5, (3, 3), (2, 2), (1, 1))
conv_case("conv, all arguments", "kernel: [3, 2], stride: [2, 1], pad: [2, 1], dilation: [1, 2], groups: 2", 6, (3, 2), (2, 1), (2, 1), (1, 2), 2)
conv_case("conv, depthwise", "kernel: 3, groups: 4", 4, (3, 3), groups=4)

def pool(x, size, stride, pad, ceil, kind):
    c, h, w = x.shape
    sides = []
    for n, k, s, p in zip((h, w), size, stride, pad):
        o = (math.ceil if ceil else math.floor)((n + 2 * p - k) / s) + 1
        if ceil and (o - 1) * s >= n + p:
            o -= 1
        sides.append(o)
    out = np.zeros((c, *sides))
    for i in range(sides[0]):
        for j in range(sides[1]):
            top, left = i * stride[0] - pad[0], j * stride[1] - pad[1]
            # Caffe's: the average counts the padding, but not what reaches beyond it
            bottom, right = min(top + size[0], h + pad[0]), min(left + size[1], w + pad[1])
            count = (bottom - top) * (right - left)
            part = x[:, max(top, 0):min(bottom, h), max(left, 0):min(right, w)]
            out[:, i, j] = part.max((1, 2)) if kind == "max" else part.sum((1, 2)) / count
    return out
for kind in ("max", "avg"):
    for args, size, stride, pad, ceil in [("2", (2, 2), (2, 2), (0, 0), False), ("3, stride: 2", (3, 3), (2, 2), (0, 0), False),
                                          ("3, stride: 2, ceil: true", (3, 3), (2, 2), (0, 0), True),
                                          ("[3, 2], stride: [2, 3], pad: [1, 0], ceil: true", (3, 2), (2, 3), (1, 0), True),
                                          ("2, stride: 3, pad: 1, ceil: true", (2, 2), (3, 3), (1, 1), True),
                                          ("3, stride: 1, pad: 1", (3, 3), (1, 1), (1, 1), False)]:
        unary(f"{kind}_pool({args})", f"{kind}_pool(x, {args})", lambda x: pool(x, size, stride, pad, ceil, kind), img)
unary("global_avg_pool", "global_avg_pool(x)", lambda x: x.mean((1, 2)), img)
def lrn(x):
    sq = np.pad(x * x, [(2, 2), (0, 0), (0, 0)])
    total = sum(sq[i:i + x.shape[0]] for i in range(5))
    al, be = 1e-4, 0.75
    return x / (1 + al / 5 * total) ** be
unary("lrn", "lrn(x)", lrn, img)

def layer(name, call, shape, out, weights, f):
    x = some(*shape)
    sides = ", ".join(map(str, shape))
    program = let(x=x) + f'model M(x: f64[{sides}]) -> f64[...] = x |> {call}\nlet net = load(M, "m.safetensors")\nprint net(x)\n'
    case(name, program, {"x": x, **weights}, [f(x, *[w for w in weights.values()])])
norm = lambda x, axis: (x - x.mean(axis, keepdims=True)) / np.sqrt(x.var(axis, keepdims=True) + 1e-5)
layer("dense", "dense(3)", (2, 4), (2, 3), {"dense1.w": some(4, 3), "dense1.b": some(3)}, lambda x, w, b: x @ w + b)
layer("layer_norm", "layer_norm", (2, 6), (2, 6), {"layer_norm1.scale": some(6), "layer_norm1.shift": some(6)}, lambda x, s, b: norm(x, -1) * s + b)
layer("rms_norm", "rms_norm", (2, 6), (2, 6), {"rms_norm1.scale": some(6)}, lambda x, s: x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-6) * s)
layer("group_norm", "group_norm(2)", (4, 3, 2), (4, 3, 2), {"group_norm1.scale": some(4), "group_norm1.shift": some(4)},
      lambda x, s, b: norm(x.reshape(2, -1), 1).reshape(4, 3, 2) * s[:, None, None] + b[:, None, None])
layer("prelu", "prelu", (4, 3, 2), (4, 3, 2), {"prelu1.slope": some(4)}, lambda x, s: np.where(x > 0, x, s[:, None, None] * x))
def conv1d(x, w, b):
    return np.asarray(jax.lax.conv_general_dilated(x[None], w, (2,), [(1, 1)], rhs_dilation=(2,), feature_group_count=2)[0]) + b[:, None]
layer("conv1d", "conv1d(6, 3, stride: 2, pad: 1, dilation: 2, groups: 2)", (4, 11), (6, 5), {"conv1d1.w": some(6, 2, 3), "conv1d1.b": some(6)}, conv1d)
def conv_transpose(x, w, b):
    out = np.zeros((3, (5 - 1) * 2 - 2 + 3, (4 - 1) * 2 - 2 + 3))
    full = np.zeros((3, out.shape[1] + 2, out.shape[2] + 2))
    for i in range(5):
        for j in range(4):
            full[:, 2 * i:2 * i + 3, 2 * j:2 * j + 3] += np.einsum("c,cfij->fij", x[:, i, j], w)
    return full[:, 1:-1, 1:-1] + b[:, None, None]
layer("conv_transpose", "conv_transpose(3, kernel: 3, stride: 2, pad: 1)", (2, 5, 4), (3, 9, 7), {"conv_transpose1.w": some(2, 3, 3, 3), "conv_transpose1.b": some(3)}, conv_transpose)
ids = np.array([3, 0, 3], np.int32)
table = some(5, 2).astype(np.float32)
case("embedding", let(i=ids) + 'model M(i: i32[3]) -> f32[3, 2] = i |> embedding(5, 2)\nlet net = load(M, "m.safetensors")\nprint net(i)\n', {"i": ids, "embedding1.w": table}, [table[ids]])

# --- schedules: as functions of t, at some steps
for name, call, f in [
    ("step_decay", "step_decay(0.1, 10)", lambda t: 0.1 * 0.1 ** (t // 10)),
    ("exponential", "exponential(0.5, 0.9)", lambda t: 0.5 * 0.9**t),
    ("inverse", "inverse(0.1, 0.01, 0.75)", lambda t: 0.1 * (1 + 0.01 * t) ** -0.75),
    ("cosine", "cosine(0.2, steps: 30, warmup: 5)", lambda t: 0.2 * (t + 1) / 5 if t < 5 else 0.2 * (0.5 + 0.5 * math.cos(math.pi * min(1, (t - 5) / 25)))),
    ("polynomial", "polynomial(0.2, 20, power: 2)", lambda t: 0.2 * (1 - min(1, t / 20)) ** 2),
    ("piecewise", "piecewise([4, 20], [0.1, 0.01, 0.001])", lambda t: 0.1 if t < 4 else 0.01 if t < 20 else 0.001),
    ("constant", "constant(0.3)", lambda t: 0.3),
]:
    steps = np.array([0, 3, 4, 10, 19, 20, 40], np.int32)
    case(name, let(s=steps) + f"let lr = {call}\nprint s |> map(i => lr({{ step: i, epoch: 0 }}))\n", {"s": steps}, [np.array([f(int(t)) for t in steps])])
    cases[-1]["literal"] = True

# --- chance: the place of a call is its path in the program
def key(place, seed=0):
    word = int.from_bytes(hashlib.sha256(place.encode()).digest()[:4], "big")
    return jax.random.fold_in(jax.random.key(seed), np.uint32(word))
draws = {}
for place, program, draw in [
    ("a.uniform1", "let a = uniform([3, 5])\nprint a\n", lambda k: jax.random.uniform(k, (3, 5), jnp.float32)),
    ("a.uniform1", "let a = uniform([7], -2.5, 4)\nprint a\n", lambda k: np.asarray(jax.random.uniform(k, (7,), jnp.float32)) * np.float32(6.5) + np.float32(-2.5)),  # XLA fuses the two roundings into one
    ("a.randint1", "let a = randint(-3, 9, [11])\nprint a\n", lambda k: jax.random.randint(k, (11,), -3, 9, jnp.int32)),
    ("a.bernoulli1.uniform1", "let a = bernoulli(0.3, [40])\nprint a\n", lambda k: jax.random.bernoulli(k, np.float32(0.3), (40,))),
    ("a.choice1.uniform1", "let a = choice([0.5, 0.0, 2.0, 1.5], [5, 4])\nprint a\n", lambda k: jax.random.choice(k, 4, (5, 4), p=np.array([0.5, 0, 2, 1.5], np.float32))),
    ("a.choice1.uniform1", "let a = choice([1, 3])\nprint a\n", lambda k: jax.random.choice(k, 2, (), p=np.array([1, 3], np.float32))),
    ("a.normal1.uniform1", "let a = normal([9])\nprint a\n", lambda k: jax.random.normal(k, (9,), jnp.float32)),
    ("a.normal1.uniform1", "let a = normal([9], 2, 0.5)\nprint a\n", lambda k: 2 + 0.5 * np.asarray(jax.random.normal(k, (9,), jnp.float32), np.float64)),
]:
    case(f"draw: {program.splitlines()[0]}", program, {}, [np.asarray(draw(key(place)))])
    cases[-1]["draw"] = "normal" if "normal" in program else "exact"
case("draw with a seed of its own", "let a = uniform([4], seed: 5)\nprint a\n", {}, [np.asarray(jax.random.uniform(key("a.uniform1", 5), (4,), jnp.float32))])
cases[-1]["draw"] = "exact"
def at(k, *words):
    for w in words:
        k = jax.random.fold_in(k, np.uint32(w))
    return k
five = np.zeros(5, np.int32)
case("draw in rows: place, epoch, row lo, row hi", 'let d = idx("five")\nlet u = d |> map(r => uniform([2]))\nprint u |> take(5) |> collect\n', {},
     [np.stack([jax.random.uniform(at(key("u.map1.uniform1"), 0, row, 0), (2,), jnp.float32) for row in range(5)])])
cases[-1]["rows"] = {"five": {"x": {**tensor(five), "store": "u8"}}}
cases[-1]["draw"] = "exact"
case("draw in rows and slices: place, epoch, iteration, row lo, row hi",
     'let d = idx("five")\nlet u = d |> map(r => (full([3], 0.0) + r.x) |> map(v => uniform()))\nprint u |> take(5) |> collect\n', {},
     [np.stack([[jax.random.uniform(at(key("u.map1.map1.uniform1"), 0, i, row, 0), (), jnp.float32) for i in range(3)] for row in range(5)])])
cases[-1]["rows"] = cases[-2]["rows"]
cases[-1]["draw"] = "exact"

# --- optimizers: a linear model, all records in each step
records = some(6, 3)
start = some(2, 1)
def slope(w):
    x, y = records[:, :2], records[:, 2]
    return (2 * (x @ w[:, 0] - y) @ x / 6)[:, None]
def sgd(lr, momentum=0.0, decay=0.0, nesterov=False):
    def step(w, g, v, t):
        g = g + decay * w
        v = momentum * v + g
        return w - lr * (momentum * v + g if nesterov else v), v
    return np.zeros((2, 1)), step
def adam(lr=1e-3, b1=0.9, b2=0.999, eps=1e-8, decay=0.0):
    def step(w, g, s, t):
        m, v = b1 * s[0] + (1 - b1) * g, b2 * s[1] + (1 - b2) * g * g
        hat = m / (1 - b1 ** (t + 1)) / (np.sqrt(v / (1 - b2 ** (t + 1))) + eps)
        return w - lr * (hat + decay * w), (m, v)
    return (np.zeros((2, 1)),) * 2, step
def adagrad(lr=0.01, eps=1e-8):
    return np.zeros((2, 1)), lambda w, g, s, t: (w - lr * g / (np.sqrt(s + g * g) + eps), s + g * g)
def rmsprop(lr=1e-3, decay=0.9, eps=1e-8):
    def step(w, g, s, t):
        s = decay * s + (1 - decay) * g * g
        return w - lr * g / (np.sqrt(s) + eps), s
    return np.zeros((2, 1)), step
def adadelta(lr=1.0, rho=0.95, eps=1e-6):
    def step(w, g, s, t):
        a = rho * s[0] + (1 - rho) * g * g
        d = np.sqrt(s[1] + eps) / np.sqrt(a + eps) * g
        return w - lr * d, (a, rho * s[1] + (1 - rho) * d * d)
    return (np.zeros((2, 1)),) * 2, step
for text, (state, step) in [
    ("sgd(0.1)", sgd(0.1)),
    ("sgd(0.1, momentum: 0.9)", sgd(0.1, 0.9)),
    ("sgd(0.1, momentum: 0.9, decay: 0.01)", sgd(0.1, 0.9, 0.01)),
    ("sgd(0.1, momentum: 0.9, decay: 0.01, nesterov: true)", sgd(0.1, 0.9, 0.01, True)),
    ("adam(0.01)", adam(0.01)),
    ("adamw(0.01, decay: 0.1)", adam(0.01, decay=0.1)),
    ("adagrad(0.1)", adagrad(0.1)),
    ("rmsprop(0.01)", rmsprop(0.01)),
    ("adadelta()", adadelta()),
]:
    for count in (1, 3):
        w = start
        s = state
        for t in range(count):
            w, s = step(w, slope(w), s, t)
        program = f"""let d: f64[6, 3] = npy("d.npy")
model M(x: f64[2]) -> f64 = x |> dense(1, bias: false) |> reshape([])
let net = train(load(M, "m.safetensors"), rows(d), loss: (m, r) => (m(r[0:2]) - r[2])^2,
  optimizer: {text}, batch: 6, shuffle: false, steps: {count})
save net to "net.safetensors"
"""
        case(f"{text}, {count} steps", program, {"d": records, "dense1.w": start}, [w])
        if "adam(" in text or "adamw(" in text:
            cases[-1]["rounding"] = "f32"  # the warm-up factor is a float32

# --- a small convolutional net over rows; 10 records in batches of 4: the third is smaller, the fourth in the next epoch
pixels = rng.integers(0, 256, (10, 8, 8)).astype(np.int32)
labels = rng.integers(0, 3, 10).astype(np.int32)
net = {"conv1.w": some(3, 1, 3, 3), "conv1.b": some(3), "dense1.w": some(27, 4), "dense1.b": some(4), "dense2.w": some(4, 3), "dense2.b": some(3)}
def net_loss(w, x, y):
    h = jax.lax.conv_general_dilated(x[:, None] / 255, w["conv1.w"], (1, 1), "VALID") + w["conv1.b"][:, None, None]
    h = h.reshape(-1, 3, 3, 2, 3, 2).max((3, 5)).reshape(-1, 27)
    h = jax.nn.relu(h @ w["dense1.w"] + w["dense1.b"]) @ w["dense2.w"] + w["dense2.b"]
    return -jnp.take_along_axis(jax.nn.log_softmax(h), y[:, None], 1).mean()
w, v = dict(net), {k: 0 * a for k, a in net.items()}
for lo in (0, 4, 8, 0):
    g = jax.grad(net_loss)(w, pixels[lo:lo + 4].astype(float), labels[lo:lo + 4])
    for k in w:
        v[k] = 0.9 * v[k] + g[k] + 5e-4 * w[k]
        w[k] = w[k] - 0.1 * v[k]
case("a convolutional net, 4 steps", """let d = idx("images", "labels")
model M(x: f64[8, 8]) -> f64[3] =
  x |> reshape([1, 8, 8]) |> conv(3, kernel: 3) |> max_pool(2) |> flatten |> dense(4) |> relu |> dense(3)
let net = train(load(M, "m.safetensors"), d, loss: (m, r) => cross_entropy(m(f64(r.image) / 255), r.label),
  optimizer: sgd(0.1, momentum: 0.9, decay: 5e-4), batch: 4, shuffle: false, steps: 4)
save net to "net.safetensors"
print d |> mean(r => cross_entropy(net(f64(r.image) / 255), r.label))
""", net, [*w.values(), net_loss(w, pixels.astype(float), labels)])
cases[-1]["rows"] = {"images": {n: {**tensor(a), "store": "u8"} for n, a in (("image", pixels), ("label", labels))}}

# --- orders and matrices
tied = np.array([[3, 1, 2, 1, -4], [0.5, -np.inf, 7, 7, np.inf], [1, np.nan, 0, np.nan, -1]])
case("sort, argsort", let(x=tied) + "print sort(x)\nprint argsort(x)\nprint sort(x, axis: 0)\nprint argsort(x, axis: 0)\n", {"x": tied},
     [np.sort(tied), np.argsort(tied, kind="stable"), np.sort(tied, 0), np.argsort(tied, 0, kind="stable")])
three = np.array([[3, 1, 4, 1, 5], [9, 2, 6, 5, 3]], np.int32)
deep = some(2, 3, 4)
case("sort of integers, of a middle axis", let(i=three, x=deep) + "print sort(i)\nprint argsort(i, axis: 0)\nprint sort(x, axis: 1)\n",
     {"i": three, "x": deep}, [np.sort(three), np.argsort(three, 0, kind="stable"), np.sort(deep, 1)])
finite = some(3, 6)
values, indices = jax.lax.top_k(finite, 2)
case("top_k", let(x=finite) + "let t = top_k(x, 2)\nprint t.values\nprint t.indices\n", {"x": finite}, [values, indices])
case("the gradient of top_k, of sort", let(x=finite) + "print grad(x => sum(top_k(x, 2).values * [1, 3]))(x)\nprint grad(x => sum(sort(x, axis: 0) * x))(x)\n",
     {"x": finite}, [jax.grad(lambda x: (jax.lax.top_k(x, 2)[0] * jnp.array([1.0, 3.0])).sum())(finite),
                     jax.grad(lambda x: (jnp.sort(x, 0) * x).sum())(finite)])
square, right, sides = some(5, 5), some(5), some(5, 2)
case("solve, inverse_matrix", let(a=square, b=right, c=sides) + "print solve(a, b)\nprint solve(a, c)\nprint inverse_matrix(a)\n",
     {"a": square, "b": right, "c": sides}, [np.linalg.solve(square, right), np.linalg.solve(square, sides), np.linalg.inv(square)])
cases[-1]["loop"] = True  # bounds are of functions without loops
assert np.linalg.cond(square) < 100
case("the gradient of solve", let(a=square, b=right) + "print grad(a => sum(solve(a, b)))(a)\n", {"a": square, "b": right},
     [jax.grad(lambda a: jnp.linalg.solve(a, right).sum())(square)])
cases[-1]["loop"] = True
tall = some(7, 4)
q, r = np.linalg.qr(tall)
case("orthonormalize", let(x=tall) + "print orthonormalize(x)\n", {"x": tall}, [q * np.sign(np.diagonal(r))])
cases[-1]["loop"] = True

print("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]")  # one line a case: a change shows
