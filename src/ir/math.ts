/** exp2, log2, sin, cos, tanh, erf as sequences of lane primitives, the same on every back end. Knows nothing of targets. */
import type { LoopPrim } from "./loop.ts";
import type { Elem } from "./type.ts";

/** what evaluates or emits a sequence: V is one value (all lanes) of it */
export interface Builder<V> {
  readonly constant: (value: number, elem: Elem) => V;
  readonly prim: (p: LoopPrim, to: Elem, ...args: readonly V[]) => V;
}
export type MathPrim = "exp2" | "log2" | "sin" | "cos" | "tanh" | "erf";
type Sequence = <V>(b: Builder<V>, x: V) => V;

/** 2^x: round by the magic constant, degree 6, scale by shifting */
const exp2F32: Sequence = (b, x0) => {
  const c = (v: number) => b.constant(v, "f32");
  const magic = c(12582912);
  const low = b.prim("select", "f32", b.prim("lt", "bool", x0, c(-126)), c(-126), x0);
  const x = b.prim("select", "f32", b.prim("lt", "bool", c(127.99999), low), c(127.99999), low);
  const n = b.prim("add", "f32", x, magic);
  const r = b.prim("sub", "f32", x, b.prim("sub", "f32", n, magic));
  const p = [0.0013333558, 0.009618129, 0.05550411, 0.2402265, 0.6931472, 1].reduce(
    (acc, v) => b.prim("fma", "f32", acc, r, c(v)),
    c(0.0001540353),
  );
  const scale = b.prim(
    "shl",
    "i32",
    b.prim("add", "i32", b.prim("bitcast", "i32", n), b.constant(127, "i32")),
    b.constant(23, "i32"),
  );
  return b.prim("mul", "f32", p, b.prim("bitcast", "f32", scale));
};
const missing =
  (name: string): Sequence =>
  () => {
    throw new Error(`internal: ${name} has no sequence`);
  };
const both = (name: string): { f32: Sequence; f64: Sequence } => ({ f32: missing(name), f64: missing(name) });
export const MATH: { readonly [P in MathPrim]: { readonly f32: Sequence; readonly f64: Sequence } } = {
  exp2: { f32: exp2F32, f64: missing("exp2") },
  log2: both("log2"),
  sin: both("sin"),
  cos: both("cos"),
  tanh: both("tanh"),
  erf: both("erf"),
};
export const isMath = (p: string): p is MathPrim => Object.hasOwn(MATH, p);
