/** Offsets: greedy by size, first fit among those alive at the same time. Knows names, sizes and lifetimes, nothing else. */

/** alive in the closed interval of times [from, to] */
export interface Block {
  readonly name: string;
  readonly bytes: number;
  readonly from: number;
  readonly to: number;
}
export interface Placement {
  readonly offsets: ReadonlyMap<string, number>;
  readonly bytes: number;
}
/** bytes between blocks: no two buffers a multiple of 4096 apart share their cache sets */
const SKEW = 64;
export const align = (bytes: number, to = 64): number => Math.ceil(bytes / to) * to;

/** `to`: offsets are multiples of it */
export function place(blocks: readonly Block[], to = 64): Placement {
  const placed: { block: Block; offset: number; end: number }[] = [];
  const offsets = new Map<string, number>();
  let top = 0;
  for (const block of [...blocks].sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1))) {
    const rivals = placed
      .filter(p => p.block.from <= block.to && block.from <= p.block.to)
      .sort((a, b) => a.offset - b.offset);
    let offset = 0;
    for (const r of rivals) {
      if (offset + block.bytes <= r.offset) break;
      offset = Math.max(offset, r.end);
    }
    const end = align(align(offset + block.bytes) + SKEW, to);
    placed.push({ block, offset, end });
    offsets.set(block.name, offset);
    top = Math.max(top, end);
  }
  return { offsets, bytes: align(top) };
}
