/** Tables that DuckDB writes: numbers cross as lines of JSON, which read back as they were, through files of our own. Knows no program. */
import { closeSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Listed } from "../../ir/plan.ts";
import { type Stored, sizeOf } from "../../ir/type.ts";
import { type Cell, cellsOf, missingIn, timeText } from "../cells.ts";
import { queryRows, quoted } from "../engine/duckdb.ts";
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
/** what a column of lists is to the engine */
function typeOf(of: Listed): string {
  switch (of.k) {
    case "scalar":
      return of.elem === "string" ? "varchar" : of.elem === "time" ? "timestamp" : TYPES[of.elem];
    case "tensor":
      return `${TYPES[of.elem]}[${sizeOf(of.shape)}]`;
    case "maybe":
      return typeOf(of.of);
    case "record":
      return `struct(${of.fields.map(([n, x]) => `"${n.replaceAll('"', '""')}" ${typeOf(x)}`).join(", ")})`;
    case "list":
      return `${typeOf(of.of)}[]`;
    default:
      return of satisfies never;
  }
}
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
/** the bytes of the file that `copy .. to` makes of the table; `about`: what it says of itself */
export function* copied(
  pieces: TablePieces,
  format: string,
  about: (columns: Columns) => Readonly<Record<string, string>>,
): Iterable<Uint8Array> {
  const folder = temporaryFolder("table");
  try {
    const [lines, file] = [join(folder, "rows.json"), join(folder, "table")];
    const fd = openSync(lines, "wx");
    let [first, rows]: [Columns, number] = [[], 0];
    try {
      for (const { columns, rows: more } of pieces) {
        if (!first.length) first = columns;
        rows += more;
        // instants cross as numbers: those of all years have one
        const plain = columns.map(([name, { times: _, ...c }]) => [name, c] as const);
        for (const c of linesOf({ columns: plain, rows: more }))
          for (let at = 0; at < c.length; ) at += writeSync(fd, c, at);
      }
    } finally {
      closeSync(fd);
    }
    const named = first.map(([name, c]) => [name === "" ? "value" : name, c] as const);
    const types = named.map(([name, { store, shape, texts, list: of }]) => {
      if (of) return `${quoted(name)}: ${quoted(`${typeOf(of)}[]`)}`;
      const list = shape.length > 1 ? `[${sizeOf(shape.slice(1))}]` : "";
      return `${quoted(name)}: '${texts ? "varchar" : TYPES[store]}${list}'`;
    });
    const cells = named.map(([name, { times }]) => {
      const column = `"${name.replaceAll('"', '""')}"`;
      return times ? `make_timestamp(${column}) as ${column}` : column;
    });
    const from = `read_json(${quoted(lines)}, format = 'newline_delimited', columns = {${types.join(", ")}})`;
    const pairs = Object.entries(about(first)).map(([k, v]) => `${quoted(k)}: ${quoted(v)}`);
    const more = pairs.length ? `, kv_metadata {${pairs.join(", ")}}` : "";
    const written = queryRows(
      `copy (select ${cells.join(", ")} from ${from}) to ${quoted(file)} (format ${format}${more})`,
    )[0]![0];
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
    rmSync(folder, { recursive: true, force: true });
  }
}
