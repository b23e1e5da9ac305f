/** What moves out of a loop: the same results as trip by trip, in fewer products; and what must stay. */
import { describe, expect, test } from "vitest";
import { inline } from "../../src/ir/inline.ts";
import { type Fn, type Node, topological } from "../../src/ir/node.ts";
import * as g from "../../src/ir/ops/index.ts";
import { onePass } from "../../src/ir/ops/loop-build.ts";
import { N, numbers, type TensorType, type Type, tensor } from "../../src/ir/type.ts";
import { verify } from "../../src/ir/verify.ts";
import { pruneFn } from "../../src/passes/prune.ts";
import { simplifyFn } from "../../src/passes/simplify.ts";
import { deferFn } from "../../src/passes/trips/defer.ts";
import { closed, list, normals, random, rddType, run, value } from "./graphs.ts";

const base = { label: "iteration", logs: [] as string[], until: false };
const add = (a: Node, b: Node): Node => g.lane("add", a, b);
const tanh = (x: Node): Node => g.lane("tanh", x);
const ONE = g.full(1, "i32");
/** row k of a tensor, without its axis */
const row = (x: Node, k: Node, axis = 0): Node =>
  g.reshape(g.shapeAt(x).toSpliced(axis, 1), g.gather(axis, 0, x, g.reshape([1], k)));
const put = (all: Node, k: Node, x: Node): Node => {
  const shape = g.shapeAt(all);
  const here = g.lane("eq", g.iota("i32", shape, 0), g.broadcast(shape, [], k));
  return g.select(
    here,
    g.broadcast(
      shape,
      g.shapeAt(x).map((_, d) => d + 1),
      x,
    ),
    all,
  );
};
const looped = (
  trip: number,
  starts: readonly Node[],
  captures: readonly Node[],
  body: (states: readonly Node[], captures: readonly Node[]) => readonly Node[],
  more: Partial<g.LoopAttrs> = {},
): Node => {
  const types = [...starts, ...captures].map((x): Type => tensor((x.type as TensorType).elem, g.shapeAt(x)));
  const f = closed(types, (...xs) => body(xs.slice(0, starts.length), xs.slice(starts.length)));
  const names = starts.map((_, i) => `${i}`);
  return g.loop({ ...base, body: f, trip, states: starts.length, names, ...more }, starts, captures);
};
const opsIn = (f: Fn, name: string): number => topological(f.results).filter(n => n.op.name === name).length;
const loopsOf = (f: Fn): readonly Node[] => topological(f.results).filter(n => n.op.name === "loop");
const bodyOf = (n: Node): Fn => n.attrs["body"] as Fn;
const moved = (f: Fn): Fn => simplifyFn(pruneFn(deferFn(f)));

/** equal but for the order of sums; counts exactly */
function expectSame(f: Fn, after: Fn, counts: readonly number[]): void {
  expect(verify(after, "expanded", true)).toEqual([]);
  for (const n of counts)
    for (let seed = 0; seed < 3; seed++) {
      const rng = random(100 * n + seed);
      const given = f.params.map(p => {
        const { elem, shape } = p as TensorType;
        const extents = shape.map(d => (typeof d === "number" ? d : n));
        return elem === "i32" ? value("i32", extents, () => rng.int(50)) : normals(rng, elem, ...extents);
      });
      const [a, b] = [run(f, given, n), run(after, given, n)];
      a.forEach((x, i) => {
        const [p, q] = [list(x), list(b[i]!)];
        expect(q.length).toBe(p.length);
        p.forEach((v, k) => {
          expect(Math.abs(v - q[k]!)).toBeLessThanOrEqual(1e-11 * (1 + Math.abs(v)));
        });
      });
    }
}

/** h = tanh(h w + x_k); s += outer sum over records of h and y_k; b += sum of h; all_k = h */
const T = 7;
const recurrent = (
  backwards: boolean,
  lead: readonly [typeof N, number] | readonly [number, typeof N] = [T, N],
): Fn => {
  const axis = lead.indexOf(T);
  const types = [
    tensor("f64", [N, 5]),
    tensor("f64", [5, 5]),
    tensor("f64", [...lead, 5]),
    tensor("f64", [...lead, 40]),
    tensor("f64", [5, 40]),
    tensor("f64", [5]),
  ];
  return closed(types, (h, w, x, y, s, b) => {
    const all = g.full(0, "f64", [T, N, 5]);
    const k = g.full(backwards ? T - 1 : 0, "i32");
    const t = looped(T, [h!, s!, b!, all, k], [w!, x!, y!], ([a, sum, bias, rows, at], [v, p, q]) => {
      const next = tanh(add(g.contract("nk,kj->nj", a!, v!), row(p!, at!, axis)));
      return [
        next,
        add(sum!, g.contract("nk,nj->kj", next, row(q!, at!, axis))),
        add(bias!, g.reduce("add", [0], next)),
        put(rows!, at!, next),
        backwards ? g.lane("sub", at!, ONE) : add(at!, ONE),
      ];
    });
    return [0, 1, 2, 3, 4].map(i => g.get(i, t));
  });
};

const first = (x: Node, i: number): Node => g.reshape([], g.slice([i], [1], [1], x));

describe("defer", () => {
  for (const backwards of [false, true])
    for (const lead of [
      [T, N],
      [N, T],
    ] as const)
      test(`makes the sums of trips behind the loop, ${backwards ? "last trip first, " : ""}rows along axis ${lead.indexOf(T)}`, () => {
        const f = recurrent(backwards, lead as Parameters<typeof recurrent>[1]);
        const after = moved(f);
        expectSame(f, after, [0, 1, 3]);
        const [loop] = loopsOf(after);
        expect(opsIn(bodyOf(loop!), "contract")).toBe(1);
        expect(opsIn(bodyOf(loop!), "reduce")).toBe(0);
        expect([opsIn(after, "contract"), opsIn(after, "reduce")]).toEqual([1, 1]);
      });

  test("keeps a value once for all that need it", () => {
    // the trips keep h anyway: neither the product nor the sum makes room for it
    const [loop] = loopsOf(moved(recurrent(false)));
    expect(bodyOf(loop!).results.length).toBe(3);
  });

  test("makes what hangs on the number of the trip alone before the loop", () => {
    const types = [tensor("f64", [N, 4]), tensor("f64", [T, N, 40]), tensor("f64", [40, 4]), tensor("f64", [4, 4])];
    const f = closed(types, (h, x, w, v) => {
      const t = looped(T, [h!, g.full(0, "i32")], [x!, w!, v!], ([a, at], [p, q, r]) => [
        tanh(
          add(g.contract("nk,kj->nj", a!, g.contract("ik,kj->ij", r!, r!)), g.contract("nk,kj->nj", row(p!, at!), q!)),
        ),
        add(at!, ONE),
      ]);
      return [g.get(0, t)];
    });
    const after = moved(f);
    expectSame(f, after, [0, 1, 3]);
    expect(opsIn(after, "contract")).toBe(2);
    expect(opsIn(bodyOf(loopsOf(after)[0]!), "contract")).toBe(1);
  });

  test("reads rows of what a state began as, where each trip reads the row that it writes", () => {
    const types = [tensor("f64", [T, 3]), tensor("f64", [3])];
    const f = closed(types, (rows, h) => {
      const t = looped(T, [rows!, h!, g.full(T - 1, "i32")], [], ([all, a, at]) => [
        put(all!, at!, g.full(0, "f64", [3])),
        tanh(add(a!, row(all!, at!))),
        g.lane("sub", at!, ONE),
      ]);
      return [g.get(0, t), g.get(1, t)];
    });
    const after = moved(f);
    expectSame(f, after, [1]);
    expect(bodyOf(loopsOf(after)[0]!).results.length).toBe(2);
    expect(opsIn(bodyOf(loopsOf(after)[0]!), "select")).toBe(0);
  });

  test("says of which states nobody sees what they began as", () => {
    const types = [tensor("f64", [T, 3]), tensor("f64", [T, 3]), tensor("f64", [3])];
    const f = closed(types, (seen, unseen, h) => {
      const t = looped(T, [seen!, unseen!, h!, g.full(0, "i32")], [], ([all, rows, a, at]) => {
        const next = put(all!, at!, a!);
        return [next, put(rows!, at!, a!), tanh(add(a!, g.reduce("add", [0], next))), add(at!, ONE)];
      });
      return [g.get(0, t), g.get(1, t)];
    });
    const after = moved(f);
    expectSame(f, after, [1]);
    expect(loopsOf(after)[0]!.attrs["overwritten"]).toEqual([false, true, false, false]);
  });

  test("adds rows that each trip adds at its own place", () => {
    const types = [tensor("f64", [N, T, 3]), tensor("f64", [N, 3])];
    const f = closed(types, (sum, h) => {
      const t = looped(T, [sum!, h!, g.full(0, "i32")], [], ([all, a, at]) => {
        const next = tanh(a!);
        const there = g.scatter("add", 1, 0, T, g.reshape([1], at!), g.reshape([N, 1, 3], next));
        return [add(all!, there), next, add(at!, ONE)];
      });
      return [g.get(0, t), g.get(1, t)];
    });
    const after = moved(f);
    expectSame(f, after, [0, 1, 3]);
    expect(opsIn(bodyOf(loopsOf(after)[0]!), "scatter")).toBe(0);
  });

  test("adds rows of a state that its trips change as a whole", () => {
    for (const many of [false, true]) {
      const types = [tensor("f64", [T, 3]), tensor("f64", [T, 40]), tensor("f64", [3, 40])];
      const f = closed(types, (rows, y, sum) => {
        const start = many ? sum! : g.full(0, "f64");
        const t = looped(T, [rows!, start, g.full(0, "i32")], [y!], ([all, s, at], [q]) => [
          tanh(all!),
          add(s!, many ? g.contract("k,j->kj", row(all!, at!), row(q!, at!)) : g.reduce("add", [0], row(all!, at!))),
          add(at!, ONE),
        ]);
        return [g.get(0, t), g.get(1, t)];
      });
      expectSame(f, moved(f), [1]);
    }
  });

  /** h = tanh(h + x_k w) in so many trips; s += h outer h over so many records */
  const wide = (trips: number, records: 1 | typeof N, width: number): Fn => {
    const types = [
      tensor("f32", [records, width]),
      tensor("f32", [trips, records, 32]),
      tensor("f32", [32, width]),
      tensor("f32", [width, width]),
    ];
    return closed(types, (h, x, v, s) => {
      const t = looped(trips, [h!, s!, g.full(0, "i32")], [x!, v!], ([a, all, k], [rows, w]) => {
        const next = tanh(add(a!, g.contract("ni,ij->nj", row(rows!, k!), w!)));
        return [next, add(all!, g.contract("ni,nj->ij", next, next)), add(k!, ONE)];
      });
      return [g.get(0, t), g.get(1, t)];
    });
  };
  const left = (f: Fn): number => opsIn(bodyOf(loopsOf(f)[0]!), "contract");
  test("moves out what there is room for", () => {
    // of each trip the sum wants h, and the product what it comes to: 2^30 bytes are 2^28 numbers
    expect(left(moved(wide(2 ** 20, 1, 2 ** 7)))).toBe(0);
    expect(left(moved(wide(2 ** 20, 1, 2 ** 8)))).toBe(1);
    expect(left(moved(wide(2 ** 20, 1, 2 ** 9)))).toBe(2);
  });
  test.each([
    [2 ** 10, 0],
    [2 ** 11, 1],
    [2 ** 12, 2],
  ])("asks how many records there are: of batches of %i it leaves %i products", (batch, want) => {
    const inner = wide(2 ** 7, N, 2 ** 10);
    const X = tensor("f32", [N, 2 ** 7, 32]);
    const [who, sum, whole] = [tensor("u32", [N, 2]), tensor("f32", [2 ** 10, 2 ** 10]), tensor("i32")];
    const body = closed([X, who, sum, whole, whole, inner.params[2]!], (x, _who, s, _epoch, _step, w) => {
      const zeros = g.full(0, "f32", [N, 2 ** 10]);
      return [inline(inner, [zeros, g.transpose([1, 0, 2], x!), w!, s!])[1]!];
    });
    const rows = rddType({ x: { store: "f32", shape: [2 ** 7, 32] } as never });
    const main = closed([rows, sum, inner.params[2]!], (d, s, w) => [
      g.get(0, g.batches({ ...onePass("sums", body, 1, 0, 0), batch }, d!, g.noSeed(), [s!], [w!])),
    ]);
    const pass = topological(moved(main).results).find(n => n.op.name === "batches")!;
    expect(left(bodyOf(pass))).toBe(want);
  });
  test("gives a loop without a counter one", () => {
    const types = [tensor("f64", [N, 40]), tensor("f64", [40, 40])];
    const f = closed(types, (h, s) => {
      const t = looped(T, [h!, s!], [], ([a, sum]) => [
        tanh(a!),
        add(sum!, g.contract("nk,nj->kj", tanh(a!), tanh(a!))),
      ]);
      return [g.get(0, t), g.get(1, t)];
    });
    const after = moved(f);
    expectSame(f, after, [0, 1, 3]);
    expect(opsIn(bodyOf(loopsOf(after)[0]!), "contract")).toBe(0);
  });

  const stays = (name: string, f: Fn): void =>
    test(`leaves ${name}`, () => {
      expect(deferFn(f)).toBe(f);
    });
  const [x, w] = [tensor("f64", [N, 40]), tensor("f64", [40, 40])];
  const outer = (a: Node): Node => g.contract("nk,nj->kj", tanh(a), tanh(a));
  const both = (t: Node): readonly Node[] => [g.get(0, t), g.get(1, t)];
  stays(
    "a sum that a trip reads",
    closed([x, w], (h, s) =>
      both(looped(T, [h!, s!], [], ([a, sum]) => [tanh(g.contract("nk,kj->nj", a!, sum!)), add(sum!, outer(a!))])),
    ),
  );
  stays(
    "a loop that ends when it wants to",
    closed([x, w], (h, s) =>
      both(looped(T, [h!, s!], [], ([a, sum]) => [tanh(a!), add(sum!, outer(a!)), g.full(0, "bool")], { until: true })),
    ),
  );
  stays(
    "a loop of one trip",
    closed([x, w], (h, s) => both(looped(1, [h!, s!], [], ([a, sum]) => [tanh(a!), add(sum!, outer(a!))]))),
  );
  stays(
    "a sum whose terms are cheaper to add than to keep",
    closed([x, tensor("f64", [40])], (h, s) =>
      both(looped(T, [h!, s!], [], ([a, sum]) => [tanh(a!), add(sum!, g.reduce("add", [0], tanh(a!)))])),
    ),
  );
  stays(
    "a sum that is multiplied on its way",
    closed([x, w], (h, s) =>
      both(
        looped(T, [h!, s!], [], ([a, sum]) => [
          tanh(a!),
          add(g.lane("mul", sum!, g.full(0.5, "f64", numbers(w.shape))), outer(a!)),
        ]),
      ),
    ),
  );
  test("logs what a trip logged", () => {
    const types = [tensor("f32", [3]), tensor("f32", [3])];
    const f = closed(types, (h, s) => {
      const more = { logs: ["a", "b", "c"] };
      const t = looped(
        T,
        [h!, s!],
        [],
        ([a, sum]) => [tanh(a!), add(sum!, g.contract("k,j->k", a!, a!)), ...[0, 1, 2].map(i => first(a!, i))],
        more,
      );
      return [g.get(0, t), g.get(1, t)];
    });
    const [loop] = loopsOf(moved(f));
    expect(loop!.attrs["logs"]).toEqual(["a", "b", "c"]);
    const [a, b] = [bodyOf(loopsOf(f)[0]!), bodyOf(loop!)].map(body => body.results.slice(-3).map(r => g.shapeAt(r)));
    expect(a).toEqual(b);
  });
  test("is exact for whole numbers", () => {
    const types = [tensor("i32", [9]), tensor("i32", [9, 33]), tensor("i32", [9, 33])];
    const f = closed(types, (h, y, s) => {
      const t = looped(T, [h!, s!], [y!], ([a, sum], [q]) => [
        g.lane("add", a!, g.full(3, "i32", [9])),
        add(sum!, g.contract("k,kj->kj", a!, q!)),
      ]);
      return [g.get(0, t), g.get(1, t)];
    });
    const after = moved(f);
    const rng = random(1);
    const given = types.map(p => value("i32", numbers(p.shape), () => rng.int(2 ** 31)));
    expect(run(after, given).map(list)).toEqual(run(f, given).map(list));
  });
  test("and takes no counter for one that counts otherwise", () => {
    for (const [from, step] of [
      [1, 1],
      [0, 2],
      [T, -1],
    ] as const) {
      const types = [tensor("f64", [N, 4]), tensor("f64", [20, N, 40]), tensor("f64", [40, 4])];
      const f = closed(types, (h, y, s) => {
        const t = looped(T, [h!, s!, g.full(from, "i32")], [y!], ([a, sum, at], [q]) => [
          tanh(a!),
          add(sum!, g.contract("nj,nk->jk", row(q!, at!), a!)),
          add(at!, g.full(step, "i32")),
        ]);
        return [g.get(0, t), g.get(1, t), g.get(2, t)];
      });
      expectSame(f, moved(f), [1, 3]);
    }
  });
});
