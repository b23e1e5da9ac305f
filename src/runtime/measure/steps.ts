/** What is measured of a stage, and how it is played for that: in silence. Knows no clock. */
import type { PlanStage, PlanStep } from "../../ir/plan.ts";
import type { PlayOptions } from "../effects.ts";
import { noLog } from "../log.ts";
import { noStatus } from "../status.ts";
import { makeStrings } from "../strings.ts";

export interface Measured {
  readonly stage: PlanStage;
  /** of the build that this engine takes */
  readonly module: Uint8Array;
  readonly options: PlayOptions;
}
/** thrown through the player when enough has been seen */
export class Enough extends Error {}

/** no lines, no log */
export const silent = (folder: string, texts: readonly string[]): PlayOptions => ({
  folder,
  seed: 0,
  params: new Map(),
  earlier: new Map(),
  strings: makeStrings(texts),
  print: () => {},
  log: noLog,
  status: noStatus,
  now: () => performance.now(),
});
/** without what it prints and saves */
export const mute = (stage: PlanStage): PlanStage => ({ ...stage, steps: quiet(stage.steps) });
const quiet = (steps: readonly PlanStep[]): readonly PlanStep[] =>
  steps
    .filter(s => s.k !== "print" && s.k !== "save")
    .map(s =>
      s.k === "loop"
        ? { ...s, body: quiet(s.body), ...(s.exact ? { exact: { ...s.exact, body: quiet(s.exact.body) } } : {}) }
        : s,
    );
