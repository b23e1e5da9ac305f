/** Random functions applied by map and differentiated: per record by the interpreter, expanded, and by differences in f64. */
import { describe, expect, it } from "vitest";
import { bound, compare } from "../../src/ir/bound.ts";
import { evaluate } from "../../src/ir/interp.ts";
import { type Fn, fn } from "../../src/ir/node.ts";
import type { Value } from "../../src/ir/op.ts";
import * as o from "../../src/ir/ops/index.ts";
import { parse, print } from "../../src/ir/text.ts";
import { isFloat, N, type TensorType, tensor } from "../../src/ir/type.ts";
import { numbersOf, tabulate, tensorOf } from "../../src/ir/value.ts";
import { verify } from "../../src/ir/verify.ts";
import { gradient } from "../../src/passes/autodiff.ts";
import { expandAll } from "../../src/passes/expand.ts";
import { simplifyFn } from "../../src/passes/simplify.ts";
import { grow, parameters, seeded, valuesOf } from "./grow.ts";

const RECORD: readonly TensorType[] = [
  tensor("f32", [3, 5]),
  tensor("f32", [5]),
  tensor("f32", [5, 2]),
  tensor("f32"),
  tensor("i32", [], 5),
  tensor("i32", [3], 3),
  tensor("u32", [2]),
  tensor("bool", [5]),
];
const float = o.allOps().filter(op => op.sample && op.control === undefined);

/** a map of a random function, some of its arguments shared by all records */
function mapped(seed: number): Fn {
  const rng = seeded(seed);
  const inner = grow(rng, 10, float, RECORD);
  const flags = RECORD.map((_, i) => i === 0 || rng.int(2) === 0);
  const params = RECORD.map((t, i) => (flags[i] ? { ...t, shape: [N, ...t.shape] } : t));
  const t = o.map(inner, flags, parameters(params));
  return fn(
    params,
    inner.results.map((_, i) => o.get(i, t)),
  );
}
describe("map", () => {
  it.each(Array.from({ length: 60 }, (_, i) => i))(
    "seed %i: expanded and simplified it is each record's result",
    seed => {
      const f = mapped(seed);
      expect(verify(f, "segmented")).toEqual([]);
      expect(parse(print(f))).toBe(f);
      const g = expandAll(f);
      expect(verify(g, "expanded")).toEqual([]);
      const h = simplifyFn(g);
      for (const n of [0, 1, 3]) {
        const args = valuesOf(f, n, seeded(seed));
        const want = bound(g, args, n);
        for (const way of [f, g, h])
          evaluate(way, args, n).forEach((v, i) => {
            const { wrong } = compare(tensorOf(v), want[i]!);
            expect(wrong && `n ${n}, result ${i}: ${wrong}\n${print(f)}\n${print(way)}`).toBeUndefined();
          });
      }
    },
  );
});

/** f64 throughout, so that differences are good to about 1e-9 */
const WIDE = RECORD.map((t): TensorType => (isFloat(t.elem) ? { ...t, elem: "f64" } : t));
const WRT = WIDE.flatMap((t, i) => (isFloat(t.elem) ? [i] : []));
/** the sum of the bounded results of a random function */
function loss(seed: number): Fn | undefined {
  // a stopped gradient is not that of the value
  const flowing = float.filter(op => !(op.kernel.k === "view" && op.grad === "zero"));
  const f = grow(seeded(seed), 8, flowing, WIDE);
  const terms = f.results
    .filter(r => r.type.k === "tensor" && r.type.elem === "f64")
    .map(r => {
      const all = o.shapeAt(r).map((_, d) => d);
      return o.reduce("add", all, o.lane("tanh", o.lane("mul", r, o.fullLike(0.25, r))));
    });
  return terms.length ? fn(WIDE, [terms.reduce((a, b) => o.lane("add", a, b))]) : undefined;
}
const first = (v: readonly Value[]): number => numbersOf(tensorOf(v[0]))[0]!;
describe("gradients of random functions along random directions", () => {
  it("are their differences, wherever two step sizes agree on those", () => {
    let [compared, skipped] = [0, 0];
    for (let seed = 0; seed < 150; seed++) {
      const f = loss(seed);
      if (!f) continue;
      const rng = seeded(seed + 7);
      // no quarters here: at an exact tie or zero a difference is no gradient
      const args = valuesOf(f, 1, rng).map((v, i) => {
        const t = tensorOf(v);
        return WRT.includes(i) ? tabulate("f64", t.shape, () => rng.normal()) : t;
      });
      const way = args.map(a => new Float64Array(a.data.length).map(() => rng.normal()));
      const moved = (h: number) =>
        args.map((a, i) => (WRT.includes(i) ? tabulate("f64", a.shape, k => Number(a.data[k]) + h * way[i]![k]!) : a));
      const slope = (h: number) => (first(evaluate(f, moved(h), 1)) - first(evaluate(f, moved(-h), 1))) / (2 * h);
      const [coarse, fine] = [slope(2e-5), slope(1e-5)];
      const [at, right, left] = [args, moved(1e-5), moved(-1e-5)].map(a => first(evaluate(f, a, 1)));
      const kink = Math.abs(right! - 2 * at! + left!) / 1e-5;
      // a kink, a jump or a pole lies within the step
      if (!(Math.abs(coarse - fine) < 1e-7 * (1 + Math.abs(fine)) && kink < 1e-2 * (1 + Math.abs(fine)))) {
        skipped++;
        continue;
      }
      for (const g of [gradient(f, WRT), simplifyFn(gradient(f, WRT))]) {
        const parts = evaluate(g, args, 1)
          .slice(1)
          .map(v => numbersOf(tensorOf(v)));
        const got = WRT.reduce((s, i, k) => s + way[i]!.reduce((t, d, j) => t + d * parts[k]![j]!, 0), 0);
        // sqrt(x - x) has no slope at all, and is no reason to look for one
        if (!Number.isFinite(got)) {
          skipped++;
          continue;
        }
        compared++;
        expect(Math.abs(got - fine), `seed ${seed}\n${print(f)}`).toBeLessThan(1e-6 * (1 + Math.abs(fine)));
      }
    }
    expect(compared).toBeGreaterThan(4 * skipped);
  });
});
