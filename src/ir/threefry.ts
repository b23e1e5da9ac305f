/**
 * Threefry-2x32 with 20 rounds (Salmon et al., SC 2011), once over any words that can add, xor and rotate: numbers here, lane values in
 * kernels. Knows neither.
 */

export interface Words<T> {
  readonly constant: (value: number) => T;
  readonly add: (a: T, b: T) => T;
  readonly xor: (a: T, b: T) => T;
  readonly rotateLeft: (a: T, bits: number) => T;
}
export type Pair<T> = readonly [T, T];

const ROTATIONS = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;
const PARITY = 0x1bd11bda;

function threefry<T>(w: Words<T>, [k0, k1]: Pair<T>, [c0, c1]: Pair<T>): Pair<T> {
  const keys = [k0, k1, w.xor(w.xor(k0, k1), w.constant(PARITY))] as const;
  let [x, y] = [w.add(c0, k0), w.add(c1, k1)];
  for (let group = 0; group < 5; group++) {
    for (const r of ROTATIONS[group % 2]!) {
      x = w.add(x, y);
      y = w.xor(w.rotateLeft(y, r), x);
    }
    x = w.add(x, keys[(group + 1) % 3]!);
    y = w.add(w.add(y, keys[(group + 2) % 3]!), w.constant(group + 1));
  }
  return [x, y];
}

/** words as JavaScript numbers in [0, 2^32) */
export const NUMBERS: Words<number> = {
  constant: v => v >>> 0,
  add: (a, b) => (a + b) >>> 0,
  xor: (a, b) => (a ^ b) >>> 0,
  rotateLeft: (a, r) => ((a << r) | (a >>> (32 - r))) >>> 0,
};
/** the two words of counter (c0, c1) under key (k0, k1) */
export const threefry2x32 = (k0: number, k1: number, c0: number, c1: number): Pair<number> =>
  threefry(NUMBERS, [k0, k1], [c0, c1]);
/** word i of jax.random.bits with this key */
export function wordAt<T>(w: Words<T>, key: Pair<T>, counter: Pair<T>): T {
  const [a, b] = threefry(w, key, counter);
  return w.xor(a, b);
}
/** jax.random.fold_in */
export const foldKey = <T>(w: Words<T>, key: Pair<T>, i: T): Pair<T> => threefry(w, key, [w.constant(0), i]);
/** of one number after the other */
export const foldTrips = (key: Pair<number>, trips: readonly number[]): Pair<number> =>
  trips.reduce((k, i) => foldKey(NUMBERS, k, i), key);
