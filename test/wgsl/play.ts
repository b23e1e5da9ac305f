/** A program compiled for a GPU and played on one, stage after stage, each kernel held to its bounds. Knows no golden. */
import { vi } from "vitest";
import { here } from "../../src/codegen/wasm/module.ts";
import { begin } from "../../src/compile.ts";
import type { Kernel } from "../../src/ir/kernel.ts";
import type { Dims } from "../../src/ir/plan.ts";
import { GPU } from "../../src/passes/plan/target.ts";
import { type TensorData, valueAt, view } from "../../src/runtime/dtype.ts";
import type { PlayOptions } from "../../src/runtime/effects.ts";
import { instantiateOnGpu } from "../../src/runtime/gpu.ts";
import type { Gpu } from "../../src/runtime/gpu-device.ts";
import { nodeHost } from "../../src/runtime/host.ts";
import { noLog } from "../../src/runtime/log.ts";
import { playOn } from "../../src/runtime/player.ts";
import { preludeTexts } from "../../src/runtime/prelude.ts";
import { noStatus } from "../../src/runtime/status.ts";
import { makeStrings } from "../../src/runtime/strings.ts";
import { noVerdict, type Verdict, watched } from "./watched.ts";

const prelude = preludeTexts();
export interface Asked {
  readonly folder: string;
  readonly file: string;
  readonly seed?: number;
  readonly set?: Readonly<Record<string, string>>;
  readonly options?: Partial<PlayOptions>;
  /** puts a bug into the text of a kernel */
  readonly plant?: (text: string, file: string) => string;
}
export type Played =
  | { readonly printed: string; readonly verdict: Verdict }
  /** what the compiler says */
  | { readonly refused: string };

export async function played(gpu: Gpu, asked: Asked): Promise<Played> {
  const { folder, file, seed = 0, set = {}, plant = text => text } = asked;
  const { staged, diagnostics } = begin(file, nodeHost(folder), { set, prelude, device: "gpu", assembler: () => here });
  const refusal = (d: typeof diagnostics): { readonly refused: string } => ({
    refused: d.find(x => x.severity !== "warning")!.message,
  });
  if (!staged) return refusal(diagnostics);
  const lines: string[] = [];
  const verdict = noVerdict();
  const strings = makeStrings(staged.plan.texts ?? []);
  const earlier = new Map<string, TensorData>();
  for (const [i, needs] of staged.outline.needs.entries()) {
    const dims: Dims = new Map(needs.map(name => [name, numberOf(earlier.get(name)!)]));
    const kernels: Kernel[] = [];
    const tile = GPU.tile;
    const cut = vi.spyOn(GPU, "tile").mockImplementation(k => {
      kernels.push(k);
      return tile(k);
    });
    const { stage, modules, diagnostics: more } = staged.stage(i, dims);
    cut.mockRestore();
    if (!stage) return refusal(more);
    const instance = await instantiateOnGpu(gpu, stage, name =>
      plant(new TextDecoder().decode(modules.get(name)), name),
    );
    const w = watched(instance, stage, kernels, verdict);
    const options: PlayOptions = {
      folder,
      seed,
      params: new Map(),
      earlier,
      strings,
      print: line => void lines.push(line),
      log: noLog,
      status: noStatus,
      now: () => performance.now(),
      ...asked.options,
    };
    try {
      for (const [name, t] of await playOn(w.instance, stage, options)) earlier.set(name, t);
      await w.finish();
    } finally {
      instance.remote.close();
    }
  }
  return { printed: lines.join("\n").trim(), verdict };
}
const numberOf = (t: TensorData): number => Number(valueAt(t.store, view(t.store, t.bytes), 0));
