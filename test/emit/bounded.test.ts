/** Bounded kernels: the values are those of the KERNEL's meaning, results rounded at each step lie within the errors, and wrong ones do not. */
import { describe, expect, it } from "vitest";
import type { Kernel } from "../../src/ir/kernel.ts";
import { meaning } from "../../src/ir/kernel-interp.ts";
import { address, points } from "../../src/ir/layout.ts";
import type { LoopKernel } from "../../src/ir/loop.ts";
import type { Data } from "../../src/ir/loop-data.ts";
import { interpret } from "../../src/ir/loop-interp.ts";
import { atN } from "../../src/ir/type.ts";
import { emit } from "../../src/passes/emit/index.ts";
import { tileForGpu } from "../../src/passes/tile-gpu.ts";
import { rewritten } from "../loop/rewritten.ts";
import { type Bounds, bounded, outside } from "./bounded.ts";
import { fill, seeded, tensorsOf } from "./harness.ts";
import { GATHERED, randomKernel } from "./random.ts";

const timeout = 120_000;
const RECORDS = [0, 1, 15, 16, 17, 33];
const FAULTS = "faults";
/** the kernel, its contents, and what it may make of them */
function drawn(seed: number) {
  const kernel = randomKernel(seed);
  const n = RECORDS[seed % RECORDS.length]!;
  const data = fill(kernel, n, seeded(seed), GATHERED);
  const before = new Map([...data].map(([name, d]) => [name, d.slice()]));
  return { kernel, n, data, before, told: bounded(kernel)(n, before) };
}
/** what a machine makes of it that rounds each step to f32 */
function machine(
  kernel: Kernel,
  data: Map<string, Data>,
  n: number,
  change: (k: LoopKernel) => LoopKernel = k => k,
): void {
  data.set(FAULTS, new Uint32Array(16).fill(0xffffffff));
  interpret(change(emit(kernel, tileForGpu(kernel))), data, n, { rounded: "twice" });
}
const SEEDS = Array.from({ length: 120 }, (_, i) => i + 1);

describe("random kernels", () => {
  it("have the values of their meaning", { timeout }, () => {
    for (const seed of SEEDS) {
      const { kernel, n, before, told } = drawn(seed);
      const want = meaning(kernel, n, (t, at) => before.get(t.name)![address(t, at, n)]!);
      for (const [name, t] of tensorsOf(kernel)) {
        const cells = want.stored.get(name);
        if (!cells) continue;
        const { value, stored } = told.tensors.get(name)!;
        const got = new Map<string, number>();
        for (const at of points(t.shape.map(d => atN(d, n)))) {
          const i = address(t, at, n);
          // the sign of a zero is no part of the contract
          if (stored[i] && cells.has(at.join())) got.set(at.join(), value[i]! + 0);
        }
        expect([seed, name, got.size, stored.reduce((a, b) => a + b, 0)]).toEqual([
          seed,
          name,
          cells.size,
          new Set([...cells.keys()].map(c => address(t, c.split(",").filter(Boolean).map(Number), n))).size,
        ]);
        for (const [at, cell] of cells)
          expect([seed, name, at, got.get(at)]).toEqual([seed, name, at, Number(cell.value) + 0]);
      }
      const decided = [...told.faults].filter(([, r]) => r >= 0);
      expect([seed, decided]).toEqual([seed, [...want.faults].filter(([site]) => told.faults.get(site) !== -1)]);
    }
  });
  it("rounded at each step lie within their errors, and few are undecided", { timeout }, () => {
    let [all, vague] = [0, 0];
    for (const seed of SEEDS) {
      const { kernel, n, data, before, told } = drawn(seed);
      machine(kernel, data, n);
      for (const [name, b] of told.tensors) {
        const seen = outside(b, before.get(name)!, data.get(name)!);
        all += seen.elements;
        vague += seen.undecided;
        expect([seed, name, seen.wrong]).toEqual([seed, name, undefined]);
      }
    }
    expect(all).toBeGreaterThan(5000);
    expect(vague / all).toBeLessThan(0.05);
  });
  it("with the least change in a stored value do not", { timeout }, () => {
    // the first float that is stored, by a 2^-10 of itself
    const worse = (k: LoopKernel): LoopKernel =>
      rewritten(k, s => {
        if (s.k !== "store" || s.buf.space !== "param" || s.buf.store !== "f32") return [s];
        const ty = s.value.ty;
        const factor = { k: "const" as const, value: 1 + 2 ** -10, ty };
        return [{ ...s, value: { k: "prim" as const, prim: "mul" as const, args: [s.value, factor], ty } }];
      });
    let [wrong, asked] = [0, 0];
    for (const seed of SEEDS) {
      const { kernel, n, data, before, told } = drawn(seed);
      machine(kernel, data, n, worse);
      for (const [name, b] of told.tensors) {
        if (!(before.get(name) instanceof Float32Array) || !seen(b)) continue;
        asked++;
        if (outside(b, before.get(name)!, data.get(name)!).wrong !== undefined) wrong++;
      }
    }
    expect(asked).toBeGreaterThan(50);
    expect(wrong / asked).toBeGreaterThan(0.9);
  });
});
/** something is stored that is not 0 and decided */
const seen = (b: Bounds): boolean =>
  b.value.some((v, i) => b.stored[i] === 1 && v !== 0 && Number.isFinite(v) && b.error[i]! < Math.abs(v) * 2 ** -12);
