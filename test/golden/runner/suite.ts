/** Programs with sections as tests: each file equals its own regenerated text, or, with HSC_BLESS (test/run.ts), becomes it. Knows no section. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { readGolden, writeGolden } from "./file.ts";
import { regenerated } from "./sections.ts";

const ROOT = join(import.meta.dirname, "../../..");
const BLESS = process.env["HSC_BLESS"] !== undefined && !process.env["CI"];
const MOST_LINES = 30;

export interface Suite {
  readonly title: string;
  /** their paths in the repository */
  readonly files: readonly string[];
  /** puts what they read into a copy of their folders, in which they are run and save */
  readonly prepare: (copy: string) => void;
}
export function suite({ title, files, prepare }: Suite): void {
  // a busy machine
  vi.setConfig({ testTimeout: 120_000 });
  const copy = mkdtempSync(join(tmpdir(), "hsc-golden-"));
  beforeAll(() => {
    for (const f of files) {
      mkdirSync(join(copy, dirname(f)), { recursive: true });
      cpSync(join(ROOT, f), join(copy, f));
    }
    prepare(copy);
  });
  afterAll(() => rmSync(copy, { recursive: true }));
  const again = async (file: string): Promise<string> => {
    const golden = readGolden(readFileSync(join(ROOT, file), "utf8"));
    const lines = golden.program.trim().split("\n").length;
    if (lines > MOST_LINES)
      throw new Error(`a program of ${lines} lines shows more than one idea: ${MOST_LINES} are allowed`);
    const place = { folder: join(copy, dirname(file)), file: basename(file) };
    const sections = [];
    for (const s of golden.sections) sections.push(await regenerated(s, place));
    return writeGolden({ program: golden.program, sections });
  };
  describe(title, () => {
    test.each([...files].sort())("%s", async file => {
      const text = await again(file);
      if (BLESS) writeFileSync(join(ROOT, file), text);
      expect(readFileSync(join(ROOT, file), "utf8"), `${file}; if it is right as it is now: npm run bless`).toBe(text);
    });
  });
}
