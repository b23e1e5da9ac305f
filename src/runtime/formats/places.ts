/** Where columns go that may be too large for memory: all of them at once. Knows no format. */
import type { Target } from "../targets.ts";
import type { Allocate } from "./format.ts";

interface Sized {
  readonly name: string;
  /** of all rows */
  readonly bytes: number;
}
/** `spill` gives a file for each column, which has that many bytes, if they are too large together */
export interface Spilling extends Allocate {
  readonly spill: (columns: readonly Sized[]) => readonly string[] | undefined;
}
export function placesIn(allocate: Allocate | Spilling, columns: readonly Sized[]): readonly Target[] {
  const paths = "spill" in allocate ? allocate.spill(columns) : undefined;
  if (paths) return paths.map(path => ({ k: "file", path }));
  for (const c of columns) allocate(c.name, c.bytes);
  // after the last `allocate` no view is detached any more
  return columns.map(c => {
    const view = allocate(c.name, c.bytes);
    const { buffer, byteOffset } = view;
    return buffer instanceof SharedArrayBuffer ? { k: "shared", buffer, at: byteOffset } : { k: "own", view };
  });
}
