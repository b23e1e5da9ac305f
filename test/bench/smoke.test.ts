/** The bench's own programs compile and run, each once and briefly: what it would compare is there. Asserts no time. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { rowsOf } from "../../bench/rows.ts";

const folder = mkdtempSync(join(tmpdir(), "hsc-bench-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Told {
  readonly rows: readonly { id: string; rates: Record<string, number>; share: number }[];
}
/** milliseconds: some twenty programs are compiled, on a machine that may be busy */
const MANY_PROGRAMS = 600_000;

test(
  "npm run bench -- --smoke measures each row",
  () => {
    const json = join(folder, "smoke.json");
    const main = join(import.meta.dirname, "../../bench/main.ts");
    const env = { ...process.env, XDG_CACHE_HOME: folder };
    const out = execFileSync(process.execPath, [main, "--smoke", "--json", json], { encoding: "utf8", env });
    const { rows }: Told = JSON.parse(readFileSync(json, "utf8"));
    expect(rows.map(r => r.id)).toEqual(rowsOf(true).map(r => r.id));
    for (const r of rows) {
      expect(Object.keys(r.rates)).toEqual(["hsc"]);
      expect(r.rates["hsc"]).toBeGreaterThan(0);
      expect(r.rates["hsc"]).toBeLessThan(Number.POSITIVE_INFINITY);
      expect(out).toContain(rowsOf(true).find(q => q.id === r.id)!.title);
    }
  },
  MANY_PROGRAMS,
);
