/** The rows of a training, which it may choose and draw anew in each epoch: what an engine makes of them lies below of that. Knows no REL. */
import * as build from "../check/build.ts";
import { type Expr, type LeafType, leaves, mapTree, type Op, type RddType, type Train, type Tree } from "../core.ts";
import { limit } from "../lower/limit.ts";
import { chanceIn, drawnBatch, renewedOf, withoutChance } from "./chance.ts";
import { choosingLast } from "./choices.ts";
import { isEngines } from "./claims.ts";
import { engineParts, hasLists, isRdd } from "./kinds.ts";
import { asText } from "./pack.ts";
import { onceDrawn, pull } from "./pull.ts";
import { type Rewriter, Rewriting, withParts } from "./rewrite.ts";
import type { Cut } from "./source.ts";

export function rowsOfTraining(net: Train, at: Rewriter, cut: Cut): Pick<Train, "rows" | "updates"> | undefined {
  const { rows } = net;
  // what sees all rows in each step sees one table
  if (!isRdd(rows) || net.whole) return undefined;
  const batch = drawnBatch(rows);
  if (batch)
    limit(
      "`batch` of rows that a training draws anew",
      "|> batch(n) first, then |> map(..); or cache(..) before it",
      batch.span,
    );
  const isPulled = hasLists(rows.type.row) || net.updates.some(u => engineParts(u.fn).length > 0);
  const choices: Op[] = [];
  let below: Expr = rows;
  for (let c = isPulled ? chanceIn(below) : undefined; c; c = chanceIn(below)) {
    choices.push(c.chance);
    below = c.below;
  }
  const drawn = isPulled ? belowDraws(below, net, at) : undefined;
  if (drawn) {
    const again = choices.reduceRight<Expr>((of, c) => renewedOf(c, of), drawn.rows);
    withoutChance(again, false, e => isEngines(e, cut.program.texts));
    return { rows: at.expr(again), updates: drawn.updates };
  }
  withoutChance(rows, isPulled, e => isEngines(e, cut.program.texts));
  if (!isPulled) return undefined;
  if (!isRdd(below)) throw new Error("internal: rows that are no rdd");
  const made = pull(
    below,
    net.updates.map(u => u.fn),
    at,
    cut,
    true,
  );
  const chosen = choices.reduceRight<Expr>((of, c) => renewedOf(c, of, c.args.slice(1).map(at.expr)), made.source);
  return { rows: chosen, updates: net.updates.map((u, i) => ({ ...u, fn: made.fns[i]! })) };
}
/**
 * before: length(r.text) of rows map(r => { r.text, x: normal() }) --> a column of map(r => { .., length(r.text) }): an engine makes it of what lies
 * below of the draws, which are made anew in each epoch
 */
function belowDraws(rows: Expr, net: Train, at: Rewriter): Pick<Train, "rows" | "updates"> | undefined {
  if (rows.k !== "op" || rows.op !== "rdd.map" || !isRdd(rows) || !rows.fns["f"]!.random) return undefined;
  const own = rows.fns["f"]!;
  const results = leaves(own.body);
  const depth = own.params[0]?.depth ?? 1;
  const renamed = new Rewriting(
    () => undefined,
    () => undefined,
  );
  const columns = net.updates.flatMap((u, i) =>
    engineParts(u.fn).map((part, k) => {
      const local = new Map<Expr, Expr>(results.map(([, e], j) => [u.fn.params[j]!, e]));
      const isDrawn = (e: Expr): boolean => build.closeFn(own.params, { k: "leaf", of: e }, depth, part.span).random;
      const composed = choosingLast(renamed.within(part, local), isDrawn);
      const left = engineParts(build.closeFn(own.params, { k: "leaf", of: composed }, depth, part.span));
      if (left.some(isDrawn)) onceDrawn(part.span);
      return { name: `${i}#${k}`, of: i, part, composed };
    }),
  );
  const fields = [...results, ...columns.map(c => [c.name, c.composed] as const)];
  const body: Tree<Expr> = { k: "record", fields: fields.map(([n, e]) => [n, { k: "leaf", of: e }] as const) };
  const type: RddType = { ...rows.type, row: mapTree(body, e => e.type as LeafType) }; // as: columns of rows
  const f = build.closeFn(own.params, body, depth, own.span);
  const made = withParts(rows, rows.args, { f }, type);
  const updates = net.updates.map((u, i) => {
    const at0 = u.fn.params[0]?.depth ?? 1;
    const vars = columns.map(c => build.variable(c.name, asText(c.part.type as LeafType), at0, c.part.span)); // as: of a row
    const kept = results.map(([path, e], j) => {
      const p = u.fn.params[j]!;
      return e.type.k === "list" ? build.variable(path, asText(e.type), at0, p.span) : p;
    });
    const local = new Map<Expr, Expr>(columns.flatMap((c, k) => (c.of === i ? [[c.part, vars[k]!] as const] : [])));
    return { ...u, fn: at.fn(u.fn, [...kept, ...vars, ...u.fn.params.slice(results.length)], local) };
  });
  return { rows: made, updates };
}
