/**
 * Which kernels of a stage are to stay in 128 bits. V8 makes 256-bit instructions of pairs, and a pair that it cannot make may spoil a whole
 * kernel: each hot one is timed once when it is compiled, against the machine's peak, and where it misses that against its other form. Both
 * give the same bits, so nothing but time hangs on it, and a compiled program keeps what was found. Joins compiler and runtime; knows no op.
 */
import type { Assembler, Ending, Form } from "./codegen/wasm/module.ts";
import type { LoopKernel } from "./ir/loop.ts";
import { flops } from "./ir/loop-cost.ts";
import type { Call, PlanStage } from "./ir/plan.ts";
import { counted, itemsOf, phasesIn, timesIn, training } from "./ir/plan-walk.ts";
import { sizeOf } from "./ir/type.ts";
import { type Instance, instantiate } from "./runtime/wasm.ts";

export interface Choice {
  readonly kernel: string;
  /** GFLOP/s of a thread in 256 bits, and in the 128 that are taken */
  readonly wide: number;
  readonly narrow: number;
}
/** least milliseconds of a run of the kernel */
export type Time = (run: () => void, kernel: string, form: "wide" | "narrow") => number;
interface Compiled {
  readonly stage: PlanStage;
  readonly module: Uint8Array;
  readonly kernels: readonly LoopKernel[];
  readonly form: Form;
}
/** a step that computes less, or none that is repeated, ends before a choice would pay */
const LEAST = 1e7;
/** of all operations of a step so much is looked at */
const HOT = 0.95;
/** of the peak: in 128 bits half of it is the most, so what reaches this would gain nothing */
const ENOUGH = 0.4;
/** milliseconds after which no further kernel is timed, the hottest being the first */
const BUDGET = 15;
/** of the time in 256 bits: what noise does not make of equal forms */
const FASTER = 0.85;
/** bytes of a plan's memory: a second one of that size must do no harm */
const ROOM = 2 ** 28;

export const told = ({ kernel, wide, narrow }: Choice): string =>
  `${kernel} stays in 128 bits: ${narrow.toFixed(1)} GFLOP/s, ${wide.toFixed(1)} in 256`;

/** `peak`: GFLOP/s of a thread. Empty: the module is as good as it can be */
export function choose(
  c: Compiled,
  open: Assembler["open"],
  peak: () => number,
  time: Time = least,
): readonly Choice[] {
  if (!c.stage.steps.some(s => s.k === "loop") || c.stage.heap > ROOM) return [];
  const probes = hot(c);
  if (!probes.length) return [];
  const wide = on(instantiate(c.module, c.stage.heap), c.stage);
  const rate = (p: Probe, ms: number): number => p.flops / ms / 1e6;
  const enough = ENOUGH * peak();
  const slow: Probe[] = [];
  const end = performance.now() + BUDGET;
  for (const p of probes) {
    if (performance.now() > end) break;
    if (rate(p, time(wide(p), p.kernel.name, "wide")) < enough) slow.push(p);
  }
  if (!slow.length) return [];
  const module = open(c.form);
  for (const { kernel } of slow) module.kernel(kernel, true);
  const bytes = module.finish({ phases: [], regions: c.stage.regions });
  const narrow = on(instantiate(bytes, c.stage.heap), c.stage);
  return slow.flatMap(p => {
    const [before, other, after] = [
      time(wide(p), p.kernel.name, "wide"),
      time(narrow(p), p.kernel.name, "narrow"),
      time(wide(p), p.kernel.name, "wide"),
    ];
    const own = Math.min(before, after);
    return other < FASTER * own ? [{ kernel: p.kernel.name, wide: rate(p, own), narrow: rate(p, other) }] : [];
  });
}
/** the module once more, these kernels in 128 bits */
export function assembled(
  { stage, kernels, form }: Compiled,
  open: Assembler["open"],
  choices: readonly Choice[],
): Uint8Array {
  const names = new Set(choices.map(c => c.kernel));
  const phases: Ending["phases"] = phasesIn(stage.steps).map(p => ({
    name: p.name,
    calls: p.calls.map(i => stage.calls[i]!),
  }));
  const module = open(form);
  for (const k of kernels) module.kernel(k, names.has(k.name));
  return module.finish({ phases, regions: stage.regions });
}

// ---- what is timed

interface Probe {
  readonly kernel: LoopKernel;
  readonly call: Call;
  /** records of a batch, and as many items as are timed */
  readonly n: number;
  readonly items: number;
  /** of these items */
  readonly flops: number;
}
/** operations that are timed together: some tenths of a millisecond */
const ENOUGH_FLOPS = 1e7;
/** the kernels that do most of a step's operations, each as the call that does most of them */
function hot({ stage, kernels }: Compiled): readonly Probe[] {
  const n = training(stage.steps)?.over?.batch ?? 0;
  const known = new Map(kernels.map(k => [k.name, k]));
  const all = timesIn(counted(stage)).flatMap(([phase, times]) =>
    phase.calls.map(i => {
      const call = stage.calls[i]!;
      const kernel = known.get(call.kernel)!;
      const items = itemsOf(phase, call, n);
      const one = items ? flops(kernel, n, 0) : 0;
      const some = Math.max(1, Math.min(items, Math.floor(ENOUGH_FLOPS / Math.max(1, one))));
      return { kernel, call, n, items: some, flops: some * one, whole: times * items * one };
    }),
  );
  const sum = all.reduce((x, p) => x + p.whole, 0);
  if (sum < LEAST) return [];
  const out = new Map<string, Probe>();
  let seen = 0;
  for (const p of all.sort((a, b) => b.whole - a.whole)) {
    if (seen >= HOT * sum) break;
    seen += p.whole;
    if (!out.has(p.kernel.name)) out.set(p.kernel.name, p);
  }
  return [...out.values()];
}
/** runs probes over a memory of their own, which holds zeros */
function on(i: Instance, stage: PlanStage): (p: Probe) => () => void {
  // pages that nobody has written are one page of zeros under many addresses, which first-level caches are slow with
  const { base } = stage.regions.state;
  const bytes = i.memory.bytes(base, stage.heap - base);
  for (let at = 0; at < bytes.length; at += PAGE) bytes[at] = 0;
  const rooms = new Map<number, number>();
  /** a batch behind an entry of the pointer table, whose row numbers are 0 */
  const room = (k: number, n: number): number => {
    const p = stage.pointers[k]!;
    const shape = p.k === "column" ? (stage.feeds[p.feed]!.columns[p.column]?.shape ?? []) : [];
    const bytes = p.k === "output" ? p.bytes : 8 * sizeOf(shape);
    const at = rooms.get(k) ?? i.memory.allocate((n + 16) * bytes, "a kernel that is timed");
    rooms.set(k, at);
    return at;
  };
  return ({ kernel, call, n, items }) => {
    const f = i.kernel?.(kernel.name);
    if (!f) throw new Error(`internal: the module does not export ${kernel.name}`);
    const { worker } = stage.regions;
    const args = call.args.map(a => ("pointer" in a ? room(a.pointer, n) : stage.regions[a.region].base + a.offset));
    return () => f(n, 0, items, worker.base + call.scratch, ...args);
  };
}
/** the first run meets pages that nobody has touched */
function least(run: () => void): number {
  run();
  let best = Number.POSITIVE_INFINITY;
  const end = performance.now() + LONG;
  for (let round = 0; round < ROUNDS && (round < 2 || performance.now() < end); round++) {
    const started = performance.now();
    run();
    best = Math.min(best, performance.now() - started);
  }
  return best;
}
const PAGE = 4096;
const ROUNDS = 5;
const LONG = 3;
