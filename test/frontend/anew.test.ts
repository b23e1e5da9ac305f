/**
 * Rows that a training draws anew in each epoch although an engine makes them: losses of a run are those of the interpreters of GRAPH and REL, in
 * which a table of epoch e is evaluated for epoch e; and what an engine does not change is what kernels make without one. All sums are exact: a
 * batch is one row, and what is drawn is floored.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { mix32 } from "../../src/ir/mix32.ts";
import type { LogValue } from "../../src/runtime/log.ts";
import { ran } from "../golden/runner/machine.ts";
import { meant } from "./tables.ts";

const folders: string[] = [];
afterAll(() => {
  for (const f of folders) rmSync(f, { recursive: true });
});
const TEXTS = ["Ann", "Çelik", "東京 Bob", "a1 b22 c333", "-", "😀 😀", "ann b", "Zoë"];
function table(folder: string, count: number, seed: number): void {
  const word = (i: number): number => mix32(i ^ seed);
  const lines = Array.from({ length: count }, (_, i) => {
    const x = word(3 * i) % 5 === 0 ? "NaN" : String((word(3 * i) % 33) / 4 - 4);
    return `${i},"${TEXTS[word(3 * i + 1) % TEXTS.length]}",${x},${word(3 * i + 2) % 4}`;
  });
  writeFileSync(join(folder, "rows.csv"), `${["id,text,x,k", ...lines].join("\n")}\n`);
}
const HEAD = `let d: rdd { id: i32, text: string, x: f32, k: i32 } = csv("rows.csv")
model M(x: f32) -> f32 = unsqueeze(x, 0) |> dense(1) |> reshape([])
fn fed(rows, f) = train(M, rows, loss: (m, r) => 0 * m(1.0) + f32(f(r)), optimizer: sgd(0.0), batch: 1, epochs: 3, shuffle: false)
fn losses(rows, f) = history(fed(rows, f)) |> map(e => { e.loss })
let drawn = d |> map(r => { r.id, r.text, r.k, r.x, u: floor(uniform() * 64) })
let half = d |> sample(0.5)
let few = d |> filter(r => uniform() < 0.5) |> map(r => { r.k, b: floor(normal() * 4) })
`;
type Case = readonly [rows: string, of: string];
const CASES: Readonly<Record<string, readonly Case[]>> = {
  "orders and identities": [
    ["drawn |> sort_by(.u) |> map(r => r.u + 64 * floor(uniform() * 64))", "x => x"],
    ["drawn |> sort_by(r => { r.x, r.u }, descending: true) |> take(9)", "r => r.u"],
    ["drawn |> sort_by(.u) |> zip_index |> filter(r => r.index % 2 == 0)", "r => r.id"],
  ],
  groups: [
    ["drawn |> group_by(.k, g => { u: sum(g, .u), first: first(g).id })", "r => r.u + 1024 * f32(r.first)"],
    ["drawn |> group_by(r => i32(r.u) % 8, g => { n: count(g) })", "r => r.n * r.n"],
    [
      "d |> group_by(.k, g => { a: g |> shuffle |> map(.id) |> take(1) |> sum, b: g |> sample(0.5) |> count })",
      "r => r.a * 64 + r.b",
    ],
  ],
  joins: [
    ['drawn |> join(d |> group_by(.k, g => { most: max(g, .id) }), on: "k")', "r => r.u + 64 * f32(r.most)"],
    ['drawn |> join(few |> distinct(by: .k), on: "k", how: "left")', "r => r.u + (r.b ?? 128.0)"],
    ["union(drawn |> map(.u), cache(drawn) |> map(.u))", "u => u"],
  ],
  "choices below of an engine": [
    ["d |> shuffle |> distinct(by: .k)", "r => r.id"],
    ["union(d |> sample(0.6) |> map(.id), d |> take(1) |> map(.id))", "i => i"],
    [
      "union(d |> sample(0.6) |> shuffle(seed: 7) |> map(.id), d |> take(2) |> map(.id)) |> sort_by(i => i % 9) |> take(30)",
      "i => i",
    ],
  ],
  texts: [
    [
      "d |> map(r => { t: substring(r.text, randint(0, 4), 3), r.id })",
      'r => length(r.t) * 64 + (if contains(r.t, "b") then 1 else 0)',
    ],
    ["drawn |> map(r => string(i32(r.u)) + r.text)", "t => length(t)"],
    [
      'drawn |> map(r => { w: pad_to(words(r.text + " " + string(i32(r.u) * 3)) |> map(w => length(w)), 3), r.u })',
      "r => f32(sum(r.w)) + 64 * r.u",
    ],
    ['drawn |> flat_map(r => words(r.text + " x") |> map(w => { w, r.u }))', "r => r.u * 8 + f32(length(r.w))"],
  ],
  "draws of groups and of elements": [
    ["d |> group_by(.k, g => { a: g |> map(r => floor(64 * uniform())) |> sum, n: count(g) })", "r => r.a"],
    ["d |> map(r => { n: length(substring(r.text, randint(0, 4), 3)), r.id })", "r => r.n * 64 + r.id % 8"],
    [
      'd |> map(r => { w: words(r.text + " a b c") |> shuffle |> take(2) |> map(w => length(w)) |> sum, r.k })',
      "r => r.w",
    ],
    ["d |> group_by(.k, g => { a: g |> filter(r => uniform() < 0.5) |> map(.id) |> sum })", "r => r.a"],
    ["drawn |> distinct(by: r => floor(4 * uniform()))", "r => r.id"],
  ],
  "columns of all kinds": [
    [
      "d |> map(r => { w: words(r.text), u: floor(64 * uniform()), r.k }) |> sort_by(.u) |> map(r => { n: length(r.w), r.u })",
      "r => r.u + 64 * f32(r.n)",
    ],
    [
      "d |> map(r => { v: floor(8 * uniform([2, 3])), r.k }) |> sort_by(r => r.v[1, 2])",
      "r => sum(r.v * [[1, 8, 64], [2, 16, 128]])",
    ],
    [
      'd |> map(r => { b: uniform() < 0.05, r.k, t: if uniform() < 0.5 then r.text else "none" }) |> group_by(.t, g => { n: count(g), any: any(g, .b) })',
      "r => r.n * r.n + i32(r.any)",
    ],
    [
      "d |> map(r => { i: i64(r.id) * 4294967296 + i64(randint(0, 99)), x: if uniform() < 0.5 then r.x else 1.0 }) |> distinct(by: .x) |> sort_by(.i, descending: true)",
      "r => r.i % 1000",
    ],
    [
      "d |> map(r => { m: if uniform() < 0.5 then none else r.k, r.id }) |> sort_by(.m) |> take(30)",
      "r => (r.m ?? 100) * 256 + r.id",
    ],
  ],
  batches: [
    ["drawn |> map(.u) |> batch(1)", "us => us[0]"],
    ["drawn |> map(.u) |> batch(2) |> batch(2)", "us => sum(us)"],
    [
      "drawn |> map(r => { r.u, r.id }) |> batch(2) |> map(b => { us: b.u * 2 + floor(uniform([2]) * 2), b.id })",
      "r => sum(r.us)",
    ],
    ["few |> map(.b) |> shuffle |> batch(1)", "b => b[0]"],
  ],
};
/** what an engine does or a batch is, and the same rows without: no draw is another one */
const ALIKE: readonly (readonly [Case, Case])[] = [
  [
    ["drawn |> sort_by(.u)", "r => r.u"],
    ["drawn", "r => r.u"],
  ],
  [
    ["drawn |> group_by(.id, g => { u: sum(g, .u) })", "r => r.u"],
    ["drawn", "r => r.u"],
  ],
  [
    ["union(drawn |> map(.u), drawn |> map(.u))", "u => u"],
    ["drawn", "r => r.u"],
  ],
  [
    ["drawn |> map(.u) |> batch(4)", "us => mean(us)"],
    ["drawn |> map(.u) |> take(132)", "u => u"],
  ],
  [
    ["drawn |> map(r => string(r.u))", "t => f32(length(t))"],
    ["drawn", "r => if r.u < 10 then 1.0 else 2.0"],
  ],
  [
    ["union(half |> map(.id), d |> take(0) |> map(.id))", "i => i"],
    ["half", "r => r.id"],
  ],
  [
    ["cache(drawn |> sort_by(.u))", "r => r.u"],
    ["cache(drawn)", "r => r.u"],
  ],
];
async function printed(folder: string, text: string): Promise<readonly LogValue[]> {
  writeFileSync(join(folder, "a.hs"), text);
  const log = join(folder, "run.jsonl");
  rmSync(log, { force: true });
  const r = await ran({ folder, file: "a.hs", set: new Map(), seed: 0, log });
  expect(r.err.replace(/^epoch .*\n?/gm, "")).toBe("");
  const events = readFileSync(log, "utf8")
    .trim()
    .split("\n")
    .map(l => JSON.parse(l) as { event: string; value: LogValue });
  return events.filter(e => e.event === "print").map(e => e.value);
}
const folderOf = (count: number): string => {
  const folder = mkdtempSync(join(tmpdir(), "hsc-test-"));
  folders.push(folder);
  table(folder, count, 5 + count);
  return folder;
};
/** of rows with one column */
const lossesIn = (v: LogValue): readonly LogValue[] =>
  (v as readonly { readonly [column: string]: LogValue }[]).map(row => Object.values(row)[0]!); // as: a table is logged so
/** of each case a table of losses, an epoch a row; with `cached` another of the same draws. A call draws by its place in the text: it stands there once */
const programOf = (cases: readonly Case[], cached = false): string =>
  HEAD +
  cases
    .map(([rows, of], i) => {
      const again = cached ? `print losses(cache(r${i}), ${of})\n` : "";
      return `let r${i} = ${rows}\nprint losses(r${i}, ${of})\n${again}`;
    })
    .join("");

describe.each(Object.entries(CASES))("%s", (_, cases) => {
  test.each([40, 133])("%i rows", { timeout: 240_000 }, async count => {
    const folder = folderOf(count);
    const text = programOf(cases);
    const wanted: unknown = JSON.parse(JSON.stringify(meant(folder, text)));
    expect(await printed(folder, text)).toEqual(wanted);
  });
  test("the first epoch is what a cache holds, the others are not", { timeout: 240_000 }, async () => {
    const folder = folderOf(120);
    const all = (await printed(folder, programOf(cases, true))).map(lossesIn);
    cases.forEach(([rows], i) => {
      const [own, kept] = [all[2 * i]!, all[2 * i + 1]!];
      expect({ rows, kept }).toEqual({ rows, kept: [own[0], own[0], own[0]] });
      expect({ rows, different: new Set(own).size }).toEqual({ rows, different: 3 });
    });
  });
});
test("no draw hangs on who reads it", { timeout: 240_000 }, async () => {
  const all = (await printed(folderOf(132), programOf(ALIKE.flat()))).map(lossesIn);
  ALIKE.forEach(([[rows]], i) => {
    expect({ rows, losses: all[2 * i] }).toEqual({ rows, losses: all[2 * i + 1] });
  });
});
test("what is held out is drawn once", { timeout: 240_000 }, async () => {
  const held = "drawn |> sort_by(.u) |> map(.u)";
  const text = `${HEAD}let net = train(M, ${held}, validate: ${held}, loss: (m, u) => 0 * m(1.0) + u, optimizer: sgd(0.0), batch: 1, epochs: 3)
print history(net) |> map(e => e.loss)
print history(net) |> map(e => e.val.loss)`;
  const [own, val] = (await printed(folderOf(50), text)).map(lossesIn) as [readonly LogValue[], readonly LogValue[]]; // as: two
  expect(new Set(own).size).toBe(3);
  expect(val).toEqual([own[0], own[0], own[0]]);
});
