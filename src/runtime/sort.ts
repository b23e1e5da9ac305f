/** Stable ordering of rows by a 32-bit key: LSD radix sort. Knows nothing of chance or feeds. */

/**
 * The permutation that orders `keys` ascending, ties in the order given: 3 passes of 11, 11, 10 bits.
 * A million keys take tens of milliseconds (shared/facts/data.md 4).
 */
export function argsort(keys: Uint32Array): Uint32Array {
  let from = Uint32Array.from(keys, (_, i) => i);
  let to = new Uint32Array(keys.length);
  const starts = new Uint32Array(2048);
  for (let shift = 0; shift < 32; shift += 11) {
    starts.fill(0);
    for (let i = 0; i < keys.length; i++) starts[(keys[i]! >>> shift) & 2047]!++;
    for (let digit = 0, at = 0; digit < 2048; digit++) {
      const count = starts[digit]!;
      starts[digit] = at;
      at += count;
    }
    for (let i = 0; i < from.length; i++) {
      const row = from[i]!;
      to[starts[(keys[row]! >>> shift) & 2047]!++] = row;
    }
    [from, to] = [to, from];
  }
  return from;
}
export const isAscending = (xs: Uint32Array): boolean => {
  for (let i = 1; i < xs.length; i++) if (xs[i - 1]! > xs[i]!) return false;
  return true;
};
export const pick = (xs: Uint32Array, order: Uint32Array): Uint32Array => {
  const out = new Uint32Array(order.length);
  for (let i = 0; i < out.length; i++) out[i] = xs[order[i]!]!;
  return out;
};
