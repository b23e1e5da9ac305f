/** Tables as lines of JSON, and those that DuckDB writes: their bytes cross as they are, lists as JSON. Knows no program. */
import { closeSync, openSync, readSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Listed } from "../../ir/plan.ts";
import { STORED_BYTES, type Stored, sizeOf } from "../../ir/type.ts";
import { type Cell, type Cells, cellsOf, missingIn, timeText } from "../cells.ts";
import { type TensorData, valueAt, view } from "../dtype.ts";
import {
  appendRows,
  engineLater,
  type Put,
  putRows,
  queryRows,
  quoted,
  named as quotedName,
  sparingly,
} from "../engine/duckdb.ts";
import type { Item } from "../lists.ts";
import type { TablePiece, TablePieces } from "../table-pieces.ts";
import { temporaryFolder } from "../temporary.ts";

type Columns = TablePiece["columns"];

const TYPES: { readonly [S in Stored]: string } = {
  bool: "boolean",
  u8: "utinyint",
  i8: "tinyint",
  u16: "usmallint",
  i32: "integer",
  u32: "uinteger",
  i64: "bigint",
  f16: "float",
  bf16: "float",
  f32: "float",
  f64: "double",
};
/** lines that are put together before they are written */
const LINES = 4096;

/** JSON has no nan and inf: they stand as text, which DuckDB casts */
const numberCell = (store: Stored, x: number | bigint): string =>
  store === "bool" ? (x ? "true" : "false") : typeof x === "bigint" || Number.isFinite(x) ? spelled(x) : `"${x}"`;
const cell = (store: Stored, c: Cell): string => {
  if (c.k === "list") return `[${c.items.map(itemCell).join(",")}]`;
  return c.k === "none" ? "null" : c.k === "number" ? numberCell(store, c.value) : JSON.stringify(c.text);
};
function itemCell(x: Item): string {
  switch (x.k) {
    case "none":
      return "null";
    case "number":
      return numberCell(x.store, x.value);
    case "text":
      return JSON.stringify(x.text);
    case "time":
      return JSON.stringify(timeText(x.ticks));
    case "tensor":
      return `[${x.items.map(itemCell).join(",")}]`;
    case "record":
      return `{${x.fields.map(([n, v]) => `${JSON.stringify(n)}:${itemCell(v)}`).join(",")}}`;
    case "list":
      return `[${x.items.map(itemCell).join(",")}]`;
    default:
      return x satisfies never;
  }
}
/** what is in a column of lists, as the engine says what JSON is to become */
function structureOf(of: Listed): Structure {
  switch (of.k) {
    case "scalar":
      return of.elem === "string" ? "VARCHAR" : of.elem === "time" ? "TIMESTAMP" : TYPES[of.elem].toUpperCase();
    case "tensor":
      return [TYPES[of.elem].toUpperCase()];
    case "maybe":
      return structureOf(of.of);
    case "record":
      return Object.fromEntries(of.fields.map(([n, x]) => [n, structureOf(x)]));
    case "list":
      return [structureOf(of.of)];
    default:
      return of satisfies never;
  }
}
type Structure = string | readonly Structure[] | { readonly [name: string]: Structure };
const spelled = (x: number | bigint): string => (Object.is(x, -0) ? "-0.0" : String(x));
/** a record per line; what is no scalar is a flat list */
export function* jsonLines(pieces: TablePieces): Iterable<Uint8Array> {
  for (const p of pieces) yield* linesOf(p);
}
function* linesOf({ columns, rows }: TablePiece): Iterable<Uint8Array> {
  const cells = columns.map(([name, c]) => {
    const { store, shape } = c;
    const at = cellsOf(c);
    const size = sizeOf(shape.slice(1));
    const key = JSON.stringify(name === "" ? "value" : name);
    const one = (i: number): string => cell(store, at(i));
    const missing = missingIn(c);
    return (row: number): string =>
      shape.length > 1 && missing(1, row * size)
        ? `${key}:null`
        : shape.length > 1
          ? `${key}:[${Array.from({ length: size }, (_, k) => one(row * size + k)).join(",")}]`
          : `${key}:${one(row)}`;
  });
  let text = "";
  for (let row = 0; row < rows; row++) {
    text += `{${cells.map(c => c(row)).join(",")}}\n`;
    if (row % LINES !== LINES - 1) continue;
    yield Buffer.from(text);
    text = "";
  }
  yield Buffer.from(text);
}
/** rows that DuckDB writes of a file's part at once, and what they take at most: each of its threads holds such a part */
const [PART, PART_BYTES] = [60 * 2048, 1 << 23];
/** of a text, and of a list, so many bytes are expected */
const TEXT = 64;

/** the bytes of the file that `copy .. to` makes of the table; `about`: what it says of itself */
export function* copied(
  pieces: TablePieces,
  format: string,
  about: (columns: Columns) => Readonly<Record<string, string>>,
): Iterable<Uint8Array> {
  const folder = temporaryFolder("table");
  try {
    const file = join(folder, "table");
    let [first, rows]: [Columns, number] = [[], 0];
    for (const piece of pieces) {
      const columns = piece.columns.flatMap(([, c]) => putsOf(c, piece.rows));
      if (!first.length) {
        first = piece.columns;
        putRows("hsc_saved", columns, piece.rows);
      } else if (piece.rows) appendRows("hsc_saved", columns, piece.rows);
      rows += piece.rows;
    }
    let at = 0;
    const cells = first.map(([name, c]) => {
      const own = sqlOf(c, `c${at++}`);
      const there = c.present ? `case when c${at++} <> 0 then ${own} end` : own;
      return `${there} as ${quotedName(name === "" ? "value" : name)}`;
    });
    const bytes = first.reduce(
      (n, [, c]) => n + (c.texts ? TEXT : STORED_BYTES[c.store] * sizeOf(c.shape.slice(1))),
      1,
    );
    const part = Math.max(2048, Math.min(PART, 2048 * Math.floor(PART_BYTES / bytes / 2048)));
    const pairs = Object.entries(about(first)).map(([k, v]) => `${quoted(k)}: ${quoted(v)}`);
    const options = [
      `format ${format}`,
      `row_group_size ${part}`,
      ...(pairs.length ? [`kv_metadata {${pairs.join(", ")}}`] : []),
    ];
    const copy = `copy (select ${cells.join(", ")} from hsc_saved) to ${quoted(file)} (${options.join(", ")})`;
    const [[written]] = sparingly(() => queryRows(copy)) as [[unknown]]; // as: one row of one
    if (Number(written) !== rows) throw new Error(`internal: ${String(written)} of ${rows} rows were written`);
    const made = openSync(file, "r");
    try {
      for (const piece = Buffer.alloc(1 << 20); ; ) {
        const got = readSync(made, piece);
        if (got === 0) return;
        yield Buffer.from(piece.subarray(0, got));
      }
    } finally {
      closeSync(made);
    }
  } finally {
    engineLater("drop table if exists hsc_saved");
    rmSync(folder, { recursive: true, force: true });
  }
}
/** the first `rows` rows of a column as they cross, and behind it which of them are there */
function putsOf(c: Cells, rows: number): readonly Put[] {
  const size = sizeOf(c.shape.slice(1));
  const present: readonly Put[] = c.present ? [{ type: "UINTEGER", size: 0, bytes: some(c.present, rows) }] : [];
  if (c.texts) {
    const at = cellsOf(c);
    const texts = Array.from({ length: rows }, (_, i) => {
      const x = at(i);
      return x.k === "list" ? cell(c.store, x) : x.k === "text" ? x.text : "";
    });
    return [{ type: "VARCHAR", size: 0, texts }, ...present];
  }
  const bytes = some(c, rows);
  const own = c.store === "f16" || c.store === "bf16" ? singles(c.store, bytes) : bytes;
  return [{ type: crossing(c.store), size: c.shape.length > 1 ? size : 0, bytes: own }, ...present];
}
const some = ({ store, shape, bytes }: TensorData, rows: number): Uint8Array =>
  bytes.subarray(0, rows * STORED_BYTES[store] * sizeOf(shape.slice(1)));
function singles(store: Stored, bytes: Uint8Array): Uint8Array {
  const values = view(store, bytes);
  return new Uint8Array(
    Float32Array.from({ length: values.length }, (_, i) => Number(valueAt(store, values, i))).buffer,
  );
}
/** a bool is a word of 32 bits */
const crossing = (store: Stored): string => (store === "bool" ? "UINTEGER" : TYPES[store].toUpperCase());
/** what crossed as `x`, as it is to be written; the engine chooses between lists, not between those of a fixed length */
function sqlOf({ store, shape, times, list, texts, present }: Cells, x: string): string {
  if (list) return `from_json(${x}, ${quoted(JSON.stringify([structureOf(list)]))})`;
  if (texts) return x;
  if (times) return `make_timestamp(${x})`;
  const type = store === "bool" ? "BOOLEAN" : crossing(store);
  if (shape.length > 1) return present || store === "bool" ? `${x}::${type}[]` : x;
  return store === "bool" ? `${x} <> 0` : x;
}
