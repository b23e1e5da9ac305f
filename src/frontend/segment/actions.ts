/**
 * Actions over rows that an engine reads or makes, as aggregates of a group without keys: no row leaves the engine. All over the same rows are one query.
 * Rows that are needed for something else, too, stay for kernels, and so do functions that engines and kernels round differently. Knows no SQL.
 */
import type { Aggregate, Rel, RelExpr } from "../../ir/rel.ts";
import { isWhole } from "../../ir/rel-facts.ts";
import { aggregateElem, relOp } from "../../ir/rel-ops.ts";
import { elemOf } from "../../ir/rel-verify.ts";
import * as build from "../check/build.ts";
import type { CoreProgram, Expr, Fn, Op, RddType, TensorType, Tree } from "../core.ts";
import { NO_LEAST } from "../lower/rdd.ts";
import { readersOf, type Thing } from "./engines.ts";
import { translated } from "./expr.ts";
import { engineParts, isRdd, isTransform } from "./kinds.ts";
import type { Rewriter } from "./rewrite.ts";
import { Untranslatable } from "./scope.ts";
import { type Cut, sourceOf } from "./source.ts";
import { column, columnsOf, namesOf, type Query, relOf } from "./table.ts";

interface Action extends Op {
  readonly type: TensorType;
}
type Readers = ReturnType<typeof readersOf>;

const OPS: Readonly<Record<string, Aggregate["op"]>> = {
  "rdd.count": "count",
  "rdd.sum": "sum",
  "rdd.mean": "mean",
  "rdd.min": "min",
  "rdd.max": "max",
  "rdd.any": "any",
  "rdd.all": "all",
};
const opOf = (e: Action): Aggregate["op"] => OPS[e.op]!; // isAction: it has one
/** files that only an engine reads, and fast */
const READ: ReadonlySet<string> = new Set(["parquet"]);

/** what becomes of those that an engine is to do */
export function engineActions(program: CoreProgram): (e: Expr, at: Rewriter, cut: Cut) => Expr | undefined {
  const readers = readersOf(program);
  const all = [...readers.keys()].filter((x): x is Action => isAction(x) && isAlike(x, program.texts));
  const known = new Set<unknown>(all);
  const over = new Map<Expr, Action[]>();
  for (const a of all) {
    const rows = a.args[0]!;
    const others = over.get(rows);
    if (others) others.push(a);
    else if (isCheap(rows, readers, known, program.texts)) over.set(rows, [a]);
  }
  const made = new Map<Expr, Expr>();
  return (e, at, cut) => {
    const own = e.k === "op" && e.args[0] ? over.get(e.args[0]) : undefined;
    const i = own?.indexOf(e as Action) ?? -1; // as: it is one where it is found
    if (!own || i < 0) return undefined;
    const rows = own[i]!.args[0]!;
    const row = made.get(rows) ?? oneRow(own, at, cut);
    made.set(rows, row);
    const { type, span } = own[i]!;
    return build.op("reshape", [build.get(row, i, { ...type, shape: [1] }, span)], type, span);
  };
}
const isAction = (x: Thing): x is Action =>
  x.k === "op" && x.depth === 0 && Object.hasOwn(OPS, x.op) && x.type.k === "tensor" && !x.type.shape.length;

/** of columns and params alone, and rounded by engines as by kernels */
function alike(f: Fn, d: Expr, texts: readonly string[]): RelExpr | undefined {
  if (f.captures.some(c => c.k !== "param")) return undefined;
  try {
    const made = translated(f, namesOf(d), { index: () => 0, texts });
    return made.every(([, x]) => roundsAlike(x)) ? made[0]?.[1] : undefined;
  } catch (e) {
    if (e instanceof Untranslatable) return undefined;
    throw e;
  }
}
function roundsAlike(x: unknown): boolean {
  if (typeof x !== "object" || x === null) return true;
  if ("op" in x && relOp(String(x.op))?.ulp) return false;
  return Object.values(x).every(roundsAlike);
}
function isAlike(e: Action, texts: readonly string[]): boolean {
  const [d, f] = [e.args[0]!, e.fns["f"]];
  if (!isRdd(d)) return false;
  if (!f) return true;
  const value = alike(f, d, texts);
  if (!value) return false;
  const elem = elemOf(value, { columns: columnsOf(d), elements: [] }, e.op);
  const op = opOf(e);
  if (elem === "string" || aggregateElem(op, elem) !== e.type.elem) return false;
  // the order in which others are added tells
  return elem !== "f64" || (op !== "sum" && op !== "mean") || isWholeIn(value, d, texts);
}
function isWholeIn(value: RelExpr, d: Expr, texts: readonly string[]): boolean {
  const unknown = (): never => {
    throw new Untranslatable("what a kernel computes", d.span);
  };
  const none: Query = { index: () => 0, texts, table: unknown, mark: () => 0, reset: () => {}, with: unknown };
  try {
    return isWhole(value, relOf(d, none));
  } catch (e) {
    if (e instanceof Untranslatable) return false;
    throw e;
  }
}
/** whether the engine reads or makes these rows for actions alone, and what takes it long only once */
function isCheap(rows: Expr, readers: Readers, known: ReadonlySet<unknown>, texts: readonly string[]): boolean {
  let d = rows;
  for (;;) {
    const areActions = (ends: Ends): boolean => ends.every(end => known.has(end));
    const areOverThese = (ends: Ends): boolean => ends.every(end => end?.k === "op" && end.args[0] === rows);
    if (d.k === "source") return READ.has(d.format) && areActions(endsOf(d, readers));
    if (d.k !== "op" || d.depth > 0) return false;
    const f = d.fns["f"];
    const isMade = isTransform(d);
    if (!isMade && ((d.op !== "rdd.map" && d.op !== "rdd.filter") || !f || !alike(f, d.args[0]!, texts))) return false;
    // it is a query whoever reads it
    if (isMade || (f && engineParts(f).length > 0)) {
      const ends = endsOf(d, readers);
      return areActions(ends) && (areOverThese(ends) || (!isMade && isRead(d)));
    }
    d = d.args[0]!;
  }
}
/** a file that is read as often as it is asked for sooner than its rows cross */
function isRead(rows: Expr): boolean {
  let d = rows;
  while (d.k === "op" && (d.op === "rdd.map" || d.op === "rdd.filter")) d = d.args[0]!;
  return d.k === "source" && READ.has(d.format);
}
type Ends = readonly (Thing | undefined)[];
/** what reads rows without making others of them; undefined: an effect, a symbol */
function endsOf(rows: Thing, readers: Readers): Ends {
  const ends = new Set<Thing | undefined>();
  const seen = new Set<Thing>();
  const stack = [rows];
  while (stack.length) {
    const x = stack.pop()!;
    if (seen.has(x)) continue;
    seen.add(x);
    for (const by of readers.get(x) ?? [])
      if (by && by.k === "op" && isRdd(by)) stack.push(by);
      else ends.add(by);
  }
  return [...ends];
}

/** a column for each of them, all over the same rows */
function oneRow(all: readonly Action[], at: Rewriter, cut: Cut): Expr {
  const { span } = all[0]!;
  const row: Tree<TensorType> = {
    k: "record",
    fields: all.map((a, i) => [`v${i}`, { k: "leaf", of: a.type }] as const),
  };
  const type: RddType = { k: "rdd", row, rows: 1 };
  const source = sourceOf(type, span, at, cut, q => relOfAll(all, q));
  const of = all.map((a): TensorType => ({ ...a.type, shape: [1] }));
  return build.op("rdd.collect", [source], { k: "tuple", of }, span);
}
function relOfAll(all: readonly Action[], q: Query): Rel {
  const d = all[0]!.args[0]!;
  const aggregates = all.map((a, i): readonly [string, Aggregate] => {
    const f = a.fns["f"];
    const value = f && translated(f, namesOf(d), q)[0]![1];
    return [`v${i}`, value ? { op: opOf(a), value } : { op: opOf(a) }];
  });
  const own: Rel = { k: "group", of: relOf(d, q), keys: [], aggregates: [...aggregates, ["n", { op: "count" }]] };
  const some: RelExpr = {
    k: "op",
    op: "gt",
    args: [column("n"), { k: "const", elem: "i32", value: 0 }],
    elem: "bool",
  };
  const columns = all.map((a, i): readonly [string, RelExpr] => {
    const of = column(`v${i}`);
    if (a.op !== "rdd.min" && a.op !== "rdd.max") return [`v${i}`, of];
    return [`v${i}`, { k: "check", of, holds: some, message: NO_LEAST, span: a.span }];
  });
  return { k: "map", of: own, columns };
}
