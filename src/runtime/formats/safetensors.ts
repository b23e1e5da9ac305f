/** safetensors: u64 header length, a JSON header, one buffer without gaps. Knows nothing of models. */
import { HostError } from "../../ir/host.ts";
import { type Stored, sizeOf } from "../../ir/type.ts";
import { boolToWords, i16ToI32, type TensorData, wordsToBool } from "../dtype.ts";
import { type Input, withInput } from "../files.ts";
import type { Format } from "./format.ts";

/** element bytes of every dtype of the format; how those that hsc can hold are stored here. huggingface/safetensors README, "Format" */
const DTYPES: { readonly [dtype: string]: { readonly bytes: number; readonly store?: Stored } } = {
  BOOL: { bytes: 1, store: "bool" },
  U8: { bytes: 1, store: "u8" },
  I8: { bytes: 1, store: "i8" },
  U16: { bytes: 2, store: "u16" },
  I16: { bytes: 2, store: "i32" },
  U32: { bytes: 4, store: "u32" },
  I32: { bytes: 4, store: "i32" },
  I64: { bytes: 8, store: "i64" },
  U64: { bytes: 8 },
  F8_E4M3: { bytes: 1 },
  F8_E5M2: { bytes: 1 },
  F16: { bytes: 2, store: "f16" },
  BF16: { bytes: 2, store: "bf16" },
  F32: { bytes: 4, store: "f32" },
  F64: { bytes: 8, store: "f64" },
};
interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** in the buffer behind the header */
  readonly from: number;
  readonly to: number;
}
interface Header {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly dataOffset: number;
}
/** the reference implementation refuses longer headers */
const MAX_HEADER = 100_000_000;

function header(file: Input): Header {
  const { path, size } = file;
  const bad = (why: string): HostError => new HostError(`${path} is no valid safetensors file: ${why}`);
  if (size === 0) throw new HostError(`${path} is empty, a safetensors file was expected`);
  if (size < 8) throw bad(`it has ${size} bytes, the header length alone takes 8`);
  const start = new Uint8Array(8);
  file.fill(0, start);
  const length = Number(new DataView(start.buffer).getBigUint64(0, true));
  if (length > MAX_HEADER) throw bad(`its header would have ${length} bytes, at most ${MAX_HEADER} are allowed`);
  if (8 + length > size) throw bad(`its header needs ${8 + length} bytes, the file has ${size}`);
  const raw = new Uint8Array(length);
  file.fill(8, raw);
  let text: string;
  let json: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw);
    json = JSON.parse(text);
  } catch {
    throw bad("its header is not JSON in UTF-8");
  }
  if (!text.startsWith("{") || !isRecord(json)) throw bad("its header is no JSON object");
  const twice = duplicateKey(text);
  if (twice !== undefined) throw bad(`\`${twice}\` occurs twice in the header`);
  const entries = new Map<string, Entry>();
  let metadata: Readonly<Record<string, string>> = {};
  for (const [name, value] of Object.entries(json)) {
    if (name !== "__metadata__") entries.set(name, entry(name, value, bad));
    else if (isTexts(value)) metadata = value;
    else throw bad("`__metadata__` must map strings to strings");
  }
  checkBuffer(entries, size - 8 - length, bad);
  return { entries, metadata, dataOffset: 8 + length };
}
const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === "object" && x !== null && !Array.isArray(x);
const isTexts = (x: unknown): x is Readonly<Record<string, string>> =>
  isRecord(x) && Object.values(x).every(v => typeof v === "string");
const isCounts = (x: unknown): x is readonly number[] =>
  Array.isArray(x) && x.every(n => Number.isSafeInteger(n) && n >= 0);

function entry(name: string, value: unknown, bad: (why: string) => HostError): Entry {
  if (!isRecord(value)) throw bad(`\`${name}\` is no object with dtype, shape and data_offsets`);
  const { dtype, shape, data_offsets: offsets, ...rest } = value;
  const extra = Object.keys(rest)[0];
  if (extra !== undefined) throw bad(`\`${name}\` has an unknown key \`${extra}\``);
  if (typeof dtype !== "string" || !DTYPES[dtype])
    throw bad(`\`${name}\` has the unknown dtype ${JSON.stringify(dtype)}`);
  if (!isCounts(shape)) throw bad(`\`${name}\` has the shape ${JSON.stringify(shape)}`);
  if (!isCounts(offsets) || offsets.length !== 2)
    throw bad(`\`${name}\` has the data_offsets ${JSON.stringify(offsets)}`);
  const [from, to] = [offsets[0]!, offsets[1]!];
  const needed = sizeOf(shape) * DTYPES[dtype].bytes;
  if (to - from !== needed)
    throw bad(`\`${name}\` is ${dtype} [${shape.join(", ")}], ${needed} bytes, and has ${to - from}`);
  return { dtype, shape, from, to };
}
/** the entries, in the order of their bytes, follow each other without gap or overlap and fill the buffer */
function checkBuffer(entries: ReadonlyMap<string, Entry>, bytes: number, bad: (why: string) => HostError): void {
  let end = 0;
  let before = "the header";
  for (const [name, e] of [...entries].sort(([, a], [, b]) => a.from - b.from || a.to - b.to)) {
    if (e.to > bytes) throw bad(`\`${name}\` ends at byte ${e.to} of a buffer of ${bytes}: it is cut off`);
    if (e.from < end) throw bad(`\`${name}\` overlaps ${before}`);
    if (e.from > end) throw bad(`${e.from - end} bytes between ${before} and \`${name}\` belong to no tensor`);
    end = e.to;
    before = `\`${name}\``;
  }
  if (end !== bytes) throw bad(`the last ${bytes - end} bytes belong to no tensor`);
}
/** the first key that an object of valid JSON text has twice: JSON.parse keeps the last one silently */
function duplicateKey(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  for (const m of text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g)) {
    const token = m[0];
    if (token === "{") open.push(new Set());
    else if (token === "[") open.push(undefined);
    else if (token === "}" || token === "]") open.pop();
    else if (m[1] !== undefined) {
      const key: string = JSON.parse(token.slice(0, token.length - m[1].length));
      const seen = open.at(-1);
      if (seen?.has(key)) return key;
      seen?.add(key);
    }
  }
  return undefined;
}

const storeOf = (path: string, name: string, e: Entry): Stored => {
  const { store } = DTYPES[e.dtype]!;
  if (!store) throw new HostError(`\`${name}\` of ${path} is ${e.dtype}, which hsc cannot hold`);
  return store;
};
/** all that is in the file */
export function readSafetensors(file: Input): {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, TensorData>;
} {
  const h = header(file);
  return { metadata: h.metadata, tensors: new Map([...h.entries.keys()].map(name => [name, tensorOf(file, h, name)])) };
}
const read = (file: Input, name: string | undefined): TensorData => tensorOf(file, header(file), name);
function tensorOf(file: Input, h: Header, name: string | undefined): TensorData {
  const key = name ?? (h.entries.size === 1 ? [...h.entries.keys()][0]! : undefined);
  const e = key === undefined ? undefined : h.entries.get(key);
  if (key === undefined || !e)
    throw new HostError(`${file.path} has no tensor \`${name ?? ""}\`: it has ${list([...h.entries.keys()])}`);
  const store = storeOf(file.path, key, e);
  let bytes: Uint8Array = new Uint8Array(e.to - e.from);
  file.fill(h.dataOffset + e.from, bytes);
  if (store === "bool") bytes = boolToWords(bytes);
  else if (e.dtype === "I16") bytes = i16ToI32(bytes);
  return { store, shape: e.shape, bytes };
}
const list = (names: readonly string[]): string =>
  names.length === 0
    ? "none"
    : names.slice(0, 12).join(", ") + (names.length > 12 ? `, .. (${names.length} in all)` : "");

const DTYPE: { readonly [S in Stored]: string } = {
  bool: "BOOL",
  u8: "U8",
  i8: "I8",
  u16: "U16",
  i32: "I32",
  u32: "U32",
  i64: "I64",
  f16: "F16",
  bf16: "BF16",
  f32: "F32",
  f64: "F64",
};
const elementBytes = (t: TensorData): number => DTYPES[DTYPE[t.store]]!.bytes;
/** large elements first, then by name, so that every tensor is aligned and equal tensors give equal files */
export function* encodeSafetensors(
  values: readonly (readonly [name: string, TensorData])[],
  metadata?: Readonly<Record<string, string>>,
): Iterable<Uint8Array> {
  const sorted = [...values].sort(
    ([a, s], [b, t]) => elementBytes(t) - elementBytes(s) || (a < b ? -1 : a > b ? 1 : 0),
  );
  const json: Record<string, unknown> = metadata ? { __metadata__: metadata } : {};
  let end = 0;
  for (const [name, t] of sorted) {
    if (Object.hasOwn(json, name) || name === "__metadata__") throw new HostError(`two tensors are called \`${name}\``);
    const from = end;
    end += sizeOf(t.shape) * elementBytes(t);
    json[name] = { dtype: DTYPE[t.store], shape: t.shape, data_offsets: [from, end] };
  }
  const text = Buffer.from(JSON.stringify(json));
  const start = Buffer.alloc(8 + 8 * Math.ceil(text.length / 8), " ");
  start.writeBigUInt64LE(BigInt(start.length - 8), 0);
  text.copy(start, 8);
  yield start;
  for (const [, t] of sorted) yield t.store === "bool" ? wordsToBool(t.bytes) : t.bytes;
}

export const safetensors: Format = {
  name: "safetensors",
  doc: "named tensors; as a schema it is a column per tensor with its whole shape",
  extensions: [".safetensors"],
  schema: ([path], options) => {
    const { entries } = withInput(path!, header);
    const wanted = typeof options["tensor"] === "string" ? options["tensor"] : undefined;
    if (wanted !== undefined && !entries.has(wanted))
      throw new HostError(`${path} has no tensor \`${wanted}\`: it has ${list([...entries.keys()])}`);
    const shown = [...entries].filter(([name]) => wanted === undefined || name === wanted);
    return {
      columns: Object.fromEntries(
        shown.map(([n, e]) => [n, { store: storeOf(path!, n, e), shape: e.shape, nullable: false }]),
      ),
    };
  },
  tensor: (path, name) => withInput(path, f => read(f, name)),
  encodeTensors: values => encodeSafetensors(values),
};
