/** Results of queries that a run asks for several times, as tables of the engine; they go when another run asks. Knows no query. */
import type { TensorData } from "../dtype.ts";
import type { Strings } from "../strings.ts";
import { queryRows } from "./duckdb.ts";

let run: Strings | undefined;
const tables = new Map<string, string>();
const values = new WeakMap<TensorData, number>();
let made = 0;

/** a number for a value that stages hand on: the same for the same value */
export function valueNumber(value: TensorData): number {
  const known = values.get(value) ?? made++;
  values.set(value, known);
  return known;
}
/** the table of what `key` says, all that it hangs on: made by `make` under a name that it is given where there is none yet */
export function keptTable(key: string, strings: Strings, make: (name: string) => void): string {
  // a run has one table of strings
  if (run !== strings) {
    for (const name of tables.values()) queryRows(`drop table if exists ${name}`);
    tables.clear();
    run = strings;
  }
  const known = tables.get(key);
  if (known) return known;
  const name = `hsc_kept${made++}`;
  make(name);
  tables.set(key, name);
  return name;
}
