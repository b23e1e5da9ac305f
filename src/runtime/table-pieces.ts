/** A table on its way to a file, some of its rows at a time, and the same rows in pieces of another size. Knows no format. */
import type { Cells } from "./cells.ts";
import type { TensorData } from "./dtype.ts";

/** columns with `rows` rows at least */
export interface TablePiece {
  readonly columns: readonly (readonly [name: string, Cells])[];
  readonly rows: number;
}
/** of one table: the same columns in each, and one piece at least */
export type TablePieces = Iterable<TablePiece>;

/** the pieces of each `count` rows, one after the other; those of one are taken before the next is asked for */
export function* portions(pieces: TablePieces, count: number): Iterable<TablePieces> {
  const all = pieces[Symbol.iterator]();
  let rest: TablePiece | undefined = all.next().value;
  function* portion(): TablePieces {
    for (let room = count; rest && room > 0; ) {
      const now: TablePiece = rest;
      const rows = Math.min(room, now.rows);
      rest = rows < now.rows ? some(now, rows, now.rows) : all.next().value;
      room -= rows;
      yield rows < now.rows ? some(now, 0, rows) : now;
    }
  }
  do yield portion();
  while (rest);
}
/** rows [from, to) */
function some({ columns }: TablePiece, from: number, to: number): TablePiece {
  const own = columns.map(([name, c]) => {
    const present = c.present && rowsOf(c.present, from, to);
    return [name, { ...c, ...rowsOf(c, from, to), ...(present ? { present } : {}) }] as const;
  });
  return { columns: own, rows: to - from };
}
function rowsOf(t: TensorData, from: number, to: number): TensorData {
  const bytes = t.bytes.length / t.shape[0]!;
  return { store: t.store, shape: [to - from, ...t.shape.slice(1)], bytes: t.bytes.subarray(from * bytes, to * bytes) };
}
