import { describe, expect, it } from "vitest";
import { fallback } from "../../src/passes/emit/index.ts";
import { CASES } from "./cases.ts";
import { compare } from "./harness.ts";

const RECORDS = [0, 1, 15, 16, 17, 33];

describe("the kernels of a training step", () => {
  for (const [title, make] of CASES) {
    const [kernel, schedule] = make();
    it(`${title}: LOOP is the KERNEL`, () => {
      for (const n of RECORDS) expect([n, compare(kernel, schedule, n, n + 1).wrong.slice(0, 5)]).toEqual([n, []]);
    });
    it(`${title}: so it is by the fallback schedule`, () => {
      for (const n of RECORDS)
        expect([n, compare(kernel, fallback(kernel), n, n + 1).wrong.slice(0, 5)]).toEqual([n, []]);
    });
  }
});
