/** What each op means, against values made by NumPy 2 (and jax.lax.pad) or by a loop written here. */
import { describe, expect, it } from "vitest";
import { evaluate, type Fault } from "../../src/ir/interp.ts";
import { type Blob, fn, type Node } from "../../src/ir/node.ts";
import type { Value } from "../../src/ir/op.ts";
import * as o from "../../src/ir/ops/index.ts";
import { type Dim, type Elem, N, tensor } from "../../src/ir/type.ts";
import { roundF16, tensorOf, tensorValue } from "../../src/ir/value.ts";

const NAN = Number.NaN;
const INF = Number.POSITIVE_INFINITY;
/** (arange(24).reshape(2, 3, 4) * 7 % 11 - 4).astype(float32) */
const X = [-4, 3, -1, 6, 2, -2, 5, 1, -3, 4, 0, -4, 3, -1, 6, 2, -2, 5, 1, -3, 4, 0, -4, 3];
const x = o.parameter(0, tensor("f32", [2, 3, 4]));
const value = tensorValue("f32", [2, 3, 4], X);
const run = (node: Node, args: readonly Value[] = [value], types = [x.type], n = 1) => {
  const v = tensorOf(evaluate(fn(types, [node]), args, n)[0]);
  return { shape: v.shape, data: Array.from<number | bigint>(v.data) };
};
const given = (
  elem: Elem,
  shape: readonly number[],
  values: readonly (number | bigint)[],
  i = 0,
  type: readonly Dim[] = shape,
) => ({
  node: o.parameter(i, tensor(elem, type)),
  value: tensorValue(elem, shape, values),
});
/** f of one parameter with these values */
const one = (elem: Elem, values: readonly (number | bigint)[], f: (x: Node) => Node) => {
  const p = given(elem, [values.length], values);
  return run(f(p.node), [p.value], [tensor(elem, [values.length])]).data;
};

describe("views", () => {
  it("transpose", () => {
    const want = [-4, 2, -3, 3, -2, 4, 3, -2, 4, -1, 5, 0, -1, 5, 0, 6, 1, -4, 6, 1, -4, 2, -3, 3];
    expect(run(o.transpose([2, 0, 1], x))).toEqual({ shape: [4, 2, 3], data: want });
  });
  it("slice with steps both ways", () => {
    const y = o.slice([1, 2, 1], [-1, -1, 2], [2, 2, 2], x);
    expect(run(y)).toEqual({ shape: [2, 2, 2], data: [0, 3, 5, -3, 4, -4, -2, 1] });
  });
  it("pad, between and cropped, as jax.lax.pad", () => {
    const y = o.pad([0, 1, -1], [0, -1, 2], [0, 1, 2], 9, x);
    const row = (a: number, b: number, c: number) => [9, 9, a, 9, 9, b, 9, 9, c, 9, 9];
    const nines = Array.from({ length: 11 }, () => 9);
    const first = [...nines, ...row(3, -1, 6), ...nines, ...row(-2, 5, 1), ...nines];
    expect(run(y).shape).toEqual([2, 5, 11]);
    expect(run(y).data.slice(0, 55)).toEqual(first);
  });
  it("window", () => {
    const y = o.window(0, 3, 2, 3, o.iota("f32", [11], 0));
    expect(run(y)).toEqual({ shape: [3, 3], data: [0, 3, 6, 2, 5, 8, 4, 7, 10] });
  });
  it("diagonal", () => {
    const cube = given(
      "f32",
      [3, 3, 3],
      Array.from({ length: 27 }, (_, i) => i),
    );
    const y = o.diagonal(0, 2, cube.node);
    expect(run(y, [cube.value], [tensor("f32", [3, 3, 3])]).data).toEqual([0, 3, 6, 10, 13, 16, 20, 23, 26]);
  });
  it("broadcast stretches 1 and repeats", () => {
    const p = given("f32", [2, 1], [5, 7]);
    const y = o.broadcast([3, 2, 2], [2, 0], p.node);
    expect(run(o.broadcast([2, 2, 3], [1, 2], p.node), [p.value], [tensor("f32", [2, 1])]).data).toEqual([
      5, 5, 5, 7, 7, 7, 5, 5, 5, 7, 7, 7,
    ]);
    // dim 0 of 2 becomes dim 2, dim 1 of 1 stretches to dim 0 of 3
    expect(run(y, [p.value], [tensor("f32", [2, 1])]).data).toEqual([5, 7, 5, 7, 5, 7, 5, 7, 5, 7, 5, 7]);
  });
  it("reshape with records", () => {
    const p = given("f32", [2, 3, 4], X, 0, [N, 3, 4]);
    expect(run(o.reshape([{ n: 12, plus: 0 }], p.node), [p.value], [tensor("f32", [N, 3, 4])], 2)).toEqual({
      shape: [24],
      data: X,
    });
  });
});

describe("lane ops", () => {
  it("round each result to the element", () => {
    expect(one("f32", [0.1], p => o.lane("add", p, p))).toEqual([Math.fround(Math.fround(0.1) * 2)]);
    expect(one("f32", [1e38], p => o.lane("mul", p, p))).toEqual([INF]);
    expect(one("f16", [300], p => o.lane("mul", p, p))).toEqual([INF]);
    expect(one("f64", [0.1], p => o.lane("add", p, p))).toEqual([0.2]);
  });
  it("wrap integers", () => {
    expect(one("i32", [2147483647, -2147483648], p => o.lane("add", p, p))).toEqual([-2, 0]);
    expect(one("i32", [65537, -65537], p => o.lane("mul", p, o.full(65537, "i32", [2])))).toEqual([131073, -131073]);
    expect(one("u32", [0, 1], p => o.lane("sub", p, o.full(1, "u32", [2])))).toEqual([4294967295, 0]);
    expect(one("i64", [2n ** 62n, -(2n ** 63n)], p => o.lane("add", p, p))).toEqual([-(2n ** 63n), 0n]);
  });
  it("select, compare and NaN", () => {
    expect(one("f32", [NAN, 1, -0], p => o.lane("lt", p, p))).toEqual([0, 0, 0]);
    expect(one("f32", [NAN, 1, -0], p => o.lane("max", p, o.full(0, "f32", [3])))).toEqual([NAN, 1, 0]);
    expect(one("f32", [NAN, 1], p => o.select(o.lane("eq", p, p), p, o.full(7, "f32", [2])))).toEqual([7, 1]);
  });
  it("rem of floats as C's fmod, integers truncate", () => {
    const rem = (a: number, b: number) => one("f32", [a], p => o.lane("rem", p, o.full(b, "f32", [1])))[0];
    expect([rem(5.5, 2), rem(-5.5, 2), rem(1e10, 3)]).toEqual([1.5, -1.5, 1]);
    expect(rem(7, -0.7)).toBeCloseTo(1.1920928955078125e-7, 20);
    expect(one("i32", [-7, 7], p => o.lane("rem", p, o.full(3, "i32", [2])))).toEqual([-1, 1]);
    expect(one("i32", [-7, 7], p => o.lane("div", p, o.full(0, "i32", [2])))).toEqual([-7, 7]);
  });
  it("casts saturate from floats and wrap between integers", () => {
    expect(one("f32", [NAN, 3e10, -2.9, -3e10], p => o.cast("i32", p))).toEqual([0, 2147483647, -2, -2147483648]);
    expect(one("i32", [-1], p => o.cast("u32", p))).toEqual([4294967295]);
    expect(one("i64", [2n ** 53n + 1n], p => o.cast("f32", p))).toEqual([2 ** 53]);
    expect(one("f32", [1], p => o.bitcast("u32", p))).toEqual([0x3f800000]);
    expect(one("f32", [2, 0, NAN], p => o.cast("bool", p))).toEqual([1, 0, 1]);
  });
});
it("half precision rounds as NumPy does", () => {
  const pairs: readonly (readonly [number, number])[] = [
    [1e300, INF],
    [0.1, 0.0999755859375],
    [65519, 65504],
    [65520, INF],
    [-65521, -INF],
    [6.1e-5, 6.097555160522461e-5],
    [2.98e-8, 0],
    [2.99e-8, 2 ** -24],
    [1.00146484375, 1.001953125],
    [-0, -0],
  ];
  expect(pairs.map(([v]) => roundF16(v))).toEqual(pairs.map(([, w]) => w));
});

describe("reductions", () => {
  it("fold axes", () => {
    expect(run(o.reduce("add", [0, 2], x)).data).toEqual([14, 7, 0]);
    expect(run(o.reduce("max", [1], x)).data).toEqual([2, 4, 5, 6, 4, 5, 6, 3]);
    expect(run(o.reduce("min", [1, 2], x)).data).toEqual([-4, -4]);
    expect(run(o.reduce("mul", [1], x)).data).toEqual([24, -24, -0, -24, -24, -0, -24, -18]);
  });
  it("add in f64 and round once", () => {
    const many = Array.from({ length: 1000 }, () => 0.1);
    const sum = many.reduce(a => a + Math.fround(0.1), 0);
    expect(one("f32", many, p => o.reduce("add", [0], p))).toEqual([Math.fround(sum)]);
  });
  it("over nothing give what is neutral", () => {
    const empty = (elem: Elem, by: o.ReduceOp) => {
      const p = given(elem, [0, 2], [], 0, [N, 2]);
      return run(o.reduce(by, [0], p.node), [p.value], [tensor(elem, [N, 2])], 0).data;
    };
    expect(empty("f32", "add")).toEqual([0, 0]);
    expect(empty("f32", "max")).toEqual([-INF, -INF]);
    expect(empty("i32", "max")).toEqual([-2147483648, -2147483648]);
    expect(empty("u32", "min")).toEqual([4294967295, 4294967295]);
    expect(empty("i64", "min")).toEqual([2n ** 63n - 1n, 2n ** 63n - 1n]);
    expect(empty("bool", "and")).toEqual([1, 1]);
    const p = given("f32", [0, 2], [], 0, [N, 2]);
    expect(run(o.argreduce("max", [0], p.node), [p.value], [tensor("f32", [N, 2])], 0).data).toEqual([0, 0]);
  });
  it("argreduce takes the first extremum, and NaN before all", () => {
    const odd = X.with(6, NAN).with(12, INF);
    const arg = (by: "max" | "min", axes: readonly number[]) =>
      run(o.argreduce(by, axes, x), [tensorValue("f32", [2, 3, 4], odd)]).data;
    expect(arg("max", [1, 2])).toEqual([6, 0]);
    expect(arg("min", [2])).toEqual([0, 2, 3, 1, 3, 2]);
    expect(arg("max", [1])).toEqual([1, 2, 1, 0, 0, 1, 0, 2]);
    expect(one("f32", [1, 3, 3, NAN, NAN], p => o.argreduce("max", [0], p))).toEqual([3]);
    expect(one("i64", [1n, 3n, 3n], p => o.argreduce("max", [0], p))).toEqual([1]);
  });
  it("contract as numpy.einsum", () => {
    // a: arange(30).reshape(2, 3, 5) * 5 % 13 - 6, b: arange(60).reshape(5, 4, 3) * 3 % 7 - 3
    const a = given(
      "f32",
      [2, 3, 5],
      Array.from({ length: 30 }, (_, i) => ((i * 5) % 13) - 6),
    );
    const b = given(
      "f32",
      [5, 4, 3],
      Array.from({ length: 60 }, (_, i) => ((i * 3) % 7) - 3),
      1,
    );
    const einsum = (spec: string) =>
      run(
        o.contract(spec, a.node, b.node),
        [a.value, b.value],
        [a.node, b.node].map(t => o.typeOf(t)),
      );
    expect(einsum("nik,kji->nij")).toEqual({
      shape: [2, 3, 4],
      data: [17, 5, 14, -19, -11, 7, -17, -13, 26, -15, -14, 8, -7, 3, -15, 16, 19, -16, -2, -2, 22, -2, 16, -15],
    });
    expect(einsum("nik,kji->jn").data).toEqual([32, 34, -3, -15, -17, -1, -24, -1]);
  });
  it("contract of i32 wraps", () => {
    const a = given("i32", [2], [2147483647, 3]);
    expect(run(o.contract("k,k->", a.node, a.node), [a.value], [o.typeOf(a.node)]).data).toEqual([10]);
  });
});

describe("index ops", () => {
  it("gather as numpy.take and take_along_axis", () => {
    const ids = given("i32", [2, 2], [2, 0, 1, 1], 1);
    const types = [o.typeOf(x), o.typeOf(ids.node)];
    const want = [
      -3, 4, 0, -4, -4, 3, -1, 6, 2, -2, 5, 1, 2, -2, 5, 1, 4, 0, -4, 3, 3, -1, 6, 2, -2, 5, 1, -3, -2, 5, 1, -3,
    ];
    expect(run(o.gather(1, 0, x, ids.node), [value, ids.value], types)).toEqual({ shape: [2, 2, 2, 4], data: want });
    const each = given("i32", [2, 1], [3, 0], 1);
    const along = run(o.gather(2, 1, x, each.node), [value, each.value], [o.typeOf(x), o.typeOf(each.node)]);
    expect(along).toEqual({ shape: [2, 3, 1], data: [6, 1, -4, 3, -2, 4] });
  });
  it("scatter as numpy.add.at", () => {
    const ids = given("i32", [4], [2, 0, 2, 2]);
    const rows = given("f32", [4, 4], X.slice(0, 16), 1);
    const y = o.scatter("add", 0, 0, 3, ids.node, rows.node);
    const types = [o.typeOf(ids.node), o.typeOf(rows.node)];
    expect(run(y, [ids.value, rows.value], types).data).toEqual([2, -2, 5, 1, 0, 0, 0, 0, -4, 6, 5, 4]);
  });
  it("concat", () => {
    const y = o.concat(1, [o.sliceAxis(1, 0, 1, 1, x), o.sliceAxis(1, 1, 1, 2, x), o.sliceAxis(1, 0, 1, 2, x)]);
    expect(run(y).data).toEqual([
      -4, 3, -1, 6, 2, -2, 5, 1, -3, 4, 0, -4, -4, 3, -1, 6, 2, -2, 5, 1, 3, -1, 6, 2, -2, 5, 1, -3, 4, 0, -4, 3, 3, -1,
      6, 2, -2, 5, 1, -3,
    ]);
  });
});

describe("leaves and control", () => {
  it("iota, n, full with -0 and NaN", () => {
    expect(run(o.iota("i32", [2, 3], 0)).data).toEqual([0, 0, 0, 1, 1, 1]);
    expect(run(o.iota("f32", [2, 3], 1)).data).toEqual([0, 1, 2, 0, 1, 2]);
    expect(run(o.records("f32"), [], [], 17).data).toEqual([17]);
    expect(run(o.full(-0, "f32", [2])).data).toEqual([-0, -0]);
    expect(run(o.full(NAN, "f32")).data).toEqual([NAN]);
  });
  it("blob reads each stored form", () => {
    const stored = (store: Blob["store"], bytes: readonly number[], elem: Elem, count: number) =>
      run(o.blob({ k: "blob", store, sha256: bytes.join(), bytes: Uint8Array.from(bytes) }, elem, [count])).data;
    expect(stored("u8", [0, 255], "i32", 2)).toEqual([0, 255]);
    expect(stored("i8", [255], "i32", 1)).toEqual([-1]);
    expect(stored("u16", [1, 2], "i32", 1)).toEqual([513]);
    expect(stored("bf16", [128, 63], "f32", 1)).toEqual([1]);
    expect(stored("f16", [0, 60, 1, 0], "f16", 2)).toEqual([1, 2 ** -24]);
    expect(stored("f32", [0, 0, 128, 63], "f32", 1)).toEqual([1]);
    expect(stored("i64", [255, 255, 255, 255, 255, 255, 255, 255], "i64", 1)).toEqual([-1n]);
  });
  it("map gives each record's results, also for none", () => {
    const p = o.parameter(0, tensor("f32", [3]));
    const q = o.parameter(1, tensor("f32"));
    const f = fn([p.type, q.type], [o.lane("mul", p, o.broadcast([3], [], q)), o.reduce("add", [0], p)]);
    const xs = given("f32", [2, 3], [1, 2, 3, 4, 5, 6], 0, [N, 3]);
    const y = given("f32", [], [10], 1);
    const t = o.map(f, [true, false], [xs.node, y.node]);
    const types = [o.typeOf(xs.node), o.typeOf(y.node)];
    expect(run(o.get(0, t), [xs.value, y.value], types, 2).data).toEqual([10, 20, 30, 40, 50, 60]);
    expect(run(o.get(1, t), [xs.value, y.value], types, 2).data).toEqual([6, 15]);
    expect(run(o.get(1, t), [tensorValue("f32", [0, 3], []), y.value], types, 0)).toEqual({ shape: [0], data: [] });
    expect(
      run(o.get(1, o.call(f, [p, q])), [tensorValue("f32", [3], [1, 2, 3]), y.value], [p.type, q.type]).data,
    ).toEqual([6]);
  });
  it("check clamps and names the record", () => {
    const ids = given("i32", [3, 2], [0, 4, 5, -1, 2, 2], 0, [N, 2]);
    const faults: Fault[] = [];
    const f = fn([o.typeOf(ids.node)], [o.check(9, 0, 5, ids.node)]);
    const [v] = evaluate(f, [ids.value], 3, { fault: fault => faults.push(fault) });
    expect(Array.from<number | bigint>(tensorOf(v).data)).toEqual([0, 4, 4, 0, 2, 2]);
    expect(faults).toEqual([
      { site: 9, record: 1 },
      { site: 9, record: 1 },
    ]);
  });
  it("walks graphs of any depth", () => {
    let y: Node = x;
    for (let i = 0; i < 20000; i++) y = o.lane("neg", y);
    expect(run(y).data).toEqual(X);
  });
});
