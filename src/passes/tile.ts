/**
 * How each kernel is cut: a form per phase (records in lanes, a fold over records in lanes, units in lanes), its register tile by
 * rank, loops around it. Knows no op and no address.
 *
 *   n:16@grid oc:6~ oy:1 ox:1 | ky:1 kx:1 c:1          records in lanes (facts/wasm.md 1.3)
 *   panel:1@grid oc:6~ c:2~ ky:1 kx:1 | oy:1 ox:1      a fold over the records of one panel, r in lanes
 *   o:16 i:6~ | n:16 n:1                               a product summed over records, units in lanes
 */
import type { Access, Axis, Kernel, Lanes, Nest, Phase, Schedule, Step } from "../ir/kernel.ts";
import { accessesOf } from "../ir/kernel-walk.ts";
import { PANEL } from "../ir/layout.ts";
import { STORED_BYTES } from "../ir/type.ts";
import { chunked, nearRows } from "./chunk.ts";
import { fallback } from "./emit/index.ts";
import { goingOn, sharedAxes } from "./emit/legal.ts";
import { reads } from "./emit/value.ts";
import { dealt, features, itemsFor } from "./features.ts";
import { AVX2, type Profile } from "./profile.ts";
import { axesOf, type Cut, product, registerTile } from "./register-tile.ts";
import { isRecords } from "./split.ts";
import { squareSteps } from "./squares.ts";
import { accesses, each, even, loop, TILE, width } from "./steps.ts";

export const isPanels = (a: Axis): boolean => typeof a.extent === "object" && "of" in a.extent;
/** the axis that a panel kernel gives one item per 16 records of: records or panels, parallel in every phase */
export function itemAxis(k: Kernel): Axis | undefined {
  const of = (p: Phase): Axis | undefined => p.axes.find(a => a.role === "parallel" && (isRecords(a) || isPanels(a)));
  const first = k.phases[0] && of(k.phases[0]);
  return first && k.phases.every(p => of(p)?.name === first.name) ? first : undefined;
}

export function tile(k: Kernel, profile: Profile = AVX2): Schedule {
  const item = itemAxis(k);
  const several = k.phases.length > 1;
  const strips = several ? sharedAxes(k).filter(a => a !== item?.name) : [];
  const phases = k.phases.map(phase => {
    const p = inStrip(phase, strips);
    return nest(p, item && p.axes.find(a => a.name === item.name), several, profile);
  });
  if (phases.some(p => p === undefined) && (item || !several)) return item ? fallback(k) : oneItem(fallback(k));
  const shared = several && item ? [grid(item)] : several ? dealtStrips(k, strips, profile) : [];
  return {
    shared: [...shared, ...strips.map(a => loop(a, 1))],
    phases: phases.map((nest, i) => nest ?? oneByOne(k.phases[i]!)),
  };
}
/** a loop for each axis */
const oneByOne = (p: Phase): Nest => ({
  vector: { axis: "", lanes: 1 },
  steps: [...each(p.axes.filter(a => a.role === "parallel")), TILE, ...each(p.axes.filter(a => a.role === "reduce"))],
});
/** what a phase sees of axes that all phases walk together, strip by strip: one point */
const inStrip = (p: Phase, strips: readonly string[]): Phase => ({
  ...p,
  axes: p.axes.map(a => (strips.includes(a.name) && typeof a.extent === "number" ? { ...a, extent: 1 } : a)),
});
/** strips that take long are dealt to items, where no sum goes on from one to the next */
function dealtStrips(k: Kernel, strips: readonly string[], profile: Profile): readonly Step[] {
  const inOrder = goingOn(k, strips);
  const free = k.phases[0]!.axes.filter(a => strips.includes(a.name) && !inOrder.includes(a.name));
  const longest = free.reduce<Axis | undefined>((x, a) => (x && points([x]) >= points([a]) ? x : a), undefined);
  const work = k.phases.reduce((x, p) => x + points(p.axes), 0);
  const items = itemsFor(work / profile.pointRate);
  if (!longest || items < 2) return [];
  return [{ axis: longest.name, size: Math.ceil(points([longest]) / items), at: "grid" }];
}
/** a kernel without records is one item: what would be dealt to items is looped over */
const oneItem = (s: Schedule): Schedule => {
  const looped = (steps: readonly Step[]): readonly Step[] =>
    steps.map(t => ("axis" in t && t.at === "grid" ? { ...t, at: "loop" } : t));
  return { shared: looped(s.shared), phases: s.phases.map(p => ({ ...p, steps: looped(p.steps) })) };
};
const grid = (a: Axis): Step => ({ axis: a.name, size: isPanels(a) ? 1 : PANEL, at: "grid" });

function nest(p: Phase, item: Axis | undefined, several: boolean, profile: Profile): Nest | undefined {
  const reduced = p.axes.filter(a => a.role === "reduce");
  const outer = several ? [] : item && [grid(item)];
  const folded = reduced.find(isRecords) ?? (item && isPanels(item) ? reduced.find(a => a.name === "r") : undefined);
  if (folded && !item) {
    const units = features(p, !several, profile);
    if (units && readsInLanes(p, units.vector.axis)) return units;
  }
  if (folded) return dot(p, item, folded, outer, profile);
  if (item && isPanels(item)) return undefined;
  return item ? records(p, item, outer ?? [], profile) : features(p, !several, profile);
}
/** what stands inside the tile: loops of one, or nothing where the whole sweep unrolls to few statements */
function sweep(p: Phase, reduced: readonly Axis[], cuts: readonly Cut[]): readonly Step[] {
  const tile = cuts.reduce((n, c) => n * c.size, p.reduce.length);
  return points(reduced) * tile <= UNROLL ? [] : each(reduced);
}
const points = (axes: readonly Axis[]): number =>
  axes.reduce((n, a) => (typeof a.extent === "number" ? n * a.extent : Infinity), 1);
const UNROLL = 16;
/** of a sum of products: axes that walk far first, so that the innermost loop finds neighbours */
function byStride(p: Phase, reduced: readonly Axis[], vector: string): readonly Axis[] {
  const wide = product(p)?.find(a => axesOf(a).has(vector));
  if (!wide) return reduced;
  const far = new Map(reduced.map(a => [a, stride(wide, a.name)] as const));
  return [...reduced].sort((a, b) => far.get(b)! - far.get(a)!);
}
/** of a map: axes along which what it writes walks far first, so that stores follow each other */
function farFirst(p: Phase, swept: readonly Axis[]): readonly Axis[] {
  if (p.reduce.length) return swept;
  const { writes } = accessesOf({ name: "", phases: [p], covers: [] });
  const far = new Map(swept.map(a => [a, writes.reduce((sum, w) => sum + stride(w, a.name), 0)] as const));
  return [...swept].sort((a, b) => far.get(b)! - far.get(a)!);
}
/** elements that one step along an axis moves an access; records apart */
function stride(a: Access, axis: string): number {
  let by = 1;
  let sum = 0;
  for (const part of [...a.of.layout.parts].reverse()) {
    const t = a.index[part.dim]!.terms.find(u => u.axis === axis);
    if (t && part.div === 1) sum += Math.abs(t.by) * by;
    const extent = a.of.shape[part.dim]!;
    by *= part.mod ?? (typeof extent === "number" ? Math.ceil(extent / part.div) : 1);
  }
  return sum;
}
/** of a map: short axes along which something that it reads stands still, so that a tile over them reads it once */
function readOnce(p: Phase, n: Axis): ReadonlySet<string> {
  if (p.reduce.length) return new Set();
  const wide = accesses(p).filter(a => axesOf(a).has(n.name));
  const out = new Set<string>();
  let volume = 1;
  for (const a of p.axes) {
    if (a.role !== "parallel" || a === n || typeof a.extent !== "number" || a.extent * volume > SHORT_TILE) continue;
    if (wide.every(x => axesOf(x).has(a.name))) continue;
    out.add(a.name);
    volume *= a.extent;
  }
  return out;
}
/** points of such a tile: their results are in registers together */
const SHORT_TILE = 4;
/** records in lanes */
function records(p: Phase, n: Axis, outer: readonly Step[], profile: Profile): Nest {
  const lanes: Lanes = width(p) > 4 ? 8 : PANEL;
  const cuts = registerTile(p, n.name, lanes, profile);
  const once = readOnce(p, n);
  const square = squareSteps(p, n);
  const inTile = new Set([...cuts, ...square].map(c => ("axis" in c ? c.axis : "")));
  const swept = farFirst(
    p,
    p.axes.filter(a => a.role === "parallel" && a !== n && !inTile.has(a.name) && !once.has(a.name)),
  );
  const halves = lanes < PANEL ? [loop(n.name, lanes)] : [];
  const reduced = byStride(
    p,
    p.axes.filter(a => a.role === "reduce"),
    n.name,
  );
  return {
    vector: { axis: n.name, lanes },
    steps: [
      ...outer,
      ...(isRowwise(p, n, cuts, swept, reduced, profile)
        ? [...each(swept), ...cuts.map(even)]
        : [...cuts.map(even), ...places(p, n, cuts, swept, reduced, profile), ...square]),
      ...halves,
      TILE,
      ...sweep(p, reduced, cuts),
    ],
  };
}
/**
 * The same weights for many places, each with values of its own: where those of one place stay in the near cache and the weights in the
 * next one, each place is done at once, and what is read and written beside the sums lies in a row.
 */
function isRowwise(
  p: Phase,
  n: Axis,
  cuts: readonly Cut[],
  swept: readonly Axis[],
  reduced: readonly Axis[],
  profile: Profile,
): boolean {
  const factors = product(p) ?? [];
  const [weights, ...others] = factors.filter(f => !axesOf(f).has(n.name));
  const values = factors.find(f => f !== weights);
  if (
    !weights ||
    others.length ||
    !values ||
    points(swept) < USES ||
    [...weights.index, ...values.index].some(i => i.gather)
  )
    return false;
  const own = axesOf(weights);
  const apart = (a: Axis): boolean =>
    !own.has(a.name) && values.index.every(i => i.terms.length === 1 || !i.terms.some(t => t.axis === a.name));
  const bytes = (of: Access, count: number): number => STORED_BYTES[of.of.store] * count;
  return (
    swept.every(apart) &&
    cuts.every(c => own.has(c.axis)) &&
    bytes(values, PANEL * points(reduced)) <= profile.nearBytes &&
    bytes(weights, points(p.axes.filter(a => own.has(a.name)))) <= profile.cacheBytes / 2
  );
}
/**
 * The loops around a tile. Weights whose rows lie a multiple of 1 KiB apart meet in a few sets of the near cache: where many places use
 * those of a tile, they are laid side by side first.
 */
function places(
  p: Phase,
  n: Axis,
  cuts: readonly Cut[],
  swept: readonly Axis[],
  reduced: readonly Axis[],
  profile: Profile,
): readonly Step[] {
  const factors = product(p) ?? [];
  const [weights, ...others] = factors.filter(f => !axesOf(f).has(n.name));
  if (!weights || others.length || weights.index.some(i => i.gather)) return each(swept);
  const own = axesOf(weights);
  const outside = swept.filter(a => own.has(a.name));
  const inside = swept.filter(a => !own.has(a.name));
  const bytes = STORED_BYTES[weights.of.store];
  const isFar = (axis: string): boolean => {
    const by = bytes * stride(weights, axis);
    return by > 0 && by % FAR === 0;
  };
  const tile = cuts.filter(c => own.has(c.axis));
  const slice = bytes * tile.reduce((x, c) => x * c.size, points(reduced));
  if (!tile.length || points(inside) < USES || slice > profile.cacheBytes / 2) return each(swept);
  const innermost = reduced.at(-1);
  const spans = [...reduced, ...tile.map(c => ({ name: c.axis, extent: c.size }))];
  const isShort = bytes * run(weights, spans) < RUN;
  const most = isShort ? profile.nearBytes / 4 : profile.nearBytes;
  const isScattered = slice > most && innermost && stride(weights, innermost.name) > 1;
  const meet = slice <= SLICE && [...reduced, ...tile.map(c => ({ name: c.axis }))].some(a => isFar(a.name));
  if (!isScattered && !meet) return each(swept);
  return [...each(outside), { pack: weights.of.name }, ...each(inside)];
}
/** elements of a slice that lie side by side */
function run(a: Access, spans: readonly { readonly name: string; readonly extent: Axis["extent"] }[]): number {
  let n = 1;
  for (let found = true; found; ) {
    const next = spans.find(s => typeof s.extent === "number" && s.extent > 1 && stride(a, s.name) === n);
    found = next !== undefined;
    if (next) n *= next.extent as number; // as: found by it
  }
  return n;
}
/** bytes side by side that are read as fast where they lie; between rows that meet; places that are worth a copy; bytes of one */
const RUN = 512;
const FAR = 1024;
const USES = 32;
const SLICE = 1 << 16;
/** the dot form: records are reduced in lanes, up to two further axes span the register tile; without steps outside it is dealt to items */
function dot(
  p: Phase,
  item: Axis | undefined,
  n: Axis,
  outer: readonly Step[] | undefined,
  profile: Profile,
): Nest | undefined {
  if (p.reduce.length !== 1 || p.reduce[0]!.op !== "add" || p.each?.length) return undefined;
  const lanes: Lanes = width(p) > 4 ? 4 : 8;
  const cuts = registerTile(p, n.name, lanes, profile);
  const swept = p.axes.filter(
    a => a.role === "parallel" && a.name !== item?.name && !cuts.some(c => c.axis === a.name),
  );
  const panels: readonly Step[] = isRecords(n) ? [loop(n.name, PANEL)] : [];
  const rest = p.axes.filter(a => a.role === "reduce" && a !== n);
  const chunk = item && (chunked(p, rest[0], cuts, profile) ?? nearRows(p, rest[0], cuts, swept, profile));
  const tiles = chunk ?? cuts.map(even);
  return {
    vector: { axis: n.name, lanes },
    steps: [...(outer ?? dealt(p, cuts, profile)), ...tiles, ...each(swept), TILE, ...panels, ...each(rest)],
  };
}
const readsInLanes = (p: Phase, axis: string): boolean =>
  p.reduce.flatMap(r => reads(r.value)).some(a => axesOf(a).has(axis));
