/** Layouts: where an element of a tensor lies, halo and panels included, each place its own. */
import { describe, expect, it } from "vitest";
import type { Layout, Tensor } from "../../src/ir/kernel.ts";
import {
  address,
  elements,
  extent,
  folded,
  gatherUp,
  panels,
  partials,
  plain,
  points,
  spread,
  turned,
} from "../../src/ir/layout.ts";
import { type Dim, N } from "../../src/ir/type.ts";

const of = (shape: readonly Dim[], layout: Layout): Tensor => ({ name: "t", store: "f32", shape, layout });
const SHAPE = [N, 3, 20];
describe("layouts", () => {
  it("give each element a place of its own", () => {
    for (const layout of [plain(SHAPE), panels(SHAPE), turned(SHAPE, 0, 2)])
      for (const n of [0, 1, 17]) {
        const t = of(SHAPE, layout);
        const places = [...points([n, 3, 20])].map(c => address(t, c, n));
        expect(new Set(places).size).toBe(n * 60);
        for (const p of places) expect(p).toBeLessThan(elements(extent(t), n));
      }
  });
  it("have the extents that buffers are made with", () => {
    expect(extent(of(SHAPE, plain(SHAPE)))).toEqual({ n: 60, plus: 0 });
    expect(extent(of(SHAPE, panels(SHAPE)))).toEqual({ of: N, by: 16, unit: 960 });
    expect(extent(of(SHAPE, folded(SHAPE)))).toBe(960);
    expect(extent(of(SHAPE, partials(SHAPE)))).toEqual({ of: N, by: 16, unit: 60 });
    expect(extent(of(SHAPE, turned(SHAPE, 0, 2)))).toEqual({ of: N, by: 16, unit: 3 * 2 * 256 });
    expect(extent(of([Infinity, 5], plain([Infinity, 5])))).toBe("unknown");
  });
  it("put records innermost in panels, fold panels onto one, keep one result per panel", () => {
    expect(address(of(SHAPE, panels(SHAPE)), [17, 1, 2], 20)).toBe(960 + (1 * 20 + 2) * 16 + 1);
    expect(address(of(SHAPE, folded(SHAPE)), [17, 1, 2], 20)).toBe((1 * 20 + 2) * 16 + 1);
    expect(address(of(SHAPE, partials(SHAPE)), [16, 1, 2], 20)).toBe(60 + 22);
    expect(address(of([3, N], panels([3, N], 1)), [2, 18], 20)).toBe(48 + 2 * 16 + 2);
  });
  it("carry values there and back", () => {
    const t = of(SHAPE, {
      ...panels(SHAPE),
      halo: [
        [0, 0],
        [1, 2],
        [0, 0],
      ],
    });
    const values = Array.from({ length: 17 * 60 }, (_, i) => i);
    const stored = spread(t, 17, values, () => -1);
    expect(stored.length).toBe(2 * 16 * 6 * 20);
    expect(stored.filter(v => v === -1).length).toBe(stored.length - values.length);
    expect(gatherUp(t, 17, stored)).toEqual(values);
  });
});
