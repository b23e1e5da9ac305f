/** Stable ordering of rows by a 32-bit key: LSD radix sort. Knows nothing of chance or feeds. */

/**
 * The permutation that orders `keys` ascending, ties in the order given: 3 passes of 11, 11, 10 bits.
 * A million keys take tens of milliseconds (shared/facts/data.md 4).
 */
export function argsort(keys: Uint32Array): Uint32Array {
  let from = iota(keys.length);
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
/** the numbers below n */
export function iota(n: number): Uint32Array<ArrayBuffer> {
  const out = new Uint32Array(n);
  for (let i = 0; i < n; i++) out[i] = i;
  return out;
}
/** where the words are not 0. A store per row and no jump: whether a row is taken cannot be foretold */
export function marked(words: Uint32Array): Uint32Array {
  const out = new Uint32Array(words.length);
  let count = 0;
  for (let i = 0; i < words.length; i++) {
    out[count] = i;
    count += words[i] === 0 ? 0 : 1;
  }
  return out.slice(0, count);
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
