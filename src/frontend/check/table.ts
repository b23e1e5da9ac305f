/** Tables: csv, json, parquet. The columns that a program reads, by its written type or as the file has them, text and missing values among them. */
import type { Column } from "../../ir/type.ts";
import type * as Ast from "../ast.ts";
import type { CoreElem, RddType, Static, TensorType, Tree } from "../core.ts";
import { report } from "../diagnostics/catalogue.ts";
import * as build from "./build.ts";
import { staticOf } from "./builtin-call.ts";
import { fail, limit } from "./context.ts";
import { type Args, type RddExpr, rddValue, textOf } from "./given.ts";
import { schemaOf, wanted } from "./schema.ts";
import { ELEMS } from "./types.ts";
import type { Frame, Value } from "./value.ts";
import { writtenTensor } from "./written.ts";

type Reads = readonly (readonly [name: string, column: Column])[];

export function table(f: Frame, format: string, args: Args, site: Ast.Expr): Value {
  const path = args.get("path")!;
  const paths = [textOf(f, "path", path)];
  const dialect = dialectOf(f, args);
  const all = schemaOf(f, format, paths, dialect, [path.span]).columns;
  const type = wanted(f, site);
  const reads = type ? written(f, type, all, paths[0]!) : Object.entries(all);
  const asked: Static = reads.map(([name, c]) => [name, c.store, c.shape, c.nullable]);
  const options = { ...dialect, columns: asked };
  const columns = schemaOf(f, format, paths, options, [path.span]).columns;
  const row: Tree<TensorType> = {
    k: "record",
    fields: reads.map(([name, c]) => [name, fieldOf(c)] as const),
  };
  const core: RddType = { k: "rdd", row };
  const source = build.source({ format, paths, options, columns, type: core, span: site.span });
  const sources = new Map(reads.map(([name]) => [name, `read from ${paths[0]}`]));
  return rddValue(source as RddExpr, sources, {
    source: paths[0]!,
    columns: reads.map(([name, c]) => ({ name, type: shown(c) })),
  });
}
function dialectOf(f: Frame, args: Args): Readonly<Record<string, Static>> {
  const out: Record<string, Static> = {};
  for (const name of ["header", "delimiter", "missing"]) {
    const g = args.get(name);
    const value = g && staticOf(f, g.value, g.span, `\`${name}\``);
    if (!g || value === undefined || value === null) continue;
    const texts = Array.isArray(value) && value.every(x => typeof x === "string");
    if (name === "header" ? typeof value !== "boolean" : name === "missing" ? !texts : typeof value !== "string")
      fail(f, {
        message: `\`${name}\` is ${name === "header" ? "a bool" : name === "missing" ? "a list of strings" : "a string"}`,
        span: g.span,
      });
    if (name === "delimiter" && String(value).length !== 1)
      fail(f, { message: "`delimiter` is one character", span: g.span });
    out[name] = value;
  }
  return out;
}
const elemOf = (store: Column["store"]): CoreElem => store as CoreElem; // as: the formats give stores of the language
function fieldOf(c: Column): Tree<TensorType> {
  const value: Tree<TensorType> = { k: "leaf", of: { k: "tensor", elem: elemOf(c.store), shape: c.shape } };
  if (!c.nullable) return value;
  const present: Tree<TensorType> = { k: "leaf", of: { k: "tensor", elem: "bool", shape: [] } };
  return { k: "record", fields: [["value", value] as const, ["present", present] as const], maybe: true };
}
/** the columns that the written type names, in its order and as it has them */
function written(f: Frame, t: Ast.Type, all: Readonly<Record<string, Column>>, path: string): Reads {
  if (t.k !== "many" || t.of !== "rdd" || t.item.k !== "recordtype")
    return fail(f, { message: `${path} has rows: its type is rdd { .. }`, span: t.span });
  return t.item.fields.map(({ name, type }) => {
    const found = all[name.text];
    if (!found) {
      const columns = Object.entries(all).map(([n, c]) => ({ name: n, type: shown(c) }));
      return fail(f, report.unknownColumn({ name: name.text, source: path, columns, span: name.span }));
    }
    if (type.k !== "named") return limit(f, "nested records and lists in a column", "columns of numbers", type.span);
    const nullable = type.optional;
    const plain = type.name.text;
    if (plain === "string" || plain === "time") return [name.text, { store: plain, shape: [], nullable }] as const;
    if (nullable && type.dims?.length)
      return fail(f, { message: "a tensor is there or it is not: `?` stands behind a scalar", span: type.span });
    if (!ELEMS.includes(plain)) return fail(f, { message: `no type \`${plain}\``, span: type.name.span });
    const { elem, shape } = writtenTensor(f, { ...type, optional: false }, "a column");
    const sides = shape.filter(d => typeof d === "number");
    if (sides.length < shape.length)
      return fail(f, { message: "a column has sides that are known when compiling", span: type.span });
    if (elem === "f16") return limit(f, "an f16 column of a table", "f32", type.span);
    return [name.text, { store: elem, shape: sides, nullable }] as const;
  });
}
const shown = (c: Column): string =>
  `${c.store}${c.shape.length ? `[${c.shape.join(", ")}]` : ""}${c.nullable ? "?" : ""}`;
