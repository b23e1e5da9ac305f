/** Pieces of SQL that DuckDB and others write alike: names, literals, types. Knows no op and no table. */
import type { Cell, CellElem, Fields, Inner } from "../../ir/rel.ts";
import type { Scalar } from "../../ir/rel-ops/record.ts";

export const TYPES: { readonly [E in CellElem]: string } = {
  bool: "BOOLEAN",
  i32: "INTEGER",
  i64: "BIGINT",
  f32: "FLOAT",
  f64: "DOUBLE",
  string: "VARCHAR",
  time: "BIGINT",
};
/** the byte 0 ends a statement, and the lines of one are moved: both are spelled out */
export const quoted = (text: string): string =>
  text
    .split(SPELLED)
    .map(t => (SPELLED.test(t) ? `chr(${t.charCodeAt(0)})` : `'${t.replaceAll("'", "''")}'`))
    .join(" || ");
const SPELLED = /([\0\n])/;
/** digits of a float stand in quotes: without, they would be a decimal first */
export function literal(elem: CellElem, value: Scalar): string {
  if (typeof value === "string") return SPELLED.test(value) ? `(${quoted(value)})` : quoted(value);
  if (typeof value === "boolean") return String(value);
  if (elem === "f32" || elem === "f64") return `'${Object.is(value, -0) ? "-0.0" : String(value)}'::${TYPES[elem]}`;
  return value < 0 ? `'${value}'::${TYPES[elem]}` : `${value}::${TYPES[elem]}`;
}
/** an element of a list: its field where it has one */
export const elementType = (of: Fields): string =>
  of.length === 1 ? fieldType(of[0]![1]) : `STRUCT(${of.map(([, e], i) => `f${i} ${fieldType(e)}`).join(", ")})`;
export const fieldType = (of: Inner): string => (typeof of === "string" ? TYPES[of] : typeOf(of));
export function typeOf(c: Cell): string {
  switch (c.k) {
    case "scalar":
      return TYPES[c.elem];
    case "tensor":
      return `${TYPES[c.elem]}[${c.shape.reduce((a, b) => a * b, 1)}]`;
    case "list":
      return `${elementType(c.of)}[]`;
    default:
      return c satisfies never;
  }
}
