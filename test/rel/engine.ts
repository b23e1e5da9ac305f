/** A REL tree run by the interpreter and by DuckDB over the same rows, as values of JavaScript. Knows no test. */
import { duckdbQuery } from "../../src/codegen/sql/duckdb.ts";
import type { Cell, Columns, Rel } from "../../src/ir/rel.ts";
import { evaluateRel, type Hands, type Value } from "../../src/ir/rel-eval.ts";
import { columnsOf } from "../../src/ir/rel-verify.ts";
import { STORED_BYTES, type Stored, sizeOf } from "../../src/ir/type.ts";
import { type TensorData, valueAt, view, writable } from "../../src/runtime/dtype.ts";
import { runQuery, storedColumns } from "../../src/runtime/engine/query.ts";
import type { Format } from "../../src/runtime/formats/format.ts";
import { makeStrings, type Strings } from "../../src/runtime/strings.ts";

/** rows of the scans, by their first path; given tables and values by index */
export interface World {
  readonly scans: Readonly<Record<string, readonly (readonly Value[])[]>>;
  readonly given: ReadonlyMap<number, { readonly cell: Cell; readonly value: Value | readonly Value[] }>;
  readonly seed: number;
}
export const handsOf = (w: World): Hands => ({
  scan: r => w.scans[r.paths[0]!]!,
  given: i => w.given.get(i)!.value,
  seed: [Math.floor(w.seed / 2 ** 32), w.seed >>> 0],
});
export const interpreted = (r: Rel, w: World): readonly { readonly id: number; readonly cells: readonly Value[] }[] =>
  evaluateRel(r, handsOf(w));

const storeOf = (c: Cell): Stored => storedColumns([["", c]])[""]!.store as Stored; // as: that of a tensor
/** `rows` cells as memory has them */
function stored(c: Cell, cells: readonly Value[], strings: Strings): TensorData {
  const store = storeOf(c);
  const size = c.k === "tensor" ? sizeOf(c.shape) : 1;
  const bytes = new Uint8Array(cells.length * size * STORED_BYTES[store]);
  const to = writable(store, bytes);
  cells.flat().forEach((x, i) => {
    const n = typeof x === "string" ? strings.number(x) : x;
    if (to instanceof BigInt64Array) to[i] = BigInt(n as bigint);
    else to[i] = Number(n);
  });
  return { store, shape: [cells.length, ...(c.k === "tensor" ? c.shape : [])], bytes };
}
/** a format whose files are the world's rows */
const rowsFormat = (w: World, columns: (path: string) => Columns): Format => ({
  name: "rows",
  doc: "rows of a test",
  extensions: [],
  schema: ([path]) => ({ columns: storedColumns(columns(path!)) }),
  rows: ([path], _, allocate, strings) => {
    const [rows, own] = [w.scans[path!]!, columns(path!)];
    own.forEach(([n, c], i) => {
      const t = stored(
        c,
        rows.map(r => r[i]!),
        strings,
      );
      allocate(n, t.bytes.length).set(t.bytes);
    });
    return { rows: rows.length, columns: storedColumns(own) };
  },
});
export function byDuckdb(r: Rel, w: World): readonly { readonly id: number; readonly cells: readonly Value[] }[] {
  const query = duckdbQuery(r);
  const strings = makeStrings(["first"]);
  const columns = (path: string): Columns => query.scans.find(s => s.paths[0] === path)!.columns;
  const room = new Map<string, Uint8Array>();
  const table = runQuery(
    query,
    {
      strings,
      formatOf: () => rowsFormat(w, columns),
      only: undefined,
      around: {
        files: paths => paths,
        seed: w.seed,
        given: i => {
          const { cell, value } = w.given.get(i)!;
          return stored(cell, Array.isArray(value) ? (value as Value[]) : [value as Value], strings);
        },
      },
    },
    (name, bytes) => {
      const own = room.get(name) ?? new Uint8Array(bytes);
      room.set(name, own);
      return own;
    },
  );
  const cells = columnsOf(r).map(([n, c]) => {
    const data = view(storeOf(c), room.get(n)!);
    const value = (i: number): Value => {
      const x = valueAt(storeOf(c), data, i);
      if (c.k === "list") throw new Error("a list left the engine");
      return c.elem === "bool" ? x !== 0 : c.elem === "string" ? strings.text(Number(x)) : x;
    };
    const size = c.k === "tensor" ? sizeOf(c.shape) : 1;
    return (row: number): Value =>
      c.k === "tensor" ? (Array.from({ length: size }, (_, k) => value(row * size + k)) as Value) : value(row);
  });
  return Array.from({ length: table.rows }, (_, row) => ({
    id: table.ids?.[row] ?? row,
    cells: cells.map(c => c(row)),
  }));
}
