/** Rules of lane arithmetic: constants folded, neutral operands dropped, signs and casts united. Each exact unless its law says bound. */
import type { Node } from "../../ir/node.ts";
import type { Rng } from "../../ir/op.ts";
import { elemOf, shapeAt } from "../../ir/ops/attrs.ts";
import * as build from "../../ir/ops/index.ts";
import {
  argsOf,
  constantOf,
  isBitcast,
  isCast,
  isInteger,
  isPrimNode,
  isSelect,
  neutralCast,
  primOf,
} from "../../ir/ops/match.ts";
import { pickTensor, tensorsIn } from "../../ir/ops/sampling.ts";
import { evaluate, PRIMS, type Prim } from "../../ir/prim.ts";
import type { Rule } from "../../ir/rewrite.ts";
import { type Elem, isFloat, sameShape } from "../../ir/type.ts";
import { rounding } from "../../ir/value.ts";

type Sample = Rule["law"]["sample"];
const exact = (sample: Sample): Rule["law"] => ({ same: "exact", sample });
const bound = (sample: Sample): Rule["law"] => ({ same: "bound", sample });
const ofElems =
  (...elems: readonly Elem[]) =>
  (f: (x: Node, rng: Rng, given: readonly Node[]) => Node): Sample =>
  (rng, given) => {
    const x = pickTensor(rng, given, t => elems.includes(t.elem));
    return x && f(x, rng, given);
  };
const number = ofElems("f32", "i32");
const float = ofElems("f32");
const integer = ofElems("i32", "u32");
const truth = ofElems("bool");
const alike = (x: Node, rng: Rng, given: readonly Node[]): Node =>
  rng.pick(tensorsIn(given, t => t.elem === elemOf(x) && sameShape(t.shape, shapeAt(x))));

/** the operand that is not the constant */
function beside(n: Node, prim: Prim, fits: (c: number) => boolean): Node | undefined {
  const args = argsOf(prim, n);
  if (!args) return undefined;
  const [a, b] = args as readonly [Node, Node]; // as: asked of primitives of two
  const [p, q] = [constantOf(a), constantOf(b)];
  if (q !== undefined && fits(q)) return a;
  return p !== undefined && fits(p) ? b : undefined;
}
/** x * constant, neither so large nor so small that a product of two such would leave the range */
function scale(n: Node): { readonly x: Node; readonly by: number } | undefined {
  const moderate = (c: number): boolean => Math.abs(c) >= 2 ** -30 && Math.abs(c) <= 2 ** 30;
  const x = beside(n, "mul", moderate);
  const constant = x && n.args.find(a => a !== x);
  const by = constant && constantOf(constant);
  return x && by !== undefined ? { x, by } : undefined;
}
const rightIs = (n: Node, prim: Prim, fits: (c: number) => boolean): Node | undefined => {
  const args = argsOf(prim, n);
  const c = args?.[1] && constantOf(args[1]);
  return c !== undefined && fits(c) ? args![0] : undefined;
};
const inner = (n: Node, outer: Prim, p: Prim): Node | undefined => {
  const a = argsOf(outer, n)?.[0];
  return a && argsOf(p, a)?.[0];
};
const negated = (n: Node | undefined): Node | undefined => n && argsOf("neg", n)?.[0];

/** from every value of the first there is a way back from the second */
const LOSSLESS: { readonly [E in Elem]: readonly Elem[] } = {
  bool: ["i32", "u32", "i64", "f16", "f32", "f64"],
  i32: ["i64", "f64"],
  u32: ["i64", "f64"],
  i64: [],
  f16: ["f32", "f64"],
  f32: ["f64"],
  f64: [],
};
/** a cast of a float to an integer saturates, one of an integer wraps: through a float only the way back is the same */
const sameCast = (from: Elem, via: Elem, to: Elem): boolean =>
  LOSSLESS[from].includes(via) && !(isInteger(from) && isFloat(via) && isInteger(to) && from !== to);

function folded(n: Node, prim: Prim): Node | undefined {
  const constants = n.args.map(constantOf);
  if (!constants.every(v => v !== undefined)) return undefined;
  const elems = n.args.map(elemOf);
  const [from, to] = [elems.at(-1)!, elemOf(n)];
  // an attribute holds no 64-bit integer
  if (from === "i64" || to === "i64") return undefined;
  const values = constants.map((v, i) => rounding(elems[i]!)(v));
  return build.full(rounding(to)(Number(evaluate(prim, values, from, to))), to, shapeAt(n));
}
const powerOfTwo = (c: number): boolean => {
  const exponent = Math.log2(Math.abs(c));
  return Number.isInteger(exponent) && Math.abs(exponent) <= 100 && 2 ** exponent === Math.abs(c);
};

export const laneRules: readonly Rule[] = [
  {
    name: "fold-constants",
    doc: "op(full{a}, full{b})  -->  full{op(a, b)}   for the primitives that are exactly rounded",
    law: exact(
      number((x, rng) =>
        build.lane(rng.pick(["add", "mul", "max", "sub"]), build.fullLike(rng.int(5), x), build.fullLike(3, x)),
      ),
    ),
    apply: n => {
      const prim = primOf(n);
      return prim && PRIMS[prim].ulp === 0 && PRIMS[prim].ulp64 === 0 ? folded(n, prim) : undefined;
    },
  },
  {
    name: "fold-functions",
    doc: "tanh(full{a})  -->  full{tanh(a)}",
    law: bound(float((x, rng) => build.lane(rng.pick(["exp2", "tanh", "sin", "erf"]), build.fullLike(0.7, x)))),
    apply: n => {
      const prim = primOf(n);
      return prim && PRIMS[prim].ulp > 0 ? folded(n, prim) : undefined;
    },
  },
  {
    name: "times-one",
    doc: "x * 1  -->  x",
    law: exact(number(x => build.lane("mul", build.fullLike(1, x), x))),
    apply: n => beside(n, "mul", c => c === 1),
  },
  {
    name: "times-zero",
    doc: "x * 0  -->  0   for integers: a float may be NaN or infinite",
    law: exact(integer(x => build.lane("mul", x, build.fullLike(0, x)))),
    apply: n => (beside(n, "mul", c => c === 0) && isInteger(elemOf(n)) ? build.fullLike(0, n) : undefined),
  },
  {
    name: "times-minus-one",
    doc: "x * -1  -->  neg(x)",
    law: exact(number(x => build.lane("mul", x, build.fullLike(-1, x)))),
    apply: n => {
      const x = beside(n, "mul", c => c === -1);
      return x && build.lane("neg", x);
    },
  },
  {
    name: "times-constants",
    doc: "(x * a) * b  -->  x * (a * b)   for floats and constants of moderate size",
    law: bound(
      float((x, rng) =>
        build.lane("mul", build.fullLike(0.3, x), build.lane("mul", x, build.fullLike(rng.pick([0.7, -5]), x))),
      ),
    ),
    apply: n => {
      if (!elemOf32(n)) return undefined;
      const outer = scale(n);
      const inner = outer && scale(outer.x);
      return inner && build.lane("mul", inner.x, build.fullLike(inner.by * outer.by, n));
    },
  },
  {
    name: "by-one",
    doc: "x / 1  -->  x",
    law: exact(number(x => build.lane("div", x, build.fullLike(1, x)))),
    apply: n => rightIs(n, "div", c => c === 1),
  },
  {
    name: "by-power-of-two",
    doc: "x / 2^k  -->  x * 2^-k   for floats",
    law: exact(float((x, rng) => build.lane("div", x, build.fullLike(rng.pick([2, 4, -8, 0.5]), x)))),
    apply: n => {
      const x = elemOf32(n) && rightIs(n, "div", powerOfTwo);
      return x ? build.lane("mul", x, build.fullLike(1 / constantOf(n.args[1]!)!, x)) : undefined;
    },
  },
  {
    name: "plus-zero",
    doc: "x + 0  -->  x   for integers; x + -0  -->  x",
    law: exact(integer(x => build.lane("add", build.fullLike(0, x), x))),
    apply: n => beside(n, "add", c => Object.is(c, -0) || (c === 0 && isIntegerNode(n))),
  },
  {
    name: "minus-zero",
    doc: "x - 0  -->  x",
    law: exact(number(x => build.lane("sub", x, build.fullLike(0, x)))),
    apply: n => rightIs(n, "sub", c => Object.is(c, 0)),
  },
  {
    name: "double-negation",
    doc: "neg(neg(x))  -->  x;  not(not(x))  -->  x",
    law: exact(number(x => build.lane("neg", build.lane("neg", x)))),
    apply: n => inner(n, "neg", "neg") ?? inner(n, "not", "not"),
  },
  {
    name: "size-of-negated",
    doc: "abs(neg(x))  -->  abs(x);  abs(abs(x))  -->  abs(x)",
    law: exact(float(x => build.lane("abs", build.lane("neg", x)))),
    apply: n => {
      const x = inner(n, "abs", "neg");
      if (x) return build.lane("abs", x);
      return inner(n, "abs", "abs") && n.args[0];
    },
  },
  {
    name: "sum-with-negated",
    doc: "a + neg(b)  -->  a - b;  a - neg(b)  -->  a + b",
    law: exact(number((x, rng, given) => build.lane("add", x, build.lane("neg", alike(x, rng, given))))),
    apply: n => {
      const sum = argsOf("add", n);
      if (sum) {
        const [a, b] = sum as readonly [Node, Node]; // as: add takes two
        const [p, q] = [negated(a), negated(b)];
        return q ? build.lane("sub", a, q) : p ? build.lane("sub", b, p) : undefined;
      }
      const b = negated(argsOf("sub", n)?.[1]);
      return b && build.lane("add", n.args[0]!, b);
    },
  },
  {
    name: "product-of-negated",
    doc: "neg(a) * neg(b)  -->  a * b",
    law: exact(
      number((x, rng, given) => build.lane("mul", build.lane("neg", x), build.lane("neg", alike(x, rng, given)))),
    ),
    apply: n => {
      const [a, b] = (argsOf("mul", n) ?? []).map(negated);
      return a && b && build.lane("mul", a, b);
    },
  },
  {
    name: "same-twice",
    doc: "max(x, x), min(x, x), and(x, x), or(x, x)  -->  x",
    law: exact(number((x, rng) => build.lane(rng.pick(["max", "min"]), x, x))),
    apply: n => {
      const twice = (["max", "min", "and", "or"] as const).some(p => isPrimNode(p)(n));
      return twice && n.args[0] === n.args[1] ? n.args[0] : undefined;
    },
  },
  {
    name: "logic-with-constant",
    doc: "and(x, true)  -->  x;  and(x, false)  -->  false;  or(x, false)  -->  x;  or(x, true)  -->  true",
    law: exact(truth((x, rng) => build.lane(rng.pick(["and", "or"]), build.fullLike(rng.int(2), x), x))),
    apply: n => {
      if (n.type.k !== "tensor" || n.type.elem !== "bool") return undefined;
      const keep = beside(n, "and", c => c === 1) ?? beside(n, "or", c => c === 0);
      if (keep) return keep;
      if (beside(n, "and", c => c === 0)) return build.fullLike(0, n);
      return beside(n, "or", c => c === 1) && build.fullLike(1, n);
    },
  },
  {
    name: "decided-select",
    doc: "select(true, a, b)  -->  a;  select(false, a, b)  -->  b;  select(c, a, a)  -->  a",
    law: exact(
      number((x, rng, given) => build.select(build.full(rng.int(2), "bool", shapeAt(x)), x, alike(x, rng, given))),
    ),
    apply: n => {
      if (!isSelect(n)) return undefined;
      const [c, a, b] = n.args as readonly [Node, Node, Node]; // as: select takes three
      if (a === b) return a;
      const v = constantOf(c);
      return v === undefined ? undefined : v !== 0 ? a : b;
    },
  },
  {
    name: "select-by-not",
    doc: "select(not(c), a, b)  -->  select(c, b, a)",
    law: exact(
      truth((c, rng) => {
        const a = build.full(rng.int(3), "f32", shapeAt(c));
        return build.select(build.lane("not", c), a, build.full(7, "f32", shapeAt(c)));
      }),
    ),
    apply: n => {
      const c = isSelect(n) ? argsOf("not", n.args[0]!)?.[0] : undefined;
      return c && build.select(c, n.args[2]!, n.args[1]!);
    },
  },
  {
    name: "cast-to-itself",
    doc: "cast{f32}(x: f32)  -->  x",
    law: exact(number(x => neutralCast(x))),
    apply: n => ((isCast(n) || isBitcast(n)) && elemOf(n) === elemOf(n.args[0]!) ? n.args[0] : undefined),
  },
  {
    name: "cast-of-cast",
    doc: "cast{a}(cast{b}(x))  -->  cast{a}(x)   where b holds every value of x",
    law: exact(
      ofElems("bool", "i32", "f32")((x, rng) => build.cast(rng.pick(["f32", "i32", "bool"]), build.cast("f64", x))),
    ),
    apply: n => {
      const via = isCast(n) ? n.args[0]! : undefined;
      if (!via || !isCast(via)) return undefined;
      const x = via.args[0]!;
      return sameCast(elemOf(x), elemOf(via), elemOf(n)) ? build.cast(elemOf(n), x) : undefined;
    },
  },
  {
    name: "bitcast-of-bitcast",
    doc: "bitcast{a}(bitcast{b}(x))  -->  bitcast{a}(x)",
    law: exact(ofElems("i32", "u32")(x => build.bitcast("u32", build.bitcast("i32", build.bitcast("u32", x))))),
    apply: n => (isBitcast(n) && isBitcast(n.args[0]!) ? build.bitcast(elemOf(n), n.args[0]!.args[0]!) : undefined),
  },
];
const isIntegerNode = (n: Node): boolean => isInteger(elemOf(n));
const elemOf32 = (n: Node): boolean => n.type.k === "tensor" && (n.type.elem === "f32" || n.type.elem === "f64");
