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
    [
      "decimal commas where semicolons stand between fields",
      "a;b\n1;2,5\n",
      'a.csv, line 2: 2 fields, the first line has 1: csv(.., delimiter: ";") where no comma stands between them',
    ],
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
    ["text where numbers are wanted", "a,b\nx,2\ny,3\n", 'a.csv, row 1, column `a`: "x" is no f64'],
    ["a word among few numbers", "a,b\n1,2\n\n2.5,3\nn/a,4\n5,6\n", 'a.csv, row 3, column `a`: "n/a" is no f64'],
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
  test("a date as people write it", () => {
    const said = (text: string) => `a.csv, row 2, column \`t\`: "${text}" is no time: `;
    const help = 'where it is written otherwise, read a string, and parse_time(.., "%d.%m.%Y")';
    for (const text of ["01.02.2024", "2024-13-01", "31 Feb"])
      expect(csv(`t\n2024-01-01\n${text}\n`, [["t", "time", [], false]])).toBe(said(text) + help);
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

describe("csv, gzipped", () => {
  test.each([
    ["a row with fewer fields", "a,b\n1,2\n3\n", "a.csv.gz, line 3: 1 fields, the first line has 2"],
    ["a number that is none", "a,b\n1,2\nx,3\n", 'a.csv.gz, row 2, column `a`: "x" is no f64'],
    ["a number that is none, far down", `a,b\n${many("1,2")}x,3\n`, 'a.csv.gz, row 30001, column `a`: "x" is no f64'],
    ["bytes that are no UTF-8", Buffer.from("a,b\n1,\xff\n", "latin1"), "a.csv.gz, line 2: the bytes are no UTF-8"],
    ["a column twice", "a,a\n1,2\n", "a.csv.gz has two columns `a`"],
    ["no such column", "b\n1\n", "no column `a` in a.csv.gz"],
    ["nothing", "", "a.csv.gz has no line with names of columns"],
    ["a byte order mark and CRLF", "\ufeffa,b\r\n1,2\r\n3,4", 2],
    ["quotes, delimiters and lines within quotes", 'a,b\n1,"x, ""y""\n\nz"\n2,"\n"\n', 2],
  ])("%s", (_, text, expected) => {
    expect(read("csv", "a.csv.gz", gzipSync(text), a)).toBe(expected);
  });
  test("of several members, with something behind them, empty", () => {
    const [one, two] = [gzipSync("a,b\n1,2\n"), gzipSync("3,4\n")];
    expect(read("csv", "a.csv.gz", Buffer.concat([one, two]), a)).toBe(2);
    expect(read("csv", "a.csv.gz", Buffer.concat([one, Buffer.from("junk")]), a)).toMatch(/^a\.csv\.gz is damaged: /);
    expect(read("csv", "a.csv.gz", "", a)).toBe("a.csv.gz is empty, a csv file was expected");
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
      ([n, c]) => `${n} ${c.unread === undefined ? show(c) : `unread ${c.unread}`}${c.nullable ? "?" : ""}`,
    );
  };
  test("parquet: dictionaries are not read, columns of nothing but null may be missing", () => {
    const bytes = made(
      "select i::double as a, {'x': i} as s, map{'k': i} as m, [[i]] as l, ['x'] as t, null::integer as n from range(3) t(i)",
    );
    expect(columnsOf(bytes)).toEqual(["a f64", "s.x i64", "m unread MAP", "l i64[1, 1]", "t list string", "n i32?"]);
    expect(read("parquet", "a.parquet", bytes, a)).toBe(3);
    expect(read("parquet", "a.parquet", bytes, [["s", "f64", [], false]])).toBe("no column `s` in a.parquet");
    expect(read("parquet", "a.parquet", bytes, [["m", "f64", [], false]])).toBe(
      "column `m` of a.parquet is MAP, not f64",
    );
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
    expect(read("json", "a.json", '[{"a": 1}, {"a": ', a)).toBe("a.json, row 2: unexpected end of data");
    expect(read("json", "a.json", `${'{"a": 1}\n'.repeat(30_000)}{"a": "x"}\n`, a)).toBe(
      'a.json, row 30001, column `a`: "x" is no f64',
    );
    expect(read("json", "a.json", '{"b": 1}\n', a)).toBe("no column `a` in a.json");
    expect(read("json", "a.json", '{"a": {"b": 1}}\n', a)).toBe("no column `a` in a.json");
    expect(read("json", "a.json.gz", gzipSync('{"a": 1}\n'.repeat(5000)).subarray(0, 40), a)).toMatch(/a\.json\.gz/);
  });
  const j = (text: string | Uint8Array, columns: Asked = a): number | string => read("json", "a.json", text, columns);
  test("json: lines that are none, wherever they stand", () => {
    const rng = seeded(11);
    for (let i = 0; i < 12; i++) {
      const lines = Array.from(
        { length: 1 + rng.int(i < 6 ? 40 : 200_000) },
        (_, k) => `{"a": ${k}, "b": "${"x".repeat(k % 7)}"}`,
      );
      const at = rng.int(lines.length);
      const [bad, message] = rng.pick([
        ['{"a": ,}', "unexpected character"],
        ['{"a": 1', /./],
        ["5", /5/],
        ["[1]", /\[1\]/],
        ['{"a": 1}}', "unexpected content after document"],
        ["hello", /./],
      ] as const);
      lines[at] = bad;
      const said = j(`${lines.join("\n")}\n`);
      expect(said, `${bad} in line ${at + 1} of ${lines.length}`).toMatch(
        new RegExp(`^a\\.json, (line|row) ${at + 1}: `),
      );
      expect(said).toMatch(message);
    }
  });
  test("json: bytes that are no UTF-8, a key twice, nothing", () => {
    const ok = '{"a": 1, "b": "x"}\n';
    for (const before of [1, 40_000])
      expect(j(Buffer.concat([Buffer.from(ok.repeat(before)), Buffer.from('{"a": 1, "b": "\xe9"}\n', "latin1")]))).toBe(
        `a.json, line ${before + 1}: invalid UTF-8 encoding in string`,
      );
    expect(j(`${ok}{"a": 1, "a": 2}\n`)).toBe('a.json, line 2: Object {"a":1,"a":2} has duplicate key "a"');
    expect(j("")).toBe("a.json is empty, a json file was expected");
    // there is no row that could say more
    for (const none of ["[]", " \n", "\n\n"]) expect(j(none)).toBe(0);
    expect(j("5\n")).toBe("a.json, row 1: 5 is no record");
  });
  test("json: each is read, and no row is lost or made up", () => {
    expect(j('\ufeff{"a": 1}\n{"a": 2}')).toBe(2);
    expect(j('{"a": 1}\r\n{"a": 2}\r\n')).toBe(2);
    expect(j('{"a": 1}\n\n\n{"a": 2}\n\n')).toBe(2);
    expect(j('[{"a": 1},\n {"a": 2, "b": "two\\nlines, \\"quotes\\" \\u0000"}]')).toBe(2);
    expect(j('{\n  "a": 1\n}\n{\n  "a": 2\n}\n')).toBe(2);
    const rng = seeded(4);
    const rows = Array.from({ length: 50_000 }, (_, i) =>
      JSON.stringify({ a: i, b: rng.pick(["x", 'q"\n', "é→", ""]), c: [i, 1] }),
    );
    expect(j(rows.join("\n"))).toBe(50_000);
    expect(j(`[${rows.join(",")}]`)).toBe(50_000);
  });
  test("json, gzipped: cut off anywhere, also behind a line, damaged, none", () => {
    const rng = seeded(2);
    const whole = gzipSync(Array.from({ length: 20_000 }, () => `{"a": ${rng.normal()}}\n`).join(""));
    const z = (bytes: Uint8Array | string): number | string => read("json", "a.json.gz", bytes, a);
    expect(z(whole)).toBe(20_000);
    for (let i = 0; i < 8; i++) expect(z(whole.subarray(0, 1 + rng.int(whole.length - 1)))).toMatch(/^a\.json\.gz/);
    // stored, not packed: the cut is behind a line
    const stored = gzipSync('{"a": 1}\n'.repeat(1000), { level: 0 });
    expect(z(stored.subarray(0, 10 + 5 + 9 * 500))).toMatch(/^a\.json\.gz/);
    expect(z("no gzip")).toBe("a.json.gz is damaged: it is no gzip file");
  });
  test("text: zero bytes are characters, lines are counted by another", () => {
    const text: Asked = [["", "string", [], false]];
    expect(read("text", "a.txt", "a\0b\nc\n", text)).toBe(2);
    expect(read("text", "a.txt.gz", "no gzip", text)).toMatch(/^a\.txt\.gz is damaged: /);
  });
  test.each([
    ["a label", "1 1:2\nx 1:2\n", 'a.svm, line 2: "x" is no number'],
    ["a value", "1 1:2\n\n1 2:x\n", 'a.svm, line 3: "x" is no number'],
    ["an index of 0", "1 1:2\n1 0:2\n", 'a.svm, line 2: "0:2" is no index:value with an index from 1'],
    ["a group", "1 qid:3 2:1\n", 'a.svm, line 1: "qid:3" is no index:value with an index from 1'],
    ["falling indices", "1 2:2 1:1\n", "a.svm, line 1: index 1 stands behind 2: they rise"],
    ["an index that no number is", "1 99999999999:1\n", "a.svm, line 1: index 99999999999 is beyond 2^31"],
    ["a zero byte", "1 1:1\0\n", 'a.svm, line 1: "1\\u0000" is no number'],
    ["nothing", "", "a.svm is empty, a libsvm file was expected"],
    ["a byte order mark, CRLF, comments", "\ufeff1 1:2 # x\r\n# y\r\n-1\r\n", 2],
  ])("libsvm: %s", (_, text, expected) => {
    for (const sparse of [false, true]) expect(read("libsvm", "a.svm", text, [], { sparse })).toBe(expected);
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
