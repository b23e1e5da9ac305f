/** Ops of REL on numbers and truth values. Floats mean what kernels mean (ir/prim.ts): NaN is unequal to itself, x / 0 is inf, integers wrap. */
import type { CellElem } from "../rel.ts";
import { FLOATS, isFloatCell, NUMBERS, op, type RelOp, SCALARS, type Scalar, same, toF32, wrapped } from "./record.ts";

/** as: the signature says that they are numbers */
const numbers = (args: readonly unknown[]): readonly number[] => args as readonly number[];
/** exactly on integers, which wrap, in f64 on floats */
const arithmetic =
  (whole: (a: bigint, b: bigint) => bigint, float: (a: number, b: number) => number): RelOp["eval"] =>
  (args, { of }) => {
    if (isFloatCell(of)) return float(...(numbers(args) as [number, number])); // as: two operands, by the signature
    const [a, b] = (args as readonly Scalar[]).map(x => BigInt(x));
    return wrapped(of, whole(a!, b ?? 0n));
  };
/** C's remainder keeps the sign of a; that of b where they differ */
const floored = (a: number, b: number): number => {
  const r = a % b;
  return r !== 0 && r < 0 !== b < 0 ? r + b : r;
};
const flooredWhole = (a: bigint, b: bigint): bigint => {
  if (b === 0n) return 0n;
  const r = a % b;
  return r !== 0n && r < 0n !== b < 0n ? r + b : r;
};
const quotient = (a: bigint, b: bigint): bigint => {
  if (b === 0n) return a;
  const q = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? q - 1n : q;
};
const float =
  (f: (x: number) => number): RelOp["eval"] =>
  ([x]) =>
    f(x as number); // as: of FLOATS
/** by code points, as UTF-8 bytes compare */
export function compare(a: Scalar, b: Scalar): number {
  if (typeof a !== "string" || typeof b !== "string") return a < b ? -1 : a > b ? 1 : a === b ? 0 : Number.NaN;
  for (let i = 0; i < a.length && i < b.length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    // surrogates stand for what lies above all other code points
    if (x !== y) return x < 0xd800 || y < 0xd800 || x >= 0xe000 === y >= 0xe000 ? x - y : x >= 0xe000 ? -1 : 1;
  }
  return a.length - b.length;
}
const compared = (doc: string, elems: readonly CellElem[], is: (order: number) => boolean): RelOp =>
  op(doc, same(elems, 2, "bool"), ([a, b]) => is(compare(a as Scalar, b as Scalar))); // as: the signature has scalars
const ORDERED = SCALARS.filter(e => e !== "bool");

/** half to even, the sign of zero kept */
const rint = (a: number): number => {
  const size = Math.abs(a);
  if (!(size < 2 ** 52)) return a;
  const r = size + 2 ** 52 - 2 ** 52;
  return a < 0 || Object.is(a, -0) ? -r : r;
};
const saturated = (x: number, low: bigint, high: bigint): bigint =>
  Number.isNaN(x) ? 0n : x >= Number(high) ? high : x <= Number(low) ? low : BigInt(Math.trunc(x));
function cast(x: Scalar, of: CellElem, to: CellElem): Scalar {
  if (to === "bool") return typeof x === "bigint" ? x !== 0n : x !== 0 && x !== false;
  const n = typeof x === "boolean" ? Number(x) : (x as number | bigint); // as: casts are of numbers and bools
  if (to === "f64") return Number(n);
  if (to === "f32") return toF32(n);
  if (!isFloatCell(of)) return wrapped(to, BigInt(n));
  return to === "i32"
    ? Number(saturated(Number(n), -(2n ** 31n), 2n ** 31n - 1n))
    : saturated(Number(n), -(2n ** 63n), 2n ** 63n - 1n);
}
const CASTS = ["bool", ...NUMBERS] as const;
const integersToo =
  (f: (x: number) => number): RelOp["eval"] =>
  ([x], { of }) =>
    isFloatCell(of) ? f(x as number) : (x as Scalar); // as: of NUMBERS

export const NUMBER_OPS = {
  neg: op(
    "-x; integers wrap",
    same(NUMBERS, 1),
    arithmetic(
      a => -a,
      a => -a,
    ),
  ),
  add: op(
    "a + b",
    same(NUMBERS, 2),
    arithmetic(
      (a, b) => a + b,
      (a, b) => a + b,
    ),
  ),
  sub: op(
    "a - b",
    same(NUMBERS, 2),
    arithmetic(
      (a, b) => a - b,
      (a, b) => a - b,
    ),
  ),
  mul: op(
    "a * b",
    same(NUMBERS, 2),
    arithmetic(
      (a, b) => a * b,
      (a, b) => a * b,
    ),
  ),
  div: op("the quotient of floats", same(FLOATS, 2), ([a, b]) => (a as number) / (b as number)), // as: of FLOATS
  mod: op(
    "what floordiv leaves, of the sign of b; of an integer by 0: 0",
    same(NUMBERS, 2),
    arithmetic(flooredWhole, floored),
  ),
  floordiv: op("the quotient rounded down; of an integer by 0: itself", same(NUMBERS, 2), (args, how) => {
    const [a, b] = args as readonly [number, number]; // as: looked at below
    if (!isFloatCell(how.of)) return arithmetic(quotient, () => 0)(args, how);
    return Math.floor(how.of === "f32" ? Math.fround(a / b) : a / b);
  }),
  pow: op(
    "a to the power of b; anything to the power of 0 is 1; of integers the nearest integer to it, saturating",
    same(NUMBERS, 2),
    ([a, b], { of }) => {
      const p = Number(a) ** Number(b);
      return isFloatCell(of) ? p : cast(rint(p), "f64", of);
    },
    { ulp: 2 },
  ),
  eq: compared("NaN equals nothing", SCALARS, o => o === 0),
  ne: compared("not eq", SCALARS, o => o !== 0),
  lt: compared("strings by code points", ORDERED, o => o < 0),
  le: compared("strings by code points", ORDERED, o => o <= 0),
  gt: compared("strings by code points", ORDERED, o => o > 0),
  ge: compared("strings by code points", ORDERED, o => o >= 0),
  and: op("both", same(["bool"], 2), ([a, b]) => Boolean(a) && Boolean(b)),
  or: op("either", same(["bool"], 2), ([a, b]) => Boolean(a) || Boolean(b)),
  not: op("neither", same(["bool"], 1), ([a]) => !a),
  where: op(
    "a where c, else b",
    SCALARS.map(e => ({ args: ["bool", e, e], to: e })),
    ([c, a, b]) => (c ? a : b) as Scalar, // as: of SCALARS
  ),
  cast: op(
    "of a float to an integer towards zero, saturating, NaN is 0; between integers the low bits; to bool: x != 0",
    CASTS.flatMap(of => CASTS.map(to => ({ args: [of], to }))),
    ([x], { of, to }) => cast(x as Scalar, of, to), // as: of CASTS
  ),
  abs: op(
    "integers wrap",
    same(NUMBERS, 1),
    arithmetic(a => (a < 0n ? -a : a), Math.abs),
  ),
  sign: op(
    "-1, 0 or 1; of NaN and zeros: itself",
    same(NUMBERS, 1),
    arithmetic(a => (a > 0n ? 1n : a < 0n ? -1n : 0n), Math.sign),
  ),
  floor: op("down to an integer", same(NUMBERS, 1), integersToo(Math.floor)),
  ceil: op("up to an integer", same(NUMBERS, 1), integersToo(Math.ceil)),
  round: op("to the nearest integer, half to even", same(NUMBERS, 1), integersToo(rint)),
  exp: op("e to the power of x", same(FLOATS, 1), float(Math.exp), { ulp: 2 }),
  log: op("of 0: -inf, below: NaN", same(FLOATS, 1), float(Math.log), { ulp: 2 }),
  log1p: op("log(1 + x)", same(FLOATS, 1), float(Math.log1p), { ulp: 8 }),
  expm1: op("exp(x) - 1", same(FLOATS, 1), float(Math.expm1), { ulp: 8 }),
  sqrt: op("of less than 0: NaN", same(FLOATS, 1), float(Math.sqrt)),
  sin: op("of an infinity: NaN", same(FLOATS, 1), float(Math.sin), { ulp: 2 }),
  cos: op("of an infinity: NaN", same(FLOATS, 1), float(Math.cos), { ulp: 2 }),
  tanh: op("hyperbolic tangent", same(FLOATS, 1), float(Math.tanh), { ulp: 4 }),
  minimum: op(
    "the lesser; NaN wins, -0 below 0",
    same(NUMBERS, 2),
    arithmetic((a, b) => (a < b ? a : b), Math.min),
  ),
  maximum: op(
    "the greater; NaN wins, -0 below 0",
    same(NUMBERS, 2),
    arithmetic((a, b) => (a > b ? a : b), Math.max),
  ),
  isnan: op("of an integer: false", same(NUMBERS, 1, "bool"), ([x]) => Number.isNaN(x)),
} satisfies Record<string, RelOp>;
