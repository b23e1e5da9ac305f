/**
 * Where the time of a stage goes, kernel by kernel, on one thread: it is played as ever, but each phase calls its kernels one by one
 * under a clock. Knows no kernel but by name.
 */
import { type Arg, type Call, ownItem, type PlanStage } from "../../ir/plan.ts";
import { counted, type Phase, timesIn } from "../../ir/plan-walk.ts";
import { playOn } from "../player.ts";
import { type Instance, instantiate, type KernelFunction } from "../wasm.ts";
import { Enough, type Measured, mute } from "./steps.ts";

/** a call of a phase, on all of its items */
export interface CallTime {
  readonly phase: Phase;
  /** in one step: those of loops run more often */
  readonly times: number;
  readonly call: Call;
  /** each time: the least and the mean, milliseconds */
  readonly best: number;
  readonly mean: number;
  /** of its phase */
  readonly records: number;
}
export interface KernelTimes {
  readonly calls: readonly CallTime[];
  /** of a full batch; 0 where nothing has records */
  readonly records: number;
  readonly steps: number;
}
interface Times {
  records: number;
  steps: number;
  readonly best: number[];
  readonly total: number[];
}
/** plays until each phase of the training, or without one each phase at all, was measured for `seconds`, or the program ends */
export async function kernelTimes(m: Measured, seconds: number): Promise<KernelTimes> {
  const stage = mute(m.stage);
  const runs = timesIn(counted(stage));
  const phases = runs.map(([f]) => f);
  const seen = new Map<string, Times>();
  const last = phases.at(-1)?.name;
  let end = Number.POSITIVE_INFINITY;
  const watched = (i: Instance): Instance => {
    const clocked = new Map(phases.map(f => [f.name, clock(f, i, stage, seen)]));
    const phase = (name: string): ReturnType<Instance["phase"]> => {
      const f = clocked.get(name) ?? i.phase(name);
      if (name !== last) return f;
      return (...a) => {
        f(...a);
        if (end === Number.POSITIVE_INFINITY) end = performance.now() + 1000 * seconds;
        else if (performance.now() > end) throw new Enough();
      };
    };
    return { ...i, phase };
  };
  const instance = watched(instantiate(m.module, stage.heap));
  try {
    // what has rows ends when they do; the rest is played again, over the same memory
    do await playOn(instance, stage, m.options);
    while (!stage.feeds.length && performance.now() < end && last !== undefined);
  } catch (e) {
    if (!(e instanceof Enough)) throw e;
  }
  const calls = runs.flatMap(([f, times]) => {
    const t = seen.get(f.name);
    if (!t) return [];
    return f.calls.map((c, i): CallTime => {
      const [best, mean] = [t.best[i]!, t.total[i]! / t.steps];
      return { phase: f, times, call: stage.calls[c]!, best, mean, records: t.records };
    });
  });
  const all = [...seen.values()];
  return { calls, records: Math.max(0, ...all.map(t => t.records)), steps: Math.max(0, ...all.map(t => t.steps)) };
}
function clock(f: Phase, i: Instance, stage: PlanStage, seen: Map<string, Times>): ReturnType<Instance["phase"]> {
  const calls = f.calls.map(c => callOf(i, stage, stage.calls[c]!));
  const spent = calls.map(() => 0);
  return (from, to, n, worker) => {
    spent.fill(0);
    for (let item = from; item < to; item++)
      calls.forEach((call, k) => {
        const t = performance.now();
        call(n, item, worker);
        spent[k]! += performance.now() - t;
      });
    const t = seen.get(f.name) ?? { records: n, steps: 0, best: spent.map(() => Infinity), total: spent.map(() => 0) };
    seen.set(f.name, t);
    // the last batch of a pass may be smaller
    if (n < t.records) return;
    if (n > t.records) t.best.fill(Infinity);
    t.records = n;
    t.steps++;
    spent.forEach((x, k) => {
      t.best[k] = Math.min(t.best[k]!, x);
      t.total[k]! += x;
    });
  };
}
/** one call on one item, as its phase would make it */
function callOf(i: Instance, stage: PlanStage, call: Call): (n: number, item: number, worker: number) => void {
  const f = i.kernel?.(call.kernel);
  if (!f) throw new Error(`internal: the module does not export ${call.kernel}`);
  const kernel: KernelFunction = f;
  const place = (x: Arg, worker: number): number => {
    if ("pointer" in x) return i.memory.u32(stage.regions.state.base + 4 * x.pointer, 1)[0]!;
    return (x.region === "worker" ? worker : stage.regions[x.region].base) + x.offset;
  };
  let args: number[] | undefined;
  const fixed = call.args.every(x => !("pointer" in x));
  return (n, item, worker) => {
    const own = ownItem(call, item);
    if (own === undefined) return;
    if (!fixed || !args) args = call.args.map(x => place(x, worker));
    kernel(n, own, own + 1, worker + call.scratch, ...args);
  };
}
