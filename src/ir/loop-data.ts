/** Arrays that hold what a LOOP kernel reads and writes, and how long they are for n records. Knows no statement. */
import type { Buf, CeilDiv } from "./loop.ts";
import type { Value } from "./prim.ts";
import { atN, type Dim, STORED_BYTES, type Stored } from "./type.ts";

export type Data =
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | Uint8Array
  | Int8Array
  | Uint16Array;
/** an array for `length` elements as they are stored, poisoned: no result may depend on what it holds */
export function storage(store: Stored, length: number): Data {
  switch (store) {
    case "f32":
      return new Float32Array(length).fill(Number.NaN);
    case "f64":
      return new Float64Array(length).fill(Number.NaN);
    case "i64":
      return new BigInt64Array(length).fill(-0x5a5a5a5a5a5a5a5an);
    case "i32":
      return new Int32Array(length).fill(-0x5a5a5a5a);
    case "bool":
    case "u32":
      return new Uint32Array(length).fill(0xa5a5a5a5);
    case "u8":
      return new Uint8Array(length).fill(0xa5);
    case "i8":
      return new Int8Array(length).fill(-0x5a);
    case "u16":
      return new Uint16Array(length).fill(0xa5a5);
    case "f16":
    case "bf16":
      throw new Error(`limit: ${store} is not supported in LOOP yet; use f32`);
    default:
      return store satisfies never;
  }
}
export const extentAt = (b: Buf, n: number): number => {
  const e = b.extent;
  if (e === "unknown") throw new Error(`internal: ${b.name} has no known extent`);
  return typeof e === "object" && "unit" in e ? e.unit * Math.ceil(atN(e.of, n) / e.by) : atN(e, n);
};
export const itemsAt = (to: Dim | CeilDiv, n: number): number =>
  typeof to === "object" && "by" in to ? Math.ceil(atN(to.of, n) / to.by) : atN(to, n);
/** bytes of a param with n records */
export const bytesAt = (b: Buf, n: number): number => extentAt(b, n) * STORED_BYTES[b.store];
export function put(d: Data, x: number, v: Value): void {
  if (d instanceof BigInt64Array) d[x] = BigInt(v);
  else d[x] = Number(v);
}
