/** Tensors as the interpreters hold them: allocation, rounding to an element, reading. Knows no op. */
import type { TensorValue, Value } from "./op.ts";
import { atN, type Dim, type Elem, sizeOf } from "./type.ts";

export type Data = TensorValue["data"];

export const allocate = (elem: Elem, size: number): Data =>
  elem === "i64" ? new BigInt64Array(size) : new Float64Array(size);
export const tensorOf = (v: Value | undefined): TensorValue => {
  if (v?.k !== "tensor") throw new Error(`internal: a ${v?.k ?? "missing value"} where a tensor is read`);
  return v;
};
/** numbers of one kind: what i64 cannot be here is refused */
export const numbersOf = (t: TensorValue): Float64Array => {
  if (t.data instanceof BigInt64Array) throw new Error("internal: i64 where numbers are read");
  return t.data;
};
export const shapeAtN = (shape: readonly Dim[], n: number): readonly number[] => shape.map(d => atN(d, n));

/** half-precision value nearest to x, ties to even */
export function roundF16(x: number): number {
  if (!Number.isFinite(x) || x === 0) return x;
  const size = Math.abs(x);
  bits.setFloat64(0, size);
  const exponent = Math.max(((bits.getUint32(0) >>> 20) & 2047) - 1023, -14);
  const unit = 2 ** (exponent - 10);
  const scaled = size / unit;
  const whole = Math.floor(scaled);
  const half = scaled - whole;
  const rounded = half > 0.5 || (half === 0.5 && whole % 2 === 1) ? whole + 1 : whole;
  const value = rounded * unit > 65504 ? Number.POSITIVE_INFINITY : rounded * unit;
  return x < 0 ? -value : value;
}
const bits = new DataView(new ArrayBuffer(8));
const same = (x: number): number => x;
const ROUND: { readonly [E in Exclude<Elem, "i64">]: (x: number) => number } = {
  bool: x => (x !== 0 ? 1 : 0),
  i32: x => x | 0,
  u32: x => x >>> 0,
  f16: roundF16,
  f32: Math.fround,
  f64: same,
};
/** to the nearest value of an element that is no i64; integers wrap */
export const rounding = (elem: Elem): ((x: number) => number) => {
  if (elem === "i64") throw new Error("internal: i64 is no number");
  return ROUND[elem];
};

/** the tensor whose element i in row-major order is f(i), rounded to `elem` */
export function tabulate(elem: Elem, shape: readonly number[], f: (i: number) => number | bigint): TensorValue {
  const size = sizeOf(shape);
  if (elem === "i64") {
    const data = new BigInt64Array(size);
    for (let i = 0; i < size; i++) data[i] = BigInt(f(i));
    return { k: "tensor", shape, data };
  }
  const data = new Float64Array(size);
  const round = rounding(elem);
  for (let i = 0; i < size; i++) data[i] = round(Number(f(i)));
  return { k: "tensor", shape, data };
}
/** the elements at flat places; -1 gives `fill` */
export function take(x: TensorValue, flat: Int32Array, shape: readonly number[], fill: number): TensorValue {
  if (x.data instanceof BigInt64Array) {
    const data = new BigInt64Array(flat.length);
    const f = flat.includes(-1) ? BigInt(fill) : 0n;
    for (let i = 0; i < flat.length; i++) data[i] = flat[i]! < 0 ? f : x.data[flat[i]!]!;
    return { k: "tensor", shape, data };
  }
  const data = new Float64Array(flat.length);
  for (let i = 0; i < flat.length; i++) data[i] = flat[i]! < 0 ? fill : x.data[flat[i]!]!;
  return { k: "tensor", shape, data };
}
/** from plain numbers; bigint for i64 */
export function tensorValue(elem: Elem, shape: readonly number[], values: ArrayLike<number | bigint>): TensorValue {
  if (values.length !== sizeOf(shape))
    throw new Error(`internal: ${values.length} values for shape [${shape.join(", ")}]`);
  return tabulate(elem, shape, i => values[i]!);
}
/** bits equal: NaN is NaN, 0 is not -0 */
export const sameTensor = (a: TensorValue, b: TensorValue): boolean =>
  a.shape.length === b.shape.length &&
  a.shape.every((d, i) => d === b.shape[i]) &&
  a.data.length === b.data.length &&
  a.data.every((x: number | bigint, i: number) => Object.is(x, b.data[i]));
