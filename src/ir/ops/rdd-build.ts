/** Constructors of rdd nodes, as build.ts has those of tensors: attributes first, then the rdd and what is captured. Knows no meaning. */
import { type Fn, make, type Node } from "../node.ts";
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
/** as it is in epoch 0 */
export const rddFreeze = (d: Node): Node => make(op("rdd.freeze"), [d]);
/** `columns` names the results of the function; no row of them is read before all are there */
export const rddTable = (
  fn: Fn,
  columns: readonly string[],
  identity: boolean,
  d: Node,
  captures: readonly Node[] = [],
): Node => make(op("rdd.table"), [d, ...captures], { fn, columns, identity });
/** a source that an engine makes of these tables */
export const rddQuery = (source: Node, tables: readonly Node[]): Node => make(op("rdd.query"), [source, ...tables]);
/** slices of tensors with one leading extent, a column for each */
export const rddRows = (columns: string | readonly string[], ...xs: readonly Node[]): Node =>
  make(op("rdd.rows"), xs, { columns: typeof columns === "string" ? [columns] : columns });

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
