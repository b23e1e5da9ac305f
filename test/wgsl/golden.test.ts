/**
 * Every golden that runs, on GPUs: it prints what it prints on a CPU, numbers to five digits (what they are within is programs.test.ts's
 * business), or is refused for a type that WGSL lacks, by name.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { expect, it } from "vitest";
import { RuntimeDiagnostic } from "../../src/runtime/error.ts";
import type { Gpu } from "../../src/runtime/gpu-device.ts";
import { readGolden } from "../golden/runner/file.ts";
import { temporary } from "../runtime/temporary.ts";
import { onEachAdapter } from "./device.ts";
import { type Played, played } from "./play.ts";

const ROOT = join(import.meta.dirname, "../golden");
/** imported by goldens, and what they read: no goldens */
const SHARED = ["data", "lib"];
/** of types that WGSL lacks */
const REFUSED = /^(i64|f64) on a GPU is not built yet$/;

interface Run {
  readonly file: string;
  readonly seed: number;
  readonly set: Readonly<Record<string, string>>;
  readonly printed: string;
}
function runOf(file: string): Run | undefined {
  const section = readGolden(readFileSync(join(ROOT, file), "utf8")).sections.find(s => /^run\b/.test(s.head));
  if (!section || /^exit/m.test(section.body)) return undefined;
  const words = section.head.split(" ");
  const after = (flag: string): readonly string[] => words.filter((_, i) => words[i - 1] === flag);
  const printed = section.body.split(/^stderr:$/m)[0]!.trim();
  const set = Object.fromEntries(after("--set").map(w => w.split("=") as [string, string])); // as: so the form is
  return { file, seed: Number(after("--seed")[0] ?? 0), set, printed };
}
const RUNS = readdirSync(ROOT, { recursive: true, encoding: "utf8" })
  .filter(f => f.endsWith(".hs") && !SHARED.includes(f.split("/")[0]!))
  .sort()
  .flatMap(f => runOf(f) ?? []);

async function onGpu(gpu: Gpu, r: Run): Promise<Played> {
  const copy = temporary();
  const folder = join(copy, "test/golden", dirname(r.file));
  mkdirSync(folder, { recursive: true });
  cpSync(join(ROOT, r.file), join(folder, basename(r.file)));
  for (const d of SHARED) symlinkSync(join(ROOT, d), join(copy, "test/golden", d));
  symlinkSync(join(ROOT, "../../examples"), join(copy, "examples"));
  return played(gpu, { folder, file: join(folder, basename(r.file)), seed: r.seed, set: r.set });
}
/** numbers cut to five digits, and columns, which are as wide as their numbers, to one space */
const cut = (text: string): string =>
  text.replace(/-?\d+\.\d+(e[-+]?\d+)?/g, n => String(Number(Number(n).toPrecision(5)))).replace(/ +/g, " ");

onEachAdapter("golden", gpu => {
  it.each(RUNS.map(r => [r.file, r] as const))("%s", { timeout: 120_000 }, async (_, r) => {
    try {
      const got = await onGpu(gpu, r);
      if ("refused" in got) {
        expect(got.refused).toMatch(REFUSED);
        return;
      }
      expect(got.verdict.wrong).toEqual([]);
      expect(cut(got.printed)).toBe(cut(r.printed));
    } catch (e) {
      throw e instanceof RuntimeDiagnostic ? new Error(e.message) : e;
    }
  });
});
