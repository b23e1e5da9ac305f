"""JAX as a peer of bench/main.ts: `jax_peer.py threads`. Everything is one jax.jit. Knows hsc only by what it saved."""
import functools
import os
import sys

THREADS = sys.argv[1]
os.environ.setdefault("OMP_NUM_THREADS", THREADS)
if THREADS == "1":
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    os.sched_setaffinity(0, {1})
import jax

jax.config.update("jax_enable_x64", True)  # arrays of f32 stay f32
import jax.numpy as jnp
import numpy as np
from common import LR, MOMENTUM, NETS, apart, difference, records, safetensors, serve
from jax import lax


def forward(name, weights, x):
    """x: [n, h, w, c]"""
    flat, conv, dense = False, 0, 0
    for k, _, relu, pool, pad in NETS[name][1]:
        if k:
            conv += 1
            w, b = weights[f"conv{conv}.w"], weights[f"conv{conv}.b"]
            x = lax.conv_general_dilated(x, w, (1, 1), [(pad, pad)] * 2, dimension_numbers=("NHWC", "HWIO", "NHWC")) + b
        else:
            dense += 1
            if not flat:  # hsc flattens c, h, w
                x, flat = x.transpose(0, 3, 1, 2).reshape(len(x), -1), True
            x = x @ weights[f"dense{dense}.w"] + weights[f"dense{dense}.b"]
        x = jax.nn.relu(x) if relu else x
        if pool:
            x = lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
    return x


def loaded(path):
    saved = safetensors(path)
    return {n: jnp.array(w.transpose(2, 3, 1, 0) if w.ndim == 4 else w) for n, w in saved.items()}


def train(row):
    name, batch, folder = row["program"], row["batch"], row["folder"]
    if name not in NETS:
        return "compared with PyTorch only"
    x, labels = records(row)
    x = x.transpose(0, 2, 3, 1)

    @functools.partial(jax.jit, donate_argnums=(0, 1))
    def step(weights, slots, a, b):
        loss = lambda w: -jnp.mean(jax.nn.log_softmax(forward(name, w, a))[jnp.arange(batch), b])
        g = jax.grad(loss)(weights)
        slots = jax.tree.map(lambda m, d: MOMENTUM * m + d, slots, g)
        return jax.tree.map(lambda w, m: w - LR * m, weights, slots), slots

    def fresh():
        weights = loaded(os.path.join(folder, "start.safetensors"))
        return weights, jax.tree.map(jnp.zeros_like, weights)

    part = lambda i: (jnp.array(x[i * batch : (i + 1) * batch]), jnp.array(labels[i * batch : (i + 1) * batch]))

    def check():
        state = fresh()
        for i in range(row["steps"]):
            state = step(*state, *part(i))
        return difference(folder, {n: np.array(w).transpose(3, 2, 0, 1) if w.ndim == 4 else np.array(w) for n, w in state[0].items()})

    held, first = [fresh()], part(0)

    def one():
        held[0] = step(*held[0], *first)

    return one, lambda: jax.block_until_ready(held[0]), check


def score(row):
    folder = row["folder"]
    weights = loaded(os.path.join(folder, "net.safetensors"))
    x = jnp.array(np.load(os.path.join(folder, "x.npy")))[None, :, :, None]
    f = jax.jit(functools.partial(forward, row["net"], weights))
    run = lambda: jax.block_until_ready(f(x))
    return run, lambda: None, lambda: apart(np.array(run())[0], os.path.join(folder, "y.npy"))


def chain(x, y):
    a = jnp.abs(x * 1.5 - y)
    b = jnp.maximum(a * y, x) + 0.5
    return jnp.minimum(b * b, 4) * x - y


def evaluate(row):
    folder, program = row["folder"], row["program"]
    given = lambda n: jnp.array(np.load(os.path.join(folder, f"{n}.npy")))
    x = given("x")
    if program == "softmax":

        @jax.jit
        def both(a, t):
            y, back = jax.vjp(lambda v: jax.nn.softmax(v, axis=-1), a)
            return y, back(t)[0]

        t = given("t")
        run = lambda: jax.block_until_ready(both(x, t))
        return run, lambda: None, lambda: max(apart(np.array(v), os.path.join(folder, f"{n}.npy")) for n, v in zip("yg", run()))
    f = jax.jit(
        {
            "product": lambda a, b: a @ b,
            "product64": lambda a, b: a @ b,
            "elementwise": lambda a, b: jax.nn.relu(2 * a + b) * a - b,
            "chain": chain,
            "exp": jnp.exp,
        }[program]
    )
    args = (x,) if program == "exp" else (x, given("y"))
    run = lambda: jax.block_until_ready(f(*args))
    return run, lambda: None, lambda: apart(np.array(run()), os.path.join(folder, "z.npy"))


serve(lambda row: {"train": train, "score": score, "evaluate": evaluate}[row["kind"]](row))
