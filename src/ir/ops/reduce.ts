/** Reductions of one operand: fold axes by an operation, find the place of an extremum. */
import type { Val } from "../kernel.ts";
import { rowMajor, step } from "../map.ts";
import { make, type Node } from "../node.ts";
import type { Bounded, GradRule, Op, TensorValue } from "../op.ts";
import { type Dim, type Elem, isFloat, showShape, tensor } from "../type.ts";
import { allocate, numbersOf, rounding, shapeAtN, tensorOf } from "../value.ts";
import { arity, elemOf, ints, need, shapeAt, sortedAxes, tensorAt, text, volumeDim } from "./attrs.ts";
import { addTerm, noTerms, openResult, precision, put, putSum, setElement } from "./bounds.ts";
import * as build from "./build.ts";
import { castTo, flatVal, indices, named, parallel, prim, reduced } from "./kernel-build.ts";
import { pickTensor, someAxes } from "./sampling.ts";

const OPS: readonly string[] = ["add", "mul", "max", "min", "and", "or"];
const opOf = (node: Node): build.ReduceOp => text(node.attrs, "op") as build.ReduceOp; // as: the type rule admits no other
const without = <T>(xs: readonly T[], axes: readonly number[]): readonly T[] => xs.filter((_, d) => !axes.includes(d));
const only = <T>(xs: readonly T[], axes: readonly number[]): readonly T[] => axes.map(a => xs[a]!);
const shifted = (node: Node): readonly number[] => ints(node.attrs, "axes").map(a => a + 1);

/** flat offsets of all points of a box with these strides, in row-major order */
export function offsets(shape: readonly number[], strides: readonly number[]): Int32Array {
  const out = new Int32Array(shape.reduce((a, b) => a * b, 1));
  const at = shape.map(() => 0);
  for (let i = 0; i < out.length; i++) {
    out[i] = at.reduce((p, x, d) => p + x * strides[d]!, 0);
    step(at, shape);
  }
  return out;
}
/** where the points that stay and the points that are swept lie in x */
function sweep(x: TensorValue, axes: readonly number[]): { readonly base: Int32Array; readonly swept: Int32Array } {
  const strides = rowMajor(x.shape);
  return {
    base: offsets(without(x.shape, axes), without(strides, axes)),
    swept: offsets(only(x.shape, axes), only(strides, axes)),
  };
}

const LIMITS: { readonly [E in Elem]: readonly [low: number, high: number] } = {
  bool: [0, 1],
  i32: [-(2 ** 31), 2 ** 31 - 1],
  u32: [0, 2 ** 32 - 1],
  i64: [-(2 ** 63), 2 ** 63],
  f16: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  f32: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  f64: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
};
/** the value of a fold over nothing */
function neutral(by: build.ReduceOp, elem: Elem): number {
  const [low, high] = LIMITS[elem];
  return { add: 0, mul: 1, max: low, min: high, and: 1, or: 0 }[by];
}
const FOLD: { readonly [O in build.ReduceOp]: (a: number, b: number) => number } = {
  add: (a, b) => a + b,
  mul: (a, b) => a * b,
  max: Math.max,
  min: Math.min,
  and: (a, b) => a & b,
  or: (a, b) => a | b,
};
const FOLD_BIG: { readonly [O in build.ReduceOp]: (a: bigint, b: bigint) => bigint } = {
  add: (a, b) => a + b,
  mul: (a, b) => a * b,
  max: (a, b) => (a < b ? b : a),
  min: (a, b) => (b < a ? b : a),
  and: (a, b) => a & b,
  or: (a, b) => a | b,
};
function fold(by: build.ReduceOp, elem: Elem, x: TensorValue, axes: readonly number[]): TensorValue {
  const { base, swept } = sweep(x, axes);
  const shape = without(x.shape, axes);
  const data = allocate(elem, base.length);
  if (data instanceof BigInt64Array && x.data instanceof BigInt64Array) {
    const limit = { max: -(2n ** 63n), min: 2n ** 63n - 1n } as { readonly [o: string]: bigint };
    for (let i = 0; i < base.length; i++) {
      let sum = limit[by] ?? BigInt(neutral(by, elem));
      for (const s of swept) sum = BigInt.asIntN(64, FOLD_BIG[by](sum, x.data[base[i]! + s]!));
      data[i] = sum;
    }
    return { k: "tensor", shape, data };
  }
  const [from, round, start] = [numbersOf(x), rounding(elem), neutral(by, elem)];
  const f = by === "mul" && (elem === "i32" || elem === "u32") ? (a: number, b: number) => Math.imul(a, b) : FOLD[by];
  for (let i = 0; i < base.length; i++) {
    let sum = start;
    for (let s = 0; s < swept.length; s++) sum = f(sum, from[base[i]! + swept[s]!]!);
    data[i] = round(sum);
  }
  return { k: "tensor", shape, data };
}

function boundOfFold(by: build.ReduceOp, elem: Elem, x: Bounded, axes: readonly number[]): Bounded {
  const { base, swept } = sweep(x.value, axes);
  const out = openResult(elem, without(x.value.shape, axes));
  const p = precision(elem);
  const exact = fold(by, p ? "f64" : elem, x.value, axes);
  for (let i = 0; i < base.length; i++) {
    const at = Array.from(swept, s => base[i]! + s);
    if (at.some(j => x.undecided[j])) out.undecided[i] = 1;
    if (p && by === "add") {
      const sum = noTerms();
      for (const j of at) addTerm(sum, Number(x.value.data[j]), x.error[j]!, false);
      putSum(out, i, elem, sum);
    } else if (p && by === "mul") {
      const value = at.reduce((v, j) => v * Number(x.value.data[j]), 1);
      const most = at.reduce((v, j) => v * (Math.abs(Number(x.value.data[j])) + x.error[j]!) * (1 + 2 * p.unit), 1);
      put(out, i, elem, value, Math.max(most - Math.abs(value), 0) + at.length * p.least);
    } else {
      setElement(out.value, i, exact.data[i]!);
      out.error[i] = at.reduce((e, j) => Math.max(e, x.error[j]!), 0);
    }
  }
  return out;
}

/** the result of a reduce over `axes`, at every point of what was reduced */
const spreadBack = (y: Node, input: readonly Dim[], axes: readonly number[]): Node =>
  build.broadcast(
    input,
    input.flatMap((_, d) => (axes.includes(d) ? [] : [d])),
    y,
  );
/** row-major number over `axes` of every point, as argreduce counts */
function numberOver(shape: readonly Dim[], axes: readonly number[]): Node {
  const extent = (d: Dim): Node => {
    if (typeof d === "number") return build.full(d, "i32", shape);
    const n = build.lane("mul", build.full(d.n, "i32"), build.records("i32"));
    return build.broadcast(shape, [], build.lane("add", n, build.full(d.plus, "i32")));
  };
  return axes
    .map(a => build.iota("i32", shape, a))
    .reduce((flat, i, k) => build.lane("add", build.lane("mul", flat, extent(shape[axes[k]!]!)), i));
}
const gradOfReduce: GradRule = (node, [g]) => {
  if (!g) return [];
  const [x, by, axes] = [node.args[0]!, opOf(node), ints(node.attrs, "axes")];
  const shape = shapeAt(x);
  const back = spreadBack(g, shape, axes);
  switch (by) {
    case "add":
      return [back];
    case "mul":
      return [build.lane("mul", back, productOfOthers(x, axes))];
    case "max":
    case "min": {
      // all of it to the first extremum, as pooling and top_k are defined
      const first = spreadBack(build.argreduce(by, axes, x), shape, axes);
      return [build.select(build.lane("eq", first, numberOver(shape, axes)), back, build.fullLike(0, back))];
    }
    case "and":
    case "or":
      return [];
    default:
      return by satisfies never;
  }
};
/** at each element the product of all others along the axes: right where one or more are zero, which a quotient is not */
function productOfOthers(x: Node, axes: readonly number[]): Node {
  const shape = shapeAt(x);
  const rank = shape.length;
  // [..shape, ..reduced]: the second copy of the reduced dims is swept, with 1 where it meets the first
  const wide = [...shape, ...only(shape, axes)];
  const at = shape.map((_, d) => (axes.includes(d) ? rank + axes.indexOf(d) : d));
  const all = build.broadcast(wide, at, x);
  const own = axes
    .map((a, i) => build.lane("eq", build.iota("i32", wide, a), build.iota("i32", wide, rank + i)))
    .reduce((p, q) => build.lane("and", p, q));
  return build.reduce(
    "mul",
    axes.map((_, i) => rank + i),
    build.select(own, build.fullLike(1, all), all),
  );
}

const reduce: Op = {
  name: "reduce",
  doc: "folds axes by add, mul, max, min (numbers), and, or (bool); the axes are dropped",
  type: (args, attrs) => {
    arity(args, 1);
    const [x, by, axes] = [tensorAt(args, 0), text(attrs, "op"), ints(attrs, "axes")];
    const logic = by === "and" || by === "or";
    need(OPS.includes(by), () => `reduce by ${by}`);
    need((x.elem === "bool") === logic, () => `reduce of ${x.elem} by ${by}`);
    need(sortedAxes(axes, x.shape.length), () => `reduce of axes [${axes.join(", ")}] of ${showShape(x.shape)}`);
    const filled = axes.every(a => typeof x.shape[a] === "number" && x.shape[a] > 0);
    return tensor(x.elem, without(x.shape, axes), (by === "max" || by === "min") && filled ? x.below : undefined);
  },
  eval: (args, node) => fold(opOf(node), elemOf(node), tensorOf(args[0]), ints(node.attrs, "axes")),
  bound: ([x], node) => boundOfFold(opOf(node), elemOf(node), x!, ints(node.attrs, "axes")),
  grad: gradOfReduce,
  lift: (node, [x]) => build.reduce(opOf(node), shifted(node), x!),
  kernel: {
    k: "phases",
    build: (node, cx) => {
      const [by, axes, shape] = [opOf(node), ints(node.attrs, "axes"), shapeAt(node.args[0]!)];
      const [stay, swept] = [parallel(without(shape, axes)), reduced(only(shape, axes))];
      const at = indices(stay);
      const inner = indices(swept);
      let [s, r] = [0, 0];
      const value = cx.read(
        0,
        shape.map((_, d) => (axes.includes(d) ? inner[r++]! : at[s++]!)),
      );
      const logic = by === "and" || by === "or";
      // bool folds as words: and is the least, or the greatest
      const fold = logic ? (by === "and" ? "min" : "max") : by;
      const sum = logic
        ? {
            name: "s",
            op: fold,
            value: castTo("i32", value),
            init: { k: "const", value: by === "and" ? 1 : 0, elem: "i32" } as Val,
          }
        : { name: "s", op: fold, value };
      return [
        {
          axes: [...stay, ...swept],
          reduce: [sum],
          then: [cx.out(at, logic ? castTo("bool", named("s")) : named("s"))],
        },
      ];
    },
  },
  sample: (rng, given) => {
    const x = pickTensor(rng, given, t => t.shape.length > 0 && t.elem !== "f16");
    if (!x) return undefined;
    const by =
      elemOf(x) === "bool" ? rng.pick(["and", "or"] as const) : rng.pick(["add", "add", "max", "min"] as const);
    return build.reduce(by, someAxes(rng, shapeAt(x).length), x);
  },
};

/** is b beyond a: a NaN beyond every number, and the first of them stays */
const beyond = (by: string, a: number, b: number): boolean =>
  !Number.isNaN(a) && (Number.isNaN(b) || (by === "max" ? b > a : b < a));
const argreduce: Op = {
  name: "argreduce",
  doc: "row-major index over the axes of the first max or min; NaN wins; 0 over nothing",
  type: (args, attrs) => {
    arity(args, 1);
    const [x, by, axes] = [tensorAt(args, 0), text(attrs, "op"), ints(attrs, "axes")];
    need(by === "max" || by === "min", () => `argreduce by ${by}`);
    need(x.elem !== "bool", () => "argreduce of bool");
    need(axes.length > 0 && sortedAxes(axes, x.shape.length), () => `argreduce of axes [${axes.join(", ")}]`);
    return tensor("i32", without(x.shape, axes), volumeDim(only(x.shape, axes)));
  },
  eval: (args, node, cx) => {
    const [x, by] = [tensorOf(args[0]), opOf(node)];
    const { base, swept } = sweep(x, ints(node.attrs, "axes"));
    const data = new Float64Array(base.length);
    const big = x.data instanceof BigInt64Array;
    const at = (i: number): number | bigint => x.data[i]!;
    for (let i = 0; i < base.length; i++) {
      let best = 0;
      for (let s = 1; s < swept.length; s++) {
        const [a, b] = [at(base[i]! + swept[best]!), at(base[i]! + swept[s]!)];
        if (big ? (by === "max" ? b > a : b < a) : beyond(by, Number(a), Number(b))) best = s;
      }
      data[i] = best;
    }
    return { k: "tensor", shape: shapeAtN(shapeAt(node), cx.n), data };
  },
  bound: ([x], node, cx) => {
    const { base, swept } = sweep(x!.value, ints(node.attrs, "axes"));
    const out = openResult("i32", shapeAtN(shapeAt(node), cx.n));
    const found = tensorOf(node.op.eval([x!.value], node, cx));
    for (let i = 0; i < base.length; i++) {
      setElement(out.value, i, found.data[i]!);
      const best = base[i]! + (swept[Number(found.data[i])] ?? 0);
      const near = (j: number): boolean =>
        x!.error[j]! + x!.error[best]! > 0 &&
        Math.abs(Number(x!.value.data[j]) - Number(x!.value.data[best])) <= x!.error[j]! + x!.error[best]!;
      if (Array.from(swept, s => base[i]! + s).some(j => x!.undecided[j] || (j !== best && near(j))))
        out.undecided[i] = 1;
    }
    return out;
  },
  grad: "zero",
  lift: (node, [x]) => make(node.op, [x!], { ...node.attrs, axes: shifted(node) }),
  kernel: {
    k: "phases",
    build: (node, cx) => {
      const [axes, shape] = [ints(node.attrs, "axes"), shapeAt(node.args[0]!)];
      const [stay, swept] = [parallel(without(shape, axes)), reduced(only(shape, axes))];
      const [at, inner] = [indices(stay), indices(swept)];
      let [s, r] = [0, 0];
      const x = cx.read(
        0,
        shape.map((_, d) => (axes.includes(d) ? inner[r++]! : at[s++]!)),
      );
      // the least is the greatest of what reverses the order: not for integers, whose least has no negative
      const value = opOf(node) === "max" ? x : prim(isFloat(elemOf(node.args[0]!)) ? "neg" : "not", x);
      const place = { name: "p", op: "first", value: flatVal(inner, only(shape, axes)), of: "m" } as const;
      return [
        { axes: [...stay, ...swept], reduce: [{ name: "m", op: "max", value }, place], then: [cx.out(at, named("p"))] },
      ];
    },
  },
  sample: (rng, given) => {
    const x = pickTensor(rng, given, t => t.shape.length > 0 && t.elem !== "bool");
    return x && build.argreduce(rng.pick(["max", "min"]), someAxes(rng, shapeAt(x).length), x);
  },
};

export const reduceOps: readonly Op[] = [reduce, argreduce];
