/**
 * A KERNEL as a JavaScript function: its meaning in f64 (ir/kernel-interp.ts, which it is tested against) with, beside each value, the
 * distance that a correct result on a GPU may have by the rules of ir/ops/bounds.ts. Walks a sum of products in nanoseconds per term, so
 * that every element of a real training step can be looked at. Reads tensors as they lie in memory. Knows no schedule and no target.
 */
import type { Kernel } from "../../src/ir/kernel.ts";
import { accessesOf } from "../../src/ir/kernel-walk.ts";
import { elements, extent } from "../../src/ir/layout.ts";
import type { Data } from "../../src/ir/loop-data.ts";
import { laneError, OWN_ROUNDING } from "../../src/ir/ops/bounds.ts";
import { evaluate, PRIMS, type Prim } from "../../src/ir/prim.ts";
import { type Elem, isFloat } from "../../src/ir/type.ts";
import { kernelText } from "./bounded-text.ts";

/** by address; error: Infinity or NaN where it is not decided; stored: 1 where the kernel writes */
export interface Bounds {
  readonly value: Float64Array;
  readonly error: Float64Array;
  readonly stored: Uint8Array;
}
export interface Told {
  readonly tensors: ReadonlyMap<string, Bounds>;
  /** the least record that failed, by site; -1: it is not decided which */
  readonly faults: ReadonlyMap<number, number>;
}
export type Contents = ReadonlyMap<string, Data>;

/** in f32: half the distance of neighbours, relative; WGSL may take what is below 2^-126 for 0 */
const UNIT = 2 ** -24 * OWN_ROUNDING;
const LEAST = 2 ** -126;
/** what the generated text calls */
const LIBRARY = {
  /** an error of what is rounded: v, moved by m */
  rounded: (v: number, m: number): number =>
    m === 0 && Math.fround(v) === v ? 0 : m + UNIT * (Math.abs(v) + m) + LEAST,
  /** what the rounding of another sum on the way to a + b may be */
  reordered: (a: number, b: number): number => UNIT * (Math.abs(a) + Math.abs(b)),
  prim: (p: Prim, from: Elem, to: Elem, x: readonly number[]): number =>
    from === "i64" || to === "i64"
      ? Number(evaluate(p, x, from, to))
      : PRIMS[p].eval(x[0]!, x[1] ?? 0, x[2] ?? 0, from, to),
  /** the error of an i64: what is beyond 2^53 is not decided */
  whole: (v: number): number => (Number.isSafeInteger(v) ? 0 : Infinity),
  error: (p: Prim, from: Elem, to: Elem, v: number, x: readonly number[], e: readonly number[]): number => {
    if (e.some(d => !(d < Infinity))) return Infinity;
    const error = laneError(p, x, e, v, from, to, PRIMS[p].ulpWgsl);
    return error === undefined ? Infinity : isFloat(to) && error > 0 ? error + LEAST : error;
  },
  chosen: (c: number, ec: number, a: number, ea: number, b: number, eb: number): number => {
    const own = c !== 0 ? ea : eb;
    return ec === 0 ? own : Math.abs(a - b) + Math.max(ea, eb);
  },
  /** of a sum: the errors of its terms, and a unit for each of the sum of sizes (Higham) */
  summed: (errors: number, sizes: number, terms: number, elem: Elem): number => {
    // of f64 these numbers are off as much themselves
    const [unit, least] = elem === "f64" ? [2 ** -52, 0] : [UNIT, LEAST];
    return terms <= 1 ? errors : errors + (unit * terms * sizes) / (1 - Math.min(1, unit * terms)) + terms * least;
  },
} as const;

export function bounded(k: Kernel): (n: number, contents: Contents) => Told {
  const text = kernelText(k);
  const run = new Function("L", "n", "input", "output", "faults", text) as (
    ...given: [typeof LIBRARY, number, Contents, (name: string) => Bounds, Map<number, number>]
  ) => void;
  const { writes } = accessesOf(k);
  const written = new Map(writes.map(a => [a.of.name, a.of]));
  return (n, contents) => {
    const tensors = new Map<string, Bounds>();
    for (const [name, of] of written) {
      const before = contents.get(name);
      const length = before?.length ?? elements(extent(of), n);
      const value = new Float64Array(length);
      if (before) for (let i = 0; i < length; i++) value[i] = Number(before[i]);
      tensors.set(name, { value, error: new Float64Array(length), stored: new Uint8Array(length) });
    }
    const faults = new Map<number, number>();
    run(LIBRARY, n, contents, name => tensors.get(name)!, faults);
    return { tensors, faults };
  };
}
export interface Seen {
  /** the first element that is not within its bound, or was not to be written; undefined: all is well */
  readonly wrong: string | undefined;
  readonly elements: number;
  readonly undecided: number;
}
/** what a machine left in the tensor, and what had been there */
export function outside({ value, error, stored }: Bounds, before: Data, got: Data): Seen {
  let [elements, undecided] = [0, 0];
  let wrong: string | undefined;
  for (let i = 0; i < got.length; i++) {
    const g = Number(got[i]);
    if (!stored[i]) {
      if (!Object.is(got[i], before[i])) wrong ??= `element ${i}: ${g} where ${before[i]} was not to be written`;
      continue;
    }
    elements++;
    const [v, e] = [value[i]!, error[i]!];
    // WGSL knows no infinity and no NaN
    if (!(e < Infinity) || !(Math.abs(v) + e < MOST)) undecided++;
    else if (!(Math.abs(g - v) <= e)) wrong ??= `element ${i}: ${g} is not ${v} within ${e}`;
  }
  return { wrong, elements, undecided };
}
const MOST = 3.4e38;
