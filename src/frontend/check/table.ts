/** Tables: csv, json, parquet, arrow. The columns that a program reads, by its written type or as the file has them: text, missing values, records, lists. */

import type { Span } from "../../ir/node.ts";
import { bare, type Column, type Item, type Items, showList } from "../../ir/type.ts";
import type * as Ast from "../ast.ts";
import {
  type CoreElem,
  type Expr,
  type LeafType,
  type ListType,
  leaves,
  mapTree,
  type RddType,
  type Static,
  type TensorType,
  type Tree,
} from "../core.ts";
import { report } from "../diagnostics/catalogue.ts";
import { expectPaths } from "./apply.ts";
import * as build from "./build.ts";
import { fail } from "./context.ts";
import { type Args, type RddExpr, rddValue, textOf } from "./given.ts";
import { schemaOf, wanted } from "./schema.ts";
import { staticOf } from "./static.ts";
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
  const asks = type ? written(f, type, all, paths[0]!) : Object.entries(all).filter(([, c]) => !c.untyped);
  const hidden = type ? [] : Object.entries(all).filter(([, c]) => c.untyped);
  // no reader knows halves: they are read as what holds them, and rounded once
  const holds = (name: string): "f32" | "f64" => (all[name]?.store === "f32" ? "f32" : "f64");
  const reads = asks.map(([name, c]) => [name, c.store === "f16" ? { ...c, store: holds(name) } : c] as const);
  const asked: Static = reads.map(([name, c]) => {
    const own: readonly Static[] = [name, c.store, c.shape, c.nullable];
    return c.list ? [...own, c.list] : own;
  });
  const options = { ...dialect, columns: asked };
  const columns = schemaOf(f, format, paths, options, [path.span]).columns;
  const rowIn = (of: Reads): Tree<LeafType> => rowOf(of.map(([name, c]) => [c.path ?? [name], c] as const));
  const core: RddType = { k: "rdd", row: rowIn(reads) };
  expectPaths(f, core.row, type?.span ?? site.span);
  const source = build.source({ format, paths, options, columns, type: core, span: site.span }) as RddExpr;
  const isHalf = asks.some(([, c]) => c.store === "f16");
  const sources = new Map(reads.map(([name]) => [name, `read from ${paths[0]}`]));
  return rddValue(isHalf ? rounded(source, rowIn(asks), site.span) : source, sources, {
    source: paths[0]!,
    columns: [...asks, ...hidden].map(([name, c]) => ({ name, type: shownColumn(c) })),
  });
}
/** the rows of `d` with elements as in `row` */
function rounded(d: RddExpr, row: Tree<LeafType>, span: Span): RddExpr {
  const depth = d.depth + 1;
  const vars = leaves(d.type.row).map(([path, t]) => build.variable(path, t, depth, span));
  const body = mapTree(row, (t, path): Expr => {
    const v = vars.find(x => x.name === path)!;
    return t.k === "tensor" ? build.cast(v, t.elem, span) : v;
  });
  const fn = build.closeFn(vars, body, depth, span);
  return build.op("rdd.map", [d], { k: "rdd", row }, span, { fns: { f: fn } }) as RddExpr;
}
function dialectOf(f: Frame, args: Args): Readonly<Record<string, Static>> {
  const out: Record<string, Static> = {};
  for (const name of ["header", "delimiter", "missing", "quote"]) {
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
    // one byte to the engine; with "" cells begin and end at delimiters alone
    if (name === "quote" && !/^[\x20-\x7e]?$/.test(String(value)))
      fail(f, { message: '`quote` is one character of ASCII, or "" where nothing is quoted', span: g.span });
    if (name === "quote" && value === (out["delimiter"] ?? ","))
      fail(f, { message: "`quote` is what `delimiter` is", span: g.span });
    out[name] = value;
  }
  return out;
}
const elemOf = (store: Column["store"]): CoreElem => store as CoreElem; // as: the formats give stores of the language
/** the list that a column holds */
export function listOf({ list }: Column): ListType | undefined {
  if (!list) return undefined;
  return listType(list);
}
function listType(items: Items): ListType {
  const one = bare(items);
  return { k: "list", of: one ? itemType(one) : fieldsType(items) };
}
const fieldsType = (items: Items): Tree<LeafType> => ({
  k: "record",
  fields: items.map(([n, x]) => [n, itemType(x)] as const),
});
function itemType(x: Item): Tree<LeafType> {
  if (typeof x === "string") return { k: "leaf", of: { k: "tensor", elem: elemOf(x), shape: [] } };
  return x[0] === "record" ? fieldsType(x[1]) : { k: "leaf", of: listType(x[1]) };
}
function fieldOf(c: Column): Tree<LeafType> {
  const value: Tree<LeafType> = {
    k: "leaf",
    of: listOf(c) ?? { k: "tensor", elem: elemOf(c.store), shape: c.shape },
  };
  if (!c.nullable) return value;
  const present: Tree<TensorType> = { k: "leaf", of: { k: "tensor", elem: "bool", shape: [] } };
  return { k: "record", fields: [["value", value] as const, ["present", present] as const], maybe: true };
}
type Placed = readonly (readonly [path: readonly string[], column: Column])[];
/** columns by the records that they lie in */
function rowOf(columns: Placed): Tree<LeafType> {
  const heads = [...new Set(columns.map(([path]) => path[0]!))];
  const fields = heads.map((head): readonly [string, Tree<LeafType>] => {
    const own = columns.filter(([path]) => path[0] === head);
    const [[path, column]] = own as [Placed[number]]; // as: the head is of one of them
    return [head, path.length === 1 ? fieldOf(column) : rowOf(own.map(([p, c]) => [p.slice(1), c] as const))];
  });
  return { k: "record", fields };
}
/** the columns that the written type names, in its order and as it has them */
function written(f: Frame, t: Ast.Type, all: Readonly<Record<string, Column>>, path: string): Reads {
  if (t.k !== "many" || t.of !== "rdd" || t.item.k !== "recordtype")
    return fail(f, { message: `${path} has rows: its type is rdd { .. }`, span: t.span });
  const shown = Object.entries(all).map(([name, c]) => ({ name, type: shownColumn(c) }));
  const columns = Object.entries(all).map(([name, c]) => ({ name, path: c.path ?? [name] }));
  return fieldsOf(t.item, []);

  function fieldsOf(record: Extract<Ast.Type, { k: "recordtype" }>, within: readonly string[]): Reads {
    return record.fields.flatMap(({ name, type }): Reads => {
      const at = [...within, name.text];
      if (type.k === "recordtype") {
        if (!columns.some(c => c.path.length > at.length && at.every((n, i) => c.path[i] === n)))
          return fail(f, report.unknownColumn({ name: at.join("."), source: path, columns: shown, span: name.span }));
        return fieldsOf(type, at);
      }
      const own = columns.find(c => c.path.join("\0") === at.join("\0"));
      const unread = own && all[own.name]?.unread;
      if (unread !== undefined)
        return fail(f, {
          message: `column \`${own!.name}\` of ${path} is ${unread}, of which there is no type`,
          span: name.span,
        });
      if (!own)
        return fail(f, report.unknownColumn({ name: at.join("."), source: path, columns: shown, span: name.span }));
      return [[own.name, { ...columnOf(f, type), ...(at.length > 1 ? { path: at } : {}) }]];
    });
  }
}
function columnOf(f: Frame, type: Ast.Type): Column {
  if (type.k === "many" && type.of === "list")
    return { store: "i32", shape: [], nullable: false, list: itemsOf(f, type) };
  if (type.k !== "named")
    return fail(f, { message: "a column is a scalar, a tensor, a record or a list", span: type.span });
  const nullable = type.optional;
  const plain = type.name.text;
  if (plain === "string" || plain === "time") return { store: plain, shape: [], nullable };
  if (!ELEMS.includes(plain)) return fail(f, { message: `no type \`${plain}\``, span: type.name.span });
  const { elem, shape } = writtenTensor(f, { ...type, optional: false }, "a column");
  const sides = shape.filter(d => typeof d === "number");
  if (sides.length < shape.length)
    return fail(f, { message: "a column has sides that are known when compiling", span: type.span });
  return { store: elem, shape: sides, nullable };
}
/** what the elements of a list are */
function itemsOf(f: Frame, { item }: Extract<Ast.Type, { k: "many" }>): Items {
  if (item.k !== "recordtype") return [["", itemOf(f, item)]];
  return fieldsOf(f, item);
}
const fieldsOf = (f: Frame, { fields }: Extract<Ast.Type, { k: "recordtype" }>): Items =>
  fields.map(x => [x.name.text, itemOf(f, x.type)] as const);
function itemOf(f: Frame, type: Ast.Type): Item {
  if (type.k === "recordtype") return ["record", fieldsOf(f, type)];
  const { store, shape, nullable, list } = columnOf(f, type);
  if (shape.length || nullable || store === "f16")
    return fail(f, { message: "a list in a file is of scalars, records and lists, none missing", span: type.span });
  return list ? ["list", list] : store;
}
export function shownColumn(c: Column): string {
  if (c.unread !== undefined) return `(${c.unread}, of which there is no type)`;
  if (c.untyped) return "(lists of lists, read where a type says f32[..])";
  if (c.list) return showList(c.list);
  return `${c.store}${c.shape.length ? `[${c.shape.join(", ")}]` : ""}${c.nullable ? "?" : ""}`;
}
