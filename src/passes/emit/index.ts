/**
 * KERNEL + Schedule + Layout -> LOOP. Total: a schedule that does not fit becomes a slow one (legal.ts). Driven by axes, index maps
 * and layouts; names no op.
 *
 *   y[n, o] = sum_c x[n, c] * w[o, c]; n:16@grid o:6~ n:8 | c:1
 *   -->   for panel in grid, for o by 6 and 5, for half: s[6][8] = 0; for c: h = x[..8]; s[r] = fma(splat w[o + r], h, s[r]); y = s
 */
import type { AxisExtent, Kernel, Phase, Schedule, Step } from "../../ir/kernel.ts";
import { elemsByName } from "../../ir/kernel-elem.ts";
import { accessesOf } from "../../ir/kernel-walk.ts";
import {
  affine,
  at,
  type Block,
  blocks,
  type CeilDiv,
  children,
  type Expr,
  exprs,
  fresh,
  type LoopKernel,
  num,
  plus,
  prim,
  restartNames,
  type Stmt,
  ty,
  type Var,
  value,
} from "../../ir/loop.ts";
import type { Dim } from "../../ir/type.ts";
import { bufOf, load } from "./access.ts";
import { dotForm } from "./dot.ts";
import { alloc, type Cx, type Env, get, loops, one, put, step, versions } from "./env.ts";
import { extentsOf, type Legal, legalise } from "./legal.ts";
import { clean, cleaned } from "./pads.ts";
import type { Px } from "./phase.ts";
import { facts, know, size } from "./prove.ts";
import { steps, tile } from "./rows.ts";

export { fallback } from "./legal.ts";
export { merge } from "./merge.ts";

export function emit(kernel: Kernel, schedule: Schedule): LoopKernel {
  restartNames();
  const legal = legalise(kernel, schedule);
  const extents = extentsOf(kernel);
  const cx: Cx = {
    ...facts(),
    kernel,
    extents,
    buffers: new Map(),
    grid: [],
    group: [],
    scope: [],
    outer: new Set(),
    packed: new Map(),
    clean: new Set(),
    again: repeatable(kernel),
    lets: [],
    axis: "",
    lanes: 1,
    names: new Map(),
    elem: elemsByName(kernel),
    carried: [],
    load,
  };
  const env: Env = new Map(
    [...extents].map(([a, e]) => [a, { value: affine(0), rest: e, shared: affine(0), span: e }]),
  );
  cx.clean = cleaned(cx, legal);
  const inner = shared(cx, legal.shared, env, e => {
    cx.outer = new Set(cx.scope);
    const sweep = versions(
      cx,
      () => true,
      () => phases(cx, legal, e),
    );
    return [...clean(cx, cx.clean, e), ...sweep];
  });
  const locals = [...cx.buffers.values()].filter(b => b.space === "group");
  const body = withHeader(cx, alloc([...locals, ...cx.carried], inner));
  return {
    name: kernel.name,
    params: [...cx.buffers.values()].filter(b => b.space === "param"),
    n: cx.n,
    grid: cx.grid,
    group: cx.group,
    body,
  };
}
/** the steps that all phases share: items of the grid, lanes of a workgroup, loops */
function shared(
  cx: Cx,
  list: readonly Extract<Step, { readonly axis: string }>[],
  env: Env,
  body: (env: Env) => Block,
): Block {
  const [s, ...rest] = list;
  if (!s) return body(env);
  const more = (e: Env): Block => shared(cx, rest, e, body);
  if (s.at === "loop") return loops(cx, env, s.axis, s.size, s.even ?? false, more);
  const p = get(env, s.axis);
  // lanes of a workgroup deal out whole pieces; else an item is no larger than its axis
  const whole = cx.group.length > 0 || s.at === "lane" || rest.some(t => t.at === "lane");
  const piece = typeof p.rest === "number" && !whole ? Math.max(1, Math.min(s.size, p.rest)) : s.size;
  const pieces = pieceCount(p.rest, piece);
  const iv = fresh(s.axis, ty("i32"), typeof pieces === "number" ? pieces : undefined);
  know(cx, iv, [affine(0)], [size(cx, pieces)]);
  cx.scope = [...cx.scope, iv];
  if (s.at === "grid") {
    cx.grid.push({ iv, to: pieces });
    const most =
      typeof p.rest === "number" && !whole && s.again && p.rest % piece && cx.again.has(s.axis)
        ? p.rest - piece
        : undefined;
    if (most === undefined) return more(step(env, s.axis, at(iv, piece), piece));
    // the last piece begins where it is whole
    const i32 = ty("i32");
    const first = know(cx, fresh("first", i32, most + 1), [affine(0)], [affine(most + 1)]);
    cx.scope = [...cx.scope, first];
    const start: Stmt = { k: "let", to: first, value: prim("min", i32, value(at(iv, piece)), num(most)) };
    return [start, ...more(step(env, s.axis, at(first), piece))];
  }
  if (typeof pieces !== "number") throw new Error("internal: emit: lanes of a workgroup over an axis with N");
  cx.group.push({ iv, size: pieces });
  return more(put(env, s.axis, { value: plus(p.value, at(iv, piece)), rest: piece }));
}
/**
 * Parallel axes whose points give the same when they are computed again: of one phase, where that reads nothing that it writes; of all,
 * where none does.
 */
function repeatable(k: Kernel): ReadonlySet<string> {
  const swept = new Set(k.phases.flatMap(p => p.axes.filter(a => a.role === "reduce").map(a => a.name)));
  const clean = (p: Phase): boolean => {
    const { reads, writes } = accessesOf({ ...k, phases: [p] });
    const written = new Set(writes.map(a => a.of.name));
    return !reads.some(a => written.has(a.of.name));
  };
  const unclean = new Set(k.phases.flatMap(p => (clean(p) ? [] : p.axes.map(a => a.name))));
  return new Set(k.phases.flatMap(p => p.axes.map(a => a.name)).filter(a => !swept.has(a) && !unclean.has(a)));
}
function pieceCount(rest: AxisExtent, by: number): Dim | CeilDiv {
  if (typeof rest === "number") return Math.ceil(rest / by);
  if ("of" in rest) return by === 1 ? rest : { of: rest.of, by: rest.by * by };
  return by === 1 ? rest : { of: rest, by };
}

/** phases that meet in memory only become functions of their own: one hot loop nest each */
function phases(cx: Cx, legal: Legal, env: Env): Block {
  for (const p of cx.kernel.phases) for (const t of p.then) if ("to" in t && t.to.of.local) bufOf(cx, t.to.of);
  const parts = cx.kernel.phases.map((phase, i) => {
    const nest = legal.nests[i]!;
    const px: Px = {
      cx,
      phase,
      nest,
      parallel: phase.axes.filter(a => a.role === "parallel").map(a => a.name),
      reduce: phase.axes.filter(a => a.role === "reduce").map(a => a.name),
      joined: legal.crossing.size > 0,
      crossing: new Set(
        [...legal.crossing].filter(n => [...phase.reduce, ...phase.then].some(t => "name" in t && t.name === n)),
      ),
    };
    cx.axis = nest.axis;
    cx.lanes = nest.lanes;
    return onePhase(px, env);
  });
  const apart = parts.length > 1 && !legal.crossing.size;
  if (!apart) return parts.flat();
  return parts.map(b => one(fresh("part", ty("i32"), 1), [affine(0)], [affine(1)], b, "call"));
}
function onePhase(px: Px, env: Env): Block {
  if (px.nest.dot) return dotForm(px, env);
  const inside = (e: Env): Block => {
    if (px.crossing.size) return tile(px, e);
    const mine = (c: { readonly terms: readonly { readonly v: Var }[] }): boolean =>
      c.terms.some(t => !px.cx.outer.has(t.v) && t.v !== px.cx.n);
    return versions(px.cx, mine, () => tile(px, e));
  };
  return steps(px, px.nest.outer, env, inside);
}

/** numbers of panels that the body uses, computed once */
function withHeader(cx: Cx, body: Block): Block {
  const used = new Set<Var>();
  const expr = (e: Expr): void => {
    if (e.k === "var") used.add(e);
    if (e.k === "load") for (const t of e.at.terms) used.add(t.v);
    children(e).forEach(expr);
  };
  const walk = (b: Block): void => b.forEach(visit);
  const visit = (s: Stmt): void => {
    exprs(s).forEach(expr);
    if (s.k === "store" || s.k === "atomic") for (const t of s.at.terms) used.add(t.v);
    if (s.k === "for") for (const a of [...s.from, ...s.to]) for (const t of a.terms) used.add(t.v);
    blocks(s).forEach(walk);
  };
  walk(body);
  const lets = [...cx.symbols.values()]
    .filter(s => used.has(s.v))
    .map<Stmt>(s => ({ k: "let", to: s.v, value: s.value }));
  return [...lets, ...body];
}
