/** An example as a user runs it: in a folder of its own, by bin/hsc.cjs, without what other runs left in the cache. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

const examples = join(import.meta.dirname, "../../examples");
const BIN = join(import.meta.dirname, "../../bin/hsc.cjs");

export interface User {
  readonly folder: string;
  /** stdout; throws with stderr where hsc fails */
  readonly hsc: (...args: readonly string[]) => string;
  /** the same, from stderr */
  readonly status: (...args: readonly string[]) => string;
}
/** all examples and their data; `edit`: what is shortened in the one at hand */
export function user(name: string, edit: (program: string) => string = x => x): User {
  const folder = mkdtempSync(join(tmpdir(), "hsc-example-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const f of readdirSync(examples).filter(f => f.endsWith(".hs"))) {
    const text = readFileSync(join(examples, f), "utf8");
    writeFileSync(join(folder, f), f === name ? edit(text) : text);
  }
  mkdirSync(join(folder, "data"));
  for (const f of readdirSync(join(examples, "data"))) symlinkSync(join(examples, "data", f), join(folder, "data", f));
  let runs = 0;
  const run = (args: readonly string[]): { readonly stdout: string; readonly stderr: string } => {
    const r = spawnSync(process.execPath, [BIN, ...args], {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, HSC_CACHE: join(folder, `cache${runs++}`), NO_COLOR: "1" },
    });
    if (r.status !== 0) throw new Error(r.stderr);
    return r;
  };
  return { folder, hsc: (...args) => run(args).stdout, status: (...args) => run(args).stderr };
}
