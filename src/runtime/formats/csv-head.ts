/** The first line of a csv file: names of columns, once each. RFC 4180, gzipped or not, with or without a byte order mark. */
import { HostError } from "../../ir/host.ts";
import { beginning } from "../files.ts";

const MOST = 1 << 20;
const REPLACED = "\ufffd";

/** the fields of the first line that is not empty */
function firstLine(path: string, delimiter: string, quote: string): readonly string[] {
  const b = beginning(path, MOST);
  if (b.length === 0 && !/\.gz$/i.test(path)) throw new HostError(`${path} is empty, a csv file was expected`);
  const text = decode(path, b);
  const fields: string[] = [];
  let [field, quotes] = ["", false];
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (quotes) {
      if (c !== quote) field += c;
      else if (text[i + 1] === quote) field += text[++i];
      else quotes = false;
    } else if (c === quote && field === "") quotes = true;
    else if (c === delimiter) {
      fields.push(field);
      field = "";
    } else if (c === "\n" || c === "\r") {
      if (fields.length || field) break;
    } else field += c;
  }
  if (!fields.length && !field) throw new HostError(`${path} has no line with names of columns`);
  // the decoder puts this sign for what is none, and it may stand there itself
  if (
    [...fields, field].some(f => f.includes(REPLACED)) &&
    !Buffer.from(b.buffer, b.byteOffset, b.length).includes(REPLACED)
  )
    throw new HostError(`${path}, line 1: the bytes are no UTF-8`);
  return [...fields, field];
}
function decode(path: string, b: Uint8Array): string {
  if (b.includes(0)) throw new HostError(`${path} is a binary file (a zero byte at offset ${b.indexOf(0)}), not csv`);
  // an unfinished character at the end of the piece is no error; others are found with their lines when the rows are read
  return new TextDecoder("utf-8").decode(b, { stream: true });
}
/** names by the first line; twice the same is an error */
export function columnNames(path: string, delimiter: string, quote: string, header: boolean): readonly string[] {
  const first = firstLine(path, delimiter, quote);
  const names = header ? first.map((n, i) => n.trim() || `column${i}`) : first.map((_, i) => `column${i}`);
  const twice = names.find((n, i) => names.indexOf(n) !== i);
  if (twice !== undefined) throw new HostError(`${path} has two columns \`${twice}\``);
  return names;
}
