/** segment and expand keep the meaning of programs over rows: actions, aggregates, training. */
import { describe, expect, test } from "vitest";
import { evaluate } from "../../src/ir/interp.ts";
import { addSpans, type Fn, fnsOf, type Node, spansOf, topological } from "../../src/ir/node.ts";
import type { RddValue, TensorValue, Value } from "../../src/ir/op.ts";
import {
  type AggregateOp,
  aggregate,
  batches,
  broadcast,
  call,
  cast,
  foldIn,
  full,
  get,
  grad,
  lane,
  loop,
  map,
  noSeed,
  onePass,
  randomBits,
  rddBatch,
  rddFilter,
  rddMap,
  rddNumber,
  rddRows,
  rddSample,
  rddShuffle,
  rddSplit,
  rddTake,
  records,
  reduce,
  reshape,
  slice,
} from "../../src/ir/ops/index.ts";
import { rowAt } from "../../src/ir/ops/rows.ts";
import { N, type TensorType, type Type, tensor } from "../../src/ir/type.ts";
import { sameTensor } from "../../src/ir/value.ts";
import { verify } from "../../src/ir/verify.ts";
import { expand, expandAll, expandFn } from "../../src/passes/expand.ts";
import { segment, segmentFn } from "../../src/passes/segment.ts";
import { expectGradients } from "./gradients.ts";
import {
  closed,
  crossEntropy,
  dense,
  list,
  normals,
  opsOf,
  random,
  rddType,
  run,
  scaled,
  source,
  tensors,
  value,
} from "./graphs.ts";

const ROW = rddType({
  x: { store: "f32", shape: [3], nullable: false },
  y: { store: "u8", shape: [], nullable: false },
});
const SEED = tensor("u32", [2]);
const F = tensor("f32");
const X = tensor("f32", [3]);
const Y = tensor("i32");
const IDENTITY: readonly Type[] = [tensor("u32", [2]), Y];
const seed = value("u32", [2], i => 3 + i);
const data = (rows: number): RddValue =>
  source({ x: normals(random(rows), "f32", rows, 3), y: value("f64", [rows], i => (i * 7) % 4) });

const REMOVED = ["map", "grad", "call", "aggregate", "rdd.map"];
const verified = (f: Fn): Fn => {
  expect(verify(f, "expanded", false)).toEqual([]);
  for (const name of REMOVED) expect(opsOf(f)).not.toContain(name);
  return f;
};
/** a program over rdd, seed and one captured f32: after segment and after expand it gives the same */
function same(build: (d: Node, s: Node, w: Node) => readonly Node[], rows: number, w = 0.5): readonly TensorValue[] {
  const main = closed([ROW, SEED, F], (d, s, c) => build(d!, s!, c!));
  const args = [data(rows), seed, value("f32", [], () => w)];
  const want = run(main, args);
  const segmented = segmentFn(main);
  expect(verify(segmented, "segmented", false)).toEqual([]);
  expectSame(run(segmented, args), want);
  const expanded = verified(expandAll(segmented));
  expectSame(run(expanded, args), want);
  expect(segmentFn(expanded)).toBe(expanded);
  expect(expandAll(expanded)).toBe(expanded);
  return want;
}
function expectSame(got: readonly TensorValue[], want: readonly TensorValue[]): void {
  expect(got.map(g => [g.shape, list(g)])).toEqual(want.map(w => [w.shape, list(w)]));
}

// functions over one row
const scale = closed([X, Y, F], (x, y, w) => [scaled(x!, 2), lane("add", y!, cast("i32", w!))]);
const noisy = closed([X, Y, ...IDENTITY], (x, y, row, epoch) => {
  const [hi, lo] = [0, 1].map(i => reshape([], slice([i], [1], [1], row!)));
  const key = foldIn(foldIn(foldIn(full(5, "u32", [2]), cast("u32", epoch!)), lo!), hi!);
  const unit = cast("f32", lane("shr", randomBits([3], key), full(8, "u32", [3])));
  return [lane("add", x!, scaled(unit, 2 ** -24)), y!];
});
const positive = closed([X, Y, F], (x, _, w) => [lane("lt", w!, reduce("add", [0], x!))]);
const ofInts = closed([X, Y], (_, y) => [y!]);
const first = closed([X, Y], x => [reduce("max", [0], x!)]);
/** what a batches body makes of every row, as an action that collects */
const collect = (d: Node, of: Fn, rows: number): Node => {
  const params = [...of.params.map(lead), tensor("u32", [N, 2]), Y, Y];
  const body = closed(params, (...inputs) => [
    get(
      0,
      map(
        of,
        of.params.map(() => true),
        inputs.slice(0, of.params.length),
      ),
    ),
  ]);
  return get(0, batches(onePass("", body, 0, 1, rows), d, noSeed(), []));
};
const lead = (t: Type): Type => {
  const { elem, shape } = t as TensorType;
  return tensor(elem, [N, ...shape]);
};

describe("segment and expand keep what rows are collected from", () => {
  const one = (of: (d: Node, s: Node, w: Node) => Node) => (d: Node, s: Node, w: Node) => [
    collect(of(d, s, w), first, 30),
  ];
  const mapped = (d: Node, w: Node): Node => rddMap(scale, ["x", "y"], false, d, [w]);
  const augmented = (d: Node): Node => rddMap(noisy, ["x", "y"], true, d);

  test("map of map, with captures and chance", () => {
    for (const rows of [0, 1, 30])
      same(
        one((d, _, w) => mapped(augmented(mapped(d, w)), w)),
        rows,
      );
  });
  test("filter of what is computed", () => {
    same(
      one((d, _, w) => mapped(rddFilter(positive, false, augmented(d), [w]), w)),
      30,
    );
  });
  test("each selection after a map", () => {
    const selections: readonly ((d: Node, s: Node) => Node)[] = [
      (d, s) => rddSplit(8, 1e9, 4e9, d, s),
      (d, s) => rddShuffle(8, d, s),
      (d, s) => rddSample(8, 0.5, d, s),
      d => rddTake(4, d),
    ];
    for (const select of selections)
      same(
        one((d, s, w) => mapped(select(augmented(mapped(d, w)), s), w)),
        30,
      );
  });
  test("number and batch after a map", () => {
    const numbered = closed([X, Y, tensor("i64")], (x, _, i) => [lane("mul", reduce("add", [0], x!), cast("f32", i!))]);
    same((d, _, w) => [collect(rddNumber("i", mapped(d, w)), numbered, 30)], 30);
    const grouped = closed([tensor("f32", [4, 3]), tensor("i32", [4])], x => [reduce("add", [0, 1], x!)]);
    same((d, s, w) => [collect(rddBatch(4, mapped(rddShuffle(2, d, s), w)), grouped, 7)], 30);
    const clash = rddType({
      x: { store: "f32", shape: [3], nullable: false },
      i: { store: "f32", shape: [], nullable: false },
    });
    const drop = closed([X, F], x => [x!]);
    const f = closed([clash], d => [
      collect(
        rddNumber("i", rddMap(drop, ["x"], false, d!)),
        closed([X, tensor("i64")], (_, i) => [cast("f32", i!)]),
        2,
      ),
    ]);
    const rows = source({ x: value("f32", [2, 3], i => i), i: value("f32", [2], () => 9) });
    expect(list(run(verified(expandAll(segmentFn(f))), [rows])[0]!)).toEqual([0, 1]);
  });
  test("rows of a tensor", () => {
    const f = closed([tensor("f32", [5, 3])], t => {
      const d = rddMap(
        closed([X], x => [scaled(x!, 3)]),
        ["z"],
        false,
        rddRows("r", t!),
      );
      return [
        collect(
          d,
          closed([X], x => [reduce("add", [0], x!)]),
          5,
        ),
      ];
    });
    const args = [normals(random(2), "f32", 5, 3)];
    expectSame(run(verified(expandAll(segmentFn(f))), args), run(f, args));
  });
});
describe("aggregates", () => {
  const bys: readonly AggregateOp[] = ["add", "mean", "min", "max"];
  const ofBools = closed([X, Y], (_, y) => [lane("eq", y!, full(1, "i32"))]);
  const chain = (d: Node, s: Node, w: Node): Node =>
    rddTake(
      1500,
      rddShuffle(3, rddFilter(positive, false, rddMap(noisy, ["x", "y"], true, rddSplit(4, 0, 3.9e9, d, s)), [w]), s),
    );

  test("of integers and bools are exact over chains of selections, more than one batch of them", () => {
    for (const rows of [0, 1, 40, 2500])
      same((d, s, w) => [ofInts, ofBools].flatMap(f => bys.map(by => aggregate(f, by, false, chain(d, s, w)))), rows);
  });

  test("extrema of floats are exact", () => {
    same((d, s, w) => (["min", "max"] as const).map(by => aggregate(first, by, false, chain(d, s, w), [], 0)), 2500);
  });

  test("sums and means of f32 lie within the rounding of one batch, however many there are", () => {
    const rows = 20000;
    const d = source({ x: normals(random(4), "f32", rows, 3), y: value("f64", [rows], () => 1) });
    const first1000 = closed([X, Y], x => [lane("add", slice([0], [1], [1], x!), full(1000, "f32", [1]))]);
    const f = closed([ROW], r => [aggregate(first1000, "add", false, r!), aggregate(first1000, "mean", false, r!)]);
    const exact = run(f, [d]).map(t => list(t)[0]!);
    const got = run(verified(expandAll(f)), [d]).map(t => list(t)[0]!);
    // 20 batches: each sum is rounded once by the interpreter, adding them is exact but for the last rounding
    for (const [i, g] of got.entries()) expect(Math.abs(g - exact[i]!)).toBeLessThanOrEqual(2 ** -22 * exact[i]!);
  });

  test("small batches are not lost beside a large one", () => {
    const rows = 50 * 1024;
    // sums of the batches: 2^24, then 1 forty-nine times, which f32 alone cannot add to it
    const x = value("f32", [rows, 3], i => (i < 3 * 1024 ? 2 ** 14 : i % (3 * 1024) === 0 ? 1 : 0));
    const firstOf = closed([X, Y], v => [reshape([], slice([0], [1], [1], v!))]);
    const f = expandAll(closed([ROW], r => [aggregate(firstOf, "add", false, r!)]));
    const d = source({ x, y: value("f64", [rows], () => 0) });
    expect(list(run(f, [d])[0]!)).toEqual([Math.fround(2 ** 24 + 49)]);
  });

  test("over one rdd are taken in one pass, one after another where one needs the other", () => {
    const centred = closed([X, Y, F], (x, _, m) => {
      const c = lane("sub", reduce("max", [0], x!), m!);
      return [lane("mul", c, c)];
    });
    const main = closed([ROW], d => {
      const mean = aggregate(first, "mean", false, d!);
      return [mean, aggregate(ofBools, "mean", false, d!), aggregate(centred, "mean", false, d!, [mean])];
    });
    const expanded = verified(expandAll(main));
    expect(topological(expanded.results).filter(x => x.op.control === "batches")).toHaveLength(2);
  });

  test("infinities stay what they are", () => {
    const inf = source({ x: value("f32", [2, 3], () => Number.POSITIVE_INFINITY), y: value("f64", [2], () => 0) });
    const f = expandAll(closed([ROW], d => [aggregate(first, "add", false, d!)]));
    expect(list(run(f, [inf])[0]!)).toEqual([Number.POSITIVE_INFINITY]);
  });

  test("an extremum of nothing is a fault of its site", () => {
    const f = expandAll(closed([ROW], d => [aggregate(first, "min", false, d!, [], 7)]));
    const sites: number[] = [];
    evaluate(f, [data(0)], 0, { fault: at => sites.push(at.site) });
    expect(sites).toEqual([7]);
  });

  test("the gradient of a sum or mean over rows is that of each row", () => {
    const loss = closed([X, Y, X], (x, _, w) => [
      lane("mul", reduce("add", [0], lane("mul", x!, w!)), reduce("max", [0], w!)),
    ]);
    for (const by of ["add", "mean"] as const) {
      const inner = closed([ROW, X, F], (d, w, c) => {
        const half = rddMap(scale, ["x", "y"], false, d!, [c!]);
        return [aggregate(loss, by, false, half, [w!])];
      });
      const main = closed([ROW, X, F], (d, w, c) => [get(1, grad(inner, [1], [d!, w!, c!]))]);
      const got = run(verified(expandAll(segmentFn(main))), [
        data(9),
        value("f32", [3], i => i),
        value("f32", [], () => 0),
      ])[0]!;
      const rows = data(9);
      const x = list(rows.columns["x"]!);
      const totals = [0, 1, 2].map(i => x.filter((_, j) => j % 3 === i).reduce((a, b) => a + b, 0));
      // d/dw of sum 2 x.w * max(w), w = [0, 1, 2]: 2 x max(w), and 2 x.w at the largest
      const dot = 2 * (totals[1]! + 2 * totals[2]!);
      const want = totals.map((t, i) => (4 * t + (i === 2 ? dot : 0)) / (by === "mean" ? 9 : 1));
      for (const [i, g] of list(got).entries()) expect(Math.abs(g - want[i]!)).toBeLessThan(2 ** -18);
    }
  });
});

describe("functions of whole rdds", () => {
  const D = rddType({ x: { store: "f64", shape: [2], nullable: false } });
  const [V, S] = [tensor("f64", [2]), tensor("f64")];
  const shift = closed([V, V], (x, c) => [lane("mul", x!, c!)]);
  const curved = closed([V, V], (x, w) => [lane("tanh", reduce("add", [0], lane("mul", x!, w!)))]);
  const rows = source({ x: normals(random(11), "f64", 6, 2) });
  const [w, c] = [normals(random(12), "f64", 2), normals(random(13), "f64", 2)];

  test("have the gradients of differences, also for what their maps capture", () => {
    const main = closed([D, V, V], (d, u, v) => {
      const mean = aggregate(curved, "mean", false, rddMap(shift, ["x"], false, rddTake(5, d!), [v!]), [u!]);
      const square = closed([V, V, S], (x, a, m) => {
        const e = lane("sub", reduce("add", [0], lane("mul", x!, a!)), m!);
        return [lane("mul", e, e)];
      });
      return [lane("add", mean, aggregate(square, "add", false, d!, [u!, mean]))];
    });
    expectGradients(segmentFn(main), [rows, w, c]);
  });

  test("read what is mapped outside of them", () => {
    const inner = closed([D, V], (d, u) => [aggregate(curved, "mean", false, d!, [u!])]);
    const outside = closed([V, D, V], (v, d, u) => [
      get(1, grad(inner, [1], [rddMap(shift, ["x"], false, d!, [scaled(v!, 2)]), u!])),
    ]);
    const within = closed([V, D, V], (v, d, u) => {
      const whole = closed([D, V, V], (e, a, b) => [
        aggregate(curved, "mean", false, rddMap(shift, ["x"], false, e!, [scaled(b!, 2)]), [a!]),
      ]);
      return [get(1, grad(whole, [1], [d!, u!, v!]))];
    });
    const [got, want] = [outside, within].map(f => run(verified(expandAll(segmentFn(f))), [c, rows, w]));
    expectSame(got!, want!);
  });

  test("are computed for each of several values in one pass", () => {
    const one = closed([D, V], (d, u) => [aggregate(curved, "mean", false, d!, [u!])]);
    const main = closed([D, tensor("f64", [4, 2]), V], (d, us, v) => [
      get(0, map(one, [false, true], [rddMap(shift, ["x"], false, d!, [v!]), us!])),
    ]);
    const args = [rows, normals(random(14), "f64", 4, 2), c];
    const expanded = verified(expandAll(segmentFn(main)));
    expect(topological(expanded.results).filter(x => x.op.control === "batches")).toHaveLength(1);
    const alone = expandAll(closed([D, V], (d, u) => [aggregate(curved, "mean", false, d!, [u!])]));
    const mapped = evaluate(
      closed([D, V], (d, v) => [rddMap(shift, ["x"], false, d!, [v!])]),
      [rows, c],
      0,
    );
    const want = [0, 1, 2, 3].map(i => list(run(alone, [mapped[0]!, rowAt(args[1] as TensorValue, i)])[0]!)[0]);
    expect(list(run(expanded, args)[0]!)).toEqual(want);
  });

  test("may use what other passes over the rows gave: random chains", () => {
    for (let draw = 0; draw < 40; draw++) {
      const rng = random(draw);
      const places = [1e9, 3e9].map(() => rng.int(2 ** 31));
      same((d, s, given) => {
        let chain = d;
        for (let i = rng.int(6); i >= 0; i--) {
          const w = rng.int(2) ? given : aggregate(first, "max", false, chain, [], undefined);
          const links: readonly (() => Node)[] = [
            () => rddMap(scale, ["x", "y"], false, chain, [w]),
            () => rddMap(noisy, ["x", "y"], true, chain),
            () => rddFilter(positive, false, chain, [lane("min", w, given)]),
            () => rddSplit(places[0]!, 0, 3.5e9, chain, s),
            () => rddSample(places[1]!, 0.8, chain, s),
            () => rddShuffle(places[0]!, chain, s),
            () => rddTake(10 + rng.int(10), chain),
          ];
          chain = rng.pick(links)();
        }
        return [
          collect(chain, first, 25),
          aggregate(ofInts, "add", false, chain),
          aggregate(first, "max", false, chain),
        ];
      }, 25);
    }
  });
});

describe("training", () => {
  const W = tensor("f32", [3, 4]);
  const B = tensor("f32", [4]);
  /** softmax regression with momentum; states w, b, velocity of w, and two sums that show epoch and step */
  const loss = closed([X, Y, W, B], (x, y, w, b) => [crossEntropy(dense(x!, w!, b!), y!)]);
  const meanLoss = closed([tensor("f32", [N, 3]), tensor("i32", [N]), W, B], (x, y, w, b) => {
    const losses = get(0, map(loss, [true, true, false, false], [x!, y!, w!, b!]));
    return [lane("div", reduce("add", [0], losses), records("f32"))];
  });
  const step = (whole: (f: Fn) => Fn): Fn =>
    whole(
      closed(
        [lead(X), lead(Y), tensor("u32", [N, 2]), W, B, W, Y, Y, Y, Y, F],
        (x, y, _row, w, b, v, es, ss, epoch, t, rate) => {
          const g = grad(meanLoss, [2, 3], [x!, y!, w!, b!]);
          const spreadTo = (r: Node, shape: readonly number[]): Node => broadcast(shape, [], r);
          const next = lane("add", scaled(v!, 0.9), get(1, g));
          return [
            lane("sub", w!, lane("mul", spreadTo(rate!, [3, 4]), next)),
            lane("sub", b!, lane("mul", spreadTo(rate!, [4]), get(2, g))),
            next,
            lane("add", es!, epoch!),
            lane("add", ss!, t!),
            get(0, g),
          ];
        },
      ),
    );
  const train = (epochs: number, steps: number, order: "source" | "shuffle", whole: (f: Fn) => Fn): Fn =>
    closed([ROW, SEED, F, W, B], (d, s, rate, w, b) => {
      const shuffled = rddShuffle(
        1,
        rddFilter(positive, false, rddMap(noisy, ["x", "y"], true, d!), [full(-2, "f32")]),
        s!,
      );
      const rows = rddMap(scale, ["x", "y"], false, shuffled, [full(0, "f32")]);
      const attrs = {
        body: step(whole),
        batch: 4,
        order,
        place: 77,
        stop: steps,
        states: 5,
        outs: 0,
        rows: 0,
        label: "train",
      } as const;
      const states = [w!, b!, full(0, "f32", [3, 4]), full(0, "i32"), full(0, "i32")];
      const clock = [full(0, "i32"), full(0, "i32")];
      const body = closed(
        [...states, ...clock, rows, s!, rate!].map(x => x.type),
        (...x) => {
          const [inside, [epoch, made, d, key, by]] = [x.slice(0, 5), x.slice(5) as [Node, Node, Node, Node, Node]];
          const pass = batches(attrs, d, key, inside, [by], { epoch, step: made });
          const now = [0, 1, 2, 3, 4].map(i => get(i, pass));
          const ends = steps < 0 ? [] : [lane("le", full(steps, "i32"), get(5, pass))];
          return [...now, lane("add", epoch, full(1, "i32")), get(5, pass), ...ends];
        },
      );
      const all = { body, trip: epochs < 0 ? steps : epochs, states: 7, until: steps >= 0, label: "epoch", logs: [] };
      const t = loop(
        { ...all, names: ["w", "b", "v", "e", "s", "epoch", "step"] },
        [...states, ...clock],
        [rows, s!, rate!],
      );
      return [0, 1, 2, 3, 4].map(i => get(i, t));
    });
  const args = (rows: number): readonly Value[] => {
    const rng = random(9);
    return [data(rows), seed, value("f32", [], () => 0.1), normals(rng, "f32", 3, 4), normals(rng, "f32", 4)];
  };

  for (const order of ["source", "shuffle"] as const)
    test(`over shuffled, filtered, augmented rows in order ${order} gives the same weights after each pass`, () => {
      for (const [epochs, steps] of [
        [3, -1],
        [-1, 7],
        [2, 4],
        [1, 0],
      ] as const)
        for (const rows of [0, 1, 23]) {
          const reference = run(train(epochs, steps, order, expandFn), args(rows));
          const segmented = segmentFn(train(epochs, steps, order, f => f));
          const expanded = verified(expandAll(segmented));
          const got = run(expanded, args(rows));
          for (const [i, g] of got.entries())
            expect(sameTensor(g, reference[i]!), `${epochs}, ${steps}, ${rows}: state ${i}`).toBe(true);
        }
    });

  test("epoch and step count what is finished", () => {
    const rows = run(train(2, -1, "source", expandFn), args(23));
    const kept = run(
      closed([ROW, F], (d, w) => [
        aggregate(
          closed([X, Y], () => [full(1, "i32")]),
          "add",
          false,
          rddFilter(positive, false, rddMap(noisy, ["x", "y"], true, d!), [w!]),
        ),
      ]),
      [data(23), value("f32", [], () => -2)],
    );
    const perEpoch = Math.ceil(list(kept[0]!)[0]! / 4);
    expect(perEpoch).toBeGreaterThan(2);
    const steps = list(rows[4]!)[0]!;
    expect(steps).toBe((2 * perEpoch * (2 * perEpoch - 1)) / 2);
    expect(list(rows[3]!)[0]).toBe(perEpoch);
  });
});

describe("the passes", () => {
  const stage = (main: Fn) => ({ inputs: [], main, effects: [], sites: [] });
  test("that change nothing return the same object", () => {
    const s = stage(closed([X], x => [scaled(x!, 2)]));
    expect(segment.run(s)).toBe(s);
    expect(expand.run(s)).toBe(s);
  });
  test("keep the places of aggregates and of what is computed per row", () => {
    const at = (start: number) => ({ file: "a.hs", start, end: start + 1, line: 1, column: start + 1 });
    const body = closed([X, Y], x => [addSpans(lane("tanh", reduce("max", [0], x!)), [at(1)])]);
    const main = closed([ROW, F], (d, w) => {
      const rows = rddTake(3, rddMap(scale, ["x", "y"], false, d!, [w!]));
      return [
        addSpans(aggregate(body, "add", false, rows), [at(3)]),
        addSpans(aggregate(ofInts, "add", false, rows), [at(5)]),
      ];
    });
    const expanded = expandAll(segmentFn(main));
    const loop = topological(expanded.results).find(x => x.op.control === "batches")!;
    expect(spansOf(loop)).toEqual([at(3), at(5)]);
    const inside = topological(fnsOf(loop)[0]!.results).find(x => x.op.name === "tanh")!;
    expect(spansOf(inside)).toEqual([at(1)]);
  });
  test("enter Fns, inline calls and share what a map does not change", () => {
    const inner = closed([X, F], (x, w) => [scaled(x!, 2), lane("neg", w!)]);
    const outer = closed([tensor("f32", [4, 3]), F], (x, w) => {
      const t = map(inner, [true, false], [x!, w!]);
      return [get(0, t), get(1, t)];
    });
    const main = closed([tensor("f32", [4, 3]), F], (x, w) => [
      get(0, call(outer, [x!, w!])),
      get(1, call(outer, [x!, w!])),
    ]);
    const result = expand.run(stage(main)).main;
    expect(fnsOf(result.results[0]!)).toEqual([]);
    expect(opsOf(verified(result))).toEqual(new Set(["in", "full", "mul", "neg", "broadcast"]));
    const x = normals(random(3), "f32", 4, 3);
    expectSame(run(result, [x, value("f32", [], () => 5)]), tensors(evaluate(main, [x, value("f32", [], () => 5)], 0)));
  });
});
