/** Rules of reductions: over nothing, of copies, of reductions, of contractions. */
import type { Node } from "../../ir/node.ts";
import type { Rng } from "../../ir/op.ts";
import { elemOf, shapeAt } from "../../ir/ops/attrs.ts";
import type { ReduceOp } from "../../ir/ops/index.ts";
import * as build from "../../ir/ops/index.ts";
import {
  axesOf,
  isArgreduce,
  isBroadcast,
  isContract,
  isReduce,
  neutralReduce,
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
function chain(op: "add" | "max"): Rule["law"]["sample"] {
  return (rng, given) => {
    const x = float(rng, given, 2);
    if (!x) return undefined;
    const y = build.reduce(op, [rng.int(shapeAt(x).length)], x);
    return build.reduce(op, [rng.int(shapeAt(y).length)], y);
  };
}
