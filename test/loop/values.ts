/** Values that break things, for each element, and numbers from a fixed seed. */
import { type Data, storage } from "../../src/ir/loop-data.ts";
import type { Value } from "../../src/ir/prim.ts";
import type { Elem } from "../../src/ir/type.ts";

/** mulberry32 */
export function random(seed: number): () => number {
  let s = seed >>> 0;
  return () => {
    s = (s + 0x6d2b79f5) >>> 0;
    let t = Math.imul(s ^ (s >>> 15), s | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
const MIN32 = -(2 ** 31);
const FLOATS = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  1.5,
  2.5,
  -2.5,
  3,
  -7.25,
  2 ** -10,
  1e10,
  -1e10,
  2 ** 31,
  -(2 ** 31),
  2 ** 32,
  2 ** 63,
  Infinity,
  -Infinity,
  Number.NaN,
];
const SPECIAL: { readonly [E in Exclude<Elem, "f16">]: readonly Value[] } = {
  bool: [0, 1],
  i32: [0, 1, -1, 2, -2, 3, 7, 31, 32, 33, 100, 2 ** 31 - 1, MIN32, MIN32 + 1, 65536],
  u32: [0, 1, 2, 3, 7, 31, 32, 33, 100, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 2 ** 32 - 1, 65536],
  i64: [
    0n,
    1n,
    -1n,
    2n,
    3n,
    -7n,
    63n,
    64n,
    2n ** 31n,
    -(2n ** 31n),
    2n ** 53n + 1n,
    2n ** 63n - 1n,
    -(2n ** 63n),
    2n ** 40n + 5n,
  ],
  f32: [
    ...FLOATS,
    2 ** -149,
    -(2 ** -149),
    2 ** -126,
    3.4028234663852886e38,
    -3.4028234663852886e38,
    8388609,
    -16777215,
  ],
  f64: [
    ...FLOATS,
    5e-324,
    2 ** -1022,
    Number.MAX_VALUE,
    -Number.MAX_VALUE,
    4503599627370497,
    2 ** 31 - 0.5,
    2 ** 52 + 0.5,
  ],
};
export function specials(elem: Elem): readonly Value[] {
  if (elem === "f16") throw new Error("f16 has no values here");
  return SPECIAL[elem];
}
/** any value of the element: small and large, all exponents of floats */
export function anyValue(elem: Elem, next: () => number): Value {
  const sign = next() < 0.5 ? -1 : 1;
  switch (elem) {
    case "bool":
      return next() < 0.5 ? 0 : 1;
    case "i32":
      return Math.trunc(sign * 2 ** (32 * next())) | 0;
    case "u32":
      return Math.trunc(2 ** (32 * next())) >>> 0;
    case "i64":
      return BigInt.asIntN(64, BigInt(Math.trunc(sign * 2 ** (63 * next()))) + BigInt(Math.trunc(next() * 1e6)));
    case "f32":
      return Math.fround(sign * (next() < 0.5 ? next() * 10 : 2 ** (276 * next() - 148)));
    case "f64":
      return sign * (next() < 0.5 ? next() * 10 : 2 ** (2090 * next() - 1070));
    case "f16":
      throw new Error("f16 has no values here");
    default:
      return elem satisfies never;
  }
}
export function filled(elem: Elem, values: readonly Value[]): Data {
  const d = storage(elem, values.length);
  values.forEach((v, i) => {
    if (d instanceof BigInt64Array) d[i] = BigInt(v);
    else d[i] = Number(v);
  });
  return d;
}
