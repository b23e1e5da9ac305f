/** Constructors of the loops: over batches of rows, over states. Knows no meaning. */
import { inline } from "../inline.ts";
import { type Fn, fn, make, type Node } from "../node.ts";
import { tensor } from "../type.ts";
import { full, parameter } from "./build.ts";
import { op } from "./registry.ts";

export interface BatchesAttrs {
  readonly body: Fn;
  readonly batch: number;
  /** streams: `batch` contiguous parts side by side */
  readonly order: "source" | "shuffle" | "streams";
  readonly place: number;
  /** the number of steps after which the pass ends, counted by the clock; -1: none */
  readonly stop: number;
  /** how many */
  readonly states: number;
  readonly outs: number;
  /** extent of the outs' leading dim in the results */
  readonly rows: number;
  /** the outs hold the rows of one batch at a time, `rows` is `batch`: whoever reads them reads each batch in its trip */
  readonly passing?: boolean;
  /** where the fault of fewer rows than `rows` is raised; without it what is beyond them is 0 */
  readonly site?: number;
  readonly label: string;
  /** names of the logs; absent: one, "loss" */
  readonly logs?: readonly string[];
}
/** i32[]: epochs that chance in the rows has seen, steps made; the steps after the pass are the result behind the states */
export interface Clock {
  readonly epoch: Node;
  readonly step: Node;
}
export const batches = (
  attrs: BatchesAttrs,
  d: Node,
  seed: Node,
  states: readonly Node[],
  captures: readonly Node[] = [],
  clock?: Clock,
): Node =>
  make(op("batches"), [d, seed, ...(clock ? [clock.epoch, clock.step] : []), ...states, ...captures], {
    ...attrs,
    body: forgetting(attrs.body),
    clocked: clock !== undefined,
  });
/** seconds since the run began, when x has been computed */
export const clock = (x: Node): Node => make(op("clock"), [x]);
export interface LoopAttrs {
  /** (states.., captures..) to (states'.., bool[] if `until`, logs..) */
  readonly body: Fn;
  /** trips at most; -1: until the body says so */
  readonly trip: number;
  /** how many */
  readonly states: number;
  /** the result behind the states: this was the last trip */
  readonly until: boolean;
  readonly label: string;
  /** names of the f32[] results behind these, shown after each trip */
  readonly logs: readonly string[];
  /** one per state: its path in a checkpoint */
  readonly names: readonly string[];
  /** one per state: the trips write all of it before anybody reads it, so what it begins as need not be there. Absent: of none */
  readonly overwritten?: readonly boolean[];
  /** folder, and in it the name of the file; absent: none are written */
  readonly checkpoint?: string;
  readonly checkpointName?: string;
}
/** tuple of the states after the last trip */
export const loop = (attrs: LoopAttrs, states: readonly Node[], captures: readonly Node[] = []): Node =>
  make(op("loop"), [...states, ...captures], { ...attrs, body: forgetting(attrs.body) });
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
  order: "source",
  place: 0,
  stop: -1,
  states,
  outs,
  rows,
  label,
});
/** where no chance is taken */
export const noSeed = (): Node => full(0, "u32", [2]);
