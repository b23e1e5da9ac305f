"""The programs of test/frontend/programs that train, by JAX: their first steps in f64 and in f32, from the weights and in the order of rows that
hsc has. Each function is a program; what it returns is weights and mean losses, `f64` once, and `rounded` with all that is added up in several orders."""
import csv
import glob
import math

import jax
import jax.numpy as jnp
import networkx
import numpy as np
from layers import pool
from nets import batch_norm, dropout, linear
from optimizers import OPTIMIZERS, SCHEDULES
from serve import idx, key, read_safetensors, serve, split
from sklearn.datasets import load_svmlight_file
from sklearn.linear_model import LogisticRegression
from steps import in_order, orders, several, trainer
from train import lenet

one = lambda v: np.float32(v).item()


def conv(w, name, x, order, stride=1, pad=0):
    """As a product of taps, which are added in an order that is given: each order decides near ties of what follows in its own way."""
    kernel = w[f"{name}.w"]
    side = kernel.shape[2]
    x = jnp.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    rows, columns = [(n - side) // stride + 1 for n in x.shape[2:]]
    at = lambda n: np.arange(side)[:, None] + stride * np.arange(n)
    # one gather for all taps: what XLA compiles fast
    taps = x[:, :, at(rows)[:, None, :, None], at(columns)[None, :, None, :]].reshape(len(x), -1, rows * columns)
    order = order[str(taps.shape[1])]
    y = jnp.einsum("fk,nkp->nfp", kernel.reshape(len(kernel), -1)[:, order], taps[:, order], precision="highest")
    y = y.reshape(len(x), len(kernel), rows, columns)
    return y + w[f"{name}.b"][:, None, None] if f"{name}.b" in w else y


def layer_norm(w, name, x):
    unit = (x - x.mean(-1, keepdims=True)) / jnp.sqrt(x.var(-1, keepdims=True) + 1e-5)
    return unit * w[f"{name}.scale"] + w[f"{name}.shift"]


def cross_entropy(logits, target):
    return -jnp.take_along_axis(jax.nn.log_softmax(logits), target[..., None], -1)[..., 0]


always = lambda rule: lambda path: rule
constant = lambda lr: always(SCHEDULES["constant"](one(lr)))
start = lambda folder: read_safetensors(f"{folder}/start.safetensors")


# --- 07_char_lstm.hs
def windows(path, size, stride):
    data = np.fromfile(path, np.uint8)
    return np.stack([data[i:i + size] for i in range(0, len(data) - size + 1, stride)]).astype(np.int32)


def lstm(w, ids, h, c):
    """[n, t] ids to [n, t, 128] logits, and the last h and c."""
    x = w["embedding1.w"][ids] @ w["lstm1.wx"] + w["lstm1.b"]

    def tick(state, x):
        h, c = state
        i, f, g, o = jnp.split(x + h @ w["lstm1.wh"], 4, -1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        h = jax.nn.sigmoid(o) * jnp.tanh(c)
        return (h, c), h

    (h, c), all_h = jax.lax.scan(tick, (h, c), x.swapaxes(0, 1))
    return linear(w, "dense1", all_h.swapaxes(0, 1)), h, c


def char_lstm(folder, steps):
    chunks, batch, units = windows(f"{folder}/tiny.txt", 65, 64), 32, 256
    length = len(chunks) // batch  # of a stream

    def loss(w, given, carry, draw):
        logits, h, c = lstm(w, given["ids"][:, :-1], *carry)
        return cross_entropy(logits, given["ids"][:, 1:]).mean(), ({}, (h, c))

    def batches(rng):
        streams = np.arange(batch) if rng is None else rng.permutation(batch)
        return [(0, r, {"ids": chunks[r]}) for r in (streams * length + t for t in range(steps))]

    run = trainer(loss, always(OPTIMIZERS["adam"]()), constant(2e-3), clip=5.0)
    return several(run, start(folder), batches, (np.zeros((batch, units)),) * 2)


def char_sample(folder, count):
    """What the net that hsc trained says: the draws of the scan, in f32."""
    w = {k: jnp.asarray(v) for k, v in read_safetensors(f"{folder}/after.safetensors").items()}

    @jax.jit
    def tick(h, c, id, i):
        logits, h, c = lstm(w, id[None, None], h, c)
        sums = jnp.cumsum(jax.nn.softmax(logits[0, 0] / np.float32(0.8)))
        draw = sums[-1] * (1 - jax.random.uniform(key("sample.scan1.choice1.uniform1", 0, i), (), jnp.float32))
        return h, c, (draw > sums).sum().astype(jnp.int32)

    h = c = jnp.zeros((1, 256), jnp.float32)
    id, said = jnp.int32(10), []
    for i in range(count):
        h, c, id = tick(h, c, id, jnp.uint32(i))
        said.append(int(id))
    return said


# --- 08_transformer.hs
def gpt(w, ids, draw, depth, heads=8, p=0.1):
    n, t = ids.shape
    x = w["tokens"][ids] + w["places"][:t]
    for i in range(depth):
        at = f"repeat1.{i}.block1"
        drop = lambda x, k: dropout(x, draw(f"m1.repeat1.{i}.repeat1.block1.dropout{k}.bernoulli1.uniform1", x.shape[1:]), p)
        y = layer_norm(w, f"{at}.layer_norm1", x)
        q, k, v = [linear(w, f"{at}.self_attention1.{s}", y).reshape(n, t, heads, -1).swapaxes(1, 2) for s in "qkv"]
        scores = jnp.where(np.tril(np.ones((t, t), bool)), q @ k.swapaxes(2, 3) / math.sqrt(q.shape[-1]), -jnp.inf)
        y = (jax.nn.softmax(scores) @ v).swapaxes(1, 2).reshape(n, t, -1)
        x = x + drop(linear(w, f"{at}.self_attention1.out", y), 1)
        y = layer_norm(w, f"{at}.layer_norm2", x)
        y = linear(w, f"{at}.dense2", jax.nn.gelu(linear(w, f"{at}.dense1", y), approximate=False))
        x = x + drop(y, 2)
    return layer_norm(w, "layer_norm1", x) @ w["tokens"].T


def transformer(folder, steps, depth, context, lr, warmup, clip):
    ids = windows(f"{folder}/tiny.txt", context + 1, context)

    def loss(w, given, carry, draw):
        logits = gpt(w, given["ids"][:, :-1], draw, depth)
        return cross_entropy(logits, given["ids"][:, 1:]).mean(), ({}, carry)

    adamw = OPTIMIZERS["adam"](decay=one(0.01))
    run = trainer(loss, always(adamw), always(SCHEDULES["cosine"](one(lr), steps, warmup)), clip=clip)
    return several(run, start(folder), in_order(np.arange(len(ids)), lambda rows, _: {"ids": ids[rows]}, 32, steps))


# --- programs on MNIST's and CIFAR's files
def digits(folder):
    images, labels = [idx(f"{folder}/data/t10k-{n}-ubyte.gz") for n in ("images-idx3", "labels-idx1")]
    return images.reshape(-1, 784) / 255, labels.astype(np.int32)


def cifar(folder, pattern):
    data = np.concatenate([np.fromfile(p, np.uint8).reshape(-1, 3073) for p in sorted(glob.glob(f"{folder}/cifar/{pattern}"))])
    return data[:, 1:].reshape(-1, 3, 32, 32).astype(float), data[:, 0].astype(np.int32)


def of_rows(x, y):
    return lambda rows, epoch: {"x": x[rows], "y": y[rows]}


def cifar10(folder, steps, batch):
    """Caffe's "quick"; each row is flipped and shifted anew in each epoch."""
    x, y = cifar(folder, "data_batch_*.bin")
    mean = x.mean(0)

    @jax.vmap
    def augmented(x, row):
        draw = lambda what: jax.random.fold_in(jax.random.fold_in(key(f"net.map1.augment1.{what}", 0, epoch), row), 0)
        flip = jax.random.uniform(draw("bernoulli1.uniform1"), (), jnp.float32) < 0.5
        at = [jnp.int32(0), *[jax.random.randint(draw(f"randint{i}"), (), 0, 9, jnp.int32) for i in (1, 2)]]
        wide = jnp.pad(jnp.where(flip, x[:, :, ::-1], x), [(0, 0), (4, 4), (4, 4)])
        return jax.lax.dynamic_slice(wide, at, (3, 32, 32))

    epoch = 0

    def made(rows, now):
        nonlocal epoch
        epoch = now
        return {"x": np.asarray(augmented(x[rows], rows.astype(np.uint32))) - mean, "y": y[rows]}

    pooled = lambda kind, x: jax.vmap(lambda x: pool(kind)(None, x, 3, 2, 0, True))(x)

    def loss(w, given, carry, draw):
        convolved = lambda name, x: conv(w, name, x, given["order"], pad=2)
        h = jax.nn.relu(pooled("max", convolved("conv1", given["x"])))
        h = pooled("avg", jax.nn.relu(convolved("conv2", h)))
        h = pooled("avg", jax.nn.relu(convolved("conv3", h)))
        logits = linear(w, "dense2", linear(w, "dense1", h.reshape(len(h), -1)))
        return cross_entropy(logits, given["y"]).mean(), ({}, carry)

    sgd = OPTIMIZERS["sgd"](momentum=one(0.9), decay=one(0.004))
    return several(trainer(loss, always(sgd), constant(0.001)), start(folder), in_order(np.arange(len(x)), made, batch, steps, taps=(75, 800)))


def autoencoder(folder, steps):
    x, y = digits(folder)

    def code(w, x):
        return linear(w, "encode.dense2", jax.nn.relu(linear(w, "encode.dense1", x)))

    def loss(w, given, carry, draw):
        h = jax.nn.relu(linear(w, "decode.dense1", code(w, given["x"])))
        return ((jax.nn.sigmoid(linear(w, "decode.dense2", h)) - given["x"]) ** 2).mean(), ({}, carry)

    run = trainer(loss, always(OPTIMIZERS["adam"]()), constant(1e-3))
    codes = code({k: v.astype(float) for k, v in read_safetensors(f"{folder}/after.safetensors").items()}, x)
    return {"codes": codes, **several(run, start(folder), in_order(np.arange(len(x)), of_rows(x, y), 128, steps))}


def custom(folder, steps):
    """A focal loss, Lion, a triangle of rates."""
    x, y = digits(folder)

    def loss(w, given, carry, draw):
        log_p = -cross_entropy(linear(w, "dense2", jax.nn.relu(linear(w, "dense1", given["x"]))), given["y"])
        return (-((1 - jnp.exp(log_p)) ** 2) * log_p).mean(), ({}, carry)

    def lion(w, g, m, lr, t):
        mix = lambda a, b, k: a + (b - a) * one(k)
        return w - lr * jnp.sign(mix(g, m, 0.9)), mix(g, m, 0.99)

    rate = lambda t, e: 1e-5 + (1e-3 - 1e-5) * abs(2 * (t / 500 % 1) - 1)
    run = trainer(loss, always((jnp.zeros_like, lion)), always(rate))
    return several(run, start(folder), in_order(np.arange(len(x)), of_rows(x, y), 64, steps))


def monitoring(folder, steps):
    x, y = digits(folder)
    train, check, test = split(np.arange(len(x)), "digits.split1", [0.8, 0.1, 0.1])
    net = lambda w, x, drop=lambda h: h: linear(w, "dense2", drop(jax.nn.relu(linear(w, "dense1", x))))
    smooth = one(0.1)

    def error(logits, y):
        return jax.nn.logsumexp(logits, -1) - (1 - smooth) * logits[np.arange(len(y)), y] - smooth * logits.mean(-1)

    def loss(w, given, carry, draw):
        drop = lambda h: dropout(h, draw("m1.dropout1.bernoulli1.uniform1", h.shape[1:]), 0.3)
        return error(net(w, given["x"], drop), given["y"]).mean(), ({}, carry)

    w = {k: v.astype(float) for k, v in read_safetensors(f"{folder}/after.safetensors").items()}
    logits = np.asarray(net(w, x))
    right = logits.argmax(1) == y
    third = (logits > logits[np.arange(len(y)), y][:, None]).sum(1) < 3
    shown = {"loss": float(error(logits[check], y[check]).mean()), "accuracy": float(right[check].mean()), "top3": float(third[check].mean())}
    counts = np.zeros((10, 10), int)
    np.add.at(counts, (y[test], logits[test].argmax(1)), 1)
    run = trainer(loss, always(OPTIMIZERS["adam"]()), always(SCHEDULES["cosine"](one(1e-3), 5000, 100)), clip=1.0)
    return {"val": shown, "confusion": counts, **several(run, start(folder), in_order(train, of_rows(x, y), 64, steps))}


def sweep(folder):
    """How often the best net, which hsc saved, is right on what no trial saw."""
    x, y = digits(folder)
    parts = split(np.arange(len(x)), "digits.split1", [0.7, 0.15, 0.15])
    w = {k: v.astype(float) for k, v in read_safetensors(f"{folder}/best.safetensors").items()}
    right = np.asarray(linear(w, "mlp1.dense2", jax.nn.relu(linear(w, "mlp1.dense1", x)))).argmax(1) == y
    return [[int(right[p].sum()), len(p)] for p in parts]


# --- programs on resnet.hs
EXACT = {"rounded": np.float64, "orders": 2}
TAPS = (27, 32, 64, 288, 576, 1152)


def resnet(w, x, training, order):
    """The features of resnet.hs under the name "body", the head; logits and next states."""
    states = {}

    def norm(name, x):
        if training:
            y, new = batch_norm(w, name, x, 0.1)
            states.update(new)
            return y
        mean, var, scale, shift = [w[f"{name}.{k}"][:, None, None] for k in ("running_mean", "running_var", "scale", "shift")]
        return (x - mean) / jnp.sqrt(var + 1e-5) * scale + shift

    def unit(at, x, stride=1):
        y = jax.nn.relu(norm(f"{at}.batch_norm1", conv(w, f"{at}.conv1", x, order, stride, 1)))
        y = norm(f"{at}.batch_norm2", conv(w, f"{at}.conv2", y, order, 1, 1))
        return jax.nn.relu(y + (norm(f"{at}.batch_norm3", conv(w, f"{at}.conv3", x, order, stride)) if f"{at}.conv3.w" in w else x))

    h = jax.nn.relu(norm("body.batch_norm1", conv(w, "body.conv1", x, order, 1, 1)))
    for at, stride in (("repeat1.0.unit1", 1), ("repeat1.1.unit1", 1), ("unit1", 2), ("unit2", 1), ("unit3", 2), ("unit4", 1)):
        h = unit(f"body.{at}", h, stride)
    return linear(w, "head", h.mean((2, 3))), states


def resnet_loss(w, given, carry, draw):
    logits, states = resnet(w, given["x"], True, given["order"])
    return cross_entropy(logits, given["y"]).mean(), (states, carry)


def residual(folder, steps, batch):
    """21_resnet.hs: decay for the matrices only."""
    x, y = cifar(folder, "data_batch_*.bin")
    train, _ = split(np.arange(len(x)), "part.split1", [0.9, 0.1])
    decay = lambda k: OPTIMIZERS["sgd"](momentum=0.9, decay=5e-4 if k.endswith(".w") else 0)
    run = trainer(resnet_loss, decay, always(SCHEDULES["piecewise"]([4000, 6000], [one(v) for v in (0.1, 0.01, 0.001)])))
    return several(run, start(folder), in_order(train, of_rows(x / 255, y), batch, steps, taps=TAPS), **EXACT)


def transfer(folder, labels, epochs):
    """16_transfer.hs: the head alone, then everything, for so many epochs each, which are steps; what hsc's nets say of the held out pictures. labels: of each file, in order."""
    x, values = np.load(f"{folder}/images.npy") / 255.0, sorted(set(labels), key=lambda v: (-labels.count(v), v))
    y = np.array([1 + values.index(v) for v in labels], np.int32)
    train, test = split(np.arange(len(x)), "part.split1", [0.8, 0.2])
    batches = lambda place, steps: in_order(train, of_rows(x, y), 32, steps, place, TAPS)
    first = trainer(resnet_loss, always(OPTIMIZERS["adam"](rounded=np.float64)), always(SCHEDULES["constant"](1e-3)), frozen=lambda k: k.startswith("body."))
    second = trainer(resnet_loss, always(OPTIMIZERS["sgd"](momentum=0.9)), always(SCHEDULES["constant"](1e-4)))
    head = read_safetensors(f"{folder}/head.safetensors")
    right = lambda w: int((np.asarray(resnet({k: v.astype(float) for k, v in w.items()}, x[test], False, orders(TAPS))[0]).argmax(1) == y[test]).sum())
    return {
        "head": several(first, start(folder), batches("head.train1", epochs[0]), **EXACT),
        "all": several(second, head, batches("net.train1", epochs[1]), **EXACT),
        "right": [right(head), right(read_safetensors(f"{folder}/after.safetensors"))],
        "test": len(test),
    }


# --- programs on tables, and nets that are only asked
def lenet_scores(folder):
    """01_lenet.hs: how often it is right on what is held out. 18_batch_inference.hs: digit and confidence of all images."""
    x, y = digits(folder)
    w = {k: v.astype(float) for k, v in read_safetensors(f"{folder}/mnist.safetensors").items()}
    scores = np.concatenate([np.asarray(jax.nn.softmax(lenet(w, part, None))) for part in np.split(x.reshape(-1, 28, 28), 20)])
    test = split(np.arange(len(x)), "digits.split1", [0.8, 0.2])[1]
    return {"right": int((scores.argmax(1) == y)[test].sum()), "test": len(test), "digit": scores.argmax(1), "confidence": scores.max(1)}


def logistic(folder):
    """The rows that scikit-learn's optimum for the others gets right."""
    x, y = load_svmlight_file(f"{folder}/iris.txt")
    train, test = split(np.arange(len(y)), "data.split1", [0.6, 0.4])
    fitted = LogisticRegression(C=np.inf, max_iter=100000, tol=1e-10).fit(x[train], y[train])
    return [int((fitted.predict(x[test]) == y[test]).sum()), len(test)]


def pagerank(folder):
    """networkx hands what pages without links would give to all pages, in equal shares; the program lets it go. The ranks are the same but for their sum."""
    graph = networkx.MultiDiGraph()
    graph.add_node("")  # page 0: unknown
    with open(f"{folder}/links.csv", newline="") as f:
        graph.add_edges_from((r["from"], r["to"]) for r in csv.DictReader(f))
    return networkx.pagerank(graph, alpha=0.85, max_iter=1000, tol=1e-14)


def churn(folder, steps):
    """03_tabular.hs: missing values, numbers for words, statistics of the training part."""
    with open(f"{folder}/churn.csv", newline="") as f:
        rows = [{k: None if v in ("", "NA") else v for k, v in r.items()} for r in csv.DictReader(f)]
    ids = np.array([int(r["id"]) for r in rows])
    chosen = set(split(ids, "part.split1", [0.8, 0.2])[0].tolist())
    train = np.array([i for i, v in enumerate(ids) if v in chosen])
    number = lambda name: np.array([float(r[name]) if r[name] is not None else np.nan for r in rows])

    def index(name, least):
        counts = {v: sum(rows[i][name] == v for i in train) for v in {rows[i][name] for i in train} - {None}}
        values = sorted((v for v in counts if counts[v] >= least), key=lambda v: (-counts[v], v))
        return np.array([1 + values.index(r[name]) if r[name] in values else 0 for r in rows], np.int32), 1 + len(values)

    age, (job, jobs), (city, _) = number("age"), index("job", 1), index("city", 20)
    x = np.stack([np.where(np.isnan(age), np.nanmean(age[train]), age), np.isnan(age), np.log1p(np.nan_to_num(number("income")))], 1)
    x = (x - x[train].mean(0)) / x[train].std(0)
    y = np.array([r["churn"] == "true" for r in rows], float)

    def loss(w, given, carry, draw):
        parts = [given["x"], jax.nn.one_hot(given["job"], jobs, dtype=given["x"].dtype), w["embedding1.w"][given["city"]]]
        h = jax.nn.relu(linear(w, "dense1", jnp.concatenate(parts, 1)))
        logit = linear(w, "dense2", dropout(h, draw("logit1.m1.dropout1.bernoulli1.uniform1", h.shape[1:]), one(0.2)))[:, 0]
        return (jax.nn.softplus(logit) - given["y"] * logit).mean(), ({}, carry)

    made = lambda rows, epoch: {"x": x[rows], "job": job[rows], "city": city[rows], "y": y[rows]}
    run = trainer(loss, always(OPTIMIZERS["adam"]()), constant(1e-3))
    return several(run, start(folder), in_order(train, made, 256, steps))


if __name__ == "__main__":
    serve(char_lstm, char_sample, transformer, cifar10, autoencoder, custom, monitoring, sweep, residual, transfer, lenet_scores, logistic, pagerank, churn)
