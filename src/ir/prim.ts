/** The closed table of lane primitives that every back end must have. Their meaning; nothing of vectors, memory or targets. */
import type { Elem } from "./type.ts";

/**
 * Meaning, the same on every back end:
 *  div, rem of integers truncate; x / 0 = x, x rem 0 = 0, MIN / -1 = MIN, MIN rem -1 = 0 (as WGSL); add, sub, mul wrap.
 *  rem of floats is a - b * trunc(a / b) exactly (C's fmod). min, max are IEEE minimum, maximum: NaN wins, -0 < +0.
 *  rint rounds half to even. shl, shr take their right operand modulo the width; shr of i32, i64 is arithmetic, of u32 logical.
 *  cast to an integer truncates and saturates, NaN becomes 0; cast of bool is 0 or 1; cast to bool is x != 0.
 *  lt, le, eq on NaN are false. select(c, a, b) is a where c.
 */
export type Prim =
  | "neg" | "abs" | "sqrt" | "floor" | "ceil" | "trunc" | "rint"
  | "add" | "sub" | "mul" | "div" | "rem" | "min" | "max"
  | "and" | "or" | "xor" | "not" | "shl" | "shr"
  | "eq" | "lt" | "le" | "select" | "cast" | "bitcast"
  | "exp2" | "log2" | "sin" | "cos" | "tanh" | "erf";

/** which elements a primitive takes */
export type Kinds = "float" | "number" | "integer" | "bits" | "any";
export interface PrimRecord {
  readonly arity: 1 | 2 | 3;
  readonly of: Kinds;
  readonly result: "same" | "bool" | "attr";
  /** largest distance from the exact value in units of the last place of f32, on WASM (f64 inputs: of f64) */
  readonly ulp: number;
  /** value in f64 (integers: exact in i32/u32; i64 as number up to 2^53 is not enough, see i64 in the interpreters) */
  readonly eval: (a: number, b: number, c: number, elem: Elem) => number;
}
