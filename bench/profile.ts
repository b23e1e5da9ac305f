/**
 * Where the time of a training step goes, kernel by kernel: the program is played as ever, but each phase calls its kernels one by
 * one under a clock. Knows plans and LOOP, no op.
 */
import { dirname, resolve } from "node:path";
import { assemble } from "../src/codegen/wasm/module.ts";
import { check } from "../src/frontend/check/index.ts";
import { fileDims, lower } from "../src/frontend/lower/index.ts";
import { resetPool } from "../src/ir/node.ts";
import type { Arg, PlanStage, PlanStep } from "../src/ir/plan.ts";
import { passes } from "../src/passes/index.ts";
import { type Planned, planStage } from "../src/passes/plan/index.ts";
import { nodeHost } from "../src/runtime/host.ts";
import { noLog } from "../src/runtime/log.ts";
import { setParams } from "../src/runtime/params.ts";
import { playOn } from "../src/runtime/player.ts";
import { preludeTexts } from "../src/runtime/prelude.ts";
import { sizeAt } from "../src/runtime/size.ts";
import { noStatus } from "../src/runtime/status.ts";
import { build, type Instance, instantiate } from "../src/runtime/wasm.ts";
import { flops } from "./flops.ts";

export interface Line {
  readonly phase: string;
  readonly kernel: string;
  readonly items: number;
  /** of all items: best and mean of the steps, milliseconds */
  readonly best: number;
  readonly mean: number;
  readonly flops: number;
}
export interface Profile {
  readonly lines: readonly Line[];
  /** records of a step */
  readonly records: number;
  readonly steps: number;
  /** milliseconds of a step whose kernels are not timed apart: the best */
  readonly step: number;
}
export class Enough extends Error {}

export function planned(file: string, set: ReadonlyMap<string, string> = new Map()): Planned {
  const host = nodeHost(dirname(resolve(file)));
  resetPool();
  const { core, diagnostics } = check(file, host, { set: Object.fromEntries(set), prelude: preludeTexts() });
  if (!core) throw new Error(`${file} does not compile: ${diagnostics.map(d => d.message).join("; ")}`);
  const stage = passes.reduce((s, p) => p.run(s), lower(core, fileDims(core, host), host));
  return planStage(stage, "stage0");
}
/** the loop whose steps are training: it logs a loss */
export function training(steps: readonly PlanStep[]): Extract<PlanStep, { k: "loop" }> | undefined {
  for (const s of steps) {
    if (s.k !== "loop") continue;
    if (s.body.some(b => b.k === "log")) return s;
    const inner = training(s.body);
    if (inner) return inner;
  }
  return undefined;
}

/** floating-point operations of a training step of `records` records */
export function stepFlops(p: Planned, records: number): number {
  const loops = new Map(p.kernels.map(k => [k.name, k]));
  const phases = training(p.stage.steps)?.body.flatMap(b => (b.k === "phase" ? [b] : [])) ?? [];
  let sum = 0;
  for (const b of phases)
    for (const c of b.calls)
      for (let item = 0; item < sizeAt(b.items, records); item++)
        sum += flops(loops.get(p.stage.calls[c]!.kernel)!, records, item);
  return sum;
}
/** plays the program for `seconds` of its training, `timed`: kernel by kernel */
export async function profile(file: string, p: Planned, seconds: number): Promise<Profile> {
  const { stage } = p;
  const loop = training(stage.steps);
  if (!loop) throw new Error(`${file} trains nothing`);
  const phases = loop.body.flatMap(b => (b.k === "phase" ? [b] : []));
  const module = assemble({
    kernels: p.kernels,
    phases: p.phases,
    regions: stage.regions,
    build: build(),
    exportKernels: true,
  });
  const names = new Set(phases.map(b => b.name));
  const last = phases.at(-1)!.name;
  const best = new Map<string, number[]>();
  const total = new Map<string, number[]>();
  let records = 0;
  let steps = 0;
  await until(
    file,
    stage,
    module,
    instance => ({
      ...instance,
      phase: name => {
        const whole = instance.phase(name);
        const b = phases.find(q => q.name === name);
        if (!names.has(name) || !b) return whole;
        const calls = b.calls.map(i => callOf(instance, stage, i));
        const times = calls.map(() => 0);
        return (from, to, n, worker) => {
          times.fill(0);
          records = Math.max(records, n);
          for (let item = from; item < to; item++)
            calls.forEach((call, i) => {
              const t = performance.now();
              call(n, item, worker);
              times[i]! += performance.now() - t;
            });
          const sums = total.get(name) ?? times.map(() => 0);
          const least = best.get(name) ?? times.map(() => Infinity);
          times.forEach((t, i) => {
            sums[i]! += t;
            if (n === records) least[i] = Math.min(least[i]!, t);
          });
          total.set(name, sums);
          best.set(name, least);
          if (name === last) steps++;
        };
      },
    }),
    last,
    seconds,
  );
  const step = await stepTime(file, stage, module, phases[0]!.name, last, seconds);
  const loops = new Map(p.kernels.map(k => [k.name, k]));
  const lines = phases.flatMap(b =>
    b.calls.map((c, i): Line => {
      const kernel = stage.calls[c]!.kernel;
      const items = sizeAt(b.items, records);
      let work = 0;
      for (let item = 0; item < items; item++) work += flops(loops.get(kernel)!, records, item);
      return {
        phase: b.name,
        kernel,
        items,
        best: best.get(b.name)![i]!,
        mean: total.get(b.name)![i]! / steps,
        flops: work,
      };
    }),
  );
  return { lines, records, steps, step };
}
/** first phase to last phase of a step, copies and checks between them included */
async function stepTime(
  file: string,
  stage: PlanStage,
  module: Uint8Array,
  first: string,
  last: string,
  seconds: number,
): Promise<number> {
  let best = Infinity;
  let started = 0;
  let full = 0;
  await until(
    file,
    stage,
    module,
    instance => ({
      ...instance,
      phase: name => {
        const whole = instance.phase(name);
        if (name !== first) return whole;
        return (from, to, n, worker) => {
          const t = performance.now();
          if (started && full === n) best = Math.min(best, t - started);
          full = Math.max(full, n);
          started = t;
          whole(from, to, n, worker);
        };
      },
    }),
    last,
    seconds,
  );
  return best;
}
async function until(
  file: string,
  stage: PlanStage,
  module: Uint8Array,
  wrap: (i: Instance) => Instance,
  last: string,
  seconds: number,
): Promise<void> {
  let end = Infinity;
  const stopping = (i: Instance): Instance => {
    const inner = wrap(i);
    const known = new Map<string, ReturnType<Instance["phase"]>>();
    const phase = (name: string): ReturnType<Instance["phase"]> => {
      const old = known.get(name);
      if (old) return old;
      const f = inner.phase(name);
      const g: typeof f = (...a) => {
        f(...a);
        if (name !== last) return;
        if (end === Infinity) end = performance.now() + 1000 * seconds;
        if (performance.now() > end) throw new Enough();
      };
      known.set(name, g);
      return g;
    };
    return { ...inner, phase };
  };
  try {
    await playOn(stopping(instantiate(module, stage.heap)), stage, {
      folder: dirname(resolve(file)),
      seed: 0,
      params: setParams([], new Map()),
      earlier: new Map(),
      print: () => {},
      log: noLog,
      status: noStatus,
      now: () => performance.now(),
    });
  } catch (e) {
    if (!(e instanceof Enough)) throw e;
  }
}
/** one call on one item, as its phase would make it */
function callOf(instance: Instance, stage: PlanStage, i: number): (n: number, item: number, worker: number) => void {
  const call = stage.calls[i]!;
  const f = instance.phase(call.kernel) as unknown as (...a: number[]) => void;
  const place = (x: Arg, worker: number): number => {
    if ("pointer" in x) return instance.memory.u32(stage.regions.state.base + 4 * x.pointer, 1)[0]!;
    return (x.region === "worker" ? worker : stage.regions[x.region].base) + x.offset;
  };
  let args: number[] | undefined;
  const fixed = call.args.every(x => !("pointer" in x));
  return (n, item, worker) => {
    if (!fixed || !args) args = call.args.map(x => place(x, worker));
    f(n, item, item + 1, worker + call.scratch, ...args);
  };
}
