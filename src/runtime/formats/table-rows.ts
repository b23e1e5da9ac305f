/** The rows of a table that the engine reads, or is to read: cells cast to what the program wants, each row of the file one of the table's. Knows no format. */
import { HostError } from "../../ir/host.ts";
import { type Column, STORED_BYTES, type Stored, sizeOf } from "../../ir/type.ts";
import {
  appendRows,
  leafColumn,
  named,
  type Put,
  queryRows,
  quoted,
  tableColumns,
  type Wanted,
} from "../engine/duckdb.ts";
import { numberTexts, renumbered } from "../engine/texts.ts";
import type { Strings } from "../strings.ts";
import { writer } from "../targets.ts";
import { type Allocate, kernelStore, type Options } from "./format.ts";
import { isWrong, jsonList, listSql, listType, SAMPLE } from "./nested.ts";
import { Passing } from "./passing.ts";
import { placesIn } from "./places.ts";
import { knowingLines, speaking, wrongCell } from "./table-words.ts";
import type { Found, Read, Tabular } from "./tabular.ts";

/** `columns`, where a program wrote a type or check looked at the file: [name, stored, shape, nullable], of a list what is in it */
export function readsOf(options: Options): readonly Read[] | undefined {
  type Asked = readonly [string, Column["store"], readonly number[], boolean, Column["list"]?];
  const columns = options["columns"] as readonly Asked[] | undefined; // as: check/table.ts puts them there
  return columns?.map(([name, store, shape, nullable, list]) => ({
    name,
    column: { store, shape, nullable, ...(list ? { list } : {}) },
  }));
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
/** SQL of a cell, or of an element of a list, as the program stores it, null where it is none */
function scalar(t: Tabular, cell: string, store: Column["store"]): string {
  const type = SQL[store as Stored] ?? "";
  if (store === "string") return t.text ? cell : `(${cell})::varchar`;
  // a text may say how far its clock is from UTC, in which one without is
  if (store === "time") return `epoch_us(try_cast(${cell} as ${t.text ? "timestamptz" : "timestamp"}))`;
  if (!t.text) return store === "bool" ? `(${cell})::integer` : `try_cast(${cell} as ${type})`;
  const x = `trim(${cell})`;
  if (store === "bool")
    return `case lower(${x}) when 'true' then 1 when 'false' then 0 when '1' then 1 when '0' then 0 end`;
  // DuckDB takes 1_000 as 1000 and rounds 1.5 to 2
  return /^f/.test(store)
    ? `case when not contains(${cell}, '_') then try_cast(${x} as ${type}) end`
    : `case when regexp_full_match(${x}, '[+-]?[0-9]+') then try_cast(${x} as ${type}) end`;
}
function value(t: Tabular, { name, column }: Read, all: readonly Found[]): string {
  const cell = t.text?.(name) ?? named(name);
  if (!column.shape.length && !column.list) return scalar(t, cell, column.store);
  const own = all.find(f => f.name === name);
  const depth = own?.depth ?? 1;
  const list = t.text ? jsonList(cell, column, depth) : cell;
  const isSame = !t.text && !column.list && own?.column.store === column.store && column.store !== "bool";
  return listSql(list, column, depth, (x, s) => (isSame ? x : scalar(t, x, s)));
}

function rowsOf(t: Tabular, path: string, options: Options, all: readonly Found[]): string {
  if (!t.relation) throw new Error(`internal: ${t.name} files are read without the engine`);
  return t.relation(path, options, all);
}
/** SQL of the cells of a file as the program stores them, and whether one is none (v0, m0 ..) */
function cellsOf(t: Tabular, reads: readonly Read[], all: readonly Found[], more: string, from: string): string {
  const values = reads.map((r, i) => `${value(t, r, all)} as v${i}`);
  const missing = reads.map((r, i) => `(${t.text?.(r.name) ?? named(r.name)}) is null as m${i}`);
  return `select ${[...values, ...missing, more].join(", ")} from ${from}`;
}
/** makes a table of the rows of all files, in order: as many as the files have, or an error; gives their number */
function staged(t: Tabular, files: readonly string[], options: Options, reads: readonly Read[], table: string): number {
  const all = t.found(files[0]!, options);
  const bad = reads.map(({ column }, i) => {
    const none = `v${i} is null${column.nullable ? ` and not m${i}` : ""}`;
    return `when ${none}${column.shape.length || column.list ? ` or ${isWrong(`v${i}`, column)}` : ""} then ${i}`;
  });
  const columns = reads.flatMap((r, i) => parts(r, i));
  const outer = [
    ...columns.map(c => `${c.sql} as ${c.as}`),
    `${bad.length ? `case ${bad.join(" ")} end` : "null"}::smallint as bad`,
  ];
  let rows = 0;
  files.forEach((path, i) => {
    const query = `select ${outer.join(", ")} from (${cellsOf(t, reads, all, "1 as one", rowsOf(t, path, options, all))})`;
    speaking(
      path,
      () =>
        knowingLines(t, path, options, all, () =>
          queryRows(i === 0 ? `create or replace temp table ${table} as ${query}` : `insert into ${table} ${query}`),
        ),
      i,
    );
    const now = Number(queryRows(`select count(*) from ${table}`)[0]![0]);
    speaking(path, () => t.expectWhole?.(path), i);
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
export function load(
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
    ? tableColumns("hsc_rows", cells.join(", "), shapes, (pieces, _, before) => {
        pieces.forEach((p, k) => {
          put(k, before * columns[k]!.bytes, columns[k]!.text ? renumbered(p, numbers) : p);
        });
      })
    : rows;
  close();
  queryRows("drop table hsc_rows; drop type if exists hsc_texts");
  if (got !== rows) throw new HostError(`DuckDB's result of ${files.join(", ")} ended after ${got} of ${rows} rows`);
  return rows;
}

/**
 * No cell of the files can be wrong: they have a value wherever one must be, and their types, or what they tell of their values, fit. `first`: of the first
 * file, as whose types the engine reads all
 */
const isSound = (
  t: Tabular,
  files: readonly string[],
  options: Options,
  reads: readonly Read[],
  first: readonly Found[],
): boolean =>
  t.numbered !== undefined &&
  files.every((path, i) => {
    const all = speaking(path, () => t.found(path, options), i);
    return reads.every(({ name, column }) => {
      const [expected, found] = [first, all].map(own => own.find(f => f.name === name));
      if (!expected || !found || JSON.stringify(expected.leaf?.type) !== JSON.stringify(found.leaf?.type)) return false;
      const own = found.column;
      const isPlain = !own.list && own.shape.length + column.shape.length === 0;
      return isPlain && (isOf(found, column) || isWithin(found, column)) && (column.nullable || !own.nullable);
    });
  });
const isOf = (found: Found, column: Column): boolean => !found.wide && found.column.store === column.store;
/** numbers, all of which are numbers of the type that is wanted, or are rounded to one */
function isWithin({ column: { store }, range }: Found, column: Column): boolean {
  const [least, greatest] = RANGES[column.store as Stored] ?? [];
  if (!range || least === undefined || !RANGES[store as Stored]) return false;
  return range[0] >= least && range[1] <= greatest!;
}
/** what is more in f64 than the greatest i64 is also the number next to that */
const RANGES: { readonly [S in Stored]?: readonly [least: number, greatest: number] } = {
  u8: [0, 2 ** 8 - 1],
  i8: [-(2 ** 7), 2 ** 7 - 1],
  u16: [0, 2 ** 16 - 1],
  i32: [-(2 ** 31), 2 ** 31 - 1],
  u32: [0, 2 ** 32 - 1],
  i64: [-(2 ** 63), 2 ** 63 - 2 ** 10],
  f32: [-(2 - 2 ** -23) * 2 ** 127, (2 - 2 ** -23) * 2 ** 127],
  f64: [-Infinity, Infinity],
};
/** a relation of the rows of all files, in order: leaves as `leafColumn` names them, `i0` their position. A table `name` may be made for it */
export function relation(t: Tabular, files: readonly string[], options: Options, name: string): string {
  const all = t.found(files[0]!, options);
  const reads = readsOf(options) ?? all.filter(f => f.column.unread === undefined);
  const columns = reads.flatMap((r, i) => parts(r, i));
  if (!isSound(t, files, options, reads, all)) {
    if (!putDirect(t, files, options, reads, columns, name))
      speaking(files[0]!, () => staged(t, files, options, reads, name));
    return `(select ${[...columns.map(c => `${c.as} as ${leafColumn(c.name)}`), "rowid as i0"].join(", ")} from ${name})`;
  }
  // all files in one scan, which goes from file to file
  const counts = files.length > 1 ? files.map(path => counted(t, [path], options)) : [0];
  const before = counts.map((_, i) => counts.slice(0, i).reduce((a, b) => a + b, 0));
  const position = `file_row_number + ([${before.join(", ")}]::BIGINT[])[file_index::BIGINT + 1] as i0`;
  const cells = reads.flatMap((r, i) =>
    parts(r, i).map(c => `${c.sql.replaceAll(`v${i}`, () => guarded(r, i, all))} as ${leafColumn(c.name)}`),
  );
  return `(select ${[...cells, "i0"].join(", ")} from (${cellsOf(t, reads, all, position, t.numbered!(files, all))}))`;
}
/**
 * An instant that is none of an i64's microseconds, as infinity, is no missing one, and a file may tell what is not true of its numbers: no row is looked at
 * before the query runs, which then fails
 */
function guarded({ name, column }: Read, i: number, all: readonly Found[]): string {
  const { store } = column;
  if (store !== "time" && all.some(f => f.name === name && isOf(f, column))) return `v${i}`;
  const what = store === "time" ? "an instant that no i64 of microseconds is" : `what is no ${store}`;
  const words = quoted(`column \`${name}\` holds ${what}`);
  return `(case when v${i} is null and not m${i} then error(${words})::${SQL[store as Stored]} else v${i} end)`;
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
  if (!t.direct || reads.some(({ column }) => column.shape.length || column.list)) return false;
  const { strings, words } = ownStrings();
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
        // the words cross once
        return c.text
          ? { type: "VARCHAR", size: 0, places: bytes, ...(from ? {} : { words }) }
          : { type: c.type, size: 0, bytes };
      });
      appendRows(name, puts, count);
    }
    return true;
  } finally {
    all.close();
  }
}
function ownStrings(): { readonly strings: Strings; readonly words: readonly string[] } {
  const words: string[] = [];
  const numbers = new Map<string, number>();
  const number = (text: string): number => {
    const n = numbers.get(text) ?? words.push(text) - 1;
    numbers.set(text, n);
    return n;
  };
  return { strings: { number, text: n => words[n]! }, words };
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
  const { store, shape, nullable, list: of } = column;
  if (of) {
    const type = listType(of, s => (s === "string" ? "VARCHAR" : (SQL[s as Stored] ?? "")));
    return [{ name, sql: `v${i}`, as: `v${i}`, text: false, type, bytes: 0, list: false }];
  }
  const text = store === "string";
  const bytes = STORED_BYTES[kernelStore(store)] * sizeOf(shape);
  const list = shape.length > 0;
  const own = { as: `v${i}`, text, bytes, list, type: text ? "VARCHAR" : (SQL[store as Stored] ?? "") };
  // the engine chooses between lists, not between those of a fixed length
  const none = `[${Array.from({ length: sizeOf(shape) }, () => `0::${own.type}`).join(", ")}]`;
  const tensor = `try_cast(${nullable ? `coalesce(v${i}, ${none})` : `v${i}`} as ${own.type}[${sizeOf(shape)}])`;
  if (!nullable) return [{ ...own, name, sql: list ? tensor : `v${i}` }];
  return [
    {
      ...own,
      name: `${name}.value`,
      sql: list ? tensor : `coalesce(v${i}, ${text ? "''" : "0"})`,
    },
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
    `select (${cell})::varchar from ${rowsOf(t, path, options, all)} limit 1 offset ${row}`,
  )[0]?.[0];
  return wrongCell(path, i, row, r, found === null || found === undefined ? undefined : String(found));
}
/** of cells that are text: the first of a sample that is none of the column's; undefined: there is none, or no such column */
export function firstWrong(
  t: Tabular,
  path: string,
  options: Options,
  r: Read,
  all: readonly Found[],
): HostError | undefined {
  const { column, name } = r;
  const own = all.find(f => f.name === name);
  if (!t.text || !own || own.depth || column.list || column.shape.length || !SQL[column.store as Stored])
    return undefined;
  const cell = t.text(name);
  const sample = `select row_number() over () as row, ${cell} as c, ${scalar(t, cell, column.store)} as v from ${rowsOf(t, path, options, all)} limit ${SAMPLE}`;
  const [found] = queryRows(`select row, c from (${sample}) where v is null and c is not null order by row limit 1`);
  return found && wrongCell(path, 0, Number(found[0]) - 1, r, String(found[1]));
}
/** rows of all files */
export const counted = (t: Tabular, files: readonly string[], options: Options): number =>
  files.reduce((n, path, i) => {
    const rows = (): number => {
      const all = t.found(path, options);
      return (
        t.count?.(path, options, all) ??
        Number(queryRows(`select count(*) from ${rowsOf(t, path, options, all)}`)[0]![0])
      );
    };
    return n + speaking(path, rows, i);
  }, 0);
