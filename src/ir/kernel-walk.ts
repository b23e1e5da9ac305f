/** Walks over a KERNEL: its accesses, rewriting them, arithmetic on Index. Knows no layout and no schedule. */
import type { Access, Axis, Index, Item, Kernel, Phase, Reduce, Tensor, Val } from "./kernel.ts";
import { atN } from "./type.ts";

/** rewrites every Val of a kernel bottom-up: `f` sees a Val whose parts are rewritten; `to` the accesses that are stored to */
export function rewriteKernel(kernel: Kernel, f: (v: Val) => Val, to: (a: Access) => Access): Kernel {
  const val = (v: Val): Val => rewriteVal(v, f);
  const item = (t: Item): Item => {
    if ("to" in t) return { to: to({ ...t.to, index: t.to.index.map(i => rewriteIndex(i, f)) }), value: val(t.value) };
    return "fault" in t ? { ...t, ok: val(t.ok) } : { ...t, value: val(t.value) };
  };
  const reduce = (r: Reduce): Reduce => ({ ...r, value: val(r.value), ...(r.init ? { init: val(r.init) } : {}) });
  const phase = (p: Phase): Phase => ({
    axes: p.axes,
    ...(p.each ? { each: p.each.map(item) } : {}),
    reduce: p.reduce.map(reduce),
    then: p.then.map(item),
  });
  return { ...kernel, phases: kernel.phases.map(phase) };
}
export function rewriteVal(v: Val, f: (v: Val) => Val): Val {
  if (v.k === "read") return f({ ...v, from: { ...v.from, index: v.from.index.map(i => rewriteIndex(i, f)) } });
  return f(v.k === "prim" ? { ...v, args: v.args.map(a => rewriteVal(a, f)) } : v);
}
const rewriteIndex = (i: Index, f: (v: Val) => Val): Index =>
  i.gather ? { ...i, gather: rewriteVal(i.gather, f) } : i;

/** the kernel over other tensors: every access to `t` becomes one to `f(t)` */
export const retarget = (kernel: Kernel, f: (t: Tensor) => Tensor): Kernel =>
  rewriteKernel(
    kernel,
    v => (v.k === "read" ? { ...v, from: { ...v.from, of: f(v.from.of) } } : v),
    a => ({ ...a, of: f(a.of) }),
  );

/** the kernel for exactly `n` records */
export function ofRecords(kernel: Kernel, n: number): Kernel {
  const shaped = (a: Access): Access => ({ ...a, of: { ...a.of, shape: a.of.shape.map(d => atN(d, n)) } });
  const now = rewriteKernel(
    kernel,
    v => (v.k === "read" ? { ...v, from: shaped(v.from) } : v.k === "n" ? int(n) : v),
    shaped,
  );
  const counted = (a: Axis): Axis =>
    typeof a.extent === "number" || "of" in a.extent ? a : { ...a, extent: atN(a.extent, n), records: true };
  return { ...now, phases: now.phases.map(p => ({ ...p, axes: p.axes.map(counted) })) };
}

export interface Accesses {
  readonly reads: readonly Access[];
  readonly writes: readonly Access[];
}
/** kernels are immutable, and each pass asks again */
const known = new WeakMap<Kernel, Accesses>();
/** in the order in which they are met; what gathers an access is read before it */
export function accessesOf(kernel: Kernel): Accesses {
  let found = known.get(kernel);
  if (!found) known.set(kernel, (found = walked(kernel)));
  return found;
}
function walked(kernel: Kernel): Accesses {
  const reads: Access[] = [];
  const writes: Access[] = [];
  const index = (a: Access): void => {
    for (const i of a.index) if (i.gather) val(i.gather);
  };
  const val = (v: Val): void => {
    if (v.k === "prim") for (const a of v.args) val(a);
    if (v.k !== "read") return;
    index(v.from);
    reads.push(v.from);
  };
  const item = (t: Item): void => {
    if ("to" in t) {
      index(t.to);
      writes.push(t.to);
    }
    val("fault" in t ? t.ok : t.value);
  };
  for (const p of kernel.phases) {
    p.each?.forEach(item);
    for (const r of p.reduce) {
      val(r.value);
      if (r.init) val(r.init);
    }
    p.then.forEach(item);
  }
  return { reads, writes };
}
export const tensorsOf = (kernel: Kernel): readonly Tensor[] => {
  const { reads, writes } = accessesOf(kernel);
  return [...new Map([...reads, ...writes].map(a => [a.of.name, a.of])).values()];
};

// ---- Index arithmetic
export const constant = (base: number): Index => ({ base, terms: [] });
export const along = (axis: string, by = 1, base = 0): Index => ({ base, terms: [{ axis, by }] });
/** the one axis that a coordinate is */
export function axisOf(i: Index): string | undefined {
  const t = i.terms[0];
  return i.base === 0 && !i.gather && i.terms.length === 1 && t!.by === 1 ? t!.axis : undefined;
}
const int = (value: number): Val => ({ k: "const", value, elem: "i32" });
const prim2 = (p: "add" | "mul", a: Val, b: Val): Val => ({ k: "prim", prim: p, args: [a, b] });

/** a + scale * b */
export function addIndex(a: Index, b: Index, scale = 1): Index {
  const by = new Map(a.terms.map(t => [t.axis, t.by]));
  for (const t of b.terms) by.set(t.axis, (by.get(t.axis) ?? 0) + scale * t.by);
  const scaled = b.gather && (scale === 1 ? b.gather : prim2("mul", b.gather, int(scale)));
  const gather = a.gather && scaled ? prim2("add", a.gather, scaled) : (a.gather ?? scaled);
  return {
    base: a.base + scale * b.base,
    terms: [...by].filter(([, x]) => x !== 0).map(([axis, x]) => ({ axis, by: x })),
    ...(gather ? { gather } : {}),
  };
}
/** the coordinate as an i32 value */
export function indexVal(i: Index): Val {
  let v: Val | undefined = i.gather;
  for (const t of i.terms) {
    const axis: Val = { k: "axis", axis: t.axis };
    const term = t.by === 1 ? axis : prim2("mul", axis, int(t.by));
    v = v ? prim2("add", v, term) : term;
  }
  if (!v) return int(i.base);
  return i.base === 0 ? v : prim2("add", v, int(i.base));
}
export const sameIndex = (a: Index, b: Index): boolean =>
  a.base === b.base &&
  a.gather === b.gather &&
  a.terms.length === b.terms.length &&
  a.terms.every(t => b.terms.some(u => u.axis === t.axis && u.by === t.by));

// ---- equality
/** both are the element at the same affine coordinates */
export const sameElement = (a: Access, b: Access): boolean =>
  a.index.length === b.index.length && a.index.every((x, d) => !x.gather && sameIndex(x, b.index[d]!));
export const sameAccess = (a: Access, b: Access): boolean =>
  a.of.name === b.of.name &&
  Object.is(a.fill ?? 0, b.fill ?? 0) &&
  a.skip === b.skip &&
  a.index.length === b.index.length &&
  a.index.every((x, d) => sameIndex(x, b.index[d]!));
/** the same expression; constants by their bits: 0 is not -0, and NaN is itself */
export function sameVal(a: Val, b: Val): boolean {
  switch (a.k) {
    case "read":
      return b.k === "read" && sameAccess(a.from, b.from);
    case "name":
      return b.k === "name" && a.name === b.name;
    case "const":
      return b.k === "const" && Object.is(a.value, b.value) && a.elem === b.elem;
    case "axis":
      return b.k === "axis" && a.axis === b.axis;
    case "n":
      return b.k === "n";
    case "prim":
      return (
        b.k === "prim" &&
        a.prim === b.prim &&
        a.elem === b.elem &&
        a.args.length === b.args.length &&
        a.args.every((x, i) => sameVal(x, b.args[i]!))
      );
    default:
      return a satisfies never;
  }
}
