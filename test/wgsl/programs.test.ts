/** The fuzzer's programs on GPUs: whole plans, played by the true player, within the bounds that every other level is held to. */
import { expect, it } from "vitest";
import { forGpu, refusal } from "../../src/codegen/wgsl/module.ts";
import { compare } from "../../src/ir/bound.ts";
import { resetPool } from "../../src/ir/node.ts";
import type { Bounded } from "../../src/ir/op.ts";
import { expandAll } from "../../src/passes/expand.ts";
import { passes } from "../../src/passes/index.ts";
import { planStage } from "../../src/passes/plan/index.ts";
import { GPU } from "../../src/passes/plan/target.ts";
import { segmentFn } from "../../src/passes/segment.ts";
import { type GpuInstance, instantiateOnGpu } from "../../src/runtime/gpu.ts";
import type { Gpu } from "../../src/runtime/gpu-device.ts";
import { argumentsOf, stageOf } from "../fuzz/case.ts";
import { generate } from "../fuzz/generate.ts";
import { played } from "../fuzz/machine.ts";
import { reference } from "../fuzz/reference.ts";
import { onEachAdapter } from "./device.ts";
import { allNormal } from "./normal.ts";

const PROGRAMS = Number(process.env["HSC_WGSL_PROGRAMS"] ?? 60);
const PART = 10;
interface Verdict {
  readonly wrong?: string | undefined;
  readonly ran: boolean;
}
/** what lies on the device before is poison, too: nothing may depend on it */
function poisoned(i: GpuInstance, step: { readonly base: number; readonly bytes: number }): GpuInstance {
  const { sent } = i.remote;
  let first = true;
  const both: typeof sent = range => {
    if (first && step.bytes) sent({ at: step.base, bytes: step.bytes });
    first = false;
    sent(range);
  };
  return { ...i, remote: { ...i.remote, sent: both } };
}
/** WGSL may flush what is below 2^-126 */
const flushed = (b: Bounded): Bounded => ({ ...b, error: b.error.map(e => e + 2 ** -126) });
async function program(gpu: Gpu, seed: number): Promise<Verdict> {
  resetPool();
  const c = generate(seed);
  const expanded = expandAll(segmentFn(c.main));
  const want = reference(expanded, argumentsOf(c));
  const stage = passes.reduce((s, p) => p.run(s), stageOf(c));
  const planned = planStage(stage, "fuzz", { target: GPU });
  if (want.doubtful || !allNormal(expanded, argumentsOf(c)) || planned.kernels.some(refusal)) return { ran: false };
  const made = forGpu(planned.stage, planned.kernels, "fuzz");
  const instance = await instantiateOnGpu(gpu, made.stage, file => made.modules.get(file)!);
  try {
    const { results } = await played(c, { ...planned, stage: made.stage }, poisoned(instance, made.stage.regions.step));
    for (const [i, r] of results.entries()) {
      const { wrong } = compare(r, flushed(want.results[i]!));
      if (wrong !== undefined) return { ran: true, wrong: `result ${i}: ${wrong}` };
    }
    return { ran: true };
  } finally {
    instance.remote.close();
  }
}
onEachAdapter("random programs", gpu => {
  let ran = 0;
  for (let from = 0; from < PROGRAMS; from += PART)
    it(`seeds from ${from}`, { timeout: 120_000 }, async () => {
      for (let seed = from; seed < from + PART; seed++) {
        const verdict = await program(gpu, seed);
        if (verdict.ran) ran++;
        expect([seed, verdict.wrong]).toEqual([seed, undefined]);
      }
    });
  it("most have types that WGSL has", () => {
    expect(ran).toBeGreaterThan(PROGRAMS / 3);
  });
});
