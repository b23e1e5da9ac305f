/** iterate, fold, scan: written out and as loops, their gradients, chance in them, and what is wrong. By the interpreter. */
import { describe, expect, test } from "vitest";
import { topological } from "../../src/ir/node.ts";
import { said } from "./checking.ts";
import { run, stageOf } from "./lowering.ts";

const all = (program: string): readonly (readonly number[])[] =>
  run(program).effects.flatMap(e => e.map(([, v]) => [...v.data].map(Number)));
const near = (program: string, ...want: readonly (readonly number[])[]): void => {
  const got = all(program);
  expect(got.map(x => x.length)).toEqual(want.map(x => x.length));
  for (const [i, x] of want.entries()) for (const [j, v] of x.entries()) expect(got[i]![j]).toBeCloseTo(v, 5);
};
const loops = (program: string): number =>
  topological(stageOf(program).main.results).filter(n => n.op.control === "loop").length;

describe("iterate", () => {
  test("a state, so many times", () => {
    near("print iterate(1.0, x => x * 2, 3)\nprint iterate(1.0, x => x * 2, times: 12)\n", [8], [4096]);
    near("print iterate([1.0, 2.0], x => x * x, 0)\n", [1, 2]);
  });
  test("until says when: after the trip that made it true", () => {
    const newton = "print iterate(1.0, x => (x + 2 / x) / 2, times: 30, until: (old, new) => abs(new - old) < 1e-6)\n";
    near(newton, [Math.SQRT2]);
    near("print iterate(0, x => x + 1, times: 100, until: (old, new) => new >= 7)\n", [7]);
    near("print iterate(0, x => x + 1, times: 3, until: (old, new) => new >= 2)\n", [2]);
  });
  test("each record of a map ends by itself", () => {
    near(
      "print map([1.0, 2.0, 9.0], x => iterate(x, y => y / 2, times: 10, until: (a, b) => b < 0.3))\n",
      [0.25, 0.25, 0.28125],
    );
  });
  test("many trips outside of records are one loop, few are written out", () => {
    expect(loops("print iterate(1.0, x => x * 2, 12)\n")).toBe(1);
    expect(loops("print iterate(1.0, x => x * 2, 3)\n")).toBe(0);
    expect(loops("print grad(x => iterate(x, y => y * 2, 12))(1.0)\n")).toBe(0);
  });
  test("a record as state, literals taking the types of what becomes of them", () => {
    near("print iterate({ a: 1, b: 0 }, s => { b: s.b + 0.5, a: s.a + 1 }, 10)\n", [11], [5]);
  });
  test("the gradient goes through all trips", () => {
    near("print grad(x => iterate(x, y => y * y, times: 3))(1.1)\n", [8 * 1.1 ** 7]);
  });
});
describe("fold and scan", () => {
  test("over a tensor, along axis 0", () => {
    near("print fold(range(10), 0, (s, i) => s + i * 0.5)\n", [22.5]);
    near("print scan(range(7), 0, (s, x) => s + x)\n", [0, 1, 3, 6, 10, 15, 21]);
    near("print scan([[1.0, 2.0], [3.0, 4.0]], [0.0, 0.0], (s, x) => s + x)\n", [1, 2, 4, 6]);
    near("print scan([1.0, 2.0, 3.0], { s: 0, n: 0 }, (s, x) => { s: s.s + x, n: s.n + 1 })\n", [1, 3, 6], [1, 2, 3]);
  });
  test("over a record of tensors of one length", () => {
    near("print fold({ a: [1.0, 2.0], b: [10.0, 20.0] }, 0.0, (s, r) => s + r.a * r.b)\n", [50]);
  });
  test("over a list of anything", () => {
    near("print fold(grid({ a: [1, 2], b: [10.0] }), 0.0, (s, h) => s + h.a * h.b)\n", [30]);
    near("print scan(grid({ a: [1, 2] }), { n: 5 }, (s, h) => { n: s.n * h.a })\n", [5, 10]);
  });
  test("gradients, also in a map", () => {
    near("print grad(x => fold([1.0, 2.0, 3.0], 0, (s, y) => s + (x * y)^2))(2.0)\n", [56]);
    near("print map([1.0, 2.0], x => grad(y => fold([1.0, 2.0], y, (s, z) => s * z * y))(x))\n", [6, 24]);
  });
  test("chance differs from trip to trip, and does not hang on how the loop is made", () => {
    const long = all("print scan(range(6), 0.0, (s, i) => uniform())\n")[0]!;
    expect(new Set(long).size).toBe(6);
    const written = all("print map([0.0], z => scan(range(6), z, (s, i) => uniform(seed: 3)))\n")[0]!;
    expect(new Set(written).size).toBe(6);
  });
});
describe("what is wrong", () => {
  const cases = [
    "print iterate(1.0, x => [x, x], 3)",
    "print iterate(1.0, x => x, times: -1)",
    "print iterate(1.0, 3, times: 1)",
    "print iterate(1.0, x => x, times: 3, until: (a, b) => a)",
    "print fold(3, 0, (s, x) => s)",
    "print fold(rows([1, 2]), 0, (s, x) => s)",
    "print scan({ a: [1, 2], b: [1, 2, 3] }, 0, (s, x) => s)",
    "print scan(range(3), { a: 0 }, (s, x) => { a: s.a, b: x })",
    "print scan(range(3), 0, s => s)",
  ];
  test("the table", async () => {
    const shown = cases.map(c => `===== ${c}\n${said(`${c}\n`)}\n`).join("\n");
    await expect(shown).toMatchFileSnapshot("./loops.txt");
  });
});
