/** Linear forms in N and in ceilings of it, and when they are known to be at least 0. Knows nothing of loops. */
import type { CeilDiv, Extent } from "./loop.ts";
import type { Dim } from "./type.ts";

/** base + sum of by * symbol; a symbol is N or ceil((n * N + plus) / by) */
export interface Linear {
  readonly base: number;
  readonly by: ReadonlyMap<string, { readonly symbol: Symbol; readonly times: number }>;
}
type Symbol =
  | { readonly k: "n" }
  | { readonly k: "ceil"; readonly n: number; readonly plus: number; readonly by: number };

export const linear = (base: number): Linear => ({ base, by: new Map() });
const times = (symbol: Symbol, by: number): Linear => ({
  base: 0,
  by: new Map([[JSON.stringify(symbol), { symbol, times: by }]]),
});
export function minus(a: Linear, b: Linear, scale = -1): Linear {
  const by = new Map(a.by);
  for (const [key, t] of b.by) {
    const sum = (by.get(key)?.times ?? 0) + scale * t.times;
    if (sum === 0) by.delete(key);
    else by.set(key, { symbol: t.symbol, times: sum });
  }
  return { base: a.base + scale * b.base, by };
}
export const scaled = (a: Linear, s: number): Linear => minus(linear(0), a, s);

const N: Symbol = { k: "n" };
export const ofDim = (d: Dim): Linear => (typeof d === "number" ? linear(d) : minus(times(N, d.n), linear(d.plus), 1));
function ceilDiv(of: Dim, by: number): Linear {
  if (by === 1) return ofDim(of);
  return typeof of === "number" ? linear(Math.ceil(of / by)) : times({ k: "ceil", n: of.n, plus: of.plus, by }, 1);
}
export const ofItems = (to: Dim | CeilDiv): Linear =>
  typeof to === "object" && "by" in to ? ceilDiv(to.of, to.by) : ofDim(to);
export const ofExtent = (e: Exclude<Extent, "unknown">): Linear =>
  typeof e === "object" && "unit" in e ? scaled(ceilDiv(e.of, e.by), e.unit) : ofDim(e);

/** is it at least 0 for every N >= 0? A ceiling is at least 0 and at least its quotient */
export function nonNegative(a: Linear): boolean {
  const terms = [...a.by.values()];
  if (terms.every(t => t.times >= 0) && a.base >= 0) return true;
  // of <= by * ceil(of / by) <= of + by - 1
  let sum = linear(a.base);
  for (const { symbol, times: q } of terms) {
    const more = symbol.k === "ceil" && q < 0 ? symbol.by - 1 : 0;
    const edge =
      symbol.k === "n" ? times(N, q) : scaled(ofDim({ n: symbol.n, plus: symbol.plus + more }), q / symbol.by);
    sum = minus(sum, edge, 1);
  }
  return sum.base >= 0 && [...sum.by.values()].every(t => t.times >= 0);
}
