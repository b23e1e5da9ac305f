/** What a body of kernels and loops is given, and what is wanted of it. Knows no step. */
import type { Tensor } from "../../ir/kernel.ts";
import type { Node } from "../../ir/node.ts";
import type { Given } from "../fuse/index.ts";
import type { Aside } from "./aside.ts";
import type { DraftArg, DraftStep } from "./draft.ts";

/** steps that are due once these results are there */
export interface Goal {
  readonly results: readonly Node[];
  readonly then?: (stored: (n: Node) => Tensor) => readonly DraftStep[];
}
/** a state of the loop around: the tensor that holds it, and its next value */
export interface Carried {
  readonly of: Tensor;
  readonly next: Node;
  /** each trip writes the one place of it that its next value chooses */
  readonly overwritten?: boolean;
}
export interface Inputs {
  /** what parameters are */
  readonly given: Map<Node, Given>;
  /** feeds of parameters that are rdds */
  readonly feeds: Map<Node, number>;
  /** tensors that are entries of the pointer table */
  readonly args: Map<string, DraftArg>;
  /** room for so many records */
  readonly capacity: number;
  /** so many, always */
  readonly exact: number | undefined;
  /** tensors of records that are there already */
  readonly panels: Set<string>;
  readonly carried: Carried[];
  /** names of tensors that many trips read and none changes: worth another order beside them */
  readonly fixed: Set<string>;
  /** those that the body wants so */
  readonly asides: Aside[];
  /** results that are stored outside as well */
  readonly outs: { readonly of: Node; readonly to: Tensor }[];
}
export const inputs = (capacity: number, exact?: number): Inputs => ({
  given: new Map(),
  feeds: new Map(),
  args: new Map(),
  capacity,
  exact,
  panels: new Set(),
  carried: [],
  fixed: new Set(),
  asides: [],
  outs: [],
});
