/** Records, lists, decimals and clocks in files of PyArrow, as the engine is given them: every row against what was written. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { HostError } from "../../src/ir/host.ts";
import type { Cell, Columns } from "../../src/ir/plan.ts";
import type { Column } from "../../src/ir/type.ts";
import { limitEngineThreads, queryRows, serially } from "../../src/runtime/engine/duckdb.ts";
import { rowsOfScan } from "../../src/runtime/engine/scan.ts";
import { formatOf } from "../../src/runtime/formats/index.ts";
import { show } from "../../src/runtime/formats/table-words.ts";
import { makeStrings } from "../../src/runtime/strings.ts";
import { piecesOf } from "./pieces.ts";
import { temporary } from "./temporary.ts";

type Row = Readonly<Record<string, unknown>>;
const foreign = JSON.parse(readFileSync(join(import.meta.dirname, "nested-files.json"), "utf8")) as {
  readonly rows: readonly Row[];
  readonly files: Readonly<Record<string, string>>;
}; // as: test/oracle/nested.py writes it
const names = Object.keys(foreign.files);
const formatIn = (file: string): string => file.replace(/.*\./, "");
function write(name: string, bytes: Uint8Array | string): string {
  const path = join(temporary(), name);
  writeFileSync(path, bytes);
  return path;
}
const written = (name: string): string => write(name, Buffer.from(foreign.files[name]!, "base64"));

const scalar = (elem: Extract<Cell, { k: "scalar" }>["elem"]): Cell => ({ k: "scalar", elem });
/** the columns as a program may write their types, and as the engine then has them */
const asked: readonly (readonly [string, Column, Cell])[] = [
  ["id", { store: "i64", shape: [], nullable: false }, scalar("i64")],
  ["user.name", { store: "string", shape: [], nullable: true }, scalar("string")],
  ["user.pos.x", { store: "f64", shape: [], nullable: true }, scalar("f64")],
  ["user.pos.y", { store: "i32", shape: [], nullable: true }, scalar("i32")],
  ["tags", { store: "i32", shape: [], nullable: false, list: [["", "string"]] }, { k: "list", of: [["", "string"]] }],
  ["nums", { store: "i32", shape: [], nullable: false, list: [["", "f64"]] }, { k: "list", of: [["", "f64"]] }],
  [
    "items",
    {
      store: "i32",
      shape: [],
      nullable: false,
      list: [
        ["sku", "string"],
        ["n", "i32"],
        ["ok", "bool"],
        ["at", "time"],
      ],
    },
    {
      k: "list",
      of: [
        ["sku", "string"],
        ["n", "i32"],
        ["ok", "bool"],
        ["at", "time"],
      ],
    },
  ],
  ["m", { store: "f32", shape: [2, 3], nullable: false }, { k: "tensor", elem: "f32", shape: [2, 3] }],
  ["bytes", { store: "u8", shape: [4], nullable: false }, { k: "tensor", elem: "i32", shape: [4] }],
  ["flags", { store: "bool", shape: [3], nullable: false }, { k: "tensor", elem: "bool", shape: [3] }],
  ["price", { store: "f64", shape: [], nullable: false }, scalar("f64")],
  ["at", { store: "time", shape: [], nullable: true }, scalar("time")],
];
const optionsOf = (columns: typeof asked) => ({
  columns: columns.map(([n, c]) => [n, c.store, c.shape, c.nullable, ...(c.list ? [c.list] : [])]),
});
function said(f: () => unknown): string {
  try {
    f();
  } catch (e) {
    if (e instanceof HostError) return e.message.replaceAll(/\/\S*\//g, "");
    throw e;
  }
  throw new Error("nothing was refused");
}
const around = {
  files: (paths: readonly string[]) => paths,
  seed: 0,
  given: () => {
    throw new Error("a file is not given anything");
  },
};
/** the rows as the engine has them */
function scanned(format: string, paths: readonly string[], of: typeof asked): readonly (readonly unknown[])[] {
  const columns: Columns = of.flatMap(
    ([n, c, cell]): Columns =>
      c.nullable
        ? [
            [`${n}.value`, cell],
            [`${n}.present`, scalar("bool")],
          ]
        : [[n, cell]],
  );
  const options = optionsOf(of);
  formatOf(format).schema(paths, options);
  const scan = { format, paths, options, columns } as Parameters<typeof rowsOfScan>[1]; // as: options are JSON
  const rows = rowsOfScan("hsc_scan0", scan, { around, strings: makeStrings([]) }, formatOf(format));
  if (rows) queryRows(`create or replace temp view hsc_scan0 as ${rows.sql}`);
  const cells = columns.map((_, i) => `c${i}`);
  return queryRows(`select ${cells.join(", ")} from hsc_scan0 order by i0`);
}
afterAll(() => {
  queryRows("drop view if exists hsc_scan0");
});

const typesOf = (file: string): readonly string[] =>
  Object.entries(formatOf(formatIn(file)).schema([written(file)], {}).columns)
    .filter(([, c]) => !c.untyped)
    .map(([n, c]) => `${n}: ${show(c)}${c.nullable ? "?" : ""}`);
const ITEMS = "items: list { sku: string, n: i32, ok: bool, at: time }";
describe("types without a written one", () => {
  test.each(names.filter(n => !n.endsWith("json")))("%s", file => {
    expect(typesOf(file)).toEqual([
      "id: i64",
      "user.name: string?",
      "user.pos.x: f64?",
      "user.pos.y: i32?",
      "tags: list string",
      "nums: list f32",
      ITEMS,
      "m: f32[2, 3]",
      "bytes: u8[4]",
      "flags: bool[3]",
      "price: f64",
      "at: time?",
      // a column of the type null is one of i32 to parquet
      file.endsWith("arrow") ? "none: string?" : "none: i32?",
    ]);
  });
  test.each(names.filter(n => n.endsWith("json")))("%s", file => {
    expect(typesOf(file)).toEqual([
      "id: i64",
      "user.name: string?",
      "user.pos.x: f64?",
      "user.pos.y: i64?",
      "tags: list string",
      "nums: list f64",
      "items: list { sku: string, n: i64, ok: bool, at: time }",
      "m: f64[2, 3]",
      "bytes: i64[4]",
      "flags: bool[3]",
      "price: f64",
      "at: time?",
      "none: string?",
    ]);
  });
});
describe("rows", () => {
  const expected = (r: Row): readonly unknown[] =>
    Object.entries(r).flatMap(([name, x]) => {
      const none = name === "name" ? "" : name === "at" ? "0" : 0;
      if (["name", "x", "y", "at"].includes(name))
        return x === null ? [none, false] : [name === "at" ? String(x) : x, true];
      if (name === "id") return [String(x)];
      if (name !== "items") return [x];
      const items = x as readonly (readonly unknown[])[];
      return [items.map(([f0, f1, f2, f3]) => ({ f0, f1, f2, f3: String(f3) }))];
    });
  test.each(names)("%s", file => {
    const path = written(file);
    const rows = foreign.rows.map(expected);
    expect(scanned(formatIn(file), [path, path], asked)).toEqual([...rows, ...rows]);
  });
});
describe("what does not fit is told, with file, row and column", () => {
  const list = (store: Column["store"], elem: "i32" | "f64" | "string"): (typeof asked)[number] => [
    "l",
    { store: "i32", shape: [], nullable: false, list: [["", store]] },
    { k: "list", of: [["", elem]] },
  ];
  const m: (typeof asked)[number] = [
    "m",
    { store: "f32", shape: [2, 2], nullable: false },
    { k: "tensor", elem: "f32", shape: [2, 2] },
  ];
  const lines = (...rows: readonly unknown[]): string => write("a.json", rows.map(r => JSON.stringify(r)).join("\n"));
  const json = (path: string, ...of: typeof asked): string => said(() => scanned("json", [path], of));
  test("json", () => {
    const whole = {
      l: [1, 2],
      m: [
        [1, 2],
        [3, 4],
      ],
    };
    expect(json(lines(whole, { ...whole, l: [1, null] }), list("f64", "f64"))).toBe(
      'a.json, row 2, column `l`: "[1,null]" is no list f64',
    );
    expect(json(lines(whole, { ...whole, l: null }), list("f64", "f64"))).toBe(
      "a.json, row 2, column `l`: there is no value, and list f64 needs one",
    );
    expect(json(lines(whole, { m: whole.m }), list("f64", "f64"))).toBe(
      "a.json, row 2, column `l`: there is no value, and list f64 needs one",
    );
    expect(json(lines(whole, { ...whole, l: [1, 2 ** 31] }), list("i32", "i32"))).toBe(
      'a.json, row 2, column `l`: "[1,2147483648]" is no list i32',
    );
    expect(json(lines(whole, { ...whole, m: [[1, 2, 3], [4]] }), m)).toBe(
      'a.json, row 2, column `m`: "[[1,2,3],[4]]" is no f32[2, 2]',
    );
    expect(json(lines({ m: [1, 2, 3, 4] }, { m: [1, 2, 3] }), m)).toBe(
      'a.json, row 2, column `m`: "[1,2,3]" is no f32[2, 2]',
    );
    expect(json(lines(whole), ["x", { store: "f32", shape: [], nullable: false }, scalar("f32")])).toBe(
      "no column `x` in a.json",
    );
    expect(json(lines({ l: [1.5] }), list("i32", "i32"))).toBe("column `l` of a.json is f64[1], not list i32");
  });
  const parquet = (sql: string, ...of: typeof asked): string => {
    const path = join(temporary(), "a.parquet");
    queryRows(`copy (${sql}) to '${path}' (format parquet)`);
    return said(() => scanned("parquet", [path], of));
  };
  test("parquet", () => {
    expect(
      parquet("select case when i = 2 then [1, null] else [i] end as l from range(3) t(i)", list("i64", "i32")),
    ).toBe('a.parquet, row 3, column `l`: "[1, NULL]" is no list i64');
    expect(parquet("select case when i < 2 then [i] end as l from range(3) t(i)", list("i64", "i32"))).toBe(
      "a.parquet, row 3, column `l`: there is no value, and list i64 needs one",
    );
    expect(
      parquet("select case when i < 2 then [[1, 2], [3, 4]] else [[1, 2, 3], [4]] end as m from range(3) t(i)", m),
    ).toBe('a.parquet, row 3, column `m`: "[[1, 2, 3], [4]]" is no f32[2, 2]');
    expect(
      parquet(
        `select case when i < 30000 then [[1, 2], [3, 4]] else [[1, 2, 3], [4]] end as m from range(30001) t(i)`,
        m,
      ),
    ).toBe('a.parquet, row 30001, column `m`: "[[1, 2, 3], [4]]" is no f32[2, 2]');
  });
});
test("json: keys that differ in capitals are of two columns, a string of digits is no number", () => {
  const path = write(
    "a.json",
    '{"a": 1, "A": "x", "b": {"c": "1", "C": [2]}}\n{"a": 2, "A": "y", "b": {"c": "2", "C": [3]}}\n',
  );
  const { columns } = formatOf("json").schema([path], {});
  expect(Object.entries(columns).map(([n, c]) => `${n} ${show(c)}`)).toEqual([
    "a i64",
    "A string",
    "b.c string",
    "b.C i64[1]",
  ]);
  const of = Object.entries(columns).map(([n, c]): (typeof asked)[number] => [
    n,
    c,
    c.shape.length ? { k: "tensor", elem: "i64", shape: [1] } : scalar(c.store as "i64"),
  ]);
  expect(scanned("json", [path], of)).toEqual([
    ["1", "x", "1", ["2"]],
    ["2", "y", "2", ["3"]],
  ]);
});
test("lists that are all empty are no tensors", () => {
  const parquet = join(temporary(), "a.parquet");
  queryRows(`copy (select []::float[] as l from range(3)) to '${parquet}' (format parquet)`);
  const json = write("a.json", '{"l": []}\n{"l": []}\n');
  for (const path of [parquet, json]) {
    const { columns } = formatOf(formatIn(path)).schema([path], {});
    expect(show(columns["l"]!)).toMatch(/^list /);
  }
});
test("parquet: every type that DuckDB writes", () => {
  const path = join(temporary(), "a.parquet");
  const items = {
    utinyint: ["255::utinyint", "u8", 255],
    tinyint: ["(-128)::tinyint", "i32", -128],
    usmallint: ["65535::usmallint", "i32", 65535],
    smallint: ["(-32768)::smallint", "i32", -32768],
    uinteger: ["4294967295::uinteger", "i64", "4294967295"],
    integer: ["(-2147483648)::integer", "i32", -(2 ** 31)],
    ubigint: ["9223372036854775807::ubigint", "i64", "9223372036854775807"],
    bigint: ["(-9223372036854775808)::bigint", "i64", "-9223372036854775808"],
    hugeint: ["170141183460469231731687303715884105727::hugeint", "f64", 2 ** 127],
    float: ["0.1::float", "f32", Math.fround(0.1)],
    double: ["0.1::double", "f64", 0.1],
    decimal: ["(-12345.678)::decimal(38, 3)", "f64", -12345.678],
    boolean: ["true", "bool", true],
    varchar: ["'é→'", "string", "é→"],
    uuid: ["'6689d3d1-234c-4e9f-be8a-00c097580c59'::uuid", "string", "6689d3d1-234c-4e9f-be8a-00c097580c59"],
    enumerated: ["'b'::enum('a', 'b')", "string", "b"],
    bit: ["'101'::bit", "string", "101"],
    clock: ["'12:30:01'::time", "string", "12:30:01"],
    date: ["'2020-01-02'::date", "time", "1577923200000000"],
    seconds: ["'2020-01-02 00:00:01'::timestamp_s", "time", "1577923201000000"],
    millis: ["'2020-01-02 00:00:00.001'::timestamp_ms", "time", "1577923200001000"],
    micros: ["'2020-01-02 00:00:00.000001'::timestamp", "time", "1577923200000001"],
    nanos: ["'2020-01-02 00:00:00.000001'::timestamp_ns", "time", "1577923200000001"],
    zoned: ["'2020-01-02 03:00:00+03'::timestamptz", "time", "1577923200000000"],
  } as const;
  const columns = Object.entries(items).map(([name, [sql]]) => `${sql} as ${name}`);
  queryRows(`copy (select ${columns.join(", ")}, map{'k': 1} as m, interval 1 day as i) to '${path}' (format parquet)`);
  const found = formatOf("parquet").schema([path], {}).columns;
  expect(
    Object.entries(found)
      .filter(([, c]) => c.unread === undefined)
      .map(([n, c]) => `${n} ${c.store}`)
      .filter(t => !t.startsWith("i string")),
  ).toEqual(Object.entries(items).map(([n, [, store]]) => `${n} ${store}`));
  const of = Object.entries(items).map(([n, [, store]]): (typeof asked)[number] => [
    n,
    { store, shape: [], nullable: false },
    scalar(store === "u8" ? "i32" : store),
  ]);
  expect(scanned("parquet", [path], of)).toEqual([Object.values(items).map(([, , x]) => x)]);
  // beyond what an i64 holds
  queryRows(`copy (select 9223372036854775808::ubigint as a) to '${path}' (format parquet)`);
  expect(
    said(() => scanned("parquet", [path], [["a", { store: "i64", shape: [], nullable: false }, scalar("i64")]])),
  ).toBe('a.parquet, row 1, column `a`: "9223372036854775808" is no i64');
});
test("parquet: an instant beyond microseconds", () => {
  const path = join(temporary(), "a.parquet");
  const time: (typeof asked)[number] = ["t", { store: "time", shape: [], nullable: true }, scalar("time")];
  for (const [sql, message] of [
    ["date '5000000-01-01'", /column `t` holds an instant that no i64 of microseconds is/],
    ["timestamp 'infinity'", /column `t` holds an instant that no i64 of microseconds is/],
  ] as const) {
    queryRows(`copy (select unnest([null, ${sql}]) as t) to '${path}' (format parquet)`);
    expect(() => {
      try {
        scanned("parquet", [path], [time]);
      } catch (e) {
        throw new Error((e as Error).message.replaceAll(/\/\S*\//g, ""));
      }
    }).toThrow(message);
  }
});
test("the engine's clock is in UTC, wherever the machine stands; a text says how far its own is from it", () => {
  expect(queryRows("select current_setting('TimeZone')")).toEqual([["UTC"]]);
  const path = write(
    "a.csv",
    "t\n2020-01-02 00:00:00\n2020-01-02T03:00:00+03:00\n2020-01-01T19:00:00.5-05\n2020-01-02T00:00:00Z\n",
  );
  const { columns } = formatOf("csv").schema([path], {});
  expect(columns["t"]!.store).toBe("time");
  expect(scanned("csv", [path], [["t", { store: "time", shape: [], nullable: false }, scalar("time")]])).toEqual([
    ["1577923200000000"],
    ["1577923200000000"],
    ["1577923200500000"],
    ["1577923200000000"],
  ]);
});
test("the engine has as many threads as a run, also behind a query that one alone may make", () => {
  const threads = (): unknown => queryRows("select current_setting('threads')")[0]![0];
  const before = Number(threads());
  limitEngineThreads(3);
  expect(String(threads())).toBe("3");
  serially(() => expect(String(threads())).toBe("1"));
  expect(String(threads())).toBe("3");
  limitEngineThreads(before);
});
test("a tensor that is saved is one of its shape when it is read", () => {
  const values = Float32Array.from({ length: 24 }, (_, i) => i / 7);
  const cells = { store: "f32", shape: [4, 2, 3], bytes: new Uint8Array(values.buffer) } as const;
  for (const format of ["parquet", "arrow", "json"]) {
    const path = write(
      `a.${format}`,
      Buffer.concat([...formatOf(format).encodeTable!(piecesOf([["x", cells]], 4, 3))]),
    );
    const { columns } = formatOf(format).schema([path], {});
    // a file of lines says nothing of itself
    expect(columns["x"]!.shape).toEqual(format === "json" ? [6] : [2, 3]);
    const column: Column = { store: "f32", shape: [2, 3], nullable: false };
    expect(scanned(format, [path], [["x", column, { k: "tensor", elem: "f32", shape: [2, 3] }]])).toEqual(
      Array.from({ length: 4 }, (_, r) => [Array.from(values.subarray(6 * r, 6 * r + 6))]),
    );
  }
});
