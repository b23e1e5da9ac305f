/** What LOOP's verifier refuses, what its interpreter finds, and how its text looks. */
import { describe, expect, test } from "vitest";
import {
  type Affine,
  type At,
  affine,
  at,
  type Block,
  type Buf,
  type Expr,
  type Extent,
  fresh,
  type LoopKernel,
  num,
  prim,
  restartNames,
  type Stmt,
  ty,
  type Var,
} from "../../src/ir/loop.ts";
import { interpret } from "../../src/ir/loop-interp.ts";
import { parseLoop, printLoop } from "../../src/ir/loop-text.ts";
import { verifyLoop } from "../../src/ir/loop-verify.ts";

const buffer = (extent: Extent, name = "b", store: Buf["store"] = "f32"): Buf => ({
  name,
  store,
  extent,
  space: "param",
});
const N = { n: 1, plus: 0 };
const panels = { of: N, by: 16 };
const kernel = (
  params: readonly Buf[],
  body: Block,
  grid: LoopKernel["grid"] = [],
  more: Partial<LoopKernel> = {},
): LoopKernel => ({
  name: "k",
  params,
  grid,
  group: [],
  body,
  ...more,
});
const store = (buf: Buf, where: At, value: Expr = num(0, ty("f32", 16))): Stmt => ({
  k: "store",
  buf,
  at: where,
  value,
});
const loop = (iv: Var, from: readonly Affine[], to: readonly Affine[], body: Block, step = 1): Stmt => ({
  k: "for",
  iv,
  from,
  to,
  step,
  as: "loop",
  body,
});
const problems = (k: LoopKernel): readonly string[] => {
  const v = verifyLoop(k);
  return [...v.errors, ...v.unproved];
};

describe("places are proved for every number of records", () => {
  const p = fresh("p");
  const b = buffer({ ...panels, unit: 48 });
  const grid = [{ iv: p, to: panels }];
  test("a panel of a buffer of panels", () => {
    expect(problems(kernel([b], [store(b, affine(32, { v: p, by: 48 }))], grid))).toEqual([]);
  });
  test("one element further is not", () => {
    expect(problems(kernel([b], [store(b, affine(33, { v: p, by: 48 }))], grid))).toHaveLength(1);
    expect(problems(kernel([b], [store(b, affine(-1, { v: p, by: 48 }))], grid))).toHaveLength(1);
  });
  test("records panel by panel do not fit a buffer of N records, N records fit panels", () => {
    const plain = buffer(N);
    expect(problems(kernel([plain], [store(plain, at(p, 16))], grid))).toHaveLength(1);
    const r = fresh("r");
    const one: Block = [store(b, at(r, 3), num(0, ty("f32")))];
    expect(problems(kernel([b], one, [{ iv: r, to: N }]))).toEqual([]);
  });
  test("a window cut on both sides: each bound alone is too weak", () => {
    const [y, k] = [fresh("y", ty("i32"), 8), fresh("k")];
    const x = buffer(8);
    // 0 <= y + k - 2 < 8 by the loop over k
    const from = [affine(0), affine(2, { v: y, by: -1 })];
    const to = [affine(5), affine(10, { v: y, by: -1 })];
    const body = (shift: number): Block => [
      loop(k, from, to, [store(x, affine(shift, { v: y, by: 1 }, { v: k, by: 1 }), num(0, ty("f32")))]),
    ];
    expect(problems(kernel([x], body(-2), [{ iv: y, to: 8 }]))).toEqual([]);
    expect(problems(kernel([x], body(-1), [{ iv: y, to: 8 }]))).toHaveLength(1);
    expect(problems(kernel([x], body(-3), [{ iv: y, to: 8 }]))).toHaveLength(1);
  });
  test("steps count: the last trip of 0 to 32 by 16 begins at 16", () => {
    const i = fresh("i");
    const x = buffer(32);
    expect(problems(kernel([x], [loop(i, [affine(0)], [affine(32)], [store(x, at(i))], 16)]))).toEqual([]);
    expect(problems(kernel([x], [loop(i, [affine(0)], [affine(33)], [store(x, at(i))], 16)]))).toHaveLength(1);
  });
  test("strides reach as far as their last lane; masked and gathered places are exempt", () => {
    const x = buffer(46);
    expect(problems(kernel([x], [store(x, { ...affine(0), stride: 3 })]))).toEqual([]);
    expect(problems(kernel([x], [store(x, { ...affine(1), stride: 3 })]))).toHaveLength(1);
    const masked: Stmt = { ...(store(x, affine(40)) as Extract<Stmt, { k: "store" }>), mask: num(0, ty("bool")) };
    const gathered = store(x, { ...affine(40), gather: prim("iota", ty("i32", 16)) });
    expect(verifyLoop(kernel([x], [masked, gathered]))).toMatchObject({
      errors: [],
      unproved: [],
      proved: 0,
      exempt: 2,
    });
  });
});

describe("types and scopes", () => {
  const b = buffer(64);
  const cases: readonly (readonly [string, Block, RegExp])[] = [
    [
      "elements differ",
      [store(b, affine(0), prim("add", ty("f32", 16), num(0, ty("f32", 16)), num(0, ty("i32", 16))))],
      /elements differ/,
    ],
    [
      "lanes differ",
      [store(b, affine(0), prim("add", ty("f32", 16), num(0, ty("f32", 16)), num(0, ty("f32"))))],
      /lanes differ/,
    ],
    [
      "a primitive of the wrong kind",
      [store(b, affine(0), prim("and", ty("f32", 16), num(0, ty("f32", 16)), num(0, ty("f32", 16))))],
      /it takes bits/,
    ],
    [
      "a comparison that gives no bool",
      [store(b, affine(0), prim("lt", ty("f32", 16), num(0, ty("f32", 16)), num(0, ty("f32", 16))))],
      /gives a bool/,
    ],
    [
      "a bitcast between widths",
      [store(b, affine(0), prim("bitcast", ty("f32", 16), num(0, ty("f64", 16))))],
      /widths differ/,
    ],
    ["a store of another element", [store(b, affine(0), num(0, ty("i32", 16)))], /holds f32/],
    ["a variable out of scope", [store(b, affine(0), fresh("x", ty("f32", 16)))], /not in scope/],
    ["a buffer outside its alloc", [store({ ...b, name: "c", space: "group" }, affine(0))], /outside its alloc/],
    [
      "a condition with lanes",
      [{ k: "if", cond: num(1, ty("bool", 4)), uniform: true, then: [], else: [] }],
      /if of boolx4/,
    ],
    [
      "a mask that is no bool",
      [{ ...(store(b, affine(0)) as Extract<Stmt, { k: "store" }>), mask: num(1) }],
      /a mask of i32/,
    ],
    ["a barrier without a group", [{ k: "barrier", scope: "group" }], /without a group/],
  ];
  test.each(cases)("%s", (_, body, what) => {
    expect(problems(kernel([b], body)).join("\n")).toMatch(what);
  });
  const registers: Buf = { name: "r", store: "f32", extent: 64, space: "reg" };
  const inRegisters = (body: Block): readonly string[] => problems(kernel([b], [{ k: "alloc", buf: registers, body }]));
  test("subscripts of registers are constant after unrolling and whole vectors", () => {
    const i = fresh("i", ty("i32"), 4);
    const body = [store(registers, at(i, 16))];
    expect(inRegisters([{ k: "for", iv: i, from: [affine(0)], to: [affine(4)], step: 1, as: "unroll", body }])).toEqual(
      [],
    );
    expect(inRegisters([loop(i, [affine(0)], [affine(4)], body)]).join()).toMatch(/not constant after unrolling/);
    expect(inRegisters([store(registers, affine(8))]).join()).toMatch(/not a multiple of 16/);
    expect(
      inRegisters([store(registers, affine(0)), store(registers, affine(0), num(0, ty("f32", 4)))]).join(),
    ).toMatch(/used as f32x16 and f32x4/);
  });
  test("registers do not reach into a function of its own, and there are only so many", () => {
    const i = fresh("i");
    const part: Stmt = {
      k: "for",
      iv: i,
      from: [affine(0)],
      to: [affine(1)],
      step: 1,
      as: "call",
      body: [store(registers, affine(0))],
    };
    expect(inRegisters([part]).join()).toMatch(/in another function/);
    const k = kernel([b], [{ k: "alloc", buf: registers, body: [store(registers, affine(0))] }]);
    expect(verifyLoop(k).registers).toBe(16);
    expect(verifyLoop(k, { registers: 15 }).errors).toHaveLength(1);
  });
});

describe("the interpreter", () => {
  test("reads of what was never written show as NaN", () => {
    const b = buffer(4);
    const s: Buf = { name: "s", store: "f32", extent: 4, space: "group" };
    const t = ty("f32", 4);
    const body: Block = [store(b, affine(0), { k: "load", buf: s, at: affine(0), ty: t })];
    const out = new Float32Array(4);
    interpret(kernel([b], [{ k: "alloc", buf: s, body }]), new Map([["b", out]]), 0);
    expect([...out]).toEqual(Array(4).fill(Number.NaN));
  });
  test("what is undefined throws", () => {
    const b = buffer(4);
    const run = (body: Block) => () => interpret(kernel([b], body), new Map([["b", new Float32Array(4)]]), 0);
    expect(run([store(b, affine(1), num(0, ty("f32", 4)))])).toThrow("k: b[4] of 4");
    const twice = { ...affine(0), gather: num(1, ty("i32", 2)) };
    expect(run([store(b, twice, num(0, ty("f32", 2)))])).toThrow("two lanes store to one element of b");
    const small = fresh("v", ty("i32"), 3);
    expect(run([{ k: "let", to: small, value: num(3) }])).toThrow(/is not below 3/);
  });
  /** every lane of a group writes its number and then reads its neighbour's */
  function rotate(barrier: boolean): LoopKernel {
    const lane = fresh("lane", ty("i32"), 4);
    const s: Buf = { name: "s", store: "i32", extent: 4, space: "group" };
    const b = buffer(4, "b", "i32");
    const left = prim("and", ty("i32"), prim("add", ty("i32"), lane, num(1)), num(3));
    const next = fresh("next", ty("i32"), 4);
    const body: Block = [
      store(s, at(lane), lane),
      ...(barrier ? [{ k: "barrier" as const, scope: "group" as const }] : []),
      { k: "let", to: next, value: left },
      store(b, at(lane), { k: "load", buf: s, at: at(next), ty: ty("i32") }),
    ];
    return kernel([b], [{ k: "alloc", buf: s, body }], [], { group: [{ iv: lane, size: 4 }] });
  }
  test("a group runs in lockstep, in any order of its lanes", () => {
    const out = new Int32Array(4);
    interpret(rotate(true), new Map([["b", out]]), 0, { shuffle: xs => xs.reverse() });
    expect([...out]).toEqual([1, 2, 3, 0]);
  });
  test("a barrier that not all lanes reach throws, and so does a bound that differs between them", () => {
    const lane = fresh("lane", ty("i32"), 4);
    const b = buffer(4);
    const group = { group: [{ iv: lane, size: 4 }] };
    const cond = prim("lt", ty("bool"), lane, num(2));
    const half: Stmt = { k: "if", cond, uniform: false, then: [{ k: "barrier", scope: "group" }], else: [] };
    const run = (s: Stmt) => () => interpret(kernel([b], [s], [], group), new Map([["b", new Float32Array(4)]]), 0);
    expect(run(half)).toThrow("a barrier that not all invocations reach");
    expect(run({ ...half, uniform: true })).toThrow("not uniform");
    expect(run(loop(fresh("i"), [affine(0)], [at(lane)], []))).toThrow("not uniform");
  });
  test("a range of items runs only those", () => {
    const p = fresh("p");
    const b = buffer({ ...panels, unit: 1 });
    const out = new Float32Array(4);
    const k = kernel([b], [store(b, at(p), num(1, ty("f32")))], [{ iv: p, to: panels }]);
    interpret(k, new Map([["b", out]]), 50, { from: 1, to: 3 });
    expect([...out]).toEqual([0, 1, 1, 0]);
  });
});

describe("text", () => {
  test("is read back and looks like this", () => {
    restartNames();
    const [p, k, z] = [fresh("p"), fresh("k", ty("i32"), 9), fresh("z", ty("f32", 16))];
    const x = buffer({ ...panels, unit: 144 }, "x");
    const y = buffer({ ...panels, unit: 16 }, "y 1");
    const load: Expr = { k: "load", buf: x, at: affine(0, { v: p, by: 144 }, { v: k, by: 16 }), ty: z.ty };
    const fma = prim("fma", z.ty, z, num(Number.NaN, z.ty), num(-0, z.ty));
    const body: Block = [
      loop(k, [affine(0)], [affine(9)], [{ k: "let", to: z, value: load }, store(y, at(p, 16), fma)]),
    ];
    const original = kernel([x, y], body, [{ iv: p, to: panels }], { n: fresh("n") });
    const text = printLoop(original);
    expect(text).toBe(`(kernel k
  ((buf x f32 (units (N 1 0) 16 144) param) (buf "y 1" f32 (units (N 1 0) 16 16) param))
  :n
  (n_3 i32)
  ((axis (p_0 i32) (ceil (N 1 0) 16)))
  ()
  ((for loop
      ((0))
      ((9))
      1
      (k_1 i32 9)
      ((let (load x (0 (144 p_0) (16 k_1)) f32x16) (z_2 f32x16))
        (store "y 1" (0 (16 p_0)) (fma f32x16 z_2 (const f32x16 +nan) (const f32x16 -0)))))))`);
    expect(parseLoop(text)).toEqual(original);
  });
  test.each([
    ["(kernel", "( without )"],
    ["(kernel k () () () ((store b (0) 1)))", "a buffer in scope is expected, not b"],
    ["(kernel k () () () ((let (add f33 1 1) (v i32))))", "a type is expected, not f33"],
    ["(kernel k () () () ((fly 1)))", "for | if | let | store | atomic | alloc | barrier | frag is expected"],
    ["(kernel k () () () ()) (kernel)", "one S-expression is expected"],
  ])("%s: %s", (text, message) => {
    expect(() => parseLoop(text)).toThrow(message);
  });
});
