/**
 * A sum of sums is one sum, where the inner one is read by nobody else: the gradient of a convolution's input needs no windows of
 * gradients. Knows no op.
 *
 *   %4 = reduce add(view(contract(a, b)))   -->   one contraction that reads a and b under the view's guards
 */
import type { Access, Axis, Index, Kernel, Phase, Val } from "../../ir/kernel.ts";
import { accessesOf, addIndex, along, rewriteVal } from "../../ir/kernel-walk.ts";
import { type Dim, sameDim, sameShape } from "../../ir/type.ts";

/** a kernel of one phase with one sum */
function oneSum(k: Kernel): { readonly phase: Phase; readonly value: Val } | undefined {
  const [phase, ...more] = k.phases;
  if (!phase || more.length || phase.each?.length || phase.reduce.length !== 1) return undefined;
  const r = phase.reduce[0]!;
  return r.op !== "add" || r.init ? undefined : { phase, value: r.value };
}
/** what a kernel stores, and nothing else: its one sum, or a product at each point, which is a sum of one */
function soleSum(k: Kernel): { readonly phase: Phase; readonly value: Val; readonly to: Access } | undefined {
  const [phase, ...others] = k.phases;
  const last = phase?.then.at(-1);
  if (!phase || others.length || phase.each?.length || !last || !("to" in last)) return undefined;
  const named = new Map([
    ...phase.then.flatMap(t => ("name" in t ? [[t.name, t.value] as const] : [])),
    ...phase.reduce.map(r => [r.name, oneSum(k)?.value] as const),
  ]);
  const value = last.value.k === "name" ? named.get(last.value.name) : last.value;
  const isAll = phase.then.length + phase.reduce.length === (last.value.k === "name" ? 2 : 1);
  return isAll && value && (phase.reduce.length || isProduct(value)) ? { phase, value, to: last.to } : undefined;
}
const isProduct = (v: Val): boolean => v.k === "prim" && v.prim === "mul" && v.args.every(a => a.k === "read");
export function mergeSums(kernels: readonly Kernel[], kept: ReadonlySet<string>): readonly Kernel[] {
  const out: Kernel[] = [];
  const readers = new Map<string, number>();
  for (const k of kernels)
    for (const a of accessesOf(k).reads) readers.set(a.of.name, (readers.get(a.of.name) ?? 0) + 1);
  const producers = new Map<string, Kernel>();
  const gone = new Set<Kernel>();
  for (const k of kernels) {
    const sum = oneSum(k);
    const from = sum?.value.k === "read" ? sum.value.from : undefined;
    const producer =
      from && readers.get(from.of.name) === 1 && !kept.has(from.of.name) ? producers.get(from.of.name) : undefined;
    const merged = sum && from && producer ? sumOfSums(k, sum.phase, from, producer) : undefined;
    if (merged) gone.add(producer!);
    const now = merged ?? k;
    out.push(now);
    for (const a of accessesOf(now).writes) producers.set(a.of.name, now);
  }
  return out.filter(k => !gone.has(k));
}
/**
 * outer: y[p] = sum_r P[f(p, r)], inner: P[q] = sum_s value(q, s)   -->   y[p] = sum_{r, s} value(f(p, r), s)
 * Legal if every coordinate of f that can leave P's box, where P is 0, makes a factor of `value` read outside: that point is left out.
 */
function sumOfSums(outer: Kernel, phase: Phase, from: Access, producer: Kernel): Kernel | undefined {
  const inner = soleSum(producer);
  if (!inner || (from.fill ?? 0) !== 0 || from.index.some(i => i.gather)) return undefined;
  // seen in another shape, its coordinates are others
  if (!sameShape(from.of.shape, inner.to.of.shape)) return undefined;
  const swept = points(phase.axes) / points(inner.phase.axes.filter(a => a.role === "parallel"));
  if (swept > MERGE_GROWTH) return undefined;
  const place = new Map<string, { index: Index; dim: number }>();
  for (const [dim, i] of inner.to.index.entries()) {
    const t = i.terms[0];
    if (i.base !== 0 || i.gather || i.terms.length !== 1 || t!.by !== 1) return undefined;
    place.set(t!.axis, { index: from.index[dim]!, dim });
  }
  const reduced = inner.phase.axes.filter(a => a.role === "reduce").map(a => ({ ...a, name: `${a.name}_in` }));
  const substitute = (i: Index): Index =>
    i.terms.reduce<Index>((x, t) => addIndex(x, place.get(t.axis)?.index ?? along(`${t.axis}_in`), t.by), {
      base: i.base,
      terms: [],
      ...(i.gather ? { gather: i.gather } : {}),
    });
  let legal = true;
  const leaves = from.index.flatMap((i, d) => (staysInside(i, phase.axes, from.of.shape[d]!) ? [] : [d]));
  const guardedDims = new Set<number>();
  const value = rewriteVal(inner.value, v => {
    if (v.k === "axis" || v.k === "name") legal = false;
    if (v.k !== "read") return v;
    let guards = false;
    v.from.index.forEach((i, d) => {
      const only =
        i.terms.length === 1 && i.base === 0 && !i.gather && i.terms[0]!.by === 1
          ? place.get(i.terms[0]!.axis)
          : undefined;
      if (!only || (v.from.fill ?? 0) !== 0 || !sameDim(v.from.of.shape[d]!, from.of.shape[only.dim]!)) return;
      if (!leaves.includes(only.dim) || typeof v.from.of.shape[d] !== "number") return;
      guardedDims.add(only.dim);
      guards = true;
    });
    const index = v.from.index.map(substitute);
    return { ...v, from: { ...v.from, index, fill: v.from.fill ?? 0, ...(guards ? { skip: true } : {}) } };
  });
  if (!legal || (leaves.length > 0 && (!isProduct(inner.value) || !leaves.every(d => guardedDims.has(d)))))
    return undefined;
  const r = phase.reduce[0]!;
  const merged: Phase = { ...phase, axes: [...phase.axes, ...reduced], reduce: [{ ...r, value }] };
  return { ...outer, phases: [merged], covers: [...producer.covers, ...outer.covers] };
}
/** a coordinate that is one axis of no larger extent never leaves, nor does one that stands still inside */
function staysInside(i: Index, axes: readonly Axis[], extent: Dim): boolean {
  const t = i.terms[0];
  if (!t && !i.gather && typeof extent === "number") return i.base >= 0 && i.base < extent;
  const axis = axes.find(a => a.name === t?.axis);
  if (!t || !axis || i.base !== 0 || i.terms.length !== 1 || t.by !== 1) return false;
  if (typeof axis.extent === "number" && typeof extent === "number") return axis.extent <= extent;
  return typeof axis.extent !== "number" && !("of" in axis.extent) && sameDim(axis.extent, extent);
}
/** points per record */
export const points = (axes: readonly Axis[]): number =>
  axes.reduce((n, a) => (typeof a.extent === "number" ? n * a.extent : n), 1);
/** windows that leave the border make the merged sweep larger; beyond this it costs more than storing the inner sums */
const MERGE_GROWTH = 4;
