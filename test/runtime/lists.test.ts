/** Lists of rows in files: what other programs read of what is saved, of all that a list can hold. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tableFromIPC } from "apache-arrow";
import { afterAll, expect, test } from "vitest";
import { queryRows } from "../../src/runtime/engine/duckdb.ts";

const folder = mkdtempSync(join(tmpdir(), "hsc-lists-"));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(
  join(folder, "a.csv"),
  'id,text,at,x\n1,"a ""b"", c",2025-03-01 12:00:00.5,1.5\n2,,1969-12-31,nan\n3,é 😀,2000-01-01,-0.0\n',
);
const program = `
let d: rdd { id: i64, text: string?, at: time, x: f32 } = csv("a.csv")
let l = d |> map(r => { r.id,
  words: words(r.text ?? ""),
  mixed: [{ r.at, x: r.x, some: r.text, yes: r.id > 1 }],
  deep: map(words(r.text ?? ""), w => [w, upper(w)]),
  vectors: map(words(r.text ?? ""), w => [f32(length(w)), r.x]) })
print l
save l to "l.json"
save l to "l.parquet"
save l to "l.arrow"
save l |> sort_by(.id, descending: true) |> map(r => { r.id, n: length(r.words), first: sum(r.vectors, v => v[0]) }) to "back.json"
`;
const words = [["a", '"b",', "c"], [], ["é", "😀"]];
/** as text, so that NaN and -0 are told apart */
const shown = (x: unknown): string =>
  JSON.stringify(x, (_, v: unknown) =>
    typeof v === "bigint" ? String(v) : typeof v === "number" && !Number.isFinite(v) ? String(v) : v,
  );

test("json, parquet and arrow hold what the rows hold", { timeout: 120_000 }, () => {
  writeFileSync(join(folder, "a.hs"), program);
  const cli = join(import.meta.dirname, "../../src/cli.ts");
  const ran = spawnSync(process.execPath, [cli, "run", "a.hs"], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, HSC_CACHE: join(folder, "cache"), NO_COLOR: "1" },
  });
  expect(ran.stderr).toBe("");
  expect(ran.stdout).toContain('["a", "\\"b\\",", "c"]');

  const json = readFileSync(join(folder, "l.json"), "utf8")
    .trimEnd()
    .split("\n")
    .map(line => JSON.parse(line) as Record<string, unknown>); // as: a record per line
  expect(json.map(r => r["words"])).toEqual(words);
  expect(json.map(r => r["deep"])).toEqual(words.map(ws => ws.map(w => [w, w.toUpperCase()])));
  expect(json[0]!["mixed"]).toEqual([{ at: "2025-03-01 12:00:00.5", x: 1.5, some: 'a "b", c', yes: false }]);
  expect(json[1]!["mixed"]).toEqual([{ at: "1969-12-31 00:00:00", x: "NaN", some: null, yes: true }]);
  expect(json[0]!["vectors"]).toEqual([1, 4, 1].map(n => [n, 1.5]));

  const parquet = queryRows(
    `select to_json(words)::varchar, to_json(deep)::varchar, epoch_us(mixed[1]."at"), mixed[1].x::varchar, mixed[1].some, mixed[1].yes, to_json(vectors)::varchar from '${join(folder, "l.parquet")}'`,
  );
  expect(parquet.map(r => JSON.parse(String(r[0])) as unknown)).toEqual(words);
  expect(parquet.map(r => JSON.parse(String(r[1])) as unknown)).toEqual(
    words.map(ws => ws.map(w => [w, w.toUpperCase()])),
  );
  expect(parquet.map(r => String(r[2]))).toEqual(["1740830400500000", "-86400000000", "946684800000000"]);
  expect(parquet.map(r => r[3])).toEqual(["1.5", "nan", "-0.0"]);
  expect(parquet.map(r => r[4])).toEqual(['a "b", c', null, "é 😀"]);
  expect(parquet.map(r => r[5])).toEqual([false, true, true]);
  expect(parquet[0]![6]).toBe("[[1.0,1.5],[4.0,1.5],[1.0,1.5]]");

  const arrow = tableFromIPC(readFileSync(join(folder, "l.arrow")));
  const rows = arrow.toArray().map(r => (r as { toJSON: () => Record<string, unknown> }).toJSON()); // as: a row of a table
  expect(rows.map(r => JSON.parse(shown(r["words"])) as unknown)).toEqual(words);
  expect(rows.map(r => JSON.parse(shown(r["deep"])) as unknown)).toEqual(
    words.map(ws => ws.map(w => [w, w.toUpperCase()])),
  );
  expect(JSON.parse(shown(rows[1]!["mixed"]))).toMatchObject([{ x: "NaN", some: null, yes: true }]);

  const back = readFileSync(join(folder, "back.json"), "utf8");
  expect(back).toBe('{"id":3,"n":2,"first":2}\n{"id":2,"n":0,"first":0}\n{"id":1,"n":3,"first":6}\n');
});
