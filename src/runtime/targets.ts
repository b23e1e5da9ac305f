/** Where columns that several threads fill in go. Knows no format. */
import { closeSync, openSync } from "node:fs";
import { writeAt } from "./files.ts";

/** where a column goes: shared memory, a file that is there already, or memory of this thread alone */
export type Target =
  | { readonly k: "shared"; readonly buffer: SharedArrayBuffer; readonly at: number }
  | { readonly k: "file"; readonly path: string }
  | { readonly k: "own"; readonly view: Uint8Array };
/** columns as the job numbers them: bytes at a byte offset of the column */
export type Put = (column: number, at: number, bytes: Uint8Array) => void;
const pathOf = (t: Target): string => (t.k === "file" ? t.path : "");
/** puts what `parse` gives at its place */
export function writer(targets: readonly Target[]): { readonly put: Put; readonly close: () => void } {
  const fds = targets.map(t => (t.k === "file" ? openSync(t.path, "r+") : -1));
  const views = targets.map(t =>
    t.k === "shared" ? new Uint8Array(t.buffer, t.at) : t.k === "own" ? t.view : undefined,
  );
  return {
    put: (column, at, bytes) => {
      const view = views[column];
      if (view) view.set(bytes, at);
      else writeAt(fds[column]!, pathOf(targets[column]!), at, bytes);
    },
    close: () => {
      for (const fd of fds) if (fd >= 0) closeSync(fd);
    },
  };
}
