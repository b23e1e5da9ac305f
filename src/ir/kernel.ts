/** KERNEL: what one kernel computes, before how; Layout: where its tensors lie; Schedule: how it is cut. Knows nothing of loops. */
import type { Node } from "./node.ts";
import type { Prim } from "./prim.ts";
import type { Dim, Elem, Stored } from "./type.ts";

/** index of a part = floor((coordinate + halo.lo) / div) mod `mod` */
export interface Part {
  readonly dim: number;
  readonly div: number;
  readonly mod?: number;
}
/**
 * Outermost first; the address is their mixed-radix number; a part left out folds storage (worker buffers leave out n / 16).
 * Halo cells per dim hold 0: zeroed once, never shared with another lifetime.
 */
export interface Layout {
  readonly parts: readonly Part[];
  readonly halo: readonly (readonly [lo: number, hi: number])[];
}
/** local: lives between the phases of one kernel. Two tensors of one kernel with one name are one buffer */
export interface Tensor {
  readonly name: string;
  readonly store: Stored;
  readonly shape: readonly Dim[];
  readonly layout: Layout;
  readonly local?: boolean;
}
/** `panels`: ceil(of / by) points; a fold over N split as n = 16 * panel + r, r of extent 16, has the axis panel of extent { of: N, by: 16 } */
export type AxisExtent = Dim | { readonly of: Dim; readonly by: number };
/**
 * A read of a dim N at an index that reaches n or more (16 * panel + r in the last panel) is outside and gives `fill` like any other;
 * pad lanes of panels hold anything, so emit masks the last panel. A tensor of one result per panel has shape [N, ..] and a layout
 * whose parts hold n / 16 but not n % 16; it is stored and read at index 16 * panel.
 */
export interface Axis {
  readonly name: string;
  readonly extent: AxisExtent;
  readonly role: "parallel" | "reduce";
  /** it counts records, though their number is known */
  readonly records?: true;
}
/** one coordinate: base + sum of by * axis + gather. A gathered coordinate is known to be inside (clamped by its check) */
export interface Index {
  readonly base: number;
  readonly terms: readonly { readonly axis: string; readonly by: number }[];
  readonly gather?: Val;
}
/**
 * outside shape + halo it reads `fill` (absent: proved inside by construction is NOT assumed; absent means 0). skip: in what a phase
 * reduces, a point of the sweep at which this is outside (of extents that are numbers) is none: 0 times an infinite factor would be NaN
 */
export interface Access {
  readonly of: Tensor;
  readonly index: readonly Index[];
  readonly fill?: number;
  readonly skip?: true;
}
export type Val =
  | { readonly k: "read"; readonly from: Access }
  | { readonly k: "name"; readonly name: string }
  | { readonly k: "const"; readonly value: number; readonly elem: Elem }
  | { readonly k: "axis"; readonly axis: string }
  | { readonly k: "n" }
  | { readonly k: "prim"; readonly prim: Prim; readonly args: readonly Val[]; readonly elem?: Elem };
/**
 * `elem` of a prim: its result where the arguments do not tell (cast, bitcast).
 * first: value at the first maximum of reduction `of` (NaN counts as the largest, the first NaN wins), in row-major order of the reduce axes.
 */
export interface Reduce {
  readonly name: string;
  readonly op: "add" | "mul" | "max" | "min" | "first";
  readonly value: Val;
  readonly init?: Val;
  readonly of?: string;
}
/** fault: if `ok` is false the record's number goes to the fault word of `site` by an atomic minimum */
export type Item =
  | { readonly name: string; readonly value: Val }
  | { readonly to: Access; readonly value: Val }
  | { readonly fault: number; readonly ok: Val };
/** each: at every point swept; then: per parallel point, with the reductions done. Names are seen by later items and phases */
export interface Phase {
  readonly axes: readonly Axis[];
  readonly each?: readonly Item[];
  readonly reduce: readonly Reduce[];
  readonly then: readonly Item[];
}
/** phases run per point of the axes they share */
export interface Kernel {
  readonly name: string;
  readonly phases: readonly Phase[];
  readonly covers: readonly Node[];
}

export type Lanes = 1 | 2 | 4 | 8 | 16 | 32;
/**
 * tile: accumulators live from here inwards. again: the last item begins where it is whole, and computes some points that the one before
 * has computed: where threads may both write what is equal
 */
export type Step =
  | {
      readonly axis: string;
      readonly size: number;
      readonly even?: boolean;
      readonly again?: boolean;
      readonly at: "grid" | "lane" | "loop";
    }
  | { readonly pack: string }
  | { readonly tile: true };
/** vector reduced = dot form; vector parallel = splat or lane form. What an axis has left after the steps: parallel = register tile, reduce = unrolled */
export interface Nest {
  readonly vector: { readonly axis: string; readonly lanes: Lanes };
  readonly steps: readonly Step[];
}
export interface Schedule {
  readonly shared: readonly Step[];
  readonly phases: readonly Nest[];
}
