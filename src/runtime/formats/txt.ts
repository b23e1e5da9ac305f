/** Text, written as it is: one string, or a row per line. Knows nothing. */
import { HostError } from "../../ir/host.ts";
import { cellsOf } from "../cells.ts";
import type { Format } from "./format.ts";

export const txt: Format = {
  name: "txt",
  doc: "a string in UTF-8, or a string per line",
  extensions: [".txt"],
  schema: ([path]) => {
    throw new HostError(`cannot read ${path}: text files are only written yet`);
  },
  encodeText: text => [Buffer.from(text)],
  *encodeTable(pieces) {
    let before = 0;
    for (const { columns, rows } of pieces) {
      const cell = cellsOf(columns[0]![1]);
      for (let row = 0; row < rows; row++) {
        const c = cell(row);
        const text = c.k === "text" ? c.text : "";
        if (/[\r\n]/.test(text))
          throw new HostError(
            `row ${before + row + 1} has several lines: a .txt file has a row per line, .csv and .json hold any text`,
          );
        yield Buffer.from(`${text}\n`);
      }
      before += rows;
    }
  },
};
