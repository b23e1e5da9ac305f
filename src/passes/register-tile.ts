/**
 * Which parallel axes a register tile spans and how far: all pairs of axes and sizes that fit the registers, ranked by the cycles of
 * one sweep over the reduce axes. Knows no layout and no step outside the tile.
 *
 *   y[n, o] += x[n, k] * w[o, k], n in 16 lanes: o by 6   (12 sums, 2 held, 1 streamed)
 *   w[i, o] += x[r, i] * y[r, o], r in 8 lanes: i by 6, o by 2
 */
import type { Access, Axis, Phase, Val } from "../ir/kernel.ts";
import { STORED_BYTES } from "../ir/type.ts";
import { runs } from "./emit/env.ts";
import { reads } from "./emit/value.ts";
import type { Profile } from "./profile.ts";

export interface Cut {
  readonly axis: string;
  readonly size: number;
}
/** axes that an access moves with; those of a gathered coordinate too */
export function axesOf(a: Access): ReadonlySet<string> {
  const out = new Set(a.index.flatMap(i => i.terms.map(t => t.axis)));
  const inside = (v: Val): void => {
    if (v.k === "axis") out.add(v.axis);
    if (v.k === "prim") v.args.forEach(inside);
    if (v.k === "read") for (const x of axesOf(v.from)) out.add(x);
  };
  for (const i of a.index) if (i.gather) inside(i.gather);
  return out;
}
export const operations = (v: Val): number => (v.k === "prim" ? 1 + v.args.reduce((n, a) => n + operations(a), 0) : 0);
/** the two factors, where the phase is one sum of products of reads */
export function product(p: Phase): readonly [Access, Access] | undefined {
  const r = p.reduce[0];
  if (p.reduce.length !== 1 || r?.op !== "add" || p.each?.length || r.value.k !== "prim" || r.value.prim !== "mul")
    return undefined;
  const [a, b] = r.value.args;
  return a?.k === "read" && b?.k === "read" ? [a.from, b.from] : undefined;
}
/**
 * A coordinate that may leave its tensor becomes loop bounds only where its other axes stand still: those are no part of a tile.
 */
export function bordered(p: Phase): ReadonlySet<string> {
  const extent = new Map(p.axes.map(a => [a.name, a.extent]));
  const out = new Set<string>();
  for (const a of p.reduce.flatMap(r => reads(r.value)))
    a.index.forEach((i, d) => {
      const size = a.of.shape[d]!;
      if (i.terms.length < 2 || typeof size !== "number") return;
      let [lo, hi] = [i.base, i.base];
      for (const t of i.terms) {
        const e = extent.get(t.axis);
        const end = t.by * ((typeof e === "number" ? e : 1) - 1);
        lo += Math.min(0, end);
        hi += Math.max(0, end);
      }
      if (lo < 0 || hi >= size) for (const t of i.terms) out.add(t.axis);
    });
  return out;
}

/** points of a sweep that are done before the next one's could begin */
const SHORT = 8;

/** the cuts of the best tile; none where no axis helps. `vector`: the axis in lanes, `lanes` of it at a time */
export const registerTile = (p: Phase, vector: string, lanes: number, profile: Profile): readonly Cut[] =>
  bestTile(p, vector, lanes, profile).cuts;
interface Tile {
  /** cycles of one point of the reduce axes, at all points of the parallel ones but the vector's */
  readonly cost: number;
  readonly cuts: readonly Cut[];
}
export function bestTile(p: Phase, vector: string, lanes: number, profile: Profile): Tile {
  const accesses = p.reduce.flatMap(r => reads(r.value)).map(a => ({ a, axes: axesOf(a) }));
  if (!accesses.length) return { cost: 0, cuts: [] };
  const wide = Math.max(...accesses.map(({ a }) => STORED_BYTES[a.of.store]));
  const vectors = Math.max(1, (lanes * Math.max(wide, 4)) / profile.vectorBytes);
  const still = bordered(p);
  const axes = p.axes.filter(
    (a): a is Axis & { extent: number } =>
      a.role === "parallel" && a.name !== vector && typeof a.extent === "number" && a.extent > 1 && !still.has(a.name),
  );
  const factors = product(p);
  const work = p.reduce.reduce((n, r) => n + Math.max(1, operations(r.value)), factors ? -1 : 0);
  const sums = p.reduce.length;
  // a short sweep does not wait for itself: the next point's begins meanwhile
  const swept = p.axes.reduce(
    (n, a) => (a.role !== "reduce" ? n : typeof a.extent === "number" ? n * a.extent : SHORT),
    1,
  );
  const waits = swept < SHORT && !factors ? 0 : profile.latency;
  const cycles = (size: ReadonlyMap<string, number>): number => {
    const points = [...size.values()].reduce((x, s) => x * s, 1);
    const loads = accesses.map(({ axes: own }) => {
      const places = [...size].reduce((x, [axis, s]) => (own.has(axis) ? x * s : x), 1);
      return { count: own.has(vector) ? places * vectors : places, wide: own.has(vector) };
    });
    const held = !factors
      ? vectors
      : loads[0]!.wide !== loads[1]!.wide
        ? loads.find(l => l.wide)!.count
        : Math.min(...loads.map(l => l.count));
    const streamed = factors && loads[0]!.wide === loads[1]!.wide ? vectors : 1;
    if (points > 1 && sums * points * vectors + held + streamed > profile.registers) return Infinity;
    const arithmetic = (points * vectors * work) / profile.operations;
    const fetched = loads.reduce((n, l) => n + l.count, 0) / profile.loads;
    return Math.max(arithmetic, fetched, waits);
  };
  /** of all tiles of the cuts */
  const total = (cuts: readonly (Axis & { extent: number })[], sizes: readonly number[]): number => {
    const pieces = cuts.map((a, i) => runs(a.extent, sizes[i]!, true));
    let sum = 0;
    const walk = (i: number, size: ReadonlyMap<string, number>, times: number): void => {
      if (i === cuts.length) sum += times * cycles(size);
      else for (const r of pieces[i]!) walk(i + 1, new Map(size).set(cuts[i]!.name, r.size), times * r.count);
    };
    walk(0, new Map(), 1);
    return sum * axes.reduce((n, a) => (cuts.includes(a) ? n : n * a.extent), 1);
  };
  let best: Tile = { cost: total([], []), cuts: [] };
  const consider = (cuts: readonly (Axis & { extent: number })[], sizes: readonly number[]): void => {
    const cost = total(cuts, sizes);
    if (cost < 0.99 * best.cost) best = { cost, cuts: cuts.map((a, i) => ({ axis: a.name, size: sizes[i]! })) };
  };
  const most = profile.registers;
  const sizesOf = (a: { extent: number }): readonly number[] =>
    Array.from({ length: Math.min(most, a.extent) - 1 }, (_, i) => Math.min(most, a.extent) - i);
  for (const a of axes) for (const s of sizesOf(a)) consider([a], [s]);
  for (const [i, a] of axes.entries())
    for (const b of axes.slice(i + 1))
      for (const s of sizesOf(a)) for (const t of sizesOf(b)) if (s * t <= most) consider([a, b], [s, t]);
  return best;
}
