/** Every primitive on every element and number of lanes, in both builds, is what ir/prim.ts says. */
import { describe, expect, test } from "vitest";
import {
  affine,
  at,
  type Buf,
  type Expr,
  fresh,
  type Lanes,
  type LoopKernel,
  num,
  prim,
  ty,
} from "../../src/ir/loop.ts";
import { storage } from "../../src/ir/loop-data.ts";
import { machine } from "../../src/ir/loop-machine.ts";
import { isMath } from "../../src/ir/math.ts";
import { evaluate, PRIMS, type Value } from "../../src/ir/prim.ts";
import type { Elem } from "../../src/ir/type.ts";
import { fused, precise, ulps } from "../loop/precise.ts";
import { type Case, nameOf, primCases } from "../loop/prim-cases.ts";
import { anyValue, filled, random, specials } from "../loop/values.ts";
import { BUILDS, compiledAll, type Data } from "./harness.ts";

const ELEMS: readonly Elem[] = ["bool", "i32", "u32", "i64", "f32", "f64"];
const LANES: readonly Lanes[] = [1, 2, 4, 8, 16, 32];
/** a multiple of 32; enough for most pairs of special values */
const COUNT = 480;

const CASES = primCases(ELEMS);

/** out[i * lanes ..] = prim(a[i * lanes ..], ..) */
function kernel(c: Case, lanes: Lanes): LoopKernel {
  const i = fresh("i");
  const where = at(i, lanes);
  const params = c.args.map((e, x): Buf => ({ name: `a${x}`, store: e, extent: COUNT, space: "param" }));
  const out: Buf = { name: "out", store: c.to, extent: COUNT, space: "param" };
  const loads = params.map((buf, x): Expr => ({ k: "load", buf, at: where, ty: ty(c.args[x]!, lanes) }));
  const value = prim(c.prim, ty(c.to, lanes), ...loads);
  return {
    name: nameOf(c),
    params: [...params, out],
    grid: [{ iv: i, to: COUNT / lanes }],
    group: [],
    body: [{ k: "store", buf: out, at: where, value }],
  };
}
/** special values meet each other, then anything */
function inputs(c: Case): readonly (readonly Value[])[] {
  const next = random(7);
  const lists = c.args.map(specials);
  return c.args.map((e, x) =>
    Array.from({ length: COUNT }, (_, i) => {
      const list = lists[x]!;
      if (i % 3 === 0) return anyValue(e, next);
      const before = lists.slice(0, x).reduce((n, l) => n * l.length, 1);
      return list[Math.floor(i / before) % list.length]!;
    }),
  );
}
const same = (a: Value, b: Value): boolean => Object.is(a, b);
function check(c: Case, args: readonly Value[], got: Value, build: string): string | undefined {
  const of = c.args.at(-1)!;
  const round = (v: Value): Value => (c.to === "f32" && typeof v === "number" ? Math.fround(v) : v);
  const wrong = (want: Value): string => `${nameOf(c)}, ${build}: (${args.join(", ")}) = ${got}, not ${want}`;
  if (c.prim === "fma") {
    const twice = machine("fma", args, of, c.to, "twice");
    const once =
      of === "f64" ? fused(Number(args[0]), Number(args[1]), Number(args[2])) : machine("fma", args, of, c.to, "once");
    return same(got, twice) || (build === "relaxed" && same(got, once)) ? undefined : wrong(twice);
  }
  if (isMath(c.prim)) {
    // plain SIMD does exactly the steps of the sequence; how far those are from the exact value: test/loop/math.test.ts
    const steps = machine(c.prim, args, of, c.to, "twice");
    if (build === "simd" || same(got, steps)) return same(got, steps) ? undefined : wrong(steps);
    const x = Number(args[0]);
    // beyond Cody and Waite's reduction the result is in [-1, 1] and nothing else
    if ((c.prim === "sin" || c.prim === "cos") && Math.abs(x) > (of === "f32" ? 12867 : 1.64e6))
      return Math.abs(Number(got)) <= 1 ? undefined : wrong(steps);
    if (!Number.isFinite(Number(got)) || Math.abs(x) < 2 ** -200) return wrong(steps);
    const record = PRIMS[c.prim];
    const allowed = of === "f32" ? record.ulp : record.ulp64;
    return ulps(Number(got), precise(c.prim, x), of === "f32" ? "f32" : "f64") <= allowed ? undefined : wrong(steps);
  }
  const want = round(evaluate(c.prim, args, of, c.to));
  return same(got, want) ? undefined : wrong(want);
}

describe.each(BUILDS)("build %s", build => {
  test.each(LANES)("%i lanes", lanes => {
    const run = compiledAll(
      CASES.map(c => kernel(c, lanes)),
      build,
    );
    const wrong = CASES.flatMap(c => {
      const values = inputs(c);
      const buffers = new Map<string, Data>(values.map((v, x) => [`a${x}`, filled(c.args[x]!, v)]));
      buffers.set("out", storage(c.to, COUNT));
      const out = run(nameOf(c), buffers, 0, 0, COUNT / lanes).get("out")!;
      const found = Array.from(out as ArrayLike<Value>, (got, i) =>
        check(
          c,
          values.map(v => v[i]!),
          got,
          build,
        ),
      );
      return found.filter(x => x !== undefined).slice(0, 3);
    });
    expect(wrong).toEqual([]);
  });
});

test("f16 is refused by a limit", () => {
  const out: Buf = { name: "out", store: "f16", extent: 4, space: "param" };
  const k: LoopKernel = {
    name: "half",
    params: [out],
    grid: [],
    group: [],
    body: [{ k: "store", buf: out, at: affine(0), value: num(0, ty("f16", 4)) }],
  };
  expect(() => compiledAll([k], "simd")).toThrow(/limit: f16/);
});
