/** What a file format is: one record with its name, extensions, schema, readers and writer. Knows no format. */
import { availableParallelism } from "node:os";
import type { Schema } from "../../ir/host.ts";
import type { Column, Stored } from "../../ir/type.ts";
import type { TensorData } from "../dtype.ts";
import type { Strings } from "../strings.ts";
import type { TablePieces } from "../table-pieces.ts";

export type Options = Readonly<Record<string, unknown>>;
/** how many may read */
export const threadsOf = (options: Options): number => Number(options["threads"] ?? availableParallelism());
/** room for a column of that many bytes in the memory where it will live; asked again, the same room: giving room to another may move the view */
export type Allocate = (column: string, bytes: number) => Uint8Array;
export interface Table {
  readonly rows: number;
  /** identities of the rows; absent: their positions */
  readonly ids?: Uint32Array;
  readonly columns: Readonly<Record<string, Column>>;
}
/** of the run that reads */
export interface Surroundings {
  /** the files that paths of the program mean */
  readonly files: (paths: readonly string[]) => readonly string[];
  readonly seed: number;
  /** of a training that has the rows made anew; absent: 0 */
  readonly epoch?: number;
  /** given value `index` of a query */
  readonly given: (index: number) => TensorData;
}
export interface Format {
  readonly name: string;
  readonly doc: string;
  readonly extensions: readonly string[];
  /** from headers alone. Rows: columns of one row and their number. Tensors: a column per tensor with its whole shape, no `rows` */
  readonly schema: (files: readonly string[], options: Options) => Schema;
  /** all rows, each column row-major in the bytes that `allocate` gives, as stored; of a string (i32) its number in the table of strings */
  readonly rows?: (
    files: readonly string[],
    options: Options,
    allocate: Allocate,
    strings: Strings,
    around?: Surroundings,
  ) => Table;
  /** SQL of all rows for the engine: leaf x is the column `.x`, `i0` their position; the table `name` may be made for it, and is not dropped */
  readonly relation?: (files: readonly string[], options: Options, name: string) => string;
  /** one tensor of a file; `name` where the file has several */
  readonly tensor?: (file: string, name: string | undefined) => TensorData;
  /** the bytes of a file with one tensor */
  readonly encodeTensor?: (value: TensorData) => Iterable<Uint8Array>;
  /** the bytes of a file with named tensors */
  readonly encodeTensors?: (values: readonly (readonly [name: string, TensorData])[]) => Iterable<Uint8Array>;
  /** the bytes of a file with a table, of which no more than a piece is in memory */
  readonly encodeTable?: (pieces: TablePieces) => Iterable<Uint8Array>;
  readonly encodeText?: (text: string) => Iterable<Uint8Array>;
}
/** A reader that gives lists to the engine asks for room for where those of each row end (u32), and for field `i` of all elements, one behind the other */
export const endsOf = (column: string): string => `${column}#ends`;
export const fieldOf = (column: string, i: number): string => `${column}#${i}`;
/** what kernels see: an instant is the microseconds since 1970 began, a string its number in the run's table of strings */
export const kernelStore = (store: Column["store"]): Stored =>
  store === "time" ? "i64" : store === "string" ? "i32" : store;
