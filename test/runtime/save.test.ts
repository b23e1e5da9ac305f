/** Tables that are saved while they are made: in every format what another program reads, in bounded memory, whole or not there. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Appended } from "../../src/runtime/appended.ts";
import { queryRows } from "../../src/runtime/engine/duckdb.ts";
import { portions, type TablePiece } from "../../src/runtime/table-pieces.ts";
import { seeded } from "../ir/grow.ts";
import { temporary } from "./temporary.ts";

describe("rows that are appended", () => {
  test.each([0, 1, 4097, 300_000])("%i: come back as they were, in files or not", rows => {
    const rng = seeded(rows);
    const kinds = [
      ["u8", []],
      ["f32", [3]],
      ["f64", []],
    ] as const;
    const bytes = [1, 12, 8];
    const all = bytes.map(b => Uint8Array.from({ length: b * rows }, () => rng.int(256)));
    const own = new Appended(new Map(kinds.map(([store, shape], i) => [7 * i, { store, shape: [1024, ...shape] }])));
    for (let from = 0; from < rows; ) {
      const n = Math.min(1 + rng.int(1024), rows - from);
      own.append(n, i => all[i / 7]!.subarray(from * bytes[i / 7]!, (from + 1024) * bytes[i / 7]!));
      from += n;
    }
    // twice: several effects may save them
    for (let k = 0; k < 2; k++) {
      let at = 0;
      for (const p of own.pieces()) {
        for (const [i, b] of bytes.entries()) {
          const c = p.columns.get(7 * i)!;
          expect([c.store, c.shape]).toEqual([kinds[i]![0], [p.rows, ...kinds[i]![1]]]);
          expect(Buffer.compare(c.bytes, all[i]!.subarray(at * b, (at + p.rows) * b))).toBe(0);
        }
        at += p.rows;
      }
      expect(at).toBe(rows);
    }
    own.close();
  });
});
test.each([
  [[5], 10],
  [[5, 5], 5],
  [[0], 3],
  [[7, 1, 9], 4],
  [[1, 1, 1, 1], 3],
  [[20], 1],
])("pieces of %j rows in portions of %i hold each row once, in order", (sizes, count) => {
  let at = 0;
  const pieces = sizes.map((rows): TablePiece => {
    const x = Int32Array.from({ length: rows }, (_, i) => at + i);
    const there = Uint32Array.from(x, i => i % 2);
    at += rows;
    const present = { store: "bool", shape: [rows], bytes: new Uint8Array(there.buffer) } as const;
    return { columns: [["x", { store: "i32", shape: [rows], bytes: new Uint8Array(x.buffer), present }]], rows };
  });
  const got = Array.from(portions(pieces, count), p =>
    [...p].flatMap(({ columns, rows }) => {
      const [[, c]] = columns as [TablePiece["columns"][number]]; // as: it has one
      const words = (b: Uint8Array): readonly number[] => [...new Int32Array(b.slice().buffer)].slice(0, rows);
      expect(words(c.present!.bytes)).toEqual(words(c.bytes).map(i => i % 2));
      return words(c.bytes);
    }),
  );
  expect(got.flat()).toEqual(Array.from({ length: at }, (_, i) => i));
  expect(got.slice(0, -1).every(p => p.length === count)).toBe(true);
  expect(got.length).toBe(Math.max(1, Math.ceil(at / count)));
});

const BIN = join(import.meta.dirname, "../../bin/hsc.cjs");
/** what it says, how it ends, and the most memory that the process took, in bytes */
function hsc(folder: string, ...args: readonly string[]) {
  const said = join(folder, "most.txt");
  const hook = join(folder, "most.mjs");
  writeFileSync(
    hook,
    `import { writeFileSync } from "node:fs"; import { isMainThread } from "node:worker_threads"; if (isMainThread) process.on("exit", () => writeFileSync(${JSON.stringify(said)}, String(1024 * process.resourceUsage().maxRSS)));`,
  );
  const env = { ...process.env, HSC_CACHE: join(folder, "cache"), TMPDIR: folder, NO_COLOR: "1" };
  const r = spawnSync(process.execPath, ["--import", hook, BIN, ...args], { cwd: folder, encoding: "utf8", env });
  return { code: r.status, err: r.stderr, most: Number(readFileSync(said, "utf8")) };
}
const FORMATS = ["csv", "json", "parquet", "arrow"];
const reader: { readonly [format: string]: (path: string) => string } = {
  csv: path => `read_csv('${path}')`,
  json: path => `read_json('${path}')`,
  parquet: path => `read_parquet('${path}')`,
};

test("of rows that no header counts: what DuckDB makes of the same file, in one file and in parts", {
  timeout: 240_000,
}, () => {
  const folder = temporary();
  queryRows(
    `copy (select i, (i * 7919) % 1000 / 8 as x, 't' || i % 97 as s, case when i % 5 <> 0 then i * 3 end as m from range(30000) t(i)) to '${join(folder, "d.csv")}' (header)`,
  );
  const saves = [...FORMATS.map(f => `o.${f}`), ...FORMATS.map(f => `parts.${f}/`)];
  writeFileSync(
    join(folder, "a.hs"),
    `let d = csv("d.csv") |> filter(r => r.x > 50) |> map(r => { r.i, y: r.x * 2 + 1, r.s, r.m })
${saves.map(s => `save d to "${s}"`).join("\n")}
save d |> filter(r => r.i < 0) to "none.csv"
`,
  );
  expect(hsc(folder, "run", "a.hs")).toMatchObject({ code: 0, err: "" });
  const expected = queryRows(
    `select i, x * 2 + 1, s, m from read_csv('${join(folder, "d.csv")}') where x > 50 order by i`,
  );
  expect(expected.length).toBeGreaterThan(10_000);
  // one text each: a difference of 100,000 values takes minutes to look at
  const shown = (rows: readonly (readonly unknown[])[]): string => rows.map(r => r.map(String).join()).join("\n");
  for (const f of FORMATS.filter(x => reader[x]))
    for (const path of [`o.${f}`, `parts.${f}/*`]) {
      const got = queryRows(`select i, y, s, m from ${reader[f]!(join(folder, path))} order by i`);
      expect(shown(got) === shown(expected), path).toBe(true);
    }
  // no engine here reads arrow files: they are read back, in the order in which they stand
  writeFileSync(
    join(folder, "b.hs"),
    'save arrow("o.arrow") to "again.csv"\nsave arrow("parts.arrow/*") to "both.csv"\n',
  );
  expect(hsc(folder, "run", "b.hs")).toMatchObject({ code: 0, err: "" });
  const text = (name: string): string => readFileSync(join(folder, name), "utf8");
  expect(text("again.csv")).toBe(text("o.csv"));
  expect(text("both.csv")).toBe(text("o.csv"));
  expect(text("none.csv")).toBe("i,y,s,m\n");
});
test("a table of 480 MB in less than 300 MB; nothing is left behind", { timeout: 600_000 }, () => {
  const folder = temporary();
  queryRows(`copy (select i, i % 1000 as k from range(1000000) t(i)) to '${join(folder, "d.csv")}' (header)`);
  writeFileSync(
    join(folder, "a.hs"),
    `let d: rdd { i: i32, k: f32 } = csv("d.csv")
save d |> map(r => { r.i, v: r.k + range(119) }) to "o.arrow"
`,
  );
  expect(hsc(folder, "compile", "a.hs", "-o", "out").code).toBe(0);
  const { code, most } = hsc(folder, "run", "out", "--memory", "250MB");
  expect(code).toBe(0);
  expect(most).toBeLessThan(300e6);
  expect(readdirSync(folder).filter(f => /^hsc-|tmp$/.test(f))).toEqual([]);
  writeFileSync(
    join(folder, "b.hs"),
    `let d: rdd { i: i32, v: f32[119] } = arrow("o.arrow")
print count(d)
print max(d, r => max(abs(r.v - range(119) - r.i % 1000)))
print sum(d, r => f64(r.i))
`,
  );
  const env = { ...process.env, HSC_CACHE: join(folder, "cache"), NO_COLOR: "1" };
  const r = spawnSync(process.execPath, [BIN, "run", "b.hs"], { cwd: folder, encoding: "utf8", env });
  expect([r.stdout, r.status]).toEqual([`1000000\n0\n${(999_999 * 1_000_000) / 2}\n`, 0]);
});
test("what fails on the way leaves the file that was there", { timeout: 120_000 }, () => {
  const folder = temporary();
  writeFileSync(join(folder, "d.csv"), `i\n${Array.from({ length: 5000 }, (_, i) => `${i % 4000}\n`).join("")}`);
  writeFileSync(join(folder, "o.csv"), "old");
  writeFileSync(
    join(folder, "a.hs"),
    `let d: rdd { i: i32 } = csv("d.csv")
let table = ones([4500])
save d |> zip_index |> map(r => { r.i, x: table[i32(r.index)] }) to "o.csv"
`,
  );
  const { code, err } = hsc(folder, "run", "a.hs");
  expect(code).toBe(1);
  expect(err).toContain("in row 4500");
  expect(readFileSync(join(folder, "o.csv"), "utf8")).toBe("old");
  expect(readdirSync(folder).filter(f => /^hsc-|tmp$/.test(f))).toEqual([]);
});
