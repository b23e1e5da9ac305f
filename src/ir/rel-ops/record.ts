/** What an op of REL's expressions is: one record with its types, its meaning, and how to draw it at random. Knows no op and no SQL. */
import type { CellElem } from "../rel.ts";
import type { Json } from "../stage.ts";

/** i64 and time are bigints; a list holds per element its fields in order; a tensor its elements, row-major */
export type Scalar = number | bigint | boolean | string;
export type Elements = readonly (readonly Value[])[];
export type Value = Scalar | readonly Scalar[] | readonly (readonly Value[])[];

/** list: of anything; tensor: of the element, as many as the op's attribute `n` says; table: a given vector of strings */
export type Operand = CellElem | "list" | `list ${CellElem}` | `tensor ${CellElem}` | "table";
export interface Signature {
  readonly args: readonly Operand[];
  readonly to: CellElem | `tensor ${CellElem}`;
}
export type Attributes = Readonly<Record<string, Json>>;
export interface Applied {
  /** element of the first operand; of a list, of its elements */
  readonly of: CellElem;
  readonly to: CellElem;
  readonly attrs: Attributes;
}
/** random numbers of a test */
export interface Draw {
  /** one of 0 .. n - 1 */
  readonly below: (n: number) => number;
}
export interface RelOp {
  readonly doc: string;
  readonly signatures: readonly Signature[];
  /** f32 results are rounded by whoever calls it */
  readonly eval: (args: readonly Value[], how: Applied) => Scalar | readonly Scalar[];
  /** how many units of the last place of an f64 an engine may be off; 0: not a bit */
  readonly ulp: number;
  /** what is wrong with the attributes */
  readonly refuse?: (attrs: Attributes) => string | undefined;
  readonly sample?: (draw: Draw) => Attributes;
}

export const INTEGERS = ["i32", "i64"] as const;
export const FLOATS = ["f32", "f64"] as const;
export const NUMBERS = [...INTEGERS, ...FLOATS] as const;
export const SCALARS = ["bool", ...NUMBERS, "string", "time"] as const;

/** of each element e: n operands e, result e, or `to` */
export const same = (elems: readonly CellElem[], n: number, to?: CellElem): readonly Signature[] =>
  elems.map(e => ({ args: Array.from({ length: n }, () => e), to: to ?? e }));
export const op = (
  doc: string,
  signatures: readonly Signature[],
  evaluate: RelOp["eval"],
  more: Partial<RelOp> = {},
): RelOp => ({ doc, signatures, eval: evaluate, ulp: 0, ...more });
export const textOf = (attrs: Attributes, name: string): string => String(attrs[name]);
/** what stands where nothing is */
export const zeroOf = (e: CellElem): Scalar =>
  e === "string" ? "" : e === "bool" ? false : e === "i64" || e === "time" ? 0n : 0;
export const isFloatCell = (e: CellElem): boolean => e === "f32" || e === "f64";
/** integers of 32 or 64 bits: what is left of an exact result */
export const wrapped = (e: CellElem, x: bigint): Scalar =>
  e === "i32" ? Number(BigInt.asIntN(32, x)) : BigInt.asIntN(64, x);
/** the nearest f32; a bigint is not rounded to an f64 first */
export function toF32(x: number | bigint): number {
  if (typeof x === "number") return Math.fround(x);
  const size = x < 0n ? -x : x;
  if (size < 1n << 53n) return Math.fround(Number(x));
  // a bit that stands for all that is cut off keeps a tie from being seen where there is none
  const sticky = (size >> 11n) | (size & 2047n ? 1n : 0n);
  return Math.fround(Number(sticky)) * 2048 * (x < 0n ? -1 : 1);
}
