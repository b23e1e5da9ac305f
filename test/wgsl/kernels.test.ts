/** Random kernels as GPUs run them, some also under schedules for CPUs, and kernels cut for workgroups: WGSL against the KERNEL's meaning. */
import { expect, it } from "vitest";
import { wgsl } from "../../src/codegen/wgsl/module.ts";
import type { Kernel, Schedule } from "../../src/ir/kernel.ts";
import type { Data } from "../../src/ir/loop-data.ts";
import { fallback } from "../../src/passes/emit/index.ts";
import { tileForGpu } from "../../src/passes/tile-gpu.ts";
import type { Gpu } from "../../src/runtime/gpu-device.ts";
import { prepare } from "../emit/harness.ts";
import { GATHERED, randomKernel, randomSchedule } from "../emit/random.ts";
import { GROUPS } from "../emit/workgroups.ts";
import { onEachAdapter } from "./device.ts";
import { compiled } from "./run.ts";

const RECORDS = [0, 1, 15, 16, 17, 33];
const SEEDS = Number(process.env["HSC_WGSL_KERNELS"] ?? 60);
const PART = 10;
/** of the entry point: schedules for CPUs unroll, and a software adapter takes seconds to compile more text */
const LONGEST = 6000;
/** what a call of a function of f64 is written out to, in characters */
const CALL = 300;

/** WGSL has no infinity: what is beyond all others is the largest number */
function infinite(got: ReadonlyMap<string, Data>): ReadonlyMap<string, Data> {
  const beyond = (v: number): number => (Math.abs(v) === 3.4028234663852886e38 ? Math.sign(v) * Infinity : v);
  return new Map([...got].map(([name, d]) => [name, d instanceof Float32Array ? d.map(beyond) : d]));
}
/** what is wrong; undefined: the text is too long */
async function wrong(
  gpu: Gpu,
  k: Kernel,
  s: Schedule,
  n: number,
  seed: number,
  most: number,
  longest = LONGEST,
): Promise<readonly string[] | undefined> {
  const { loop, data, check } = prepare(k, s, n, seed, most);
  const { code } = wgsl(loop);
  const entry = code.slice(code.indexOf("fn main("));
  if (entry.length + CALL * (entry.match(/_f64\(/g)?.length ?? 0) > longest) return undefined;
  const { run } = await compiled(gpu, loop);
  return check(infinite(await run(data, n))).slice(0, 3);
}
const timeout = 120_000;
onEachAdapter("random kernels", gpu => {
  for (let from = 1; from <= SEEDS; from += PART)
    it(`seeds from ${from}`, { timeout }, async () => {
      let ran = 0;
      for (let seed = from; seed < from + PART; seed++) {
        const kernel = randomKernel(seed);
        const n = RECORDS[seed % 6]!;
        const found = await wrong(gpu, kernel, tileForGpu(kernel), n, seed, GATHERED);
        if (found) ran++;
        expect([seed, n, found ?? []]).toEqual([seed, n, []]);
      }
      expect(ran).toBeGreaterThanOrEqual(0.7 * PART);
    });
  it("under schedules for CPUs", { timeout }, async () => {
    let ran = 0;
    for (let seed = 1; seed <= SEEDS / 2; seed++) {
      const kernel = randomKernel(seed);
      for (const schedule of [fallback(kernel), randomSchedule(kernel, 3 * seed)]) {
        const found = await wrong(gpu, kernel, schedule, 17, seed, GATHERED);
        if (found) ran++;
        expect([seed, found ?? []]).toEqual([seed, []]);
      }
    }
    expect(ran).toBeGreaterThan(SEEDS / 4);
  });
});
onEachAdapter("workgroups with slices in shared memory", (gpu, adapter) => {
  // lavapipe takes seconds for a barrier between 64 invocations in unrolled text
  const some = adapter === "llvmpipe" ? GROUPS.filter(([title]) => title === "dense dW") : GROUPS;
  for (const [title, kernel, schedule] of some)
    it(title, { timeout }, async () => {
      expect(await wrong(gpu, kernel, schedule, 33, 3, 10, 100_000)).toEqual([]);
    });
});
