/**
 * One register tile: accumulators start, the reduce axes are swept, the epilogue computes and stores. Steps of a schedule become
 * loops around and inside it. Knows no layout.
 */
import type { Access, Reduce, Step, Val } from "../../ir/kernel.ts";
import {
  type Affine,
  affine,
  at,
  type Block,
  type Buf,
  type Expr,
  fresh,
  num,
  plus,
  prim,
  range,
  type Stmt,
  ty,
  value,
} from "../../ir/loop.ts";
import { store } from "./access.ts";
import { faults, type Sums, update } from "./contract.ts";
import { alloc, type Cx, type Env, get, left, loops, put, stmts, uniform, type Window } from "./env.ts";
import { pack } from "./pack.ts";
import { elem, fromRegister, identity, overTile, type Px, registers, slot, tileAxes, volume } from "./phase.ts";
import { know } from "./prove.ts";
import { axesOf, kept, movesWith, reads, val, widen } from "./value.ts";

/** the loops of a list of steps around `body` */
export function steps(px: Px, list: readonly Step[], env: Env, body: (env: Env) => Block): Block {
  const [s, ...rest] = list;
  if (!s) return body(env);
  if ("tile" in s) return steps(px, rest, env, body);
  if ("pack" in s) return pack(px, list, env, rest => steps(px, rest, env, body));
  const w = s.size === 1 && px.reduce.includes(s.axis) ? window(px, env, s.axis) : undefined;
  const loop = loops(px.cx, env, s.axis, s.size, s.even ?? false, e => steps(px, rest, e, body), w);
  return w ? [...w.lets, ...loop] : loop;
}
/** points outside the tensor are none, or add nothing: the value is what the access reads there, or a product with it */
function vanishes(r: Reduce, a: Access, v: Val = r.value): boolean {
  if (a.skip) return true;
  const fill = a.fill ?? 0;
  if (v.k === "read" && v.from === a)
    return r.op === "add" ? fill === 0 : r.op === "max" ? fill === -Infinity : r.op === "min" && fill === Infinity;
  return r.op === "add" && fill === 0 && v.k === "prim" && v.prim === "mul" && v.args.some(x => vanishes(r, a, x));
}
/** borders of windows as loop bounds: 0 <= index < size for the axis being looped, all other axes of the index being fixed */
function window(px: Px, env: Env, axis: string): (Window & { readonly lets: Block }) | undefined {
  const { cx, phase } = px;
  const lets: Stmt[] = [];
  if (phase.each?.length || typeof get(env, axis).rest !== "number") return undefined;
  const from: Affine[] = [affine(0)];
  const to: Affine[] = [affine(left(env, axis))];
  for (const a of phase.reduce.flatMap(r => reads(r.value))) {
    if (cx.packed.has(a) || !phase.reduce.every(r => vanishes(r, a))) continue;
    a.index.forEach((i, d) => {
      const t = i.terms.find(u => u.axis === axis);
      const n = a.of.shape[d]!;
      if (!t || !(Math.abs(t.by) === 1 || HALVES.includes(t.by))) return;
      if (i.gather || typeof n !== "number" || n === Infinity) return;
      if (i.terms.some(u => u.axis !== axis && !(typeof get(env, u.axis).rest === "number" && left(env, u.axis) === 1)))
        return;
      const [lo, hi] = (a.fill ?? 0) === 0 ? (a.of.layout.halo[d] ?? [0, 0]) : [0, 0];
      const here = i.terms.reduce((c, u) => plus(c, get(env, u.axis).value, u.by), affine(i.base));
      if (!uniform(cx, here)) return;
      const [least, most] = range(here);
      const span = t.by * (left(env, axis) - 1);
      if (least + Math.min(0, span) >= -lo && most + Math.max(0, span) < n + hi) return;
      if (t.by > 1) {
        const [first, end] = everyOther(cx, t.by, plus(affine(-lo), here, -1), plus(affine(n + hi), here, -1), lets);
        from.push(first);
        to.push(end);
      } else if (t.by > 0) {
        from.push(plus(affine(-lo), here, -1));
        to.push(plus(affine(n + hi), here, -1));
      } else {
        from.push(plus(here, affine(1 - n - hi)));
        to.push(plus(here, affine(lo + 1)));
      }
    });
  }
  return from.length > 1 ? { from, to, lets } : undefined;
}
/** strides by which a form is divided without rounding */
const HALVES: readonly number[] = [2, 4];
/** of by * x >= lo and by * x < end: the first x, and the one behind the last, as values computed before the loop */
function everyOther(cx: Cx, by: number, lo: Affine, end: Affine, lets: Stmt[]): readonly [Affine, Affine] {
  const i32 = ty("i32");
  const part = (a: Affine, more: number): Affine => plus(affine(more / by), a, 1 / by);
  const edge = (a: Affine, most: readonly Affine[]): Affine => {
    const v = know(cx, fresh("edge", i32), [part(a, 0)], most);
    const some = prim("max", i32, value(plus(a, affine(by - 1))), num(0));
    lets.push({ k: "let", to: v, value: prim("div", i32, some, num(by)) });
    return at(v);
  };
  // the first may be 0 for a smaller `lo`; the last is at most (end + by - 1) / by, or there is no x
  return [edge(lo, []), edge(end, [part(end, 2 * by - 1)])];
}

/** accumulators of every reduction over the tile with corner `env` */
export function sumsOf(px: Px, env: Env): Sums {
  const axes = tileAxes(px, env);
  const n = volume(px, env, axes);
  const buffers = new Map<string, Buf>();
  for (const r of px.phase.reduce) {
    const b = registers(px, r.name, n, elem(px, r.value));
    buffers.set(r.name, b);
  }
  return { buffers, base: env, axes };
}
/** each accumulator's start; lanes that are folded at the end start without `init` */
export function start(px: Px, sums: Sums): Block {
  return px.phase.reduce.flatMap(r => {
    const buf = sums.buffers.get(r.name)!;
    return overTile(px, sums.base, sums.axes, e =>
      stmts(px.cx, () => [{ k: "store", buf, at: slot(px, e, sums.base, sums.axes), value: initial(px, r, e) }]),
    );
  });
}
function initial(px: Px, r: Reduce, e: Env): Expr {
  const { cx } = px;
  if (r.init && !px.nest.dot) return widen(val(cx, r.init, e, kept(cx, e)), cx.lanes);
  if (r.op !== "first") return identity(r.op, elem(px, r.value), cx.lanes);
  return widen(firstValue(px, r, e) ?? num(0, ty(elem(px, r.value))), cx.lanes);
}
/** where nothing beats the least value the first point wins */
function firstValue(px: Px, r: Reduce, e: Env): Expr | undefined {
  const { cx } = px;
  const simple = (v: Val): boolean => v.k === "axis" || v.k === "const" || (v.k === "prim" && v.args.every(simple));
  if (!simple(r.value)) return undefined;
  const corner = px.reduce.reduce((q, a) => put(q, a, { value: affine(0) }), e);
  return val(cx, r.value, corner, kept(cx, e));
}

/**
 * A sum that more than one value is made of stays alive beside them, and does not fit into the registers with them. V8 then puts it into
 * memory where it is made: in each turn of the sweep. So it goes to scratch when the sweep is done.
 */
function isReused(px: Px, sum: string): boolean {
  const { cx, phase } = px;
  if (cx.lanes === 1 || cx.group.length || px.crossing.has(sum) || !px.nest.inner.length) return false;
  const names = new Set([sum]);
  let uses = 0;
  const count = (v: Val): void => {
    if (v.k === "name" && names.has(v.name)) uses++;
    if (v.k === "prim") v.args.forEach(count);
  };
  for (const t of phase.then) {
    const v = "fault" in t ? t.ok : t.value;
    if ("name" in t && v.k === "name" && names.has(v.name)) names.add(t.name);
    else count(v);
  }
  return uses > 1;
}
/** the tile: start, sweep, epilogue */
export function tile(px: Px, env: Env): Block {
  const { cx } = px;
  const sums = sumsOf(px, env);
  const fill = start(px, sums);
  const sweep =
    px.phase.reduce.length || px.phase.each?.length ? steps(px, px.nest.inner, env, e => update(px, e, sums)) : [];
  const owned: Buf[] = [];
  const publish = (name: string, buf: Buf): void => {
    (px.crossing.has(name) ? cx.carried : owned).push(buf);
    const t = ty(elem(px, { k: "name", name }), cx.lanes);
    const at = (e: Env): Affine => (px.crossing.has(name) ? affine(0) : slot(px, e, env, sums.axes));
    cx.names.set(name, e => ({ k: "load", buf, at: at(e), ty: t }));
  };
  const aside: Buf[] = [];
  const copies: Stmt[] = [];
  for (const [name, buf] of sums.buffers) {
    if (!isReused(px, name)) {
      publish(name, buf);
      continue;
    }
    const b: Buf = { ...buf, name: fresh(name).name, space: "group" };
    const at = (e: Env): Affine => slot(px, e, env, sums.axes);
    copies.push(
      ...overTile(px, env, sums.axes, e => [{ k: "store", buf: b, at: at(e), value: fromRegister(px, buf, at(e)) }]),
    );
    aside.push(b);
    owned.push(buf);
    const t = ty(elem(px, { k: "name", name }), cx.lanes);
    cx.names.set(name, e => ({ k: "load", buf: b, at: at(e), ty: t }));
  }
  const tail = epilogue(px, env, sums.axes, owned, publish);
  return alloc(aside, alloc(owned, [...fill, ...sweep, ...copies, ...tail]));
}
/**
 * Each value for the whole tile, then its stores: no load stands between two stores. What does not move over the whole tile is read
 * once.
 */
function epilogue(
  px: Px,
  env: Env,
  axes: readonly string[],
  owned: Buf[],
  publish: (name: string, buf: Buf) => void,
): Block {
  const { cx, phase } = px;
  const ready = new Map<Val, (e: Env) => Expr>();
  const hoist = (v: Val): Block => {
    if (v.k === "prim") return v.args.flatMap(hoist);
    if (v.k !== "read" || ready.has(v)) return [];
    const moves = axesOf(v.from);
    const own = axes.filter(a => movesWith(moves, a));
    if (own.length === axes.length) return [];
    const b = registers(px, v.from.of.name, volume(px, env, own), elem(px, v));
    const at = (e: Env): Affine => slot(px, e, env, own);
    owned.push(b);
    const code = overTile(px, env, own, e =>
      stmts(cx, () => [{ k: "store", buf: b, at: at(e), value: widen(val(cx, v, e, kept(cx, e)), cx.lanes) }]),
    );
    ready.set(v, e => fromRegister(px, b, at(e)));
    return code;
  };
  return phase.then.flatMap((t, i) => {
    const v = "fault" in t ? t.ok : t.value;
    const name = "name" in t ? t.name : "to" in t ? `out${i}` : "ok";
    const first = hoist(v);
    const b = registers(px, name, volume(px, env, axes), elem(px, v));
    const at = (e: Env): Affine => slot(px, e, env, axes);
    const compute = overTile(px, env, axes, e =>
      stmts(cx, () => [{ k: "store", buf: b, at: at(e), value: widen(val(cx, v, e, kept(cx, e), ready), cx.lanes) }]),
    );
    if ("name" in t) {
      publish(t.name, b);
      return [...first, ...compute];
    }
    owned.push(b);
    const put = (e: Env): readonly Stmt[] => {
      const x = fromRegister(px, b, at(e));
      return "to" in t ? [store(cx, t.to, e, kept(cx, e), x)] : faults(px, e, t.fault, x);
    };
    if ("to" in t)
      for (const r of [...ready.keys()]) if (r.k === "read" && r.from.of.name === t.to.of.name) ready.delete(r);
    return [...first, ...compute, ...overTile(px, env, axes, e => stmts(cx, () => put(e)))];
  });
}
