/** The sum of numbers of f32 as it is, without an order: what every engine and thread must make of them. Knows no table. */

/** all of them are multiples of 2^-149, and of none does its multiple reach 2^277 */
const UNIT = 149;

/** the f64 nearest to the exact sum of numbers that f32 has; with NaN, or both infinities, NaN */
export function exactSum(values: readonly number[]): number {
  let sum = 0n;
  let special = 0;
  for (const x of values)
    if (Number.isFinite(x)) sum += BigInt(x * 2 ** UNIT);
    else special += x;
  // to nearest, ties to even, as the language converts a BigInt
  return special === 0 ? Number(sum) * 2 ** -UNIT : special;
}
