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

const places = ["n", "o", "i", "j"];
const box = [axis("n", N), axis("o", 8), axis("i", 6), axis("j", 5)];
const kernel = (name: string, phase: Kernel["phases"][number]): Kernel => ({ name, covers: [], phases: [phase] });
/** x[n, o, i, j] = u[n, o, 5 i + j] * 2 */
const u = tensor("u", N, 8, 30);
const doubled = kernel("doubled", {
  axes: box,
  reduce: [],
  then: [
    {
      to: { of: x, index: places.map(a => along(a)) },
      value: prim(
        "mul",
        {
          k: "read",
          from: {
            of: u,
            index: [
              along("n"),
              along("o"),
              {
                base: 0,
                terms: [
                  { axis: "i", by: 5 },
                  { axis: "j", by: 1 },
                ],
              },
            ],
          },
        },
        { k: "const", value: 2, elem: "f32" },
      ),
    },
  ],
});
/** m[n, o] = max_p u[n, o, p] */
const most = kernel("most", {
  axes: [axis("n", N), axis("o", 8), axis("p", 30, "reduce")],
  reduce: [{ name: "m", op: "max", value: read(u, "n", "o", "p") }],
  then: [{ to: { of: tensor("m", N, 8), index: [along("n"), along("o")] }, value: { k: "name", name: "m" } }],
});
/** v[n, p, o] = u[n, o, p] */
const turned = kernel("turned", {
  axes: [axis("n", N), axis("o", 8), axis("p", 30)],
  reduce: [],
  then: [
    { to: { of: tensor("v", N, 30, 8), index: [along("n"), along("p"), along("o")] }, value: read(u, "n", "o", "p") },
  ],
});
it("what is computed of one another at the same points lies in the same order, but for rows that a record is swept along", () => {
  const lay = (kernels: readonly Kernel[], t: Tensor): readonly number[] =>
    ordered(kernels, new Set())(t).layout.parts.map(p => p.dim);
  const k = product(read(w, "o", "c"));
  expect(lay([doubled, k], u)).toEqual([0, 2, 1]);
  expect(lay([doubled, turned, k], tensor("v", N, 30, 8))).toEqual([0, 1, 2]);
  expect(lay([doubled, most, k], u)).toEqual([0, 1, 2]);
  expect(lay([doubled], u)).toEqual([0, 1, 2]);
});
