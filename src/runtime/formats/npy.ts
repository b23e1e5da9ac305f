/** npy, NumPy's file of one array: magic, version, a Python literal as header, data. Knows nothing of npz or pickles. */
import { HostError } from "../../ir/host.ts";
import { STORED_BYTES, type Stored, sizeOf } from "../../ir/type.ts";
import { boolToWords, i16ToI32, swapBytes, type TensorData, view, widen, wordsToBool } from "../dtype.ts";
import { head, type Input, withInput } from "../files.ts";
import type { Format } from "./format.ts";

/** kind and bytes of NumPy's descr -> how it is stored here */
const STORE_OF: { readonly [descr: string]: Stored } = {
  b1: "bool",
  u1: "u8",
  i1: "i8",
  u2: "u16",
  i2: "i32",
  i4: "i32",
  u4: "u32",
  i8: "i64",
  f2: "f16",
  f4: "f32",
  f8: "f64",
};
interface Header {
  readonly descr: string;
  readonly store: Stored;
  readonly bigEndian: boolean;
  readonly elementBytes: number;
  readonly fortran: boolean;
  readonly shape: readonly number[];
  readonly dataOffset: number;
}
/** numpy/lib/format.py: "\x93NUMPY", major, minor, header length (u16 in 1.0, u32 from 2.0), header (utf-8 from 3.0) */
const MAGIC = "\x93NUMPY";

export function npyHeader(file: Input): Header {
  const { path } = file;
  const start = head(file, 12);
  const latin = Buffer.from(start).toString("latin1");
  if (start.length === 0) throw new HostError(`${path} is empty, an npy file was expected`);
  if (!latin.startsWith(MAGIC)) {
    const found = JSON.stringify(latin.slice(0, 6));
    throw new HostError(`${path} is no npy file: it starts with ${found}, expected ${JSON.stringify(MAGIC)}`);
  }
  const major = start[6] ?? 0;
  if (major < 1 || major > 3)
    throw new HostError(`${path} is npy version ${major}.${start[7] ?? "?"}; 1 to 3 are known`);
  const prefix = major === 1 ? 10 : 12;
  if (start.length < prefix) throw new HostError(`${path} ends in its header, after ${start.length} bytes`);
  const at = new DataView(start.buffer);
  const length = major === 1 ? at.getUint16(8, true) : at.getUint32(8, true);
  if (prefix + length > file.size)
    throw new HostError(`${path} ends in its header: it has ${file.size} bytes, the header needs ${prefix + length}`);
  const text = new Uint8Array(length);
  file.fill(prefix, text);
  return parse(path, Buffer.from(text).toString(major === 3 ? "utf8" : "latin1"), prefix + length, file.size);
}
const KEY = "(?:'descr'\\s*:\\s*'[^']*'|'fortran_order'\\s*:\\s*(?:True|False)|'shape'\\s*:\\s*\\([\\d\\s,L]*\\))";
function parse(path: string, text: string, dataOffset: number, size: number): Header {
  const bad = (why: string): HostError =>
    new HostError(`${path}: ${why} in the npy header ${JSON.stringify(text.trim())}`);
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(text)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
  const dims = /'shape'\s*:\s*\(([\d\s,L]*)\)/.exec(text)?.[1];
  if (/'descr'\s*:\s*\[/.test(text)) throw bad("a structured type, which is no tensor,");
  if (descr === undefined || order === undefined || dims === undefined)
    throw bad("descr, fortran_order or shape is missing");
  // a literal of these three, and spaces: what else stands there may belong to a number that is damaged
  if (!new RegExp(`^\\{\\s*(?:${KEY}\\s*,\\s*){2}${KEY}\\s*,?\\s*\\}\\s*$`).test(text)) throw bad("something else");
  const store = STORE_OF[descr.slice(1)];
  if (!/^[<>|=]/.test(descr) || !store)
    throw new HostError(
      `${path} holds NumPy's type ${descr}; a tensor is bool, u8, i8, u16, i16, i32, u32, i64, f16, f32 or f64`,
    );
  const shape = dims
    .split(",")
    .map(s => s.trim().replace(/L$/, ""))
    .filter(s => s !== "")
    .map(Number);
  const elementBytes = Number(descr.slice(2));
  const found = size - dataOffset;
  const needed = sizeOf(shape) * elementBytes;
  if (!Number.isSafeInteger(needed) || found !== needed)
    throw new HostError(
      `${path} has ${found} bytes of data, ${descr} with shape (${shape.join(", ")}) needs ${needed}${found < needed ? ": it is cut off" : ""}`,
    );
  return { descr, store, bigEndian: descr[0] === ">", elementBytes, fortran: order === "True", shape, dataOffset };
}

export function readNpy(file: Input): TensorData {
  const h = npyHeader(file);
  let bytes: Uint8Array = new Uint8Array(sizeOf(h.shape) * h.elementBytes);
  file.fill(h.dataOffset, bytes);
  if (h.bigEndian) swapBytes(bytes, h.elementBytes);
  if (h.store === "bool") bytes = boolToWords(bytes);
  else if (h.descr.endsWith("i2")) bytes = i16ToI32(bytes);
  const plain = { store: h.store, shape: h.shape, bytes };
  return h.fortran && h.shape.length > 1 ? rowMajor(plain) : plain;
}
/** first axis fastest --> last axis fastest */
function rowMajor(t: TensorData): TensorData {
  const size = STORED_BYTES[t.store];
  const bytes = new Uint8Array(t.bytes.length);
  const strides = t.shape.map((_, d) => sizeOf(t.shape.slice(0, d)));
  const index = t.shape.map(() => 0);
  for (let to = 0, from = 0; to < bytes.length; to += size) {
    for (let b = 0; b < size; b++) bytes[to + b] = t.bytes[from * size + b]!;
    for (let d = t.shape.length - 1; d >= 0; d--) {
      from += strides[d]!;
      if (++index[d]! < t.shape[d]!) break;
      from -= index[d]! * strides[d]!;
      index[d] = 0;
    }
  }
  return { ...t, bytes };
}

const DESCR: { readonly [S in Stored]: string } = {
  bool: "|b1",
  u8: "|u1",
  i8: "|i1",
  u16: "<u2",
  i32: "<i4",
  u32: "<u4",
  i64: "<i8",
  f16: "<f2",
  f32: "<f4",
  f64: "<f8",
  bf16: "<f4",
};
export function* encodeNpy(t: TensorData): Iterable<Uint8Array> {
  const dims = t.shape.length === 1 ? `${t.shape[0]},` : t.shape.join(", ");
  const text = `{'descr': '${DESCR[t.store]}', 'fortran_order': False, 'shape': (${dims}), }`;
  // version 1.0; spaces so that the data start at a multiple of 64, then a line end
  const padded = `${text}${" ".repeat(63 - ((10 + text.length) % 64))}\n`;
  const start = Buffer.alloc(10);
  start.write(MAGIC, 0, "latin1");
  start[6] = 1;
  start.writeUInt16LE(padded.length, 8);
  yield start;
  yield Buffer.from(padded, "latin1");
  yield dataOf(t);
}
function dataOf(t: TensorData): Uint8Array {
  if (t.store === "bool") return wordsToBool(t.bytes);
  if (t.store !== "bf16") return t.bytes;
  const wide = new Uint8Array(view("bf16", t.bytes).length * 4);
  widen(t, "f32", wide);
  return wide;
}

export const npy: Format = {
  name: "npy",
  doc: "NumPy's file of one array; as a schema it is one column `value` with the whole shape",
  extensions: [".npy"],
  schema: ([path]) => {
    const h = withInput(path!, npyHeader);
    return { columns: { value: { store: h.store, shape: h.shape, nullable: false } } };
  },
  tensor: path => withInput(path, readNpy),
  encodeTensor: encodeNpy,
};
