/** Steps of schedules, and what choosing them asks of a phase. Knows no form of a kernel. */
import type { Access, Axis, Phase, Step } from "../ir/kernel.ts";
import { accessesOf } from "../ir/kernel-walk.ts";
import { STORED_BYTES } from "../ir/type.ts";
import { reads } from "./emit/value.ts";
import type { Cut } from "./register-tile.ts";

export const TILE: Step = { tile: true };
export const loop = (axis: string, size: number): Step => ({ axis, size, at: "loop" });
export const each = (axes: readonly Axis[]): readonly Step[] => axes.map(a => loop(a.name, 1));
export const even = ({ axis, size }: Cut): Step => ({ axis, size, even: true, at: "loop" });
/** bytes of the largest element that the sweep reads */
export const width = (p: Phase): number =>
  Math.max(4, ...p.reduce.flatMap(r => reads(r.value)).map(a => STORED_BYTES[a.of.store]));
export const accesses = (p: Phase): readonly Access[] => {
  const { reads, writes } = accessesOf({ name: "", phases: [p], covers: [] });
  return [...reads, ...writes];
};
