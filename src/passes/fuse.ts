/**
 * GRAPH -> KERNELs. One kernel per node that is no view; views and cheap points (full, iota, n, casts) are absorbed into the accesses
 * of their readers, so convolution never materialises its windows. Knows no op: a record's `kernel` rule says what a node is.
 *
 *   %2 = window{..}(%1)  %3 = contract{..}(%2, %w)   -->   kernel reads %1 at oy * stride + ky * dilation, no kernel for %2
 *   %4 = reduce add(view(contract(a, b)))            -->   one kernel: a sum of sums is one sum (convolution dX)
 */
import type { Access, Axis, Index, Kernel, Phase, Tensor, Val } from "../ir/kernel.ts";
import { accessesOf, addIndex, along, constant, indexVal, retarget, rewriteVal, sameIndex } from "../ir/kernel-walk.ts";
import { plain } from "../ir/layout.ts";
import type { Coordinate, Form, Guard } from "../ir/map.ts";
import { type Node, topological } from "../ir/node.ts";
import type { KernelContext } from "../ir/op.ts";
import { type Dim, sameDim, type TensorType } from "../ir/type.ts";
import { ordered } from "./layouts.ts";

/** what no rule of this function computes: a stored tensor, or a value at coordinates that a kernel stores once (a feed's column) */
export type Given = Tensor | ((at: readonly Index[]) => Val);
export interface Fused {
  /** in an order in which each comes after those whose tensors it reads */
  readonly kernels: readonly Kernel[];
  /** the tensor that holds a root or a kernel's node */
  readonly stored: ReadonlyMap<Node, Tensor>;
}

export function fuse(roots: readonly Node[], given: ReadonlyMap<Node, Given>, name: (n: Node) => string): Fused {
  const builder = new Builder(given, name);
  for (const r of roots) builder.store(r);
  const kernels = builder.run();
  const order = new Map(topological(roots).map((n, i) => [n, i]));
  const sorted = [...kernels].sort(([a], [b]) => order.get(a)! - order.get(b)!).map(([, k]) => k);
  const kept = new Set(roots.map(r => builder.stored.get(r)!.name));
  const merged = mergeSums(sorted, kept);
  const fixed = new Set([...given.values()].flatMap(g => (typeof g === "function" ? [] : [g.name])));
  const lay = ordered(merged, fixed);
  return {
    kernels: merged.map(k => retarget(k, lay)),
    stored: new Map([...builder.stored].map(([n, t]) => [n, lay(t)])),
  };
}

const tensorType = (n: Node): TensorType => {
  if (n.type.k !== "tensor") throw new Error(`internal: fuse: ${n.op.name} is no tensor`);
  return n.type;
};

/** builds kernels on demand; lives while one function is fused */
class Builder {
  readonly stored = new Map<Node, Tensor>();
  private readonly given: ReadonlyMap<Node, Given>;
  private readonly name: (n: Node) => string;
  private readonly pending: Node[] = [];
  constructor(given: ReadonlyMap<Node, Given>, name: (n: Node) => string) {
    this.given = given;
    this.name = name;
  }

  /** the tensor of a node; a kernel is made for it unless it is given or another shape of a stored one */
  store(n: Node): Tensor {
    const old = this.stored.get(n);
    if (old) return old;
    const g = this.given.get(n);
    const t = g && typeof g !== "function" ? g : this.reshaped(n);
    if (t) {
      this.stored.set(n, t);
      return t;
    }
    const { elem, shape } = tensorType(n);
    const fresh: Tensor = { name: this.name(n), store: elem, shape, layout: plain(shape) };
    this.stored.set(n, fresh);
    this.pending.push(n);
    return fresh;
  }
  private reshaped(n: Node): Tensor | undefined {
    const rule = n.op.kernel;
    if (this.given.has(n) || rule.k !== "view" || !rule.rowMajor) return undefined;
    const { shape } = tensorType(n);
    return { ...this.store(n.args[0]!), shape, layout: plain(shape) };
  }
  run(): Map<Node, Kernel> {
    const out = new Map<Node, Kernel>();
    for (let n = this.pending.pop(); n; n = this.pending.pop()) out.set(n, this.kernel(n));
    return out;
  }
  private kernel(n: Node): Kernel {
    const rule = n.op.kernel;
    const of = this.stored.get(n)!;
    const axes = tensorType(n).shape.map((extent, d): Axis => ({ name: `i${d}`, extent, role: "parallel" }));
    const at = axes.map(a => along(a.name));
    const phases: readonly Phase[] =
      rule.k === "phases" && !this.given.has(n)
        ? rule.build(n, this.context(n, at))
        : [{ axes, reduce: [], then: [{ to: { of, index: at }, value: this.value(n, at) }] }];
    return { name: n.op.name, phases, covers: [n] };
  }
  private context(n: Node, at: readonly Index[]): KernelContext {
    return {
      at,
      read: (i, coordinates) => this.read(n.args[i]!, coordinates),
      out: (index, value) => ({ to: { of: this.stored.get(n)!, index }, value }),
    };
  }

  /** the node's element at these coordinates, as its readers see it */
  private read(n: Node, at: readonly Index[]): Val {
    const rule = n.op.kernel;
    const absorbed = (rule.k === "point" && rule.cheap) || (rule.k === "view" && this.affine(n));
    if (absorbed && !this.given.has(n)) return this.value(n, at);
    return { k: "read", from: { of: this.store(n), index: at } };
  }
  private affine(n: Node): boolean {
    const rule = n.op.kernel;
    return rule.k === "view" && rule.map(n).in.every(c => c.div === 1 && c.mod === undefined);
  }
  /** the node's element computed in place */
  private value(n: Node, at: readonly Index[]): Val {
    const g = this.given.get(n);
    if (typeof g === "function") return g(at);
    const rule = n.op.kernel;
    switch (rule.k) {
      case "point":
        return rule.value(n, this.context(n, at));
      case "view":
        return this.view(n, at);
      case "phases":
      case "stored":
      case "none":
        return { k: "read", from: { of: this.store(n), index: at } };
      default:
        return rule satisfies never;
    }
  }
  private view(n: Node, at: readonly Index[]): Val {
    const rule = n.op.kernel;
    if (rule.k !== "view") throw new Error("internal: fuse: no view");
    const map = rule.map(n);
    const arg = n.args[0]!;
    const { shape, elem } = tensorType(arg);
    const guarding = map.guards.map(g => form(g.form, at));
    const index = map.in.map((c, d) => {
      const i = coordinate(c, at, shape[d]!);
      // a gathered coordinate is read wherever it lies: one that a guard may find outside is clamped
      return i.gather && guarding.some(g => sameIndex(g, i)) ? clamped(indexVal(i), shape[d]!) : i;
    });
    const inner = this.read(arg, index);
    return map.guards.reduce<Val>((v, guard) => guarded(v, guard, map.fill, elem, at), inner);
  }
}

const form = (f: Form, at: readonly Index[]): Index =>
  f.terms.reduce((x, t) => addIndex(x, at[t.axis]!, t.by), constant(f.base));
const int = (value: number): Val => ({ k: "const", value, elem: "i32" });
const prim = (p: Extract<Val, { k: "prim" }>["prim"], ...args: readonly Val[]): Val => ({ k: "prim", prim: p, args });

/** affine where it is; else a gathered value, clamped because a guard may let it be outside */
function coordinate(c: Coordinate, at: readonly Index[], extent: TensorType["shape"][number]): Index {
  const f = form(c, at);
  if (c.div === 1 && c.mod === undefined) return f;
  let v = indexVal(f);
  if (c.div !== 1) v = prim("div", v, int(c.div));
  if (c.mod !== undefined) v = prim("rem", v, int(c.mod));
  return clamped(v, extent);
}
function clamped(v: Val, extent: TensorType["shape"][number]): Index {
  if (typeof extent !== "number") throw new Error("internal: fuse: a view divides the axis of records");
  return { base: 0, terms: [], gather: prim("max", prim("min", v, int(extent - 1)), int(0)) };
}
/** an access reads its fill outside its tensor by itself; any other guard is a select */
function guarded(v: Val, guard: Guard, fill: number, elem: TensorType["elem"], at: readonly Index[]): Val {
  const f = form(guard.form, at);
  if (v.k === "read" && guard.by === undefined && (v.from.fill ?? fill) === fill) {
    const d = v.from.index.findIndex((i, q) => sameIndex(i, f) && sameDim(v.from.of.shape[q]!, guard.below));
    if (d >= 0) return { ...v, from: { ...v.from, fill } };
  }
  const x = indexVal(f);
  const below: Val = typeof guard.below === "number" ? int(guard.below) : { k: "n" };
  const tests = [prim("le", int(0), x), prim("lt", x, below)];
  if (guard.by !== undefined && guard.by !== 1) tests.push(prim("eq", prim("rem", x, int(guard.by)), int(0)));
  return prim(
    "select",
    tests.reduce((a, b) => prim("and", a, b)),
    v,
    { k: "const", value: fill, elem },
  );
}

// ---- a sum of sums is one sum

/** a kernel of one phase that stores one sum, and nothing else */
function soleSum(k: Kernel): { phase: Phase; value: Val; to: Access } | undefined {
  const [phase, ...more] = k.phases;
  if (!phase || more.length || phase.each?.length || phase.reduce.length !== 1 || phase.then.length !== 1)
    return undefined;
  const r = phase.reduce[0]!;
  const t = phase.then[0]!;
  if (r.op !== "add" || r.init || !("to" in t) || t.value.k !== "name" || t.value.name !== r.name) return undefined;
  return { phase, value: r.value, to: t.to };
}
function mergeSums(kernels: readonly Kernel[], kept: ReadonlySet<string>): readonly Kernel[] {
  const out: Kernel[] = [];
  const readers = new Map<string, number>();
  for (const k of kernels)
    for (const a of accessesOf(k).reads) readers.set(a.of.name, (readers.get(a.of.name) ?? 0) + 1);
  const producers = new Map<string, Kernel>();
  const gone = new Set<Kernel>();
  for (const k of kernels) {
    const sum = soleSum(k);
    const from = sum?.value.k === "read" ? sum.value.from : undefined;
    const producer =
      from && readers.get(from.of.name) === 1 && !kept.has(from.of.name) ? producers.get(from.of.name) : undefined;
    const merged = sum && from && producer ? sumOfSums(k, sum.phase, from, producer) : undefined;
    if (merged) gone.add(producer!);
    const now = merged ?? k;
    out.push(now);
    for (const a of accessesOf(now).writes) producers.set(a.of.name, now);
  }
  return out.filter(k => !gone.has(k));
}
/**
 * outer: y[p] = sum_r P[f(p, r)], inner: P[q] = sum_s value(q, s)   -->   y[p] = sum_{r, s} value(f(p, r), s)
 * Legal if every coordinate of f that can leave P's box makes a factor of `value` read outside, where it is 0.
 */
function sumOfSums(outer: Kernel, phase: Phase, from: Access, producer: Kernel): Kernel | undefined {
  const inner = soleSum(producer);
  if (!inner || (from.fill ?? 0) !== 0 || from.index.some(i => i.gather)) return undefined;
  const swept = points(phase.axes) / points(inner.phase.axes.filter(a => a.role === "parallel"));
  if (swept > MERGE_GROWTH) return undefined;
  const place = new Map<string, { index: Index; dim: number }>();
  for (const [dim, i] of inner.to.index.entries()) {
    const t = i.terms[0];
    if (i.base !== 0 || i.gather || i.terms.length !== 1 || t!.by !== 1) return undefined;
    place.set(t!.axis, { index: from.index[dim]!, dim });
  }
  const reduced = inner.phase.axes.filter(a => a.role === "reduce").map(a => ({ ...a, name: `${a.name}_in` }));
  const substitute = (i: Index): Index =>
    i.terms.reduce<Index>((x, t) => addIndex(x, place.get(t.axis)?.index ?? along(`${t.axis}_in`), t.by), {
      base: i.base,
      terms: [],
      ...(i.gather ? { gather: i.gather } : {}),
    });
  let legal = true;
  const guardedDims = new Set<number>();
  const value = rewriteVal(inner.value, v => {
    if (v.k === "axis" || v.k === "name") legal = false;
    if (v.k !== "read") return v;
    v.from.index.forEach((i, d) => {
      const only =
        i.terms.length === 1 && i.base === 0 && !i.gather && i.terms[0]!.by === 1
          ? place.get(i.terms[0]!.axis)
          : undefined;
      if (only && (v.from.fill ?? 0) === 0 && sameDim(v.from.of.shape[d]!, from.of.shape[only.dim]!))
        guardedDims.add(only.dim);
    });
    return { ...v, from: { ...v.from, index: v.from.index.map(substitute), fill: v.from.fill ?? 0 } };
  });
  const product = inner.value.k === "prim" && inner.value.prim === "mul" && inner.value.args.every(a => a.k === "read");
  const leaves = from.index.flatMap((i, d) => (staysInside(i, phase.axes, from.of.shape[d]!) ? [] : [d]));
  if (!legal || (leaves.length > 0 && (!product || !leaves.every(d => guardedDims.has(d))))) return undefined;
  const r = phase.reduce[0]!;
  const merged: Phase = { ...phase, axes: [...phase.axes, ...reduced], reduce: [{ ...r, value }] };
  return { ...outer, phases: [merged], covers: [...producer.covers, ...outer.covers] };
}
/** a coordinate that is one axis of no larger extent never leaves */
function staysInside(i: Index, axes: readonly Axis[], extent: Dim): boolean {
  const t = i.terms[0];
  const axis = axes.find(a => a.name === t?.axis);
  if (!t || !axis || i.base !== 0 || i.terms.length !== 1 || t.by !== 1) return false;
  if (typeof axis.extent === "number" && typeof extent === "number") return axis.extent <= extent;
  return typeof axis.extent !== "number" && !("of" in axis.extent) && sameDim(axis.extent, extent);
}
/** points per record */
const points = (axes: readonly Axis[]): number =>
  axes.reduce((n, a) => (typeof a.extent === "number" ? n * a.extent : n), 1);
/** windows that leave the border make the merged sweep larger; beyond this it costs more than storing the inner sums */
const MERGE_GROWTH = 4;
