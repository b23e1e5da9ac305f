/** Small whole programs against NumPy's figures, by the interpreter: sweeps as tables, k-means, custom histories. */
import { expect, test } from "vitest";
import { type Files, run } from "./lowering.ts";

const points: Files = {
  rows: {
    d: {
      x: {
        store: "f32",
        shape: [8, 2],
        // two clouds, around (0, 0) and (5, 5)
        data: [0, 0.5, 5, 4, -0.5, 0, 6, 5, 0.25, -0.25, 5, 6, 0, 0, 4, 5],
      },
    },
  },
};
const effects = (
  program: string,
  files: Files = points,
): readonly (readonly (readonly [string, readonly number[]])[])[] =>
  run(program, files).effects.map(e => e.map(([path, v]) => [path, [...v.data].map(Number)] as const));

test("the trials of a sweep are a table", () => {
  const [table, list] =
    effects(`let t = grid({ lr: [0.5, 0.25], k: [1, 2] }) |> map(h => { ...h, s: h.lr * h.k, good: h.k == 2 })
print t
print t |> map(.lr)
`);
  expect(table).toEqual([
    ["lr", [0.5, 0.5, 0.25, 0.25]],
    ["k", [1, 2, 1, 2]],
    ["s", [0.5, 1, 0.25, 0.5]],
    ["good", [0, 1, 0, 1]],
    ["", [4]],
  ]);
  expect(list!.map(([path]) => path)).toEqual([".0", ".1", ".2", ".3"]);
});
test("k-means: means by group in a loop that ends when the centres stand still", () => {
  const [centres, sizes] = effects(`let d = idx("d") |> map(r => r.x)
param k = 2
fn nearest(c, x) = argmin(sum((c - x)^2, axis: 1))
let centres = d |> take(k) |> collect |> iterate(
  c => d |> mean_by(x => nearest(c, x), groups: k, empty: c), times: 20, until: (old, new) => max(abs(new - old)) < 1e-4)
print centres
print d |> count_by(x => nearest(centres, x), groups: k)
`);
  expect(centres).toEqual([["", [-0.0625, 0.0625, 5, 5]]]);
  expect(sizes).toEqual([["", [4, 4]]]);
});
test("power iteration over the rows", () => {
  // the covariance around the mean, by NumPy: its largest eigenvalue
  const [value] = effects(`let d = idx("d") |> map(r => r.x)
let mu = mean(d)
let c = d |> mean(x => outer(x - mu, x - mu))
let v = iterate([1.0, 0.0], v => { let u = c @ v
  u / norm(u) }, times: 60)
print dot(v, c @ v)
`);
  expect(value![0]![1][0]).toBeCloseTo(12.78320496, 4);
});
