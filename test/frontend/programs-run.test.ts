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
test("a partial load says what it did not find, and initialises it", () => {
  const files: Files = {
    tensors: {
      "dense1.w": { store: "f32", shape: [2, 3], data: [1, 2, 3, 4, 5, 6] },
      "dense2.w": { store: "f32", shape: [3, 3], data: [0, 0, 0, 0, 0, 0, 0, 0, 0] },
    },
  };
  const { stage, effects } = run(
    `model M(x: f32[2]) -> f32[1] = x |> dense(3) |> dense(1, init: constant_init(7))
print load(M, "old.safetensors", partial: true)
`,
    files,
  );
  expect(stage.effects.map(e => (e.k === "print" && e.value.k === "text" ? e.value.text : e.k))).toEqual([
    "old.safetensors has no tensor `dense1.b`: initialised",
    "`dense2.w` is [3, 3] in old.safetensors and [3, 1] in M: initialised",
    "old.safetensors has no tensor `dense2.b`: initialised",
    "print",
  ]);
  expect(effects.at(-1)!.map(([path, v]) => [path, [...v.data].map(Number)])).toEqual([
    ["dense1.w", [1, 2, 3, 4, 5, 6]],
    ["dense1.b", [0, 0, 0]],
    ["dense2.w", [7, 7, 7]],
    ["dense2.b", [0]],
  ]);
});
const rows: Files = {
  rows: { d: { x: { store: "f32", shape: [5, 2], data: [1, 0, 0, 1, 2, 2, -1, 1, 0, 3] } } },
};
test("steps without epochs: a row of the history per epoch that was begun", () => {
  const [history, steps] = effects(
    `let d = idx("d")
let net = train(x => x |> dense(1), d, (m, r) => sum(m(r.x)^2), sgd(0.01), batch: 2, steps: 7)
save history(net) to "h.csv"
print history(net) |> max_by(.epoch)
`,
    rows,
  );
  const column = (name: string): readonly number[] => history!.find(([n]) => n === name)![1];
  // what is saved passes in batches, of which this is the only one
  expect(column("epoch").slice(0, 4)).toEqual([1, 2, 3, 0]);
  expect(column("step").slice(0, 4)).toEqual([3, 6, 7, 0]);
  expect(steps!.map(([name, v]) => [name, v.length])).toContainEqual(["step", 1]);
  expect(
    column("loss")
      .slice(0, 3)
      .every(l => l > 0),
  ).toBe(true);
});
test("freeze holds states; a model without a loss is not moved", () => {
  const program = `let d = idx("d")
model A(x: f32[2]) -> f32[2] = x |> batch_norm |> dense(2)
model B(x: f32[2]) -> f32 = x |> dense(1) |> sum
let start = init({ a: A, b: B })
let net = train(start, d, { a: (m, r) => m.b(m.a(r.x))^2 }, adam(0.1), batch: 5, epochs: 3, freeze: ["*.running_*"])
save net to "n.safetensors"
save start to "s.safetensors"
`;
  const [after, before] = effects(program, rows);
  const old = new Map(before);
  const moved = after!.map(([path, v]) => [path, v.some((x, k) => x !== old.get(path)![k])] as const);
  expect(moved).toEqual([
    ["a.batch_norm1.scale", true],
    ["a.batch_norm1.shift", true],
    ["a.batch_norm1.running_mean", false],
    ["a.batch_norm1.running_var", false],
    ["a.dense1.w", true],
    ["a.dense1.b", true],
    ["b.dense1.w", false],
    ["b.dense1.b", false],
  ]);
});
test("quantile and describe, as NumPy (inverted_cdf, std of all)", () => {
  const files: Files = {
    rows: {
      d: {
        a: { store: "f32", shape: [7], data: [3.5, -1.25, 0, 8, 2, 2, -7] },
        b: { store: "u8", shape: [7], data: [9, 1, 4, 4, 7, 0, 2] },
        c: { store: "f32", shape: [7, 2], data: Array.from({ length: 14 }, (_, i) => i) },
      },
    },
  };
  const quantiles = [0, 0.2, 0.5, 0.75, 1].map(q => `print quantile(d, ${q}, .a)\n`).join("");
  const all = effects(
    `let d = idx("d")\n${quantiles}print quantile(d, 0.6, .b)\nprint d |> map(.b) |> quantile(0.9)\nprint describe(d)\n`,
    files,
  );
  expect(all.slice(0, 7).map(e => e[0]![1][0])).toEqual([-7, -1.25, 2, 3.5, 8, 4, 9]);
  const described = new Map(all[7]);
  expect([...described.keys()]).toEqual(["a", "b"].flatMap(f => ["mean", "std", "min", "max"].map(m => `${f}.${m}`)));
  expect(described.get("a.mean")![0]).toBeCloseTo(1.0357143, 6);
  expect(described.get("a.std")![0]).toBeCloseTo(4.264531, 6);
  expect([described.get("b.min"), described.get("b.max")]).toEqual([[0], [9]]);
});
