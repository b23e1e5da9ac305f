/** Random kernels under the fallback and under random schedules: the LOOP interpreter against the KERNEL's meaning. */
import { describe, expect, it } from "vitest";
import { verifyLoop } from "../../src/ir/loop-verify.ts";
import { fallback } from "../../src/passes/emit/index.ts";
import { compare } from "./harness.ts";
import { GATHERED, randomKernel, randomSchedule } from "./random.ts";

const RECORDS = [0, 1, 15, 16, 17, 33];
const SEEDS = 120;
const PART = 10;
describe("random kernels", () => {
  for (let from = 1; from <= SEEDS; from += PART)
    it(`seeds from ${from}`, () => {
      for (let seed = from; seed < from + PART; seed++) {
        const kernel = randomKernel(seed);
        const schedules = [fallback(kernel), randomSchedule(kernel, 3 * seed), randomSchedule(kernel, 3 * seed + 1)];
        schedules.forEach((schedule, i) => {
          for (const n of [RECORDS[(seed + i) % 6]!, RECORDS[(seed + i + 3) % 6]!]) {
            const { loop, wrong } = compare(kernel, schedule, n, seed, undefined, GATHERED);
            expect([seed, i, n, wrong.slice(0, 3)]).toEqual([seed, i, n, []]);
            expect([seed, i, verifyLoop(loop, { registers: Infinity }).errors]).toEqual([seed, i, []]);
          }
        });
      }
    });
});
