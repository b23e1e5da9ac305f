/** What the rules of the builtins share: types of results, lists of integers, extents. Knows no builtin. */
import type { CoreElem, Static, TensorType } from "../../core.ts";
import type { BuiltinCall, Constant } from "../builtin.ts";
import { type Dim, relate, showDim } from "../dims.ts";

export const typeOfShape = (elem: CoreElem, shape: readonly Dim[]): TensorType => ({ k: "tensor", elem, shape });
/** what a value of an element computes as: u8 as i32 */
export const computed = (e: CoreElem): CoreElem => (e === "u8" ? "i32" : e);
/** what `/` and mean make of an element */
export const fractional = (e: CoreElem): CoreElem =>
  e === "f16" || e === "f32" || e === "f64" ? e : e === "i64" ? "f64" : "f32";

export const isDim = (s: Static | undefined): s is Dim =>
  typeof s === "number" || (typeof s === "object" && s !== null && "k" in s && s.k === "poly");
/** a number, or a list of numbers; undefined where it is something else */
export function dimsOf(s: Static | undefined): readonly Dim[] | undefined {
  if (isDim(s)) return [s];
  return Array.isArray(s) && s.every(isDim) ? s : undefined;
}
export const showDims = (s: readonly Dim[]): string => `[${s.map(showDim).join(", ")}]`;

/** the axes of a reduction or permutation, in [0, rank), ascending unless `keep`; none is all */
export function axesOf(c: BuiltinCall, formal: string, rank: number, keep = false): readonly number[] {
  const given = c.fixed(formal);
  if (given === null) return Array.from({ length: rank }, (_, d) => d);
  const axes = c.dims(formal).map(a => {
    if (typeof a !== "number" || !Number.isInteger(a))
      return c.fail("an axis is a whole number known when compiling", formal);
    if (a < -rank || a >= rank)
      return c.fail(`axis ${a} of a tensor with ${rank} ${rank === 1 ? "axis" : "axes"}`, formal);
    return a < 0 ? a + rank : a;
  });
  if (new Set(axes).size < axes.length) return c.fail("an axis comes twice", formal);
  return keep ? axes : [...axes].sort((a, b) => a - b);
}
/** a count or a side: a whole number that is at least `least` */
export function whole(c: BuiltinCall, formal: string, least: number): number {
  const n = c.integer(formal);
  return n >= least ? n : c.fail(`\`${formal}\` is ${n}, and at least ${least} is needed`, formal);
}
/** the same side of two operands; what is not provably different is left to the run */
export function sameSide(c: BuiltinCall, a: Dim, b: Dim, what: string): Dim {
  if (relate(a, b) === "different") return c.fail(`${what}: ${showDim(a)} and ${showDim(b)}`);
  return typeof a === "number" ? a : b;
}
/** integers of a constant argument; undefined where it has other elements */
export const integersOf = (c: Constant): readonly Dim[] | undefined =>
  c.elem === "int" || c.elem === "i32" || c.elem === "i64" || c.elem === "u8" ? c.data : undefined;
