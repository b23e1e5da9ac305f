/** Which effects are one goal: those that share what they compute, and of which the first waits for nothing and fails by nothing of the second. */
import { describe, expect, test } from "vitest";
import type { Node } from "../../src/ir/node.ts";
import * as g from "../../src/ir/ops/index.ts";
import { tensor } from "../../src/ir/type.ts";
import { united } from "../../src/passes/plan/goals.ts";
import { closed } from "./graphs.ts";

const X = tensor("f32", [6]);
const [x, y] = [g.parameter(0, X), g.parameter(1, X)];
const e = g.lane("exp2", x);
const sum = (n: Node): Node => g.reduce("add", [0], n);
const twice = (n: Node): Node => g.lane("add", n, n);
/** a loop that doubles its state three times */
const later = (n: Node): Node =>
  g.get(
    0,
    g.loop(
      { trip: 3, states: 1, until: false, label: "l", names: ["a"], logs: [], body: closed([X], a => [twice(a!)]) },
      [n],
      [],
    ),
  );
const checked = (n: Node): Node => g.lane("mul", n, g.cast("f32", g.check(0, 0, 3, g.cast("i32", n))));

/** how many results each goal has, and that all effects are done in their order */
const parts = (...results: readonly (readonly Node[])[]): readonly number[] => {
  const goals = united(results.map((r, i) => ({ results: r, then: () => [{ k: "clock" as const, to: `${i}` }] })));
  expect(goals.flatMap(a => a.results)).toEqual(results.flat());
  const none = (): never => {
    throw new Error("no tensor is asked for");
  };
  expect(goals.flatMap(a => a.then!(none))).toEqual(results.map((_, i) => ({ k: "clock", to: `${i}` })));
  return goals.map(a => a.results.length);
};
describe("effects are one goal", () => {
  test.each([
    ["of which one reads what the other is made of", [[sum(e)], [g.lane("mul", e, y)]], [2]],
    ["of which one reads the other", [[e], [twice(e)], [sum(twice(e))]], [3]],
    ["of which one is the other's part", [[twice(e)], [e, twice(twice(e))]], [3]],
  ])("%s", (_, results, want) => expect(parts(...results)).toEqual(want));
});
describe("effects are goals of their own", () => {
  test.each([
    ["that share nothing", [[twice(x)], [twice(y)]], [1, 1]],
    ["that share an input alone", [[e], [g.lane("sin", x)]], [1, 1]],
    ["that share a view of an input", [[twice(g.reshape([2, 3], x))], [g.lane("sin", g.reshape([2, 3], x))]], [1, 1]],
    ["of which the second may fail", [[e], [checked(e)]], [1, 1]],
    ["of which the second goes in a loop", [[e], [later(e)]], [1, 1]],
    ["with one between that shares nothing", [[e], [twice(y)], [sum(e)]], [1, 1, 1]],
    ["none at all", [], []],
  ])("%s", (_, results, want) => expect(parts(...results)).toEqual(want));
  test("and one behind a loop joins what is made of it", () => {
    const end = later(x);
    expect(parts([twice(end)], [sum(twice(end))])).toEqual([2]);
  });
});
