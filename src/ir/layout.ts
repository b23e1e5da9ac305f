/** Where the elements of a Tensor lie: widths, extents, addresses, the few layouts there are. Knows nothing of kernels or schedules. */
import type { Layout, Part, Tensor } from "./kernel.ts";
import type { Extent } from "./loop.ts";
import { atN, type Dim } from "./type.ts";

/** records that lie side by side */
export const PANEL = 16;
/** a number, or ceil(of / by) */
export type Width = number | { readonly of: Dim; readonly by: number };

/** row major: one part per dim */
export const plain = (shape: readonly Dim[]): Layout => ({ parts: shape.map((_, dim) => ({ dim, div: 1 })), halo: [] });
const others = (shape: readonly Dim[], records: number, order: Layout = plain(shape)): readonly Part[] =>
  order.parts.filter(p => p.dim !== records);
/** dim `records` counts records: [N/16][the other dims][16], these as they follow each other in `order` */
export const panels = (shape: readonly Dim[], records = 0, order?: Layout): Layout => ({
  parts: [{ dim: records, div: PANEL }, ...others(shape, records, order), { dim: records, div: 1, mod: PANEL }],
  halo: [],
});
/** the same for one panel at a time: [the other dims][16]; what counts panels is left out */
export const folded = (shape: readonly Dim[], records = 0, order?: Layout): Layout => ({
  parts: [...others(shape, records, order), { dim: records, div: 1, mod: PANEL }],
  halo: [],
});
/** one result per panel: a record's place is that of its panel */
export const partials = (shape: readonly Dim[], records = 0): Layout => ({
  parts: [{ dim: records, div: PANEL }, ...others(shape, records)],
  halo: [],
});

/** units of dim `units` in lanes instead, for products summed over records: [N/16][units/16][the other dims][16 records][16 units] */
export const turned = (shape: readonly Dim[], records: number, units: number): Layout => ({
  parts: [
    { dim: records, div: PANEL },
    { dim: units, div: PANEL },
    ...others(shape, records).filter(p => p.dim !== units),
    { dim: records, div: 1, mod: PANEL },
    { dim: units, div: 1, mod: PANEL },
  ],
  halo: [],
});

export const haloOf = (t: Tensor, dim: number): readonly [lo: number, hi: number] => t.layout.halo[dim] ?? [0, 0];
/** how many values a part takes */
export function width(t: Tensor, p: Part): Width {
  if (p.mod !== undefined) return p.mod;
  const [lo, hi] = haloOf(t, p.dim);
  const d = t.shape[p.dim]!;
  return typeof d === "number"
    ? Math.ceil((d + lo + hi) / p.div)
    : { of: { n: d.n, plus: d.plus + lo + hi }, by: p.div };
}
/** elements of memory that the tensor takes; a dim of Infinity stands for the rows of a feed */
export function extent(t: Tensor): Extent {
  let unit = 1;
  let many: { readonly of: Dim; readonly by: number } | undefined;
  for (const p of t.layout.parts) {
    const w = width(t, p);
    if (typeof w === "number") unit *= w;
    else if (many) throw new Error(`internal: ${t.name} has two dims with N`);
    else many = w;
  }
  if (!many) return Number.isFinite(unit) ? unit : "unknown";
  if (many.by !== 1) return { ...many, unit };
  return typeof many.of === "number" ? many.of * unit : { n: many.of.n * unit, plus: many.of.plus * unit };
}
export const elements = (e: Extent, n: number): number => {
  if (e === "unknown") throw new Error("internal: the extent of a feed is not known");
  return typeof e === "object" && "of" in e ? e.unit * Math.ceil(atN(e.of, n) / e.by) : atN(e, n);
};
const widthAt = (w: Width, n: number): number => (typeof w === "number" ? w : Math.ceil(atN(w.of, n) / w.by));

/** the element at these coordinates, with `n` records; coordinates may lie in the halo or in pads */
export function address(t: Tensor, at: readonly number[], n: number): number {
  return t.layout.parts.reduce((a, p) => {
    const x = Math.floor((at[p.dim]! + haloOf(t, p.dim)[0]) / p.div);
    return a * widthAt(width(t, p), n) + (p.mod === undefined ? x : x % p.mod);
  }, 0);
}
/** all coordinates of a box, row major */
export function* points(shape: readonly number[]): Generator<readonly number[]> {
  const at = shape.map(() => 0);
  if (shape.some(d => d <= 0)) return;
  for (;;) {
    yield [...at];
    let d = shape.length - 1;
    while (d >= 0 && ++at[d]! === shape[d]!) at[d--] = 0;
    if (d < 0) return;
  }
}
/** values in row-major order --> values where the layout has them; `rest` fills halo and pads */
export function spread(t: Tensor, n: number, values: ArrayLike<number>, rest: (element: number) => number): number[] {
  const out = Array.from({ length: elements(extent(t), n) }, (_, i) => rest(i));
  let i = 0;
  for (const c of points(t.shape.map(d => atN(d, n)))) out[address(t, c, n)] = values[i++]!;
  return out;
}
/** values where the layout has them --> values in row-major order */
export function gatherUp(t: Tensor, n: number, values: ArrayLike<number>): number[] {
  const out: number[] = [];
  for (const c of points(t.shape.map(d => atN(d, n)))) out.push(values[address(t, c, n)]!);
  return out;
}
