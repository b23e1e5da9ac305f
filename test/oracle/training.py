"""Trainings by JAX, for test/frontend/training.test.ts: state, chance, several losses, what is watched after each epoch.

python test/oracle/training.py > test/frontend/training-oracle.json     (numpy, jax, scikit-learn)

The form of a case is that of prelude.py. Weights, data and arithmetic are float64; what the language fixes as float32
(history, validation of f32) is compared as such.
"""
import hashlib
import json

import jax
import jax.numpy as jnp
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_threefry_partitionable", True)
rng = np.random.default_rng(11)
cases = []


def tensor(a):
    a = np.asarray(a)
    return {"shape": list(a.shape), "data": a.astype(float).ravel().tolist()}


def some(*shape, scale=1.0):
    return np.round(rng.standard_normal(shape) * scale * 64) / 64


def case(name, program, weights, rows, expect, **more):
    store = {"float64": "f64", "float32": "f32", "int32": "i32"}
    file = lambda v: {**tensor(v), "store": store[str(v.dtype)]}
    cases.append({
        "name": name, "program": program,
        "files": {k: file(v) for k, v in weights.items()},
        "rows": {d: {k: file(v) for k, v in columns.items()} for d, columns in rows.items()},
        "expect": [tensor(e) for e in expect], **more,
    })


def place(text):
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")


X, Y = some(12, 4), rng.integers(0, 3, 12).astype(np.int32)
DATA = {"d": {"x": X, "y": Y}}
pick = lambda logits, y: -jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], 1)[:, 0]

# --- batch norm: statistics of the batch in the step, running ones outside; batches of 8 and 4
W = {"dense1.w": some(4, 6), "batch_norm1.scale": 1 + some(6, scale=0.25), "batch_norm1.shift": some(6, scale=0.25),
     "dense2.w": some(6, 3), "dense2.b": some(3)}
S = {"batch_norm1.running_mean": some(6, scale=0.25), "batch_norm1.running_var": 1 + np.abs(some(6, scale=0.25))}
def forward(w, m, v, x):
    h = (x @ w["dense1.w"] - m) / jnp.sqrt(v + 1e-5) * w["batch_norm1.scale"] + w["batch_norm1.shift"]
    return jax.nn.relu(h) @ w["dense2.w"] + w["dense2.b"]
def bn_loss(w, x, y):
    h = x @ w["dense1.w"]
    m, v = h.mean(0), h.var(0)
    return pick(forward(w, m, v, x), y).mean(), (m, v)
w, s = dict(W), dict(S)
vel = {k: 0 * a for k, a in w.items()}
for lo in (0, 8, 0, 8):
    g, (m, v) = jax.grad(bn_loss, has_aux=True)(w, X[lo:lo + 8], Y[lo:lo + 8])
    for k in w:
        vel[k] = 0.9 * vel[k] + g[k]
        w[k] = w[k] - 0.1 * vel[k]
    s = {"batch_norm1.running_mean": s["batch_norm1.running_mean"] + (m - s["batch_norm1.running_mean"]) * 0.25,
         "batch_norm1.running_var": s["batch_norm1.running_var"] + (v - s["batch_norm1.running_var"]) * 0.25}
both = {**w, **s}
order = ["dense1.w", "batch_norm1.scale", "batch_norm1.shift", "batch_norm1.running_mean", "batch_norm1.running_var", "dense2.w", "dense2.b"]
MODEL = "model M(x: f64[4]) -> f64[3] = x |> dense(6, bias: false) |> batch_norm(momentum: 0.25) |> relu |> dense(3)\n"
case("batch_norm", f"""let d = idx("d")
{MODEL}let net = train(load(M, "m.safetensors"), d, loss: (m, r) => cross_entropy(m(r.x), r.y),
  optimizer: sgd(0.1, momentum: 0.9), batch: 8, shuffle: false, steps: 4)
save net to "n.safetensors"
print d |> mean(r => cross_entropy(net(r.x), r.y))
""",
     {**W, **S}, DATA,
     [both[k] for k in order] + [pick(forward(w, s["batch_norm1.running_mean"], s["batch_norm1.running_var"], X), Y).mean()])

# over an image: one mean per channel, over records, rows and columns
P = some(6, 2, 3, 3)
img = {"batch_norm1.scale": np.array([1.5, -0.5]), "batch_norm1.shift": np.array([0.25, 0.5]), "batch_norm1.running_mean": np.zeros(2),
       "batch_norm1.running_var": np.ones(2), "dense1.w": some(18, 1), "dense1.b": some(1)}
def img_loss(w, x):
    m, v = x.mean((0, 2, 3)), x.var((0, 2, 3))
    h = (x - m[:, None, None]) / jnp.sqrt(v + 1e-5)[:, None, None] * w["batch_norm1.scale"][:, None, None] + w["batch_norm1.shift"][:, None, None]
    return (jnp.tanh(h.reshape(len(x), 18)) @ w["dense1.w"] + w["dense1.b"])[:, 0].__pow__(2).mean(), (m, v)
g, (m, v) = jax.grad(img_loss, has_aux=True)(img, P)
order = ["batch_norm1.scale", "batch_norm1.shift", "batch_norm1.running_mean", "batch_norm1.running_var", "dense1.w", "dense1.b"]
after = {k: img[k] - 0.5 * g[k] for k in order}
after["batch_norm1.running_mean"], after["batch_norm1.running_var"] = 0.1 * m, 0.9 + 0.1 * v
case("batch_norm of images", """let d = idx("d")
model M(x: f64[2, 3, 3]) -> f64[1] = x |> batch_norm |> tanh |> flatten |> dense(1)
let net = train(load(M, "m.safetensors"), d, loss: (m, r) => sum(m(r.x)^2), optimizer: sgd(0.5), batch: 6, shuffle: false, steps: 1)
save net to "n.safetensors"
""", img, {"d": {"x": P}}, [after[k] for k in order])

# a layer called twice in a step: the gradient sums both, the state goes through both updates
chain = {"bn.scale": 1 + some(4, scale=0.25), "bn.shift": some(4, scale=0.25), "bn.running_mean": some(4), "bn.running_var": np.ones(4)}
def chain_loss(w, x):
    norm = lambda x: (x - x.mean(0)) / jnp.sqrt(x.var(0) + 1e-5) * w["bn.scale"] + w["bn.shift"]
    return ((norm(x) * norm(2 * x + 1)).sum(1)).mean()
g = jax.grad(chain_loss)(chain, X)
mean, var = chain["bn.running_mean"], chain["bn.running_var"]
for x in (X, 2 * X + 1):
    mean, var = mean + 0.1 * (x.mean(0) - mean), var + 0.1 * (x.var(0) - var)
case("a layer called twice in a step", """let d = idx("d")
model M(x: f64[4]) -> f64 = {
  let norm = y => y |> batch_norm(name: "bn")
  sum(norm(x) * norm(2 * x + 1))
}
let net = train(load(M, "m.safetensors"), d, loss: (m, r) => m(r.x), optimizer: sgd(0.1), batch: 12, shuffle: false, steps: 1)
save net to "n.safetensors"
""", chain, DATA, [chain["bn.scale"] - 0.1 * g["bn.scale"], chain["bn.shift"] - 0.1 * g["bn.shift"], mean, var])

# --- dropout: the mask is the key of place, epoch, step, row lo, row hi
at = place("net.train1.loss.m1.dropout1.bernoulli1.uniform1")
drop = {"w": some(4)}
dw = drop["w"]
for step, (epoch, lo) in enumerate(((0, 0), (0, 5), (0, 10), (1, 0))):
    grad = np.zeros(4)
    rows = range(lo, min(lo + 5, 12))
    for i in rows:
        key = jax.random.key(0)
        for word in (at, epoch, step, i, 0):
            key = jax.random.fold_in(key, word)
        keep = np.asarray(jax.random.uniform(key, (4,), jnp.float32) < np.float32(0.75))
        grad += np.where(keep, X[i] / 0.75, 0)
    dw = dw - 0.1 * grad / len(rows)
case("dropout", """let d = idx("d")
model M(x: f64[4]) -> f64[4] = { weight w: f64[4] = 0
  dropout(x * w, 0.25) }
let net = train(load(M, "m.safetensors"), d, loss: (m, r) => sum(m(r.x)), optimizer: sgd(0.1), batch: 5, shuffle: false, steps: 4)
save net to "n.safetensors"
print sum(net([1, 1, 1, 1]))
""", drop, DATA, [dw, dw.sum()], literal=True)

# --- two models, two losses: each update moves its own weights; the second sees what the first made
G = {"g.dense1.w": some(4, 4), "d.dense1.w": some(4, 1), "d.dense1.b": some(1)}
def fake(w, x): return jnp.tanh(x @ w["g.dense1.w"])
def judge(w, x): return (x @ w["d.dense1.w"] + w["d.dense1.b"])[:, 0]
bce = lambda logit, t: jnp.maximum(logit, 0) - logit * t + jnp.log1p(jnp.exp(-jnp.abs(logit)))
g_loss = lambda w, x: bce(judge(w, fake(w, x)), 1.0).mean()
d_loss = lambda w, x: (bce(judge(w, x), 1.0) + bce(judge(w, fake(w, x)), 0.0)).mean()
w = dict(G)
sq = {k: 0 * a for k, a in w.items()}
for lo in (0, 6, 0):
    x = X[lo:lo + 6]
    for loss, key in ((d_loss, "d."), (g_loss, "g.")):
        g = jax.grad(loss)(w, x)
        for k in w:
            if k.startswith(key):
                sq[k] = sq[k] + g[k] ** 2
                w = {**w, k: w[k] - 0.1 * g[k] / (jnp.sqrt(sq[k]) + 1e-8)}
case("two models, two losses", """let d = idx("d")
model Gen(x: f64[4]) -> f64[4] = x |> dense(4, bias: false) |> tanh
model Dis(x: f64[4]) -> f64 = x |> dense(1) |> reshape([])
let net = train(load({ g: Gen, d: Dis }, "m.safetensors"), d,
  loss: {
    d: (m, r) => binary_cross_entropy(m.d(r.x), 1) + binary_cross_entropy(m.d(m.g(r.x)), 0),
    g: (m, r) => binary_cross_entropy(m.d(m.g(r.x)), 1),
  },
  optimizer: adagrad(0.1), batch: 6, shuffle: false, steps: 3)
save net to "n.safetensors"
""", G, DATA, [w[k] for k in G], literal=True)

# --- clip, freeze, an optimizer by path
C = {"dense1.w": some(4, 5), "dense1.b": some(5), "dense2.w": some(5, 3), "dense2.b": some(3)}
def mlp_loss(w, x, y):
    return pick(jnp.tanh(x @ w["dense1.w"] + w["dense1.b"]) @ w["dense2.w"] + w["dense2.b"], y).mean()
w = dict(C)
vel = {k: 0 * a for k, a in w.items()}
norms, CLIP = [], 1.5
for lo in (0, 4, 8, 0, 4):
    g = jax.grad(mlp_loss)(w, X[lo:lo + 4], Y[lo:lo + 4])
    trained = [k for k in w if k != "dense2.w"]
    norm = np.sqrt(sum((g[k] ** 2).sum() for k in trained))
    norms.append(norm)
    for k in trained:
        s = g[k] * min(1, CLIP / norm)
        if k.endswith(".b"):
            w[k] = w[k] - 0.5 * s
        else:
            vel[k] = 0.9 * vel[k] + s
            w[k] = w[k] - 0.25 * vel[k]
assert min(norms) < CLIP < max(norms), norms
case("clip, freeze, for_weights", """let d = idx("d")
model M(x: f64[4]) -> f64[3] = x |> dense(5) |> tanh |> dense(3)
let net = train(load(M, "m.safetensors"), d, loss: (m, r) => cross_entropy(m(r.x), r.y), clip: 1.5, freeze: ["dense2.w"],
  optimizer: for_weights("*.b", sgd(0.5), otherwise: sgd(0.25, momentum: 0.9)), batch: 4, shuffle: false, steps: 5)
save net to "n.safetensors"
""", C, DATA, [w[k] for k in C], rounding="f32")  # the norm is a float32

# --- validation, the best epoch, an early end, the history
XV, YV = some(7, 4), rng.integers(0, 3, 7).astype(np.int32)
w, best, rows, kept = dict(C), None, [], None
step = 0
for epoch in range(1, 21):
    total = 0.0
    for lo in range(0, 12, 5):
        x, y = X[lo:lo + 5], Y[lo:lo + 5]
        l, g = jax.value_and_grad(mlp_loss)(w, x, y)
        total += float(l) * len(x)
        w = {k: w[k] - 0.1 * g[k] for k in w}
        step += 1
    logits = jnp.tanh(XV @ w["dense1.w"] + w["dense1.b"]) @ w["dense2.w"] + w["dense2.b"]
    row = [epoch, step, total / 12, 0.0, float(pick(logits, YV).mean()), float((logits.argmax(1) == YV).mean())]
    rows.append(row)
    if best is None or row[4] < best[4]:
        best, kept = row, dict(w)
    if epoch >= best[0] + 3:
        break
assert 4 < len(rows) < 20 and kept["dense1.w"] is not w["dense1.w"], rows
turned = [sum(r[0] * r[i] for r in rows) for i in (1, 2, 4, 5)]
case("validate, keep, stop, history", """let d = idx("d")
let v = idx("v")
model M(x: f64[4]) -> f64[3] = x |> dense(5) |> tanh |> dense(3)
let net = train(load(M, "m.safetensors"), d, loss: (m, r) => cross_entropy(m(r.x), r.y), optimizer: sgd(0.1),
  batch: 5, shuffle: false, epochs: 20, validate: v, metrics: { accuracy: (m, r) => argmax(m(r.x)) == r.y },
  keep: "best", stop: (now, best) => now.epoch >= best.epoch + 3)
save net to "n.safetensors"
print count(history(net))
print history(net) |> sum(e => e.epoch * e.step)
print history(net) |> sum(e => e.epoch * e.loss)
print history(net) |> sum(e => e.epoch * e.val.loss)
print history(net) |> sum(e => e.epoch * e.val.accuracy)
""", C, {**DATA, "v": {"x": XV, "y": YV}}, [kept[k] for k in C] + [len(rows)] + turned)

# --- a batch as a whole in the loss: each record against all others
B = {"dense1.w": some(4, 3)}
def con_loss(w, x):
    h = x @ w["dense1.w"]
    h = h / jnp.sqrt((h * h).sum(1, keepdims=True))
    s = h @ h.T * 2
    return (jax.nn.logsumexp(s, 1) - jnp.diagonal(s)).mean()
w = dict(B)
for lo in (0, 8):
    g = jax.grad(con_loss)(w, X[lo:lo + 8])
    w = {k: w[k] - 0.5 * g[k] for k in w}
case("over_batch in a loss", """let d = idx("d")
model M(x: f64[4]) -> f64[3] = { let h = x |> dense(3, bias: false)
  h / norm(h) }
let net = train(load(M, "m.safetensors"), d, optimizer: sgd(0.5), batch: 8, shuffle: false, steps: 2,
  loss: (m, r) => {
    let h = m(r.x)
    logsumexp(over_batch(h) @ h * 2) - sum(h * h) * 2
  })
save net to "n.safetensors"
""", B, DATA, [w["dense1.w"]])

# --- recurrent layers, one step through all of time
SEQ = some(6, 5, 3)
sig = jax.nn.sigmoid
def rnn(w, x):
    h = jnp.zeros(4)
    for p in x @ w["wx"] + w["b"]:
        h = jnp.tanh(p + h @ w["wh"])
    return h
def gru(w, x):
    h = jnp.zeros(4)
    for p in x @ w["wx"] + w["b"]:
        q = h @ w["wh"]
        r, z = sig(p[:4] + q[:4]), sig(p[4:8] + q[4:8])
        n = jnp.tanh(p[8:] + r * q[8:])
        h = (1 - z) * n + z * h
    return h
def lstm(w, x):
    h = c = jnp.zeros(4)
    for p in x @ w["wx"] + w["b"]:
        i, f, g, o = jnp.split(p + h @ w["wh"], 4)
        c = sig(f) * c + sig(i) * jnp.tanh(g)
        h = sig(o) * jnp.tanh(c)
    return h
for name, f, gates, last in (("rnn", rnn, 1, "x |> rnn(4)"), ("gru", gru, 3, "x |> gru(4)"), ("lstm", lstm, 4, "lstm(x, 4).h")):
    w = {"wx": some(3, 4 * gates), "wh": some(4, 4 * gates, scale=0.5), "b": some(4 * gates, scale=0.5)}
    loss = lambda w, f=f: (jax.vmap(lambda x: f(w, x))(SEQ) ** 2).sum(1).mean()
    start = dict(w)
    for _ in range(3):
        g = jax.grad(loss)(w)
        w = {k: w[k] - 0.2 * g[k] for k in w}
    case(name, f"""let d = idx("d")
model M(x: f64[5, 3]) -> f64[4] = {{
  let h = {last}
  h[-1]
}}
let net = train(load(M, "m.safetensors"), d, loss: (m, r) => sum(m(r.x)^2), optimizer: sgd(0.2), batch: 6, shuffle: false, steps: 3)
save net to "n.safetensors"
""", {f"{name}1.{k}": v for k, v in start.items()}, {"d": {"x": SEQ}}, [w["wx"], w["b"], w["wh"]])

# --- carry: three streams of four rows; no gradient through what is carried, which begins anew with each epoch
K = {"w": some(4, 3), "u": some(3, 3)}
c0 = np.array([0.5, -0.25, 0.0])
def carry_loss(w, x, h):
    new = jnp.tanh(x @ w["w"] + h @ w["u"])
    return ((new - 0.5) ** 2).sum(1).mean(), new
w = dict(K)
for epoch in range(2):
    h = np.tile(c0, (3, 1))
    for t in range(4):
        x = X[[0 + t, 4 + t, 8 + t]]
        g, h = jax.grad(carry_loss, has_aux=True)(w, x, h)
        w = {k: w[k] - 0.25 * g[k] for k in w}
case("carry", """let d = idx("d")
model M(x: f64[4], h: f64[3]) -> f64[3] = {
  weight w: f64[4, 3] = 0
  weight u: f64[3, 3] = 0
  tanh(x @ w + h @ u)
}
let net = train(load(M, "m.safetensors"), d, optimizer: sgd(0.25), batch: 3, shuffle: false, epochs: 2, carry: { h: f64([0.5, -0.25, 0.0]) },
  loss: (m, r, c) => {
    let new = m(r.x, c.h)
    { loss: sum((new - 0.5)^2), carry: { h: new } }
  })
save net to "n.safetensors"
""", K, DATA, [w["w"], w["u"]])

# --- L-BFGS: the minimum itself, by Newton's method in float64
def ridge(v):
    return pick(X @ v[:12].reshape(4, 3) + v[12:], Y).mean() + 0.125 * (v ** 2).sum()
v = np.zeros(15)
for _ in range(20):
    v = v - np.linalg.solve(jax.hessian(ridge)(v), jax.grad(ridge)(v))
assert np.abs(jax.grad(ridge)(v)).max() < 1e-14
L = {"dense1.w": some(4, 3), "dense1.b": some(3)}
case("lbfgs", """let d = idx("d")
model M(x: f64[4]) -> { y: f64[3], size: f64 } = {
  weight w: f64[4, 3] = 0
  weight b: f64[3] = 0
  { y: x @ w + b, size: l2(w) + l2(b) }
}
let net = train(load(M, "m.safetensors"), d, optimizer: lbfgs(history: 6, tolerance: 1e-10), steps: 60,
  loss: (m, r) => {
    let out = m(r.x)
    cross_entropy(out.y, r.y) + 0.125 * out.size
  })
save net to "n.safetensors"
""", {"w": L["dense1.w"], "b": L["dense1.b"]}, DATA, [v[:12].reshape(4, 3), v[12:]], near=1e-8)

# --- L-BFGS over rows that are standardised by all of them, the bias frozen: scikit-learn's pipeline
lam = 0.02
clf = LogisticRegression(C=1 / (2 * len(X) * lam), fit_intercept=False, tol=1e-14, max_iter=10000)
clf.fit(StandardScaler().fit_transform(X), Y)
case("lbfgs_with_state", """let d = idx("d")
layer standard(x: f64[4]) -> f64[4] = {
  let all = over_batch(x)
  state mean_of: f64[4] = 0 then mean(all, axis: 0)
  state var_of: f64[4] = 1 then var(all, axis: 0)
  if training then (x - mean(all, axis: 0)) / sqrt(var(all, axis: 0)) else (x - mean_of) / sqrt(var_of)
}
model M(x: f64[4]) -> { y: f64[3], size: f64 } = {
  let z = standard(x)
  weight w: f64[4, 3] = 0
  weight b: f64[3] = 0
  { y: z @ w + b, size: l2(w) }
}
let net = train(M, d, optimizer: lbfgs(tolerance: 1e-10), epochs: 80, freeze: ["b"],
  loss: (m, r) => {
    let out = m(r.x)
    cross_entropy(out.y, r.y) + 0.02 * out.size
  })
save net to "n.safetensors"
print collect(d |> map(r => net(r.x).y))[0]
""", {}, DATA, [X.mean(0), X.var(0), clf.coef_.T, np.zeros(3), clf.decision_function(StandardScaler().fit_transform(X))[0]],
     near=1e-7)

# --- L-BFGS step by step (Nocedal and Wright, algorithms 7.4 and 7.5, backtracking): what is watched after each, the best kept
def lbfgs(f, w, m):
    g, value, pairs = jax.grad(f)(w), f(w), []
    while True:
        q, alphas = g, []
        for s, y in reversed(pairs):
            alphas.append((s @ q) / (s @ y))
            q = q - alphas[-1] * y
        s, y = pairs[-1] if pairs else (None, None)
        d = q * ((s @ y) / (y @ y) if pairs else 1 / max(np.linalg.norm(g), 1))
        for (s, y), a in zip(pairs, reversed(alphas)):
            d = d + s * (a - (y @ d) / (s @ y))
        t = 1.0
        while f(w - t * d) > value - 1e-4 * t * (d @ g):
            t /= 2
        to = w - t * d
        slope = jax.grad(f)(to)
        pairs = (pairs + [(to - w, slope - g)])[-m:]
        w, g, value = to, slope, f(to)
        yield w, value
V = {"x": some(6, 4), "y": rng.integers(0, 3, 6).astype(np.int32)}
plain = lambda x, y: lambda v: pick(x @ v[:12].reshape(4, 3) + v[12:], y).mean()
start = some(15, scale=0.5)
rows, best = [], None
for epoch, (w, value) in enumerate(lbfgs(plain(X, Y), start, 3), 1):
    rows.append((epoch, float(value), float(plain(V["x"], V["y"])(w))))
    if best is None or rows[-1][2] < best[1]:
        best = (epoch, rows[-1][2], w)
    if epoch == 12 or epoch > best[0] + 3:
        break
assert epoch < 12
case("lbfgs_watched", """let d = idx("d")
let held = idx("v")
model M(x: f64[4]) -> f64[3] = {
  weight w: f64[4, 3] = 0
  weight b: f64[3] = 0
  x @ w + b
}
let net = train(load(M, "m.safetensors"), d, optimizer: lbfgs(history: 3), steps: 12, loss: (m, r) => cross_entropy(m(r.x), r.y),
  validate: held, keep: "best", stop: (now, best) => now.epoch > best.epoch + 3)
save net to "n.safetensors"
print count(history(net))
print history(net) |> sum(e => e.loss * e.epoch)
print history(net) |> sum(e => e.val.loss * e.step)
""", {"w": start[:12].reshape(4, 3), "b": start[12:]}, {**DATA, "v": V},
     [best[2][:12].reshape(4, 3), best[2][12:], len(rows), sum(r[0] * r[1] for r in rows), sum(r[0] * r[2] for r in rows)],
     near=4e-6)

# --- what goes along the records of a step: neighbours, turns, windows, their number; steps of 8 and of 4 records
def along(w, x):
    b = x @ w
    n = len(x)
    near = (b[1:] * b[:-1]).sum() + (b[1:-2] ** 2).sum() / n + (jnp.flip(b) * b).sum() + (jnp.roll(b, 1) * b).sum() + (jnp.roll(b, -11) * b ** 2).sum()
    wide = (jnp.tile(b, 3) * jnp.arange(3 * n)).sum() / n + (b[jnp.arange(n - 2)[:, None] + jnp.arange(3)] ** 3).sum()
    return 0.25 * near + 0.125 * wide + b.mean()
w = some(4)
wa = w
for lo in (0, 8):
    wa = wa - 0.015625 * jax.grad(along)(wa, X[lo:lo + 8])
case("along_the_records", """let d = idx("d")
model M(x: f64[4]) -> f64 = {
  weight w: f64[4] = 0
  dot(x, w)
}
let net = train(load(M, "m.safetensors"), d, optimizer: sgd(0.015625), batch: 8, shuffle: false, epochs: 1, loss: (m, r) => {
  let own = m(r.x)
  let b = over_batch(own)
  let n = shape(b)[0]
  let near = sum(b[1:] * b[:-1]) + sum(b[1:-2]^2) / n + sum(flip(b, 0) * b) + sum(roll(b, 1, 0) * b) + sum(roll(b, -11, 0) * b^2)
  let wide = sum(tile(b, [3]) * range(3 * n)) / n + sum(window(b, 3)^3)
  0.25 * near + 0.125 * wide + own
})
save net to "n.safetensors"
""", {"w": w}, DATA, [wa])

print("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]")
