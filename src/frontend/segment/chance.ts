/**
 * Rows that a training chooses or draws anew in each epoch, beside engines, which had rather make a table once: choices go above of what is row by
 * row. Knows no REL.
 */
import * as build from "../check/build.ts";
import type { Expr, Fn, Op, RddType } from "../core.ts";
import { engineParts, isRdd, isTransform } from "./kinds.ts";
import { withParts } from "./rewrite.ts";

/**
 * before: map(shuffle(d)) --> shuffle(map(d)), and so with filter and sample: in data given to a training both choose anew in each epoch, and
 * an engine makes a table once. Rows keep their identities, by which both choose
 */
export function chanceAbove(e: Op & { readonly type: RddType }): Expr | undefined {
  const found = chanceIn(e);
  return found && found.below !== found.chance.args[0] ? renewedOf(found.chance, found.below) : undefined;
}
/** the first such choice below of what is row by row, and the rows without it */
export function chanceIn(e: Expr): { readonly chance: Op; readonly below: Expr } | undefined {
  const rowwise: Op[] = [];
  let d = e;
  while (d.k === "op" && (d.op === "rdd.map" || d.op === "rdd.filter")) {
    rowwise.push(d);
    d = d.args[0]!;
  }
  if (d.k !== "op" || (d.op !== "rdd.shuffle" && d.op !== "rdd.sample")) return undefined;
  const again = (of: Expr, op: Op): Expr => withParts(op, [of, ...op.args.slice(1)], op.fns, op.type);
  return { chance: d, below: rowwise.reduceRight(again, d.args[0]!) };
}
/** `seed`: as it is rebuilt, if the choice has one */
export function renewedOf(chance: Op, rows: Expr, seed: readonly Expr[] = chance.args.slice(1)): Op {
  // nobody knows how many rows a sample has
  const type = chance.op === "rdd.sample" && isRdd(rows) ? ({ k: "rdd", row: rows.type.row } as const) : rows.type;
  return withParts(chance, [rows, ...seed], chance.fns, type);
}
/** in data given to a training the rows change with the epoch; a cache keeps them as they are */
export function isDrawn(e: Expr): boolean {
  const seen = new Set<Expr>();
  const stack = [e];
  while (stack.length) {
    const d = stack.pop()!;
    if (seen.has(d) || d.k !== "op" || !isRdd(d) || d.op === "rdd.cache") continue;
    seen.add(d);
    if (isChoice(d) || isRandom(d)) return true;
    stack.push(...d.args);
  }
  return false;
}
/** others in each epoch */
const isChoice = (e: Op): boolean =>
  e.op === "rdd.sample" || e.op === "rdd.shuffle" || (e.op === "rdd.word" && e.attrs["renewed"] === true);
const isRandom = (e: Op): boolean => Object.values(e.fns).some(f => f.random);
/** it draws what an engine needs for it: a kernel cannot do so behind the engine */
const drawsForEngine = (e: Op): boolean =>
  isTransform(e) || Object.values(e.fns).some(f => engineParts(f).some(p => drawnIn(p, f)));
export const drawnIn = (part: Expr, { params }: Fn): boolean =>
  build.closeFn(params, { k: "leaf", of: part }, params[0]?.depth ?? 1, part.span).random;
/**
 * whether an engine has to make what changes with the epoch: more than choices, which `chanceAbove` moves up where there is nothing but maps and
 * filters between; `isMade`: an engine makes a table of the rows themselves
 */
export function isMadeOfChance(
  rows: Expr,
  isMade: boolean,
  isEngines: (e: Op & { readonly type: RddType }) => boolean,
): boolean {
  type Below = "none" | "rowwise" | "all";
  const stack: (readonly [Expr, Below])[] = [[rows, isMade ? "rowwise" : "none"]];
  while (stack.length) {
    const [e, below] = stack.pop()!;
    if (e.k !== "op" || !isRdd(e) || e.op === "rdd.cache") continue;
    if (
      (isRandom(e) && (below !== "none" || drawsForEngine(e))) ||
      (isChoice(e) && (below === "all" || e.op === "rdd.word"))
    )
      return true;
    const isRowwise = isChoice(e) || e.op === "rdd.map" || e.op === "rdd.filter";
    const made = below !== "none" || isEngines(e) || Object.values(e.fns).some(f => engineParts(f).length > 0);
    const next = !made ? "none" : isRowwise && below !== "all" ? "rowwise" : "all";
    for (const a of e.args) stack.push([a, next]);
  }
  return false;
}
