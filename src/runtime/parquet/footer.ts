/**
 * What a parquet file says of itself: its plain columns of numbers, and where each lies in each group of rows. Source: apache/parquet-format
 * parquet.thrift. Knows no page.
 */
import { closeSync, fstatSync, openSync } from "node:fs";
import { fill } from "../csv/text.ts";
import { listOf, numberOf, type Struct, structAt, structOf } from "./thrift.ts";

/** how a value is stored; others are left to the engine */
export type Plain = "i32" | "i64" | "f32" | "f64";
export const BYTES: Readonly<Record<Plain, number>> = { i32: 4, i64: 8, f32: 4, f64: 8 };
const CODECS = ["none", "snappy", "gzip", undefined, undefined, undefined, "zstd"] as const;
export type Codec = NonNullable<(typeof CODECS)[number]>;
/** of a column in a group */
export interface Chunk {
  readonly codec: Codec;
  readonly begin: number;
  readonly bytes: number;
  /** without the codec */
  readonly size: number;
}
export interface Group {
  readonly rows: number;
  /** by name; absent: it is stored in a way that is left to the engine */
  readonly chunks: ReadonlyMap<string, Chunk>;
}
export interface Footer {
  readonly rows: number;
  /** columns of one value per row; `optional`: a row may have none */
  readonly columns: ReadonlyMap<string, { readonly plain: Plain; readonly optional: boolean }>;
  readonly groups: readonly Group[];
}

const MAGIC = "PAR1";
const [ROOT, REPEATED] = [1, 2];
/** a struct's own words for "too odd": whoever reads asks the engine then */
const odd = (why: string): never => {
  throw new Error(why);
};
const text = (v: unknown): string =>
  v instanceof Uint8Array ? Buffer.from(v).toString("utf8") : odd("a name that is none");
/** parquet.thrift's Type and ConvertedType, of numbers that are what their bytes are */
function plainOf(element: Struct): Plain | undefined {
  const [type, converted, logical] = [numberOf(element, 1), numberOf(element, 6), structOf(element, 10)];
  const integer = logical && structOf(logical, 10);
  const isSigned = (bits: number, own: number): boolean =>
    (converted === undefined || converted === own) &&
    (!logical || (integer !== undefined && integer.get(1) === bits && integer.get(2) === true));
  if (type === 1 && isSigned(32, 17)) return "i32";
  if (type === 2 && isSigned(64, 18)) return "i64";
  if (converted !== undefined || logical) return undefined;
  return type === 4 ? "f32" : type === 5 ? "f64" : undefined;
}
/** throws where the file is damaged, or not of this kind */
export function footerOf(path: string): Footer {
  const fd = openSync(path, "r");
  try {
    const { size } = fstatSync(fd);
    const tail = new Uint8Array(8);
    if (size < 12) odd("too short");
    fill(fd, size - 8, tail);
    const length = new DataView(tail.buffer).getUint32(0, true);
    if (Buffer.from(tail.subarray(4)).toString("latin1") !== MAGIC || length > size - 12) odd("no parquet");
    const bytes = new Uint8Array(length);
    fill(fd, size - 8 - length, bytes);
    return read(structAt(bytes, 0).value, size);
  } finally {
    closeSync(fd);
  }
}
const asStruct = (v: unknown): Struct => (v instanceof Map ? (v as Struct) : odd("no struct")); // as: thrift.ts makes no other Map
function read(file: Struct, size: number): Footer {
  const columns = new Map<string, { readonly plain: Plain; readonly optional: boolean }>();
  const schema = listOf(file, 2).map(asStruct);
  /** below: how many elements belong to groups */
  for (let i = ROOT, below = 0; i < schema.length; i++) {
    const element = schema[i]!;
    const children = numberOf(element, 5) ?? 0;
    const repetition = numberOf(element, 3) ?? 0;
    const plain = plainOf(element);
    const name = text(element.get(4));
    if (columns.has(name)) odd("two columns of a name");
    if (below === 0 && children === 0 && plain && repetition !== REPEATED)
      columns.set(name, { plain, optional: repetition === 1 });
    below = Math.max(0, below - 1) + children;
  }
  const groups = listOf(file, 4).map((g): Group => {
    const group = asStruct(g);
    const chunks = new Map<string, Chunk>();
    const rows = numberOf(group, 3) ?? odd("no rows");
    for (const c of listOf(group, 1).map(asStruct)) {
      const meta = structOf(c, 3);
      const path = meta && listOf(meta, 3);
      if (!meta || path?.length !== 1 || c.has(1) || c.has(8)) continue;
      const codec = CODECS[numberOf(meta, 4) ?? -1];
      const [data, words] = [numberOf(meta, 9) ?? -1, numberOf(meta, 11) ?? 0];
      const begin = words > 0 && words < data ? words : data;
      const bytes = numberOf(meta, 7) ?? -1;
      const isThere = begin >= 4 && bytes >= 0 && begin + bytes <= size && numberOf(meta, 5) === rows;
      if (codec && isThere) chunks.set(text(path[0]), { codec, begin, bytes, size: numberOf(meta, 6) ?? 0 });
    }
    return { rows, chunks };
  });
  const rows = groups.reduce((n, g) => n + g.rows, 0);
  return rows === numberOf(file, 3) ? { rows, columns, groups } : odd("groups without some rows");
}
