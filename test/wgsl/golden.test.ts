/**
 * Every golden that runs, on GPUs: each kernel is within the bound of what it was given, it prints what it prints on a CPU, numbers to five
 * digits, or fails in the words of a CPU. None is refused.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { expect, it } from "vitest";
import { failureText } from "../../src/failure.ts";
import { RuntimeDiagnostic } from "../../src/runtime/error.ts";
import type { Gpu } from "../../src/runtime/gpu-device.ts";
import { readGolden } from "../golden/runner/file.ts";
import { temporary } from "../runtime/temporary.ts";
import { onEachAdapter } from "./device.ts";
import { type Played, played } from "./play.ts";

const ROOT = join(import.meta.dirname, "../golden");
/** imported by goldens, and what they read: no goldens */
const SHARED = ["data", "lib"];

interface Run {
  readonly file: string;
  readonly seed: number;
  readonly set: Readonly<Record<string, string>>;
  readonly printed: string;
  /** what it says when it fails as it runs */
  readonly fails?: string;
}
function runOf(file: string): Run | undefined {
  const section = readGolden(readFileSync(join(ROOT, file), "utf8")).sections.find(x => /^(run|error)\b/.test(x.head));
  if (!section) return undefined;
  const words = section.head.split(" ");
  const after = (flag: string): readonly string[] => words.filter((_, i) => words[i - 1] === flag);
  const set = Object.fromEntries(after("--set").map(w => w.split("=") as [string, string])); // as: so the form is
  const how = { file, seed: Number(after("--seed")[0] ?? 0), set };
  const failed = /^((?:.|\n)*)\nexit (\d)$/.exec(section.body.trim());
  if (!failed) return { ...how, printed: section.body.split(/^stderr:$/m)[0]!.trim() };
  // of the others it is said before they run
  return words[0] === "error" && failed[2] === "1" ? { ...how, printed: "", fails: failed[1]! } : undefined;
}
const RUNS = readdirSync(ROOT, { recursive: true, encoding: "utf8" })
  .filter(f => f.endsWith(".hs") && !SHARED.includes(f.split("/")[0]!))
  .sort()
  .flatMap(f => runOf(f) ?? []);

async function onGpu(gpu: Gpu, r: Run): Promise<Played | { readonly failed: string }> {
  const copy = temporary();
  const folder = join(copy, "test/golden", dirname(r.file));
  mkdirSync(folder, { recursive: true });
  cpSync(join(ROOT, r.file), join(folder, basename(r.file)));
  for (const d of SHARED) symlinkSync(join(ROOT, d), join(copy, "test/golden", d));
  symlinkSync(join(ROOT, "../../examples"), join(copy, "examples"));
  const file = join(folder, basename(r.file));
  try {
    return await played(gpu, { folder, file, seed: r.seed, set: r.set });
  } catch (e) {
    if (!(e instanceof RuntimeDiagnostic)) throw e;
    return { failed: failureText(e, f => readFileSync(f, "utf8"), false).replaceAll(`${folder}/`, "") };
  }
}
/** numbers cut to five digits, and columns, which are as wide as their numbers, to one space, as lines end in goldens in none */
const cut = (text: string): string =>
  text
    .replace(/-?\d+\.\d+(e[-+]?\d+)?/g, n => String(Number(Number(n).toPrecision(5))))
    .replace(/ +/g, " ")
    .replace(/ $/gm, "");

onEachAdapter("golden", gpu => {
  it.each(RUNS.map(r => [r.file, r] as const))("%s", { timeout: 120_000 }, async (_, r) => {
    const got = await onGpu(gpu, r);
    if ("failed" in got) expect(got.failed).toBe(r.fails);
    else {
      if ("refused" in got) throw new Error(got.refused);
      expect(got.verdict.wrong).toEqual([]);
      expect(cut(got.printed)).toBe(cut(r.printed));
      expect(r.fails).toBeUndefined();
    }
  });
});
