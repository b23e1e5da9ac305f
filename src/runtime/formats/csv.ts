/** csv as RFC 4180 has it, written only: a head line, then a line per row; numbers in the fewest digits that read back. Knows no engine. */

import { HostError } from "../../ir/host.ts";
import { valueAt, view } from "../dtype.ts";
import { scalarText } from "../print.ts";
import type { Format } from "./format.ts";

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
/** lines that are put together before they are written */
const LINES = 4096;

export const csv: Format = {
  name: "csv",
  doc: "a table of numbers; nan, inf and -inf as pandas and NumPy read them",
  extensions: [".csv"],
  schema: ([path]) => {
    throw new HostError(`cannot read ${path}: csv files are only written yet`);
  },
  *encodeTable(columns, rows) {
    const cells = columns.map(([, { store, bytes }]) => {
      const values = view(store, bytes);
      return (row: number): string => scalarText(store, valueAt(store, values, row));
    });
    let text = `${columns.map(([name]) => quoted(name === "" ? "value" : name)).join(",")}\n`;
    for (let row = 0; row < rows; row++) {
      text += `${cells.map(c => c(row)).join(",")}\n`;
      if (row % LINES !== LINES - 1) continue;
      yield Buffer.from(text);
      text = "";
    }
    yield Buffer.from(text);
  },
};
