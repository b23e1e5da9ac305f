/** Random kernels under schedules of CPUs, and kernels cut for workgroups: WGSL against the KERNEL's meaning. */
import { expect, it } from "vitest";
import { refusal, wgsl } from "../../src/codegen/wgsl/module.ts";
import { fallback } from "../../src/passes/emit/index.ts";
import { prepare } from "../emit/harness.ts";
import { GATHERED, randomKernel, randomSchedule } from "../emit/random.ts";
import { onEachAdapter } from "./device.ts";
import { narrowed } from "./narrow.ts";
import { compiled } from "./run.ts";

const RECORDS = [0, 1, 15, 16, 17, 33];
const SEEDS = Number(process.env["HSC_WGSL_KERNELS"] ?? 60);
const PART = 10;
/** lavapipe takes seconds to compile more text; schedules for GPUs stay far below it */
const LONGEST = 60_000;
onEachAdapter("random kernels", gpu => {
  for (let from = 1; from <= SEEDS; from += PART)
    it(`seeds from ${from}`, { timeout: 60_000 }, async () => {
      let ran = 0;
      for (let seed = from; seed < from + PART; seed++) {
        const kernel = narrowed(randomKernel(seed));
        const schedules = [fallback(kernel), randomSchedule(kernel, 3 * seed)];
        for (const [i, schedule] of schedules.entries()) {
          const n = RECORDS[(seed + i) % 6]!;
          const { loop, data, check } = prepare(kernel, schedule, n, seed, GATHERED);
          expect(refusal(loop)).toBeUndefined();
          if (wgsl(loop).code.length > LONGEST) continue;
          ran++;
          const { run } = await compiled(gpu, loop);
          expect([seed, i, n, check(await run(data, n)).slice(0, 3)]).toEqual([seed, i, n, []]);
        }
      }
      expect(ran).toBeGreaterThanOrEqual(1.5 * PART);
    });
});
