/** Parts of functions that an engine computes: columns beside those that the functions read, which stay for kernels. Knows no training. */
import type { Span } from "../../ir/node.ts";
import type { Rel } from "../../ir/rel.ts";
import * as build from "../check/build.ts";
import { type Expr, type Fn, type LeafType, leaves, type Op, type RddType, type Tree, type Var } from "../core.ts";
import { limit } from "../lower/limit.ts";
import { drawnIn } from "./chance.ts";
import { columnsOnly, type Rdd } from "./columns.ts";
import { translated } from "./expr.ts";
import { engineParts, isRdd } from "./kinds.ts";
import { asText, withTexts } from "./pack.ts";
import { type Rewriter, withParts } from "./rewrite.ts";
import { Untranslatable } from "./scope.ts";
import { type Cut, rddOf, sourceOf } from "./source.ts";
import { column, namesOf, type Query, relOf } from "./table.ts";

interface Pulled {
  readonly source: Rdd;
  readonly fns: readonly Fn[];
}
/** functions of the rows of `d`: what needs an engine in them are columns of the source; `isLoss`: they draw anew in each step */
export function pull(
  d: Expr & { readonly type: RddType },
  fns: readonly Fn[],
  at: Rewriter,
  cut: Cut,
  isLoss: boolean,
): Pulled {
  const names = namesOf(d);
  const kept = leaves(d.type.row);
  const parts = fns.map(engineParts);
  const row: Tree<LeafType> = {
    k: "record",
    fields: [
      ...kept.map(([path, t]) => [path, { k: "leaf", of: t }] as const),
      ...parts.flatMap((of, i) => of.map((e, k) => [`${i}#${k}`, { k: "leaf", of: e.type as LeafType }] as const)), // as: of a row
    ],
  };
  const type: RddType = { ...d.type, row };
  const source = sourceOf(type, d.span, at, cut, q => {
    // what only a kernel computes of a row is a column of the rows that the engine is given
    const more: (readonly [name: string, f: Fn, part: Expr])[] = [];
    const columns = parts.flatMap((of, i) =>
      of.map((e, k) => {
        const f: Fn = { ...fns[i]!, random: false, body: { k: "leaf", of: e } };
        const part = (x: Expr): string => computed(more, fns[i]!, x, isLoss);
        return [`${i}#${k}`, translated(f, names, { ...q, part })[0]![1]] as const;
      }),
    );
    const mark = q.mark();
    const own = kept.map(([path]) => [path, column(path)] as const);
    const of = more.length ? q.table(q.with(d, more)) : fromOf(d, q, mark);
    return { k: "map", of, columns: [...own, ...columns] };
  });
  const made = fns.map((f, i) => {
    const rest = f.params.slice(names.length);
    const params = kept.map(([path, t], k) =>
      f.params[k] && t.k !== "list" ? f.params[k] : build.variable(path, asText(t), f.params[0]?.depth ?? 1, d.span),
    );
    // a column per part of all functions: each function has them all
    const columns = parts.flatMap((of, j) =>
      of.map((e, k): readonly [Expr | undefined, Var] => [
        j === i ? e : undefined,
        build.variable(`${j}#${k}`, asText(e.type as LeafType), f.params[0]?.depth ?? 1, e.span), // as: of a row
      ]),
    );
    const local = new Map(columns.flatMap(([e, v]) => (e ? [[e, v] as const] : [])));
    return at.fn(f, [...params, ...columns.map(([, v]) => v), ...rest], local);
  });
  return { source, fns: made };
}
const drawnInStep = (span: Span): never =>
  limit(
    "a text of what a loss draws in each step",
    "the draw, and what is made of the text, in a map of the data: anew in each epoch",
    span,
  );
function computed(more: (readonly [string, Fn, Expr])[], f: Fn, part: Expr, isLoss: boolean): string {
  if (isLoss && drawnIn(part, f)) drawnInStep(part.span);
  const known = more.find(([, , e]) => e === part);
  if (known) return known[0];
  const name = `k#${more.length}`;
  more.push([name, f, part]);
  return name;
}
function fromOf(d: Expr, q: Query, mark: number): Rel {
  try {
    return relOf(d, q);
  } catch (e) {
    if (!(e instanceof Untranslatable)) throw e;
    q.reset(mark);
    return q.table(d);
  }
}
/** an op of kernels over rows, on what an engine made of them */
export function pulled(e: Op, d: Expr & { readonly type: RddType }, at: Rewriter, cut: Cut): Expr {
  const names = Object.keys(e.fns);
  const { source, fns } = pull(d, Object.values(e.fns), at, cut, false);
  const args = [source, ...e.args.slice(1).map(at.expr)];
  const own = Object.fromEntries(names.map((n, i) => [n, fns[i]!]));
  if (e.op !== "rdd.filter" || !isRdd(e))
    return withParts(e, args, own, isRdd(e) ? { ...e.type, row: withTexts(e.type.row) } : e.type);
  // the rows that are left, without what was computed to choose them
  const chosen = withParts(e, args, own, { ...e.type, row: source.type.k === "rdd" ? source.type.row : e.type.row });
  return columnsOnly(rddOf(chosen), withTexts(e.type.row));
}
