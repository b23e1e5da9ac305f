/** What is drawn in an element of a map, written out or not, hangs on the number of the element and on nothing else. By the interpreter. */
import { describe, expect, test } from "vitest";
import { run } from "./lowering.ts";

/** the elements 0, 1 and 2 as they are known: when compiling, when the program runs, with 67 behind them */
const ELEMENTS: readonly (readonly [string, string])[] = [
  ["known when compiling", "let xs = [0.0, 1.0, 2.0]\n"],
  ["known when the program runs", "param one = 1.0\nlet xs = [0.0, 1.0, 2.0] * one\n"],
  ["three of 70", "let xs = f32(range(70))\n"],
];
const DATA = `let d = rows(f32(range(9))) |> map(x => { x: x })
model Line(x: f32) -> f32 = unsqueeze(x, 0) |> dense(2) |> dropout(0.3) |> dense(1) |> reshape([])
fn fitted(n, d) = train(n, d, loss: (m, r) => (m(r.x) - r.x + 0.1 * uniform())^2, optimizer: sgd(0.01), epochs: 2, batch: 4)
`;
const values = (program: string): readonly number[] =>
  run(program).effects.flatMap(e => e.flatMap(([, v]) => [...v.data].map(Number)));
const CASES: readonly (readonly [string, string])[] = [
  ["a number", "map(xs, x => uniform() + x)[0:3]"],
  ["a number in a map of maps", "map(xs, x => map(xs, y => uniform()))[0:3, 0:3]"],
  ["in a map of a map that is written out", "map(xs, x => map([5, 6], y => uniform()))[0:3]"],
  ["in a map that is written out of a map", "map([5, 6], y => map(xs, x => uniform()))[:, 0:3]"],
  ["in a fold in a map", "map(xs, x => fold(range(6), 0.0, (s, i) => s + uniform()))[0:3]"],
  ["rows of a sample", "map(xs, x => d |> sample(0.5) |> sum(r => r.x^2))[0:3]"],
  ["rows of a sample with a seed", "map(xs, x => d |> sample(0.5, seed: 3) |> sum(r => r.x^2))[0:3]"],
  ["the order of rows", "map(xs, x => (d |> shuffle |> take(4) |> collect).x)[0:3]"],
  ["a part of a split", "map(xs, x => split(d, { a: 0.5, b: 0.5 }).b |> sum(r => r.x^2))[0:3]"],
  [
    "numbers of rows",
    "map(xs, x => d |> map(r => { x: r.x * uniform() }) |> filter(r => r.x > uniform()) |> sum(.x))[0:3]",
  ],
  ["weights", "map(xs, x => init(Line)(1.0))[0:3]"],
  ["a training: weights, order, losses", "map(xs, x => fitted(Line, d)(1.0))[0:3]"],
  ["a training that goes on from another", "map(xs, x => fitted(fitted(init(Line), d), d |> take(5))(1.0))[0:3]"],
  ["its history", "map(xs, x => history(fitted(Line, d)) |> sum(.loss))[0:3]"],
];
describe.each(CASES)("%s", (_, expression) => {
  const [known, ...others] = ELEMENTS.map(([, xs]) => values(`${xs}${DATA}print ${expression}\n`));
  test.each(others.map((v, i) => [ELEMENTS[i + 1]![0], v] as const))("the same for elements %s", (_, v) => {
    expect(v).toEqual(known);
  });
  test("another one for each element", () => {
    const size = known!.length / 3;
    const whole = [0, 1, 2].map(i => known!.slice(i * size, (i + 1) * size).join());
    const parts = expression.startsWith("map([") ? known!.map(String) : whole;
    expect(new Set(parts).size).toBe(parts.length);
  });
});
