/**
 * `hsc bench`: what a step of a program takes, and which of its kernels take it, beside the machine's measured peak. Joins the compiler,
 * which counts operations and bytes, with the runtime, which measures. Knows no op.
 */
import { dirname, resolve } from "node:path";
import type { LoopKernel } from "./ir/loop.ts";
import { flops } from "./ir/loop-cost.ts";
import type { Call, Dims } from "./ir/plan.ts";
import { counted, itemsOf, type Phase, timesIn, training } from "./ir/plan-walk.ts";
import { callBytes } from "./passes/cost.ts";
import { peak } from "./peak.ts";
import { type TensorData, valueAt, view } from "./runtime/dtype.ts";
import { type CallTime, kernelTimes } from "./runtime/measure/kernels.ts";
import { type Steady, steady } from "./runtime/measure/steady.ts";
import { type Measured, mute, silent } from "./runtime/measure/steps.ts";
import { play } from "./runtime/player.ts";
import { build } from "./runtime/wasm.ts";
import { compiler } from "./session.ts";

/** a stage that is to be measured, with what its calls call */
export interface Subject extends Measured {
  readonly kernels: ReadonlyMap<string, LoopKernel>;
  /** of kernels that stay in 128 bits, a line each */
  readonly narrow: readonly string[];
}
/** the stage that trains, else the last one; those before it are played to their end. undefined: the program is wrong, which was said */
export async function subject(file: string, set: ReadonlyMap<string, string>): Promise<Subject | undefined> {
  const c = await compiler(file, set, {}, "cpu", [build()]);
  if (!c) return undefined;
  const options = silent(dirname(resolve(file)), c.plan.texts ?? []);
  const earlier = new Map<string, TensorData>();
  for (const [i, needs] of c.outline.needs.entries()) {
    const dims: Dims = new Map(needs.map(name => [name, scalar(earlier.get(name)!)]));
    const made = c.stage(i, dims);
    if (!made) return undefined;
    const { stage, modules, kernels, narrow } = made;
    const module = modules.get(stage.modules[build()])!;
    const own = { ...options, earlier: new Map(earlier) };
    if (training(stage.steps) || i === c.outline.needs.length - 1)
      return { stage, module, options: own, kernels: new Map(kernels.map(k => [k.name, k])), narrow };
    for (const [name, t] of await play(mute(stage), module, own)) earlier.set(name, t);
  }
  return undefined;
}
const scalar = (t: TensorData): number => Number(valueAt(t.store, view(t.store, t.bytes), 0));

/** floating-point operations of a call on all its items */
function callFlops(s: Subject, phase: Phase, call: Call, n: number): number {
  const kernel = s.kernels.get(call.kernel)!;
  let sum = 0;
  for (let item = 0; item < itemsOf(phase, call, n); item++) sum += flops(kernel, n, item);
  return sum;
}
/** of a step with n records */
export const stepFlops = (s: Subject, n: number): number =>
  timesIn(counted(s.stage)).reduce(
    (x, [f, times]) => f.calls.reduce((y, c) => y + times * callFlops(s, f, s.stage.calls[c]!, n), x),
    0,
  );

export interface BenchOptions {
  readonly set: ReadonlyMap<string, string>;
  readonly threads: number;
  /** for each of the two measurements: kernels on one thread, whole steps on all */
  readonly seconds: number;
  readonly json: boolean;
}
interface Line {
  readonly kernel: string;
  readonly phase: string;
  readonly items: number;
  /** in a step */
  readonly times: number;
  /** each time */
  readonly best: number;
  readonly mean: number;
  readonly flops: number;
  readonly bytes: number;
}
const lineOf = (s: Subject, { phase, times, call, best, mean, records }: CallTime): Line => ({
  kernel: call.kernel,
  phase: phase.name,
  items: itemsOf(phase, call, records),
  times,
  best,
  mean,
  flops: callFlops(s, phase, call, records),
  bytes: callBytes(s.stage, name => s.kernels.get(name), phase, call, records),
});

/** as text for people, or as JSON */
export async function benchProgram(file: string, o: BenchOptions): Promise<string> {
  const s = await subject(file, o.set);
  if (!s) return "";
  const meter = peak();
  const before = meter();
  const { calls, records, steps } = await kernelTimes(s, o.seconds);
  const step = await steady(s, o.threads, o.seconds);
  const top = Math.max(before, meter());
  const lines = calls.map(c => lineOf(s, c));
  const { state, step: shared, worker } = s.stage.regions;
  const arena = { state: state.bytes, step: shared.bytes, worker: worker.bytes };
  if (o.json) {
    const whole =
      step && isMeasured(step) ? { milliseconds: step.best, records: step.records, threads: o.threads } : undefined;
    const all = {
      program: file,
      build: build(),
      peak: top,
      records,
      steps,
      step: whole,
      arena,
      narrow: s.narrow,
      kernels: lines,
    };
    return JSON.stringify(all, undefined, 1);
  }
  const what = records ? `${records} records per step, ` : "";
  return [
    `${file}: peak of a thread ${top.toFixed(1)} GFLOP/s (${build()})`,
    `kernels on one thread: ${what}${steps} steps measured`,
    "",
    ...table(lines, top),
    "",
    total(lines, top),
    ...s.narrow,
    ...(step ? [stepLine(step, o.threads, lines, top)] : []),
    `arena: state ${megabytes(arena.state)}, step ${megabytes(arena.step)}, worker ${megabytes(arena.worker)} per thread`,
  ].join("\n");
}
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 2 : 1)} MB`;
const percent = (x: number): string => `${(100 * x).toFixed(x < 0.1 ? 1 : 0)} %`;
/** of a step */
const sum = (lines: readonly Line[], f: (l: Line) => number): number => lines.reduce((x, l) => x + l.times * f(l), 0);

/** kernels that are shown, those that take longest; a program with loops of many small ones has hundreds */
const SHOWN = 20;
function table(lines: readonly Line[], top: number): readonly string[] {
  const all = sum(lines, l => l.best);
  const sorted = [...lines].sort((a, b) => b.times * b.best - a.times * a.best);
  const rest = sorted.slice(SHOWN);
  const head = [
    "kernel",
    "phase",
    "items",
    "times",
    "best us",
    "mean us",
    "time",
    "MFLOP",
    "GFLOP/s",
    "of peak",
    "MB",
    "GB/s",
  ];
  const rows = sorted
    .slice(0, SHOWN)
    .map(l => [
      l.kernel,
      l.phase,
      `${l.items}`,
      `${l.times}`,
      (1000 * l.best).toFixed(1),
      (1000 * l.mean).toFixed(1),
      percent((l.times * l.best) / all),
      (l.flops / 1e6).toFixed(3),
      (l.flops / l.best / 1e6).toFixed(1),
      percent(l.flops / l.best / 1e6 / top),
      (l.bytes / 1e6).toFixed(3),
      (l.bytes / l.best / 1e6).toFixed(1),
    ]);
  const widths = head.map((h, i) => Math.max(h.length, ...rows.map(r => r[i]!.length)));
  const line = (cells: readonly string[]): string =>
    cells.map((c, i) => (i < 2 ? c.padEnd(widths[i]!) : c.padStart(widths[i]!))).join("  ");
  const more = rest.length
    ? [`${rest.length} more, ${percent(sum(rest, l => l.best) / all)} of the time (all: --json)`]
    : [];
  return [line(head), ...rows.map(line), ...more];
}
function total(lines: readonly Line[], top: number): string {
  const [ms, work] = [sum(lines, l => l.best), sum(lines, l => l.flops)];
  const rate = work / ms / 1e6;
  const bytes = megabytes(sum(lines, l => l.bytes));
  const runs = sum(lines, () => 1);
  const count = runs === 1 ? "1 kernel" : `${runs} kernels`;
  return `${count}: ${ms.toFixed(3)} ms, ${(work / 1e6).toFixed(1)} MFLOP, ${bytes}, ${rate.toFixed(1)} GFLOP/s, ${percent(rate / top)} of peak`;
}
/** a training of few rows may be over before steps of whole batches were seen */
const isMeasured = ({ best }: Steady): boolean => Number.isFinite(best);
function stepLine(s: Steady, threads: number, lines: readonly Line[], top: number): string {
  if (!isMeasured(s)) return "whole step: not measured, the training has too few whole batches";
  const { best, records } = s;
  const rate = sum(lines, l => l.flops) / best / 1e6;
  const per = records ? `, ${((1000 * records) / best).toFixed(0)} records/s` : "";
  return `whole step on ${threads} threads: ${best.toFixed(3)} ms${per}, ${rate.toFixed(1)} GFLOP/s, ${percent(rate / top / threads)} of their peak`;
}
