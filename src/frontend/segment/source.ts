/** A source of format "engine": its query, and what the query is given, which kernels compute. Knows no training. */
import type { Span } from "../../ir/node.ts";
import type { Columns, Rel, RelExpr } from "../../ir/rel.ts";
import type { Column } from "../../ir/type.ts";
import * as build from "../check/build.ts";
import { type Dim, symbol } from "../check/dims.ts";
import {
  type CoreProgram,
  type Expr,
  type LeafType,
  leaves,
  mapTree,
  OPEN,
  type RddType,
  type Source,
  type Static,
  type TensorType,
  type Tree,
  tensorLeaf,
  type Unknown,
} from "../core.ts";
import { isDrawn } from "./chance.ts";
import { inElements, type Rdd, withColumns } from "./columns.ts";
import { isRenewed, scansOf } from "./engines.ts";
import { translatedAlone } from "./expr.ts";
import { held } from "./held.ts";
import { hasLists, isRdd } from "./kinds.ts";
import { packed, unpacked, withTexts } from "./pack.ts";
import { fieldTypes } from "./pieces.ts";
import type { Rewriter } from "./rewrite.ts";
import { Untranslatable } from "./scope.ts";
import { column, columnsOf, type Query, relOf } from "./table.ts";

/** what the whole program shares */
export interface Cut {
  readonly program: CoreProgram;
  /** numbers of rows of given tables */
  readonly symbols: Unknown[];
  /** the columns of given tables, by rdd */
  readonly collected: Map<Expr, readonly Expr[]>;
  /** the results of maps and loops along tensors in which texts are made */
  readonly along: Map<Expr, readonly Expr[]>;
  /** of rows that a training makes in each epoch, with what chance gives there: how all others are made */
  readonly anew?: Rewriter;
  /** tables whose halves are given as what holds them */
  readonly wide: Map<Expr, Expr>;
  /** of the sources that are made: whether one is read several times is seen when all are */
  readonly options: Map<Source, Record<string, Static>>;
}
/** the rdd as a source: its query, and what the query is given; in what is repeated, that source asked again in each trip, of the tables there */
export function engine(e: Expr & { readonly type: RddType }, at: Rewriter, cut: Cut): Rdd {
  return sourceOf(e.type, e.span, at, cut, q => relOf(e, q));
}
export function sourceOf(type: RddType, span: Span, at: Rewriter, cut: Cut, make: (q: Query) => Rel): Rdd {
  const given: Expr[] = [];
  const rel = make(queryOf(given, at, cut));
  const own = withTexts(type.row);
  const row = singles(own);
  const texts = leaves(type.row).map(([n, t]): readonly [string, RelExpr] => [
    n,
    t.k === "list" ? packed(column(n), fieldTypes(t.of, span)) : column(n),
  ]);
  const query: Rel = hasLists(type.row) ? { k: "map", of: rel, columns: texts } : rel;
  const columns = Object.fromEntries(leaves(row).map(([path, t]) => [path, stored(tensorLeaf(t))] as const));
  const paths = [...new Set(scansOf(query).flatMap(scan => scan.paths))];
  const rows = type.rows === undefined ? {} : { rows: type.rows };
  const stands: RddType = { k: "rdd", row, ...rows };
  const tables = [...new Set(given.filter(isRdd))];
  const inTrips = tables.some(t => t.depth > 0);
  const anew = inTrips || (cut.anew !== undefined && (tables.length > 0 || isRenewed(query)));
  // of what is read in each epoch the engine keeps the rows
  const options: Record<string, Static> = anew && paths.length ? { keep: true } : {};
  const more = anew ? ({ anew } as const) : {};
  const parts = { format: "engine", paths, options, columns, type: stands, span, query, ...more };
  const open = new Map<Expr, Expr>(inTrips ? tables.map(t => [t, openTable(t)] as const) : []);
  const source = build.source({ ...parts, given: given.map(e => open.get(e) ?? e) });
  cut.options.set(source, options);
  const made = (inTrips ? build.op("rdd.query", [source, ...tables], stands, span) : source) as Rdd; // as: of that type
  return hasHalves(type.row) ? inElements(made, own) : made;
}
/** stands for a table of which a source is made */
const openTable = (t: Rdd): Source =>
  build.source({ format: OPEN, paths: [], options: {}, columns: {}, type: t.type, span: t.span });
const isHalf = (t: LeafType): t is TensorType => t.k === "tensor" && t.elem === "f16";
const hasHalves = (row: Tree<LeafType>): boolean => leaves(row).some(([, t]) => isHalf(t));
/** halves as an engine holds them */
const singles = (row: Tree<LeafType>): Tree<LeafType> => mapTree(row, t => (isHalf(t) ? { ...t, elem: "f32" } : t));
const withoutHalves = (e: Expr): Expr => (e.type.k === "tensor" && isHalf(e.type) ? build.cast(e, "f32") : e);
function stored(t: TensorType): Column {
  const shape = t.shape.map(held);
  const { elem } = t;
  return { store: elem === "string" || elem === "u8" ? "i32" : elem === "time" ? "i64" : elem, shape, nullable: false };
}
/** a value outside of all functions that only an engine computes: a column of one row */
export function alone(e: Expr, type: TensorType, at: Rewriter, cut: Cut): Expr {
  const { span } = e;
  const row = build.constant([0], { k: "tensor", elem: "i32", shape: [1] }, span);
  const table: RddType = { k: "rdd", row: { k: "record", fields: [["value", { k: "leaf", of: type }]] }, rows: 1 };
  const source = sourceOf(table, span, at, cut, q => {
    const of: Rel = { k: "given", index: q.index(row), columns: [["row", { k: "scalar", elem: "i32" }]] };
    return { k: "map", of, columns: [["value", translatedAlone(e, q)]] };
  });
  const all: TensorType = { ...type, shape: [1, ...type.shape] };
  const whole = build.op("rdd.collect", [source], { k: "tuple", of: [all] }, span);
  return build.op("reshape", [build.get(whole, 0, all, span)], type, span);
}

// ---- what a query is given

function queryOf(given: Expr[], at: Rewriter, cut: Cut): Query {
  const wide = new Map<Expr, Expr>();
  const index = (e: Expr): number => {
    const known = wide.get(e);
    const made = (): Expr => at.expr(withoutHalves(e));
    const own = known ?? (e.depth > 0 ? asTable(made()) : made());
    wide.set(e, own);
    const i = given.indexOf(own);
    return i >= 0 ? i : given.push(own) - 1;
  };
  const collected = (d: Expr): number => {
    const parts = cut.collected.get(d) ?? collect(at.expr(d), cut);
    cut.collected.set(d, parts);
    return given.push(...parts) - parts.length;
  };
  /** the rows as they are in an epoch */
  const drawn = (d: Expr, columns: number): number => {
    const known = given.indexOf(d);
    return known >= 0 ? known : given.push(...Array.from({ length: columns }, () => d)) - columns;
  };
  return {
    texts: cut.program.texts,
    once: cut.anew && (() => queryOf(given, cut.anew!, withoutAnew(cut))),
    index,
    mark: () => given.length,
    reset: mark => {
      given.length = mark;
    },
    table: table => {
      const d =
        cut.wide.get(table) ??
        (isRdd(table) && hasHalves(table.type.row) ? inElements(table, singles(table.type.row)) : table);
      cut.wide.set(table, d);
      const columns = columnsOf(d);
      const index = d.depth > 0 || (cut.anew && isDrawn(d)) ? drawn(at.expr(d), columns.length) : collected(d);
      if (columns.every(([, c]) => c.k !== "list")) return { k: "given", index, columns };
      const texts = columns.map(
        ([n, c]) => [n, c.k === "list" ? { k: "scalar", elem: "string" } : c] as const,
      ) as Columns; // as: a cell each
      const lists = columns.map(([n, c]) => [n, c.k === "list" ? unpacked(column(n), c.of) : column(n)] as const);
      return { k: "map", of: { k: "given", index, columns: texts }, columns: lists };
    },
    with: (d, parts) => withColumns(rddOf(d), parts),
  };
}
/** a value that hangs on the trip of what is around: a table of one row, or of the slices of a tensor */
function asTable(e: Expr): Expr {
  const t = e.type as TensorType; // as: values of queries are tensors
  if (t.elem === "string" || t.elem === "time")
    throw new Untranslatable("a text or an instant of a function around it", e.span);
  const whole = t.shape.length ? e : build.op("reshape", [e], { ...t, shape: [1] }, e.span);
  const row: Tree<LeafType> = { k: "leaf", of: { ...t, shape: t.shape.slice(1) } };
  return build.op("rows", [whole], { k: "rdd", row, rows: t.shape[0] ?? 1 }, e.span);
}
const withoutAnew = ({ anew: _, ...cut }: Cut): Cut => cut;
/** the columns of an rdd that kernels compute, a tensor each */
function collect(d: Expr, cut: Cut): readonly Expr[] {
  if (!isRdd(d)) throw new Error("internal: a given table is no rdd");
  const { span } = d;
  if (d.k === "op" && d.op === "rows" && d.args.length === leaves(d.type.row).length) return d.args;
  const n = d.type.rows ?? rowsSymbol(d, cut);
  const all = leaves(d.type.row).map(([, t]): TensorType => ({ ...tensorLeaf(t), shape: [n, ...tensorLeaf(t).shape] }));
  const whole = build.op("rdd.collect", [d], { k: "tuple", of: all }, span);
  return all.map((t, i) => build.get(whole, i, t, span));
}
export function rddOf(e: Expr): Rdd {
  if (isRdd(e)) return e;
  throw new Error("internal: columns of no rdd");
}
function rowsSymbol(rdd: Expr, cut: Cut): Dim {
  const taken = new Set([...cut.program.symbols, ...cut.symbols].map(s => s.id));
  let id = "rows";
  for (let i = 2; taken.has(id); i++) id = `rows#${i}`;
  cut.symbols.push({ id, name: "rows", from: { k: "rows", rdd }, span: rdd.span });
  return symbol(id, "rows");
}
