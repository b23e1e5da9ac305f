/** The fuzzer's programs on GPUs: whole plans, played by the true player, within the bounds that every other level is held to. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { forGpu, refusal } from "../../src/codegen/wgsl/module.ts";
import { compare } from "../../src/ir/bound.ts";
import { evaluate, type Fault } from "../../src/ir/interp.ts";
import { type Fn, resetPool } from "../../src/ir/node.ts";
import type { Bounded, Value } from "../../src/ir/op.ts";
import { expandAll } from "../../src/passes/expand.ts";
import { segmentFn } from "../../src/passes/segment.ts";
import { type GpuInstance, instantiateOnGpu } from "../../src/runtime/gpu.ts";
import type { Gpu } from "../../src/runtime/gpu-device.ts";
import { argumentsOf, type Case, parseCase, stageOf } from "../fuzz/case.ts";
import { compiler } from "../fuzz/check.ts";
import { generate } from "../fuzz/generate.ts";
import { played } from "../fuzz/machine.ts";
import { reference } from "../fuzz/reference.ts";
import { ADAPTERS, onEachAdapter } from "./device.ts";

const PROGRAMS = Number(process.env["HSC_WGSL_PROGRAMS"] ?? 160);
const PART = 20;
interface Verdict {
  readonly wrong?: string;
  /** why it did not run */
  readonly left?: string;
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
async function program(gpu: Gpu, c: Case, decisions: number): Promise<Verdict> {
  const args = argumentsOf(c);
  const want = reference(expandAll(segmentFn(c.main)), args);
  if (want.doubtful) return { left: "which rows a filter keeps is not decided" };
  if (!want.normal) return { left: "numbers that WGSL need not keep: NaN, infinities, below 2^-126" };
  const stage = compiler.passes.reduce((s, p) => p.run(s), stageOf(c));
  const planned = compiler.plan(stage, decisions, "gpu");
  const refused = planned.kernels.map(refusal).find(r => r !== undefined);
  if (refused) return { left: refused.type };
  const made = forGpu(planned.stage, planned.kernels, "fuzz");
  const instance = await instantiateOnGpu(gpu, made.stage, file => made.modules.get(file)!);
  try {
    const { step } = made.stage.regions;
    const { results, faults } = await played(c, { ...planned, stage: made.stage }, poisoned(instance, step));
    for (const [i, r] of results.entries()) {
      const { wrong } = compare(r, flushed(want.results[i]!));
      if (wrong !== undefined) return { wrong: `result ${i}: ${wrong}` };
    }
    const decided = (m: ReadonlyMap<number, number>) =>
      new Map([...m].filter(([site]) => !want.doubtfulSites.has(site)));
    const [got, right] = [decided(faults), decided(faultsOf(stage.main, args))];
    const same = got.size === right.size && [...right].every(([site, record]) => got.get(site) === record);
    return same ? {} : { wrong: `faults ${[...got].join("; ")} where ${[...right].join("; ")} is right` };
  } finally {
    instance.remote.close();
  }
}
/** the least failing record of each site */
function faultsOf(f: Fn, args: readonly Value[]): ReadonlyMap<number, number> {
  const faults = new Map<number, number>();
  const fault = ({ site, record }: Fault): void => void faults.set(site, Math.min(record, faults.get(site) ?? record));
  evaluate(f, args, 0, { fault });
  return faults;
}
const FOUND = join(import.meta.dirname, "../fuzz/found");
onEachAdapter("random programs", (gpu, adapter) => {
  /** how many did not run, by the reason */
  const left = new Map<string, number>();
  let asked = 0;
  const judge = async (c: Case, name: string): Promise<void> => {
    // lavapipe takes seconds for a barrier in a workgroup
    const verdict = await program(gpu, c, adapter === ADAPTERS[0] ? 0 : c.decisions);
    expect([name, verdict.wrong]).toEqual([name, undefined]);
    asked++;
    if (verdict.left !== undefined) left.set(verdict.left, (left.get(verdict.left) ?? 0) + 1);
  };
  for (let from = 0; from < PROGRAMS; from += PART)
    it(`seeds from ${from}`, { timeout: 120_000 }, async () => {
      for (let seed = from; seed < from + PART; seed++) {
        resetPool();
        await judge(generate(seed), `seed ${seed}`);
      }
    });
  it.each(readdirSync(FOUND).sort())("%s", { timeout: 120_000 }, async file => {
    resetPool();
    await judge(parseCase(readFileSync(join(FOUND, file), "utf8")), file);
  });
  it("most have types and numbers that WGSL has", () => {
    const none = [...left.values()].reduce((a, b) => a + b, 0);
    console.log(
      `${asked - none} of ${asked} programs ran; not: ${[...left].map(([why, n]) => `${n} (${why})`).join(", ")}`,
    );
    expect(none).toBeLessThan(asked / 2);
  });
});
