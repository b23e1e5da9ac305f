/** Reading and writing attributes and argument types of nodes with their TypeScript types. Knows no op. */
import type { Attr, Attrs, Blob, Fn, Node } from "../node.ts";
import { TypeMismatch } from "../op.ts";
import { type Dim, dim, type Elem, showType, type TensorType, type Type } from "../type.ts";

export const refuse = (message: string): never => {
  throw new TypeMismatch(message);
};
export const need = (ok: boolean, message: () => string): void => {
  if (!ok) throw new TypeMismatch(message());
};

export const dimAttr = (d: Dim): Attr => (typeof d === "number" ? d : [d.n, d.plus]);
export const shapeAttr = (s: readonly Dim[]): Attr => s.map(dimAttr);

export function dimOf(a: Attr | undefined): Dim {
  if (typeof a === "number") return a;
  if (Array.isArray(a) && a.length === 2 && typeof a[0] === "number" && typeof a[1] === "number")
    return dim(a[0], a[1]);
  return refuse(`${JSON.stringify(a)} is no dim`);
}
export const list = (attrs: Attrs, name: string): readonly Attr[] => {
  const a = attrs[name];
  return Array.isArray(a) ? a : refuse(`attribute ${name} is no list`);
};
export const shapeOf = (attrs: Attrs, name = "shape"): readonly Dim[] => list(attrs, name).map(dimOf);
export const number = (attrs: Attrs, name: string): number => {
  const a = attrs[name];
  return typeof a === "number" ? a : refuse(`attribute ${name} is no number`);
};
export const int = (attrs: Attrs, name: string): number => {
  const a = number(attrs, name);
  return Number.isInteger(a) ? a : refuse(`attribute ${name} is no integer`);
};
export const ints = (attrs: Attrs, name: string): readonly number[] =>
  list(attrs, name).map(a =>
    typeof a === "number" && Number.isInteger(a) ? a : refuse(`attribute ${name} is no list of integers`),
  );
export const flags = (attrs: Attrs, name: string): readonly boolean[] =>
  list(attrs, name).map(a => (typeof a === "boolean" ? a : refuse(`attribute ${name} is no list of booleans`)));
export const text = (attrs: Attrs, name: string): string => {
  const a = attrs[name];
  return typeof a === "string" ? a : refuse(`attribute ${name} is no string`);
};
export function fnAttr(attrs: Attrs, name = "fn"): Fn {
  const a = attrs[name];
  return typeof a === "object" && "k" in a && a.k === "fn" ? a : refuse(`attribute ${name} is no function`);
}
export function blobAttr(attrs: Attrs, name = "blob"): Blob {
  const a = attrs[name];
  return typeof a === "object" && "k" in a && a.k === "blob" ? a : refuse(`attribute ${name} is no blob`);
}

const ELEMS: readonly string[] = ["bool", "i32", "u32", "i64", "f16", "f32", "f64"];
export function elemAttr(attrs: Attrs, name = "elem"): Elem {
  const a = text(attrs, name);
  return ELEMS.includes(a) ? (a as Elem) : refuse(`${a} is no element`); // as: just tested
}

/** argument i of a type rule, as a tensor */
export function tensorAt(args: readonly Type[], i: number): TensorType {
  const t = args[i];
  if (!t) return refuse(`argument ${i} is missing`);
  return t.k === "tensor" ? t : refuse(`argument ${i} is ${showType(t)}, no tensor`);
}
export function arity(args: readonly Type[], n: number): void {
  need(args.length === n, () => `${args.length} arguments where ${n} are taken`);
}
/** the tensor type of a node that is known to be a tensor */
export function typeOf(x: Node): TensorType {
  if (x.type.k !== "tensor") throw new Error(`internal: ${x.op.name} gives ${showType(x.type)}, no tensor`);
  return x.type;
}
export const shapeAt = (x: Node): readonly Dim[] => typeOf(x).shape;
export const elemOf = (x: Node): Elem => typeOf(x).elem;

/** the number of elements as a polynomial in N, lowest power first, without trailing zeros */
export function volume(shape: readonly Dim[]): readonly number[] {
  let p: number[] = [1];
  for (const d of shape) {
    const [n, plus] = typeof d === "number" ? [0, d] : [d.n, d.plus];
    const q = new Array<number>(p.length + 1).fill(0);
    p.forEach((c, i) => {
      q[i]! += c * plus;
      q[i + 1]! += c * n;
    });
    while (q.length && q[q.length - 1] === 0) q.pop();
    p = q;
  }
  return p;
}
export const sameVolume = (a: readonly Dim[], b: readonly Dim[]): boolean => {
  const [x, y] = [volume(a), volume(b)];
  return x.length === y.length && x.every((c, i) => c === y[i]);
};
/** the volume as a Dim where it is linear in N */
export function volumeDim(shape: readonly Dim[]): Dim | undefined {
  const v = volume(shape);
  return v.length > 2 ? undefined : dim(v[1] ?? 0, v[0] ?? 0);
}
export const sortedAxes = (axes: readonly number[], rank: number): boolean =>
  axes.every((a, i) => a >= 0 && a < rank && (i === 0 || a > axes[i - 1]!));
