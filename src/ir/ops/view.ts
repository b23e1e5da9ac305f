/** Views that keep or repeat all elements: reshape, transpose, broadcast; and diagonal. Knows nothing of the other views. */
import { along, coordinate, type Form, type IndexMap } from "../map.ts";
import type { Node } from "../node.ts";
import type { Op } from "../op.ts";
import { type Dim, isStatic, sameDim, showShape, sizeOf, tensor } from "../type.ts";
import { shapeAtN, tensorOf } from "../value.ts";
import { arity, int, ints, need, refuse, sameVolume, shapeAt, shapeAttr, shapeOf, tensorAt, volume } from "./attrs.ts";
import * as build from "./build.ts";
import { EXTENTS, pickTensor, shuffled, small } from "./sampling.ts";
import { affine, after, again, linear, viewRules } from "./view-rules.ts";

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

export const viewOps: readonly Op[] = [reshape, transpose, broadcast, diagonal];
