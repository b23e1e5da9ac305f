/** A program through the command line, in a folder of its own: what it prints, if it ends well. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";

const BIN = join(import.meta.dirname, "../../bin/hsc.cjs");
export function hsc(folder: string, text: string): string {
  writeFileSync(join(folder, "a.hs"), text);
  const r = spawnSync(process.execPath, [BIN, "run", "a.hs"], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, HSC_CACHE: join(folder, "cache"), NO_COLOR: "1" },
  });
  expect(r.status, r.stderr).toBe(0);
  return r.stdout;
}
