/** The best of a list, a tensor, an rdd: known when compiling, or when the program has run. By the interpreter. */
import { describe, expect, test } from "vitest";
import { said } from "./checking.ts";
import { type Files, run } from "./lowering.ts";

const rows: Files = {
  rows: {
    d: {
      x: { store: "f32", shape: [6], data: [3, -1, 4, 1, 4, -1] },
      y: { store: "u8", shape: [6], data: [0, 1, 2, 3, 4, 5] },
    },
  },
};
const all = (program: string, files: Files = rows): readonly (readonly (readonly [string, readonly number[]])[])[] =>
  run(program, files).effects.map(e => e.map(([path, v]) => [path, [...v.data].map(Number)] as const));
const numbers = (program: string): readonly (readonly number[])[] => all(program).flatMap(e => e.map(([, v]) => v));

describe("max_by and min_by", () => {
  test("of the rows of an rdd: the first", () => {
    const program = 'let d = idx("d")\nprint max_by(d, .x)\nprint d |> min_by(.x)\nprint d |> max_by(r => -r.y)\n';
    expect(all(program)).toEqual([
      [
        ["x", [4]],
        ["y", [2]],
      ],
      [
        ["x", [-1]],
        ["y", [1]],
      ],
      [
        ["x", [3]],
        ["y", [0]],
      ],
    ]);
  });
  test("of the slices of a tensor", () => {
    expect(numbers("print [[1.0, 5.0], [3.0, 4.0], [2.0, 1.0]] |> max_by(r => r[0])\n")).toEqual([[3, 4]]);
    expect(numbers("print min_by([[1.0, 5.0], [3.0, 4.0], [2.0, 1.0]], r => r[1] % 4)\n")).toEqual([[3, 4]]);
  });
  test("of a list whose keys are known", () => {
    expect(numbers("print grid({ a: [1, 5, 3] }) |> max_by(.a)\n")).toEqual([[5]]);
    expect(numbers("print (grid({ a: [1, 5, 3] }) |> min_by(h => (h.a - 4)^2)).a\n")).toEqual([[5]]);
  });
  const trials = `let d = idx("d")
let all = grid({ k: [1, 3, 2], s: [1.0, -1.0] }) |> map(h => { ...h, score: sum(d, r => r.x) * h.s * h.k, f: x => x * h.k })
let best = all |> max_by(.score)
`;
  test("of a list whose keys only the run knows: its numbers are chosen then", () => {
    // the sum is 10, so k 3 and s 1
    expect(numbers(`${trials}print best.k\nprint best.s\nprint best.score\n`)).toEqual([[3], [1], [30]]);
  });
  test("its functions are all called", () => {
    expect(numbers(`${trials}print best.f(7)\n`)).toEqual([[21]]);
  });
  test("nets of different shapes: the one that is best is called and saved", () => {
    const program = `let d = idx("d")
let nets = grid({ n: [1, 2, 3] }) |> map(h => {
  let net = train(x => x |> dense(h.n) |> sum, d, (m, r) => (m([r.x]) - r.x)^2, sgd(0.0), epochs: 1)
  { n: h.n, net: net, score: -abs(h.n - 2.2 * mean(d, r => r.x) / mean(d, r => r.x)) }
})
let best = nets |> max_by(.score)
print best.n
print best.net([1.0]) - nets[1].net([1.0])
save best.net to "best.safetensors"
`;
    const [n, difference, saved] = all(program);
    expect([n, difference]).toEqual([[["", [2]]], [["", [0]]]]);
    expect(saved!.map(([path, w]) => [path, w.length])).toEqual([
      ["dense1.w", 2],
      ["dense1.b", 2],
    ]);
  });
  test("first of an rdd, a tensor, a list", () => {
    expect(
      numbers('let d = idx("d")\nprint first(d).x\nprint first([7, 8])\nprint first(grid({ a: [5, 6] })).a\n'),
    ).toEqual([[3], [7], [5]]);
  });
});
test("what is wrong", async () => {
  const cases = [
    "print max_by(grid({ a: [1, 2] }), h => [h.a, h.a])",
    "print first(3)",
    'let d = idx("images", "labels")\nlet a = grid({ k: [1, 2] }) |> map(h => { k: h.k, t: zeros([h.k]), s: sum(d, r => r.label * h.k) })\nprint max_by(a, .s).t + 1',
    'let d = idx("images", "labels")\nprint map(d, r => max_by(d, .label))',
  ];
  const shown = cases.map(c => `===== ${JSON.stringify(c)}\n${said(`${c}\n`)}\n`).join("\n");
  await expect(shown).toMatchFileSnapshot("./choice.txt");
});
