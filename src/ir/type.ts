/** The types of all levels: elements, dims with the one symbol N, tensors, tuples, rdds. Knows nothing of ops. */

/** in registers */
export type Elem = "bool" | "i32" | "u32" | "i64" | "f16" | "f32" | "f64";
/** in memory; bool is a 32-bit word, 0 or 1 */
export type Stored = Elem | "u8" | "i8" | "u16" | "bf16";

/** n * N + plus. N, the number of records, is the one symbol of a Fn */
export type Dim = number | { readonly n: number; readonly plus: number };
export const N: Dim = { n: 1, plus: 0 };

/** `below`: an index known to lie in [0, below) (argmax, iota, keys) */
export interface TensorType {
  readonly k: "tensor";
  readonly elem: Elem;
  readonly shape: readonly Dim[];
  readonly below?: Dim;
}
/** result of map, grad, batches, sort; read by get{i} only */
export interface TupleType {
  readonly k: "tuple";
  readonly of: readonly Type[];
}
/** one leaf of a row as it is stored; nested records are flattened to names like "a.b" */
export interface Column {
  readonly store: Stored | "string" | "time";
  readonly shape: readonly number[];
  readonly nullable: boolean;
  /** rows have a list of any length of these. No kernel reads it */
  readonly list?: Items;
  /** it lies in records: their names, then its own */
  readonly path?: readonly string[];
  /** it is read only where a program writes a type for it */
  readonly untyped?: true;
  /** the language has no type for it: what the file calls it */
  readonly unread?: string;
}
/** what is in a list: one field named "", or the fields of records */
export type Items = readonly (readonly [name: string, of: Item])[];
/** plain lists, as options of a source are */
export type Item = Column["store"] | readonly [k: "list" | "record", of: Items];
/** a scalar or a list in the element of a list: the fields that it lies in, the outermost first; none: it is the element */
export interface Part {
  readonly path: readonly string[];
  readonly of: Column["store"] | readonly ["list", Items];
}
/** those of all records in it, in the order of their fields */
export const partsOf = (items: Items, within: readonly string[] = []): readonly Part[] =>
  items.flatMap(([name, item]): readonly Part[] => {
    const path = name === "" ? within : [...within, name];
    if (typeof item === "string") return [{ path, of: item }];
    const [k, of] = item;
    return k === "record" ? partsOf(of, path) : [{ path, of: [k, of] }];
  });
/** no records: the one element */
export const bare = (items: Items): Item | undefined =>
  items.length === 1 && items[0]![0] === "" ? items[0]![1] : undefined;
/** as a program writes it */
export function showList(items: Items): string {
  const one = bare(items);
  return `list ${one ? shown(one) : showFields(items)}`;
}
const showFields = (items: Items): string => `{ ${items.map(([n, x]) => `${n}: ${shown(x)}`).join(", ")} }`;
function shown(x: Item): string {
  if (typeof x === "string") return x;
  return x[0] === "list" ? showList(x[1]) : showFields(x[1]);
}
/** a partitioned, ordered collection of rows; refused after segment, but for feed */
export interface RddType {
  readonly k: "rdd";
  readonly row: Readonly<Record<string, Column>>;
  readonly order: "source" | "key" | "none";
}
export type Type = TensorType | TupleType | RddType;

export const STORED_BYTES: { readonly [S in Stored]: number } = {
  bool: 4,
  i32: 4,
  u32: 4,
  i64: 8,
  f16: 2,
  f32: 4,
  f64: 8,
  u8: 1,
  i8: 1,
  u16: 2,
  bf16: 2,
};
/** the element that a stored value becomes when it is loaded */
export const loaded = (s: Stored): Elem => (s === "u8" || s === "i8" || s === "u16" ? "i32" : s === "bf16" ? "f32" : s);
export const isFloat = (e: Elem | Stored): boolean => e === "f16" || e === "f32" || e === "f64" || e === "bf16";

export const tensor = (elem: Elem, shape: readonly Dim[] = [], below?: Dim): TensorType => ({
  k: "tensor",
  elem,
  shape,
  ...(below === undefined ? {} : { below }),
});
export const tuple = (...of: readonly Type[]): TupleType => ({ k: "tuple", of });

export const dim = (n: number, plus: number): Dim => (n === 0 ? plus : { n, plus });
export const sameDim = (a: Dim, b: Dim): boolean =>
  typeof a === "number" || typeof b === "number" ? a === b : a.n === b.n && a.plus === b.plus;
export const sameShape = (a: readonly Dim[], b: readonly Dim[]): boolean =>
  a.length === b.length && a.every((d, i) => sameDim(d, b[i]!));
export const addDim = (a: Dim, b: Dim): Dim => {
  const [x, y] = [symbolic(a), symbolic(b)];
  return dim(x.n + y.n, x.plus + y.plus);
};
const symbolic = (d: Dim): { n: number; plus: number } => (typeof d === "number" ? { n: 0, plus: d } : d);
/** the number that a dim is when there are `n` records */
export const atN = (d: Dim, n: number): number => (typeof d === "number" ? d : d.n * n + d.plus);
export const isStatic = (shape: readonly Dim[]): shape is readonly number[] => shape.every(d => typeof d === "number");
/** the dims of a shape that are numbers; throws on N */
export const numbers = (shape: readonly Dim[]): readonly number[] => {
  if (!isStatic(shape)) throw new Error(`internal: a shape with N where numbers are needed: ${showShape(shape)}`);
  return shape;
};
export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

export const showDim = (d: Dim): string =>
  typeof d === "number"
    ? String(d)
    : `${d.n === 1 ? "" : d.n}N${d.plus === 0 ? "" : d.plus > 0 ? `+${d.plus}` : d.plus}`;
export const showShape = (s: readonly Dim[]): string => `[${s.map(showDim).join(", ")}]`;
export function showType(t: Type): string {
  switch (t.k) {
    case "tensor":
      return `${t.elem}${t.shape.length ? showShape(t.shape) : ""}`;
    case "tuple":
      return `(${t.of.map(showType).join(", ")})`;
    case "rdd":
      return `rdd { ${Object.entries(t.row)
        .map(([n, c]) => `${n}: ${c.store}${c.shape.length ? showShape(c.shape) : ""}${c.nullable ? "?" : ""}`)
        .join(", ")} }`;
    default:
      return t satisfies never;
  }
}
export const sameType = (a: Type, b: Type): boolean => showType(a) === showType(b);
