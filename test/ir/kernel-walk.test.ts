/** When two values of a kernel are one. */
import { expect, test } from "vitest";
import type { Val } from "../../src/ir/kernel.ts";
import { sameVal } from "../../src/ir/kernel-walk.ts";

const number = (value: number): Val => ({ k: "const", value, elem: "f32" });
test("constants are one by their bits", () => {
  const all = [0, -0, 1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const [i, x] of all.entries())
    for (const [j, y] of all.entries()) expect(sameVal(number(x), number(y)), `${x} and ${y}`).toBe(i === j);
  expect(sameVal(number(1), { k: "const", value: 1, elem: "i32" })).toBe(false);
});
test("primitives by their arguments, in order", () => {
  const axis = (name: string): Val => ({ k: "axis", axis: name });
  const sub = (...args: readonly Val[]): Val => ({ k: "prim", prim: "sub", args });
  expect(sameVal(sub(axis("i"), number(1)), sub(axis("i"), number(1)))).toBe(true);
  expect(sameVal(sub(axis("i"), number(1)), sub(number(1), axis("i")))).toBe(false);
  expect(sameVal(sub(axis("i"), number(1)), sub(axis("j"), number(1)))).toBe(false);
});
