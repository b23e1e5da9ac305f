/** group_by: keys and aggregates as columns, and a map that makes the fields of a row of them. */
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import { type Expr, type Fn, type LeafType, type ListType, leaves, type Tree, type Var } from "../core.ts";
import { apply, cellsOf, expectPaths, functionOf, named, parameters, rowTree } from "./apply.ts";
import * as build from "./build.ts";
import { fail, Reported } from "./context.ts";
import { type Args, callableOf, perRecord, type RddExpr, rddOf, rddOp, rddValue, simple } from "./given.ts";
import { listAfter, reachedBy } from "./group-list.ts";
import { listType, sequence } from "./list.ts";
import { describe, showType } from "./types.ts";
import {
  type Aggregates,
  type Frame,
  type Given,
  type Group,
  recordOf,
  type Sequence,
  type Special,
  type Value,
  type Word,
} from "./value.ts";

/** its name waits until it is known which columns are read */
type Named = { -readonly [K in keyof Var]: Var[K] };
interface Column {
  readonly of: Named;
  readonly op: string;
  readonly value: Expr | undefined;
  readonly where: Expr | undefined;
  readonly span: Span;
}
function groupBy(f: Frame, args: Args, site: Ast.Expr): Value {
  const [given, key, aggregate] = ["d", "key", "aggregate"].map(n => args.get(n)!) as [Given, Given, Given]; // as: three
  const d = rddOf(f, "group_by", given);
  callableOf(f, "group_by", key);
  callableOf(f, "group_by", aggregate);
  const inside = perRecord(f, given);
  const by = functionOf(inside, key.value, d.expr.type.row, key.span, site, "a key", d);
  scalars(f, by.body, key.span, "the key of group_by");
  const keyRow = rowTree(by.body);

  // aggregates are variables one function deep, the records of a group two: what reads both is seen
  const depth = f.depth + 1;
  const rows = parameters(d.expr.type.row, depth + 1, given.span, d.sources);
  const keys = parameters(under("key", keyRow), depth, key.span);
  const columns: Column[] = [];
  const lists = new Map<Group, Sequence>();
  const words: (Word & { readonly of: Var })[] = [];
  const rowVars = (): readonly Var[] => [...rows.vars, ...words.map(w => w.of)];
  const reads = (of: readonly (Expr | undefined)[]): boolean => {
    const body: Tree<Expr> = { k: "record", fields: of.flatMap((e, i) => (e ? [[`${i}`, { k: "leaf", of: e }]] : [])) };
    return build.closeFn(rowVars(), body, depth + 1, given.span).captures.some(c => c.depth > f.depth);
  };
  const sink: Aggregates = {
    depth: depth + 1,
    over: f.cx.text(given.span),
    add: (op, type, value, where, span) => {
      const same = columns.find(c => c.op === op && c.value === value && c.where === where);
      if (same) return same.of;
      const of: Named = build.variable(op, type, depth, span);
      columns.push({ of, op, value, where, span });
      return of;
    },
    word: (word, span) => {
      const same = words.find(w => w.place === word.place && w.by === word.by);
      if (same) return same.of;
      const of = build.variable(`#word${words.length}`, { k: "tensor", elem: "i64", shape: [] }, depth + 1, span);
      words.push({ ...word, of });
      return of;
    },
    list: (g, span) => {
      const known = lists.get(g) ?? listed(g, span);
      lists.set(g, known);
      return known;
    },
    reads,
  };
  function listed(g: Group, span: Span): Sequence {
    const row = cellsOf({ ...inside, depth: depth + 1 }, g.row, span, "a record");
    expectPaths(f, row, span);
    const where = g.where?.expr;
    const all = leaves(row).map(([, e]) => e);
    if (!reads([...all, where]))
      return sequence(
        sink.add("concat", listType(rowTree(row)), build.op("list", all, listType(rowTree(row)), span), where, span),
      );
    const add = (cells: readonly Expr[], type: ListType): Expr =>
      sink.add("concat", type, build.op("list", cells, type, span), undefined, span);
    return listAfter({ vars: rowVars(), row, where, span }, e => reads([e]), add);
  }
  const group: Group = { k: "group", row: named(rows.value, d.table), where: undefined, sink };
  const aggregated: Frame = { ...inside, depth };
  const made = apply(aggregated, aggregate.value, [group], aggregate.span, site);
  if (made.k === "poison") throw new Reported();
  if (made.k !== "record")
    return fail(f, {
      message: `the aggregate of group_by gives a record, this is ${describe(made)}`,
      span: aggregate.span,
      help: "g => { n: count(g) }",
    });
  const fields = new Map(keyFields(key.value, keys.value));
  for (const [name, v] of made.fields) {
    if (fields.has(name))
      return fail(f, {
        message: `the key of group_by is \`${name}\`, and so is an aggregate`,
        span: aggregate.span,
        help: `g => { ${name}_of_group: .. }`,
      });
    fields.set(name, v);
  }
  const body = cellsOf(aggregated, recordOf(fields), aggregate.span, "a row");
  expectPaths(f, body, aggregate.span);
  const used = reachedBy(leaves(body).map(([, e]) => e));
  const kept = columns.filter(c => used.has(c.of));
  const fns: Record<string, Fn> = { key: by.fn(by.body) };
  const vars = kept.map((c, i): Var => {
    const close = (e: Expr): Fn => build.closeFn(rowVars(), { k: "leaf", of: e }, depth + 1, c.span);
    if (c.value) fns[`a${i}`] = close(c.value);
    if (c.where) fns[`w${i}`] = close(c.where);
    c.of.name = `a${i}`;
    return c.of;
  });
  const row: Tree<LeafType> = {
    k: "record",
    fields: [["key", keyRow], ...vars.map((v, i) => [`a${i}`, { k: "leaf", of: v.type }] as const)],
  };
  const groups = rddOp(
    "rdd.group",
    rddValue(withWords(d.expr, rows.vars, words, f.depth)),
    { k: "rdd", row },
    site.span,
    {
      attrs: { ops: kept.map(c => c.op) },
      fns,
      // functions of the records of a group are two deep
      depth: f.depth,
    },
  );
  const fn = build.closeFn([...keys.vars, ...vars], body, depth, aggregate.span);
  return rddValue(
    build.op("rdd.map", [groups.expr], { k: "rdd", row: rowTree(body) }, site.span, { fns: { f: fn } }) as RddExpr,
  );
}
/** the rows with a column for each kind of words */
function withWords(
  d: RddExpr,
  vars: readonly Var[],
  words: readonly (Word & { readonly of: Var })[],
  depth: number,
): RddExpr {
  const columns = leaves(d.type.row).map(([path, t]) => [path, { k: "leaf", of: t }] as const);
  return words.reduce<RddExpr>((of, w, i) => {
    const more = words.slice(0, i + 1).map(({ of: v }) => [v.name, { k: "leaf", of: v.type }] as const);
    const row: Tree<LeafType> = { k: "record", fields: [...columns, ...more] };
    const fns = w.by ? { by: build.closeFn(vars, { k: "leaf", of: w.by }, w.of.depth, w.of.span) } : {};
    const parts = { attrs: { column: w.of.name, renewed: w.renewed }, fns, place: w.place, depth };
    return build.op("rdd.word", [of, ...w.seed], { ...d.type, row }, w.of.span, parts) as RddExpr; // as: of type rdd
  }, d);
}
const under = (name: string, row: Tree<LeafType>): Tree<LeafType> => ({ k: "record", fields: [[name, row]] });
/** `.user` gives `user`, a record its fields, anything else `key` */
export function keyFields(fn: Value, keys: Value): readonly (readonly [string, Value])[] {
  const key = keys.k === "record" ? keys.fields.get("key") : undefined;
  if (!key) throw new Error("internal: a key without columns");
  if (key.k === "record") return [...key.fields];
  const body = fn.k === "closure" ? fn.body : undefined;
  return [[body?.k === "member" ? body.field.text : "key", key]];
}
/** keys of groups, joins, orders are numbers, bools, strings, times and records of them */
export function scalars(f: Frame, t: Tree<Expr>, span: Span, what: string): void {
  for (const [path, e] of leaves(t))
    if (e.type.k !== "tensor" || e.type.shape.length)
      fail(f, {
        message: `${what} is made of numbers, bools, strings and times, ${path ? `\`${path}\`` : "this"} is ${showType(e.type)}`,
        span,
      });
}
export const groupSpecials: readonly (readonly [string, Special])[] = [simple("group_by(d, key, aggregate)", groupBy)];
