/** Programs whose dims only data decide, as a user runs them: the bits of the same program with the numbers written by hand. */
import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { here } from "../../src/codegen/wasm/module.ts";
import { begin } from "../../src/compile.ts";
import { mix32 } from "../../src/ir/mix32.ts";
import { nodeHost } from "../../src/runtime/host.ts";
import { preludeTexts } from "../../src/runtime/prelude.ts";
import { writeTables } from "../data/tables.ts";
import { ran } from "../golden/runner/machine.ts";
import { COMPILER, listing } from "./imports.ts";
import { temporary } from "./temporary.ts";

// processes on a busy machine
vi.setConfig({ testTimeout: 240_000 });
const BIN = join(import.meta.dirname, "../../bin/hsc.cjs");

/** x and y in [-4, 4) with 8 bits behind the point, k in [0, 7) */
const ROWS = Array.from({ length: 200 }, (_, i) => ({
  x: (mix32(3 * i) & 2047) / 256 - 4,
  y: (mix32(3 * i + 1) & 2047) / 256 - 4,
  k: mix32(3 * i + 2) % 7,
}));
function project(text: string, rows: readonly (typeof ROWS)[number][] = ROWS): string {
  const folder = temporary();
  writeFileSync(join(folder, "a.hs"), text);
  data(folder, rows);
  return folder;
}
const data = (folder: string, rows: readonly (typeof ROWS)[number][]): void =>
  writeFileSync(
    join(folder, "d.csv"),
    `x,y,k\n${rows.map(r => `${r.x.toFixed(8)},${r.y.toFixed(8)},${r.k}\n`).join("")}`,
  );
const play = (folder: string, set: Readonly<Record<string, string>> = {}, seed = 0) =>
  ran({ folder, file: "a.hs", set: new Map(Object.entries(set)), seed });
function hsc(folder: string, args: readonly string[], options = "") {
  const env = { ...process.env, HSC_CACHE: join(folder, ".cache"), NODE_OPTIONS: options, NO_COLOR: "1" };
  const r = spawnSync(process.execPath, [BIN, ...args], { cwd: folder, encoding: "utf8", env });
  return { code: r.status, out: r.stdout, err: r.stderr };
}
/** the symbols that each stage waits for */
function stages(folder: string, set: Readonly<Record<string, string>> = {}): readonly (readonly string[])[] {
  const host = nodeHost(folder);
  const own = { ...host, text: (path: string) => host.text(join(folder, path)) };
  const { staged, diagnostics } = begin("a.hs", own, { set, prelude: preludeTexts(), assembler: () => here });
  expect(diagnostics).toEqual([]);
  return staged!.outline.needs.map(names => [...names].sort());
}
/** `let name = ..` of each of these is that number */
const byHand = (text: string, numbers: Readonly<Record<string, number>>): string =>
  Object.entries(numbers).reduce(
    (t, [name, n]) => t.replace(new RegExp(`^let ${name} = .*$`, "m"), `let ${name} = ${n}`),
    text,
  );
/** all that it writes, but its own text */
const files = (folder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(folder)
      .filter(name => !/^(a\.hs|d\.csv)$/.test(name))
      .map(name => [name, readFileSync(join(folder, name)).toString("base64")]),
  );
/** what a program prints and saves does not hang on whether its numbers are written by hand */
async function same(
  text: string,
  numbers: Readonly<Record<string, number>>,
  set: Readonly<Record<string, string>> = {},
) {
  const [folder, hand] = [project(text), project(byHand(text, numbers))];
  const [found, expected] = [await play(folder, set, 3), await play(hand, set, 3)];
  expect(stages(folder, set).length).toBeGreaterThan(1);
  expect(stages(hand, set)).toEqual([[]]);
  expect(expected.code).toBe(0);
  expect(found).toEqual(expected);
  expect(files(folder)).toEqual(files(hand));
  return found;
}
const HEAD = 'let d = csv("d.csv") |> map(r => { x: f32(r.x), y: f32(r.y), k: i32(r.k) })\n';
const LOSS = "loss: (m, r) => cross_entropy(m(f32([r.x, r.y])), i32(r.k > 3)), batch: 32";

describe("the bits of the program with numbers", () => {
  const TENSORS = `param limit = 0.0
${HEAD}let n = count(d |> filter(r => r.x > limit))
print "before"
print n
let w: f32[n] = normal([n])
print w
print sum(w * w)
print ones([n]) @ ones([n, 2])
print concat([w, zeros([2])])
print one_hot(2, n + 3)
print sum(reshape(normal([2, n]), [n * 2]))
print map(normal([n, 3]), r => max(r))
print [w, w + 1]
print w[0:n]
print uniform([3], 0, sqrt(2 / (size(w) + 3)) ^ 0.5 - 1 / 3)
print w * (1 / size(w)) + pi / size(w)
print ((size(w) + 1) / 7 * 3.3) / 1.7
print d |> take(3) |> map(r => { sum: sum(w * r.x), x: r.x })
save normal([n, 3]) to "w.npy"
`;
  // none, one, fewer and more than the 16 records of a panel, all
  test.each([100, Math.max(...ROWS.map(r => r.x)) - 2 ** -9, 3.5, 0, -100])(
    "tensors, of rows above %f",
    async limit => {
      const n = ROWS.filter(r => r.x > limit).length;
      const { out } = await same(TENSORS, { n }, { limit: String(limit) });
      expect(out.split("\n").slice(0, 2)).toEqual(["before", String(n)]);
    },
  );
  test("a layer as large as a count, and a training after it that reads the one before", async () => {
    const text = `${HEAD}model A(x: f32[2]) -> f32[2] = x |> dense(5) |> relu |> dense(2)
let a = train(A, d, ${LOSS}, optimizer: adam(1e-2), epochs: 2)
print a([1, 2])
let right = d |> filter(r => argmax(a(f32([r.x, r.y]))) == i32(r.k > 3))
let n = count(right)
model B(x: f32[2]) -> f32[2] = x |> dense(n) |> dropout(0.25) |> relu |> dense(2, init: he())
let b = train(B, right, loss: (m, r) => cross_entropy(m(f32([r.x, r.y])) + a(f32([r.x, r.y])), i32(r.k > 3)), batch: 32,
  optimizer: adam(1e-2), epochs: 3, validate: d, stop: (e, best) => e.epoch == 2)
print b([1, 2])
print history(a) |> map(e => { epoch: e.epoch, loss: e.loss })
print collect(history(b)).val.loss
save a to "a.safetensors"
save b to "b.safetensors"
`;
    const folder = project(text);
    const { code } = await play(folder);
    expect(code).toBe(0);
    const [, shape] = /"dense1.w":\{"dtype":"F32","shape":\[2,(\d+)\]/.exec(
      readFileSync(join(folder, "b.safetensors"), "latin1"),
    )!;
    // one more number: how many epochs there were
    expect(stages(folder)).toEqual([[], ["n"], ["n", "rows"]].map(names => expect.arrayContaining(names)));
    const hand = project(
      byHand(text, { n: Number(shape) }).replace("collect(history(b))", "collect(take(history(b), 2))"),
    );
    const [found, expected] = [await play(folder), await play(hand)];
    expect(found).toEqual(expected);
    expect(stages(hand)).toEqual([[]]);
    expect(files(folder)).toEqual(files(hand));
    // nothing was trained twice
    expect(found.err.match(/^epoch \d/gm)).toEqual(["epoch 1", "epoch 2", "epoch 1", "epoch 2"]);
  });
  test("k-means with as many centres as data say", async () => {
    const k = ROWS.filter(r => r.x > 3.75).length;
    await same(
      `${HEAD}let points = d |> map(r => f32([r.x, r.y]))
let k = count(d |> filter(r => r.x > 3.75))
fn nearest(p, centers) = argmin(sum((centers - p)^2, axis: 1))
let centers = points |> take(k) |> collect |> iterate(
  c => points |> mean_by(p => nearest(p, c), groups: k, empty: c), times: 50, until: (old, new) => max(abs(new - old)) < 1e-4)
print sizes = points |> count_by(p => nearest(p, centers), groups: k)
save centers to "centers.npy"
`,
      { k },
    );
  });
  test("numbers of numbers, and states, chance and reductions that cross a boundary", async () => {
    const n = ROWS.filter(r => r.y > 1).length;
    const m = ROWS.filter(r => r.k < n % 7).length;
    await same(
      `${HEAD}model B(x: f32[2]) -> f32[2] = x |> dense(8) |> batch_norm |> relu |> dense(2)
let net = train(B, d, ${LOSS}, optimizer: sgd(0.05, momentum: 0.9), epochs: 1)
let mean = d |> mean(.x)
let noise = normal([3])
let part = d |> sample(0.5)
print [mean, sum(noise), part |> sum(.y)]
let n = count(d |> filter(r => r.y > 1))
print sum(ones([n])) * mean
let m = count(d |> filter(r => r.k < n % 7))
print ones([m]) * mean
print noise * f32(m)
print part |> sum(r => r.y * f32(n)) 
print net([1, 2])
print init(B)([f32(n), f32(m)])
save net to "net.safetensors"
`,
      { n, m },
    );
  });
});

test("values of every type cross a boundary", async () => {
  await same(
    `let d = csv("d.csv")
let some = any(d, r => r.x > 2)
let flags = map([0.0, 1.0, 5.0], t => any(d, r => r.x > t))
let big = max(d, r => r.k) + i64(9007199254740000)
let wide = mean(d, r => r.x)
let byte = u8(sum(d, r => i32(r.k > 3)) % 256)
print { big: big, some: some, flags: flags, byte: byte, wide: wide }
let n = count(d |> filter(r => r.x > 0))
print ones([n])[0]
print { big: big + 1, some: if some then 1 else 2, flags: where(flags, 1, 0), byte: byte, wide: wide * 2 }
`,
    { n: ROWS.filter(r => r.x > 0).length },
  );
});

describe("rows that are collected", () => {
  const COLLECTED = `param limit = 0.0
${HEAD}let p = d |> filter(r => r.x > limit)
let c = collect(p)
print c.k
print sum(c.x)
save c.x to "x.npy"
save p |> map(r => { k: r.k, twice: r.k * 2 }) to "p.csv"
print rows(c.k) |> map(k => { k: k }) |> filter(r => r.k > 2) |> count
`;
  test.each([100, 3.5, -100])("above %f", async limit => {
    const folder = project(COLLECTED);
    const kept = ROWS.filter(r => r.x > limit);
    const { out, code } = await play(folder, { limit: String(limit) });
    expect(code).toBe(0);
    const lines = out.split("\n");
    if (kept.length < 20) expect(lines[0]).toBe(`[${kept.map(r => r.k).join(", ")}]`);
    // sums of numbers with 8 bits behind the point: exact
    expect(Math.fround(Number(lines[1]))).toBe(kept.reduce((s, r) => s + r.x, 0));
    expect(lines[2]).toBe(String(kept.filter(r => r.k > 2).length));
    expect(readFileSync(join(folder, "p.csv"), "utf8")).toBe(
      `k,twice\n${kept.map(r => `${r.k},${2 * r.k}\n`).join("")}`,
    );
    const x = readFileSync(join(folder, "x.npy"));
    expect(
      new Float32Array(x.buffer.slice(x.byteOffset + x.length - 4 * kept.length, x.byteOffset + x.length)),
    ).toEqual(Float32Array.from(kept, r => r.x));
  });
  test("what an engine makes is saved without being counted, and printed as it is", async () => {
    const folder = project(`let d = csv("d.csv")
let g = d |> filter(r => r.x > 0) |> group_by(.k, g => { n: count(g) })
print g
save g to "g.csv"
`);
    expect(stages(folder)).toEqual([[]]);
    const { out, code } = await play(folder);
    expect(code).toBe(0);
    const counts = [0, 1, 2, 3, 4, 5, 6].map(k => [k, ROWS.filter(r => r.x > 0 && r.k === k).length]);
    expect(
      out
        .split("\n")
        .slice(1)
        .map(l => l.trim().split(/ +/).map(Number)),
    ).toEqual(counts);
    expect(readFileSync(join(folder, "g.csv"), "utf8")).toBe(`k,n\n${counts.map(c => `${c.join()}\n`).join("")}`);
  });
});

describe("what is wrong", () => {
  test("in a later stage has its place; what stands before it was done, and nothing after it", async () => {
    const folder = project(`${HEAD}print "first"
let n = count(d |> filter(r => r.x > 0))
print ones([n])[0]
print min(d |> filter(r => r.x > 1000), .x)
save d to "never.csv"
`);
    const r = await play(folder);
    expect([r.code, r.out]).toEqual([1, "first\n1"]);
    expect(r.err).toBe(
      [
        "error: there are no rows, and of nothing there is no least and no greatest",
        "  --> a.hs:5:7",
        " 5 | print min(d |> filter(r => r.x > 1000), .x)",
        `   |       ${"^".repeat(37)}`,
      ].join("\n"),
    );
    expect(existsSync(join(folder, "never.csv"))).toBe(false);
  });
  test("an effect that fails keeps the training of a later one from running", async () => {
    const r = await play(
      project(`${HEAD}print min(d |> filter(r => r.x > 1000), .x)
model A(x: f32[2]) -> f32[2] = x |> dense(2)
let a = train(A, d, ${LOSS}, optimizer: sgd(0.1), epochs: 1)
let n = count(d |> filter(r => argmax(a(f32([r.x, r.y]))) == 1))
print zeros([n])
`),
    );
    expect([r.code, r.out, /^epoch/m.test(r.err)]).toEqual([1, "", false]);
  });
  test("two dims that only data decide are compared once they are numbers, before the stage that needs them", async () => {
    const text = `param limit = 0.0
${HEAD}let a = collect(d |> filter(r => r.x > limit))
let b = collect(d |> filter(r => r.y > limit))
print "first"
print sum(a.x)
print a.x + b.x
`;
    const [a, b] = [ROWS.filter(r => r.x > 0).length, ROWS.filter(r => r.y > 0).length];
    expect(a).not.toBe(b);
    const wrong = await play(project(text));
    expect([wrong.code, wrong.out]).toEqual([2, "first"]);
    expect(wrong.err).toBe(
      [
        `error: shapes differ in \`+\`: f32[a_rows] and f32[b_rows]: ${a} and ${b}`,
        "  --> a.hs:7:7",
        " 7 | print a.x + b.x",
        "   |       ^^^^^^^^^",
      ].join("\n"),
    );
    const right = await play(project(text), { limit: "-100" });
    expect([right.code, right.out.split("\n").length]).toEqual([0, 3]);
  });
  test.each([
    ["below zero", "let n = count(d) - 300", "let n = count(d |> filter(r => r.x > 100)) - 3\nprint zeros([n])", ""],
  ])("a dim %s", async (_, _a, text) => {
    const r = await play(project(`${HEAD}${text}\n`));
    expect([r.code, r.out]).toEqual([2, ""]);
    expect(r.err).toContain("-3");
    expect(r.err).toContain("a.hs:2:");
  });
  test.each([
    ["print c.x[0]", "slice reaches from 0 to 1, axis 0 has 0"],
    ["print max(c.x)", "max of no elements"],
    ["print argmin(c.x)", "argmin of no elements"],
    ["print softmax(c.x)", "max of no elements"],
  ])("of no rows: %s", async (line, message) => {
    const text = `param limit = 0.0\n${HEAD}let c = collect(d |> filter(r => r.x > limit))\n${line}\n`;
    expect((await play(project(text))).code).toBe(0);
    const r = await play(project(text), { limit: "100" });
    expect([r.code, r.out]).toEqual([2, ""]);
    expect(r.err.split("\n")[0]).toBe(`error: ${message}`);
    expect(r.err).toContain("a.hs:4:");
  });
  test("no rows to train with", async () => {
    const r = await play(
      project(`param limit = 100.0
${HEAD}let p = d |> filter(r => r.x > limit)
let n = count(p)
model A(x: f32[2]) -> f32[2] = x |> dense(n) |> relu |> dense(2)
let a = train(A, p, ${LOSS}, optimizer: sgd(0.1), epochs: 1)
print a([1, 2])
`),
    );
    expect([r.code, r.err.split("\n")[0]]).toEqual([1, "error: no rows to train with"]);
    expect(r.err).toContain("a.hs:6:");
  });
  test("more than memory holds", async () => {
    const r = await play(
      project(`${HEAD}let n = count(d) + count(d |> filter(r => r.x > -100)) * 10000
print "first"
let t = normal([n, n])
print t[0, 0]
save t to "t.npy"
`),
    );
    expect([r.code, r.out]).toEqual([2, "first"]);
    expect(r.err).toMatch(
      /^limit: a program whose tensors take 1.49e\+4 GiB at once, 1.49e\+4 GiB for this, is not built yet\n {2}--> a.hs:4:9\n/,
    );
  });
  test("a loss that is no number is traced to its first value", async () => {
    const r = await play(
      project(`${HEAD}let n = count(d |> filter(r => r.x > 0))
model A(x: f32[2]) -> f32[2] = x |> dense(n) |> relu |> dense(2)
let a = train(A, d, loss: (m, r) => cross_entropy(m(f32([r.x, r.y])), i32(r.k > 3)) / f32(n * 0), batch: 32, optimizer: sgd(0.1), epochs: 1)
print a([1, 2])
`),
    );
    expect([r.code, r.out]).toEqual([1, ""]);
    expect(r.err).toMatch(/^error: loss is inf at step 1, first here\n {2}--> a.hs:3:57\n/);
  });
  test("a place where nothing can be saved is said before the first stage", async () => {
    const r = await play(
      project(`${HEAD}print "first"
let n = count(d |> filter(r => r.x > 0))
save zeros([n]) to "no/where/z.npy"
`),
    );
    expect([r.code, r.out]).toEqual([1, ""]);
    expect(r.err).toContain("a.hs:4:");
  });
});

describe("a source that a later stage reads again", () => {
  const OVER = (saved: string): string => `let d = csv("d.csv")
save ${saved} to "d.csv"
let n = count(d |> filter(r => r.x < 0))
print count(d)
print n
print sum(ones([n]))
print d |> sum(r => r.x + r.y)
`;
  test("is as it was, whatever was saved over it", async () => {
    const r = await play(project(OVER("d |> filter(r => r.x + r.y > 0)")));
    const n = ROWS.filter(r => r.x < 0).length;
    expect([r.code, r.err]).toEqual([0, ""]);
    expect(r.out).toBe([ROWS.length, n, n, ROWS.reduce((s, r) => s + r.x + r.y, 0)].join("\n"));
  });
  test("is an error where it is not", async () => {
    const r = await play(
      project(OVER("d |> map(r => { x: r.x, y: 0, k: r.k })").replace("sum(r => r.x + r.y)", "sum(.y)")),
    );
    expect([r.code, r.out]).toEqual([
      1,
      `${ROWS.length}\n${ROWS.filter(r => r.x < 0).length}\n${ROWS.filter(r => r.x < 0).length}`,
    ]);
    expect(r.err).toContain("d.csv was changed after the program had read it, and is read again\n  --> a.hs:1:9\n");
  });
});

const COUNTED = `${HEAD}print "first"
let n = count(d |> filter(r => r.x > 0))
print sum(ones([n]))
let m = count(d |> take(n) |> filter(r => r.x > 100))
print zeros([m + 1])
`;
describe("the cache", () => {
  test("has each stage by the numbers it was compiled for", () => {
    const folder = project(COUNTED, ROWS.slice(0, 20));
    const options = listing(folder);
    const run = (rows: readonly (typeof ROWS)[number][]): readonly [out: string, compiled: boolean] => {
      data(folder, rows);
      const r = hsc(folder, ["run", "a.hs"], options);
      expect(r.code).toBe(0);
      return [r.out, COMPILER.test(r.err)];
    };
    const positive = ROWS.filter(r => r.x > 0);
    expect(run(positive.slice(0, 5))).toEqual(["first\n5\n[0]\n", true]);
    expect(run(positive.slice(0, 5))).toEqual(["first\n5\n[0]\n", false]);
    // other data with the same numbers; other numbers; and both again
    expect(run(positive.slice(5, 10))).toEqual(["first\n5\n[0]\n", false]);
    expect(run(positive.slice(0, 6))).toEqual(["first\n6\n[0]\n", true]);
    expect(run(positive.slice(0, 6))).toEqual(["first\n6\n[0]\n", false]);
    expect(run(positive.slice(0, 5))).toEqual(["first\n5\n[0]\n", false]);
    // only what a later stage says is edited: no stage of the old text is taken
    writeFileSync(join(folder, "a.hs"), COUNTED.replace("zeros([m + 1])", "ones([m + 1])"));
    expect(run(positive.slice(0, 5))).toEqual(["first\n5\n[1]\n", true]);
    expect(run(positive.slice(0, 5))).toEqual(["first\n5\n[1]\n", false]);
  });
  test("compiles again the one stage that is damaged", () => {
    const folder = project(COUNTED, ROWS);
    const before = hsc(folder, ["run", "a.hs"]);
    expect(before.code).toBe(0);
    const entries = readdirSync(join(folder, ".cache"), { withFileTypes: true }).filter(e => e.isDirectory());
    expect(entries.length).toBe(3);
    for (const e of entries) {
      writeFileSync(join(folder, ".cache", e.name, "plan.json"), "damaged");
      expect(hsc(folder, ["run", "a.hs"])).toEqual(before);
      expect(readFileSync(join(folder, ".cache", e.name, "plan.json"), "utf8")).not.toBe("damaged");
    }
  });
  test("a program that is edited while it runs does not end as another one", () => {
    const folder = project(COUNTED);
    expect(hsc(folder, ["run", "a.hs"]).code).toBe(0);
    data(folder, ROWS.slice(0, 100)); // so that the second stage must be compiled
    // an edit between the two: when the first stage's print is written
    const hook = join(folder, "edit.mjs");
    writeFileSync(
      hook,
      `import { appendFileSync } from "node:fs";
const write = process.stdout.write.bind(process.stdout);
process.stdout.write = (text, ...rest) => { if (String(text).startsWith("first")) appendFileSync("a.hs", "print 1\\n"); return write(text, ...rest); };`,
    );
    const r = hsc(folder, ["run", "a.hs"], `--import=${hook}`);
    expect([r.code, r.out]).toEqual([1, "first\n"]);
    expect(r.err).toBe("error: a.hs was changed while the program ran\nhelp: run it again\n");
  });
});

describe("hsc compile", () => {
  test("runs what the dims need, and nothing else; out/ computes the numbers anew and refuses others", () => {
    const folder = project(`${COUNTED}save ones([n]) to "o.npy"\n`);
    const n = ROWS.filter(r => r.x > 0).length;
    expect(hsc(folder, ["compile", "a.hs", "-o", "out"])).toEqual({ code: 0, out: "", err: "" });
    expect(existsSync(join(folder, "o.npy"))).toBe(false);
    const plan = JSON.parse(readFileSync(join(folder, "out/plan.json"), "utf8"));
    expect(plan.stages.map((s: { needs: unknown }) => s.needs)).toEqual([{}, { n }, { n, m: 0 }]);
    rmSync(join(folder, "a.hs"));
    const r = hsc(folder, ["run", "out"]);
    expect([r.code, r.out]).toEqual([0, `first\n${n}\n[0]\n`]);
    data(folder, ROWS.slice(0, 100));
    const other = hsc(folder, ["run", "out"]);
    const now = ROWS.slice(0, 100).filter(r => r.x > 0).length;
    expect([other.code, other.out]).toEqual([1, "first\n"]);
    expect(other.err.split("\n")[0]).toBe(
      `error: the program was compiled for other data: \`n\` is ${now} now and was ${n}`,
    );
  });
  test("what hangs on a training is compiled when a run of out/ knows the number, wherever the program is by then", () => {
    const folder = project(`import "lib/blocks.hs"
param more = 0
${HEAD}model A(x: f32[2]) -> f32[2] = x |> dense(2)
let a = train(A, d, ${LOSS}, optimizer: sgd(0.1), epochs: 1)
let few = count(d |> filter(r => r.x > 0))
let n = count(d |> filter(r => argmax(a(f32([r.x, r.y]))) == 1))
print size(ones([few]))
print size(blocks.twice(ones([n]))) + more
`);
    mkdirSync(join(folder, "lib"));
    writeFileSync(join(folder, "lib/blocks.hs"), "fn twice(x) = concat([x, x])\n");
    const own = hsc(folder, ["run", "a.hs", "--set", "more=1"]);
    expect(own.code).toBe(0);
    const r = hsc(folder, ["compile", "a.hs", "-o", "out"]);
    expect([r.code, r.out]).toEqual([0, ""]);
    expect(r.err).toBe(
      "note: `n` is decided by a training: what hangs on it is compiled when a run knows the number\n",
    );
    const plan = JSON.parse(readFileSync(join(folder, "out/plan.json"), "utf8"));
    expect(plan.stages.map((s: { needs: object }) => Object.keys(s.needs))).toEqual([[], ["few"]]);
    expect(plan.later.outline.needs).toEqual([[], ["few"], ["n"]]);
    rmSync(join(folder, "a.hs"));
    rmSync(join(folder, "lib"), { recursive: true });
    expect(hsc(temporary(), ["run", join(folder, "out"), "--set", "more=1"])).toMatchObject({ code: 0, out: own.out });
    rmSync(join(folder, "out/program"), { recursive: true });
    expect(hsc(folder, ["run", "out"])).toMatchObject({ code: 2, out: `${own.out.split("\n")[0]}\n` });
  });
  test("hsc explain shows the stages that wait for no number, and what the others wait for; Core has symbols", () => {
    const folder = project(COUNTED);
    const text = hsc(folder, ["explain", "a.hs"]).out;
    expect(text.trimEnd().split("\n").slice(-2)).toEqual([
      "stage 1 waits for `n`: it is compiled when the data are seen",
      "stage 2 waits for `m`: it is compiled when the data are seen",
    ]);
    expect(hsc(folder, ["explain", "a.hs", "--level", "core"]).out).toMatch(/^symbol n = value %\d+$/m);
    writeTables(folder);
    const program = readFileSync(join(import.meta.dirname, "../frontend/programs/03_tabular.hs"), "utf8");
    writeFileSync(join(folder, "b.hs"), program);
    const lines = hsc(folder, ["explain", "b.hs"]).out.split("\n");
    expect(lines.filter(l => l.startsWith("stage ")).map(l => l.slice(0, 8))).toEqual(
      [1, 2, 3, 4].map(i => `stage ${i}${i % 2 ? " " : ":"}`),
    );
    expect(lines[lines.indexOf("stage 2:") + 1]).toMatch(/^kernel /);
  });
});

describe("one run", () => {
  const TRAINED = `${HEAD}model A(x: f32[2]) -> f32[2] = x |> dense(4) |> relu |> dense(2)
let a = train(A, d, ${LOSS}, optimizer: adam(1e-2), epochs: 2, checkpoint: "ck")
let n = count(d |> filter(r => argmax(a(f32([r.x, r.y]))) == 1))
model B(x: f32[2]) -> f32[2] = x |> dense(n + 1) |> batch_norm |> relu |> dropout(0.25) |> dense(2)
let b = train(B, d, loss: (m, r) => cross_entropy(m(f32([r.x, r.y])) + a(f32([r.x, r.y])), i32(r.k > 3)), batch: 8, optimizer: adam(1e-2),
  epochs: 30, checkpoint: "ck")
print b([1, 2])
save b to "b.safetensors"
`;
  test("has one log", () => {
    const folder = project(COUNTED);
    const n = ROWS.filter(r => r.x > 0).length;
    expect(hsc(folder, ["run", "a.hs", "--log", "run.jsonl"]).code).toBe(0);
    const events = readFileSync(join(folder, "run.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map(l => JSON.parse(l));
    expect(events.map(e => e.event)).toEqual(["start", "print", "stage", "print", "stage", "print", "end"]);
    expect(events.flatMap(e => (e.event === "stage" ? [[e.stage, e.dims]] : []))).toEqual([
      [1, { n }],
      [2, { m: 0 }],
    ]);
    expect(events.at(-1).ok).toBe(true);
  });
  test("goes on in the stage where it was stopped, with the same bits", async () => {
    const whole = project(TRAINED);
    const expected = hsc(whole, ["run", "a.hs"]);
    expect(expected.code).toBe(0);
    const folder = project(TRAINED);
    cpSync(join(whole, ".cache"), join(folder, ".cache"), { recursive: true });
    // stopped in the middle of the second training
    const env = { ...process.env, HSC_CACHE: join(folder, ".cache"), NO_COLOR: "1" };
    const child = spawn(process.execPath, [BIN, "run", "a.hs", "--log", "run.jsonl"], { cwd: folder, env });
    const path = join(folder, "run.jsonl");
    const timer = setInterval(() => {
      if (existsSync(path) && /"path":"[^"]*b.safetensors","epoch":3/.test(readFileSync(path, "utf8"))) {
        child.kill("SIGINT");
        clearInterval(timer);
      }
    }, 5);
    await new Promise(done => child.on("exit", done));
    clearInterval(timer);
    const resumed = hsc(folder, ["run", "a.hs", "--resume"]);
    expect([resumed.code, resumed.out]).toEqual([0, expected.out]);
    expect(resumed.err).toContain("goes on after epoch 2, from ck/a.safetensors");
    expect(resumed.err).toMatch(/goes on after epoch \d+.*, from ck\/b.safetensors/);
    expect(readFileSync(join(folder, "b.safetensors"))).toEqual(readFileSync(join(whole, "b.safetensors")));
    // another number before it is another program
    data(folder, ROWS.slice(0, 150));
    rmSync(join(folder, "ck/a.safetensors"));
    const other = hsc(folder, ["run", "a.hs", "--resume"]);
    expect(other.code).toBe(1);
    expect(other.err).toContain("ck/b.safetensors is a checkpoint of another program");
  });
});
