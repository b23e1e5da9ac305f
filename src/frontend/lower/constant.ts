/** Constants of Core as GRAPH leaves: one value, a count, or bytes. Knows nothing of scopes. */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Blob, Node } from "../../ir/node.ts";
import * as g from "../../ir/ops/index.ts";
import { type Elem, STORED_BYTES, sizeOf } from "../../ir/type.ts";

/** bytes of a tensor in plain layout, little endian; f16 is not written this way */
function encode(values: readonly number[], elem: Exclude<Elem, "f16">): Uint8Array {
  const width = STORED_BYTES[elem];
  const bytes = new Uint8Array(values.length * width);
  const view = new DataView(bytes.buffer);
  const put: { readonly [E in typeof elem]: (at: number, v: number) => void } = {
    bool: (at, v) => view.setUint32(at, v, true),
    u32: (at, v) => view.setUint32(at, v, true),
    i32: (at, v) => view.setInt32(at, v, true),
    i64: (at, v) => view.setBigInt64(at, BigInt(v), true),
    f32: (at, v) => view.setFloat32(at, v, true),
    f64: (at, v) => view.setFloat64(at, v, true),
  };
  for (const [i, v] of values.entries()) put[elem](i * width, v);
  return bytes;
}
function blobOf(values: readonly number[], elem: Exclude<Elem, "f16">): Blob {
  const bytes = encode(values, elem);
  return { k: "blob", store: elem, sha256: bytesToHex(sha256(bytes)), bytes };
}

/** a constant tensor; `values`: all elements row-major, or one number for all of them */
export function constantNode(values: number | readonly number[], elem: Elem, shape: readonly number[]): Node {
  if (typeof values === "number") return g.full(values, elem, shape);
  const [first, second] = values;
  if (first === undefined) return g.full(0, elem, shape);
  if (values.every(v => Object.is(v, first))) return g.full(first, elem, shape);
  const by = second! - first;
  if (elem === "i32" && shape.length === 1 && values.every((v, i) => v === first + i * by)) {
    const count = g.iota("i32", shape, 0);
    const spread = by === 1 ? count : g.lane("mul", count, g.full(by, "i32", shape));
    return first === 0 ? spread : g.lane("add", spread, g.full(first, "i32", shape));
  }
  if (values.length !== sizeOf(shape))
    throw new Error("internal: a constant has another number of elements than its type");
  if (elem === "f16") return g.cast("f16", g.blob(blobOf(values, "f32"), "f32", shape));
  return g.blob(blobOf(values, elem), elem, shape);
}
