/** Random kernels and random schedules for them, from a seed: axes, strides, windows, gathers, layouts, elements, reductions, phases. */
import type {
  Access,
  Axis,
  Index,
  Item,
  Kernel,
  Lanes,
  Layout,
  Part,
  Phase,
  Reduce,
  Schedule,
  Step,
  Tensor,
  Val,
} from "../../src/ir/kernel.ts";
import { rewriteVal } from "../../src/ir/kernel-walk.ts";
import { type Dim, type Elem, loaded, N, type Stored } from "../../src/ir/type.ts";

import { fallback } from "../../src/passes/emit/index.ts";
import { seeded } from "./harness.ts";

const ELEMS: readonly Elem[] = ["f32", "f32", "f32", "f64", "i32", "u32", "i64", "bool"];
const STORES: readonly Stored[] = ["f32", "f32", "f64", "i32", "u32", "i64", "bool", "u8", "i8", "u16"];
/** values of a gathered index lie below this */
export const GATHERED = 4;

interface Dice {
  readonly below: (n: number) => number;
  readonly maybe: (p: number) => boolean;
  readonly pick: <T>(xs: readonly T[]) => T;
  readonly name: (s: string) => string;
}
function dice(seed: number): Dice {
  const random = seeded(seed);
  const below = (n: number): number => Math.floor(random() * n);
  let serial = 0;
  return { below, maybe: p => random() < p, pick: xs => xs[below(xs.length)]!, name: s => `${s}${serial++}` };
}
const float = (e: Elem): boolean => e === "f32" || e === "f64";
const isRecords = (a: Axis): boolean => typeof a.extent === "object" && !("of" in a.extent);
const isPanels = (a: Axis): boolean => typeof a.extent === "object" && "of" in a.extent;

function shuffled<T>(d: Dice, xs: readonly T[]): readonly T[] {
  const out = [...xs];
  for (let i = out.length - 1; i > 0; i--) {
    const j = d.below(i + 1);
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out;
}
/** plain or permuted, some dims in blocks, dims with N in panels or not, halo where dims are static */
function layout(d: Dice, shape: readonly Dim[], halo: boolean): Layout {
  const outer: Part[] = [];
  const inner: Part[] = [];
  for (const dim of shuffled(
    d,
    shape.map((_, i) => i),
  )) {
    const symbolic = typeof shape[dim] !== "number";
    const by = symbolic ? 16 : d.pick([2, 3, 4]);
    if (d.maybe(symbolic ? 0.7 : 0.2)) {
      outer.push({ dim, div: by });
      inner.unshift({ dim, div: 1, mod: by });
    } else outer.push({ dim, div: 1 });
  }
  const parts = d.maybe(0.7)
    ? [...outer.filter(p => typeof shape[p.dim] !== "number"), ...outer.filter(p => typeof shape[p.dim] === "number")]
    : outer;
  return {
    parts: [...parts, ...inner],
    halo: shape.map(s => (halo && typeof s === "number" && d.maybe(0.4) ? [d.below(3), d.below(3)] : [0, 0])),
  };
}
const along = (axis: string, by = 1, base = 0): Index => ({ base, terms: [{ axis, by }] });

/** a read that moves with some of the axes, in any way an Index can */
function reading(d: Dice, axes: readonly Axis[], store: Stored, fill: number): Val {
  const mine = axes.filter(() => d.maybe(0.7));
  const shape: Dim[] = [];
  const index: Index[] = [];
  const panel = mine.find(isPanels);
  for (const a of mine) {
    if (a.name === "r" && panel) continue;
    if (isPanels(a)) {
      shape.push(N);
      index.push(
        mine.some(x => x.name === "r")
          ? {
              base: 0,
              terms: [
                { axis: a.name, by: 16 },
                { axis: "r", by: 1 },
              ],
            }
          : along(a.name, 16),
      );
    } else if (isRecords(a)) {
      shape.push(d.maybe(0.85) ? N : { n: 1, plus: 2 });
      index.push(
        typeof shape.at(-1) === "object" && (shape.at(-1) as { plus: number }).plus
          ? along(a.name, 1, d.below(3))
          : along(a.name),
      );
    } else {
      const e = a.extent as number;
      const other = d.maybe(0.3) ? d.pick(mine.filter(x => typeof x.extent === "number")) : undefined;
      if (other && other !== a) {
        const by = d.pick([1, 1, 2, 2, 4, -1]);
        const base = by < 0 ? e : -d.below(2);
        shape.push(Math.max(1, e + (other.extent as number) - d.below(3)));
        index.push({
          base,
          terms: [
            { axis: a.name, by: 1 },
            { axis: other.name, by },
          ],
        });
      } else {
        const kind = d.below(8);
        if (kind === 0) index.push(along(a.name, -1, e - 1));
        else if (kind === 1) index.push(along(a.name, 2, -d.below(2)));
        else if (kind === 2) index.push(along(a.name, 1, d.below(3) - 1));
        else index.push(along(a.name));
        shape.push(kind === 1 ? Math.max(1, 2 * e - d.below(2)) : e);
      }
    }
  }
  if (d.maybe(0.15)) {
    const ids = reading({ ...d, maybe: p => (p === 0.15 ? false : d.maybe(p)) }, axes, "i32", 0);
    shape.push(GATHERED + d.below(3));
    const more = d.maybe(0.3) && shape.at(-1) !== GATHERED ? 1 : 0;
    index.push({ base: more, terms: [], gather: ids });
  }
  if (d.maybe(0.15)) {
    shape.push(3);
    index.push({ base: d.below(3), terms: [] });
  }
  const of: Tensor = { name: d.name("t"), store, shape, layout: layout(d, shape, fill === 0) };
  return { k: "read", from: { of, index, ...(fill === 0 ? {} : { fill }) } };
}
const prim = (p: Extract<Val, { k: "prim" }>["prim"], ...args: Val[]): Val => ({ k: "prim", prim: p, args });
const toElem = (v: Val, from: Elem, to: Elem): Val =>
  from === to ? v : { k: "prim", prim: "cast", args: [v], elem: to };
function leaf(d: Dice, axes: readonly Axis[], e: Elem, fill: number): Val {
  const store = d.maybe(0.6) ? d.pick(STORES.filter(s => loaded(s) === e || s === e)) : d.pick(STORES);
  if (store === undefined) return leaf(d, axes, e, fill);
  if (d.maybe(0.12) && axes.length && e !== "bool") return toElem({ k: "axis", axis: d.pick(axes).name }, "i32", e);
  if (d.maybe(0.06) && e !== "bool") return toElem({ k: "n" }, "i32", e);
  if (d.maybe(0.08)) return { k: "const", value: e === "bool" ? 1 : 3, elem: e };
  return toElem(reading(d, axes, store, loaded(store) === e ? fill : 0), loaded(store), e);
}
/** now and then a point at which something is outside is none */
function skipping(d: Dice, v: Val): Val {
  const skips = (a: Access): boolean => !a.index.some(i => i.gather) && d.maybe(0.25);
  return rewriteVal(v, x => (x.k === "read" && skips(x.from) ? { ...x, from: { ...x.from, skip: true } } : x));
}
function expression(
  d: Dice,
  axes: readonly Axis[],
  e: Elem,
  depth: number,
  names: readonly (readonly [string, Elem])[],
): Val {
  const known = names.filter(n => n[1] === e);
  if (known.length && d.maybe(0.4)) return { k: "name", name: d.pick(known)[0] };
  if (depth === 0) return leaf(d, axes, e, 0);
  const sub = (x: Elem): Val => expression(d, axes, x, depth - 1, names);
  if (d.maybe(0.2))
    return prim("select", prim(d.pick(["lt", "le", "eq"] as const), sub("f32"), sub("f32")), sub(e), sub(e));
  if (e === "bool") return prim(d.pick(["and", "or", "xor"] as const), sub(e), sub(e));
  return prim(d.pick(["add", "sub", "mul", "max", "min"] as const), sub(e), sub(e));
}

function reductions(
  d: Dice,
  axes: readonly Axis[],
  names: readonly (readonly [string, Elem])[],
): readonly (Reduce & { readonly elem: Elem })[] {
  const e = d.pick(ELEMS);
  if (d.maybe(0.5) && float(e))
    return [
      {
        name: d.name("s"),
        op: "add",
        value: prim("mul", leaf(d, axes, e, 0), leaf(d, axes, e, 0)),
        elem: e,
        ...(d.maybe(0.3) ? { init: initial(d, axes, e) } : {}),
      },
    ];
  const op = d.pick(["add", "max", "min", ...(float(e) ? (["mul"] as const) : [])] as const);
  const lowest = op === "max" && float(e) ? -Infinity : op === "min" && float(e) ? Infinity : 0;
  const top: Reduce & { elem: Elem } = {
    name: d.name("s"),
    op,
    elem: e,
    value: d.maybe(0.6) ? leaf(d, axes, e, lowest) : expression(d, axes, e, 1, names),
    ...(d.maybe(0.2) ? { init: initial(d, axes, e) } : {}),
  };
  const reduced = axes.filter(a => a.role === "reduce");
  const exact = top.value.k === "read" || top.value.k === "axis";
  if (
    op !== "max" ||
    !exact ||
    !reduced.length ||
    reduced.some(a => typeof a.extent !== "number") ||
    top.init ||
    d.maybe(0.5)
  )
    return [top];
  const winner: Val = reduced
    .map<Val>(a => ({ k: "axis", axis: a.name }))
    .reduce((x, y) => prim("add", prim("mul", x, { k: "const", value: 7, elem: "i32" }), y));
  return [top, { name: d.name("i"), op: "first", of: top.name, value: winner, elem: "i32" }];
}
const initial = (d: Dice, axes: readonly Axis[], e: Elem): Val =>
  leaf(
    d,
    axes.filter(a => a.role === "parallel"),
    e,
    0,
  );

/** where a parallel point of the phase is stored: one dim per axis, and now and then a shift */
function storing(d: Dice, axes: readonly Axis[], store: Stored): Access {
  const shape: Dim[] = [];
  const index: Index[] = [];
  for (const a of axes) {
    const shift = typeof a.extent === "number" && d.maybe(0.15) ? 1 : 0;
    shape.push(typeof a.extent === "number" ? a.extent + d.below(2) * shift : N);
    index.push(along(a.name, isPanels(a) ? 16 : 1, shift));
  }
  const free = layout(d, shape, d.maybe(0.2));
  const panel = axes.findIndex(isPanels);
  const parts =
    panel < 0 || d.maybe(0.3)
      ? free.parts
      : [{ dim: panel, div: 16 }, ...shape.flatMap((_, dim) => (dim === panel ? [] : [{ dim, div: 1 }]))];
  return { of: { name: d.name("y"), store, shape, layout: { ...free, parts } }, index };
}
function phase(d: Dice, axes: readonly Axis[], names: (readonly [string, Elem])[], fault: boolean): Phase {
  const parallel = axes.filter(a => a.role === "parallel");
  const each: Item[] = [];
  const swept = [...names];
  if (d.maybe(0.25)) {
    const e = d.pick(ELEMS);
    const n = d.name("e");
    each.push({ name: n, value: expression(d, axes, e, 1, swept) });
    swept.push([n, e]);
    if (d.maybe(0.5) && !axes.some(isPanels)) each.push({ to: storing(d, axes, e), value: { k: "name", name: n } });
    if (fault && d.maybe(0.5))
      each.push({
        fault: 5,
        ok: prim("lt", expression(d, axes, "i32", 1, swept), { k: "const", value: 9, elem: "i32" }),
      });
  }
  const sums = axes.some(a => a.role === "reduce") || d.maybe(0.1) ? reductions(d, axes, swept) : [];
  const own: (readonly [string, Elem])[] = [...names, ...sums.map(r => [r.name, r.elem] as const)];
  const then: Item[] = [];
  if (d.maybe(0.4)) {
    const e = d.pick(ELEMS);
    const n = d.name("v");
    then.push({ name: n, value: expression(d, parallel, e, 1, own) });
    own.push([n, e]);
  }
  const stored = sums.length && d.maybe(0.6) ? sums.map(r => [r.name, r.elem] as const) : [];
  for (const [n, e] of stored) then.push({ to: storing(d, parallel, e), value: { k: "name", name: n } });
  if (!stored.length) {
    const e = d.pick(ELEMS);
    then.push({ to: storing(d, parallel, e), value: expression(d, parallel, e, 2, own) });
  }
  if (fault)
    then.push({
      fault: d.below(4),
      ok: prim("lt", expression(d, parallel, "i32", 1, own), { k: "const", value: 8, elem: "i32" }),
    });
  names.push(...own.filter(n => !names.includes(n)));
  const reduce = sums.map(({ elem: _, ...r }) => r);
  if (each.length) return { axes, each, reduce, then };
  const skips = reduce.length === 1;
  return { axes, reduce: skips ? reduce.map(r => ({ ...r, value: skipping(d, r.value) })) : reduce, then };
}
export function randomKernel(seed: number): Kernel {
  const d = dice(seed);
  const size = (): number => d.pick([1, 2, 3, 3, 4, 5, 5, 9]);
  const records = d.below(6);
  const parallel: Axis[] = Array.from({ length: 1 + d.below(2) }, (_, i) => ({
    name: `p${i}`,
    extent: i ? size() : d.pick([1, 4, 5, 10, 17]),
    role: "parallel",
  }));
  const reduce: Axis[] = Array.from({ length: d.below(3) }, (_, i) => ({
    name: `q${i}`,
    extent: size(),
    role: "reduce",
  }));
  if (records < 3) parallel.unshift({ name: "n", extent: N, role: "parallel" });
  if (records === 3) reduce.push({ name: "n", extent: N, role: "reduce" });
  if (records === 4) {
    parallel.unshift({ name: "panel", extent: { of: N, by: 16 }, role: "parallel" });
    reduce.push({ name: "r", extent: 16, role: "reduce" });
  }
  if (records === 5 && d.maybe(0.5)) reduce.push({ name: "panel", extent: { of: N, by: 16 }, role: "reduce" });
  const axes = shuffled(d, [...parallel, ...reduce]);
  const fault = parallel.some(isRecords) && d.maybe(0.3);
  if (d.maybe(0.7)) return { name: `random${seed}`, phases: [phase(d, axes, [], fault)], covers: [] };
  const shared = parallel.slice(0, 1 + d.below(parallel.length));
  const names: (readonly [string, Elem])[] = [];
  const first = phase(d, shuffled(d, [...shared, ...reduce]), names, false);
  const crossing = d.maybe(0.5) ? names : [];
  const second = phase(
    d,
    axes.filter(a => !reduce.includes(a) || d.maybe(0.5)),
    [...crossing],
    fault,
  );
  return { name: `random${seed}`, phases: [first, second], covers: [] };
}
/** any schedule at all: emit takes every one */
export function randomSchedule(k: Kernel, seed: number): Schedule {
  const d = dice(seed);
  if (d.maybe(0.15)) return fallback(k);
  const nested = k.phases.map(p => {
    const vector = p.axes.length ? d.pick(p.axes) : undefined;
    const steps: Step[] = [];
    for (const a of shuffled(d, [...p.axes, ...p.axes.filter(() => d.maybe(0.3))])) {
      if (d.maybe(0.2)) continue;
      const even = d.maybe(0.2);
      const size = a === vector && d.maybe(0.7) ? d.pick([4, 8, 16]) : d.pick([1, 1, 2, 3, 6, 16]);
      steps.push({
        axis: a.name,
        size,
        ...(even ? { even } : {}),
        at: a.role === "parallel" && d.maybe(0.2) ? "grid" : "loop",
      });
    }
    const reads = p.reduce
      .flatMap(r => (r.value.k === "prim" ? r.value.args : [r.value]))
      .flatMap(v => (v.k === "read" ? [v.from.of.name] : []));
    if (reads.length && d.maybe(0.3)) steps.splice(d.below(steps.length + 1), 0, { pack: d.pick(reads) });
    if (d.maybe(0.8)) steps.splice(d.below(steps.length + 1), 0, { tile: true });
    return { vector: { axis: vector?.name ?? "", lanes: d.pick([1, 4, 8, 16]) as Lanes }, steps };
  });
  const shared = k.phases[0]!.axes.filter(a => a.role === "parallel" && d.maybe(0.4));
  return {
    shared: shared.map<Step>(a => ({ axis: a.name, size: d.pick([1, 2, 8, 16]), at: d.maybe(0.6) ? "grid" : "loop" })),
    phases: nested,
  };
}
