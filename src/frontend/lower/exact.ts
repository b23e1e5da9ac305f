/**
 * What check would have folded if it had known the dims: a number of literals and dims alone, in f64, so that a program whose dims data
 * decide has the bits of one in which they are written. Knows no tensor.
 */

import type { Builtin } from "../check/builtin.ts";
import { builtins } from "../check/builtins/index.ts";
import type { Dim } from "../check/dims.ts";
import { foldNumbers } from "../check/fold.ts";
import type { Expr, Op } from "../core.ts";
import { extent, type Scope, tensorOf } from "./scope.ts";

type Fold = (...x: readonly number[]) => number;
const OPERATORS: Readonly<Record<string, Fold>> = {
  neg: x => -x!,
  add: (a, b) => foldNumbers("+", a!, b!),
  sub: (a, b) => foldNumbers("-", a!, b!),
  mul: (a, b) => foldNumbers("*", a!, b!),
  div: (a, b) => foldNumbers("/", a!, b!),
  mod: (a, b) => foldNumbers("%", a!, b!),
  pow: (a, b) => foldNumbers("^", a!, b!),
};
const functionOf = ({ fold, foldDims }: Builtin): Fold | undefined =>
  fold ?? (foldDims && ((...x) => Number(foldDims(...x))));
const FOLDS: ReadonlyMap<string, Fold | undefined> = new Map([
  ...Object.entries(OPERATORS),
  ...Object.values(builtins).flatMap(b => (b.lane ? [[b.op, functionOf(b)] as const] : [])),
]);

export function exactly(e: Op, scope: Scope): number {
  const fold = FOLDS.get(e.op);
  if (!fold) throw new Error(`internal: check folds ${e.op}, and lower does not know how`);
  const n = fold(...e.args.map(a => numberOf(a, scope)));
  scope.building.exact.set(e, n);
  return tensorOf(e).elem === "f32" ? Math.fround(n) : n;
}
function numberOf(e: Expr, { building }: Scope): number {
  if (e.k === "const" && !Array.isArray(e.value)) return extent(e.value as Dim, building, e.span); // as: it is one
  const n = building.exact.get(e);
  if (n === undefined) throw new Error("internal: a number was not lowered before its reader");
  return n;
}
