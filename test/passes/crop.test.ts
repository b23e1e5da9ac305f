/** What nobody reads is not computed, and all else is what it was. */
import { describe, expect, it } from "vitest";
import type { Access, Kernel, Tensor, Val } from "../../src/ir/kernel.ts";
import { meaning } from "../../src/ir/kernel-interp.ts";
import { along } from "../../src/ir/kernel-walk.ts";
import { plain } from "../../src/ir/layout.ts";
import { prim } from "../../src/ir/ops/kernel-build.ts";
import { crop } from "../../src/passes/fuse/crop.ts";

const tensor = (name: string, ...shape: number[]): Tensor => ({ name, store: "f32", shape, layout: plain(shape) });
const [x, t] = [tensor("x", 16, 3), tensor("t", 18, 3)];
const read = (of: Tensor, ...index: Access["index"]): Val => ({ k: "read", from: { of, index } });
/** t[i, j] = i + sum_k x[i + k - 2, j], outside 0 */
const made: Kernel = {
  name: "made",
  covers: [],
  phases: [
    {
      axes: [
        { name: "i", extent: 18, role: "parallel" },
        { name: "j", extent: 3, role: "parallel" },
        { name: "k", extent: 3, role: "reduce" },
      ],
      reduce: [
        {
          name: "s",
          op: "add",
          value: read(
            x,
            {
              base: -2,
              terms: [
                { axis: "i", by: 1 },
                { axis: "k", by: 1 },
              ],
            },
            along("j"),
          ),
        },
      ],
      then: [
        {
          to: { of: t, index: [along("i"), along("j")] },
          value: prim(
            "add",
            { k: "name", name: "s" },
            { k: "prim", prim: "cast", args: [{ k: "axis", axis: "i" }], elem: "f32" },
          ),
        },
      ],
    },
  ],
};
/** y[q] = 2 t[by q + first, 2 - column] */
const used = (name: string, extent: number, first: number, by = 1): Kernel => ({
  name,
  covers: [],
  phases: [
    {
      axes: [
        { name: "q", extent, role: "parallel" },
        { name: "c", extent: 2, role: "parallel" },
      ],
      reduce: [],
      then: [
        {
          to: { of: tensor(name, extent, 2), index: [along("q"), along("c")] },
          value: prim("mul", read(t, along("q", by, first), along("c", -1, 2)), { k: "const", value: 2, elem: "f32" }),
        },
      ],
    },
  ],
});
/** what the readers store, the kernels being run one after the other */
function results(kernels: readonly Kernel[]): ReadonlyMap<string, readonly number[]> {
  const stored = new Map<string, ReadonlyMap<string, { readonly value: number | bigint }>>();
  for (const k of kernels) {
    const input = (of: Tensor, at: readonly number[]) =>
      stored.get(of.name)?.get(at.join())?.value ?? at[0]! * 7 + at[1]!;
    for (const [name, cells] of meaning(k, 0, input).stored) stored.set(name, cells);
  }
  return new Map(
    [...stored].filter(([n]) => n !== "t").map(([n, cells]) => [n, [...cells.values()].map(c => Number(c.value))]),
  );
}
const extents = (kernels: readonly Kernel[]): readonly unknown[] => kernels[0]!.phases[0]!.axes.map(a => a.extent);

describe("crop", () => {
  it("computes what its readers read, together", () => {
    const cases: readonly (readonly [readonly Kernel[], readonly number[]])[] = [
      [[used("y", 16, 1)], [16, 2, 3]],
      [
        [used("y", 4, 3), used("z", 5, 6)],
        [8, 2, 3],
      ],
      [[used("y", 4, 2, 3)], [10, 2, 3]],
      [[used("y", 18, 0)], [18, 2, 3]],
    ];
    for (const [readers, want] of cases) {
      const now = crop([made, ...readers], new Set());
      expect(extents(now)).toEqual(want);
      expect(results(now)).toEqual(results([made, ...readers]));
    }
  });
  it("leaves alone what others read, and what is read beyond its border", () => {
    const all = [made, used("y", 16, 1)];
    expect(crop(all, new Set(["t"]))).toBe(all);
    for (const reader of [used("y", 18, 1), used("y", 4, -1)]) {
      const now = crop([made, reader], new Set());
      expect(extents(now)).toEqual([18, 2, 3]);
      expect(results(now)).toEqual(results([made, reader]));
    }
  });
});
