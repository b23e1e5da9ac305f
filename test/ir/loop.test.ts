/** loop and clock, rows of several tensors: their meaning, by the interpreter. */
import { describe, expect, test } from "vitest";
import { evaluate } from "../../src/ir/interp.ts";
import { fn, type Node } from "../../src/ir/node.ts";
import type { Value } from "../../src/ir/op.ts";
import * as g from "../../src/ir/ops/index.ts";
import { type Type, tensor } from "../../src/ir/type.ts";
import { tensorOf, tensorValue } from "../../src/ir/value.ts";
import { verify } from "../../src/ir/verify.ts";
import { segmentFn } from "../../src/passes/segment.ts";

const closed = (params: readonly Type[], body: (...x: readonly Node[]) => readonly Node[]) =>
  fn(params, body(...params.map((p, i) => g.parameter(i, p))));
const numbers = (v: Value | undefined): readonly number[] => [...tensorOf(v).data].map(Number);
const f32 = tensor("f32");
const attrs = { names: ["s"], label: "epoch", logs: [], states: 1 };

describe("loop", () => {
  // s doubles
  const doubling = (until: boolean, logs = 0) =>
    closed([f32, f32], (s, by) => {
      const next = g.lane("mul", s!, by!);
      return [
        next,
        ...(until ? [g.lane("le", g.full(8, "f32"), next)] : []),
        ...Array.from({ length: logs }, () => next),
      ];
    });
  const run = (until: boolean, trip: number, logs: readonly string[] = []): readonly (readonly number[])[] => {
    const main = closed([f32, f32], (s, by) => [
      g.get(0, g.loop({ ...attrs, body: doubling(until, logs.length), trip, until, logs }, [s!], [by!])),
    ]);
    expect(verify(main, "source", false)).toEqual([]);
    return evaluate(main, [tensorValue("f32", [], [1]), tensorValue("f32", [], [2])], 0).map(numbers);
  };
  test("carries its states", () => {
    expect(run(false, 3)).toEqual([[8]]);
    expect(run(false, 0)).toEqual([[1]]);
    expect(run(false, 2, ["s"])).toEqual([[4]]);
  });
  test("ends after the trip whose condition is true", () => {
    expect(run(true, 5)).toEqual([[8]]);
    expect(run(true, -1)).toEqual([[8]]);
    expect(run(true, 2)).toEqual([[4]]);
  });
  test("refuses a state that changes its type, and a loop without an end", () => {
    const body = closed([f32], s => [g.cast("i32", s!)]);
    expect(() => g.loop({ ...attrs, body, trip: 1, until: false }, [g.full(0, "f32")])).toThrow(/state 0 is f32/);
    const same = closed([f32], s => [s!]);
    expect(() => g.loop({ ...attrs, body: same, trip: -1, until: false }, [g.full(0, "f32")])).toThrow(
      /without an end/,
    );
  });
});

test("a loop reads rows through what is computed per row", () => {
  const row = { x: { store: "f32" as const, shape: [], nullable: false } };
  const rdd: Type = { k: "rdd", row, order: "source" };
  const body = closed([f32, rdd], (s, d) => {
    const each = closed([f32], x => [x!]);
    const sum = g.aggregate(each, "add", false, d!);
    return [g.lane("add", s!, sum)];
  });
  const main = closed([rdd, f32], (d, by) => {
    const scaled = g.rddMap(
      closed([f32, f32], (x, k) => [g.lane("mul", x!, k!)]),
      ["x"],
      false,
      d!,
      [by!],
    );
    const t = g.loop({ ...attrs, body, trip: 2, until: false }, [g.full(0, "f32")], [scaled]);
    return [g.get(0, t)];
  });
  const rows: Value = { k: "rdd", rows: 2, columns: { x: tensorValue("f32", [2], [1, 2]) }, id: [0, 1] };
  const args = [rows, tensorValue("f32", [], [10])];
  expect(evaluate(main, args, 0).map(numbers)).toEqual([[60]]);
  const segmented = segmentFn(main);
  expect(verify(segmented, "segmented", false)).toEqual([]);
  expect(evaluate(segmented, args, 0).map(numbers)).toEqual([[60]]);
});

test("rows of several tensors are one rdd", () => {
  const main = closed([tensor("f32", [2]), tensor("i32", [2, 2])], (a, b) => {
    const d = g.rddRows(["a", "b"], a!, b!);
    const total = g.aggregate(
      closed([f32, tensor("i32", [2])], (x, y) => [g.lane("mul", x!, g.cast("f32", g.reduce("add", [0], y!)))]),
      "add",
      false,
      d,
    );
    return [total, g.clock(total)];
  });
  const args = [tensorValue("f32", [2], [1, 2]), tensorValue("i32", [2, 2], [1, 2, 3, 4])];
  expect(evaluate(main, args, 0).map(numbers)).toEqual([[17], [0]]);
  expect(() => g.rddRows(["a", "b"], g.full(0, "f32", [2]), g.full(0, "f32", [3]))).toThrow(/rows of/);
});
