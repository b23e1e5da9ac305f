/** Decisions drawn instead of made: any schedule is legal (emit makes it so), but for the items that the phases deal out. */
import type { Kernel, Schedule, Step } from "../../src/ir/kernel.ts";
import { PANEL } from "../../src/ir/layout.ts";
import { isPanels, itemAxis } from "../../src/passes/tile.ts";
import { randomSchedule } from "../emit/random.ts";

/** for the kernels of one program, in their order */
export function drawnSchedules(seed: number): (k: Kernel) => Schedule {
  let serial = 0;
  return k => {
    const drawn = randomSchedule(k, Math.imul(seed, 0x9e3779b1) + serial++);
    const item = itemAxis(k);
    const inItem = (steps: readonly Step[]): readonly Step[] =>
      steps.map(s => ("axis" in s && s.at === "grid" ? { ...s, at: "loop" } : s));
    // a panel of records is one item, everything else without records is one, too
    const grid: readonly Step[] = item ? [{ axis: item.name, size: isPanels(item) ? 1 : PANEL, at: "grid" }] : [];
    return {
      shared: [...grid, ...inItem(drawn.shared)],
      phases: drawn.phases.map(p => ({ ...p, steps: inItem(p.steps) })),
    };
  };
}
