/** csv as RFC 4180 has it: a head line, then a line per row; numbers are written in the fewest digits that read back. */

import { HostError } from "../../ir/host.ts";
import type { Stored } from "../../ir/type.ts";
import { type Cell, cellsOf } from "../cells.ts";
import { type FieldWanted, WIDTH } from "../csv/job.ts";
import { KINDS } from "../csv/kernel-memory.ts";
import type { Store } from "../csv/odd.ts";
import { type CsvFile, countCsv, type Dialect, readCsv } from "../csv/read.ts";
import { countRecords, leafColumn, pieceOfCsv, quoted } from "../engine/duckdb.ts";
import { scalarText } from "../print.ts";
import type { Strings } from "../strings.ts";
import type { Target } from "../targets.ts";
import { columnNames } from "./csv-head.ts";
import { type Allocate, type Format, type Options, threadsOf } from "./format.ts";
import { placesIn } from "./places.ts";
import { knowingLines, ragged } from "./table-words.ts";
import { inferred, type Read, tabular } from "./tabular.ts";

const delimiterOf = (options: Options): string => String(options["delimiter"] ?? ",");
/** around cells that hold a delimiter, a line or itself, then twice; "": none */
const quoteOf = (options: Options): string => String(options["quote"] ?? QUOTE);
const QUOTE = '"';
const hasHeader = (options: Options): boolean => options["header"] !== false;
const namesOf = (path: string, options: Options): readonly string[] =>
  columnNames(path, delimiterOf(options), quoteOf(options), hasHeader(options));
const missingOf = (options: Options): readonly string[] =>
  (options["missing"] as readonly string[] | undefined) ?? ["", "NA"];
/** a column by its name, of which the engine would take capitals for small letters */
const text = leafColumn;
/** nothing is guessed: what stands in the program, or in the first line */
function relation(path: string, options: Options, names: readonly string[]): string {
  const columns = names.map(n => `${text(n)}: 'VARCHAR'`).join(", ");
  return `read_csv(${quoted(path)}, auto_detect = false, header = ${hasHeader(options)}, delim = ${quoted(delimiterOf(options))}, quote = ${quoted(quoteOf(options))}, escape = ${quoted(quoteOf(options))}, columns = {${columns}}, nullstr = [${missingOf(options).map(quoted).join(", ")}]${pieceOfCsv()})`;
}

// ---- without the engine

const dialectOf = (options: Options): Dialect => ({
  header: hasHeader(options),
  delimiter: delimiterOf(options),
  missing: missingOf(options),
});
const skipped: FieldWanted = { kind: "skip", values: -1, there: -1 };
/** fills in the columns of values and of what is there, one behind the other; undefined: a column that only the engine knows */
function direct(
  files: readonly string[],
  options: Options,
  reads: readonly Read[],
  allocate: Allocate,
  strings: Strings,
): number | undefined {
  if (quoteOf(options) !== QUOTE) return undefined;
  const columns: { readonly name: string; readonly bytes: number }[] = [];
  const fields = new Map<string, FieldWanted>();
  for (const { name, column } of reads) {
    const { store, shape, nullable } = column;
    const isText = store === "string";
    if (shape.length || !(isText || Object.hasOwn(WIDTH, store))) return undefined;
    const own = store as Store; // as: WIDTH has it, but for texts
    const kind = KINDS.find(k => k === own) ?? "text";
    const values = columns.push({ name: nullable ? `${name}.value` : name, bytes: isText ? 4 : WIDTH[own] }) - 1;
    const there = nullable ? columns.push({ name: `${name}.present`, bytes: 4 }) - 1 : -1;
    fields.set(name, { kind, ...(isText ? {} : { store: own }), values, there });
  }
  const all = files.map(
    (path): CsvFile => ({ path, fields: namesOf(path, options).map(n => fields.get(n) ?? skipped) }),
  );
  if (all.some(f => reads.some(r => !f.fields.includes(fields.get(r.name)!)))) return undefined;
  const room = (rows: number): readonly Target[] =>
    placesIn(
      allocate,
      columns.map(c => ({ name: c.name, bytes: rows * c.bytes })),
    );
  return readCsv(
    all,
    dialectOf(options),
    columns.map(c => c.bytes),
    room,
    threadsOf(options),
    strings,
  );
}
function count(path: string, options: Options, columns: number): number {
  // what the engine is compared with is counted with care: it lets an empty field at the end of a line pass, too
  if (options["rows"] === true && quoteOf(options) === QUOTE) {
    const fields = Array.from({ length: columns }, () => skipped);
    const rows = countCsv([{ path, fields }], dialectOf(options), threadsOf(options));
    if (rows !== undefined) return rows;
  }
  // the engine skips empty lines where there are several columns
  const { records, ragged: wrong } = countRecords(
    path,
    columns === 1,
    delimiterOf(options).charCodeAt(0),
    quoteOf(options).charCodeAt(0) || 0,
  );
  if (wrong) throw new HostError(ragged(`${path}, line ${wrong.line}`, wrong.fields, wrong.expected));
  return records - (hasHeader(options) ? 1 : 0);
}

const cellOf = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
/** a text that would read as a missing value has quotes, too */
const textCell = (text: string): string => (text === "" || text === "NA" ? `"${text}"` : cellOf(text));
function written(store: Stored, c: Cell): string {
  switch (c.k) {
    case "none":
      return "";
    case "number":
      return scalarText(store, c.value);
    case "text":
      return textCell(c.text);
    case "time":
      return c.text;
    case "list":
      throw new Error("internal: a list in a cell of a csv");
    default:
      return c satisfies never;
  }
}
/** lines that are put together before they are written */
const LINES = 4096;

const write: Pick<Format, "encodeTable"> = {
  *encodeTable(pieces) {
    let isFirst = true;
    for (const { columns, rows } of pieces) {
      const cells = columns.map(([, c]) => {
        const cell = cellsOf(c);
        return (row: number): string => written(c.store, cell(row));
      });
      let text = isFirst ? `${columns.map(([name]) => cellOf(name === "" ? "value" : name)).join(",")}\n` : "";
      isFirst = false;
      for (let row = 0; row < rows; row++) {
        text += `${cells.map(c => c(row)).join(",")}\n`;
        if (row % LINES !== LINES - 1) continue;
        yield Buffer.from(text);
        text = "";
      }
      yield Buffer.from(text);
    }
  },
};

export const csv: Format = tabular(
  {
    name: "csv",
    doc: "a table of text cells; nan, inf and -inf as pandas and NumPy read them",
    extensions: [".csv", ".tsv", ".csv.gz"],
    found: (path, options) => {
      const names = namesOf(path, options);
      const careful = { count: () => count(path, { ...options, rows: false }, names.length) };
      return knowingLines(careful, path, options, [], () => inferred(relation(path, options, names), names, text));
    },
    names: namesOf,
    relation: (path, options) => relation(path, options, namesOf(path, options)),
    text,
    count: (path, options, all) => count(path, options, all.length),
    direct,
  },
  write,
);
