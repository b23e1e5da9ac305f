/** Views: ops whose result reads its argument through an index map. */
import { along, coordinate, type Form, flatIndices, type IndexMap, tidy } from "../map.ts";
import { make, type Node } from "../node.ts";
import { type GradRule, NoGradient, type Op } from "../op.ts";
import { addDim, atN, type Dim, dim, isStatic, sameDim, showDim, showShape, sizeOf, tensor } from "../type.ts";
import { shapeAtN, take, tensorOf } from "../value.ts";
import {
  arity,
  elemOf,
  int,
  ints,
  need,
  number,
  refuse,
  sameVolume,
  shapeAt,
  shapeAttr,
  shapeOf,
  tensorAt,
  volume,
} from "./attrs.ts";
import { movedTo } from "./bounds.ts";
import * as build from "./build.ts";
import { EXTENTS, hasAxis, pickAxis, pickTensor, points, shuffled, small } from "./sampling.ts";

/** what all views share: they evaluate and become kernels by their map, which knows the argument's and the result's shape */
function viewRules(
  map: (node: Node, input: readonly Dim[], out: readonly Dim[]) => IndexMap,
): Pick<Op, "eval" | "bound" | "kernel"> {
  const mapOf = (node: Node): IndexMap => map(node, shapeAt(node.args[0]!), shapeAt(node));
  const read = (node: Node, n: number, input: readonly number[]) => {
    const [out, m] = [shapeAtN(shapeAt(node), n), mapOf(node)];
    const atCount = { ...m, guards: m.guards.map(g => ({ ...g, below: atN(g.below, n) })) };
    return { out, fill: m.fill, flat: flatIndices(atCount, out, input) };
  };
  return {
    eval: (args, node, cx) => {
      const x = tensorOf(args[0]);
      const { out, fill, flat } = read(node, cx.n, x.shape);
      return take(x, flat, out, fill);
    },
    bound: ([x], node, cx) => {
      const { out, fill, flat } = read(node, cx.n, x!.value.shape);
      return movedTo(elemOf(node), out, flat, x!, fill);
    },
    kernel: { k: "view", map: mapOf },
  };
}
/** a map whose coordinate d is an affine form of the result's coordinates */
const affine = (forms: readonly Form[]): IndexMap => ({ in: forms.map(f => ({ ...f, div: 1 })), guards: [], fill: 0 });
const linear =
  (rule: (g: Node, node: Node) => Node): GradRule =>
  (node, [g]) =>
    g ? [rule(g, node)] : [];
const after = (axes: readonly number[]): readonly number[] => [0, ...axes.map(a => a + 1)];
const again = (node: Node, x: Node | undefined, attrs: Node["attrs"]): Node =>
  make(node.op, [x!], { ...node.attrs, ...attrs });

/**
 * Runs of dims of equal volume, [from, to) in both shapes: only inside one are coordinates divided. A dim with N that meets an equal one
 * is a run of its own.
 */
function runs(
  a: readonly Dim[],
  b: readonly Dim[],
): readonly { readonly a: readonly number[]; readonly b: readonly number[] }[] {
  const out: { a: readonly number[]; b: readonly number[] }[] = [];
  let [i, j] = [0, 0];
  const range = (from: number, to: number): readonly number[] => Array.from({ length: to - from }, (_, d) => from + d);
  while (i < a.length || j < b.length) {
    const [i0, j0] = [i, j];
    if (i < a.length && j < b.length && sameDim(a[i]!, b[j]!)) {
      i++;
      j++;
    } else if (a[i] === 1) i++;
    else if (b[j] === 1) j++;
    else {
      i++;
      j++;
      while (!sameVolume(a.slice(i0, i), b.slice(j0, j))) {
        const left = volume(a.slice(i0, i));
        const right = volume(b.slice(j0, j));
        const growLeft = j >= b.length || (i < a.length && smaller(left, right));
        if (growLeft && i >= a.length) break;
        if (growLeft) i++;
        else j++;
      }
    }
    out.push({ a: range(i0, Math.min(i, a.length)), b: range(j0, Math.min(j, b.length)) });
  }
  return out;
}
const smaller = (a: readonly number[], b: readonly number[]): boolean => {
  for (let p = Math.max(a.length, b.length) - 1; p >= 0; p--)
    if ((a[p] ?? 0) !== (b[p] ?? 0)) return (a[p] ?? 0) < (b[p] ?? 0);
  return false;
};
function reshapeMap(_node: Node, input: readonly Dim[], out: readonly Dim[]): IndexMap {
  const coordinates: IndexMap["in"][number][] = [];
  if (volume(out).length === 0) return affine(input.map(() => ({ base: 0, terms: [] }))); // no element at all
  for (const run of runs(input, out)) {
    const strides = (shape: readonly Dim[], dims: readonly number[]): readonly number[] =>
      dims.map((_, i) => {
        const rest = dims.slice(i + 1).map(d => shape[d]!);
        return isStatic(rest)
          ? sizeOf(rest)
          : refuse(`reshape of ${showShape(input)} to ${showShape(out)} moves across N`);
      });
    const outer = strides(out, run.b);
    const flat: Form = { base: 0, terms: run.b.map((axis, i) => ({ axis, by: outer[i]! })) };
    const inner = strides(input, run.a);
    run.a.forEach((d, i) => {
      const extent = input[d]!;
      coordinates[d] = coordinate(flat, inner[i]!, i === 0 || typeof extent !== "number" ? undefined : extent, out);
    });
  }
  return { in: coordinates, guards: [], fill: 0 };
}
const reshapeRules = viewRules(reshapeMap);
const reshape: Op = {
  ...reshapeRules,
  kernel: { ...(reshapeRules.kernel as Extract<Op["kernel"], { k: "view" }>), rowMajor: true }, // as: viewRules gives views
  // the elements stay where they are, also where no index map is affine in N
  eval: (args, node, cx) => ({ ...tensorOf(args[0]), shape: shapeAtN(shapeAt(node), cx.n) }),
  bound: ([x], node, cx) => ({ ...x!, value: { ...x!.value, shape: shapeAtN(shapeAt(node), cx.n) } }),
  name: "reshape",
  doc: "the same elements in row-major order under another shape",
  type: (args, attrs) => {
    arity(args, 1);
    const [x, shape] = [tensorAt(args, 0), shapeOf(attrs)];
    need(sameVolume(x.shape, shape), () => `${showShape(x.shape)} cannot become ${showShape(shape)}`);
    return tensor(x.elem, shape, x.below);
  },
  grad: linear((g, node) => build.reshape(shapeAt(node.args[0]!), g)),
  lift: (node, [x], _mapped, n) => again(node, x, { shape: shapeAttr([n, ...shapeAt(node)]) }),
  sample: (rng, given) => {
    const x = pickTensor(rng, given, small);
    if (!x) return undefined;
    const lead = shapeAt(x).filter((d, i) => typeof d !== "number" && i === 0);
    const rest = shapeAt(x).slice(lead.length);
    if (!isStatic(rest)) return undefined;
    const at = rng.int(rest.length + 1);
    const flat = [...lead, sizeOf(rest)];
    return build.reshape(
      rng.pick([flat, [...lead, ...rest.toSpliced(at, 0, 1)], [...lead, ...rest.filter(d => d !== 1)]]),
      x,
    );
  },
};

const transpose: Op = {
  ...viewRules((node, input) => {
    const axes = ints(node.attrs, "axes");
    return affine(input.map((_, d) => along(axes.indexOf(d))));
  }),
  name: "transpose",
  doc: "dim d of the result is dim axes[d]",
  type: (args, attrs) => {
    arity(args, 1);
    const [x, axes] = [tensorAt(args, 0), ints(attrs, "axes")];
    const seen = new Set(axes);
    need(
      axes.length === x.shape.length && seen.size === axes.length && axes.every(a => a >= 0 && a < axes.length),
      () => `axes [${axes.join(", ")}] are no permutation of ${x.shape.length} dims`,
    );
    return tensor(
      x.elem,
      axes.map(a => x.shape[a]!),
      x.below,
    );
  },
  grad: linear((g, node) => {
    const axes = ints(node.attrs, "axes");
    return build.transpose(
      axes.map((_, d) => axes.indexOf(d)),
      g,
    );
  }),
  lift: (node, [x]) => again(node, x, { axes: after(ints(node.attrs, "axes")) }),
  sample: (rng, given) => {
    const x = pickTensor(rng, given, t => t.shape.length > 1);
    if (!x) return undefined;
    const [lead, rank] = [typeof shapeAt(x)[0] === "number" ? 0 : 1, shapeAt(x).length];
    const moved = shuffled(
      rng,
      Array.from({ length: rank - lead }, (_, i) => i + lead),
    );
    return build.transpose([...(lead ? [0] : []), ...moved], x);
  },
};

const broadcast: Op = {
  ...viewRules((node, input, out) => {
    const axes = ints(node.attrs, "axes");
    return affine(
      input.map((d, i) => (sameDim(d, out[axes[i]!]!) && d !== 1 ? along(axes[i]!) : { base: 0, terms: [] })),
    );
  }),
  name: "broadcast",
  doc: "input dim d becomes dim axes[d] of the result; an input extent of 1 may stretch, other dims repeat",
  type: (args, attrs) => {
    arity(args, 1);
    const [x, shape, axes] = [tensorAt(args, 0), shapeOf(attrs), ints(attrs, "axes")];
    need(
      axes.length === x.shape.length && new Set(axes).size === axes.length,
      () => `broadcast: axes [${axes.join(", ")}]`,
    );
    axes.forEach((a, d) => {
      const [from, to] = [x.shape[d]!, shape[a]];
      if (to === undefined || !(from === 1 || sameDim(from, to)))
        refuse(`${showShape(x.shape)} cannot stretch to ${showShape(shape)} by axes [${axes.join(", ")}]`);
    });
    return tensor(x.elem, shape, x.below);
  },
  grad: linear((g, node) => {
    const [axes, input, out] = [ints(node.attrs, "axes"), shapeAt(node.args[0]!), shapeAt(node)];
    const kept = axes.filter((a, d) => sameDim(input[d]!, out[a]!));
    const dropped = out.flatMap((_, a) => (kept.includes(a) ? [] : [a]));
    const order = kept.toSorted((a, b) => a - b);
    const sum = build.reduce("add", dropped, g);
    return build.reshape(
      input,
      build.transpose(
        kept.map(a => order.indexOf(a)),
        sum,
      ),
    );
  }),
  lift: (node, [x], _mapped, n) =>
    again(node, x, { shape: shapeAttr([n, ...shapeAt(node)]), axes: after(ints(node.attrs, "axes")) }),
  sample: (rng, given) => {
    const x = pickTensor(rng, given, small);
    if (!x) return undefined;
    const shape = shapeAt(x);
    const at =
      typeof shape[0] === "number" || shape.length === 0 ? rng.int(shape.length + 1) : 1 + rng.int(shape.length);
    const axes = shape.map((_, d) => (d < at ? d : d + 1));
    const stretched = shape.map((d, i) => (d === 1 && i > 0 && rng.int(2) ? rng.pick(EXTENTS) : d));
    return build.broadcast(stretched.toSpliced(at, 0, rng.pick(EXTENTS)), axes, x);
  },
};

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
export function padded(extent: Dim, lo: number, hi: number, interior: number): Dim | undefined {
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

const diagonal: Op = {
  ...viewRules((node, input) => {
    const [a, b] = [int(node.attrs, "a"), int(node.attrs, "b")];
    return affine(input.map((_, d) => along(d === b ? a : d < b ? d : d - 1)));
  }),
  name: "diagonal",
  doc: "the elements with equal coordinates a and b, at position a",
  type: (args, attrs) => {
    arity(args, 1);
    const [x, a, b] = [tensorAt(args, 0), int(attrs, "a"), int(attrs, "b")];
    const [p, q] = [x.shape[a], x.shape[b]];
    if (p === undefined || q === undefined || a >= b || !sameDim(p, q))
      return refuse(`diagonal of dims ${a} and ${b} of ${showShape(x.shape)}`);
    return tensor(x.elem, x.shape.toSpliced(b, 1), x.below);
  },
  grad: linear((g, node) => {
    const [a, b, input] = [int(node.attrs, "a"), int(node.attrs, "b"), shapeAt(node.args[0]!)];
    const spreadOut = build.broadcast(
      input,
      shapeAt(g).map((_, d) => (d < b ? d : d + 1)),
      g,
    );
    const on = build.lane("eq", build.iota("i32", input, a), build.iota("i32", input, b));
    return build.select(on, spreadOut, build.fullLike(0, spreadOut));
  }),
  lift: (node, [x]) => again(node, x, { a: int(node.attrs, "a") + 1, b: int(node.attrs, "b") + 1 }),
  sample: (rng, given) => {
    const twins = (shape: readonly Dim[]): readonly (readonly [number, number])[] =>
      shape.flatMap((d, b) => shape.slice(0, b).flatMap((e, a) => (sameDim(d, e) ? [[a, b] as const] : [])));
    const x = pickTensor(rng, given, t => twins(t.shape).length > 0);
    return x && build.diagonal(...rng.pick(twins(shapeAt(x))), x);
  },
};

export const viewOps: readonly Op[] = [reshape, transpose, broadcast, slice, pad, windowOp, diagonal];
