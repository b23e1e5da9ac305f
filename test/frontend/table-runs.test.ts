/**
 * Programs over random tables: what a run prints, with an engine and with kernels, is what the interpreters of both levels mean. All numbers
 * are such that their sums are exact.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { mix32 } from "../../src/ir/mix32.ts";
import { queryRows, quoted } from "../../src/runtime/engine/duckdb.ts";
import type { LogValue } from "../../src/runtime/log.ts";
import { ran } from "../golden/runner/machine.ts";
import { meant } from "./tables.ts";

const folders: string[] = [];
afterAll(() => {
  for (const f of folders) rmSync(f, { recursive: true });
});
const TEXTS = [
  "Ann",
  "Çelik",
  "東京 Bob",
  "  Zoë ",
  'O"Neil, Pat',
  "ann",
  "Éva",
  "",
  "a1 b22 c333",
  "😀 😀",
  "-12",
  "3.5e1",
  "true",
];
/** parquet, so that the empty text and the missing one differ */
function tables(folder: string, count: number, seed: number): void {
  const word = (i: number): number => mix32(i ^ seed);
  const rows = Array.from({ length: count }, (_, i) => ({
    id: i,
    text: TEXTS[word(7 * i) % TEXTS.length],
    other: word(7 * i + 1) % 3 === 0 ? null : TEXTS[word(7 * i + 2) % TEXTS.length],
    n: word(7 * i + 3) % 4 === 0 ? null : (word(7 * i + 3) % 11) - 5,
    x: (word(7 * i + 4) % 65) / 4 - 8,
    at: Number((BigInt(word(7 * i + 5)) - 2n ** 31n) * 500_000n),
    ok: word(7 * i + 6) % 2 === 0,
  }));
  const lines = join(folder, "rows.json");
  // a line more, so that there is a file to read when there are no rows
  writeFileSync(lines, `${[...rows, { id: -1 }].map(r => JSON.stringify(r)).join("\n")}\n`);
  const types =
    "{id: 'integer', text: 'varchar', other: 'varchar', n: 'integer', x: 'double', 'at': 'bigint', ok: 'boolean'}";
  queryRows(
    `copy (select id, text, other, n, x, make_timestamp("at") as "at", ok from read_json(${quoted(lines)}, format = 'newline_delimited', columns = ${types})
      where id >= 0 order by id) to ${quoted(join(folder, "rows.parquet"))} (format parquet)`,
  );
  const other = rows.filter(r => r.id % 3 > 0).map(r => `${JSON.stringify(r.text).replaceAll('\\"', '""')},${r.x}`);
  writeFileSync(join(folder, "other.csv"), `${["text,weight", ...other].join("\n")}\n`);
}
const HEAD = `let d: rdd { id: i32, text: string, other: string?, n: i32?, x: f64, at: time, ok: bool } = parquet("rows.parquet")
let w: rdd { text: string?, weight: f64 } = csv("other.csv")
let named = w |> map(r => { text: r.text ?? "", r.weight })
`;
/** each prints once or more; at most 10 rows of a table: the rest is counted or summed */
const PROGRAMS: Readonly<Record<string, string>> = {
  "texts of texts": `let t = d |> map(r => { r.id, up: upper(r.text), low: lower(r.text), cut: trim(r.text), part: substring(r.text, 1, 3), n: length(r.text),
    has: contains(r.text, "n"), begins: starts_with(r.text, "A"), is: matches(r.text, "[0-9]+"), with: replace(r.text, "[aeiou]", "_"), bucket: hash(r.text, 7) })
print t |> filter(r => r.id >= 3)
print t |> sum(r => r.n * r.bucket)
print t |> filter(r => r.has or r.begins or r.is) |> count`,
  "texts in order": `print d |> filter(r => r.text < "a" or (r.other ?? "z") >= "É") |> map(.id) |> sum(x => x)
print d |> sort_by(r => { r.text, r.id }, descending: true) |> map(r => { r.text, r.id })
print d |> sort_by(.other) |> map(r => { r.id, r.other }) |> take(9)`,
  "numbers of texts": `print d |> map(r => { r.id, i: i32(r.text) ?? 0 - 1, f: f64(r.text) ?? 0.25, b: bool(r.text) }) |> filter(r => r.i != 0 - 1 or r.f != 0.25 or r.b != none)
print d |> map(r => string(r.n ?? 0) + "/" + string(r.x) + "/" + string(r.ok)) |> filter(s => contains(s, "5"))
print d |> sum(r => f64(r.text) ?? 0.5)`,
  instants: `print d |> map(r => { r.id, r.at, y: year(r.at), m: month(r.at), d: day(r.at), w: weekday(r.at), h: hour(r.at), on: date(r.at) })
print d |> map(r => format_time(r.at, "%Y-%m-%dT%H:%M:%S")) |> filter(s => contains(s, "-02-"))
print d |> map(r => { r.id, back: parse_time(string(r.at), "%Y-%m-%d %H:%M:%S"), not: parse_time(r.text, "%Y") })
print d |> filter(r => year(r.at) > 1980 and r.x > 0) |> count
let first = d |> min(.at)
print d |> filter(r => r.at > first) |> count`,
  joins: `let j = d |> join(named, on: "text") 
print j |> map(r => { r.id, r.weight })
print j |> sum(r => r.weight * f64(r.id))
print d |> join(named, on: "text", how: "left") |> map(r => { r.id, r.weight, r.n }) |> filter(r => r.weight == none or r.n != none)
print d |> map(r => { r.text, r.id }) |> join(named, on: "text", how: "full") |> map(r => { r.text, r.id, r.weight })
print d |> join(named, on: "text", how: "semi") |> map(.id) |> sum(x => x)
print d |> join(named, on: "text", how: "anti") |> map(r => { r.id, r.text })`,
  groups: `print d |> group_by(.text, g => { n: count(g), x: sum(g, .x), least: min(g, .x), first: first(g).id, last: max(g, .at), ok: any(g, .ok), all: all(g, .ok) })
print d |> group_by(r => { r.ok, r.n }, g => { size: count(g), mean: mean(g, .x), kinds: count_distinct(g, .text), other: g |> filter(r => r.other != none) |> count })
print d |> group_by(r => length(r.text) % 3, g => { n: count(g), big: g |> filter(r => r.x > 0) |> map(r => r.x) |> sum })`,
  "a group of what a kernel computes": `print d |> map(r => { r.ok, x: dot([1.0, 2.0], [f32(r.id % 4), f32(r.x)]) }) |> group_by(.ok, g => { n: count(g), x: sum(g, .x) })
print d |> group_by(r => dot([1.0, 2.0], [f32(r.id % 2), 1]), g => { n: count(g), ids: sum(g, .id) })`,
  distinct: `print d |> map(r => { r.text, r.other }) |> distinct
print d |> distinct(by: r => { r.ok, r.n }) |> map(r => { r.id, r.n, r.ok })
print d |> map(.text) |> distinct |> count
print d |> count_distinct(.other)`,
  "union and numbers of rows": `let u = union(d |> filter(.ok) |> map(r => { r.id, r.text }), d |> filter(r => not r.ok) |> map(r => { r.id, text: upper(r.text) }))
print u
print u |> zip_index |> sum(r => i64(r.id) * r.index)
print u |> sort_by(.text) |> zip_index |> filter(r => r.index % 5 == 2)`,
  lists: `let l = d |> map(r => { r.id, ws: words(r.text) })
print l |> filter(r => length(r.ws) > 0) |> map(r => { r.id, n: length(r.ws), long: r.ws |> map(w => length(w)) |> max, has: any(r.ws, w => w == "Bob") }) |> filter(r => r.n > 1)
print l |> flat_map(r => r.ws |> map(w => { r.id, w }))
print l |> flat_map(r => skip_grams(r.ws, window: 1))
print d |> map(r => pad_to(words(r.text) |> map(w => length(w)), 3, value: 0 - 1)) |> filter(t => sum(t) > 0)
print d |> flat_map(r => [r.id, r.id * 10]) |> sum(x => x)
print count(l)`,
  "lists in order": `fn joined(l) = fold(l, "", (s, w) => s + w + ",")
fn numbers(l) = joined(map(l, x => string(x)))
let l = d |> map(r => { r.id, ws: words(r.text), r.x })
print l |> map(r => { r.id, sorted: r.ws |> sort_by(w => length(w), descending: true) |> take(2) |> joined, tail: joined(r.ws[1:]), last: joined(r.ws[-2:-1]) })
print l |> map(r => { kinds: count_distinct(r.ws), twice: union(r.ws, r.ws) |> distinct |> joined, at: zip_index(r.ws) |> sum(w => w.index) })
print l |> map(r => { pairs: window(map(r.ws, w => length(w)), 2) |> map(x => x[0] - x[1]) |> numbers, groups: group_by(r.ws, w => length(w), g => { n: count(g) }) |> map(.n) |> numbers })
print l |> sort_by(.x) |> map(r => { r.id, n: length(r.ws), s: string(dot([1.0, 2.0], [f32(r.id % 4), 1])) })
print l |> shuffle(seed: 2) |> flat_map(.ws) |> take(9)`,
  "groups that read themselves": `fn numbers(l) = fold(l, "", (s, x) => s + string(x) + ",")
print d |> group_by(.text, g => { q: quantile(g, 0.25, .id), far: g |> filter(r => r.id > mean(g, .id)) |> count })
print d |> group_by(.ok, g => { top: g |> sort_by(.id, descending: true) |> take(3) |> map(.id) |> numbers, kinds: g |> group_by(.text, h => { n: count(h) }) |> max(.n) })
print d |> group_by(.ok, g => { less: sum(g, r => count(g |> filter(q => q.id < r.id))), s: sum(g, r => [f64(r.id), 1]), so: scan(map(g, .id), 0, (s, x) => s + x) |> max })`,
  windows: `print d |> map(r => { r.id, r.ok, r.x }) |> window(3, stride: 2) |> map(r => { first: r.id[0], sum: sum(r.x) })
print d |> map(r => { r.id, r.text, r.x }) |> window(2, by: .text) |> map(r => { r.text, ids: r.id, up: r.x[1] - r.x[0] })`,
  "parts of the rows": `let part = d |> split({ a: 0.6, b: 0.4 }, by: .text)
print part.a |> map(.text) |> distinct
print (part.a |> count) + (part.b |> count)
let s = d |> shuffle(seed: 3)
print s |> map(.id) |> take(10)
print s |> map(r => { r.id, t: lower(r.text) }) |> take(4)
print d |> sample(0.5) |> map(r => { r.id, t: lower(r.text) }) |> map(.id) |> sum(x => x)
print d |> sample(0.5) |> map(.id) |> sum(x => x)
print d |> take(7) |> group_by(.ok, g => { n: count(g) })`,
  vocabularies: `let v = d |> vocab(.other)
print v.size
print v.counts
print d |> map(r => { r.id, i: v.index(r.other), j: v.index(r.text) }) |> filter(r => r.i != r.j)
print d |> map(r => { r.id, again: v.value(v.index(r.other)) })
let few = d |> flat_map(r => words(lower(r.text))) |> vocab(min_count: 2, max: 4)
print few.size
print d |> flat_map(r => words(lower(r.text)) |> map(few.index)) |> sum(x => x)`,
  "sums by key": `let v = d |> vocab(.text)
print d |> sum_by(r => v.index(r.text), groups: v.size, value: .x)
print d |> count_by(r => if r.ok then 1 else 0, groups: 2)`,
  "chance by the row's identity": `print d |> map(r => { r.id, u: uniform(), n: length(r.text) }) |> filter(r => r.n > 3)
print d |> filter(r => contains(r.text, "n")) |> map(r => { r.id, u: uniform() })
print d |> filter(r => contains(r.text, "n")) |> filter(r => uniform() < 0.5) |> map(.id)
print d |> sort_by(.text) |> map(r => { r.id, u: uniform() }) |> take(5)
print d |> filter(r => r.text < "b") |> shuffle |> map(.id)
let part = d |> filter(r => r.text < "b") |> split({ a: 0.5, b: 0.5 })
print part.a |> map(.id)
print part.b |> map(r => { r.id, n: length(r.text) })`,
  "rows of lists alone": `let ws = d |> map(r => words(r.text))
print count(ws)
print ws |> filter(w => length(w) > 1) |> count
print ws |> take(5) |> sum(w => length(w))
let part = ws |> split({ a: 0.5, b: 0.5 })
print count(part.a) * 1000 + count(part.b)
print part.a |> map(w => length(w))`,
  "texts outside of all rows": `let v = d |> vocab(.text)
print v.index("Ann") + v.index("no such text")
let most = d |> max(.id)
print "rows: " + string(count(d)) + ", " + upper(v.value(1)) + string(hash(v.value(1), 5))
print length("x" + v.value(1)) + year(d |> max(.at)) + most`,
  "values of the program in queries": `let top = d |> max(.x)
let name = "Ann"
print d |> filter(r => r.x == top or r.text == name) |> group_by(.text, g => { n: count(g), of: max(g, r => r.x - top) })
let most = count(named) - 20
print d |> map(r => { r.id, far: length(r.text) > most }) |> filter(.far) |> count`,
};
const sizes = [0, 1, 23, 150];
describe.each(Object.entries(PROGRAMS))("%s", (_, program) => {
  test.each(sizes)("%i rows", { timeout: 120_000 }, async count => {
    const folder = mkdtempSync(join(tmpdir(), "hsc-test-"));
    folders.push(folder);
    tables(folder, count, 77 + count);
    const text = HEAD + program;
    writeFileSync(join(folder, "a.hs"), text);
    const log = join(folder, "run.jsonl");
    const r = await ran({ folder, file: "a.hs", set: new Map(), seed: 0, log });
    // of no rows there is no least: the interpreters say so, too
    const wanted = outcome(() => meant(folder, text));
    if (typeof wanted === "string") return expect(r.err).toContain(wanted);
    expect(r.err).toBe("");
    const events = readFileSync(log, "utf8")
      .trim()
      .split("\n")
      .map(l => JSON.parse(l) as { event: string; value: LogValue });
    const printed = events.filter(e => e.event === "print").map(e => e.value);
    expect(printed).toEqual(JSON.parse(JSON.stringify(wanted)));
  });
});
function outcome(f: () => readonly LogValue[]): readonly LogValue[] | string {
  try {
    return f();
  } catch (e) {
    const { message } = e as Error;
    if (!message.includes("(record")) throw e;
    return message.replace(/ \(record.*$/, "");
  }
}
