/**
 * DuckDB's binding as its thread uses it: values of small results, vectors of large ones as bytes, vectors that are put into tables. It asks the C API
 * alone: the classes around it take as long to load as DuckDB itself. Knows no request and no SQL.
 */
import raw, {
  type Connection,
  type Database,
  type DataChunk,
  type LogicalType,
  type Result,
  type Vector,
} from "@duckdb/node-bindings";
import type { Piece, Put, PutCells, Wanted } from "./duckdb.ts";

export interface Opened {
  readonly database: Database;
  readonly connection: Connection;
}
export async function open(settings: Readonly<Record<string, string>>): Promise<Opened> {
  const config = raw.create_config();
  for (const [name, value] of Object.entries(settings)) raw.set_config(config, name, value);
  const database = await raw.open(":memory:", config);
  return { database, connection: await raw.connect(database) };
}
export function close({ database, connection }: Opened): void {
  raw.disconnect_sync(connection);
  raw.close_sync(database);
}
/** all at once; what is wrong is raised */
export const query = (connection: Connection, sql: string): Promise<Result> => raw.query(connection, sql);
/** undefined: the end */
async function next(result: Result): Promise<{ readonly chunk: DataChunk; readonly rows: number } | undefined> {
  const chunk = await raw.fetch_chunk(result);
  const rows = chunk ? raw.data_chunk_get_size(chunk) : 0;
  return chunk && rows > 0 ? { chunk, rows } : undefined;
}

// ---- values

type Read = (vector: Vector, rows: number) => (row: number) => unknown;
const finite = (x: number): unknown => (Number.isFinite(x) ? x : String(x));
/** `get` of the view of all rows */
const numbers =
  (bytes: number, get: (v: DataView, at: number) => unknown): Read =>
  (vector, rows) => {
    const b = raw.vector_get_data(vector, rows * bytes);
    const v = new DataView(b.buffer, b.byteOffset, b.byteLength);
    return row => get(v, row * bytes);
  };
const { Type } = raw;
/** as JSON has them: whole numbers of 64 bits and more, and what is not finite, as text */
const READS: { readonly [type: number]: Read } = {
  [Type.BOOLEAN]: numbers(1, (v, at) => v.getUint8(at) !== 0),
  [Type.TINYINT]: numbers(1, (v, at) => v.getInt8(at)),
  [Type.UTINYINT]: numbers(1, (v, at) => v.getUint8(at)),
  [Type.SMALLINT]: numbers(2, (v, at) => v.getInt16(at, true)),
  [Type.USMALLINT]: numbers(2, (v, at) => v.getUint16(at, true)),
  [Type.INTEGER]: numbers(4, (v, at) => v.getInt32(at, true)),
  [Type.UINTEGER]: numbers(4, (v, at) => v.getUint32(at, true)),
  [Type.BIGINT]: numbers(8, (v, at) => String(v.getBigInt64(at, true))),
  [Type.UBIGINT]: numbers(8, (v, at) => String(v.getBigUint64(at, true))),
  [Type.HUGEINT]: numbers(16, (v, at) => String((v.getBigInt64(at + 8, true) << 64n) + v.getBigUint64(at, true))),
  [Type.FLOAT]: numbers(4, (v, at) => finite(v.getFloat32(at, true))),
  [Type.DOUBLE]: numbers(8, (v, at) => finite(v.getFloat64(at, true))),
  [Type.VARCHAR]: (vector, rows) => {
    const text = texts(vector, rows);
    return row => text(row);
  },
};
/** 16 bytes a text: its length, and up to 12 bytes of UTF-8 or where they are */
function texts(vector: Vector, rows: number): (row: number) => string {
  const b = raw.vector_get_data(vector, rows * 16);
  const v = new DataView(b.buffer, b.byteOffset, b.byteLength);
  const all = Buffer.from(b.buffer, b.byteOffset, b.byteLength);
  return row => {
    const length = v.getUint32(16 * row, true);
    if (length <= 12) return all.toString("utf8", 16 * row + 4, 16 * row + 4 + length);
    const far = raw.get_data_from_pointer(b.buffer as ArrayBuffer, b.byteOffset + 16 * row + 8, length); // as: the binding made it
    return Buffer.from(far.buffer, far.byteOffset, length).toString("utf8");
  };
}
/** a small result as values of JSON */
export async function values(result: Result): Promise<readonly (readonly unknown[])[]> {
  const columns = Array.from({ length: raw.column_count(result) }, (_, i) => READS[raw.column_type(result, i)]);
  if (columns.some(read => !read)) {
    const { DuckDBMaterializedResult } = await import("@duckdb/node-api");
    return new DuckDBMaterializedResult(result).getRowsJson();
  }
  const out: unknown[][] = [];
  for (let got = await next(result); got; got = await next(result)) {
    const { chunk, rows } = got;
    const cells = columns.map((read, i) => {
      const vector = raw.data_chunk_get_vector(chunk, i);
      const valid = raw.vector_get_validity(vector, 8 * Math.ceil(rows / 64));
      const value = read!(vector, rows);
      return (row: number): unknown => (raw.validity_row_is_valid(valid, row) ? value(row) : null);
    });
    for (let row = 0; row < rows; row++) out.push(cells.map(c => c(row)));
  }
  return out;
}

// ---- columns

/** all rows; as bytes, or as texts. It awaits nothing: to be called back for each vector would take some ten times as long as to copy it */
export function columns(result: Result, wanted: readonly Wanted[]): Piece {
  const chunks = Array.from({ length: raw.result_chunk_count(result) }, (_, i) => raw.result_get_chunk(result, i));
  const sizes = chunks.map(chunk => raw.data_chunk_get_size(chunk));
  const rows = sizes.reduce((a, b) => a + b, 0);
  const all = wanted.map(({ bytes, list, text }, i): Uint8Array | readonly string[] => {
    const vectors = chunks.map(chunk => raw.data_chunk_get_vector(chunk, i));
    if (text)
      return vectors.flatMap((vector, k) => {
        const word = texts(vector, sizes[k]!);
        return Array.from({ length: sizes[k]! }, (_, row) => word(row));
      });
    const out = new Uint8Array(rows * bytes);
    let at = 0;
    for (const [k, vector] of vectors.entries()) {
      const part = raw.vector_get_data(list ? raw.array_vector_get_child(vector) : vector, sizes[k]! * bytes);
      out.set(part, at);
      at += part.length;
    }
    return out;
  });
  return { rows, columns: all };
}

// ---- tables

/** rows of one of DuckDB's vectors */
const VECTOR = 2048;
const CELLS: Readonly<Record<string, readonly [type: number, bytes: number]>> = {
  BIGINT: [Type.BIGINT, 8],
  DOUBLE: [Type.DOUBLE, 8],
  FLOAT: [Type.FLOAT, 4],
  INTEGER: [Type.INTEGER, 4],
  UINTEGER: [Type.UINTEGER, 4],
  USMALLINT: [Type.USMALLINT, 2],
  TINYINT: [Type.TINYINT, 1],
  UTINYINT: [Type.UTINYINT, 1],
  VARCHAR: [Type.VARCHAR, 0],
};
const cellOf = (type: string): readonly [type: number, bytes: number] => CELLS[type.toUpperCase()]!; // the tables that are made have these
const encoder = new TextEncoder();
/** the words of the columns of the table that was put last */
let said: { readonly table: string; readonly types: Map<number, Words> } | undefined;
interface Words {
  readonly type: LogicalType;
  readonly width: 1 | 2 | 4;
}
/** an enum of DuckDB's takes as many bytes as its last place needs */
const wordsOf = (words: readonly string[]): Words => ({
  type: raw.create_enum_type(words),
  width: words.length <= 0xff ? 1 : words.length <= 0xffff ? 2 : 4,
});
function narrow(places: Int32Array, width: Words["width"]): ArrayBuffer {
  if (width === 4) return places.slice().buffer as ArrayBuffer; // as: a copy is not shared
  return width === 2 ? Uint16Array.from(places).buffer : Uint8Array.from(places).buffer;
}

/** appends rows to a table: vectors as bytes, but for texts */
export function put(connection: Connection, table: string, all: readonly Put[], rows: number): void {
  if (said?.table !== table || all.some(c => "words" in c)) said = { table, types: new Map() };
  const words = all.map((c, i): Words | undefined => {
    if (!("places" in c)) return undefined;
    const own = c.words ? wordsOf(c.words) : said!.types.get(i);
    if (!own) throw new Error("internal: words that were not said");
    said!.types.set(i, own);
    return own;
  });
  const kind = ({ type, size }: PutCells): LogicalType => {
    const one = raw.create_logical_type(cellOf(type)[0]);
    return size ? raw.create_array_type(one, size) : one;
  };
  const types = all.map((c, i) => {
    if (!("ends" in c)) return words[i]?.type ?? kind(c);
    const fields = c.fields.map(kind);
    const names = fields.map((_, i) => `f${i}`);
    return raw.create_list_type(fields.length > 1 ? raw.create_struct_type(fields, names) : fields[0]!);
  });
  /** elements `from` to `to` of a column as those of a vector, from its first on */
  const fill = (vector: Vector, c: PutCells, from: number, to: number): void => {
    if ("texts" in c) {
      for (let i = from; i < to; i++)
        raw.vector_assign_string_element_len(vector, i - from, encoder.encode(c.texts[i]!));
      return;
    }
    if ("places" in c) throw new Error("internal: places in a list");
    const row = cellOf(c.type)[1] * (c.size || 1);
    const { buffer, byteOffset } = c.bytes;
    // as: the binding copies from shared memory, too
    raw.copy_data_to_vector(
      c.size ? raw.array_vector_get_child(vector) : vector,
      0,
      buffer as ArrayBuffer,
      byteOffset + from * row,
      (to - from) * row,
    );
  };
  const appender = raw.appender_create(connection, null, table);
  // one for all: what it takes, megabytes where rows are long, is given back when its object is collected, which V8 takes for a small one
  const chunk = raw.create_data_chunk(types);
  for (let from = 0; from < rows; from += VECTOR) {
    const n = Math.min(VECTOR, rows - from);
    raw.data_chunk_reset(chunk);
    raw.data_chunk_set_size(chunk, n);
    all.forEach((c, i) => {
      const vector = raw.data_chunk_get_vector(chunk, i);
      if ("places" in c) {
        const { width } = words[i]!;
        const own = new Int32Array(c.places.buffer, c.places.byteOffset + 4 * from, n);
        raw.copy_data_to_vector(vector, 0, narrow(own, width), 0, n * width);
        return;
      }
      if (!("ends" in c)) {
        fill(vector, c, from, from + n);
        return;
      }
      const first = from ? c.ends[from - 1]! : 0;
      const entries = new BigUint64Array(2 * n);
      for (let k = 0; k < n; k++) {
        const [begin, end] = [k ? c.ends[from + k - 1]! : first, c.ends[from + k]!];
        entries[2 * k] = BigInt(begin - first);
        entries[2 * k + 1] = BigInt(end - begin);
      }
      const last = c.ends[from + n - 1]!;
      raw.list_vector_reserve(vector, last - first);
      raw.list_vector_set_size(vector, last - first);
      raw.copy_data_to_vector(vector, 0, entries.buffer, 0, entries.byteLength);
      const child = raw.list_vector_get_child(vector);
      c.fields.forEach((field, k) => {
        fill(c.fields.length > 1 ? raw.struct_vector_get_child(child, k) : child, field, first, last);
      });
    });
    raw.append_data_chunk(appender, chunk);
  }
  raw.appender_close_sync(appender);
}
