/** Ops of REL on lists, whose results are cells; what makes lists is in makers.ts. Sums are in the order of the elements. */
import type { CellElem } from "../rel.ts";
import { compare } from "./number.ts";
import {
  type Attributes,
  type Elements,
  FLOATS,
  INTEGERS,
  isFloatCell,
  NUMBERS,
  op,
  type RelOp,
  SCALARS,
  type Scalar,
  type Signature,
  wrapped,
  zeroOf,
} from "./record.ts";

/** the one field of each element */
const items = (list: unknown): readonly Scalar[] => (list as Elements).map(e => e[0] as Scalar); // as: the signature says that it is a list of scalars
const of = (elems: readonly CellElem[], to?: CellElem): readonly Signature[] =>
  elems.map(e => ({ args: [`list ${e}`], to: to ?? e }));
/** in f64 and in order; integers exactly, then wrapped */
export const sumOf = (xs: readonly Scalar[], e: CellElem): Scalar =>
  isFloatCell(e)
    ? xs.reduce<number>((a, x) => a + Number(x), 0)
    : wrapped(
        e,
        xs.reduce<bigint>((a, x) => a + BigInt(x), 0n),
      );
/** the f64 nearest to an exact sum of integers, in two steps that SQL can do, too */
const nearest = (sum: bigint): number => {
  const low = ((sum % 2n ** 32n) + 2n ** 32n) % 2n ** 32n;
  return Number((sum - low) / 2n ** 32n) * 2 ** 32 + Number(low);
};
/** of none NaN */
export const meanOf = (xs: readonly Scalar[], e: CellElem): number =>
  (isFloatCell(e) ? Number(sumOf(xs, e)) : nearest(xs.reduce<bigint>((a, x) => a + BigInt(x), 0n))) / xs.length;
/** of none what stands for nothing; NaN wins, -0 is below 0 */
export function extreme(xs: readonly Scalar[], e: CellElem, sign: 1 | -1): Scalar {
  const wins = (a: Scalar, b: Scalar): boolean => {
    if (typeof a === "number" && typeof b === "number") {
      if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a);
      if (a === b) return Object.is(a, -0) === sign > 0 && Object.is(a, -0) !== Object.is(b, -0);
    }
    return compare(a, b) * sign < 0;
  };
  return xs.length ? xs.reduce((best, x) => (wins(x, best) ? x : best)) : zeroOf(e);
}
const ORDERED = SCALARS.filter(e => e !== "bool");
const MEANS: readonly { readonly from: CellElem; readonly to: CellElem }[] = [
  { from: "bool", to: "f32" },
  { from: "i32", to: "f32" },
  { from: "i64", to: "f64" },
  { from: "f32", to: "f32" },
  { from: "f64", to: "f64" },
];
const small = (attrs: Attributes): string | undefined =>
  Number.isInteger(attrs["n"]) && Number(attrs["n"]) > 0 && Number(attrs["n"]) <= 100_000 ? undefined : "no length";

export const LIST_OPS = {
  list_length: op("of any list", [{ args: ["list"], to: "i32" }], ([l]) => (l as Elements).length), // as: a list
  list_sum: op("of none 0", [...of(NUMBERS), { args: ["list bool"], to: "i32" }], ([l], how) =>
    sumOf(items(l), how.to),
  ),
  list_mean: op(
    "of none NaN",
    MEANS.map(m => ({ args: [`list ${m.from}`], to: m.to })),
    ([l], how) => meanOf(items(l), how.of),
  ),
  list_min: op("of none 0; NaN wins", of(ORDERED), ([l], how) => extreme(items(l), how.of, 1)),
  list_max: op("of none 0; NaN wins", of(ORDERED), ([l], how) => extreme(items(l), how.of, -1)),
  list_any: op("of none false", of(["bool"]), ([l]) => items(l).some(Boolean)),
  list_all: op("of none true", of(["bool"]), ([l]) => items(l).every(Boolean)),
  item: op(
    "the element numbered i of a tensor, row-major; 0 where there is none",
    [...NUMBERS, "bool" as const].map(e => ({ args: [`tensor ${e}`, "i32"], to: e })),
    ([t, i], how) => (t as readonly Scalar[])[Number(i)] ?? zeroOf(how.of), // as: a tensor
  ),
  list_text: op("a list of texts as one text: JSON", [{ args: ["list string"], to: "string" }], ([l]) =>
    // as engines write it: digits of an escape are capital letters
    JSON.stringify(items(l)).replace(/\\u([0-9a-f]{4})/g, (_, digits: string) => `\\u${digits.toUpperCase()}`),
  ),
  element_at: op(
    'the element numbered i, 0 or "" where there is none',
    SCALARS.map(e => ({ args: [`list ${e}`, "i32"], to: e })),
    ([l, i], how) => items(l)[Number(i)] ?? zeroOf(how.of),
  ),
  pad_to: op(
    "the first `n` elements, and the second operand where there are fewer",
    [...INTEGERS, ...FLOATS, "bool" as const].map(e => ({ args: [`list ${e}`, e], to: `tensor ${e}` })),
    ([l, value], { attrs }) => {
      const xs = items(l);
      return Array.from({ length: Number(attrs["n"]) }, (_, i) => xs[i] ?? (value as Scalar)); // as: a scalar
    },
    { refuse: small, sample: draw => ({ n: 1 + draw.below(4) }) }, // attribute `shape`: of the tensor; absent: [n]
  ),
} satisfies Record<string, RelOp>;
