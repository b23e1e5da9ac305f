/** Apache Arrow's files and streams: a table by columns, in batches. Fields of records are columns by their path, lists are tensors or what they are. */
import { createRequire } from "node:module";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { Table as ArrowTable } from "apache-arrow";
import { HostError } from "../../ir/host.ts";
import { type Column, STORED_BYTES, type Stored, sizeOf } from "../../ir/type.ts";
import { type Numbers, writable } from "../dtype.ts";
import { readAll } from "../files.ts";
import { unpackLz4 } from "../lz4.ts";
import type { Strings } from "../strings.ts";
import { type Arrow, cellsOf, leavesOf, type Part, partsOf, putting } from "./arrow-columns.ts";
import { arrowFile } from "./arrow-sink.ts";
import { boundVectors, damageOf, type Flatbuffers, streamOf } from "./arrow-whole.ts";
import { type Allocate, endsOf, fieldOf, kernelStore } from "./format.ts";
import { kindOf } from "./kind.ts";
import { wrongCell } from "./table-words.ts";
import { expectColumn, type Found, type Read, tabular } from "./tabular.ts";

let loaded: Arrow | undefined;
/** a tenth of a second: only where such a file is read or written */
function arrowPackage(): Arrow {
  if (loaded) return loaded;
  const here = createRequire(import.meta.url);
  loaded = here("apache-arrow") as Arrow; // as: the package says so
  boundVectors((createRequire(here.resolve("apache-arrow"))("flatbuffers") as Flatbuffers).ByteBuffer.prototype); // as: so does that
  const { CompressionType, compressionRegistry } = loaded;
  const zstd = { encode: (b: Uint8Array) => zstdCompressSync(b), decode: (b: Uint8Array) => zstdDecompressSync(b) };
  compressionRegistry.set(CompressionType.ZSTD, zstd);
  compressionRegistry.set(CompressionType.LZ4_FRAME, { decode: unpackLz4 });
  return loaded;
}

function tableOf(path: string): ArrowTable {
  const bytes = readAll(path);
  const { tableFromIPC } = arrowPackage();
  let table: ArrowTable;
  try {
    table = tableFromIPC(streamOf(arrowPackage(), bytes));
  } catch (e) {
    if (e instanceof HostError) throw e;
    throw new HostError(`cannot read ${path}: ${(e as Error).message.split("\n")[0]}`);
  }
  // what is no arrow file at all gives a table without columns
  if (!table.schema.fields.length) throw new HostError(`${path} is no arrow file, or one without columns`);
  const damage = damageOf(arrowPackage(), table);
  if (damage) throw new HostError(`${path} is damaged: ${damage}`);
  return table;
}
const found = (path: string): readonly Found[] => leavesOf(arrowPackage(), tableOf(path)).map(l => l.found);

/** a column as it is read: where its cells go */
interface Room {
  readonly stored: Stored;
  readonly bytes: number;
}
type Rooms = ReadonlyMap<string, Numbers>;
/** the batches of a column in all files */
type Batches = readonly { readonly file: number; readonly part: Part; readonly from: number }[];

function batchesOf(files: readonly string[], tables: readonly ArrowTable[], { name, column }: Read): Batches {
  let from = 0;
  return tables.flatMap((table, file) => {
    const leaf = leavesOf(arrowPackage(), table).find(l => l.found.name === name);
    if (!leaf) throw new HostError(`no column \`${name}\` in ${files[file]}`, file);
    expectColumn(files[file]!, { name, column }, [leaf.found], file);
    return partsOf(arrowPackage(), table, leaf.path).map(part => {
      const own = { file, part, from };
      from += part.rows;
      return own;
    });
  });
}
/** elements of lists in a batch that no row is missing of */
const elementsIn = (batches: Batches): number =>
  batches.reduce((n, { part }) => {
    let own = n;
    for (let row = 0; row < part.rows; row++) if (part.isThere(row)) own += part.length(row);
    return own;
  }, 0);

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
  const all = reads.map(read => ({ read, batches: batchesOf(files, tables, read) }));
  const rooms = new Map<string, Room>();
  for (const { read, batches } of all) {
    const { name, column } = read;
    const room = (key: string, stored: Stored, count: number): void =>
      void rooms.set(key, { stored, bytes: count * STORED_BYTES[stored] });
    if (column.list) {
      const count = elementsIn(batches);
      room(endsOf(name), "i32", rows);
      scalarsOf(column).forEach(([, s], i) => void room(fieldOf(name, i), kernelStore(s), count));
      continue;
    }
    room(column.nullable ? `${name}.value` : name, kernelStore(column.store), rows * sizeOf(column.shape));
    if (column.nullable) room(`${name}.present`, "bool", rows);
  }
  for (const [key, { bytes }] of rooms) allocate(key, bytes);
  // after the last `allocate` no view is detached any more
  const views: Rooms = new Map([...rooms].map(([key, r]) => [key, writable(r.stored, allocate(key, r.bytes))]));
  for (const { read, batches } of all) (read.column.list ? putLists : putCells)(read, batches, files, views, strings);
  return rows;
}
/** `found` gives no other lists */
const scalarsOf = ({ list }: Column): readonly (readonly [string, Column["store"]])[] =>
  (list ?? []).map(([name, x]) => {
    if (typeof x !== "string") throw new Error("internal: arrow: a list in a list");
    return [name, x];
  });
function putCells(read: Read, batches: Batches, files: readonly string[], rooms: Rooms, strings: Strings): void {
  const { name, column } = read;
  const to = rooms.get(column.nullable ? `${name}.value` : name)!;
  const there = rooms.get(`${name}.present`);
  const size = sizeOf(column.shape);
  const before = rowsBefore(batches);
  for (const { file, part, from } of batches) {
    const wrong = (row: number, text?: string): HostError =>
      wrongCell(files[file]!, file, from - before(file) + row, read, text);
    const cells = cellsOf(arrowPackage(), part.items[0]!.data);
    const put = putting(arrowPackage(), column.store, part.items[0]!.type, to, strings);
    for (let row = 0; row < part.rows; row++) {
      if (!part.isThere(row)) {
        if (!there) throw wrong(row);
        if (column.store === "string") to[from + row] = strings.number("");
        continue; // memory is 0 as it comes
      }
      if (there) there[from + row] = 1;
      const [first, length] = part.isList ? [part.first(row), part.length(row)] : [row, 1];
      let right = length === size && (!part.isList || hasSides(part.sides(row), column.shape));
      for (let k = 0; k < length && right; k++) {
        const cell = cells(first + k);
        right = cell !== null && put((from + row) * size + k, cell);
      }
      if (right) continue;
      const shown = Array.from({ length }, (_, k) => String(cells(first + k)));
      throw wrong(row, part.isList ? `[${shown.join(", ")}]` : shown[0]);
    }
  }
}
/** a flat list of the right length is as good as one of lists */
const hasSides = (own: readonly number[] | undefined, shape: readonly number[]): boolean =>
  own !== undefined && (own.length !== shape.length || own.join() === shape.join());
/** rows of the files before one */
const rowsBefore =
  (batches: Batches): ((file: number) => number) =>
  file =>
    batches.find(b => b.file === file)?.from ?? 0;
function putLists(read: Read, batches: Batches, files: readonly string[], rooms: Rooms, strings: Strings): void {
  const { name, column } = read;
  const ends = rooms.get(endsOf(name))!;
  const before = rowsBefore(batches);
  let end = 0;
  for (const { file, part, from } of batches) {
    const wrong = (row: number, text?: string): HostError =>
      wrongCell(files[file]!, file, from - before(file) + row, read, text);
    const fields = scalarsOf(column).map(([field, store], i) => {
      const item = part.items.find(x => x.name === field);
      if (!item) throw new HostError(`no column \`${name}\` of such lists in ${files[file]}`, file);
      const put = putting(arrowPackage(), store, item.type, rooms.get(fieldOf(name, i))!, strings);
      return { cells: cellsOf(arrowPackage(), item.data), put };
    });
    for (let row = 0; row < part.rows; row++) {
      if (!part.isThere(row)) throw wrong(row);
      const [first, length] = [part.first(row), part.length(row)];
      for (const { cells, put } of fields)
        for (let k = 0; k < length; k++) {
          const cell = cells(first + k);
          if (cell === null || !put(end + k, cell)) throw wrong(row, `[.., ${String(cell)}, ..]`);
        }
      end += length;
      ends[from + row] = end;
    }
  }
}

export const arrow = tabular(
  {
    name: "arrow",
    doc: "a table by columns, in memory as in files; streams too",
    extensions: [".arrow", ".feather"],
    // a stream has no mark: old ones begin with the length of a message, which no known kind does
    isIt: begin => kindOf(begin) === undefined || kindOf(begin) === "Arrow",
    found,
    count: path => tableOf(path).numRows,
    direct: load,
  },
  { encodeTable: pieces => arrowFile(arrowPackage(), pieces) },
);
