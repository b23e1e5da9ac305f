/**
 * Axes that every tensor walks as one run of memory become one axis: fewer loops, and lanes that are full where the last axis is short.
 * Knows no op and no schedule.
 *
 *   a[i, j, k] = b[i, j, k] + c[]   -->   a[m] = b[m] + c[]
 */
import type { Axis, Kernel, Phase } from "../ir/kernel.ts";
import { merge } from "./emit/index.ts";
import { product } from "./register-tile.ts";

/** contractions keep their axes: a register tile wants them apart */
export function flatten(kernel: Kernel): Kernel {
  const [phase, ...more] = kernel.phases;
  if (!phase || more.length || product(phase)) return kernel;
  let k = kernel;
  for (let pair = next(k); pair; pair = next(k)) k = pair;
  return k;
}
function next(k: Kernel): Kernel | undefined {
  const [p] = k.phases as readonly [Phase];
  // a fault says in which record
  const named = [...(p.each ?? []), ...p.then].some(t => "fault" in t);
  const fixed = (a: Axis | undefined): boolean => typeof a?.extent === "number" && !(named && a.records);
  for (const [i, a] of p.axes.entries()) {
    const b = p.axes[i + 1];
    if (!b || a.role !== b.role || !fixed(a) || !fixed(b)) continue;
    const merged = merge(k, a.name, b.name);
    if (merged) return merged;
  }
  return undefined;
}
