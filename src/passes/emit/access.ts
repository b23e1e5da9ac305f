/**
 * Where an access is in memory and under which conditions: coordinates through the layout to an affine address, a stride per lane, or
 * a gather; masks where an element may be outside. The only place that masks. Knows no op and no schedule.
 */
import type { Access, AxisExtent, Index, Part, Tensor } from "../../ir/kernel.ts";
import { extent, haloOf, width } from "../../ir/layout.ts";
import {
  type Affine,
  type At,
  affine,
  at,
  type Buf,
  type Expr,
  fresh,
  type Lanes,
  num,
  plus,
  prim,
  range,
  type Stmt,
  ty,
  type Var,
  value,
} from "../../ir/loop.ts";
import { loaded } from "../../ir/type.ts";
import { type Cx, type Env, get, put } from "./env.ts";
import { holds, know, needs, neverNegative, size } from "./prove.ts";
import { axesOf, iota, lanewise, movesWith, val, widen } from "./value.ts";

type Names = (n: string) => Expr;
const I32 = ty("i32");

export function bufOf(cx: Cx, t: Tensor): Buf {
  const old = cx.buffers.get(t.name);
  if (old) return old;
  const b: Buf = { name: t.name, store: t.store, extent: extent(t), space: t.local ? "group" : "param" };
  cx.buffers.set(t.name, b);
  return b;
}
/** one u32 word per site */
export function faultWords(cx: Cx): Buf {
  const b: Buf = cx.buffers.get(FAULTS) ?? { name: FAULTS, store: "u32", extent: "unknown", space: "param" };
  cx.buffers.set(FAULTS, b);
  return b;
}
const FAULTS = "faults";
/** floor(a / div) mod `mod` where that is affine; undefined where the schedule does not cut the axis as the layout does */
function cut(a: Affine, p: Part): Affine | undefined {
  let d = a;
  if (p.div > 1) {
    const whole = a.terms.filter(t => t.by % p.div === 0);
    const [lo, hi] = range({ base: a.base, terms: a.terms.filter(t => t.by % p.div !== 0) });
    const q = Math.floor(lo / p.div);
    if (Math.floor(hi / p.div) !== q) return undefined;
    d = affine(q, ...whole.map(t => ({ v: t.v, by: t.by / p.div })));
  }
  const m = p.mod;
  if (m === undefined) return d;
  const rest = { base: ((d.base % m) + m) % m, terms: d.terms.filter(t => t.by % m !== 0) };
  const [lo, hi] = range(rest);
  return lo < 0 || hi >= m ? undefined : rest;
}
const named = (cx: Cx, name: string, e: Expr, below?: number): Var => {
  const v = fresh(name, I32, below);
  cx.lets.push({ k: "let", to: v, value: e });
  return v;
};
/** elements between neighbours of a part: a number, or a value where N stands further inside */
interface Stride {
  readonly by: number;
  readonly times?: Expr;
}
/** at + lane * `lane` + dynamic (one lane each) */
interface Spot {
  readonly at: Affine;
  readonly lane: number;
  readonly dynamic?: Expr;
}
const addDynamic = (s: Spot, e: Expr): Spot => ({
  ...s,
  dynamic: s.dynamic ? lanewise("add", "i32", s.dynamic, e) : e,
});

/** the value of a coordinate's part that is not affine; `sure`: known to be inside */
function divided(cx: Cx, c: Expr, p: Part, t: Tensor, sure: boolean): Expr {
  let e = c;
  if (p.div > 1) e = lanewise("div", "i32", e, num(p.div));
  if (p.mod !== undefined) e = lanewise("rem", "i32", e, num(p.mod));
  const w = width(t, p);
  if (e.ty.lanes > 1 || typeof w !== "number") return e;
  return named(cx, "part", e, sure && Number.isFinite(w) ? w : undefined);
}
/** a form without its lane, and how far a lane moves it */
function split(a: Affine, lane: Var | undefined): { flat: Affine; by: number } {
  const by = a.terms.find(t => t.v === lane)?.by ?? 0;
  return { flat: lane ? plus(a, at(lane), -by) : a, by };
}
/** a form as a value, in lanes where it moves with them */
function spread(cx: Cx, a: Affine, lane: Var | undefined): Expr {
  const { flat, by } = split(a, lane);
  if (by === 0) return value(flat);
  const moved = by === 1 ? iota(cx) : lanewise("mul", "i32", iota(cx), num(by));
  return lanewise("add", "i32", value(flat), moved);
}
function addPart(cx: Cx, s: Spot, part: Affine | Expr, stride: Stride, lane: Var | undefined): Spot {
  if (!("k" in part)) {
    if (stride.times) return addPart(cx, s, spread(cx, part, lane), stride, lane);
    const { flat, by } = split(part, lane);
    return { ...s, at: plus(s.at, flat, stride.by), lane: s.lane + by * stride.by };
  }
  const scaled = stride.times ? lanewise("mul", "i32", part, stride.times) : part;
  if (scaled.k === "var") return { ...s, at: plus(s.at, at(scaled), stride.by) };
  return addDynamic(s, stride.by === 1 ? scaled : lanewise("mul", "i32", scaled, num(stride.by)));
}
function wider(cx: Cx, s: Stride, w: AxisExtent): Stride {
  if (typeof w === "number") return { ...s, by: s.by * w };
  const e = value(size(cx, w));
  return { ...s, times: s.times ? lanewise("mul", "i32", s.times, e) : e };
}
/** coordinate `d` without its gather */
const coordinate = (i: Index, env: Env): Affine =>
  i.terms.reduce((c, t) => plus(c, get(env, t.axis).value, t.by), affine(i.base));

const asIndex = (e: Expr): Expr =>
  e.ty.elem === "i32" ? e : lanewise(e.ty.elem === "u32" ? "bitcast" : "cast", "i32", e);
/** `moved`: the environment with the lane in it */
interface Point {
  readonly env: Env;
  readonly moved: Env;
  readonly lane: Var | undefined;
}
function spot(cx: Cx, a: Access, { env, moved, lane }: Point, names: Names, sure: boolean): Spot {
  const p = cx.packed.get(a);
  let out: Spot = { at: affine(0), lane: 0 };
  if (p) {
    for (const [axis, by] of p.stride) {
      const c = plus(get(moved, axis).value, get(p.origin, axis).shared, -1);
      out = addPart(cx, out, c, { by }, lane);
    }
    return out;
  }
  let stride: Stride = { by: 1 };
  const whole = a.index.map((i, d) => {
    const c = plus(coordinate(i, moved), affine(haloOf(a.of, d)[0]));
    if (!i.gather) return { c, e: undefined };
    const g = asIndex(val(cx, i.gather, env, names));
    const still = c.base === 0 && c.terms.length === 0;
    return { c, e: still ? g : lanewise("add", "i32", spread(cx, c, lane), g) };
  });
  for (const part of [...a.of.layout.parts].reverse()) {
    const { c, e } = whole[part.dim]!;
    const straight = e ? undefined : cut(c, part);
    const where = straight ?? divided(cx, e ?? spread(cx, c, lane), part, a.of, sure);
    out = addPart(cx, out, where, stride, lane);
    stride = wider(cx, stride, width(a.of, part));
  }
  return out;
}

// ---- conditions

/** coordinates below this have an element of their own; undefined: all, the layout folds */
function capacity(cx: Cx, t: Tensor, dim: number): Affine | undefined {
  const parts = t.layout.parts.filter(p => p.dim === dim);
  const top = parts.reduce<Part | undefined>((x, p) => (x && x.div > p.div ? x : p), undefined);
  if (!top || top.mod !== undefined) return undefined;
  const w = width(t, top);
  if (w === Infinity) return undefined;
  const whole = size(cx, w);
  return {
    base: whole.base * top.div - haloOf(t, dim)[0],
    terms: whole.terms.map(q => ({ v: q.v, by: q.by * top.div })),
  };
}
/** a variable that stands for any point of an axis */
const anyPoint = (cx: Cx, name: string): Var => {
  const known = points.get(cx) ?? new Map<string, Var>();
  points.set(cx, known);
  const old = known.get(name);
  if (old) return old;
  const v: Var = { k: "var", name: `any ${name}`, ty: I32 };
  known.set(name, know(cx, v, [affine(0)], [size(cx, cx.extents.get(name)!)]));
  return v;
};
const points = new WeakMap<Cx, Map<string, Var>>();

interface Conditions {
  /** each must not be negative */
  readonly tests: readonly Affine[];
  /** without them memory of others would be touched */
  readonly unsafe: boolean;
}
/** at points outside the axes an element may be anything; at points inside them but outside the tensor it is `fill` */
function conditions(cx: Cx, a: Access, env: Env, write: boolean): Conditions {
  if (cx.packed.has(a)) return { tests: [], unsafe: false };
  const tests: Affine[] = [];
  let unsafe = false;
  const within = (axes: ReadonlySet<string>): void => {
    for (const t of axisTests(cx, axes, env)) {
      tests.push(t);
      unsafe = true;
    }
  };
  for (const [d, i] of a.index.entries()) {
    if (i.gather) {
      within(axesOf({ ...a, index: [i] }) ?? new Set(cx.extents.keys()));
      continue;
    }
    const shape = a.of.shape[d]!;
    const own = new Set(i.terms.map(t => t.axis));
    if (shape === Infinity) {
      within(own);
      continue;
    }
    const [below, above] = haloOf(a.of, d);
    const [lo, hi] = write || (a.fill ?? 0) !== 0 ? [0, 0] : [below, above];
    const c = coordinate(i, env);
    const end = plus(size(cx, shape), affine(hi - 1));
    const valid = isValid(cx, i, affine(-lo), end);
    const cap = capacity(cx, a.of, d);
    const inMemory = holds(cx, plus(c, affine(below))) && (!cap || holds(cx, plus(plus(cap, affine(-1)), c, -1)));
    // points beyond an axis would be other points of a strip; records beyond the last have lanes of their own
    const folds = !cap && typeof shape === "number" && a.of.layout.parts.some(p => p.dim === d && p.mod !== undefined);
    if (valid) {
      if (!inMemory || folds) within(own);
      continue;
    }
    // the other dims are tested as ever
    if (inMemory && cx.clean.has(a) && typeof shape !== "number") continue;
    const open = [plus(c, affine(lo)), plus(end, c, -1)].filter(t => !needs(cx, t));
    tests.push(...open);
    if (open.length && !inMemory) unsafe = true;
    if (folds) within(own);
  }
  return { tests, unsafe };
}
/** what must not be negative at a point of the sweep, or the point is none */
export const skipTests = (cx: Cx, some: readonly Access[], env: Env): readonly Affine[] =>
  some.flatMap(a =>
    a.index.flatMap((i, d) => {
      const size = a.of.shape[d];
      if (!a.skip || i.gather || typeof size !== "number" || isValid(cx, i, affine(0), affine(size - 1))) return [];
      const c = coordinate(i, env);
      return [c, plus(affine(size - 1), c, -1)].filter(t => !needs(cx, t));
    }),
  );
/** at any point of its axes the coordinate is from `lo` to `end` */
function isValid(cx: Cx, i: Index, lo: Affine, end: Affine): boolean {
  const any = i.terms.reduce((x, t) => plus(x, at(anyPoint(cx, t.axis)), t.by), affine(i.base));
  return neverNegative(cx, plus(any, lo, -1)) && neverNegative(cx, plus(end, any, -1));
}
/** the axes that are not known to be inside their extent */
export const axisTests = (cx: Cx, axes: Iterable<string>, env: Env): readonly Affine[] =>
  [...axes]
    .map(x => plus(plus(size(cx, cx.extents.get(x)!), affine(-1)), get(env, x).value, -1))
    .filter(t => !needs(cx, t));

/** all of the forms are not negative: one bool, or one per lane where one moves with the lane */
export function mask(cx: Cx, tests: readonly Affine[], lane: Var | undefined): Expr | undefined {
  const seen = new Set<string>();
  const all = tests.flatMap(t => {
    const { flat, by } = split(t, lane);
    const key = `${by} ${flat.base} ${flat.terms.map(q => `${q.v.name}*${q.by}`)}`;
    if (seen.has(key)) return [];
    seen.add(key);
    if (by === 0) return [prim("le", ty("bool"), num(0), value(flat))];
    if (by === -1) return [lanewise("le", "bool", iota(cx), value(flat))];
    return [lanewise("le", "bool", num(0), spread(cx, t, lane))];
  });
  return all.length ? all.reduce((x, y) => lanewise("and", "bool", x, y)) : undefined;
}
/** the environment with a variable for the lane; undefined where the phase has one lane or the axis is not in it */
export function inLanes(cx: Cx, env: Env): { env: Env; lane: Var | undefined } {
  if (cx.lanes === 1) return { env, lane: undefined };
  const lane = fresh("lane", I32, cx.lanes);
  return { env: put(env, cx.axis, { value: plus(get(env, cx.axis).value, at(lane)) }), lane };
}

interface Located {
  readonly buf: Buf;
  readonly at: At;
  readonly lanes: Lanes;
  readonly mask: Expr | undefined;
  readonly unsafe: boolean;
}
function locate(cx: Cx, a: Access, env: Env, names: Names, write: boolean): Located {
  const moves = cx.lanes > 1 && movesWith(axesOf(a), cx.axis);
  const { env: moved, lane } = moves ? inLanes(cx, env) : { env, lane: undefined };
  const { tests, unsafe } = conditions(cx, a, moved, write);
  const s = spot(cx, a, { env, moved, lane }, names, !unsafe);
  const m = mask(cx, tests, lane);
  const buf = cx.packed.get(a)?.buf ?? bufOf(cx, a.of);
  const still = s.lane === 0 && (s.dynamic?.ty.lanes ?? 1) === 1 && (m?.ty.lanes ?? 1) === 1;
  const alone: At = s.dynamic ? { ...s.at, gather: s.dynamic } : s.at;
  if (still) return { buf, at: alone, lanes: 1, mask: m, unsafe };
  const strided = lanewise("mul", "i32", iota(cx), num(s.lane));
  const gather = s.dynamic && widen(s.lane === 0 ? s.dynamic : lanewise("add", "i32", s.dynamic, strided), cx.lanes);
  const where: At = gather ? { ...s.at, gather } : s.lane === 1 ? s.at : { ...s.at, stride: s.lane };
  return { buf, at: where, lanes: cx.lanes, mask: m, unsafe };
}
/** the element, in one lane where it does not move with the vector axis */
export function load(cx: Cx, a: Access, env: Env, names: Names): Expr {
  const l = locate(cx, a, env, names, false);
  const t = ty(loaded(a.of.store), l.lanes);
  const fill = num(a.fill ?? 0, t);
  if (!l.mask) return { k: "load", buf: l.buf, at: l.at, ty: t };
  if (!l.unsafe) return lanewise("select", t.elem, l.mask, { k: "load", buf: l.buf, at: l.at, ty: t }, fill);
  const e: Expr = { k: "load", buf: l.buf, at: l.at, ty: t, mask: l.mask };
  return (a.fill ?? 0) === 0 ? e : lanewise("select", t.elem, l.mask, e, fill);
}
/** `extra`: further tests, of the axes that are reduced */
export function store(cx: Cx, a: Access, env: Env, names: Names, v: Expr, extra?: Expr): Stmt {
  const l = locate(cx, a, env, names, true);
  const both = l.mask && extra ? lanewise("and", "bool", l.mask, extra) : (l.mask ?? extra);
  const one = l.lanes === 1 && v.ty.lanes > 1;
  const flat: Expr = one ? { k: "prim", prim: "extract", args: [v], ty: ty(v.ty.elem), lane: 0 } : widen(v, l.lanes);
  const m =
    both && one && both.ty.lanes > 1
      ? ({ k: "prim", prim: "extract", args: [both], ty: ty("bool"), lane: 0 } as const)
      : both;
  return { k: "store", buf: l.buf, at: l.at, value: flat, ...(m ? { mask: m } : {}) };
}
