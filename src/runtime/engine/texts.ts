/** Texts of a table of the engine as numbers of the run's table of strings: each distinct text crosses once. Knows no file. */
import type { Strings } from "../strings.ts";
import { queryRows } from "./duckdb.ts";

/** the type `hsc_texts` of all texts in these columns of a table; gives the number of each in the run's table, by its place in the type */
export function numberTexts(table: string, columns: readonly string[], strings: Strings): Int32Array {
  if (!columns.length) return new Int32Array(0);
  const all = columns.map(c => `select ${c} as t from ${table}`).join(" union all ");
  queryRows(`create or replace type hsc_texts as enum (select distinct t from (${all}) order by t)`);
  const texts = queryRows("select unnest(enum_range(null::hsc_texts))::varchar");
  return Int32Array.from(texts, ([text]) => strings.number(String(text)));
}
export function renumbered(places: Uint8Array, numbers: Int32Array): Uint8Array {
  const own = new Int32Array(places.slice().buffer).map(place => numbers[place]!);
  return new Uint8Array(own.buffer);
}
