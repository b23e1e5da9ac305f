/**
 * How many cycles a kernel takes on one thread, as far as its statements tell: what each computes, loads and stores in whole vectors,
 * and what a loop adds. A rank of kernels that mean the same, not a time. Knows no schedule and no cache.
 */
import { type At, children, type Expr, exprs, type LoopKernel, type Stmt, type Ty } from "../ir/loop.ts";
import { sumOver } from "../ir/loop-cost.ts";
import { STORED_BYTES } from "../ir/type.ts";
import type { Profile } from "./profile.ts";

/** of item `item` with n records: what takes longest of arithmetic, loads, stores, and of handing all of it out */
export function cycles(k: LoopKernel, n: number, item: number, profile: Profile): number {
  const of = (...weights: Weights): number => sumOver(k, n, item, s => weigh(s, weights, profile));
  return Math.max(
    of(1 / profile.operations, 0, 0, 0),
    of(0, 1 / profile.loads, 0, 0),
    of(0, 0, 1, 0),
    of(1 / ISSUED, 1 / ISSUED, 1 / ISSUED, TRIP / ISSUED),
  );
}
/** of an operation, a load, a store, a trip */
type Weights = readonly [operation: number, load: number, store: number, trip: number];

/** operations that take long, in those that do not */
const LONG: Readonly<Record<string, number>> = {
  div: 8,
  sqrt: 8,
  rem: 8,
  exp2: 20,
  log2: 20,
  sin: 30,
  cos: 30,
  erf: 30,
  tanh: 30,
  pow: 40,
};
/** instructions that a core begins in a cycle; those of a trip: the counter, its test, pointers that move */
const ISSUED = 4;
const TRIP = 4;

function weigh(s: Stmt, [operation, load, store, trip]: Weights, profile: Profile): number {
  const vectors = (t: Ty): number =>
    t.lanes === 1 ? 1 : Math.max(1, (t.lanes * STORED_BYTES[t.elem]) / profile.vectorBytes);
  const moved = (at: At, t: Ty, masked: boolean): number => {
    const step = at.stride ?? 1;
    if (t.lanes === 1 || step === 0) return 1;
    if (masked || at.gather || step > 2) return 2 * t.lanes;
    return step === 2 ? 3 * vectors(t) : vectors(t);
  };
  const value = (e: Expr): number => {
    const inner = children(e).reduce((x, c) => x + value(c), 0);
    if (e.k === "prim") return e.prim === "splat" ? inner : inner + operation * (LONG[e.prim] ?? 1) * vectors(e.ty);
    if (e.k === "fold") return inner + (operation * 2 * e.arg.ty.lanes) / e.ty.lanes;
    if (e.k !== "load" || e.buf.space === "reg") return inner;
    return inner + load * moved(e.at, e.ty, (e.mask?.ty.lanes ?? 1) > 1);
  };
  const own = exprs(s).reduce((x, e) => x + value(e), 0);
  if (s.k === "for") return s.as === "unroll" ? 0 : trip;
  if (s.k !== "store" || s.buf.space === "reg") return own;
  return own + store * moved(s.at, s.value.ty, (s.mask?.ty.lanes ?? 1) > 1);
}
