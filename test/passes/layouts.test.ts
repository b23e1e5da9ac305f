/** In which order the dims of a panel lie: what a product folds at each place is inside, what nobody folds so stays as it is. */
import { expect, it } from "vitest";
import type { Axis, Kernel, Tensor, Val } from "../../src/ir/kernel.ts";
import { along } from "../../src/ir/kernel-walk.ts";
import { plain } from "../../src/ir/layout.ts";
import { prim } from "../../src/ir/ops/kernel-build.ts";
import { type Dim, N } from "../../src/ir/type.ts";
import { ordered } from "../../src/passes/layouts.ts";

const tensor = (name: string, ...shape: Dim[]): Tensor => ({ name, store: "f32", shape, layout: plain(shape) });
const read = (of: Tensor, ...axes: string[]): Val => ({ k: "read", from: { of, index: axes.map(a => along(a)) } });
const [x, w, y] = [tensor("x", N, 8, 6, 5), tensor("w", 4, 8), tensor("y", N, 4, 6, 5)];
const axis = (name: string, extent: Dim, role: Axis["role"] = "parallel"): Axis => ({ name, extent, role });
/** y[n, o, i, j] = sum_c x[n, c, i, j] * w[o, c], its sum over `folded` */
const product = (factor: Val, folded = "c"): Kernel => ({
  name: "product",
  covers: [],
  phases: [
    {
      axes: [axis("n", N), axis("o", 4), axis("c", 8), axis("i", 6), axis("j", 5)].map(a =>
        a.name === folded ? { ...a, role: "reduce" } : a,
      ),
      reduce: [{ name: "s", op: "add", value: prim("mul", read(x, "n", "c", "i", "j"), factor) }],
      then: [{ to: { of: y, index: ["n", "o", "i", "j"].map(a => along(a)) }, value: { k: "name", name: "s" } }],
    },
  ],
});
const order = (k: Kernel, fixed: readonly string[] = []): readonly number[] =>
  ordered([k], new Set(fixed))(x).layout.parts.map(p => p.dim);

it("channels that are folded at each place lie inside", () => {
  const k = product(read(w, "o", "c"));
  expect(order(k)).toEqual([0, 2, 3, 1]);
  expect(order(k, ["x"])).toEqual([0, 1, 2, 3]);
});
it("places that are folded for each channel stay inside, and so does what meets other records", () => {
  expect(order(product(read(tensor("u", 4, 5), "o", "j"), "j"))).toEqual([0, 1, 2, 3]);
  expect(order(product(read(tensor("v", N, 8), "n", "c")))).toEqual([0, 1, 2, 3]);
});
