/** Maps that walk along memory where lanes lie far apart: which axis to take four points of at once. Knows no op and no address. */
import type { Access, Axis, Phase, Step } from "../ir/kernel.ts";
import { STORED_BYTES } from "../ir/type.ts";
import { accesses, loop } from "./steps.ts";

/** points that code generators load or store as a row, and turn in registers */
const SIDE = 4;

/**
 * The steps of an axis along which a map reads or writes neighbours, while it has another axis in lanes; none where there is no such axis.
 *
 *   y[n, i] = x[row[n], i], n in lanes   -->   i:4, four rows of x at a time
 */
export function squareSteps(p: Phase, lanes: Axis): readonly Step[] {
  if (p.reduce.length || p.each?.length) return [];
  for (const a of accesses(p)) {
    const found = p.axes.find(x => x !== lanes && isRow(a, x));
    if (!found) continue;
    const block = a.of.layout.parts.at(-1)!.mod;
    return [...(block ? [loop(found.name, block)] : []), loop(found.name, SIDE)];
  }
  return [];
}
/** one element after the other along the axis, in blocks of whole rows of the square */
function isRow(a: Access, axis: Axis): boolean {
  const last = a.of.layout.parts.at(-1);
  if (last?.div !== 1 || STORED_BYTES[a.of.store] !== 4 || a.of.store === "bool") return false;
  if (axis.role !== "parallel" || typeof axis.extent !== "number" || axis.extent < SIDE) return false;
  const index = a.index[last.dim]!;
  const own = index.terms.find(t => t.axis === axis.name);
  if (index.gather || own?.by !== 1) return false;
  if (a.index.some((i, d) => d !== last.dim && i.terms.some(t => t.axis === axis.name))) return false;
  return last.mod === undefined || (last.mod % SIDE === 0 && index.base === 0 && index.terms.length === 1);
}
