/** Threefry-2x32-20 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"), as jax.random uses it. Plain u32 numbers. */

const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24] as const;

/** the two words of counter (x0, x1) under key (k0, k1) */
export function threefry2x32(k0: number, k1: number, x0: number, x1: number): readonly [number, number] {
  const key = [k0, k1, k0 ^ k1 ^ 0x1bd11bda] as const;
  let a = (x0 + k0) | 0;
  let b = (x1 + k1) | 0;
  for (let round = 0; round < 20; round++) {
    const r = ROTATIONS[round % 8]!;
    a = (a + b) | 0;
    b = ((b << r) | (b >>> (32 - r))) ^ a;
    if (round % 4 === 3) {
      const s = (round + 1) / 4;
      a = (a + key[s % 3]!) | 0;
      b = (b + key[(s + 1) % 3]! + s) | 0;
    }
  }
  return [a >>> 0, b >>> 0];
}
