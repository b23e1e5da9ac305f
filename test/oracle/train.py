"""LeNet and an MLP on MNIST files by JAX: the weights after some steps, in f64 and in f32 from the same start."""
import functools

import jax
import jax.numpy as jnp
import numpy as np
from serve import idx, read_safetensors, serve, shuffled, split


def taps(x):
    """The 5 x 5 windows of each place, as a matrix: [n, c, h, w] to [n, places, c * 25]."""
    h, w = x.shape[2] - 4, x.shape[3] - 4
    shifted = jnp.stack([x[:, :, i:i + h, j:j + w] for i in range(5) for j in range(5)], 2)
    return shifted.reshape(len(x), -1, h * w).swapaxes(1, 2)


def conv(x, w, b, order):
    """order: in which the taps are added; None as JAX likes."""
    if order is None:
        y = jax.lax.conv_general_dilated(x, w, (1, 1), "VALID", precision="highest")
    else:
        y = jnp.dot(taps(x)[..., order], w.reshape(len(w), -1).T[order], precision="highest")
        y = y.swapaxes(1, 2).reshape(len(x), len(w), x.shape[2] - 4, -1)
    return y + b[:, None, None]


def pooled(x):
    return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")


def dense(x, w, b, order):
    return jnp.dot(x if order is None else x[:, order], w if order is None else w[order], precision="highest") + b


def lenet(w, x, orders):
    o = orders or [None] * 4
    h = pooled(conv(x[:, None], w["conv1.w"], w["conv1.b"], o[0]))
    h = pooled(conv(h, w["conv2.w"], w["conv2.b"], o[1])).reshape(len(x), -1)
    return dense(jax.nn.relu(dense(h, w["dense1.w"], w["dense1.b"], o[2])), w["dense2.w"], w["dense2.b"], o[3])


def mlp(w, x, orders):
    h = x.reshape(len(x), -1)
    for i in (1, 2, 3):
        h = dense(h, w[f"dense{i}.w"], w[f"dense{i}.b"], orders and orders[i - 1])
        h = jax.nn.relu(h) if i < 3 else h
    return h


MODELS = {"lenet": (lenet, (25, 500, 800, 500)), "mlp": (mlp, (784, 256, 128))}


def sgd(lr, momentum, decay):
    def step(w, g, v, t):
        v = momentum * v + (g + decay * w)
        return w - lr * v, v

    return jnp.zeros_like, step


def adam(lr, b1, b2, eps):
    def step(w, g, s, t):
        m, v = b1 * s[0] + (1 - b1) * g, b2 * s[1] + (1 - b2) * g * g
        warm = lambda beta: -jnp.expm1((t + 1) * jnp.log(jnp.asarray(beta, w.dtype)))
        return w - lr * (m / warm(b1) / (jnp.sqrt(v / warm(b2)) + eps)), (m, v)

    return lambda w: (jnp.zeros_like(w), jnp.zeros_like(w)), step


OPTIMIZERS = {"sgd": sgd, "adam": adam}


@functools.cache
def stepper(model, optimizer, numbers):
    """One compiled step for all tests of a model and an optimizer."""
    net, init, update = MODELS[model][0], *OPTIMIZERS[optimizer](*numbers)

    def loss(w, x, y, orders):
        logits = net(w, x, orders)
        return -jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], 1).mean()

    @jax.jit
    def step(w, s, t, x, y, orders):
        g = jax.grad(loss)(w, x, y, orders)
        both = {k: update(w[k], g[k], s[k], t) for k in w}
        return {k: b[0] for k, b in both.items()}, {k: b[1] for k, b in both.items()}

    return init, step


def train(weights, model, optimizer, numbers, batches, images=None, labels=None, x=None, y=None, orders=0):
    """The weights in f64, and in f32: as JAX adds up, and in some random orders of all sums over taps and features. Each f32 result
    decides near ties of a pool or a relu in its own way, so together they tell how far f32 may be off.

    batches: the rows of each step, of idx files or of x and y. numbers: of the optimizer."""
    x = idx(images) / 255 if x is None else x
    y = (idx(labels) if y is None else y).astype(np.int32)
    start, extents = read_safetensors(weights), MODELS[model][1]
    init, step = stepper(model, optimizer, tuple(numbers))

    def run(dtype, orders):
        w = {k: jnp.asarray(v, dtype) for k, v in start.items()}
        s = {k: init(v) for k, v in w.items()}
        for t, rows in enumerate(batches):
            rows = np.asarray(rows, int)
            w, s = step(w, s, jnp.asarray(t, dtype), x[rows].astype(dtype), y[rows], orders)
        assert all(v.dtype == dtype for v in w.values())
        return w

    rng = np.random.default_rng(0)
    several = [[rng.permutation(n) for n in extents] for _ in range(orders)]
    exact = run(np.float64, [np.arange(n) for n in extents])
    return {"start": start, "f64": exact, "f32": [run(np.float32, o) for o in [None, *several]]}


def order(count, parts, part, take, train, batch, steps, shuffle, seed):
    """The rows of each step: of `part` of a split (path and shares), the first `take`, in the order of the training at path `train`."""
    rows = np.arange(count)
    if parts:
        rows = split(rows, parts["path"], parts["shares"], seed)[part]
    rows, batches, epoch = rows[:take], [], 0
    while len(batches) < steps:
        now = shuffled(rows, train, epoch, seed) if shuffle else rows
        batches += [now[i:i + batch].tolist() for i in range(0, len(now), batch)]
        epoch += 1
    return batches[:steps]


if __name__ == "__main__":
    serve(train, order)
