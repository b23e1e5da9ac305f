/** --set of tensors: lists as they are written, against JSON, and what a plan takes of them. */
import { describe, expect, test } from "vitest";
import { listIn, type Plan } from "../../src/ir/plan.ts";
import { setParams } from "../../src/runtime/params.ts";

type Nested = number | readonly Nested[];
/** a tensor of these sides as nested lists, its numbers counted */
function nested(shape: readonly number[], count: { n: number }): Nested {
  const [first, ...rest] = shape;
  return first === undefined ? count.n++ - 3 : Array.from({ length: first }, () => nested(rest, count));
}
describe("lists of --set", () => {
  const shapes = [[1], [5], [2, 3], [3, 1, 2], [0], [2, 0], [1, 1, 1, 1]];
  for (const shape of shapes)
    test(`of sides ${shape.join(", ")}`, () => {
      const count = { n: 0 };
      const list = nested(shape, count);
      const items = Array.from({ length: count.n }, (_, i) => `${i - 3}`);
      expect(listIn(JSON.stringify(list))).toEqual({ shape, items });
      expect(listIn(` ${JSON.stringify(list, null, 2)}\n`)).toEqual({ shape, items });
    });
  for (const text of ["", "1", "[1,", "[1 2]", "[1,[2]]", "[[1],[2,3]]", "[[1],2]", "[1]]", "[,]", "[1,]", "a]"])
    test(`not ${JSON.stringify(text)}`, () => expect(listIn(text)).toBeUndefined());
});

describe("params of a plan that are tensors", () => {
  const params: Plan["params"] = [
    { name: "w", type: "f32", shape: [2, 2], value: [1, 2, 3, 4], default: [1, 2, 3, 4] },
    { name: "on", type: "bool", shape: [2], value: [true, false] },
    { name: "n", type: "i32", shape: [1], value: [5], default: [5], fixed: "a dim depends on it" },
  ];
  const set = (text: string) => setParams(params, new Map([text.split("=") as [string, string]])); // as: it has one
  test("elements, one for all, and files", () => {
    expect(set("w=[[1, -2.5], [inf, nan]]").get("w")).toEqual([1, -2.5, Infinity, Number.NaN]);
    expect(set("w=7").get("w")).toEqual([7, 7, 7, 7]);
    expect(set("on=[false,true]").get("on")).toEqual([false, true]);
    expect(set("w=a.npy").get("w")).toBe("a.npy");
    expect(set("n=[5]").get("n")).toEqual([5]);
  });
  test("what is not", () => {
    expect(() => set("w=[1,2,3,4]")).toThrow("param w is f32[2, 2], [1,2,3,4] is f32[4]");
    expect(() => set("w=[[1,2],[3,x]]")).toThrow('param w is f32, "x" is not');
    expect(() => set("w=1e39")).toThrow('param w is f32, "1e39" is not');
    expect(() => set("on=[1,0]")).toThrow('param on is bool, "1" is not');
    expect(() => set("n=[6]")).toThrow("param n was fixed to [5] when compiling");
  });
  test("integers that a number of f64 is", () => {
    const count: Plan["params"] = [{ name: "n", type: "i64", value: 1, default: 1 }];
    const given = (text: string) => setParams(count, new Map([["n", text]]));
    for (const n of [2 ** 53 - 1, 1 - 2 ** 53]) expect(given(String(n)).get("n")).toBe(n);
    for (const text of ["9007199254740993", "9223372036854775807", "-9007199254740993"])
      expect(() => given(text)).toThrow(`param n is i64, from -9007199254740991 to 9007199254740991, ${text} is not`);
  });
  test("as the program says where nothing is given", () => {
    expect(setParams(params.slice(0, 1), new Map(), true).get("w")).toEqual([1, 2, 3, 4]);
    expect(() => setParams(params, new Map(), true)).toThrow("the param `on` has no value");
  });
});
