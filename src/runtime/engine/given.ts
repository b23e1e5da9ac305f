/** Values of a run as tables, variables and dictionaries of the engine. Knows no query. */
import type { Cell, CellElem, Columns } from "../../ir/plan.ts";
import { sizeOf } from "../../ir/type.ts";
import { type TensorData, valueAt, view } from "../dtype.ts";
import type { Strings } from "../strings.ts";
import { type Put, type PutLists, putRows, queryRows, quoted, TYPES } from "./duckdb.ts";

/** as values cross: a bool is a word of 32 bits */
const crossing = (elem: CellElem): string => (elem === "bool" ? "INTEGER" : TYPES[elem]);
const textsOf = (t: TensorData, strings: Strings): readonly string[] =>
  Array.from(view("i32", t.bytes) as Int32Array, code => strings.text(code)); // as: what `view` gives for i32

/** a column: all rows as kernels have them, or lists as a reader gives them */
export type Given = TensorData | PutLists;
const rowsOf = (g: Given): number => ("ends" in g ? g.ends.length : g.shape[0]!);
/** the table `name` with columns c0, c1 .. and i0, the position; `name`_put holds its rows */
export function putTable(name: string, columns: Columns, values: readonly Given[], strings: Strings): void {
  const rows = values[0] ? rowsOf(values[0]) : 0;
  const puts = columns.map(([, c], i): Put => {
    const value = values[i]!;
    if ("ends" in value) return value;
    if (c.k === "list") throw new Error("internal: a list of kernels");
    if (value.shape[0] !== rows) throw new Error(`internal: a given column has ${value.shape[0]} of ${rows} rows`);
    if (c.elem === "string") return { type: "VARCHAR", size: 0, texts: textsOf(value, strings) };
    return { type: crossing(c.elem), size: c.k === "tensor" ? sizeOf(c.shape) : 0, bytes: value.bytes };
  });
  putRows(`${name}_put`, puts, rows);
  const cells = columns.map(([, c], i) => {
    return c.k === "list" || c.elem === "bool" ? `c${i}::${typeOf(c)} as c${i}` : `c${i}`;
  });
  queryRows(`create or replace temp view ${name} as select ${[...cells, "rowid as i0"].join(", ")} from ${name}_put`);
}
export type ListElement = Extract<Cell, { readonly k: "list" }>["of"][number][1];
export function scalarOf(of: ListElement): CellElem {
  if (typeof of === "string") return of;
  throw new Error("internal: a list of lists that kernels are given");
}
/** as SQL writes it */
export function typeOf(c: Cell): string {
  if (c.k === "tensor") return `${TYPES[c.elem]}[${sizeOf(c.shape)}]`;
  if (c.k === "scalar") return TYPES[c.elem];
  const [first, ...more] = c.of.map(([, of]) => (typeof of === "string" ? TYPES[of] : typeOf(of)));
  return more.length ? `STRUCT(${[first, ...more].map((t, i) => `f${i} ${t}`).join(", ")})[]` : `${first}[]`;
}
/** the variable `name`: all elements of a tensor */
export function putElements(name: string, elem: CellElem, value: TensorData, strings: Strings): void {
  const put: Put =
    elem === "string"
      ? { type: "VARCHAR", size: 0, texts: textsOf(value, strings) }
      : { type: crossing(elem), size: 0, bytes: value.bytes };
  putRows(`${name}_put`, [put], sizeOf(value.shape));
  queryRows(`set variable ${name} = (select coalesce(list(c0::${TYPES[elem]} order by rowid), []) from ${name}_put)`);
  queryRows(`drop table ${name}_put`);
}
/** the variable `name` */
export function putScalar(name: string, elem: CellElem, value: TensorData, strings: Strings): void {
  const x = valueAt(value.store, view(value.store, value.bytes), 0);
  const spelled = Object.is(x, -0) ? "-0.0" : String(x);
  const type = elem === "bool" ? `${crossing(elem)}::${TYPES[elem]}` : TYPES[elem];
  const sql = elem === "string" ? literalText(strings.text(Number(x))) : `'${spelled}'::${type}`;
  queryRows(`set variable ${name} = ${sql}`);
}
const literalText = (text: string): string => text.split("\0").map(quoted).join(" || chr(0) || ");
/** the macro `name`(text): the place of a text among those of a vector, 0 where it has none; its first is never found, of equal ones the first */
export function putLookup(name: string, value: TensorData, strings: Strings): void {
  const places = new Map<string, number>();
  textsOf(value, strings).forEach((text, i) => {
    if (i > 0 && !places.has(text)) places.set(text, i);
  });
  putRows(`${name}_put`, [{ type: "VARCHAR", size: 0, texts: [...places.keys()] }], places.size);
  const code = `enum_code(try_cast(s as ${name}_terms))::INTEGER + 1`;
  const isDense = [...places.values()].every((place, i) => place === i + 1);
  const place = isDense ? code : `getvariable('${name}_places')[${code}]`;
  queryRows(
    `create or replace type ${name}_terms as enum (select c0 from ${name}_put order by rowid);
    set variable ${name}_places = [${isDense ? "" : [...places.values()].join(", ")}]::INTEGER[];
    create or replace temp macro ${name}(s) as coalesce(${place}, 0)`,
  );
}
