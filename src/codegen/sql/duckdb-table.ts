/** Tables on their way to SQL: columns c0, c1 .. and those by which their rows stand; what is written of each alike. Knows no node. */
import type { CellElem, Columns, Rel, Seed } from "../../ir/rel.ts";
import { type Expressions, expressions, type Needs } from "./duckdb-expr.ts";
import type { Quickness } from "./duckdb-sums.ts";
import { TYPES } from "./text.ts";

export interface Table {
  readonly from: string;
  readonly columns: Columns;
  /** how many i0, i1 .. */
  readonly ids: number;
  /** they are BIGINT */
  readonly numeric: boolean;
  /** i0 is the identity itself */
  readonly identity: boolean;
  /** k0, k1 ..: descending */
  readonly keys: readonly boolean[];
  /** an engine that keeps order hands the rows out in theirs */
  readonly inOrder: boolean;
}
export interface Asked {
  /** somebody above asks for the identity as a number */
  readonly identity: boolean;
  /** a join stands above */
  readonly joined: boolean;
}
export interface World extends Needs {
  readonly scan: (r: Extract<Rel, { k: "scan" }>) => number;
  readonly table: (r: Extract<Rel, { k: "given" }>) => number;
  /** by one thread */
  readonly serial: () => void;
  /** sums may be taken in any order where it is certain that the result is that of the rows' order; absent: they are taken in that */
  readonly quick?: { readonly asked: Quickness; readonly used: () => void };
  readonly seed: (r: { readonly place: number; readonly seed: Seed; readonly renewed?: true }) => number;
}

export const names = (letter: string, n: number): readonly string[] =>
  Array.from({ length: n }, (_, i) => `${letter}${i}`);
/** a table may have no column */
export const list = (items: readonly string[]): string => (items.length ? items.join(", ") : "1");
const indented = (sql: string): string => sql.replaceAll("\n", "\n  ");
export const sub = (sql: string): string => `(\n  ${indented(sql)}\n)`;
export const carried = (t: Table): readonly string[] => [...names("i", t.ids), ...names("k", t.keys.length)];
export const all = (t: Table): readonly string[] => [...names("c", t.columns.length), ...carried(t)];
export const order = (t: Table): string =>
  [...t.keys.map((d, i) => `k${i}${d ? " DESC" : ""}`), ...names("i", t.ids)].join(", ");
export const select = (items: readonly string[], from: string, rest = ""): string =>
  sub(`SELECT ${list(items)}\nFROM ${from}${rest && `\n${rest}`}`);
export const over = (t: Table, world: World): Expressions => expressions({ columns: t.columns, elements: [] }, world);
/** the table with the pieces that expressions want twice */
export const under = (t: Table, e: Expressions): string =>
  e.layers().reduce((from, layer) => select(["*", ...layer], from), t.from);

/** numbered from 0 by the order of its rows (`keys`) or of their identities */
export function numbered(t: Table, by: "rows" | "identities"): Table {
  const identities = names("i", t.ids).join(", ");
  const window =
    t.inOrder && (by === "identities" || !t.keys.length) ? "" : `ORDER BY ${by === "rows" ? order(t) : identities}`;
  const keys = by === "rows" ? [] : t.keys;
  const items = [
    ...names("c", t.columns.length),
    `row_number() OVER (${window}) - 1 AS i0`,
    ...names("k", keys.length),
  ];
  return { ...t, from: select(items, t.from), ids: 1, numeric: true, identity: by === "identities", keys };
}
/** i0, i1 .. say the order of the rows */
export const positioned = (t: Table): Table => (t.keys.length ? numbered(t, "rows") : t);
export const identified = (t: Table, { identity }: Asked): Table =>
  identity && !t.identity ? numbered(t, "identities") : t;
/** no identity is asked for */
export const rowsOnly = (asked: Asked): Asked => ({ ...asked, identity: false });
/** -0 is 0 */
export const plain = (elem: CellElem, x: string): string =>
  elem === "f32" || elem === "f64" ? `${x} + 0::${TYPES[elem]}` : x;
