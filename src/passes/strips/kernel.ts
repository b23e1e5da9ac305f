/**
 * Kernels that share rows as one kernel of several phases: for each strip of rows one phase after the other, and what nobody else reads
 * in scratch that holds one strip. Knows no target.
 *
 *   e[i, j] = exp(x[i, j]);  y[i, j] = e[i, j] / s[i]   -->   for strip: e[i % 4, j] = ..;  y[i, j] = e[i % 4, j] / s[i],  i = 4 strip + i'
 *   dv[k, d] = sum_q p[q, k] * dy[q, d]                 -->   dv = 0;  for strip: dv[k, d] += sum_q' p[q % 4, k] * dy[q, d]
 */
import type { Access, Axis, Index, Item, Kernel, Phase, Reduce, Tensor, Val } from "../../ir/kernel.ts";
import { elemsOf } from "../../ir/kernel-elem.ts";
import { accessesOf, along, axisOf, retarget, sameElement } from "../../ir/kernel-walk.ts";
import { PANEL } from "../../ir/layout.ts";
import { int, prim } from "../../ir/ops/kernel-build.ts";
import { STORED_BYTES } from "../../ir/type.ts";
import { namesOf, renamed } from "../fuse/ways.ts";
import { between, type Member, type Row } from "./rows.ts";

/** a row and how many of its points a strip holds */
export interface Cut {
  readonly row: Row;
  readonly size: number;
}
const isAll = ({ row, size }: Cut): boolean => size > 1 && size === row.extent;
/** the kernels in order; `slots`: what lies in scratch, and where. Sums along rows begin as zeros, which come before */
export function stripKernels(
  members: readonly Member[],
  cuts: readonly Cut[],
  slots: ReadonlyMap<string, string>,
): readonly Kernel[] {
  const locals = new Map<string, Tensor>();
  for (const m of members)
    for (const a of m.writes) {
      const name = slots.get(a.of.name);
      if (name === undefined) continue;
      const some = cuts.filter(c => !isAll(c));
      const dims = new Map(some.map(c => [a.index.findIndex(i => axisOf(i) === c.row.axes.get(m)), c.size]));
      locals.set(a.of.name, { ...a.of, name, local: true, layout: oneStrip(a.of, dims) });
    }
  const parts = members.map((m, p) => part(m, p, cuts));
  const kernel: Kernel = {
    name: `${members.at(-1)!.kernel.name}.strips`,
    phases: parts.map(p => p.phase),
    covers: members.flatMap(m => m.kernel.covers),
  };
  return [...parts.flatMap(p => p.zero ?? []), retarget(kernel, t => locals.get(t.name) ?? t)];
}
/**
 * Tensors that lie in scratch, by the name of the scratch: those that nobody else reads. Two that are not alive together share it, and
 * one that is computed from another, element by element, lies in its place.
 */
export function slotsOf(members: readonly Member[], outside: ReadonlySet<string>): ReadonlyMap<string, string> {
  const inner = between(members);
  const slots: { readonly like: string; until: number; last: string }[] = [];
  const out = new Map<string, string>();
  for (const [p, m] of members.entries())
    for (const write of m.writes) {
      const { of } = write;
      if (!inner.has(of.name) || outside.has(of.name) || out.has(of.name)) continue;
      const like = JSON.stringify([of.store, of.shape, of.layout.parts]);
      const found = slots.findIndex(
        s => s.like === like && (s.until < p || (s.until === p && isPointwise(m, s.last, write))),
      );
      const at = found < 0 ? slots.push({ like, until: p, last: of.name }) - 1 : found;
      const until = members.findLastIndex(q => q.reads.some(a => a.of.name === of.name));
      Object.assign(slots[at]!, { until, last: of.name });
      out.set(of.name, `strip${at}`);
    }
  return out;
}
/**
 * Of the tensor it reads but the element that it writes, and nothing of it once that is written. Features in lanes may be computed twice, and
 * would not find it again.
 */
function isPointwise(m: Member, tensor: string, write: Access): boolean {
  const written = m.phase.then.findIndex(item => "to" in item && item.to.of.name === write.of.name);
  const then = m.phase.then.slice(written + 1);
  const later = accessesOf({ ...m.kernel, phases: [{ ...m.phase, reduce: [], then }] }).reads;
  return (
    m.phase.reduce.length === 0 &&
    m.phase.axes.some(a => typeof a.extent !== "number") &&
    m.reads.every(a => a.of.name !== tensor || sameElement(a, write)) &&
    later.every(a => a.of.name !== tensor)
  );
}
/** the elements of one strip: the records of a panel, what a strip holds of its rows, all of the other dims */
function oneStrip({ shape, layout }: Tensor, sizes: ReadonlyMap<number, number>): Tensor["layout"] {
  const records = shape.findIndex(d => typeof d !== "number");
  const others = layout.parts.flatMap(p => {
    const size = p.dim === records ? 1 : (sizes.get(p.dim) ?? 0);
    return size === 1 ? [] : [{ dim: p.dim, div: 1, ...(size ? { mod: size } : {}) }];
  });
  return { parts: records < 0 ? others : [...others, { dim: records, div: 1, mod: PANEL }], halo: [] };
}

interface Part {
  readonly phase: Phase;
  readonly zero?: Kernel;
}
/** axes of rows get the names that all phases share, all others names of their own */
function part(m: Member, p: number, cuts: readonly Cut[]): Part {
  const { kernel, phase } = m;
  const at = new Map<string, Index>();
  const axes: Axis[] = [];
  let continued = false;
  for (const a of phase.axes) {
    const c = cuts.findIndex(q => q.row.axes.get(m) === a.name);
    const own = `${a.name}.${p}`;
    const shared = `row${c}`;
    const cut = cuts[c];
    if (!cut || isAll(cut)) {
      axes.push({ ...a, name: own });
      at.set(a.name, along(own));
      continue;
    }
    const { size } = cut;
    continued ||= a.role === "reduce";
    const extent = typeof a.extent === "number" ? Math.ceil(a.extent / size) : a.extent;
    axes.push({ name: shared, extent, role: "parallel" });
    if (size > 1) axes.push({ name: own, extent: size, role: a.role });
    at.set(
      a.name,
      size > 1
        ? {
            base: 0,
            terms: [
              { axis: shared, by: size },
              { axis: own, by: 1 },
            ],
          }
        : along(shared),
    );
  }
  const names = new Map(namesOf(phase).map(n => [n, `${n}_${p}`]));
  const moved = { ...renamed(inside(m, cuts), at, names), axes };
  if (!continued) return { phase: moved };
  const [sum] = moved.reduce as readonly [Reduce];
  const [store] = moved.then as readonly [Extract<Item, { readonly to: unknown }>];
  const going: Phase = { ...moved, reduce: [{ ...sum, init: { k: "read", from: store.to } }] };
  return { phase: going, zero: zeros(store.to.of, `${kernel.name}.zero`) };
}
/** the last strip may reach beyond its rows: what is summed along them is 0 there */
function inside(m: Member, cuts: readonly Cut[]): Phase {
  let { reduce } = m.phase;
  for (const { row, size } of cuts) {
    const axis = row.axes.get(m)!;
    const extent = row.extent as number; // as: records are in no sum, see groups.ts
    if (!m.phase.axes.some(a => a.name === axis && a.role === "reduce") || extent % size === 0) continue;
    const isIn = prim("lt", { k: "axis", axis }, int(extent));
    const guarded = ({ value }: Reduce): Val =>
      isZeroBeyond(value, axis, extent)
        ? value
        : prim("select", isIn, value, { k: "const", value: 0, elem: elemsOf(m.phase)(value) });
    reduce = reduce.map(r => ({ ...r, value: guarded(r) }));
  }
  return { ...m.phase, reduce };
}
/** all that it multiplies is read outside there */
const isZeroBeyond = (v: Val, axis: string, extent: number): boolean =>
  v.k === "read"
    ? (v.from.fill ?? 0) === 0 && v.from.index.some((i, d) => axisOf(i) === axis && v.from.of.shape[d] === extent)
    : v.k === "prim" && v.prim === "mul" && v.args.every(x => isZeroBeyond(x, axis, extent));
function zeros(of: Tensor, name: string): Kernel {
  const axes = of.shape.map((extent, d): Axis => ({ name: `i${d}`, extent, role: "parallel" }));
  const elem = of.store as "f32"; // as: rows.ts lets no sum go on in a narrow element
  const then: readonly Item[] = [
    { to: { of, index: axes.map(a => along(a.name)) }, value: { k: "const", value: 0, elem } },
  ];
  return { name, phases: [{ axes, reduce: [], then }], covers: [] };
}

/** bytes of what the members touch at one point of all rows and nowhere else; of 16 records where records are among them */
export function bytesPerRow(
  members: readonly Member[],
  rows: readonly Row[],
  slots: ReadonlyMap<string, string>,
): number {
  const seen = new Map<string, number>();
  for (const m of members) {
    const own = rows.map(r => r.axes.get(m)!);
    for (const { of, index } of [...m.reads, ...m.writes]) {
      const at = index.map(axisOf);
      if (!own.every(axis => at.includes(axis))) continue;
      const rest = of.shape.map((d, i) => (own.includes(at[i] ?? "") ? 1 : (d as number))); // as: records are a row, if there are any
      const records = of.shape.some(d => typeof d !== "number") ? PANEL : 1;
      seen.set(
        slots.get(of.name) ?? of.name,
        rest.reduce((x, d) => x * d, STORED_BYTES[of.store] * records),
      );
    }
  }
  return [...seen.values()].reduce((x, y) => x + y, 0);
}
