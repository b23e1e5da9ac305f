/**
 * `hsc bench`: what a step of a program takes, and which of its kernels take it, beside the machine's measured peak. Prints a table or
 * JSON. Knows no op.
 */
import { build } from "../runtime/wasm.ts";
import { type KernelTimes, kernelTimes, type Line } from "./kernels.ts";
import { peakMeter } from "./peak.ts";
import { program } from "./program.ts";
import { steady } from "./steady.ts";

export interface BenchOptions {
  readonly set: ReadonlyMap<string, string>;
  readonly threads: number;
  /** for each of the two measurements: kernels on one thread, whole steps on all */
  readonly seconds: number;
  readonly json: boolean;
}
export async function bench(file: string, o: BenchOptions): Promise<string> {
  const p = program(file, o.set);
  const peak = peakMeter(build());
  const before = peak();
  const times = await kernelTimes(p, o.seconds);
  const step = await steady(p, o.threads, o.seconds);
  const top = Math.max(before, peak());
  const { state, step: shared, worker } = p.stage.regions;
  const arena = { state: state.bytes, step: shared.bytes, worker: worker.bytes };
  const { lines, records, steps } = times;
  const whole = step && { milliseconds: step.best, records, threads: o.threads };
  if (o.json)
    return JSON.stringify({
      program: file,
      build: build(),
      peak: top,
      records,
      steps,
      step: whole,
      arena,
      kernels: lines,
    });
  return [
    `${file}: peak of a thread ${top.toFixed(1)} GFLOP/s (${build()})`,
    ...table(times, top),
    "",
    total(lines, top),
    ...(whole ? [stepLine(whole, lines, top)] : []),
    `arena: state ${megabytes(arena.state)}, step ${megabytes(arena.step)}, worker ${megabytes(arena.worker)} per thread`,
  ].join("\n");
}
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 2 : 1)} MB`;
const percent = (x: number): string => `${(100 * x).toFixed(x < 0.1 ? 1 : 0)} %`;
const sum = (lines: readonly Line[], f: (l: Line) => number): number => lines.reduce((x, l) => x + f(l), 0);

function table({ lines, records, steps }: KernelTimes, top: number): readonly string[] {
  const all = sum(lines, l => l.best);
  const head = ["kernel", "phase", "items", "best us", "mean us", "time", "MFLOP", "GFLOP/s", "of peak", "MB", "GB/s"];
  const rows = [...lines]
    .sort((a, b) => b.best - a.best)
    .map(l => [
      l.kernel,
      l.phase,
      `${l.items}`,
      (1000 * l.best).toFixed(1),
      (1000 * l.mean).toFixed(1),
      percent(l.best / all),
      (l.flops / 1e6).toFixed(3),
      (l.flops / l.best / 1e6).toFixed(1),
      percent(l.flops / l.best / 1e6 / top),
      (l.bytes / 1e6).toFixed(3),
      (l.bytes / l.best / 1e6).toFixed(1),
    ]);
  const widths = head.map((h, i) => Math.max(h.length, ...rows.map(r => r[i]!.length)));
  const line = (cells: readonly string[]): string =>
    cells.map((c, i) => (i < 2 ? c.padEnd(widths[i]!) : c.padStart(widths[i]!))).join("  ");
  const what = records ? `${records} records per step, ` : "";
  return [`kernels on one thread: ${what}${steps} steps measured`, "", line(head), ...rows.map(line)];
}
function total(lines: readonly Line[], top: number): string {
  const [ms, flops] = [sum(lines, l => l.best), sum(lines, l => l.flops)];
  const rate = flops / ms / 1e6;
  const bytes = megabytes(sum(lines, l => l.bytes));
  return `${lines.length} kernels: ${ms.toFixed(3)} ms, ${(flops / 1e6).toFixed(1)} MFLOP, ${bytes}, ${rate.toFixed(1)} GFLOP/s, ${percent(rate / top)} of peak`;
}
function stepLine(
  { milliseconds, records, threads }: { milliseconds: number; records: number; threads: number },
  lines: readonly Line[],
  top: number,
): string {
  const rate = sum(lines, l => l.flops) / milliseconds / 1e6;
  const per = records ? `, ${((1000 * records) / milliseconds).toFixed(0)} records/s` : "";
  return `whole step on ${threads} threads: ${milliseconds.toFixed(3)} ms${per}, ${rate.toFixed(1)} GFLOP/s, ${percent(rate / top / threads)} of their peak`;
}
