/**
 * Primitives of LOOP on one lane: in f64, as they are meant, or rounded to their elements and math step by step, as the modules do them.
 * Knows no statement and no buffer.
 */
import type { LoopPrim } from "./loop.ts";
import { type Builder, isMath, MATH } from "./math.ts";
import { evaluate, PRIMS, type Value } from "./prim.ts";
import type { Elem } from "./type.ts";

const rounded = (v: Value, elem: Elem): Value => (elem === "f32" && typeof v === "number" ? Math.fround(v) : v);
/** what a register of the element holds when it is given a constant */
export function constantOf(v: number, elem: Elem): Value {
  if (elem === "i64") return BigInt.asIntN(64, BigInt(v));
  if (elem === "i32") return v | 0;
  return elem === "u32" ? v >>> 0 : rounded(v, elem);
}
/** one lane of a primitive; arguments that it does not take are ignored */
export type Lane = (a: Value, b: Value, c: Value) => Value;
export function meaning(p: LoopPrim, of: Elem, to: Elem): Lane {
  if (p === "splat" || p === "extract" || p === "iota") throw new Error(`internal: ${p} is not a lane primitive`);
  if (p === "fma") {
    const [mul, add] = [meaning("mul", of, of), meaning("add", of, of)];
    return (a, b, c) => add(mul(a, b, 0), c, 0);
  }
  const { arity, eval: f } = PRIMS[p];
  if (of === "i64" || to === "i64" || p === "bitcast")
    return (a, b, c) => evaluate(p, [a, b, c].slice(0, arity), of, to);
  // no i64: every value is a number
  return (a, b, c) => f(a as number, b as number, c as number, of, to);
}
/** the same with f32 rounded at each step, and math by its sequences */
export function rounding(p: LoopPrim, of: Elem, to: Elem, fma: "once" | "twice"): Lane {
  if (isMath(p) || p === "fma") return (a, b, c) => machine(p, [a, b, c], of, to, fma);
  const exact = meaning(p, of, to);
  return to === "f32" ? (a, b, c) => Math.fround(Number(exact(a, b, c))) : exact;
}
/** a primitive of f32 rounded at each step; the sequences of math done as the modules do them */
export function machine(p: LoopPrim, args: readonly Value[], of: Elem, to: Elem, fma: "once" | "twice"): Value {
  if (isMath(p) && (of === "f32" || of === "f64")) return MATH[p][of](stepper(fma), { v: args[0]!, elem: of }).v;
  if (p === "fma" && of === "f32") {
    const product = Number(args[0]) * Number(args[1]);
    return fma === "once" ? roundedOnce(product, Number(args[2])) : Math.fround(Math.fround(product) + Number(args[2]));
  }
  const [a, b, c] = args;
  return rounded(meaning(p, of, to)(a ?? 0, b ?? 0, c ?? 0), to);
}
const cell = new DataView(new ArrayBuffer(8));
/** x + y of f64 rounded to f32 at once: what the sum in f64 loses goes into its last bit, so that the second rounding sees it */
function roundedOnce(x: number, y: number): number {
  const sum = x + y;
  const back = sum - x;
  const lost = x - (sum - back) + (y - back);
  if (!Number.isFinite(sum) || !(lost !== 0)) return Math.fround(sum);
  cell.setFloat64(0, sum);
  const bits = cell.getBigInt64(0);
  if ((bits & 1n) === 0n) cell.setBigInt64(0, bits + (lost > 0 === sum > 0 ? 1n : -1n));
  return Math.fround(cell.getFloat64(0));
}
interface Step {
  readonly v: Value;
  readonly elem: Elem;
}
/** evaluates a sequence of math with numbers */
export const stepper = (fma: "once" | "twice"): Builder<Step> => ({
  constant: (value, elem) => ({ v: constantOf(value, elem), elem }),
  prim: (p, to, ...args) => ({
    v: machine(
      p,
      args.map(a => a.v),
      args.at(-1)?.elem ?? to,
      to,
      fma,
    ),
    elem: to,
  }),
});
