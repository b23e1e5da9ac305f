/**
 * Kernels of a phase -> fewer: those that hand large tensors to each other along rows that they share become one, which runs strip by
 * strip: what it hands on lies in the near caches, and a tensor that nobody else reads is never whole.
 *
 *   max, exp, sum and quotient of rows     -->   one kernel, 2 rows at a time
 *   attention                              -->   one kernel: of its scores there are those of a few queries, of one head
 *
 * Knows no op, no layout and no address.
 */
import type { Kernel, Tensor } from "../../ir/kernel.ts";
import { PANEL } from "../../ir/layout.ts";
import { STORED_BYTES } from "../../ir/type.ts";
import { AVX2, type Profile } from "../profile.ts";
import { type Group, groupsOf } from "./groups.ts";
import { bytesPerRow, type Cut, slotsOf, stripKernels } from "./kernel.ts";

export interface Strips {
  /** a tensor with fewer bytes is handed on as it is */
  readonly least: number;
  /** bytes of a strip, without and with products in it */
  readonly near: number;
  readonly wide: number;
}
export const stripsFor = (p: Profile): Strips => ({
  least: p.nearBytes,
  near: p.nearBytes,
  wide: p.cacheBytes / 4,
});
/** no strips */
export const WHOLE: Strips = { least: Infinity, near: 0, wide: 0 };
export const STRIPS: Strips = stripsFor(AVX2);

/** `outside`: read by others, or with bytes of its own; `records`: one item per 16 records */
export function strips(
  kernels: readonly Kernel[],
  outside: ReadonlySet<string>,
  records: boolean,
  limits: Strips,
): readonly Kernel[] {
  const large = (t: Tensor): boolean => bytes(t) >= limits.least;
  return groupsOf(kernels, outside, records, large).flatMap(g => {
    if (g.members.length === 1) return g.members.map(m => m.kernel);
    const slots = slotsOf(g.members, g.outside);
    return stripKernels(g.members, cutsOf(g, slots, limits), slots);
  });
}
const bytes = (t: Tensor): number =>
  t.shape.reduce<number>((x, d) => x * (typeof d === "number" ? d : PANEL), STORED_BYTES[t.store]);

/**
 * Whole rows from the innermost outwards while they fit; of the first that does not, as many points as fit. Of products
 * never all: as many as fill register tiles, or are worth laying a factor side by side for; and not so few that sums that go on from
 * strip to strip are read and written too often, even if these leave the caches.
 */
function cutsOf({ members, rows }: Group, slots: ReadonlyMap<string, string>, limits: Strips): readonly Cut[] {
  const some = rows.some(r => typeof r.extent !== "number") ? { least: 8, most: 16 } : { least: 32, most: 64 };
  const products = members.some(m => m.factors) ? some : undefined;
  const most = (products ? limits.wide : limits.near) / bytesPerRow(members, rows, slots);
  let room = Math.max(products ? Math.min(products.least, limits.wide) : 1, most);
  const cuts: Cut[] = [];
  for (const row of rows.toReversed()) {
    const size =
      typeof row.extent === "number"
        ? pieces(row.extent, Math.min(room, products ? Math.min(products.most, row.extent / 2) : room))
        : 1;
    if (typeof row.extent === "number") room = size === row.extent ? room / size : 1;
    cuts.unshift({ row, size });
  }
  return cuts;
}
/** the size of pieces of at most `most`, all alike where that does not make them much smaller */
function pieces(extent: number, most: number): number {
  const top = Math.max(1, Math.min(extent, Math.floor(most)));
  for (let size = top; 2 * size > top; size--) if (extent % size === 0) return size;
  return Math.ceil(extent / Math.ceil(extent / top));
}
