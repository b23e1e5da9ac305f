/** Constructors of GRAPH nodes: attributes first, arguments last. Views that change nothing are not built. Knows no meaning. */
import { type Attr, type Blob, type Fn, leaf, make, type Node } from "../node.ts";
import type { Prim } from "../prim.ts";
import { type Dim, type Elem, isFloat, sameShape, type Type } from "../type.ts";
import { rounding } from "../value.ts";
import { dimAttr, elemOf, shapeAt, shapeAttr } from "./attrs.ts";
import { op } from "./registry.ts";

export type ReduceOp = "add" | "mul" | "max" | "min" | "and" | "or";

/** a tensor of one value; a float is rounded, so that equal constants are one node */
export const full = (value: number, elem: Elem, shape: readonly Dim[] = []): Node =>
  make(op("full"), [], { value: isFloat(elem) ? rounding(elem)(value) : value, elem, shape: shapeAttr(shape) });
export const fullLike = (value: number, x: Node): Node => full(value, elemOf(x), shapeAt(x));
export const blob = (bytes: Blob, elem: Elem, shape: readonly Dim[]): Node =>
  make(op("blob"), [], { blob: bytes, elem, shape: shapeAttr(shape) });
/** the coordinate of `axis` */
export const iota = (elem: Elem, shape: readonly Dim[], axis: number): Node =>
  make(op("iota"), [], { elem, shape: shapeAttr(shape), axis });
/** parameter i of the Fn */
export const parameter = (i: number, type: Type): Node => leaf(op("in"), { i }, type);
/** the number of records */
export const records = (elem: Elem): Node => make(op("n"), [], { elem });

export const lane = (name: Exclude<Prim, "cast" | "bitcast">, ...args: readonly Node[]): Node => make(op(name), args);
export const cast = (elem: Elem, x: Node): Node => (elemOf(x) === elem ? x : make(op("cast"), [x], { elem }));
export const bitcast = (elem: Elem, x: Node): Node => (elemOf(x) === elem ? x : make(op("bitcast"), [x], { elem }));
export const select = (condition: Node, yes: Node, no: Node): Node => lane("select", condition, yes, no);

export const reshape = (shape: readonly Dim[], x: Node): Node =>
  sameShape(shape, shapeAt(x)) ? x : make(op("reshape"), [x], { shape: shapeAttr(shape) });
/** dim d of the result is dim axes[d] of x */
export const transpose = (axes: readonly number[], x: Node): Node =>
  axes.every((a, i) => a === i) ? x : make(op("transpose"), [x], { axes });
/** dim d of x becomes dim axes[d] of the result; an extent of 1 may stretch */
export const broadcast = (shape: readonly Dim[], axes: readonly number[], x: Node): Node =>
  axes.every((a, i) => a === i) && sameShape(shape, shapeAt(x))
    ? x
    : make(op("broadcast"), [x], { shape: shapeAttr(shape), axes });
export const slice = (start: readonly number[], step: readonly number[], size: readonly Dim[], x: Node): Node =>
  start.every(s => s === 0) && step.every(s => s === 1) && sameShape(size, shapeAt(x))
    ? x
    : make(op("slice"), [x], { start, step, size: shapeAttr(size) });
/** the slice that takes `size` along one axis only */
export function sliceAxis(axis: number, start: number, step: number, size: Dim, x: Node): Node {
  const shape = shapeAt(x);
  return slice(
    shape.map((_, d) => (d === axis ? start : 0)),
    shape.map((_, d) => (d === axis ? step : 1)),
    shape.map((s, d) => (d === axis ? size : s)),
    x,
  );
}
/** x with axis reversed; its extent must be a number */
export function reverse(axis: number, x: Node): Node {
  const extent = shapeAt(x)[axis]!;
  if (typeof extent !== "number") throw new Error("internal: reverse along N");
  return extent === 0 ? x : sliceAxis(axis, extent - 1, -1, extent, x);
}
/** lo and hi may be negative: a crop */
export const pad = (
  lo: readonly number[],
  hi: readonly number[],
  interior: readonly number[],
  value: number,
  x: Node,
): Node =>
  [lo, hi, interior].every(p => p.every(v => v === 0)) ? x : make(op("pad"), [x], { lo, hi, interior, value });
export function padAxis(axis: number, lo: number, hi: number, interior: number, value: number, x: Node): Node {
  const at = (v: number): number[] => shapeAt(x).map((_, d) => (d === axis ? v : 0));
  return pad(at(lo), at(hi), at(interior), value, x);
}
/** [.., L, ..] to [.., count, size, ..] */
export const window = (axis: number, size: number, stride: number, dilation: number, x: Node): Node =>
  make(op("window"), [x], { axis, size, stride, dilation });
export const diagonal = (a: number, b: number, x: Node): Node => make(op("diagonal"), [x], { a, b });

export const reduce = (by: ReduceOp, axes: readonly number[], x: Node): Node =>
  axes.length === 0 ? x : make(op("reduce"), [x], { op: by, axes });
export const argreduce = (by: "max" | "min", axes: readonly number[], x: Node): Node =>
  make(op("argreduce"), [x], { op: by, axes });
/** einsum of two: "ik,kj->ij" */
export const contract = (spec: string, a: Node, b: Node): Node => make(op("contract"), [a, b], { spec });

/** x [B.., pre.., A, post..], ids [B.., I..] to [B.., pre.., I.., post..] */
export const gather = (axis: number, batch: number, x: Node, ids: Node): Node =>
  make(op("gather"), [x, ids], { axis, batch });
/** ids [B.., I..], values [B.., pre.., I.., post..] to [B.., pre.., size, post..]: sums where an id comes twice */
export const scatter = (by: "add", axis: number, batch: number, size: Dim, ids: Node, values: Node): Node =>
  make(op("scatter"), [ids, values], { op: by, axis, batch, size: dimAttr(size) });
export const concat = (axis: number, xs: readonly Node[]): Node =>
  xs.length === 1 ? xs[0]! : make(op("concat"), xs, { axis });

/** a tuple of fn's results over the records of the leading dim */
export const map = (fn: Fn, mapped: readonly boolean[], args: readonly Node[]): Node =>
  make(op("map"), args, { fn, mapped });
/** a tuple of fn's results, then the gradients of the first for the parameters `wrt` */
export const grad = (fn: Fn, wrt: readonly number[], args: readonly Node[]): Node =>
  make(op("grad"), args, { fn, wrt });
export const call = (fn: Fn, args: readonly Node[]): Node => make(op("call"), args, { fn });
export const get = (i: number, t: Node): Node => make(op("get"), [t], { i });
export const stopGradient = (x: Node): Node => make(op("stop_gradient"), [x]);
/** `kept`, whose gradients are those of x: the same value, computed before */
export const recall = (kept: Node, x: Node): Node => make(op("recall"), [kept, x]);
export const check = (site: number, low: number, high: Dim, x: Node): Node =>
  make(op("check"), [x], { site, low, high: dimAttr(high) });

/** key u32[B.., 2] to u32[B.., shape..] */
export const randomBits = (shape: readonly Dim[], key: Node): Node =>
  make(op("random_bits"), [key], { shape: shapeAttr(shape) });
/** key u32[B.., 2], i u32[B..] to u32[B.., 2] */
export const foldIn = (key: Node, i: Node): Node => make(op("fold_in"), [key, i]);

/** any op by its name: for readers of text and tests */
export const apply = (name: string, args: readonly Node[], attrs: Readonly<Record<string, Attr>> = {}): Node =>
  make(op(name), args, attrs);
