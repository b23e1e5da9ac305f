/** The bijection on 32 bits that orders and chooses rows (language 4): SQL, kernels and JavaScript compute it alike. */

/** twice x = (x ^ x >>> 16) * 73244475 mod 2^32, then x ^ x >>> 16; u32 to u32 */
export function mix32(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 73244475);
  x = Math.imul(x ^ (x >>> 16), 73244475);
  return (x ^ (x >>> 16)) >>> 0;
}
