/** Views along an axis: slice, pad, window. Knows nothing of the other views. */
import { along, type Form, tidy } from "../map.ts";
import type { Node } from "../node.ts";
import { NoGradient, type Op } from "../op.ts";
import { addDim, type Dim, dim, sameDim, showDim, showShape, tensor } from "../type.ts";
import { arity, elemOf, int, ints, need, number, refuse, shapeAt, shapeAttr, shapeOf, tensorAt } from "./attrs.ts";
import * as build from "./build.ts";
import { hasAxis, pickAxis, pickTensor, points, small } from "./sampling.ts";
import { affine, again, linear, viewRules } from "./view-rules.ts";

/** does every index start + i * step for i in [0, size) lie in [0, extent), for all N */
function inside(start: number, step: number, size: Dim, extent: Dim): boolean {
  if (typeof size === "number") {
    if (size === 0) return true;
    const last = start + (size - 1) * step;
    // N may be 0: an index below a dim with N is proved by what is added to N only
    const limit = typeof extent === "number" ? extent : extent.plus;
    return Math.min(start, last) >= 0 && Math.max(start, last) < limit;
  }
  if (typeof extent === "number" || start < 0 || step < 1) return false;
  return extent.n >= step * size.n && start + (size.plus - 1) * step < extent.plus;
}
const minus = (a: Dim, b: Dim): Dim => addDim(a, typeof b === "number" ? -b : dim(-b.n, -b.plus));
/** one axis of the adjoint of a slice: the cotangent put where it was read, zeros elsewhere */
function unslice(g: Node, axis: number, start: number, step: number, extent: Dim): Node {
  const size = shapeAt(g)[axis]!;
  if (typeof size !== "number") {
    if (step !== 1) throw new NoGradient("a step over the axis of records");
    const rest = minus(extent, addDim(size, start));
    return withZeros(build.padAxis(axis, start, typeof rest === "number" ? rest : 0, 0, 0, g), axis, rest);
  }
  if (size === 0) return build.full(0, elemOf(g), shapeAt(g).with(axis, extent));
  const low = step > 0 ? start : start + (size - 1) * step;
  const span = (size - 1) * Math.abs(step) + 1;
  const rest = minus(extent, low + span);
  const forward = step > 0 ? g : build.reverse(axis, g);
  const padded = build.padAxis(axis, low, typeof rest === "number" ? rest : 0, Math.abs(step) - 1, 0, forward);
  return withZeros(padded, axis, rest);
}
/** zeros behind, where their number has an N in it, which no pad can have */
const withZeros = (g: Node, axis: number, extent: Dim): Node =>
  typeof extent === "number" ? g : build.concat(axis, [g, build.full(0, elemOf(g), shapeAt(g).with(axis, extent))]);

const slice: Op = {
  ...viewRules(node => {
    const [start, step] = [ints(node.attrs, "start"), ints(node.attrs, "step")];
    return affine(start.map((s, d) => along(d, step[d]!, s)));
  }),
  name: "slice",
  doc: "start + i * step along each dim; a negative step walks backwards",
  type: (args, attrs) => {
    arity(args, 1);
    const [x, start, step] = [tensorAt(args, 0), ints(attrs, "start"), ints(attrs, "step")];
    const size = shapeOf(attrs, "size");
    const rank = x.shape.length;
    need(start.length === rank && step.length === rank && size.length === rank, () => `slice of ${rank} dims`);
    x.shape.forEach((extent, d) => {
      need(
        inside(start[d]!, step[d]!, size[d]!, extent) && !(typeof size[d] === "number" && size[d] < 0),
        () => `slice ${start[d]}, ${step[d]}, ${showDim(size[d]!)} of an extent ${showDim(extent)}`,
      );
    });
    return tensor(x.elem, size, x.below);
  },
  grad: linear((g, node) => {
    const [start, step] = [ints(node.attrs, "start"), ints(node.attrs, "step")];
    const input = shapeAt(node.args[0]!);
    return start.reduce(
      (y, s, d) =>
        sameDim(shapeAt(y)[d]!, input[d]!) && s === 0 && step[d] === 1 ? y : unslice(y, d, s, step[d]!, input[d]!),
      g,
    );
  }),
  lift: (node, [x], _mapped, n) =>
    again(node, x, {
      start: [0, ...ints(node.attrs, "start")],
      step: [1, ...ints(node.attrs, "step")],
      size: shapeAttr([n, ...shapeAt(node)]),
    }),
  sample: (rng, given) => {
    const x = pickTensor(
      rng,
      given,
      hasAxis(d => d > 0),
    );
    const axis = x && pickAxis(rng, shapeTyped(x), d => d > 0);
    if (!x || axis === undefined) return undefined;
    const extent = shapeAt(x)[axis] as number; // as: pickAxis chose a number
    const start = rng.int(extent);
    const step = rng.pick([1, 1, 2, 3, -1, -2]);
    const room = Math.floor((step > 0 ? extent - 1 - start : start) / Math.abs(step)) + 1;
    return build.sliceAxis(axis, start, step, 1 + rng.int(room), x);
  },
};
const shapeTyped = (x: Node) => tensor(elemOf(x), shapeAt(x));

/** extent after an interior pad and edges that may be negative; undefined where it is no dim for every N */
function padded(extent: Dim, lo: number, hi: number, interior: number): Dim | undefined {
  if (interior < 0) return undefined;
  if (typeof extent === "number") {
    const inner = spread(extent, interior);
    return inner + lo + hi >= 0 && inner + Math.min(lo, 0) >= 0 && inner + Math.min(hi, 0) >= 0
      ? inner + lo + hi
      : undefined;
  }
  if (interior !== 0 || extent.plus + Math.min(lo, 0) + Math.min(hi, 0) < 0) return undefined;
  return addDim(extent, lo + hi);
}
const spread = (extent: number, interior: number): number => (extent === 0 ? 0 : (extent - 1) * (interior + 1) + 1);
const pad: Op = {
  ...viewRules((node, input, out) => {
    const [lo, interior] = [ints(node.attrs, "lo"), ints(node.attrs, "interior")];
    const guards = lo.map((l, d) => {
      const [by, extent] = [interior[d]! + 1, input[d]!];
      const below = typeof extent === "number" ? spread(extent, interior[d]!) : extent;
      return { form: along(d, 1, -l), below, ...(by === 1 ? {} : { by }) };
    });
    const coordinates = lo.map((l, d) => ({ ...along(d, 1, -l), div: interior[d]! + 1 }));
    return tidy({ in: coordinates, guards, fill: number(node.attrs, "value") }, out);
  }),
  name: "pad",
  doc: "a value around the elements and `interior` times between them; a negative edge crops",
  type: (args, attrs) => {
    arity(args, 1);
    const [x, lo, hi, interior] = [tensorAt(args, 0), ints(attrs, "lo"), ints(attrs, "hi"), ints(attrs, "interior")];
    const rank = x.shape.length;
    number(attrs, "value");
    need(lo.length === rank && hi.length === rank && interior.length === rank, () => `pad of ${rank} dims`);
    const shape = x.shape.map(
      (d, i) =>
        padded(d, lo[i]!, hi[i]!, interior[i]!) ??
        refuse(`pad ${lo[i]}, ${hi[i]}, ${interior[i]} of an extent ${showDim(d)}`),
    );
    return tensor(x.elem, shape);
  },
  grad: linear((g, node) => {
    const [lo, hi, interior] = [ints(node.attrs, "lo"), ints(node.attrs, "hi"), ints(node.attrs, "interior")];
    const input = shapeAt(node.args[0]!);
    const minusEach = (xs: readonly number[]): readonly number[] => xs.map(x => 0 - x);
    const inner = build.pad(
      minusEach(lo),
      minusEach(hi),
      lo.map(() => 0),
      0,
      g,
    );
    return build.slice(
      lo.map(() => 0),
      interior.map(i => i + 1),
      input,
      inner,
    );
  }),
  lift: (node, [x]) =>
    again(node, x, {
      lo: [0, ...ints(node.attrs, "lo")],
      hi: [0, ...ints(node.attrs, "hi")],
      interior: [0, ...ints(node.attrs, "interior")],
    }),
  sample: (rng, given) => {
    const x = pickTensor(rng, given, t => small(t) && hasAxis(d => d > 0)(t) && t.elem !== "bool");
    const axis = x && pickAxis(rng, shapeTyped(x), d => d > 0);
    if (!x || axis === undefined) return undefined;
    const [lo, hi, interior] = [rng.int(4) - 1, rng.int(4) - 1, rng.pick([0, 0, 1, 2])];
    if (padded(shapeAt(x)[axis]!, lo, hi, interior) === undefined) return undefined;
    return build.padAxis(axis, lo, hi, interior, rng.pick([0, 0, 1]), x);
  },
};

const windowOp: Op = {
  ...viewRules((node, input) => {
    const [axis, stride, dilation] = [int(node.attrs, "axis"), int(node.attrs, "stride"), int(node.attrs, "dilation")];
    const both: Form = {
      base: 0,
      terms: [
        { axis, by: stride },
        { axis: axis + 1, by: dilation },
      ],
    };
    return affine(input.map((_, d) => (d < axis ? along(d) : d > axis ? along(d + 1) : both)));
  }),
  name: "window",
  doc: "[.., L, ..] to [.., count, size, ..]: element (o, k) is o * stride + k * dilation",
  type: (args, attrs) => {
    arity(args, 1);
    const x = tensorAt(args, 0);
    const [axis, size] = [int(attrs, "axis"), int(attrs, "size")];
    const [stride, dilation] = [int(attrs, "stride"), int(attrs, "dilation")];
    const extent = x.shape[axis];
    if (typeof extent !== "number") return refuse(`window along axis ${axis} of ${showShape(x.shape)}`);
    need(size >= 1 && stride >= 1 && dilation >= 1, () => `window of ${size} by ${stride}, ${dilation}`);
    const room = extent - dilation * (size - 1) - 1;
    need(room >= 0, () => `a window of ${size} by dilation ${dilation} over an extent ${extent}`);
    return tensor(x.elem, x.shape.toSpliced(axis, 1, Math.floor(room / stride) + 1, size), x.below);
  },
  grad: linear(unwindow),
  lift: (node, [x]) => again(node, x, { axis: int(node.attrs, "axis") + 1 }),
  sample: (rng, given) => {
    const x = pickTensor(rng, given, t => small(t) && hasAxis(d => d > 0)(t));
    const axis = x && pickAxis(rng, shapeTyped(x), d => d > 0);
    if (!x || axis === undefined) return undefined;
    const extent = shapeAt(x)[axis] as number; // as: pickAxis chose a number
    const size = 1 + rng.int(Math.min(extent, 4));
    const most = size === 1 ? 1 : Math.floor((extent - 1) / (size - 1));
    if (points(shapeTyped(x)) * size > 4096) return undefined;
    return build.window(axis, size, 1 + rng.int(3), 1 + rng.int(Math.min(most, 2)), x);
  },
};
/**
 * dx[i] = sum over k of g[(i - k * d) / s, k], where that is an index. Windows that do not overlap lie side by side: a reshape, no sum.
 * Else, with the edges (size - 1) * d of zeros around g's count axis (and s - 1 between its elements: the only part that is not
 * affine), window j of position i is g[i - (size - 1 - j) * d, ..]: read backwards along the size axis, its diagonal is what is summed.
 */
function unwindow(g: Node, node: Node): Node {
  const [axis, size] = [int(node.attrs, "axis"), int(node.attrs, "size")];
  const [stride, dilation] = [int(node.attrs, "stride"), int(node.attrs, "dilation")];
  const extent = shapeAt(node.args[0]!)[axis] as number; // as: the type rule refuses N
  const count = shapeAt(node)[axis] as number;
  const edge = dilation * (size - 1);
  if (edge < stride) {
    const whole = build.padAxis(axis + 1, 0, stride - 1 - edge, dilation - 1, 0, g);
    const flat = build.reshape(shapeAt(g).toSpliced(axis, 2, count * stride), whole);
    return build.padAxis(axis, 0, extent - count * stride, 0, 0, flat);
  }
  const tail = extent - ((count - 1) * stride + 1 + edge); // elements that no window reaches
  const around = build.padAxis(axis, edge, edge + tail, stride - 1, 0, g);
  const backwards = build.reverse(axis + 1, around);
  const windows = build.window(axis, size, 1, dilation, backwards);
  return build.reduce("add", [axis + 1], build.diagonal(axis + 1, axis + 2, windows));
}

export const sliceOps: readonly Op[] = [slice, pad, windowOp];
