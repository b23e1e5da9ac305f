/**
 * What each primitive of LOOP is in WGSL: one native of any element; of i64 and f64 by functions (wide.ts). Division of f32, sqrt and fma
 * are WGSL's own, as exact as its specification says; exp2, log2, sin, cos, tanh, erf are ir/math.ts's sequences (math.ts). Knows nothing
 * of memory and statements.
 */
import type { LoopPrim, Ty } from "../../ir/loop.ts";
import { mathHelper, remainderHelper, saturatingHelper } from "./math.ts";
import { type Cx, isWide, literal, type Site, typeOf } from "./text.ts";
import { widePrimitive } from "./wide.ts";

type Gen = (s: Site) => string;

const infix =
  (op: string): Gen =>
  ({ args: [a, b] }) =>
    `(${a} ${op} ${b})`;
const call =
  (name: string): Gen =>
  ({ args }) =>
    `${name}(${args.join(", ")})`;
const zero = (s: Site): string => `${typeOf({ elem: s.of, lanes: s.t.lanes })}()`;
const neg: Gen = s => (s.of === "u32" ? `(${zero(s)} - ${s.args[0]})` : `(-${s.args[0]})`);
const abs: Gen = s => (s.of === "u32" ? s.args[0]! : `abs(${s.args[0]})`);
const bitwise =
  (op: "&" | "|"): Gen =>
  ({ args: [a, b], of, t }) =>
    of === "bool" && t.lanes === 1 ? `(${a} ${op}${op} ${b})` : `(${a} ${op} ${b})`;
/** WGSL takes a run-time amount modulo the width, and refuses a constant one beyond it */
const shift =
  (op: "<<" | ">>"): Gen =>
  ({ args: [a, b], of, t }) => {
    const words = typeOf({ elem: "u32", lanes: t.lanes });
    const amount = of === "u32" ? b : `${words}(${b})`;
    return `(${a} ${op} (${amount} & ${t.lanes === 1 ? "31u" : `${words}(31u)`}))`;
  };
/** x == x asks whether x is a number; a compiler may assume that it is, so the bits are asked */
const eq: Gen = ({ args: [a, b], of, t }) => {
  if (of !== "f32" || a !== b) return `(${a} == ${b})`;
  const words = typeOf({ elem: "u32", lanes: t.lanes });
  return `((bitcast<${words}>(${a}) & ${words}(0x7fffffffu)) <= ${words}(0x7f800000u))`;
};
const rem: Gen = s => (s.of === "f32" ? remainderHelper(s) : infix("%")(s));
/** a float saturates at the integers' ends, not at the last float below them */
const cast: Gen = s => {
  const to = s.t.elem;
  if (s.of === to) return s.args[0]!;
  return s.of === "f32" && (to === "i32" || to === "u32") ? saturatingHelper(s) : `${typeOf(s.t)}(${s.args[0]})`;
};
const internal: Gen = s => {
  throw new Error(`internal: ${s.cx.kernel}: not a primitive of one native`);
};

const PRIMS: { readonly [P in LoopPrim]: Gen } = {
  neg,
  abs,
  sqrt: call("sqrt"),
  floor: call("floor"),
  ceil: call("ceil"),
  trunc: call("trunc"),
  rint: call("round"),
  add: infix("+"),
  sub: infix("-"),
  mul: infix("*"),
  div: infix("/"),
  rem,
  min: call("min"),
  max: call("max"),
  and: bitwise("&"),
  or: bitwise("|"),
  xor: s => infix(s.of === "bool" ? "!=" : "^")(s),
  not: ({ args: [a], of }) => `(${of === "bool" ? "!" : "~"}${a})`,
  shl: shift("<<"),
  shr: shift(">>"),
  eq,
  lt: infix("<"),
  le: infix("<="),
  select: ({ args: [c, a, b] }) => `select(${b}, ${a}, ${c})`,
  cast,
  bitcast: ({ args: [a], t }) => `bitcast<${typeOf(t)}>(${a})`,
  exp2: s => mathHelper(s, "exp2"),
  log2: s => mathHelper(s, "log2"),
  sin: s => mathHelper(s, "sin"),
  cos: s => mathHelper(s, "cos"),
  tanh: s => mathHelper(s, "tanh"),
  erf: s => mathHelper(s, "erf"),
  fma: s => (s.of === "f32" ? call("fma")(s) : `(${s.args[0]} * ${s.args[1]} + ${s.args[2]})`),
  splat: ({ args: [a], t }) => `${typeOf(t)}(${a})`,
  // made where the number of the native is known
  extract: internal,
  iota: internal,
};
/** native of a primitive */
export const generate = (p: LoopPrim, s: Site): string =>
  isWide(s.of) || isWide(s.t.elem) ? widePrimitive(p, s) : PRIMS[p](s);
/** a binary primitive on two values that exist already */
export const vertical = (cx: Cx, op: "add" | "mul" | "max" | "min", t: Ty, a: string, b: string): string =>
  generate(op, { cx, t, of: t.elem, args: [a, b] });
export const zeroOf = (cx: Cx, t: Ty): string => (t.lanes === 1 ? literal(cx, 0, t.elem) : `${typeOf(t)}()`);
