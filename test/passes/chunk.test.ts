/** Folds over the records of a panel in chunks of rows: the same sums in the same order, whatever stays in a cache. */
import { describe, expect, it } from "vitest";
import type { Kernel } from "../../src/ir/kernel.ts";
import type { Data } from "../../src/ir/loop-data.ts";
import { AVX2, type Profile } from "../../src/passes/profile.ts";
import { tile } from "../../src/passes/tile.ts";
import { compare } from "../emit/harness.ts";
import { type Conv, convWeight, N } from "../emit/kernels.ts";

const conv: Conv = { n: N, h: 8, w: 6, ci: 1, co: 6, k: 3, p: 1, BO: 6, KT: 1, CT: 6, R: 1 };
/** a row of both factors is 16 records of 6 places of 6 + 1 channels */
const ROW = 16 * 4 * 6 * 7;
const near = (nearBytes: number): Profile => ({ ...AVX2, nearBytes });
/** rows that are summed before the next weight */
const rowsOf = (k: Kernel, profile: Profile): number | undefined => {
  const { steps } = tile(k, profile).phases[0]!;
  const at = steps.findIndex(s => "axis" in s && s.axis === "oy");
  const step = steps[at]!;
  return at < steps.findIndex(s => "tile" in s) && "size" in step ? step.size : undefined;
};
const written = (got: ReadonlyMap<string, Data>): readonly number[] => [...new Uint32Array(got.get("dw")!.buffer)];

describe("rows of a padded convolution's gradient", () => {
  const [k] = convWeight(conv);
  it("are as many as stay in the near cache", () => {
    expect([8 * ROW, 8 * ROW - 1, 2 * ROW, 2 * ROW - 1, ROW - 1].map(b => rowsOf(k, near(b)))).toEqual([
      undefined,
      4,
      2,
      1,
      undefined,
    ]);
  });
  it("are not chosen where few weights read them", () => {
    const [one] = convWeight({ ...conv, k: 1, p: 0 });
    expect(rowsOf(one, near(2 * ROW))).toBeUndefined();
  });
  for (const n of [1, 16, 33])
    it(`change no bit of ${n} records`, () => {
      const whole = compare(k, tile(k, near(8 * ROW)), n, n);
      expect(whole.wrong).toEqual([]);
      for (const rows of [1, 2, 4]) {
        const chunks = compare(k, tile(k, near(rows * ROW)), n, n);
        expect(chunks.wrong).toEqual([]);
        expect(written(chunks.got)).toEqual(written(whole.got));
      }
    });
});

describe("rows of which a window reads each place several times", () => {
  const [k] = convWeight({ ...conv, ci: 12, co: 2, CT: 2, BO: 2 });
  const profile: Profile = { ...AVX2, nearBytes: 1 << 14, cacheBytes: 1 << 15 };
  const packs = (q: Kernel): readonly string[] =>
    tile(q, profile).phases[0]!.steps.flatMap(s => ("pack" in s ? [s.pack] : []));
  it("lie where they are", () => {
    expect(packs(k)).toEqual([]);
    expect(rowsOf(k, profile)).toBe(2);
  });
  it("give the same bits", () => {
    const [whole, chunks] = [AVX2, profile].map(q => compare(k, tile(k, q), 33, 33));
    expect([whole!.wrong, chunks!.wrong]).toEqual([[], []]);
    expect(written(chunks!.got)).toEqual(written(whole!.got));
  });
});
