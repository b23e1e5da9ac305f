/** Text: a row per line, gzipped or not; a line ends with LF or CRLF. Knows no words. */
import { isUtf8 } from "node:buffer";
import { HostError } from "../../ir/host.ts";
import { pieceOfCsv, quoted } from "../engine/duckdb.ts";
import { contents } from "../files.ts";
import { tabular } from "./tabular.ts";

const LF = 10;
const MARK = Buffer.from("\ufeff");

/** where the lines of a file begin and end; throws where it is no UTF-8 */
function linesOf(
  path: string,
  i: number,
): { readonly bytes: Buffer; readonly ends: readonly (readonly [number, number])[] } {
  const all = Buffer.from(contents(path));
  const bytes = all.subarray(0, 3).equals(MARK) ? all.subarray(3) : all;
  const ends: (readonly [number, number])[] = [];
  for (let from = 0; from < bytes.length; ) {
    const found = bytes.indexOf(LF, from);
    const end = found < 0 ? bytes.length : found;
    ends.push([from, end > from && bytes[end - 1] === 13 && found >= 0 ? end - 1 : end]);
    from = end + 1;
  }
  if (!isUtf8(bytes)) {
    const line = ends.findIndex(([from, end]) => !isUtf8(bytes.subarray(from, end)));
    throw new HostError(`${path}, line ${line + 1}: the bytes are no UTF-8`, i);
  }
  return { bytes, ends };
}
/** a control character that no text holds */
const NEVER = "\\x01";

export const text = tabular({
  name: "text",
  doc: "a row per line",
  extensions: [".txt", ".txt.gz"],
  found: () => [{ name: "", column: { store: "string", shape: [], nullable: false } }],
  relation: path =>
    `read_csv(${quoted(path)}, auto_detect = false, header = false, delim = '${NEVER}', quote = '', escape = '', columns = {'line': 'VARCHAR'}${pieceOfCsv()})`,
  text: () => "coalesce(line, '')",
  count: path => linesOf(path, 0).ends.length,
  direct: (files, _, reads, allocate, strings) => {
    const all = files.map(linesOf);
    const rows = all.reduce((n, { ends }) => n + ends.length, 0);
    for (const { name } of reads) {
      const room = allocate(name, 4 * rows);
      const numbers = new Int32Array(room.buffer, room.byteOffset, rows);
      let row = 0;
      for (const { bytes, ends } of all)
        for (const [from, end] of ends) numbers[row++] = strings.number(bytes.toString("utf8", from, end));
    }
    return rows;
  },
});
