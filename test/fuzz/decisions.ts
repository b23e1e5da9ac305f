/** Decisions drawn instead of made: any schedule is legal (emit makes it so), but for the items that the phases deal out. */
import type { Kernel, Schedule, Step } from "../../src/ir/kernel.ts";
import { PANEL } from "../../src/ir/layout.ts";
import { EXACT, type ExactChoice } from "../../src/passes/plan/exact.ts";
import { STRIPS, type Strips } from "../../src/passes/strips/index.ts";
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
/** none, those of the machine, or as many as can be: of any tensor, of few rows */
export function drawnStrips(seed: number): Strips {
  const pick = (Math.imul(seed, 0x9e3779b1) >>> 8) % 6;
  if (pick === 0) return { ...STRIPS, least: Infinity };
  if (pick === 1) return STRIPS;
  const bytes = 64 << (2 * pick);
  return { least: 1, near: bytes, wide: bytes };
}
/** never, as the compiler does, or always where the number of records is known and small */
export function drawnExact(seed: number): ExactChoice | undefined {
  const pick = (Math.imul(seed, 0x85ebca6b) >>> 8) % 4;
  if (pick === 0) return undefined;
  return pick === 1 ? EXACT : { least: 0, share: Infinity };
}
