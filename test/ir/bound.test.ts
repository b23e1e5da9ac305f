/** The numeric contract: what is right is within it, what is wrong is not. Random programs are the fuzzer's. */
import { describe, expect, it } from "vitest";
import { bound, compare } from "../../src/ir/bound.ts";
import { evaluate } from "../../src/ir/interp.ts";
import { fn } from "../../src/ir/node.ts";
import { bitcast, contract, full, lane, parameter, reduce, select } from "../../src/ir/ops/index.ts";
import { print } from "../../src/ir/text.ts";
import { tensor } from "../../src/ir/type.ts";
import { tabulate, tensorOf, tensorValue } from "../../src/ir/value.ts";
import { rules } from "../../src/passes/simplify.ts";
import { PARAMS, parameters, seeded, valuesOf } from "./grow.ts";

describe("rules that change rounding", () => {
  it.each(rules.filter(r => r.law.same === "bound").map(r => [r.name, r] as const))("%s", (name, rule) => {
    let applied = 0;
    for (let seed = 0; seed < 60 && applied < 8; seed++) {
      const x = rule.law.sample(seeded(seed), parameters());
      const y = x && rule.apply(x);
      if (!x || !y) continue;
      applied++;
      for (const n of [0, 1, 7]) {
        const args = valuesOf(fn(PARAMS, [x]), n, seeded(seed));
        const [want] = bound(fn(PARAMS, [x]), args, n);
        const [got] = evaluate(fn(PARAMS, [y]), args, n);
        expect(compare(tensorOf(got), want!).wrong, `${name} ${print(fn(PARAMS, [x]))}`).toBeUndefined();
      }
    }
    expect(applied, `${name} never applies to its sample`).toBeGreaterThan(0);
  });
});

const x = parameter(0, tensor("f32", [64]));
const y = parameter(1, tensor("f32", [64]));
const params = [x.type, y.type];
const args = [5, 6].map(seed => {
  const rng = seeded(seed);
  return tabulate("f32", [64], () => rng.normal());
});
describe("a bound", () => {
  it("holds any order of summation, and not a missing term", () => {
    const f = fn(params, [contract("k,k->", x, y)]);
    const [want] = bound(f, args, 0);
    const [a, b] = args.map(t => Array.from(t.data as Float64Array));
    const terms = a!.map((v, i) => Math.fround(v * b![i]!));
    const sum = (xs: readonly number[]): number => xs.reduce((s, v) => Math.fround(s + v), 0);
    for (const order of [terms, terms.toReversed(), terms.toSorted((p, q) => p - q)])
      expect(compare(tensorValue("f32", [], [sum(order)]), want!).wrong).toBeUndefined();
    expect(compare(tensorValue("f32", [], [sum(terms.slice(1))]), want!).wrong).toBeDefined();
    expect(want!.error[0]).toBeLessThan(1e-3);
  });
  it("of an exact comparison is decided, of one between rounded values that may be equal is not", () => {
    const decided = bound(fn(params, [lane("lt", lane("neg", x), y)]), args, 0)[0]!;
    expect(decided.undecided.some(u => u !== 0)).toBe(false);
    const third = lane("mul", lane("mul", x, full(1 / 3, "f32", [64])), full(3, "f32", [64]));
    const close = bound(fn(params, [lane("lt", third, x)]), args, 0)[0]!;
    expect(close.undecided.every(u => u === 1)).toBe(true);
    // but what it selects is one of two
    const either = bound(fn(params, [select(lane("lt", third, x), x, y)]), args, 0)[0]!;
    for (const got of args) expect(compare(got, either).wrong).toBeUndefined();
    expect(either.undecided.some(u => u !== 0)).toBe(false);
  });
  it("of a sum of whole numbers is zero", () => {
    const whole = [
      tensorValue(
        "f32",
        [64],
        Array.from({ length: 64 }, (_, i) => i),
      ),
      args[1]!,
    ];
    const [want] = bound(fn(params, [reduce("add", [0], x)]), whole, 0);
    expect([want!.value.data[0], want!.error[0]]).toEqual([2016, 0]);
  });
  it("leaves an overflow undecided where the order of a sum decides", () => {
    const huge = [tabulate("f32", [64], i => (i % 2 ? -3e38 : 3e38)), args[1]!];
    const [sum, plus] = bound(fn(params, [reduce("add", [0], x), lane("add", x, x)]), huge, 0);
    expect(sum!.undecided[0]).toBe(1);
    expect(plus!.undecided[0]).toBe(1);
  });
  it("keeps NaN and infinities of exact operands", () => {
    const values = [
      tabulate("f32", [64], i => (i % 2 ? Number.NaN : Number.POSITIVE_INFINITY)),
      tabulate("f32", [64], () => 1),
    ];
    const [want] = bound(fn(params, [lane("div", x, y)]), values, 0);
    expect(want!.undecided.every(u => u === 0)).toBe(true);
    expect(Array.from<number | bigint>(want!.value.data.slice(0, 2))).toEqual([Number.POSITIVE_INFINITY, Number.NaN]);
  });
  it("of a logarithm or a root of what may be below or above 0 is not decided", () => {
    const third = lane("mul", lane("mul", x, full(1 / 3, "f32", [64])), full(3, "f32", [64]));
    const near = lane("sub", third, x);
    for (const name of ["log2", "sqrt"] as const) {
      const doubtful = bound(fn(params, [lane(name, near)]), args, 0)[0]!;
      expect(doubtful.undecided.every(u => u === 1)).toBe(true);
      const below = bound(fn(params, [lane(name, lane("sub", near, full(1, "f32", [64])))]), args, 0)[0]!;
      expect(below.value.data.every(v => Number.isNaN(Number(v)))).toBe(true);
      expect(below.undecided.some(u => u !== 0)).toBe(false);
    }
    const exact = bound(fn(params, [lane("log2", lane("neg", lane("abs", x)))]), args, 0)[0]!;
    expect([exact.undecided.some(u => u !== 0), exact.value.data.every(v => Number.isNaN(Number(v)))]).toEqual([
      false,
      true,
    ]);
  });
  it("says nothing of what hangs on the sign of a zero, a term of a pad, or a sine of a huge angle but that it is one", () => {
    const zero = lane("sub", y, y);
    const values = [tabulate("f32", [64], i => (i % 2 ? Number.NaN : 3e38)), tabulate("f32", [64], () => 1)];
    const [quotient, word, product, sine] = bound(
      fn(params, [lane("div", y, zero), bitcast("i32", zero), contract("k,k->k", x, zero), lane("sin", x)]),
      values,
      0,
    );
    expect([quotient, word].map(b => b!.undecided.every(u => u === 1))).toEqual([true, true]);
    expect(Array.from(product!.undecided.slice(0, 2))).toEqual([0, 1]);
    expect([sine!.undecided[0], sine!.error[0]! >= 1, sine!.error[0]! < 3]).toEqual([0, true, true]);
  });
});
