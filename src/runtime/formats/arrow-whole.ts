/** Whether the buffers of an Arrow table hold what its batches say of them: a damaged file may say anything. Knows no column by its name. */
import { isUtf8 } from "node:buffer";
import type { Table as ArrowTable, Data, Schema } from "apache-arrow";
import type { Arrow } from "./arrow-columns.ts";

const MAGIC = "ARROW1";
/** bytes of a file: the mark, filled up to 8, a length and the mark */
const LEAST_FILE = 18;
/** of what messages are written in, what is used here: the length of a vector that is said at a place */
export interface Flatbuffers {
  readonly ByteBuffer: { readonly prototype: Messages };
}
interface Messages {
  __vector_len(this: Messages, offset: number): number;
  readonly __vector: (offset: number) => number;
  readonly capacity: () => number;
}
/** bytes of an element of a vector in Arrow's messages, at least: the place of a string or a table */
const LEAST = 4;
/** makes the package throw where a message says a vector of more elements than it has room for: it would gather them until no memory is left */
export function boundVectors(messages: Messages): void {
  const length = messages.__vector_len;
  messages.__vector_len = function (offset) {
    const n = length.call(this, offset);
    if (!(n >= 0 && this.__vector(offset) + LEAST * n <= this.capacity())) throw new Error("a message is damaged");
    return n;
  };
}

/**
 * A file holds a stream between its marks, and behind it a footer: where each batch of it is, and once more what its columns are. The stream is what
 * is read; only files that Arrow's own package for JavaScript wrote have no schema there. Throws where the file is cut off, a message is none, or
 * stream and footer tell of different batches: Arrow's reader would take what is left for all, or look at the same message for ever
 */
export function streamOf(a: Arrow, bytes: Uint8Array): Uint8Array {
  const text = (from: number): string => Buffer.from(bytes.subarray(from, from + MAGIC.length)).toString("latin1");
  if (text(0) !== MAGIC) {
    if (messagesOf(a, bytes, 0, bytes.length)[0]?.kind !== "schema")
      throw new Error("what its columns are is not there");
    return bytes;
  }
  if (bytes.length < LEAST_FILE || text(bytes.length - MAGIC.length) !== MAGIC)
    throw new Error("the end of the file is missing");
  const end = bytes.length - MAGIC.length - 4 - lastWord(bytes);
  if (end < STREAM) throw new Error("its footer is longer than the file");
  const messages = messagesOf(a, bytes, STREAM, end);
  const { schema, footer } = openFile(a, bytes);
  for (const [kind, blocks] of [
    ["batch", footer.recordBatches()],
    ["dictionary", footer.dictionaryBatches()],
  ] as const) {
    const own = messages.filter(m => m.kind === kind).map(m => m.at);
    const told = [...blocks].map(b => Number(b.offset));
    if (own.join() !== told.join())
      throw new Error(`its footer tells of ${told.length} other parts than the ${own.length} that are there (${kind})`);
  }
  if (messages[0]?.kind !== "schema") return bytes;
  const stream = bytes.subarray(STREAM, end);
  const own = new a.MessageReader(stream).readSchema();
  if (!own || own.toString() !== schema.toString())
    throw new Error("its footer tells of other columns than its beginning");
  return stream;
}
/** where the stream of a file begins */
const STREAM = 8;
/** before the mark at the end */
const lastWord = ({ buffer, byteOffset, length }: Uint8Array): number =>
  new DataView(buffer, byteOffset, length).getUint32(length - MAGIC.length - 4, true);
interface Footer {
  readonly recordBatches: () => Iterable<{ readonly offset: number | bigint }>;
  readonly dictionaryBatches: Footer["recordBatches"];
}
function openFile(a: Arrow, bytes: Uint8Array): { readonly schema: Schema; readonly footer: Footer } {
  const reader = a.RecordBatchReader.from(bytes).open();
  const { footer } = reader as unknown as { readonly footer: Footer | undefined }; // as: a reader of files has it
  if (!footer || !reader.schema) throw new Error("its footer is damaged");
  return { schema: reader.schema, footer };
}

interface Said {
  /** in the file */
  readonly at: number;
  readonly kind: "schema" | "batch" | "dictionary";
}
/** rows that a batch may have: more would be counted for hours */
const MOST = 2 ** 31;
/** before the length of a message, in all but the oldest streams */
const CONTINUED = -1;
/** each lies behind the one before, and nothing behind the last */
function messagesOf(a: Arrow, bytes: Uint8Array, from: number, to: number): readonly Said[] {
  const words = new DataView(bytes.buffer, bytes.byteOffset, to);
  const damaged = (at: number): Error => new Error(`at byte ${at} there is no message that is whole`);
  const all: Said[] = [];
  for (let at = from; at < to; ) {
    const start = at;
    const word = (): number => {
      if (at + 4 > to) throw damaged(start);
      at += 4;
      return words.getInt32(at - 4, true);
    };
    let length = word();
    if (length === CONTINUED) length = word();
    if (length === 0) {
      // the stream ends, and is filled up at most
      if (bytes.subarray(at, to).some(b => b !== 0)) throw damaged(start);
      break;
    }
    if (length < 0 || at + length > to) throw damaged(start);
    const { value } = new a.MessageReader(bytes.subarray(start, at + length)).next();
    at += length;
    const body = Number(value?.bodyLength ?? Number.NaN);
    if (!value || !(body >= 0 && at + body <= to)) throw damaged(start);
    at += body;
    const kind = value.isSchema()
      ? "schema"
      : value.isRecordBatch()
        ? "batch"
        : value.isDictionaryBatch()
          ? "dictionary"
          : undefined;
    if (!kind || (kind === "schema" && start !== from)) throw damaged(start);
    expectRows(value.header());
    all.push({ at: start, kind });
  }
  return all;
}
function expectRows(header: object): void {
  if (!("nodes" in header)) return;
  const { length, nodes } = header as {
    readonly length: number;
    readonly nodes: readonly { readonly length: number }[];
  }; // as: a batch
  const lengths = [length, ...nodes.map(n => n.length)].map(Number);
  if (lengths.some(n => !(n >= 0 && n < MOST)) || (nodes.length && lengths[1] !== lengths[0]))
    throw new Error("a batch has a number of rows that is none");
}

/** what is wrong, in words; undefined: every cell that a batch speaks of is there */
export function damageOf(a: Arrow, table: ArrowTable): string | undefined {
  for (const batch of table.batches) {
    const { children, length } = batch.data;
    if (children.length !== table.schema.fields.length) return "a batch has fewer columns than the file";
    for (const [i, column] of children.entries()) {
      const wrong = column && column.length === length ? wrongIn(a, column as Data) : "its rows are not there"; // as: of any type
      if (wrong) return `column \`${table.schema.fields[i]!.name}\`: ${wrong}`;
    }
  }
  return undefined;
}
function wrongIn(a: Arrow, d: Data): string | undefined {
  const { type, length, offset, nullBitmap, values, valueOffsets, stride } = d;
  const count = (x: unknown): number => (x as { readonly length: number } | undefined)?.length ?? 0; // as: typed arrays
  if (!Number.isSafeInteger(length) || length < 0) return "a number of rows that is none";
  if (a.DataType.isNull(type)) return undefined;
  if (d.nullCount > 0 && count(nullBitmap) * 8 < offset + length) return "which values are missing is cut off";
  if (d.children.length < (type.children?.length ?? 0)) return "a part of it is not there";
  if (a.DataType.isBool(type)) return count(values) * 8 < length ? "its values are cut off" : undefined;
  if (
    a.DataType.isUtf8(type) ||
    a.DataType.isLargeUtf8(type) ||
    a.DataType.isList(type) ||
    a.DataType.isLargeList(type)
  ) {
    const [child] = d.children;
    const most = child ? child.length : count(values);
    const ends = valueOffsets as ArrayLike<number | bigint>; // as: such types have them
    const wrong = wrongEnds(ends, length, most);
    if (wrong || child) return wrong ?? wrongIn(a, child as Data); // as: of any type
    return wrongTexts(d, ends, values as Uint8Array); // as: bytes
  }
  if (a.DataType.isFixedSizeList(type) && !(type.listSize >= 0)) return "lists of a length that is none";
  if (a.DataType.isFixedSizeList(type) || a.DataType.isStruct(type)) {
    const least = a.DataType.isFixedSizeList(type) ? type.listSize * length : length;
    for (const child of d.children as readonly Data[]) {
      // as: of any type
      const wrong = child.length < least ? "its elements are cut off" : wrongIn(a, child);
      if (wrong) return wrong;
    }
    return undefined;
  }
  if (a.DataType.isDictionary(type) && d.dictionary)
    for (const part of d.dictionary.data) {
      const wrong = wrongIn(a, part as Data); // as: of any type
      if (wrong) return wrong;
    }
  return values && count(values) < length * stride ? "its values are cut off" : undefined;
}
/** Arrow's reader puts a sign for what is no UTF-8 */
function wrongTexts(d: Data, ends: ArrayLike<number | bigint>, bytes: Uint8Array): string | undefined {
  if (d.length === 0) return undefined;
  const isText = (from: number, to: number): boolean => isUtf8(bytes.subarray(from, to));
  const isCut = (at: number): boolean => ((bytes[at] ?? 0) & 0xc0) === 0x80;
  const at = (i: number): number => Number(ends[i]);
  let isPlain = isText(at(0), at(d.length));
  for (let i = 1; i < d.length && isPlain; i++) isPlain = at(i) === at(d.length) || !isCut(at(i));
  // of a row that is missing the bytes may be any
  for (let i = 0; i < d.length && !isPlain; i++)
    if (d.getValid(i) && !isText(at(i), at(i + 1))) return `row ${i} of a batch is no text in UTF-8`;
  return undefined;
}
/** each list or text begins where the one before ends, and ends within what is there */
function wrongEnds(ends: ArrayLike<number | bigint>, length: number, most: number): string | undefined {
  if (length === 0) return undefined;
  if (ends.length <= length) return "where its values end is cut off";
  for (let i = 0, before = 0; i <= length; i++) {
    const end = Number(ends[i]);
    if (end < before || end > most) return `row ${i} of a batch ends where nothing is`;
    before = end;
  }
  return undefined;
}
