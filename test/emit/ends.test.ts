/** What is left of an axis in lanes, where nothing may be computed twice: the longest vectors that it fills. */
import { expect, it } from "vitest";
import type { Kernel, Tensor, Val } from "../../src/ir/kernel.ts";
import { along } from "../../src/ir/kernel-walk.ts";
import { plain } from "../../src/ir/layout.ts";
import { printLoop } from "../../src/ir/loop-text.ts";
import { emit } from "../../src/passes/emit/index.ts";
import { tile } from "../../src/passes/tile.ts";

/** s[i] = 2 s[i] */
function doubled(n: number): Kernel {
  const of: Tensor = { name: "s", store: "f32", shape: [n], layout: plain([n]) };
  const to = { of, index: [along("i")] };
  const args: readonly Val[] = [
    { k: "read", from: to },
    { k: "const", value: 2, elem: "f32" },
  ];
  const axes = [{ name: "i", extent: n, role: "parallel" }] as const;
  return {
    name: "k",
    covers: [],
    phases: [{ axes, reduce: [], then: [{ to, value: { k: "prim", prim: "mul", args } }] }],
  };
}
it("ends an axis in the longest vectors that it fills", () => {
  const stores = (n: number): readonly string[] =>
    [...printLoop(emit(doubled(n), tile(doubled(n)))).matchAll(/store s \((.*?)\) \(load \S+ \(0\) (f32x\d+)\)/g)].map(
      m => `${m[1]} ${m[2]}`,
    );
  const whole = "0 (16 i_1) f32x16";
  expect(stores(72).map(s => s.replace(/i_\d+/, "i_1"))).toEqual([whole, "64 f32x8"]);
  expect(stores(76).map(s => s.replace(/i_\d+/, "i_1"))).toEqual([whole, "64 f32x8", "72 f32x4"]);
  expect(stores(84).map(s => s.replace(/i_\d+/, "i_1"))).toEqual([whole, "80 f32x4"]);
});
