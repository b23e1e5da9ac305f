/**
 * A fold over the records of one panel whose factors do not stay in the cache of a core: some rows of both at a time, perhaps some of a
 * further axis. Knows no op and no address.
 *
 *   w[i, o] += x[r, t, i] * y[r, t, o]   -->   o:256 t:16 i:6~ =x o:2~ | t:1, r in lanes   (sums taken up again in each chunk of 16)
 */
import type { Access, Axis, Phase, Step } from "../ir/kernel.ts";
import { PANEL } from "../ir/layout.ts";
import { type Dim, STORED_BYTES } from "../ir/type.ts";
import type { Profile } from "./profile.ts";
import { axesOf, type Cut, product } from "./register-tile.ts";
import { even, loop } from "./steps.ts";

/** a sum in lanes: the vector of its partial sums */
const SUM_BYTES = 32;
/** blocks of an axis that are tried */
const BLOCKS = [1, 2, 4, 8, 16];

/** the steps around the register tile `cuts`; undefined: all stays in the cache as it is. `row`: a reduced axis that both factors move along */
export function chunked(
  p: Phase,
  row: Axis | undefined,
  cuts: readonly Cut[],
  profile: Profile,
): readonly Step[] | undefined {
  const factors = product(p);
  if (!factors || typeof row?.extent !== "number" || cuts.length !== 2) return undefined;
  const rows = row.extent;
  if (factors.reduce((n, a) => n + bytes(a), 0) <= profile.cacheBytes) return undefined;
  const [long, short] = [...cuts].sort((a, b) => b.size - a.size) as [Cut, Cut];
  const own = (cut: Cut, other: Cut): Access | undefined =>
    factors.find(a => axesOf(a).has(cut.axis) && !axesOf(a).has(other.axis));
  const [slice, streamed] = [own(long, short), own(short, long)];
  if (!slice) return undefined;
  /** rows of a chunk that is to fit `into` so many bytes, of `chunk` in all */
  const fit = (chunk: number, into = profile.cacheBytes / 2): number => {
    const most = Math.max(1, (rows * into) / chunk);
    return Array.from({ length: rows }, (_, i) => rows - i).find(r => r <= most && rows % r === 0) ?? 1;
  };
  const whole = factors.reduce((n, a) => n + bytes(a), 0);
  if (slice.index.some((i, d) => i.terms.length > 1 && typeof slice.of.shape[d] === "number")) {
    // a copy would hold an element once for each place of the window: few rows instead, which stay in the near cache as they are
    const near = whole - bytes(slice) + (bytes(slice) * long.size) / extentOf(p, long);
    return [loop(row.name, fit(near, profile.nearBytes)), even(long), even(short)];
  }
  // each chunk takes up all sums again; the more blocks of one factor, the more rows has a chunk, and the more often the other is read
  const points = p.axes.reduce((n, a) => (a.role === "parallel" && typeof a.extent === "number" ? n * a.extent : n), 1);
  const choice = (cut: Cut, cutBytes: number, rest: number) => {
    const extent = extentOf(p, cut);
    return BLOCKS.filter(n => n === 1 || extent >= 4 * n * cut.size).map(blocks => {
      const size = fit(cutBytes / blocks + rest);
      const moved = (2 * SUM_BYTES * points * rows) / size + blocks * rest;
      return { axis: cut.axis, blocks, size, width: Math.ceil(extent / blocks), moved };
    });
  };
  const choices = [
    ...choice(long, bytes(slice), whole - bytes(slice)),
    ...(streamed ? choice(short, bytes(streamed), whole - bytes(streamed)) : []),
  ];
  const best = choices.reduce((a, b) => (b.moved < MUCH * a.moved ? b : a));
  const block = best.blocks > 1 ? [even({ axis: best.axis, size: best.width })] : [];
  return [...block, loop(row.name, best.size), even(long), { pack: slice.of.name }, even(short)];
}
/**
 * Where one axis spans the tile, points that read the same rows follow each other: as many rows at a time as stay in the near cache.
 *
 *   w[o, j, i] += x[r, y + j, x + i] * y[r, o, y, x]   -->   y:2 o:6~ j i | y:1 x:1, r in lanes
 */
export function nearRows(
  p: Phase,
  row: Axis | undefined,
  cuts: readonly Cut[],
  swept: readonly Axis[],
  profile: Profile,
): readonly Step[] | undefined {
  const factors = product(p);
  const [cut, ...more] = cuts;
  if (!factors || !cut || more.length || typeof row?.extent !== "number") return undefined;
  const rows = row.extent;
  const again = swept.filter(a => factors.some(f => !axesOf(f).has(a.name)));
  if (again.reduce((n, a) => (typeof a.extent === "number" ? n * a.extent : n), 1) < USES) return undefined;
  const extent = extentOf(p, cut);
  const read = factors.reduce((n, a) => n + bytes(a) * (axesOf(a).has(cut.axis) ? cut.size / extent : 1), 0);
  if (read <= profile.nearBytes) return undefined;
  const fits = (count: number): boolean => rows % count === 0 && count * read <= profile.nearBytes * rows;
  const count = Array.from({ length: rows }, (_, i) => rows - i).find(fits);
  return count === undefined ? undefined : [loop(row.name, count), even(cut)];
}
/** points that are worth taking up their sums again */
const USES = 8;
/** blocks that save less are not worth their loops */
const MUCH = 0.5;
const extentOf = (p: Phase, cut: Cut): number => p.axes.find(a => a.name === cut.axis)!.extent as number; // as: a register tile spans axes of numbers
/** of the records of a panel */
const bytes = (a: Access): number => PANEL * STORED_BYTES[a.of.store] * volume(a.of.shape);
const volume = (shape: readonly Dim[]): number =>
  shape.reduce<number>((n, d) => (typeof d === "number" ? n * d : n), 1);
