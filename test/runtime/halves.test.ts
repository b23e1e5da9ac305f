/** Columns of f16 in tables: each cell is the half that is nearest to what stands there, as V8 rounds it. */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { queryRows } from "../../src/runtime/engine/duckdb.ts";
import { seeded } from "../ir/grow.ts";
import { temporary } from "./temporary.ts";

const BIN = join(import.meta.dirname, "../../bin/hsc.cjs");

test("csv, json and parquet; what is missing; tensors", { timeout: 120_000 }, () => {
  const folder = temporary();
  const rng = seeded(16);
  const texts = ["0.1", "70000", "-3.3", "2.0009765625", "1e-8", "6e-8", "-0", "65519", "65520"];
  for (let i = 0; i < 400; i++) texts.push(String(Math.fround(rng.normal() * 10 ** (rng.int(9) - 4))));
  const rows = texts.map((t, i) => ({ i, t, there: i % 3 !== 0, v: [Number(t) + 0, i, 0 - Number(t)] })); // JSON writes no -0
  writeFileSync(join(folder, "d.csv"), `i,a,b\n${rows.map(r => `${r.i},${r.t},${r.there ? r.t : ""}`).join("\n")}\n`);
  writeFileSync(join(folder, "d.json"), rows.map(r => JSON.stringify({ i: r.i, v: r.v })).join("\n"));
  queryRows(
    `copy (select i, a::float as a from read_csv('${join(folder, "d.csv")}')) to '${join(folder, "d.parquet")}' (format parquet)`,
  );
  writeFileSync(
    join(folder, "a.hs"),
    `let c: rdd { i: i32, a: f16, b: f16? } = csv("d.csv")
let p: rdd { i: i32, a: f16 } = parquet("d.parquet")
let j: rdd { i: i32, v: f16[3] } = json("d.json")
save c |> map(r => { r.i, a: f32(r.a), b: f32(r.b ?? 0), none: r.b == none, twice: f32(r.a * 2) }) to "c.csv"
save p |> map(r => { r.i, a: f32(r.a) }) to "p.csv"
save j |> map(r => { r.i, v: f32(r.v) }) to "j.json"
`,
  );
  const r = spawnSync(process.execPath, [BIN, "run", "a.hs"], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, HSC_CACHE: join(folder, "cache"), NO_COLOR: "1" },
  });
  expect(r.status, r.stderr).toBe(0);
  const cells = (name: string): readonly (readonly string[])[] =>
    readFileSync(join(folder, name), "utf8")
      .trim()
      .split("\n")
      .slice(1)
      .map(l => l.split(","));
  // written in the fewest digits that read back as f32
  const number = (text: string): number => Math.fround(Number(text.replace("inf", "Infinity")));
  const [fromCsv, fromParquet] = [cells("c.csv"), cells("p.csv")];
  expect(fromCsv.length).toBe(rows.length);
  rows.forEach(({ i, t, there }, k) => {
    const half = Math.f16round(Number(t));
    const [at, a, b, none, twice] = fromCsv[k]!;
    expect([at, number(a!), number(b!), none, number(twice!)], t).toEqual([
      String(i),
      half,
      there ? half : 0,
      String(!there),
      Math.f16round(2 * half),
    ]);
    expect(number(fromParquet[k]![1]!), t).toBe(Math.f16round(Math.fround(Number(t))));
  });
  const lines = readFileSync(join(folder, "j.json"), "utf8").trim().split("\n");
  const found = lines.map(l => (JSON.parse(l) as { v: (number | string)[] }).v.map(x => Math.fround(Number(x)))); // as: what the program saves
  expect(found).toEqual(rows.map(({ v }) => v.map(Math.f16round)));
});
