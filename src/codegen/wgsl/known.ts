/** What is known of an expression while the text is written: constants, equal natives; one lane of a value. */
import type { Expr } from "../../ir/loop.ts";
import { isMath } from "../../ir/math.ts";
import { evaluate, isPrim, type Value } from "../../ir/prim.ts";
import type { Elem } from "../../ir/type.ts";
import { type Cx, hold, literal, width } from "./text.ts";

/** the value that all lanes have, where it is known while the text is written */
export function known(cx: Cx, e: Expr): number | undefined {
  switch (e.k) {
    case "const":
      return e.ty.elem === "f32" ? Math.fround(e.value) : e.value;
    case "var": {
      const x = cx.env.get(e);
      return x?.k === "const" ? x.value : undefined;
    }
    case "prim": {
      if (e.prim === "splat" || e.prim === "extract") return known(cx, e.args[0]!);
      if (e.prim !== "fma" && (!isPrim(e.prim) || isMath(e.prim))) return undefined;
      const args: Value[] = [];
      for (const a of e.args) {
        const v = known(cx, a);
        if (v === undefined) return undefined;
        args.push(v);
      }
      const of = e.args.at(-1)?.ty.elem ?? e.ty.elem;
      if (e.prim === "fma") {
        const product = evaluate("mul", args.slice(0, 2), of, of);
        return held(evaluate("add", [product, args[2]!], of, of), e.ty.elem);
      }
      return held(evaluate(e.prim, args, of, e.ty.elem), e.ty.elem);
    }
    case "load":
    case "fold":
      return undefined;
    default:
      return e satisfies never;
  }
}
/** an i64 that no number holds is computed where it is needed */
function held(v: Value, elem: Elem): number | undefined {
  const x = Number(v);
  if (elem === "i64" && !Number.isSafeInteger(x)) return undefined;
  return elem === "f32" ? Math.fround(x) : x;
}

/** are all natives of the value equal */
export function uniform(cx: Cx, e: Expr): boolean {
  if (e.ty.lanes <= 4 || e.k === "const") return true;
  if (e.k === "var") {
    const x = cx.env.get(e);
    return x?.k === "const" || x?.names.length === 1;
  }
  if (e.k !== "prim" || e.prim === "iota") return false;
  return e.prim === "splat" || e.args.every(a => uniform(cx, a));
}
/** one lane of a value */
export function lane(cx: Cx, e: Expr, l: number): string {
  if (e.ty.lanes === 1) return cx.gen(cx, e);
  const value = known(cx, e);
  if (value !== undefined) return literal(cx, value, e.ty.elem);
  const w = width(e.ty.lanes);
  return `${hold(cx, cx.gen(cx, e, Math.floor(l / w)))}[${l % w}]`;
}
