/**
 * The ways in which two KERNELs become one: behind one another, one inside of the other, side by side; undefined where they cannot. Knows no
 * third kernel.
 */
import type { Access, Axis, Index, Item, Kernel, Phase, Val } from "../../ir/kernel.ts";
import {
  accessesOf,
  addIndex,
  indexVal,
  rewriteKernel,
  rewriteVal,
  sameAccess,
  sameVal,
} from "../../ir/kernel-walk.ts";
import { loaded, sameDim } from "../../ir/type.ts";
import { operations, product } from "../register-tile.ts";
import { points } from "./sums.ts";

/** operations on what does not move that are computed again in every reader */
const CHEAP = 8;

/** one phase that sweeps nothing by the way */
const plainPhase = (k: Kernel): Phase | undefined =>
  k.phases.length === 1 && !k.phases[0]!.each?.length ? k.phases[0] : undefined;
const isMap = (p: Phase): boolean => p.reduce.length === 0;
const parallelOf = (p: Phase): readonly Axis[] => p.axes.filter(a => a.role === "parallel");
const sameExtent = (a: Axis, b: Axis): boolean =>
  typeof a.extent === "object" && "of" in a.extent
    ? typeof b.extent === "object" &&
      "of" in b.extent &&
      a.extent.by === b.extent.by &&
      sameDim(a.extent.of, b.extent.of)
    : !(typeof b.extent === "object" && "of" in b.extent) && sameDim(a.extent, b.extent);
/** the one axis that a coordinate is */
function axisOf(i: Index): string | undefined {
  const t = i.terms[0];
  return i.base === 0 && !i.gather && i.terms.length === 1 && t!.by === 1 ? t!.axis : undefined;
}
/** where a tensor is stored, if in one place */
const written = (k: Kernel, name: string): Access | undefined => {
  const all = accessesOf(k).writes.filter(a => a.of.name === name);
  return all.length === 1 ? all[0] : undefined;
};

// ---- renaming

/** the items and reductions of a phase with other axes and names */
export function renamed(p: Phase, axes: ReadonlyMap<string, Index>, names: ReadonlyMap<string, string>): Phase {
  const index = (i: Index): Index =>
    i.terms.reduce<Index>(
      (x, t) => addIndex(x, axes.get(t.axis) ?? { base: 0, terms: [{ axis: t.axis, by: 1 }] }, t.by),
      {
        base: i.base,
        terms: [],
        ...(i.gather ? { gather: i.gather } : {}),
      },
    );
  const value = (v: Val): Val => {
    if (v.k === "axis") return axes.has(v.axis) ? indexVal(axes.get(v.axis)!) : v;
    if (v.k === "name") return { ...v, name: names.get(v.name) ?? v.name };
    return v.k === "read" ? { ...v, from: { ...v.from, index: v.from.index.map(index) } } : v;
  };
  const k = rewriteKernel({ name: "", phases: [p], covers: [] }, value, a => ({ ...a, index: a.index.map(index) }));
  const name = <T extends object>(t: T): T =>
    "name" in t && typeof t.name === "string" ? { ...t, name: names.get(t.name) ?? t.name } : t;
  const [q] = k.phases as readonly [Phase];
  const reduce = q.reduce.map(r => ({ ...name(r), ...(r.of === undefined ? {} : { of: names.get(r.of) ?? r.of }) }));
  return { ...q, reduce, then: q.then.map(name) };
}
export const namesOf = (p: Phase): readonly string[] =>
  [...p.reduce, ...p.then].flatMap(t => ("name" in t ? [t.name] : []));
/** names for `mine` that do not meet `taken` */
function apart(mine: readonly string[], taken: Set<string>): ReadonlyMap<string, string> {
  const out = new Map<string, string>();
  for (const n of mine) {
    let name = n;
    for (let i = 2; taken.has(name); i++) name = `${n}${i}`;
    taken.add(name);
    out.set(n, name);
  }
  return out;
}
const single = (axis: string): Index => ({ base: 0, terms: [{ axis, by: 1 }] });

// ---- epilogue and prologue

/**
 * k behind p at the points they share. One of them is a map; k reads p's tensors only where p stores them, and if it sweeps, only when
 * the sweep is done. `alive`: tensors of p that others read.
 */
export function appended(p: Kernel, k: Kernel, alive: ReadonlySet<string>): Kernel | undefined {
  const [a, b] = [plainPhase(p), plainPhase(k)];
  if (!a || !b || !(isMap(a) || isMap(b))) return undefined;
  const twins = new Map<string, string>();
  const back = new Map<string, string>();
  let legal = true;
  const match = (access: Access): void => {
    const to = written(p, access.of.name);
    if (!to || !samePlace(to, access)) legal = false;
    else
      to.index.forEach((i, d) => {
        const [x, y] = [axisOf(i), axisOf(access.index[d]!)];
        if (x === undefined || y === undefined || (twins.get(x) ?? y) !== y || (back.get(y) ?? x) !== x) legal = false;
        else {
          twins.set(x, y);
          back.set(y, x);
        }
      });
  };
  const own = new Set(accessesOf(p).writes.map(w => w.of.name));
  const swept = new Set(b.reduce.flatMap(r => [r.value, ...(r.init ? [r.init] : [])]).flatMap(readNames));
  if ([...own].some(t => swept.has(t))) return undefined;
  for (const x of accessesOf(k).reads) if (own.has(x.of.name)) match(x);
  const [pa, ka] = [parallelOf(a), parallelOf(b)];
  if (!legal || twins.size !== pa.length || ka.length !== pa.length) return undefined;
  if (!pa.every(x => sameExtent(x, ka.find(y => y.name === twins.get(x.name))!))) return undefined;

  const intoP = isMap(b);
  const taken = new Set<string>();
  const first = intoP
    ? renamed(a, new Map(), apart(namesOf(a), taken))
    : renamed(a, new Map([...twins].map(([x, y]) => [x, single(y)])), apart(namesOf(a), taken));
  const second = intoP
    ? renamed(b, new Map([...back].map(([y, x]) => [y, single(x)])), apart(namesOf(b), taken))
    : renamed(b, new Map(), apart(namesOf(b), taken));
  const values = new Map<string, string>();
  const then = first.then.flatMap<Item>(t => {
    if (!("to" in t)) return [t];
    const known = t.value.k === "name" ? t.value.name : undefined;
    const name = known ?? [...apart(["v"], taken).values()][0]!;
    values.set(t.to.of.name, name);
    const stored: Item = { ...t, value: { k: "name", name } };
    const named: readonly Item[] = known === undefined ? [{ name, value: t.value }] : [];
    return alive.has(t.to.of.name) ? [...named, stored] : named;
  });
  const kept = rewriteKernel(
    { name: "", covers: [], phases: [{ ...second, reduce: [] }] },
    v => (v.k === "read" && values.has(v.from.of.name) ? { k: "name", name: values.get(v.from.of.name)! } : v),
    w => w,
  ).phases[0]!;
  const { axes, reduce } = intoP ? first : second;
  return {
    name: intoP && !isMap(a) ? p.name : k.name,
    phases: [{ axes, reduce, then: storesLast([...then, ...kept.then], taken) }],
    covers: [...p.covers, ...k.covers],
  };
}
/** nothing is read behind a store: a state may be stored where it was read */
function storesLast(items: readonly Item[], taken: Set<string>): readonly Item[] {
  const last = items.findLastIndex(t => readNames("fault" in t ? t.ok : t.value).length > 0);
  const stores: Item[] = [];
  const values = items.slice(0, last + 1).flatMap<Item>(t => {
    if (!("to" in t)) return [t];
    const known = t.value.k === "name" ? t.value.name : undefined;
    const name = known ?? [...apart(["v"], taken).values()][0]!;
    stores.push({ ...t, value: { k: "name", name } });
    return known === undefined ? [{ name, value: t.value }] : [];
  });
  return [...values, ...stores, ...items.slice(last + 1)];
}
const readNames = (v: Val): readonly string[] =>
  v.k === "read"
    ? [v.from.of.name, ...v.from.index.flatMap(i => (i.gather ? readNames(i.gather) : []))]
    : v.k === "prim"
      ? v.args.flatMap(readNames)
      : [];
/** both see the tensor in one shape, and what is stored is what is read */
const samePlace = (to: Access, from: Access): boolean =>
  to.of.store === loaded(to.of.store) &&
  to.of.shape.length === from.of.shape.length &&
  to.of.shape.every((d, i) => sameDim(d, from.of.shape[i]!));

// ---- inside

/** one element, whatever the point */
export const isFixed = (a: Access): boolean => a.index.every(i => i.terms.length === 0 && !i.gather);
/** p's value computed where k reads it; `free`: it reads nothing that moves */
export function inside(p: Kernel, k: Kernel, free: boolean): Kernel | undefined {
  const a = plainPhase(p);
  const store = a && isMap(a) ? soleStore(a) : undefined;
  if (!a || !store) return undefined;
  const { to, value } = store;
  if (free && operations(value) > CHEAP) return undefined;
  const axes = to.index.map(axisOf);
  if (axes.some(x => x === undefined) || new Set(axes).size !== axes.length || axes.length !== a.axes.length)
    return undefined;
  let reads = 0;
  let legal = true;
  for (const q of k.phases) {
    const factors = product(q);
    if (factors?.some(f => f.of.name === to.of.name)) return undefined;
    for (const x of readsIn(q)) {
      if (x.of.name !== to.of.name) continue;
      reads++;
      legal &&= samePlace(to, x) && x.index.every((i, d) => stays(i, q.axes, x.of.shape[d]!));
      legal &&= free || points(q.axes) <= points(a.axes);
    }
  }
  if (!legal || reads === 0 || (!free && reads > 1)) return undefined;
  const now = rewriteKernel(
    k,
    v => {
      if (v.k !== "read" || v.from.of.name !== to.of.name) return v;
      const at = new Map(v.from.index.map((i, d) => [axes[d]!, i]));
      const phase: Phase = { axes: [], reduce: [], then: [{ name: "v", value }] };
      const [item] = renamed(phase, at, new Map()).then;
      return (item as { readonly value: Val }).value;
    },
    w => w,
  );
  return now;
}
/** the one store of a map, its value without names */
function soleStore(p: Phase): { readonly to: Access; readonly value: Val } | undefined {
  const values = new Map<string, Val>();
  const whole = (v: Val): Val => rewriteVal(v, x => (x.k === "name" ? (values.get(x.name) ?? x) : x));
  for (const [i, t] of p.then.entries()) {
    if ("name" in t) values.set(t.name, whole(t.value));
    else return "to" in t && i === p.then.length - 1 ? { to: t.to, value: whole(t.value) } : undefined;
    if (operations(values.get(t.name)!) > 2 * CHEAP) return undefined;
  }
  return undefined;
}
function readsIn(p: Phase): readonly Access[] {
  return accessesOf({ name: "", covers: [], phases: [p] }).reads;
}
/** never leaves [0, size) */
function stays(i: Index, axes: readonly Axis[], size: Axis["extent"]): boolean {
  if (i.gather) return false;
  const only = axisOf(i);
  const axis = axes.find(a => a.name === only);
  if (typeof size !== "number") return !!axis && sameExtent(axis, { ...axis, extent: size });
  let [lo, hi] = [i.base, i.base];
  for (const t of i.terms) {
    const e = axes.find(a => a.name === t.axis)?.extent;
    if (typeof e !== "number") return false;
    lo += Math.min(0, t.by * (e - 1));
    hi += Math.max(0, t.by * (e - 1));
  }
  return lo >= 0 && hi < size;
}

// ---- siblings

/** two that sweep the same box and read an element in common at each point */
export function sibling(p: Kernel, k: Kernel): Kernel | undefined {
  const [a, b] = [plainPhase(p), plainPhase(k)];
  if (!a || !b || product(a) || product(b) || a.axes.length !== b.axes.length) return undefined;
  if (!a.axes.every((x, i) => x.role === b.axes[i]!.role && sameExtent(x, b.axes[i]!))) return undefined;
  const taken = new Set<string>();
  const first = renamed(a, new Map(), apart(namesOf(a), taken));
  const second = renamed(b, new Map(b.axes.map((y, i) => [y.name, single(a.axes[i]!.name)])), apart(namesOf(b), taken));
  const [own, other] = [readsIn(first), readsIn(second)];
  if (!own.some(x => other.some(y => sameAccess(x, y)))) return undefined;
  // the same reduction is made once
  const same = new Map<string, string>();
  for (const r of second.reduce) {
    const twin = first.reduce.find(
      q => q.op === r.op && !q.init && !r.init && r.op !== "first" && sameVal(q.value, r.value),
    );
    if (twin) same.set(r.name, twin.name);
  }
  const rest = { ...second, reduce: second.reduce.filter(r => !same.has(r.name)) };
  const { reduce, then } = renamed(rest, new Map(), same);
  return {
    name: p.name,
    phases: [
      { axes: first.axes, reduce: [...first.reduce, ...reduce], then: storesLast([...first.then, ...then], taken) },
    ],
    covers: [...p.covers, ...k.covers],
  };
}
