/**
 * Reads columns of numbers of parquet files, in all threads. Whatever is not plain (a value that is missing, an encoding of its own) makes it read
 * nothing, so that the engine does, and says what is wrong. Knows no program.
 */
import { codeOf } from "../code.ts";
import { awaitCount, share } from "../crew.ts";
import type { Target } from "../targets.ts";
import { BYTES, type Footer, footerOf, type Plain } from "./footer.ts";
import { DONE, type Job, type Piece, readAll, SURPRISE } from "./job.ts";

export interface ColumnWanted {
  readonly name: string;
  readonly plain: Plain;
}
/** bytes of a column in a group of rows, of which a thread holds a few times as many */
const MOST = 1 << 27;
/** bytes for each further thread: with fewer it saves less than it takes to tell it */
const SHARE = 1 << 20;

function piecesOf(footers: readonly Footer[], columns: readonly ColumnWanted[]): readonly Piece[] | undefined {
  const pieces: Piece[] = [];
  let row = 0;
  for (const [file, footer] of footers.entries()) {
    const own = columns.map(c => footer.columns.get(c.name));
    if (own.some((c, i) => c?.plain !== columns[i]!.plain)) return undefined;
    for (const { rows, chunks } of footer.groups) {
      for (const [column, { name, plain }] of columns.entries()) {
        const chunk = chunks.get(name);
        if (!chunk || Math.max(chunk.size, chunk.bytes, rows * BYTES[plain]) > MOST) return undefined;
        if (rows > 0) pieces.push({ file, chunk, column, optional: own[column]!.optional, row, rows });
      }
      row += rows;
    }
  }
  return pieces;
}
/**
 * Fills the columns; `place` makes room for that many rows, and is asked once. Gives the rows; undefined: the files are not plain, and what was filled
 * in is of no meaning.
 */
export function readParquet(
  paths: readonly string[],
  columns: readonly ColumnWanted[],
  place: (rows: number) => readonly Target[],
  threads: number,
): number | undefined {
  let footers: readonly Footer[];
  try {
    footers = paths.map(footerOf);
  } catch {
    return undefined;
  }
  const pieces = piecesOf(footers, columns);
  if (!pieces) return undefined;
  const rows = footers.reduce((n, f) => n + f.rows, 0);
  const targets = place(rows);
  const control = new Int32Array(new SharedArrayBuffer(12));
  const bytes = columns.map(c => BYTES[c.plain]);
  const job: Job = { paths, bytes, targets, pieces, control };
  const all = rows * bytes.reduce((a, b) => a + b, 0);
  const others = Math.min(threads, pieces.length, 1 + Math.floor(all / SHARE)) - 1;
  if (targets.every(t => t.k !== "own")) share(others, codeOf("runtime/parquet/thread"), job);
  readAll(job);
  awaitCount(control, DONE, pieces.length, "parquet");
  return Atomics.load(control, SURPRISE) === 0 ? rows : undefined;
}
