/**
 * What a run of several stages has read: each stage has a memory of its own, and asks here before it reads a source again. Rows of a small
 * source are kept; a file that is another one by then is an error. Knows no format.
 */
import { statSync } from "node:fs";
import type { Source } from "../ir/plan.ts";
import { RuntimeDiagnostic } from "./error.ts";

/** as a reader gave them; `columns` by name, all their bytes */
export interface KeptRows {
  readonly rows: number;
  readonly ids: Uint32Array | undefined;
  readonly columns: ReadonlyMap<string, Uint8Array>;
}
export interface Reads {
  /** files are read now: throws if one was changed since a stage before read it */
  readonly files: (paths: readonly string[], source: Source) => void;
  /** undefined: they must be read */
  readonly rows: (source: Source, columns: readonly string[]) => KeptRows | undefined;
  /** whether there is room for so many bytes, and somebody who may want them */
  readonly wants: (bytes: number) => boolean;
  readonly keep: (source: Source, rows: KeptRows) => void;
  /** no stage follows the one that begins now */
  readonly last: () => void;
}
/** of all that is kept */
const MOST = 256 * 2 ** 20;

export function makeReads(): Reads {
  const seen = new Map<string, string>();
  const kept = new Map<string, KeptRows>();
  let room = MOST;
  let isLast = false;
  const keyOf = ({ format, paths, options, query, given }: Source): string =>
    JSON.stringify([format, paths, options, query, given]);
  return {
    files: (paths, { span }) => {
      for (const path of paths) {
        const now = stamp(path);
        const old = seen.get(path);
        if (old !== undefined && old !== now)
          throw new RuntimeDiagnostic(`${path} was changed after the program had read it, and is read again`, {
            span,
            help: "save to another file",
          });
        if (now !== undefined) seen.set(path, now);
      }
    },
    rows: (source, columns) => {
      const old = kept.get(keyOf(source));
      return old && columns.every(c => old.columns.has(c)) ? old : undefined;
    },
    wants: bytes => !isLast && bytes <= room,
    keep: (source, rows) => {
      const key = keyOf(source);
      for (const c of kept.get(key)?.columns.values() ?? []) room += c.length;
      for (const c of rows.columns.values()) room -= c.length;
      kept.set(key, rows);
    },
    last: () => {
      isLast = true;
    },
  };
}
/** undefined: it cannot be looked at, and its reader will say so */
function stamp(path: string): string | undefined {
  try {
    const { ino, size, mtimeMs } = statSync(path);
    return `${ino} ${size} ${mtimeMs}`;
  } catch {
    return undefined;
  }
}
