"""Optimizers and schedules by JAX, as the prelude has them: `(state at the start for w, one step of it)`, and the rate at step t of epoch e."""
import math

import jax.numpy as jnp
import numpy as np


# --- optimizers: the state at the start for w, and one step of it
def sgd(momentum=0.0, decay=0.0, nesterov=False):
    def step(w, g, v, lr, t):
        g = g + decay * w
        v = momentum * v + g
        return w - lr * (momentum * v + g if nesterov else v), v

    return jnp.zeros_like, step


def adam(b1=0.9, b2=0.999, eps=1e-8, decay=0.0, rounded=np.float32):
    b1, b2, eps = (rounded(v).item() for v in (b1, b2, eps))

    def step(w, g, s, lr, t):
        m, v = b1 * s[0] + (1 - b1) * g, b2 * s[1] + (1 - b2) * g * g
        warm = lambda beta: -jnp.expm1((t + 1) * jnp.log(jnp.asarray(beta, w.dtype)))
        return w - lr * (m / warm(b1) / (jnp.sqrt(v / warm(b2)) + eps) + decay * w), (m, v)

    return lambda w: (jnp.zeros_like(w), jnp.zeros_like(w)), step


def adagrad(eps=1e-8):
    return jnp.zeros_like, lambda w, g, s, lr, t: (w - lr * g / (jnp.sqrt(s + g * g) + eps), s + g * g)


def rmsprop(decay=0.9, eps=1e-8):
    def step(w, g, s, lr, t):
        s = np.float32(decay).item() * s + (1 - np.float32(decay)).item() * g * g
        return w - lr * g / (jnp.sqrt(s) + eps), s

    return jnp.zeros_like, step


def adadelta(rho=0.95, eps=1e-6):
    rho, rest, eps = np.float32(rho).item(), (1 - np.float32(rho)).item(), np.float32(eps).item()

    def step(w, g, s, lr, t):
        a = rho * s[0] + rest * g * g
        d = jnp.sqrt(s[1] + eps) / jnp.sqrt(a + eps) * g
        return w - lr * d, (a, rho * s[1] + rest * d * d)

    return lambda w: (jnp.zeros_like(w), jnp.zeros_like(w)), step


OPTIMIZERS = dict(sgd=sgd, adam=adam, adagrad=adagrad, rmsprop=rmsprop, adadelta=adadelta)
SCHEDULES = dict(
    constant=lambda lr: lambda t, e: lr,
    step_decay=lambda lr, every, factor=0.1: lambda t, e: lr * factor ** (t // every),
    exponential=lambda lr, rate: lambda t, e: lr * rate**t,
    inverse=lambda lr, gamma, power: lambda t, e: lr * (1 + gamma * t) ** -power,
    cosine=lambda lr, steps, warmup=0: lambda t, e: lr * (t + 1) / warmup if t < warmup else lr * (0.5 + 0.5 * math.cos(math.pi * min(1, (t - warmup) / (steps - warmup)))),
    polynomial=lambda lr, steps, power=1: lambda t, e: lr * (1 - min(1, t / steps)) ** power,
    piecewise=lambda steps, values: lambda t, e: values[sum(t >= s for s in steps)],
    by_epoch=lambda lr: lambda t, e: lr / (1 + e),
)
