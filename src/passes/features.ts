/**
 * How a phase is cut that no records are in lanes of: an axis whose neighbours every access finds side by side; a product of matrices,
 * whose wide factor is laid out anew a slice at a time; a sweep along a row, in lanes that are summed apart. Knows no op and no address.
 *
 *   i:64@grid j:16 | ..                            neighbours j in lanes
 *   j:64@grid j:16 =b i:6~ | k:1                   a product, 16 columns of b side by side for all rows of a
 *   i:128@grid i:1 | k:32                          one row after the other, k in lanes
 *   i:64@grid i:16 j:16 i:1 j:1 |                  read along i, written along j
 */
import type { Access, Axis, Lanes, Nest, Phase, Step } from "../ir/kernel.ts";
import { accessesOf } from "../ir/kernel-walk.ts";
import { PANEL, width as widthOf } from "../ir/layout.ts";
import { STORED_BYTES } from "../ir/type.ts";
import { reads } from "./emit/value.ts";
import type { Profile } from "./profile.ts";
import { axesOf, bestTile, bordered, type Cut, product, registerTile } from "./register-tile.ts";
import { isRecords } from "./split.ts";
import { accesses, each, even, loop, TILE, width } from "./steps.ts";

/** `alone`: the phase is its kernel's only one */
export function features(p: Phase, alone: boolean, profile: Profile): Nest | undefined {
  // lanes that sum apart do not know who came first
  if (p.reduce.some(r => r.op === "first")) return inLanes(p, alone, profile);
  const side = packed(p, alone, profile);
  if (side) return side;
  const [wide, along] = [inLanes(p, alone, profile), product(p) && rows(p, alone, profile)];
  if (wide && along && cyclesOfNest(p, along, profile) < cyclesOfNest(p, wide, profile)) return along;
  return wide ?? rows(p, alone, profile) ?? across(p, alone, profile);
}

/** of a product by the register tile of a nest, and of the sums of its lanes where these are summed apart */
function cyclesOfNest(p: Phase, { vector: { axis, lanes } }: Nest, profile: Profile): number {
  const along = p.axes.find(a => a.name === axis)!;
  const most = along.extent as number; // as: lanes are along axes of numbers
  const summed = along.role === "reduce";
  // what is left of a row is masked, what is left of neighbours is done in shorter vectors or once more
  const last = most % lanes ? (summed ? MASKED : 1) : 0;
  const vectors = bordered(p).has(axis) ? MASKED * Math.ceil(most / lanes) : Math.floor(most / lanes) + last;
  const swept = volume(p.axes.filter(a => a.role === "reduce" && a !== along));
  const results = volume(p.axes.filter(a => a.role === "parallel"));
  return bestTile(p, axis, lanes, profile).cost * vectors * swept + (summed ? FOLD * results : 0);
}
/** cycles in which the lanes of a sum come together and are stored */
const FOLD = 6;
/** whole vectors that take as long as one with a mask */
const MASKED = 8;

/** an axis in lanes that every access moves along by neighbours or not at all, reads at worst by every other element */
function inLanes(p: Phase, alone: boolean, profile: Profile): Nest | undefined {
  const parallel = p.axes.filter(a => a.role === "parallel");
  const all = accesses(p);
  const { writes } = accessesOf({ name: "", phases: [p], covers: [] });
  const inside = parallel.filter(a => lanesOf(p, a) > 1 && writes.every(x => neighbours(x, a.name))).reverse();
  const vector =
    inside.find(a => all.every(x => neighbours(x, a.name))) ?? inside.find(a => all.every(x => near(x, a.name)));
  if (!vector) return undefined;
  const lanes = lanesOf(p, vector);
  const cuts = registerTile(p, vector.name, lanes, profile);
  const rest = parallel.filter(a => a !== vector && !cuts.some(c => c.axis === a.name));
  const reduced = p.axes.filter(a => a.role === "reduce");
  const panels = reduced.filter(isRecords).map(a => loop(a.name, PANEL));
  // a sum of one row waits for itself: several vectors side by side
  const alike =
    product(p) && !cuts.length && !panels.length ? Math.min(SIDE, Math.floor((vector.extent as number) / lanes)) : 1;
  return {
    vector: { axis: vector.name, lanes },
    steps: [
      ...(alone ? dealt(p, cuts, profile, { name: vector.name, lanes }) : []),
      ...cuts.map(even),
      ...each(rest),
      loop(vector.name, lanes * alike),
      TILE,
      ...panels,
      ...each(reduced),
    ],
  };
}
/** vectors of sums that do not wait for each other */
const SIDE = 4;

// ---- products of matrices

/** rows of the other factor for which a slice is worth its copy */
const PACKED_ROWS = 32;
/** a product whose wide factor does not stay in the near cache, or has its columns in the wrong order */
function packed(p: Phase, alone: boolean, profile: Profile): Nest | undefined {
  const factors = product(p);
  const reduced = p.axes.filter(a => a.role === "reduce");
  const parallel = p.axes.filter(a => a.role === "parallel");
  if (!factors || factors[0].of.name === factors[1].of.name) return undefined;
  if (p.axes.some(a => typeof a.extent !== "number")) return undefined;
  const stores = p.then.flatMap(t => ("to" in t ? [t.to] : []));
  const others = accesses(p).filter(a => !factors.includes(a));
  for (const vector of [...parallel].reverse()) {
    const lanes = lanesOf(p, vector);
    const wide = factors.find(a => axesOf(a).has(vector.name));
    const still = factors.find(a => a !== wide);
    if (lanes === 1 || !wide || !still || axesOf(still).has(vector.name)) continue;
    if (wide.index.some(i => i.gather) || !stores.some(a => axesOf(a).has(vector.name))) continue;
    if (!others.every(a => neighbours(a, vector.name))) continue;
    // the rows of the other factor use a slice again and again; axes that both factors see stand outside
    const own = axesOf(wide);
    const fixed = parallel.filter(a => a !== vector && own.has(a.name));
    const swept = reduced.filter(a => own.has(a.name));
    const slice = volume(swept) * lanes * STORED_BYTES[wide.of.store];
    const again = volume(parallel.filter(a => !own.has(a.name)));
    const whole = slice * Math.ceil((vector.extent as number) / lanes);
    if (again < PACKED_ROWS || slice > profile.cacheBytes / 2) continue;
    if (neighbours(wide, vector.name) && whole <= profile.nearBytes / 2) continue;
    const cuts = registerTile(p, vector.name, lanes, profile).filter(c => !own.has(c.axis));
    const rest = parallel.filter(a => a !== vector && !own.has(a.name) && !cuts.some(c => c.axis === a.name));
    return {
      vector: { axis: vector.name, lanes },
      steps: [
        ...(alone ? dealt(p, cuts, profile, { name: vector.name, lanes }, own) : []),
        ...each(fixed),
        loop(vector.name, lanes),
        { pack: wide.of.name },
        ...cuts.map(even),
        ...each(rest),
        TILE,
        ...each(reduced),
      ],
    };
  }
  return undefined;
}
const volume = (axes: readonly Axis[]): number =>
  axes.reduce((n, a) => n * (typeof a.extent === "number" ? a.extent : PANEL), 1);

// ---- rows

/** sums and extrema of what lies side by side: lanes along the row, summed apart */
function rows(p: Phase, alone: boolean, profile: Profile): Nest | undefined {
  const reduced = p.axes.filter(a => a.role === "reduce");
  const parallel = p.axes.filter(a => a.role === "parallel");
  const all = p.reduce.flatMap(r => reads(r.value));
  if (p.each?.length || p.axes.some(a => typeof a.extent !== "number")) return undefined;
  const vector = [...reduced]
    .reverse()
    .find(a => lanesOf(p, a) > 4 && all.some(x => axesOf(x).has(a.name)) && all.every(x => neighbours(x, a.name)));
  if (!vector) return undefined;
  const most = product(p) ? PANEL : 2 * PANEL;
  // few vectors of a product: half as long ones where these fill it
  const halves = (vector.extent as number) < 4 * PANEL && (vector.extent as number) % PANEL > 0;
  const lanes =
    (vector.extent as number) >= most && width(p) <= 4 && !(product(p) && halves) ? most : lanesOf(p, vector);
  const cuts = product(p) ? registerTile(p, vector.name, lanes, profile) : [];
  return {
    vector: { axis: vector.name, lanes: lanes as Lanes },
    steps: [
      ...(alone ? dealt(p, cuts, profile) : []),
      ...cuts.map(even),
      ...each(parallel.filter(a => !cuts.some(c => c.axis === a.name))),
      TILE,
      ...each(reduced.filter(a => a !== vector)),
      loop(vector.name, lanes),
    ],
  };
}

// ---- neighbours along different axes

/** what is read along one axis and written along another: a square of both at a time, whose lines stay in the near cache */
function across(p: Phase, alone: boolean, profile: Profile): Nest | undefined {
  if (p.reduce.length || p.each?.length || p.axes.some(a => typeof a.extent !== "number")) return undefined;
  const along = [...new Set(accesses(p).map(a => p.axes.find(x => walks(a, x.name))))];
  const [a, b, ...more] = along.filter(x => x !== undefined && (x.extent as number) >= PANEL); // as: all are numbers
  if (!a || !b || more.length) return undefined;
  const rest = p.axes.filter(x => x !== a && x !== b);
  return {
    vector: { axis: "", lanes: 1 },
    steps: [
      ...(alone
        ? dealt(
            p,
            [
              { axis: a.name, size: PANEL },
              { axis: b.name, size: PANEL },
            ],
            profile,
          )
        : []),
      ...each(rest),
      loop(a.name, PANEL),
      loop(b.name, PANEL),
      ...each([a, b]),
      TILE,
    ],
  };
}
/** neighbours along the axis lie side by side */
const walks = (a: Access, axis: string): boolean =>
  neighbours(a, axis) && a.index.some(i => i.terms.some(t => t.axis === axis));

// ---- items

/**
 * A kernel without records that takes long is dealt to items: pieces of one axis, all alike where its extent allows. `shared`: axes of a
 * slice that each item copies for itself.
 */
export function dealt(
  p: Phase,
  cuts: readonly Cut[],
  profile: Profile,
  vector?: { readonly name: string; readonly lanes: number },
  shared?: ReadonlySet<string>,
): readonly Step[] {
  const parallel = p.axes.filter((a): a is Axis & { extent: number } => a.role === "parallel");
  const points = volume(p.axes);
  const moved = accesses(p).reduce((n, a) => n + 4 * elementsOf(p, a), 0);
  const time = Math.max(
    (points * Math.max(1, p.reduce.length + p.then.length)) / profile.pointRate,
    moved / profile.byteRate,
  );
  const items = itemsFor(time);
  if (!items) return [];
  let best: { readonly axis: string; readonly size: number; readonly cost: number } | undefined;
  for (const { name, extent } of parallel) {
    const unit = name === vector?.name ? vector.lanes : 1;
    const least = shared ? unit : 2 * (cuts.find(c => c.axis === name)?.size ?? unit);
    for (let count = 2; count <= Math.min(2 * items, extent / least); count++) {
      const size = unit * Math.ceil(extent / count / unit);
      const ragged = extent % size ? 1 : 0;
      const copied = shared && !shared.has(name) ? 2 : 0;
      const cost = Math.abs(Math.log(Math.ceil(extent / size) / items)) + ragged + copied;
      if (!best || cost < best.cost) best = { axis: name, size, cost };
    }
  }
  return best ? [{ axis: best.axis, size: best.size, again: true, at: "grid" }] : [];
}
/** into how many items a kernel of so many microseconds is dealt; 0: it is not */
export const itemsFor = (time: number): number => (time < WORTH ? 0 : Math.min(MOST_ITEMS, Math.floor(time / ITEM)));
/** microseconds of a kernel that are worth a barrier of its own, and of an item; items of a kernel */
const WORTH = 30;
const ITEM = 10;
const MOST_ITEMS = 32;
function elementsOf(p: Phase, a: Access): number {
  const own = axesOf(a);
  return volume(p.axes.filter(x => own.has(x.name)));
}
function lanesOf(p: Phase, a: Axis): Lanes {
  if (typeof a.extent !== "number" || a.extent < 4) return 1;
  const most = width(p) > 4 ? 8 : 16;
  if (a.extent < most) return a.extent >= 8 ? 8 : 4;
  // few vectors: half as long ones waste less
  return a.extent < 4 * most && a.extent % most && a.extent % (most / 2) === 0 ? ((most / 2) as Lanes) : most;
}
/** the access stands still along `axis`, or its neighbours lie side by side */
const neighbours = (a: Access, axis: string): boolean => stride(a, axis) <= 1;
/** the same, or an element lies between them: two vectors are loaded for one */
const near = (a: Access, axis: string): boolean => stride(a, axis) <= 2;
/** elements from one point of `axis` to the next, as far as that is a number; those of units in blocks lie side by side in each */
function stride(a: Access, axis: string): number {
  if (a.index.some(i => i.gather && axesOf({ ...a, index: [{ ...i, terms: [] }] }).has(axis)))
    return Number.POSITIVE_INFINITY;
  const last = a.of.layout.parts.at(-1);
  const blocked = last?.mod !== undefined && last.div === 1 ? last.dim : undefined;
  let sum = 0;
  let by: number | undefined = 1;
  for (const p of [...a.of.layout.parts].reverse()) {
    for (const t of a.index[p.dim]!.terms) {
      if (t.axis !== axis || (p.dim === blocked && p !== last)) continue;
      if (p.div > 1 || (p.mod !== undefined && p !== last) || by === undefined || t.by <= 0)
        return Number.POSITIVE_INFINITY;
      sum += t.by * by;
    }
    const inner = widthOf(a.of, p);
    by = by === undefined || typeof inner !== "number" ? undefined : by * inner;
  }
  return sum;
}
