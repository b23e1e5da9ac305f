/** One phase being emitted: its axes, its register tile, subscripts into it. Knows no tensor. */
import type { Phase, Val } from "../../ir/kernel.ts";
import { elemOf } from "../../ir/kernel-elem.ts";
import { type Affine, affine, type Block, type Buf, type Expr, fresh, num, plus, prim, ty } from "../../ir/loop.ts";
import type { Elem } from "../../ir/type.ts";
import { type Cx, type Env, get, left, unrolled } from "./env.ts";
import type { LegalNest } from "./legal.ts";

export interface Px {
  readonly cx: Cx;
  readonly phase: Phase;
  readonly nest: LegalNest;
  readonly parallel: readonly string[];
  readonly reduce: readonly string[];
  /** names of this phase that later ones see */
  readonly crossing: ReadonlySet<string>;
  /** phases share registers: none may be a function of its own */
  readonly joined: boolean;
}
export const elem = (px: Px, v: Val): Elem => elemOf(v, px.cx.elem);

/** the parallel axes that the register tile spans: what steps left of them; of the vector axis whole vectors */
export const tileAxes = (px: Px, env: Env): readonly string[] => {
  const { cx } = px;
  const others = px.parallel.filter(a => a !== cx.axis && left(env, a) > 1);
  return px.parallel.includes(cx.axis) && left(env, cx.axis) > cx.lanes ? [...others, cx.axis] : others;
};
const count = (px: Px, env: Env, axis: string): number =>
  Math.ceil(left(env, axis) / (axis === px.cx.axis ? px.cx.lanes : 1));
export const volume = (px: Px, env: Env, axes: readonly string[]): number =>
  axes.reduce((n, a) => n * count(px, env, a), 1);
/** where a point of the tile has its register: in elements, counted from the tile's corner `base` */
export function slot(px: Px, env: Env, base: Env, axes: readonly string[]): Affine {
  const { cx } = px;
  let stride: number = cx.lanes;
  let x = affine(0);
  for (const a of [...axes].reverse()) {
    const lanes = a === cx.axis ? cx.lanes : 1;
    x = plus(x, plus(get(env, a).value, get(base, a).value, -1), stride / lanes);
    stride *= count(px, base, a);
  }
  return x;
}
export const overTile = (px: Px, env: Env, axes: readonly string[], body: (env: Env) => Block): Block =>
  unrolled(px.cx, env, axes, body);
export const registers = (px: Px, name: string, vectors: number, e: Elem): Buf => ({
  name: fresh(name).name,
  store: e,
  extent: vectors * px.cx.lanes,
  space: "reg",
});
export const fromRegister = (px: Px, buf: Buf, at: Affine): Expr => ({
  k: "load",
  buf,
  at,
  ty: ty(buf.store as Elem, px.cx.lanes),
});

// ---- what reductions do

/** what leaves a sum, product, maximum or minimum as it is */
export function identity(op: "add" | "mul" | "max" | "min", e: Elem, lanes: Px["nest"]["lanes"]): Expr {
  const t = ty(e, lanes);
  if (op === "add") return num(0, t);
  if (op === "mul") return num(1, t);
  const most = op === "min";
  switch (e) {
    case "bool":
      return num(most ? 1 : 0, t);
    case "i32":
      return num(most ? 2147483647 : -2147483648, t);
    case "u32":
      return num(most ? 4294967295 : 0, t);
    case "i64": {
      const least = num(-(2 ** 63), t);
      return most ? prim("not", t, least) : least;
    }
    case "f16":
    case "f32":
    case "f64":
      return num(most ? Infinity : -Infinity, t);
    default:
      return e satisfies never;
  }
}
const LOGICAL = { add: "or", mul: "and", max: "or", min: "and" } as const;
/** old and value become one */
export const combine = (op: "add" | "mul" | "max" | "min", old: Expr, v: Expr): Expr =>
  prim(old.ty.elem === "bool" ? LOGICAL[op] : op, old.ty, old, v);
/** v comes before `old`, the largest so far: larger, or the first NaN */
export function beats(v: Expr, old: Expr): Expr {
  const t = ty("bool", old.ty.lanes);
  if (old.ty.elem === "bool") return prim("and", t, v, prim("not", t, old));
  if (!["f16", "f32", "f64"].includes(old.ty.elem)) return prim("lt", t, old, v);
  return prim("and", t, prim("not", t, prim("le", t, v, old)), prim("eq", t, old, old));
}
