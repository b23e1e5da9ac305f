/** examples/product.hs against NumPy, and its data against their generator. */
import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { TensorData } from "../../src/runtime/dtype.ts";
import { npy } from "../../src/runtime/formats/npy.ts";
import { folder as data, files } from "../data/make.ts";
import { user } from "./user.ts";

const load = (path: string): TensorData & { readonly at: (i: number, j: number) => number } => {
  const t = npy.tensor!(path, undefined);
  const values = new Float32Array(t.bytes.buffer, t.bytes.byteOffset, t.bytes.length / 4);
  return { ...t, at: (i, j) => values[i * t.shape[1]! + j]! };
};

test.each(Object.keys(files))("examples/data/%s is what test/data/make.ts writes", name => {
  expect(Buffer.compare(readFileSync(join(data, name)), files[name]!())).toBe(0);
});

const PROGRAM = join(import.meta.dirname, "../frontend/programs/19_product.hs");
describe("the product", () => {
  test.each(["product.hs", "19_product.hs"])(
    "of %s is NumPy's within the bound of rounding",
    { timeout: 120_000 },
    name => {
      const { folder, hsc } = user("product.hs", t => (name === "product.hs" ? t : readFileSync(PROGRAM, "utf8")));
      for (const f of ["a.npy", "b.npy"]) symlinkSync(join(data, f), join(folder, f));
      expect(hsc("run", "product.hs")).toBe("");
      const [a, b, c] = [load(join(data, "a.npy")), load(join(data, "b.npy")), load(join(folder, "c.npy"))];
      expect([c.store, c.shape]).toEqual(["f32", [37, 29]]);
      const k = 53;
      const product = (i: number, j: number, f: (x: number) => number): number =>
        Array.from({ length: k }, (_, l) => f(a.at(i, l) * b.at(l, j))).reduce((x, y) => x + y);
      for (let i = 0; i < 37; i++)
        for (let j = 0; j < 29; j++)
          expect(Math.abs(c.at(i, j) - product(i, j, x => x))).toBeLessThanOrEqual(
            k * 2 ** -24 * product(i, j, Math.abs),
          );
      // python -c "import numpy as np; p = np.load('data/a.npy').astype('f8') @ np.load('data/b.npy'); print(p[0, 0], p[36, 28], p[17, 5])"
      const numpy: readonly (readonly [number, number, number])[] = [
        [0, 0, 1.8774628464598209],
        [36, 28, -0.5793509946670383],
        [17, 5, 0.8149014173541218],
      ];
      for (const [i, j, x] of numpy) expect(product(i, j, y => y)).toBeCloseTo(x, 12);
    },
  );
});
