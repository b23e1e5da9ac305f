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
  steps.filter(s => s.k !== "print" && s.k !== "save").map(s => (s.k === "loop" ? { ...s, body: quiet(s.body) } : s));

export type Phase = Extract<PlanStep, { k: "phase" }>;
/** the loop whose trips are steps of a training: it logs a loss */
export function training(steps: readonly PlanStep[]): Extract<PlanStep, { k: "loop" }> | undefined {
  for (const s of steps) {
    if (s.k !== "loop") continue;
    if (s.over && s.body.some(b => b.k === "log")) return s;
    const inner = training(s.body);
    if (inner) return inner;
  }
  return undefined;
}
/** all phases below these steps, those of loops too */
export const phasesIn = (steps: readonly PlanStep[]): readonly Phase[] =>
  steps.flatMap(s => (s.k === "phase" ? [s] : s.k === "loop" ? phasesIn(s.body) : []));
/** the phases that count: those of the training, or without one all */
export const phasesOf = ({ steps }: PlanStage): readonly Phase[] => phasesIn(training(steps)?.body ?? steps);
