/** Types that a program writes for files: tensors that may be missing, and the tensors of an npz file. As a user runs them. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { queryRows } from "../../src/runtime/engine/duckdb.ts";
import { temporary } from "./temporary.ts";

const BIN = join(import.meta.dirname, "../../bin/hsc.cjs");
function hsc(folder: string, program: string): { readonly out: string; readonly err: string } {
  writeFileSync(join(folder, "a.hs"), program);
  const env = { ...process.env, HSC_CACHE: join(folder, "cache"), NO_COLOR: "1" };
  const r = spawnSync(process.execPath, [BIN, "run", "a.hs"], { cwd: folder, encoding: "utf8", env });
  return { out: r.stdout, err: r.stderr };
}

test("tensors that may be missing, by a written type and by what the file holds: what DuckDB has of them", {
  timeout: 240_000,
}, () => {
  const folder = temporary();
  const at = (name: string): string => join(folder, name);
  // list_value of NULLs is a list: a missing one is NULL itself
  const rows =
    "select i as id, case when i % 3 <> 1 then [i / 4, i - 7.5, -i]::float[] end as v, case when i % 2 = 0 then [i, i + 1]::bigint[] end as w from range(50) t(i)";
  queryRows(`copy (${rows}) to '${at("d.parquet")}' (format parquet)`);
  queryRows(`copy (${rows}) to '${at("d.json")}' (format json)`);
  expect(hsc(folder, 'save parquet("d.parquet") to "d.arrow"\n')).toEqual({ out: "", err: "" });
  const formats = ["parquet", "json", "arrow"];
  const programs = formats.map(
    (f, i) => `let d${i}: rdd { id: i64, v: f32[3]?, w: i64[2]? } = ${f}("d.${f}")
print count(d${i} |> filter(r => r.v == none))
print d${i} |> sum(r => f64(sum(r.v ?? [100, 0, 0])))
print d${i} |> drop_missing |> map(r => { r.id, s: r.v[1] * 2, t: r.w[1] })
print d${i} |> mean(.v)
print d${i} |> join(d${i} |> map(r => { r.id, x: r.w }), on: "id") |> filter(r => r.x != none) |> count
save d${i} to "of.${f}.${f}"
`,
  );
  const all = hsc(folder, programs.join(""));
  expect(all.err).toBe("");
  const lines = all.out.split("\n");
  const each = (lines.length - 1) / 3;
  const asked = (sql: string): readonly (readonly unknown[])[] => queryRows(sql.replace("d ", `'${at("d.parquet")}' `));
  // the same of all formats
  expect(lines.slice(each, -1)).toEqual([...lines.slice(0, each), ...lines.slice(0, each)]);
  expect(lines[0]).toBe(String(asked("select count(*) from d where v is null")[0]![0]));
  expect(Number(lines[1])).toBe(
    Number(asked("select sum(case when v is null then 100 else list_sum(v) end) from d ")[0]![0]),
  );
  const there = asked("select id, v[2] * 2, w[2] from d where v is not null and w is not null order by id");
  expect(lines.slice(3, 3 + Math.min(10, there.length)).map(l => l.trim().split(/ +/).map(Number))).toEqual(
    there.slice(0, 10).map(r => r.map(Number)),
  );
  for (const f of ["parquet", "json"])
    expect(queryRows(`select * from '${at(`of.${f}.${f}`)}' order by id`).map(r => JSON.stringify(r))).toEqual(
      queryRows(`select * from '${at(`d.${f}`)}' order by id`).map(r => JSON.stringify(r)),
    );
  const own = formats.map(f => `print ${f}("of.${f}.${f}") |> filter(r => r.v == none and r.w == none) |> count\n`);
  const none = asked("select count(*) from d where v is null and w is null")[0]![0];
  expect(hsc(folder, own.join(""))).toEqual({ out: `${none}\n`.repeat(3), err: "" });
  // one that has no `?` says which row has none
  const said = hsc(folder, 'let d: rdd { v: f32[3] } = json("d.json")\nprint d |> mean(.v)\n');
  expect(said.err).toContain("d.json, row 2, column `v`: there is no value, and f32[3] needs one");
});

test("the tensors of an npz file by a written type: dims by name, and what differs", { timeout: 120_000 }, () => {
  const folder = temporary();
  const made = hsc(folder, 'save { x: reshape(range(12), [4, 3]), y: range(4) * 2.5, z: ones([2, 2]) } to "z.npz"\n');
  expect(made).toEqual({ out: "", err: "" });
  const program = (type: string, rest: string): string => `let f: ${type} = npz("z.npz")\n${rest}\n`;
  expect(hsc(folder, program("{ y: f32[n], x: i32[n, d] }", "print f.y\nprint n * d\nprint f.x[3]"))).toEqual({
    out: "[0, 2.5, 5, 7.5]\n12\n[9, 10, 11]\n",
    err: "",
  });
  const wrong: readonly (readonly [string, string])[] = [
    ["{ x: i32[n, 4] }", "`x` of z.npz is i32[4, 3], not i32[n, 4]"],
    ["{ x: f32[n, d] }", "`x` of z.npz is i32[4, 3], not f32[n, d]"],
    ["{ x: i32[n, d], z: f32[n, n] }", "`n` differs: 4 and 2"],
    ["{ q: f32[n] }", "no column `q` in z.npz"],
    ["f32[n]", "z.npz has tensors by name: its type is { name: f32[n, m] }"],
  ];
  for (const [type, says] of wrong) expect(hsc(folder, program(type, "print f")).err).toContain(says);
});

test("parquet files of wider types, and of several: each value as its own file has it, and one that does not fit by its row", {
  timeout: 120_000,
}, () => {
  const folder = temporary();
  const at = (name: string): string => join(folder, name);
  const files = [
    ["p1", "date '2020-01-01'", "i::tinyint", "i::utinyint", "(i / 2)::decimal(9, 1)", "i::integer"],
    ["p2", "timestamp '2020-01-01 12:34:56'", "1000", "i - 1000", "i / 8", "i + 0.75"],
  ] as const;
  for (const [name, t, k, u, d, x] of files)
    queryRows(
      `copy (select ${t} as t, ${k} as k, (${u})::${name === "p2" ? "bigint" : "utinyint"} as u, ${d} as d, ${x} as x from range(3) s(i)) to '${at(`${name}.parquet`)}' (format parquet)`,
    );
  // all of p2, which DuckDB would read as p1's types
  const rows = files.map(
    ([name]) =>
      `select epoch_us(t::timestamp) as t, k::int as k, u::bigint as u, d::double as d, x::float as x from '${at(`${name}.parquet`)}'`,
  );
  const table =
    'let p: rdd { t: time, k: i32, u: i64, d: f64, x: f32 } = parquet("p*.parquet")\nsave p |> distinct to "p.parquet"\n';
  expect(hsc(folder, table)).toEqual({ out: "", err: "" });
  expect(queryRows(`select epoch_us(t), k, u, d, x from '${at("p.parquet")}' order by all`)).toEqual(
    queryRows(`select * from (${rows.join(" union all ")}) order by all`),
  );

  queryRows(
    `copy (select i * 3 as k, i / 7 as x, case i when 41 then 3000000000 else i end as late, case i when 5 then 'nan'::double else i / 3 end as z from range(1000) t(i)) to '${at("w.parquet")}' (format parquet)`,
  );
  // of numbers among which NaN is the footer does not tell, and all rows are looked at
  for (const names of [
    ["k", "x"],
    ["k", "x", "z"],
  ]) {
    const type = names.map(n => `${n}: ${n === "k" ? "i32" : "f32"}`).join(", ");
    const program = `let w: rdd { ${type} } = parquet("w.parquet")\nsave w |> sort_by(.k, descending: true) to "s.parquet"\n`;
    expect(hsc(folder, program)).toEqual({ out: "", err: "" });
    const own = names.map(n => `${n}::${n === "k" ? "int" : "float"}`).join(", ");
    expect(queryRows(`select ${names.join(", ")} from '${at("s.parquet")}'`)).toEqual(
      queryRows(`select ${own} from '${at("w.parquet")}' order by k desc`),
    );
  }
  // also where the row is none of those that are asked for
  const late =
    'let w: rdd { k: i32, late: i32 } = parquet("w.parquet")\nprint w |> filter(r => r.k < 9) |> distinct |> count\n';
  expect(hsc(folder, late).err).toContain('w.parquet, row 42, column `late`: "3000000000" is no i32');
});
