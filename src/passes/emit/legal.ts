/**
 * Schedule -> the shapes that emit can do: any schedule becomes a legal one, at worst a slow one. Knows axes and roles, no address.
 *
 *   ky:1 oc:6~ | n:8 (n in 16 lanes)   -->   n:8 oc:6~ | ky:1 (n in 8 lanes)
 */
import type { Access, AxisExtent, Kernel, Lanes, Nest, Phase, Reduce, Schedule, Step, Val } from "../../ir/kernel.ts";
import { elemsOf } from "../../ir/kernel-elem.ts";
import { accessesOf } from "../../ir/kernel-walk.ts";
import { PANEL } from "../../ir/layout.ts";

type Loop = Extract<Step, { readonly axis: string }>;
/** outer: parallel steps and packs, for the dot form also reduce steps; inner: reduce steps and packs */
export interface LegalNest {
  readonly axis: string;
  readonly lanes: Lanes;
  readonly dot: boolean;
  readonly outer: readonly Step[];
  readonly inner: readonly Step[];
}
export interface Legal {
  readonly shared: readonly Loop[];
  readonly nests: readonly LegalNest[];
  /** names of one phase are seen by later ones, in registers */
  readonly crossing: ReadonlySet<string>;
}
/** a register tile or an unrolled body holds at most this many statements */
const UNROLLED = 64;

export const extentsOf = (k: Kernel): ReadonlyMap<string, AxisExtent> =>
  new Map(k.phases.flatMap(p => p.axes.map(a => [a.name, a.extent] as const)));
export function sharedAxes(k: Kernel): readonly string[] {
  const of = (p: Phase): readonly string[] => p.axes.filter(a => a.role === "parallel").map(a => a.name);
  return k.phases.map(of).reduce((x, y) => x.filter(a => y.includes(a)));
}
/** shared axes along which what lives between phases is overwritten: all phases run for one point before the next */
function foldedAxes(k: Kernel): readonly string[] {
  const locals = accessesOf(k).writes.filter(a => a.of.local);
  const moves = (a: Access, axis: string): boolean =>
    a.of.layout.parts.some(
      p =>
        p.div === 1 && a.index[p.dim]!.terms.some(t => t.axis === axis && (p.mod === undefined || t.by % p.mod !== 0)),
    );
  return k.phases.length > 1 ? sharedAxes(k).filter(axis => locals.some(a => !moves(a, axis))) : [];
}
/** shared axes along which a sum goes on from point to point, where it is stored: they are walked in order */
export function goingOn(k: Kernel, shared: readonly string[]): readonly string[] {
  const { reads, writes } = accessesOf(k);
  const sums = writes.filter(a => !a.of.local && reads.some(r => r.of.name === a.of.name));
  const moves = (a: Access, axis: string): boolean => a.index.some(i => i.gather || i.terms.some(t => t.axis === axis));
  return k.phases.length > 1 ? shared.filter(axis => sums.some(a => !moves(a, axis))) : [];
}
/** loops of one over these axes: none of them is in lanes, even if it has one point */
const apart = (axes: readonly string[], steps: readonly Loop[]): readonly Loop[] =>
  [...new Set(axes)].filter(a => !steps.some(t => t.axis === a && t.size === 1)).map(a => loop(a, 1));
const isLoop = (s: Step): s is Loop => "axis" in s;
const loop = (axis: string, size: number): Loop => ({ axis, size, at: "loop" });

export function legalise(k: Kernel, s: Schedule): Legal {
  const shared = sharedAxes(k);
  const crossing = crossingNames(k);
  const single = k.phases.length === 1;
  const hoisted = single
    ? (s.phases[0]?.steps ?? []).filter(t => isLoop(t) && t.at !== "loop" && shared.includes(t.axis))
    : [];
  const going = goingOn(k, shared);
  const given = [...s.shared, ...hoisted].filter(isLoop).filter(t => shared.includes(t.axis));
  const inOrder = given.map(t => (going.includes(t.axis) ? { ...t, at: "loop" as const } : t));
  const prefix = [...inOrder, ...apart([...going, ...foldedAxes(k)], inOrder)];
  const nests = k.phases.map((p, i) =>
    lawful(p, s.phases[i] ?? { vector: { axis: "", lanes: 1 }, steps: [] }, prefix, hoisted),
  );
  const lanes = crossing.size ? agreed(nests, shared) : nests;
  const whole = crossing.size ? [...prefix, ...missing(k, prefix, shared, lanes)] : prefix;
  return {
    shared: whole,
    crossing,
    nests: lanes.map((n, i) => ordered(k.phases[i]!, budgeted(k.phases[i]!, n, whole))),
  };
}
/** names in registers: phases with a shared axis in lanes must agree on it */
function agreed(nests: readonly LegalNest[], shared: readonly string[]): readonly LegalNest[] {
  const wide = nests.filter(n => n.lanes > 1 && shared.includes(n.axis));
  if (!wide.length || nests.every(n => n.axis === wide[0]!.axis && n.lanes === wide[0]!.lanes)) return nests;
  return nests.map(n => (wide.includes(n) ? { ...n, lanes: 1 as const } : n));
}
/** names in registers: what is left of the shared axes is one vector */
function missing(
  k: Kernel,
  prefix: readonly Loop[],
  shared: readonly string[],
  nests: readonly LegalNest[],
): readonly Loop[] {
  const extents = extentsOf(k);
  return shared.flatMap(a => {
    const lanes = nests[0]!.axis === a ? nests[0]!.lanes : 1;
    const dealt = prefix.some(t => t.at === "lane");
    const left = leftOf(dealt ? Infinity : extents.get(a)!, prefix, a);
    return left === undefined || left > lanes ? [loop(a, lanes)] : [];
  });
}
/** the largest piece of an axis that steps leave; undefined: all of an axis with N */
function leftOf(extent: AxisExtent, steps: readonly Step[], axis: string): number | undefined {
  const sizes = steps.flatMap(s => (isLoop(s) && s.axis === axis ? [s.size] : []));
  if (typeof extent === "number") sizes.push(extent);
  return sizes.length ? Math.min(...sizes) : undefined;
}

/** the steps of one phase, each where it may stand; as many lanes as divide every cut of the vector axis */
function lawful(p: Phase, nest: Nest, prefix: readonly Loop[], hoisted: readonly Step[]): LegalNest {
  const roles = new Map(p.axes.map(a => [a.name, a.role]));
  const { axis } = nest.vector;
  const dot = roles.get(axis) === "reduce";
  // partial sums begin with the first piece: where there is none, the identity is stored without lanes
  const empty = p.axes.some(a => a.role === "reduce" && a.extent === 0);
  const vectorial = roles.has(axis) && (!dot || (foldable(p) && !empty));
  // others fill the slice, and no barrier of a workgroup orders what they read in memory before what is written there
  const written = new Set(accessesOf({ name: "", covers: [], phases: [p] }).writes.map(a => a.of.name));
  const steps = nest.steps.flatMap<Step>(s => {
    if ("pack" in s) return written.has(s.pack) ? [] : [s];
    if (!isLoop(s)) return [s];
    if (!roles.has(s.axis) || hoisted.includes(s)) return [];
    return [{ ...loop(s.axis, s.size), ...(s.even && s.axis !== axis ? { even: true } : {}) }];
  });
  const cuts = [...prefix, ...steps].filter(isLoop).filter(s => s.axis === axis);
  const lanes = vectorial ? cuts.reduce<number>((l, s) => Math.min(l, s.size & -s.size), nest.vector.lanes) : 1;
  const at = steps.findIndex(s => "tile" in s);
  const [before, after] = at < 0 ? [steps, []] : [steps.slice(0, at), steps.slice(at + 1)];
  const reduces = (s: Step): boolean => isLoop(s) && roles.get(s.axis) === "reduce";
  const parallel = after.filter(s => isLoop(s) && !reduces(s));
  const open = p.axes.some(a => a.role === "parallel" && typeof a.extent !== "number" && isOpen(a.name, prefix));
  const spills = dot && lanes > 1 && before.some(reduces) && p.reduce.length === 1 && !open;
  const packs = (s: Step): boolean => "pack" in s;
  const outer = [...before.filter(s => spills || !(reduces(s) || (packs(s) && before.some(reduces)))), ...parallel];
  const inner = [...(spills ? [] : before.filter(reduces)), ...after.filter(s => !parallel.includes(s))];
  return { axis: lanes > 1 ? axis : "", lanes: lanes as Lanes, dot: dot && lanes > 1, outer, inner };
}
/** no shared step cuts the axis */
const isOpen = (axis: string, prefix: readonly Loop[]): boolean => !prefix.some(s => s.axis === axis);
/** what lanes may sum apart and fold at the end */
function foldable(p: Phase): boolean {
  const elems = elemsOf(p);
  const numeric = (r: Reduce): boolean => ["f32", "f64", "i32", "u32"].includes(elems(r.value));
  return p.reduce.every(r => r.op !== "first" && numeric(r));
}
/** loops of one for what would unroll too far, and for axes with N that no step cuts */
function budgeted(p: Phase, nest: LegalNest, prefix: readonly Loop[]): LegalNest {
  const outer = [...nest.outer];
  const inner = [...nest.inner];
  for (const role of ["parallel", "reduce"] as const) {
    let unrolled = 1;
    for (const a of p.axes.filter(q => q.role === role)) {
      const lanes = a.name === nest.axis ? nest.lanes : 1;
      const left = leftOf(a.extent, [...prefix, ...outer, ...inner], a.name);
      const count = left === undefined ? Infinity : Math.ceil(left / lanes);
      if (unrolled * count <= UNROLLED) unrolled *= count;
      else (role === "parallel" ? outer : inner).push(loop(a.name, lanes));
    }
  }
  return { ...nest, outer, inner };
}

/** the companion of a maximum wants the reduce axes swept in their order: all of them loops, or none */
function ordered(p: Phase, nest: LegalNest): LegalNest {
  if (!p.reduce.some(r => r.op === "first") || !nest.inner.some(isLoop)) return nest;
  return { ...nest, inner: p.axes.filter(a => a.role === "reduce").map(a => loop(a.name, 1)) };
}

function crossingNames(k: Kernel): ReadonlySet<string> {
  const earlier = new Set<string>();
  const out = new Set<string>();
  for (const p of k.phases) {
    const own = new Set([...(p.each ?? []), ...p.then, ...p.reduce].flatMap(t => ("name" in t ? [t.name] : [])));
    for (const n of namesIn(p)) if (earlier.has(n) && !own.has(n)) out.add(n);
    for (const n of own) earlier.add(n);
  }
  return out;
}
function namesIn(p: Phase): readonly string[] {
  const out: string[] = [];
  const index = (a: Access): void => {
    for (const i of a.index) if (i.gather) val(i.gather);
  };
  const val = (v: Val): void => {
    if (v.k === "name") out.push(v.name);
    if (v.k === "prim") v.args.forEach(val);
    if (v.k === "read") index(v.from);
  };
  for (const t of [...(p.each ?? []), ...p.then]) {
    val("fault" in t ? t.ok : t.value);
    if ("to" in t) index(t.to);
  }
  for (const r of p.reduce) for (const v of [r.value, ...(r.init ? [r.init] : [])]) val(v);
  return out;
}

/** a schedule that always works: every axis a loop; a panel of records in lanes where all phases are parallel over records */
export function fallback(k: Kernel): Schedule {
  const shared = sharedAxes(k);
  const extents = extentsOf(k);
  const symbolic = (a: string): boolean => typeof extents.get(a) !== "number";
  const item = shared.find(symbolic) ?? shared[0];
  const records = item !== undefined && symbolic(item) && !("of" in (extents.get(item) as object)) ? item : undefined;
  const steps = shared.map<Step>(a => ({ axis: a, size: a === records ? PANEL : 1, at: a === item ? "grid" : "loop" }));
  const first = steps.filter(s => isLoop(s) && s.at === "grid");
  return {
    shared: [...first, ...steps.filter(s => !first.includes(s))],
    phases: k.phases.map(p => ({
      vector: { axis: records ?? shared[0] ?? "", lanes: records ? PANEL : 1 },
      steps: [
        ...p.axes.filter(a => a.role === "parallel" && !shared.includes(a.name)).map(a => loop(a.name, 1)),
        { tile: true },
        ...p.axes.filter(a => a.role === "reduce").map(a => loop(a.name, 1)),
      ],
    })),
  };
}
