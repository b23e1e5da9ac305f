/** The kernels of a training step, emitted and interpreted, against the meaning of the GRAPH they stand for. */
import { describe, expect, it } from "vitest";
import { fallback } from "../../src/passes/emit/index.ts";
import { CASES } from "./cases.ts";
import { compare } from "./harness.ts";

describe("the kernels of a training step", () => {
  for (const [title, make] of CASES) {
    const [kernel, schedule] = make();
    it(`${title}: LOOP is the KERNEL`, () => {
      for (const n of [0, 1, 16, 33])
        expect([n, compare(kernel, schedule, n, n + 1).wrong.slice(0, 5)]).toEqual([n, []]);
    });
    it(`${title}: so it is by the fallback schedule`, () => {
      for (const n of [0, 15, 17])
        expect([n, compare(kernel, fallback(kernel), n, n + 1).wrong.slice(0, 5)]).toEqual([n, []]);
    });
  }
});
