/** csv, json, parquet and libsvm: what is read, what DuckDB reads otherwise, and every way to be broken, by file, row and column. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { HostError } from "../../src/ir/host.ts";
import type { Stored } from "../../src/ir/type.ts";
import { view } from "../../src/runtime/dtype.ts";
import { queryRows } from "../../src/runtime/engine/duckdb.ts";
import { formatOf } from "../../src/runtime/formats/index.ts";
import { makeStrings } from "../../src/runtime/strings.ts";
import { temporary } from "./temporary.ts";

const file = (name: string, bytes: Uint8Array | string): string => {
  const path = join(temporary(), name);
  writeFileSync(path, bytes);
  return path;
};
type Asked = readonly (readonly [name: string, store: string, shape: readonly number[], nullable: boolean])[];
/** the columns of files as numbers */
function read(format: string, paths: readonly string[], columns: Asked, more: object = {}): Record<string, unknown> {
  const f = formatOf(format);
  const options = { columns, ...more };
  const stored = f.schema(paths, options).columns;
  const room = new Map<string, Uint8Array>();
  const strings = makeStrings(["a string of the program"]);
  const { rows } = f.rows!(
    paths,
    options,
    (name, bytes) => {
      const b = room.get(name) ?? new Uint8Array(bytes);
      room.set(name, b);
      return b;
    },
    strings,
  );
  const texts = new Set(columns.filter(([, store]) => store === "string").flatMap(([n]) => [n, `${n}.value`]));
  const all = [...room].map(([name, b]) => {
    const numbers = Array.from(view(stored[name]!.store as Stored, b), Number);
    return [name, texts.has(name) ? numbers.map(strings.text) : numbers];
  });
  return { rows, ...Object.fromEntries(all) };
}
const csv = (text: string | Uint8Array, columns: Asked, more: object = {}): Record<string, unknown> =>
  read("csv", [file("a.csv", text)], columns, more);
/** without the folder */
function said(f: () => unknown): string {
  try {
    f();
  } catch (e) {
    if (e instanceof HostError) return e.message.replaceAll(/\/\S*\//g, "");
    throw e;
  }
  throw new Error("nothing was refused");
}
const types = (format: string, path: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(formatOf(format).schema([path], {}).columns).map(([name, c]) => [
      name,
      `${c.store}${c.shape.length ? `[${c.shape}]` : ""}${c.nullable ? "?" : ""}`,
    ]),
  );
const a: Asked = [["a", "i32", [], false]];
const ab: Asked = [...a, ["b", "f64", [], false]];

describe("csv", () => {
  test("columns by their cells", () => {
    const path = file(
      "a.csv",
      "i,f,b,t,s,m,e\n1,1.5,true,2012/01/01,x,,\n-2,nan,FALSE,2012-01-02 03:04:05,1_0,3.5,NA\n",
    );
    expect(types("csv", path)).toEqual({
      i: "i64",
      f: "f64",
      b: "bool",
      t: "time",
      s: "string",
      m: "f64?",
      e: "string?",
    });
  });
  test("whole numbers are i64 as far as it goes, and f64 beyond", () => {
    const path = file("a.csv", `i,f\n${2n ** 63n - 1n},${2n ** 63n}\n-${2n ** 63n},1\n`);
    expect(types("csv", path)).toEqual({ i: "i64", f: "f64" });
  });
  test("names that differ in capitals are of two columns", () => {
    const path = file("a.csv", "a,A,^a\n1,x,2.5\n");
    expect(types("csv", path)).toEqual({ a: "i64", A: "string", "^a": "f64" });
    expect(read("csv", [path], a)).toEqual({ rows: 1, a: [1] });
  });
  test("rows as stored; a value that may be missing is two columns", () => {
    const columns: Asked = [
      ["t", "time", [], false],
      ["x", "f32", [], true],
      ["b", "bool", [], false],
      ["n", "u8", [], false],
    ];
    expect(csv("n,x,t,b\n7,1e-3,1970-01-01T00:00:01Z,true\n255,NA,1970-01-02,false\n", columns)).toEqual({
      rows: 2,
      t: [1_000_000, 86_400_000_000],
      "x.value": [Math.fround(1e-3), 0],
      "x.present": [1, 0],
      b: [1, 0],
      n: [7, 255],
    });
  });
  test("byte order mark, CRLF, quotes, lines within quotes, empty lines, no end of line at the end", () => {
    expect(csv('\ufeffa,"b"\r\n1,"2"\r\n\r\n3,4', ab)).toEqual({ rows: 2, a: [1, 3], b: [2, 4] });
    expect(csv('s,a\n"x, ""y""\n",1\n"\n\n",2\n', a)).toEqual({ rows: 2, a: [1, 2] });
    expect(csv("a\n1\n2\n", a)).toEqual({ rows: 2, a: [1, 2] });
    expect(csv("1;x\n2;y\n", [["column0", "i32", [], false]], { header: false, delimiter: ";" })).toEqual({
      rows: 2,
      column0: [1, 2],
    });
    expect(csv("a,b\n1,-\n", [["b", "f64", [], true]], { missing: ["-"] })["b.present"]).toEqual([0]);
  });
  test("files one behind the other, gzipped or not, columns by name", () => {
    const paths = [file("a.csv", "a,b\n1,2\n"), file("b.csv.gz", gzipSync("b,a\n4,3\n"))];
    expect(read("csv", paths, ab)).toEqual({ rows: 2, a: [1, 3], b: [2, 4] });
  });
  test("only the columns that are read are looked at", () => {
    expect(csv("a,b\n1,2\n", ab, { only: ["a"] })).toEqual({ rows: 1, a: [1] });
    expect(csv("a,b\n1,2\n", ab, { only: [] })).toEqual({ rows: 1 });
  });
  test.each([
    ["a bad number", "a\n1\nx7\n", 'a.csv, row 2, column `a`: "x7" is no i32'],
    ["a fraction", "a\n1\n1.5\n", 'a.csv, row 2, column `a`: "1.5" is no i32'],
    ["what DuckDB takes for a number", "a\n1\n1_000\n", 'a.csv, row 2, column `a`: "1_000" is no i32'],
    ["a number out of range", "a\n1\n2147483648\n", 'a.csv, row 2, column `a`: "2147483648" is no i32'],
    ["too few fields", "a,b\n1,2\n3\n", "a.csv, line 3: 1 fields, the first line has 2"],
    ["too many fields", "a,b\n1,2\n3,4,5\n", "a.csv, line 3: 3 fields, the first line has 2"],
    ["a quote left open", 'a,b\n1,2\n"3,4\n', "a.csv, line 3: a quote is left open"],
    ["a column twice", "a,b,a\n1,2,3\n", "a.csv has two columns `a`"],
    ["no such column", "b\n1\n", "no column `a` in a.csv"],
    ["nothing", "", "a.csv is empty, a csv file was expected"],
    ["ends of lines that differ", "a,b\n1,2\r\n3,4\n", "a.csv is no csv file as RFC 4180 has it: ends of lines differ"],
    ["zeros", "a\0\n", "a.csv is a binary file (a zero byte at offset 1), not csv"],
  ])("%s", (_, text, message) => {
    // a cell behind the sample that types are taken from is met when rows are read
    const long = text.startsWith("a\n1\n") ? text.replace("1\n", "1\n".repeat(30_000)) : text;
    expect(said(() => csv(long, a))).toContain(message.replace("row 2", "row 30001"));
  });
  test("a missing value where none may be", () => {
    expect(said(() => csv("a,b\n1,2\n,3\n", a))).toBe(
      "a.csv, row 2, column `a`: there is no value, and i32 needs one: `i32?` in the written type takes it as missing",
    );
  });
  test("text that is no UTF-8, with its line", () => {
    expect(said(() => csv(Buffer.from("a,b\n1,2\n3,\xff\n", "latin1"), a))).toBe(
      "a.csv, line 3: the bytes are no UTF-8",
    );
  });
  test("a gzip file that is cut off, or damaged", () => {
    // incompressible: a part of it is there when it ends
    const whole = gzipSync(`a,b\n${Array.from({ length: 20_000 }, (_, i) => `${i},${Math.sin(i)}`).join("\n")}\n`);
    expect(said(() => read("csv", [file("c.csv.gz", whole.subarray(0, 150_000))], a))).toMatch(/c\.csv\.gz/);
    const bad = Buffer.from(whole);
    bad.fill(0x55, 100_000, 100_100);
    expect(said(() => read("csv", [file("d.csv.gz", bad)], a))).toMatch(/d\.csv\.gz/);
  });
  test("a bad row behind three million is no end of the file", { timeout: 120_000 }, () => {
    const path = join(temporary(), "long.csv");
    queryRows(`copy (select i as a, i / 4 as b from range(3010000) t(i)) to '${path}' (header)`);
    writeFileSync(path, "x,1\n", { flag: "a" });
    expect(said(() => read("csv", [path], ab))).toBe('long.csv, row 3010001, column `a`: "x" is no i32');
  });
});

describe("json", () => {
  test("an array or lines; null and what is not there are missing", () => {
    const rows = [{ a: 1, x: 0.5, s: "t" }, { a: 2, x: null, s: "7" }, { a: 3 }];
    const array = file("a.json", JSON.stringify(rows));
    const lines = file("a.jsonl", rows.map(r => JSON.stringify(r)).join("\n"));
    for (const path of [array, lines]) {
      expect(types("json", path)).toEqual({ a: "i64", x: "f64?", s: "string?" });
      expect(read("json", [path], [...a, ["x", "f32", [], true]])).toEqual({
        rows: 3,
        a: [1, 2, 3],
        "x.value": [0.5, 0, 0],
        "x.present": [1, 0, 0],
      });
    }
  });
  test("broken", () => {
    expect(said(() => read("json", [file("a.json", '[{"a": 1}, {"a": ')], a))).toBe(
      "a.json, row 2: unexpected end of data",
    );
    expect(said(() => read("json", [file("a.json", "")], a))).toBe("a.json is empty, a json file was expected");
  });
});

describe("parquet", () => {
  const made = (sql: string): string => {
    const path = join(temporary(), "a.parquet");
    queryRows(`copy (${sql}) to '${path}' (format parquet)`);
    return path;
  };
  test("types and missing values by the footer, vectors", () => {
    const path = made(
      "select i::integer as i, (i / 2)::float as f, i::decimal(8, 2) as d, case when i > 1 then i end as m, [i, i + 1]::float[] as v, i::varchar as s, i > 0 as b from range(3) t(i)",
    );
    expect(types("parquet", path)).toEqual({
      i: "i32",
      f: "f32",
      d: "f64",
      m: "i64?",
      v: "f32[2]",
      s: "string",
      b: "bool",
    });
    const columns: Asked = [
      ["i", "i32", [], false],
      ["m", "f32", [], true],
      ["v", "f32", [2], false],
      ["b", "bool", [], false],
    ];
    expect(read("parquet", [path, path], columns)).toEqual({
      rows: 6,
      i: [0, 1, 2, 0, 1, 2],
      "m.value": [0, 0, 2, 0, 0, 2],
      "m.present": [0, 0, 1, 0, 0, 1],
      v: [0, 1, 1, 2, 2, 3, 0, 1, 1, 2, 2, 3],
      b: [0, 1, 1, 0, 1, 1],
    });
  });
  test("many rows in their order", () => {
    const path = made("select i::integer as a, sqrt(i) as b from range(200000) t(i)");
    const { rows, a: first, b: second } = read("parquet", [path], ab);
    expect(rows).toBe(200_000);
    expect((first as number[]).every((x, i) => x === i)).toBe(true);
    expect((second as number[]).every((x, i) => x === Math.sqrt(i))).toBe(true);
  });
  test("broken", () => {
    expect(said(() => read("parquet", [file("a.parquet", "no parquet at all")], a))).toBe(
      "a.parquet is text (csv?), a parquet file was expected",
    );
    expect(
      said(() => read("parquet", [made("select case when i <> 1 then i end as a from range(3) t(i)")], a)),
    ).toContain("a.parquet, row 2, column `a`: there is no value");
    expect(said(() => read("parquet", [made("select 1.5::double as a")], a))).toBe(
      "column `a` of a.parquet is f64, not i32",
    );
    expect(said(() => read("parquet", [made("select [i] as a from range(2) t(i)")], a))).toBe(
      "column `a` of a.parquet is i64[1], not i32",
    );
  });
});

describe("libsvm", () => {
  const libsvm = (text: string): Record<string, unknown> => {
    const path = file("a.libsvm", text);
    const { columns } = formatOf("libsvm").schema([path], {});
    return { ...read("libsvm", [path], []), width: columns["features"]!.shape[0] };
  };
  test("dense, zeros where nothing stands", () => {
    expect(libsvm("1 1:0.5 3:-2e1 # note\n\n-1\r\n+0 2:1\n")).toEqual({
      rows: 3,
      label: [1, -1, 0],
      features: [0.5, 0, -20, 0, 0, 0, 0, 1, 0],
      width: 3,
    });
  });
  test.each([
    ["1 1:x\n", 'a.libsvm, line 1: "x" is no number'],
    ["1 1:1\nq 1:1\n", 'a.libsvm, line 2: "q" is no number'],
    ["1 0:1\n", 'a.libsvm, line 1: "0:1" is no index:value with an index from 1'],
    ["1 2:1 2:1\n", "a.libsvm, line 1: index 2 stands behind 2: they rise"],
    ["", "a.libsvm is empty, a libsvm file was expected"],
  ])("%s", (text, message) => {
    expect(said(() => libsvm(text))).toBe(message);
  });
});
