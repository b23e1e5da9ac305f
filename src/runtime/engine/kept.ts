/** Results of queries that a run asks for several times, as tables of the engine; they go when another run asks. Knows no query. */
import type { TensorData } from "../dtype.ts";
import type { Strings } from "../strings.ts";
import { queryRows } from "./duckdb.ts";

let run: Strings | undefined;
interface Kept {
  readonly name: string;
  /** how it is read */
  readonly relation: string;
}
const tables = new Map<string, Kept>();
const values = new WeakMap<TensorData, number>();
let made = 0;

/** a number for a value that stages hand on: the same for the same value */
export function valueNumber(value: TensorData): number {
  const known = values.get(value) ?? made++;
  values.set(value, known);
  return known;
}
/** the table of what `key` says, all that it hangs on: made by `make` under a name that it is given where there is none yet */
export const keptTable = (key: string, strings: Strings, make: (name: string) => void): string =>
  kept(key, strings, name => {
    make(name);
    return name;
  }).name;
/** what is read of such a table, or of something else that `make` found */
export const keptRelation = (key: string, strings: Strings, make: (name: string) => string): string =>
  kept(key, strings, make).relation;

function kept(key: string, strings: Strings, make: (name: string) => string): Kept {
  // a run has one table of strings
  if (run !== strings) {
    for (const { name } of tables.values()) queryRows(`drop table if exists ${name}`);
    tables.clear();
    run = strings;
  }
  const known = tables.get(key);
  if (known) return known;
  const name = `hsc_kept${made++}`;
  const own = { name, relation: make(name) };
  tables.set(key, own);
  return own;
}
