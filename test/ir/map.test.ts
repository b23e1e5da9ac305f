/** Index maps: what they read, composed and turned around, against reading one after the other. */
import { describe, expect, it } from "vitest";
import { evaluate } from "../../src/ir/interp.ts";
import { adjoint, bounds, compose, coordinate, flatIndices, type IndexMap, isAffine } from "../../src/ir/map.ts";
import { fn, type Node } from "../../src/ir/node.ts";
import * as o from "../../src/ir/ops/index.ts";
import { print } from "../../src/ir/text.ts";
import { atN, dim, N, sizeOf, tensor } from "../../src/ir/type.ts";
import { shapeAtN, tabulate, take, tensorOf } from "../../src/ir/value.ts";
import { seeded } from "./grow.ts";

const mapOf = (x: Node): IndexMap => {
  const k = x.op.kernel;
  if (k.k !== "view") throw new Error("no view");
  return k.map(x);
};
const atCount = (m: IndexMap, n: number): IndexMap => ({
  ...m,
  guards: m.guards.map(g => ({ ...g, below: atN(g.below, n) })),
});
const views = o.allOps().filter(op => op.kernel.k === "view" && op.sample);
const x = o.parameter(0, tensor("f32", [N, 4, 6]));
/** a view of a view of x, chosen by the seed */
function chain(seed: number): readonly [Node, Node] | undefined {
  const rng = seeded(seed);
  const first = rng.pick(views).sample!(rng, [x]);
  const second = first && rng.pick(views).sample!(rng, [first]);
  return second && first !== x && second !== first ? [first, second] : undefined;
}
const read = (m: IndexMap, y: Node, from: ReturnType<typeof tensorOf>, n: number) => {
  const shape = shapeAtN(o.shapeAt(y), n);
  return take(from, flatIndices(atCount(m, n), shape, from.shape), shape, m.fill);
};

describe("random views", () => {
  it("a view reads what its map says, and two what their composition says", () => {
    let composed = 0;
    for (let seed = 0; seed < 400; seed++) {
      const found = chain(seed);
      if (!found) continue;
      const [first, second] = found;
      for (const n of [1, 3]) {
        const value = tabulate("f32", [n, 4, 6], i => i + 1);
        const [mid, want] = evaluate(fn([x.type], [first, second]), [value], n).map(tensorOf);
        expect(read(mapOf(first), first, value, n), print(fn([x.type], [first]))).toEqual(mid);
        const both = compose(mapOf(second), mapOf(first), o.shapeAt(second));
        if (!both) continue;
        composed++;
        expect(read(both, second, value, n), print(fn([x.type], [second]))).toEqual(want);
      }
    }
    expect(composed).toBeGreaterThan(300);
  });
  it("the adjoint of a map that reads each element once brings all of them back, and zeros elsewhere", () => {
    let turned = 0;
    for (let seed = 0; seed < 400; seed++) {
      const y = chain(seed)?.[0];
      if (!y) continue;
      const back = adjoint(mapOf(y), o.shapeAt(y), o.shapeAt(x));
      if (!back) continue;
      turned++;
      const n = 3;
      const value = tabulate("f32", [n, 4, 6], i => i + 1);
      const image = read(mapOf(y), y, value, n);
      const seen = new Set(flatIndices(atCount(mapOf(y), n), image.shape, value.shape));
      const got = read(back, x, image, n);
      const want = Array.from<number | bigint>(value.data).map((v, i) => (seen.has(i) ? v : 0));
      expect(Array.from<number | bigint>(got.data), print(fn([x.type], [y]))).toEqual(want);
    }
    expect(turned).toBeGreaterThan(100);
  });
});

describe("reshape", () => {
  const affine = (from: readonly (number | typeof N)[], to: readonly (number | typeof N)[]) =>
    mapOf(o.reshape(to, o.parameter(0, tensor("f32", from)))).in.every(isAffine);
  it("is affine where dims of 1 come and go, and where dims merge", () => {
    expect(affine([N, 4, 6], [N, 4, 1, 6])).toBe(true);
    expect(affine([1, 4, 1], [4])).toBe(true);
    expect(affine([N, 24], [N, 4, 6])).toBe(true);
    expect(affine([dim(24, 0)], [N, 4, 6])).toBe(true);
    expect(affine([4, N], [1, 4, 1, N])).toBe(true);
  });
  it("divides only where one dim becomes several", () => {
    const flat = mapOf(o.reshape([N, 24], o.parameter(0, tensor("f32", [N, 4, 6])))).in;
    expect(flat.map(isAffine)).toEqual([true, false, false]);
    expect(flat[1]).toMatchObject({ div: 6, terms: [{ axis: 1, by: 1 }] });
    expect(flat[2]).toMatchObject({ div: 1, mod: 6 });
  });
  it("twice is once, where a remainder is divided again", () => {
    const cube = o.parameter(0, tensor("f32", [2, 3, 4]));
    const outer = mapOf(o.reshape([24], o.parameter(0, tensor("f32", [2, 12]))));
    const inner = mapOf(o.reshape([2, 12], cube));
    expect(compose(outer, inner, [24])).toEqual(mapOf(o.reshape([24], cube)));
    const deeper = mapOf(o.reshape([2, 2, 6], o.parameter(0, tensor("f32", [2, 2, 2, 3]))));
    const flat = mapOf(o.reshape([24], o.parameter(0, tensor("f32", [2, 2, 6]))));
    expect(compose(flat, deeper, [24])).toEqual(mapOf(o.reshape([24], o.parameter(0, tensor("f32", [2, 2, 2, 3])))));
  });
  it("there and back is nothing", () => {
    const y = o.reshape([N, 24], x);
    const there = mapOf(y);
    const back = mapOf(o.apply("reshape", [y], { shape: o.shapeAttr([N, 4, 6]) }));
    const both = compose(back, there, [N, 4, 6])!;
    expect(both.in.map(c => [c.base, c.div, c.mod, c.terms])).toEqual([
      [0, 1, undefined, [{ axis: 0, by: 1 }]],
      [0, 1, undefined, [{ axis: 1, by: 1 }]],
      [0, 1, undefined, [{ axis: 2, by: 1 }]],
    ]);
    const round = compose(there, back, [N, 24])!;
    expect(round.in.every(isAffine)).toBe(true);
  });
});

describe("forms", () => {
  it("have bounds over boxes with records", () => {
    const f = {
      base: 3,
      terms: [
        { axis: 0, by: 2 },
        { axis: 1, by: -1 },
      ],
    };
    expect(bounds(f, [N, 5])).toEqual({ low: -1, high: { n: 2, plus: 1 } });
  });
  it("lose a modulus and a division that do nothing", () => {
    const shape = [3, 4];
    const f = {
      base: 0,
      terms: [
        { axis: 0, by: 4 },
        { axis: 1, by: 1 },
      ],
    };
    expect(coordinate(f, 4, undefined, shape)).toEqual({ base: 0, terms: [{ axis: 0, by: 1 }], div: 1 });
    expect(coordinate(f, 1, 4, shape)).toEqual({ base: 0, terms: [{ axis: 1, by: 1 }], div: 1 });
    expect(coordinate(f, 1, sizeOf(shape), shape)).toEqual({ ...f, div: 1 });
    expect(coordinate(f, 3, undefined, shape)).toEqual({ ...f, div: 3 });
  });
});
