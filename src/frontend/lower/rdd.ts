/**
 * Rows: sources, transforms that choose or compute rows, and actions. A function per record becomes a closed GRAPH
 * function of the columns, its captures, and, where chance or the epoch is read, the row's identity.
 */
import type { Fn as GraphFn, Node, Span } from "../../ir/node.ts";
import * as g from "../../ir/ops/index.ts";
import type { TableColumn } from "../../ir/stage.ts";
import { type Column, type Elem, type RddType as GraphRdd, isStatic, loaded, N, tensor } from "../../ir/type.ts";
import type { Dim } from "../check/dims.ts";
import { type Expr, type Fn, leaves, type Op, type RddType, type Source, tablesOf, tensorLeaf } from "../core.ts";
import { released } from "../segment/held.ts";
import { valueName } from "../stages.ts";
import { placeWord, seedAt, word, wordAt } from "./chance.ts";
import { limit } from "./limit.ts";
import {
  addInput,
  type Building,
  bindCaptures,
  closing,
  evaluate,
  extent,
  graphElem,
  graphType,
  NEVER,
  nodeOf,
  type Scope,
  siteOf,
  tensorOf,
} from "./scope.ts";

export function rowOf(rdd: Node): GraphRdd {
  if (rdd.type.k !== "rdd") throw new Error("internal: lower needs an rdd here");
  return rdd.type;
}
export const columnType = (c: Column, span: Span) => {
  if (c.store === "string" || c.store === "time")
    return limit(`a column of type ${c.store}`, "read numeric columns only", span);
  return tensor(loaded(c.store), c.shape);
};

export interface RowFn {
  readonly fn: GraphFn;
  readonly captures: readonly Node[];
  readonly identity: boolean;
}
/**
 * the closed function of `f` over the columns of `rdd`; `finish` makes the results from those of the body; `shared`: for its last parameters, the same
 * for all rows
 */
export function rowFn(
  f: Fn,
  scope: Scope,
  finish: (results: readonly Node[]) => readonly Node[] = r => r,
  shared: readonly Node[] = [],
): RowFn {
  const own = closing();
  const values = new Map<Expr, Node>();
  const columns = f.params.length - shared.length;
  for (const p of f.params.slice(0, columns))
    values.set(p, own.parameter(graphType(tensorLeaf(p.type), scope.building, p.span)));
  for (const [i, p] of f.params.slice(columns).entries()) values.set(p, own.capture(shared[i]!));
  bindCaptures(f, scope, own, values);
  const seed = f.random ? own.capture(scope.seed()) : undefined;
  const trips = f.random ? scope.when.time.map(own.capture) : [];
  const row = f.random ? own.parameter(tensor("u32", [2])) : undefined;
  const when = row ? { time: [word(own.parameter(tensor("i32"))), ...trips], row: rowWords(row) } : NEVER;
  const inner: Scope = { building: scope.building, values, seed: () => seed ?? unseeded(), when };
  const results = finish(
    evaluate(
      leaves(f.body).map(([, e]) => e),
      inner,
    ),
  );
  return { fn: own.close(results), captures: own.captured, identity: f.random };
}
const unseeded = (): never => {
  throw new Error("internal: a function draws that check does not call random");
};

/** row lo, row hi of an identity [hi, lo] */
export const rowWords = (row: Node): readonly Node[] => [wordAt(1, row), wordAt(0, row)];

export function sourceNode(e: Source, scope: Scope): Node {
  const b = scope.building;
  const paths = e.paths;
  const tables = tablesOf(e);
  if (e.type.k === "tensor") {
    const type = graphType(e.type, b, e.span);
    return addInput(
      b,
      {
        k: "file",
        source: { ...described(e), columns: e.columns },
        ...(e.tensor === undefined ? {} : { tensor: e.tensor }),
        type,
      },
      type,
    );
  }
  const { columns } = described(e);
  for (const c of Object.values(columns)) columnType(c, e.span);
  const rows = addInput(b, { k: "rows", source: described(e) }, { k: "rdd", row: columns, order: "source" });
  return e.anew && (tables.length || !hasTables(e))
    ? g.rddQuery(
        rows,
        tables.map(t => tableOf(nodeOf(t, scope), t.span)),
      )
    : rows;

  function described(s: Source) {
    const number = (d: Dim): number => extent(d, b, s.span);
    return {
      format: s.format,
      paths,
      options: s.options as Readonly<Record<string, never>>,
      columns: s.query ? released(s.columns, number) : s.columns,
      span: s.span,
      ...(s.query ? { query: released(s.query, number), given: givenOf(s.given ?? []) } : {}),
    };
  }
}
const hasTables = ({ given = [] }: Source): boolean => given.some(e => e.type.k === "rdd");
const givenOf = (given: readonly Expr[]): readonly (string | TableColumn)[] =>
  given.map((e, i) =>
    e.type.k === "rdd" ? { table: tablesIn(given).indexOf(e), column: i - given.indexOf(e) } : valueName(e),
  );
const tablesIn = (given: readonly Expr[]): readonly Expr[] => [...new Set(given.filter(e => e.type.k === "rdd"))];
/** all columns of the rows, for an engine */
function tableOf(rdd: Node, span: Span): Node {
  const own = closing();
  const columns = Object.entries(rowOf(rdd).row);
  const results = columns.map(([, c]) => own.parameter(columnType(c, span)));
  return g.rddTable(
    own.close(results),
    columns.map(([name]) => name),
    false,
    rdd,
  );
}

const number = (e: Op, name: string, b: Building): number => {
  const v = e.attrs[name];
  if (typeof v === "number") return v;
  if (typeof v === "object" && v !== null && "k" in v && v.k === "poly") return extent(v, b, e.span);
  throw new Error(`internal: ${e.op} has no number ${name}`);
};
const rddType = (e: Op): RddType => {
  if (e.type.k !== "rdd") throw new Error(`internal: ${e.op} gives no rdd`);
  return e.type;
};
const seedOf = (e: Op, scope: Scope): Node => seedAt(e.place ?? "", e.args[1] && nodeOf(e.args[1], scope), scope);
const place = (e: Op): number => placeWord(e.place ?? "");

export const NO_LEAST = "there are no rows, and of nothing there is no least and no greatest";
/** an aggregate of one tensor per row, in the element that the sum is made in */
function aggregate(e: Op, args: readonly Node[], scope: Scope, by: g.AggregateOp, elem?: Elem): Node {
  const f = e.fns["f"];
  if (!f) throw new Error(`internal: ${e.op} has no function`);
  const own = rowFn(f, scope, ([value]) => [elem ? g.cast(elem, value!) : value!]);
  const site = elem === undefined ? siteOf(scope.building, e.span, NO_LEAST) : undefined;
  return g.aggregate(own.fn, by, own.identity, args[0]!, own.captures, site);
}
const resultElem = (e: Op): Elem => graphElem(tensorOf(e).elem);
/** the number of rows, i32 */
export function countRows(rdd: Node, span: Span): Node {
  const own = closing();
  for (const c of Object.values(rowOf(rdd).row)) own.parameter(columnType(c, span));
  return g.aggregate(own.close([g.full(1, "i32")]), "add", false, rdd);
}
/** all columns of the rows, one tensor each, with room for `rows` rows: a tuple; `site`: of the fault if there are fewer */
export function collectRows(rdd: Node, rows: number, span: Span, site?: number): Node {
  const pass = collecting("collect", rdd, rows, span);
  return g.batches(site === undefined ? pass : { ...pass, site }, rdd, g.noSeed(), []);
}
/** all columns of the rows of one batch at a time, with room for its rows: a tuple */
export function passRows(rdd: Node, span: Span): Node {
  return g.batches({ ...collecting("save", rdd, g.CAPACITY, span), passing: true }, rdd, g.noSeed(), []);
}
function collecting(label: string, rdd: Node, rows: number, span: Span): g.BatchesAttrs {
  const own = closing();
  const columns = Object.values(rowOf(rdd).row).map(c => {
    const t = columnType(c, span);
    return own.parameter(tensor(t.elem, [N, ...t.shape]));
  });
  own.parameter(tensor("u32", [N, 2]));
  own.parameter(tensor("i32"));
  own.parameter(tensor("i32"));
  return g.onePass(label, own.close(columns), 0, columns.length, rows);
}

/** Core's ops on rdds; the arguments are lowered */
export const rddOps: Readonly<Record<string, (e: Op, args: readonly Node[], scope: Scope) => Node>> = {
  "rdd.query": (e, [source, ...tables]) =>
    g.rddQuery(
      source!,
      tables.map(t => tableOf(t, e.span)),
    ),
  "rdd.map": (e, args, scope) => {
    const own = rowFn(e.fns["f"]!, scope);
    const columns = leaves(rddType(e).row).map(([path]) => path);
    return g.rddMap(own.fn, columns, own.identity, args[0]!, own.captures);
  },
  "rdd.filter": (e, args, scope) => {
    const own = rowFn(e.fns["f"]!, scope);
    return g.rddFilter(own.fn, own.identity, args[0]!, own.captures);
  },
  "rdd.take": (e, args, scope) => g.rddTake(number(e, "count", scope.building), args[0]!),
  "rdd.split": (e, args, scope) => {
    const [low, high] = ["low", "high"].map(n => Math.round(number(e, n, scope.building) * 2 ** 32));
    return g.rddSplit(place(e), low!, high!, args[0]!, seedOf(e, scope));
  },
  "rdd.shuffle": (e, args, scope) => g.rddShuffle(place(e), args[0]!, seedOf(e, scope)),
  "rdd.sample": (e, args, scope) =>
    g.rddSample(place(e), number(e, "fraction", scope.building), args[0]!, seedOf(e, scope)),
  "rdd.batch": (e, args, scope) => g.rddBatch(number(e, "count", scope.building), args[0]!),
  "rdd.number": (e, args) => g.rddNumber(String(e.attrs["column"]), args[0]!),
  "rdd.cache": (_, args) => g.rddFreeze(args[0]!),
  rows: (e, args) => {
    const names = leaves(rddType(e).row).map(([path]) => path);
    const x = args[0]!;
    if (args.length !== 1 || names.length !== 1 || x.type.k !== "tensor" || !isStatic(x.type.shape))
      throw new Error("internal: rows of no tensor");
    return g.rddRows(names[0]!, x);
  },
  "rdd.count": (e, args) => g.cast(resultElem(e), countRows(args[0]!, e.span)),
  "rdd.sum": (e, args, scope) => aggregate(e, args, scope, "add", resultElem(e)),
  "rdd.mean": (e, args, scope) => aggregate(e, args, scope, "mean", resultElem(e)),
  "rdd.min": (e, args, scope) => aggregate(e, args, scope, "min"),
  "rdd.max": (e, args, scope) => aggregate(e, args, scope, "max"),
  "rdd.any": (e, args, scope) => g.cast("bool", aggregate(e, args, scope, "max", "i32")),
  "rdd.all": (e, args, scope) => g.cast("bool", aggregate(e, args, scope, "min", "i32")),
  "rdd.collect": (e, args, scope) => {
    if (e.type.k !== "tuple") throw new Error("internal: collect gives no tuple");
    const rows = e.type.of[0]?.shape[0] ?? 0;
    const n = extent(rows, scope.building, e.span);
    const site = siteOf(scope.building, e.span, `there are fewer than ${n} rows to collect`);
    return collectRows(args[0]!, n, e.span, site);
  },
};
