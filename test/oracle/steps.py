"""Training by JAX as hsc does it: batches, carried state, draws for each record; in f64, and again in several orders of addition. Knows no net."""
import functools

import jax
import jax.numpy as jnp
import numpy as np
from serve import key, shuffled


@functools.cache
def slopes(loss, place):
    """Compiled once for all trainings with a loss: that is what takes the time."""

    @jax.jit
    def of(w, given, carry, rows, epoch, t):
        def draw(path, shape):
            at = key(f"{place}.loss.{path}", 0, epoch, t)
            each = lambda row: jax.random.uniform(jax.random.fold_in(jax.random.fold_in(at, row), 0), shape, jnp.float32)
            return jax.vmap(each)(rows)

        return jax.value_and_grad(loss, has_aux=True)(w, given, carry, draw)

    return of


def trainer(loss, rule, rate, frozen=lambda path: False, clip=None, place="net.train1"):
    """`loss(w, given, carry, draw)` of a batch: its mean, the next states and what is carried. `rule(path)`, `rate(path)`: of optimizers.py.
    `draw(path, shape)` gives uniform numbers for each record, drawn at `place` and a path in the loss. What is frozen moves neither as weight
    nor as state."""
    moves = lambda path: "running_" not in path and not frozen(path)

    @jax.jit
    def update(w, g, s, t, rates):
        if clip:
            norm = jnp.sqrt(sum((v**2).sum() for v in g.values()))
            g = {k: v * jnp.minimum(1, clip / norm) for k, v in g.items()}
        return {k: rule(k)[1](w[k], g[k], s[k], rates[k].astype(w[k].dtype), t.astype(w[k].dtype)) for k in g}

    def run(dtype, start, batches, carry=None):
        """batches: of each step its epoch, the numbers of its rows and their arrays."""
        cast = lambda a: jnp.asarray(a, dtype if np.asarray(a).dtype.kind == "f" else None)
        w = {k: jnp.asarray(v, dtype) for k, v in start.items()}
        s = {k: rule(k)[0](v) for k, v in w.items() if moves(k)}
        carry, losses, of = jax.tree.map(cast, carry), [], slopes(loss, place)
        for t, (epoch, rows, given) in enumerate(batches):
            (value, (states, carry)), g = of(w, jax.tree.map(cast, given), carry, rows.astype(np.uint32), jnp.asarray(epoch), jnp.asarray(t))
            done = update(w, {k: v for k, v in g.items() if moves(k)}, s, jnp.asarray(t), {k: jnp.asarray(rate(k)(t, epoch)) for k in w})
            w = {**w, **{k: v for k, v in states.items() if not frozen(k)}, **{k: v[0] for k, v in done.items()}}
            s = {k: v[1] for k, v in done.items()}
            losses.append((float(value), len(rows)))
        assert all(v.dtype == dtype for v in w.values())
        total = sum(n for _, n in losses)
        return w, np.array(sum(v * n for v, n in losses) / total)

    return run


def several(run, start, batches, carry=None, rounded=np.float32, orders=3):
    """`batches(rng)`: of each run; rng orders the records of a batch, and sums. The result in f64, and what rounding makes of it."""

    def result(dtype, rng=None):
        w, loss = run(dtype, start, batches(rng), carry)
        return {**w, "loss": loss}

    runs = [*([None] if rounded == np.float32 else []), *[np.random.default_rng(i) for i in range(orders)]]
    return {"start": {**start, "loss": np.zeros(())}, "f64": result(np.float64), "rounded": [result(rounded, rng) for rng in runs]}


def orders(taps, rng=None):
    """In which so many products are added."""
    return {str(n): np.arange(n) if rng is None else rng.permutation(n) for n in taps}


def in_order(rows, made, batch, steps, place="net.train1", taps=()):
    """The batches of the training at `place`; `made(rows, epoch)` are their arrays, beside the orders of `taps`."""

    def batches(rng):
        out, epoch, order = [], 0, orders(taps, rng)
        while len(out) < steps:
            visited = shuffled(rows, place, epoch)
            for at in range(0, len(visited), batch):
                now = visited[at:at + batch]
                now = now if rng is None else rng.permutation(now)
                out.append((epoch, now, {**made(now, epoch), "order": order}))
            epoch += 1
        return out[:steps]

    return batches
