/** Gradients against central differences in f64, through the interpreter. */
import { describe, expect, test } from "vitest";
import { addSpans, type Fn, fn, type Node, spansOf, topological } from "../../src/ir/node.ts";
import type { TensorValue } from "../../src/ir/op.ts";
import {
  aggregate,
  argreduce,
  broadcast,
  cast,
  concat,
  contract,
  full,
  gather,
  get,
  grad,
  lane,
  map,
  pad,
  records,
  reduce,
  reshape,
  select,
  shapeAt,
  stopGradient,
  transpose,
  window,
} from "../../src/ir/ops/index.ts";
import { print } from "../../src/ir/text.ts";
import { N, type TensorType, tensor } from "../../src/ir/type.ts";
import { gradient, NotDifferentiable } from "../../src/passes/autodiff.ts";
import { expandFn } from "../../src/passes/expand.ts";
import { simplifyFn } from "../../src/passes/simplify.ts";
import { expectGradients } from "./gradients.ts";
import {
  closed,
  conv,
  crossEntropy,
  dense,
  exp,
  list,
  log,
  maxPool,
  normals,
  random,
  rddType,
  relu,
  run,
  scaled,
  value,
} from "./graphs.ts";

const f64 = (...shape: number[]): TensorType => tensor("f64", shape);
const sumAll = (x: Parameters<typeof shapeAt>[0]) =>
  reduce(
    "add",
    shapeAt(x).map((_, d) => d),
    x,
  );

describe("gradients are those of differences", () => {
  const rng = random(1);
  const x = (...shape: number[]): TensorValue => normals(rng, "f64", ...shape);

  test("of a dense net with cross-entropy by logsumexp", () => {
    const f = closed([f64(3), f64(3, 5), f64(5), f64(5, 4), f64(4), tensor("i32")], (a, w1, b1, w2, b2, t) => [
      crossEntropy(dense(lane("tanh", dense(a!, w1!, b1!)), w2!, b2!), t!),
    ]);
    expectGradients(f, [x(3), x(3, 5), x(5), x(5, 4), x(4), value("i32", [], () => 2)]);
  });

  test("of convolutions by window and contract, with strides and pads", () => {
    for (const stride of [1, 2]) {
      const f = closed([f64(2, 5, 6), f64(3, 2, 3, 2)], (a, k) => {
        const padded = pad([0, 1, 1], [0, 1, 0], [0, 0, 0], 0, a!);
        return [sumAll(lane("tanh", conv(padded, k!, stride)))];
      });
      expectGradients(f, [x(2, 5, 6), x(3, 2, 3, 2)]);
    }
  });

  test("of relu and max pooling are the same in either order, where elements are equal or no numbers, too", () => {
    const bounded = (by: "max" | "min", c: number) => (a: Node) => lane(by, full(c, "f64", shapeAt(a)), a);
    for (const by of [bounded("max", 0), bounded("min", 1), bounded("max", -1)]) {
      const type = f64(2, 6, 8);
      const loss = closed([type, f64(2, 3, 4)], (a, w) => [sumAll(lane("mul", maxPool(by(a!)), w!))]);
      const g = closed([type, f64(2, 3, 4)], (a, w) => [get(1, grad(loss, [0], [a!, w!]))]);
      const simple = simplifyFn(g);
      expect(print(simple)).not.toBe(print(g));
      for (let round = 0; round < 20; round++) {
        // few values: windows of equal elements
        const a = value("f64", [2, 6, 8], () => rng.pick([-2, -1, 0, 0, 1, 2, round % 2 ? Number.NaN : 1]));
        const w = x(2, 3, 4);
        expect(run(expandFn(simple), [a, w]).map(list)).toEqual(run(expandFn(g), [a, w]).map(list));
      }
    }
  });
  test("of max pooling and relu away from ties", () => {
    const f = closed([f64(2, 4, 6), f64(2, 2, 3)], (a, w) => [sumAll(lane("mul", relu(maxPool(a!)), w!))]);
    expectGradients(f, [x(2, 4, 6), x(2, 2, 3)]);
  });

  test("of every lane function, with both signs", () => {
    const smooth = ["neg", "abs", "tanh", "sin", "cos", "erf", "exp2"] as const;
    for (const name of smooth)
      expectGradients(
        closed([f64(6)], a => [sumAll(lane(name, a!))]),
        [x(6)],
      );
    const positive = value("f64", [4], i => 0.5 + i);
    for (const name of ["sqrt", "log2"] as const)
      expectGradients(
        closed([f64(4)], a => [sumAll(lane(name, a!))]),
        [positive],
      );
    for (const name of ["add", "sub", "mul", "div", "min", "max"] as const)
      expectGradients(
        closed([f64(4), f64(4)], (a, b) => [sumAll(lane(name, a!, b!))]),
        [x(4), positive],
      );
  });

  describe("of quotients", () => {
    /** a / its sum along axes, times w */
    const share = (a: Node, axes: readonly number[], by = a): Node => {
      const kept = shapeAt(a).flatMap((_, d) => (axes.includes(d) ? [] : [d]));
      return lane("div", a, broadcast(shapeAt(a), kept, reduce("add", axes, by)));
    };
    const less = (a: Node, axes: readonly number[]): Node => {
      const kept = shapeAt(a).flatMap((_, d) => (axes.includes(d) ? [] : [d]));
      return lane("sub", a, broadcast(shapeAt(a), kept, stopGradient(reduce("max", axes, a))));
    };
    const weighed = (f: (a: Node) => Node, type = f64(3, 4)): Fn =>
      closed([type, type], (a, w) => [sumAll(lane("mul", f(a!), w!))]);
    const positive = (...shape: number[]): TensorValue => value("f64", shape, () => 1 + rng.unit());
    const cases: readonly (readonly [string, (a: Node) => Node])[] = [
      ["by a sum of rows", a => share(a, [1])],
      ["by a sum of columns", a => share(a, [0])],
      ["by the sum of all", a => share(a, [0, 1])],
      ["softmax", a => share(exp(less(a, [1])), [1])],
      ["softmax of columns", a => share(exp(less(a, [0])), [0])],
      ["of a product by a sum", a => share(lane("mul", a, a), [1])],
      ["by the sum of something else", a => share(a, [1], lane("mul", a, a))],
      [
        "by a sum that another reads, too",
        a => lane("mul", share(a, [1]), broadcast([3, 4], [0], reduce("add", [1], a))),
      ],
      ["an exponential by a product", a => lane("div", exp(a), lane("mul", a, a))],
      ["exponential of an exponential, divided", a => lane("div", exp(exp(a)), scaled(exp(a), 3))],
    ];
    test.each(cases)("%s", (_, f) => expectGradients(weighed(f), [positive(3, 4), x(3, 4)]));
    test.each(cases)("%s, twice", (_, f) => {
      const once = gradient(weighed(f), [0]);
      const again = fn(once.params, [sumAll(lane("tanh", once.results[1]!))]);
      expectGradients(again, [positive(3, 4), x(3, 4)]);
    });
    test("softmax of records, and over them", () => {
      const type = f64(5, 4);
      for (const axes of [[0], [1]])
        expectGradients(
          weighed(a => share(exp(less(a, axes)), axes), { ...type, shape: [N, 4] }),
          [x(5, 4), x(5, 4)],
          5,
        );
    });
    test("one quotient comes back through a softmax, and no exponential is read again", () => {
      const f = simplifyFn(
        gradient(
          weighed(a => share(exp(less(a, [1])), [1])),
          [0],
        ),
      );
      const count = (name: string): number => topological(f.results).filter(n => n.op.name === name).length;
      expect([count("div"), count("exp2")]).toEqual([1, 1]);
      const e = topological(f.results).find(n => n.op.name === "exp2")!;
      // its sum and its quotient
      expect(topological(f.results).filter(n => n.args.includes(e))).toHaveLength(2);
    });
    test("nothing comes back from rows of zeros that are not chosen", () => {
      const f = closed([f64(2, 3)], a => {
        const some = broadcast([2, 3], [0], lane("lt", full(0, "f64", [2]), reduce("add", [1], a!)));
        return [sumAll(lane("mul", select(some, share(a!, [1]), full(0, "f64", [2, 3])), a!))];
      });
      const [, got] = run(expandFn(gradient(f, [0])), [value("f64", [2, 3], i => (i < 3 ? 0 : i))]);
      // (a . a) / s has the gradient 2 a / s - (a . a) / s^2
      const want = [3, 4, 5].map(v => (2 * v) / 12 - 50 / 144);
      expect(list(got!).slice(0, 3)).toEqual([0, 0, 0]);
      list(got!)
        .slice(3)
        .forEach((v, i) => {
          expect(v).toBeCloseTo(want[i]!, 12);
        });
    });
  });

  describe("of functions that read their argument twice", () => {
    const one = (a: Node): Node => full(1, "f64", shapeAt(a));
    const gelu = (a: Node): Node =>
      lane("mul", scaled(a, 0.5), lane("add", one(a), lane("erf", scaled(a, Math.SQRT1_2))));
    const cases: readonly (readonly [string, (a: Node) => Node])[] = [
      ["gelu", gelu],
      ["square", a => lane("mul", a, a)],
      ["cube", a => lane("mul", a, lane("mul", a, a))],
      ["x tanh x", a => lane("mul", a, lane("tanh", a))],
      ["x tanh x + x^2", a => lane("add", lane("mul", a, lane("tanh", a)), lane("mul", a, a))],
      ["x + x", a => lane("add", a, a)],
      ["sin x / x", a => lane("div", lane("sin", a), a)],
      ["x less half of itself", a => lane("sub", a, scaled(a, 0.5))],
    ];
    /** near 0, where third derivatives leave differences their digits */
    const few = (...shape: number[]): TensorValue => value("f64", shape, () => rng.normal() / 4);
    /** behind a product and before one, so that a cotangent is no constant */
    const between = (f: (a: Node) => Node): Fn =>
      closed([f64(2, 3), f64(3, 4), f64(4, 2)], (a, v, w) => [
        sumAll(lane("tanh", contract("ij,jk->ik", f(contract("ij,jk->ik", a!, v!)), w!))),
      ]);
    test.each(cases)("%s", (_, f) => expectGradients(between(f), [x(2, 3), x(3, 4), x(4, 2)]));
    test.each(cases)("%s, where it is the result", (_, f) => {
      const loss = closed([f64(5)], a => [sumAll(f(a!))]);
      expectGradients(loss, [x(5)]);
    });
    test.each(cases)("%s, twice", (_, f) => {
      const once = gradient(between(f), [0]);
      expectGradients(fn(once.params, [sumAll(lane("sin", once.results[1]!))]), [few(2, 3), few(3, 4), few(4, 2)]);
    });
    test("the slope is one tensor: behind the product, the cotangent is read once", () => {
      const f = simplifyFn(gradient(between(gelu), [0]));
      const cotangent = topological(f.results)
        .filter(n => n.op.name === "contract")
        .at(-2)!;
      const readers = topological(f.results).filter(n => n.args.includes(cotangent));
      expect(readers.map(n => n.op.name)).toEqual(["mul"]);
    });
  });

  test("of reductions, views, gather and concat", () => {
    const ids = value("i32", [4], i => [2, 0, 2, 1][i]!);
    const f = closed([f64(3, 4), f64(4), tensor("i32", [4])], (a, b, at) => {
      const rows = gather(0, 0, a!, at!);
      const wide = concat(0, [rows, broadcast([2, 4], [1], b!)]);
      const turned = transpose([1, 0], wide);
      const windows = window(1, 3, 2, 1, reshape([2, 12], turned));
      return [reduce("add", [0, 1], reduce("mul", [2], windows)), reduce("max", [0], b!)];
    });
    expectGradients(f, [x(3, 4), x(4), ids]);
    expectGradients(
      closed([f64(3, 4)], a => [sumAll(reduce("max", [1], a!))]),
      [x(3, 4)],
    );
    expectGradients(
      closed([f64(3, 4)], a => [reduce("min", [0, 1], a!)]),
      [x(3, 4)],
    );
    expectGradients(
      closed([f64(4), f64(4)], (a, b) => [sumAll(select(lane("lt", a!, b!), lane("mul", a!, b!), exp(a!)))]),
      [x(4), x(4)],
    );
  });

  test("of the mean over N records of a loss, lifted before it is differentiated", () => {
    const loss = closed([f64(3), tensor("i32"), f64(3, 4), f64(4)], (a, t, w, b) => [
      crossEntropy(dense(a!, w!, b!), t!),
    ]);
    const f = closed([tensor("f64", [N, 3]), tensor("i32", [N]), f64(3, 4), f64(4)], (a, t, w, b) => {
      const losses = get(0, map(loss, [true, true, false, false], [a!, t!, w!, b!]));
      return [lane("div", reduce("add", [0], losses), records("f64"))];
    });
    for (const n of [1, 6]) expectGradients(f, [x(n, 3), value("i32", [n], i => i % 4), x(3, 4), x(4)], n);
  });

  test("of gradients: grad of the norm of a grad", () => {
    const inner = closed([f64(3), f64(3, 2)], (a, w) => [sumAll(lane("tanh", contract("i,io->o", a!, w!)))]);
    const f = closed([f64(3), f64(3, 2)], (a, w) => {
      const g = get(1, grad(inner, [1], [a!, w!]));
      return [sumAll(lane("mul", g, g))];
    });
    expectGradients(f, [x(3), x(3, 2)]);
  });

  test("of gradients: a third derivative of x^4", () => {
    const fourth = closed([f64()], a => {
      const square = lane("mul", a!, a!);
      return [lane("mul", square, square)];
    });
    const derived = (f: Fn): Fn => closed([f64()], a => [get(1, grad(f, [0], [a!]))]);
    const third = expandFn(derived(derived(derived(fourth))));
    expect(list(run(third, [value("f64", [], () => 1.5)])[0]!)).toEqual([24 * 1.5]);
  });

  test("of per-record gradients: map of grad is each record's own", () => {
    const loss = closed([f64(3), f64(3)], (a, w) => [log(sumAll(exp(lane("mul", a!, w!))))]);
    const own = closed([f64(3), f64(3)], (a, w) => [get(1, grad(loss, [1], [a!, w!]))]);
    const f = expandFn(closed([tensor("f64", [N, 3]), f64(3)], (a, w) => [get(0, map(own, [true, false], [a!, w!]))]));
    const [rows, w] = [x(4, 3), x(3)];
    const together = list(run(f, [rows, w], 4)[0]!);
    const single = expandFn(own);
    const alone = [0, 1, 2, 3].flatMap(r => {
      const row = value("f64", [3], i => list(rows)[r * 3 + i]!);
      return list(run(single, [row, w])[0]!);
    });
    expect(together).toEqual(alone);
  });
});

describe("what autodiff decides", () => {
  test("ties of a maximum give the gradient to the first", () => {
    const f = gradient(
      closed([f64(1, 2, 4)], a => [sumAll(maxPool(a!))]),
      [0],
    );
    const tied = value("f64", [1, 2, 4], i => [1, 1, 0, 2, 1, 1, 2, 2][i]!);
    expect(list(run(f, [tied])[1]!)).toEqual([1, 0, 0, 1, 0, 0, 0, 0]);
  });

  test("nothing flows: zero, of the parameter's shape, also where it has N", () => {
    const f = closed([tensor("f64", [N, 2]), f64(2), f64(3)], (a, b) => [
      sumAll(lane("mul", b!, stopGradient(reduce("add", [0], a!)))),
    ]);
    const got = run(
      gradient(f, [0, 2, 1]),
      [value("f64", [3, 2], i => i), value("f64", [2], () => 1), value("f64", [3], () => 1)],
      3,
    );
    expect(got.slice(1).map(g => [g.shape, list(g)])).toEqual([
      [
        [3, 2],
        [0, 0, 0, 0, 0, 0],
      ],
      [[3], [0, 0, 0]],
      [[2], [6, 9]],
    ]);
  });

  test("of argmax, comparisons and casts to integers the gradient is zero", () => {
    const f = closed([f64(3)], a => [
      lane(
        "add",
        cast("f64", argreduce("max", [0], a!)),
        sumAll(lane("add", cast("f64", lane("lt", a!, full(0, "f64", [3]))), cast("f64", cast("i32", a!)))),
      ),
    ]);
    expect(list(run(gradient(f, [0]), [value("f64", [3], i => i - 0.5)])[1]!)).toEqual([0, 0, 0]);
  });

  test("all results come first, then the gradients in the order asked", () => {
    const f = closed([f64(), f64()], (a, b) => [lane("mul", a!, b!), scaled(a!, 10)]);
    const got = run(gradient(f, [1, 0]), [value("f64", [], () => 3), value("f64", [], () => 5)]);
    expect(got.map(g => list(g)[0])).toEqual([15, 30, 3, 5]);
  });

  test("cotangents belong to the place of their primal, sums to that of what they are for", () => {
    const at = (start: number) => ({ file: "a.hs", start, end: start + 2, line: 1, column: start + 1 });
    const placesOf = (f: Fn, name: string): readonly (readonly number[])[] =>
      topological(f.results)
        .filter(x => x.op.name === name)
        .map(x => spansOf(x).map(s => s.start));
    const f = closed([f64()], a => {
      const shared = addSpans(lane("sin", a!), [at(1)]);
      return [
        addSpans(lane("add", addSpans(lane("tanh", shared), [at(3)]), addSpans(lane("erf", shared), [at(5)])), [at(7)]),
      ];
    });
    const once = gradient(f, [0]);
    expect(placesOf(once, "cos")).toEqual([[1]]);
    expect(placesOf(once, "sub")).toEqual([[3]]);
    expect(placesOf(once, "exp2")).toEqual([[5]]);
    // the primal's own, and the sum of the cotangents that tanh and erf send to sin
    expect(placesOf(once, "add")).toEqual([[7], [1]]);
    const twice = gradient(fn(once.params, [once.results[1]!]), [0]);
    for (const x of topological(twice.results)) if (x.args.length) expect(spansOf(x), x.op.name).not.toEqual([]);
  });

  test("an op without a gradient is refused by name and place, only where it matters", () => {
    const span = { file: "a.hs", start: 3, end: 8, line: 1, column: 4 };
    const d = rddType({ x: { store: "f64", shape: [], nullable: false } });
    const row = closed([f64(), f64()], (a, w) => [lane("mul", a!, w!)]);
    const f = closed([d, f64()], (rows, w) => [
      lane("mul", addSpans(aggregate(row, "max", false, rows!, [w!]), [span]), w!),
    ]);
    let refused: unknown;
    try {
      gradient(f, [1]);
    } catch (e) {
      refused = e;
    }
    expect(refused).toBeInstanceOf(NotDifferentiable);
    expect(refused).toMatchObject({ op: "aggregate", spans: [span] });
    const stopped = closed([d, f64()], (rows, w) => [
      lane("mul", aggregate(row, "max", false, rows!, [stopGradient(w!)]), w!),
    ]);
    expect(gradient(stopped, [1]).results).toHaveLength(2);
  });
});
