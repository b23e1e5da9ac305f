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
  const [long, short] = [...cuts].sort((a, b) => b.size - a.size) as [Cut, Cut];
  const own = (cut: Cut, other: Cut): Access | undefined =>
    factors.find(a => axesOf(a).has(cut.axis) && !axesOf(a).has(other.axis));
  const [slice, streamed] = [own(long, short), own(short, long)];
  if (!slice) return undefined;
  const inWindow = slice.index.some((i, d) => i.terms.length > 1 && typeof slice.of.shape[d] === "number");
  const whole = factors.reduce((n, a) => n + bytes(a), 0);
  const part = (bytes(slice) * long.size) / extentOf(p, long);
  /** the most rows of which parts of so many bytes in all fit into so many */
  const fit = (...parts: readonly (readonly [all: number, into: number])[]): number =>
    Array.from({ length: rows }, (_, i) => rows - i).find(
      r => rows % r === 0 && parts.every(([all, into]) => r * all <= into * rows),
    ) ?? 1;
  if (inWindow) {
    if (whole <= profile.cacheBytes) return undefined;
    // a copy would hold an element once for each place of the window: few rows instead, which stay in the near cache as they are
    const near = whole - bytes(slice) + part;
    return [loop(row.name, fit([near, profile.nearBytes])), even(long), even(short)];
  }
  if (whole <= profile.cacheBytes) return [even(long), { pack: slice.of.name }, even(short)];
  // each chunk takes up all sums again; the more blocks of what streams by, the more rows has a chunk, and the more often a slice is copied
  const points = p.axes.reduce((n, a) => (a.role === "parallel" && typeof a.extent === "number" ? n * a.extent : n), 1);
  const extent = extentOf(p, short);
  const rest = whole - bytes(slice);
  const choices = BLOCKS.filter(n => n === 1 || (streamed && extent >= 4 * n * short.size)).map(blocks => {
    const size = fit(
      [rest / blocks, profile.cacheBytes / 4],
      [part, profile.nearBytes],
      [rows, apart(rest / rows, profile)],
    );
    const sums = size < rows ? (2 * SUM_BYTES * points * rows) / size : 0;
    return { blocks, size, moved: sums + blocks * bytes(slice) };
  });
  const { blocks, size } = choices.reduce((a, b) => (b.moved < MUCH * a.moved ? b : a));
  const block = blocks > 1 ? [even({ axis: short.axis, size: Math.ceil(extent / blocks) })] : [];
  const chunk = size < rows ? [loop(row.name, size)] : [];
  return [...block, ...chunk, even(long), { pack: slice.of.name }, even(short)];
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
const MUCH = 0.6;
/** how many rows of so many bytes are in a cache of 16 ways at once: those that are a multiple of a way apart have the same places */
function apart(row: number, { cacheBytes }: Profile): number {
  const [way, ways] = [cacheBytes / 16, 16];
  let [a, b] = [way, row];
  while (b > 0) [a, b] = [b, a % b];
  return (ways * way) / a;
}
const extentOf = (p: Phase, cut: Cut): number => p.axes.find(a => a.name === cut.axis)!.extent as number; // as: a register tile spans axes of numbers
/** of the records of a panel */
const bytes = (a: Access): number => PANEL * STORED_BYTES[a.of.store] * volume(a.of.shape);
const volume = (shape: readonly Dim[]): number =>
  shape.reduce<number>((n, d) => (typeof d === "number" ? n * d : n), 1);
