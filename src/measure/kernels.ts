/**
 * Where the time of a program goes, kernel by kernel, on one thread: it is played as ever, but each phase calls its kernels one by one
 * under a clock. Knows plans and LOOP, no op.
 */
import type { Buf } from "../ir/loop.ts";
import type { Arg, Call, PlanStage } from "../ir/plan.ts";
import { type Dim, STORED_BYTES, sizeOf } from "../ir/type.ts";
import { playOn } from "../runtime/player.ts";
import { sizeAt } from "../runtime/size.ts";
import { type Instance, instantiate, type KernelFunction } from "../runtime/wasm.ts";
import { callFlops, mute, type Phase, type Program, phasesIn, silent, training } from "./program.ts";

export interface Line {
  readonly phase: string;
  readonly kernel: string;
  readonly items: number;
  /** of all items in one step: the least and the mean, milliseconds */
  readonly best: number;
  readonly mean: number;
  readonly flops: number;
  /** of the tensors that it reads and writes, each counted once */
  readonly bytes: number;
}
export interface KernelTimes {
  readonly lines: readonly Line[];
  /** of a full batch; 0 where nothing has records */
  readonly records: number;
  readonly steps: number;
}
/** thrown through the player when enough has been seen */
export class Enough extends Error {}

interface Times {
  records: number;
  steps: number;
  readonly best: number[];
  readonly total: number[];
}
/** plays until each phase of the training, or without one each phase at all, was measured for `seconds`, or the program ends */
export async function kernelTimes(p: Program, seconds: number): Promise<KernelTimes> {
  const stage = mute(p.stage);
  const phases = phasesIn(training(stage.steps)?.body ?? stage.steps);
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
  const instance = watched(instantiate(p.module, stage.heap));
  try {
    // what has rows ends when they do; the rest is played again, over the same memory
    do await playOn(instance, stage, silent(p.folder));
    while (!stage.feeds.length && performance.now() < end && last !== undefined);
  } catch (e) {
    if (!(e instanceof Enough)) throw e;
  }
  const records = Math.max(0, ...[...seen.values()].map(t => t.records));
  const lines = phases.flatMap(f => {
    const t = seen.get(f.name);
    if (!t) return [];
    return f.calls.map(
      (c, i): Line => ({
        phase: f.name,
        kernel: stage.calls[c]!.kernel,
        items: sizeAt(f.items, t.records),
        best: t.best[i]!,
        mean: t.total[i]! / t.steps,
        flops: callFlops(p, f, c, t.records),
        bytes: callBytes(p, f, stage.calls[c]!, t.records),
      }),
    );
  });
  return { lines, records, steps: Math.max(0, ...[...seen.values()].map(t => t.steps)) };
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
    if (!fixed || !args) args = call.args.map(x => place(x, worker));
    kernel(n, item, item + 1, worker + call.scratch, ...args);
  };
}

function callBytes({ kernels, stage }: Program, f: Phase, call: Call, n: number): number {
  const { params } = kernels.find(k => k.name === call.kernel)!;
  const items = sizeAt(f.items, n);
  return params.reduce((sum, b, i) => {
    const at = call.args[i]!;
    const own = !("pointer" in at) && at.region === "worker" ? items : 1;
    return sum + own * (elements(b, n) ?? pointed(stage, at, n)) * STORED_BYTES[b.store];
  }, 0);
}
const dim = (d: Dim, n: number): number => (typeof d === "number" ? d : d.n * n + d.plus);
function elements({ extent }: Buf, n: number): number | undefined {
  if (extent === "unknown") return undefined;
  if (typeof extent === "object" && "of" in extent) return Math.ceil(dim(extent.of, n) / extent.by) * extent.unit;
  return dim(extent, n);
}
/** elements of a batch behind an entry of the pointer table */
function pointed(stage: PlanStage, at: Arg, n: number): number {
  const p = "pointer" in at ? stage.pointers[at.pointer] : undefined;
  if (p?.k !== "column") return n;
  const column = stage.feeds[p.feed]!.columns[p.column];
  return n * (column ? sizeOf(column.shape) : 1);
}
