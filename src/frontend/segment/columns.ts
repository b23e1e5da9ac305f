/** Rows of Core with columns more, fewer or others. Knows no op but `rdd.map`. */
import type { Span } from "../../ir/node.ts";
import * as build from "../check/build.ts";
import {
  type Expr,
  type Fn,
  type LeafType,
  leaves,
  mapTree,
  type Op,
  type RddType,
  type Tree,
  type Var,
} from "../core.ts";
import { Rewriting } from "./rewrite.ts";

export type Rdd = Expr & { readonly type: RddType };
/** columns by path: a record without records in it */
export type Named<T> = readonly (readonly [path: string, of: T])[];

export const rowOf = (columns: Named<LeafType>): Tree<LeafType> => ({
  k: "record",
  fields: columns.map(([path, t]) => [path, { k: "leaf", of: t }] as const),
});
export const rowsOf = (d: Rdd): Pick<RddType, "rows"> => (d.type.rows === undefined ? {} : { rows: d.type.rows });

/** what `make` gives of the columns, at the depth of the functions of the rows */
export function mapped(d: Rdd, span: Span, make: (vars: readonly Var[]) => Named<Expr>, depth = d.depth + 1): Op & Rdd {
  const vars = leaves(d.type.row).map(([path, t]) => build.variable(path, t, depth, span));
  const fields = make(vars);
  const row = rowOf(fields.map(([path, e]) => [path, e.type as LeafType] as const)); // as: columns of rows
  const body: Tree<Expr> = { k: "record", fields: fields.map(([path, e]) => [path, { k: "leaf", of: e }] as const) };
  const fn = build.closeFn(vars, body, depth, span);
  return build.op("rdd.map", [d], { k: "rdd", row, ...rowsOf(d) }, span, { fns: { f: fn } }) as Op & Rdd; // as: of that type
}
/** the rows, their columns in the elements of `row` */
export function inElements(d: Rdd, row: Tree<LeafType>): Rdd {
  const depth = d.depth + 1;
  const vars = leaves(d.type.row).map(([path, t]) => build.variable(path, t, depth, d.span));
  const body = mapTree(row, (t, path): Expr => {
    const own = vars.find(v => v.name === path)!;
    return t.k === "tensor" ? build.cast(own, t.elem, d.span) : own;
  });
  const fn = build.closeFn(vars, body, depth, d.span);
  return build.op("rdd.map", [d], { ...d.type, row }, d.span, { fns: { f: fn } }) as Op & Rdd; // as: of that type
}
/** the columns that `row` has */
export function columnsOnly(d: Rdd, row: Tree<LeafType>): Expr {
  const depth = d.depth + 1;
  const vars = leaves(d.type.row).map(([path, t]) => build.variable(path, t, depth, d.span));
  const body = mapTree(row, (_, path): Expr => vars.find(v => v.name === path)!);
  const fn = build.closeFn(vars, body, depth, d.span);
  return build.op("rdd.map", [d], { ...d.type, row }, d.span, { fns: { f: fn } });
}
/** the rows, and behind their columns what functions of them give, each in the function that it is in */
export function withColumns(d: Rdd, parts: readonly (readonly [name: string, f: Fn, part: Expr])[]): Expr {
  const own = leaves(d.type.row);
  // they may read what hangs on a function around the rows
  const depth = Math.max(d.depth + 1, ...parts.flatMap(([, f]) => f.params.map(p => p.depth)));
  const make = (vars: readonly Var[]): Named<Expr> => {
    const made = parts.map(([name, f, part]) => {
      const local = new Map<Expr, Expr>(f.params.map((p, i) => [p, vars[i]!]));
      return [name, Rewriting.renamed([part], local)[0]!] as const;
    });
    return [...own.map(([path], i) => [path, vars[i]!] as const), ...made];
  };
  return mapped(d, d.span, make, depth);
}
