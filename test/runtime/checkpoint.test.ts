/** Trainings that are killed, stopped or run out of disk, and go on: the same bits as one that nobody disturbed. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, describe, expect, test, vi } from "vitest";
import { sha256 } from "../../src/runtime/bundle.ts";
import { withInput } from "../../src/runtime/files.ts";
import { readSafetensors } from "../../src/runtime/formats/safetensors.ts";

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });
const BIN = join(import.meta.dirname, "../../bin/hsc.cjs");
const FAULTS = join(import.meta.dirname, "faults.mjs");
/** shuffle, dropout, Adam, batch norm, validation, the best of all epochs */
const program = (rows: number, units: number, more = ""): string => `param rate = 1e-3
let digits = idx("data/t10k-images-idx3-ubyte.gz", "data/t10k-labels-idx1-ubyte.gz") |> take(${rows})
  |> map(r => { x: flatten(r.image) / 255, y: r.label })
  |> split({ train: 0.8, test: 0.2 })
model M(x: f32[784]) -> f32[10] = x |> dense(${units}) |> batch_norm |> relu |> dropout(0.3) |> dense(10)
let net = train(M, digits.train, loss: (m, r) => cross_entropy(m(r.x), r.y), optimizer: adam(rate), batch: 50, epochs: 3,
  validate: digits.test, keep: "best", checkpoint: "ck"${more})
print accuracy = digits.test |> mean(r => argmax(net(r.x)) == r.y)
save net to "net.safetensors"
`;
const SMALL = program(500, 16);
/** an order, a join and texts of what is drawn, batches of drawn rows, and a filter by chance */
const drawn = (
  rows: number,
): string => `let d = rows(f32(range(${rows}))) |> map(i => { i: i32(i), k: i32(i) % 7, x: i / ${rows} + 0.1 * normal() })
let kinds = d |> filter(r => uniform() < 0.8) |> group_by(.k, g => { spread: std(g, .x) })
let all = d |> join(kinds, on: "k") |> map(r => { ...r, n: length(string(floor(r.x * 1000))) }) |> sort_by(.x) |> batch(2) |> map(b => { ...b, y: b.x + uniform() })
model M(x: f32[2]) -> f32 = x |> dense(64) |> relu |> dense(64) |> relu |> dense(1) |> reshape([])
let net = train(M, all, loss: (m, r) => (m(r.x * r.spread) - mean(f32(r.n)) - mean(r.y))^2, optimizer: adam(1e-3), batch: 4, epochs: 3,
  checkpoint: "ck")
print net([0.1, 0.2])
save net to "net.safetensors"
`;
/** the cache knows a program by its path: a text has one folder, emptied for each test, and is compiled once */
const root = mkdtempSync(join(tmpdir(), "hsc-checkpoint-"));
afterAll(() => rmSync(root, { recursive: true }));
function project(text = SMALL, name = "disturbed"): string {
  const folder = join(root, sha256(text).slice(0, 16), name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  symlinkSync(join(import.meta.dirname, "../../examples/data"), join(folder, "data"));
  writeFileSync(join(folder, "a.hs"), text);
  return folder;
}
const environment = (fault?: string): NodeJS.ProcessEnv => ({
  ...process.env,
  HSC_CACHE: join(root, "cache"),
  NO_COLOR: "1",
  ...(fault ? { FAULT: fault, NODE_OPTIONS: `--import=${FAULTS}` } : {}),
});
function hsc(folder: string, args: readonly string[] = [], fault?: string) {
  const env = environment(fault);
  const r = spawnSync(process.execPath, [BIN, "run", "a.hs", ...args], { cwd: folder, encoding: "utf8", env });
  return { code: r.status, signal: r.signal, out: r.stdout, err: r.stderr };
}
const weights = (folder: string): string => sha256(readFileSync(join(folder, "net.safetensors")));
/** of a run that nobody disturbs */
const undisturbed = new Map<string, { readonly folder: string; readonly out: string; readonly weights: string }>();
function expected(text: string) {
  let e = undisturbed.get(text);
  if (!e) {
    const folder = project(text, "undisturbed");
    const { out, err, code } = hsc(folder);
    expect([code, err.match(/^error.*/m)?.[0]]).toEqual([0, undefined]);
    undisturbed.set(text, (e = { folder, out, weights: weights(folder) }));
  }
  return e;
}
function goesOn(folder: string, text: string, ...args: readonly string[]): string {
  const r = hsc(folder, ["--resume", ...args]);
  expect([r.code, r.out, r.err.match(/^error.*/m)?.[0]]).toEqual([0, expected(text).out, undefined]);
  expect(weights(folder)).toBe(expected(text).weights);
  expect(readdirSync(join(folder, "ck"))).toEqual(["net.safetensors"]);
  return r.err;
}
const log = (folder: string): readonly { readonly event: string }[] =>
  existsSync(join(folder, "run.jsonl"))
    ? readFileSync(join(folder, "run.jsonl"), "utf8")
        .trim()
        .split("\n")
        .filter(Boolean)
        .map(l => JSON.parse(l))
    : [];

test("a checkpoint holds weights, states and slots by their paths", () => {
  const folder = project();
  expect(hsc(folder, [], "count").err).toMatch(/^operations 12$/m);
  const { tensors, metadata } = withInput(join(folder, "ck/net.safetensors"), readSafetensors);
  for (const name of [
    "w/dense1.w",
    "w/batch_norm1.scale",
    "s/batch_norm1.running_var",
    "o/dense2.b.m",
    "epoch",
    "step",
  ])
    expect([...tensors.keys()]).toContain(name);
  expect(JSON.parse(metadata["position"]!)).toMatchObject({ trips: 3, done: false });
});
describe("killed while the checkpoint is written", () => {
  // 4 operations per epoch: write, fsync, rename, fsync of the folder
  test.each([1, 3, 4, 5, 6, 7, 8])("at operation %i", k => {
    const folder = project();
    expect(hsc(folder, [], `kill:${k}`).signal).toBe("SIGKILL");
    expect(existsSync(join(folder, "ck/net.safetensors"))).toBe(k > 3);
    const err = goesOn(folder, SMALL);
    expect(err).toContain(k > 3 ? `goes on after epoch ${k > 7 ? 2 : 1}, from ` : "no checkpoint ");
  });
});
test.each([5, 7])("a disk that is full at operation %i: the old checkpoint stays", k => {
  const folder = project();
  const r = hsc(folder, [], `fail:${k}`);
  expect([r.code, r.err.match(/^error.*/m)?.[0]]).toEqual([
    1,
    "error: cannot write ck/net.safetensors: no space left on the disk",
  ]);
  expect(readdirSync(join(folder, "ck"))).toEqual(["net.safetensors"]);
  expect(goesOn(folder, SMALL)).toContain("goes on after epoch 1, from ");
});
test("lbfgs goes on between two of its steps", () => {
  const whole = SMALL.replace("|> dropout(0.3) ", "").replace(
    "optimizer: adam(rate), batch: 50, epochs: 3",
    "optimizer: lbfgs(), steps: 5",
  );
  const folder = project(whole);
  expect(hsc(folder, [], "kill:10").signal).toBe("SIGKILL");
  expect(goesOn(folder, whole)).toContain("goes on after step 2, from ");
});
test("going on after the end does nothing more; the number of threads does not matter", () => {
  const folder = project();
  expect(hsc(folder, ["--threads", "3"]).code).toBe(0);
  goesOn(folder, SMALL, "--threads", "1");
});

test("rows made anew are the same with any number of threads, with a seed, and where a run goes on", () => {
  const text = drawn(700);
  const folder = project(text);
  expect(hsc(folder, ["--threads", "1"], "kill:7").signal).toBe("SIGKILL");
  goesOn(folder, text, "--threads", "2");
  const seeded = ["5", "5", "6"].map(seed => {
    const own = project(text, `seed${seed}`);
    expect(hsc(own, ["--seed", seed, "--threads", seed === "6" ? "2" : "1"]).code).toBe(0);
    return weights(own);
  });
  expect(seeded[1]).toBe(seeded[0]);
  expect(new Set([...seeded, expected(text).weights]).size).toBe(3);
});
describe("signals", () => {
  const LONG = program(8000, 128);
  /** when the first epoch is over, and a while */
  async function started(folder: string, wait: number): Promise<ChildProcess & { readonly ended: Promise<unknown> }> {
    const args = [BIN, "run", "a.hs", "--log", "run.jsonl", ...(existsSync(join(folder, "ck")) ? ["--resume"] : [])];
    const child = spawn(process.execPath, args, { cwd: folder, env: environment(), stdio: ["ignore", "pipe", "pipe"] });
    const ended = new Promise(done => child.on("close", (code, signal) => done(code ?? signal)));
    while (!log(folder).some(e => e.event === "epoch") && child.exitCode === null) await setTimeout(5);
    await setTimeout(wait);
    return Object.assign(child, { ended });
  }
  const said = (child: ChildProcess): { text: string } => {
    const all = { text: "" };
    child.stderr!.on("data", (b: Buffer) => {
      all.text += b;
    });
    return all;
  };
  test("SIGKILL in the middle of an epoch", async () => {
    const folder = project(LONG);
    const child = await started(folder, 60);
    child.kill("SIGKILL");
    expect(await child.ended).toBe("SIGKILL");
    goesOn(folder, LONG);
  });
  test("SIGINT saves between two batches and stops; twice in one training", async () => {
    const folder = project(LONG);
    let middle = false;
    for (let wait = 20; wait < 200 && !middle; wait += 40) {
      const child = await started(folder, wait);
      const err = said(child);
      child.kill("SIGINT");
      expect([await child.ended, err.text.match(/^error.*/m)?.[0]]).toEqual([130, undefined]);
      expect(err.text).toMatch(
        /\nstopped after epoch \d(, step \d+ of the next)?, saved to ck\/net\.safetensors\nhelp: /,
      );
      middle = err.text.includes("of the next");
    }
    expect(middle).toBe(true);
    goesOn(folder, LONG);
  });
  test("SIGINT in an epoch of rows that were made for it: they are made again", async () => {
    const text = drawn(80_000);
    const folder = project(text);
    const child = await started(folder, 100);
    const err = said(child);
    child.kill("SIGINT");
    expect([await child.ended, err.text.match(/^error.*/m)?.[0]]).toEqual([130, undefined]);
    expect(err.text).toMatch(/\nstopped after epoch \d, step \d+ of the next, saved/);
    goesOn(folder, text);
  });
  test("SIGHUP saves and goes on", async () => {
    const folder = project(LONG);
    const child = await started(folder, 40);
    child.kill("SIGHUP");
    expect(await child.ended).toBe(0);
    expect(weights(folder)).toBe(expected(LONG).weights);
    expect(log(folder).filter(e => e.event === "checkpoint").length).toBeGreaterThanOrEqual(3);
  });
  test("where nothing can be saved SIGINT ends the run at once", async () => {
    const folder = project(LONG.replace(', checkpoint: "ck"', ""));
    const child = await started(folder, 0);
    child.kill("SIGINT");
    expect(await child.ended).toBe("SIGINT");
  });
});

describe("what cannot be taken up is refused by name", () => {
  /** the text beside what a training of SMALL has left */
  function trained(text: string): string {
    const folder = project(text);
    for (const f of ["ck", "net.safetensors"])
      cpSync(join(expected(SMALL).folder, f), join(folder, f), { recursive: true });
    return folder;
  }
  const nothing = (): void => {};
  const FILE = "ck/net.safetensors";
  test.each<[string, string, (folder: string) => void, readonly string[], string]>([
    ["a file cut off", SMALL, f => truncateSync(join(f, FILE), 5000), [], `${FILE} is no valid safetensors file: `],
    [
      "an empty file",
      SMALL,
      f => truncateSync(join(f, FILE), 0),
      [],
      `${FILE} is empty, a safetensors file was expected`,
    ],
    [
      "weights that are no checkpoint",
      SMALL,
      f => writeFileSync(join(f, FILE), readFileSync(join(f, "net.safetensors"))),
      [],
      `${FILE} is no checkpoint`,
    ],
    [
      "another net",
      SMALL.replace("dense(16)", "dense(17)"),
      nothing,
      [],
      `${FILE} is a checkpoint of another program: \`w/dense1.w\` is f32[784, 16], here it is f32[784, 17]`,
    ],
    [
      "another optimizer",
      SMALL.replace("adam(rate)", "sgd(rate)"),
      nothing,
      [],
      `${FILE} is a checkpoint of another program: it has \`o/batch_norm1`,
    ],
    [
      "another number in it",
      SMALL.replace("dropout(0.3)", "dropout(0.4)"),
      nothing,
      [],
      `${FILE} is a checkpoint of another program: it computes something else`,
    ],
    ["another seed", SMALL, nothing, ["--seed", "1"], `${FILE} is of a run with --seed 0, this is --seed 1`],
    ["another param", SMALL, nothing, ["--set", "rate=0.01"], `${FILE} is of a run with rate = 0.001, here it is 0.01`],
  ])("%s", (_, text, prepare, args, message) => {
    const folder = trained(text);
    prepare(folder);
    const r = hsc(folder, ["--resume", ...args]);
    expect([r.code, r.out, r.err.match(/^error: (.*)/m)?.[1]?.slice(0, message.length)]).toEqual([1, "", message]);
  });
  test("a param that decides a dim, rather than the dim", () => {
    const text = SMALL.replace("param rate", "param units = 16\nparam rate").replace("dense(16)", "dense(units)");
    const folder = project(text);
    expect(hsc(folder).code).toBe(0);
    const r = hsc(folder, ["--resume", "--set", "units=17"]);
    expect([r.code, r.err.match(/^error: (.*)/m)?.[1]]).toEqual([
      1,
      `${FILE} is of a run with units = 16, here it is 17`,
    ]);
  });
  test("a program without checkpoints", () => {
    const r = hsc(project(SMALL.replace(', checkpoint: "ck"', "")), ["--resume"]);
    expect([r.code, r.err.match(/^error.*/m)?.[0]]).toEqual([2, "error: --resume: the program makes no checkpoints"]);
  });
  test("but a comment, and more epochs, are the same program", () => {
    const folder = trained(SMALL.replace("print accuracy", "// further\nprint accuracy"));
    goesOn(folder, SMALL);
    const more = SMALL.replace("epochs: 3", "epochs: 4");
    writeFileSync(join(folder, "a.hs"), more);
    expect(goesOn(folder, more)).toContain("goes on after epoch 3, from ");
  });
});
