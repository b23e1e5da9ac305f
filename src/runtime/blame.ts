/** Which tensor went bad first when a loss is not finite. Knows no layer. */
import type { PlanStage, PlanStep, Slot } from "../ir/plan.ts";
import { isFloat } from "../ir/type.ts";
import { valueAt, view } from "./dtype.ts";
import { bufferBytes } from "./inputs.ts";
import type { ModuleMemory } from "./memory.ts";

/** the name of the first buffer in the order in which `steps` write them that holds NaN or an infinity; then any other */
export function firstBad(stage: PlanStage, memory: ModuleMemory, steps: readonly PlanStep[]): string | undefined {
  const order = [
    ...writes(stage, steps).map(at => stage.buffers.findIndex(b => same(b.at, at))),
    ...stage.buffers.keys(),
  ];
  const bad = order.find(i => i >= 0 && isBad(stage, memory, i));
  return bad === undefined ? undefined : stage.buffers[bad]!.name;
}
const same = (a: Slot, b: Slot): boolean => a.region === b.region && a.offset === b.offset;

function writes(stage: PlanStage, steps: readonly PlanStep[]): readonly Slot[] {
  return steps.flatMap(s => {
    if (s.k === "loop") return writes(stage, s.body);
    if (s.k !== "phase") return [];
    return s.calls.flatMap(c => {
      const { args, writes: written } = stage.calls[c]!;
      return written.flatMap(w => {
        const arg = args[w.arg];
        return arg && "region" in arg ? [arg] : [];
      });
    });
  });
}
function isBad(stage: PlanStage, memory: ModuleMemory, i: number): boolean {
  const { store } = stage.buffers[i]!;
  if (!isFloat(store)) return false;
  const data = view(store, bufferBytes(stage, memory, i));
  for (let k = 0; k < data.length; k++) if (!Number.isFinite(valueAt(store, data, k))) return true;
  return false;
}
