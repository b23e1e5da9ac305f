/** Workgroups: the same kernels cut for a GPU, slices in shared memory, in lockstep and in random order of invocations. */
import { describe, expect, it } from "vitest";
import { interpret } from "../../src/ir/loop-interp.ts";
import { verifyLoop } from "../../src/ir/loop-verify.ts";
import { compare, type Run, seeded } from "./harness.ts";
import { GROUPS } from "./workgroups.ts";

function inAnyOrder(seed: number): Run {
  const random = seeded(seed);
  const shuffle = <T>(xs: T[]): T[] =>
    xs
      .map(x => [random(), x] as const)
      .sort(([a], [b]) => a - b)
      .map(([, x]) => x);
  return (l, data, n) => interpret(l, data, n, { shuffle });
}
describe("workgroups", () => {
  for (const [title, kernel, schedule] of GROUPS)
    it(title, () => {
      for (const records of [0, 1, 33]) {
        const { loop, wrong } = compare(kernel, schedule, records, 3, inAnyOrder(records));
        expect([records, wrong.slice(0, 3)]).toEqual([records, []]);
        expect(loop.group.length).toBe(2);
        const verdict = verifyLoop(loop);
        expect([verdict.errors, verdict.unproved]).toEqual([[], []]);
      }
    });
});
