/** lift(f) is f for each record. */
import { describe, expect, test } from "vitest";
import { addSpans, spansOf, topological } from "../../src/ir/node.ts";
import type { TensorValue } from "../../src/ir/op.ts";
import {
  aggregate,
  check,
  full,
  lane,
  randomBits,
  rddFilter,
  rddMap,
  rddTake,
  reduce,
} from "../../src/ir/ops/index.ts";
import { rowAt, stack } from "../../src/ir/ops/rows.ts";
import { type Dim, N, type TensorType, tensor } from "../../src/ir/type.ts";
import { sameTensor } from "../../src/ir/value.ts";
import { isLiftable } from "../../src/passes/each.ts";
import { expandFn } from "../../src/passes/expand.ts";
import { lift, liftRows } from "../../src/passes/lift.ts";
import { segmentFn } from "../../src/passes/segment.ts";
import { closed, list, normals, random, randomFn, rddType, run, value } from "./graphs.ts";

const PARAMS = [tensor("f32", [3, 4]), tensor("f32", [4]), tensor("f32")];

describe("lift", () => {
  for (const n of [5, 1, 0]) {
    test(`is the function for each of ${n} records, on random functions`, () => {
      for (let seed = 0; seed < 60; seed++) {
        const rng = random(seed * 7 + n);
        const f = expandFn(randomFn(rng, PARAMS, 3 + rng.int(12)));
        const mapped = PARAMS.map(() => rng.int(2) === 0);
        if (!mapped.includes(true)) mapped[rng.int(3)] = true;
        const dim: Dim = rng.int(2) ? N : n;
        const lifted = lift(f, mapped, dim);
        const args = PARAMS.map((p, i) => normals(rng, "f32", ...(mapped[i] ? [n] : []), ...(p.shape as number[])));
        const got = run(lifted.fn, args, n);
        const each = Array.from({ length: n }, (_, r) =>
          run(
            f,
            args.map((a, i) => (mapped[i] ? rowAt(a, r) : a)),
            n,
          ),
        );
        f.results.forEach((result, i) => {
          const want: TensorValue = lifted.mapped[i]
            ? stack(
                each.map(r => r[i]!),
                result.type as TensorType,
              )
            : (each[0]?.[i] ?? got[i]!);
          expect(sameTensor(got[i]!, want), `seed ${seed}, result ${i}`).toBe(true);
        });
      }
    });
  }

  test("leaves what depends on no mapped parameter shared", () => {
    const f = closed([tensor("f32", [2]), tensor("f32", [3])], (x, w) => [
      lane("neg", x!),
      lane("neg", w!),
      full(1, "f32"),
    ]);
    const { fn, mapped } = lift(f, [true, false], N);
    expect(mapped).toEqual([true, false, false]);
    expect(fn.results.map(r => (r.type as TensorType).shape)).toEqual([[N, 2], [3], []]);
  });

  test("draws the same bits for each record's key as that record alone", () => {
    const f = closed([tensor("u32", [2])], key => [randomBits([3], key!)]);
    const keys = value("u32", [4, 2], i => i * 77);
    const [got] = run(lift(f, [true], N).fn, [keys], 4);
    const want = stack(
      Array.from({ length: 4 }, (_, r) => run(f, [rowAt(keys, r)])[0]!),
      tensor("u32", [3]),
    );
    expect(sameTensor(got!, want)).toBe(true);
  });

  test("of a filter's function takes the columns of N rows, and shares what no row decides", () => {
    const d = rddType({ x: { store: "u8", shape: [2], nullable: false } });
    const [row, epoch] = [tensor("u32", [2]), tensor("i32")];
    const own = closed([tensor("i32", [2]), tensor("i32"), row, epoch], (x, w) => [
      lane("lt", w!, reduce("add", [0], x!)),
    ]);
    const same = closed([tensor("i32", [2]), tensor("i32")], (_, w) => [lane("lt", w!, full(3, "i32"))]);
    const filters = closed([d, epoch], (r, w) => [rddFilter(own, true, r!, [w!]), rddFilter(same, false, r!, [w!])]);
    const [x, w] = [value("i32", [3, 2], i => i), value("i32", [], () => 2)];
    const [first, second] = filters.results.map(liftRows);
    expect(list(run(first!, [x, w, value("u32", [3, 2], i => i), value("i32", [], () => 0)], 3)[0]!)).toEqual([
      0, 1, 1,
    ]);
    expect(list(run(second!, [x, w], 3)[0]!)).toEqual([1, 1, 1]);
  });

  test("keeps checks with their sites", () => {
    const f = closed([tensor("i32")], i => [check(3, 0, 4, i!)]);
    const [got] = run(lift(f, [true], N).fn, [value("i32", [3], i => i * 3)], 3);
    expect(list(got!)).toEqual([0, 3, 3]);
  });

  test("hands the places of a node to the nodes it becomes", () => {
    const span = { file: "a.hs", start: 4, end: 9, line: 1, column: 5 };
    const f = closed([tensor("f32", [2, 3]), tensor("f32", [3])], (x, w) => [
      addSpans(lane("add", reduce("add", [0], x!), w!), [span]),
    ]);
    const added = topological(lift(f, [true, false], N).fn.results).filter(x => x.op.name === "add");
    expect(added.map(spansOf)).toEqual([[span]]);
  });

  test("sums over rows for each of several captured values, and no rdd per record", () => {
    const d = rddType({ x: { store: "f32", shape: [], nullable: false } });
    const row = closed([tensor("f32"), tensor("f32")], (x, w) => [lane("mul", x!, w!)]);
    const f = closed([d, tensor("f32")], (rows, w) => [aggregate(row, "add", false, rddTake(2, rows!), [w!])]);
    const rows = { k: "rdd", rows: 3, columns: { x: value("f32", [3], i => i + 1) }, id: [0, 1, 2] } as const;
    const lifted = lift(f, [false, true], 3).fn;
    expect(list(run(lifted, [rows, value("f32", [3], i => i)])[0]!)).toEqual([0, 3, 6]);
    const perRecord = closed([d, tensor("f32")], (rows, w) => [
      aggregate(
        closed([tensor("f32")], x => [x!]),
        "add",
        false,
        rddMap(row, ["z"], false, rows!, [w!]),
      ),
    ]);
    expect(isLiftable(perRecord, [false, true])).toBe(false);
    expect(isLiftable(segmentFn(perRecord), [false, true])).toBe(true);
  });
});
