/** KERNEL -> KERNEL: a pair of axes that walk adjacent dims of every tensor becomes one: (kx, ci) is one run of memory. */
import type { Access, AxisExtent, Index, Kernel, Phase, Tensor } from "../../ir/kernel.ts";
import { rewriteKernel } from "../../ir/kernel-walk.ts";

/** y[..] = sum x[.., ix + kx, c] w[kx, c]   -->   sum x'[.., ix * C + k] w'[k], k = kx * C + c. Undefined where the two are not adjacent */
export function merge(k: Kernel, outer: string, inner: string): Kernel | undefined {
  const extent = (a: string): AxisExtent | undefined => k.phases.flatMap(q => q.axes).find(x => x.name === a)?.extent;
  const n = extent(inner);
  const m = extent(outer);
  if (typeof n !== "number" || typeof m !== "number") return undefined;
  const joined = `${outer}.${inner}`;
  const tensors = new Map<string, Tensor>();
  let possible = true;
  const has = (i: Index, a: string): boolean => i.terms.some(t => t.axis === a);
  const one = (a: Access): Access => {
    const i = a.index.findIndex(x => has(x, outer));
    const j = a.index.findIndex(x => has(x, inner));
    if (i < 0 && j < 0) return a;
    const [x, y] = [a.index[i], a.index[j]];
    const t = x && y && joinedTensor(a.of, i, j, n, tensors);
    if (
      !t ||
      i === j ||
      y.terms.length > 1 ||
      y.terms[0]!.by !== 1 ||
      y.base ||
      x.gather ||
      y.gather ||
      a.index.some((z, d) => d !== i && d !== j && (has(z, outer) || has(z, inner)))
    ) {
      possible = false;
      return a;
    }
    const wider: Index = {
      base: x.base * n,
      terms: x.terms.map(u => (u.axis === outer ? { axis: joined, by: u.by } : { axis: u.axis, by: u.by * n })),
    };
    if (x.terms.find(u => u.axis === outer)!.by !== 1) possible = false;
    return { ...a, of: t, index: a.index.map((z, d) => (d === i ? wider : z)).filter((_, d) => d !== j) };
  };
  const out = rewriteKernel(
    k,
    v => {
      if (v.k === "axis" && (v.axis === outer || v.axis === inner)) possible = false;
      return v.k === "read" ? { ...v, from: one(v.from) } : v;
    },
    one,
  );
  if (!possible) return undefined;
  const axes = (p: Phase): Phase => ({
    ...p,
    axes: p.axes.flatMap(a =>
      a.name === outer ? [] : a.name === inner ? [{ ...a, name: joined, extent: m * n }] : [a],
    ),
  });
  return { ...out, phases: out.phases.map(axes) };
}
function joinedTensor(t: Tensor, i: number, j: number, n: number, known: Map<string, Tensor>): Tensor | undefined {
  const key = `${t.name} ${i} ${j}`;
  const old = known.get(key);
  if (old) return old;
  const { parts, halo } = t.layout;
  const at = parts.findIndex(q => q.dim === i);
  const [p, q] = [parts[at], parts[at + 1]];
  const size = t.shape[i]!;
  const [lo, hi] = halo[j] ?? [0, 0];
  if (t.shape[j] !== n || typeof size !== "number" || lo || hi) return undefined;
  if (p?.div !== 1 || p.mod !== undefined || q?.dim !== j || q.div !== 1 || q.mod !== undefined) return undefined;
  const kept = <T>(xs: readonly T[]): readonly T[] => xs.filter((_, d) => d !== j);
  const merged: Tensor = {
    ...t,
    shape: kept(t.shape.map((s, d) => (d === i ? size * n : s))),
    layout: {
      parts: parts.filter((_, d) => d !== at + 1).map(r => ({ ...r, dim: r.dim > j ? r.dim - 1 : r.dim })),
      halo: kept(
        t.shape
          .map((_, d) => halo[d] ?? ([0, 0] as const))
          .map((h, d) => (d === i ? ([h[0] * n, h[1] * n] as const) : h)),
      ),
    },
  };
  known.set(key, merged);
  return merged;
}
