/** Which files a process imports, as it lists them on stderr. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** the files of the packed form that hold the compiler */
export const COMPILER = /\/(session|assembler)-[^/]*\.js/;
/** node's options that list what is imported on stderr */
export function listing(folder: string): string {
  const hook = join(folder, "hook.mjs");
  writeFileSync(
    hook,
    'import { registerHooks } from "node:module"; registerHooks({ resolve(s, c, next) { const r = next(s, c); console.error(r.url); return r; } });',
  );
  return `--import=${hook}`;
}
