/** Columns of texts and instants: written as csv, json and parquet and read back, with what is missing, against what was drawn. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { mix32 } from "../../src/ir/mix32.ts";
import { type Cells, cellsOf, timeText } from "../../src/runtime/cells.ts";
import { queryRows } from "../../src/runtime/engine/duckdb.ts";
import { formatOf } from "../../src/runtime/formats/index.ts";
import { makeStrings, type Strings } from "../../src/runtime/strings.ts";
import { piecesOf } from "./pieces.ts";
import { temporary } from "./temporary.ts";

const ALPHABET = [
  "a",
  "B",
  " ",
  ",",
  '"',
  "'",
  "\n",
  "\t",
  "ß",
  "東",
  "😀",
  "0",
  "NA",
  ";",
  "\\",
  "{",
  "\u00e9",
  "e\u0301",
];
const text = (i: number): string =>
  Array.from({ length: mix32(i) & 7 }, (_, k) => ALPHABET[(mix32(i * 8 + k) >>> 3) % ALPHABET.length]).join("");

interface Drawn {
  readonly texts: readonly (string | null)[];
  readonly times: readonly (bigint | null)[];
}
/** those of csv have no text that its reader takes as missing */
function drawn(rows: number, seed: number, all: boolean): Drawn {
  const at = (i: number): number => 2 * (i + rows * seed);
  const missing = (i: number): boolean => mix32(at(i) + 1) % 5 === 0;
  const plain = (s: string): string => (all || (s !== "" && s !== "NA") ? s : "-");
  return {
    texts: Array.from({ length: rows }, (_, i) => (missing(i) ? null : plain(text(at(i))))),
    times: Array.from({ length: rows }, (_, i) =>
      missing(i + 7) ? null : BigInt(mix32(at(i))) * 997_531n + BigInt(mix32(i) % 1_000_000),
    ),
  };
}
function table(d: Drawn, strings: Strings): readonly (readonly [string, Cells])[] {
  const rows = d.texts.length;
  const bytes = (a: { readonly buffer: ArrayBufferLike }): Uint8Array => new Uint8Array(a.buffer);
  const present = (x: readonly unknown[]): Cells => ({
    store: "bool",
    shape: [rows],
    bytes: bytes(Uint32Array.from(x, v => (v === null ? 0 : 1))),
  });
  const numbers = Int32Array.from(d.texts, t => strings.number(t ?? ""));
  const times = BigInt64Array.from(d.times, t => t ?? 0n);
  return [
    ["t", { store: "i32", shape: [rows], bytes: bytes(numbers), texts: strings.text, present: present(d.texts) }],
    ["at", { store: "i64", shape: [rows], bytes: bytes(times), times: true, present: present(d.times) }],
  ];
}
function read(format: string, path: string): Drawn {
  const options = {
    columns: [
      ["t", "string", [], true],
      ["at", "time", [], true],
    ],
  };
  const strings = makeStrings(["of the program"]);
  const room = new Map<string, Uint8Array>();
  const { rows } = formatOf(format).rows!(
    [path],
    options,
    (name, bytes) => {
      const b = room.get(name) ?? new Uint8Array(bytes);
      room.set(name, b);
      return b;
    },
    strings,
  );
  const words = (name: string): Uint32Array => new Uint32Array(room.get(`${name}.present`)!.buffer);
  const codes = new Int32Array(room.get("t.value")!.buffer);
  const times = new BigInt64Array(room.get("at.value")!.buffer);
  const all = Array.from({ length: rows }, (_, i) => i);
  return {
    texts: all.map(i => (words("t")[i] ? strings.text(codes[i]!) : null)),
    times: all.map(i => (words("at")[i] ? times[i]! : null)),
  };
}
describe.each(["csv", "json", "parquet"])("%s", format => {
  // an empty json file has no columns
  test.each([...(format === "json" ? [] : [0]), 1, 5, 300, 5000])("%i rows are read back as they were", rows => {
    const d = drawn(rows, 3, format !== "csv");
    const columns = table(d, makeStrings([]));
    const path = join(temporary(), `a.${format}`);
    writeFileSync(path, Buffer.concat([...formatOf(format).encodeTable!(piecesOf(columns, rows, 1024))]));
    expect(read(format, path)).toEqual(d);
  });
});
test("DuckDB reads parquet's texts, instants and what is missing as they are", () => {
  const d = drawn(200, 9, true);
  const path = join(temporary(), "a.parquet");
  writeFileSync(
    path,
    Buffer.concat([...formatOf("parquet").encodeTable!(piecesOf(table(d, makeStrings([])), 200, 33))]),
  );
  const got = queryRows(`select t, epoch_us("at")::varchar from '${path}'`);
  expect(got).toEqual(d.texts.map((t, i) => [t, d.times[i] === null ? null : String(d.times[i])]));
  expect(queryRows(`describe select * from '${path}'`).map(r => r[1])).toEqual(["VARCHAR", "TIMESTAMP"]);
});
test("a line of a .txt file is a row", () => {
  const strings = makeStrings([]);
  const column = (texts: readonly string[]): readonly (readonly [string, Cells])[] => [
    [
      "",
      {
        store: "i32",
        shape: [texts.length],
        bytes: new Uint8Array(Int32Array.from(texts, strings.number).buffer),
        texts: strings.text,
      },
    ],
  ];
  const written = (texts: readonly string[]): string =>
    Buffer.concat([...formatOf("txt").encodeTable!(piecesOf(column(texts), texts.length, 1))]).toString();
  expect(written(["a", "", "東 😀"])).toBe("a\n\n東 😀\n");
  expect(() => written(["a", "b\nc"])).toThrow("row 2 has several lines");
});
test("instants as JavaScript's Date has them", () => {
  for (let i = 0; i < 4000; i++) {
    const ms = (mix32(i) - 2 ** 31) * 28_000 + (mix32(~i) % 1000);
    const expected = new Date(ms)
      .toISOString()
      .replace("T", " ")
      .replace(/\.?0*Z$/, "");
    expect(timeText(BigInt(ms) * 1000n)).toBe(expected);
  }
  expect([-1n, 0n, 1n, 86_399_999_999n].map(timeText)).toEqual([
    "1969-12-31 23:59:59.999999",
    "1970-01-01 00:00:00",
    "1970-01-01 00:00:00.000001",
    "1970-01-01 23:59:59.999999",
  ]);
});
test("a cell that is missing says nothing", () => {
  const cell = cellsOf({
    store: "f32",
    shape: [2],
    bytes: new Uint8Array(Float32Array.of(1.5, 0).buffer),
    present: { store: "bool", shape: [2], bytes: new Uint8Array(Uint32Array.of(1, 0).buffer) },
  });
  expect([cell(0), cell(1)]).toEqual([{ k: "number", value: 1.5 }, { k: "none" }]);
});
