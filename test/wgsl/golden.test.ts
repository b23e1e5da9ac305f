/**
 * Every golden that runs, on GPUs: it prints what it prints on a CPU, numbers to five digits (what they are within is programs.test.ts's
 * business), or is refused for a type that WGSL lacks, by name.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { expect, it } from "vitest";
import { compile } from "../../src/compile.ts";
import { RuntimeDiagnostic } from "../../src/runtime/error.ts";
import { instantiateOnGpu } from "../../src/runtime/gpu.ts";
import type { Gpu } from "../../src/runtime/gpu-device.ts";
import { nodeHost } from "../../src/runtime/host.ts";
import { noLog } from "../../src/runtime/log.ts";
import { playOn } from "../../src/runtime/player.ts";
import { preludeTexts } from "../../src/runtime/prelude.ts";
import { noStatus } from "../../src/runtime/status.ts";
import { makeStrings } from "../../src/runtime/strings.ts";
import { readGolden } from "../golden/runner/file.ts";
import { temporary } from "../runtime/temporary.ts";
import { onEachAdapter } from "./device.ts";

const ROOT = join(import.meta.dirname, "../golden");
/** imported by goldens, and what they read: no goldens */
const SHARED = ["data", "lib"];
/** of types that WGSL lacks */
const REFUSED = /^(i64|f64) on a GPU is not built yet$/;
const prelude = preludeTexts();

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

/** what it prints; the message of a refusal */
async function onGpu(gpu: Gpu, r: Run): Promise<{ readonly printed: string } | { readonly refused: string }> {
  const copy = temporary();
  const folder = join(copy, "test/golden", dirname(r.file));
  mkdirSync(folder, { recursive: true });
  cpSync(join(ROOT, r.file), join(folder, basename(r.file)));
  for (const d of SHARED) symlinkSync(join(ROOT, d), join(copy, "test/golden", d));
  symlinkSync(join(ROOT, "../../examples"), join(copy, "examples"));
  const file = join(folder, basename(r.file));
  const { plan, modules, diagnostics } = compile(file, nodeHost(folder), { set: r.set, prelude, device: "gpu" });
  const stage = plan?.stages[0];
  if (!stage) return { refused: diagnostics.find(d => d.severity !== "warning")!.message };
  const lines: string[] = [];
  const instance = await instantiateOnGpu(gpu, stage, name => new TextDecoder().decode(modules.get(name)));
  const options = {
    folder,
    seed: r.seed,
    params: new Map(),
    earlier: new Map(),
    strings: makeStrings([]),
    print: (line: string) => void lines.push(line),
    log: noLog,
    status: noStatus,
    now: () => performance.now(),
  };
  await playOn(instance, stage, options).finally(instance.remote.close);
  return { printed: lines.join("\n").trim() };
}
/** numbers cut to five digits, and columns, which are as wide as their numbers, to one space */
const cut = (text: string): string =>
  text.replace(/-?\d+\.\d+(e[-+]?\d+)?/g, n => String(Number(Number(n).toPrecision(5)))).replace(/ +/g, " ");

onEachAdapter("golden", gpu => {
  it.each(RUNS.map(r => [r.file, r] as const))("%s", { timeout: 120_000 }, async (_, r) => {
    try {
      const got = await onGpu(gpu, r);
      if ("refused" in got) expect(got.refused).toMatch(REFUSED);
      else expect(cut(got.printed)).toBe(cut(r.printed));
    } catch (e) {
      throw e instanceof RuntimeDiagnostic ? new Error(e.message) : e;
    }
  });
});
