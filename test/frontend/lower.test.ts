/** Lowering: rows, chance, nets, effects, dims, run-time checks and limits, by the interpreter on small programs. */
import { describe, expect, test } from "vitest";
import { Refusal } from "../../src/frontend/lower/index.ts";
import { type Fn, fnsOf, type Node, spansOf, topological } from "../../src/ir/node.ts";
import { type Files, type FileTensor, run, stageOf } from "./lowering.ts";

const vector = (...data: number[]): FileTensor => ({ store: "f32", shape: [data.length], data });
const count = (n: number): FileTensor => vector(...Array.from({ length: n }, (_, i) => i));
const rows: Files = { rows: { d: { x: count(8), y: { store: "u8", shape: [8], data: [1, 0, 1, 1, 0, 0, 1, 0] } } } };
const d = `let d = idx("d")\n`;
/** the elements of the one tensor of each effect */
const values = (program: string, files: Files = {}, seed = 0): readonly (readonly number[])[] =>
  run(program, files, seed).effects.map(e => [...e[0]![1].data].map(Number));
const refusal = (make: () => unknown): string => {
  try {
    make();
  } catch (e) {
    if (e instanceof Refusal) return e.diagnostics.map(x => `${x.severity}: ${x.message}`).join("\n");
    throw e;
  }
  return "";
};

describe("rows", () => {
  test("actions", () => {
    const program = `${d}print count(d)
print d |> sum(.x)
print d |> mean(.x)
print d |> min(.x)
print d |> max(r => [r.x, 1 - r.x])
print d |> mean(r => r.y == 1)
print d |> sum(r => r.y == 1)
print d |> any(r => r.x > 6.5)
print d |> all(r => r.x > 0.5)
`;
    expect(values(program, rows)).toEqual([[8], [28], [3.5], [0], [7, 1], [0.5], [4], [1], [0]]);
  });
  test("a row function captures what lies outside", () => {
    const program = `${d}let m = d |> mean(.x)\nlet w = [1.0, 2.0]\nprint d |> mean(r => (r.x - m) * w + m)\n`;
    expect(values(program, rows)).toEqual([[3.5, 3.5]]);
  });
  test("filter, map, take and collect", () => {
    const program = `${d}let e = d |> filter(r => r.y == 1) |> map(r => { a: r.x * 2, b: { c: r.y } }) |> take(3) |> collect\nprint e.a\nprint e.b.c\n`;
    expect(values(program, rows)).toEqual([
      [0, 4, 6],
      [1, 1, 1],
    ]);
  });
  test("collect of all rows of a file takes their number from its header", () => {
    expect(values(`${d}print d |> map(r => r.x + 1) |> collect\n`, rows)).toEqual([[1, 2, 3, 4, 5, 6, 7, 8]]);
  });
  test("the parts of a split are disjoint and together all rows", () => {
    const program = `${d}let p = d |> split({ a: 0.5, b: 0.5 })\nprint count(p.a)\nprint count(p.b)\nprint (p.a |> sum(.x)) + (p.b |> sum(.x))\n`;
    const [a, b, all] = values(program, rows);
    expect(a![0]! + b![0]!).toBe(8);
    expect(all).toEqual([28]);
  });
  test("shuffle reorders, batch groups, zip_index numbers, rows cuts a tensor", () => {
    const program = `${d}let s = d |> map(.x) |> shuffle |> take(8) |> collect\nprint s
print d |> map(.x) |> batch(3) |> take(2) |> collect
let z = d |> zip_index |> take(2) |> collect\nprint z.index
print rows([[1.0, 2.0], [3.0, 4.0]]) |> sum(x => x)
`;
    const [s, b, z, r] = values(program, rows);
    expect([...s!].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(s).not.toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect([b, z, r]).toEqual([
      [0, 1, 2, 3, 4, 5],
      [0, 1],
      [4, 6],
    ]);
  });
  test("print of an rdd is a table of its first rows", () => {
    const { stage, effects } = run(`${d}print d |> filter(r => r.y == 1)\n`, rows);
    const [effect] = stage.effects;
    expect(effect?.k === "print" && effect.value.k).toBe("table");
    const [x, y, n] = effects[0]!;
    expect([x![0], y![0], Number(n![1].data[0])]).toEqual(["x", "y", 4]);
    expect([...x![1].data].slice(0, 4)).toEqual([0, 2, 3, 6]);
    expect(x![1].shape).toEqual([10]);
  });
  test("the statistics of the prelude", () => {
    const program = `${d}print d |> var(.x)
print var(d, r => r.x)
let m = d |> moments(.x)
print standardize(3.5, m)
print d |> confusion(r => i32(r.x > 3), .y, 2)
print d |> count_by(r => i32(r.y), 2)
print d |> sum_by(r => i32(r.y), 2, .x)
print d |> mean_by(r => i32(r.y), 3, r => [r.x, 1.0], empty: -1.0)
print d |> rmse(r => r.x, r => r.x + 2)
print d |> f1(r => r.x > 3, r => r.y == 1)
`;
    const got = values(program, rows);
    expect(got.slice(0, 6)).toEqual([[5.25], [5.25], [0], [1, 3, 3, 1], [4, 4], [17, 11]]);
    expect(got[6]).toEqual([4.25, 1, 2.75, 1, -1, -1]);
    expect(got[7]).toEqual([2]);
    expect(got[8]).toEqual([0.25]);
  });
});

describe("chance", () => {
  test("a draw in a map is new in each row, and the same in each run", () => {
    const program = `${d}print d |> map(r => uniform()) |> take(8) |> collect\n`;
    const [a] = values(program, rows);
    expect(new Set(a).size).toBe(8);
    expect(values(program, rows)).toEqual([a]);
    expect(values(program, rows, 1)).not.toEqual([a]);
  });
  test("rows keep their draws where others are dropped", () => {
    const all = values(
      `${d}let e = d |> map(r => { u: uniform(), x: r.x })\nprint e |> map(.u) |> take(8) |> collect\n`,
      rows,
    )[0]!;
    const some = values(
      `${d}let e = d |> map(r => { u: uniform(), x: r.x })\nprint e |> filter(r => r.x > 4) |> map(.u) |> take(3) |> collect\n`,
      rows,
    )[0]!;
    expect(some).toEqual(all.slice(5));
  });
  test("map over a tensor draws anew for each slice", () => {
    const files = { tensors: { x: count(100) } };
    const [u] = values(`let x: f32[100] = npy("x.npy")\nprint x |> map(v => uniform())\n`, files);
    expect(new Set(u).size).toBe(100);
  });
  test("initialisers have the spread that they are made for", () => {
    const program = `let shape = [300, 200]
print std(xavier()(shape))
print std(he()(shape))
print std(normal_init(0.05)(shape))
print std(uniform_init(-1, 3)(shape))
print max(abs(xavier()(shape)))
`;
    const want = [Math.sqrt(2 / 500), Math.sqrt(2 / 300), 0.05, 4 / Math.sqrt(12), Math.sqrt(6 / 500)];
    const got = values(program).map(v => v[0]!);
    // 60000 draws: four standard errors of a standard deviation are 1.2 %
    for (const [i, w] of want.entries()) expect(Math.abs(got[i]! / w - 1)).toBeLessThan(0.012);
  });
  test("two places draw differently", () => {
    const [a, b] = values("let a = uniform([4])\nlet b = uniform([4])\nprint a\nprint b\n");
    expect(a).not.toEqual(b);
  });
});

describe("nets", () => {
  const model = "model M(x: f32[2]) -> f32[3] = x |> dense(3)\n";
  const weights = {
    "dense1.w": { store: "f32", shape: [2, 3], data: [1, 2, 3, 4, 5, 6] },
    "dense1.b": vector(0.5, 0.5, 0.5),
  } as const;
  test("init makes the weights; save shows them by path", () => {
    const [net, y] = run(`${model}let net = init(M)\nsave net to "m.safetensors"\nprint net([0.0, 0.0])\n`).effects;
    expect(net!.map(([path, v]) => [path, v.shape])).toEqual([
      ["dense1.w", [2, 3]],
      ["dense1.b", [3]],
    ]);
    expect([...y![0]![1].data]).toEqual([0, 0, 0]);
  });
  test("load takes them from a file", () => {
    const { effects, stage } = run(`${model}let net = load(M, "m.safetensors")\nprint net([1.0, 2.0])\n`, {
      tensors: weights,
    });
    expect([...effects[0]![0]![1].data]).toEqual([9.5, 12.5, 15.5]);
    expect(stage.inputs.map(i => (i.k === "file" ? i.tensor : i.k))).toEqual(["dense1.w", "dense1.b"]);
  });
  test("load refuses a file that differs, and with `partial` makes what is missing", () => {
    const program = (partial: string): string =>
      `${model}let net = load(M, "m.safetensors"${partial})\nsave net to "n.safetensors"\n`;
    const other = { "dense1.w": weights["dense1.w"], "dense1.c": weights["dense1.b"] };
    expect(refusal(() => stageOf(program(""), { tensors: other }))).toBe(
      "error: m.safetensors has no tensor `dense1.b`",
    );
    const wide = { ...weights, "dense1.b": vector(1) };
    expect(refusal(() => stageOf(program(""), { tensors: wide }))).toBe(
      "error: `dense1.b` is [1] in m.safetensors and [3] in M",
    );
    const net = run(program(", partial: true"), { tensors: other }).effects.at(-1);
    expect(net!.map(([, v]) => [...v.data])).toEqual([
      [1, 2, 3, 4, 5, 6],
      [0, 0, 0],
    ]);
  });
  test("train continues from a net, and its loss may draw", () => {
    const program = `${d}model L(x: f32) -> f32 = {
  weight w: f32 = 0
  w * x
}
let a = train(L, d, loss: (m, r) => (m(r.x) - 3 * r.x + 0.001 * uniform())^2, optimizer: sgd(0.01), batch: 3, epochs: 20)
let b = train(a, d, loss: (m, r) => (m(r.x) - 3 * r.x)^2, optimizer: adam(0.1), batch: 8, steps: 2, shuffle: false)
save a to "a.safetensors"
save b to "b.safetensors"
`;
    const [a, b] = values(program, rows);
    expect(Math.abs(a![0]! - 3)).toBeLessThan(0.01);
    expect(b).not.toEqual(a);
    expect(values(program, rows)).toEqual([a, b]);
  });
  test("an optimizer of one's own, with a schedule that is a function", () => {
    const program = `${d}model L(x: f32) -> f32 = {
  weight w: f32 = 0
  w * x
}
let up = { init: w => { n: 0.0, last: w }, step: (w, g, s, t) => { w: w + 1 + t.step, s: { n: s.n + 1, last: w } } }
let a = train(L, d, loss: (m, r) => m(r.x)^2, optimizer: up, batch: 4, epochs: 2, shuffle: false)
save a to "a.safetensors"
`;
    expect(values(program, rows)).toEqual([[1 + 2 + 3 + 4]]);
  });
  test("grad of a function of a record of tensors", () => {
    const files = { tensors: { x: vector(1, 2, 3) } };
    const program = `let x: f32[3] = npy("x.npy")
let g = grad(p => sum(p.a^3 * x) + p.b)({ a: x, b: 2.0 })
print g.a
print g.b
print value_and_grad(v => sum(v * v))(x).value
`;
    expect(values(program, files)).toEqual([[3, 24, 81], [1], [14]]);
  });
});

describe("dims and checks", () => {
  test("sides of files are numbers when lowering", () => {
    const files = {
      tensors: {
        a: { store: "f32", shape: [2, 3], data: [1, 2, 3, 4, 5, 6] },
        b: { store: "f32", shape: [3, 1], data: [1, 1, 1] },
      },
    } as const;
    const program = `let a: f32[n, k] = npy("a.npy")\nlet b: f32[k, m] = npy("b.npy")\nprint a @ b\nprint n * m\n`;
    expect(values(program, files)).toEqual([[6, 15], [2]]);
    const wrong = { tensors: { ...files.tensors, b: { store: "f32", shape: [2, 1], data: [1, 1] } } } as const;
    expect(refusal(() => stageOf(program, wrong))).toContain("3 and 2");
  });
  test("an index outside of its axis is a fault with its record, and is clamped", () => {
    const program = `${d}let table = [10.0, 20.0, 30.0]\nprint d |> map(r => table[i32(r.x)]) |> take(8) |> collect\n`;
    const { effects, faults } = run(program, rows);
    expect([...effects[0]![0]![1].data]).toEqual([10, 20, 30, 30, 30, 30, 30, 30]);
    expect(faults).toHaveLength(5);
  });
  test("a slice that starts where the data say", () => {
    const files = { tensors: { x: count(10), i: { store: "i32", shape: [], data: [4] } } } as const;
    const program = `let x: f32[10] = npy("x.npy")\nlet i: i32 = npy("i.npy")\nprint slice(x, [i], [3])\n`;
    expect(values(program, files)).toEqual([[4, 5, 6]]);
    const beyond = run(program, { tensors: { ...files.tensors, i: { store: "i32", shape: [], data: [8] } } });
    expect([...beyond.effects[0]![0]![1].data]).toEqual([7, 8, 9]);
    expect(beyond.faults).toHaveLength(1);
  });
  test("min of no rows is a fault", () => {
    expect(run(`${d}print d |> filter(r => r.x > 9) |> min(.x)\n`, rows).faults).toHaveLength(1);
  });
  test("fewer rows than take promised are a fault", () => {
    const program = `${d}print d |> filter(r => r.x > 5) |> map(.x) |> take(3) |> collect\n`;
    const { effects, faults } = run(program, rows);
    expect([...effects[0]![0]![1].data]).toEqual([6, 7, 0]);
    expect(faults).toEqual(["there are fewer than 3 rows to collect (record 2)"]);
  });
  test("a dim that data decide is a limit", () => {
    expect(refusal(() => stageOf(`${d}let n = count(d |> filter(r => r.x > 2))\nprint zeros([n])\n`, rows))).toMatch(
      /^limit: a dim that is known only when data has been seen .* is not built yet$/,
    );
  });
  test("params are inputs, unless they decide a shape", () => {
    const stage = stageOf("param lr = 0.5\nparam k = 3\nprint lr * ones([k])\n");
    expect(stage.inputs).toMatchObject([{ k: "param", name: "lr", value: 0.5 }]);
  });
});

test("every node has a place in the text", () => {
  const stage = stageOf(
    `${d}model L(x: f32) -> f32[1] = reshape(x, [1]) |> dense(4) |> relu |> dense(1)
let a = train(L, d, loss: (m, r) => mse(m(r.x), [f32(r.y)]), optimizer: adam(0.1), batch: 4, epochs: 2)
print d |> mean(r => a(r.x)[0])
`,
    rows,
  );
  const bare: Node[] = [];
  const seen = new Set<Fn>();
  const stack = [stage.main];
  while (stack.length) {
    const f = stack.pop()!;
    if (seen.has(f)) continue;
    seen.add(f);
    for (const n of topological(f.results)) {
      if (!spansOf(n).length && n.op.control !== "param") bare.push(n);
      stack.push(...fnsOf(n));
    }
  }
  expect(bare.map(n => n.op.name)).toEqual([]);
});
