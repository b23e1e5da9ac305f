/**
 * Pads of the last panel, where records are summed in lanes: what both factors of a product hold there becomes 0 before the sweep, once,
 * so that no load of it is masked. A tensor's pads hold anything, so anybody may write them; a panel is read by the item that it is.
 *
 *   s += x[16 panel + r] * y[16 panel + r], r in lanes   -->   if (n < 16 panel + 16) x[16 panel + r] = r < n - 16 panel ? x[..] : 0, y alike
 */
import type { Access, AxisExtent, Part, Tensor } from "../../ir/kernel.ts";
import { accessesOf } from "../../ir/kernel-walk.ts";
import { PANEL, width } from "../../ir/layout.ts";
import {
  type Affine,
  affine,
  at,
  type Block,
  type Expr,
  fresh,
  num,
  plus,
  prim,
  type Stmt,
  ty,
  type Var,
  value,
} from "../../ir/loop.ts";
import type { Elem } from "../../ir/type.ts";
import { bufOf } from "./access.ts";
import { type Cx, type Env, get, loop } from "./env.ts";
import type { Legal } from "./legal.ts";
import { reads } from "./value.ts";

/** accesses of the kernel whose pads are made 0: it sums records of one panel per item, in lanes */
export function cleaned(cx: Cx, legal: Legal): ReadonlySet<Access> {
  const [phase, ...more] = cx.kernel.phases;
  const [nest] = legal.nests;
  if (!phase || more.length || !nest?.dot) return new Set();
  const item = phase.axes.find(a => a.role === "parallel" && isPanels(a.extent))?.name;
  if (item === undefined || !legal.shared.some(s => s.axis === item && s.size === 1 && s.at === "grid"))
    return new Set();
  const written = new Set(accessesOf(cx.kernel).writes.map(a => a.of.name));
  const all = phase.reduce.flatMap(r => reads(r.value));
  return new Set(all.filter(a => !written.has(a.of.name) && padded(a, item, nest.axis) !== undefined));
}
const isPanels = (e: AxisExtent): boolean => typeof e === "object" && "of" in e && e.by === PANEL;
/** the dim of records that the access reads a whole panel of: [N/16][..][16], or [..][16] */
function padded(a: Access, item: string, lane: string): number | undefined {
  const { shape, layout, store } = a.of;
  const dim = shape.findIndex(d => typeof d !== "number");
  const i = a.index[dim];
  if (!i || i.gather || i.base !== 0 || i.terms.length !== 2 || (a.fill ?? 0) !== 0) return undefined;
  const by = (axis: string): number | undefined => i.terms.find(t => t.axis === axis)?.by;
  if (by(item) !== PANEL || by(lane) !== 1 || (store !== "f32" && store !== "f64")) return undefined;
  const mine = (p: Part): boolean => p.dim === dim;
  const last = layout.parts.at(-1);
  const inLanes = last && mine(last) && last.div === 1 && last.mod === PANEL;
  const rest = layout.parts.slice(0, -1);
  const whole = rest.every((p, k) => !mine(p) || (k === 0 && p.div === PANEL && p.mod === undefined));
  return inLanes && whole && !layout.halo[dim]?.some(h => h > 0) ? dim : undefined;
}
/** before the sweep; `env`: where the item's panel is known */
export function clean(cx: Cx, some: ReadonlySet<Access>, env: Env): Block {
  const tensors = new Map([...some].map(a => [a.of.name, a.of]));
  if (!tensors.size) return [];
  const item = cx.kernel.phases[0]!.axes.find(a => isPanels(a.extent))!.name;
  const records = cx.extents.get(item) as { readonly of: { readonly n: number; readonly plus: number } }; // as: isPanels
  const panel = get(env, item).value;
  const left = plus({ base: records.of.plus, terms: [{ v: cx.n, by: records.of.n }] }, panel, -PANEL);
  const mask: Var = fresh("real", ty("bool", PANEL));
  const i32 = ty("i32", PANEL);
  const iota: Expr = prim("iota", i32);
  const below: Stmt = { k: "let", to: mask, value: prim("lt", mask.ty, iota, prim("splat", i32, value(left))) };
  const zero = [...tensors.values()].flatMap(t => inOne(cx, t, panel, mask));
  const ragged = prim("lt", ty("bool"), value(left), num(PANEL));
  return [{ k: "if", cond: ragged, uniform: true, then: [below, ...zero], else: [] }];
}
function inOne(cx: Cx, t: Tensor, panel: Affine, real: Var): Block {
  const buf = bufOf(cx, t);
  const dim = t.layout.parts.at(-1)!.dim;
  const count = t.layout.parts.reduce((n, p) => (p.dim === dim ? n : n * (width(t, p) as number)), 1); // as: only records have N
  const folded = !t.layout.parts.some(p => p.dim === dim && p.div === PANEL);
  const first = folded ? affine(0) : plus(affine(0), panel, PANEL * count);
  const lanes = ty(t.store as Elem, PANEL); // as: padded
  return loop(cx, "place", [affine(0)], [affine(count)], count, iv => {
    const where = plus(first, at(iv, PANEL));
    const kept = prim("select", lanes, real, { k: "load", buf, at: where, ty: lanes }, num(0, lanes));
    return [{ k: "store", buf, at: where, value: kept }];
  });
}
