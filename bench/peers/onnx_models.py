"""A row of the bench as an ONNX model on stdout, its weights as hsc saved them."""
import json
import os
import sys

from common import NETS, safetensors
from onnx import TensorProto, helper, numpy_helper

row = json.loads(sys.argv[1])
nodes, initial = [], []
count = 0


def add(op, *inputs, **attributes):
    global count
    count += 1
    nodes.append(helper.make_node(op, list(inputs), [f"v{count}"], **attributes))
    return f"v{count}"


def constant(name, value):
    import numpy as np

    initial.append(numpy_helper.from_array(np.asarray(value, dtype="f4"), name))
    return name


def net():
    weights = safetensors(os.path.join(row["folder"], "net.safetensors"))
    for n, w in weights.items():
        initial.append(numpy_helper.from_array(w.copy(), n))
    a, flat, conv, dense = "x", False, 0, 0
    for k, _, relu, pool, pad in NETS[row["net"]][1]:
        if k:
            conv += 1
            a = add("Conv", a, f"conv{conv}.w", f"conv{conv}.b", pads=[pad] * 4)
        else:
            dense += 1
            a, flat = a if flat else add("Flatten", a), True
            a = add("Gemm", a, f"dense{dense}.w", f"dense{dense}.b")
        a = add("Relu", a) if relu else a
        a = add("MaxPool", a, kernel_shape=[2, 2], strides=[2, 2]) if pool else a
    return {"x": [1, 1, 28, 28]}, a


def values():
    p, shapes = row["program"], row["inputs"]
    if p == "product":
        return shapes, add("MatMul", "x", "y")
    if p == "exp":
        return shapes, add("Exp", "x")
    if p == "elementwise":
        return shapes, add("Sub", add("Mul", add("Relu", add("Add", add("Mul", "x", constant("two", 2)), "y")), "x"), "y")
    a = add("Abs", add("Sub", add("Mul", "x", constant("c", 1.5)), "y"))
    b = add("Add", add("Max", add("Mul", a, "y"), "x"), constant("half", 0.5))
    return shapes, add("Sub", add("Mul", add("Min", add("Mul", b, b), constant("four", 4)), "x"), "y")


inputs, last = net() if row["kind"] == "score" else values()
nodes.append(helper.make_node("Identity", [last], ["z"]))
tensor = lambda n, s: helper.make_tensor_value_info(n, TensorProto.FLOAT, s)
graph = helper.make_graph(nodes, "row", [tensor(n, s) for n, s in inputs.items()], [tensor("z", None)], initial)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
sys.stdout.buffer.write(model.SerializeToString())
