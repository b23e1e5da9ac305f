/**
 * Random LOOP kernels whose results are the same on every engine: no bits of NaN, no sums of floats whose order matters.
 * Addresses may run outside their buffers: the verifier has to say so.
 */
import {
  type Affine,
  type At,
  affine,
  type Block,
  type Buf,
  type Expr,
  fresh,
  type Lanes,
  type LoopKernel,
  type LoopPrim,
  num,
  plus,
  prim,
  restartNames,
  type Stmt,
  type Ty,
  ty,
  type Var,
} from "../../src/ir/loop.ts";
import { PRIMS, type Prim, takes } from "../../src/ir/prim.ts";
import { type Elem, loaded, type Stored } from "../../src/ir/type.ts";
import { random } from "./values.ts";

const ELEMS: readonly Elem[] = ["f32", "i32", "bool", "f32", "u32", "i64", "f64"];
const STORES: readonly Stored[] = ["f32", "i32", "bool", "u8", "i8", "u16", "u32", "i64", "f64", "f32", "i32"];
const LANES: readonly Lanes[] = [1, 2, 4, 8, 16, 32];
const PANEL = 24;
/** bits of a NaN show, and the sequences of f64 are tested by themselves */
const LEFT_OUT: readonly string[] = ["bitcast", "exp2", "log2", "sin", "cos", "tanh", "erf", "rem"];

interface Scope {
  readonly vars: readonly Var[];
  readonly bufs: readonly Buf[];
  readonly regs: readonly { readonly buf: Buf; readonly ty: Ty }[];
  /** registers outside an `as: "call"` part are not seen inside */
  readonly unrolled: readonly Var[];
  readonly indices: readonly Var[];
}

export function randomKernel(seed: number, name = "random"): LoopKernel {
  restartNames();
  const next = random(seed);
  const below = (n: number): number => Math.floor(next() * n);
  const pick = <T>(xs: readonly T[]): T => xs[below(xs.length)]!;
  const chance = (p: number): boolean => next() < p;
  const wide = (t: Ty, lanes: Lanes): Ty => ({ elem: t.elem, lanes });
  const bool = (lanes: Lanes): Ty => ({ elem: "bool", lanes });
  let serial = 0;

  // ---- addresses
  const extentOf = (b: Buf): number => (typeof b.extent === "number" ? b.extent : PANEL);
  /** a place for `span` elements, most often inside */
  function place(scope: Scope, b: Buf, span: number, sure: boolean): Affine {
    let a = affine(0);
    let room = extentOf(b) - span;
    for (const v of scope.indices) {
      const size = v.below ?? 0;
      if (size === 0) continue;
      const by = 1 + below(5);
      if (!chance(0.6) || by * (size - 1) > room) continue;
      // some walk backwards
      if (chance(0.3)) a = plus(a, affine(by * (size - 1), { v, by: -by }));
      else a = plus(a, affine(0, { v, by }));
      room -= by * (size - 1);
    }
    a = plus(a, affine(below(Math.max(0, room) + 1) + (!sure && chance(0.02) ? extentOf(b) : 0)));
    const panel = typeof b.extent === "number" ? undefined : scope.vars.find(v => v.name.startsWith("panel"));
    return panel ? plus(a, affine(0, { v: panel, by: PANEL })) : a;
  }
  /** sure: the verifier does not look, so it has to be inside */
  function at(scope: Scope, b: Buf, lanes: Lanes, depth: number, storing: boolean, sure: boolean): At | undefined {
    const kind = next();
    if (kind < 0.6 || lanes === 1) return extentOf(b) < lanes ? undefined : place(scope, b, lanes, sure);
    if (kind < 0.8) {
      const stride = 1 + below(3);
      const span = (lanes - 1) * stride + 1;
      return extentOf(b) < span ? undefined : { ...place(scope, b, span, sure), stride };
    }
    const bits = 2 ** Math.floor(Math.log2(extentOf(b)));
    if (bits < lanes) return undefined;
    const t = ty("i32", lanes);
    const lane = prim("iota", t);
    // lanes of a store stay apart: lane numbers, turned by a number that all share
    const offset = storing ? splat(expression(scope, ty("i32"), depth - 1), lanes) : expression(scope, t, depth - 1);
    const index = prim("and", t, storing ? prim("add", t, lane, offset) : offset, num(bits - 1, t));
    const panel = typeof b.extent === "number" ? undefined : scope.vars.find(v => v.name.startsWith("panel"));
    return { ...(panel ? affine(0, { v: panel, by: PANEL }) : affine(0)), gather: index };
  }
  const splat = (e: Expr, lanes: Lanes): Expr => (lanes === 1 ? e : prim("splat", wide(e.ty, lanes), e));
  const maskOf = (scope: Scope, lanes: Lanes, depth: number): Expr | undefined =>
    chance(0.7) ? undefined : expression(scope, bool(chance(0.5) ? 1 : lanes), depth - 1);

  // ---- expressions
  function constant(t: Ty): Expr {
    if (t.elem === "bool") return num(below(2), t);
    const v = pick([0, 1, 2, 3, 5, 7, 31, 100]);
    return num(t.elem === "u32" || chance(0.6) ? v : -v, t);
  }
  function leaf(scope: Scope, t: Ty, depth: number): Expr {
    const vars = scope.vars.filter(v => v.ty.elem === t.elem && v.ty.lanes === t.lanes);
    if (vars.length && chance(0.4)) return pick(vars);
    const regs = scope.regs.filter(r => r.ty.elem === t.elem && r.ty.lanes === t.lanes);
    if (regs.length && chance(0.5)) return register(scope, pick(regs));
    const bufs = scope.bufs.filter(b => loaded(b.store) === t.elem);
    if (bufs.length && depth > 0 && chance(0.7)) {
      const buf = pick(bufs);
      const mask = maskOf(scope, t.lanes, depth);
      const where = at(scope, buf, t.lanes, depth, false, mask !== undefined);
      if (where) return { k: "load", buf, at: where, ty: t, ...(mask ? { mask } : {}) };
    }
    return constant(t);
  }
  function register(scope: Scope, r: Scope["regs"][number]): Expr {
    return { k: "load", buf: r.buf, at: slot(scope, r), ty: r.ty };
  }
  /** one vector of a register buffer: a constant or a variable of an unrolled loop */
  function slot(scope: Scope, r: Scope["regs"][number]): Affine {
    const count = extentOf(r.buf) / r.ty.lanes;
    const fits = scope.unrolled.filter(v => (v.below ?? count + 1) <= count);
    return fits.length && chance(0.6)
      ? affine(0, { v: pick(fits), by: r.ty.lanes })
      : affine(below(count) * r.ty.lanes);
  }
  const OPERATIONS = (Object.keys(PRIMS) as Prim[]).filter(p => !LEFT_OUT.includes(p));
  function expression(scope: Scope, t: Ty, depth: number): Expr {
    if (depth <= 0 || chance(0.2)) return leaf(scope, t, depth);
    if (t.lanes > 1 && chance(0.15)) return splat(expression(scope, wide(t, 1), depth - 1), t.lanes);
    if (t.lanes === 1 && chance(0.1)) {
      const lanes = pick(LANES.slice(1));
      return {
        ...(prim("extract", t, expression(scope, wide(t, lanes), depth - 1)) as Extract<Expr, { k: "prim" }>),
        lane: below(lanes),
      };
    }
    if (t.lanes > 1 && t.elem !== "bool" && takes("shl", t.elem) && chance(0.1)) return prim("iota", t);
    if (t.lanes < 32 && t.elem !== "bool" && chance(0.1)) {
      const arg = expression(scope, wide(t, pick(LANES.filter(l => l >= t.lanes))), depth - 1);
      const exact = t.elem !== "f32" && t.elem !== "f64";
      return {
        k: "fold",
        op: exact ? pick(["add", "mul", "max", "min"]) : pick(["max", "min"]),
        over: "lanes",
        arg,
        ty: t,
      };
    }
    return operation(scope, t, depth);
  }
  function operation(scope: Scope, t: Ty, depth: number): Expr {
    const arg = (elem: Elem): Expr => expression(scope, { elem, lanes: t.lanes }, depth - 1);
    const p = pick(OPERATIONS);
    const record = PRIMS[p];
    if (p === "select") return prim(p, t, arg("bool"), arg(t.elem), arg(t.elem));
    if (p === "cast") return prim(p, t, arg(pick(ELEMS)));
    if (record.result === "bool") {
      if (t.elem !== "bool") return leaf(scope, t, depth);
      const of = pick(ELEMS.filter(e => takes(p, e)));
      return prim(p, t, arg(of), arg(of));
    }
    if (!takes(p, t.elem)) return leaf(scope, t, depth);
    if (t.elem === "f32" && chance(0.2)) return prim("fma", t, arg("f32"), arg("f32"), arg("f32"));
    return prim(p as LoopPrim, t, ...Array.from({ length: record.arity }, () => arg(t.elem)));
  }

  // ---- statements
  const randomType = (): Ty => ty(pick(ELEMS), pick(LANES));
  function store(scope: Scope): Stmt | undefined {
    if (scope.regs.length && chance(0.4)) {
      const r = pick(scope.regs);
      const mask = maskOf(scope, r.ty.lanes, 2);
      return {
        k: "store",
        buf: r.buf,
        at: slot(scope, r),
        value: expression(scope, r.ty, 3),
        ...(mask ? { mask } : {}),
      };
    }
    const buf = pick(scope.bufs);
    const lanes = pick(LANES);
    const mask = maskOf(scope, lanes, 2);
    const where = at(scope, buf, lanes, 2, true, mask !== undefined);
    const value = expression(scope, ty(loaded(buf.store), lanes), 3);
    return where ? { k: "store", buf, at: where, value, ...(mask ? { mask } : {}) } : undefined;
  }
  function atomic(scope: Scope): Stmt | undefined {
    const bufs = scope.bufs.filter(b => b.store === "i32" || b.store === "u32" || b.store === "i64");
    if (!bufs.length) return undefined;
    const buf = pick(bufs);
    const lanes = pick(LANES.slice(0, 3));
    const mask = maskOf(scope, lanes, 1);
    const where = at(scope, buf, lanes, 1, false, mask !== undefined);
    const value = expression(scope, ty(loaded(buf.store), lanes), 2);
    const op = pick(["add", "max", "min", "or"] as const);
    return where ? { k: "atomic", buf, at: where, op, value, ...(mask ? { mask } : {}) } : undefined;
  }
  function loop(scope: Scope, depth: number): Stmt {
    const as = pick(["loop", "loop", "unroll", "call"] as const);
    const trips = below(4);
    const step = pick([1, 1, 2]);
    const from = below(2);
    const end = from + trips * step;
    const iv = fresh("i", ty("i32"), Math.max(1, from + (trips - 1) * step + 1));
    const outer = scope.indices.filter(v => v.name.startsWith("i_"));
    // a bound that depends on another variable, cut by a constant
    const moving = as !== "unroll" && outer.length > 0 && chance(0.4);
    const to = moving ? [affine(1, { v: pick(outer), by: 1 }), affine(end)] : [affine(end)];
    const inside: Scope = {
      ...scope,
      regs: as === "call" ? [] : scope.regs,
      vars: [...scope.vars, iv],
      indices: [...scope.indices, iv],
      unrolled: as === "unroll" ? [...scope.unrolled, iv] : scope.unrolled,
    };
    return { k: "for", iv, from: [affine(from)], to, step, as, body: block(inside, depth - 1) };
  }
  function allocate(scope: Scope, depth: number): Stmt {
    const each = (buf: Buf, t: Ty, count: number): Stmt => {
      const iv = fresh("fill", ty("i32"), count);
      const value = expression(scope, t, 1);
      const body: Block = [{ k: "store", buf, at: affine(0, { v: iv, by: t.lanes }), value }];
      return {
        k: "for",
        iv,
        from: [affine(0)],
        to: [affine(count)],
        step: 1,
        as: buf.space === "reg" ? "unroll" : "loop",
        body,
      };
    };
    if (chance(0.5)) {
      const t = randomType();
      const count = 1 + below(3);
      const buf: Buf = { name: `r${serial++}`, store: t.elem, extent: count * t.lanes, space: "reg" };
      return {
        k: "alloc",
        buf,
        body: [each(buf, t, count), ...block({ ...scope, regs: [...scope.regs, { buf, ty: t }] }, depth - 1)],
      };
    }
    const store = pick(STORES);
    const count = 1 + below(12);
    const buf: Buf = { name: `s${serial++}`, store, extent: count * 4, space: "group" };
    return {
      k: "alloc",
      buf,
      body: [each(buf, ty(loaded(store), 4), count), ...block({ ...scope, bufs: [...scope.bufs, buf] }, depth - 1)],
    };
  }
  function block(scope: Scope, depth: number): Block {
    const out: Stmt[] = [];
    let now = scope;
    const length = 1 + below(4);
    for (let i = 0; i < length; i++) {
      const kind = next();
      if (kind < 0.2) {
        const isIndex = chance(0.3);
        const t = isIndex ? ty("i32") : randomType();
        const to = fresh("v", t, isIndex ? 4 : undefined);
        const value = expression(now, t, 3);
        out.push({ k: "let", to, value: isIndex ? prim("and", t, value, num(3)) : value });
        now = { ...now, vars: [...now.vars, to], indices: isIndex ? [...now.indices, to] : now.indices };
      } else if (kind < 0.3 && depth > 0) {
        const cond = expression(now, bool(1), 2);
        out.push({
          k: "if",
          cond,
          uniform: false,
          then: block(now, depth - 1),
          else: chance(0.5) ? block(now, depth - 1) : [],
        });
      } else if (kind < 0.45 && depth > 0) out.push(loop(now, depth));
      else if (kind < 0.55 && depth > 0) out.push(allocate(now, depth));
      else {
        const s = kind < 0.62 ? atomic(now) : store(now);
        if (s) out.push(s);
      }
    }
    return out;
  }

  const params = Array.from({ length: 4 + below(3) }, (_, i): Buf => {
    const extent = chance(0.4) ? { of: { n: 1, plus: 0 }, by: 16, unit: PANEL } : pick([8, 33, 64, 100]);
    return { name: `p${i}`, store: pick(STORES), extent, space: "param" };
  });
  const n = fresh("n");
  const panel = fresh("panel");
  const second = fresh("j", ty("i32"), 3);
  const grid = [{ iv: panel, to: { of: { n: 1, plus: 0 }, by: 16 } }, ...(chance(0.3) ? [{ iv: second, to: 3 }] : [])];
  const indices = grid.length > 1 ? [second] : [];
  const scope: Scope = { vars: [n, panel, ...indices], bufs: params, regs: [], unrolled: [], indices };
  return { name, params, n, grid, group: [], body: block(scope, 4) };
}
