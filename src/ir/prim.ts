/** The closed table of lane primitives that every back end must have. Their meaning; nothing of vectors, memory or targets. */
import type { Elem } from "./type.ts";

/**
 * Meaning, the same on every back end:
 *  div, rem of integers truncate; x / 0 = x, x rem 0 = 0, MIN / -1 = MIN, MIN rem -1 = 0 (as WGSL); add, sub, mul wrap.
 *  rem of floats is a - b * trunc(a / b) exactly (C's fmod). min, max are IEEE minimum, maximum: NaN wins, -0 < +0.
 *  rint rounds half to even. shl, shr take their right operand modulo the width; shr of i32, i64 is arithmetic, of u32 logical.
 *  cast of a float to an integer truncates and saturates, NaN becomes 0; between integers it keeps the low bits (extended by
 *  the sign of what is cast); cast of bool is 0 or 1; cast to bool is x != 0. bitcast is between elements of one width.
 *  lt, le, eq on NaN are false. select(c, a, b) is a where c. neg and abs wrap.
 *  log2(0) = -inf, log2(x < 0) = NaN, sin(inf) = cos(inf) = NaN; denormals count as what they are.
 */
export type Prim =
  | "neg"
  | "abs"
  | "sqrt"
  | "floor"
  | "ceil"
  | "trunc"
  | "rint"
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "rem"
  | "min"
  | "max"
  | "and"
  | "or"
  | "xor"
  | "not"
  | "shl"
  | "shr"
  | "eq"
  | "lt"
  | "le"
  | "select"
  | "cast"
  | "bitcast"
  | "exp2"
  | "log2"
  | "sin"
  | "cos"
  | "tanh"
  | "erf";

/** which elements a primitive takes */
export type Kinds = "float" | "number" | "integer" | "bits" | "any";
export interface PrimRecord {
  readonly arity: 1 | 2 | 3;
  /** of select and cast: what is chosen or cast */
  readonly of: Kinds;
  /** same: as the last argument */
  readonly result: "same" | "bool" | "attr";
  /**
   * Largest distance from the exact value in units of the last place of the element, on WASM, f32: measured by
   * test/loop/math.test.ts. 0: exactly the rounded value (test: every element).
   */
  readonly ulp: number;
  /** the same of f64 */
  readonly ulp64: number;
  /**
   * The same of f32 on WGSL, from its specification (15.7.4): add, sub, mul and fma as on WASM, a quotient within 2.5, a root within those
   * of its inverse; of sequences, what their steps make of that. For normal arguments and results, which may be flushed to 0 below 2^-126.
   */
  readonly ulpWgsl: number;
  /**
   * The value in f64, for all elements but i64: integers exact, bool 0 or 1, floats not rounded to `elem`.
   * elem: of the last argument; to: of the result, where `result` is "attr".
   */
  readonly eval: (a: number, b: number, c: number, elem: Elem, to: Elem) => number;
}

/** a lane's value: i64 is a bigint in [-2^63, 2^63), all else a number */
export type Value = number | bigint;

const toI32 = (a: number): number => a | 0;
const toU32 = (a: number): number => a >>> 0;
/** what an i32, u32 keeps of an exact integer below 2^53; floats stay as they are */
const wrap = (a: number, elem: Elem): number => (elem === "i32" ? toI32(a) : elem === "u32" ? toU32(a) : a);
const isWord = (elem: Elem): boolean => elem === "i32" || elem === "u32";
const bits = (a: number, elem: Elem): number => (elem === "u32" ? toU32(a) : a);
const clamp = (a: number, lo: number, hi: number): number =>
  Number.isNaN(a) ? 0 : Math.min(hi, Math.max(lo, Math.trunc(a)) + 0);

/** an integer of 32 bits by truncation and saturation (floats) or its low bits (integers) */
function cast(a: number, elem: Elem, to: Elem): number {
  switch (to) {
    case "bool":
      return a !== 0 ? 1 : 0;
    case "i32":
      return isFloatElem(elem) ? clamp(a, -2147483648, 2147483647) : toI32(a);
    case "u32":
      return isFloatElem(elem) ? clamp(a, 0, 4294967295) : toU32(a);
    case "i64":
    case "f16":
    case "f32":
    case "f64":
      return a;
    default:
      return to satisfies never;
  }
}
const isFloatElem = (e: Elem): boolean => e === "f16" || e === "f32" || e === "f64";

const view = new DataView(new ArrayBuffer(8));
function bitcast(a: Value, elem: Elem, to: Elem): Value {
  if (elem === "i64") view.setBigInt64(0, BigInt(a));
  else if (elem === "f64") view.setFloat64(0, Number(a));
  else if (elem === "f32") view.setFloat32(0, Number(a));
  else view.setInt32(0, toI32(Number(a)));
  switch (to) {
    case "i64":
      return view.getBigInt64(0);
    case "f64":
      return view.getFloat64(0);
    case "f32":
      return view.getFloat32(0);
    case "u32":
      return view.getUint32(0);
    case "i32":
      return view.getInt32(0);
    case "bool":
    case "f16":
      throw new Error(`internal: bitcast to ${to}`);
    default:
      return to satisfies never;
  }
}

const TWO52 = 2 ** 52;
/** adding 2^52 leaves no fraction and rounds half to even; the sign of zero stays */
const rint = (a: number): number => {
  const size = Math.abs(a);
  if (!(size < TWO52)) return a;
  const r = size + TWO52 - TWO52;
  return a < 0 || Object.is(a, -0) ? -r : r;
};
const divide = (a: number, b: number, elem: Elem): number =>
  isWord(elem) ? (b === 0 ? a : wrap(Math.trunc(a / b), elem)) : a / b;
const remainder = (a: number, b: number, elem: Elem): number => (isWord(elem) ? (b === 0 ? 0 : (a % b) + 0) : a % b);
const multiply = (a: number, b: number, elem: Elem): number => (isWord(elem) ? wrap(Math.imul(a, b), elem) : a * b);

/** erf to about 1 unit of the last place of f64: its series below 1, else 1 minus the continued fraction of what is missing */
function erf(x: number): number {
  const a = Math.abs(x);
  if (!(a > 0) || a > 6) return a > 6 ? Math.sign(x) : x;
  if (a < 1) {
    let [power, sum] = [x, 0];
    for (let n = 1; n < 30; n++) {
      power *= (-x * x) / n;
      sum += power / (2 * n + 1);
    }
    return 1.1283791670955126 * (x + sum);
  }
  let fraction = 0;
  for (let n = a < 2 ? 400 : 60; n > 0; n--) fraction = n / 2 / (a + fraction);
  return Math.sign(x) * (1 - (Math.exp(-a * a) * 0.5641895835477563) / (a + fraction));
}

const exact = { ulp: 0, ulp64: 0, ulpWgsl: 0 };
type Eval = PrimRecord["eval"];
const unary = (of: Kinds, evaluate: Eval): PrimRecord => ({ arity: 1, of, result: "same", ...exact, eval: evaluate });
const binary = (of: Kinds, evaluate: Eval): PrimRecord => ({ arity: 2, of, result: "same", ...exact, eval: evaluate });
const compare = (of: Kinds, evaluate: Eval): PrimRecord => ({ arity: 2, of, result: "bool", ...exact, eval: evaluate });
const math = (ulp: number, ulp64: number, ulpWgsl: number, evaluate: (a: number) => number): PrimRecord => ({
  arity: 1,
  of: "float",
  result: "same",
  ulp,
  ulp64,
  ulpWgsl,
  eval: evaluate,
});

export const PRIMS: { readonly [P in Prim]: PrimRecord } = {
  neg: unary("number", (a, _b, _c, e) => wrap(-a, e)),
  abs: unary("number", (a, _b, _c, e) => wrap(Math.abs(a), e)),
  sqrt: { ...unary("float", Math.sqrt), ulpWgsl: 5 },
  floor: unary("float", Math.floor),
  ceil: unary("float", Math.ceil),
  trunc: unary("float", Math.trunc),
  rint: unary("float", rint),
  add: binary("number", (a, b, _c, e) => wrap(a + b, e)),
  sub: binary("number", (a, b, _c, e) => wrap(a - b, e)),
  mul: binary("number", (a, b, _c, e) => multiply(a, b, e)),
  div: { ...binary("number", (a, b, _c, e) => divide(a, b, e)), ulpWgsl: 3 },
  rem: binary("number", (a, b, _c, e) => remainder(a, b, e)),
  min: binary("number", (a, b) => Math.min(a, b)),
  max: binary("number", (a, b) => Math.max(a, b)),
  and: binary("bits", (a, b, _c, e) => bits(a & b, e)),
  or: binary("bits", (a, b, _c, e) => bits(a | b, e)),
  xor: binary("bits", (a, b, _c, e) => bits(a ^ b, e)),
  not: unary("bits", (a, _b, _c, e) => (e === "bool" ? 1 - a : bits(~a, e))),
  shl: binary("integer", (a, b, _c, e) => bits(a << b, e)),
  shr: binary("integer", (a, b, _c, e) => (e === "u32" ? a >>> b : a >> b)),
  eq: compare("any", (a, b) => (a === b ? 1 : 0)),
  lt: compare("number", (a, b) => (a < b ? 1 : 0)),
  le: compare("number", (a, b) => (a <= b ? 1 : 0)),
  select: { arity: 3, of: "any", result: "same", ...exact, eval: (c, a, b) => (c !== 0 ? a : b) },
  cast: { arity: 1, of: "any", result: "attr", ...exact, eval: (a, _b, _c, e, to) => cast(a, e, to) },
  bitcast: { arity: 1, of: "any", result: "attr", ...exact, eval: (a, _b, _c, e, to) => Number(bitcast(a, e, to)) },
  exp2: math(2, 2, 2, a => 2 ** a),
  log2: math(2, 2, 2, Math.log2),
  sin: math(2, 2, 2, Math.sin),
  cos: math(2, 2, 2, Math.cos),
  tanh: math(2, 2, 5, Math.tanh),
  erf: math(2, 2, 2, erf),
};

const BIG: { readonly [P in Prim]?: (a: bigint, b: bigint) => bigint } = {
  neg: a => -a,
  abs: a => (a < 0n ? -a : a),
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => (b === 0n ? a : a / b),
  rem: (a, b) => (b === 0n ? 0n : a % b),
  min: (a, b) => (b < a ? b : a),
  max: (a, b) => (a < b ? b : a),
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  not: a => ~a,
  shl: (a, b) => a << (b & 63n),
  shr: (a, b) => a >> (b & 63n),
};
const COMPARE = {
  eq: (a: bigint, b: bigint): boolean => a === b,
  lt: (a: bigint, b: bigint): boolean => a < b,
  le: (a: bigint, b: bigint): boolean => a <= b,
};

/** to i64 from any element */
function toBig(a: number, elem: Elem): bigint {
  if (!isFloatElem(elem)) return BigInt(a);
  if (Number.isNaN(a)) return 0n;
  if (a >= 2 ** 63) return 2n ** 63n - 1n;
  return a <= -(2 ** 63) ? -(2n ** 63n) : BigInt(Math.trunc(a));
}
function castBig(a: bigint, to: Elem): Value {
  switch (to) {
    case "i64":
      return a;
    case "bool":
      return a !== 0n ? 1 : 0;
    case "i32":
      return Number(BigInt.asIntN(32, a));
    case "u32":
      return Number(BigInt.asUintN(32, a));
    case "f32":
      return roundToF32(a);
    case "f16":
    case "f64":
      return Number(a);
    default:
      return to satisfies never;
  }
}
/** i64 to f32 in one rounding: through f64 it would be two. Bits below f64's are folded into its last one first */
function roundToF32(a: bigint): number {
  const size = a < 0n ? -a : a;
  if (size < 2n ** 53n) return Math.fround(Number(a));
  const sticky = (size >> 12n) | (size & 4095n ? 1n : 0n);
  return Math.fround(Number(a < 0n ? -sticky : sticky)) * 4096;
}

/** the meaning of any primitive on one lane of any element. elem: of the last argument; to: of the result */
export function evaluate(p: Prim, args: readonly Value[], elem: Elem, to: Elem): Value {
  if (p === "select") return Number(args[0]) !== 0 ? args[1]! : args[2]!;
  if (p === "bitcast") return bitcast(args[0]!, elem, to);
  if (p === "cast" && elem === "i64") return castBig(BigInt(args[0]!), to);
  if (p === "cast" && to === "i64") return toBig(Number(args[0]), elem);
  if (elem === "i64") {
    const [a, b] = [BigInt(args[0]!), BigInt(args[1] ?? 0n)];
    if (p === "eq" || p === "lt" || p === "le") return COMPARE[p](a, b) ? 1 : 0;
    const f = BIG[p];
    if (!f) throw new Error(`internal: ${p} of i64`);
    return BigInt.asIntN(64, f(a, b));
  }
  return PRIMS[p].eval(Number(args[0]), Number(args[1] ?? 0), Number(args[2] ?? 0), elem, to);
}

const KINDS: { readonly [K in Kinds]: readonly Elem[] } = {
  float: ["f16", "f32", "f64"],
  number: ["i32", "u32", "i64", "f16", "f32", "f64"],
  integer: ["i32", "u32", "i64"],
  bits: ["bool", "i32", "u32", "i64"],
  any: ["bool", "i32", "u32", "i64", "f16", "f32", "f64"],
};
/** may the primitive's last argument be of this element */
export const takes = (p: Prim, elem: Elem): boolean => KINDS[PRIMS[p].of].includes(elem);
export const isPrim = (name: string): name is Prim => Object.hasOwn(PRIMS, name);
