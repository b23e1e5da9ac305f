/** Small graphs and random values for the tests of passes. */
import { evaluate } from "../../src/ir/interp.ts";
import { type Fn, fn, fnsOf, type Node, topological } from "../../src/ir/node.ts";
import type { RddValue, TensorValue, Value } from "../../src/ir/op.ts";
import {
  broadcast,
  cast,
  contract,
  elemOf,
  full,
  gather,
  get,
  iota,
  lane,
  map,
  parameter,
  reduce,
  reshape,
  select,
  shapeAt,
  slice,
  transpose,
  window,
} from "../../src/ir/ops/index.ts";
import { type Elem, numbers, type RddType, sizeOf, type Type, tensor } from "../../src/ir/type.ts";
import { tensorValue } from "../../src/ir/value.ts";

/** mulberry32: a seeded generator, small and good enough to draw test values */
export interface Random {
  readonly unit: () => number;
  readonly int: (n: number) => number;
  readonly normal: () => number;
  readonly pick: <T>(xs: readonly T[]) => T;
}
export function random(seed: number): Random {
  let s = seed >>> 0;
  const unit = (): number => {
    s = (s + 0x6d2b79f5) >>> 0;
    let t = Math.imul(s ^ (s >>> 15), s | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (n: number): number => Math.floor(unit() * n);
  return {
    unit,
    int,
    normal: () => Math.sqrt(-2 * Math.log(1 - unit())) * Math.cos(2 * Math.PI * unit()),
    pick: xs => xs[int(xs.length)]!,
  };
}

/** a closed function from its parameters' types */
export function closed(params: readonly Type[], body: (...inputs: Node[]) => readonly Node[]): Fn {
  return fn(params, body(...params.map((p, i) => parameter(i, p))));
}
export const value = (elem: Elem, shape: readonly number[], f: (i: number) => number | bigint): TensorValue =>
  tensorValue(
    elem,
    shape,
    Array.from({ length: sizeOf(shape) }, (_, i) => f(i)),
  );
export const normals = (rng: Random, elem: Elem, ...shape: number[]): TensorValue => value(elem, shape, rng.normal);
export const tensors = (vs: readonly Value[]): readonly TensorValue[] =>
  vs.map(v => {
    if (v.k !== "tensor") throw new Error(`a ${v.k} where the test reads a tensor`);
    return v;
  });
export const run = (f: Fn, args: readonly Value[], n = 0): readonly TensorValue[] => tensors(evaluate(f, args, n));
export const list = (t: TensorValue): readonly number[] => Array.from(t.data, Number);

/** rows numbered from 0 of a source with these columns */
export function source(columns: Readonly<Record<string, TensorValue>>): RddValue {
  const rows = Object.values(columns)[0]!.shape[0]!;
  return { k: "rdd", rows, columns, id: Array.from({ length: rows }, (_, i) => i) };
}
export const rddType = (row: RddType["row"]): RddType => ({ k: "rdd", row, order: "source" });

/** the names of all ops that f and the Fns inside it use */
export function opsOf(f: Fn, into = new Set<string>()): ReadonlySet<string> {
  for (const x of topological(f.results)) {
    into.add(x.op.name);
    for (const g of fnsOf(x)) opsOf(g, into);
  }
  return into;
}

// ---- small programs, written for one record ----
const along = (x: Node, shape: readonly number[], axes: readonly number[]): Node => broadcast(shape, axes, x);
export const scaled = (x: Node, by: number): Node => lane("mul", x, full(by, elemOf(x), shapeAt(x)));
/** natural exponential and logarithm by the primitives */
export const exp = (x: Node): Node => lane("exp2", scaled(x, Math.LOG2E));
export const log = (x: Node): Node => scaled(lane("log2", x), Math.LN2);
export const relu = (x: Node): Node => lane("max", x, full(0, elemOf(x), shapeAt(x)));
/** x [i] @ w [i, o] + b [o] */
export const dense = (x: Node, w: Node, b: Node): Node => lane("add", contract("i,io->o", x, w), b);
/** logsumexp(z) - z[target], z [k] */
export function crossEntropy(z: Node, target: Node): Node {
  const shape = numbers(shapeAt(z));
  const top = along(reduce("max", [0], z), shape, []);
  const sum = log(reduce("add", [0], exp(lane("sub", z, top))));
  const hot = cast(elemOf(z), lane("eq", iota("i32", shape, 0), along(target, shape, [])));
  return lane("sub", lane("add", sum, reduce("max", [0], z)), reduce("add", [0], lane("mul", z, hot)));
}
/** x [c, h, w], k [f, c, a, b]: windows of both axes, then one contraction */
export function conv(x: Node, k: Node, stride: number): Node {
  const [, , a, b] = numbers(shapeAt(k));
  return contract("cyaxb,fcab->fyx", window(3, b!, stride, 1, window(1, a!, stride, 1, x)), k);
}
/** the largest of each 2 by 2 window of x [c, h, w] */
export const maxPool = (x: Node): Node => reduce("max", [2, 4], window(3, 2, 2, 1, window(1, 2, 2, 1, x)));

/** a random function of parameters of the given types: every result is a tensor without N */
export function randomFn(rng: Random, params: readonly Type[], size: number): Fn {
  const inputs = params.map((p, i) => parameter(i, p));
  const pool = [...inputs];
  const floats = (): Node => rng.pick(pool.filter(x => elemOf(x) === "f32"));
  const grow: readonly (() => Node)[] = [
    () => lane(rng.pick(["neg", "abs", "tanh", "floor", "exp2"] as const), floats()),
    () => {
      const a = floats();
      const same = pool.filter(x => elemOf(x) === "f32" && `${shapeAt(x)}` === `${shapeAt(a)}`);
      return lane(rng.pick(["add", "sub", "mul", "max", "min"] as const), a, rng.pick(same));
    },
    () => {
      const a = floats();
      const rank = shapeAt(a).length;
      return rank ? reduce(rng.pick(["add", "max", "min", "mul"] as const), [rng.int(rank)], a) : a;
    },
    () => {
      const a = floats();
      const axes = shapeAt(a).map((_, d) => d);
      return transpose(axes.reverse(), a);
    },
    () => {
      const a = floats();
      return reshape([sizeOf(numbers(shapeAt(a)))], a);
    },
    () => {
      const a = floats();
      const shape = numbers(shapeAt(a));
      return shape.length < 3
        ? broadcast(
            [2, ...shape],
            shape.map((_, d) => d + 1),
            a,
          )
        : a;
    },
    () => {
      const a = floats();
      const shape = numbers(shapeAt(a));
      const [d, extent] = [0, shape[0] ?? 0];
      if (extent < 2) return a;
      const flip = rng.int(2) === 0;
      return slice(
        shape.map((_, i) => (i === d ? (flip ? extent - 1 : 1) : 0)),
        shape.map((_, i) => (i === d && flip ? -1 : 1)),
        shape.map((s, i) => (i === d ? extent - 1 : s)),
        a,
      );
    },
    () => {
      const a = floats();
      const shape = numbers(shapeAt(a));
      return (shape[0] ?? 0) >= 3 && shape.length < 4 ? window(0, 2, 1, 1, a) : a;
    },
    () => {
      const a = floats();
      const zero = full(0, "f32", shapeAt(a));
      return select(lane("lt", zero, a), a, scaled(a, 0.5));
    },
    () => {
      const a = floats();
      const ids = lane("rem", cast("i32", lane("abs", reduceAll(a))), full(2, "i32"));
      return (numbers(shapeAt(a))[0] ?? 0) >= 2
        ? gather(0, 0, a, lane("min", lane("max", ids, full(0, "i32")), full(1, "i32")))
        : a;
    },
    () => {
      const f = closed([tensor("f32"), tensor("f32")], (x, y) => [lane("mul", x!, lane("tanh", y!)), scaled(y!, 3)]);
      const vectors = pool.filter(x => elemOf(x) === "f32" && shapeAt(x).length === 1);
      const scalars = pool.filter(x => elemOf(x) === "f32" && shapeAt(x).length === 0);
      if (!vectors.length || !scalars.length) return floats();
      const first = rng.int(2) === 0;
      const args = first ? [rng.pick(vectors), rng.pick(scalars)] : [rng.pick(scalars), rng.pick(vectors)];
      return get(rng.int(2), map(f, [first, !first], args));
    },
  ];
  while (pool.length < inputs.length + size) pool.push(rng.pick(grow)());
  return fn(params, pool.slice(-3));
}
const reduceAll = (x: Node): Node =>
  reduce(
    "add",
    shapeAt(x).map((_, d) => d),
    x,
  );
