/** Random programs through all levels, the same ones at each run. By hand, with other seeds and longer: `npm run fuzz`. */
import { describe, expect, it } from "vitest";
import { counted, fuzz, noCounts, share, told } from "./run.ts";

const PROGRAMS = 160;
const PART = 20;
const counts = noCounts();
describe("random programs mean the same on every level", () => {
  for (let from = 0; from < PROGRAMS; from += PART)
    it(`seeds from ${from}`, async () => {
      for (let seed = from; seed < from + PART; seed++) {
        const found = await fuzz(seed, counts, { now: () => performance.now(), shrinking: 20_000 });
        expect(found && told(found)).toBeUndefined();
      }
    });
  it("few elements are undecided", () => {
    expect(counts.programs).toBe(PROGRAMS);
    expect(share(counts), counted(counts)).toBeLessThan(0.05);
  });
});
