/** Random programs through all levels, the same ones at each run. By hand, with other seeds and longer: `npm run fuzz`. */
import { describe, expect, it } from "vitest";
import { allOps } from "../../src/ir/ops/index.ts";
import { opsOf } from "../passes/graphs.ts";
import { generate } from "./generate.ts";
import { counted, fuzz, noCounts, share, told } from "./run.ts";

const PROGRAMS = 160;
const PART = 20;
const counts = noCounts();
describe("random programs mean the same on every level", () => {
  for (let from = 0; from < PROGRAMS; from += PART)
    // a busy machine included
    it(`seeds from ${from}`, { timeout: 120_000 }, async () => {
      for (let seed = from; seed < from + PART; seed++) {
        const found = await fuzz(seed, counts, { tries: 500 });
        expect(found && told(found)).toBeUndefined();
      }
    });
  it("every op and every way to apply a function is among them", () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < PROGRAMS; seed++) opsOf(generate(seed).main, seen);
    // what no program of rows and tensors can hold still: the time
    // gradients of loops make `recall`, whose arguments are one value: no program holds it
    // an engine makes what a query gives, of tables that nothing else reads (frontend/anew.test.ts)
    const others = ["recall", "rdd.table", "rdd.query"];
    const all = allOps().flatMap(x => (x.control === "clock" || others.includes(x.name) ? [] : [x.name]));
    expect(all.filter(name => !seen.has(name))).toEqual([]);
  });
  it("few elements are undecided", () => {
    expect(counts.programs).toBe(PROGRAMS);
    expect(share(counts), counted(counts)).toBeLessThan(0.05);
  });
});
