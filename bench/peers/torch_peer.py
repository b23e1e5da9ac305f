"""PyTorch as a peer of bench/main.ts: `torch_peer.py eager|channels_last|compile threads`. Knows hsc only by what it saved."""
import os
import sys

KIND, THREADS = sys.argv[1], int(sys.argv[2])
os.environ.setdefault("OMP_NUM_THREADS", str(THREADS))
import numpy as np
import torch
import torch.nn.functional as F
from common import LR, MOMENTUM, NETS, apart, difference, records, safetensors, serve
from torch import nn

torch.set_num_threads(THREADS)
SEQUENTIAL = ("lstm", "transformer", "resnet_unit")


class Net(nn.Sequential):
    """layers of common.NETS"""

    def __init__(self, name):
        (c, h, w), layers = NETS[name]
        made, flat = [], False
        for k, units, relu, pool, pad in layers:
            if k:
                made.append(nn.Conv2d(c, units, k, padding=pad))
                h, w, c = h + 2 * pad - k + 1, w + 2 * pad - k + 1, units
            else:
                if not flat:
                    made.append(nn.Flatten())
                    c, flat = c * h * w, True
                made.append(nn.Linear(c, units))
                c = units
            if relu:
                made.append(nn.ReLU())
            if pool:
                made.append(nn.MaxPool2d(2))
                h, w = h // 2, w // 2
        super().__init__(*made)

    def mapped(self):
        layers = [m for m in self if hasattr(m, "weight")]
        dense, conv, out = 0, 0, {}
        for m in layers:
            if isinstance(m, nn.Linear):
                dense += 1
                name = f"dense{dense}"
                out[f"{name}.w"] = (m.weight, lambda t: t.T)
            else:
                conv += 1
                name = f"conv{conv}"
                out[f"{name}.w"] = (m.weight, lambda t: t)
            out[f"{name}.b"] = (m.bias, lambda t: t)
        return out


class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(256, 256, batch_first=True)
        # hsc has one bias: the other is not trained
        self.lstm.bias_hh_l0.requires_grad_(False).zero_()

    def forward(self, x):
        return self.lstm(x)[0]

    def mapped(self):
        m = self.lstm
        return {
            "lstm1.wx": (m.weight_ih_l0, lambda t: t.T),
            "lstm1.wh": (m.weight_hh_l0, lambda t: t.T),
            "lstm1.b": (m.bias_ih_l0, lambda t: t),
        }


class Transformer(nn.Module):
    """x + attention(norm(x)), then x + dense(gelu(dense(norm(x))))"""

    def __init__(self, d=128, heads=4):
        super().__init__()
        self.heads = heads
        self.norms = nn.ModuleList([nn.LayerNorm(d), nn.LayerNorm(d)])
        self.attention = nn.ModuleList([nn.Linear(d, d) for _ in range(4)])
        self.dense = nn.ModuleList([nn.Linear(d, 4 * d), nn.Linear(4 * d, d)])

    def forward(self, x):
        b, t, d = x.shape
        y = self.norms[0](x)
        q, k, v = (f(y).view(b, t, self.heads, -1).transpose(1, 2) for f in self.attention[:3])
        a = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, t, d)
        x = x + self.attention[3](a)
        return x + self.dense[1](F.gelu(self.dense[0](self.norms[1](x))))

    def mapped(self):
        same, turned, out = lambda t: t, lambda t: t.T, {}
        for i, m in enumerate(self.norms):
            out |= {f"layer_norm{i + 1}.scale": (m.weight, same), f"layer_norm{i + 1}.shift": (m.bias, same)}
        for prefix, group in (("attention1.", self.attention), ("", self.dense)):
            for i, m in enumerate(group):
                out |= {f"{prefix}dense{i + 1}.w": (m.weight, turned), f"{prefix}dense{i + 1}.b": (m.bias, same)}
        return out


class Unit(nn.Module):
    def __init__(self, c=64):
        super().__init__()
        self.convs = nn.ModuleList([nn.Conv2d(c, c, 3, padding=1, bias=False) for _ in range(2)])
        self.norms = nn.ModuleList([nn.BatchNorm2d(c) for _ in range(2)])

    def forward(self, x):
        y = F.relu(self.norms[0](self.convs[0](x)))
        return F.relu(self.norms[1](self.convs[1](y)) + x)

    def mapped(self):
        same, out = lambda t: t, {}
        for i in (0, 1):
            out[f"conv{i + 1}.w"] = (self.convs[i].weight, same)
            out[f"batch_norm{i + 1}.scale"] = (self.norms[i].weight, same)
            out[f"batch_norm{i + 1}.shift"] = (self.norms[i].bias, same)
        return out


MODELS = {"lstm": Lstm, "transformer": Transformer, "resnet_unit": Unit}


def model_of(name):
    return MODELS[name]() if name in MODELS else Net(name)


def load(model, path):
    saved = safetensors(path)
    with torch.no_grad():
        for name, (p, turn) in model.mapped().items():
            p.copy_(turn(torch.from_numpy(saved[name].copy())))


def train(row):
    name, batch, folder = row["program"], row["batch"], row["folder"]
    images = name in NETS and NETS[name][1][0][0] > 0 or name == "resnet_unit"
    if KIND == "channels_last" and not images:
        return "channels_last is a layout of images"
    x, labels = records(row)

    def batches(i):
        part = torch.from_numpy(x[i * batch : (i + 1) * batch].copy())
        if KIND == "channels_last":
            part = part.to(memory_format=torch.channels_last)
        if labels is not None:
            return part, torch.from_numpy(labels[i * batch : (i + 1) * batch].copy())
        return part, part

    def setup(fused):
        model = model_of(name)
        load(model, os.path.join(folder, "start.safetensors"))
        if KIND == "channels_last":
            model = model.to(memory_format=torch.channels_last)
        criterion = nn.CrossEntropyLoss() if labels is not None else nn.MSELoss()
        loss = lambda a, b: criterion(model(a), b)
        loss = torch.compile(loss) if KIND == "compile" else loss
        trained = [p for p in model.parameters() if p.requires_grad]
        optimizer = torch.optim.SGD(trained, lr=LR, momentum=MOMENTUM, fused=fused)

        def step(a, b):
            optimizer.zero_grad()
            loss(a, b).backward()
            optimizer.step()

        return model, step

    def check():
        model, step = setup(False)
        for i in range(row["steps"]):
            step(*batches(i))
        found = {n: turn(p.detach()).numpy() for n, (p, turn) in model.mapped().items()}
        return difference(folder, found)

    first = batches(0)
    steps = [setup(fused)[1] for fused in (False, True)]
    which = pick([lambda s=s: s(*first) for s in steps])
    return which, lambda: None, check


def pick(candidates):
    """SGD fused or not: the faster one"""
    if len(candidates) == 1:
        return candidates[0]
    from common import best

    return min(candidates, key=lambda f: best(f, lambda: None, 0.2))


def score(row):
    folder = row["folder"]
    model = model_of(row["net"]).eval()
    load(model, os.path.join(folder, "net.safetensors"))
    x = torch.from_numpy(np.load(os.path.join(folder, "x.npy")))[None, None]
    if KIND == "channels_last":
        if NETS[row["net"]][1][0][0] == 0:
            return "channels_last is a layout of images"
        model, x = model.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
    f = torch.compile(model) if KIND == "compile" else model

    def run():
        with torch.inference_mode():
            return f(x)

    return run, lambda: None, lambda: apart(run()[0].numpy(), os.path.join(folder, "y.npy"))


def evaluate(row):
    folder, program = row["folder"], row["program"]
    if KIND == "channels_last":
        return "channels_last is a layout of images"
    given = lambda n: torch.from_numpy(np.load(os.path.join(folder, f"{n}.npy")))
    x = given("x")
    if program == "softmax":
        t = given("t")
        f = lambda a: torch.softmax(a, -1)
        f = torch.compile(f) if KIND == "compile" else f
        x.requires_grad_()

        def run():
            x.grad = None
            y = f(x)
            y.backward(t)
            return y

        def check():
            y = run()
            return max(apart(y.detach().numpy(), os.path.join(folder, "y.npy")), apart(x.grad.numpy(), os.path.join(folder, "g.npy")))

        return run, lambda: None, check
    args = (x,) if program == "exp" else (x, given("y"))
    f = {
        "product": lambda a, b: a @ b,
        "product64": lambda a, b: a @ b,
        "elementwise": lambda a, b: torch.relu(2 * a + b) * a - b,
        "chain": chain,
        "exp": torch.exp,
    }[program]
    f = torch.compile(f) if KIND == "compile" else f
    return lambda: f(*args), lambda: None, lambda: apart(f(*args).numpy(), os.path.join(folder, "z.npy"))


def chain(x, y):
    a = torch.abs(x * 1.5 - y)
    b = torch.maximum(a * y, x) + 0.5
    return torch.clamp(b * b, max=4) * x - y


serve(lambda row: {"train": train, "score": score, "evaluate": evaluate}[row["kind"]](row))
