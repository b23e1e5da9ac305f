/** Views: ops whose result reads its argument through an index map. */
import type { Op } from "../op.ts";
import { addDim, type Dim, sameDim, showDim, showShape, tensor } from "../type.ts";
import { arity, int, ints, need, number, refuse, sameVolume, shapeOf, tensorAt } from "./attrs.ts";
import { pending } from "./pending.ts";

const reshape: Op = {
  ...pending,
  name: "reshape",
  doc: "the same elements in row-major order under another shape",
  type: (args, attrs) => {
    arity(args, 1);
    const [x, shape] = [tensorAt(args, 0), shapeOf(attrs)];
    need(sameVolume(x.shape, shape), () => `${showShape(x.shape)} cannot become ${showShape(shape)}`);
    return tensor(x.elem, shape, x.below);
  },
};
const transpose: Op = {
  ...pending,
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
};
const broadcast: Op = {
  ...pending,
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
const slice: Op = {
  ...pending,
  name: "slice",
  doc: "start + i * step along each dim; a negative step walks backwards",
  type: (args, attrs) => {
    arity(args, 1);
    const [x, start, step, size] = [
      tensorAt(args, 0),
      ints(attrs, "start"),
      ints(attrs, "step"),
      shapeOf(attrs, "size"),
    ];
    const rank = x.shape.length;
    need(start.length === rank && step.length === rank && size.length === rank, () => `slice of ${rank} dims`);
    x.shape.forEach((extent, d) => {
      need(
        inside(start[d]!, step[d]!, size[d]!, extent) && (typeof size[d] !== "number" || size[d] >= 0),
        () => `slice ${start[d]}, ${step[d]}, ${showDim(size[d]!)} of an extent ${showDim(extent)}`,
      );
    });
    return tensor(x.elem, size, x.below);
  },
};

/** extent after an interior pad and edges that may be negative; undefined where it is no dim for every N */
export function padded(extent: Dim, lo: number, hi: number, interior: number): Dim | undefined {
  if (interior < 0) return undefined;
  if (typeof extent === "number") {
    const inner = extent === 0 ? 0 : (extent - 1) * (interior + 1) + 1;
    return inner + lo + hi >= 0 && inner + Math.min(lo, 0) >= 0 && inner + Math.min(hi, 0) >= 0
      ? inner + lo + hi
      : undefined;
  }
  if (interior !== 0 || extent.plus + Math.min(lo, 0) + Math.min(hi, 0) < 0) return undefined;
  return addDim(extent, lo + hi);
}
const pad: Op = {
  ...pending,
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
};
const windowOp: Op = {
  ...pending,
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
};
const diagonal: Op = {
  ...pending,
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
};

export const viewOps: readonly Op[] = [reshape, transpose, broadcast, slice, pad, windowOp, diagonal];
