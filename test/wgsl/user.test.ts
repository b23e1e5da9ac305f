/**
 * `--device` as a person meets it: what is chosen and why, without an adapter too; trainings on an adapter that are interrupted and go on
 * with the same bits; a loss that is not finite in the words of a CPU.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, describe, expect, it, vi } from "vitest";
import { sha256 } from "../../src/runtime/bundle.ts";
import { npy } from "../../src/runtime/formats/npy.ts";
import { ADAPTERS, onEachAdapter } from "./device.ts";

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });
const BIN = join(import.meta.dirname, "../../bin/hsc.cjs");
const root = mkdtempSync(join(tmpdir(), "hsc-gpu-"));
afterAll(() => rmSync(root, { recursive: true }));

type Environment = Readonly<Record<string, string>>;
const environment = (more: Environment): NodeJS.ProcessEnv => ({
  ...process.env,
  HSC_CACHE: join(root, "cache"),
  NO_COLOR: "1",
  ...more,
});
/** where several software adapters are named, the one that is meant alone: hsc takes what Dawn prefers */
function only(adapter: string): Environment {
  const files = process.env["VK_DRIVER_FILES"]?.split(":") ?? [];
  const names: readonly string[] = process.env["HSC_ADAPTERS"]?.split(",") ?? ADAPTERS;
  const file = files[names.indexOf(adapter)];
  return file === undefined ? {} : { VK_DRIVER_FILES: file };
}
function hsc(folder: string, args: readonly string[], env: Environment) {
  const r = spawnSync(process.execPath, [BIN, ...args], { cwd: folder, encoding: "utf8", env: environment(env) });
  return { code: r.status, out: r.stdout, err: ours(r.stderr) };
}
/** without what Dawn and Vulkan's loader say themselves */
const ours = (err: string): string => err.replace(/^(Warning: .*| {4}at .*|)\n/gm, "");
const log = (folder: string): readonly Readonly<Record<string, unknown>>[] =>
  existsSync(join(folder, "run.jsonl"))
    ? readFileSync(join(folder, "run.jsonl"), "utf8")
        .trim()
        .split("\n")
        .filter(Boolean)
        .map(l => JSON.parse(l))
    : [];
/** the cache knows a program by its path: a text has one folder, emptied for each test, and is compiled once */
function project(text: string, name = "a"): string {
  const folder = join(root, sha256(text).slice(0, 16), name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  symlinkSync(join(import.meta.dirname, "../../examples/data"), join(folder, "data"));
  writeFileSync(join(folder, "a.hs"), text);
  return folder;
}
const ANSWER = "print answer = sum(range(0, 7)) + f32(0.5)\n";
const PRINTED = "answer = 21.5\n";

const ANEW = "help: without --resume it begins anew, and writes over the checkpoint\n";
describe("where there is no adapter", () => {
  /** Dawn itself cannot be imported */
  function withoutDawn(folder: string): Environment {
    const hook = join(folder, "hook.mjs");
    writeFileSync(
      hook,
      'import { registerHooks } from "node:module"; registerHooks({ resolve(s, c, next) { if (s === "webgpu") throw new Error("no such package"); return next(s, c); } });',
    );
    return { NODE_OPTIONS: `--import=${hook}` };
  }
  const nothing = (): Environment => ({ VK_DRIVER_FILES: "/nonexistent" });
  // elsewhere Dawn asks Metal or Direct3D
  const cases: readonly (readonly [string, (folder: string) => Environment])[] = [
    ["Dawn does not load: no such package", withoutDawn],
    ...(process.platform === "linux" ? [["Dawn finds no adapter", nothing] as const] : []),
  ];
  it.each(cases)("--device gpu fails: %s", (why, env) => {
    const folder = project(ANSWER);
    const r = hsc(folder, ["run", "a.hs", "--device", "gpu"], env(folder));
    expect(r).toEqual({ code: 1, out: "", err: `error: no GPU: ${why}\nhelp: --device cpu\n` });
  });
  it.each(cases)("--device auto takes the CPU and says so: %s", (why, env) => {
    const folder = project(ANSWER);
    const r = hsc(folder, ["run", "a.hs", "--device", "auto", "--log", "run.jsonl"], env(folder));
    expect(r).toEqual({ code: 0, out: PRINTED, err: `device: cpu (there is no GPU: ${why})\n` });
    expect(log(folder)[0]).toMatchObject({ event: "start", device: "cpu", why: `there is no GPU: ${why}` });
  });
});
describe("what was compiled before runs where it was compiled for", () => {
  it.each(["cpu", "gpu"] as const)("%s", kind => {
    const folder = project(ANSWER);
    expect(hsc(folder, ["compile", "a.hs", "-o", "out", "--device", kind], {}).code).toBe(0);
    const other = kind === "cpu" ? "gpu" : "cpu";
    expect(hsc(folder, ["run", "out", "--device", other], {})).toEqual({
      code: 1,
      out: "",
      err: `error: out was compiled for a ${kind.toUpperCase()}\nhelp: hsc compile --device ${other}\n`,
    });
  });
});

/** shuffle, dropout, Adam, batch norm, validation, the best of all epochs */
const program = (rows: number, units: number, dropped = 0.3): string => `
let digits = idx("data/t10k-images-idx3-ubyte.gz", "data/t10k-labels-idx1-ubyte.gz") |> take(${rows})
  |> map(r => { x: flatten(r.image) / 255, y: r.label }) |> split({ train: 0.8, test: 0.2 })
model M(x: f32[784]) -> f32[10] = x |> dense(${units}) |> batch_norm |> relu |> dropout(${dropped}) |> dense(10)
let net = train(M, digits.train, loss: (m, r) => cross_entropy(m(r.x), r.y), optimizer: adam(1e-3), batch: 20, epochs: 3,
  validate: digits.test, keep: "best", checkpoint: "ck")
print accuracy = digits.test |> mean(r => argmax(net(r.x)) == r.y)
save net to "net.safetensors"
`;
const weights = (folder: string): string => sha256(readFileSync(join(folder, "net.safetensors")));
const WAVE = Float32Array.from({ length: 96 * 4 }, (_, i) => Math.sin(i));

onEachAdapter("hsc", (_, adapter) => {
  const env = only(adapter);
  const run = (folder: string, ...args: readonly string[]) => hsc(folder, ["run", "a.hs", ...args], env);

  it("--device gpu computes there, and the log says where", () => {
    const folder = project(ANSWER);
    expect(run(folder, "--device", "gpu", "--log", "run.jsonl")).toEqual({ code: 0, out: PRINTED, err: "" });
    const [start, gpu] = log(folder);
    expect(start).toMatchObject({ event: "start", device: "gpu", why: "--device gpu" });
    expect(gpu).toMatchObject({ event: "gpu", name: expect.stringContaining(adapter), software: true });
  });
  it("--device auto takes the CPU, on which this adapter computes, too", () => {
    const r = run(project(ANSWER), "--device", "auto");
    expect([r.code, r.out]).toEqual([0, PRINTED]);
    expect(r.err).toMatch(new RegExp(`^device: cpu \\(${adapter}.* computes on the processor too\\)\\n$`));
  });
  it("a bundle for a GPU runs there, and under auto, too", () => {
    const folder = project(ANSWER);
    expect(hsc(folder, ["compile", "a.hs", "-o", "out", "--device", "gpu"], env).code).toBe(0);
    expect(hsc(folder, ["run", "out"], env)).toEqual({ code: 0, out: PRINTED, err: "" });
    const auto = hsc(folder, ["run", "out", "--device", "auto"], env);
    expect(auto).toEqual({ code: 0, out: PRINTED, err: "device: gpu (out was compiled for it)\n" });
  });

  describe("a training", () => {
    const LONG = program(adapter === ADAPTERS[0] ? 2000 : 1000, 16);
    let expected: { readonly out: string; readonly weights: string } | undefined;
    function undisturbed() {
      if (expected) return expected;
      const folder = project(LONG);
      const r = run(folder, "--device", "gpu");
      expect([r.code, r.err.match(/^error.*/m)?.[0]]).toEqual([0, undefined]);
      return (expected = { out: r.out, weights: weights(folder) });
    }
    /** when the first epoch is over, and a while */
    async function started(folder: string, wait: number) {
      const args = [
        "run",
        "a.hs",
        "--device",
        "gpu",
        "--log",
        "run.jsonl",
        ...(existsSync(join(folder, "ck")) ? ["--resume"] : []),
      ];
      const child: ChildProcess = spawn(process.execPath, [BIN, ...args], {
        cwd: folder,
        env: environment(env),
        stdio: ["ignore", "ignore", "pipe"],
      });
      const said = { err: "" };
      child.stderr!.on("data", (b: Buffer) => {
        said.err += b;
      });
      const ended = new Promise(done => child.on("close", (code, signal) => done(code ?? signal)));
      while (!log(folder).some(e => e["event"] === "epoch") && child.exitCode === null) await setTimeout(5);
      await setTimeout(wait);
      return { child, said, ended };
    }
    function goesOn(folder: string): void {
      const r = run(folder, "--device", "gpu", "--resume");
      expect([r.code, r.out, r.err.match(/^error.*/m)?.[0]]).toEqual([0, undisturbed().out, undefined]);
      expect(weights(folder)).toBe(undisturbed().weights);
    }
    it("stopped by SIGINT between two batches, again in what goes on, ends with the same bits", async () => {
      const folder = project(LONG);
      let middle = false;
      for (let wait = 20; wait < 300 && !middle; wait += 40) {
        const { child, said, ended } = await started(folder, wait);
        child.kill("SIGINT");
        expect([await ended, said.err.match(/^error.*/m)?.[0]]).toEqual([130, undefined]);
        expect(said.err).toMatch(
          /\nstopped after epoch \d(, step \d+ of the next)?, saved to ck\/net\.safetensors\nhelp: /,
        );
        middle = said.err.includes("of the next");
      }
      expect(middle).toBe(true);
      goesOn(folder);
    });
    // what follows is the host's business: one adapter shows it
    if (adapter !== ADAPTERS[0]) return;
    it("killed in the middle of an epoch ends with the same bits", async () => {
      const folder = project(LONG);
      const { child, ended } = await started(folder, 60);
      child.kill("SIGKILL");
      expect(await ended).toBe("SIGKILL");
      goesOn(folder);
    });
    it("saves at SIGHUP and goes on", async () => {
      const folder = project(LONG);
      const { child, ended } = await started(folder, 40);
      child.kill("SIGHUP");
      expect(await ended).toBe(0);
      expect(weights(folder)).toBe(undisturbed().weights);
      expect(log(folder).filter(e => e["event"] === "checkpoint").length).toBeGreaterThan(3);
    });
    it("of another program or device is refused by name", () => {
      const folder = project(program(100, 4));
      expect(run(folder, "--device", "gpu").code).toBe(0);
      const cpu = run(folder, "--resume");
      expect([cpu.code, cpu.err]).toEqual([
        1,
        `error: ck/net.safetensors is of a run with --device gpu, this is --device cpu\n${ANEW}`,
      ]);
      writeFileSync(join(folder, "a.hs"), program(100, 4, 0.4));
      const other = run(folder, "--resume", "--device", "gpu");
      expect([other.code, other.err]).toEqual([
        1,
        `error: ck/net.safetensors is a checkpoint of another program: it computes something else\n${ANEW}`,
      ]);
    });
  });

  describe("a loss that is not finite is told of as on a CPU", () => {
    it.each([
      ["in the loss", "sum(m(r)^2) + 1e38 * sum(m(r)^2) * 1e4", "sgd(0.1)", WAVE],
      ["in a value of the schedule", "sum(m(r)^2)", "sgd(t => if t.step < 5 then 1e-3 else 3e38 * f32(t.step))", WAVE],
      ["in what leads to one weight", "100 * sum(m(r)^2)", "sgd(3e38)", WAVE],
      [
        "in the data",
        "sum(m(r)^2)",
        "sgd(1e-3)",
        WAVE.map((v, i) => (i === 4 * 70 + 2 ? Number.POSITIVE_INFINITY : v)),
      ],
    ])("%s", (_, loss, optimizer, x) => {
      const folder = project(`let data = rows(npy("x.npy"))
model M(x: f32[4]) -> f32[3] = x |> dense(5) |> dense(3)
let net = train(M, data, loss: (m, r) => ${loss}, optimizer: ${optimizer}, batch: 32, epochs: 20, shuffle: false)
save net to "net.safetensors"
`);
      const value = { store: "f32", shape: [96, 4], bytes: new Uint8Array(x.buffer) } as const;
      writeFileSync(join(folder, "x.npy"), Buffer.concat([...npy.encodeTensor!(value)]));
      const told = (...args: readonly string[]): string => {
        const r = run(folder, ...args);
        expect([r.code, r.out]).toEqual([1, ""]);
        return r.err.replace(/^epoch .*\n/gm, "");
      };
      const cpu = told();
      expect(cpu).toMatch(/^error: loss is (NaN|-?inf) at step \d+/);
      expect(told("--device", "gpu")).toBe(cpu);
    });
  });
});
