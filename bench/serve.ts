/**
 * hsc as one of the peers of bench/main.ts: reads `net batch seconds`, trains that program for so long and prints the best records per
 * second over chunks of at least 3 ms. `node bench/serve.ts [threads]`. Data are fed from the pipeline, as in any run.
 */
import { join } from "node:path";
import { createInterface } from "node:readline";
import { assemble } from "../src/codegen/wasm/module.ts";
import { build } from "../src/runtime/wasm.ts";
import { peakMeter } from "./peak.ts";
import { planned, stepFlops } from "./profile.ts";
import { steady } from "./steady.ts";

const threads = Number(process.argv[2] ?? 2);
const peak = peakMeter(build());
const known = new Map<
  string,
  { readonly plan: ReturnType<typeof planned>; readonly module: Uint8Array; readonly work: number }
>();
process.stdout.write("ready\n");
for await (const line of createInterface({ input: process.stdin })) {
  const [net, batch, seconds] = line.split(" ") as [string, string, string];
  const file = join(import.meta.dirname, "programs", `${net}.hs`);
  let made = known.get(`${net} ${batch}`);
  if (!made) {
    const plan = planned(file, new Map([["batch", batch]]));
    const { stage, kernels, phases } = plan;
    const module = assemble({ kernels, phases, regions: stage.regions, build: build(), shared: true });
    made = { plan, module, work: stepFlops(plan, Number(batch)) };
    known.set(`${net} ${batch}`, made);
  }
  const milliseconds = await steady(file, made.plan.stage, made.module, {
    threads,
    seconds: Number(seconds),
    batch: Number(batch),
  });
  const answer = { rate: (1000 * Number(batch)) / milliseconds, gflops: made.work / milliseconds / 1e6, peak: peak() };
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
process.exit(0);
