/** idx, the format of MNIST: two zero bytes, element type, rank, big-endian dims, big-endian data; gzipped or not. Knows no data set. */
import { constants, gunzipSync } from "node:zlib";
import { HostError } from "../../ir/host.ts";
import { type Column, STORED_BYTES, type Stored, sizeOf } from "../../ir/type.ts";
import { i16ToI32, swapBytes } from "../dtype.ts";
import { head, type Input, withInput } from "../files.ts";
import type { Format } from "./format.ts";

/** code -> bytes in the file and how it is stored here. http://yann.lecun.com/exdb/mnist */
const TYPES: { readonly [code: number]: { readonly bytes: number; readonly store: Stored } } = {
  8: { bytes: 1, store: "u8" },
  9: { bytes: 1, store: "i8" },
  11: { bytes: 2, store: "i32" },
  12: { bytes: 4, store: "i32" },
  13: { bytes: 4, store: "f32" },
  14: { bytes: 8, store: "f64" },
};
interface Header {
  readonly store: Stored;
  readonly elementBytes: number;
  readonly dims: readonly number[];
  readonly dataOffset: number;
}
const isGzip = (b: Uint8Array): boolean => b[0] === 0x1f && b[1] === 0x8b;

/** the first bytes, inflated as far as they go */
function start(file: Input): Uint8Array {
  const b = head(file, 4096);
  if (!isGzip(b)) return b;
  try {
    return gunzipSync(b, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch (e) {
    throw new HostError(`${file.path} is damaged: ${(e as Error).message}`);
  }
}
function header(path: string, b: Uint8Array): Header {
  if (b.length === 0) throw new HostError(`${path} is empty, an idx file was expected`);
  const type = TYPES[b[2]!];
  if (b.length < 4 || b[0] !== 0 || b[1] !== 0 || !type) {
    const found = Buffer.from(b.subarray(0, 4)).toString("hex").replace(/../g, "$& ").trim();
    throw new HostError(
      `${path} is no idx file: it starts with ${found}, expected 00 00, a type (08 09 0b 0c 0d 0e) and a rank`,
    );
  }
  const rank = b[3]!;
  if (rank === 0) throw new HostError(`${path}: an idx file of rank 0 has no rows`);
  const dataOffset = 4 + 4 * rank;
  if (b.length < dataOffset)
    throw new HostError(`${path} ends in its header: ${b.length} bytes, rank ${rank} needs ${dataOffset}`);
  const at = new DataView(b.buffer, b.byteOffset);
  return {
    store: type.store,
    elementBytes: type.bytes,
    dims: Array.from({ length: rank }, (_, i) => at.getUint32(4 + 4 * i)),
    dataOffset,
  };
}
const dataBytes = (h: Header): number => sizeOf(h.dims) * h.elementBytes;

/** names in the order of the arguments: idx(images, labels) */
const NAMES = ["image", "label"] as const;
function headers(files: readonly string[]): readonly Header[] {
  const all = files.map((path, i) =>
    ofFile(i, () =>
      withInput(path, f => {
        const b = start(f);
        const h = header(path, b);
        // a gzip file tells its length only when inflated; `rows` checks it then
        if (!isGzip(head(f, 2))) checkLength(path, h, f.size);
        return h;
      }),
    ),
  );
  const [images, labels] = all;
  if (images && labels && images.dims[0] !== labels.dims[0])
    throw new HostError(`${files[1]} has ${labels.dims[0]} labels for the ${images.dims[0]} rows of ${files[0]}`, 1);
  return all;
}
function ofFile<T>(i: number, f: () => T): T {
  try {
    return f();
  } catch (e) {
    throw e instanceof HostError ? new HostError(e.message, i) : e;
  }
}
function checkLength(path: string, h: Header, found: number): void {
  const expected = h.dataOffset + dataBytes(h);
  if (found === expected) return;
  const what = `${h.dims.join(" x ")} elements of ${h.elementBytes} bytes`;
  throw new HostError(
    `${path} has ${found} bytes, its header (${what}) needs ${expected}${found < expected ? ": it is cut off" : ""}`,
  );
}
const columnsOf = (hs: readonly Header[]): Record<string, Column> =>
  Object.fromEntries(hs.map((h, i) => [NAMES[i]!, { store: h.store, shape: h.dims.slice(1), nullable: false }]));

/** the data, big endian as in the file, into `into` where that is possible without a copy */
function data(file: Input, h: Header): Uint8Array {
  if (!isGzip(head(file, 2))) {
    const b = new Uint8Array(dataBytes(h));
    file.fill(h.dataOffset, b);
    return b;
  }
  const expected = h.dataOffset + dataBytes(h);
  let all: Uint8Array;
  try {
    // one byte more than promised is enough to see that there is too much
    all = gunzipSync(head(file, file.size), { maxOutputLength: expected + 1 });
  } catch (e) {
    const code = (e as NodeJS.ErrnoException).code;
    if (code === "Z_BUF_ERROR")
      throw new HostError(`${file.path} is cut off: the gzip data end after ${file.size} bytes`);
    if (code === "ERR_BUFFER_TOO_LARGE")
      throw new HostError(`${file.path} holds more than the ${expected} bytes that its header needs`);
    throw new HostError(`${file.path} is damaged: ${(e as Error).message}`);
  }
  checkLength(file.path, h, all.length);
  return all.subarray(h.dataOffset);
}

export const idx: Format = {
  name: "idx",
  doc: "images and labels as MNIST has them: columns `image` and, with a second file, `label`",
  extensions: [".idx", "-ubyte", "-ubyte.gz", ".idx.gz"],
  schema: files => {
    const hs = headers(files);
    return { columns: columnsOf(hs), rows: hs[0]!.dims[0]! };
  },
  rows: (files, _, allocate) => {
    const hs = headers(files);
    hs.forEach((h, i) => {
      withInput(files[i]!, f => {
        let b = data(f, h);
        swapBytes(b, h.elementBytes);
        if (h.elementBytes === 2) b = i16ToI32(b);
        allocate(NAMES[i]!, sizeOf(h.dims) * STORED_BYTES[h.store]).set(b);
      });
    });
    return { rows: hs[0]!.dims[0]!, columns: columnsOf(hs) };
  },
};
