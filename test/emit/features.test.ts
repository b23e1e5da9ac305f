/** Kernels without records as tile cuts them, as WebAssembly: windows that step by two, a row times a matrix. */
import { describe, expect, it } from "vitest";
import type { Kernel, Tensor } from "../../src/ir/kernel.ts";
import { plain } from "../../src/ir/layout.ts";
import { itemsAt } from "../../src/ir/loop-data.ts";
import { tile } from "../../src/passes/tile.ts";
import { BUILDS, compiledAll } from "../wasm/harness.ts";
import { compare, type Run } from "./harness.ts";
import { access, axes, kernel, name, num, p, read, to } from "./kernels.ts";

const plainly = (name: string, shape: readonly number[], store: "f32" | "f64" | "i32" = "f32"): Tensor => ({
  name,
  store,
  shape,
  layout: plain(shape),
});
/** y[c, i, j] = max over 2 x 2 of x[c, 2 i + a, 2 j + b]; outside it is the least */
function pool(h: number, w: number, store: "f32" | "f64" | "i32"): Kernel {
  const [x, y] = [plainly("x", [3, 2 * h - 1, 2 * w - 1], store), plainly("y", [3, h, w], store)];
  const fill = store === "i32" ? -(2 ** 31) : Number.NEGATIVE_INFINITY;
  const from = { ...access(x, "c", "i*2+a", "j*2+b"), fill };
  return kernel("pool", {
    axes: axes({ c: 3, i: h, j: w }, { a: 2, b: 2 }),
    reduce: [{ name: "s", op: "max", value: { k: "read", from } }],
    then: [to(y, ["c", "i", "j"], name("s"))],
  });
}
/** the same, as pools without rests are written: of [rows, 2, w, 2], pairs are the inner dim */
function pairs(rows: number, w: number): Kernel {
  const [x, y] = [plainly("x", [rows, 2, w, 2]), plainly("y", [rows, w])];
  return kernel("pairs", {
    axes: axes({ i: rows, j: w }, { a: 2, b: 2 }),
    reduce: [{ name: "s", op: "max", value: read(x, "i", "a", "j", "b") }],
    then: [to(y, ["i", "j"], name("s"))],
  });
}
/** y[o] = max(0, b[o] + sum of x[k] * w[k, o]) */
function row(k: number, o: number): Kernel {
  const [x, w, b, y] = [plainly("x", [k]), plainly("w", [k, o]), plainly("b", [o]), plainly("y", [o])];
  return kernel("row", {
    axes: axes({ o }, { k }),
    reduce: [{ name: "s", op: "add", value: p("mul", read(x, "k"), read(w, "k", "o")) }],
    then: [{ to: access(y, "o"), value: p("max", num(0), p("add", name("s"), read(b, "o"))) }],
  });
}
const by =
  (build: (typeof BUILDS)[number]): Run =>
  (l, data, n) => {
    const run = compiledAll([l], build);
    const copies = run(l.name, data, n, 0, l.grid[0] ? itemsAt(l.grid[0].to, n) : 1);
    for (const [name, d] of copies) data.get(name)!.set(d as never);
  };
const lanes = (k: Kernel): number => tile(k).phases[0]!.vector.lanes;

for (const build of BUILDS)
  describe(`tiled without records, ${build} build`, () => {
    for (const store of ["f32", "f64", "i32"] as const)
      it(`windows of ${store} that step by two`, () => {
        for (const w of [1, 3, 4, 5, 8, 12, 17, 35]) {
          const k = pool(3, w, store);
          if (w >= 4) expect([w, lanes(k)]).not.toEqual([w, 1]);
          expect([w, compare(k, tile(k), 0, w, by(build)).wrong.slice(0, 5)]).toEqual([w, []]);
        }
      });
    it("windows of two whose pairs are a dim of their own", () => {
      for (const [rows, w] of [
        [1, 1],
        [3, 4],
        [240, 12],
        [2, 35],
      ] as const) {
        const k = pairs(rows, w);
        if (w >= 4) expect([w, lanes(k)]).not.toEqual([w, 1]);
        expect([w, compare(k, tile(k), 0, w, by(build)).wrong.slice(0, 5)]).toEqual([w, []]);
      }
    });
    it("a row times a matrix", () => {
      for (const [k, o] of [
        [1, 1],
        [7, 10],
        [33, 64],
        [5, 250],
        [800, 500],
      ] as const)
        expect([k, o, compare(row(k, o), tile(row(k, o)), 0, k, by(build)).wrong.slice(0, 5)]).toEqual([k, o, []]);
    });
  });
