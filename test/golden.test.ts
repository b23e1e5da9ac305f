/** Every golden equals its own regenerated text; `npm run bless` rewrites those that do not. Knows no section. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { readGolden, writeGolden } from "./golden/runner/file.ts";
import { regenerated } from "./golden/runner/sections.ts";

// a busy machine
vi.setConfig({ testTimeout: 120_000 });
const ROOT = join(import.meta.dirname, "golden");
/** see test/run.ts */
const BLESS = process.env["HSC_BLESS"] !== undefined && !process.env["CI"];
/** imported by goldens, and what they read: no goldens */
const SHARED = ["data", "lib"];
const files = readdirSync(ROOT, { recursive: true, encoding: "utf8" })
  .filter(f => f.endsWith(".hs") && !SHARED.includes(f.split("/")[0]!))
  .sort();

/** a copy beside which programs save, with the same paths to the data */
const copy = mkdtempSync(join(tmpdir(), "hsc-golden-"));
beforeAll(() => {
  for (const area of new Set(files.map(f => dirname(f))))
    mkdirSync(join(copy, "test/golden", area), { recursive: true });
  for (const f of files) cpSync(join(ROOT, f), join(copy, "test/golden", f));
  for (const d of SHARED) symlinkSync(join(ROOT, d), join(copy, "test/golden", d));
  symlinkSync(join(ROOT, "../../examples"), join(copy, "examples"));
});

const MOST_LINES = 30;
async function again(file: string): Promise<string> {
  const golden = readGolden(readFileSync(join(ROOT, file), "utf8"));
  const lines = golden.program.trim().split("\n").length;
  if (lines > MOST_LINES)
    throw new Error(`a program of ${lines} lines shows more than one idea: ${MOST_LINES} are allowed`);
  const place = { folder: join(copy, "test/golden", dirname(file)), file: basename(file) };
  const sections = [];
  for (const s of golden.sections) sections.push(await regenerated(s, place));
  return writeGolden({ program: golden.program, sections });
}

describe("golden", () => {
  test.each(files)("%s", async file => {
    const path = join(ROOT, file);
    const text = await again(file);
    if (BLESS) writeFileSync(path, text);
    expect(
      readFileSync(path, "utf8"),
      `${relative(process.cwd(), path)}; if it is right as it is now: npm run bless`,
    ).toBe(text);
  });
});
afterAll(() => rmSync(copy, { recursive: true }));
