/** Element by element: Core's operators and the lane functions of the prelude as lane primitives. Knows nothing of scopes. */
import type { Node } from "../../ir/node.ts";
import { elemOf, shapeAt } from "../../ir/ops/attrs.ts";
import * as g from "../../ir/ops/index.ts";
import { type Dim, isFloat } from "../../ir/type.ts";

const like = (value: number, x: Node): Node => g.fullLike(value, x);
const float = (x: Node): boolean => isFloat(elemOf(x));
/** the one value of all elements, if x is such a constant */
export function uniformValue(x: Node): number | undefined {
  let n = x;
  while (n.op.name === "broadcast" || n.op.name === "reshape") n = n.args[0]!;
  return n.op.name === "full" ? (n.attrs["value"] as number) : undefined; // as: the type rule of `full`
}

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
function mod(a: Node, b: Node): Node {
  const r = g.lane("rem", a, b);
  const zero = like(0, a);
  const by = uniformValue(b);
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
function floorDiv(a: Node, b: Node): Node {
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
function pow(a: Node, b: Node): Node {
  const n = uniformValue(b);
  if (n !== undefined && Number.isInteger(n) && Math.abs(n) <= 64 && (n >= 0 || float(a)))
    return n >= 0 ? power(a, n) : g.lane("div", like(1, a), power(a, -n));
  if (n !== undefined && Number.isInteger(2 * n) && Math.abs(n) <= 16 && float(a)) {
    const root = g.lane("sqrt", a);
    const p = Math.abs(n) > 1 ? g.lane("mul", power(a, Math.floor(Math.abs(n))), root) : root;
    return n > 0 ? p : g.lane("div", like(1, a), p);
  }
  if (!float(a)) {
    const f = pow(g.cast("f64", a), g.cast("f64", b));
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

/** operands have one shape and, but for `where`, one element */
export const laneOps: Readonly<Record<string, (...x: Node[]) => Node>> = {
  neg: x => g.lane("neg", x!),
  add: (a, b) => g.lane("add", a!, b!),
  sub: (a, b) => g.lane("sub", a!, b!),
  mul: (a, b) => g.lane("mul", a!, b!),
  div: (a, b) => g.lane("div", a!, b!),
  mod: (a, b) => mod(a!, b!),
  floordiv: (a, b) => floorDiv(a!, b!),
  pow: (a, b) => pow(a!, b!),
  eq: (a, b) => g.lane("eq", a!, b!),
  ne: (a, b) => not(g.lane("eq", a!, b!)),
  lt: (a, b) => g.lane("lt", a!, b!),
  le: (a, b) => g.lane("le", a!, b!),
  gt: (a, b) => g.lane("lt", b!, a!),
  ge: (a, b) => g.lane("le", b!, a!),
  and: (a, b) => g.lane("and", a!, b!),
  or: (a, b) => g.lane("or", a!, b!),
  not: x => not(x!),
  where: (c, a, b) => g.select(c!, a!, b!),
  abs: x => g.lane("abs", x!),
  sign: x => sign(x!),
  floor: x => whole("floor")(x!),
  ceil: x => whole("ceil")(x!),
  round: x => whole("rint")(x!),
  sqrt: x => g.lane("sqrt", x!),
  exp: x => g.lane("exp2", g.lane("mul", x!, like(Math.LOG2E, x!))),
  log: x => g.lane("mul", g.lane("log2", x!), like(Math.LN2, x!)),
  sin: x => g.lane("sin", x!),
  cos: x => g.lane("cos", x!),
  tanh: x => g.lane("tanh", x!),
  erf: x => g.lane("erf", x!),
  minimum: (a, b) => g.lane("min", a!, b!),
  maximum: (a, b) => g.lane("max", a!, b!),
  isnan: x => (float(x!) ? not(g.lane("eq", x!, x!)) : g.full(0, "bool", shapeAt(x!))),
};
