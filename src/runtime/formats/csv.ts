/** csv as RFC 4180 has it: a head line, then a line per row; numbers are written in the fewest digits that read back. */

import type { Stored } from "../../ir/type.ts";
import { type Cell, cellsOf } from "../cells.ts";
import { countRecords } from "../engine/duckdb.ts";
import { scalarText } from "../print.ts";
import { columnNames } from "./csv-head.ts";
import type { Format, Options } from "./format.ts";
import { inferred, named, quoted, tabular } from "./tabular.ts";

const delimiterOf = (options: Options): string => String(options["delimiter"] ?? ",");
const hasHeader = (options: Options): boolean => options["header"] !== false;
const namesOf = (path: string, options: Options): readonly string[] =>
  columnNames(path, delimiterOf(options), hasHeader(options));
/** nothing is guessed: what stands in the program, or in the first line */
function relation(path: string, options: Options, names: readonly string[]): string {
  const missing = (options["missing"] as readonly string[] | undefined) ?? ["", "NA"];
  const columns = names.map(n => `${quoted(n)}: 'VARCHAR'`).join(", ");
  return `read_csv(${quoted(path)}, auto_detect = false, header = ${hasHeader(options)}, delim = ${quoted(delimiterOf(options))}, quote = '"', escape = '"', columns = {${columns}}, nullstr = [${missing.map(quoted).join(", ")}])`;
}
const text = (name: string): string => named(name);
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
    default:
      return c satisfies never;
  }
}
/** lines that are put together before they are written */
const LINES = 4096;

const write: Pick<Format, "encodeTable"> = {
  *encodeTable(columns, rows) {
    const cells = columns.map(([, c]) => {
      const cell = cellsOf(c);
      return (row: number): string => written(c.store, cell(row));
    });
    let text = `${columns.map(([name]) => cellOf(name === "" ? "value" : name)).join(",")}\n`;
    for (let row = 0; row < rows; row++) {
      text += `${cells.map(c => c(row)).join(",")}\n`;
      if (row % LINES !== LINES - 1) continue;
      yield Buffer.from(text);
      text = "";
    }
    yield Buffer.from(text);
  },
};

export const csv: Format = tabular(
  {
    name: "csv",
    doc: "a table of text cells; nan, inf and -inf as pandas and NumPy read them",
    extensions: [".csv", ".tsv", ".csv.gz"],
    found: (path, options) => {
      const names = namesOf(path, options);
      return inferred(relation(path, options, names), names, text);
    },
    relation: (path, options) => relation(path, options, namesOf(path, options)),
    text,
    // the engine skips empty lines where there are several columns
    count: (path, options, all) => countRecords(path, all.length === 1) - (hasHeader(options) ? 1 : 0),
  },
  write,
);
