/** The sequences of ir/math.ts are as exact as the primitives' records say; so is the meaning that they are compared with. */
import { describe, expect, test } from "vitest";
import { stepper } from "../../src/ir/loop-machine.ts";
import { MATH, type MathPrim } from "../../src/ir/math.ts";
import { PRIMS } from "../../src/ir/prim.ts";
import { precise, ulps } from "./precise.ts";
import { random } from "./values.ts";

const NAMES = Object.keys(MATH) as MathPrim[];
const FMA = ["once", "twice"] as const;
type Float = "f32" | "f64";
const run = (p: MathPrim, elem: Float, fma: (typeof FMA)[number], x: number): number =>
  Number(MATH[p][elem](stepper(fma), { v: x, elem }).v);

/** where the stated error holds */
const RANGE: { readonly [P in MathPrim]: { readonly [F in Float]: readonly [number, number] } } = {
  exp2: { f32: [-150, 128], f64: [-1075, 1024] },
  log2: { f32: [2 ** -149, 3.4e38], f64: [5e-324, 1.7e308] },
  sin: { f32: [-12867, 12867], f64: [-1.64e6, 1.64e6] },
  cos: { f32: [-12867, 12867], f64: [-1.64e6, 1.64e6] },
  tanh: { f32: [-10, 10], f64: [-20, 20] },
  erf: { f32: [-4.5, 4.5], f64: [-6.5, 6.5] },
};
const bits = new DataView(new ArrayBuffer(8));
const neighbour = (x: number, steps: number, elem: Float): number => {
  if (elem === "f32") {
    bits.setFloat32(0, x);
    bits.setInt32(0, bits.getInt32(0) + steps);
    return bits.getFloat32(0);
  }
  bits.setFloat64(0, x);
  bits.setBigInt64(0, bits.getBigInt64(0) + BigInt(steps));
  return bits.getFloat64(0);
};
/** evenly over the range, over all exponents, near 1, and near multiples of pi/2 where sines and cosines vanish */
function samples(p: MathPrim, elem: Float, count: number): readonly number[] {
  const next = random(11);
  const [lo, hi] = RANGE[p][elem];
  const out: number[] = [];
  for (let i = 0; i < count; i++) {
    const x = lo + (hi - lo) * next();
    const small = (next() < 0.5 && lo < 0 ? -1 : 1) * 2 ** (Math.log2(hi) - 30 * next());
    out.push(x, small, 0.5 + next() * 1.5, (next() - 0.5) * 2);
    const turn = (Math.floor(next() * next() * 8192) * Math.PI) / 2;
    if (p === "sin" || p === "cos") out.push(...[-1, 0, 1].map(s => neighbour(turn, s, elem)));
    if (p === "log2") out.push(neighbour(1, Math.floor((next() - 0.5) * 100), elem), lo * 2 ** (next() * 30));
  }
  return out
    .map(x => (elem === "f32" ? Math.fround(x) : x))
    .filter(x => x >= lo && x <= hi && Math.abs(x) > (lo < 0 ? 2 ** -200 : 0));
}
/** distance of f32 from a value of f64, in units of the last place */
function distance(got: number, want: number): number {
  if (got === Math.fround(want)) return Math.min(0.5, Math.abs(got - want) / unit(want));
  return Math.abs(got - want) / unit(want);
}
const unit = (want: number): number => 2 ** (Math.max(-126, Math.floor(Math.log2(Math.abs(want)))) - 23);

describe.each(NAMES)("%s", p => {
  test.each(FMA)("f32, fma rounded %s: within the record's ulp of f64", fma => {
    let [worst, at] = [0, 0];
    for (const x of samples(p, "f32", 6000)) {
      const d = distance(run(p, "f32", fma, x), PRIMS[p].eval(x, 0, 0, "f32", "f32"));
      if (!(d <= worst)) [worst, at] = [d, x];
    }
    expect({ worst: worst <= PRIMS[p].ulp ? "within" : worst, at }).toEqual({ worst: "within", at });
    // the record does not promise much less than there is
    expect(worst).toBeGreaterThan(PRIMS[p].ulp / 4);
  });
  test("f64: within the record's ulp of 300 bits, and so is the meaning", () => {
    let [worst, at, meaning] = [0, 0, 0];
    for (const x of samples(p, "f64", 150)) {
      const exact = precise(p, x);
      const d = ulps(run(p, "f64", "twice", x), exact, "f64");
      if (!(d <= worst)) [worst, at] = [d, x];
      meaning = Math.max(meaning, ulps(PRIMS[p].eval(x, 0, 0, "f64", "f64"), exact, "f64"));
    }
    if (process.env["HSC_SHOW"]) console.log(p, worst, at, "meaning", meaning);
    expect({ worst: worst <= PRIMS[p].ulp64 ? "within" : worst, at }).toEqual({ worst: "within", at });
    expect(meaning).toBeLessThanOrEqual(PRIMS[p].ulp64);
  });
  test.each(["f32", "f64"] as const)("%s: NaN, infinities, zeros, huge and tiny arguments", elem => {
    const tiny = elem === "f32" ? 2 ** -149 : 5e-324;
    const huge = elem === "f32" ? 3e38 : 1e308;
    const results = Object.fromEntries(
      [Number.NaN, Infinity, -Infinity, 0, -0, tiny, -tiny].map(x => [
        Object.is(x, -0) ? "-0" : String(x),
        run(p, elem, "twice", x),
      ]),
    );
    const { NaN: nan, Infinity: inf, "-Infinity": minus, "0": zero, "-0": negative } = results;
    const want = PRIMS[p].eval;
    const at = (x: number): number => want(x, 0, 0, elem, elem);
    expect([nan, inf, minus, zero, negative]).toEqual([Number.NaN, at(Infinity), at(-Infinity), at(0), at(-0)]);
    for (const x of [tiny, -tiny]) {
      const got = results[String(x)]!;
      expect(elem === "f32" ? got : Number(got)).toBe(elem === "f32" ? Math.fround(at(x)) : at(x));
    }
    const far = run(p, elem, "twice", huge);
    if (p === "sin" || p === "cos") expect(Math.abs(far)).toBeLessThanOrEqual(1);
    else expect(distance(far, at(huge)) <= 2 || far === at(huge)).toBe(true);
  });
});
