/** Index maps: what a view reads where. They compose; their adjoints stay in the set of views. Knows no op and no layout. */
import type { Dim } from "./type.ts";

/** base + sum of by * out[axis] */
export interface Form {
  readonly base: number;
  readonly terms: readonly { readonly axis: number; readonly by: number }[];
}
/** one coordinate of the input: floor(form / div) mod `mod`; div 1 and no mod is affine */
export interface Coordinate extends Form {
  readonly div: number;
  readonly mod?: number;
}
/** the form must lie in [0, below) and, with `by`, be divisible by it; else the view reads `fill` */
export interface Guard {
  readonly form: Form;
  readonly below: Dim;
  readonly by?: number;
}
/** out coordinates -> input coordinates */
export interface IndexMap {
  readonly in: readonly Coordinate[];
  readonly guards: readonly Guard[];
  readonly fill: number;
}
