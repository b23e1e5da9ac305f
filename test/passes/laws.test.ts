/** Laws of every registered op: its lifting is itself for each record, its gradient that of differences. */
import { describe, expect, test } from "vitest";
import { fn, type Node } from "../../src/ir/node.ts";
import type { Op, TensorValue } from "../../src/ir/op.ts";
import { allOps, elemOf, full, lane, parameter, reduce, shapeAt } from "../../src/ir/ops/index.ts";
import { rowAt, stack } from "../../src/ir/ops/rows.ts";
import { type Elem, isFloat, N, numbers, type TensorType, tensor } from "../../src/ir/type.ts";
import { sameTensor } from "../../src/ir/value.ts";
import { lift } from "../../src/passes/lift.ts";
import { expectGradients } from "./gradients.ts";
import { list, type Random, random, run, value } from "./graphs.ts";

const sampled = allOps().filter(op => op.sample);
/** floats of each shape twice, so that lane ops find partners; indices below 2, which fit every axis of more than one */
const paramsOf = (float: Elem): readonly TensorType[] => [
  tensor(float, [3, 2]),
  tensor(float, [3, 2]),
  tensor(float, [2, 3, 4]),
  tensor(float, [5]),
  tensor(float, [5]),
  tensor(float),
  tensor("i32", [3, 2], 2),
  tensor("i32", [5], 2),
  tensor("bool", [5]),
  tensor("bool", [3, 2]),
  tensor("u32", [2]),
  tensor("u32"),
  tensor(float, [4, 4]),
];
/** away from the multiples of a half, where lane functions have their edges and poles */
function draw(rng: Random, { elem }: TensorType, shape: readonly number[]): TensorValue {
  if (isFloat(elem)) return value(elem, shape, () => (rng.int(2) ? 1 : -1) * (0.55 + 0.4 * rng.unit()));
  return value(elem, shape, () => (elem === "u32" ? rng.int(2 ** 31) : rng.int(2)));
}
const applied = (op: Op, rng: Random, inputs: readonly Node[]): Node | undefined => op.sample!(rng, inputs);

describe.each(sampled.map(op => [op.name, op] as const))("%s", (_, op) => {
  test("lifted, is itself for each record", () => {
    let applications = 0;
    for (let seed = 0; seed < 24; seed++) {
      const rng = random(seed);
      const params = paramsOf("f32");
      const node = applied(
        op,
        rng,
        params.map((p, i) => parameter(i, p)),
      );
      if (node?.type.k !== "tensor") continue;
      applications++;
      const f = fn(params, [node]);
      const mapped = params.map(() => rng.int(2) === 0);
      const { fn: lifted, mapped: results } = lift(f, mapped, rng.int(2) ? N : 3);
      const args = params.map((p, i) => draw(rng, p, [...(mapped[i] ? [3] : []), ...numbers(p.shape)]));
      const [got] = run(lifted, args, 3);
      const each = [0, 1, 2].map(
        r =>
          run(
            f,
            args.map((a, i) => (mapped[i] ? rowAt(a, r) : a)),
            3,
          )[0]!,
      );
      expect(sameTensor(got!, results[0] ? stack(each, node.type) : each[0]!), `seed ${seed}`).toBe(true);
    }
    expect(applications).toBeGreaterThan(0);
  });

  // a stopped gradient is meant to be another than that of differences
  if (op.grad !== "none" && op.name !== "stop_gradient")
    test("has the gradient of differences", () => {
      for (let seed = 0; seed < 6; seed++) {
        const rng = random(seed);
        const params = paramsOf("f64");
        const node = applied(
          op,
          rng,
          params.map((p, i) => parameter(i, p)),
        );
        if (node?.type.k !== "tensor" || !isFloat(elemOf(node)) || elemOf(node) === "f32") continue;
        const shape = numbers(shapeAt(node));
        const weighted = lane("mul", node, lane("tanh", node));
        const loss = reduce(
          "add",
          shape.map((_, d) => d),
          lane("add", weighted, full(1, elemOf(node), shape)),
        );
        const args = params.map(p => draw(rng, p, numbers(p.shape)));
        if (Number.isFinite(list(run(fn(params, [loss]), args)[0]!)[0])) expectGradients(fn(params, [loss]), args);
      }
    });
});
