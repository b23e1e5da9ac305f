"""Layers, activations and losses of one record by JAX, and one step of gradient descent on them in f64."""
import jax
import jax.numpy as jnp
import numpy as np
from serve import serve, write_safetensors

two = lambda v: (v, v) if np.isscalar(v) else tuple(v)


# --- layers: weights by the path that hsc gives them, one record
def dense(w, x):
    return x @ w["dense1.w"] + w.get("dense1.b", 0)


def conv(w, x, stride=1, pad=0, dilation=1, groups=1):
    kernel = w["conv1.w"]
    p = [(v, v) for v in two(pad)]
    y = jax.lax.conv_general_dilated(x[None], kernel, two(stride), p, rhs_dilation=two(dilation), feature_group_count=groups)
    return y[0] + w["conv1.b"][:, None, None]


def conv1d(w, x, stride=1, pad=0, dilation=1, groups=1):
    kernel = w["conv1d1.w"]
    y = jax.lax.conv_general_dilated(x[None], kernel, (stride,), [(pad, pad)], rhs_dilation=(dilation,), feature_group_count=groups)
    return y[0] + w["conv1d1.b"][:, None]


def conv_transpose(w, x, stride=1, pad=0):
    kernel = w["conv_transpose1.w"]  # [c, filters, kh, kw]
    sides = [(k - 1 - p, k - 1 - p) for k, p in zip(kernel.shape[2:], two(pad))]
    turned = jnp.flip(kernel, (2, 3)).swapaxes(0, 1)
    y = jax.lax.conv_general_dilated(x[None], turned, (1, 1), sides, lhs_dilation=two(stride))
    return y[0] + w["conv_transpose1.b"][:, None, None]


def embedding(w, x):
    return w["embedding1.w"][x.astype(int)]


def layer_norm(w, x, eps=1e-5):
    unit = (x - x.mean(-1, keepdims=True)) / jnp.sqrt(x.var(-1, keepdims=True) + eps)
    return unit * w["layer_norm1.scale"] + w["layer_norm1.shift"]


def rms_norm(w, x, eps=1e-6):
    return x / jnp.sqrt((x * x).mean(-1, keepdims=True) + eps) * w["rms_norm1.scale"]


def group_norm(w, x, groups, eps=1e-5):
    g = x.reshape(groups, -1)
    unit = ((g - g.mean(1, keepdims=True)) / jnp.sqrt(g.var(1, keepdims=True) + eps)).reshape(len(x), -1)
    return (unit * w["group_norm1.scale"][:, None] + w["group_norm1.shift"][:, None]).reshape(x.shape)


def prelu(w, x):
    slope = w["prelu1.slope"].reshape(-1, *[1] * (x.ndim - 1))
    return jnp.where(x > 0, x, slope * x)


def attention(w, x, heads, causal=False):
    t, d = x.shape
    q, k, v = [(x @ w[f"attention1.dense{i}.w"] + w[f"attention1.dense{i}.b"]).reshape(t, heads, -1).swapaxes(0, 1) for i in (1, 2, 3)]
    scores = q @ k.swapaxes(1, 2) / np.sqrt(d // heads)
    if causal:
        scores = jnp.where(np.tril(np.ones((t, t), bool)), scores, -jnp.inf)
    y = (jax.nn.softmax(scores) @ v).swapaxes(0, 1).reshape(t, d)
    return y @ w["attention1.dense4.w"] + w["attention1.dense4.b"]


def pool(kind):
    def pooled(w, x, size, stride=None, pad=0, ceil=False):
        size, pad = two(size), two(pad)
        stride = size if stride is None else two(stride)
        sides, counts = [], []
        for n, k, s, p in zip(x.shape[1:], size, stride, pad):
            o = -((n + 2 * p - k) // -s) + 1 if ceil else (n + 2 * p - k) // s + 1
            if ceil and (o - 1) * s >= n + p:
                o -= 1
            sides.append((p, (o - 1) * s + k - n - p))
            # Caffe's: the average counts the padding, but not what reaches beyond it
            counts.append([min(i * s + k, n + 2 * p) - i * s for i in range(o)])
        box, steps, around = (1, *size), (1, *stride), [(0, 0), *[(lo, max(hi, 0)) for lo, hi in sides]]
        if kind == "max":
            return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, box, steps, around)
        return jax.lax.reduce_window(x, 0.0, jax.lax.add, box, steps, around) / np.outer(*counts)

    return pooled


def lrn(w, x, size=5, alpha=1e-4, beta=0.75, k=1):
    half = size // 2
    squares = jnp.pad(x * x, [(half, half), (0, 0), (0, 0)])
    return x / (k + alpha / size * sum(squares[i:i + len(x)] for i in range(size))) ** beta


weightless = lambda f: lambda w, x, **args: f(x, **args)
LAYERS = dict(
    dense=dense, conv=conv, conv1d=conv1d, conv_transpose=conv_transpose, embedding=embedding, layer_norm=layer_norm, rms_norm=rms_norm,
    group_norm=group_norm, prelu=prelu, attention=attention, max_pool=pool("max"), avg_pool=pool("avg"), lrn=lrn,
    global_avg_pool=weightless(lambda x: x.mean((1, 2))),
    relu=weightless(lambda x: jnp.where(x > 0, x, 0.0)),
    leaky_relu=weightless(lambda x, slope=0.01: jnp.where(x > 0, x, np.float32(slope) * x)),
    elu=weightless(jax.nn.elu),
    gelu=weightless(lambda x: jax.nn.gelu(x, approximate=False)),
    silu=weightless(jax.nn.silu),
    sigmoid=weightless(jax.nn.sigmoid),
    tanh=weightless(jnp.tanh),
    softplus=weightless(jax.nn.softplus),
    softmax=weightless(jax.nn.softmax),
    log_softmax=weightless(jax.nn.log_softmax),
    logsumexp=weightless(lambda x: jax.nn.logsumexp(x, axis=-1)),
    square=weightless(lambda x: x * x),
    norms=weightless(lambda x: jnp.sqrt((x * x).sum(-1)) + x.std(-1) + x.var(-1)),
    cumsum=weightless(lambda x: jnp.cumsum(x, -1)),
    sorted_max=weightless(lambda x: x.max(-1) - x.min(0)),
    rolled=weightless(lambda x: jnp.roll(x, 2, 1) * x[:, ::-1]),
    joined=weightless(lambda x: jnp.concatenate([x, x * x], -1).T),
    einsum=weightless(lambda x: jnp.einsum("ij,kj,il->kl", x, x, x)),
    product=weightless(lambda x: x.T @ (x @ x.T)),
)


# --- losses: of a prediction and a target
def cross_entropy(x, y, smooth=0.0):
    log_p = jax.nn.log_softmax(x)
    return -(1 - smooth) * log_p[y[0].astype(int)] - smooth * log_p.mean()


LOSSES = dict(
    cross_entropy=cross_entropy,
    nll=lambda x, y: -jax.nn.log_softmax(x)[y[0].astype(int)],
    binary_cross_entropy=lambda x, y: (jnp.maximum(x, 0) - x * (y > 0) + jnp.log1p(jnp.exp(-jnp.abs(x)))).mean(),
    mse=lambda x, y: ((x - y) ** 2).mean(),
    mae=lambda x, y: jnp.abs(x - y).mean(),
    huber=lambda x, y, delta=1.0: jnp.where(jnp.abs(x - y) <= delta, 0.5 * (x - y) ** 2, delta * (jnp.abs(x - y) - 0.5 * delta)).mean(),
    hinge=lambda x, y: jnp.maximum(0, 1 - x * jnp.sign(y)).mean(),
    kl_divergence=lambda x, y: (jax.nn.softmax(y) * (jax.nn.log_softmax(y) - jax.nn.log_softmax(x))).sum(),
    l2=lambda x, y: (x * x).sum(),
    triplet=lambda x, y: jnp.maximum(0, ((x - y) ** 2).sum() - ((x + y) ** 2).sum() + 1),
)


def ask_shape(f, weights, x, args):
    return jax.eval_shape(lambda w, v: f(w, v, **args), weights, x).shape


def layer(folder, name, args, shape, weights, n, whole, seed):
    """One step on sum(layer(x + shift) * c), averaged over n records: their rows [x.., c..] and the weights before and after."""
    rng, f = np.random.default_rng(seed), LAYERS[name]
    start = {k: (rng.standard_normal(s) * 0.5).astype(np.float32) for k, s in weights.items()}
    x = (rng.integers(0, whole, (n, *shape)) if whole else rng.standard_normal((n, *shape))).astype(np.float32)
    shifted = name != "embedding"
    if shifted:
        start["shift"] = np.zeros(shape, np.float32)
    moved = lambda w, v: v + w["shift"] if shifted else v
    out = ask_shape(f, start, x[0], args)
    c = rng.standard_normal((n, *out)).astype(np.float32)
    w = {k: jnp.asarray(v, jnp.float64) for k, v in start.items()}
    predict = lambda w, v: f(w, moved(w, v), **args)

    def step(w):
        y = jax.vmap(lambda v: predict(w, v))(x.astype(float))
        return jnp.sum(y * c) / n, y

    return finish(folder, start, w, step, x, c, out)


def loss(folder, name, args, size, n, classes, seed):
    """One step on the mean of a loss of x + shift: rows [x.., y..]."""
    rng, f = np.random.default_rng(seed), LOSSES[name]
    x = rng.standard_normal((n, size)).astype(np.float32)
    y = (rng.integers(0, classes, (n, 1)) if classes else rng.standard_normal((n, size))).astype(np.float32)
    start = {"shift": np.zeros(size, np.float32)}
    w = {"shift": jnp.zeros(size)}

    def step(w):
        each = jax.vmap(lambda v, t: f(v + w["shift"], t, **args))(x.astype(float), y.astype(float))
        return each.mean(), each

    return finish(folder, start, w, step, x, y, ())


def finish(folder, start, w, step, x, c, out):
    """step: the loss and the values of the records."""
    g, y = jax.jit(jax.grad(step, has_aux=True))(w)
    write_safetensors(f"{folder}/start.safetensors", start)
    np.save(f"{folder}/records.npy", np.concatenate([x.reshape(len(x), -1), c.reshape(len(x), -1)], 1))
    return {"out": list(out), "start": start, "after": {k: w[k] - g[k] for k in w}, "y": y}


if __name__ == "__main__":
    serve(layer, loss)
