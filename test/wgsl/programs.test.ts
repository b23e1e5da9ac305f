/** The fuzzer's programs on GPUs: whole plans, played by the true player, within the bounds that every other level is held to. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { forGpu } from "../../src/codegen/wgsl/module.ts";
import { compare } from "../../src/ir/bound.ts";
import { evaluate, type Fault } from "../../src/ir/interp.ts";
import { type Fn, resetPool } from "../../src/ir/node.ts";
import type { Bounded, Value } from "../../src/ir/op.ts";
import type { PlanStage } from "../../src/ir/plan.ts";
import { sizeAt } from "../../src/ir/plan-walk.ts";
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
/** `halved`: as if a binding held half of the largest tensor, and no column at all */
async function program(gpu: Gpu, c: Case, decisions: number, halved = false): Promise<Verdict> {
  const args = argumentsOf(c);
  const want = reference(expandAll(segmentFn(c.main)), args);
  if (want.doubtful) return { left: "which rows a filter keeps is not decided" };
  if (!want.normal) return { left: "numbers that WGSL need not keep: NaN, infinities, below 2^-126" };
  const stage = compiler.passes.reduce((s, p) => p.run(s), stageOf(c));
  const planned = compiler.plan(stage, decisions, "gpu");
  let made = forGpu(planned.stage, planned.kernels, "fuzz");
  if (halved) {
    made = forGpu(planned.stage, planned.kernels, "fuzz", halfOf(made.stage, c.rows));
    const params = Object.values(made.stage.gpu!).flatMap(k => k.params);
    const bindings = Math.max(...params.map(p => p.binding + (p.blocks?.count ?? 1)));
    if (bindings > gpu.device.limits.maxStorageBuffersPerShaderStage) return { left: "more bindings than there are" };
  }
  const instance = await instantiateOnGpu(gpu, made.stage, file => made.modules.get(file)!);
  try {
    const { step } = made.stage.regions;
    const remote = { ...instance.remote, ...(halved ? { binds: 0 } : {}) };
    const on = poisoned({ ...instance, remote }, step);
    const { results, faults } = await played(c, { ...planned, stage: made.stage }, on);
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
/** of the largest tensor that a kernel sees, in whole slices */
function halfOf(stage: PlanStage, rows: number): number {
  const sizes = Object.values(stage.gpu!).flatMap(k => k.params.map(p => (p.bytes ? sizeAt(p.bytes, rows) : 0)));
  return 256 * Math.max(1, Math.ceil(Math.max(0, ...sizes) / 512));
}
/** the least failing record of each site */
function faultsOf(f: Fn, args: readonly Value[]): ReadonlyMap<number, number> {
  const faults = new Map<number, number>();
  const fault = ({ site, record }: Fault): void => void faults.set(site, Math.min(record, faults.get(site) ?? record));
  evaluate(f, args, 0, { fault });
  return faults;
}
const FOUND = join(import.meta.dirname, "../fuzz/found");
/** how many did not run, by the reason */
function tally() {
  const left = new Map<string, number>();
  let asked = 0;
  return {
    expect: (name: string, verdict: Verdict): void => {
      expect([name, verdict.wrong]).toEqual([name, undefined]);
      asked++;
      if (verdict.left !== undefined) left.set(verdict.left, (left.get(verdict.left) ?? 0) + 1);
    },
    /** at least this share ran */
    ran: (share: number): void => {
      const none = [...left.values()].reduce((a, b) => a + b, 0);
      const why = [...left].map(([reason, n]) => `${n} (${reason})`).join(", ");
      console.log(`${asked - none} of ${asked} programs ran; not: ${why}`);
      expect(asked - none).toBeGreaterThan(share * asked);
    },
  };
}
onEachAdapter("random programs", (gpu, adapter) => {
  const all = tally();
  // lavapipe takes seconds for a barrier in a workgroup
  const judge = async (c: Case, name: string): Promise<void> =>
    all.expect(name, await program(gpu, c, adapter === ADAPTERS[0] ? 0 : c.decisions));
  for (let from = 0; from < PROGRAMS; from += PART)
    it(`seeds from ${from}`, { timeout: 240_000 }, async () => {
      for (let seed = from; seed < from + PART; seed++) {
        resetPool();
        await judge(generate(seed), `seed ${seed}`);
      }
    });
  it.each(readdirSync(FOUND).sort())("%s", { timeout: 120_000 }, async file => {
    resetPool();
    await judge(parseCase(readFileSync(join(FOUND, file), "utf8")), file);
  });
  it("most have numbers that WGSL keeps", () => all.ran(0.5));
  it("tensors larger than a binding lie in blocks", { timeout: 480_000 }, async () => {
    const some = tally();
    for (let seed = 0; seed < PROGRAMS; seed++) {
      resetPool();
      some.expect(`seed ${seed}`, await program(gpu, generate(seed), 0, true));
    }
    some.ran(0.3);
  });
});
