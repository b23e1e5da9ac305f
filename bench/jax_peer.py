"""JAX as one of the peers of bench/main.ts: reads `net batch seconds`, prints the best records per second (fixed batch, SGD with momentum, f32)."""
import functools
import os
import sys
import time

THREADS = sys.argv[1] if len(sys.argv) > 1 else "2"
os.environ.setdefault("OMP_NUM_THREADS", THREADS)
if THREADS == "1":
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    os.sched_setaffinity(0, {1})
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

# (kernel, units, relu, pool, pad): kernel 0 is dense
NETS = {
    "mlp": ((1, 1, 784), [(0, 256, 1, 0, 0), (0, 128, 1, 0, 0), (0, 10, 0, 0, 0)]),
    "lenet": ((28, 28, 1), [(5, 20, 0, 1, 0), (5, 50, 0, 1, 0), (0, 500, 1, 0, 0), (0, 10, 0, 0, 0)]),
    "lenet5": ((28, 28, 1), [(5, 6, 1, 1, 2), (5, 16, 1, 1, 0), (0, 120, 1, 0, 0), (0, 84, 1, 0, 0), (0, 10, 0, 0, 0)]),
    "cifar": (
        (32, 32, 3),
        [(3, 32, 1, 0, 1), (3, 32, 1, 1, 1), (3, 64, 1, 0, 1), (3, 64, 1, 1, 1), (0, 128, 1, 0, 0), (0, 10, 0, 0, 0)],
    ),
}


def make(net, batch):
    (h, w, c), layers = NETS[net]
    rng = np.random.default_rng(0)
    weights, height, width, channels = [], h, w, c
    for k, units, _, pool, pad in layers:
        if k:
            shape = (k, k, channels, units)
            height, width = height + 2 * pad - k + 1, width + 2 * pad - k + 1
            height, width = (height // 2, width // 2) if pool else (height, width)
        else:
            shape, height, width = (height * width * channels, units), 1, 1
        weights.append((jnp.array(rng.standard_normal(shape).astype("f4") * 0.05), jnp.zeros(units)))
        channels = units
    x = jnp.array(rng.random((batch, h, w, c) if layers[0][0] else (batch, 784)).astype("f4"))
    y = jnp.array(rng.integers(0, 10, batch))

    def loss(weights):
        a = x
        for (k, _, relu, pool, pad), (w_, b) in zip(layers, weights):
            if k:
                a = lax.conv_general_dilated(a, w_, (1, 1), [(pad, pad)] * 2, dimension_numbers=("NHWC", "HWIO", "NHWC")) + b
            else:
                a = a.reshape(batch, -1) @ w_ + b
            a = jax.nn.relu(a) if relu else a
            if pool:
                a = lax.reduce_window(a, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
        return -jnp.mean(jax.nn.log_softmax(a)[jnp.arange(batch), y])

    @functools.partial(jax.jit, donate_argnums=(0, 1))
    def step(weights, slots):
        g = jax.grad(loss)(weights)
        slots = jax.tree.map(lambda m, d: 0.9 * m + d, slots, g)
        return jax.tree.map(lambda w_, m: w_ - 0.001 * m, weights, slots), slots

    return [step, (weights, jax.tree.map(jnp.zeros_like, weights))]


def best(made, seconds):
    def one():
        made[1] = made[0](*made[1])

    one()
    jax.block_until_ready(made[1])
    start = time.perf_counter()
    one()
    jax.block_until_ready(made[1])
    chunk = max(1, round(0.003 / max(time.perf_counter() - start, 1e-6)))
    least, end = 1e9, time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        for _ in range(chunk):
            one()
        jax.block_until_ready(made[1])
        least = min(least, (time.perf_counter() - start) / chunk)
    return least


known = {}
print("ready", flush=True)
for line in sys.stdin:
    net, batch, seconds = line.split()
    key = net, int(batch)
    if key not in known:
        known[key] = make(*key)
    print(int(batch) / best(known[key], float(seconds)), flush=True)
