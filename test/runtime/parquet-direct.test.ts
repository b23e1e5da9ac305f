/** Columns of numbers of parquet files without the engine: what it reads of them, or nothing; never others. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { queryRows } from "../../src/runtime/engine/duckdb.ts";
import { BYTES, footerOf, type Plain } from "../../src/runtime/parquet/footer.ts";
import { readParquet } from "../../src/runtime/parquet/read.ts";
import { unpackSnappy } from "../../src/runtime/parquet/snappy.ts";
import { seeded } from "../ir/grow.ts";
import { temporary } from "./temporary.ts";

const TYPES: Readonly<Record<Plain, string>> = { i32: "INTEGER", i64: "BIGINT", f32: "FLOAT", f64: "DOUBLE" };
interface Columns {
  readonly rows: number;
  readonly bytes: readonly Uint8Array[];
}
function direct(
  paths: readonly string[],
  columns: readonly (readonly [string, Plain])[],
  threads = 2,
): Columns | undefined {
  let bytes: readonly Uint8Array[] = [];
  const rows = readParquet(
    paths,
    columns.map(([name, plain]) => ({ name, plain })),
    n => {
      const buffers = columns.map(([, plain]) => new SharedArrayBuffer(n * BYTES[plain]));
      bytes = buffers.map(b => new Uint8Array(b));
      return buffers.map(buffer => ({ k: "shared", buffer, at: 0 }));
    },
    threads,
  );
  return rows === undefined ? undefined : { rows, bytes };
}
/** as the engine reads them, by their bits: its text of a float tells no NaN from another */
function byEngine(paths: readonly string[], name: string, plain: Plain): readonly unknown[] {
  const files = paths.map(p => `'${p}'`).join(", ");
  const cell = `"${name}"::${TYPES[plain]}`;
  return queryRows(`select ${plain.startsWith("f") ? `${cell}::varchar` : cell} from read_parquet([${files}])`).map(
    ([x]) => String(x),
  );
}
function own({ bytes }: Columns, k: number, plain: Plain): readonly string[] {
  const buffer = bytes[k]!.buffer as ArrayBuffer; // as: those that read it do not ask whether it is shared
  const values = { i32: Int32Array, i64: BigInt64Array, f32: Float32Array, f64: Float64Array }[plain];
  return Array.from(new values(buffer) as unknown as ArrayLike<number | bigint>, String);
}
const same = (plain: Plain, engine: string): string =>
  plain.startsWith("f") ? String(plain === "f32" ? Math.fround(Number(spelt(engine))) : Number(spelt(engine))) : engine;
const spelt = (x: string): string => ({ nan: "NaN", inf: "Infinity", "-inf": "-Infinity" })[x] ?? x;

const COLUMNS: readonly (readonly [string, Plain, sql: string])[] = [
  ["few", "i32", "(random() * 7)::integer - 3"],
  ["many", "i32", "(random() * 4e9 - 2e9)::integer"],
  ["one", "i32", "-5"],
  ["runs", "i64", "(i // 1000)::bigint - 4"],
  ["large", "i64", "(random() * 9e18)::bigint"],
  [
    "x",
    "f32",
    "case when random() < 0.01 then 'nan'::float when random() < 0.01 then '-inf'::float else (random() * 3)::float end",
  ],
  ["y", "f64", "round(random() * 50) / 8"],
];
function made(path: string, rows: number, options: string): string {
  queryRows(
    `copy (select ${COLUMNS.map(([n, , sql]) => `${sql} as "${n}"`).join(", ")} from range(${rows}) t(i)) to '${path}' (format parquet, ${options})`,
  );
  return path;
}
describe("as the engine reads them", () => {
  test.each([
    ["snappy", 50_000, "codec snappy, row_group_size 10000"],
    ["without a codec", 30_000, "codec uncompressed, row_group_size 7000"],
    ["gzip", 9_000, "codec gzip"],
    ["zstd", 9_000, "codec zstd"],
    ["by the second version", 30_000, "parquet_version v2, row_group_size 9000"],
    ["one row", 1, "codec snappy"],
    ["no row", 0, "codec snappy"],
  ])("%s", (_, rows, options) => {
    const folder = temporary();
    const paths = [
      made(join(folder, "a.parquet"), rows, options),
      made(join(folder, "b.parquet"), 1 + (rows % 13), options),
    ];
    const wanted = COLUMNS.map(([name, plain]) => [name, plain] as const);
    let there = 0;
    // one that is stored in a way of its own is the engine's, and says so
    for (const [name, plain] of wanted) {
      const found = direct(paths, [[name, plain]]);
      if (!found) continue;
      there++;
      expect(own(found, 0, plain), name).toEqual(byEngine(paths, name, plain).map(x => same(plain, String(x))));
    }
    expect(there).toBeGreaterThanOrEqual(options.includes("v2") ? 1 : wanted.length);
    const all = direct(paths, wanted, 1);
    const again = direct(paths, wanted, 3);
    expect(all?.rows).toBe(again?.rows);
    if (all) for (const [k, b] of all.bytes.entries()) expect(Buffer.from(again!.bytes[k]!).equals(b)).toBe(true);
  });
});
describe("left to the engine", () => {
  const folder = mkdtempSync(join(tmpdir(), "hsc-test-"));
  const copy = (name: string, sql: string, options = "codec snappy"): string => {
    const path = join(folder, `${name}.parquet`);
    queryRows(`copy (${sql}) to '${path}' (format parquet, ${options})`);
    return path;
  };
  const cases: readonly (readonly [what: string, sql: string, plain: Plain, options?: string])[] = [
    ["a value that is missing", "select case when i <> 777 then i::integer end as x from range(2000) t(i)", "i32"],
    ["all of them", "select null::integer as x from range(20) t(i)", "i32"],
    ["another width", "select i::smallint as x from range(20) t(i)", "i32"],
    ["no sign", "select i::uinteger as x from range(20) t(i)", "i32"],
    ["a day", "select date '2020-01-01' as x from range(20)", "i32"],
    ["an instant", "select timestamp '2020-01-01' as x from range(20)", "i64"],
    ["a decimal number", "select (i / 4)::decimal(8, 2) as x from range(20) t(i)", "i32"],
    ["a list", "select [i::integer] as x from range(20) t(i)", "i32"],
    ["a record", "select {'x': i::integer} as r from range(20) t(i)", "i32"],
    ["a record beside it", "select {'x': i::integer} as r, i::double as x from range(20) t(i)", "f32"],
    ["a codec", "select i::integer as x from range(20) t(i)", "i32", "codec brotli"],
  ];
  for (const [what, sql, plain, options] of cases)
    test(what, () => {
      expect(direct([copy(what.replaceAll(" ", "-"), sql, options)], [["x", plain]])).toBeUndefined();
    });
  test("a column behind a record is found by its own name", () => {
    const path = copy(
      "behind",
      "select {'a': 1::integer, 'b': {'x': 2::integer}} as r, i::integer as x from range(20) t(i)",
    );
    expect([...footerOf(path).columns.keys()]).toEqual(["x"]);
    expect(own(direct([path], [["x", "i32"]])!, 0, "i32")).toEqual(Array.from({ length: 20 }, (_, i) => String(i)));
  });
  test("bytes that were damaged: nothing, or what the engine reads", () => {
    const path = made(join(folder, "whole.parquet"), 3000, "codec snappy, row_group_size 2048");
    const whole = readFileSync(path);
    const rng = seeded(11);
    let [nothing, alike] = [0, 0];
    for (let k = 0; k < 150; k++) {
      const bytes = Buffer.from(whole);
      for (let n = rng.int(3); n >= 0; n--) bytes[rng.int(bytes.length)] = rng.int(256);
      // a name of its own: the engine may remember what it saw
      const damaged = join(folder, `damaged${k}.parquet`);
      writeFileSync(damaged, k % 10 === 0 ? bytes.subarray(0, rng.int(bytes.length)) : bytes);
      const found = direct([damaged], [["many", "i32"]], 1);
      let engine: readonly unknown[] | undefined;
      try {
        engine = byEngine([damaged], "many", "i32");
      } catch {
        // it looks at statistics, and at columns that are not asked for
      }
      if (!found) nothing++;
      else if (engine) {
        alike++;
        expect(own(found, 0, "i32")).toEqual(engine);
      }
    }
    expect(alike).toBeGreaterThan(20);
    expect(nothing).toBeGreaterThan(15);
  });
});
test("snappy: literals and copies of all lengths, near and far", () => {
  const rng = seeded(5);
  for (let k = 0; k < 40; k++) {
    const out: number[] = [];
    const packed: number[] = [];
    const bytes = (n: number, count: number): number[] =>
      Array.from({ length: count }, (_, i) => Math.floor(n / 256 ** i) % 256);
    while (out.length < 3000 * (1 + (k % 40))) {
      const kind = out.length ? rng.int(4) : 0;
      const back = 1 + rng.int(Math.min(out.length || 1, kind === 1 ? 2047 : 65535));
      const size = kind === 0 ? 1 + rng.int(rng.int(2) ? 70 : 3000) : kind === 1 ? 4 + rng.int(8) : 1 + rng.int(64);
      if (kind === 0) {
        const own = Array.from({ length: size }, () => rng.int(256));
        const wide = size <= 60 ? 0 : size <= 256 ? 1 : 2;
        packed.push(wide ? (59 + wide) << 2 : (size - 1) << 2, ...bytes(size - 1, wide), ...own);
        for (const b of own) out.push(b);
        continue;
      }
      if (kind === 1) packed.push(1 | ((size - 4) << 2) | ((back >> 8) << 5), back & 255);
      else packed.push((kind === 2 ? 2 : 3) | ((size - 1) << 2), ...bytes(back, kind === 2 ? 2 : 4));
      for (let i = 0; i < size; i++) out.push(out[out.length - back]!);
    }
    const length = [(out.length & 127) | 128, ((out.length >> 7) & 127) | 128, out.length >> 14];
    const to = new Uint8Array(out.length);
    unpackSnappy(Uint8Array.from([...length, ...packed]), to);
    expect(Buffer.from(to).equals(Buffer.from(out))).toBe(true);
    for (const cut of [1, 5])
      expect(() => unpackSnappy(Uint8Array.from([...length, ...packed.slice(0, -cut)]), to)).toThrow("damaged");
  }
});
