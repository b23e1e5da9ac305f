/** Shapes, reductions and indexing of tensors as GRAPH nodes: the lowering of the builtins that are no lane functions. */
import { addSpans, type Node } from "../../ir/node.ts";
import { elemOf, shapeAt } from "../../ir/ops/attrs.ts";
import * as g from "../../ir/ops/index.ts";
import {
  atN,
  type Dim as GraphDim,
  type TensorType as GraphTensor,
  isStatic,
  numbers,
  sameDim,
} from "../../ir/type.ts";
import { widthsOf } from "../check/builtins/shape.ts";
import type { Op, Static } from "../core.ts";
import { diagnostic } from "../diagnostics/catalogue.ts";
import { einsum, matmul } from "./einsum.ts";
import { broadcastTo } from "./lane.ts";
import { refuse } from "./limit.ts";
import { extent, nodeOf, type Scope, siteOf, tensorOf } from "./scope.ts";

/** an op, its arguments as nodes, and the type of its result */
export interface Call {
  readonly e: Op;
  readonly args: readonly Node[];
  readonly type: GraphTensor;
  readonly scope: Scope;
}
const size = (c: Call, s: Static | undefined): number => {
  if (typeof s === "number") return s;
  if (typeof s === "object" && s !== null && "k" in s && s.k === "poly") return extent(s, c.scope.building, c.e.span);
  throw new Error(`internal: ${c.e.op} was given ${JSON.stringify(s)} where a number is needed`);
};
const sizes = (c: Call, s: Static | undefined): readonly number[] =>
  Array.isArray(s) ? s.map(x => size(c, x)) : [size(c, s)];
const attr = (c: Call, name: string): Static | undefined => c.e.attrs[name];
const axisOf = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);
/** axes of a reduction: none is all; ascending */
function axesOf(c: Call, x: Node): readonly number[] {
  const rank = shapeAt(x).length;
  const axis = attr(c, "axis");
  if (axis === undefined || axis === null) return shapeAt(x).map((_, d) => d);
  return sizes(c, axis)
    .map(a => axisOf(a, rank))
    .sort((a, b) => a - b);
}
const axis1 = (c: Call, rank: number): number => axisOf(size(c, attr(c, "axis")), rank);

function mean(c: Call): Node {
  const x = g.cast(c.type.elem, c.args[0]!);
  const axes = axesOf(c, x);
  const sum = g.reduce("add", axes, x);
  const sides = axes.map(a => shapeAt(x)[a]!);
  const fixed = sides.reduce<number>((n, d) => n * (typeof d === "number" ? d : d.n), 1);
  // the records of a batch are counted when it runs
  if (sides.every(d => typeof d === "number")) return g.lane("div", sum, g.fullLike(fixed, sum));
  const records = g.records(elemOf(sum));
  const count = g.lane("mul", records, g.fullLike(fixed, records));
  return g.lane("div", sum, broadcastTo(shapeAt(sum), count));
}
const reduction =
  (op: g.ReduceOp) =>
  (c: Call): Node => {
    const x = g.cast(c.type.elem, c.args[0]!);
    return g.reduce(op, op === "max" || op === "min" ? some(c, x) : axesOf(c, x), x);
  };
/** n windows of n, each ending at its place: as exact as a sum, and views but for n additions each */
function cumsum(c: Call): Node {
  const x = g.cast(c.type.elem, c.args[0]!);
  const axis = axis1(c, shapeAt(x).length);
  const n = shapeAt(x)[axis]!;
  if (typeof n !== "number") return upTo(x, axis);
  return n === 0 ? x : g.reduce("add", [axis + 1], g.window(axis, n, 1, 1, g.padAxis(axis, n - 1, 0, 0, 0, x)));
}
/** along the records of a batch: of each pair of them the earlier one, summed */
function upTo(x: Node, axis: number): Node {
  const shape = shapeAt(x);
  const pairs = [...shape.slice(0, axis), shape[axis]!, ...shape.slice(axis)];
  const earlier = g.lane("le", g.iota("i32", pairs, axis + 1), g.iota("i32", pairs, axis));
  const each = g.broadcast(
    pairs,
    shape.map((_, d) => (d < axis ? d : d + 1)),
    x,
  );
  return g.reduce("add", [axis + 1], g.select(earlier, each, g.fullLike(0, each)));
}
const extremum =
  (op: "max" | "min") =>
  (c: Call): Node => {
    const x = elemOf(c.args[0]!) === "bool" ? g.cast("i32", c.args[0]!) : c.args[0]!;
    return g.argreduce(op, some(c, x), x);
  };

/** ids inside [0, high): outside is a fault of this place at the end of the step */
function bounded(c: Call, ids: Node, high: GraphDim, message: string): Node {
  const below = ids.type.k === "tensor" ? ids.type.below : undefined;
  if (below !== undefined && (sameDim(below, high) || (typeof below === "number" && below <= atN(high, 1)))) return ids;
  return addSpans(g.check(siteOf(c.scope.building, c.e.span, message), 0, high, g.cast("i32", ids)), [c.e.span]);
}
function gather(c: Call): Node {
  const [x, ids] = c.args as [Node, Node]; // as: by the signature
  const axis = axis1(c, shapeAt(x).length);
  const high = shapeAt(x)[axis]!;
  const has = typeof high === "number" ? high : "a place for each record of the batch";
  return g.gather(axis, 0, x, bounded(c, ids, high, `the index is outside of axis ${axis}, which has ${has}`));
}
function scatterAdd(c: Call): Node {
  const [x, ids, values] = c.args as [Node, Node, Node]; // as: by the signature
  const high = numbers(shapeAt(x))[0]!;
  const inside = bounded(c, ids, high, `the index is outside of axis 0, which has ${high}`);
  const full = [...shapeAt(inside), ...shapeAt(x).slice(1)];
  return g.lane("add", x, g.scatter("add", 0, 0, high, inside, broadcastTo(full, g.cast(elemOf(x), values))));
}

/** what check could not say, because it did not know how long the axis is */
function inside(c: Call, axis: number, from: number, step: number, size: GraphDim): void {
  const side = shapeAt(c.args[0]!)[axis]!;
  if (typeof size !== "number" || typeof side !== "number" || size === 0) return;
  const last = from + (size - 1) * step;
  const [low, high] = [Math.min(from, last), Math.max(from, last)];
  if (low < 0 || high >= side)
    refuse(diagnostic("slice", `slice reaches from ${low} to ${high + 1}, axis ${axis} has ${side}`, c.e.span));
}
/** of no elements there is no greatest: as check says it where it knows the dims */
function some(c: Call, x: Node): readonly number[] {
  const axes = axesOf(c, x);
  if (axes.some(d => shapeAt(x)[d] === 0)) refuse(diagnostic("reduce", `${c.e.op} of no elements`, c.e.span));
  return axes;
}
/** `start` may hold numbers that are known only when running */
function slice(c: Call): Node {
  let x = c.args[0]!;
  const given = attr(c, "start");
  const sizesGiven = c.type.shape;
  if (given !== undefined) {
    const stacked = stackedPart(c, sizes(c, given));
    if (stacked) return stacked;
    const [start, step] = [[...sizes(c, given)], attr(c, "step")];
    const steps = step === undefined ? sizesGiven.map(() => 1) : [...sizes(c, step)];
    for (const [d, size] of sizesGiven.entries()) inside(c, d, start[d]!, steps[d]!, size);
    const n = shapeAt(x).findIndex((d, i) => typeof d !== "number" && typeof sizesGiven[i] === "number");
    if (n >= 0) {
      // whether the batch has these records is known when it runs
      const count = g.iota("i32", [sizesGiven[n]!], 0);
      const ids = g.lane("add", g.lane("mul", count, g.fullLike(steps[n]!, count)), g.fullLike(start[n]!, count));
      const of = bounded(c, ids, shapeAt(x)[n]!, "the batch has no such record");
      x = g.gather(n, 0, x, of);
      start[n] = 0;
      steps[n] = 1;
    }
    // of the records all but some: their number, as that of all, is known when it runs
    for (const [d, side] of sizesGiven.entries()) {
      if (typeof side === "number" || (start[d] === 0 && steps[d] === 1 && sameDim(side, shapeAt(x)[d]!))) continue;
      const i = g.iota("i32", [side], 0);
      const at = g.lane("add", g.lane("mul", i, g.fullLike(steps[d]!, i)), g.fullLike(start[d]!, i));
      x = g.gather(d, 0, x, at);
      [start[d], steps[d]] = [0, 1];
    }
    return g.slice(start, steps, sizesGiven, x);
  }
  const shape = numbers(shapeAt(x));
  for (const [d, side] of numbers(sizesGiven).entries()) {
    const from = startOf(c, d);
    if (typeof from === "number") {
      inside(c, d, from, 1, side);
      x = g.sliceAxis(d, from, 1, side, x);
    } else {
      const room = shape[d]! - side + 1;
      const first = bounded(c, from, room, `the slice of ${side} reaches outside of axis ${d}, which has ${shape[d]}`);
      x = g.gather(d, 0, x, g.lane("add", broadcastTo([side], first), g.iota("i32", [side], 0)));
    }
  }
  return x;
}
/** [a, b][0:1] is a with an axis more: so concat([a, b]) and map over [a, b] never build the stack */
function stackedPart(c: Call, start: readonly number[]): Node | undefined {
  const of = c.e.args[0]!;
  if (of.k !== "op" || of.op !== "stack" || c.type.shape[0] !== 1) return undefined;
  const whole = tensorOf(of).shape.every((_, d) => d === 0 || shapeAt(c.args[0]!)[d] === c.type.shape[d]);
  return whole ? g.reshape(c.type.shape, g.cast(c.type.elem, nodeOf(of.args[start[0]!]!, c.scope))) : undefined;
}
/** element d of the argument `start`: a number where it is constant */
function startOf(c: Call, d: number): number | Node {
  const e = c.e.args[1]!;
  if (e.k === "const") {
    const v = typeof e.value === "number" || "k" in e.value ? e.value : e.value[d]!;
    return extent(v as Parameters<typeof extent>[0], c.scope.building, e.span); // as: a Dim, since the list was taken apart
  }
  if (e.k === "op" && e.op === "stack") {
    const item = e.args[d]!;
    if (item.k === "const" && typeof item.value === "number") return item.value;
    return c.scope.values.get(item)!;
  }
  return g.reshape([], g.slice([d], [1], [1], c.args[1]!));
}

function pad(c: Call): Node {
  const x = c.args[0]!;
  const rank = shapeAt(x).length;
  const number = (s: Static): number => size(c, s);
  const widths = widthsOf(attr(c, "width"), rank)!.map(([lo, hi]) => [number(lo), number(hi)] as const);
  const between = attr(c, "between");
  const spread = Array.isArray(between) ? between.map(number) : shapeAt(x).map(() => number(between ?? 0));
  return g.pad(
    widths.map(w => w[0]),
    widths.map(w => w[1]),
    spread,
    number(attr(c, "value") ?? 0),
    x,
  );
}
/** windows side by side are the axis cut in two: its adjoint is a reshape, too */
function window(c: Call): Node {
  const x = c.args[0]!;
  const axis = axis1(c, shapeAt(x).length);
  const [n, stride, dilation] = [
    size(c, attr(c, "n")),
    size(c, attr(c, "stride") ?? 1),
    size(c, attr(c, "dilation") ?? 1),
  ];
  const side = shapeAt(x)[axis]!;
  if (typeof side !== "number") {
    const [count] = c.type.shape.slice(axis);
    const at = (d: number, by: number): Node => {
      const i = g.iota("i32", [count!, n], d);
      return by === 1 ? i : g.lane("mul", i, g.fullLike(by, i));
    };
    return g.gather(axis, 0, x, g.lane("add", at(0, stride), at(1, dilation)));
  }
  return stride === n && dilation === 1 && side % n === 0
    ? g.reshape(c.type.shape, x)
    : g.window(axis, n, stride, dilation, x);
}
function roll(c: Call): Node {
  const x = c.args[0]!;
  const axis = axis1(c, shapeAt(x).length);
  const n = shapeAt(x)[axis]!;
  if (typeof n !== "number") {
    const shift = size(c, attr(c, "shift"));
    return ofRecords(axis, n, i => g.lane("sub", i, g.fullLike(shift, i)), x);
  }
  const by = n === 0 ? 0 : ((size(c, attr(c, "shift")) % n) + n) % n;
  if (by === 0) return x;
  return g.concat(axis, [g.sliceAxis(axis, n - by, 1, by, x), g.sliceAxis(axis, 0, 1, n - by, x)]);
}
function flip(c: Call): Node {
  const rank = shapeAt(c.args[0]!).length;
  return sizes(c, attr(c, "axis")).reduce((x, a) => {
    const axis = axisOf(a, rank);
    const n = shapeAt(x)[axis]!;
    return typeof n === "number" ? g.reverse(axis, x) : ofRecords(axis, n, i => g.lane("sub", g.fullLike(-1, i), i), x);
  }, c.args[0]!);
}
/** along the records of a batch, of which there are `sides`: at place i lies what lay at place `from(i)`, counted round and round */
function ofRecords(axis: number, sides: GraphDim, from: (i: Node) => Node, x: Node): Node {
  const n = sideOf(shapeAt(x)[axis]!);
  const i = g.iota("i32", [sides], 0);
  const all = broadcastTo([sides], n);
  const place = g.lane("rem", from(i), all);
  const round = g.select(g.lane("lt", place, g.fullLike(0, place)), g.lane("add", place, all), place);
  return g.gather(axis, 0, x, round);
}
/** a side as a number that the step knows */
function sideOf(d: GraphDim): Node {
  if (typeof d === "number") return g.full(d, "i32");
  const n = g.records("i32");
  const many = d.n === 1 ? n : g.lane("mul", n, g.fullLike(d.n, n));
  return d.plus === 0 ? many : g.lane("add", many, g.fullLike(d.plus, many));
}
function transpose(c: Call): Node {
  const x = c.args[0]!;
  const rank = shapeAt(x).length;
  const axes = attr(c, "axes");
  const order =
    axes === undefined || axes === null
      ? shapeAt(x).map((_, d) => rank - 1 - d)
      : sizes(c, axes).map(a => axisOf(a, rank));
  return g.transpose(order, x);
}
/** [a, b] repeated: each axis gets its count in front, then both are one axis */
function tile(c: Call): Node {
  const x = c.args[0]!;
  const times = sizes(c, attr(c, "times"));
  if (!isStatic(shapeAt(x))) return tileRecords(c, times);
  const shape = numbers(shapeAt(x));
  const lead = times.length - shape.length;
  const sides = times.flatMap((t, d) => [t, shape[d - lead] ?? 1]);
  return g.reshape(
    c.type.shape,
    g.broadcast(
      sides,
      shape.map((_, d) => 2 * (d + lead) + 1),
      x,
    ),
  );
}
/** the same where an axis has as many places as a step has records */
function tileRecords(c: Call, times: readonly number[]): Node {
  const lead = times.length - shapeAt(c.args[0]!).length;
  const x = g.reshape([...Array.from({ length: lead }, () => 1), ...shapeAt(c.args[0]!)], c.args[0]!);
  return times.reduce((of, t, axis) => (t === 1 ? of : ofRecords(axis, c.type.shape[axis]!, i => i, of)), x);
}

function cast(c: Call): Node {
  const x = c.args[0]!;
  if (c.e.type.k !== "tensor" || c.e.type.elem !== "u8") return g.cast(c.type.elem, x);
  const i = g.cast("i32", x);
  return g.lane("min", g.lane("max", i, g.fullLike(0, i)), g.fullLike(255, i));
}
function range(c: Call): Node {
  const [start, stop] = [attr(c, "start"), attr(c, "stop")];
  const count = g.iota("i32", c.type.shape, 0);
  const from = stop === undefined || stop === null ? 0 : size(c, start);
  return from === 0 ? count : g.lane("add", count, g.fullLike(from, count));
}
const operands = (c: Call): readonly Node[] => c.args.map(a => g.cast(c.type.elem, a));

/** sides that only data tell are compared when they are known */
function reshape({ e, args, type }: Call): Node {
  const [from, to] = [shapeAt(args[0]!), type.shape];
  const count = (sides: typeof to): number | undefined =>
    sides.reduce<number | undefined>((n, d) => (n === undefined || typeof d !== "number" ? undefined : n * d), 1);
  const [had, wanted] = [count(from), count(to)];
  if (had !== undefined && wanted !== undefined && had !== wanted)
    return refuse(
      diagnostic("dims", `[${from.join(", ")}] has ${had} elements, [${to.join(", ")}] has ${wanted}`, e.span),
    );
  return g.reshape(to, args[0]!);
}
export const tensorOps: Readonly<Record<string, (c: Call) => Node>> = {
  cast,
  reshape,
  broadcast: c => broadcastTo(c.type.shape, c.args[0]!),
  // of what is the same for all records; of what is not it is the batch itself (lower/records)
  over_batch: c => broadcastTo(c.type.shape, c.args[0]!),
  full: c => broadcastTo(c.type.shape, c.args[0]!),
  stack: c =>
    g.concat(
      0,
      operands(c).map(x => g.reshape([1, ...shapeAt(x)], x)),
    ),
  concat: c => g.concat(axis1(c, c.type.shape.length), operands(c)),
  slice,
  transpose,
  pad,
  flip,
  roll,
  tile,
  window,
  range,
  gather,
  scatter_add: scatterAdd,
  matmul: c => {
    const [a, b] = operands(c);
    return matmul(a!, b!);
  },
  einsum: c => einsum(String(attr(c, "spec")), operands(c)),
  sum: reduction("add"),
  prod: reduction("mul"),
  max: reduction("max"),
  min: reduction("min"),
  any: reduction("or"),
  all: reduction("and"),
  mean,
  cumsum,
  argmax: extremum("max"),
  argmin: extremum("min"),
  stop_gradient: c => g.stopGradient(c.args[0]!),
};
