/** The reading of parquet files, as several threads share it: each claims a column of a group of rows from one counter. Knows no engine. */
import { closeSync, openSync } from "node:fs";
import { fill } from "../csv/text.ts";
import { type Target, writer } from "../targets.ts";
import type { Chunk } from "./footer.ts";
import { decode } from "./pages.ts";

/** a column of a group of rows */
export interface Piece {
  readonly file: number;
  readonly chunk: Chunk;
  readonly column: number;
  readonly optional: boolean;
  /** its first row among those of all files, and how many */
  readonly row: number;
  readonly rows: number;
}
export interface Job {
  readonly paths: readonly string[];
  /** bytes of a value, by column */
  readonly bytes: readonly number[];
  readonly targets: readonly Target[];
  readonly pieces: readonly Piece[];
  /** [next piece, done, 1 if something was a surprise] */
  readonly control: Int32Array<SharedArrayBuffer>;
}
const NEXT = 0;
export const [DONE, SURPRISE] = [1, 2];

/** claims pieces until there are none; what fails is read, and told, by the engine */
export function readAll({ paths, bytes, targets, pieces, control }: Job): void {
  if (Atomics.load(control, NEXT) >= pieces.length) return;
  let open: { readonly file: number; readonly fd: number } | undefined;
  const fd = (file: number): number => {
    if (open?.file === file) return open.fd;
    if (open) closeSync(open.fd);
    open = { file, fd: openSync(paths[file]!, "r") };
    return open.fd;
  };
  const { put, close } = writer(targets);
  for (let i = Atomics.add(control, NEXT, 1); i < pieces.length; i = Atomics.add(control, NEXT, 1)) {
    const { file, chunk, column, optional, row, rows } = pieces[i]!;
    try {
      if (Atomics.load(control, SURPRISE) === 0) {
        const width = bytes[column]!;
        const packed = new Uint8Array(chunk.bytes);
        fill(fd(file), chunk.begin, packed);
        const values = new Uint8Array(rows * width);
        decode(packed, chunk.codec, optional, width, values);
        put(column, row * width, values);
      }
    } catch {
      Atomics.store(control, SURPRISE, 1);
    }
    if (Atomics.add(control, DONE, 1) + 1 === pieces.length) Atomics.notify(control, DONE);
  }
  if (open) closeSync(open.fd);
  close();
}
