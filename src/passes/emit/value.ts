/** Val -> Expr at a point of the loops. What does not move with the vector axis is computed in one lane. Knows no address. */
import type { Access, Val } from "../../ir/kernel.ts";
import { resultOf } from "../../ir/kernel-elem.ts";
import { type Expr, type Lanes, num, prim, ty, value } from "../../ir/loop.ts";
import type { Prim } from "../../ir/prim.ts";
import type { Elem } from "../../ir/type.ts";
import { type Cx, type Env, get } from "./env.ts";

export const reads = (v: Val): readonly Access[] =>
  v.k === "read" ? [v.from] : v.k === "prim" ? v.args.flatMap(reads) : [];
/** the axes that a value moves with; undefined: those of a name, which are not known here */
export function axesOfVal(v: Val): ReadonlySet<string> | undefined {
  if (v.k === "axis") return new Set([v.axis]);
  if (v.k === "name") return undefined;
  const parts = v.k === "read" ? [axesOf(v.from)] : v.k === "prim" ? v.args.map(axesOfVal) : [];
  const out = new Set<string>();
  for (const s of parts) {
    if (!s) return undefined;
    for (const a of s) out.add(a);
  }
  return out;
}
export function axesOf(a: Access): ReadonlySet<string> | undefined {
  const out = new Set(a.index.flatMap(i => i.terms.map(t => t.axis)));
  for (const i of a.index) {
    const more = i.gather ? axesOfVal(i.gather) : new Set<string>();
    if (!more) return undefined;
    for (const x of more) out.add(x);
  }
  return out;
}
export const movesWith = (axes: ReadonlySet<string> | undefined, axis: string): boolean => !axes || axes.has(axis);

/** one lane --> `lanes` equal ones */
export function widen(e: Expr, lanes: Lanes): Expr {
  if (e.ty.lanes === lanes) return e;
  const t = ty(e.ty.elem, lanes);
  return e.k === "const" ? num(e.value, t) : prim("splat", t, e);
}
/** a primitive over arguments of one or several lanes */
export function lanewise(p: Prim | "fma", elem: Elem, ...args: readonly Expr[]): Expr {
  const lanes = Math.max(...args.map(a => a.ty.lanes)) as Lanes;
  return prim(p, ty(elem, lanes), ...args.map(a => widen(a, lanes)));
}
/** the numbers of the lanes, along the vector axis */
export const iota = (cx: Cx): Expr => prim("iota", ty("i32", cx.lanes));

/** in one lane, or in all lanes of the phase; `ready`: values read before */
export function val(
  cx: Cx,
  v: Val,
  env: Env,
  names: (n: string) => Expr,
  ready?: ReadonlyMap<Val, (e: Env) => Expr>,
): Expr {
  const known = ready?.get(v);
  if (known) return known(env);
  switch (v.k) {
    case "read":
      return cx.load(cx, v.from, env, names);
    case "name":
      return names(v.name);
    case "const":
      return num(v.value, ty(v.elem));
    case "axis": {
      const x = value(get(env, v.axis).value);
      return v.axis === cx.axis && cx.lanes > 1 ? lanewise("add", "i32", x, iota(cx)) : x;
    }
    case "n":
      return cx.n;
    case "prim": {
      const args = v.args.map(a => val(cx, a, env, names, ready));
      return lanewise(
        v.prim,
        resultOf(
          v.prim,
          v.elem,
          args.map(a => a.ty.elem),
        ),
        ...args,
      );
    }
    default:
      return v satisfies never;
  }
}
export const kept =
  (cx: Cx, env: Env) =>
  (n: string): Expr => {
    const s = cx.names.get(n);
    if (!s) throw new Error(`internal: emit: ${cx.kernel.name} has no name ${n}`);
    return s(env);
  };
