/** Real programs on 1, 2, 3 and 7 threads, with 128-bit and with 256-bit instructions: the same bits. */
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { here } from "../../src/codegen/wasm/module.ts";
import { compile } from "../../src/compile.ts";
import type { PlanStage } from "../../src/ir/plan.ts";
import { sha256 } from "../../src/runtime/bundle.ts";
import { nodeHost } from "../../src/runtime/host.ts";
import { noLog } from "../../src/runtime/log.ts";
import { playOn } from "../../src/runtime/player.ts";
import { preludeTexts } from "../../src/runtime/prelude.ts";
import { noStatus } from "../../src/runtime/status.ts";
import { makeStrings } from "../../src/runtime/strings.ts";
import { makeTeam } from "../../src/runtime/team.ts";
import { build, instantiate } from "../../src/runtime/wasm.ts";
import { temporary } from "./temporary.ts";

vi.setConfig({ testTimeout: 120_000 });
const DATA = 'let digits = idx("data/t10k-images-idx3-ubyte.gz", "data/t10k-labels-idx1-ubyte.gz")';
const TRAINED = `
save net to "net.safetensors"
print accuracy = digits |> mean(r => argmax(net(r.image / 255)) == r.label)
`;
const PROGRAMS: Readonly<Record<string, string>> = {
  // 3 panels and 2 records in a batch; the last batch has 6
  "an MLP on ragged batches": `${DATA} |> take(256)
model Mlp(x: f32[28, 28]) -> f32[10] = x |> flatten |> dense(37) |> relu |> dense(10)
let net = train(Mlp, digits, loss: (m, r) => cross_entropy(m(r.image / 255), r.label), optimizer: adam(1e-3), batch: 50, epochs: 8)${TRAINED}`,
  LeNet: `${DATA} |> take(200)
model LeNet(x: f32[28, 28]) -> f32[10] =
  x |> reshape([1, 28, 28]) |> conv(20, kernel: 5) |> max_pool(2) |> conv(50, kernel: 5) |> max_pool(2) |> flatten |> dense(500) |> relu |> dense(10)
let net = train(LeNet, digits, loss: (m, r) => cross_entropy(m(r.image / 255), r.label), optimizer: sgd(0.01, momentum: 0.9), batch: 96, epochs: 1)${TRAINED}`,
  "a filter whose mask several threads write": `${DATA}
let some = digits |> filter(r => r.label % 3 == 1 and mean(r.image / 255) > 0.1)
print n = count(some)
print brightest = some |> max(r => mean(r.image / 255))
save collect(some |> take(1000) |> map(r => { x: mean(r.image / 255, axis: 0) })).x to "net.safetensors"
`.replace('"net.safetensors"', '"net.npy"'),
};
/** an empty custom section: V8 hands out what it compiled before for equal bytes, with whatever flags */
const OTHER = Uint8Array.of(0, 2, 1, 0x77);
async function results(
  stage: PlanStage,
  module: Uint8Array,
  folder: string,
  threads: number,
  wide = true,
): Promise<readonly string[]> {
  const lines: string[] = [];
  const instance = instantiate(wide ? module : Buffer.concat([module, OTHER]), stage.heap, wide);
  const team = makeTeam(instance, { threads, workerBytes: stage.regions.worker.bytes, after: 0 });
  await playOn(team, stage, {
    folder,
    seed: 0,
    params: new Map(),
    earlier: new Map(),
    strings: makeStrings([]),
    print: line => lines.push(line),
    log: noLog,
    status: noStatus,
    now: () => performance.now(),
  }).finally(team.close);
  const saved = stage.steps.flatMap(s => (s.k === "save" ? [s.path] : []));
  return [...lines, ...saved.map(path => sha256(readFileSync(join(folder, path))))];
}
describe("any number of threads and any width gives the same bits", () => {
  test.each(Object.entries(PROGRAMS))("%s", async (_, program) => {
    const folder = temporary();
    symlinkSync(join(import.meta.dirname, "../../examples/data"), join(folder, "data"));
    const file = join(folder, "a.hs");
    writeFileSync(file, program);
    const { plan, modules, diagnostics } = compile(file, nodeHost(folder), {
      set: {},
      prelude: preludeTexts(),
      assembler: () => here,
    });
    expect(diagnostics).toEqual([]);
    const stage = plan!.stages[0]!;
    const module = modules.get(stage.modules[build()])!;
    const one = await results(stage, module, folder, 1);
    expect(await results(stage, module, folder, 1, false)).toEqual(one);
    for (const threads of [2, 3, 7])
      expect([threads, await results(stage, module, folder, threads)]).toEqual([threads, one]);
  });
});
