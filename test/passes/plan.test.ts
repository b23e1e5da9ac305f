/** Loops that plans got wrong, or could: who reads a state's old value, and when rows are chosen. Every level against the interpreter. */
import { describe, expect, test } from "vitest";
import type { Fn, Node } from "../../src/ir/node.ts";
import * as g from "../../src/ir/ops/index.ts";
import { onePass } from "../../src/ir/ops/loop-build.ts";
import { N, type TensorType, type Type, tensor } from "../../src/ir/type.ts";
import { check } from "../fuzz/check.ts";
import { closed, rddType } from "./graphs.ts";

const F = tensor("f32");
const I = tensor("i32");
const SEED = tensor("u32", [2]);
const V = tensor("f32", [5]);
const W = tensor("i32", [5]);
const ROWS = rddType({ x: { store: "f32", shape: [] } as never });
const WHO = tensor("u32", [N, 2]);

const right = async (main: Fn, rows = 40): Promise<void> => {
  for (const data of [1, 2]) {
    const v = await check({ main, rows, data, mood: "tame", seed: 3, decisions: 0 });
    expect(v.failure).toBeUndefined();
    expect(v.undecided).toBe(0);
  }
};
const add = (a: Node, b: Node): Node => g.lane("add", a, b);
const spread = (x: Node, shape: TensorType["shape"]): Node => g.broadcast(shape, [], x);
const one = g.full(1, "f32");
const loop = (
  trip: number,
  states: readonly Node[],
  captures: readonly Node[],
  f: (...x: Node[]) => readonly Node[],
  until = false,
): Node => {
  const body = closed(
    [...states, ...captures].map(x => (x.type.k === "tensor" ? tensor(x.type.elem, x.type.shape) : x.type)),
    f,
  );
  return g.loop(
    { body, trip, states: states.length, until, label: "l", logs: [], names: states.map((_, i) => `${i}`) },
    states,
    captures,
  );
};
/** sum of x * c over all rows, in batches of 16 */
const sumOf = (d: Node, c: Node, options: { seed?: Node; epoch?: Node; of?: Type } = {}): Node => {
  const column = (options.of ?? tensor("f32", [N])) as TensorType;
  const sum = tensor(column.elem);
  const body = closed([column, WHO, sum, I, I, sum], (x, _who, s, _e, _t, k) => [
    add(
      s!,
      g.lane(
        "mul",
        g.reduce(
          "add",
          column.shape.map((_, i) => i),
          x!,
        ),
        k!,
      ),
    ),
  ]);
  const clock = options.epoch ? { epoch: options.epoch, step: g.full(0, "i32") } : undefined;
  const attrs = { ...onePass("sum", body, 1, 0, 0), batch: 16 };
  return g.get(0, g.batches(attrs, d, options.seed ?? g.noSeed(), [g.full(0, column.elem)], [c], clock));
};
/** x < c */
const below = (d: Node, c: Node): Node =>
  g.rddFilter(
    closed([F, F], (x, k) => [g.lane("lt", x!, k!)]),
    false,
    d,
    [c],
  );

describe("a state's old value is read", () => {
  test("by a filter that chooses anew, after the next value is there", () =>
    right(
      closed([ROWS, SEED, F], (d, seed, s) => {
        const t = loop(3, [s!, g.full(0, "i32")], [d!, seed!], (now, epoch, rows, key) => {
          const chosen = below(g.rddSample(7, 0.7, rows!, key!), now!);
          const next = add(now!, one);
          const sum = sumOf(chosen, next, { epoch: epoch! });
          return [add(next, g.lane("mul", sum, g.full(0.125, "f32"))), add(epoch!, g.full(1, "i32"))];
        });
        return [g.get(0, t)];
      }),
    ));
  test("by a filter that chooses anew, where the next value is all that the pass reads", () =>
    right(
      closed([ROWS, SEED, F], (d, seed, s) => {
        const t = loop(3, [g.full(0, "f32"), s!, g.full(0, "i32")], [d!, seed!], (all, now, epoch, rows, key) => {
          const chosen = below(g.rddSample(7, 0.7, rows!, key!), now!);
          const next = add(now!, one);
          return [add(all!, sumOf(chosen, next, { epoch: epoch! })), next, add(epoch!, g.full(1, "i32"))];
        });
        return [g.get(0, t), g.get(1, t)];
      }),
    ));
  test("as rows, by a pass that captures the next value", () =>
    right(
      closed([W], s => {
        const t = loop(3, [g.full(0, "i32"), s!], [], (all, now) => {
          const next = g.lane("xor", now!, g.full(5, "i32", [5]));
          return [add(all!, sumOf(g.rddRows("x", now!), g.reduce("add", [0], next), { of: tensor("i32", [N]) })), next];
        });
        return [g.get(0, t), g.get(1, t)];
      }),
    ));
  test("as the seed of rows, by a pass that captures the next value", () =>
    right(
      closed([ROWS, SEED], (d, seed) => {
        const t = loop(3, [g.full(0, "f32"), seed!], [d!], (all, key, rows) => {
          const next = add(key!, g.full(1, "u32", [2]));
          const c = g.cast("f32", g.lane("and", g.reduce("add", [0], next), g.full(7, "u32")));
          return [add(all!, sumOf(g.rddSample(7, 0.5, rows!, key!), c)), next];
        });
        return [g.get(0, t), g.get(1, t)];
      }),
    ));
  test("as the end of the loop", () =>
    right(
      closed([F], s => {
        const t = loop(
          9,
          [s!, g.full(0, "bool"), g.full(0, "i32")],
          [],
          (now, ends, k) => [add(now!, one), g.lane("le", g.full(3, "i32"), k!), add(k!, g.full(1, "i32")), ends!],
          true,
        );
        return [g.get(0, t), g.get(2, t)];
      }),
    ));
  test("by another state", () =>
    right(
      closed([V, V], (a, b) => {
        const t = loop(4, [a!, b!, a!], [], (x, y, z) => [y!, add(x!, z!), x!]);
        return [g.get(0, t), g.get(1, t), g.get(2, t)];
      }),
    ));
  test("by a loop inside that ends it", () =>
    right(
      closed([V, F], (a, b) => {
        const t = loop(3, [a!, b!], [], (x, y) => {
          const u = loop(2, [x!, y!], [x!], (p, q, r) => [add(p!, spread(q!, [5])), add(q!, g.reduce("add", [0], r!))]);
          return [g.get(0, u), g.get(1, u)];
        });
        return [g.get(0, t), g.get(1, t)];
      }),
    ));
  test("and no trip is made", () =>
    right(
      closed([V, F], (a, b) => {
        const t = loop(3, [a!, b!], [], (x, y) => {
          const u = loop(0, [x!, y!], [x!], (p, q, r) => [add(p!, spread(q!, [5])), add(q!, g.reduce("add", [0], r!))]);
          return [add(g.get(0, u), x!), g.get(1, u)];
        });
        return [g.get(0, t), g.get(1, t)];
      }),
    ));
});

describe("rows are chosen", () => {
  test("by the seed of the trip", () =>
    right(
      closed([ROWS, SEED], (d, seed) => {
        const t = loop(3, [g.full(0, "f32"), g.full(0, "u32")], [d!, seed!], (all, i, rows, key) => [
          add(all!, sumOf(g.rddSample(7, 0.5, rows!, g.foldIn(key!, i!)), one)),
          add(i!, g.full(1, "u32")),
        ]);
        return [g.get(0, t)];
      }),
    ));
  test("by the seed of the trip, also for good", () =>
    right(
      closed([ROWS, SEED], (d, seed) => {
        const t = loop(3, [g.full(0, "f32"), g.full(0, "u32")], [d!, seed!], (all, i, rows, key) => [
          add(all!, sumOf(g.rddSplit(7, 0, 2 ** 31, rows!, g.foldIn(key!, i!)), one)),
          add(i!, g.full(1, "u32")),
        ]);
        return [g.get(0, t)];
      }),
    ));
  test("and grouped as they are in the trip", () =>
    right(
      closed([W], s => {
        const t = loop(3, [s!, g.full(0, "i32")], [], (now, all) => {
          const groups = g.rddBatch(2, g.rddTake(4, g.rddRows("x", now!)));
          return [
            g.lane("xor", now!, g.full(5, "i32", [5])),
            add(all!, sumOf(groups, g.full(1, "i32"), { of: tensor("i32", [N, 2]) })),
          ];
        });
        return [g.get(0, t), g.get(1, t)];
      }),
    ));
  test("by a condition on a state", () =>
    right(
      closed([ROWS, F], (d, s) => {
        const t = loop(3, [s!, g.full(0, "f32")], [d!], (now, all, rows) => [
          add(now!, g.full(0.5, "f32")),
          add(all!, sumOf(g.rddTake(9, below(rows!, now!)), one)),
        ]);
        return [g.get(0, t), g.get(1, t)];
      }),
    ));
  for (const rows of [0, 1, 16, 17])
    test(`where there are ${rows}`, () =>
      right(
        closed([ROWS, F], (d, s) => {
          const t = loop(2, [s!, g.full(0, "f32")], [d!], (now, all, all2) => [
            add(now!, g.full(0.5, "f32")),
            add(all!, sumOf(below(all2!, now!), now!)),
          ]);
          return [g.get(0, t), g.get(1, t), sumOf(d!, s!)];
        }),
        rows,
      ));
});

describe("states of records", () => {
  const C = [3, 8] as const;
  const X = tensor("f32", [N, ...C]);
  const K = tensor("f32", [3, 3, 3]);
  const convolved = (x: Node, w: Node): Node =>
    g.padAxis(2, 1, 1, 0, 0, g.contract("ncpk,ock->nop", g.window(2, 3, 1, 1, x), w));
  /** the sum over all rows of what a loop with a state per record comes to */
  const total = (d: Node, w: Node, f: (x: Node, z: Node, w: Node) => readonly [Node, Node], trip = 3): Node => {
    const body = closed([X, WHO, F, I, I, K], (x, _who, s, _e, _t, k) => {
      const t = loop(trip, [x!, g.lane("mul", x!, x!)], [k!], (a, b, v) => f(a!, b!, v!));
      return [add(s!, g.reduce("add", [0, 1, 2], add(g.get(0, t), g.get(1, t))))];
    });
    return g.get(0, g.batches({ ...onePass("sum", body, 1, 0, 0), batch: 24 }, d, g.noSeed(), [g.full(0, "f32")], [w]));
  };
  const IMAGES = rddType({ x: { store: "f32", shape: C } as never });
  const small = (x: Node): Node => g.lane("mul", x, g.full(0.25, "f32", [N, ...C]));
  for (const rows of [0, 1, 17, 40]) {
    test(`are convolved where they lie, ${rows} of them`, () =>
      right(
        closed([IMAGES, K], (d, w) => [
          total(d!, w!, (x, z, v) => {
            const next = g.lane("tanh", x);
            return [next, add(small(z), small(convolved(next, v)))];
          }),
        ]),
        rows,
      ));
    test(`are convolved behind a loop inside, ${rows} of them`, () =>
      right(
        closed([IMAGES, K], (d, w) => [
          total(d!, w!, (x, z, v) => {
            const next = g.lane("tanh", x);
            const inner = g.get(
              0,
              loop(2, [small(z)], [next], (a, b) => [add(small(a!), b!)]),
            );
            return [next, add(inner, small(convolved(add(next, inner), v)))];
          }),
        ]),
        rows,
      ));
    test(`change places, ${rows} of them`, () =>
      right(
        closed([IMAGES, K], (d, w) => [total(d!, w!, (x, z, v) => [small(convolved(z, v)), small(convolved(x, v))])]),
        rows,
      ));
    test(`are kept, and no trip is made, ${rows} of them`, () =>
      right(
        closed([IMAGES, K], (d, w) => [total(d!, w!, (x, z, v) => [convolved(z, v), x], 0)]),
        rows,
      ));
  }
});

test("a tensor that two sums over records see in two shapes", () => {
  const shape = [12, 2] as const;
  const d = rddType({ x: { store: "f32", shape } as never });
  const [A, B] = [tensor("f32", [4, 24]), tensor("f32", [4, 12, 2])];
  const body = closed([tensor("f32", [N, 12, 2]), WHO, A, B, I, I], (x, _who, a, b) => {
    const y = g.lane("tanh", x!);
    const few = g.lane(
      "mul",
      g.reshape([N, 4], g.slice([0, 0, 0], [1, 1, 1], [N, 2, 2], x!)),
      g.full(0.5, "f32", [N, 4]),
    );
    const wide = g.contract("ni,no->io", few, g.reshape([N, 24], y));
    const parts = g.contract("ni,noh->ioh", few, y);
    return [add(a!, wide), add(b!, parts)];
  });
  const states = [g.full(0, "f32", [4, 24]), g.full(0, "f32", [4, 12, 2])];
  return right(
    closed([d], rows => {
      const t = g.batches({ ...onePass("sums", body, 2, 0, 0), batch: 32 }, rows!, g.noSeed(), states);
      return [g.get(0, t), g.get(1, t)];
    }),
    70,
  );
});

describe("what trips keep of records", () => {
  const [T, C] = [9, 5];
  const X = tensor("f32", [N, C]);
  const column = rddType({ x: { store: "f32", shape: [C] } as never });
  /** h = tanh(h w), all of it kept; then all trips backwards, which read and write its rows */
  const kept = (x: Node, w: Node): Node => {
    const all = [T, N, C] as const;
    const at = (k: Node): Node => g.lane("eq", g.iota("i32", all, 0), g.broadcast(all, [], k));
    const put = (rows: Node, k: Node, h: Node): Node => g.select(at(k), g.broadcast(all, [1, 2], h), rows);
    const row = (rows: Node, k: Node): Node => g.reshape([N, C], g.gather(0, 0, rows, g.reshape([1], k)));
    const there = loop(T, [x, g.full(0, "f32", all), g.full(0, "i32")], [w], (h, rows, k, v) => {
      const next = g.lane("tanh", g.contract("nk,kj->nj", h!, v!));
      return [next, put(rows!, k!, next), add(k!, g.full(1, "i32"))];
    });
    const zeros = [g.full(0, "f32", [N, C]), g.full(0, "f32", [C, C]), g.full(T - 1, "i32")];
    const back = loop(T, [g.get(1, there), ...zeros], [], (rows, h, s, k) => {
      const next = g.lane("tanh", add(h!, row(rows!, k!)));
      const sum = add(s!, g.contract("nk,nj->kj", row(rows!, k!), next));
      return [put(rows!, k!, next), next, sum, g.lane("sub", k!, g.full(1, "i32"))];
    });
    const last = g.reduce("add", [0, 1, 2], g.get(0, back));
    return add(last, g.reduce("add", [0, 1], g.get(2, back)));
  };
  for (const rows of [0, 1, 17, 40])
    test(`is there for all that read it, ${rows} records`, () =>
      right(
        closed([column, tensor("f32", [C, C])], (d, w) => {
          const body = closed([X, WHO, F, I, I, tensor("f32", [C, C])], (x, _who, s, _e, _t, v) => [
            add(s!, kept(x!, v!)),
          ]);
          const attrs = { ...onePass("sum", body, 1, 0, 0), batch: 24 };
          return [g.get(0, g.batches(attrs, d!, g.noSeed(), [g.full(0, "f32")], [w!]))];
        }),
        rows,
      ));
});
