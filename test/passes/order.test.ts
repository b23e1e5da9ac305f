/** What a block computes stands in an order in which each comes after what it reads, and once. */
import { expect, test } from "vitest";
import type { Kernel } from "../../src/ir/kernel.ts";
import type { Node } from "../../src/ir/node.ts";
import * as g from "../../src/ir/ops/index.ts";
import { tensor } from "../../src/ir/type.ts";
import { inOrder, isKernel, type Unit } from "../../src/passes/plan/order.ts";

const x = g.parameter(0, tensor("f32", [4]));
const exp = g.lane("exp2", x);
const sum = g.reduce("add", [0], exp);
const wide = g.broadcast([4], [], sum);
const quotient = g.lane("div", exp, wide);
const kernel = (name: string, ...covers: Node[]): Kernel => ({ name, phases: [], covers });
const names = (units: readonly Unit[]): readonly string[] => units.map(u => (isKernel(u) ? u.name : u.op.name));
const units = (...kernels: readonly Kernel[]): ReadonlyMap<Node, Kernel> =>
  new Map(kernels.flatMap(k => k.covers.map(n => [n, k] as const)));

test("each comes after what it reads", () => {
  const of = units(kernel("exp", exp), kernel("sum", sum), kernel("quotient", quotient));
  expect(names(inOrder([quotient], of, new Set()))).toEqual(["in", "exp", "sum", "broadcast", "quotient"]);
});
test("a view between nodes of one kernel leads back to it", () => {
  const of = units(kernel("softmax", exp, sum, quotient));
  const order = names(inOrder([quotient, sum], of, new Set()));
  expect(order.filter(n => n === "softmax")).toEqual(["softmax"]);
  expect(order.indexOf("in")).toBeLessThan(order.indexOf("softmax"));
});
test("what is done is not done again, and is added to what is done", () => {
  const of = units(kernel("exp", exp), kernel("sum", sum), kernel("quotient", quotient));
  const done = new Set<Unit>();
  expect(names(inOrder([sum], of, done))).toEqual(["in", "exp", "sum"]);
  expect(names(inOrder([quotient], of, done))).toEqual(["broadcast", "quotient"]);
  expect(inOrder([quotient, sum], of, done)).toEqual([]);
});
test("chains of any length", () => {
  let last: Node = x;
  for (let i = 0; i < 20_000; i++) last = g.lane(i % 2 ? "neg" : "abs", last);
  expect(inOrder([last], new Map(), new Set()).at(-1)).toBe(last);
});
