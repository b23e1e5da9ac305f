/** Workgroups: the same kernels cut for a GPU, slices in shared memory, in lockstep and in random order of invocations. */
import { describe, expect, it } from "vitest";
import type { Kernel, Nest } from "../../src/ir/kernel.ts";
import { retarget } from "../../src/ir/kernel-walk.ts";
import { plain } from "../../src/ir/layout.ts";
import { interpret } from "../../src/ir/loop-interp.ts";
import { verifyLoop } from "../../src/ir/loop-verify.ts";
import { compare, type Run, seeded } from "./harness.ts";
import * as K from "./kernels.ts";
import { N, nest, single } from "./kernels.ts";

const flat = (k: Kernel): Kernel => retarget(k, t => ({ ...t, layout: { ...plain(t.shape), halo: t.layout.halo } }));
const dense = { n: N, ci: 13, co: 20 };
const conv = { n: N, h: 4, w: 4, ci: 4, co: 8, k: 3, p: 1, BO: 4 };
const window = "n:1@grid oy:1@grid ox:16@grid co:32@grid ox:4@lane co:4@lane";
const CASES: readonly (readonly [string, Kernel, Nest])[] = [
  [
    "dense forward",
    K.denseForward(dense, true)[0],
    nest("co", 4, "n:32@grid co:32@grid n:4@lane co:4@lane | ci:16 =x =w ci:1"),
  ],
  [
    "dense dX",
    K.denseInput(dense, true)[0],
    nest("ci", 4, "n:32@grid ci:32@grid n:4@lane ci:4@lane | co:16 =dy =w co:1"),
  ],
  ["dense dW", K.plainWeight(dense)[0], nest("co", 4, "ci:32@grid co:32@grid ci:4@lane co:4@lane | n:16 =x =dy n:1")],
  ["conv forward", K.convForward(conv)[0], nest("co", 4, `${window} | ky:1 kx.ci:16 =x =w kx.ci:1`)],
  [
    "conv forward, no halo",
    K.convForward({ ...conv, halo: false })[0],
    nest("co", 4, `${window} | ky:1 kx:1 ci:16 =x =w ci:1`),
  ],
  [
    "conv dX",
    K.convInput({ ...conv, ci: 5 })[0],
    nest("ci", 4, "n:1@grid iy:1@grid ix:16@grid ci:32@grid ix:4@lane ci:4@lane | ky:1 kx:1 co:16 =dy =w co:1"),
  ],
];
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
  for (const [title, kernel, n] of CASES)
    it(title, () => {
      for (const records of [0, 1, 33]) {
        const { loop, wrong } = compare(flat(kernel), single(n), records, 3, inAnyOrder(records));
        expect([records, wrong.slice(0, 3)]).toEqual([records, []]);
        expect(loop.group.length).toBe(2);
        const verdict = verifyLoop(loop);
        expect([verdict.errors, verdict.unproved]).toEqual([[], []]);
      }
    });
});
