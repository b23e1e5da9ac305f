/** Bytes of tensors as stored: typed views, conversions that lose nothing, byte order. Knows no file format. */
import { HostError } from "../ir/host.ts";
import { STORED_BYTES, type Stored } from "../ir/type.ts";

/** a tensor in plain row-major layout, little endian */
export interface TensorData {
  readonly store: Stored;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}
export type Numbers =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | Float16Array
  | Float32Array
  | Float64Array;

/** the elements of `bytes`; a copy where the address does not fit the element. bf16 stays a u16 pattern: see `valueAt` */
export function view(store: Stored, bytes: Uint8Array): Numbers {
  const size = STORED_BYTES[store];
  const b = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  const [buffer, offset, count] = [b.buffer, b.byteOffset, b.byteLength / size] as const;
  switch (store) {
    case "u8":
      return new Uint8Array(buffer, offset, count);
    case "i8":
      return new Int8Array(buffer, offset, count);
    case "u16":
    case "bf16":
      return new Uint16Array(buffer, offset, count);
    case "bool":
    case "u32":
      return new Uint32Array(buffer, offset, count);
    case "i32":
      return new Int32Array(buffer, offset, count);
    case "i64":
      return new BigInt64Array(buffer, offset, count);
    case "f16":
      return new Float16Array(buffer, offset, count);
    case "f32":
      return new Float32Array(buffer, offset, count);
    case "f64":
      return new Float64Array(buffer, offset, count);
    default:
      return store satisfies never;
  }
}
/** the same over those very bytes, to write into */
export function writable(store: Stored, bytes: Uint8Array): Numbers {
  if (bytes.byteOffset % STORED_BYTES[store] !== 0)
    throw new Error(`internal: ${store} at address ${bytes.byteOffset}`);
  return view(store, bytes);
}
const word = new Uint32Array(1);
const float = new Float32Array(word.buffer);
const fromBf16 = (pattern: number): number => {
  word[0] = pattern << 16;
  return float[0]!;
};
/** element i as a number; i64 as a bigint */
export const valueAt = (store: Stored, data: Numbers, i: number): number | bigint =>
  store === "bf16" ? fromBf16(Number(data[i]!)) : data[i]!;

/** stores whose every value the key can hold, beside itself */
const WIDENS: { readonly [S in Stored]: readonly Stored[] } = {
  bool: [],
  u8: [],
  i8: [],
  u16: ["u8"],
  // the language has no u32: numbers from 2^31 on are refused where they are met
  i32: ["u8", "i8", "u16", "u32"],
  u32: ["u8", "u16"],
  i64: ["u8", "i8", "u16", "i32", "u32"],
  f16: ["u8", "i8"],
  bf16: ["u8", "i8"],
  f32: ["u8", "i8", "u16", "f16", "bf16"],
  f64: ["u8", "i8", "u16", "i32", "u32", "f16", "bf16", "f32"],
};
export const canWiden = (from: Stored, to: Stored): boolean => from === to || WIDENS[to].includes(from);

/** writes the elements of `from` as `store` into `into`; only where `canWiden` holds */
export function widen(from: TensorData, store: Stored, into: Uint8Array): void {
  if (from.store === store) {
    into.set(from.bytes);
    return;
  }
  const source = view(from.store, from.bytes);
  if (from.store === "u32" && store === "i32") {
    const large = (source as Uint32Array).find(x => x >= 2 ** 31); // as: what `view` gives for u32
    if (large !== undefined) throw new HostError(`${large} does not fit i32`);
  }
  const target = writable(store, into);
  if (target instanceof BigInt64Array) for (let i = 0; i < target.length; i++) target[i] = BigInt(source[i]!);
  else if (store === "bf16") {
    // an 8-bit integer is exact in bf16: its pattern is the upper half of the f32
    for (let i = 0; i < target.length; i++) {
      float[0] = Number(source[i]!);
      target[i] = word[0]! >>> 16;
    }
  } else for (let i = 0; i < target.length; i++) target[i] = Number(valueAt(from.store, source, i));
}

/** reverses the bytes of each element in place */
export function swapBytes(bytes: Uint8Array, size: number): void {
  const b = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (size === 2) b.swap16();
  else if (size === 4) b.swap32();
  else if (size === 8) b.swap64();
}
/** 16-bit signed integers have no `Stored`: they become i32 */
export function i16ToI32(bytes: Uint8Array): Uint8Array {
  const b = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice();
  return new Uint8Array(Int32Array.from(new Int16Array(b.buffer, b.byteOffset, b.byteLength / 2)).buffer);
}
/** one byte per bool becomes one word, 0 or 1 */
export const boolToWords = (bytes: Uint8Array): Uint8Array =>
  new Uint8Array(Uint32Array.from(bytes, x => (x ? 1 : 0)).buffer);
export const wordsToBool = (bytes: Uint8Array): Uint8Array => {
  const w = view("bool", bytes);
  const out = new Uint8Array(w.length);
  for (let i = 0; i < out.length; i++) out[i] = w[i] ? 1 : 0;
  return out;
};
