/**
 * Slices copied to worker scratch or workgroup memory, laid out in the order in which they are read. Knows no layout but its own.
 */
import type { Access, Step } from "../../ir/kernel.ts";
import {
  type Affine,
  affine,
  at,
  type Block,
  type Buf,
  fresh,
  type Lanes,
  num,
  plus,
  prim,
  type Stmt,
  ty,
  value,
} from "../../ir/loop.ts";
import { loaded } from "../../ir/type.ts";
import { load } from "./access.ts";
import { alloc, type Cx, type Env, get, left, loop, loops, put, step, stmts, unrolled } from "./env.ts";
import type { Px } from "./phase.ts";
import { axesOf, kept, reads, widen } from "./value.ts";

/** a run of packs at the head of `list`, and inside it the loops of the rest */
export function pack(px: Px, list: readonly Step[], env: Env, loopsOf: (rest: readonly Step[]) => Block): Block {
  const { cx } = px;
  const end = list.findIndex(s => !("pack" in s));
  const names = list.slice(0, end < 0 ? list.length : end).flatMap(s => ("pack" in s ? [s.pack] : []));
  const rest = end < 0 ? [] : list.slice(end);
  const slices = names.flatMap(n => slice(px, n, env, rest));
  const saved = cx.packed;
  cx.packed = new Map([
    ...saved,
    ...slices.map(s => [s.access, { buf: s.buf, stride: s.stride, origin: env }] as const),
  ]);
  const inside = loopsOf(rest);
  cx.packed = saved;
  const sync: Block = cx.group.length ? [{ k: "barrier", scope: "group" }] : [];
  return alloc(
    slices.map(s => s.buf),
    [...sync, ...slices.flatMap(s => s.copy), ...sync, ...inside],
  );
}
interface Slice {
  readonly access: Access;
  readonly buf: Buf;
  readonly stride: ReadonlyMap<string, number>;
  readonly copy: Block;
}
/** what is left of the tensor's axes: those looped first outside, then the register tile's, lanes inside; [] where it cannot be packed */
function slice(px: Px, name: string, env: Env, rest: readonly Step[]): readonly Slice[] {
  const { cx } = px;
  const found = px.phase.reduce.flatMap(r => reads(r.value)).filter(a => a.of.name === name);
  const a = found[0];
  const axes = a && axesOf(a);
  if (!a || !axes || found.length > 1 || a.index.some(i => i.gather)) return [];
  const spans = [...axes].map(x => [x, get(env, x).span] as const);
  if (spans.some(([, n]) => typeof n !== "number")) return [];
  const mine = spans.filter(([, n]) => n !== 1).map(([x]) => x);
  const looped = [...rest, ...px.nest.inner].flatMap(s => ("axis" in s && mine.includes(s.axis) ? [s.axis] : []));
  const order = [...new Set([...looped, ...mine])].sort((x, y) => Number(x === cx.axis) - Number(y === cx.axis));
  const whole: Env = new Map([...env].map(([x, q]) => [x, { ...q, value: q.shared, rest: q.span }]));
  const stride = new Map<string, number>();
  let n = 1;
  for (const x of [...order].reverse()) {
    stride.set(x, n);
    n *= left(whole, x);
  }
  // the last vector may reach beyond what is left of its axis
  const ragged = order.includes(cx.axis) && left(whole, cx.axis) % cx.lanes ? cx.lanes : 0;
  const buf: Buf = { name: fresh(`${name}_slice`).name, store: loaded(a.of.store), extent: n + ragged, space: "group" };
  const to = (e: Env): Affine =>
    [...stride].reduce((x, [axis, by]) => plus(x, plus(get(e, axis).value, get(env, axis).shared, -1), by), affine(0));
  const copy = cx.group.length
    ? cooperative(px, a, buf, order, stride, n, whole, to)
    : straight(px, a, buf, order, whole, to);
  return [{ access: a, buf, stride, copy }];
}
function straight(px: Px, a: Access, buf: Buf, order: readonly string[], whole: Env, to: (e: Env) => Affine): Block {
  const { cx } = px;
  const lanes = order.includes(cx.axis) ? widest(left(whole, cx.axis)) : 1;
  const registers = order.filter(x => x !== cx.axis && px.parallel.includes(x));
  const looped = order.filter(x => x !== cx.axis && !registers.includes(x));
  const copy = (e: Env): Block =>
    stmts(cx, () => [{ k: "store", buf, at: to(e), value: widen(load(cx, a, e, kept(cx, e)), cx.lanes) }]);
  const inLanes = order.includes(cx.axis) ? [...registers, cx.axis] : registers;
  return withLanes(cx, lanes, () =>
    looped.reduceRight<(e: Env) => Block>(
      (f, x) => e => loops(cx, e, x, 1, false, f),
      e => unrolled(cx, e, inLanes, copy),
    )(whole),
  );
}
/** all of the axis in vectors of one length */
const widest = (n: number): Lanes => ([16, 8, 4, 2] as const).find(l => n % l === 0) ?? 1;
export function withLanes<T>(cx: Cx, lanes: Lanes, f: () => T): T {
  const saved = cx.lanes;
  cx.lanes = lanes;
  const out = f();
  cx.lanes = saved;
  return out;
}
/** all invocations of a workgroup copy; the flat index is taken apart by division */
function cooperative(
  px: Px,
  a: Access,
  buf: Buf,
  order: readonly string[],
  stride: ReadonlyMap<string, number>,
  n: number,
  whole: Env,
  to: (e: Env) => Affine,
): Block {
  const { cx } = px;
  const i32 = ty("i32");
  const threads = cx.group.reduce((x, g) => x * g.size, 1);
  let me = affine(0);
  let by = 1;
  for (const g of cx.group) {
    me = plus(me, at(g.iv, by));
    by *= g.size;
  }
  const rounds = Math.ceil(n / threads);
  return withLanes(cx, 1, () =>
    loop(cx, "round", [affine(0)], [affine(rounds)], rounds, iv => {
      const flat = fresh("flat", i32, rounds * threads);
      const lets: Stmt[] = [];
      let e = whole;
      for (const x of order) {
        const span = left(e, x);
        const c = fresh(x, i32, span);
        lets.push({ k: "let", to: c, value: prim("rem", i32, prim("div", i32, flat, num(stride.get(x)!)), num(span)) });
        e = step(put(e, x, { rest: span }), x, at(c), 1);
      }
      const copy = [...lets, ...stmts(cx, () => [{ k: "store", buf, at: to(e), value: load(cx, a, e, kept(cx, e)) }])];
      const guarded: Block =
        n % threads
          ? [{ k: "if", cond: prim("lt", ty("bool"), flat, num(n)), uniform: false, then: copy, else: [] }]
          : copy;
      return [{ k: "let", to: flat, value: value(plus(me, at(iv, threads))) }, ...guarded];
    }),
  );
}
