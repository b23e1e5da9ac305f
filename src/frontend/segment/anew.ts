/**
 * Rows that a training makes anew in each epoch although an engine makes them: what hangs on no chance is made once, as everywhere; what chance
 * decides is a table that kernels fill, or a choice in the query, each time an epoch begins. Knows no REL.
 */
import type { Expr } from "../core.ts";
import { isDrawn } from "./chance.ts";
import { type Rewriter, Rewriting, type Rule } from "./rewrite.ts";
import type { Cut } from "./source.ts";

/** `rule`: what becomes of an expression of the program; `at`: all that is made once */
export function anew(at: Rewriter, cut: Cut, rule: (e: Expr, at: Rewriter, cut: Cut) => Expr | undefined) {
  const own: Cut = { ...cut, anew: at };
  const each: Rule = (e, inner) => (e.depth === 0 && !isDrawn(e) ? at.expr(e) : rule(e, inner, own));
  const rewriting = new Rewriting(each, () => undefined, true);
  const rows: Rewriter = { expr: e => rewriting.expr(e), fn: at.fn };
  return { at: rows, cut: own };
}
