/** Questions about the steps of a PLAN: where it trains, how often a phase runs. Knows no kernel and no memory. */
import type { Call, PlanStage, PlanStep, Size } from "./plan.ts";
import { atN } from "./type.ts";

/** with n records */
export const sizeAt = (s: Size, n: number): number =>
  typeof s === "number" ? s : s.unit * Math.ceil(atN(s.of, n) / s.by);

export type Phase = Extract<PlanStep, { k: "phase" }>;
/** how many items a call does */
export const itemsOf = (phase: Phase, { items }: Call, n: number): number => items?.count ?? sizeAt(phase.items, n);

type Loop = Extract<PlanStep, { k: "loop" }>;
/** the loop whose trips are steps of a training: it logs a loss per batch */
export function training(steps: readonly PlanStep[]): Loop | undefined {
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
  steps.flatMap(s => (s.k === "phase" ? [s] : s.k === "loop" ? phasesIn(bodies(s)) : []));
/** whether a phase of the loop takes entry `pointer` of the pointer table */
export const takesPointer = ({ calls }: Pick<PlanStage, "calls">, loop: Loop, pointer: number): boolean =>
  phasesIn([loop]).some(p => p.calls.some(c => calls[c]!.args.some(a => "pointer" in a && a.pointer === pointer)));
/** the steps of a trip with n records */
export const bodyOf = <L extends Pick<Loop, "body" | "exact">>(s: L, n: number): L["body"] =>
  s.exact?.records === n ? s.exact.body : s.body;
const bodies = (s: Loop): readonly PlanStep[] => [...s.body, ...(s.exact?.body ?? [])];
/** the steps that count: those of the training, or without one all */
export function counted({ steps }: PlanStage): readonly PlanStep[] {
  const loop = training(steps);
  return loop?.exact?.body ?? loop?.body ?? steps;
}
/** each phase with how often it runs in these steps; a loop that does not say how long it is counts once */
export const timesIn = (steps: readonly PlanStep[], times = 1): readonly (readonly [Phase, number])[] =>
  steps.flatMap(s =>
    s.k === "phase"
      ? [[s, times] as const]
      : s.k === "loop"
        ? timesIn(s.exact?.body ?? s.body, times * (s.trip ?? 1))
        : [],
  );
