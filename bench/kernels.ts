/** `node bench/kernels.ts program.hs [seconds] [lines]`: per kernel of a training step its time, GFLOP/s and share of the machine's peak. */
import { build } from "../src/runtime/wasm.ts";
import { peakMeter } from "./peak.ts";
import { planned, profile } from "./profile.ts";

const [file, seconds = "3", most = "40"] = process.argv.slice(2);
if (!file) throw new Error("usage: node bench/kernels.ts program.hs [seconds] [lines]");
const peak = peakMeter(build());
const before = peak();
const p = await profile(file, planned(file), Number(seconds));
const top = Math.max(before, peak());
const sum = p.lines.reduce((x, l) => x + l.best, 0);
const work = p.lines.reduce((x, l) => x + l.flops, 0);
const share = (flops: number, ms: number): string => `${((100 * flops) / ms / 1e6 / top).toFixed(0)} %`;
const row = (...cells: readonly string[]): string =>
  cells.map((c, i) => (i < 2 ? c.padEnd(i ? 24 : 6) : c.padStart(10))).join(" ");
const print = (s: string): void => void process.stdout.write(`${s}\n`);
print(`${file}: ${p.records} records per step, ${p.steps} steps; peak ${top.toFixed(1)} GFLOP/s (${build()})`);
print(row("phase", "kernel", "items", "best us", "mean us", "of sum", "MFLOP", "GFLOP/s", "of peak"));
for (const l of [...p.lines].sort((a, b) => b.best - a.best).slice(0, Number(most)))
  print(
    row(
      l.phase,
      l.kernel,
      `${l.items}`,
      (1000 * l.best).toFixed(1),
      (1000 * l.mean).toFixed(1),
      `${((100 * l.best) / sum).toFixed(1)} %`,
      (l.flops / 1e6).toFixed(3),
      (l.flops / l.best / 1e6).toFixed(1),
      share(l.flops, l.best),
    ),
  );
print(
  `${p.lines.length} calls: ${sum.toFixed(2)} ms, ${(work / 1e6).toFixed(1)} MFLOP, ${share(work, sum)} of peak; whole step ${p.step.toFixed(2)} ms: ${((1000 * p.records) / p.step).toFixed(0)} records/s`,
);
