/**
 * How each kernel is cut for a GPU, simply: one invocation per point of the axes that all phases share, everything else in loops. Tiles in
 * workgroup memory are schedules too (test/emit/group.test.ts), not chosen yet. Knows no op and no address.
 *
 *   y[n, o] = sum_c x[n, c] * w[o, c]   -->   n:1@grid o:1@grid | c:1
 */
import type { Kernel, Schedule, Step } from "../ir/kernel.ts";
import { sharedAxes } from "./emit/legal.ts";

export function tileForGpu(k: Kernel): Schedule {
  const shared = sharedAxes(k);
  const each = (axis: string): Step => ({ axis, size: 1, at: "loop" });
  return {
    shared: shared.map(axis => ({ axis, size: 1, at: "grid" })),
    phases: k.phases.map(p => ({
      vector: { axis: "", lanes: 1 },
      steps: [
        ...p.axes.filter(a => a.role === "parallel" && !shared.includes(a.name)).map(a => each(a.name)),
        { tile: true },
        ...p.axes.filter(a => a.role === "reduce").map(a => each(a.name)),
      ],
    })),
  };
}
