/** A stage that is being played, and the loops that are running in it. Knows no step but the loop. */
import type { PlanStage, PlanStep, Slot } from "../ir/plan.ts";
import type { Appended } from "./appended.ts";
import type { TensorData } from "./dtype.ts";
import type { PlayOptions } from "./effects.ts";
import type { Feeds, Rows } from "./feed.ts";
import type { Gathered } from "./gathered.ts";
import { addressOf } from "./inputs.ts";
import type { Late } from "./late.ts";
import type { ModuleMemory } from "./memory.ts";
import type { Snapshot } from "./remote.ts";
import type { Pending } from "./resume.ts";
import type { Instance } from "./wasm.ts";

export type Step<K extends PlanStep["k"]> = Extract<PlanStep, { readonly k: K }>;
export type Loop = Step<"loop">;

/** a loop that is running */
export interface Frame {
  readonly loop: Loop;
  readonly rows: Rows | undefined;
  readonly started: number;
  /** when the first step of its first pass was finished: until then code is made ready and data come in. And where in which pass that was */
  settled: { readonly time: number; readonly start: number; readonly passes: number } | undefined;
  /** trips finished since it was entered, and by the run that this one takes up; so many by that one */
  trips: number;
  taken: number;
  /** its condition said that the last trip was made */
  done: boolean;
  /** the batch at hand: first record, number of records */
  start: number;
  n: number;
  /** records of the passes in it that logged */
  visited: number;
  /** what was logged in it */
  readonly values: Map<string, Logged>;
  /** of a pass that logs: the memory as it was a while ago */
  copy: Copy | undefined;
  /** the pass before, for a state that was bad when this one began */
  previous: Frame | undefined;
}
export interface Copy {
  readonly of: Snapshot;
  readonly start: number;
  readonly trips: number;
  readonly time: number;
}
/** a stage that is being played */
export interface Run {
  readonly stage: PlanStage;
  readonly instance: Instance;
  readonly memory: ModuleMemory;
  readonly feeds: Feeds;
  readonly frames: Frame[];
  /** room for the row numbers and identities of one batch */
  readonly staging: Map<Loop, { readonly rows: number; readonly ids: number }>;
  /** on a device, of loops over columns that it cannot bind whole */
  readonly gathered: Map<Loop, Gathered>;
  readonly kept: Map<string, TensorData>;
  /** rows of buffers that hold a batch of them at a time */
  readonly appended: Map<number, Appended>;
  /** the last pass of each loop that makes copies */
  readonly passes: Map<Loop, Frame>;
  readonly options: PlayOptions;
  /** less what the runs before took */
  started: number;
  rested: number;
  /** with --resume, until the pass begins that was interrupted */
  pending: Pending | undefined;
  /** on a device: what is due and not looked at yet */
  readonly late: Late[];
}

export interface Logged {
  /** over the records of a pass; of a trip, the value and 1 */
  readonly sum: number;
  readonly records: number;
  readonly last: number;
}

/** an i32, 0 where there is none */
export const word = (run: Run, at: Slot | undefined): number =>
  at ? run.memory.i32(addressOf(run.stage, at), 1)[0]! : 0;
/** finished in a loop over rows, in all where that is counted */
export const stepsOf = (run: Run, frame: Frame): number =>
  frame.loop.total ? word(run, frame.loop.total) : frame.trips;

/** a trip is finished */
export function count(run: Run, frame: Frame): void {
  const { loop: s } = frame;
  frame.trips++;
  if (s.over) {
    frame.start += frame.n;
    const outer = run.frames.at(-2);
    const whole = outer ?? frame;
    whole.settled ??= { time: run.options.now(), start: frame.start, passes: outer?.trips ?? 0 };
  }
  if (s.total) run.memory.i32(addressOf(run.stage, s.total), 1)[0] = word(run, s.total) + 1;
}
