/** Random values, initialisers and the row function through the command line, against JAX's bits and NumPy's integers. */
import { expect, test, vi } from "vitest";
import { compare } from "../../src/ir/bound.ts";
import type { TensorValue } from "../../src/ir/op.ts";
import { savedBounds } from "./bounds.ts";
import { Project } from "./project.ts";
import { type Ask, type Json, tensorIn, withPython } from "./python.ts";

vi.setConfig({ testTimeout: 300_000 });
const SEEDS = [0, 1, 2 ** 31, 2 ** 32 + 5, 2 ** 53 - 1];
const root = (x: number): number => Math.fround(Math.sqrt(Math.fround(x)));
const numbers = (t: TensorValue): readonly number[] => Array.from(t.data, Number);
const seeded = (seed: number): readonly string[] => ["--seed", String(seed)];

withPython("chance by JAX", "chance.py", ask => {
  const tensor = async (question: string, given: { readonly [k: string]: Json }): Promise<TensorValue> =>
    tensorIn(await ask(question, given));

  test.each(SEEDS)("uniform has the bits of jax.random, seed %d", async seed => {
    const p = new Project();
    const shapes = [[], [1], [17], [3, 5, 7], [1025], [100_003]];
    p.run(shapes.map((s, i) => `let u${i} = uniform([${s}])\nsave u${i} to "u${i}.npy"\n`).join(""), ...seeded(seed));
    for (const [i, shape] of shapes.entries())
      expect(p.npy(`u${i}.npy`)).toEqual(await tensor("uniform", { path: `u${i}.uniform1`, shape, seed }));
  });
  test("two calls at one name, a seed of its own, integers, coins and permutations", async () => {
    const p = new Project();
    p.run(`let two = concat([uniform([5]), uniform([5])])
let own = uniform([7], seed: 9)
let whole = randint(-3, 9, [33])
let coin = i32(bernoulli(0.3, [100]))
let order = permutation(300)
${["two", "own", "whole", "coin", "order"].map(n => `save ${n} to "${n}.npy"\n`).join("")}`);
    const uniform = async (path: string, count: number, seed = 0) =>
      numbers(await tensor("uniform", { path, shape: [count], seed }));
    expect(numbers(p.npy("two.npy"))).toEqual([
      ...(await uniform("two.uniform1", 5)),
      ...(await uniform("two.uniform2", 5)),
    ]);
    expect(numbers(p.npy("own.npy"))).toEqual(await uniform("own.uniform1", 7, 9));
    const whole = await tensor("randint", { path: "whole.randint1", shape: [33], low: -3, high: 9, seed: 0 });
    expect(p.npy("whole.npy")).toEqual(whole);
    const coin = await tensor("bernoulli", { path: "coin.bernoulli1.uniform1", shape: [100], p: 0.3, seed: 0 });
    expect(p.npy("coin.npy")).toEqual(coin);
    const order = await tensor("permutation", { path: "order.permutation1.uniform1", count: 300, seed: 0 });
    expect(p.npy("order.npy")).toEqual(order);
  });

  test.each(SEEDS.slice(0, 3))(
    "initialisers are JAX's draws within the rounding of their formula, seed %d",
    async seed => {
      const p = new Project();
      p.run(
        `model Net(x: f32[1, 9, 9]) -> f32[11] = x |> conv(6, kernel: [3, 2], init: he()) |> flatten |> dense(40) |> dense(11, init: normal_init(0.05)) |> dense(11, init: uniform_init(-0.5, 2)) |> dense(11, init: xavier())
let net = init(Net)
save net to "net.safetensors"
let n = normal([4099], 2, 0.5)
save n to "n.npy"
`,
        ...seeded(seed),
      );
      const bounds = savedBounds(p.path("program.hs"), seed);
      const net = p.tensors("net.safetensors");
      const near = async (name: string, got: TensorValue, draw: string, more: { readonly [k: string]: Json }) => {
        const theirs = await tensor(draw, { shape: got.shape, seed, ...more });
        const bounded = bounds.get(name)!;
        expect(compare(got, bounded).wrong, `${name} by hsc`).toBeUndefined();
        const { wrong, undecided, elements } = compare(theirs, bounded);
        expect(wrong, `${name} by JAX`).toBeUndefined();
        expect(undecided / elements).toBeLessThan(0.05);
      };
      const of = (path: string) => [`net.safetensors ${path}`, net.get(path)!] as const;
      expect(["conv1.w", "dense1.w", "dense2.w", "dense3.w", "dense4.w"].map(n => net.get(n)!.shape)).toEqual([
        [6, 1, 3, 2],
        [336, 40],
        [40, 11],
        [11, 11],
        [11, 11],
      ]);
      const at = (layer: string, init: string): string => `net.init1.Net.${layer}.w.init.${init}`;
      // fans: all but the filters of a kernel, both sides of a matrix
      await near(...of("conv1.w"), "normal", { path: at("conv1", "normal1.uniform1"), std: root(2 / 6) });
      const high = root(6 / (336 + 40));
      await near(...of("dense1.w"), "uniform", { path: at("dense1", "uniform1"), low: -high, high });
      await near(...of("dense2.w"), "normal", { path: at("dense2", "normal1.uniform1"), std: 0.05 });
      await near(...of("dense3.w"), "uniform", { path: at("dense3", "uniform1"), low: -0.5, high: 2 });
      const side = root(6 / 22);
      await near(...of("dense4.w"), "uniform", { path: at("dense4", "uniform1"), low: -side, high: side });
      await near("n.npy", p.npy("n.npy"), "normal", { path: "n.normal1.uniform1", mean: 2, std: 0.5 });
      for (const b of ["conv1.b", "dense1.b", "dense2.b"]) expect(numbers(net.get(b)!).every(v => v === 0)).toBe(true);
    },
  );

  test("initialisers that draw nothing", async () => {
    const p = new Project();
    const shapes = [
      [2, 3, 4, 4],
      [1, 1, 5, 5],
      [1, 2, 3, 3],
      [3, 1, 8, 8],
    ];
    p.run(
      `save constant_init(0.3)([3, 5]) to "c.npy"\nsave zeros_init()([7]) to "z.npy"\n${shapes
        .map((s, i) => `save bilinear()([${s}]) to "b${i}.npy"\n`)
        .join("")}`,
    );
    expect(p.npy("c.npy")).toEqual(await tensor("constant", { shape: [3, 5], value: 0.3 }));
    expect(p.npy("z.npy")).toEqual(await tensor("constant", { shape: [7], value: 0 }));
    const bounds = savedBounds(p.path("program.hs"));
    for (const [i, shape] of shapes.entries()) {
      const bounded = bounds.get(`b${i}.npy`)!;
      expect(compare(p.npy(`b${i}.npy`), bounded).wrong, `[${shape}] by hsc`).toBeUndefined();
      expect(compare(await tensor("bilinear", { shape }), bounded).wrong, `[${shape}] by NumPy`).toBeUndefined();
    }
  });

  test.each(SEEDS)("split, shuffle and sample choose and order rows as NumPy does, seed %d", async seed => {
    const p = new Project();
    const count = 1003;
    const shares = [0.5, 0.3, 0.2];
    const names = ["a", "b", "c"] as const;
    p.save(
      "ids.npy",
      "f32",
      [count],
      Array.from({ length: count }, (_, i) => i),
    );
    const given = { count, seed };
    const parts = ((await ask("split", { ...given, path: "parts.split1", shares })) as readonly Json[]).map(t =>
      numbers(tensorIn(t)),
    ); // as: a list of tensors
    const sampled = numbers(await tensor("sample", { ...given, path: "sampled.sample1", fraction: 0.37 }));
    const collect = (name: string, rows: readonly number[]): string =>
      `print ${name}_count = count(${name})\nsave collect(${name} |> take(${rows.length})) to "${name}.npy"\n`;
    const out = p.run(
      `let ids: f32[${count}] = npy("ids.npy")
let parts = rows(ids) |> split({ a: 0.5, b: 0.3, c: 0.2 })
${names.map(n => `let ${n} = parts.${n}\n`).join("")}
let order = rows(ids) |> shuffle
let again = rows(ids) |> shuffle
let own = shuffle(rows(ids), seed: 11)
let sampled = sample(rows(ids), 0.37)
let both = sampled |> shuffle |> take(10)
${names.map((n, i) => collect(n, parts[i]!)).join("")}${collect("sampled", sampled)}
save collect(order |> take(${count})) to "order.npy"
save collect(again |> take(${count})) to "again.npy"
save collect(own |> take(${count})) to "own.npy"
save collect(both) to "both.npy"
`,
      ...seeded(seed),
    );
    const said = (n: string): number => Number(new RegExp(`^${n}_count = (\\d+)$`, "m").exec(out)?.[1]);
    for (const [i, n] of names.entries()) {
      expect(said(n)).toBe(parts[i]!.length);
      expect(numbers(p.npy(`${n}.npy`))).toEqual(parts[i]!);
    }
    expect(parts.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
    expect([said("sampled"), numbers(p.npy("sampled.npy"))]).toEqual([sampled.length, sampled]);
    const order = async (path: string, s: number) => numbers(await tensor("shuffled", { count, path, seed: s }));
    expect(numbers(p.npy("order.npy"))).toEqual(await order("order.shuffle1", seed));
    expect(numbers(p.npy("again.npy"))).toEqual(await order("again.shuffle1", seed));
    expect(numbers(p.npy("own.npy"))).toEqual(await order("own.shuffle1", 11));
    const chosen = new Set(sampled);
    const kept = (await order("both.shuffle1", seed)).filter(row => chosen.has(row)).slice(0, 10);
    expect(numbers(p.npy("both.npy"))).toEqual(kept);
  });

  test("draws per row are new in each epoch, whatever the batches", async () => {
    const [count, epochs] = [19, 3];
    const drawn = await perRow(ask, "net.map2.uniform1", count, epochs);
    for (const batch of [1, 4, 19, 64]) {
      const p = new Project();
      p.save("x.npy", "f32", [count], new Float32Array(count).fill(1));
      // the gradient is the mean of a batch's draws; every row has a weight of its own, so nothing is added up but epochs
      p.run(`let x: f32[${count}] = npy("x.npy")
model M(i: i32) -> f32 = { weight w: f32[${count}] = 0  sum(where(range(${count}) == i, w, 0)) }
let net = train(M, rows(x) |> map(v => { x: v }) |> zip_index |> map(r => { i: i32(r.index), u: uniform() }), loss: (m, r) => m(r.i) * r.u,
  optimizer: sgd(1.0), batch: ${batch}, epochs: ${epochs}, shuffle: false)
save net to "net.safetensors"
`);
      const w = p.tensors("net.safetensors").get("w")!;
      const size = (row: number): number => Math.min(batch, count - batch * Math.floor(row / batch));
      for (let row = 0; row < count; row++) {
        // u / n rounded, and the sum of the epochs: 2 roundings each
        const terms = drawn.map(e => e[row]! / size(row));
        const want = -terms.reduce((a, b) => a + b, 0);
        const bound = 2 * epochs * 2 ** -24 * Math.abs(want);
        expect(Math.abs(numbers(w)[row]! - want), `row ${row} in batches of ${batch}`).toBeLessThanOrEqual(bound);
      }
    }
  });
});
async function perRow(ask: Ask, path: string, count: number, epochs: number): Promise<readonly (readonly number[])[]> {
  const all = numbers(tensorIn(await ask("rows", { path, places: ["epoch", "row", "high"], epochs, count, seed: 0 })));
  return Array.from({ length: epochs }, (_, e) => all.slice(e * count, (e + 1) * count));
}
