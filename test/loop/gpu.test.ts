/** The interpreter as a GPU: kernels for workgroups are right in any order; what a software adapter hides is found. */
import { describe, expect, it } from "vitest";
import type { LoopKernel } from "../../src/ir/loop.ts";
import { interpret } from "../../src/ir/loop-interp.ts";
import { tileForGpu } from "../../src/passes/tile-gpu.ts";
import { compare, type Run, seeded } from "../emit/harness.ts";
import { GATHERED, randomKernel } from "../emit/random.ts";
import { GROUPS } from "../emit/workgroups.ts";
import { clashing, withoutBarriers } from "./rewritten.ts";

function inOrder(seed: number, subgroup = 32, change: (k: LoopKernel) => LoopKernel = k => k): Run {
  const random = seeded(seed);
  const shuffle = <T>(xs: T[]): T[] =>
    xs
      .map(x => [random(), x] as const)
      .sort(([a], [b]) => a - b)
      .map(([, x]) => x);
  return (l, data, n) => interpret(change(l), data, n, { shuffle, gpu: { subgroup } });
}
describe("workgroups", () => {
  it("are right, and touch nothing that another touches", { timeout: 60_000 }, () => {
    for (const [title, kernel, schedule] of GROUPS.slice(0, 4))
      expect([title, compare(kernel, schedule, 17, 3, inOrder(5)).wrong.slice(0, 3)]).toEqual([title, []]);
  });
  const raced = (i: number, first: 0 | 1) => () => {
    const [, kernel, schedule] = GROUPS[i]!;
    compare(
      kernel,
      schedule,
      70,
      3,
      inOrder(5, 32, l => withoutBarriers(l, first)),
    );
  };
  it("do not read what others may still be filling in", { timeout: 60_000 }, () => {
    for (const [i, [title]] of GROUPS.entries())
      expect(raced(i, 1), title).toThrow(
        /a race: \w+_slice_\w+\[\d+\] is written by one invocation and read by another/,
      );
  });
  it("do not fill in what others may still be reading", { timeout: 60_000 }, () => {
    const looping = GROUPS.findIndex(([title]) => title === "dense dW");
    expect(raced(looping, 0)).toThrow(/a race: \w+_slice_\w+\[\d+\] is read by one invocation and written by another/);
  });
});
describe("kernels without workgroups", () => {
  it("touch nothing that another item touches", { timeout: 60_000 }, () => {
    for (let seed = 1; seed <= 60; seed++) {
      const kernel = randomKernel(seed);
      const { wrong } = compare(
        kernel,
        tileForGpu(kernel),
        [0, 1, 15, 16, 17][seed % 5]!,
        seed,
        inOrder(seed),
        GATHERED,
      );
      expect([seed, wrong.slice(0, 3)]).toEqual([seed, []]);
    }
  });
  it("are caught where two items write one element", () => {
    const caught = Array.from({ length: 20 }, (_, i) => randomKernel(i + 1)).filter(k => {
      try {
        compare(k, tileForGpu(k), 16, 1, inOrder(1, 32, clashing), GATHERED);
        return false;
      } catch (e) {
        return /a race/.test((e as Error).message);
      }
    });
    expect(caught.length).toBeGreaterThan(15);
  });
});
