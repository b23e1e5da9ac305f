/**
 * Folds over records, made ready for schedules: those with many points per record are split by panels, products of two values per
 * record read one of them with units in lanes. KERNEL -> KERNELs, chosen from shapes alone: it changes bits. Knows no schedule.
 */
import type { Access, Axis, Index, Kernel, Phase, Tensor, Val } from "../ir/kernel.ts";
import { elemsOf } from "../ir/kernel-elem.ts";
import { addIndex, along, indexVal, rewriteKernel } from "../ir/kernel-walk.ts";
import { PANEL, partials, turned } from "../ir/layout.ts";
import { prim } from "../ir/ops/kernel-build.ts";
import { type Dim, isStatic, sameShape } from "../ir/type.ts";
import { product } from "./register-tile.ts";

export const isRecords = (a: Axis): boolean => typeof a.extent === "object" && !("of" in a.extent);

/** from this many points per record on, a fold over records is split: one partial result per panel, summed in panel order in the next phase */
const SPLIT_POINTS = 64;

export const splitFolds = (kernels: readonly Kernel[]): readonly Kernel[] =>
  turnFolds(kernels.flatMap(k => splitFold(k) ?? [k]));

/**
 * y[p] = sum_{n, q} v(p, n, q)   -->   t[panel, p] = sum_{r, q} v(p, 16 panel + r, q);  y[p] = sum_panel t[panel, p]
 * where q holds at least 64 points.
 */
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
  const store = phase.then.find(t => "to" in t);
  if (!store || !("to" in store)) return undefined;

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
  const parallel = phase.axes.filter(a => a.role === "parallel");
  const shape = [records, ...parallel.map(a => a.extent as Dim)]; // as: static, see above
  const elem = elemsOf(phase)(reduce.value);
  const name = `${store.to.of.name}.partial`;
  const partial: Tensor = { name, store: elem, shape, layout: partials(shape) };
  const place: Access = { of: partial, index: [whole, ...parallel.map(a => along(a.name))] };
  const substitute = (i: Index): Index => {
    const t = i.terms.find(u => u.axis === n.name);
    return t ? addIndex({ ...i, terms: i.terms.filter(u => u !== t) }, cut, t.by) : i;
  };
  const inside = prim("lt", indexVal(cut), { k: "n" });
  const own = substituted(k, phase, reduce.value, substitute);
  const value = isZeroOutside(reduce.value, n.name) ? own : prim("select", inside, own, { k: "const", value: 0, elem });
  const sum: Val = { k: "name", name: reduce.name };
  const perPanel: Kernel = {
    ...k,
    phases: [
      {
        axes: [panel, ...phase.axes.filter(a => a !== n), lane],
        reduce: [{ ...reduce, value }],
        then: [{ to: place, value: sum }],
      },
    ],
  };
  const folded: Kernel = {
    ...k,
    name: `${k.name}.fold`,
    phases: [
      {
        axes: [...parallel, { ...panel, role: "reduce" }],
        reduce: [{ ...reduce, value: { k: "read", from: place } }],
        then: phase.then,
      },
    ],
  };
  return [perPanel, folded];
}
/** where what is read at records beyond the last is 0; a product is if all of it is: what does not move with records may be infinite */
function isZeroOutside(v: Val, records: string): boolean {
  if (v.k === "read")
    return (v.from.fill ?? 0) === 0 && v.from.index.some(i => !i.gather && i.terms.some(t => t.axis === records));
  return v.k === "prim" && v.prim === "mul" && v.args.every(a => isZeroOutside(a, records));
}
function substituted(k: Kernel, phase: Phase, value: Val, f: (i: Index) => Index): Val {
  const one = rewriteKernel(
    { ...k, phases: [{ ...phase, then: [], reduce: [{ ...phase.reduce[0]!, value }] }] },
    v => (v.k === "read" ? { ...v, from: { ...v.from, index: v.from.index.map(f), fill: v.from.fill ?? 0 } } : v),
    a => a,
  );
  return one.phases[0]!.reduce[0]!.value;
}

// ---- products of two values per record

/** the dim of records, and that of the one axis that only this factor has */
interface Factor {
  readonly access: Access;
  readonly records: number;
  readonly units: number;
  readonly axis: Axis;
}
/**
 * w[i, o] = sum_n x[n, i] * y[n, o]   -->   y'[n, o] = y[n, o], o in lanes;  w[i, o] = sum_n x[n, i] * y'[n, o]
 * so that each record's x stands still over 16 units: the dot form over records reaches a third of its rate.
 */
function turnFolds(kernels: readonly Kernel[]): readonly Kernel[] {
  const copies = new Map<string, Kernel>();
  return kernels.flatMap(k => {
    const f = turnable(k);
    if (!f) return [k];
    const { of } = f.access;
    // kernels may see a tensor in several shapes: each has units of its own
    const name = `${of.name}.turned${f.units}.${of.shape.filter(d => typeof d === "number").join("x")}`;
    const to: Tensor = { ...of, name, layout: turned(of.shape, f.records, f.units) };
    const isFactor = (a: Access): boolean => a.of.name === of.name && sameShape(a.of.shape, of.shape);
    const now = rewriteKernel(
      k,
      v => (v.k === "read" && isFactor(v.from) ? { ...v, from: { ...v.from, of: to } } : v),
      a => a,
    );
    if (copies.has(to.name)) return [now];
    const copy = copied(of, to, `${k.name}.turn`);
    copies.set(to.name, copy);
    return [copy, now];
  });
}
function copied(from: Tensor, to: Tensor, name: string): Kernel {
  const axes = to.shape.map((extent, d): Axis => ({ name: `i${d}`, extent, role: "parallel" }));
  const index = axes.map(a => along(a.name));
  const then = [{ to: { of: to, index }, value: { k: "read", from: { of: from, index } } as const }];
  return { name, phases: [{ axes, reduce: [], then }], covers: [] };
}
/** the factor to turn: the one whose units lie side by side in what is stored, if they fill most of the lanes */
function turnable(k: Kernel): Factor | undefined {
  const [phase, ...more] = k.phases;
  const n = phase?.axes.find(a => a.role === "reduce" && isRecords(a));
  const factors = phase && product(phase);
  if (!phase || !n || !factors || more.length || factors[0].of.name === factors[1].of.name) return undefined;
  const last = phase.then.flatMap(t => ("to" in t ? [t.to.index.at(-1)?.terms[0]?.axis] : []));
  return [factorOf(phase, n, ...factors), factorOf(phase, n, factors[1], factors[0])].find(f => {
    const units = f?.axis.extent as number; // as: of a tensor without N
    return f && last.every(a => a === f.axis.name) && PANEL * Math.ceil(units / PANEL) <= MOST_PADS * units;
  });
}
/** lanes that are computed, by those that are wanted: with more of them the dot form is faster */
const MOST_PADS = 1.5;
function factorOf(phase: Phase, n: Axis, access: Access, other: Access): Factor | undefined {
  const records = access.of.shape.findIndex(d => typeof d !== "number");
  const alone = (i: Index | undefined, axis: string): boolean =>
    !!i && i.base === 0 && !i.gather && i.terms.length === 1 && i.terms[0]!.axis === axis && i.terms[0]!.by === 1;
  if (records < 0 || !alone(access.index[records], n.name)) return undefined;
  const elsewhere = new Set(other.index.flatMap(i => i.terms.map(t => t.axis)));
  const units = access.index.findIndex((i, d) => {
    const a = phase.axes.find(q => q.name === i.terms[0]?.axis);
    return (
      d !== records &&
      a?.role === "parallel" &&
      !elsewhere.has(a.name) &&
      alone(i, a.name) &&
      a.extent === access.of.shape[d]
    );
  });
  const axis = units >= 0 && phase.axes.find(a => a.name === access.index[units]!.terms[0]!.axis);
  return axis && access.of.store === "f32" ? { access, records, units, axis } : undefined;
}
