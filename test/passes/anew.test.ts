/** Rows that chance changes from epoch to epoch, in groups, frozen, in tables and in queries of them: segment and expand keep what they are in each epoch. */
import { describe, expect, test } from "vitest";
import { make, type Node } from "../../src/ir/node.ts";
import type { RddValue } from "../../src/ir/op.ts";
import {
  batches,
  cast,
  foldIn,
  full,
  get,
  lane,
  noSeed,
  onePass,
  op,
  randomBits,
  rddBatch,
  rddFilter,
  rddFreeze,
  rddMap,
  rddQuery,
  rddSample,
  rddShuffle,
  rddTable,
  reduce,
  reshape,
  slice,
} from "../../src/ir/ops/index.ts";
import { N, type RddType, type Type, tensor } from "../../src/ir/type.ts";
import { verify } from "../../src/ir/verify.ts";
import { expandAll } from "../../src/passes/expand.ts";
import { segmentFn } from "../../src/passes/segment.ts";
import { closed, list, normals, opsOf, random, rddType, run, scaled, source, value } from "./graphs.ts";

const X = tensor("f32", [3]);
const ROW = rddType({ x: { store: "f32", shape: [3], nullable: false } });
const IDENTITY: readonly Type[] = [tensor("u32", [2]), tensor("i32")];
const SEED = tensor("u32", [2]);
const noisy = closed([X, ...IDENTITY], (x, row, epoch) => {
  const [hi, lo] = [0, 1].map(i => reshape([], slice([i], [1], [1], row!)));
  const key = foldIn(foldIn(foldIn(full(5, "u32", [2]), cast("u32", epoch!)), lo!), hi!);
  const unit = cast("f32", lane("shr", randomBits([3], key), full(8, "u32", [3])));
  return [lane("add", x!, scaled(unit, 2 ** -24))];
});
const positive = closed([X], x => [lane("lt", full(0, "f32"), reduce("add", [0], x!))]);
const same = closed([X], x => [x!]);
const drawn = (d: Node): Node => rddMap(noisy, ["x"], true, d);
/** the column `x` of the rows as they are in an epoch, with room for `rows` */
function collect(d: Node, epoch: number, rows: number): Node {
  const columns = Object.values((d.type as RddType).row).map(c => tensor("f32", [N, ...c.shape])); // as: all columns are of f32
  const body = closed([...columns, tensor("u32", [N, 2]), tensor("i32"), tensor("i32")], x => [x!]);
  const clock = { epoch: full(epoch, "i32"), step: full(0, "i32") };
  return get(1, batches(onePass("", body, 0, 1, rows), d, noSeed(), [], [], clock));
}
const data = (rows: number): RddValue => source({ x: normals(random(rows), "f32", rows, 3) });
const seed = value("u32", [2], i => 3 + i);
/** before and after segment and expand */
function collected(build: (d: Node, s: Node) => Node, epoch: number, rows: number): readonly number[] {
  const main = closed([ROW, SEED], (d, s) => [collect(build(d!, s!), epoch, rows)]);
  const [want] = run(main, [data(rows), seed]);
  for (const made of [segmentFn(main), expandAll(segmentFn(main))]) {
    expect(verify(made, made === segmentFn(main) ? "segmented" : "expanded", false)).toEqual([]);
    expect(opsOf(made)).not.toContain("rdd.map");
    expect(list(run(made, [data(rows), seed])[0]!)).toEqual(list(want!));
  }
  return list(want!) as readonly number[]; // as: of f32
}

describe("groups", () => {
  test("rows in them draw under their own identities, as they do alone", () => {
    for (const epoch of [0, 3]) {
      const chain = (d: Node, s: Node): Node => drawn(rddShuffle(4, rddFilter(positive, false, d), s));
      const alone = collected(chain, epoch, 60);
      const count = alone.findLastIndex(x => x !== 0) + 1;
      const whole = (n: number): readonly number[] => alone.slice(0, Math.floor(count / (3 * n)) * 3 * n);
      for (const n of [1, 2, 7])
        expect(collected((d, s) => rddBatch(n, chain(d, s)), epoch, 60).slice(0, whole(n).length)).toEqual(whole(n));
      const nested = collected((d, s) => rddBatch(2, rddBatch(3, chain(d, s))), epoch, 60);
      expect(nested.slice(0, whole(6).length)).toEqual(whole(6));
    }
  });
  test("a column may have the name that their identities have", () => {
    const other = rddType({ who: { store: "f32", shape: [3], nullable: false } });
    const named: RddValue = { ...data(8), columns: { who: data(8).columns["x"]! } };
    const of = (t: RddType, d: RddValue): readonly unknown[] => {
      const main = closed([t], r => [collect(rddBatch(2, drawn(r!)), 1, 4)]);
      return list(run(expandAll(segmentFn(main)), [d])[0]!);
    };
    expect(of(other, named)).toEqual(of(ROW, data(8)));
    expect(() => closed([ROW], d => [make(op("rdd.batch"), [d!], { count: 2, who: "x" })])).toThrow("a column x");
  });
});

describe("frozen rows", () => {
  test("are those of epoch 0 in every epoch", () => {
    const chains: readonly ((d: Node, s: Node) => Node)[] = [
      drawn,
      (d, s) => rddSample(8, 0.5, rddShuffle(9, d, s), s),
      (d, s) => rddFilter(positive, false, drawn(rddSample(8, 0.7, d, s))),
      (d, s) => rddBatch(2, drawn(rddShuffle(9, d, s))),
    ];
    for (const chain of chains) {
      const first = collected(chain, 0, 50);
      expect(collected(chain, 2, 50)).not.toEqual(first);
      expect(collected((d, s) => rddFreeze(chain(d, s)), 2, 50)).toEqual(first);
    }
  });
  test("may be drawn upon anew", () => {
    const chain = (e: number): readonly number[] => collected(d => drawn(rddFreeze(drawn(d))), e, 20);
    expect(chain(1)).not.toEqual(chain(0));
  });
});

describe("queries", () => {
  /** as an engine would: the rows of both tables, the second ones first, each plus the epoch */
  const made: RddValue["made"] = ([a, b], e) => {
    const x = [...b!.columns["x"]!.data, ...a!.columns["x"]!.data].map(v => Number(v) + e);
    const rows = a!.rows + b!.rows;
    return {
      k: "rdd",
      rows,
      id: Array.from({ length: rows }, (_, i) => i),
      columns: { x: value("f32", [rows, 3], i => x[i]!) },
    };
  };
  const asked: RddValue = { k: "rdd", rows: 0, columns: {}, id: [], made };
  const tableOf = (d: Node): Node => rddTable(same, ["x"], false, d);
  test("see the tables of their epoch, and those that are frozen as they were first", () => {
    const of = (epoch: number): readonly number[] => {
      const main = closed([ROW, ROW], (d, q) => [
        collect(rddQuery(q!, [tableOf(drawn(d!)), tableOf(rddFreeze(drawn(d!)))]), epoch, 12),
      ]);
      const before = list(run(main, [data(6), asked])[0]!);
      const after = expandAll(segmentFn(main));
      expect(verify(after, "expanded", false)).toEqual([]);
      expect(opsOf(after)).not.toContain("rdd.map");
      expect(list(run(after, [data(6), asked])[0]!)).toEqual(before);
      return before as readonly number[]; // as: of f32
    };
    const rows = (epoch: number): readonly number[] => collected(drawn, epoch, 6);
    for (const epoch of [0, 2]) {
      const want = [...rows(0), ...rows(epoch)].map(x => Math.fround(x + epoch));
      expect(of(epoch)).toEqual(want);
    }
  });
});
