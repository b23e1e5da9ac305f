/** An example as a user runs it: in a folder of its own, by bin/hsc.cjs, without what other runs left in the cache. */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

const root = join(import.meta.dirname, "../..");

export interface User {
  readonly folder: string;
  /** stdout; throws with stderr where hsc fails */
  readonly hsc: (...args: readonly string[]) => string;
}
/** `examples/<name>` beside the examples' data */
export function user(name: string): User {
  const folder = mkdtempSync(join(tmpdir(), "hsc-example-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  copyFileSync(join(root, "examples", name), join(folder, name));
  symlinkSync(join(root, "examples/data"), join(folder, "data"));
  let runs = 0;
  const hsc = (...args: readonly string[]): string => {
    const run = spawnSync(process.execPath, [join(root, "bin/hsc.cjs"), ...args], {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, HSC_CACHE: join(folder, `cache${runs++}`) },
    });
    if (run.status !== 0) throw new Error(run.stderr);
    return run.stdout;
  };
  return { folder, hsc };
}
