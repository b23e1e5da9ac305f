/**
 * Where each axis of a kernel stands while its loops are made: an affine value, and what is left. Steps become loops here; borders
 * become loop bounds, pieces peeled off, or versions of the code. Knows no tensor.
 */
import type { Access, AxisExtent, Kernel, Lanes } from "../../ir/kernel.ts";
import { PANEL } from "../../ir/layout.ts";
import {
  type Affine,
  affine,
  at,
  type Block,
  type Bound,
  type Buf,
  type Expr,
  fresh,
  type LoopKernel,
  num,
  plus,
  prim,
  type Stmt,
  ty,
  type Var,
  value,
} from "../../ir/loop.ts";
import type { Dim, Elem } from "../../ir/type.ts";
import { type Facts, holds, know, neverNegative, projected, quotient, size } from "./prove.ts";

/** shared, span: value and rest before the axis was dealt to the lanes of a workgroup */
export interface Place {
  readonly value: Affine;
  readonly rest: AxisExtent;
  readonly shared: Affine;
  readonly span: AxisExtent;
}
export type Env = ReadonlyMap<string, Place>;
/** a slice in scratch: strides by axis, counted from where the axes stood */
export interface Packed {
  readonly buf: Buf;
  readonly stride: ReadonlyMap<string, number>;
  readonly origin: Env;
}
/** the state of one emission; lives as long as it */
export interface Cx extends Facts {
  readonly kernel: Kernel;
  readonly extents: ReadonlyMap<string, AxisExtent>;
  readonly buffers: Map<string, Buf>;
  readonly grid: LoopKernel["grid"][number][];
  readonly group: { readonly iv: Var; readonly size: number }[];
  /** variables in scope */
  scope: readonly Var[];
  /** those that all phases share */
  outer: ReadonlySet<Var>;
  packed: ReadonlyMap<Access, Packed>;
  /** accesses whose pads are 0 */
  clean: ReadonlySet<Access>;
  /** axes whose points may be computed twice */
  readonly again: ReadonlySet<string>;
  /** lets that the statement being made needs before it */
  lets: Stmt[];
  /** the vector axis of the phase, and its lanes */
  axis: string;
  lanes: Lanes;
  readonly names: Map<string, (e: Env) => Expr>;
  elem: (name: string) => Elem;
  /** registers that later phases see */
  readonly carried: Buf[];
  /** of access.ts: values read at addresses, and addresses may hold values (gather), so one of the two is handed over here */
  readonly load: (cx: Cx, a: Access, env: Env, names: (n: string) => Expr) => Expr;
}

export const get = (env: Env, axis: string): Place => {
  const p = env.get(axis);
  if (!p) throw new Error(`internal: emit: no axis ${axis}`);
  return p;
};
export const left = (env: Env, axis: string): number => {
  const r = get(env, axis).rest;
  if (typeof r !== "number") throw new Error(`internal: emit: axis ${axis} is not cut`);
  return r;
};
export const put = (env: Env, axis: string, p: Partial<Place>): Env =>
  new Map(env).set(axis, { ...get(env, axis), ...p });
/** the axis moves by `by`, `rest` of it is left */
export function step(env: Env, axis: string, by: Affine, rest: number): Env {
  const p = get(env, axis);
  return put(env, axis, { value: plus(p.value, by), rest, shared: plus(p.shared, by), span: rest });
}

export const one = (v: Var, from: Bound, to: Bound, body: Block, as: "loop" | "unroll" | "call" = "loop"): Stmt => ({
  k: "for",
  iv: v,
  from,
  to,
  step: 1,
  as,
  body,
});
/** statements with the lets that their expressions needed */
export function stmts(cx: Cx, make: () => readonly Stmt[]): Block {
  const saved = cx.lets;
  cx.lets = [];
  const made = make();
  const out = [...cx.lets, ...made];
  cx.lets = saved;
  return out;
}
export const alloc = (bufs: readonly Buf[], body: Block): Block =>
  bufs.reduceRight<Block>((b, buf) => [{ k: "alloc", buf, body: b }], body);

export function loop(
  cx: Cx,
  name: string,
  from: Bound,
  to: Bound,
  below: number | undefined,
  body: (iv: Var) => Block,
  as: "loop" | "unroll" = "loop",
): Block {
  const iv = know(cx, fresh(name, ty("i32"), below), from, to);
  const saved = cx.scope;
  cx.scope = [...saved, iv];
  const b = body(iv);
  cx.scope = saved;
  return b.length ? [one(iv, from, to, b, as)] : [];
}

/** 32 by at most 6, even --> 2 of 6, 4 of 5; 50 by 16 --> 3 of 16, 1 of 2 */
export function runs(n: number, most: number, even = false): readonly { first: number; size: number; count: number }[] {
  const pieces = Math.ceil(n / most);
  const big = even ? n - pieces * Math.floor(n / pieces) : Math.floor(n / most);
  const a = even ? Math.ceil(n / pieces) : most;
  const b = even ? Math.floor(n / pieces) : n % most;
  const all = [
    { first: 0, size: a, count: big },
    { first: big * a, size: b, count: even ? pieces - big : 1 },
  ];
  return all.filter(r => r.size > 0 && r.count > 0);
}
/** 50 by 16 --> 3 of 16, and the last 16 once more: no lane is masked. What is updated in place: 84 by 16 --> 5 of 16, 1 of 4 */
function whole(cx: Cx, axis: string, n: number, most: number, even: boolean): ReturnType<typeof runs> {
  if (even || n % most === 0) return runs(n, most, even);
  if (n <= most || !cx.again.has(axis)) return runs(n, most).flatMap(r => shorter(cx, axis, r));
  return [
    { first: 0, size: most, count: Math.floor(n / most) },
    { first: n - most, size: most, count: 1 },
  ];
}
/** may vectors of this axis be shorter than the phase's: it is parallel, and no other phase sees registers of that length */
function mayShorten(cx: Cx, axis: string): boolean {
  const [phase, ...more] = cx.kernel.phases;
  const role = phase?.axes.find(a => a.name === axis)?.role;
  return axis === cx.axis && role === "parallel" && !more.length && !cx.group.length;
}
const SHORTER: readonly Lanes[] = [8, 4];
/** what is left of an axis, in the longest vectors that it fills: 13 by 16 --> 1 of 8, 1 of 4, 1 of 1 */
function shorter(cx: Cx, axis: string, r: ReturnType<typeof runs>[number]): ReturnType<typeof runs> {
  const fits = SHORTER.find(l => l < cx.lanes && l <= r.size);
  if (r.size >= cx.lanes || !fits || fits === r.size || !mayShorten(cx, axis)) return [r];
  return [{ ...r, size: fits }, ...shorter(cx, axis, { first: r.first + fits, size: r.size - fits, count: 1 })];
}
/** one piece of an axis: in the shortest vector that holds it, so that few lanes are masked and none leaves its block of units */
function inVector<T>(cx: Cx, axis: string, size: number, make: () => T): T {
  const fits = SHORTER.findLast(l => l < cx.lanes && l >= size);
  if (!fits || !mayShorten(cx, axis)) return make();
  const saved = cx.lanes;
  cx.lanes = fits;
  const out = make();
  cx.lanes = saved;
  return out;
}
export interface Window {
  readonly from: Bound;
  readonly to: Bound;
}
/** equal for all invocations of a workgroup */
export const uniform = (cx: Cx, a: Affine): boolean => !a.terms.some(t => cx.group.some(g => g.iv === t.v));
/** a loop over what is left of an axis, cut into runs of equal pieces */
export function loops(
  cx: Cx,
  env: Env,
  axis: string,
  most: number,
  even: boolean,
  body: (env: Env) => Block,
  window?: Window,
): Block {
  const p = get(env, axis);
  if (typeof p.rest !== "number") return records(cx, env, axis, p.rest, most, body);
  const end = plus(size(cx, cx.extents.get(axis)!), p.value, -1);
  const inside = holds(cx, plus(end, affine(p.rest), -1));
  const ragged: Bound = inside || most > 1 || !uniform(cx, end) ? [] : [end];
  const pieces = ragged.length || axis !== cx.axis ? runs(p.rest, most, even) : whole(cx, axis, p.rest, most, even);
  return pieces.flatMap(r => {
    if (r.count === 1 && !window && !ragged.length)
      return inVector(cx, axis, r.size, () => body(step(env, axis, affine(r.first), r.size)));
    const from = window?.from ?? [affine(0)];
    const to = [...(window?.to ?? [affine(r.count)]), ...ragged];
    return loop(cx, axis, from, to, r.count, iv =>
      body(step(env, axis, plus(affine(r.first), at(iv, r.size)), r.size)),
    );
  });
}
/** an axis with N: full pieces, then the last */
function records(
  cx: Cx,
  env: Env,
  axis: string,
  extent: Exclude<AxisExtent, number>,
  most: number,
  body: (env: Env) => Block,
): Block {
  const zero = [affine(0)];
  if ("of" in extent) {
    if (axis !== cx.axis) return panels(cx, env, axis, extent, body);
    const groups = size(cx, { of: extent.of, by: extent.by * most });
    return loop(cx, axis, zero, [groups], undefined, iv => body(step(env, axis, at(iv, most), most)));
  }
  if (most === 1) {
    const panel = (iv: Var): Block => loops(cx, step(env, axis, at(iv, PANEL), PANEL), axis, 1, false, body);
    return loop(cx, axis, zero, [size(cx, { of: extent, by: PANEL })], undefined, panel);
  }
  const pieces = { of: extent, by: most };
  const full = at(quotient(cx, pieces, false));
  const whole = loop(cx, axis, zero, [full], undefined, iv => body(step(env, axis, at(iv, most), most)));
  const last = loop(cx, axis, [full], [size(cx, pieces)], undefined, iv => {
    const e = step(env, axis, at(iv, most), most);
    return axis === cx.axis ? body(e) : loops(cx, e, axis, 1, false, body);
  });
  return [...whole, ...last];
}
/** panels: apart from the last only if something in the body is masked for it */
function panels(
  cx: Cx,
  env: Env,
  axis: string,
  e: { readonly of: Dim; readonly by: number },
  body: (env: Env) => Block,
): Block {
  const make = (from: Affine, to: Affine): { code: Block; iv: Var | undefined } => {
    let seen: Var | undefined;
    const code = loop(cx, axis, [from], [to], undefined, iv => {
      seen = iv;
      return body(step(env, axis, at(iv), 1));
    });
    return { code, iv: seen };
  };
  const saved = cx.demands;
  cx.demands = [];
  const all = size(cx, e);
  const { code, iv } = make(affine(0), all);
  const full = plus(plus(size(cx, e.of), affine(e.by), -1), at(iv!, e.by), -1);
  const helped = cx.demands.filter(d => neverNegative(cx, plus(d, full, -1)));
  const others = cx.demands.filter(d => !helped.includes(d));
  cx.demands = saved;
  if (!helped.length) {
    cx.demands.push(...others);
    return code;
  }
  const edge = at(quotient(cx, e, false));
  return [...make(affine(0), edge).code, ...make(edge, all).code];
}
/** unrolled loops over all that is left of `axes`, `lanes` of the vector axis at a time */
export function unrolled(cx: Cx, env: Env, axes: readonly string[], body: (env: Env) => Block): Block {
  const [axis, ...more] = axes;
  if (axis === undefined) return body(env);
  const lanes = axis === cx.axis ? cx.lanes : 1;
  const count = Math.ceil(left(env, axis) / lanes);
  if (count === 1) return unrolled(cx, env, more, body);
  const each = (iv: Var): Block => unrolled(cx, step(env, axis, at(iv, lanes), lanes), more, body);
  return loop(cx, axis, [affine(0)], [affine(count)], count, each, "unroll");
}

/**
 * The code, and where a condition on the variables in scope saves masks, a version without them:
 *   masked   -->   if (16 panel + 16 <= n) { unmasked } else { masked }
 */
export function versions(cx: Cx, mine: (condition: Affine) => boolean, body: () => Block): Block {
  const saved = cx.demands;
  cx.demands = [];
  const masked = body();
  const scope = new Set(cx.scope.filter(v => uniform(cx, at(v))));
  const conditions: Affine[] = [];
  const others: Affine[] = [];
  for (const d of cx.demands) {
    const c = projected(cx, d, scope);
    if (!c?.terms.some(t => scope.has(t.v)) || !mine(c) || neverNegative(cx, plus(affine(-1), c, -1))) others.push(d);
    else if (!conditions.some(q => neverNegative(cx, plus(c, q, -1)))) conditions.push(c);
  }
  cx.demands = saved;
  cx.demands.push(...others);
  const weakest = conditions.filter((c, i) => !conditions.some((q, j) => j > i && neverNegative(cx, plus(c, q, -1))));
  if (!weakest.length) return masked;
  const assumed = cx.assumed;
  cx.assumed = [...assumed, ...weakest];
  const free = body();
  cx.assumed = assumed;
  cx.demands = [...saved, ...others];
  const i32 = ty("i32");
  const cond = weakest
    .map(c => prim("le", ty("bool"), num(0, i32), value(c)))
    .reduce((x, y) => prim("and", ty("bool"), x, y));
  return [{ k: "if", cond, uniform: true, then: free, else: masked }];
}
