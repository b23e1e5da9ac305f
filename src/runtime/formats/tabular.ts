/**
 * What csv, json and parquet have in common: columns by name, read by DuckDB as text or as typed, cast to what the program wants, one row
 * for each of the file's; a cell that is none of it is an error with its file, row and column. Knows no format.
 */
import { statSync } from "node:fs";
import { HostError } from "../../ir/host.ts";
import { type Column, STORED_BYTES, type Stored, sizeOf } from "../../ir/type.ts";
import { writer } from "../csv/read.ts";
import { view } from "../dtype.ts";
import {
  appendRows,
  EngineError,
  named,
  type Put,
  queryColumns,
  queryRows,
  quoted,
  type Wanted,
} from "../engine/duckdb.ts";
import { numberTexts, renumbered } from "../engine/texts.ts";
import { head, withInput } from "../files.ts";
import { makeStrings, type Strings } from "../strings.ts";
import { type Allocate, type Format, kernelStore, type Options } from "./format.ts";
import { Passing } from "./passing.ts";
import { placesIn } from "./places.ts";

/** a column as the file has it */
export interface Found {
  readonly name: string;
  readonly column: Column;
  /** nothing is known of it: all cells of the sample are empty */
  readonly empty?: true;
}
/** a column that a program reads */
export interface Read {
  readonly name: string;
  readonly column: Column;
}
export interface Tabular {
  readonly name: string;
  readonly doc: string;
  readonly extensions: readonly string[];
  /** columns of a file, from its head or a sample of its rows */
  readonly found: (path: string, options: Options) => readonly Found[];
  /** names of a file's columns, by its first line; with it, what cells are is not looked at twice: it is seen when they are read */
  readonly names?: (path: string, options: Options) => readonly string[];
  /** SQL of the rows of a file */
  readonly relation: (path: string, options: Options, all: readonly Found[]) => string;
  /** SQL of the rows of all files, with the columns file_index and file_row_number; with it, `found` is true of every row */
  readonly numbered?: (paths: readonly string[]) => string;
  /** SQL of a cell as text; absent: cells have types */
  readonly text?: (name: string) => string;
  /** rows, counted without reading them as `relation` does */
  readonly count?: (path: string, options: Options, all: readonly Found[]) => number;
  /** the rows of all files, read without the engine, and their number; undefined: they are not so plain that it can */
  readonly direct?: (
    files: readonly string[],
    options: Options,
    reads: readonly Read[],
    allocate: Allocate,
    strings: Strings,
  ) => number | undefined;
}

/** `columns`, where a program wrote a type or check looked at the file: [name, stored, shape, nullable] */
function readsOf(options: Options): readonly Read[] | undefined {
  const columns = options["columns"] as readonly (readonly [string, Column["store"], readonly number[], boolean])[];
  return columns?.map(([name, store, shape, nullable]) => ({ name, column: { store, shape, nullable } }));
}
/** a column that may be missing is stored as two: its values, 0 where there is none, and whether there is one */
const stored = (reads: readonly Read[]): Record<string, Column> =>
  Object.fromEntries(
    reads.flatMap(({ name, column }): [string, Column][] => {
      const { store, shape, nullable } = column;
      const own: Column = { store: kernelStore(store), shape, nullable: false };
      if (!nullable) return [[name, own]];
      return [
        [`${name}.value`, own],
        [`${name}.present`, { store: "bool", shape: [], nullable: false }],
      ];
    }),
  );

/** looks at each file once while it stays as it is */
function remembering(t: Tabular): Tabular {
  const known = new Map<string, readonly Found[]>();
  const found: Tabular["found"] = (path, options) => {
    const { size, mtimeMs } = statSync(path);
    const key = JSON.stringify([path, size, mtimeMs, { ...options, columns: 0, only: 0, rows: 0 }]);
    const all = known.get(key) ?? t.found(path, options);
    known.set(key, all);
    return all;
  };
  return { ...t, found };
}

export function tabular(format: Tabular, more: Partial<Format> = {}): Format {
  const t = remembering(format);
  const found = (files: readonly string[], options: Options): readonly Found[] => {
    files.forEach((path, i) => {
      const empty = withInput(path, f => head(f, 1).length === 0);
      if (empty)
        throw new HostError(`${path} is empty, ${/^[aeiou]/.test(t.name) ? "an" : "a"} ${t.name} file was expected`, i);
    });
    return t.found(files[0]!, options);
  };
  return {
    name: t.name,
    doc: t.doc,
    extensions: t.extensions,
    schema: (files, options) => {
      const asked = readsOf(options);
      if (asked && t.names && options["reading"] === true) {
        files.forEach((path, i) => {
          const names = t.names!(path, options);
          const missing = asked.find(r => !names.includes(r.name));
          if (missing) throw new HostError(`no column \`${missing.name}\` in ${path}`, i);
        });
        return { columns: stored(asked) };
      }
      const all = speaking(files[0]!, () => found(files, options));
      const reads = readsOf(options);
      if (!reads) return { columns: Object.fromEntries(all.map(({ name, column }) => [name, column])) };
      for (const r of reads) expectColumn(files[0]!, r, all);
      const columns = stored(reads);
      return options["rows"] === true ? { columns, rows: counted(t, files, options) } : { columns };
    },
    rows: (files, options, allocate, strings) => {
      const reads = readsOf(options) ?? t.found(files[0]!, options);
      const only = options["only"] as readonly string[] | undefined;
      const names = new Set(only ?? Object.keys(stored(reads)));
      const wanted = reads.filter(
        r => names.has(r.name) || names.has(`${r.name}.value`) || names.has(`${r.name}.present`),
      );
      const rows =
        t.direct?.(files, options, wanted, allocate, strings) ??
        speaking(files[0]!, () => load(t, files, options, wanted, allocate, strings));
      return { rows, columns: stored(reads) };
    },
    relation: (files, options, name) => relation(t, files, options, name),
    ...more,
  };
}
/** rows of all files */
const counted = (t: Tabular, files: readonly string[], options: Options): number =>
  files.reduce((n, path, i) => {
    const rows = (): number => {
      const all = t.found(path, options);
      return (
        t.count?.(path, options, all) ??
        Number(queryRows(`select count(*) from ${t.relation(path, options, all)}`)[0]![0])
      );
    };
    return n + speaking(path, rows, i);
  }, 0);
const isNumber = (s: Column["store"]): s is Stored => s !== "string" && s !== "time";
const show = ({ store, shape }: Column): string => `${store}${shape.length ? `[${shape.join(", ")}]` : ""}`;
function expectColumn(path: string, { name, column }: Read, all: readonly Found[]): void {
  const known = all.find(f => f.name === name);
  if (known?.empty) return;
  const f = known?.column;
  if (!f) throw new HostError(`no column \`${name}\` in ${path}`);
  const whole = f.store === "f32" || f.store === "f64" || f.store === "f16";
  const vector = f.shape.length > 0;
  const fits =
    f.store === column.store ||
    column.store === "string" ||
    (isNumber(column.store) &&
      isNumber(f.store) &&
      (f.store === "bool") === (column.store === "bool") &&
      !(whole && !/^f/.test(column.store)));
  if (
    !fits ||
    vector !== column.shape.length > 0 ||
    sizeOf(f.shape) !== sizeOf(column.shape) ||
    column.store === "f16" ||
    column.store === "bf16"
  )
    throw new HostError(`column \`${name}\` of ${path} is ${show(f)}, not ${show(column)}`);
}

/** how a value is asked for: its SQL type, and that of an element that crosses to the kernels */
const SQL: { readonly [S in Stored | "time"]?: string } = {
  bool: "integer",
  u8: "utinyint",
  i8: "tinyint",
  u16: "usmallint",
  i32: "integer",
  u32: "uinteger",
  i64: "bigint",
  f32: "float",
  f64: "double",
  time: "bigint",
};
/** SQL of a cell as the program stores it, null where it is none */
function value(t: Tabular, { name, column }: Read): string {
  const { store, shape } = column;
  const type = SQL[store as Stored] ?? "";
  const cell = t.text?.(name) ?? named(name);
  if (shape.length) {
    return `try_cast(${cell} as ${type}[${sizeOf(shape)}])`;
  }
  if (store === "string") return t.text ? cell : `(${cell})::varchar`;
  if (store === "time") return `epoch_us(try_cast(${cell} as timestamp))`;
  if (!t.text) return store === "bool" ? `(${cell})::integer` : `try_cast(${cell} as ${type})`;
  const x = `trim(${cell})`;
  if (store === "bool")
    return `case lower(${x}) when 'true' then 1 when 'false' then 0 when '1' then 1 when '0' then 0 end`;
  // DuckDB takes 1_000 as 1000 and rounds 1.5 to 2
  return /^f/.test(store)
    ? `case when not contains(${cell}, '_') then try_cast(${x} as ${type}) end`
    : `case when regexp_full_match(${x}, '[+-]?[0-9]+') then try_cast(${x} as ${type}) end`;
}

/** SQL of the cells of a file as the program stores them, and whether one is none (v0, m0 ..) */
function cellsOf(t: Tabular, reads: readonly Read[], more: string, from: string): string {
  const values = reads.map((r, i) => `${value(t, r)} as v${i}`);
  const missing = reads.map((r, i) => `(${t.text?.(r.name) ?? named(r.name)}) is null as m${i}`);
  return `select ${[...values, ...missing, more].join(", ")} from ${from}`;
}
/** makes a table of the rows of all files, in order: as many as the files have, or an error; gives their number */
function staged(t: Tabular, files: readonly string[], options: Options, reads: readonly Read[], table: string): number {
  const all = t.found(files[0]!, options);
  const bad = reads.map((r, i) => `when v${i} is null${r.column.nullable ? ` and not m${i}` : ""} then ${i}`);
  const columns = reads.flatMap((r, i) => parts(r, i));
  const outer = [
    ...columns.map(c => `${c.sql} as ${c.as}`),
    `${bad.length ? `case ${bad.join(" ")} end` : "null"}::smallint as bad`,
  ];
  let rows = 0;
  files.forEach((path, i) => {
    const query = `select ${outer.join(", ")} from (${cellsOf(t, reads, "1 as one", t.relation(path, options, all))})`;
    speaking(
      path,
      () =>
        knowingLines(t, path, options, all, () =>
          queryRows(i === 0 ? `create or replace temp table ${table} as ${query}` : `insert into ${table} ${query}`),
        ),
      i,
    );
    const now = Number(queryRows(`select count(*) from ${table}`)[0]![0]);
    const own = t.count ? speaking(path, () => t.count!(path, options, all), i) : now - rows;
    if (own !== now - rows)
      throw new HostError(`${path} has ${own} rows, and DuckDB read ${now - rows} of them: is a quote left open?`, i);
    const wrong = queryRows(
      `select rowid, bad from ${table} where bad is not null and rowid >= ${rows} order by rowid limit 1`,
    )[0];
    if (wrong) throw cellError(t, path, i, Number(wrong[0]) - rows, reads[Number(wrong[1])]!, options, all);
    rows = now;
  });
  return rows;
}
/** the rows of all files, in order, in the memory that `allocate` gives */
function load(
  t: Tabular,
  files: readonly string[],
  options: Options,
  reads: readonly Read[],
  allocate: Allocate,
  strings: Strings,
): number {
  const columns = reads.flatMap((r, i) => parts(r, i));
  const rows = staged(t, files, options, reads, "hsc_rows");
  const { put, close } = writer(
    placesIn(
      allocate,
      columns.map(c => ({ name: c.name, bytes: rows * c.bytes })),
    ),
  );
  const shapes: readonly Wanted[] = columns.map(({ bytes, list }) => ({ bytes, list }));
  const numbers = numberTexts(
    "hsc_rows",
    columns.filter(c => c.text).map(c => c.as),
    strings,
  );
  const cells = columns.map(c => (c.text ? `enum_code(${c.as}::hsc_texts)::integer` : c.as));
  const got = columns.length
    ? queryColumns(`select ${cells.join(", ")} from hsc_rows`, shapes, (pieces, _, before) => {
        pieces.forEach((p, k) => {
          put(k, before * columns[k]!.bytes, columns[k]!.text ? renumbered(p, numbers) : p);
        });
      })
    : rows;
  close();
  queryRows("drop table hsc_rows");
  if (got !== rows) throw new HostError(`DuckDB's result of ${files.join(", ")} ended after ${got} of ${rows} rows`);
  return rows;
}

/** no cell of the files can be wrong: their types are those that are wanted, and they have a value wherever one must be */
const isSound = (t: Tabular, files: readonly string[], options: Options, reads: readonly Read[]): boolean =>
  t.numbered !== undefined &&
  files.every((path, i) => {
    const all = speaking(path, () => t.found(path, options), i);
    return reads.every(({ name, column }) => {
      const own = all.find(f => f.name === name)?.column;
      const isFit = own?.store === column.store && own.shape.length + column.shape.length === 0;
      return isFit && (column.nullable || !own.nullable);
    });
  });
/** of a relation: a row that is one cell has a leaf without a name, and a file may have a column `i0` */
const leafColumn = (leaf: string): string => named(`.${leaf}`);
/** a relation of the rows of all files, in order: leaves as `leafColumn` names them, `i0` their position. A table `name` may be made for it */
function relation(t: Tabular, files: readonly string[], options: Options, name: string): string {
  const reads = readsOf(options) ?? t.found(files[0]!, options);
  const columns = reads.flatMap((r, i) => parts(r, i));
  if (!isSound(t, files, options, reads)) {
    if (!putDirect(t, files, options, reads, columns, name))
      speaking(files[0]!, () => staged(t, files, options, reads, name));
    return `(select ${[...columns.map(c => `${c.as} as ${leafColumn(c.name)}`), "rowid as i0"].join(", ")} from ${name})`;
  }
  // all files in one scan, which goes from file to file
  const counts = files.length > 1 ? files.map(path => counted(t, [path], options)) : [0];
  const before = counts.map((_, i) => counts.slice(0, i).reduce((a, b) => a + b, 0));
  const position = `file_row_number + ([${before.join(", ")}]::BIGINT[])[file_index::BIGINT + 1] as i0`;
  const cells = columns.map(c => `${c.sql} as ${leafColumn(c.name)}`);
  return `(select ${[...cells, "i0"].join(", ")} from (${cellsOf(t, reads, position, t.numbered!(files))}))`;
}
/** makes the table `name` of rows that are read without the engine; false: they are not so plain that they can be */
function putDirect(
  t: Tabular,
  files: readonly string[],
  options: Options,
  reads: readonly Read[],
  columns: readonly Part[],
  name: string,
): boolean {
  if (!t.direct || reads.some(r => r.column.shape.length)) return false;
  const strings = makeStrings([]);
  const all = new Passing();
  try {
    const rows = t.direct(files, options, reads, all.allocate, strings);
    if (rows === undefined) return false;
    const types = columns.map(c => `${c.as} ${c.type}`);
    queryRows(`create or replace temp table ${name} (${types.length ? types.join(", ") : "one INTEGER"})`);
    if (!columns.length) queryRows(`insert into ${name} select 1 from range(${rows})`);
    for (let from = 0; columns.length && from < rows; from += AT_ONCE) {
      const count = Math.min(AT_ONCE, rows - from);
      const puts = columns.map((c): Put => {
        const bytes = all.read(c.name, from * c.bytes, count * c.bytes);
        if (!c.text) return { type: c.type, size: 0, bytes };
        return { type: "VARCHAR", size: 0, texts: Array.from(view("i32", bytes) as Int32Array, n => strings.text(n)) }; // as: what `view` gives for i32
      });
      appendRows(name, puts, count);
    }
    return true;
  } finally {
    all.close();
  }
}
/** rows that cross to the engine at once */
const AT_ONCE = 1 << 17;
interface Part {
  readonly name: string;
  /** its cells, and its name in `hsc_rows` */
  readonly sql: string;
  readonly as: string;
  /** it holds texts, whose numbers are handed on */
  readonly text: boolean;
  /** of a table that holds it */
  readonly type: string;
  /** of one row */
  readonly bytes: number;
  readonly list: boolean;
}
function parts({ name, column }: Read, i: number): readonly Part[] {
  const { store, shape, nullable } = column;
  const text = store === "string";
  const bytes = STORED_BYTES[kernelStore(store)] * sizeOf(shape);
  const list = shape.length > 0;
  const own = { as: `v${i}`, text, bytes, list, type: text ? "VARCHAR" : (SQL[store as Stored] ?? "") };
  if (!nullable) return [{ ...own, name, sql: `v${i}` }];
  return [
    { ...own, name: `${name}.value`, sql: list ? `v${i}` : `coalesce(v${i}, ${text ? "''" : "0"})` },
    {
      name: `${name}.present`,
      sql: `(not m${i})::integer`,
      as: `p${i}`,
      text: false,
      type: "INTEGER",
      bytes: 4,
      list: false,
    },
  ];
}
function cellError(
  t: Tabular,
  path: string,
  i: number,
  row: number,
  r: Read,
  options: Options,
  all: readonly Found[],
): HostError {
  const cell = t.text?.(r.name) ?? named(r.name);
  const found = queryRows(
    `select (${cell})::varchar from ${t.relation(path, options, all)} limit 1 offset ${row}`,
  )[0]?.[0];
  return wrongCell(path, i, row, r, found === null || found === undefined ? undefined : String(found));
}
/** `found`: what stands there; undefined: nothing. `row` counts from 0, `i` is the place of the file among those of the source */
export function wrongCell(path: string, i: number, row: number, r: Read, found: string | undefined): HostError {
  const at = `${path}, row ${row + 1}, column \`${r.name}\``;
  return new HostError(
    found === undefined
      ? `${at}: there is no value, and ${show(r.column)} needs one: \`${show(r.column)}?\` in the written type takes it as missing`
      : `${at}: ${JSON.stringify(found.slice(0, 60))} is no ${show(r.column)}`,
    i,
  );
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
function speaking<T>(path: string, f: () => T, i?: number): T {
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
  if (fields) return `${at}: ${fields[2]} fields, the first line has ${fields[1]}`;
  if (/not utf-8|Invalid unicode/i.test(message)) return `${at}: the bytes are no UTF-8`;
  if (/unterminated quote/i.test(message)) return `${at}: a quote is left open`;
  if (/state machine reached an invalid state/.test(message))
    return `${path} is no csv file as RFC 4180 has it: ends of lines differ, or quotes stand within fields`;
  if (message.startsWith("damaged")) return `${path} is ${message}`;
  const first = message.replace(/^(Invalid Input|Binder|IO|Conversion|Parser|Catalog) Error: /, "").split("\n")[0]!;
  return `cannot read ${path}: ${first}`;
}

/** rows that are looked at to know the type of a column */
const SAMPLE = 20_480;
/** columns of text cells, by a sample: whole numbers are i64, others f64, true and false bool, dates time; what is empty there may be missing */
export function inferred(relation: string, names: readonly string[], text: (name: string) => string): readonly Found[] {
  if (!names.length) return [];
  const asks = names.flatMap((_, i) => {
    const x = `trim(c${i})`;
    return [
      `count(c${i})`,
      `coalesce(bool_and(regexp_full_match(${x}, '[+-]?[0-9]{1,18}')), false)`,
      `coalesce(bool_and(c${i} is null or (try_cast(${x} as double) is not null and not contains(${x}, '_'))), false)`,
      `coalesce(bool_and(lower(${x}) in ('true', 'false')), false)`,
      `coalesce(bool_and(c${i} is null or try_cast(${x} as timestamp) is not null), false)`,
    ];
  });
  const cells = names.map((n, i) => `${text(n)} as c${i}`);
  const sample = `select ${cells.join(", ")} from ${relation} limit ${SAMPLE}`;
  const [answer] = queryRows(`select count(*), ${asks.join(", ")} from (${sample})`);
  const rows = Number(answer![0]);
  return names.map((name, i): Found => {
    const [count, integer, float, truth, time] = answer!.slice(1 + 5 * i, 6 + 5 * i);
    const store =
      Number(count) === 0 ? "string" : integer ? "i64" : float ? "f64" : truth ? "bool" : time ? "time" : "string";
    const column: Column = { store, shape: [], nullable: Number(count) < rows };
    return Number(count) === 0 ? { name, column, empty: true } : { name, column };
  });
}
export { named, quoted };
