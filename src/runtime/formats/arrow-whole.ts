/** Whether the buffers of an Arrow table hold what its batches say of them: a damaged file may say anything. Knows no column by its name. */
import type { Table as ArrowTable, Data } from "apache-arrow";
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
 * A file holds a stream between its marks, and behind it where each batch of it is. The stream is read where it says as much, from its beginning:
 * only files that Arrow's own package for JavaScript wrote have no schema there. Throws where it is cut off, or a message is none
 */
export function streamOf(a: Arrow, bytes: Uint8Array): Uint8Array {
  const text = (from: number): string => Buffer.from(bytes.subarray(from, from + MAGIC.length)).toString("latin1");
  const isFile = text(0) === MAGIC;
  if (isFile && (bytes.length < LEAST_FILE || text(bytes.length - MAGIC.length) !== MAGIC))
    throw new Error("the end of the file is missing");
  // behind the stream lies what tells of it, its length and the mark: where there is no batch the package reads on
  const stream = isFile ? bytes.subarray(8, Math.max(8, bytes.length - MAGIC.length - 4 - lastWord(bytes))) : bytes;
  return hasSchema(a, stream) ? stream : bytes;
}
/** before the mark at the end */
const lastWord = ({ buffer, byteOffset, length }: Uint8Array): number =>
  new DataView(buffer, byteOffset, length).getUint32(length - MAGIC.length - 4, true);
/** rows that a batch may have: more would be counted for hours */
const MOST = 2 ** 31;
/** whether it begins with what its columns are; throws where a message is none: Arrow's reader would look at it for ever */
function hasSchema(a: Arrow, messages: Uint8Array): boolean {
  let [has, isFirst] = [false, true];
  const reader = new a.MessageReader(messages);
  for (let next = reader.next(); !next.done; next = reader.next()) {
    const header = next.value.header();
    if (isFirst) has = next.value.isSchema();
    isFirst = false;
    const lengths = "nodes" in header ? [header.length, ...header.nodes.map(n => n.length)].map(Number) : [];
    const [rows, first = rows] = lengths;
    if (rows !== first || lengths.some(n => !(n >= 0 && n < MOST)))
      throw new Error("a batch has a number of rows that is none");
    reader.readMessageBody(next.value.bodyLength);
  }
  return has;
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
    const wrong = wrongEnds(valueOffsets as ArrayLike<number | bigint>, length, most); // as: such types have them
    return wrong ?? (child && wrongIn(a, child as Data)); // as: of any type
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
