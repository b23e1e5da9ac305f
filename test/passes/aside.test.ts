/** Weights of a loop that lie beside it in another order: which do, and that its trips mean the same. */
import { describe, expect, test } from "vitest";
import type { Kernel, Tensor } from "../../src/ir/kernel.ts";
import { tensorsOf } from "../../src/ir/kernel-walk.ts";
import { plain } from "../../src/ir/layout.ts";
import type { Node } from "../../src/ir/node.ts";
import * as g from "../../src/ir/ops/index.ts";
import { onePass } from "../../src/ir/ops/loop-build.ts";
import { N, type TensorType, tensor } from "../../src/ir/type.ts";
import { fuse } from "../../src/passes/fuse/index.ts";
import { setAside } from "../../src/passes/plan/aside.ts";
import { check } from "../fuzz/check.ts";
import { closed, rddType } from "./graphs.ts";

const stored = (name: string, { elem, shape }: TensorType): Tensor => ({
  name,
  store: elem,
  shape,
  layout: plain(shape),
});
/** kernels of a product of records x with weights w */
function product(spec: string, x: TensorType, w: TensorType): readonly Kernel[] {
  const [a, b] = [g.parameter(0, x), g.parameter(1, w)];
  const given = new Map([
    [a, stored("x", x)],
    [b, stored("w", w)],
  ]);
  return fuse([g.contract(spec, a, b)], given, () => "y").kernels;
}
const layoutsOf = (ks: readonly Kernel[]): readonly string[] =>
  ks.flatMap(k => tensorsOf(k)).map(t => `${t.name} ${t.layout.parts.map(p => p.dim).join("")}`);

describe("weights lie beside a loop", () => {
  const records = tensor("f32", [N, 16]);
  const wide = tensor("f32", [16, 1024]);
  test("with the terms of a sum side by side", () => {
    const { kernels, asides } = setAside(product("nk,kj->nj", records, wide), new Set(["w"]));
    expect(asides.map(a => [a.from.name, a.to.layout.parts.map(p => p.dim)])).toEqual([["w", [1, 0]]]);
    expect(layoutsOf(kernels)).toContain(`${asides[0]!.to.name} 10`);
    expect(layoutsOf(kernels)).not.toContain("w 01");
  });
  test("once for each shape that they are seen in", () => {
    const [a, b] = [tensor("f32", [N, 64]), tensor("f32", [N, 32])];
    const ks = [
      ...product("nk,kj->nj", a, tensor("f32", [64, 512])),
      ...product("nk,kj->nj", b, tensor("f32", [32, 1024])),
    ];
    const { kernels, asides } = setAside(ks, new Set(["w"]));
    const read = kernels.flatMap(k => tensorsOf(k)).filter(t => t.name.startsWith("w"));
    expect(new Map(asides.map(x => [x.to.name, x.to.shape]))).toEqual(new Map(read.map(t => [t.name, t.shape])));
    expect(asides.map(x => x.from.shape)).toEqual([
      [64, 512],
      [32, 1024],
    ]);
  });
  const stay = (name: string, kernels: readonly Kernel[], fixed: readonly string[] = ["w"]): void =>
    test(`but not ${name}`, () => {
      expect(setAside(kernels, new Set(fixed))).toEqual({ kernels, asides: [] });
    });
  stay("where the trips change them", product("nk,kj->nj", records, wide), []);
  stay("where their terms are neighbours", product("nj,kj->nk", tensor("f32", [N, 1024]), wide));
  stay("where they stay in the near cache", product("nk,kj->nj", records, tensor("f32", [16, 256])));
  stay("where rows do not meet in the cache", product("nk,kj->nj", records, tensor("f32", [16, 1100])));
  stay("where nothing has records", product("ik,kj->ij", tensor("f32", [40, 16]), wide));

  for (const rows of [0, 1, 17])
    test(`and mean the same, read in both orders in one trip, changed between two loops, ${rows} records`, async () => {
      const ROWS = rddType({ x: { store: "f32", shape: [16] } as never });
      const [F, I, X] = [tensor("f32"), tensor("i32"), tensor("f32", [N, 16])];
      const trips = (h: Node, w: Node): Node => {
        const body = closed([X, wide], (a, v) => {
          const up = g.lane("tanh", g.contract("nk,kj->nj", a!, v!));
          const down = g.contract("nj,kj->nk", up, v!);
          return [g.lane("tanh", g.lane("mul", down, g.full(2 ** -8, "f32", [N, 16])))];
        });
        const attrs = { body, trip: 8, states: 1, until: false, label: "l", logs: [], names: ["h"] };
        return g.get(0, g.loop(attrs, [h], [w]));
      };
      const main = closed([ROWS, wide], (d, w) => {
        const body = closed([X, tensor("u32", [N, 2]), F, I, I, wide], (x, _who, s, _e, _t, v) => {
          const first = trips(x!, v!);
          const second = trips(first, g.lane("neg", v!));
          return [g.lane("add", s!, g.reduce("add", [0, 1], g.lane("add", first, second)))];
        });
        const attrs = { ...onePass("sum", body, 1, 0, 0), batch: 24 };
        return [g.get(0, g.batches(attrs, d!, g.noSeed(), [g.full(0, "f32")], [w!]))];
      });
      const v = await check({ main, rows, data: 1, mood: "tame", seed: 3, decisions: 0 });
      expect(v.failure).toBeUndefined();
      expect(v.undecided).toBe(0);
    });
});
