/** Gradients where differences say nothing: ties, jumps, zeros; adjointness of linear ops; second derivatives. */
import { describe, expect, it } from "vitest";
import { evaluate } from "../../src/ir/interp.ts";
import { fn, type Node } from "../../src/ir/node.ts";
import type { Value } from "../../src/ir/op.ts";
import * as o from "../../src/ir/ops/index.ts";
import { print } from "../../src/ir/text.ts";
import { atN, type Dim, N, type Type, tensor } from "../../src/ir/type.ts";
import { numbersOf, tabulate, tensorOf, tensorValue } from "../../src/ir/value.ts";
import { gradient } from "../../src/passes/autodiff.ts";
import { seeded } from "./grow.ts";

const NAN = Number.NaN;
const numbersIn = (v: Value | undefined): number[] => Array.from(numbersOf(tensorOf(v)));
/** d sum(y * weights) / d parameter 0 */
function pull(y: Node, types: readonly Type[], args: readonly Value[], weights?: readonly number[], n = 1): number[] {
  const shape = o.shapeAt(y);
  const g = o.parameter(types.length, tensor(o.elemOf(y), shape));
  const loss = o.reduce(
    "add",
    shape.map((_, d) => d),
    o.lane("mul", y, g),
  );
  const f = gradient(fn([...types, g.type], [loss]), [0]);
  const dims = shape.map(d => (typeof d === "number" ? d : d.n * n + d.plus));
  const seed = weights ? tensorValue("f64", dims, weights) : tabulate("f64", dims, () => 1);
  return numbersIn(evaluate(f, [...args, seed], n)[1]);
}
/** the gradient of f's sum at these values */
const at = (values: readonly number[], f: (x: Node) => Node, weights?: readonly number[]): number[] => {
  const x = o.parameter(0, tensor("f64", [values.length]));
  return pull(f(x), [x.type], [tensorValue("f64", [values.length], values)], weights);
};

describe("at ties and jumps", () => {
  it("max and min over axes give all to the first extremum", () => {
    expect(at([1, 3, 3, 0], x => o.reduce("max", [0], x))).toEqual([0, 1, 0, 0]);
    expect(at([0, 0, 0], x => o.reduce("max", [0], x))).toEqual([1, 0, 0]);
    expect(at([2, -1, -1], x => o.reduce("min", [0], x))).toEqual([0, 1, 0]);
    expect(at([1, NAN, 5, NAN], x => o.reduce("max", [0], x))).toEqual([0, 1, 0, 0]);
  });
  it("over several axes the first in row-major order", () => {
    const x = o.parameter(0, tensor("f64", [2, 2, 2]));
    const value = tensorValue("f64", [2, 2, 2], [0, 7, 7, 0, 1, 1, 1, 1]);
    expect(pull(o.reduce("max", [0, 2], x), [x.type], [value], [3, 5])).toEqual([0, 3, 5, 0, 0, 0, 0, 0]);
    expect(pull(o.reduce("max", [0, 1, 2], x), [x.type], [value])).toEqual([0, 1, 0, 0, 0, 0, 0, 0]);
  });
  it("over records, where the number of them is not known", () => {
    const x = o.parameter(0, tensor("f64", [N, 2]));
    const value = tensorValue("f64", [3, 2], [1, 1, 4, 4, 4, 4]);
    expect(pull(o.reduce("max", [0, 1], x), [x.type], [value], undefined, 3)).toEqual([0, 0, 1, 0, 0, 0]);
    expect(pull(o.reduce("max", [0], x), [x.type], [value], [2, 3], 3)).toEqual([0, 0, 2, 3, 0, 0]);
  });
  it("max pooling after relu: windows of zeros give to their first element", () => {
    const relu = (x: Node) => o.lane("max", x, o.fullLike(0, x));
    const pool = (x: Node) => o.reduce("max", [1], o.window(0, 2, 2, 1, x));
    expect(at([-1, -2, 5, 5, 0, -3], x => pool(relu(x)), [1, 10, 100])).toEqual([0, 0, 10, 0, 100, 0]);
    // overlapping windows: one element may be the first maximum of two
    expect(at([1, 9, 2], x => o.reduce("max", [1], o.window(0, 2, 1, 1, x)), [1, 10])).toEqual([0, 11, 0]);
  });
  it("of two arguments the first where they are equal", () => {
    expect(at([0, 1, -1], x => o.lane("max", x, o.fullLike(0, x)))).toEqual([1, 1, 0]);
    expect(at([0, 1, -1], x => o.lane("max", o.fullLike(0, x), x))).toEqual([0, 1, 0]);
    expect(at([0, 1, -1], x => o.lane("min", x, o.fullLike(0, x)))).toEqual([1, 0, 1]);
    expect(at([2], x => o.lane("max", x, x))).toEqual([1]);
  });
  it("abs at 0 is 0, steps are flat, comparisons pass nothing", () => {
    expect(at([0, -0, 2, -2], x => o.lane("abs", x))).toEqual([0, 0, 1, -1]);
    for (const p of ["floor", "ceil", "trunc", "rint"] as const)
      expect(at([1.5, 2], x => o.lane(p, x))).toEqual([0, 0]);
    expect(at([3], x => o.cast("f64", o.lane("lt", x, o.fullLike(2, x))))).toEqual([0]);
    expect(at([3], x => o.cast("f64", o.cast("i32", x)))).toEqual([0]);
    expect(at([3], x => o.stopGradient(x))).toEqual([0]);
  });
  it("a branch that is not chosen adds nothing, even where it divides by zero", () => {
    const safe = (p: (x: Node) => Node) => (x: Node) =>
      o.select(o.lane("lt", o.fullLike(0, x), x), p(x), o.fullLike(0, x));
    const one = (x: Node) => o.fullLike(1, x);
    expect(
      at(
        [0, 4],
        safe(x => o.lane("sqrt", x)),
      ),
    ).toEqual([0, 0.25]);
    expect(
      at(
        [0, 4],
        safe(x => o.lane("div", one(x), x)),
      ),
    ).toEqual([0, -1 / 16]);
    expect(
      at(
        [0, 4],
        safe(x => o.lane("div", x, x)),
      ),
    ).toEqual([0, 0]);
    expect(
      at(
        [0, 1],
        safe(x => o.lane("log2", x)),
      ),
    ).toEqual([0, Math.LOG2E]);
    expect(at([0], x => o.lane("sqrt", x))).toEqual([Number.POSITIVE_INFINITY]);
  });
  it("rem: the whole quotient flows to the divisor", () => {
    const b = (x: Node) => o.fullLike(2, x);
    expect(at([5.5, -5.5], x => o.lane("rem", x, b(x)))).toEqual([1, 1]);
    expect(at([2, 0.7], x => o.lane("rem", o.fullLike(5.5, x), x))).toEqual([-2, -7]);
  });
  it("a product with zeros: each factor gets the product of the others", () => {
    expect(at([2, 0, 3], x => o.reduce("mul", [0], x))).toEqual([0, 6, 0]);
    expect(at([0, 0, 3], x => o.reduce("mul", [0], x))).toEqual([0, 0, 0]);
    expect(at([2, 5, 3], x => o.reduce("mul", [0], x))).toEqual([15, 6, 10]);
  });
  it("one read twice by gather gets both", () => {
    const x = o.parameter(0, tensor("f64", [3]));
    const ids = o.parameter(1, tensor("i32", [4]));
    const args = [tensorValue("f64", [3], [1, 2, 3]), tensorValue("i32", [4], [2, 0, 2, 2])];
    expect(pull(o.gather(0, 0, x, ids), [x.type, ids.type], args, [1, 10, 100, 1000])).toEqual([10, 0, 1101]);
  });
});

const LINEAR: { readonly [name: string]: (x: Node) => readonly Node[] } = {
  reshape: x => [
    o.reshape([15, N], o.transpose([1, 2, 0], x)),
    o.reshape([{ n: 15, plus: 0 }], x),
    o.reshape([N, 5, 3], x),
  ],
  transpose: x => [o.transpose([2, 0, 1], x)],
  broadcast: x => [
    o.broadcast([N, 2, 3, 5], [0, 2, 3], x),
    o.broadcast([5, N, 4, 3], [1, 3, 0], x),
    o.broadcast([N, 3, 7], [0, 1, 2], o.sliceAxis(2, 1, 1, 1, x)),
  ],
  slice: x => [o.slice([0, 2, 4], [1, -2, -1], [N, 2, 3], x), o.sliceAxis(2, 1, 2, 2, x), o.sliceAxis(1, 0, 1, 0, x)],
  pad: x => [
    o.pad([0, 1, -2], [0, -1, 3], [0, 0, 0], 0, x),
    o.pad([2, 0, 1], [1, 0, 0], [0, 1, 2], 0, x),
    o.pad([0, -1, -1], [0, -1, 2], [0, 2, 1], 0, x),
  ],
  window: x => [
    o.window(2, 3, 1, 1, x),
    o.window(2, 2, 2, 3, x),
    o.window(2, 2, 3, 1, o.window(1, 2, 1, 2, x)),
    o.window(2, 1, 2, 1, x),
    o.window(2, 5, 1, 1, x),
  ],
  diagonal: x => [
    o.diagonal(1, 2, o.sliceAxis(2, 1, 1, 3, x)),
    o.diagonal(0, 3, o.broadcast([N, 3, 5, N], [0, 1, 2], x)),
  ],
  reduce: x => [o.reduce("add", [0], x), o.reduce("add", [1, 2], x), o.reduce("add", [0, 2], x)],
  concat: x => [o.concat(2, [x, o.sliceAxis(2, 0, 1, 2, x), x]), o.concat(0, [x, x, o.full(0, "f64", [2, 3, 5])])],
  gather: x => [
    o.gather(2, 0, x, o.full(3, "i32", [2])),
    o.gather(1, 0, x, o.iota("i32", [3, 2], 0)),
    o.gather(2, 1, x, o.iota("i32", [N, 4], 1)),
  ],
  scatter: x => [
    o.scatter("add", 2, 0, 4, o.full(3, "i32", [5]), x),
    o.scatter("add", 1, 1, 5, o.iota("i32", [N, 3], 1), x),
  ],
};
describe("the gradient of a linear op is its adjoint: <L x, y> = <x, L* y>", () => {
  const parameter = (shape: readonly Dim[]): Node => o.parameter(0, tensor("f64", shape));
  function isAdjoint(x: Node, y: Node): void {
    for (const n of [1, 3, 6]) {
      const rng = seeded(n);
      const shape = o.shapeAt(x).map(d => atN(d, n));
      const value = tabulate("f64", shape, () => rng.normal());
      const image = (v: Value): number[] => numbersIn(evaluate(fn([x.type], [y]), [v], n)[0]);
      // pad may fill with a number of its own, which is no part of what is linear
      const none = image(tabulate("f64", shape, () => 0));
      const weights = none.map(() => rng.normal());
      const left = image(value).reduce((s, v, i) => s + (v - none[i]!) * weights[i]!, 0);
      const right = pull(y, [x.type], [value], weights, n).reduce((s, v, i) => s + v * numbersIn(value)[i]!, 0);
      expect(Math.abs(left - right), print(fn([x.type], [y]))).toBeLessThan(1e-11);
    }
  }
  it.each(Object.entries(LINEAR))("%s", (_name, make) => {
    const x = parameter([N, 3, 5]);
    for (const y of make(x)) isAdjoint(x, y);
  });
  const views = o.allOps().filter(op => op.kernel.k === "view" && op.grad !== "zero");
  it.each(views.map(op => [op.name, op] as const))("%s, as its record samples it", (_name, op) => {
    const made = [[N, 3, 5], [5, 2], [7, 7], [N]].flatMap(shape => {
      const x = parameter(shape);
      const rng = seeded(3);
      const drawn = Array.from({ length: 12 }, () => op.sample!(rng, [x]));
      return [...new Set(drawn)].filter(y => y !== undefined && y !== x).map(y => [x, y!] as const);
    });
    expect(made.length).toBeGreaterThan(0);
    for (const [x, y] of made) isAdjoint(x, y);
  });
});

describe("window's gradient stays affine for stride 1", () => {
  it("reads the cotangent through views without a division, and sums", () => {
    const x = o.parameter(0, tensor("f32", [N, 9, 4]));
    const y = o.window(1, 3, 1, 2, x);
    const g = o.parameter(1, tensor("f32", o.shapeAt(y)));
    const rule = y.op.grad;
    if (typeof rule === "string") throw new Error("window has a gradient");
    const [back] = rule(y, [g]);
    expect(back!.type).toEqual(tensor("f32", [N, 9, 4]));
    for (let n = back!; n !== g; n = n.args[0]!) {
      const k = n.op.kernel;
      if (k.k !== "view") continue;
      expect(k.map(n).in.every(c => c.div === 1 && c.mod === undefined)).toBe(true);
    }
  });
});

describe("of gradients", () => {
  it("second derivatives of products, functions and windows agree with differences", () => {
    const x = o.parameter(0, tensor("f64", [5]));
    const w = o.reduce("add", [1], o.lane("mul", o.window(0, 2, 1, 1, x), o.window(0, 2, 1, 1, o.lane("sin", x))));
    const y = o.reduce("add", [0], o.lane("mul", o.lane("tanh", w), o.lane("exp2", w)));
    const first = gradient(fn([x.type], [y]), [0]);
    const slope = o.reduce("add", [0], o.lane("mul", first.results[1]!, o.iota("f64", [5], 0)));
    const second = gradient(fn([x.type], [slope]), [0]);
    const values = [0.3, -0.8, 0.5, 0.2, -0.4];
    const of = (v: readonly number[], i: number) =>
      numbersIn(evaluate(fn([x.type], [slope]), [tensorValue("f64", [5], v)], 1)[i])[0]!;
    const got = numbersIn(evaluate(second, [tensorValue("f64", [5], values)], 1)[1]);
    got.forEach((g, i) => {
      const h = 1e-5;
      const want = (of(values.with(i, values[i]! + h), 0) - of(values.with(i, values[i]! - h), 0)) / (2 * h);
      expect(Math.abs(g - want)).toBeLessThan(1e-8);
    });
  });
});
