/** Loops over states, mapped and differentiated: against their trips one by one, and against differences. */
import { describe, expect, test } from "vitest";
import { inline } from "../../src/ir/inline.ts";
import { type Fn, fn, type Node, topological } from "../../src/ir/node.ts";
import * as g from "../../src/ir/ops/index.ts";
import { N, type Type, tensor } from "../../src/ir/type.ts";
import { verify } from "../../src/ir/verify.ts";
import { gradient } from "../../src/passes/autodiff.ts";
import { expandAll, expandFn } from "../../src/passes/expand.ts";
import { pruneFn } from "../../src/passes/prune.ts";
import { expectGradients } from "./gradients.ts";
import { closed, list, normals, random, run, value } from "./graphs.ts";

const X = tensor("f64", [3]);
const W = tensor("f64", [3, 3]);
const base = { label: "iteration", logs: [], until: false };
const spread = (x: Node, shape: readonly number[]): Node => g.broadcast(shape, [], x);

/** h = tanh(w h + x) + h * h[0], and a count */
const step = (h: Node, k: Node, w: Node, x: Node): readonly Node[] => {
  const first = g.reshape([], g.slice([0], [1], [1], h));
  const next = g.lane("tanh", g.lane("add", g.contract("ij,j->i", w, h), x));
  return [
    g.lane("add", next, g.lane("mul", g.lane("mul", h, spread(first, [3])), spread(g.full(0.25, "f64"), [3]))),
    g.lane("add", k, g.full(1, "i32")),
  ];
};
/** after `trip` steps from h; until the first of h is below `end`, where that is given */
function rnn(trip: number, end?: number, whole = false): Fn {
  return closed([X, W, X], (h, w, x) => {
    const body = closed([X, tensor("i32"), W, X], (a, k, v, y) => {
      const next = step(a!, k!, v!, y!);
      if (end === undefined) return next;
      return [...next, g.lane("lt", g.reshape([], g.slice([0], [1], [1], next[0]!)), g.full(end, "f64"))];
    });
    if (whole) {
      let now: readonly Node[] = [h!, g.full(0, "i32")];
      let done: Node | undefined;
      for (let i = 0; i < trip; i++) {
        const [a, k, ends] = inline(body, [...now, w!, x!]);
        const held = done;
        now = held ? [g.select(spread(held, [3]), now[0]!, a!), g.select(held, now[1]!, k!)] : [a!, k!];
        if (ends) done = done ? g.lane("or", done, ends) : ends;
      }
      return now;
    }
    const attrs = { ...base, body, trip, states: 2, names: ["h", "k"], until: end !== undefined };
    const t = g.loop(attrs, [h!, g.full(0, "i32")], [w!, x!]);
    return [g.get(0, t), g.get(1, t)];
  });
}
const args = (seed: number) => {
  const rng = random(seed);
  return [normals(rng, "f64", 3), normals(rng, "f64", 3, 3), normals(rng, "f64", 3)];
};
const scalar = (f: Fn): Fn =>
  fn(f.params, [
    g.reduce(
      "add",
      [0],
      inline(
        f,
        f.params.map((p, i) => g.parameter(i, p)),
      )[0]!,
    ),
  ]);
const close = (a: readonly number[], b: readonly number[]): void => {
  expect(a.length).toBe(b.length);
  a.forEach((x, i) => {
    expect(Math.abs(x - b[i]!)).toBeLessThanOrEqual(1e-12 * (1 + Math.abs(b[i]!)));
  });
};

describe("a loop", () => {
  for (const end of [undefined, -0.2, 0.4])
    test(`is its trips one by one${end === undefined ? "" : `, until ${end}`}`, () => {
      for (let seed = 0; seed < 5; seed++)
        for (const trip of [0, 1, 2, 7]) {
          const [a, b] = [run(rnn(trip, end), args(seed)), run(rnn(trip, end, true), args(seed))];
          close(list(a[0]!), list(b[0]!));
          expect(list(a[1]!)).toEqual(list(b[1]!));
        }
    });
  for (const end of [undefined, -0.2, 0.4])
    test(`mapped is one per record${end === undefined ? "" : `, until ${end}`}`, () => {
      const flags = [true, false, true];
      const mapped = closed([tensor("f64", [N, 3]), W, tensor("f64", [N, 3])], (h, w, x) => {
        const t = g.map(rnn(6, end), flags, [h!, w!, x!]);
        return [g.get(0, t), g.get(1, t)];
      });
      const expanded = expandAll(mapped);
      expect(verify(expanded, "expanded", true)).toEqual([]);
      for (const n of [0, 1, 5]) {
        const rng = random(n);
        const given = [normals(rng, "f64", n, 3), normals(rng, "f64", 3, 3), normals(rng, "f64", n, 3)];
        const [a, b] = [run(mapped, given, n), run(expanded, given, n)];
        close(list(b[0]!), list(a[0]!));
        expect(list(b[1]!)).toEqual(list(a[1]!));
      }
    });
  test("has the gradients of its trips", () => {
    for (const end of [undefined, -0.2])
      for (const trip of [0, 1, 5]) expectGradients(scalar(rnn(trip, end)), args(trip));
  });
  test("has the gradients of its trips where it keeps their products", () => {
    const [units, trip] = [40, 6];
    const [state, weights] = [tensor("f64", [units]), tensor("f64", [units, units])];
    const once = (h: Node, w: Node, x: Node): Node => {
      const p = g.contract("ij,j->i", w, h);
      return g.lane("tanh", g.lane("add", g.lane("mul", p, g.lane("tanh", p)), x));
    };
    const f = (looped: boolean): Fn =>
      scalar(
        closed([state, weights, state], (h, w, x) => {
          if (!looped) return [Array.from({ length: trip }).reduce<Node>(a => once(a, w!, x!), h!)];
          const body = closed([state, weights, state], (a, v, y) => [once(a!, v!, y!)]);
          return [g.get(0, g.loop({ ...base, body, trip, states: 1, names: ["h"] }, [h!], [w!, x!]))];
        }),
      );
    const rng = random(3);
    const given = [
      normals(rng, "f64", units),
      value("f64", [units, units], () => rng.normal() / 8),
      normals(rng, "f64", units),
    ];
    const [a, b] = [true, false].map(looped => run(expandAll(gradient(expandFn(f(looped)), [0, 1, 2])), given));
    for (const i of [1, 2, 3]) close(list(a![i]!), list(b![i]!));
    // forward once, the way back once and its product with the slopes twice: none is made again
    const products = opsNamed(expandAll(gradient(expandFn(f(true)), [0, 1, 2])), "loop").map(
      n => topological((n.attrs["body"] as Fn).results).filter(x => x.op.name === "contract").length,
    );
    expect(products.toSorted()).toEqual([1, 1, 2]);
  });
  test("has gradients of gradients", () => {
    const f = scalar(rnn(3));
    const slope = closed([X, W, X], (h, w, x) => {
      const t = g.grad(f, [1], [h!, w!, x!]);
      return [g.reduce("add", [0, 1], g.lane("mul", g.get(1, t), g.get(1, t)))];
    });
    expectGradients(slope, args(3));
  });
  test("is differentiated, then mapped, and mapped, then differentiated", () => {
    const f = scalar(rnn(4));
    const types: readonly Type[] = [tensor("f64", [N, 3]), W, tensor("f64", [N, 3])];
    const one = closed([X, W, X], (...x) => [g.get(1, g.grad(f, [1], x))]);
    const perRecord = closed(types, (h, w, x) => [
      g.reduce("add", [0], g.get(0, g.map(one, [true, false, true], [h!, w!, x!]))),
    ]);
    const total = closed(types, (h, w, x) => [
      g.reduce("add", [0], g.get(0, g.map(f, [true, false, true], [h!, w!, x!]))),
    ]);
    const whole = expandFn(gradient(expandFn(total), [1]));
    const rng = random(11);
    const given = [normals(rng, "f64", 5, 3), normals(rng, "f64", 3, 3), normals(rng, "f64", 5, 3)];
    const expanded = expandAll(perRecord);
    expect(verify(expanded, "expanded", true)).toEqual([]);
    close(list(run(expanded, given, 5)[0]!), list(run(whole, given, 5)[1]!));
  });
});

const opsNamed = (f: Fn, name: string): readonly Node[] => topological(f.results).filter(n => n.op.name === name);
describe("prune", () => {
  const sum = (a: Node, b: Node): Node => g.lane("add", a, b);
  const s = tensor("f32");
  test("takes out states and captures that nobody reads, also those that read only themselves", () => {
    const body = closed([s, s, s, s, s, s], (a, b, c, d, v, w) => [sum(a!, v!), sum(b!, a!), c!, sum(d!, w!)]);
    const f = closed([s, s, s, s, s, s], (...x) => {
      const names = ["a", "b", "c", "d"];
      const t = g.loop({ ...base, body, trip: 3, states: 4, names }, x.slice(0, 4), x.slice(4));
      return [g.get(1, t)];
    });
    const small = pruneFn(f);
    const [node] = opsNamed(small, "loop");
    expect(node!.attrs["states"]).toBe(2);
    expect(node!.args.length).toBe(3);
    expect(verify(small, "expanded", false)).toEqual([]);
    const rng = random(5);
    const given = [1, 2, 3, 4, 5, 6].map(() => normals(rng, "f32"));
    expect(list(run(small, given)[0]!)).toEqual(list(run(f, given)[0]!));
    expect(pruneFn(small)).toBe(small);
  });
  test("keeps a loop of which all is read as it is", () => {
    const f = rnn(5);
    expect(pruneFn(f)).toBe(f);
  });
});
