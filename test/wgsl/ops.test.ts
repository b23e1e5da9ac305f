/** Every op that a graph may hold, applied to random values: its kernels on GPUs are what GRAPH means, within the bound. */
import { describe, expect, it } from "vitest";
import { bound, compare } from "../../src/ir/bound.ts";
import { accessesOf, tensorsOf } from "../../src/ir/kernel-walk.ts";
import { elements, extent, plain } from "../../src/ir/layout.ts";
import { type Data, storage } from "../../src/ir/loop-data.ts";
import { type Fn, fn, type Node } from "../../src/ir/node.ts";
import type { Bounded, Op, TensorValue, Value } from "../../src/ir/op.ts";
import { allOps, parameter } from "../../src/ir/ops/index.ts";
import { print } from "../../src/ir/text.ts";
import { atN, type Stored } from "../../src/ir/type.ts";
import { tensorOf } from "../../src/ir/value.ts";
import { emit } from "../../src/passes/emit/index.ts";
import { fuse, type Given } from "../../src/passes/fuse/index.ts";
import { tileForGpu } from "../../src/passes/tile-gpu.ts";
import type { Gpu } from "../../src/runtime/gpu-device.ts";
import { PARAMS, parameters, seeded, valuesOf } from "../ir/grow.ts";
import { onEachAdapter } from "./device.ts";
import { compiled } from "./run.ts";

const RECORDS = [0, 1, 17];
const EACH = 4;
const stored = (store: Stored, t: TensorValue): Data => {
  const d = storage(store, t.data.length);
  for (let i = 0; i < d.length; i++) (d as { [i: number]: number | bigint })[i] = t.data[i]!; // as: of the element of `t`
  return d;
};
/** the results of f, each kernel run on the GPU */
async function onGpu(gpu: Gpu, f: Fn, args: readonly Value[], n: number): Promise<readonly TensorValue[]> {
  const memory = new Map<string, Data>();
  const given = new Map<Node, Given>();
  f.params.forEach((p, i) => {
    if (p.k !== "tensor") throw new Error("a parameter that is no tensor");
    given.set(parameter(i, p), { name: `x${i}`, store: p.elem, shape: p.shape, layout: plain(p.shape) });
    memory.set(`x${i}`, stored(p.elem, tensorOf(args[i])));
  });
  const { kernels, stored: results } = fuse(f.results, given, x => `t${x.id}`);
  for (const k of kernels) {
    const loop = emit(k, tileForGpu(k));
    const written = new Set(accessesOf(k).writes.map(a => a.of.name));
    const buffers = new Map<string, Data>([["faults", new Uint32Array(16).fill(0xffffffff)]]);
    for (const t of tensorsOf(k)) {
      const held = memory.get(t.name) ?? storage(t.store, elements(extent(t), n));
      buffers.set(t.name, held);
    }
    const { run } = await compiled(gpu, loop);
    const after = await run(new Map(loop.params.map(p => [p.name, buffers.get(p.name)!])), n);
    for (const name of written) {
      const d = after.get(name);
      if (d) memory.set(name, d);
    }
  }
  return f.results.map(r => {
    const t = results.get(r)!;
    return { k: "tensor", shape: t.shape.map(d => atN(d, n)), data: Float64Array.from(memory.get(t.name)!, Number) };
  });
}
/** WGSL may flush what is below 2^-126, and need keep no infinity and no NaN */
const kept = (b: Bounded): Bounded => ({
  value: b.value,
  error: b.error.map(e => e + 2 ** -126),
  undecided: b.undecided.map((u, i) => (Number.isFinite(Number(b.value.data[i])) ? u : 1)),
});
function applications(op: Op): readonly Node[] {
  const rng = seeded(11);
  const made = new Set<Node>();
  for (let i = 0; i < 200 && made.size < EACH; i++) {
    const x = op.sample!(rng, parameters());
    if (x && x.op === op) made.add(x);
  }
  return [...made];
}
const OPS = allOps().filter(op => op.sample);

onEachAdapter("each op", gpu => {
  describe("by its kernels", () => {
    it.each(OPS.map(op => [op.name, op] as const))("%s", { timeout: 120_000 }, async (_, op) => {
      const made = applications(op);
      expect(made.length).toBeGreaterThan(0);
      for (const x of made) {
        const f = fn(PARAMS, [x]);
        for (const n of RECORDS) {
          const args = valuesOf(f, n, seeded(n));
          const got = await onGpu(gpu, f, args, n);
          const want = bound(f, args, n).map(kept);
          got.forEach((g, i) => {
            const { wrong } = compare(g, want[i]!);
            expect(wrong && `n ${n}, result ${i}: ${wrong}\n${print(f)}`).toBeUndefined();
          });
        }
      }
    });
  });
});
