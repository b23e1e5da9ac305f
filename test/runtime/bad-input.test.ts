/** Files with something wrong in them, as a user meets them: what is said, with file, row and column; and rows counted by another. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { HostError } from "../../src/ir/host.ts";
import { queryRows } from "../../src/runtime/engine/duckdb.ts";
import { formatOf } from "../../src/runtime/formats/index.ts";
import { show } from "../../src/runtime/formats/table-words.ts";
import { makeStrings } from "../../src/runtime/strings.ts";
import { seeded } from "../ir/grow.ts";
import { temporary } from "./temporary.ts";

type Asked = readonly (readonly [name: string, store: string, shape: readonly number[], nullable: boolean])[];
const a: Asked = [["a", "f64", [], false]];
/** rows, as the format reads them and as it counts them beforehand; or what is said, without the folder */
function read(
  format: string,
  name: string,
  bytes: Uint8Array | string,
  columns: Asked,
  more: object = {},
): number | string {
  const path = join(temporary(), name);
  writeFileSync(path, bytes);
  const f = formatOf(format);
  try {
    const options = { ...more, columns };
    const counted = f.schema([path], { ...options, rows: true }).rows;
    const room = new Map<string, Uint8Array>();
    const allocate = (column: string, size: number): Uint8Array => {
      const b = room.get(column) ?? new Uint8Array(size);
      room.set(column, b);
      return b;
    };
    const { rows } = f.rows!([path], options, allocate, makeStrings([]), {
      files: paths => paths,
      seed: 0,
      given: () => {
        throw new Error("a file is not given anything");
      },
    });
    expect(counted).toBe(rows);
    return rows;
  } catch (e) {
    if (!(e instanceof HostError)) throw e;
    return e.message.replaceAll(/\/\S*\//g, "");
  }
}
const csv = (text: string | Uint8Array, columns: Asked = a, more: object = {}): number | string =>
  read("csv", "a.csv", text, columns, more);
const many = (line: string): string => `${line}\n`.repeat(30_000);

describe("csv: each is told, by the compiled reader's own doubt or by the engine", () => {
  test.each([
    ["a row with fewer fields", "a,b\n1,2\n3\n", "a.csv, line 3: 1 fields, the first line has 2"],
    ["a row with more fields", "a,b\n1,2\n3,4,5\n", "a.csv, line 3: 3 fields, the first line has 2"],
    ["a comma at the end of a row", "a,b\n1,2\n3,4,\n", "a.csv, line 3: 3 fields, the first line has 2"],
    ["a comma at the end of each row", "a,b\n1,2,\n3,4,\n", "a.csv, line 2: 3 fields, the first line has 2"],
    ["a row with fewer fields behind quotes", 'a,b\n1,"x\ny"\n3\n', "a.csv, line 4: 1 fields, the first line has 2"],
    ["a number that is none", `a,b\n${many("1,2")}x,2\n`, 'a.csv, row 30001, column `a`: "x" is no f64'],
    [
      "a number that is none, in quotes",
      `a,b\n${many("1,2")}"1,5",2\n`,
      'a.csv, row 30001, column `a`: "1,5" is no f64',
    ],
    [
      "nothing where a number must be",
      `a,b\n${many("1,2")},2\n`,
      "a.csv, row 30001, column `a`: there is no value, and f64 needs one: `f64?` in the written type takes it as missing",
    ],
    ["text where numbers are wanted", "a,b\nx,2\ny,3\n", "column `a` of a.csv is string, not f64"],
    ["no such column", "b\n1\n", "no column `a` in a.csv"],
    ["a column twice", "a,b,a\n1,2,3\n", "a.csv has two columns `a`"],
    ["nothing", "", "a.csv is empty, a csv file was expected"],
    ["only ends of lines", "\n\n", "a.csv has no line with names of columns"],
    ["a quote left open", 'a,b\n1,2\n3,"4\n', "a.csv, line 3: a quote is left open"],
    [
      "ends of lines that differ",
      "a,b\n1,2\r\n3,4\n",
      "a.csv is no csv file as RFC 4180 has it: ends of lines differ, or quotes stand within fields",
    ],
    ["a zero byte in front", "a\0,b\n", "a.csv is a binary file (a zero byte at offset 1), not csv"],
  ])("%s", (_, text, message) => {
    expect(csv(text)).toBe(message);
  });
  test("bytes that are no UTF-8, in a column that is read or in another", () => {
    for (const line of ["\xff,1\n", "1,\xff\n", "1,\xe9t\xe9\n"])
      expect(csv(Buffer.from(`a,b\n1,2\n${line}`, "latin1"))).toBe("a.csv, line 3: the bytes are no UTF-8");
  });
  test("a gzip file that is damaged, or ends early", () => {
    const rng = seeded(0);
    const whole = gzipSync(
      `a,b\n${Array.from({ length: 20_000 }, () => `${rng.normal()},${rng.normal()}`).join("\n")}\n`,
    );
    expect(read("csv", "a.csv.gz", whole, a)).toBe(20_000);
    const bad = Buffer.from(whole);
    bad.fill(0x55, 200_000, 200_100);
    for (const bytes of [bad, whole.subarray(0, 200_000)])
      expect(read("csv", "a.csv.gz", bytes, a)).toMatch(/a\.csv\.gz/);
    expect(read("csv", "a.csv.gz", "no gzip", a)).toMatch(/a\.csv\.gz/);
  });
});

describe("csv: each is read, and no row is lost or made up", () => {
  test.each([
    ["a byte order mark", "\ufeffa,b\n1,2\n", 1],
    ["a byte order mark before a quote", '\ufeff"a","b, c"\n1,2\n', 1],
    ["CRLF", "a,b\r\n1,2\r\n3,4\r\n", 2],
    ["CRLF, no end at the end", "a,b\r\n1,2\r\n3,4", 2],
    ["CR", "a,b\r1,2\r3,4\r", 2],
    ["quotes, delimiters and lines within quotes", 'a,b\n1,"x, ""y""\n\nz"\n2,"\n"\n', 2],
    ["quotes within a field that does not begin with one", 'a,b\n1,5" x 6"\n2,7"\n', 2],
    ["only the names", "a,b\n", 0],
    ["only the names, no end", "a,b", 0],
    ["empty lines", "a,b\n\n1,2\n\n\n3,4\n\n", 2],
    ["numbers in quotes", 'a,b\n"1","2"\n', 1],
    ["spaces around numbers", "a,b\n 1 ,2\n", 1],
  ])("%s", (_, text, rows) => {
    // what there is no row of has no type either
    expect(csv(text, rows === 0 ? [] : a)).toBe(rows);
  });
  test("random tables with quotes and lines within, in pieces of a megabyte", { timeout: 120_000 }, () => {
    const rng = seeded(3);
    const texts = ["plain", '"a, b"', '"two\nlines"', '"q ""q"""', "é→", ""];
    const rows = 200_000;
    const lines = Array.from({ length: rows }, (_, i) => `${i},${rng.pick(texts)},${rng.pick(texts)}`);
    expect(csv(`a,b,c\n${lines.join("\n")}\n`)).toBe(rows);
  });
});

describe("other files", () => {
  const made = (sql: string): Buffer => {
    const path = join(temporary(), "made.parquet");
    queryRows(`copy (${sql}) to '${path}' (format parquet)`);
    const { readFileSync } = process.getBuiltinModule("node:fs");
    return readFileSync(path);
  };
  const columnsOf = (bytes: Uint8Array): readonly string[] => {
    const path = join(temporary(), "a.parquet");
    writeFileSync(path, bytes);
    return Object.entries(formatOf("parquet").schema([path], {}).columns).map(
      ([n, c]) => `${n} ${show(c)}${c.nullable ? "?" : ""}`,
    );
  };
  test("parquet: dictionaries are not there, columns of nothing but null may be missing", () => {
    const bytes = made(
      "select i::double as a, {'x': i} as s, map{'k': i} as m, [[i]] as l, ['x'] as t, null::integer as n from range(3) t(i)",
    );
    expect(columnsOf(bytes)).toEqual(["a f64", "s.x i64", "l i64[1, 1]", "t list string", "n i32?"]);
    expect(read("parquet", "a.parquet", bytes, a)).toBe(3);
    expect(read("parquet", "a.parquet", bytes, [["s", "f64", [], false]])).toBe("no column `s` in a.parquet");
    expect(read("parquet", "a.parquet", bytes, [["m", "f64", [], false]])).toBe("no column `m` in a.parquet");
    expect(read("parquet", "a.parquet", bytes, [["n", "i32", [], true]])).toBe(3);
    expect(read("parquet", "a.parquet", bytes, [["n", "i32", [], false]])).toContain(
      "a.parquet, row 1, column `n`: there is no value",
    );
  });
  test("parquet: cut off, or none", () => {
    const bytes = made("select i::double as a from range(3) t(i)");
    expect(read("parquet", "a.parquet", bytes.subarray(0, -10), a)).toMatch(/^cannot read a\.parquet: /);
    expect(read("parquet", "a.parquet", "", a)).toBe("a.parquet is empty, a parquet file was expected");
  });
  test("json: cut off, of another type, without the column", () => {
    expect(read("json", "a.json", '[{"a": 1}, {"a": ', a)).toMatch(/^cannot read a\.json: /);
    expect(read("json", "a.json", `${'{"a": 1}\n'.repeat(30_000)}{"a": "x"}\n`, a)).toBe(
      'a.json, row 30001, column `a`: "x" is no f64',
    );
    expect(read("json", "a.json", '{"b": 1}\n', a)).toBe("no column `a` in a.json");
    expect(read("json", "a.json", '{"a": {"b": 1}}\n', a)).toBe("no column `a` in a.json");
    expect(read("json", "a.json.gz", gzipSync('{"a": 1}\n'.repeat(5000)).subarray(0, 40), a)).toMatch(/a\.json\.gz/);
  });
  test("libsvm, gzipped and damaged", () => {
    expect(read("libsvm", "a.libsvm.gz", gzipSync("1 1:2\n"), [])).toBe(1);
    expect(read("libsvm", "a.libsvm.gz", gzipSync("1 1:2\n".repeat(1000)).subarray(0, 30), [])).toMatch(
      /^a\.libsvm\.gz is damaged: /,
    );
  });
});

test("through the command line: the place in the program, the file, row and column", { timeout: 240_000 }, () => {
  const folder = temporary();
  const bin = join(import.meta.dirname, "../../bin/hsc.cjs");
  writeFileSync(join(folder, "a.csv"), `a,b\n${"1,2\n".repeat(3_000_000)}1,oops\n`);
  writeFileSync(
    join(folder, "a.hs"),
    'let d: rdd { a: f32, b: f32 } = csv("a.csv")\nprint d |> mean(.a)\nprint d |> mean(.b)\n',
  );
  const r = spawnSync(process.execPath, [bin, "run", "a.hs"], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, HSC_CACHE: join(folder, "cache"), NO_COLOR: "1" },
  });
  expect(r.status).toBe(1);
  expect(r.stderr).toContain('a.csv, row 3000001, column `b`: "oops" is no f32');
  expect(r.stderr).toContain("--> a.hs:1:33");
});
