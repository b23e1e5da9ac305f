/**
 * Columns of a table of Arrow as the language has them: fields of records by their path, the elements of lists one behind the other, cells as numbers,
 * instants and texts. Knows no file.
 */
import type { Table as ArrowTable, Data, DataType, Field, Timestamp } from "apache-arrow";
import { type Column, type Stored, sizeOf } from "../../ir/type.ts";
import type { Numbers } from "../dtype.ts";
import type { Strings } from "../strings.ts";
import { unread } from "./nested.ts";
import type { Found } from "./tabular.ts";

export type Arrow = typeof import("apache-arrow");

/** undefined: nothing that the language has */
function storeOf(a: Arrow, type: DataType): Column["store"] | undefined {
  const { DataType: T } = a;
  if (T.isBool(type)) return "bool";
  if (T.isInt(type)) {
    if (type.bitWidth === 8 && !type.isSigned) return "u8";
    return type.bitWidth < 32 || (type.bitWidth === 32 && type.isSigned) ? "i32" : "i64";
  }
  if (T.isFloat(type)) return type.precision === 2 ? "f64" : "f32";
  if (T.isDecimal(type)) return "f64";
  if (T.isTimestamp(type) || T.isDate(type)) return "time";
  if (T.isUtf8(type) || T.isLargeUtf8(type) || T.isUtf8View(type)) return "string";
  if (T.isDictionary(type)) return storeOf(a, type.dictionary);
  return undefined;
}
const isList = (a: Arrow, t: DataType): boolean =>
  a.DataType.isList(t) || a.DataType.isLargeList(t) || a.DataType.isFixedSizeList(t);

export interface Leaf {
  readonly path: readonly string[];
  readonly found: Found;
}
/** the fields of all records, and what else there is that the language has */
export function leavesOf(a: Arrow, table: ArrowTable): readonly Leaf[] {
  const within = (field: Field, path: readonly string[]): readonly Leaf[] => {
    if (a.DataType.isStruct(field.type)) return field.type.children.flatMap(f => within(f, [...path, f.name]));
    return [{ path, found: foundOf(a, table, field, path) }];
  };
  return table.schema.fields.flatMap(f => within(f, [f.name]));
}
function foundOf(a: Arrow, table: ArrowTable, { type, metadata }: Field, path: readonly string[]): Found {
  const name = path.join(".");
  const at = path.length > 1 ? { path } : {};
  if (a.DataType.isNull(type))
    return { name, column: { store: "string", shape: [], nullable: true, ...at }, empty: true };
  let [of, depth] = [type, 0];
  for (; isList(a, of); of = of.children[0]!.type) depth++;
  if (depth === 0) {
    const store = storeOf(a, of);
    if (!store) return unread(name, String(type));
    return { name, column: { store, shape: [], nullable: isSparse(partsOf(a, table, path)), ...at } };
  }
  const fields = a.DataType.isStruct(of) ? of.children.map(f => [f.name, f.type] as const) : [["", of] as const];
  const list = fields.map(([n, t]) => [n, storeOf(a, t)] as const);
  if (!list.length || !list.every((f): f is readonly [string, Column["store"]] => f[1] !== undefined))
    return unread(name, String(type));
  const [first, store] = list[0]!;
  const isTensor = list.length === 1 && first === "" && store !== "string" && store !== "time";
  const shape = isTensor ? sidesOf(partsOf(a, table, path)) : undefined;
  if (shape) {
    const nullable = isSparse(partsOf(a, table, path));
    return { name, column: { store, shape: shapeIn(metadata, shape), nullable, ...at }, depth };
  }
  const column: Column = { store: "i32", shape: [], nullable: false, list, ...at };
  return { name, column: depth > 1 ? { ...column, untyped: true } : column, depth };
}
function isSparse(parts: readonly Part[]): boolean {
  for (const { mayMiss, rows, isThere } of parts)
    for (let row = 0; mayMiss && row < rows; row++) if (!isThere(row)) return true;
  return false;
}
/** the sides of all rows; undefined: they differ, or nothing is in them */
function sidesOf(parts: readonly Part[]): readonly number[] | undefined {
  let all: readonly number[] | undefined;
  for (const part of parts)
    for (let row = 0; row < part.rows; row++) {
      if (!part.isThere(row)) continue;
      const sides = part.sides(row);
      if (!sides || sides.includes(0) || (all && all.join() !== sides.join())) return undefined;
      all = sides;
    }
  return all;
}
/** what the file says of a flat list: we write `shape`, others the extension of Arrow */
function shapeIn(metadata: ReadonlyMap<string, string>, own: readonly number[]): readonly number[] {
  const about = metadata.get("shape") ?? metadata.get("ARROW:extension:metadata");
  if (about === undefined || own.length > 1) return own;
  try {
    const said = JSON.parse(about) as { readonly shape?: unknown } | readonly unknown[];
    const shape = Array.isArray(said) ? said : (said as { readonly shape?: unknown }).shape; // as: isArray does not narrow readonly lists
    const isShape = Array.isArray(shape) && shape.every(n => typeof n === "number");
    return isShape && sizeOf(shape) === own[0] ? shape : own;
  } catch {
    return own; // whoever wrote it meant something else
  }
}

/** a column in one batch */
export interface Part {
  readonly rows: number;
  readonly mayMiss: boolean;
  /** false: it is missing, or a record that it lies in */
  readonly isThere: (row: number) => boolean;
  /** the elements of the row's list: the first, how many, and how many on each level; undefined: lists of a level differ */
  readonly first: (row: number) => number;
  readonly length: (row: number) => number;
  readonly sides: (row: number) => readonly number[] | undefined;
  readonly isList: boolean;
  /** a column, or the fields of the elements of lists */
  readonly items: readonly { readonly name: string; readonly type: DataType; readonly data: Data }[];
}
/** where the lists of a level begin and end */
type Ends = (i: number) => number;
function endsOf(a: Arrow, data: Data): Ends {
  const { type, valueOffsets } = data;
  if (a.DataType.isFixedSizeList(type)) return i => i * type.listSize;
  const offsets = valueOffsets as ArrayLike<number | bigint>; // as: lists have them
  return i => Number(offsets[i]);
}
/** the batches of a column that have rows: where there is none, the package gives one without the elements of its lists */
export function partsOf(a: Arrow, table: ArrowTable, [head, ...rest]: readonly string[]): readonly Part[] {
  const batches = table.getChild(head!)?.data.filter(d => d.length > 0) ?? [];
  return batches.map((top): Part => {
    const around: Data[] = [top];
    for (const name of rest) {
      const { type, children } = around.at(-1)!;
      around.push(children[type.children.findIndex((f: Field) => f.name === name)]!);
    }
    const sparse = around.filter(d => d.nullCount > 0);
    const levels: { readonly data: Data; readonly ends: Ends }[] = [];
    let of = around.at(-1)!;
    for (; isList(a, of.type); of = of.children[0]!) levels.push({ data: of, ends: endsOf(a, of) });
    const at = (i: number): number => levels.reduce((j, { ends }) => ends(j), i);
    const record = levels.length > 0 && a.DataType.isStruct(of.type) ? of : undefined;
    const items = record
      ? record.type.children.map((f: Field, i: number) => ({ name: f.name, type: f.type, data: record.children[i]! }))
      : [{ name: "", type: of.type, data: of }];
    const sides = (row: number): readonly number[] | undefined => {
      const out: number[] = [];
      let [from, to] = [row, row + 1];
      for (const [k, { data, ends }] of levels.entries()) {
        const side = ends(from + 1) - ends(from);
        for (let i = from; i < to; i++)
          if (ends(i + 1) - ends(i) !== side || (k > 0 && !data.getValid(i))) return undefined;
        out.push(from === to ? 0 : side);
        [from, to] = [ends(from), ends(to)];
      }
      return out;
    };
    return {
      rows: top.length,
      mayMiss: sparse.length > 0 || a.DataType.isNull(of.type),
      isThere: a.DataType.isNull(of.type) ? () => false : row => sparse.every(d => d.getValid(row)),
      first: row => at(row),
      length: row => at(row + 1) - at(row),
      sides,
      isList: levels.length > 0,
      items,
    };
  });
}

/** the cells of a batch: numbers and instants as their array has them, what else there is as the package gives it; null: there is none */
export function cellsOf(a: Arrow, data: Data): (i: number) => unknown {
  const { DataType: T, Vector: V } = a;
  const { type } = data;
  const plain =
    (T.isInt(type) || (T.isFloat(type) && type.precision > 0) || T.isTimestamp(type) || T.isDate(type)) && data.values;
  if (!plain) {
    const vector = new V([data]);
    if (!T.isDecimal(type)) return i => vector.get(i);
    return i => {
      const words = vector.get(i) as Uint32Array | null; // as: decimals are
      return words && decimal(words, type.scale);
    };
  }
  const values = data.values as ArrayLike<number | bigint>; // as: of these types
  if (data.nullCount === 0) return i => values[i];
  return i => (data.getValid(i) ? values[i] : null);
}
/** the f64 nearest to a whole number of words of 32 bits, the lowest first, over a power of ten */
function decimal(words: Uint32Array, scale: number): number {
  const whole = BigInt.asIntN(
    32 * words.length,
    words.reduceRight((n, w) => (n << 32n) | BigInt(w), 0n),
  );
  return Number(`${whole}e${-scale}`);
}

const RANGES: { readonly [S in Stored]?: readonly [number, number] } = {
  i32: [-(2 ** 31), 2 ** 31 - 1],
  u8: [0, 255],
  i8: [-128, 127],
  u16: [0, 65535],
  u32: [0, 2 ** 32 - 1],
};
export type Put = (to: number, value: unknown) => boolean;
/** stores a cell as a column of that kind has it; false: it is out of range */
export function putting(a: Arrow, store: Column["store"], type: DataType, to: Numbers, strings: Strings): Put {
  const wide = to as BigInt64Array; // as: those of time and i64 are
  if (store === "string")
    return (at, x) => {
      to[at] = strings.number(String(x));
      return true;
    };
  if (store === "time") {
    const micros = microseconds(a, type);
    return (at, x) => {
      wide[at] = micros(x as number | bigint);
      return true;
    };
  }
  if (store === "i64")
    return (at, x) => {
      wide[at] = BigInt(x as number | bigint);
      return wide[at] === BigInt(x as number | bigint);
    };
  const range = RANGES[store];
  return (at, x) => {
    const value = Number(x);
    if (range && (value < range[0] || value > range[1])) return false;
    to[at] = value;
    return true;
  };
}
/** of an element of the column's own array */
function microseconds(a: Arrow, type: DataType): (x: number | bigint) => bigint {
  const { DataType: T, TimeUnit, DateUnit } = a;
  if (T.isDate(type)) {
    const day = type.unit === DateUnit.DAY;
    return x => BigInt(x) * (day ? 86_400_000_000n : 1000n);
  }
  switch ((type as Timestamp).unit) {
    case TimeUnit.SECOND:
      return x => BigInt(x) * 1_000_000n;
    case TimeUnit.MILLISECOND:
      return x => BigInt(x) * 1000n;
    case TimeUnit.MICROSECOND:
      return x => BigInt(x);
    default:
      return x => BigInt(x) / 1000n - (BigInt(x) % 1000n < 0n ? 1n : 0n);
  }
}
