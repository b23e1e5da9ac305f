/** By what a file is known to be the one that was looked at before, without reading it. Knows no format. */
import { statSync } from "node:fs";

/** with more files than that it is no quicker than to look at the first */
const MOST = 1000;
/** milliseconds in which a file may be written twice without its times telling so */
const YOUNG = 2000;

/** undefined: files that have just been written, or that cannot be looked at, may be others the next time without a sign of it */
export function stampOf(files: readonly string[], now: number = Date.now()): string | undefined {
  if (files.length > MOST) return undefined;
  const all: string[] = [];
  try {
    for (const path of files) {
      const s = statSync(path, { bigint: true });
      if (!s.isFile() || Math.max(Number(s.mtimeMs), Number(s.ctimeMs)) > now - YOUNG) return undefined;
      all.push(`${path} ${s.dev} ${s.ino} ${s.size} ${s.mtimeNs} ${s.ctimeNs}`);
    }
  } catch {
    return undefined;
  }
  return all.join("\n");
}
