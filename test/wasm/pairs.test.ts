/**
 * V8 makes one operation of 256 bits from two of 128 only if stores side by side lead to it (facts: one lost pair halves the kernel).
 * Its own trace says which it lost: of the kernels that a training step spends its time in, none.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { assemble, GUARD } from "../../src/codegen/wasm/module.ts";
import type { Access, Kernel, Tensor, Val } from "../../src/ir/kernel.ts";
import { along, retarget } from "../../src/ir/kernel-walk.ts";
import { folded, plain } from "../../src/ir/layout.ts";
import { MATH, type MathPrim } from "../../src/ir/math.ts";
import { emit } from "../../src/passes/emit/index.ts";
import { tile } from "../../src/passes/tile.ts";
import * as K from "../emit/kernels.ts";
import { N } from "../emit/kernels.ts";

/** what V8 says of each function: how many operations it saves, how many seeds it lost */
function trace(k: Kernel): readonly { readonly saved: number; readonly lost: number }[] {
  const region = { base: GUARD };
  const regions = { state: region, step: region, staging: region };
  const kernels = [emit(k, tile(k))];
  const folder = mkdtempSync(join(tmpdir(), "hsc-pairs-"));
  const file = join(folder, "kernel.wasm");
  writeFileSync(file, assemble({ kernels, phases: [], regions, build: "relaxed", exportKernels: true }));
  const flags = [
    "--experimental-wasm-revectorize",
    "--no-liftoff",
    "--no-wasm-lazy-compilation",
    "--trace-wasm-revectorize",
  ];
  const run = "new WebAssembly.Module(require('fs').readFileSync(process.argv[1]))";
  const { stdout, stderr, status } = spawnSync(process.execPath, [...flags, "-e", run, file], {
    encoding: "utf8",
    maxBuffer: 1 << 30,
  });
  rmSync(folder, { recursive: true });
  expect([status, stderr]).toEqual([0, ""]);
  return stdout
    .split("Begin revec function")
    .slice(1)
    .map(text => ({
      saved: [...text.matchAll(/Save: (\d+), cost: (\d+)/g)].reduce((n, m) => n + Number(m[1]) - Number(m[2]), 0),
      lost: text.split("Build tree failed").length - 1,
    }));
}
/** one panel at a time in plain order: rows of the register tile as far apart as they come */
const plainPanels = (k: Kernel): Kernel =>
  retarget(k, (t: Tensor) => (t.shape.some(d => typeof d !== "number") ? { ...t, layout: folded(t.shape) } : t));

/** the largest of 2 by 2, and which it is */
const pooled = K.kernel("pool", {
  axes: K.axes({ n: N, c: 6, i: 6, j: 6 }, { a: 2, b: 2 }),
  reduce: [
    {
      name: "s",
      op: "max",
      value: K.read(K.tensor("x", { n: N, c: 6, y: 12, x: 12 }, "c y x n%16"), "n", "c", "i*2+a", "j*2+b"),
    },
    { name: "p", op: "first", value: K.p("add", K.p("mul", K.axis("a"), K.int(2)), K.axis("b")), of: "s" },
  ],
  then: (["f32", "i32"] as const).map(store => {
    const of = K.tensor(store, { n: N, c: 6, i: 6, j: 6 }, "c i j n%16", {}, { store });
    return K.to(of, ["n", "c", "i", "j"], store === "f32" ? K.p("max", K.num(0), K.name("s")) : K.name("p"));
  }),
});

describe("V8 pairs all stores of", () => {
  const conv = { n: N, h: 12, w: 12, ci: 20, co: 50, k: 5, p: 0, BO: 50 };
  const far = { n: N, h: 34, w: 34, ci: 4, co: 12, k: 3, p: 0, BO: 12 };
  const cases: Record<string, Kernel> = {
    "a convolution, 9 tiles of 6 and 5 rows": K.convForward(conv)[0],
    "a convolution with a pad and relu": K.convForward({ ...conv, k: 3, p: 1, halo: false }, true)[0],
    "rows that are 64 KiB apart": plainPanels(K.convForward(far)[0]),
    "a convolution's input gradient with a mask": K.convInput(conv, true)[0],
    "a dense layer with relu": K.denseForward({ n: N, ci: 800, co: 500 }, true)[0],
    "a dense layer's input gradient": K.denseInput({ n: N, ci: 800, co: 500 })[0],
    "a dense layer's weight gradient with momentum": K.denseWeight({ n: N, ci: 800, co: 500 })[0],
    "pooling that keeps the place of the maximum": pooled,
    "the gradient of pooling": K.unpool({ n: N, h: 12, w: 12, ci: 6, co: 6, k: 3, p: 1, BO: 6 })[0],
  };
  const [x, y, z] = ["x", "y", "z"].map((name): Tensor => ({ name, store: "f32", shape: [640], layout: plain([640]) }));
  const at = (of: Tensor): Access => ({ of, index: [along("i")] });
  const half: Val = { k: "const", value: 0.5, elem: "f32" };
  const read = (of: Tensor): Val => ({ k: "read", from: at(of) });
  for (const p of Object.keys(MATH) as MathPrim[]) {
    const inner: Val = { k: "prim", prim: "mul", args: [read(x!), half] };
    const value: Val = { k: "prim", prim: "sub", args: [{ k: "prim", prim: p, args: [inner] }, read(y!)] };
    const axes = [{ name: "i", extent: 640, role: "parallel" }] as const;
    cases[p] = { name: p, covers: [], phases: [{ axes, reduce: [], then: [{ to: at(z!), value }] }] };
  }
  for (const [title, kernel] of Object.entries(cases))
    it(title, () => {
      const functions = trace(kernel);
      expect(functions.map(f => f.lost)).toEqual(functions.map(() => 0));
      expect(functions.every(f => f.saved > 0)).toBe(true);
    });
});
