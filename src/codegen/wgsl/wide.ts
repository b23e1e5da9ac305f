/**
 * Primitives on i64 and f64, which WGSL does not have: calls of functions on pairs of words (wide-integer.ts, wide-float.ts), written into
 * the module when first needed. Several lanes are an array of pairs. Knows nothing of memory and statements.
 */
import { type LoopPrim, ty } from "../../ir/loop.ts";
import { isMath } from "../../ir/math.ts";
import { declare, lanewise, wideMath } from "./math.ts";
import { type Cx, type Site, typeOf } from "./text.ts";
import { FLOATS } from "./wide-float.ts";
import { INTEGERS } from "./wide-integer.ts";

export function widePrimitive(p: LoopPrim, s: Site): string {
  const { cx, t, of, args } = s;
  switch (p) {
    case "cast":
      return of === t.elem ? args[0]! : called(s, `${of}_to_${t.elem}`);
    case "bitcast":
      return args[0]!;
    case "select":
      return t.lanes === 1 ? `select(${args[2]}, ${args[1]}, ${args[0]})` : lanewise(s, chosen(cx), ["bool", of, of]);
    default:
      return isMath(p) ? lanewise(s, wideMath(cx, p), [of]) : called(s, `${p}_${of}`);
  }
}
/** a function of the module on each lane */
function called(s: Site, name: string): string {
  need(s.cx, name);
  return lanewise(
    s,
    name,
    s.args.map(() => s.of),
  );
}
function need(cx: Cx, name: string): void {
  if (cx.module.has(name)) return;
  const f = INTEGERS[name] ?? FLOATS[name];
  if (!f) throw new Error(`internal: ${cx.kernel}: WGSL has no ${name}`);
  declare(cx, name, () => f.text);
  for (const c of f.calls) need(cx, c);
}
function chosen(cx: Cx): string {
  const pair = typeOf(ty("i64"));
  declare(
    cx,
    "choose_pair",
    () => `fn choose_pair(c: bool, a: ${pair}, b: ${pair}) -> ${pair} { return select(b, a, c); }`,
  );
  return "choose_pair";
}
