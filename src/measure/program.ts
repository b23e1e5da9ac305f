/** A program compiled to be measured: its plan beside the LOOPs of its kernels. Knows no clock. */
import { dirname, resolve } from "node:path";
import { assemble } from "../codegen/wasm/module.ts";
import { check } from "../frontend/check/index.ts";
import { fileDims, lower } from "../frontend/lower/index.ts";
import { resetPool } from "../ir/node.ts";
import type { PlanStage, PlanStep } from "../ir/plan.ts";
import { passes } from "../passes/index.ts";
import { type Planned, planStage } from "../passes/plan/index.ts";
import type { PlayOptions } from "../runtime/effects.ts";
import { RuntimeDiagnostic } from "../runtime/error.ts";
import { nodeHost } from "../runtime/host.ts";
import { noLog } from "../runtime/log.ts";
import { preludeTexts } from "../runtime/prelude.ts";
import { sizeAt } from "../runtime/size.ts";
import { noStatus, type Status } from "../runtime/status.ts";
import { makeStrings } from "../runtime/strings.ts";
import { build } from "../runtime/wasm.ts";
import { flops } from "./flops.ts";

export interface Program extends Planned {
  /** where its data lie */
  readonly folder: string;
  readonly module: Uint8Array;
}
export function program(file: string, set: ReadonlyMap<string, string>): Program {
  const folder = dirname(resolve(file));
  const host = nodeHost(folder);
  resetPool();
  const { core, diagnostics } = check(resolve(file), host, { set: Object.fromEntries(set), prelude: preludeTexts() });
  if (!core) throw new RuntimeDiagnostic(diagnostics.map(d => d.message).join("\n"), { exitCode: 2 });
  const stage = passes.reduce((s, p) => p.run(s), lower(core, fileDims(core, host), host));
  const planned = planStage(stage, "stage0");
  const { kernels, phases } = planned;
  const regions = planned.stage.regions;
  const module = assemble({ kernels, phases, regions, build: build(), shared: true, exportKernels: true });
  return { ...planned, folder, module };
}

/** what a measured run tells nobody: no lines, no log */
export const silent = (folder: string, status: Partial<Status> = {}): PlayOptions => ({
  folder,
  seed: 0,
  params: new Map(),
  earlier: new Map(),
  strings: makeStrings([]),
  print: () => {},
  log: noLog,
  status: { ...noStatus, ...status },
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

/** floating-point operations of call `i` on all items of its phase with n records */
export function callFlops(p: Program, phase: Phase, i: number, n: number): number {
  const kernel = p.kernels.find(k => k.name === p.stage.calls[i]!.kernel)!;
  let sum = 0;
  for (let item = 0; item < sizeAt(phase.items, n); item++) sum += flops(kernel, n, item);
  return sum;
}
/** of all phases of these steps, each once */
export const stepFlops = (p: Program, steps: readonly PlanStep[], n: number): number =>
  phasesIn(steps).reduce((x, f) => x + f.calls.reduce((y, c) => y + callFlops(p, f, c, n), 0), 0);
