/** A table as a folder of files, each some rows of it, in order: part-00000.csv .. It is whole or not there, as a file is. Knows no format. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { exists, expectWritable, writeFolder, writeWhole } from "./files.ts";
import { portions, type TablePieces } from "./table-pieces.ts";

/** rows of a part: a million take some seconds to write, and a reader's threads as many files as there are */
const PART = 1 << 20;
const isPart = /^part-\d{5,}\.[a-z]+$/;
/** nothing but parts is in it: it may be replaced */
const mine = (folder: string): boolean => readdirSync(folder).every(f => isPart.test(f));

export const isFolderOfParts = (path: string): boolean => path.endsWith("/");
const withoutSlash = (path: string): string => path.replace(/\/+$/, "");

export function writeParts(
  path: string,
  extension: string,
  pieces: TablePieces,
  encode: (pieces: TablePieces) => Iterable<Uint8Array>,
): void {
  const fill = (folder: string): void => {
    let i = 0;
    for (const part of portions(pieces, PART))
      writeWhole(join(folder, `part-${String(i++).padStart(5, "0")}.${extension}`), encode(part));
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
