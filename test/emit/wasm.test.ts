/** The same kernels as WebAssembly, in both builds, against the KERNEL's meaning. */
import { describe, expect, it } from "vitest";
import { itemsAt } from "../../src/ir/loop-data.ts";
import { BUILDS, compiledAll } from "../wasm/harness.ts";
import { CASES } from "./cases.ts";
import { compare, type Run } from "./harness.ts";
import { GATHERED, randomKernel, randomSchedule } from "./random.ts";

const runBy =
  (build: (typeof BUILDS)[number]): Run =>
  (l, data, n) => {
    const run = compiledAll([l], build);
    const copies = run(l.name, data, n, 0, l.grid[0] ? itemsAt(l.grid[0].to, n) : 1);
    for (const [name, d] of copies) data.get(name)!.set(d as never);
  };
for (const build of BUILDS)
  describe(`emitted kernels, ${build} build`, () => {
    for (const [title, make] of CASES)
      it(title, () => {
        const [kernel, schedule] = make();
        for (const n of [0, 17])
          expect([n, compare(kernel, schedule, n, n + 1, runBy(build)).wrong.slice(0, 5)]).toEqual([n, []]);
      });
    it("random kernels under random schedules", () => {
      for (let seed = 1; seed <= 40; seed++) {
        const kernel = randomKernel(seed);
        const n = [0, 1, 15, 16, 17, 33][seed % 6]!;
        const { wrong } = compare(kernel, randomSchedule(kernel, seed), n, seed, runBy(build), GATHERED);
        expect([seed, n, wrong.slice(0, 5)]).toEqual([seed, n, []]);
      }
    });
  });
