/** What is wrong with a table, in our words: a cell by its file, row and column, and what the engine has to say. Knows no format. */
import { HostError } from "../../ir/host.ts";
import { type Column, showList } from "../../ir/type.ts";
import { EngineError } from "../engine/duckdb.ts";
import type { Options } from "./format.ts";
import type { Found, Read, Tabular } from "./tabular.ts";

export function show({ store, shape, list }: Column): string {
  return list ? showList(list) : `${store}${shape.length ? `[${shape.join(", ")}]` : ""}`;
}
/** `found`: what stands there; undefined: nothing. `row` counts from 0, `i` is the place of the file among those of the source */
export function wrongCell(path: string, i: number, row: number, r: Read, found: string | undefined): HostError {
  const at = `${path}, row ${row + 1}, column \`${r.name}\``;
  if (found !== undefined) {
    const other =
      r.column.store === "time" ? ': where it is written otherwise, read a string, and parse_time(.., "%d.%m.%Y")' : "";
    return new HostError(`${at}: ${JSON.stringify(found.slice(0, 60))} is no ${show(r.column)}${other}`, i);
  }
  const isScalar = !r.column.shape.length && !r.column.list;
  const help = isScalar ? `: \`${show(r.column)}?\` in the written type takes it as missing` : "";
  return new HostError(`${at}: there is no value, and ${show(r.column)} needs one${help}`, i);
}
/** a record with more fields or fewer than the first; `at`: file and line */
export function ragged(at: string, fields: number, expected: number): string {
  const other = expected === 1 ? ': csv(.., delimiter: ";") where no comma stands between them' : "";
  return `${at}: ${fields} fields, the first line has ${expected}${other}`;
}

/** who counts the rows knows in which line of the file one is ragged; the engine counts those within quotes as one */
export function knowingLines<T>(
  t: Pick<Tabular, "count">,
  path: string,
  options: Options,
  all: readonly Found[],
  f: () => T,
): T {
  try {
    return f();
  } catch (e) {
    if (e instanceof EngineError) t.count?.(path, options, all);
    throw e;
  }
}

/** the engine's words as ours */
export function speaking<T>(path: string, f: () => T, i?: number): T {
  try {
    return f();
  } catch (e) {
    if (!(e instanceof EngineError)) throw e;
    throw new HostError(translated(path, e.message), i);
  }
}
function translated(path: string, message: string): string {
  const line = /CSV Error on Line: (\d+)/.exec(message)?.[1];
  const fields = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(message);
  const at = line === undefined ? path : `${path}, line ${line}`;
  if (fields) return ragged(at, Number(fields[2]), Number(fields[1]));
  if (/not utf-8|Invalid unicode/i.test(message)) return `${at}: the bytes are no UTF-8`;
  if (/unterminated quote/i.test(message)) return `${at}: a quote is left open`;
  const json =
    /^.*?(Malformed JSON|JSON transform error) in file ".*?",(?: at byte \d+)? in (line|record\/value) (\d+): ([^\n]*?)\.? *(?:Try .*)?$/m.exec(
      message,
    );
  if (json) {
    // of what it cannot take apart the engine names the line behind
    const place = Number(json[3]) - (json[1] === "Malformed JSON" ? 1 : 0);
    return `${path}, ${json[2] === "line" ? "line" : "row"} ${place}: ${json[4]}`;
  }
  if (/not a GZIP stream/i.test(message)) return `${path} is damaged: it is no gzip file`;
  if (/state machine reached an invalid state/.test(message))
    return `${path} is no csv file as RFC 4180 has it: ends of lines differ, or quotes stand within fields`;
  if (message.startsWith("damaged")) return `${path} is ${message}`;
  const first = message.replace(/^(Invalid Input|Binder|IO|Conversion|Parser|Catalog) Error: /, "").split("\n")[0]!;
  return `cannot read ${path}: ${first}`;
}
