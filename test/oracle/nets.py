"""Small nets of every kind of layer, trained by JAX with every optimizer and schedule, in f64 and in f32 from the same start."""
import math

import jax
import jax.numpy as jnp
import numpy as np
from optimizers import OPTIMIZERS, SCHEDULES
from serve import key, serve, shuffled, write_safetensors


# --- nets of a whole batch: w has weights and states, `draw(path, shape)` uniform numbers for each record; result and next states
def linear(w, name, x):
    return x @ w[f"{name}.w"] + w.get(f"{name}.b", 0)


def tanh_net(w, x, draw):
    return linear(w, "dense2", jnp.tanh(linear(w, "dense1", x))), {}


def relu_net(w, x, draw):
    return linear(w, "dense2", jax.nn.relu(linear(w, "dense1", x))), {}


def batch_norm(w, name, x, momentum, eps=1e-5):
    """Over records and all that follows the channels, axis 1."""
    axes = (0, *range(2, x.ndim))
    wide = lambda v: v.reshape(-1, *[1] * (x.ndim - 2))
    m, v = x.mean(axes), x.var(axes)
    y = (x - wide(m)) / jnp.sqrt(wide(v) + eps) * wide(w[f"{name}.scale"]) + wide(w[f"{name}.shift"])
    old = {s: w[f"{name}.running_{s}"] for s in ("mean", "var")}
    return y, {f"{name}.running_{s}": old[s] + (n - old[s]) * momentum for s, n in (("mean", m), ("var", v))}


def norm_net(w, x, draw):
    h, state = batch_norm(w, "batch_norm1", linear(w, "dense1", x), np.float32(0.1).item())
    return linear(w, "dense2", jax.nn.gelu(h, approximate=False)), state


def image_norm_net(w, x, draw):
    h = jax.lax.conv_general_dilated(x.reshape(-1, 1, 6, 5), w["conv1.w"], (1, 1), [(1, 1), (1, 1)]) + w["conv1.b"][:, None, None]
    h, state = batch_norm(w, "batch_norm1", h, 0.25)
    return linear(w, "dense1", jnp.tanh(h).reshape(len(x), -1)), state


def dropout(x, drawn, p):
    return jnp.where(drawn < np.float32(1) - np.float32(p), x / (1 - p), 0)


def dropout_net(w, x, draw):
    h = dropout(x, draw("m1.dropout1", x.shape[1:]), 0.25)
    h = jnp.tanh(linear(w, "dense1", h))
    return linear(w, "dense2", dropout(h, draw("m1.dropout2", h.shape[1:]), 0.5)), {}


def layer_norm_net(w, x, draw):
    h = linear(w, "dense1", x)
    h = (h - h.mean(-1, keepdims=True)) / jnp.sqrt(h.var(-1, keepdims=True) + 1e-5)
    return linear(w, "dense2", jax.nn.silu(h * w["layer_norm1.scale"] + w["layer_norm1.shift"])), {}


def words_net(w, x, draw):
    """Embedding, attention, mean over places."""
    h = w["embedding1.w"][x.astype(int)]
    q, k, v = [linear(w, f"attention1.dense{i}", h).reshape(*h.shape[:2], 2, -1).swapaxes(1, 2) for i in (1, 2, 3)]
    scores = q @ k.swapaxes(2, 3) / math.sqrt(3)
    scores = jnp.where(np.tril(np.ones(scores.shape[2:], bool)), scores, -jnp.inf)
    y = (jax.nn.softmax(scores) @ v).swapaxes(1, 2).reshape(h.shape)
    return linear(w, "dense1", linear(w, "attention1.dense4", y).mean(1)), {}


def recurrent(kind, steps=5):
    def net(w, x, draw):
        x = x.reshape(len(x), steps, 30 // steps)
        wx, wh, b = (w[f"{kind}1.{n}"] for n in ("wx", "wh", "b"))
        h = c = jnp.zeros((len(x), len(wh)), x.dtype)
        for t in range(steps):
            p, q = x[:, t] @ wx + b, h @ wh
            if kind == "rnn":
                h = jnp.tanh(p + q)
            elif kind == "gru":
                (pr, pz, pn), (qr, qz, qn) = jnp.split(p, 3, 1), jnp.split(q, 3, 1)
                z = jax.nn.sigmoid(pz + qz)
                h = (1 - z) * jnp.tanh(pn + jax.nn.sigmoid(pr + qr) * qn) + z * h
            else:
                i, f, g, o = jnp.split(p + q, 4, 1)
                c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
                h = jax.nn.sigmoid(o) * jnp.tanh(c)
        return linear(w, "dense1", h), {}

    return net


NETS = dict(
    tanh=tanh_net, relu=relu_net, norm=norm_net, image_norm=image_norm_net, dropout=dropout_net, layer_norm=layer_norm_net,
    words=words_net, rnn=recurrent("rnn"), gru=recurrent("gru"), lstm=recurrent("lstm"),
    gru_wide=recurrent("gru", 10), lstm_wide=recurrent("lstm", 10),
)


def data(folder, net, weights, n, classes, size, whole, seed):
    """Records [x.., label] and weights to start from; the variance of a state is positive."""
    rng = np.random.default_rng(seed)
    x = rng.integers(0, whole, (n, size)) if whole else rng.standard_normal((n, size))
    y = rng.integers(0, classes, (n, 1))
    start = {}
    for k, shape in weights.items():
        v = rng.standard_normal(shape) * (0.3 if k.endswith("running_mean") or len(shape) == 1 else (shape[0] if len(shape) == 2 else np.prod(shape[1:])) ** -0.5)
        start[k] = (1 + np.abs(v) if k.endswith(("scale", "running_var")) else v).astype(np.float32)
    np.save(f"{folder}/records.npy", np.concatenate([x, y], 1).astype(np.float32))
    write_safetensors(f"{folder}/start.safetensors", start)
    return {"start": start, "x": x.astype(np.float32), "y": y[:, 0].astype(np.int32)}


def train(folder, net, weights, n, classes, size, whole, seed, batch, steps, optimizer, schedule, numbers, clip=None, freeze=(), other=(), orders=3):
    """other: a suffix of paths, and the optimizer, schedule and numbers for them. The f32 runs add the records of a batch in different orders."""
    made = data(folder, net, weights, n, classes, size, whole, seed)
    start, x, y, forward = made["start"], made["x"], made["y"], NETS[net]
    pick = lambda k: other[1:] if other and k.endswith(other[0]) else (optimizer, schedule, numbers)
    chosen = {k: pick(k) for k in start}
    update = {k: OPTIMIZERS[o](**more.get("optimizer", {})) for k, (o, _, more) in chosen.items()}
    rate = {k: SCHEDULES[s](*more["schedule"]) for k, (_, s, more) in chosen.items()}
    held = [k for k in start if "running_" in k or k in freeze]

    def drawn(rows, epoch, step):
        def draw(path, shape):
            at = key(f"net.train1.loss.{path}.bernoulli1.uniform1", 0, epoch, step)
            each = lambda row: jax.random.uniform(jax.random.fold_in(jax.random.fold_in(at, row), 0), shape, jnp.float32)
            return jax.vmap(each)(rows.astype(np.uint32))

        return draw

    def loss(w, x, y, rows, epoch, t):
        logits, state = forward(w, x, drawn(rows, epoch, t))
        return -jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], 1).mean(), state

    @jax.jit
    def one(w, s, x, y, rows, epoch, t, lr):
        g, state = jax.grad(loss, has_aux=True)(w, x, y, rows, epoch, t)
        if clip:
            norm = jnp.sqrt(sum((g[k] ** 2).sum() for k in w if k not in held))
            g = {k: v * jnp.minimum(1, clip / norm) for k, v in g.items()}
        done = {k: update[k][1](w[k], g[k], s[k], lr[k].astype(w[k].dtype), t.astype(w[k].dtype)) for k in w if k not in held}
        return {**w, **{k: v[0] for k, v in done.items()}, **state}, {**s, **{k: v[1] for k, v in done.items()}}

    def run(dtype, rng, steps):
        w = {k: jnp.asarray(v, dtype) for k, v in start.items()}
        s = {k: update[k][0](v) for k, v in w.items()}
        t, epoch = 0, 0
        while t < steps:
            order = shuffled(np.arange(n), "net.train1", epoch)
            for at in range(0, n, batch):
                rows = order[at:at + batch]
                rows = rows if rng is None else rng.permutation(rows)
                lr = {k: jnp.asarray(r(t, epoch)) for k, r in rate.items()}
                if t < steps:
                    w, s = one(w, s, x[rows].astype(dtype), y[rows], rows, epoch, jnp.asarray(t), lr)
                t += 1
            epoch += 1
        assert all(v.dtype == dtype for v in w.values())
        return w

    several = [None, *[np.random.default_rng(i) for i in range(orders)]]
    return {"start": start, "first": run(np.float64, None, 1), "f64": run(np.float64, None, steps), "f32": [run(np.float32, r, steps) for r in several]}


if __name__ == "__main__":
    serve(train)
