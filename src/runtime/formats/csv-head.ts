/** The first line of a csv file: names of columns, once each. RFC 4180, gzipped or not, with or without a byte order mark. */
import { constants, gunzipSync } from "node:zlib";
import { HostError } from "../../ir/host.ts";
import { head, withInput } from "../files.ts";

const MOST = 1 << 20;

/** the fields of the first line that is not empty */
function firstLine(path: string, delimiter: string): readonly string[] {
  const text = withInput(path, f => {
    const b = head(f, MOST);
    if (b.length === 0) throw new HostError(`${path} is empty, a csv file was expected`);
    if (!/\.gz$/i.test(path)) return decode(path, b);
    try {
      return decode(path, gunzipSync(b, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 1 << 28 }));
    } catch (e) {
      if (e instanceof HostError) throw e;
      throw new HostError(`${path} is damaged: ${(e as Error).message}`);
    }
  });
  const fields: string[] = [];
  let [field, quotes] = ["", false];
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (quotes) {
      if (c !== '"') field += c;
      else if (text[i + 1] === '"') field += text[++i];
      else quotes = false;
    } else if (c === '"' && field === "") quotes = true;
    else if (c === delimiter) {
      fields.push(field);
      field = "";
    } else if (c === "\n" || c === "\r") {
      if (fields.length || field) break;
    } else field += c;
  }
  if (!fields.length && !field) throw new HostError(`${path} has no line with names of columns`);
  return [...fields, field];
}
function decode(path: string, b: Uint8Array): string {
  if (b.includes(0)) throw new HostError(`${path} is a binary file (a zero byte at offset ${b.indexOf(0)}), not csv`);
  // an unfinished character at the end of the piece is no error; others are found with their lines when the rows are read
  return new TextDecoder("utf-8").decode(b, { stream: true });
}
/** names by the first line; twice the same is an error */
export function columnNames(path: string, delimiter: string, header: boolean): readonly string[] {
  const first = firstLine(path, delimiter);
  const names = header ? first.map((n, i) => n.trim() || `column${i}`) : first.map((_, i) => `column${i}`);
  const twice = names.find((n, i) => names.indexOf(n) !== i);
  if (twice !== undefined) throw new HostError(`${path} has two columns \`${twice}\``);
  return names;
}
