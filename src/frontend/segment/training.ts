/** The rows of a training, which it may choose and draw anew in each epoch: what an engine makes of them lies below of that where it can, so that it makes it once. Knows no REL. */
import * as build from "../check/build.ts";
import { type Expr, type LeafType, leaves, mapTree, type Op, type RddType, type Train, type Tree } from "../core.ts";
import { lossName, netOf } from "../inner-train.ts";
import { anew } from "./anew.ts";
import { chanceIn, isMadeOfChance, renewedOf } from "./chance.ts";
import { choosingLast } from "./choices.ts";
import { isEngines } from "./claims.ts";
import { engineParts, hasLists, isRdd } from "./kinds.ts";
import { asText } from "./pack.ts";
import { pull } from "./pull.ts";
import { type Rewriter, Rewriting, withParts } from "./rewrite.ts";
import type { Cut } from "./source.ts";

type Made = Pick<Train, "rows" | "updates">;
/** `rule`: what becomes of an expression of the program */
export function rowsOfTraining(
  net: Train,
  at: Rewriter,
  cut: Cut,
  rule: (e: Expr, at: Rewriter, cut: Cut) => Expr | undefined,
): Made | undefined {
  const { rows } = net;
  // what sees all rows in each step sees one table
  if (!isRdd(rows) || net.whole) return undefined;
  const isPulled = hasLists(rows.type.row) || net.updates.some(u => engineParts(u.fn).length > 0);
  const isMade = (d: Expr, pulled: boolean): boolean => isMadeOfChance(d, pulled, e => isEngines(e, cut.program.texts));
  const choices: Op[] = [];
  let below: Expr = rows;
  for (let c = isPulled ? chanceIn(below) : undefined; c; c = chanceIn(below)) {
    choices.push(c.chance);
    below = c.below;
  }
  const drawn = isPulled ? belowDraws(below, net, at) : undefined;
  if (drawn) {
    const again = choices.reduceRight<Expr>((of, c) => renewedOf(c, of), drawn.rows);
    if (!isMade(again, false)) return { rows: at.expr(again), updates: drawn.updates };
  }
  if (!isMade(rows, isPulled)) return isPulled ? pulledRows(below, choices, net, at, cut) : undefined;
  const each = anew(at, cut, rule);
  if (isPulled) return pulledRows(below, choices, net, each.at, each.cut);
  return {
    rows: each.at.expr(rows),
    updates: net.updates.map(u => ({ ...u, fn: at.fn(u.fn, u.fn.params, new Map()) })),
  };
}
/** a training that is an op of a function */
export function innerTraining(
  e: Op,
  at: Rewriter,
  cut: Cut,
  rule: Parameters<typeof rowsOfTraining>[3],
): Op | undefined {
  const made = rowsOfTraining(netOf(e), at, cut, rule);
  if (!made) return undefined;
  const losses = new Map(made.updates.map((u, i) => [lossName(i), u.fn]));
  const fns = Object.entries(e.fns).map(([n, f]) => [n, losses.get(n) ?? at.fn(f, f.params, new Map())] as const);
  return withParts(e, [made.rows, ...e.args.slice(1).map(at.expr)], Object.fromEntries(fns), e.type);
}
/** what an engine computes of the rows for the loss, in a table of its own; the choices above it */
function pulledRows(below: Expr, choices: readonly Op[], net: Train, at: Rewriter, cut: Cut): Made {
  if (!isRdd(below)) throw new Error("internal: rows that are no rdd");
  const fns = net.updates.map(u => u.fn);
  const made = pull(below, fns, at, cut, true);
  const rows = choices.reduceRight<Expr>((of, c) => renewedOf(c, of, c.args.slice(1).map(at.expr)), made.source);
  return { rows, updates: net.updates.map((u, i) => ({ ...u, fn: made.fns[i]! })) };
}
/**
 * before: length(r.text) of rows map(r => { r.text, x: normal() }) --> a column of map(r => { .., length(r.text) }): an engine makes it of what lies
 * below of the draws, which are made anew in each epoch
 */
function belowDraws(rows: Expr, net: Train, at: Rewriter): Made | undefined {
  if (rows.k !== "op" || rows.op !== "rdd.map" || !isRdd(rows) || !rows.fns["f"]!.random) return undefined;
  const own = rows.fns["f"]!;
  const results = leaves(own.body);
  const depth = own.params[0]?.depth ?? 1;
  const renamed = new Rewriting(
    () => undefined,
    () => undefined,
  );
  const columns: { name: string; of: number; part: Expr; composed: Expr }[] = [];
  for (const [i, u] of net.updates.entries())
    for (const [k, part] of engineParts(u.fn).entries()) {
      const local = new Map<Expr, Expr>(results.map(([, e], j) => [u.fn.params[j]!, e]));
      const isDrawn = (e: Expr): boolean => build.closeFn(own.params, { k: "leaf", of: e }, depth, part.span).random;
      const composed = choosingLast(renamed.within(part, local), isDrawn);
      const left = engineParts(build.closeFn(own.params, { k: "leaf", of: composed }, depth, part.span));
      // a text cut or made of what is drawn is another one in each epoch
      if (left.some(isDrawn)) return undefined;
      columns.push({ name: `${i}#${k}`, of: i, part, composed });
    }
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
