/** Whatever tile decides, a kernel stays what it means: random kernels, those of a training step, and folds over records made ready. */
import { describe, expect, it } from "vitest";
import type { Kernel, Tensor } from "../../src/ir/kernel.ts";
import { accessesOf, along } from "../../src/ir/kernel-walk.ts";
import { address, panels, plain, points } from "../../src/ir/layout.ts";
import type { Data } from "../../src/ir/loop-data.ts";
import { interpret } from "../../src/ir/loop-interp.ts";
import { printLoop } from "../../src/ir/loop-text.ts";
import { verifyLoop } from "../../src/ir/loop-verify.ts";
import { emit } from "../../src/passes/emit/index.ts";
import { AVX2 } from "../../src/passes/profile.ts";
import { registerTile } from "../../src/passes/register-tile.ts";
import { splitFolds } from "../../src/passes/split.ts";
import { tile } from "../../src/passes/tile.ts";
import { CASES } from "../emit/cases.ts";
import { compare, fill, seeded, tensorsOf } from "../emit/harness.ts";
import { convForward, convWeight, denseWeight, N, plainWeight } from "../emit/kernels.ts";
import { GATHERED, randomKernel } from "../emit/random.ts";

const only = (k: Kernel) => k.phases[0]!;
describe("tile", () => {
  for (const [title, make] of CASES)
    it(`keeps the meaning of ${title}`, () => {
      const [kernel] = make();
      const schedule = tile(kernel);
      for (const n of [0, 1, 17]) expect([n, compare(kernel, schedule, n, n + 1).wrong.slice(0, 5)]).toEqual([n, []]);
    });
  it("keeps the meaning of random kernels", () => {
    for (let seed = 1; seed <= 60; seed++) {
      const kernel = randomKernel(seed);
      const n = [0, 1, 15, 16, 17, 33][seed % 6]!;
      const { loop, wrong } = compare(kernel, tile(kernel), n, seed, undefined, GATHERED);
      expect([seed, n, wrong.slice(0, 5)]).toEqual([seed, n, []]);
      expect([seed, verifyLoop(loop, { registers: Infinity }).errors]).toEqual([seed, []]);
    }
  });
  it("finds the register tiles that were measured best", () => {
    const conv = only(convForward({ n: N, h: 12, w: 12, ci: 20, co: 50, k: 5, p: 0, BO: 5 })[0]);
    expect(registerTile(conv, "n", 16, AVX2)).toEqual([{ axis: "co", size: 6 }]);
    const wide = only(convWeight({ n: N, h: 12, w: 12, ci: 20, co: 50, k: 5, p: 0, BO: 5, KT: 2, CT: 5, R: 8 })[0]);
    expect(registerTile(wide, "r", 8, AVX2).map(c => c.size)).toEqual([6, 2]);
    const dense = only(denseWeight({ n: N, ci: 800, co: 500 })[0]);
    expect(registerTile(dense, "co", 16, AVX2)).toEqual([{ axis: "ci", size: 6 }]);
  });
});

/** runs kernels one after the other on buffers that they share */
function runAll(kernels: readonly Kernel[], data: Map<string, Data>, n: number, seed: number): void {
  for (const k of kernels) {
    for (const [name, d] of fill(k, n, seeded(seed))) if (!data.has(name)) data.set(name, d);
    interpret(emit(k, tile(k)), new Map([...tensorsOf(k).keys()].map(t => [t, data.get(t)!])), n);
  }
}
function values(t: Tensor, d: Data, n: number): readonly number[] {
  const shape = t.shape.map(s => (typeof s === "number" ? s : s.n * n + s.plus));
  return [...points(shape)].map(c => Number(d[address(t, c, n)]!));
}
describe("folds over records", () => {
  const product = (ci: number, co: number): Kernel => {
    const of = (name: string, c: number): Tensor => ({
      name,
      store: "f32",
      shape: [N, c],
      layout: panels([N, c]),
    });
    const [k] = plainWeight({ n: N, ci, co });
    const to = accessesOf(k).writes[0]!;
    const read = (t: Tensor, axis: string) =>
      ({ k: "read", from: { of: t, index: [along("n"), along(axis)] } }) as const;
    return {
      name: "dw",
      covers: [],
      phases: [
        {
          axes: [
            { name: "ci", extent: ci, role: "parallel" },
            { name: "co", extent: co, role: "parallel" },
            { name: "n", extent: N, role: "reduce" },
          ],
          reduce: [
            {
              name: "s",
              op: "add",
              value: { k: "prim", prim: "mul", args: [read(of("x", ci), "ci"), read(of("dy", co), "co")] },
            },
          ],
          then: [{ to: { ...to, index: [along("ci"), along("co")] }, value: { k: "name", name: "s" } }],
        },
      ],
    };
  };
  it("of two values per record read one with its units in lanes", () => {
    for (const [ci, co] of [
      [20, 48],
      [13, 44],
      [40, 11],
    ] as const)
      for (const n of [0, 1, 16, 33]) {
        const k = product(ci, co);
        const [copy, turned, ...more] = splitFolds([k]);
        expect(more).toEqual([]);
        expect(copy!.name).toBe("dw.turn");
        const [one, two] = [fill(k, n, seeded(n)), new Map(fill(k, n, seeded(n)))];
        runAll([k], one, n, n);
        runAll([copy!, turned!], two, n, n);
        const w = accessesOf(k).writes[0]!.of;
        const [a, b] = [values(w, one.get(w.name)!, n), values(w, two.get(w.name)!, n)];
        a.forEach((v, i) => {
          expect(Math.abs(v - b[i]!)).toBeLessThanOrEqual((n + 8) * 2 ** -24 * n * 0.25);
        });
      }
  });
  it("of two values per record leave both as they lie where the units would fill less than two lanes of three", () => {
    for (const [ci, co] of [
      [40, 10],
      [784, 3],
    ] as const)
      expect(splitFolds([product(ci, co)])).toEqual([product(ci, co)]);
  });
  it("of many values are dealt to items", () => {
    const items = (k: Kernel) => tile(k).phases[0]!.steps.filter(s => "at" in s && s.at === "grid").length;
    expect([items(product(20_000, 3)), items(product(784, 3))]).toEqual([1, 0]);
  });
  it("end a row of units in the shortest vector, beside its neighbours", () => {
    for (const co of [333, 150, 61]) {
      const [k] = plainWeight({ n: N, ci: 7, co });
      const text = printLoop(emit(k, tile(k)));
      expect(text.includes(":gather") || text.includes(`boolx16`)).toBe(false);
      expect(compare(k, tile(k), 18, 18).wrong).toEqual([]);
    }
  });
});

describe("without records", () => {
  const read = (of: Tensor, ...axes: string[]) =>
    ({ k: "read", from: { of, index: axes.map(a => along(a)) } }) as const;
  const tensor = (name: string, store: "f32" | "f64", ...shape: number[]): Tensor => ({
    name,
    store,
    shape,
    layout: plain(shape),
  });
  const FORMS = [
    "ik,kj->ij",
    "ik,jk->ij",
    "ki,kj->ij",
    "ki,jk->ij",
    "bik,bkj->bij",
    "ikl,klj->ij",
    "ij,j->i",
    "ij,i->j",
  ];
  /** y[..] = sum a[..] * b[..], as an einsum */
  function einsum(spec: string, sizes: Readonly<Record<string, number>>, store: "f32" | "f64"): Kernel {
    const [ins, out] = spec.split("->") as [string, string];
    const [a, b] = ins.split(",").map(s => [...s]) as [string[], string[]];
    const of = (name: string, axes: readonly string[]): Tensor => tensor(name, store, ...axes.map(x => sizes[x]!));
    const axes = [...new Set([...out, ...a, ...b])].map(
      x => ({ name: x, extent: sizes[x]!, role: out.includes(x) ? "parallel" : "reduce" }) as const,
    );
    const value = { k: "prim", prim: "mul", args: [read(of("a", a), ...a), read(of("b", b), ...b)] } as const;
    const to = read(of("y", [...out]), ...out).from;
    const then = [{ to, value: { k: "name", name: "s" } }] as const;
    return { name: spec, covers: [], phases: [{ axes, reduce: [{ name: "s", op: "add", value }], then }] };
  }
  const SIZES = [1, 3, 4, 8, 13, 16, 31, 34, 50, 67];
  it("keeps the meaning of products of any shape", () => {
    let copied = 0;
    for (let seed = 1; seed <= 80; seed++) {
      const chance = seeded(seed);
      const pick = <T>(of: readonly T[]): T => of[Math.floor(chance() * of.length)]!;
      const spec = pick(FORMS);
      const sizes = { i: pick(SIZES), j: pick(SIZES), k: pick(SIZES), l: pick([1, 2, 5]), b: pick([1, 3]) };
      const kernel = einsum(spec, sizes, pick(["f32", "f32", "f64"]));
      const schedule = tile(kernel, { ...AVX2, nearBytes: pick([0, AVX2.nearBytes]), pointRate: pick([1, 30_000]) });
      if (schedule.phases[0]!.steps.some(s => "pack" in s)) copied++;
      const { loop, wrong } = compare(kernel, schedule, 1, seed);
      expect([spec, sizes, wrong.slice(0, 5)]).toEqual([spec, sizes, []]);
      expect(verifyLoop(loop, { registers: Infinity }).errors).toEqual([]);
    }
    expect(copied).toBeGreaterThan(5);
  });
  it("keeps the meaning of sums and extrema along rows", () => {
    for (let seed = 1; seed <= 40; seed++) {
      const chance = seeded(seed);
      const pick = <T>(of: readonly T[]): T => of[Math.floor(chance() * of.length)]!;
      const [i, j, k] = [pick([1, 5, 16]), pick([1, 2, 7]), pick([0, 1, 8, 17, 33, 70])];
      const x = tensor("x", pick(["f32", "f64"]), i, j, k);
      const axes = Object.entries({ i, j, k }).map(
        ([name, extent]) => ({ name, extent, role: name === "i" ? "parallel" : "reduce" }) as const,
      );
      const kernel: Kernel = {
        name: "rows",
        covers: [],
        phases: [
          {
            axes,
            reduce: [{ name: "s", op: pick(["add", "max", "min", "mul"]), value: read(x, "i", "j", "k") }],
            then: [{ to: read(tensor("y", x.store as "f32", i), "i").from, value: { k: "name", name: "s" } }],
          },
        ],
      };
      const { wrong } = compare(kernel, tile(kernel, { ...AVX2, pointRate: pick([1, 30_000]) }), 1, seed);
      expect([seed, i, j, k, wrong.slice(0, 5)]).toEqual([seed, i, j, k, []]);
    }
  });
});

describe("records at many places", () => {
  /** y[n, t, o] = sum_k x[n, t, k] * w[k, o], or w[o, k]; with windows: x[n, t + k, c] */
  const layer = (places: number, k: number, o: number, turned: boolean): Kernel => {
    const of = (name: string, ...shape: number[]): Tensor => {
      const all = [N, ...shape];
      return { name, store: "f32", shape: all, layout: panels(all) };
    };
    const shape = turned ? [o, k] : [k, o];
    const w: Tensor = { name: "w", store: "f32", shape, layout: plain(shape) };
    const read = (t: Tensor, ...axes: string[]) =>
      ({ k: "read", from: { of: t, index: axes.map(a => along(a)) } }) as const;
    const weights = turned ? read(w, "o", "k") : read(w, "k", "o");
    return {
      name: "layer",
      covers: [],
      phases: [
        {
          axes: [
            { name: "n", extent: N, role: "parallel" },
            { name: "t", extent: places, role: "parallel" },
            { name: "o", extent: o, role: "parallel" },
            { name: "k", extent: k, role: "reduce" },
          ],
          reduce: [
            {
              name: "s",
              op: "add",
              value: { k: "prim", prim: "mul", args: [read(of("x", places, k), "n", "t", "k"), weights] },
            },
          ],
          then: [{ to: read(of("y", places, o), "n", "t", "o").from, value: { k: "name", name: "s" } }],
        },
      ],
    };
  };
  it("copies weights whose rows meet in the cache, where many places use them", () => {
    // no place's values stay in a cache so small
    const small = { ...AVX2, nearBytes: 128 };
    const copies = (k: Kernel): boolean => tile(k, small).phases[0]!.steps.some(s => "pack" in s);
    expect(copies(layer(32, 5, 256, false))).toBe(true);
    expect(copies(layer(32, 256, 7, true))).toBe(true);
    expect(copies(layer(4, 5, 256, false))).toBe(false);
    expect(copies(layer(32, 1, 250, false))).toBe(false);
    // walked with steps, and too many for the near cache beside what they meet
    expect(copies(layer(32, 64, 250, false))).toBe(true);
    expect(copies(layer(32, 64, 250, true))).toBe(false);
    for (const n of [0, 1, 17]) {
      const kernel = n ? layer(33, 3, 256, false) : layer(32, 256, 3, true);
      expect([n, compare(kernel, tile(kernel, small), n, n + 1).wrong.slice(0, 5)]).toEqual([n, []]);
    }
  });
  it("does one after the other, where its values and the weights stay in the caches", () => {
    const axes = (k: Kernel, profile = AVX2): readonly string[] =>
      tile(k, profile).phases[0]!.steps.flatMap(s => ("axis" in s ? [s.axis] : []));
    const first = layer(32, 5, 250, false);
    const place = first.phases[0]!.axes[1]!.name;
    expect(axes(first).indexOf(place)).toBe(1);
    expect(axes(first, { ...AVX2, cacheBytes: 1024 }).indexOf(place)).toBeGreaterThan(1);
    expect(axes(layer(4, 5, 250, false)).indexOf(place)).toBeGreaterThan(1);
    for (const k of [layer(33, 3, 20, false), layer(32, 12, 7, true)])
      for (const n of [1, 17]) expect([n, compare(k, tile(k), n, n + 1).wrong.slice(0, 5)]).toEqual([n, []]);
  });
});
