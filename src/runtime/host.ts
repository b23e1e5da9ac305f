/** The Host of this machine: program texts and schemas from the file system. Knows nothing of the language or of formats. */
import { globSync, readdirSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { type Host, HostError } from "../ir/host.ts";
import { head, hostError, withInput } from "./files.ts";
import { formatOf } from "./formats/index.ts";
import { stampOf } from "./stamp.ts";

/** a program is text that a person wrote: whatever is larger was not meant */
const MAX_PROGRAM = 16 << 20;

/** `path` as the operating system takes it, and short enough for messages */
export const resolvePath = (folder: string, path: string): string =>
  isAbsolute(path) || folder === "" ? path : join(folder, path);

function text(path: string): string {
  const bytes = withInput(path, f => {
    if (f.size === 0) throw new HostError(`${path} is empty, a program was expected`);
    if (f.size > MAX_PROGRAM) throw new HostError(`${path} has ${f.size} bytes: too large for a program`);
    return head(f, f.size);
  });
  const zero = bytes.indexOf(0);
  if (zero >= 0)
    throw new HostError(`${path} is a binary file (a zero byte at offset ${zero}), a program was expected`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new HostError(`${path} is not UTF-8: ${firstBadByte(bytes)}`);
  }
}
function firstBadByte(bytes: Uint8Array): string {
  // a decoder that streams accepts a cut-off character at the end of a prefix
  let [good, bad] = [0, bytes.length];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, middle), { stream: true });
      good = middle;
    } catch {
      bad = middle;
    }
  }
  const line = 1 + bytes.subarray(0, good).reduce((n, b) => n + (b === 10 ? 1 : 0), 0);
  return `byte 0x${bytes[good]!.toString(16).padStart(2, "0")} at offset ${good}, line ${line}`;
}

/** the files that the paths of a source mean: `*` matches, and a folder is its files, in the order of their names */
export const filesOf = (folder: string, paths: readonly string[]): readonly string[] =>
  paths.flatMap(path => {
    if (path.endsWith("/")) return partsOf(resolvePath(folder, path));
    if (!path.includes("*")) return [resolvePath(folder, path)];
    const found = globSync(path, { cwd: folder === "" ? "." : folder }).sort();
    if (!found.length) throw new HostError(`no file matches ${resolvePath(folder, path)}`);
    return found.map(f => resolvePath(folder, f));
  });

/** the files of a folder of parts, in the order of their names; what others put beside them begins with _ or a dot */
function partsOf(folder: string): readonly string[] {
  let names: readonly string[];
  try {
    names = readdirSync(folder).sort();
  } catch (e) {
    throw hostError("read", folder, e);
  }
  const parts = names.filter(n => !/^[._]/.test(n));
  if (!parts.length) throw new HostError(`no file is in ${folder}`);
  return parts.map(n => join(folder, n));
}

export interface Stamping extends Host {
  /** of the files of a source: the same as before, the schema is, too; undefined: there is no telling */
  readonly stamp: (paths: readonly string[]) => string | undefined;
}
/** `folder`: the program's; sources are relative to it. Program texts are named as the command line or an import names them */
export const nodeHost = (folder: string): Stamping => ({
  text,
  schema: (format, paths, options) => formatOf(format).schema(filesOf(folder, paths), options),
  stamp: paths => {
    try {
      return stampOf(filesOf(folder, paths));
    } catch {
      return undefined; // whoever asks for the schema is told what is wrong
    }
  },
});
