"""What examples/mnist.hs does, as a script of PyTorch or JAX: read the images, make LeNet, train. `start.py torch|jax folder steps`."""
import sys

from common import idx

KIND, FOLDER, STEPS = sys.argv[1], sys.argv[2], int(sys.argv[3])
BATCH, LR, MOMENTUM, DECAY = 64, 0.01, 0.9, 5e-4


def data():
    import numpy as np

    x = idx(f"{FOLDER}/t10k-images-idx3-ubyte.gz").astype("f4") / np.float32(255)
    y = idx(f"{FOLDER}/t10k-labels-idx1-ubyte.gz").astype("i8")
    order = np.random.default_rng(0).permutation(len(x))
    for i in range(STEPS):
        own = order[i * BATCH % len(x) :][:BATCH]
        yield x[own][:, None], y[own]


def with_torch():
    import torch
    from torch import nn

    model = nn.Sequential(
        nn.Conv2d(1, 20, 5), nn.MaxPool2d(2), nn.Conv2d(20, 50, 5), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(800, 500), nn.ReLU(), nn.Linear(500, 10),
    )
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=LR, momentum=MOMENTUM, weight_decay=DECAY)
    for i, (x, y) in enumerate(data()):
        optimizer.zero_grad()
        loss = criterion(model(torch.from_numpy(x)), torch.from_numpy(y))
        loss.backward()
        optimizer.step()
        if i == 0:
            print("first step", loss.item(), flush=True)


def with_jax():
    import jax
    import jax.numpy as jnp
    import numpy as np
    from jax import lax

    rng = np.random.default_rng(0)
    shapes = [(5, 5, 1, 20), (20,), (5, 5, 20, 50), (50,), (800, 500), (500,), (500, 10), (10,)]
    weights = [jnp.array(rng.standard_normal(s).astype("f4") * 0.05) for s in shapes]

    def forward(w, x):
        for i in (0, 2):
            x = lax.conv_general_dilated(x, w[i], (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")) + w[i + 1]
            x = lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
        x = jax.nn.relu(x.reshape(len(x), -1) @ w[4] + w[5])
        return x @ w[6] + w[7]

    @jax.jit
    def step(w, slots, x, y):
        loss, g = jax.value_and_grad(lambda v: -jnp.mean(jax.nn.log_softmax(forward(v, x))[jnp.arange(BATCH), y]))(w)
        slots = [MOMENTUM * m + d + DECAY * v for m, d, v in zip(slots, g, w)]
        return [v - LR * m for v, m in zip(w, slots)], slots, loss

    slots = [jnp.zeros_like(w) for w in weights]
    for i, (x, y) in enumerate(data()):
        if len(x) < BATCH:
            break
        weights, slots, loss = step(weights, slots, x.transpose(0, 2, 3, 1), y)
        if i == 0:
            print("first step", float(loss), flush=True)


{"torch": with_torch, "jax": with_jax}[KIND]()
