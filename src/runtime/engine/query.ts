/**
 * Runs a query that was written when compiling: what it reads is put in its place, its result becomes a table of the engine, so that errors are
 * raised and the rows counted, and then streams into memory. Knows no REL and writes no SQL of its ops.
 */
import { HostError } from "../../ir/host.ts";
import { type Columns, FAULT, type Fault, type Query, UNSURE } from "../../ir/plan.ts";
import { foldTrips, threefry2x32 } from "../../ir/threefry.ts";
import { type Column, STORED_BYTES, sizeOf } from "../../ir/type.ts";
import { seedWords } from "../chance.ts";
import { valueAt, view } from "../dtype.ts";
import { RuntimeDiagnostic } from "../error.ts";
import type { Allocate, Format, Surroundings, Table } from "../formats/format.ts";
import { placesIn } from "../formats/places.ts";
import type { Strings } from "../strings.ts";
import { writer } from "../targets.ts";
import {
  EngineError,
  engineLater,
  fewRows,
  queryRows,
  serially,
  smallTable,
  tableColumns,
  type Wanted,
} from "./duckdb.ts";
import { putElements, putLookup, putScalar, putTable } from "./given.ts";
import { keptTable, valueNumber } from "./kept.ts";
import { rowsOfScan, shapeOf, storeOf } from "./scan.ts";
import { numberTexts, renumbered } from "./texts.ts";

export interface Asked {
  readonly around: Surroundings;
  readonly strings: Strings;
  readonly formatOf: (name: string) => Format;
  /** the columns that are read; absent: all */
  readonly only: readonly string[] | undefined;
  /** the run asks for it several times: its result is kept */
  readonly again?: boolean;
  /** another query of the run reads a file that this one reads: its rows are kept */
  readonly keep?: boolean;
}

/** as kernels have them */
export const storedColumns = (columns: Columns): Readonly<Record<string, Column>> =>
  Object.fromEntries(columns.map(([n, c]) => [n, { store: storeOf(c), shape: shapeOf(c), nullable: false }]));

export function runQuery(query: Query, asked: Asked, allocate: Allocate): Table {
  try {
    if (!asked.again) {
      const scans = prepare(query, asked);
      return result(query, { scans }, asked, allocate);
    }
    const table = keptTable(keyOf(query, asked), asked.strings, name => {
      const scans = prepare(query, asked);
      const all = [...query.columns.map((_, i) => `c${i}`), ...(query.identity ? ["i0"] : [])];
      made(query, all.join(", ") || "1 as one", scans, rows => void queryRows(tableOf(name, rows)));
    });
    return result(query, { table }, asked, allocate);
  } catch (e) {
    if (!(e instanceof EngineError)) throw e;
    const fault = faultIn(e.message);
    if (fault) throw new RuntimeDiagnostic(fault.message, { span: fault.span });
    throw new HostError(`DuckDB cannot make the table: ${e.message.split("\n")[0]}`);
  } finally {
    tidy(query);
  }
}
/** what a check of the program found */
function faultIn(message: string): Fault | undefined {
  const at = message.indexOf(FAULT);
  return at < 0 ? undefined : (JSON.parse(message.slice(at + FAULT.length).split("\n")[0]!) as Fault); // as: codegen wrote it
}
/** all that a result hangs on, of one run */
function keyOf(query: Query, { around }: Asked): string {
  const tables = query.tables.flatMap(t => t.columns.map((_, i) => t.index + i));
  const given = [...tables, ...query.scalars.map(s => s.index), ...query.lookups];
  return JSON.stringify([query, given.map(i => valueNumber(around.given(i)))]);
}
function wordsOf(seed: Query["seeds"][number]["seed"], around: Asked["around"]): readonly [number, number] {
  if (typeof seed === "object" && "of" in seed) return foldTrips(wordsOf(seed.of, around), seed.trips);
  if (seed === "run") return seedWords(around.seed);
  if ("words" in seed) {
    const { store, bytes } = around.given(seed.words);
    const word = (i: number): number => Number(valueAt(store, view(store, bytes), i)) >>> 0;
    return [word(0), word(1)];
  }
  if (!("given" in seed)) return seed;
  const { store, bytes } = around.given(seed.given);
  return [0, Number(valueAt(store, view(store, bytes), 0)) >>> 0];
}
interface Scans {
  /** what names files, before the text of the query */
  readonly text: string;
  readonly areFiles: boolean;
}
/** what it reads stands ready */
function prepare(query: Query, { around, strings, formatOf, keep }: Asked): Scans {
  const words = query.seeds.map(({ place, seed, renewed }, k) => {
    const [a, b] = threefry2x32(...wordsOf(seed, around), place, renewed ? (around.epoch ?? 0) : 0);
    return `set variable hsc_a${k} = ${a}::BIGINT; set variable hsc_b${k} = ${b}::BIGINT;`;
  });
  if (words.length) queryRows(words.join(" "));
  for (const { index, elem, list } of query.scalars) {
    const put = list ? putElements : putScalar;
    put(`hsc_given${index}`, elem, around.given(index), strings);
  }
  for (const index of query.lookups) putLookup(`hsc_lookup${index}`, around.given(index), strings);
  for (const { index, columns } of query.tables) {
    const values = columns.map((_, i) => around.given(index + i));
    putTable(`hsc_given${index}`, columns, values, strings);
  }
  const scans = query.scans.flatMap((scan, k) => {
    const name = `hsc_scan${k}`;
    const rows = rowsOfScan(name, scan, { around, strings, keep }, formatOf(scan.format));
    // without that word, one that is read twice would be written down as a whole
    return rows ? [{ with: `${name} as not materialized (${rows.sql})`, isFile: rows.isFile }] : [];
  });
  const text = scans.length ? `with ${scans.map(s => s.with).join(", ")} ` : "";
  return { text, areFiles: scans.length === query.scans.length && scans.every(s => s.isFile) };
}
interface Target extends Wanted {
  readonly name: string;
  /** in the table of the result, and as it crosses */
  readonly column: string;
  readonly sql: string;
  readonly text: boolean;
}
/** `from`: the table that is the result, or what it is made of */
function result(
  query: Query,
  from: { readonly table: string } | { readonly scans: Scans },
  { strings, only }: Asked,
  allocate: Allocate,
): Table {
  const targets = query.columns.flatMap(([name, c], i): readonly Target[] => {
    if (only && !only.includes(name)) return [];
    const size = sizeOf(shapeOf(c));
    const text = c.k !== "list" && c.elem === "string";
    const column = `c${i}`;
    const isBool = c.k !== "list" && c.elem === "bool";
    const bool = c.k === "tensor" ? `${column}::INTEGER[${size}]` : `${column}::INTEGER`;
    const sql = text ? `enum_code(${column}::hsc_texts)::INTEGER` : isBool ? bool : column;
    return [{ name, column, sql, text, bytes: STORED_BYTES[storeOf(c)] * size, list: c.k === "tensor" }];
  });
  const read = [...targets.map(t => t.column), ...(query.identity ? ["i0"] : [])];
  const items = read.length ? read.join(", ") : "1 as one";
  const crossing = targets.filter(t => t.bytes > 0);
  const all: readonly Wanted[] = [...crossing, ...(query.identity ? [{ bytes: 4, list: false }] : [])];
  const sql = (text: (t: Target) => string): string =>
    [...crossing.map(text), ...(query.identity ? ["i0::UINTEGER"] : [])].join(", ");
  const whole = sql(t => (t.text ? t.column : t.sql));
  const table = "table" in from ? from.table : "hsc_result";
  const small =
    "table" in from
      ? smallTable(undefined, table, whole, all)
      : query.one && all.length
        ? made(query, whole, from.scans, rows => fewRows(rows, all))
        : made(query, items, from.scans, rows => smallTable(tableOf(table, rows), table, whole, all));
  const { rows } = small;
  const ids = query.identity ? new Uint32Array(rows) : undefined;
  const places = placesIn(
    allocate,
    targets.map(t => ({ name: t.name, bytes: rows * t.bytes })),
  );
  const { put, close } = writer(crossing.map(t => places[targets.indexOf(t)]!));
  const bytesOf = (x: Uint8Array | readonly string[]): Uint8Array =>
    x instanceof Uint8Array ? x : new Uint8Array(Int32Array.from(x, strings.number).buffer);
  const take = (pieces: readonly Uint8Array[], count: number, before: number): void => {
    for (const [k, t] of crossing.entries()) put(k, before * t.bytes, pieces[k]!);
    ids?.set(new Uint32Array(pieces[crossing.length]!.slice(0, 4 * count).buffer), before);
  };
  if (small.columns) take(small.columns.map(bytesOf), rows, 0);
  else if (all.length) {
    const numbers = numberTexts(
      table,
      crossing.filter(t => t.text).map(t => t.column),
      strings,
    );
    const own = (p: Uint8Array, k: number): Uint8Array => (crossing[k]?.text ? renumbered(p, numbers) : p);
    const plain = all.map(({ bytes, list }) => ({ bytes, list }));
    const got = tableColumns(
      table,
      sql(t => t.sql),
      plain,
      (pieces, count, before) => take(pieces.map(own), count, before),
    );
    if (got !== rows) throw new HostError(`DuckDB's result ended after ${got} of ${rows} rows`);
  }
  close();
  const columns = storedColumns(query.columns);
  return ids ? { rows, columns, ids } : { rows, columns };
}
const tableOf = (name: string, rows: string): string => `create or replace temp table ${name} as ${rows}`;
/** `f` is given the SQL of these items of the rows, with `scans` before it */
function made<T>(query: Query, items: string, scans: Scans, f: (select: string) => T): T {
  const rows = (from: string): string => `${scans.text}select ${items} from ${from} ${query.order}`;
  for (const quick of query.quick ?? []) {
    if (quick.footers === !scans.areFiles) continue;
    try {
      return f(rows(quick.from));
    } catch (e) {
      if (!(e instanceof EngineError && e.message.includes(UNSURE))) throw e;
    }
  }
  const slow = (): T => f(rows(query.from));
  return query.serial ? serially(slow) : slow();
}
/** nothing stays but what is kept: the engine lives as long as the process */
function tidy(query: Query): void {
  const scans = query.scans.map((_, k) => `hsc_scan${k}`);
  const given = query.tables.map(t => `hsc_given${t.index}`);
  const lookups = query.lookups.map(k => `hsc_lookup${k}`);
  const seeds = query.seeds.flatMap((_, k) => [`hsc_a${k}`, `hsc_b${k}`]);
  const variables = [...seeds, ...query.scalars.map(s => `hsc_given${s.index}`), ...lookups.map(n => `${n}_places`)];
  const gone = [
    ...[...scans, ...given].map(n => `drop view if exists ${n}`),
    ...["hsc_result", ...[...scans, ...given, ...lookups].map(n => `${n}_put`)].map(n => `drop table if exists ${n}`),
    ...lookups.flatMap(n => [`drop macro if exists ${n}`, `drop type if exists ${n}_terms`]),
    "drop type if exists hsc_texts",
    ...variables.map(n => `reset variable ${n}`),
  ];
  engineLater(gone.join("; "));
}
