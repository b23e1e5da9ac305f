/** Random trees over random tables: DuckDB's rows are the interpreter's, in order, identities and every bit. */
import { describe, expect, test } from "vitest";
import type { Rel } from "../../src/ir/rel.ts";
import { drawing } from "./draw.ts";
import { byDuckdb, interpreted } from "./engine.ts";
import { randomCase, TREES } from "./random.ts";

const CASES = Number(process.env["HSC_REL_CASES"] ?? 12);
const FIRST = Number(process.env["HSC_REL_SEED"] ?? 0);
describe.each(TREES)("%s", top => {
  test(`${CASES} trees`, () => {
    for (let k = FIRST; k < FIRST + CASES; k++) {
      const { rel, world } = randomCase(drawing(1 + k + 1000 * TREES.indexOf(top)), top);
      const want = interpreted(rel, world);
      let got: typeof want = [];
      try {
        got = byDuckdb(rel, world);
      } catch (e) {
        throw new Error(`case ${k}: ${(e as Error).message}\n${JSON.stringify(rel)}`);
      }
      expect({ case: k, rows: got }).toEqual({ case: k, rows: want });
    }
  });
});
test("a check that does not hold ends the run with its message and place", () => {
  const span = { file: "a.hs", start: 0, end: 1, line: 1, column: 1 };
  const rel: Rel = {
    k: "map",
    of: { k: "scan", format: "rows", paths: ["a"], options: {}, columns: [["x", { k: "scalar", elem: "i32" }]] },
    columns: [
      [
        "y",
        {
          k: "check",
          of: { k: "column", name: "x" },
          holds: {
            k: "op",
            op: "lt",
            args: [
              { k: "column", name: "x" },
              { k: "const", elem: "i32", value: 3 },
            ],
            elem: "bool",
          },
          message: `it's "large"`,
          span,
        },
      ],
    ],
  };
  const world = (most: number) => ({ scans: { a: [[1], [most]] }, given: new Map(), seed: 0 });
  expect(byDuckdb(rel, world(2))).toEqual(interpreted(rel, world(2)));
  expect(() => interpreted(rel, world(3))).toThrow(`it's "large"`);
  expect(() => byDuckdb(rel, world(3))).toThrow(`it's "large"`);
});
