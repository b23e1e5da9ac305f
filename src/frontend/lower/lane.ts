/** Element by element: Core's operators and the lane functions of the prelude as lane primitives. Knows nothing of scopes. */
import type { Node } from "../../ir/node.ts";
import { elemOf, shapeAt } from "../../ir/ops/attrs.ts";
import * as g from "../../ir/ops/index.ts";
import { type Dim, isFloat } from "../../ir/type.ts";

const like = (value: number, x: Node): Node => g.fullLike(value, x);
const float = (x: Node): boolean => isFloat(elemOf(x));
/** NumPy's broadcasting: aligned at the last axis */
export function broadcastTo(shape: readonly Dim[], x: Node): Node {
  const from = shapeAt(x);
  const lead = shape.length - from.length;
  return g.broadcast(
    shape,
    from.map((_, d) => d + lead),
    x,
  );
}

/** the sign of the divisor: floors where `rem` truncates */
function mod(a: Node, b: Node, by: number | undefined): Node {
  const r = g.lane("rem", a, b);
  const zero = like(0, a);
  const wrong =
    by !== undefined && by > 0
      ? g.lane("lt", r, zero)
      : g.lane(
          "and",
          g.lane("not", g.lane("eq", r, zero)),
          g.lane("xor", g.lane("lt", r, zero), g.lane("lt", b, zero)),
        );
  return g.select(wrong, g.lane("add", r, b), r);
}
export function floorDiv(a: Node, b: Node): Node {
  const q = g.lane("div", a, b);
  if (float(a)) return g.lane("floor", q);
  const zero = like(0, a);
  const r = g.lane("rem", a, b);
  const below = g.lane(
    "and",
    g.lane("not", g.lane("eq", r, zero)),
    g.lane("xor", g.lane("lt", r, zero), g.lane("lt", b, zero)),
  );
  return g.select(below, g.lane("sub", q, like(1, a)), q);
}

/** x^n by squaring */
function power(x: Node, n: number): Node {
  if (n === 0) return like(1, x);
  let out: Node | undefined;
  let square = x;
  for (let k = n; ; square = g.lane("mul", square, square)) {
    if (k % 2 === 1) out = out ? g.lane("mul", out, square) : square;
    k = Math.floor(k / 2);
    if (k === 0) return out!;
  }
}
function pow(a: Node, b: Node, n: number | undefined): Node {
  if (n !== undefined && Number.isInteger(n) && Math.abs(n) <= 64 && (n >= 0 || float(a)))
    return n >= 0 ? power(a, n) : g.lane("div", like(1, a), power(a, -n));
  if (n !== undefined && Number.isInteger(2 * n) && Math.abs(n) <= 16 && float(a)) {
    const root = g.lane("sqrt", a);
    const p = Math.abs(n) > 1 ? g.lane("mul", power(a, Math.floor(Math.abs(n))), root) : root;
    return n > 0 ? p : g.lane("div", like(1, a), p);
  }
  if (!float(a)) {
    const f = pow(g.cast("f64", a), g.cast("f64", b), n);
    return g.cast(elemOf(a), g.lane("rint", f));
  }
  if (n !== undefined) return g.lane("exp2", g.lane("mul", b, g.lane("log2", a)));
  // a negative base has a power where the exponent is an integer; anything^0 is 1
  const size = g.lane("exp2", g.lane("mul", b, g.lane("log2", g.lane("abs", a))));
  const half = g.lane("mul", b, like(0.5, b));
  const odd = g.lane("not", g.lane("eq", g.lane("floor", half), half));
  const whole = g.lane("eq", g.lane("floor", b), b);
  const negative = g.lane("lt", a, like(0, a));
  const signed = g.select(odd, g.lane("neg", size), size);
  const left = g.select(whole, signed, like(Number.NaN, a));
  return g.select(g.lane("eq", b, like(0, b)), like(1, a), g.select(negative, left, size));
}

/** -1, 0 or 1, and NaN of NaN; constant for the gradient */
function sign(x: Node): Node {
  const zero = like(0, x);
  return g.stopGradient(g.select(g.lane("lt", zero, x), like(1, x), g.select(g.lane("lt", x, zero), like(-1, x), x)));
}
const whole =
  (prim: "floor" | "ceil" | "rint") =>
  (x: Node): Node =>
    float(x) ? g.lane(prim, x) : x;
const not = (x: Node): Node => g.lane("not", x);

/** what a lane op is given beside its operands: the number that the second is, if it is a constant */
export type LaneOp = (x: readonly Node[], second: number | undefined) => Node;
const of1 =
  (f: (x: Node) => Node): LaneOp =>
  ([x]) =>
    f(x!);
const of2 =
  (f: (a: Node, b: Node) => Node): LaneOp =>
  ([a, b]) =>
    f(a!, b!);

/** operands have one shape and, but for `where`, one element */
export const laneOps: Readonly<Record<string, LaneOp>> = {
  neg: of1(x => g.lane("neg", x)),
  add: of2((a, b) => g.lane("add", a, b)),
  sub: of2((a, b) => g.lane("sub", a, b)),
  mul: of2((a, b) => g.lane("mul", a, b)),
  div: of2((a, b) => g.lane("div", a, b)),
  mod: ([a, b], by) => mod(a!, b!, by),
  floordiv: of2(floorDiv),
  pow: ([a, b], n) => pow(a!, b!, n),
  eq: of2((a, b) => g.lane("eq", a, b)),
  ne: of2((a, b) => not(g.lane("eq", a, b))),
  lt: of2((a, b) => g.lane("lt", a, b)),
  le: of2((a, b) => g.lane("le", a, b)),
  gt: of2((a, b) => g.lane("lt", b, a)),
  ge: of2((a, b) => g.lane("le", b, a)),
  and: of2((a, b) => g.lane("and", a, b)),
  or: of2((a, b) => g.lane("or", a, b)),
  not: of1(not),
  where: ([c, a, b]) => g.select(c!, a!, b!),
  abs: of1(x => g.lane("abs", x)),
  sign: of1(sign),
  floor: of1(whole("floor")),
  ceil: of1(whole("ceil")),
  round: of1(whole("rint")),
  sqrt: of1(x => g.lane("sqrt", x)),
  exp: of1(x => g.lane("exp2", g.lane("mul", x, like(Math.LOG2E, x)))),
  log: of1(x => g.lane("mul", g.lane("log2", x), like(Math.LN2, x))),
  sin: of1(x => g.lane("sin", x)),
  cos: of1(x => g.lane("cos", x)),
  tanh: of1(x => g.lane("tanh", x)),
  erf: of1(x => g.lane("erf", x)),
  minimum: of2((a, b) => g.lane("min", a, b)),
  maximum: of2((a, b) => g.lane("max", a, b)),
  // an instant is the microseconds since 1970 began
  seconds: of1(x => {
    const f = g.cast("f64", x);
    return g.lane("div", f, like(1e6, f));
  }),
  isnan: of1(x => (float(x) ? not(g.lane("eq", x, x)) : g.full(0, "bool", shapeAt(x)))),
};
