/** Random trees over random tables: DuckDB's rows are the interpreter's, in order, identities and every bit. */
import { describe, expect, test } from "vitest";
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
