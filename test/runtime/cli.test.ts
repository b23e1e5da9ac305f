/** The command line as a person meets it: bin/hsc.cjs in processes of its own. */
import { spawn, spawnSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import type { Plan, PlanStep } from "../../src/ir/plan.ts";
import { writeBundle } from "../../src/runtime/bundle.ts";
import { listing } from "./imports.ts";
import { AT, dataFolder, moduleBytes, phase, span, stage, state } from "./stage.ts";
import { temporary } from "./temporary.ts";

// processes on a busy machine
vi.setConfig({ testTimeout: 120_000 });
const BIN = join(import.meta.dirname, "../../bin/hsc.cjs");
function hsc(
  folder: string,
  args: readonly string[],
  more: { readonly options?: string; readonly stdout?: number } = {},
) {
  const r = spawnSync(process.execPath, [BIN, ...args], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, HSC_CACHE: join(folder, ".cache"), NODE_OPTIONS: more.options ?? "", NO_COLOR: "1" },
    stdio: ["ignore", more.stdout ?? "pipe", "pipe"],
  });
  return { code: r.status, out: r.stdout, err: r.stderr };
}
/** a bundle of a program that prints the mean of data.idx and the param lr */
function bundle(values: readonly number[], first: readonly PlanStep[] = []): string {
  const folder = dataFolder(values);
  const over: PlanStep = {
    k: "loop",
    label: "step",
    over: { feed: 0, order: "source", place: 0, batch: 64 },
    body: [phase("mean"), { k: "check" }],
  };
  const print = (label: string, result: number): PlanStep => ({
    k: "print",
    label,
    value: { k: "tensor", result },
    span,
  });
  const s = stage(
    [
      ...first,
      over,
      print("mean", 3),
      print("lr", 4),
      { k: "save", path: "m.npy", format: "npy", value: { k: "tensor", result: 3 }, span },
    ],
    {
      inputs: [{ k: "param", name: "lr", value: 0.5, buffer: 4 }],
      buffers: [
        ...stage([]).buffers,
        { name: "mean", at: state(AT.loss), store: "f32", shape: [] },
        { name: "lr", at: state(AT.weight + 64), store: "f32", shape: [] },
      ],
    },
  );
  const params: Plan["params"] = [
    { name: "lr", type: "f32", value: 0.5 },
    { name: "width", type: "i32", value: 4, fixed: "a dim depends on it" },
  ];
  const plan: Plan = { version: 1, hsc: "0.1.0", profile: "p", base: ".", params, stages: [s] };
  writeFileSync(join(folder, "a.hs"), "let data = idx(..)\n");
  writeBundle(join(folder, "out"), plan, new Map([["m.wasm", moduleBytes()]]), folder);
  return folder;
}

describe("hsc run out/", () => {
  test("plays the plan: output to stdout, files beside the program, events to the log", () => {
    const folder = bundle([1, 2, 3, 6]);
    expect(hsc(folder, ["run", "out/", "--log", "run.jsonl"])).toEqual({
      code: 0,
      out: "mean = 3\nlr = 0.5\n",
      err: "",
    });
    expect(readdirSync(folder).sort()).toEqual(["a.hs", "data.idx", "m.npy", "out", "run.jsonl"]);
    const events = readFileSync(join(folder, "run.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map(l => JSON.parse(l));
    expect(events.map(e => e.event)).toEqual(["start", "print", "print", "save", "end"]);
    expect(events[0]).toMatchObject({ hsc: "0.1.0", seed: 0, params: { lr: 0.5, width: 4 } });
    expect(events[4]).toMatchObject({ ok: true });
  });
  test("is what `hsc run` does in a folder with ./out", () => {
    expect(hsc(bundle([4]), ["run", "--set", "lr=0.25"])).toEqual({ code: 0, out: "mean = 4\nlr = 0.25\n", err: "" });
  });
  test("takes its data from --base", () => {
    const folder = bundle([1]);
    expect(hsc(folder, ["run", "out", "--base", dataFolder([9])]).out).toBe("mean = 9\nlr = 0.5\n");
    expect(existsSync(join(folder, "m.npy"))).toBe(false);
  });
  test("says where it looks when the program's folder is gone", () => {
    const elsewhere = join(dataFolder([1]), "far", "away");
    cpSync(join(bundle([1]), "out"), join(elsewhere, "out"), { recursive: true });
    const plan = join(elsewhere, "out", "plan.json");
    writeFileSync(plan, readFileSync(plan, "utf8").replace('"base":".."', '"base":"../../gone"'));
    const { code, err } = hsc(elsewhere, ["run"]);
    expect(code).toBe(1);
    expect(err).toMatch(
      /^warning: the program's folder \.\.\/gone is not there; --base names that of data and results\n/,
    );
    expect(hsc(elsewhere, ["run", "--base", dataFolder([9])])).toEqual({
      code: 0,
      out: "mean = 9\nlr = 0.5\n",
      err: "",
    });
  });
  test("says its version, which is the package's", () => {
    const version = JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8")).version;
    expect(hsc(dataFolder([1]), ["--version"]).out).toBe(`${version}\n`);
  });
  test("imports neither the compiler nor an argument parser", () => {
    const folder = bundle([1]);
    const { err, out } = hsc(folder, ["run", "out"], { options: listing(folder) });
    expect(out).toBe("mean = 1\nlr = 0.5\n");
    const imported = err.split("\n").filter(Boolean);
    // a file of the packed form names the sources that it is made of
    const sources = imported
      .filter(url => url.startsWith("file:"))
      .flatMap(url => [...readFileSync(new URL(url), "utf8").matchAll(/^\/\/ (\S+\.\w+)$/gm)].map(m => m[1]!));
    expect(sources).toContain("src/runtime/player.ts");
    expect(
      [...imported, ...sources].filter(l =>
        /chevrotain|binaryen|commander|frontend|passes|codegen|session|compile\.ts/.test(l),
      ),
    ).toEqual([]);
  });
  test("says what goes wrong with the place in the program, and fails", () => {
    const folder = bundle([1, 2, 255, 4]);
    const r = hsc(folder, ["run", "out", "--log", "run.jsonl"]);
    expect(r).toEqual({
      code: 1,
      out: "",
      err: "error: index 251 is out of range\n  --> a.hs:1:5\n 1 | let data = idx(..)\n   |     ^^^^^\nnote: in row 2, counted from 0\n",
    });
    expect(existsSync(join(folder, "m.npy"))).toBe(false);
    const last = readFileSync(join(folder, "run.jsonl"), "utf8").trim().split("\n").at(-1)!;
    expect(JSON.parse(last)).toMatchObject({ event: "end", ok: false, error: "index 251 is out of range" });
  });
  test("fails when the output cannot be written", () => {
    const full = hsc(bundle([1]), ["run", "out"], { stdout: openFull() });
    expect([full.code, full.err]).toEqual([
      1,
      "error: cannot write the output: ENOSPC: no space left on device, write\n",
    ]);
  });
});
const openFull = (): number => openSync("/dev/full", "w");

describe("arguments", () => {
  test("what was compiled for one value of a param says nothing of a run without it", () => {
    const folder = dataFolder([]);
    writeFileSync(join(folder, "a.hs"), "param lr = 0.5\nparam rows: i32\nprint lr * rows\n");
    const run = (...set: readonly string[]) => hsc(folder, ["run", "a.hs", ...set.flatMap(s => ["--set", s])]);
    expect(run("lr=0.25", "rows=4")).toEqual({ code: 0, out: "1\n", err: "" });
    expect(run("rows=8")).toEqual({ code: 0, out: "4\n", err: "" });
    expect(run("lr=0.25").err).toBe("error: the param `rows` has no value\nhelp: --set rows=..\n");
  });
  test.each<[readonly string[], number, string]>([
    [["run", "out", "--set", "lr"], 1, 'error: --set takes name=value, "lr" is not\n'],
    [["run", "out", "--set", "lr=1", "--set", "lr=2"], 1, "error: --set lr is given twice\n"],
    [
      ["run", "out", "--set", "lrr=1"],
      2,
      "error: --set lrr: the program has no param `lrr`\nhelp: did you mean `lr`?\n",
    ],
    [["run", "out", "--set", "lr=fast"], 2, 'error: param lr is f32, "fast" is not\n'],
    [
      ["run", "out", "--set", "width=8"],
      2,
      "error: param width was fixed to 4 when compiling: a dim depends on it\nhelp: hsc compile with --set width=8\n",
    ],
    [["run", "out", "--seed", "x"], 1, 'error: --seed is a whole number from 0 to 2^53 - 1, "x" is not\n'],
    [["run", "out", "--threads", "0"], 1, 'error: --threads is a number from 1 to 1024, "0" is not\n'],
    [
      ["run", "out", "--cluster", "hosts.txt"],
      1,
      "limit: --cluster is not built yet\nhelp: run without it, on this machine\n",
    ],
    [["run", "out", "--device", "gpu"], 1, "error: out was compiled for a CPU\nhelp: hsc compile --device gpu\n"],
    [["run", "."], 2, "error: . is a folder without plan.json: a program, or what hsc compile wrote, was expected\n"],
    [["run", "out", "--log", "no/run.jsonl"], 1, "error: cannot write no/run.jsonl: no folder no\n"],
    [["check", "out"], 2, "error: out is a folder, a program was expected\n"],
    [["runn"], 1, "error: unknown command 'runn'\n(Did you mean run?)\n"],
    [["run", "out", "--sede", "1"], 1, "error: unknown option '--sede'\n(Did you mean --seed?)\n"],
    [
      ["run", "out", "--device", "tpu"],
      1,
      "error: option '--device <device>' argument 'tpu' is invalid. Allowed choices are auto, cpu, gpu.\n",
    ],
    [["compile", "a.hs"], 1, "error: required option '-o, --out <folder>' not specified\n"],
  ])("hsc %j", (args, code, err) => {
    expect(hsc(bundle([1]), args)).toEqual({ code, out: "", err });
  });
  test("a param may be set to what it was fixed to", () => {
    expect(hsc(bundle([1]), ["run", "--set", "width=4", "--seed", "3"]).code).toBe(0);
  });
  test("without a program and without ./model.hs or ./out", () => {
    const err =
      "error: no program is named, and there is neither ./model.hs nor ./out/plan.json\nhelp: hsc run model.hs\n";
    expect(hsc(temporary(), ["run"])).toEqual({ code: 1, out: "", err });
  });
  test("--help goes to stdout", () => {
    const r = hsc(temporary(), ["--help"]);
    expect([r.code, r.err]).toEqual([0, ""]);
    for (const verb of ["run", "compile", "check", "explain", "bench", "tune"]) expect(r.out).toContain(`  ${verb} `);
  });
});

describe("the launcher", () => {
  /** node's own switches that make it believe to be an old one; its children do not */
  const old = (version: string): readonly string[] => {
    const script = join(temporary(), "old.cjs");
    writeFileSync(
      script,
      `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${version}" } });`,
    );
    return ["--require", script];
  };
  test("starts the Node that came with the package, and ends as it does", () => {
    const good = spawnSync(process.execPath, [...old("20.1.0"), BIN, "run"], { cwd: bundle([7]), encoding: "utf8" });
    expect([good.status, good.stdout, good.stderr]).toEqual([0, "mean = 7\nlr = 0.5\n", ""]);
    const bad = spawnSync(process.execPath, [...old("20.1.0"), BIN, "run", "--set", "x=1"], {
      cwd: bundle([7]),
      encoding: "utf8",
    });
    expect(bad.status).toBe(2);
  });
  test("passes SIGTERM on, and dies of what its child died of", async () => {
    const endless: PlanStep = { k: "loop", label: "epoch", trip: 2 ** 40, body: [phase("items")] };
    const folder = bundle([1], [endless]);
    const child = spawn(process.execPath, [...old("20.1.0"), BIN, "run", "--log", "run.jsonl"], {
      cwd: folder,
      stdio: "ignore",
    });
    const ended = new Promise(done => child.on("exit", (_, signal) => done(signal)));
    while (!existsSync(join(folder, "run.jsonl"))) await setTimeout(20);
    child.kill("SIGTERM");
    expect(await ended).toBe("SIGTERM");
  });
  test("says in one line what to install where neither fits", () => {
    const folder = temporary();
    mkdirSync(join(folder, "bin"));
    copyFileSync(BIN, join(folder, "bin/hsc.cjs"));
    const r = spawnSync(process.execPath, [...old("20.1.0"), join(folder, "bin/hsc.cjs"), "run"], { encoding: "utf8" });
    expect([r.status, r.stdout]).toEqual([1, ""]);
    expect(r.stderr).toBe(
      "error: hsc needs Node 24 or later, this is 20.1.0: install it from https://nodejs.org, or run npm install without --omit=optional\n",
    );
  });
  test("has no syntax later than ES2015 but import()", () => {
    expect(readFileSync(BIN, "utf8")).not.toMatch(/\?\.|\?\?|async |await |catch \{|,\s*\)/);
  });
});
