/**
 * How each kernel is cut: one fixed schedule per kind. Kernels over records run a panel of 16 per item with records in lanes and
 * 6 x 8 register tiles; folds over records are the dot form; the rest puts its last axis in lanes. Knows no op and no address.
 *
 *   n:16@grid oc:6~ oy:1 ox:1 n:8 | ky:1 kx:1 c:1      records in lanes (facts/wasm.md 1.3)
 *   panel:1@grid oc:3~ c:2~ ky:1 kx:1 | oy:1 ox:1      a fold over the records of one panel, r in lanes
 */
import type { Access, Axis, Index, Kernel, Nest, Phase, Schedule, Step, Tensor, Val } from "../ir/kernel.ts";
import { accessesOf, addIndex, along, rewriteKernel } from "../ir/kernel-walk.ts";
import { PANEL, partials } from "../ir/layout.ts";
import { type Dim, isStatic } from "../ir/type.ts";
import { fallback } from "./emit/index.ts";

const ROWS = 6;
const LANES = 8;

export const isRecords = (a: Axis): boolean => typeof a.extent === "object" && !("of" in a.extent);
export const isPanels = (a: Axis): boolean => typeof a.extent === "object" && "of" in a.extent;
/** the axis that a panel kernel gives one item per 16 records of: records or panels, parallel in every phase */
export function itemAxis(k: Kernel): Axis | undefined {
  const of = (p: Phase): Axis | undefined => p.axes.find(a => a.role === "parallel" && (isRecords(a) || isPanels(a)));
  const first = k.phases[0] && of(k.phases[0]);
  return first && k.phases.every(p => of(p)?.name === first.name) ? first : undefined;
}

// ---- folds over records

/** from this many points per record on, a fold over records is split: one partial result per panel, summed in panel order in the next phase */
const SPLIT_POINTS = 64;

/**
 * y[p] = sum_{n, q} v(p, n, q)   -->   t[panel, p] = sum_{r, q} v(p, 16 panel + r, q);  y[p] = sum_panel t[panel, p]
 * where q holds at least 64 points. Chosen from shapes alone: it changes bits.
 */
export function splitFolds(kernels: readonly Kernel[]): readonly Kernel[] {
  return kernels.flatMap(k => splitFold(k) ?? [k]);
}
function splitFold(k: Kernel): readonly Kernel[] | undefined {
  const [phase, ...more] = k.phases;
  const n = phase?.axes.find(a => a.role === "reduce" && isRecords(a));
  const reduce = phase?.reduce[0];
  const points =
    phase?.axes.reduce((x, a) => (a.role === "reduce" && typeof a.extent === "number" ? x * a.extent : x), 1) ?? 0;
  if (
    !phase ||
    !n ||
    !reduce ||
    more.length ||
    phase.each?.length ||
    phase.reduce.length !== 1 ||
    points < SPLIT_POINTS
  )
    return undefined;
  if (reduce.op !== "add" || reduce.init || phase.axes.some(a => a.role === "parallel" && !isStatic([a.extent as Dim])))
    return undefined;
  const store = phase.then[0];
  if (phase.then.length !== 1 || !store || !("to" in store)) return undefined;

  const records = n.extent as Dim;
  const panel: Axis = { name: "panel", extent: { of: records, by: PANEL }, role: "parallel" };
  const lane: Axis = { name: "r", extent: PANEL, role: "reduce" };
  const cut: Index = {
    base: 0,
    terms: [
      { axis: "panel", by: PANEL },
      { axis: "r", by: 1 },
    ],
  };
  const whole = along("panel", PANEL);
  const shape = [records, ...store.to.of.shape];
  const partial: Tensor = { ...store.to.of, name: `${store.to.of.name}.partial`, shape, layout: partials(shape) };
  const substitute = (i: Index): Index => {
    const t = i.terms.find(u => u.axis === n.name);
    return t ? addIndex({ ...i, terms: i.terms.filter(u => u !== t) }, cut, t.by) : i;
  };
  const value = substituted(k, phase, reduce.value, substitute);
  const sum: Val = { k: "name", name: reduce.name };
  const perPanel: Kernel = {
    ...k,
    phases: [
      {
        axes: [panel, ...phase.axes.filter(a => a !== n), lane],
        reduce: [{ ...reduce, value }],
        then: [{ to: { of: partial, index: [whole, ...store.to.index] }, value: sum }],
      },
    ],
  };
  const folded: Kernel = {
    ...k,
    name: `${k.name}.fold`,
    phases: [
      {
        axes: [...phase.axes.filter(a => a.role === "parallel"), { ...panel, role: "reduce" }],
        reduce: [{ ...reduce, value: { k: "read", from: { of: partial, index: [whole, ...store.to.index] } } }],
        then: phase.then,
      },
    ],
  };
  return [perPanel, folded];
}
function substituted(k: Kernel, phase: Phase, value: Val, f: (i: Index) => Index): Val {
  const one = rewriteKernel(
    { ...k, phases: [{ ...phase, then: [], reduce: [{ ...phase.reduce[0]!, value }] }] },
    v => (v.k === "read" ? { ...v, from: { ...v.from, index: v.from.index.map(f), fill: v.from.fill ?? 0 } } : v),
    a => a,
  );
  return one.phases[0]!.reduce[0]!.value;
}

// ---- schedules

export function tile(k: Kernel): Schedule {
  const item = itemAxis(k);
  const phases = k.phases.map(p => nest(p, item, k.phases.length > 1));
  if (phases.some(p => p === undefined)) return item ? fallback(k) : oneItem(fallback(k));
  const shared: readonly Step[] = k.phases.length > 1 && item ? [grid(item)] : [];
  return { shared, phases: phases as readonly Nest[] };
}
/** a kernel without records is one item: what would be dealt to items is looped over */
const oneItem = (s: Schedule): Schedule => {
  const looped = (steps: readonly Step[]): readonly Step[] =>
    steps.map(t => ("axis" in t && t.at === "grid" ? { ...t, at: "loop" } : t));
  return { shared: looped(s.shared), phases: s.phases.map(p => ({ ...p, steps: looped(p.steps) })) };
};
const grid = (a: Axis): Step => ({ axis: a.name, size: isPanels(a) ? 1 : PANEL, at: "grid" });
const each = (axes: readonly Axis[]): readonly Step[] => axes.map(a => ({ axis: a.name, size: 1, at: "loop" }));
const even = (a: Axis, size: number): Step => ({ axis: a.name, size, even: true, at: "loop" });
const TILE: Step = { tile: true };

function nest(p: Phase, item: Axis | undefined, several: boolean): Nest | undefined {
  const parallel = p.axes.filter(a => a.role === "parallel" && a.name !== item?.name);
  const reduced = p.axes.filter(a => a.role === "reduce");
  const outer = item && !several ? [grid(item)] : [];
  const folded = reduced.find(isRecords) ?? (item && isPanels(item) ? reduced.find(a => a.name === "r") : undefined);
  if (folded) return dot(p, folded, parallel, reduced, outer);
  if (item && isPanels(item)) return undefined;
  return item ? records(p, item, parallel, reduced, outer) : features(p, parallel, reduced);
}
/** records in lanes: rows of the register tile are an axis that only the operand without records has */
function records(p: Phase, n: Axis, parallel: readonly Axis[], reduced: readonly Axis[], outer: readonly Step[]): Nest {
  const operands = product(p);
  const row = operands && rowAxis(operands, n.name, parallel);
  const vector = { axis: n.name, lanes: LANES } as const;
  const halves: Step = { axis: n.name, size: LANES, at: "loop" };
  if (!row)
    return { vector: { axis: n.name, lanes: PANEL }, steps: [...outer, ...each(parallel), TILE, ...each(reduced)] };
  const rest = parallel.filter(a => a !== row);
  return { vector, steps: [...outer, even(row, ROWS), ...each(rest), halves, TILE, ...each(reduced)] };
}
/** the dot form: records are reduced in lanes, two further axes span the register tile */
function dot(
  p: Phase,
  n: Axis,
  parallel: readonly Axis[],
  reduced: readonly Axis[],
  outer: readonly Step[],
): Nest | undefined {
  if (p.reduce.length !== 1 || p.reduce[0]!.op !== "add" || p.each?.length) return undefined;
  const operands = product(p);
  const rest = reduced.filter(a => a !== n);
  const panels: readonly Step[] = isRecords(n) ? [{ axis: n.name, size: PANEL, at: "loop" }] : [];
  const [x, y] = operands ?? [];
  const wide = (a: Access | undefined): boolean => !!a && uses(a, n.name);
  const a = wide(x) && wide(y) ? largest(parallel.filter(q => uses(x!, q.name) && !uses(y!, q.name))) : undefined;
  const b = a && largest(parallel.filter(q => uses(y!, q.name) && !uses(x!, q.name)));
  const others = parallel.filter(q => q !== a && q !== b);
  const rows = a && b ? [even(b, 3), even(a, 2)] : [];
  const swept = a && b ? others : parallel;
  return {
    vector: { axis: n.name, lanes: LANES },
    steps: [...outer, ...rows, ...each(swept), TILE, ...panels, ...each(rest)],
  };
}
/** no records: the last axis in lanes if every access moves along it by 0 or 1 and it divides */
function features(p: Phase, parallel: readonly Axis[], reduced: readonly Axis[]): Nest | undefined {
  const vector = [...parallel]
    .reverse()
    .find(
      a => lanesOf(a) > 1 && accesses(p).every(x => Math.abs(stride(x, a.name)) <= 1 && !x.index.some(i => i.gather)),
    );
  if (!vector || p.reduce.some(r => r.op === "first")) return undefined;
  const lanes = lanesOf(vector);
  const operands = product(p);
  const row = operands && rowAxis(operands, vector.name, parallel);
  const rest = parallel.filter(a => a !== row && a !== vector);
  const inLanes: Step = { axis: vector.name, size: lanes, at: "loop" };
  return {
    vector: { axis: vector.name, lanes },
    steps: [...(row ? [even(row, ROWS)] : []), ...each(rest), inLanes, TILE, ...each(reduced)],
  };
}
const lanesOf = (a: Axis): 1 | 4 | 8 =>
  typeof a.extent !== "number" ? 1 : a.extent % 8 === 0 ? 8 : a.extent % 4 === 0 ? 4 : 1;

/** the two factors, where the phase is one sum of products of reads */
function product(p: Phase): readonly [Access, Access] | undefined {
  const r = p.reduce[0];
  if (p.reduce.length !== 1 || r?.op !== "add" || p.each?.length || r.value.k !== "prim" || r.value.prim !== "mul")
    return undefined;
  const [a, b] = r.value.args;
  return a?.k === "read" && b?.k === "read" ? [a.from, b.from] : undefined;
}
/** the largest parallel axis that only the factor without the vector axis has */
function rowAxis([x, y]: readonly [Access, Access], vector: string, parallel: readonly Axis[]): Axis | undefined {
  if (uses(x, vector) === uses(y, vector)) return undefined;
  const [wide, splat] = uses(x, vector) ? [x, y] : [y, x];
  return largest(parallel.filter(a => a.name !== vector && uses(splat, a.name) && !uses(wide, a.name)));
}
const uses = (a: Access, axis: string): boolean => a.index.some(i => i.terms.some(t => t.axis === axis));
const size = (a: Axis): number => (typeof a.extent === "number" ? a.extent : 1);
const largest = (axes: readonly Axis[]): Axis | undefined =>
  axes.reduce<Axis | undefined>((x, a) => (!x || size(a) > size(x) ? a : x), undefined);
const accesses = (p: Phase): readonly Access[] => {
  const { reads, writes } = accessesOf({ name: "", phases: [p], covers: [] });
  return [...reads, ...writes];
};
/** elements that one step along `axis` moves an access to a plain tensor */
function stride(a: Access, axis: string): number {
  let by = 1;
  let sum = 0;
  for (let d = a.index.length - 1; d >= 0; d--) {
    sum += by * (a.index[d]!.terms.find(t => t.axis === axis)?.by ?? 0);
    by *= (a.of.shape[d] as number) || 1;
  }
  return sum;
}
