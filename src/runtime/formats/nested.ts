/**
 * Columns of files whose cells are records and lists: fields of records are columns by their path, lists of one length tensors, other lists what
 * they are. Types are the engine's; knows no format.
 */
import { bare, type Column, type Item, type Items, type Part, partsOf, type Stored, sizeOf } from "../../ir/type.ts";
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

export function foundOf(leaf: Leaf, storeOf: StoreOf, nullable: boolean, from: string): Found {
  const name = nameOf(leaf);
  const at = leaf.path.length > 1 ? { path: leaf.path } : {};
  const { type } = leaf;
  if (type.k === "plain") {
    const store = storeOf(type);
    return store ? { name, column: { store, shape: [], nullable, ...at } } : unread(name, spelled(type));
  }
  const elements = type.k === "list" ? elementsOf(type, storeOf) : undefined;
  if (!elements) return unread(name, spelled(type));
  const { depth, fields } = elements;
  const store = fields[0]![1];
  const alike = bare(fields) && typeof store === "string" && isNumber(store) ? lengths(leaf, depth, from) : undefined;
  if (alike) return { name, column: { store: store as Stored, ...alike, ...at }, depth }; // as: it is a number
  const column: Column = { store: "i32", shape: [], nullable: false, list: fields, ...at };
  // of lists in lists there is no type but that of tensors, which a program may write
  return { name, column: depth > 1 ? { ...column, untyped: true } : column, depth };
}
/** a column that is told of, and cannot be read */
export const unread = (name: string, type: string): Found => ({
  name,
  column: { store: "string", shape: [], nullable: false, untyped: true, unread: type },
});
const spelled = (t: SqlType): string =>
  t.k === "plain"
    ? t.name
    : t.k === "list"
      ? `${spelled(t.of)}[]`
      : `STRUCT(${t.fields.map(([n, x]) => `${n} ${spelled(x)}`).join(", ")})`;
const isNumber = (s: Column["store"]): s is Stored => s !== "string" && s !== "time";
/** how deep lists lie in lists, and what is in the innermost */
function elementsOf(type: SqlType, storeOf: StoreOf): { readonly depth: number; readonly fields: Items } | undefined {
  let [of, depth] = [type, 0];
  for (; of.k === "list"; of = of.of) depth++;
  const fields = itemsOf(of, storeOf);
  return fields && { depth, fields };
}
/** undefined: there is something in it that the language does not have */
function itemsOf(type: SqlType, storeOf: StoreOf): Items | undefined {
  const all = type.k === "struct" ? type.fields : [["", type] as const];
  const items = all.map(([name, t]) => [name, itemOf(t, storeOf)] as const);
  return items.length && items.every((f): f is readonly [string, Item] => f[1] !== undefined) ? items : undefined;
}
function itemOf(t: SqlType, storeOf: StoreOf): Item | undefined {
  if (t.k === "plain") return storeOf(t);
  // a list of lists is a tensor or nothing
  const of = t.k === "list" && t.of.k === "list" ? undefined : itemsOf(t.k === "list" ? t.of : t, storeOf);
  return of && [t.k === "list" ? "list" : "record", of];
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
  return elementsSql(cell, list, element);
}
/** lists within are lists of the engine, too; `level`: in how many */
function elementsSql(list: string, items: Items, element: Element, level = 0): string {
  const e = level ? `e${level}` : "e";
  const made = partsOf(items).map(({ path, of }) => {
    const x = path.reduce((sql, name) => `struct_extract(${sql}, ${quoted(name)})`, e);
    return typeof of === "string" ? element(x, of) : elementsSql(x, of[1], element, level + 1);
  });
  const one = made.length === 1 ? made[0]! : `struct_pack(${made.map((p, i) => `f${i} := ${p}`).join(", ")})`;
  return `list_transform(${list}, lambda ${e}: ${one})`;
}
/** SQL of JSON as a list of the engine, what is in it as text */
export function jsonList(cell: string, { list }: Column, depth: number): string {
  return `try_cast(${cell} as ${list ? textOf(list) : "VARCHAR"}${"[]".repeat(depth)})`;
}
function textOf(items: Items): string {
  const one = bare(items);
  return one ? textOfItem(one) : `STRUCT(${items.map(([n, x]) => `${named(n)} ${textOfItem(x)}`).join(", ")})`;
}
const textOfItem = (x: Item): string =>
  typeof x === "string" ? "VARCHAR" : `${textOf(x[1])}${x[0] === "list" ? "[]" : ""}`;
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
  return isWrongList(v, list);
}
function isWrongList(v: string, items: Items, level = 0): string {
  const parts = partsOf(items);
  if (parts.length === 1 && typeof parts[0]!.of === "string") return `list_count(${v}) <> len(${v})`;
  const e = level ? `e${level}` : "e";
  const bad = parts.flatMap(({ of }, i) => {
    const x = parts.length === 1 ? e : `${e}.f${i}`;
    return [`${x} is null`, ...(typeof of === "string" ? [] : [isWrongList(x, of[1], level + 1)])];
  });
  return `coalesce(list_bool_or(list_transform(${v}, lambda ${e}: ${bad.join(" or ")})), false)`;
}
/** of a list: a field that is alone stands for itself; `typeOf`: what the engine calls an element */
export function listType(items: Items, typeOf: (s: Column["store"]) => string): string {
  const types = partsOf(items).map(({ of }: Part) => (typeof of === "string" ? typeOf(of) : listType(of[1], typeOf)));
  return types.length === 1 ? `${types[0]}[]` : `STRUCT(${types.map((t, i) => `f${i} ${t}`).join(", ")})[]`;
}
/** the rows of a file with the fields of records as columns by their path, `more` behind them */
export function flattened(from: string, leaves: readonly Leaf[], more: readonly string[] = []): string {
  if (leaves.every(l => l.path.length === 1)) return from;
  return `(select ${[...leaves.map(l => `${l.sql} as ${named(nameOf(l))}`), ...more].join(", ")} from ${from})`;
}
