/** Rows that a pass makes batch by batch, one behind the other: in memory while they are few, in files when they are many. Knows no format. */
import { closeSync, openSync, readSync, rmSync } from "node:fs";
import { join } from "node:path";
import { STORED_BYTES, sizeOf } from "../ir/type.ts";
import type { TensorData } from "./dtype.ts";
import { hostError, writeAt } from "./files.ts";
import { temporaryFolder } from "./temporary.ts";

/** bytes that are held before they go to files, and that are read from them at once */
const HELD = 1 << 22;
/** rows that are read at once */
const MOST = 1 << 16;

interface Column {
  readonly store: TensorData["store"];
  /** of a row */
  readonly shape: readonly number[];
  readonly bytes: number;
  held: Uint8Array[];
  file: { readonly fd: number; readonly path: string } | undefined;
}
/** the rows of some columns, which are appended together */
export class Appended {
  readonly #columns: ReadonlyMap<number, Column>;
  #folder: string | undefined;
  /** in files, and behind those in memory */
  #written = 0;
  #held = 0;

  /** by the number that a column is known by: what a batch of it is */
  constructor(columns: ReadonlyMap<number, Pick<TensorData, "store" | "shape">>) {
    this.#columns = new Map(
      [...columns].map(([i, { store, shape }]) => {
        const row = shape.slice(1);
        return [i, { store, shape: row, bytes: STORED_BYTES[store] * sizeOf(row), held: [], file: undefined }];
      }),
    );
  }
  /** `bytes`: of a column, the rows at its beginning; they are copied */
  append(rows: number, bytes: (column: number) => Uint8Array): void {
    for (const [i, c] of this.#columns) c.held.push(bytes(i).slice(0, rows * c.bytes));
    this.#held += rows;
    if (this.#held * this.#rowBytes() > HELD) this.#flush();
  }
  /** all rows in their order: at least one piece, each with the columns by their number */
  *pieces(): Iterable<{ readonly rows: number; readonly columns: ReadonlyMap<number, TensorData> }> {
    const most = Math.max(1, Math.min(MOST, Math.floor(HELD / this.#rowBytes())));
    for (let from = 0; from < this.#written; from += most)
      yield this.#piece(Math.min(most, this.#written - from), c => read(c, from, Math.min(most, this.#written - from)));
    if (this.#held || !this.#written) yield this.#piece(this.#held, c => Buffer.concat(c.held));
  }
  /** all rows of each of these columns; there are none afterwards */
  taken(columns: readonly number[]): readonly TensorData[] {
    const rows = this.#written + this.#held;
    const all = columns.map(i => this.#columns.get(i)!);
    const room = all.map(c => new Uint8Array(rows * c.bytes));
    try {
      let before = 0;
      for (const piece of this.pieces()) {
        for (const [k, i] of columns.entries()) room[k]!.set(piece.columns.get(i)!.bytes, before * all[k]!.bytes);
        before += piece.rows;
      }
    } finally {
      this.close();
    }
    return all.map(({ store, shape }, k) => ({ store, shape: [rows, ...shape], bytes: room[k]! }));
  }
  close(): void {
    for (const { file } of this.#columns.values()) if (file) closeSync(file.fd);
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  }
  #rowBytes(): number {
    return [...this.#columns.values()].reduce((n, c) => n + c.bytes, 1);
  }
  #piece(rows: number, bytes: (c: Column) => Uint8Array) {
    const columns = [...this.#columns].map(
      ([i, c]) => [i, { store: c.store, shape: [rows, ...c.shape], bytes: bytes(c) }] as const,
    );
    return { rows, columns: new Map<number, TensorData>(columns) };
  }
  #flush(): void {
    this.#folder ??= temporaryFolder("columns");
    for (const [i, c] of this.#columns) {
      c.file ??= created(join(this.#folder, String(i)));
      writeAt(c.file.fd, c.file.path, this.#written * c.bytes, Buffer.concat(c.held));
      c.held = [];
    }
    this.#written += this.#held;
    this.#held = 0;
  }
}
function created(path: string): NonNullable<Column["file"]> {
  try {
    return { fd: openSync(path, "wx+"), path };
  } catch (e) {
    throw hostError("write", path, e);
  }
}
function read({ bytes, file }: Column, from: number, rows: number): Uint8Array {
  const into = new Uint8Array(rows * bytes);
  for (let done = 0; done < into.length; ) {
    const got = readSync(file!.fd, into, done, into.length - done, from * bytes + done); // rows were written
    if (got === 0) throw hostError("read", file!.path, new Error("it ends early"));
    done += got;
  }
  return into;
}
