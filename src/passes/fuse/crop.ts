/**
 * KERNELs -> KERNELs that compute no more than is read: the gradient of a padded convolution's input has a border that nobody wants.
 * Knows no op and no layout.
 *
 *   t[p] = f(p), p < 18;  y[q] = g(t[q + 1]), q < 16   -->   t[p] = f(p + 1), p < 16;  y[q] = g(t[q])
 */
import type { Access, Axis, Index, Kernel, Phase, Tensor, Val } from "../../ir/kernel.ts";
import { accessesOf, axisOf, indexVal, rewriteKernel } from "../../ir/kernel-walk.ts";
import { plain } from "../../ir/layout.ts";
import { sameShape } from "../../ir/type.ts";

interface Range {
  readonly lo: number;
  readonly hi: number;
}
/** `kept`: names of tensors that others read, too */
export function crop(kernels: readonly Kernel[], kept: ReadonlySet<string>): readonly Kernel[] {
  const seen = new Map<string, { readonly of: Tensor; readonly ranges: (readonly Range[])[] }>();
  const odd = new Set(kept);
  for (const k of kernels)
    for (const p of k.phases) {
      const { reads, writes } = accessesOf({ ...k, phases: [p] });
      for (const a of [...reads, ...writes]) {
        const known = seen.get(a.of.name) ?? { of: a.of, ranges: [] };
        seen.set(a.of.name, known);
        if (!sameShape(known.of.shape, a.of.shape)) odd.add(a.of.name);
      }
      for (const a of reads) seen.get(a.of.name)!.ranges.push(a.index.map((i, d) => rangeOf(i, p.axes, a.of, d)));
    }
  const cuts = new Map<string, readonly Range[]>();
  const out = kernels.map(k => {
    const to = k.phases.length === 1 && soleStore(k.phases[0]!);
    const use = to && !odd.has(to.of.name) ? seen.get(to.of.name) : undefined;
    if (!to || !use?.ranges.length) return k;
    const hull = to.of.shape.map((_, d) => ({
      lo: Math.min(...use.ranges.map(r => r[d]!.lo)),
      hi: Math.max(...use.ranges.map(r => r[d]!.hi)),
    }));
    if (hull.every((r, d) => r.lo === 0 && r.hi === sizeOf(to.of, d))) return k;
    cuts.set(to.of.name, hull);
    return moved(k, to, hull);
  });
  if (!cuts.size) return kernels;
  const cropped = (a: Access): Access => {
    const hull = cuts.get(a.of.name);
    return hull
      ? { ...a, of: smaller(a.of, hull), index: a.index.map((i, d) => ({ ...i, base: i.base - hull[d]!.lo })) }
      : a;
  };
  return out.map(k =>
    rewriteKernel(
      k,
      v => (v.k === "read" ? { ...v, from: cropped(v.from) } : v),
      a => a,
    ),
  );
}
const sizeOf = (t: Tensor, d: number): number => {
  const n = t.shape[d];
  return typeof n === "number" ? n : Number.POSITIVE_INFINITY;
};
/** of a coordinate, in elements that exist; all of them where that is not known */
function rangeOf(i: Index, axes: readonly Axis[], t: Tensor, d: number): Range {
  const whole = { lo: 0, hi: sizeOf(t, d) };
  if (i.gather || whole.hi === Number.POSITIVE_INFINITY) return whole;
  let [lo, hi] = [i.base, i.base];
  for (const u of i.terms) {
    const e = axes.find(a => a.name === u.axis)?.extent;
    if (typeof e !== "number") return whole;
    lo += Math.min(0, u.by * (e - 1));
    hi += Math.max(0, u.by * (e - 1));
  }
  return lo < 0 || hi >= whole.hi ? whole : { lo, hi: hi + 1 };
}
/** where the phase stores its only result: at the point of its parallel axes */
function soleStore(p: Phase): Access | undefined {
  const [t, ...more] = p.then.filter(item => !("name" in item));
  if (!t || !("to" in t) || more.length || p.each?.length) return undefined;
  const parallel = p.axes.filter(a => a.role === "parallel");
  const places = t.to.index.map(axisOf);
  return parallel.length === places.length && parallel.every(a => places.includes(a.name)) ? t.to : undefined;
}
const smaller = (t: Tensor, hull: readonly Range[]): Tensor => {
  const shape = t.shape.map((n, d) => (typeof n === "number" ? hull[d]!.hi - hull[d]!.lo : n));
  return { ...t, shape, layout: plain(shape) };
};
/** the kernel, whose axes begin where its result is wanted */
function moved(k: Kernel, to: Access, hull: readonly Range[]): Kernel {
  const first = new Map(to.index.map((i, d) => [i.terms[0]!.axis, hull[d]!] as const));
  const at = (i: Index): Index => ({
    ...i,
    base: i.terms.reduce((b, t) => b + t.by * (first.get(t.axis)?.lo ?? 0), i.base),
  });
  const val = (v: Val): Val => {
    if (v.k === "read") return { ...v, from: { ...v.from, index: v.from.index.map(at) } };
    const lo = v.k === "axis" ? (first.get(v.axis)?.lo ?? 0) : 0;
    return v.k === "axis" && lo ? indexVal({ base: lo, terms: [{ axis: v.axis, by: 1 }] }) : v;
  };
  const { phases } = rewriteKernel(k, val, a => ({ ...a, of: smaller(a.of, hull) }));
  const shorter = (a: Axis): Axis => {
    const r = first.get(a.name);
    return r && typeof a.extent === "number" ? { ...a, extent: r.hi - r.lo } : a;
  };
  return { ...k, phases: phases.map(p => ({ ...p, axes: p.axes.map(shorter) })) };
}
