/** Ops over functions and tuples, and marks on values: map, grad, call, get, stop_gradient, recall, check. */
import { rowMajor } from "../map.ts";
import { make, type Node } from "../node.ts";
import type { Op, Rng, TensorValue, Value } from "../op.ts";
import {
  atN,
  type Dim,
  type Elem,
  isFloat,
  sameDim,
  sameType,
  showDim,
  showType,
  sizeOf,
  type Type,
  tensor,
  tuple,
} from "../type.ts";
import { allocate, shapeAtN, tabulate, tensorOf } from "../value.ts";
import { spread } from "./accumulate.ts";
import { arity, dimOf, elemOf, flags, fnAttr, int, ints, need, refuse, shapeAt, tensorAt } from "./attrs.ts";
import { exactBound } from "./bounds.ts";
import * as build from "./build.ts";
import { castTo, constant, dimVal, indices, named, parallel, prim } from "./kernel-build.ts";
import { pickTensor } from "./sampling.ts";

/** expand and inlining remove these before anything asks for their gradient, lifted form or kernel */
const removed = (name: string): Pick<Op, "grad" | "lift" | "kernel"> => {
  const refuseLate = (): never => {
    throw new Error(
      `internal: ${name} is inside a function that is mapped or differentiated: the inner one goes first`,
    );
  };
  return { grad: refuseLate, lift: refuseLate, kernel: { k: "none" } };
};

const takesParams = (what: string, params: readonly Type[], given: readonly Type[]): void =>
  need(
    params.length === given.length && params.every((p, i) => sameType(p, given[i]!)),
    () => `${what} of (${params.map(showType).join(", ")}) to (${given.map(showType).join(", ")})`,
  );

/** the leading dim that map runs over */
function mappedDim(args: readonly Type[], mapped: readonly boolean[]): Dim {
  need(mapped.length === args.length && mapped.includes(true), () => "map needs a flag per argument, one of them true");
  let lead: Dim | undefined;
  mapped.forEach((m, i) => {
    if (!m) return;
    const d = tensorAt(args, i).shape[0] ?? refuse(`map over argument ${i}, a scalar`);
    need(lead === undefined || sameDim(lead, d), () => `map over extents ${showDim(lead!)} and ${showDim(d)}`);
    lead = d;
  });
  return lead!; // one flag is true
}
/** the type with a leading dim */
function withLead(t: Type, lead: Dim): Type {
  return t.k === "tensor" ? tensor(t.elem, [lead, ...t.shape], t.below) : refuse(`map gives ${showType(t)}, no tensor`);
}
function record(x: TensorValue, i: number): TensorValue {
  const shape = x.shape.slice(1);
  const size = sizeOf(shape);
  return { k: "tensor", shape, data: x.data.slice(i * size, (i + 1) * size) };
}
function stacked(parts: readonly Value[], elem: Elem, shape: readonly number[]): TensorValue {
  const data = allocate(elem, sizeOf(shape));
  const size = sizeOf(shape.slice(1));
  parts.forEach((p, i) => {
    (data as { set: (x: TensorValue["data"], at: number) => void }).set(tensorOf(p).data, i * size); // as: of one element
  });
  return { k: "tensor", shape, data };
}
const map: Op = {
  ...removed("map"),
  eval: (args, node, cx) => {
    const [f, mapped] = [fnAttr(node.attrs), flags(node.attrs, "mapped")];
    const of = node.type.k === "tuple" ? node.type.of : [];
    const count = tensorOf(args[mapped.indexOf(true)]).shape[0]!;
    const results = Array.from({ length: count }, (_, i) =>
      cx.call(
        f,
        args.map((a, k) => (mapped[k] ? record(tensorOf(a), i) : a)),
        cx.n,
      ),
    );
    return {
      k: "tuple",
      of: of.map((_, k) =>
        stacked(
          results.map(r => r[k]!),
          tensorAt(of, k).elem,
          [count, ...shapeAtN(tensorAt(of, k).shape.slice(1), cx.n)],
        ),
      ),
    };
  },
  name: "map",
  doc: "a closed function of one record over all records of the leading dim: a tuple",
  control: "map",
  type: (args, attrs) => {
    const [f, mapped] = [fnAttr(attrs), flags(attrs, "mapped")];
    const lead = mappedDim(args, mapped);
    const given = args.map((a, i) => {
      if (!mapped[i]) return a;
      const t = tensorAt(args, i);
      return tensor(t.elem, t.shape.slice(1), t.below);
    });
    takesParams("map", f.params, given);
    return tuple(...f.results.map(r => withLead(r.type, lead)));
  },
};
const grad: Op = {
  ...removed("grad"),
  eval: (args, node, cx) => {
    if (!cx.gradient) throw new Error("internal: this evaluation was not told how to differentiate");
    return { k: "tuple", of: cx.call(cx.gradient(fnAttr(node.attrs), ints(node.attrs, "wrt")), args, cx.n) };
  },
  name: "grad",
  doc: "all results of a closed function, then the gradients of its first for the parameters wrt: a tuple",
  control: "grad",
  type: (args, attrs) => {
    const [f, wrt] = [fnAttr(attrs), ints(attrs, "wrt")];
    takesParams("grad", f.params, args);
    const loss = f.results[0]?.type;
    if (loss?.k !== "tensor" || loss.shape.length || !isFloat(loss.elem))
      return refuse(`grad of a function to ${loss ? showType(loss) : "nothing"}`);
    const gradients = wrt.map(i => {
      const t = tensorAt(f.params, i);
      need(isFloat(t.elem), () => `a gradient for ${showType(t)}`);
      return tensor(t.elem, t.shape);
    });
    return tuple(...f.results.map(r => r.type), ...gradients);
  },
};
const call: Op = {
  ...removed("call"),
  eval: (args, node, cx) => ({ k: "tuple", of: cx.call(fnAttr(node.attrs), args, cx.n) }),
  name: "call",
  doc: "the results of a closed function: a tuple",
  control: "call",
  type: (args, attrs) => {
    const f = fnAttr(attrs);
    takesParams("call", f.params, args);
    return tuple(...f.results.map(r => r.type));
  },
};
const get: Op = {
  ...removed("get"),
  lift: (node, [t]) => build.get(int(node.attrs, "i"), t!),
  eval: (args, node) => {
    const t = args[0];
    if (t?.k !== "tuple") throw new Error("internal: get of no tuple");
    return t.of[int(node.attrs, "i")]!;
  },
  name: "get",
  doc: "one member of a tuple",
  control: "get",
  type: (args, attrs) => {
    arity(args, 1);
    const [t, i] = [args[0]!, int(attrs, "i")];
    return (t.k === "tuple" ? t.of[i] : undefined) ?? refuse(`member ${i} of ${showType(t)}`);
  },
};
const stopGradient: Op = {
  name: "stop_gradient",
  doc: "the same value; no gradient flows back",
  type: args => {
    arity(args, 1);
    return tensorAt(args, 0);
  },
  eval: args => tensorOf(args[0]),
  bound: ([x]) => x!,
  grad: "zero",
  lift: (_node, [x]) => build.stopGradient(x!),
  kernel: {
    k: "view",
    rowMajor: true,
    map: node => ({
      in: shapeAt(node).map((_, axis) => ({ base: 0, terms: [{ axis, by: 1 }], div: 1 })),
      guards: [],
      fill: 0,
    }),
  },
  sample: (rng: Rng, given) => {
    const x = pickTensor(rng, given);
    return x && build.stopGradient(x);
  },
};

const recall: Op = {
  name: "recall",
  doc: "argument 0, which is the value of argument 1 as it was computed before: gradients flow through argument 1, nothing is computed again",
  type: args => {
    arity(args, 2);
    const [kept, x] = [tensorAt(args, 0), tensorAt(args, 1)];
    need(sameType(kept, x), () => `recall of ${showType(kept)} for ${showType(x)}`);
    return tensor(kept.elem, kept.shape);
  },
  eval: args => tensorOf(args[0]),
  bound: ([kept]) => kept!,
  grad: (_, [g]) => [undefined, g],
  lift: (_node, [kept, x], mapped, n) =>
    build.recall(mapped[0] ? kept! : spread(n, kept!), mapped[1] ? x! : spread(n, x!)),
  kernel: { k: "none" },
  decompose: node => node.args[0]!,
};

/** the number of the record that element i of a result belongs to: the coordinate of a leading dim with N */
const recordDim = (node: Node): boolean => typeof (shapeAt(node)[0] ?? 0) !== "number";
const check: Op = {
  name: "check",
  doc: "x clamped into [low, high); outside, the fault of `site` is raised with the record's number",
  type: (args, attrs) => {
    arity(args, 1);
    int(attrs, "site");
    const [x, low, high] = [tensorAt(args, 0), int(attrs, "low"), attrs["high"]];
    const top = high === undefined ? refuse("check has no high") : dimOf(high);
    need(x.elem === "i32" || x.elem === "u32" || x.elem === "i64", () => `check of ${showType(x)}`);
    return tensor(x.elem, x.shape, low === 0 ? top : undefined);
  },
  eval: (args, node, cx) => {
    const x = tensorOf(args[0]);
    const [low, high] = [int(node.attrs, "low"), atN(dimOf(node.attrs["high"]), cx.n)];
    const perRecord = recordDim(node) ? rowMajor(x.shape)[0]! : Number.POSITIVE_INFINITY;
    return tabulate(elemOf(node), x.shape, i => {
      const v = x.data[i]!;
      if (v >= low && v < high) return v;
      cx.fault(int(node.attrs, "site"), Math.floor(i / perRecord));
      return Math.max(low, v < low ? low : high - 1);
    });
  },
  bound: (args, node, cx) => ({ ...exactBound(args, node, cx), undecided: args[0]!.undecided }),
  grad: "zero",
  lift: (node, [x]) => make(node.op, [x!], node.attrs),
  kernel: {
    k: "phases",
    build: (node, cx) => {
      const [elem, axes, high] = [elemOf(node), parallel(shapeAt(node)), dimOf(node.attrs["high"])];
      const at = indices(axes);
      const low = constant(int(node.attrs, "low"), elem);
      const top = typeof high === "number" ? constant(high, elem) : castTo(elem, dimVal(high));
      const last = prim("sub", top, constant(1, elem));
      const v = named("v");
      return [
        {
          axes,
          reduce: [],
          then: [
            { name: "v", value: cx.read(0, at) },
            { fault: int(node.attrs, "site"), ok: prim("and", prim("le", low, v), prim("lt", v, top)) },
            cx.out(at, prim("max", low, prim("min", v, last))),
          ],
        },
      ];
    },
  },
  sample: (rng, given) => {
    const x = pickTensor(rng, given, t => t.elem === "i32");
    return x && build.check(rng.int(4), 0, rng.pick([1, 2, 3, 5]), x);
  },
};

export const controlOps: readonly Op[] = [map, grad, call, get, stopGradient, recall, check];
