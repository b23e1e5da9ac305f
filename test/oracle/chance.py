"""Random values and the row function by JAX and NumPy: what a call at a place draws, which rows are chosen, in which order."""
import jax
import jax.numpy as jnp
import numpy as np
import serve
from serve import key


def uniform(path, shape, seed, low=0.0, high=1.0):
    return jax.random.uniform(key(path, seed), shape, jnp.float32, np.float32(low), np.float32(high))


def normal(path, shape, seed, mean=0.0, std=1.0):
    return np.float32(mean) + np.float32(std) * jax.random.normal(key(path, seed), shape, jnp.float32)


def randint(path, shape, low, high, seed):
    return jax.random.randint(key(path, seed), shape, low, high, jnp.int32)


def bernoulli(path, shape, p, seed):
    return jax.random.bernoulli(key(path, seed), np.float32(p), shape)


def permutation(path, count, seed):
    """The order of draws; ties, which 2^23 draws have, keep their places."""
    return np.argsort(np.asarray(uniform(path, (count,), seed)), kind="stable").astype(np.int32)


def rows(path, places, epochs, count, seed):
    """The draws of a scalar `uniform()` per row: [epochs, rows]. `places`: where epoch and row stand among the words."""
    return np.array([[jax.random.uniform(key(path, seed, *at(places, e, r)), (), jnp.float32) for r in range(count)] for e in range(epochs)])


def at(places, epoch, row):
    return [{"epoch": epoch, "row": row, "high": 0, "step": 0}[p] for p in places]


def split(count, path, shares, seed):
    return serve.split(np.arange(count), path, shares, seed)


def shuffled(count, path, seed, epoch=0):
    return serve.shuffled(np.arange(count), path, epoch, seed)


def sample(count, path, fraction, seed):
    return np.arange(count)[serve.row_words(np.arange(count), path, 0, seed) < round(fraction * 2**32)]


def constant(shape, value):
    return jax.nn.initializers.constant(value)(jax.random.key(0), tuple(shape), jnp.float32)


def bilinear(shape):
    """Caffe's BilinearFiller, element by element as its loop does; the centre is a constant, in f32."""
    width = shape[-1]
    f = np.ceil(width / 2.0)
    c = float(np.float32((2 * f - 1 - f % 2) / (2.0 * f)))
    out = np.zeros(int(np.prod(shape)))
    for i in range(out.size):
        x, y = i % width, (i // width) % shape[-2]
        out[i] = (1 - abs(x / f - c)) * (1 - abs(y / f - c))
    return out.reshape(shape)


serve.serve(constant, bilinear, uniform, normal, randint, bernoulli, permutation, rows, split, shuffled, sample)
