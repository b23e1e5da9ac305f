/** LOOP's expressions: native `j` of each, as text. What is used more than once is held in a `let` before the statement. Knows no statement. */
import { type Expr, ty, type Var } from "../../ir/loop.ts";
import { known, lane, uniform } from "./known.ts";
import { loadNative } from "./memory.ts";
import { generate, vertical } from "./prim.ts";
import {
  type Cx,
  constant,
  hold,
  isWide,
  literal,
  nativeOf,
  natives,
  type PrimExpr,
  spread,
  typeOf,
  width,
} from "./text.ts";

export function gen(cx: Cx, e: Expr, native = 0): string {
  const j = uniform(cx, e) ? 0 : native;
  const value = known(cx, e);
  if (value !== undefined) return constant(cx, value, e.ty);
  switch (e.k) {
    case "var":
      return variable(cx, e, j);
    case "const":
      return constant(cx, e.value, e.ty);
    case "load":
      return loadNative(cx, e, j);
    case "fold":
      return fold(cx, e, j);
    case "prim":
      return primitive(cx, e, j);
    default:
      return e satisfies never;
  }
}
function variable(cx: Cx, v: Var, j: number): string {
  const x = cx.env.get(v);
  if (!x) throw new Error(`internal: ${cx.kernel}: ${v.name} has no value`);
  return x.k === "const" ? constant(cx, x.value, v.ty) : (x.names[j] ?? x.names[0]!);
}
function primitive(cx: Cx, e: PrimExpr, j: number): string {
  const t = nativeOf(e.ty);
  if (e.prim === "iota") {
    const lanes = Array.from({ length: width(e.ty.lanes) }, (_, l) => literal(cx, 4 * j + l, e.ty.elem));
    return `${typeOf(e.ty)}(${lanes.join(", ")})`;
  }
  if (e.prim === "extract") return lane(cx, e.args[0]!, e.lane ?? 0);
  if (e.prim === "splat") {
    const value = gen(cx, e.args[0]!);
    return spread(t, isWide(t.elem) ? hold(cx, value) : value);
  }
  const args = e.args.map(a => gen(cx, a, j));
  return generate(e.prim, { cx, t, of: (e.args.at(-1) ?? e).ty.elem, args });
}
/** each run of lanes: whole natives first, then their lanes */
function fold(cx: Cx, e: Extract<Expr, { readonly k: "fold" }>, j: number): string {
  const one = ty(e.ty.elem);
  if (e.over === "subgroup") {
    cx.subgroups = true;
    const names = { add: "subgroupAdd", mul: "subgroupMul", max: "subgroupMax", min: "subgroupMin" };
    return hold(cx, `${names[e.op]}(${gen(cx, e.arg, j)})`);
  }
  const per = e.arg.ty.lanes / e.ty.lanes;
  const combine = (a: string, b: string): string => vertical(cx, e.op, one, a, b);
  const held = Array.from({ length: natives(e.arg.ty) }, () => "");
  const native = (i: number): string => (held[i] ||= hold(cx, gen(cx, e.arg, i)));
  const w = width(e.arg.ty.lanes);
  const run = (u: number): string => {
    if (per % 4 !== 0) {
      const lanes = Array.from({ length: per }, (_, l) => u * per + l);
      return lanes.map(l => (w === 1 ? native(0) : `${native(Math.floor(l / w))}[${l % w}]`)).reduce(combine);
    }
    const whole = Array.from({ length: per / 4 }, (_, i) => native((u * per) / 4 + i)).reduce((a, b) =>
      hold(cx, vertical(cx, e.op, ty(e.ty.elem, 4), a, b)),
    );
    return [0, 1, 2, 3].map(l => `${whole}[${l}]`).reduce(combine);
  };
  if (e.ty.lanes === 1) return run(0);
  const lanes = Array.from({ length: width(e.ty.lanes) }, (_, l) => run(4 * j + l));
  return `${typeOf(e.ty)}(${lanes.join(", ")})`;
}
