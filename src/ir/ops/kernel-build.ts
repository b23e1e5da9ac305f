/** Shorthands for the records' kernel rules: axes of a result, lane values, dims as values. Knows no op. */

import type { Axis, Index, Val } from "../kernel.ts";
import { along, indexVal } from "../kernel-walk.ts";
import type { Prim } from "../prim.ts";
import type { Dim, Elem } from "../type.ts";

export const parallel = (shape: readonly Dim[]): readonly Axis[] =>
  shape.map((extent, d) => ({ name: `i${d}`, extent, role: "parallel" }));
export const reduced = (shape: readonly Dim[]): readonly Axis[] =>
  shape.map((extent, d) => ({ name: `r${d}`, extent, role: "reduce" }));
export const indices = (axes: readonly Axis[]): readonly Index[] => axes.map(a => along(a.name));

export const prim = (p: Prim, ...args: readonly Val[]): Val => ({ k: "prim", prim: p, args });
export const castTo = (elem: Elem, v: Val): Val => ({ k: "prim", prim: "cast", args: [v], elem });
export const constant = (value: number, elem: Elem): Val => ({ k: "const", value, elem });
export const int = (value: number): Val => constant(value, "i32");
export const named = (name: string): Val => ({ k: "name", name });
/** an extent as an i32 */
export function dimVal(d: Dim): Val {
  if (typeof d === "number") return int(d);
  const n: Val = { k: "n" };
  const scaled = d.n === 1 ? n : prim("mul", n, int(d.n));
  return d.plus === 0 ? scaled : prim("add", scaled, int(d.plus));
}
/** the row-major number of a point of a box, as an i32 */
export function flatVal(at: readonly Index[], shape: readonly Dim[]): Val {
  if (at.length === 0) return int(0);
  return at.map(indexVal).reduce((v, x, d) => (shape[d] === 1 ? v : prim("add", prim("mul", v, dimVal(shape[d]!)), x)));
}
