/**
 * The kernels of a stage as WGSL: a text for each, and what the player must know to dispatch it. Knows nothing of what the kernels compute.
 *
 * How the player calls a kernel. Group 0: the bindings that its params name, each a slice of a region's buffer, all `read_write`; a kernel
 * with more params than every adapter binds has them share one binding per region, each from its base on; what is larger than every adapter
 * binds lies in several bindings. Group 1, binding 0: the
 * scalars (n: records of the batch, start: its first record) as two i32. Entry point `main`. Workgroups: the product of `grid` over
 * `items`, in x and, beyond 65535, in y.
 */
import type { Buf, LoopKernel } from "../../ir/loop.ts";
import type { Arg, Call, GpuKernel, PlanStage, PlanStep, Size } from "../../ir/plan.ts";
import { sizeAt } from "../../ir/plan-walk.ts";
import { type Bind, bytesOf, kernelText } from "./kernel.ts";

export type { Bind } from "./kernel.ts";
/** storage buffers that every adapter binds */
export const BINDINGS = 8;
/** bytes that every adapter has in one binding */
const BLOCK = 2 ** 27;

export interface WgslKernel extends GpuKernel {
  readonly code: string;
}
export function wgsl(k: LoopKernel, binds: readonly Bind[] = []): WgslKernel {
  const { code, ...text } = kernelText(k, binds);
  const grid = k.grid.map(({ to }): Size => {
    if (typeof to === "number") return to;
    return "of" in to ? { of: to.of, by: to.by, unit: 1 } : { of: to, by: 1, unit: 1 };
  });
  return { ...text, grid, code };
}

export interface GpuStage {
  readonly stage: PlanStage;
  /** texts by file name */
  readonly modules: ReadonlyMap<string, string>;
}
/**
 * A stage whose slots are multiples of 256 bytes, with the texts of its kernels. Where the params of two calls of one kernel lie in
 * different regions and share bindings, the kernel has two texts.
 */
export function forGpu(
  stage: PlanStage,
  kernels: readonly LoopKernel[],
  module: string,
  /** a multiple of 256 */
  block = BLOCK,
): GpuStage {
  const most = mostRecords(stage);
  const byName = new Map(kernels.map(k => [k.name, k]));
  const texts = new Map<string, string>();
  const modules = new Map<string, string>();
  const gpu: Record<string, GpuKernel & { readonly file: string }> = {};
  const calls = stage.calls.map((c, i): Call => {
    const k = byName.get(c.kernel);
    if (!k) throw new Error(`internal: no kernel ${c.kernel}`);
    const binds = inBlocks(
      c.args.map(a => bindOf(a, stage, c.args.length > BINDINGS)),
      c.args.map((a, q) => rangeOf(a, k.params[q]!, stage, most.get(i) ?? 0)),
      block,
    );
    const key = `${c.kernel} ${JSON.stringify(binds)}`;
    let name = texts.get(key);
    if (name === undefined) {
      name = c.kernel in gpu ? `${c.kernel}_${texts.size}` : c.kernel;
      texts.set(key, name);
      const { code, ...how } = wgsl(k, binds);
      const file = `${module}.${name}.wgsl`;
      gpu[name] = { ...how, file };
      modules.set(file, code);
    }
    return { ...c, kernel: name };
  });
  return { stage: { ...stage, calls, gpu }, modules };
}
/** rows of outputs and masks begin where the batch does; columns and row numbers have buffers of their own */
function bindOf(a: Arg, stage: PlanStage, many: boolean): Bind {
  if (!("pointer" in a)) return many ? { shared: a.region } : {};
  const p = stage.pointers[a.pointer]!;
  if (p.k === "mask") return { moving: true };
  if (p.k !== "output") return {};
  return many ? { moving: true, shared: p.of.region } : { moving: true };
}

/** how many records each call has at most */
function mostRecords(stage: PlanStage): ReadonlyMap<number, number> {
  const most = new Map<number, number>();
  const walk = (steps: readonly PlanStep[], n: number): void => {
    for (const s of steps) {
      if (s.k === "loop") walk(s.body, s.over?.batch ?? n);
      else if (s.k === "phase") for (const c of s.calls) most.set(c, Math.max(n, most.get(c) ?? 0));
    }
  };
  walk(stage.steps, 0);
  return most;
}
interface Range {
  readonly from: number;
  readonly to: number;
}
/** where an argument lies in its region; undefined: it has a buffer of its own */
function rangeOf(a: Arg, b: Buf, stage: PlanStage, n: number): Range | undefined {
  if (!("pointer" in a)) {
    const bytes = bytesOf(b);
    return bytes === undefined ? undefined : { from: a.offset, to: a.offset + sizeAt(bytes, n) };
  }
  const p = stage.pointers[a.pointer]!;
  return p.k === "output" ? { from: p.of.offset, to: p.of.offset + p.bytes * p.rows } : undefined;
}
function inBlocks(binds: readonly Bind[], ranges: readonly (Range | undefined)[], block: number): readonly Bind[] {
  return binds.map((bind, i) => {
    const own = ranges.filter((_, q) => q === i || (bind.shared !== undefined && binds[q]!.shared === bind.shared));
    const from = Math.min(...own.map(r => r?.from ?? Infinity));
    const to = Math.max(...own.map(r => r?.to ?? -Infinity));
    const count = Math.ceil((to - from) / block);
    return count > 1 ? { ...bind, blocks: { count, bytes: block } } : bind;
  });
}
