/** Kernels in the form that V8 leaves in 128 bits: the same bits, really left alone, taken where a clock says so. Asserts no time. */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { here } from "../../src/codegen/wasm/module.ts";
import { begin, form } from "../../src/compile.ts";
import { itemsAt } from "../../src/ir/loop-data.ts";
import { PEAK } from "../../src/ir/loop-peak.ts";
import { assembled, choose, type Time, told } from "../../src/narrow.ts";
import { nodeHost } from "../../src/runtime/host.ts";
import { silent } from "../../src/runtime/measure/steps.ts";
import { play } from "../../src/runtime/player.ts";
import { preludeTexts } from "../../src/runtime/prelude.ts";
import { build, instantiate, WIDENS } from "../../src/runtime/wasm.ts";
import { CASES } from "../emit/cases.ts";
import { prepare } from "../emit/harness.ts";
import { temporary } from "./temporary.ts";

/** by V8's own trace in a process of its own: functions that it made 256-bit instructions of */
function paired(bytes: Uint8Array): number {
  const file = join(temporary(), "m.wasm");
  writeFileSync(file, bytes);
  const flags = [
    "--no-liftoff",
    "--no-wasm-lazy-compilation",
    "--experimental-wasm-revectorize",
    "--trace-wasm-revectorize",
  ];
  const script = `new WebAssembly.Module(require("node:fs").readFileSync(${JSON.stringify(file)}))`;
  const { stdout, status } = spawnSync(process.execPath, [...flags, "-e", script], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  expect(status).toBe(0);
  return stdout.match(/Decide to vectorize, [1-9]/g)?.length ?? 0;
}
const region = { base: 1 << 16 };
const regions = { state: region, step: region, staging: region };
const relaxed = { build: "relaxed", exportKernels: true } as const;

describe.skipIf(!WIDENS)("an engine that makes 256-bit instructions", () => {
  it("makes them of a plain kernel, and none of one that is to stay narrow", () => {
    const of = (narrow: boolean): Uint8Array => {
      const m = here.open(relaxed);
      for (const { kernel } of PEAK) m.kernel(kernel, narrow);
      return m.finish({ phases: [], regions });
    };
    expect(paired(of(false))).toBeGreaterThan(0);
    expect(paired(of(true))).toBe(0);
  });
  it("computes the same bits in both forms", () => {
    for (const [title, make] of CASES) {
      const [kernel, schedule] = make();
      const n = 19;
      const bits = [false, true].map(narrow => {
        const { loop, data } = prepare(kernel, schedule, n, 7);
        const m = here.open({ ...relaxed, shared: true });
        m.kernel(loop, narrow);
        const i = instantiate(m.finish({ phases: [], regions }), 1 << 22);
        const places = loop.params.map(p => {
          const d = data.get(p.name)!;
          const at = i.memory.allocate(d.byteLength + 64, p.name);
          i.memory.bytes(at, d.byteLength).set(new Uint8Array(d.buffer, d.byteOffset, d.byteLength));
          return { at, bytes: d.byteLength };
        });
        const items = loop.grid[0] ? itemsAt(loop.grid[0].to, n) : 1;
        i.kernel!(loop.name)!(n, 0, items, region.base, ...places.map(p => p.at));
        return places.map(p => Buffer.from(i.memory.bytes(p.at, p.bytes)).toString("hex"));
      });
      expect([title, bits[1]]).toEqual([title, bits[0]]);
    }
  });
});

const PROGRAM = `
let x = normal([96, 400])
let net = train(v => v |> dense(256) |> tanh |> dense(8), rows(x), loss: (m, r) => mse(m(r), r[0:8]), optimizer: sgd(0.1), batch: 32, epochs: 2)
save net to "net.safetensors"
`;
describe("what is chosen", () => {
  const folder = (): string => {
    const at = temporary();
    writeFileSync(join(at, "p.hs"), PROGRAM);
    return at;
  };
  const made = (at: string) => {
    const options = { set: {}, prelude: preludeTexts(), builds: [build()], assembler: () => here };
    const { stage, modules, kernels } = begin(join(at, "p.hs"), nodeHost(at), options).staged!.stage(0, new Map());
    const module = modules.get(stage!.modules[build()])!;
    return { stage: stage!, module, kernels, form: form(build()) };
  };
  /** in 256 bits a kernel that begins so takes twice as long as in 128 */
  const clock =
    (spoiled: string, asked: string[]): Time =>
    (run, kernel, form) => {
      run();
      asked.push(`${form} ${kernel}`);
      return kernel.startsWith(spoiled) === (form === "wide") ? 2 : 1;
    };

  it("is the form that the clock prefers; the module that has it computes the same", async () => {
    const at = folder();
    const c = made(at);
    const asked: string[] = [];
    const hot = choose(c, here.open, () => 1e9, clock("", asked)).map(x => x.kernel);
    expect(hot.length).toBeGreaterThanOrEqual(2);
    const [planted] = hot as [string];
    const choices = choose(c, here.open, () => 1e9, clock(planted, []));
    expect(choices.map(x => [x.kernel, x.narrow / x.wide])).toEqual([[planted, 2]]);
    expect(told(choices[0]!)).toMatch(new RegExp(`^${planted} stays in 128 bits: [0-9.]+ GFLOP/s, [0-9.]+ in 256$`));
    const other = assembled(c, here.open, choices);
    expect(Buffer.compare(other, c.module)).not.toBe(0);
    const saved: string[] = [];
    for (const module of [c.module, other]) {
      await play(c.stage, module, { ...silent(at, []), threads: 2 });
      saved.push(readFileSync(join(at, "net.safetensors")).toString("hex"));
    }
    expect(saved[1]).toBe(saved[0]);
    expect(assembled(c, here.open, [])).toEqual(c.module);
  });
  it("is nothing where all are fast enough, and nothing is timed in a program that repeats no step", () => {
    const at = folder();
    const c = made(at);
    const asked: string[] = [];
    expect(choose(c, here.open, () => 1e-9, clock("", asked))).toEqual([]);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.every(a => a.startsWith("wide "))).toBe(true);
    const once = { ...c, stage: { ...c.stage, steps: c.stage.steps.filter(s => s.k !== "loop") } };
    const none: string[] = [];
    expect(choose(once, here.open, () => 1e9, clock("", none))).toEqual([]);
    expect(none).toEqual([]);
  });
});
