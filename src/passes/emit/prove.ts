/**
 * What is known of LOOP variables while they are made: affine forms that are never negative, for every number of records n >= 1.
 * Knows nothing of axes, layouts or schedules.
 */
import type { AxisExtent } from "../../ir/kernel.ts";
import {
  type Affine,
  affine,
  at,
  type Bound,
  type Expr,
  fresh,
  num,
  plus,
  prim,
  range,
  ty,
  type Var,
  value,
} from "../../ir/loop.ts";
import type { Dim } from "../../ir/type.ts";

/** `from` inclusive, `to` exclusive; all of a bound's forms hold */
interface Interval {
  readonly from: Bound;
  readonly to: Bound;
}
/** a value of the kernel's header: ceil(of / by), or floor */
interface Symbol {
  readonly v: Var;
  readonly value: Expr;
  readonly ceil: boolean;
  /** of / by as a form of n, rational */
  readonly ratio: Affine;
  readonly by: number;
}
/** lives while one kernel is emitted */
export interface Facts {
  readonly n: Var;
  readonly intervals: Map<Var, Interval>;
  readonly order: Map<Var, number>;
  readonly symbols: Map<string, Symbol>;
  /** forms that the code being emitted may take as not negative */
  assumed: readonly Affine[];
  /** forms that could not be proved, for which something was masked */
  demands: Affine[];
}
export const facts = (): Facts => ({
  n: fresh("n"),
  intervals: new Map(),
  order: new Map(),
  symbols: new Map(),
  assumed: [],
  demands: [],
});

/** makes a variable known: those made later are eliminated first */
export function know(f: Facts, v: Var, from: Bound, to: Bound): Var {
  f.intervals.set(v, { from, to });
  f.order.set(v, f.order.size);
  return v;
}
export function size(f: Facts, e: AxisExtent): Affine {
  if (typeof e === "number") return affine(e);
  if ("of" in e) return e.by === 1 ? size(f, e.of) : at(quotient(f, e, true));
  return affine(e.plus, { v: f.n, by: e.n });
}
/** the variable that holds ceil(of / by) or floor(of / by) */
export function quotient(f: Facts, e: { readonly of: Dim; readonly by: number }, ceil: boolean): Var {
  const of = size(f, e.of);
  const key = `${of.base} ${of.terms.map(t => t.by)} ${e.by} ${ceil}`;
  const old = f.symbols.get(key);
  if (old) return old.v;
  const v = fresh(ceil ? "panels" : "whole");
  const scaled = { base: of.base / e.by, terms: of.terms.map(t => ({ v: t.v, by: t.by / e.by })) };
  const div = prim("div", ty("i32"), value(ceil ? plus(of, affine(e.by - 1)) : of), num(e.by));
  f.symbols.set(key, { v, value: div, ceil, ratio: scaled, by: e.by });
  if (!ceil) know(f, v, [affine(0)], [plus(scaled, affine(1))]);
  return v;
}

const isSymbol = (f: Facts, v: Var): boolean => v === f.n || [...f.symbols.values()].some(s => s.v === v && s.ceil);
const without = (a: Affine, v: Var): Affine => ({ base: a.base, terms: a.terms.filter(t => t.v !== v) });
/** the variable made last, header values left out */
function innermost(f: Facts, a: Affine, skip: (v: Var) => boolean): { v: Var; by: number } | undefined {
  let best: { v: Var; by: number } | undefined;
  for (const t of a.terms)
    if (!isSymbol(f, t.v) && !skip(t.v) && (!best || (f.order.get(t.v) ?? -1) > (f.order.get(best.v) ?? -1))) best = t;
  return best;
}
/** the forms that put the least value in the place of v in by * v */
function least(f: Facts, { v, by }: { v: Var; by: number }): Bound {
  const known = f.intervals.get(v);
  if (by > 0) return known?.from ?? [affine(0)];
  if (known) return known.to.map(t => plus(t, affine(-1)));
  return v.below === undefined ? [] : [affine(v.below - 1)];
}
const EPSILON = 1e-9;
/** c + sum of by * symbol is never negative for n >= 1 */
function closed(f: Facts, a: Affine): boolean {
  let [base, slope] = [a.base, 0];
  for (const { v, by } of a.terms) {
    if (v === f.n) {
      slope += by;
      continue;
    }
    const s = [...f.symbols.values()].find(q => q.v === v)!;
    const more = by > 0 ? 0 : (s.by - 1) / s.by; // of / by <= ceil <= (of + by - 1) / by
    base += by * (s.ratio.base + more);
    slope += by * (s.ratio.terms[0]?.by ?? 0);
  }
  return slope >= -EPSILON && base + slope >= -EPSILON;
}
export function neverNegative(f: Facts, a: Affine): boolean {
  if (range(a)[0] >= 0) return true;
  const t = innermost(f, a, () => false);
  if (!t) return closed(f, a);
  return least(f, t).some(b => neverNegative(f, plus(without(a, t.v), b, t.by)));
}
/** proved or assumed */
export const holds = (f: Facts, a: Affine): boolean =>
  neverNegative(f, a) || f.assumed.some(s => neverNegative(f, plus(a, s, -1)));
/** false: the caller must test it, and a version of the code in which it holds may be worth having */
export function needs(f: Facts, a: Affine): boolean {
  if (holds(f, a)) return true;
  f.demands.push(a);
  return false;
}
/** a form of the variables in scope alone that implies a >= 0 */
export function projected(f: Facts, a: Affine, scope: ReadonlySet<Var>): Affine | undefined {
  let b = a;
  for (;;) {
    const t = innermost(f, b, v => scope.has(v));
    if (!t) return b.terms.every(q => Number.isInteger(q.by)) ? b : undefined;
    const l = least(f, t)[0];
    if (!l) return undefined;
    b = plus(without(b, t.v), l, t.by);
  }
}
