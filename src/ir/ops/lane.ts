/** Lane ops: one record per primitive of ir/prim.ts, over tensors of equal shapes. */
import { make, type Node } from "../node.ts";
import type { Op, Rng, TensorValue } from "../op.ts";
import { evaluate, isPrim, PRIMS, type Prim, takes } from "../prim.ts";
import { type Elem, isFloat, sameDim, sameShape, showType, type TensorType, type Type, tensor } from "../type.ts";
import { numbersOf, tabulate, tensorOf } from "../value.ts";
import { spread } from "./accumulate.ts";
import { arity, elemAttr, elemOf, need, shapeAt, tensorAt } from "./attrs.ts";
import { laneBound } from "./bounds.ts";
import { bitcast, cast, fullLike, lane, select } from "./build.ts";
import { byItself, quotientGrad, safely } from "./quotient.ts";
import { op } from "./registry.ts";
import { pickTensor, tensorsIn } from "./sampling.ts";

const WIDTH: { readonly [E in Elem]: number } = { bool: 0, i32: 32, u32: 32, i64: 64, f16: 16, f32: 32, f64: 64 };
const isIndex = (e: Elem): boolean => e === "i32" || e === "u32" || e === "i64";

function typeOfPrim(name: Prim, args: readonly Type[], to: () => Elem): Type {
  const record = PRIMS[name];
  arity(args, record.arity);
  const all = args.map((_, i) => tensorAt(args, i));
  const last = all[all.length - 1]!;
  need(takes(name, last.elem), () => `${name} takes no ${last.elem}`);
  for (const t of all) need(sameShape(t.shape, last.shape), () => `${name} of ${all.map(showType).join(" and ")}`);
  if (name === "select") need(all[0]!.elem === "bool", () => `select by ${showType(all[0]!)}`);
  for (const t of name === "select" ? all.slice(1) : all)
    need(t.elem === last.elem, () => `${name} of ${all.map(showType).join(" and ")}`);
  if (name === "cast") return tensor(to(), last.shape, isIndex(last.elem) && isIndex(to()) ? last.below : undefined);
  if (name === "bitcast") {
    need(WIDTH[to()] === WIDTH[last.elem], () => `bitcast of ${last.elem} to ${to()}`);
    return tensor(to(), last.shape);
  }
  if (name === "select") return tensor(last.elem, last.shape, commonBelow(all[1]!, last));
  return tensor(record.result === "bool" ? "bool" : last.elem, last.shape);
}
function commonBelow(a: TensorType, b: TensorType): TensorType["below"] {
  if (a.below === undefined || b.below === undefined) return undefined;
  if (typeof a.below === "number" && typeof b.below === "number") return Math.max(a.below, b.below);
  return sameDim(a.below, b.below) ? a.below : undefined;
}

const times = (a: Node, b: Node): Node => lane("mul", a, b);
const scaled = (factor: number, a: Node): Node => times(fullLike(factor, a), a);
const negated = (a: Node): Node => lane("neg", a);
const where = (c: Node, g: Node): Node => select(c, g, fullLike(0, g));

/** cotangents of the arguments x from that of y = f(x); absent: zero, because the result is a whole number or a truth */
const GRAD: { readonly [P in Prim]?: (g: Node, x: readonly Node[], y: Node) => readonly (Node | undefined)[] } = {
  neg: g => [negated(g)],
  abs: (g, [x]) => [select(lane("lt", fullLike(0, x!), x!), g, where(lane("lt", x!, fullLike(0, x!)), negated(g)))],
  sqrt: (g, _x, y) => [safely(g, lane("div", scaled(0.5, g), y))],
  add: g => [g, g],
  sub: g => [g, negated(g)],
  mul: (g, [a, b]) => [times(g, b!), times(g, a!)],
  div: quotientGrad,
  rem: (g, [a, b]) => [g, negated(times(g, lane("trunc", lane("div", a!, b!))))],
  // the first argument where both are equal. Asked of the result, which is there anyway: what the second was need not be kept
  min: (g, [a], y) => toFirst(g, lane("le", a!, y)),
  max: (g, [a], y) => toFirst(g, lane("le", y, a!)),
  select: (g, [c]) => [undefined, where(c!, g), where(lane("not", c!), g)],
  cast: (g, [x]) => [isFloat(elemOf(x!)) && isFloat(elemOf(g)) ? cast(elemOf(x!), g) : undefined],
  exp2: (g, _x, y) => [scaled(Math.LN2, byItself(g, y))],
  log2: (g, [x]) => [safely(g, lane("div", scaled(Math.LOG2E, g), x!))],
  sin: (g, [x]) => [times(g, lane("cos", x!))],
  cos: (g, [x]) => [negated(times(g, lane("sin", x!)))],
  tanh: (g, _x, y) => [times(g, lane("sub", fullLike(1, y), times(y, y)))],
  // erf'(x) = 2 / sqrt(pi) * exp(-x^2), and exp(z) = exp2(z log2 e)
  erf: (g, [x]) => [times(g, scaled(2 / Math.sqrt(Math.PI), lane("exp2", scaled(-Math.LOG2E, times(x!, x!)))))],
};
const toFirst = (g: Node, first: Node): readonly Node[] => [where(first, g), where(lane("not", first), g)];

function evaluateLane(name: Prim, args: readonly TensorValue[], elems: readonly Elem[], to: Elem): TensorValue {
  const elem = elems[elems.length - 1]!;
  const shape = args[0]!.shape;
  const data = args.map(a => a.data);
  if (elem === "i64" || to === "i64")
    return tabulate(to, shape, i =>
      evaluate(
        name,
        data.map(d => d[i]!),
        elem,
        to,
      ),
    );
  const [a, b, c] = args.map(numbersOf);
  const f = PRIMS[name].eval;
  return tabulate(to, shape, i => f(a![i]!, b ? b[i]! : 0, c ? c[i]! : 0, elem, to));
}

function sampleLane(name: Prim, rng: Rng, given: readonly Node[]): Node | undefined {
  const x = pickTensor(rng, given, t => takes(name, t.elem) && (PRIMS[name].arity === 1 || t.shape.length <= 5));
  if (!x) return undefined;
  const [shape, elem] = [shapeAt(x), elemOf(x)];
  if (name === "cast") return cast(rng.pick(["f32", "i32", "u32", "bool"]), x);
  if (name === "bitcast") return elem === "f32" || elem === "i32" || elem === "u32" ? bitcast("i32", x) : undefined;
  const alike = (e: Elem): readonly Node[] => tensorsIn(given, t => t.elem === e && sameShape(t.shape, shape));
  if (name !== "select") return make(op(name), [x, ...more(PRIMS[name].arity - 1, () => rng.pick(alike(elem)))]);
  const conditions = alike("bool");
  return conditions.length ? select(rng.pick(conditions), x, rng.pick(alike(elem))) : undefined;
}
const more = <T>(count: number, f: () => T): readonly T[] => Array.from({ length: count }, f);

const laneOp = (name: Prim): Op => {
  const rule = GRAD[name];
  return {
    name,
    doc: `${name} of each element, as ir/prim.ts says`,
    type: (args, attrs) => typeOfPrim(name, args, () => elemAttr(attrs)),
    eval: (args, node) =>
      evaluateLane(
        name,
        args.map(a => tensorOf(a)),
        node.args.map(elemOf),
        elemOf(node),
      ),
    bound: laneBound(name),
    grad: rule ? (node, [g]) => (g ? rule(g, node.args, node) : []) : "zero",
    lift: (node, args, mapped, n) =>
      make(
        node.op,
        args.map((a, i) => (mapped[i] ? a : spread(n, a))),
        node.attrs,
      ),
    kernel: {
      k: "point",
      cheap: name === "cast" || name === "bitcast",
      value: (node, cx) => ({
        k: "prim",
        prim: name,
        args: node.args.map((_, i) => cx.read(i, cx.at)),
        ...(PRIMS[name].result === "attr" ? { elem: elemOf(node) } : {}),
      }),
    },
    sample: (rng, given) => sampleLane(name, rng, given),
  };
};

export const laneOps: readonly Op[] = Object.keys(PRIMS).filter(isPrim).map(laneOp);
