/**
 * In which order the dims of a panel lie. What windows move over, and places at which channels are folded, lie outside, the channels
 * inside: a sweep over channels walks neighbours, and no two of them are a power of two apart. Knows no op.
 *
 *   dy[n, c, y, x] read at y + ky, x + kx, or at each y, x by a sum over c   -->   [n/16][y][x][c][16]
 */
import type { Access, Axis, Index, Kernel, Phase, Tensor } from "../ir/kernel.ts";
import { accessesOf } from "../ir/kernel-walk.ts";
import { reads } from "./emit/value.ts";
import { product } from "./register-tile.ts";

const isRecords = (d: Tensor["shape"][number]): boolean => typeof d !== "number";
/** the extents without the records' */
const box = (t: Tensor): readonly number[] => t.shape.flatMap(d => (typeof d === "number" ? [d] : []));

/** tensors of records whose dims lie in the order that their readers want; `fixed`: names of those that lie as they do */
export function ordered(kernels: readonly Kernel[], fixed: ReadonlySet<string>): (t: Tensor) => Tensor {
  const inner = innerDims(kernels);
  return t => {
    const records = t.shape.findIndex(isRecords);
    const first = records < 0 || fixed.has(t.name) ? 0 : inner(t);
    if (first === 0) return t;
    const dims = t.shape.flatMap((_, d) => (d === records ? [] : [d]));
    const order = [records, ...dims.slice(first), ...dims.slice(0, first)];
    return { ...t, layout: { parts: order.map(dim => ({ dim, div: 1 })), halo: [] } };
  };
}
/** how many leading dims of a tensor, its records' left out, lie inside the others */
function innerDims(kernels: readonly Kernel[]): (t: Tensor) => number {
  const channels = new Map<string, number>();
  for (const k of kernels)
    for (const p of k.phases)
      for (const a of product(p) ?? []) {
        const c = Math.max(windowed(a, p.axes), folded(a, p));
        if (c > 1) channels.set(a.of.name, Math.max(c, channels.get(a.of.name) ?? 0));
      }
  // a tensor may be seen in several shapes: all must have a border between the channels and the rest
  const shapes = new Map<string, Tensor[]>();
  for (const k of kernels) {
    const { reads, writes } = accessesOf(k);
    for (const { of } of [...reads, ...writes]) shapes.set(of.name, [...(shapes.get(of.name) ?? []), of]);
  }
  const fits = (name: string, c: number): boolean => shapes.get(name)!.every(of => leading(of, c) !== undefined);
  for (const [name, c] of channels) if (!fits(name, c)) channels.delete(name);
  // what is swept within a record, and is no product, is swept in rows
  const rows = new Set(kernels.flatMap(k => k.phases.flatMap(sweptInRows)));
  const met = kernels.flatMap(k => k.phases.flatMap(alike)).map(names => names.filter(n => !rows.has(n)));
  for (let todo = met; todo.length; ) {
    const now = todo.filter(names => names.some(n => channels.has(n)));
    for (const names of now) {
      const c = channels.get(names.find(n => channels.has(n))!)!;
      for (const n of names) if (!channels.has(n) && fits(n, c)) channels.set(n, c);
    }
    todo = now.length ? todo.filter(names => !now.includes(names)) : [];
  }
  return t => {
    const c = channels.get(t.name);
    return c === undefined ? 0 : (leading(t, c) ?? 0);
  };
}
function sweptInRows(p: Phase): readonly string[] {
  if (product(p) || !p.axes.some(a => a.role === "parallel" && typeof a.extent !== "number")) return [];
  return p.reduce.flatMap(r => reads(r.value)).map(a => a.of.name);
}
/** tensors of records that a phase reads and writes at one point, axis by axis: in one order their elements follow each other together */
function alike(p: Phase): readonly (readonly string[])[] {
  const { reads, writes } = accessesOf({ name: "", covers: [], phases: [{ ...p, each: [], reduce: [] }] });
  const groups = new Map<string, Set<string>>();
  for (const a of [...reads, ...writes]) {
    const order = a.index.flatMap((i, d) => (isRecords(a.of.shape[d]!) ? [] : walked(i)));
    if (!a.of.shape.some(isRecords) || order.includes(undefined)) continue;
    const key = order.join();
    groups.set(key, (groups.get(key) ?? new Set()).add(a.of.name));
  }
  return [...groups.values()].filter(g => g.size > 1).map(g => [...g]);
}
/** the axes of a coordinate, the one that moves it furthest first */
function walked(i: Index): readonly (string | undefined)[] {
  if (i.gather || i.base !== 0 || i.terms.some(t => t.by < 1)) return [undefined];
  return [...i.terms].sort((x, y) => y.by - x.by).map(t => t.axis);
}
/** elements of the dims before the first that a window moves over */
function windowed(a: Access, axes: readonly Axis[]): number {
  const dims = a.index.flatMap((i, d) => (isRecords(a.of.shape[d]!) ? [] : [{ i, size: a.of.shape[d] as number }]));
  const first = dims.findIndex(({ i }) => i.terms.length > 1 && overlaps(i, axes));
  return first < 0 ? 0 : dims.slice(0, first).reduce((n, q) => n * q.size, 1);
}
/** elements of the leading dims where a product of records with what is none folds them at each place: a convolution of windows of one */
function folded(a: Access, p: Phase): number {
  const factors = product(p)!; // as: a is one of them
  const isOfRecords = (f: Access): boolean => f.of.shape.some(isRecords);
  if (!isOfRecords(a) || factors.every(isOfRecords)) return 1;
  const role = new Map(p.axes.flatMap(x => (x.extent === 1 ? [] : [[x.name, x.role] as const])));
  const dims = a.index.flatMap((i, d) => {
    if (isRecords(a.of.shape[d]!)) return [];
    const roles = i.gather ? [] : i.terms.flatMap(t => role.get(t.axis) ?? []);
    return [{ size: a.of.shape[d] as number, role: roles.length === 1 ? roles[0] : undefined }]; // as: not of records
  });
  const first = dims.findIndex(d => d.role !== "reduce" && d.size > 1);
  const rest = first < 0 ? [] : dims.slice(first);
  if (rest.some(d => d.role !== "parallel" && d.size > 1) || rest.reduce((n, d) => n * d.size, 1) < PLACES) return 1;
  return dims.slice(0, first).reduce((n, d) => n * d.size, 1);
}
/** places for which the folded dims are worth an order of their own */
const PLACES = 16;
/** two points of the axes meet in one element: in 2 * y + ky, ky < 3, but not in 32 * head + d, d < 32 */
function overlaps(i: Index, axes: readonly Axis[]): boolean {
  const terms = [...i.terms].sort((x, y) => Math.abs(x.by) - Math.abs(y.by));
  let reach = 1;
  return terms.some(({ axis, by }) => {
    const extent = axes.find(a => a.name === axis)?.extent;
    const meets = Math.abs(by) < reach;
    reach += Math.abs(by) * ((typeof extent === "number" ? extent : 1) - 1);
    return meets;
  });
}
/** the number of leading dims whose elements are `c` */
function leading(t: Tensor, c: number): number | undefined {
  let n = 1;
  const sizes = box(t);
  for (let d = 0; d <= sizes.length; d++) {
    if (n === c && sizes[d] !== 1) return d;
    n *= sizes[d] ?? 1;
  }
  return undefined;
}
