/** Constructors of rdd nodes, as build.ts has those of tensors: attributes first, then the rdd and what is captured. Knows no meaning. */
import { inline } from "../inline.ts";
import { type Fn, fn, make, type Node } from "../node.ts";
import { tensor } from "../type.ts";
import { full, parameter } from "./build.ts";
import { op } from "./registry.ts";

/** `columns` names the results of the function */
export const rddMap = (
  fn: Fn,
  columns: readonly string[],
  identity: boolean,
  d: Node,
  captures: readonly Node[] = [],
): Node => make(op("rdd.map"), [d, ...captures], { fn, columns, identity });
export const rddFilter = (fn: Fn, identity: boolean, d: Node, captures: readonly Node[] = []): Node =>
  make(op("rdd.filter"), [d, ...captures], { fn, identity });
/** rows whose word lies in [low, high) */
export const rddSplit = (place: number, low: number, high: number, d: Node, seed: Node): Node =>
  make(op("rdd.split"), [d, seed], { place, low, high });
export const rddShuffle = (place: number, d: Node, seed: Node): Node => make(op("rdd.shuffle"), [d, seed], { place });
export const rddSample = (place: number, fraction: number, d: Node, seed: Node): Node =>
  make(op("rdd.sample"), [d, seed], { place, fraction });
export const rddTake = (count: number, d: Node): Node => make(op("rdd.take"), [d], { count });
export const rddBatch = (count: number, d: Node): Node => make(op("rdd.batch"), [d], { count });
export const rddNumber = (column: string, d: Node): Node => make(op("rdd.number"), [d], { column });
export const rddRows = (column: string, x: Node): Node => make(op("rdd.rows"), [x], { column });

export type AggregateOp = "add" | "mean" | "min" | "max";
/** `site`: where the fault of a min or max of nothing is raised; without it that is the identity of the fold */
export const aggregate = (
  fn: Fn,
  by: AggregateOp,
  identity: boolean,
  d: Node,
  captures: readonly Node[] = [],
  site?: number,
): Node => make(op("aggregate"), [d, ...captures], { fn, op: by, identity, ...(site === undefined ? {} : { site }) });

export interface BatchesAttrs {
  readonly body: Fn;
  readonly batch: number;
  readonly epochs: number;
  readonly steps: number;
  readonly order: "source" | "shuffle";
  readonly place: number;
  /** how many */
  readonly states: number;
  readonly outs: number;
  /** extent of the outs' leading dim in the results */
  readonly rows: number;
  /** where the fault of fewer rows than `rows` is raised; without it what is beyond them is 0 */
  readonly site?: number;
  readonly label: string;
}
export const batches = (
  attrs: BatchesAttrs,
  d: Node,
  seed: Node,
  states: readonly Node[],
  captures: readonly Node[] = [],
): Node => make(op("batches"), [d, seed, ...states, ...captures], { ...attrs, body: forgetting(attrs.body) });
/** the body without what is known of its parameters' values (`below`): of a state that holds only at the start */
function forgetting(body: Fn): Fn {
  const params = body.params.map(t => (t.k === "tensor" ? tensor(t.elem, t.shape) : t));
  return fn(
    params,
    inline(
      body,
      params.map((t, i) => parameter(i, t)),
    ),
  );
}

/** the records of one batch where the program names none: a part of the meaning, since it fixes the order of sums */
export const CAPACITY = 1024;
/** one pass over all rows in their order */
export const onePass = (label: string, body: Fn, states: number, outs: number, rows: number): BatchesAttrs => ({
  body,
  batch: CAPACITY,
  epochs: 1,
  steps: -1,
  order: "source",
  place: 0,
  states,
  outs,
  rows,
  label,
});
/** where no chance is taken */
export const noSeed = (): Node => full(0, "u32", [2]);
