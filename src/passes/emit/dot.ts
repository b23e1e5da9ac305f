/**
 * The dot form: a reduce axis in lanes. Each lane sums apart; the partial vectors go to scratch by adjacent stores, and a part of its
 * own folds them, several at a time, and runs the epilogue. Where a reduce step stands outside the tile they are taken up again.
 */
import type { Step } from "../../ir/kernel.ts";
import {
  type Affine,
  affine,
  type Block,
  type Buf,
  type Expr,
  fresh,
  type Lanes,
  num,
  plus,
  prim,
  type Stmt,
  ty,
  type Var,
  value,
} from "../../ir/loop.ts";
import type { Elem } from "../../ir/type.ts";
import { store } from "./access.ts";
import { faults, update } from "./contract.ts";
import { alloc, type Env, get, left, one, step, stmts } from "./env.ts";
import { withLanes } from "./pack.ts";
import { combine, elem, fromRegister, overTile, type Px, slot, tileAxes } from "./phase.ts";
import { start, steps, sumsOf } from "./rows.ts";
import { kept, reads, val } from "./value.ts";

type Loop = Extract<Step, { readonly axis: string }>;
export function dotForm(px: Px, env0: Env): Block {
  const { outer } = px.nest;
  const reduces = (s: Step): boolean => "axis" in s && px.reduce.includes(s.axis);
  const found = outer.findIndex(reduces);
  const at = found < 0 ? outer.length : found;
  return steps(px, outer.slice(0, at), env0, env => spilled(px, outer.slice(at), env));
}
interface Spill {
  readonly buffers: ReadonlyMap<string, Buf>;
  readonly where: (e: Env) => Affine;
}
function spilled(px: Px, under: readonly Step[], env: Env): Block {
  const { cx } = px;
  const loopsOf = under.filter((s): s is Loop => "axis" in s);
  const parallel = loopsOf.filter(s => px.parallel.includes(s.axis));
  const swept = [...new Set(loopsOf.filter(s => px.reduce.includes(s.axis)).map(s => s.axis))];
  const spill = scratch(px, env, [...new Set(parallel.map(s => s.axis))]);
  // with no records, or in a window outside the tensor, nothing is swept: such partials start before
  const cutByWindow = (s: Loop): boolean => s.size === 1 && swept.includes(s.axis) && inWindow(px, s.axis);
  const open = swept.some(a => typeof get(env, a).rest !== "number") || loopsOf.some(cutByWindow);
  const clear = open ? steps(px, parallel, env, e => visit(px, e, spill, "start")) : [];
  const sum = steps(px, under, env, e => {
    const d = swept.reduce((x, a) => plus(x, plus(get(e, a).value, get(env, a).value, -1)), affine(0));
    const later = d.terms.length ? prim("lt", ty("bool"), num(0), value(d)) : d.base > 0 ? "again" : "first";
    return visit(px, e, spill, open ? "again" : later);
  });
  const folded = withLanes(cx, 1, () =>
    steps({ ...px, nest: { ...px.nest, dot: false } }, parallel, env, e => fold(px, e, spill)),
  );
  const call = fresh("once", ty("i32"), 1);
  const last: Block = px.joined ? folded : [one(call, [affine(0)], [affine(1)], folded, "call")];
  return alloc([...spill.buffers.values()], [...clear, ...sum, ...last]);
}
/** the axis is one of several in a coordinate: its loop may be cut at a border */
const inWindow = (px: Px, axis: string): boolean =>
  px.phase.reduce
    .flatMap(r => reads(r.value))
    .some(a => a.index.some(i => (i.terms.length > 1 || i.base !== 0) && i.terms.some(t => t.axis === axis)));
/** one vector per point of the parallel axes that are left */
function scratch(px: Px, env: Env, stepped: readonly string[]): Spill {
  const { cx } = px;
  const order = [...stepped, ...tileAxes(px, env).filter(a => !stepped.includes(a))];
  const stride = new Map<string, number>();
  let n: number = cx.lanes;
  for (const a of [...order].reverse()) {
    stride.set(a, n);
    n *= left(env, a);
  }
  const buffers = new Map(
    px.phase.reduce.map(r => {
      const extent = n + 4 * cx.lanes;
      return [
        r.name,
        { name: fresh("partial").name, store: elem(px, r.value), extent, space: "group" } satisfies Buf,
      ] as const;
    }),
  );
  const where = (e: Env): Affine =>
    order.reduce((x, a) => plus(x, plus(get(e, a).value, get(env, a).value, -1), stride.get(a)!), affine(0));
  return { buffers, where };
}
/** one register tile: takes up its partials or starts them, sweeps, puts them back */
function visit(px: Px, env: Env, spill: Spill, mode: "start" | "again" | "first" | Expr): Block {
  const { cx } = px;
  const sums = sumsOf(px, env);
  const vector = (buf: Buf, at: Affine): Expr => ({ k: "load", buf, at, ty: ty(buf.store as Elem, cx.lanes) });
  const over = (f: (name: string, buf: Buf, e: Env) => Stmt): Block =>
    [...sums.buffers].flatMap(([name, buf]) => overTile(px, env, sums.axes, e => [f(name, buf, e)]));
  const at = (e: Env): Affine => slot(px, e, sums.base, sums.axes);
  const again = over((name, buf, e) => ({
    k: "store",
    buf,
    at: at(e),
    value: vector(spill.buffers.get(name)!, spill.where(e)),
  }));
  const first = start(px, sums);
  const fill: Block =
    mode === "again"
      ? again
      : typeof mode === "string"
        ? first
        : [{ k: "if", cond: mode, uniform: true, then: again, else: first }];
  const sweep = mode === "start" ? [] : steps(px, px.nest.inner, env, e => update(px, e, sums));
  const back = over((name, buf, e) => ({
    k: "store",
    buf: spill.buffers.get(name)!,
    at: spill.where(e),
    value: fromRegister(px, buf, at(e)),
  }));
  return alloc([...sums.buffers.values()], [...fill, ...sweep, ...back]);
}

/** all points of what is left of the parallel axes, in the order of their partials */
function cells(px: Px, env: Env, where: (e: Env) => Affine): readonly Env[] {
  const axes = px.parallel.filter(a => left(env, a) > 1);
  const all = axes.reduce<readonly Env[]>(
    (some, a) => some.flatMap(c => Array.from({ length: left(env, a) }, (_, i) => step(c, a, affine(i), 1))),
    [env],
  );
  return [...all].sort((a, b) => plus(where(a), where(b), -1).base);
}
function fold(px: Px, env: Env, spill: Spill): Block {
  const all = cells(px, env, spill.where);
  const lanes = px.nest.lanes;
  const single = px.phase.reduce.every(r => elem(px, r.value) === "f32");
  const most = single && lanes <= 8 ? 4 : 1;
  const out: Stmt[] = [];
  for (let i = 0; i < all.length; ) {
    let many = 1;
    const gap = (j: number): Affine => plus(spill.where(all[j]!), spill.where(all[i]!), -1);
    while (many < most && i + many < all.length && gap(i + many).base === many * lanes) many++;
    const take = most === 1 ? 1 : many;
    out.push(...group(px, all.slice(i, i + take), most as Lanes, spill));
    i += take;
  }
  return out;
}
/** adjacent partials to their sums, at once; then the epilogue of each */
function group(px: Px, some: readonly Env[], width: Lanes, spill: Spill): Block {
  const { phase, nest } = px;
  const sums = new Map<string, Var>();
  const out: Stmt[] = [];
  for (const r of phase.reduce) {
    if (r.op === "first") throw new Error("internal: emit: a companion of a maximum in the dot form");
    const buf = spill.buffers.get(r.name)!;
    const t = ty(buf.store as Elem, width);
    const s = fresh(r.name, t);
    const arg: Expr = { k: "load", buf, at: spill.where(some[0]!), ty: ty(t.elem, (width * nest.lanes) as Lanes) };
    out.push({ k: "let", to: s, value: { k: "fold", op: r.op, over: "lanes", ty: t, arg } });
    sums.set(r.name, s);
  }
  const lane = (n: string, u: number): Expr => {
    const s = sums.get(n)!;
    return width === 1 ? s : { k: "prim", prim: "extract", args: [s], ty: ty(s.ty.elem), lane: u };
  };
  return [...out, ...some.flatMap((e, u) => stmts(px.cx, () => finish(px, e, n => lane(n, u))))];
}
/** the epilogue of one point */
function finish(px: Px, e: Env, sum: (n: string) => Expr): readonly Stmt[] {
  const { cx, phase } = px;
  const outside = kept(cx, e);
  const vars = new Map<string, Expr>();
  const names = (n: string): Expr => vars.get(n) ?? outside(n);
  const bind = (name: string, x: Expr): void => {
    const v = fresh(name, x.ty);
    cx.lets.push({ k: "let", to: v, value: x });
    vars.set(name, v);
    if (!px.crossing.has(name)) return;
    const buf: Buf = { name: fresh(name).name, store: x.ty.elem, extent: 1, space: "reg" };
    cx.carried.push(buf);
    cx.lets.push({ k: "store", buf, at: affine(0), value: v });
    cx.names.set(name, () => ({ k: "load", buf, at: affine(0), ty: x.ty }));
  };
  for (const r of phase.reduce) {
    if (r.op === "first") continue;
    const s = sum(r.name);
    bind(r.name, r.init ? combine(r.op, val(cx, r.init, e, outside), s) : s);
  }
  for (const t of phase.then) {
    const x = val(cx, "fault" in t ? t.ok : t.value, e, names);
    if ("name" in t) bind(t.name, x);
    else if ("to" in t) cx.lets.push(store(cx, t.to, e, names, x));
    else cx.lets.push(...faults(px, e, t.fault, x));
  }
  return [];
}
