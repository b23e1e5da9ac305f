/** The same kernel in elements of 32 bits: i64 becomes i32, f64 becomes f32. */
import type { Kernel } from "../../src/ir/kernel.ts";

const NARROWER: Readonly<Record<string, string>> = { i64: "i32", f64: "f32" };
/** objects that were one stay one */
export function narrowed(k: Kernel): Kernel {
  const seen = new Map<object, object>();
  const walk = (x: unknown): unknown => {
    if (typeof x === "string") return NARROWER[x] ?? x;
    if (typeof x !== "object" || x === null) return x;
    const old = seen.get(x);
    if (old) return old;
    if (Array.isArray(x)) return x.map(walk);
    const out: Record<string, unknown> = {};
    seen.set(x, out);
    for (const [key, v] of Object.entries(x)) out[key] = walk(v);
    return out;
  };
  return walk(k) as Kernel; // a kernel is plain data, and no name in it is an element's
}
