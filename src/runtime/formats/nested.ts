/**
 * Columns of files whose cells are records and lists: fields of records are columns by their path, lists of one length tensors, other lists what
 * they are. Types are the engine's; knows no format.
 */
import { type Column, type Stored, sizeOf } from "../../ir/type.ts";
import { named, queryRows, quoted } from "../engine/duckdb.ts";
import type { SqlType } from "../engine/types.ts";
import type { Found } from "./tabular.ts";

/** rows that are looked at to know the type of a column */
export const SAMPLE = 20_480;

/** a cell of a file, or a field of the records in it */
export interface Leaf {
  readonly path: readonly string[];
  /** SQL of it, in a row of the file */
  readonly sql: string;
  readonly type: SqlType;
}
export const nameOf = ({ path }: Leaf): string => path.join(".");
/** the fields of all records, and what else there is */
export function leavesOf(path: readonly string[], sql: string, type: SqlType): readonly Leaf[] {
  if (type.k !== "struct") return [{ path, sql, type }];
  return type.fields.flatMap(([name, t]) => leavesOf([...path, name], `struct_extract(${sql}, ${quoted(name)})`, t));
}
/** what a file format says of its own types; undefined: nothing that the language has */
export type StoreOf = (t: Extract<SqlType, { k: "plain" }>) => Column["store"] | undefined;

/** undefined: nothing that the language has */
export function foundOf(leaf: Leaf, storeOf: StoreOf, nullable: boolean, from: string): Found | undefined {
  const name = nameOf(leaf);
  const at = leaf.path.length > 1 ? { path: leaf.path } : {};
  const { type } = leaf;
  if (type.k === "plain") {
    const store = storeOf(type);
    return store && { name, column: { store, shape: [], nullable, ...at } };
  }
  if (type.k !== "list") return undefined;
  const elements = elementsOf(type, storeOf);
  if (!elements) return undefined;
  const { depth, fields } = elements;
  const store = fields[0]![1];
  const alike = fields.length === 1 && fields[0]![0] === "" && isNumber(store) ? lengths(leaf, depth, from) : undefined;
  if (alike) return { name, column: { store, ...alike, ...at }, depth };
  const column: Column = { store: "i32", shape: [], nullable: false, list: fields, ...at };
  // of lists in lists there is no type but that of tensors, which a program may write
  return { name, column: depth > 1 ? { ...column, untyped: true } : column, depth };
}
const isNumber = (s: Column["store"]): s is Stored => s !== "string" && s !== "time";
type Fields = NonNullable<Column["list"]>;
/** how deep lists lie in lists, and what is in the innermost: scalars, or records of scalars */
function elementsOf(type: SqlType, storeOf: StoreOf): { readonly depth: number; readonly fields: Fields } | undefined {
  let [of, depth] = [type, 0];
  for (; of.k === "list"; of = of.of) depth++;
  const all = of.k === "struct" ? of.fields : [["", of] as const];
  const fields = all.map(([name, t]) => [name, t.k === "plain" ? storeOf(t) : undefined] as const);
  return fields.every((f): f is readonly [string, Column["store"]] => f[1] !== undefined) && fields.length
    ? { depth, fields }
    : undefined;
}
/** how long the lists of a sample are, from the outermost, and whether one is missing; undefined: not all alike, or nothing is in them */
function lengths({ sql }: Leaf, depth: number, from: string): Pick<Column, "shape" | "nullable"> | undefined {
  const levels = Array.from({ length: depth }, (_, k) => {
    // all lists of this level, one behind the other
    let all = `[${sql}]`;
    for (let i = 0; i < k; i++) all = `flatten(${all})`;
    return `list_transform(${all}, lambda x: len(x))`;
  });
  const items = levels.flatMap((l, k) => [`list_min(${l}) as a${k}`, `list_max(${l}) as b${k}`]);
  const asked = levels.map((_, k) => `case when min(a${k}) = max(b${k}) then min(a${k}) end`);
  const [answer] = queryRows(
    `select count(*) - count(l), ${asked.join(", ")} from (select ${sql} as l, ${items.join(", ")} from ${from} limit ${SAMPLE})`,
  );
  const [missing, ...shape] = answer!.map(n => Number(n ?? 0));
  return shape.every(n => n > 0) ? { shape, nullable: missing! > 0 } : undefined;
}

/** SQL of an element as the program stores it, null where it is none */
type Element = (sql: string, store: Column["store"]) => string;

/** `cell` is a list of the engine, `depth` deep. A tensor: its elements, one after the other. Null where a list in it has another length than it must */
export function listSql(cell: string, { list, shape, store }: Column, depth: number, element: Element): string {
  if (!list) {
    const inner = shape.length === depth ? shape.slice(1) : [];
    const right = inner.length ? `case when ${sidesAre(cell, inner)} then ${cell} end` : cell;
    let flat = right;
    for (let k = 1; k < depth; k++) flat = `flatten(${flat})`;
    const made = element("e", store);
    return made === "e" ? flat : `list_transform(${flat}, lambda e: ${made})`;
  }
  const parts = list.map(([name, s]) => element(name === "" ? "e" : `struct_extract(e, ${quoted(name)})`, s));
  const made = parts.length === 1 ? parts[0]! : `struct_pack(${parts.map((p, i) => `f${i} := ${p}`).join(", ")})`;
  return `list_transform(${cell}, lambda e: ${made})`;
}
/** SQL of JSON as a list of the engine, what is in it as text */
export function jsonList(cell: string, { list }: Column, depth: number): string {
  const isRecord = list !== undefined && (list.length > 1 || list[0]![0] !== "");
  const of = isRecord ? `STRUCT(${list.map(([n]) => `${named(n)} VARCHAR`).join(", ")})` : "VARCHAR";
  return `try_cast(${cell} as ${of}${"[]".repeat(depth)})`;
}
/** all lists in it, and those in them, have these lengths */
function sidesAre(cell: string, [side, ...rest]: readonly number[], level = 0): string {
  const x = `s${level}`;
  const own = `coalesce(len(${x}) = ${side}, false)`;
  const all = rest.length ? `${own} and ${sidesAre(x, rest, level + 1)}` : own;
  return `coalesce(list_bool_and(list_transform(${cell}, lambda ${x}: ${all})), true)`;
}
/** SQL of whether the elements of `listSql` are none, or too many or few */
export function isWrong(v: string, { list, shape }: Column): string {
  if (!list) return `(len(${v}) <> ${sizeOf(shape)} or list_count(${v}) <> ${sizeOf(shape)})`;
  if (list.length === 1) return `list_count(${v}) <> len(${v})`;
  const none = list.map((_, i) => `e.f${i} is null`).join(" or ");
  return `coalesce(list_bool_or(list_transform(${v}, lambda e: ${none})), false)`;
}
/** of a list: a field that is alone stands for itself; `typeOf`: what the engine calls an element */
export function listType(list: Fields, typeOf: (s: Column["store"]) => string): string {
  if (list.length === 1) return `${typeOf(list[0]![1])}[]`;
  return `STRUCT(${list.map(([, s], i) => `f${i} ${typeOf(s)}`).join(", ")})[]`;
}
/** the rows of a file with the fields of records as columns by their path, `more` behind them */
export function flattened(from: string, leaves: readonly Leaf[], more: readonly string[] = []): string {
  if (leaves.every(l => l.path.length === 1)) return from;
  return `(select ${[...leaves.map(l => `${l.sql} as ${named(nameOf(l))}`), ...more].join(", ")} from ${from})`;
}
