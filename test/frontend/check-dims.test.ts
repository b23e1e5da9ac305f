/** Dims: sums of random polynomials mean what the numbers mean, and what is proved of them holds for all numbers. */
import { describe, expect, test } from "vitest";
import {
  addDims,
  compareDims,
  type Dim,
  divDims,
  maxDims,
  modDims,
  mulDims,
  negDim,
  relate,
  sameDim,
  showDim,
  subDims,
  substitute,
  symbol,
} from "../../src/frontend/check/dims.ts";

const [n, m, k] = ["n", "m", "k"].map(s => symbol(s)) as [Dim, Dim, Dim];
let seed = 1;
const int = (below: number): number => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
};
/** a dim, and its value where n, m, k are numbers */
type Pair = readonly [dim: Dim, at: (x: readonly number[]) => number];
function random(depth: number): Pair {
  if (depth === 0) {
    const i = int(4);
    const c = int(7) - 2;
    return i < 3 ? [[n, m, k][i]!, x => x[i]!] : [c, () => c];
  }
  const [a, f] = random(depth - 1);
  const [b, g] = random(depth - 1);
  const by = 1 + int(4);
  switch (int(6)) {
    case 0:
      return [addDims(a, b), x => f(x) + g(x)];
    case 1:
      return [subDims(a, b), x => f(x) - g(x)];
    case 2:
      return [mulDims(a, b), x => f(x) * g(x)];
    case 3:
      return [divDims(a, by), x => Math.floor(f(x) / by)];
    case 4:
      return [maxDims(a, b), x => Math.max(f(x), g(x))];
    default:
      return [modDims(a, by), x => f(x) - by * Math.floor(f(x) / by)];
  }
}
const points = Array.from({ length: 12 }, () => [int(9), int(9), int(9)]);
const at = (d: Dim, x: readonly number[]): Dim => substitute(d, id => x["nmk".indexOf(id)]);

describe("laws", () => {
  test("a normal form means what the sum means", () => {
    for (let i = 0; i < 2000; i++) {
      const [d, f] = random(1 + int(4));
      for (const x of points) expect(at(d, x), `${showDim(d)} at ${x}`).toBe(f(x) + 0);
    }
  });
  test("what is proved holds for all numbers", () => {
    const proved = { "<": 0, "=": 0, ">": 0, "<=": 0, ">=": 0, "?": 0 };
    for (let i = 0; i < 4000; i++) {
      const [a, f] = random(int(4));
      const [b, g] = random(int(4));
      const c = compareDims(a, b);
      proved[c]++;
      for (const x of points) {
        const [p, q] = [f(x), g(x)];
        const holds = { "<": p < q, "=": p === q, ">": p > q, "<=": p <= q, ">=": p >= q, "?": true }[c];
        expect(holds, `${showDim(a)} ${c} ${showDim(b)} at ${x}`).toBe(true);
      }
    }
    for (const c of Object.values(proved)) expect(c).toBeGreaterThan(20);
  });
  test("equal sums have one form", () => {
    for (let i = 0; i < 500; i++) {
      const [[a], [b], [c]] = [random(2), random(2), random(2)];
      expect(sameDim(addDims(a, b), addDims(b, a))).toBe(true);
      expect(sameDim(mulDims(a, addDims(b, c)), addDims(mulDims(a, b), mulDims(a, c)))).toBe(true);
      expect(subDims(a, a)).toBe(0);
    }
  });
});

test.each<[Dim, string]>([
  [addDims(mulDims(2, n), 1), "2 * n + 1"],
  [subDims(1, n), "-n + 1"],
  [divDims(mulDims(6, n), 3), "2 * n"],
  [divDims(addDims(mulDims(4, n), 5), 2), "2 * n + 2"],
  [divDims(mulDims(n, m), m), "n"],
  [divDims(subDims(n, 1), 2), "div(n + 1, 2) - 1"],
  [divDims(mulDims(addDims(n, 1), m), addDims(n, 1)), "m"],
  [maxDims(n, addDims(n, 2)), "n + 2"],
  [maxDims(n, m), "max(m, n)"],
  [modDims(addDims(mulDims(4, n), 3), 4), "3"],
  [negDim(n), "-n"],
])("%# reads %s", (d, text) => {
  expect(showDim(d)).toBe(text);
});
test.each<[Dim, Dim, ReturnType<typeof relate>]>([
  [n, n, "equal"],
  [n, addDims(n, 1), "different"],
  [n, m, "unknown"],
  [addDims(n, m), addDims(m, n), "equal"],
  [addDims(n, 3), 2, "different"],
  [n, 0, "unknown"],
])("%# is %s", (a, b, relation) => {
  expect(relate(a, b)).toBe(relation);
});
