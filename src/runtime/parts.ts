/** A table as a folder of files, each some rows of it, in order: part-00000.csv .. It is whole or not there, as a file is. Knows no format. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Cells } from "./cells.ts";
import type { TensorData } from "./dtype.ts";
import { exists, expectWritable, writeFolder, writeWhole } from "./files.ts";

/** rows of a part: a million take some seconds to write, and a reader's threads as many files as there are */
const PART = 1 << 20;
const isPart = /^part-\d{5,}\.[a-z]+$/;
/** nothing but parts is in it: it may be replaced */
const mine = (folder: string): boolean => readdirSync(folder).every(f => isPart.test(f));

export const isFolderOfParts = (path: string): boolean => path.endsWith("/");
const withoutSlash = (path: string): string => path.replace(/\/+$/, "");

type Encode = (columns: readonly (readonly [name: string, Cells])[], rows: number) => Iterable<Uint8Array>;
export function writeParts(
  path: string,
  extension: string,
  columns: readonly (readonly [name: string, Cells])[],
  rows: number,
  encode: Encode,
): void {
  const fill = (folder: string): void => {
    for (let i = 0; i === 0 || i * PART < rows; i++) {
      const [from, to] = [i * PART, Math.min(rows, (i + 1) * PART)];
      const part = columns.map(([name, c]) => [name, some(c, from, to)] as const);
      writeWhole(join(folder, `part-${String(i).padStart(5, "0")}.${extension}`), encode(part, to - from));
    }
  };
  writeFolder(withoutSlash(path), fill, mine);
}
/** what `writeParts` would say of the path before it writes a byte */
export function expectParts(path: string): void {
  const folder = withoutSlash(path);
  // a folder of parts is replaced
  if (exists(folder) && isReplaceable(folder)) return;
  expectWritable(folder);
}
function isReplaceable(folder: string): boolean {
  try {
    return mine(folder);
  } catch {
    return false; // no folder, which `expectWritable` or `writeFolder` says
  }
}
/** rows [from, to) */
function some(c: Cells, from: number, to: number): Cells {
  const present = c.present && rowsOf(c.present, from, to);
  return { ...c, ...rowsOf(c, from, to), ...(present ? { present } : {}) };
}
function rowsOf(t: TensorData, from: number, to: number): TensorData {
  const bytes = t.bytes.length / t.shape[0]!;
  return { store: t.store, shape: [to - from, ...t.shape.slice(1)], bytes: t.bytes.subarray(from * bytes, to * bytes) };
}
