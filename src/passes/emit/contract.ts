/**
 * The accumulation at one place of the reduce axes, over the register tile. A sum of products holds the factor with fewer values in
 * registers and streams the other: that one rule gives the splat form, the dot form and what lies between. Knows no layout.
 */
import type { Reduce, Val } from "../../ir/kernel.ts";
import {
  affine,
  type Block,
  type Buf,
  type Expr,
  fresh,
  type Lanes,
  num,
  type Stmt,
  ty,
  type Var,
} from "../../ir/loop.ts";
import { isFloat } from "../../ir/type.ts";
import { axisTests, faultWords, inLanes, mask, skipTests, store } from "./access.ts";
import { alloc, type Env, left, stmts, unrolled } from "./env.ts";
import { beats, combine, elem, fromRegister, overTile, type Px, registers, slot, volume } from "./phase.ts";
import { axesOf, axesOfVal, kept, lanewise, movesWith, reads, val, widen } from "./value.ts";

/** accumulators by name, over the tile with corner `base` */
export interface Sums {
  readonly buffers: ReadonlyMap<string, Buf>;
  readonly base: Env;
  readonly axes: readonly string[];
}
/** accumulates over all that is left of the reduce axes */
export function update(px: Px, env: Env, sums: Sums): Block {
  const axes = px.reduce.filter(a => a !== px.cx.axis);
  const all = px.nest.dot ? [...axes, px.cx.axis] : axes;
  return unrolled(px.cx, env, all, e => once(px, e, sums));
}
function once(px: Px, env: Env, sums: Sums): Block {
  const ok = (e: Env): Expr | undefined => {
    const { env: moved, lane } = inLanes(px.cx, e);
    return mask(px.cx, axisTests(px.cx, px.reduce, px.nest.dot ? moved : e), px.nest.dot ? lane : undefined);
  };
  const factors = product(px);
  if (factors && !ok(env)) return products(px, env, sums, factors);
  const both = (e: Env): Expr | undefined => {
    const [x, y] = [ok(e), swept(px, e)];
    return x && y ? lanewise("and", "bool", x, y) : (x ?? y);
  };
  return overTile(px, env, sums.axes, e => stmts(px.cx, () => general(px, e, sums, both(e))));
}
/** false where the point of the sweep is none; undefined: it is one */
function swept(px: Px, env: Env): Expr | undefined {
  const some = px.phase.reduce.flatMap(r => reads(r.value)).filter(a => a.skip);
  const moves = some.some(a => movesWith(axesOf(a), px.cx.axis));
  const { env: moved, lane } = moves ? inLanes(px.cx, env) : { env, lane: undefined };
  return mask(px.cx, skipTests(px.cx, some, moved), lane);
}

// ---- one sum of products
interface Product {
  readonly sum: Reduce;
  readonly factors: readonly [Val, Val];
}
function product(px: Px): Product | undefined {
  const r = px.phase.reduce[0];
  if (px.phase.reduce.length !== 1 || r?.op !== "add" || px.phase.each?.length) return undefined;
  if (r.value.k !== "prim" || r.value.prim !== "mul" || !isFloat(elem(px, r.value))) return undefined;
  const [x, y] = r.value.args;
  return x && y && axesOfVal(x) && axesOfVal(y) ? { sum: r, factors: [x, y] } : undefined;
}
function products(px: Px, env: Env, sums: Sums, { sum, factors: [x, y] }: Product): Block {
  const { cx } = px;
  const mine = (v: Val): readonly string[] => sums.axes.filter(a => movesWith(axesOfVal(v), a));
  const wide = (v: Val): boolean => movesWith(axesOfVal(v), cx.axis);
  const values = (v: Val): number => mine(v).reduce((n, a) => n * left(sums.base, a), 1);
  const first = wide(x) !== wide(y) ? wide(x) : values(x) <= values(y);
  const [held, streamed] = first ? [x, y] : [y, x];
  const t = ty(elem(px, held), cx.lanes);
  const buf = registers(px, "held", volume(px, sums.base, mine(held)), t.elem);
  const at = (e: Env) => slot(px, e, sums.base, mine(held));
  const read = (v: Val, e: Env): Expr => widen(val(cx, v, e, kept(cx, e)), cx.lanes);
  const acc = sums.buffers.get(sum.name)!;
  // with one value on the other side each is used once: to hold them all would take as many registers as the sums
  const direct = values(streamed) === 1;
  const add = (e: Env, z: Var): Stmt => {
    const where = slot(px, e, sums.base, sums.axes);
    const factor = direct ? read(held, e) : fromRegister(px, buf, at(e));
    const was = fromRegister(px, acc, where);
    const more = lanewise("fma", t.elem, z, factor, was);
    const is = swept(px, e);
    return { k: "store", buf: acc, at: where, value: is ? lanewise("select", t.elem, is, more, was) : more };
  };
  const hold = direct
    ? []
    : overTile(px, env, mine(held), e => stmts(cx, () => [{ k: "store", buf, at: at(e), value: read(held, e) }]));
  const rest = sums.axes.filter(a => !mine(streamed).includes(a));
  const stream = overTile(px, env, mine(streamed), e => {
    const z = fresh("z", t);
    const one = stmts(cx, () => [{ k: "let", to: z, value: read(streamed, e) }]);
    return [...one, ...overTile(px, e, rest, q => stmts(cx, () => [add(q, z)]))];
  });
  return direct ? stream : alloc([buf], [...hold, ...stream]);
}

// ---- anything else: values first, then the companions of a maximum before the maximum
function general(px: Px, env: Env, sums: Sums, ok: Expr | undefined): readonly Stmt[] {
  const { cx, phase } = px;
  const vars = new Map<string, Var>();
  const outside = kept(cx, env);
  const known = (n: string): Expr => vars.get(n) ?? outside(n);
  const bind = (name: string, x: Expr): void => {
    const v = fresh(name, x.ty);
    vars.set(name, v);
    cx.lets.push({ k: "let", to: v, value: x });
  };
  for (const t of phase.each ?? []) {
    if ("name" in t) bind(t.name, val(cx, t.value, env, known));
    else if ("to" in t) cx.lets.push(store(cx, t.to, env, known, val(cx, t.value, env, known), ok));
    else cx.lets.push(...faults(px, env, t.fault, val(cx, t.ok, env, known)));
  }
  const at = slot(px, env, sums.base, sums.axes);
  const old = (name: string): Expr => fromRegister(px, sums.buffers.get(name)!, at);
  for (const r of phase.reduce) bind(r.name, widen(val(cx, r.value, env, known), cx.lanes));
  // who beats the largest so far is asked once for it and its companions
  const wins = new Map<string, Expr>();
  for (const r of phase.reduce)
    if (r.of !== undefined && !wins.has(r.of)) {
      const e = beats(vars.get(r.of)!, old(r.of));
      const v = fresh("wins", e.ty);
      cx.lets.push({ k: "let", to: v, value: e });
      wins.set(r.of, v);
    }
  return phase.reduce.map(r => {
    const v = vars.get(r.name)!;
    const was = old(r.name);
    const win = wins.get(r.of ?? r.name);
    const now = win
      ? lanewise("select", v.ty.elem, win, v, was)
      : combine(r.op as Exclude<typeof r.op, "first">, was, v);
    const value = ok ? lanewise("select", v.ty.elem, ok, now, was) : now;
    return { k: "store", buf: sums.buffers.get(r.name)!, at, value };
  });
}

/** the least number of a record for which `ok` is false goes to the site's word */
export function faults(px: Px, env: Env, site: number, ok: Expr): readonly Stmt[] {
  const { cx, phase } = px;
  const { env: moved, lane } = inLanes(cx, env);
  const valid = mask(
    cx,
    axisTests(
      cx,
      phase.axes.map(a => a.name),
      moved,
    ),
    lane,
  );
  const bad = lanewise("not", "bool", ok);
  const record = phase.axes.find(a => a.records || (typeof a.extent !== "number" && !("of" in a.extent)))?.name;
  const number = record === undefined ? num(0) : val(cx, { k: "axis", axis: record }, env, kept(cx, env));
  const when = valid ? lanewise("and", "bool", valid, bad) : bad;
  const lanes = Math.max(number.ty.lanes, when.ty.lanes) as Lanes;
  const u32 = lanewise("bitcast", "u32", number);
  const where = lanes === 1 ? affine(site) : { ...affine(site), stride: 0 };
  return [
    { k: "atomic", buf: faultWords(cx), at: where, op: "min", value: widen(u32, lanes), mask: widen(when, lanes) },
  ];
}
