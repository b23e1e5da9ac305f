/** Apache Arrow's files and streams: a table by columns, in batches. Nested values are left alone, but for lists of one length. */
import { createRequire } from "node:module";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { Table as ArrowTable, Data, DataType, Field, Timestamp, Vector } from "apache-arrow";
import { HostError } from "../../ir/host.ts";
import { type Column, STORED_BYTES, type Stored, sizeOf } from "../../ir/type.ts";
import { type Numbers, writable } from "../dtype.ts";
import { readAll } from "../files.ts";
import type { Strings } from "../strings.ts";
import { arrowFile } from "./arrow-sink.ts";
import { type Allocate, kernelStore } from "./format.ts";
import { wrongCell } from "./table-words.ts";
import { type Found, type Read, tabular } from "./tabular.ts";

type Arrow = typeof import("apache-arrow");
let loaded: Arrow | undefined;
/** a tenth of a second: only where such a file is read or written */
function arrowPackage(): Arrow {
  if (loaded) return loaded;
  loaded = createRequire(import.meta.url)("apache-arrow") as Arrow; // as: the package says so
  const codec = { encode: (b: Uint8Array) => zstdCompressSync(b), decode: (b: Uint8Array) => zstdDecompressSync(b) };
  loaded.compressionRegistry.set(loaded.CompressionType.ZSTD, codec);
  return loaded;
}

function tableOf(path: string): ArrowTable {
  const bytes = readAll(path);
  const { tableFromIPC } = arrowPackage();
  let table: ArrowTable;
  try {
    table = tableFromIPC(bytes);
  } catch (e) {
    const message = (e as Error).message;
    if (/codec not found/.test(message))
      throw new HostError(`cannot read ${path}: it is compressed with LZ4, which this hsc cannot undo; zstd or none`);
    throw new HostError(`cannot read ${path}: ${message.split("\n")[0]}`);
  }
  // what is no arrow file at all gives a table without columns
  if (!table.schema.fields.length) throw new HostError(`${path} is no arrow file, or one without columns`);
  return table;
}
/** undefined: nothing that the language has */
function storeOf(type: DataType): Column["store"] | undefined {
  const { DataType: T } = arrowPackage();
  if (T.isBool(type)) return "bool";
  if (T.isInt(type)) {
    if (type.bitWidth === 8 && !type.isSigned) return "u8";
    return type.bitWidth < 32 || (type.bitWidth === 32 && type.isSigned) ? "i32" : "i64";
  }
  if (T.isFloat(type)) return type.precision === 2 ? "f64" : "f32";
  if (T.isTimestamp(type) || T.isDate(type)) return "time";
  if (T.isUtf8(type) || T.isLargeUtf8(type) || T.isUtf8View(type)) return "string";
  if (T.isDictionary(type)) return storeOf(type.dictionary);
  return undefined;
}
const items = (f: Field): Field | undefined => {
  const { DataType: T } = arrowPackage();
  return T.isFixedSizeList(f.type) || T.isList(f.type) ? f.type.children[0] : undefined;
};
function found(path: string): readonly Found[] {
  const table = tableOf(path);
  return table.schema.fields.flatMap((f, i): readonly Found[] => {
    const column = table.getChildAt(i)!;
    const item = items(f);
    if (item) {
      const store = storeOf(item.type);
      // the first row tells how long all lists are; one that differs is an error when it is read
      const length = column.length ? ((column.get(0) as Vector | null)?.length ?? 0) : 0;
      return store && store !== "string" && store !== "time"
        ? [{ name: f.name, column: { store, shape: [length], nullable: false } }]
        : [];
    }
    const nullable = column.nullCount > 0;
    if (arrowPackage().DataType.isNull(f.type))
      return [{ name: f.name, column: { store: "string", shape: [], nullable: true }, empty: true }];
    const store = storeOf(f.type);
    return store ? [{ name: f.name, column: { store, shape: [], nullable } }] : [];
  });
}

const RANGES: { readonly [S in Stored]?: readonly [number, number] } = {
  i32: [-(2 ** 31), 2 ** 31 - 1],
  u8: [0, 255],
  i8: [-128, 127],
  u16: [0, 65535],
  u32: [0, 2 ** 32 - 1],
};
type Put = (to: number, value: unknown) => boolean;
/** stores a cell as the column has it; false: it is out of range */
function putting(read: Read, type: DataType, to: Numbers, strings: Strings): Put {
  const { store } = read.column;
  const wide = to as BigInt64Array; // as: those of time and i64 are
  if (store === "string")
    return (at, x) => {
      to[at] = strings.number(String(x));
      return true;
    };
  if (store === "time") {
    const micros = microseconds(type);
    return (at, x) => {
      wide[at] = micros(x as number | bigint);
      return true;
    };
  }
  if (store === "i64")
    return (at, x) => {
      wide[at] = BigInt(x as number | bigint);
      return wide[at] === BigInt(x as number | bigint);
    };
  const range = RANGES[store];
  return (at, x) => {
    const value = Number(x);
    if (range && (value < range[0] || value > range[1])) return false;
    to[at] = value;
    return true;
  };
}
/** of an element of the column's own array */
function microseconds(type: DataType): (x: number | bigint) => bigint {
  const { DataType: T, TimeUnit, DateUnit } = arrowPackage();
  if (T.isDate(type)) {
    const day = type.unit === DateUnit.DAY;
    return x => BigInt(x) * (day ? 86_400_000_000n : 1000n);
  }
  switch ((type as Timestamp).unit) {
    case TimeUnit.SECOND:
      return x => BigInt(x) * 1_000_000n;
    case TimeUnit.MILLISECOND:
      return x => BigInt(x) * 1000n;
    case TimeUnit.MICROSECOND:
      return x => BigInt(x);
    default:
      return x => BigInt(x) / 1000n - (BigInt(x) % 1000n < 0n ? 1n : 0n);
  }
}
/** the cells of a batch of a column: numbers and instants as their array has them, what else there is as the package gives it */
function cellsOf(data: Data): (row: number) => unknown {
  const { DataType: T, Vector: V } = arrowPackage();
  const { type } = data;
  const plain =
    (T.isInt(type) || (T.isFloat(type) && type.precision > 0) || T.isTimestamp(type) || T.isDate(type)) && data.values;
  if (!plain) {
    const vector = new V([data]);
    return row => vector.get(row);
  }
  const values = data.values as ArrayLike<number | bigint>; // as: of these types
  if (data.nullCount === 0) return row => values[row];
  return row => (data.getValid(row) ? values[row] : null);
}

/** the columns of all files, one file behind the other */
function load(
  files: readonly string[],
  _options: unknown,
  reads: readonly Read[],
  allocate: Allocate,
  strings: Strings,
): number {
  const tables = files.map(tableOf);
  const rows = tables.reduce((n, t) => n + t.numRows, 0);
  const rooms = reads.flatMap(({ name, column: { store, shape, nullable } }) => {
    const stored = kernelStore(store);
    const own = { stored, bytes: rows * STORED_BYTES[stored] * sizeOf(shape) };
    if (!nullable) return [{ name, ...own }];
    return [
      { name: `${name}.value`, ...own },
      { name: `${name}.present`, stored: "bool" as const, bytes: 4 * rows },
    ];
  });
  for (const r of rooms) allocate(r.name, r.bytes);
  // after the last `allocate` no view is detached any more
  const views = new Map(rooms.map(r => [r.name, writable(r.stored, allocate(r.name, r.bytes))]));
  for (const read of reads) {
    const { name, column } = read;
    const to = views.get(column.nullable ? `${name}.value` : name)!;
    const there = views.get(`${name}.present`);
    const size = sizeOf(column.shape);
    let base = 0;
    tables.forEach((table, i) => {
      const path = files[i]!;
      const own = table.getChild(name);
      if (!own) throw new HostError(`no column \`${name}\` in ${path}`, i);
      let row = 0;
      for (const data of own.data) {
        const cells = cellsOf(data);
        const list = column.shape.length > 0;
        const put = putting(read, list ? data.type.children[0]!.type : data.type, to, strings);
        for (let k = 0; k < data.length; k++, row++) {
          const cell = cells(k);
          const at = base + row;
          if (cell === null || cell === undefined) {
            if (!there) throw wrongCell(path, i, row, read, undefined);
            continue; // memory is 0 as it comes
          }
          if (there) there[at] = 1;
          const elements = list ? [...(cell as Iterable<unknown>)] : [cell];
          const right = elements.length === size && elements.every((x, e) => x !== null && put(at * size + e, x));
          if (!right) throw wrongCell(path, i, row, read, list ? `[${elements.join(", ")}]` : String(cell));
        }
      }
      base += row;
    });
  }
  return rows;
}

export const arrow = tabular(
  {
    name: "arrow",
    doc: "a table by columns, in memory as in files; streams too",
    extensions: [".arrow", ".feather"],
    found,
    relation: path => {
      throw new HostError(`cannot read ${path}: DuckDB reads no arrow files`);
    },
    count: path => tableOf(path).numRows,
    direct: load,
  },
  { encodeTable: (columns, rows) => arrowFile(arrowPackage(), columns, rows) },
);
