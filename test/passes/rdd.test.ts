/** The meaning of the ops over rdds, before any pass. */
import { describe, expect, test } from "vitest";
import { evaluate } from "../../src/ir/interp.ts";
import { mix32 } from "../../src/ir/mix32.ts";
import { fnsOf, make, type Node, topological } from "../../src/ir/node.ts";
import type { RddValue, Value } from "../../src/ir/op.ts";
import {
  type AggregateOp,
  aggregate,
  batches,
  cast,
  full,
  get,
  lane,
  noSeed,
  onePass,
  rddBatch,
  rddFilter,
  rddMap,
  rddNumber,
  rddRows,
  rddSample,
  rddShuffle,
  rddSplit,
  rddTake,
  reduce,
  slice,
} from "../../src/ir/ops/index.ts";
import { threefry2x32 } from "../../src/ir/threefry.ts";
import { N, tensor } from "../../src/ir/type.ts";
import { closed, list, rddType, run, source, value } from "./graphs.ts";

const ROW = rddType({
  x: { store: "f32", shape: [2], nullable: false },
  y: { store: "u8", shape: [], nullable: false },
});
const SEED = tensor("u32", [2]);
const data = (rows: number): RddValue =>
  source({ x: value("f32", [rows, 2], i => i / 2), y: value("f64", [rows], i => i % 256) });
const seed = value("u32", [2], i => 7 + i);

/** the rdd that a chain makes of `rows` rows */
function chain(rows: number, build: (d: Node, s: Node) => Node): RddValue {
  const f = closed([ROW, SEED], (d, s) => [build(d!, s!)]);
  const [v] = evaluate(f, [data(rows), seed], 0);
  if (v?.k !== "rdd") throw new Error("no rdd");
  return v;
}
const isOdd = closed([tensor("f32", [2]), tensor("i32")], (_, y) => [
  lane("eq", lane("rem", y!, full(2, "i32")), full(1, "i32")),
]);

describe("selections", () => {
  test("split gives every row to exactly one part, in order", () => {
    const cuts = [0, 0.3 * 2 ** 32, 0.95 * 2 ** 32, 2 ** 32];
    for (const rows of [0, 1, 1000]) {
      const parts = [0, 1, 2].map(i => chain(rows, (d, s) => rddSplit(99, cuts[i]!, cuts[i + 1]!, d, s)).id);
      expect(parts.flat().sort((a, b) => a - b)).toEqual(data(rows).id);
      for (const p of parts) expect(p).toEqual([...p].sort((a, b) => a - b));
    }
  });

  test("split, sample and shuffle go by the words of the row function", () => {
    const [a, b] = threefry2x32(7, 8, 5, 0);
    const word = (id: number): number => mix32(mix32(id ^ a) ^ b);
    const ids = data(200).id;
    expect(chain(200, (d, s) => rddSplit(5, 1e9, 3e9, d, s)).id).toEqual(
      ids.filter(i => word(i) >= 1e9 && word(i) < 3e9),
    );
    expect(chain(200, (d, s) => rddSample(5, 0.25, d, s)).id).toEqual(ids.filter(i => word(i) < 2 ** 30));
    expect(chain(200, (d, s) => rddShuffle(5, d, s)).id).toEqual([...ids].sort((i, j) => word(i) - word(j)));
  });

  test("shuffle keeps every row with its columns", () => {
    const d = chain(100, (r, s) => rddShuffle(1, r, s));
    expect([...d.id].sort((a, b) => a - b)).toEqual(data(100).id);
    expect(list(d.columns["y"]!)).toEqual(d.id);
    expect(d.id).not.toEqual(data(100).id);
  });

  test("take of more than there are takes all; filter, number and batch follow the order they find", () => {
    expect(chain(3, d => rddTake(8, d)).id).toEqual([0, 1, 2]);
    expect(chain(6, d => rddFilter(isOdd, false, d)).id).toEqual([1, 3, 5]);
    const numbered = chain(6, d => rddNumber("i", rddFilter(isOdd, false, d)));
    expect(list(numbered.columns["i"]!)).toEqual([0, 1, 2]);
    const groups = chain(7, d => rddBatch(3, d));
    expect([groups.rows, groups.columns["x"]!.shape, groups.id]).toEqual([2, [2, 3, 2], [0, 3]]);
    expect(list(groups.columns["y"]!)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test("rows of a tensor are its slices", () => {
    const f = closed([tensor("f32", [3, 2])], x => [rddRows("row", x!)]);
    const [v] = evaluate(f, [value("f32", [3, 2], i => i)], 0);
    expect(v).toMatchObject({ k: "rdd", rows: 3, id: [0, 1, 2] });
  });
});

describe("rows computed", () => {
  test("map takes captures and the identity of each row", () => {
    const f = closed(
      [tensor("f32", [2]), tensor("i32"), tensor("f32"), tensor("u32", [2]), tensor("i32")],
      (x, y, w, id) => [
        lane("mul", reduce("add", [0], x!), w!),
        lane("add", cast("i32", slice([1], [1], [1], id!)), full(100, "i32", [1])),
        lane("add", y!, full(1, "i32")),
      ],
    );
    const g = closed([ROW, tensor("f32")], (d, w) => [rddMap(f, ["s", "id", "y"], true, d!, [w!])]);
    const [v] = evaluate(g, [data(3), value("f32", [], () => 10)], 0);
    if (v?.k !== "rdd") throw new Error("no rdd");
    expect(Object.values(v.columns).map(list)).toEqual([
      [5, 25, 45],
      [100, 101, 102],
      [1, 2, 3],
    ]);
  });
});

describe("batches", () => {
  test("forget what is known of the first value of a state", () => {
    const params = [
      tensor("f32", [N, 2]),
      tensor("i32", [N]),
      tensor("u32", [N, 2]),
      tensor("i32", [], 1),
      ...Array(2).fill(tensor("i32")),
    ];
    const body = closed(params, (...inputs) => [lane("add", inputs[3]!, full(1, "i32"))]);
    const f = closed([ROW], d => [
      get(0, batches({ ...onePass("", body, 1, 0, 0), batch: 2 }, d!, noSeed(), [full(0, "i32")])),
    ]);
    expect(list(run(f, [data(5)])[0]!)).toEqual([3]);
    const [loop] = topological(f.results).filter(x => x.op.control === "batches");
    expect(fnsOf(loop!)[0]!.params[3]).toEqual(tensor("i32"));
    expect(() => make(loop!.op, loop!.args, { ...loop!.attrs, body })).toThrow("a bound that its next value may break");
  });

  test("refuse a body whose next state is another, and outs that are not per row", () => {
    const params = [
      tensor("f32", [N, 2]),
      tensor("i32", [N]),
      tensor("u32", [N, 2]),
      tensor("f32"),
      ...Array(2).fill(tensor("i32")),
    ];
    const of = (results: (state: Node) => readonly Node[], outs: number) => () => {
      const body = closed(params, (...inputs) => results(inputs[3]!));
      closed([ROW], d => [get(0, batches(onePass("", body, 1, outs, 4), d!, noSeed(), [full(0, "f32")]))]);
    };
    expect(of(s => [cast("i32", s)], 0)).toThrow("state 0 is f32, its next i32");
    expect(of(s => [s, cast("i32", s)], 1)).toThrow("out 0 is i32, not [N, ..]");
    expect(of(s => [s, cast("i32", s)], 0)).toThrow("log 0 is i32, not f32");
  });
});

describe("aggregates", () => {
  const of = (by: AggregateOp, elem: "f32" | "i32" | "bool", rows: number, site?: number): readonly Value[] => {
    const f = closed([tensor("f32", [2]), tensor("i32")], (_, y) => [cast(elem, y!)]);
    const faults: number[] = [];
    const g = closed([ROW], d => [aggregate(f, by, false, d!, [], site)]);
    const values = evaluate(g, [data(rows)], 0, { fault: at => faults.push(at.site) });
    return faults.length ? [] : values;
  };
  const number = (vs: readonly Value[]): number | undefined =>
    vs[0]?.k === "tensor" ? Number(vs[0].data[0]) : undefined;

  test("are exact for integers and floats", () => {
    expect(number(of("add", "i32", 100))).toBe(4950);
    expect(number(of("mean", "i32", 100))).toBe(49.5);
    expect(number(of("mean", "bool", 100))).toBe(Math.fround(0.99));
    expect(number(of("max", "f32", 100))).toBe(99);
    expect(number(of("min", "i32", 100))).toBe(0);
  });

  test("of nothing: sum 0, mean NaN, min and max a fault", () => {
    expect(number(of("add", "f32", 0))).toBe(0);
    expect(number(of("mean", "f32", 0))).toBeNaN();
    expect(of("min", "f32", 0, 4)).toEqual([]);
    expect(of("max", "i32", 0, 4)).toEqual([]);
  });

  test("refuse a function that does not fit the rows", () => {
    const f = closed([tensor("f32", [3]), tensor("i32")], x => [reduce("add", [0], x!)]);
    expect(() => closed([ROW], d => [aggregate(f, "add", false, d!)])).toThrow(
      "fn takes (f32[3], i32) where (f32[2], i32) is given",
    );
    expect(() =>
      run(
        closed([ROW], d => [aggregate(isOdd, "mean", true, d!)]),
        [data(1)],
      ),
    ).toThrow("is given");
  });
});
