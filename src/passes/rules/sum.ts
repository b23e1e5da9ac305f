/** Rules of reductions: over nothing, of copies, of reductions, of contractions. */
import { make, type Node } from "../../ir/node.ts";
import type { Rng } from "../../ir/op.ts";
import { elemOf, shapeAt } from "../../ir/ops/attrs.ts";
import type { ReduceOp } from "../../ir/ops/index.ts";
import * as build from "../../ir/ops/index.ts";
import {
  argsOf,
  axesOf,
  axisOf,
  constantOf,
  isArgreduce,
  isBroadcast,
  isContract,
  isIota,
  isReduce,
  isSelect,
  neutralReduce,
  primOf,
  reduceOpOf,
  sampleContract,
  specOf,
} from "../../ir/ops/match.ts";
import { pickTensor, small } from "../../ir/ops/sampling.ts";
import type { Rule } from "../../ir/rewrite.ts";
import { sameDim } from "../../ir/type.ts";

/** folds that do not round, and give x for x and x */
const CHOOSES: readonly string[] = ["max", "min", "and", "or"];
const opOf = (n: Node): ReduceOp => reduceOpOf(n) as ReduceOp; // as: the type rule of reduce admits no other
const float = (rng: Rng, given: readonly Node[], rank: number): Node | undefined =>
  pickTensor(rng, given, t => small(t) && t.elem === "f32" && t.shape.length >= rank);

/** reduce over the axes of `first`, then `second`: as axes of what `first` reduces */
function together(first: readonly number[], second: readonly number[], rank: number): readonly number[] {
  const left = Array.from({ length: rank }, (_, d) => d).filter(d => !first.includes(d));
  return [...first, ...second.map(a => left[a]!)].sort((a, b) => a - b);
}
function reduceOfReduce(n: Node, fits: (op: string) => boolean): Node | undefined {
  const mid = isReduce(n) ? n.args[0]! : undefined;
  if (!mid || !isReduce(mid) || reduceOpOf(mid) !== reduceOpOf(n) || !fits(reduceOpOf(n))) return undefined;
  const x = mid.args[0]!;
  return build.reduce(opOf(n), together(axesOf(mid), axesOf(n), shapeAt(x).length), x);
}

export const sumRules: readonly Rule[] = [
  {
    name: "reduce-nothing",
    doc: "reduce{axes: []}(x)  -->  x",
    law: {
      same: "exact",
      sample: (rng, given) => {
        const x = float(rng, given, 0);
        return x && neutralReduce(x);
      },
    },
    apply: n => (isReduce(n) && axesOf(n).length === 0 ? n.args[0] : undefined),
  },
  {
    name: "reduce-one",
    doc: "reduce over a dim of 1  -->  reshape without it   (a sum makes 0 of -0)",
    law: {
      same: "bound",
      sample: (rng, given) => {
        const x = float(rng, given, 0);
        return x && build.reduce(rng.pick(["add", "max"]), [0], build.reshape([1, ...shapeAt(x)], x));
      },
    },
    apply: n => {
      if (!isReduce(n)) return undefined;
      const [x, axes] = [n.args[0]!, axesOf(n)];
      const ones = axes.filter(a => shapeAt(x)[a] === 1);
      if (ones.length === 0) return undefined;
      const left = axes.filter(a => !ones.includes(a)).map(a => a - ones.filter(o => o < a).length);
      return build.reduce(
        opOf(n),
        left,
        build.reshape(
          shapeAt(x).filter((_, d) => !ones.includes(d)),
          x,
        ),
      );
    },
  },
  {
    name: "argreduce-one",
    doc: "argreduce over dims of 1  -->  0",
    law: {
      same: "exact",
      sample: (rng, given) => {
        const x = float(rng, given, 0);
        return x && build.argreduce("max", [0], build.reshape([1, ...shapeAt(x)], x));
      },
    },
    apply: n =>
      isArgreduce(n) && axesOf(n).every(a => shapeAt(n.args[0]!)[a] === 1)
        ? build.full(0, "i32", shapeAt(n))
        : undefined,
  },
  {
    name: "choice-of-copies",
    doc: "reduce{max}(broadcast(x)) over new dims  -->  x, for max, min, and, or",
    law: {
      same: "exact",
      sample: (rng, given) => {
        const x = float(rng, given, 0);
        if (!x) return undefined;
        const [shape, rank] = [shapeAt(x), shapeAt(x).length];
        const wide = build.broadcast(
          [...shape, 3],
          shape.map((_, d) => d),
          x,
        );
        return build.reduce(rng.pick(["max", "min"]), [rank], wide);
      },
    },
    apply: n => {
      const mid = isReduce(n) && CHOOSES.includes(reduceOpOf(n)) ? n.args[0]! : undefined;
      if (!mid || !isBroadcast(mid)) return undefined;
      const [x, at, axes] = [mid.args[0]!, axesOf(mid), axesOf(n)];
      const copies = axes.every(a => !at.includes(a) && typeof shapeAt(mid)[a] === "number" && shapeAt(mid)[a] !== 0);
      if (!copies) return undefined;
      return build.broadcast(
        shapeAt(n),
        at.map(a => a - axes.filter(o => o < a).length),
        x,
      );
    },
  },
  {
    name: "choice-of-choices",
    doc: "reduce{max}(reduce{max}(x))  -->  reduce{max}(x), for max, min, and, or",
    law: { same: "exact", sample: chain("max") },
    apply: n => reduceOfReduce(n, op => CHOOSES.includes(op)),
  },
  {
    name: "choice-of-bounded",
    doc: "reduce{max}(window(max(c, x)))  -->  max(c, reduce{max}(window(x))), for max and min, any views without fill",
    law: {
      same: "exact",
      sample: (rng, given) => {
        const x = float(rng, given, 1);
        if (!x || shapeAt(x).some(d => typeof d !== "number" || d === 0)) return undefined;
        const some = [rng.pick(["max", "min"] as const), rng.pick(["max", "min"] as const)] as const;
        const bounded = build.lane(some[0], build.full(rng.int(3) - 1, "f32", shapeAt(x)), x);
        return build.reduce(some[1], [rng.int(shapeAt(x).length)], build.reshape(shapeAt(x), bounded));
      },
    },
    apply: n => {
      if (!isReduce(n) || (reduceOpOf(n) !== "max" && reduceOpOf(n) !== "min")) return undefined;
      const extents = axesOf(n).map(a => shapeAt(n.args[0]!)[a]);
      if (extents.some(d => typeof d !== "number" || d === 0)) return undefined;
      const views: Node[] = [];
      let at = n.args[0]!;
      for (; isRearrangement(at); at = at.args[0]!) views.unshift(at);
      const bound = primOf(at);
      if (bound !== "max" && bound !== "min") return undefined;
      // only where the constant comes first: where both are equal, nothing flows to x, so no other element gets a gradient than before
      const [c, x] = at.args as readonly [Node, Node]; // as: two arguments
      const value = constantOf(c);
      if (value === undefined) return undefined;
      const same = views.reduce((y, v) => make(v.op, [y], v.attrs), x);
      const chosen = build.reduce(opOf(n), axesOf(n), same);
      return build.lane(bound, build.full(value, elemOf(n), shapeAt(n)), chosen);
    },
  },
  {
    name: "sum-of-sums",
    doc: "reduce{add}(reduce{add}(x))  -->  reduce{add}(x), and so for mul",
    law: { same: "bound", sample: chain("add") },
    apply: n => reduceOfReduce(n, op => !CHOOSES.includes(op)),
  },
  {
    name: "sum-of-contraction",
    doc: 'reduce{add}(contract{"ik,kj->ij"}(a, b)) over j  -->  contract{"ik,kj->i"}(a, b)',
    law: {
      same: "bound",
      sample: (rng, given) => {
        const y = sampleContract(rng, given);
        return y && shapeAt(y).length ? build.reduce("add", [rng.int(shapeAt(y).length)], y) : undefined;
      },
    },
    apply: n => {
      const mid = isReduce(n) && reduceOpOf(n) === "add" ? n.args[0]! : undefined;
      if (!mid || !isContract(mid)) return undefined;
      const [a, b, out] = specOf(mid);
      const axes = axesOf(n);
      const left = [...out].filter((_, d) => !axes.includes(d)).join("");
      return build.contract(`${a},${b}->${left}`, mid.args[0]!, mid.args[1]!);
    },
  },
  {
    name: "contraction-of-sum",
    doc: 'contract{"ik,kj->i"}(a, b)  -->  contract{"ik,k->i"}(a, reduce{add}(b) over j): what one factor alone is summed over, before the product',
    law: {
      same: "bound",
      sample: (rng, given) => {
        const y = sampleContract(rng, given);
        if (!y || !isContract(y)) return undefined;
        const [a, b, out] = specOf(y);
        const alone = [...out].filter(l => !a.includes(l) || !b.includes(l));
        return alone.length
          ? build.contract(`${a},${b}->${out.replace(rng.pick(alone), "")}`, y.args[0]!, y.args[1]!)
          : undefined;
      },
    },
    apply: n => {
      if (!isContract(n)) return undefined;
      const [a, b, out] = specOf(n);
      const alone = (own: string, other: string): readonly number[] =>
        [...own].flatMap((l, d) => (out.includes(l) || other.includes(l) ? [] : [d]));
      const [ofA, ofB] = [alone(a, b), alone(b, a)];
      if (ofA.length + ofB.length === 0) return undefined;
      const summed = (axes: readonly number[], x: Node): Node => (axes.length ? build.reduce("add", axes, x) : x);
      const left = (own: string, axes: readonly number[]): string =>
        [...own].filter((_, d) => !axes.includes(d)).join("");
      return build.contract(
        `${left(a, ofA)},${left(b, ofB)}->${out}`,
        summed(ofA, n.args[0]!),
        summed(ofB, n.args[1]!),
      );
    },
  },
  {
    name: "sum-of-one-place",
    doc: "reduce{add, a}(select(iota{a} == k, x, 0))  -->  select(0 <= k < extent, x at k along a, 0)   (a sum makes 0 of -0)",
    law: {
      same: "bound",
      sample: (rng, given) => {
        const x = float(rng, given, 1);
        if (!x || shapeAt(x).some(d => typeof d !== "number")) return undefined;
        const [shape, a] = [shapeAt(x), rng.int(shapeAt(x).length)];
        const k = build.full(rng.int(6) - 1, "i32");
        const here = build.lane("eq", build.iota("i32", shape, a), build.broadcast(shape, [], k));
        return build.reduce("add", [a], build.select(here, x, build.full(0, "f32", shape)));
      },
    },
    apply: n => {
      const mid = isReduce(n) && reduceOpOf(n) === "add" && axesOf(n).length === 1 ? n.args[0]! : undefined;
      if (!mid || !isSelect(mid) || constantOf(mid.args[2]!) !== 0) return undefined;
      const [a, x] = [axesOf(n)[0]!, mid.args[1]!];
      const extent = shapeAt(x)[a]!;
      const k = placeAlong(mid.args[0]!, a);
      if (!k || typeof extent !== "number" || extent === 0) return undefined;
      const top = build.full(extent - 1, "i32");
      const clamped = build.lane("max", build.full(0, "i32"), build.lane("min", k, top));
      const row = build.reshape(shapeAt(n), build.gather(a, 0, x, build.reshape([1], clamped)));
      const inside = build.broadcast(shapeAt(n), [], build.lane("eq", k, clamped));
      return build.select(inside, row, build.full(0, elemOf(n), shapeAt(n)));
    },
  },
  {
    name: "sum-of-copies",
    doc: "reduce{add}(broadcast(x)) over new dims  -->  x * the number of copies",
    law: {
      same: "bound",
      sample: (rng, given) => {
        const x = float(rng, given, 0);
        return (
          x &&
          build.reduce(
            "add",
            [0],
            build.broadcast(
              [3, ...shapeAt(x)],
              shapeAt(x).map((_, d) => d + 1),
              x,
            ),
          )
        );
      },
    },
    apply: n => {
      const mid = isReduce(n) && reduceOpOf(n) === "add" ? n.args[0]! : undefined;
      if (!mid || !isBroadcast(mid)) return undefined;
      const [x, at, axes, wide] = [mid.args[0]!, axesOf(mid), axesOf(n), shapeAt(mid)];
      const stretches = at.some((a, d) => !sameDim(shapeAt(x)[d]!, wide[a]!));
      const copies = axes.filter(a => !at.includes(a));
      if (stretches || copies.length === 0 || copies.some(a => typeof wide[a] !== "number")) return undefined;
      const count = copies.reduce((c, a) => c * (wide[a] as number), 1); // as: just tested
      const [outer, sum] = [at.filter(a => !axes.includes(a)), at.flatMap((a, d) => (axes.includes(a) ? [d] : []))];
      const reduced = build.reduce("add", sum, x);
      const spread = build.broadcast(
        shapeAt(n),
        outer.map(a => a - axes.filter(o => o < a).length),
        reduced,
      );
      return build.lane("mul", spread, build.full(count, elemOf(n), shapeAt(n)));
    },
  },
];
/** k of iota{a} == k, the same k everywhere, also where the test is spread over more dims */
function placeAlong(test: Node, a: number): Node | undefined {
  if (isBroadcast(test)) {
    const [inner, axes] = [test.args[0]!, axesOf(test)];
    const d = axes.indexOf(a);
    return d >= 0 && sameDim(shapeAt(inner)[d]!, shapeAt(test)[a]!) ? placeAlong(inner, d) : undefined;
  }
  const [p, q] = argsOf("eq", test) ?? [];
  if (!p || !q) return undefined;
  for (const [x, y] of [
    [p, q],
    [q, p],
  ] as const)
    if (isIota(x) && elemOf(x) === "i32" && axisOf(x) === a && isBroadcast(y) && axesOf(y).length === 0)
      return y.args[0]!;
  return undefined;
}
/** each element of the result is one of the argument's */
const isRearrangement = (n: Node): boolean =>
  n.op.kernel.k === "view" && n.args.length === 1 && n.op.kernel.map(n).guards.length === 0;
function chain(op: "add" | "max"): Rule["law"]["sample"] {
  return (rng, given) => {
    const x = float(rng, given, 2);
    if (!x) return undefined;
    const y = build.reduce(op, [rng.int(shapeAt(x).length)], x);
    return build.reduce(op, [rng.int(shapeAt(y).length)], y);
  };
}
