/**
 * A planned stage on the interpreter's GPU: every call over its whole grid, workgroups and invocations in an order drawn from a seed,
 * each access watched for races. And schedules drawn for it: items of the grid, lanes of a workgroup, slices in its memory between
 * barriers. No adapter is needed, and none would show a race. Knows no op and no pass.
 */
import type { Axis, Kernel, Lanes, Phase, Schedule, Step } from "../../src/ir/kernel.ts";
import { accessesOf } from "../../src/ir/kernel-walk.ts";
import { interpret } from "../../src/ir/loop-interp.ts";
import type { Rng } from "../../src/ir/op.ts";
import { sharedAxes } from "../../src/passes/emit/legal.ts";
import { reads } from "../../src/passes/emit/value.ts";
import type { Planned } from "../../src/passes/plan/index.ts";
import { tileForGpu } from "../../src/passes/tile-gpu.ts";
import { ModuleMemory } from "../../src/runtime/memory.ts";
import type { Instance } from "../../src/runtime/wasm.ts";
import { seeded } from "../ir/grow.ts";
import { buffersOf } from "./machine.ts";

/** invocations of a subgroup, by device: no result may depend on it */
const SUBGROUPS = [4, 8, 16, 32, 64];

export function gpuInstance(planned: Planned, seed: number): Instance {
  const { stage, kernels, phases } = planned;
  const memory = new ModuleMemory(stage.heap, false);
  const kernelOf = new Map(kernels.map(k => [k.name, k]));
  const phaseOf = new Map(phases.map(p => [p.name, p]));
  const rng = seeded(seed);
  const shuffle = <T>(xs: T[]): T[] => {
    for (let i = xs.length - 1; i > 0; i--) {
      const j = rng.int(i + 1);
      [xs[i], xs[j]] = [xs[j]!, xs[i]!];
    }
    return xs;
  };
  return {
    memory,
    phase: name => (_from, _to, n, worker) => {
      for (const call of phaseOf.get(name)!.calls) {
        const kernel = kernelOf.get(call.kernel)!;
        const buffers = buffersOf(stage, memory, kernel, call, n, worker);
        interpret(kernel, buffers, n, { shuffle, gpu: { subgroup: rng.pick(SUBGROUPS) } });
      }
    },
  };
}

/** for the kernels of one program, in their order */
export function drawnForGpu(seed: number): (k: Kernel) => Schedule {
  let serial = 0;
  return k => {
    const rng = seeded(Math.imul(seed, 0x9e3779b1) + serial++);
    // what lies between two phases lies in the memory of one item
    if (rng.int(3) === 0 || accessesOf(k).writes.some(a => a.of.local)) return tileForGpu(k);
    return grouped(k, rng);
  };
}
/** shared axes dealt to items, and pieces of them to the lanes of a workgroup */
function grouped(k: Kernel, rng: Rng): Schedule {
  const shared = sharedAxes(k);
  const lanes: Step[] = [];
  const grid: Step[] = [];
  for (const axis of shared) {
    const piece = rng.pick([1, 2, 4]);
    const invocations = lanes.length < 2 ? rng.pick([1, 2, 4, 5]) : 1;
    grid.push({ axis, size: piece * invocations, at: "grid" });
    if (invocations > 1) lanes.push({ axis, size: piece, at: "lane" });
  }
  return {
    shared: [...grid, ...lanes],
    phases: k.phases.map(p => ({ vector: vector(p, shared, rng), steps: steps(p, shared, rng) })),
  };
}
function vector(p: Phase, shared: readonly string[], rng: Rng): { readonly axis: string; readonly lanes: Lanes } {
  const axis = shared.length ? rng.pick(shared) : (p.axes[0]?.name ?? "");
  return { axis, lanes: rng.pick([1, 1, 2, 4]) };
}
function steps(p: Phase, shared: readonly string[], rng: Rng): readonly Step[] {
  const loop = (a: Axis, size: number): Step => ({ axis: a.name, size, at: "loop" });
  const own = p.axes.filter(a => a.role === "parallel" && !shared.includes(a.name));
  const reduced = p.axes.filter(a => a.role === "reduce");
  const inside: Step[] = reduced.flatMap(a => (rng.int(2) ? [loop(a, rng.pick([2, 4, 16]))] : []));
  const names = [...new Set(p.reduce.flatMap(r => reads(r.value)).map(a => a.of.name))];
  const packs: readonly Step[] = names.flatMap(pack => (rng.int(3) ? [{ pack }] : []));
  return [...own.map(a => loop(a, 1)), { tile: true }, ...inside, ...packs, ...reduced.map(a => loop(a, 1))];
}
