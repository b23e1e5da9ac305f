/** The rows of files as a table of the engine: it reads them itself, or is given what a format's reader reads. Knows no query. */
import { HostError } from "../../ir/host.ts";
import type { Cell, CellElem, Query } from "../../ir/plan.ts";
import { STORED_BYTES, type Stored, sizeOf } from "../../ir/type.ts";
import { view, widen } from "../dtype.ts";
import { type Allocate, endsOf, type Format, fieldOf, type Surroundings } from "../formats/format.ts";
import type { Strings } from "../strings.ts";
import { leafColumn, type PutCells, TYPES } from "./duckdb.ts";
import { type Given, type ListElement, putTable, scalarOf, typeOf } from "./given.ts";
import { keptRelation } from "./kept.ts";

type Scan = Query["scans"][number];

export const storeOf = (c: Cell): Stored => {
  if (c.k === "list") throw new Error("internal: a list that kernels read");
  return elementStore(c.elem);
};
const elementStore = (e: CellElem): Stored => (e === "string" ? "i32" : e === "time" ? "i64" : e);
export const shapeOf = (c: Cell): readonly number[] => (c.k === "tensor" ? c.shape : []);

export interface Rows {
  readonly sql: string;
  /** it reads the files themselves, no table that was made of them */
  readonly isFile: boolean;
}
/**
 * The text of its rows with columns c0, c1 .. and i0, the position; tables `name`_put .. may hold them. `keep`: the run reads the files again. Or they
 * are put, and the view `name` has them: undefined
 */
export function rowsOfScan(
  name: string,
  scan: Scan,
  {
    around,
    strings,
    keep = false,
  }: { readonly around: Surroundings; readonly strings: Strings; readonly keep?: boolean | undefined },
  format: Format,
): Rows | undefined {
  const files = around.files(scan.paths);
  if (format.relation) {
    const make = (table: string): string => format.relation!(files, scan.options, table);
    const key = JSON.stringify([scan.format, files, scan.options]);
    const from = keep ? keptRelation(key, strings, make) : make(`${name}_put`);
    const cells = scan.columns.map(([n, c], i) => `${leafColumn(n)}::${typeOf(c)} as c${i}`);
    return { sql: `select ${[...cells, "i0"].join(", ")} from ${from}`, isFile: !/hsc_(scan|kept)\d/.test(from) };
  }
  if (!format.rows) throw new HostError(`${format.name} files have no rows`);
  const room = new Map<string, Uint8Array>();
  const options = { ...scan.options, only: scan.columns.map(([n]) => n) };
  const allocate: Allocate = (column, bytes) => {
    const own = room.get(column);
    if (own && own.length === bytes) return own;
    const fresh = new Uint8Array(bytes);
    room.set(column, fresh);
    return fresh;
  };
  const { rows, columns } = format.rows(files, options, allocate, strings, around);
  const bytesOf = (column: string): Uint8Array => room.get(column) ?? new Uint8Array(0);
  const values = scan.columns.map(([n, c]): Given => {
    if (c.k === "list") {
      const ends = new Uint32Array(bytesOf(endsOf(n)).buffer, 0, rows);
      return { ends, fields: c.of.map(([, of], i) => elements(of, bytesOf(fieldOf(n, i)), strings)) };
    }
    const [own, store] = [columns[n]?.store, storeOf(c)];
    if (own === undefined || own === "string" || own === "time")
      throw new HostError(`no column \`${n}\` in ${files[0]}`);
    const shape = [rows, ...shapeOf(c)];
    const bytes = new Uint8Array(sizeOf(shape) * STORED_BYTES[store]);
    widen({ store: own, shape, bytes: bytesOf(n) }, store, bytes);
    return { store, shape, bytes };
  });
  putTable(name, scan.columns, values, strings);
  return undefined;
}
/** of all lists of a column, as its reader stores them */
function elements(of: ListElement, bytes: Uint8Array, strings: Strings): PutCells {
  const elem = scalarOf(of);
  if (elem !== "string") return { type: elem === "bool" ? "INTEGER" : TYPES[elem], size: 0, bytes };
  return { type: "VARCHAR", size: 0, texts: Array.from(view("i32", bytes) as Int32Array, n => strings.text(n)) }; // as: what `view` gives for i32
}
