/** exp2, log2, sin, cos, tanh, erf to 300 bits after the point, in BigInt; and the distance of a float from such a value. */
import type { MathPrim } from "../../src/ir/math.ts";

const P = 300n;
const ONE = 1n << P;
type Fixed = bigint;

const view = new DataView(new ArrayBuffer(8));
/** x in units of 2^-bits, cut to a whole number */
function scaled(x: number, bits: bigint): bigint {
  view.setFloat64(0, x);
  const word = view.getBigUint64(0);
  const exponent = (word >> 52n) & 2047n;
  const fraction = (word & ((1n << 52n) - 1n)) | (exponent ? 1n << 52n : 0n);
  const size = shifted(fraction, bits + (exponent || 1n) - 1075n);
  return word >> 63n ? -size : size;
}
const shifted = (v: bigint, by: bigint): bigint => (by >= 0n ? v << by : v >> -by);
/** exact for |x| >= 2^-240 */
const fixed = (x: number): Fixed => scaled(x, P);
const mul = (a: Fixed, b: Fixed): Fixed => (a * b) >> P;
const div = (a: Fixed, b: Fixed): Fixed => (a << P) / b;
const abs = (a: Fixed): Fixed => (a < 0n ? -a : a);
/** sum of terms until they vanish; next(term, n) gives the n-th from the one before */
function series(
  first: Fixed,
  next: (term: Fixed, n: bigint) => Fixed,
  of: (term: Fixed, n: bigint) => Fixed = t => t,
): Fixed {
  let [sum, term, n] = [0n, first, 0n];
  while (term !== 0n && term !== -1n) {
    sum += of(term, n);
    n += 1n;
    term = next(term, n);
  }
  return sum;
}
/** z + z^3/3 + z^5/5 .. */
const atanh = (z: Fixed): Fixed =>
  series(
    z,
    t => mul(t, mul(z, z)),
    (t, n) => t / (2n * n + 1n),
  );
const arctanInverse = (k: bigint): Fixed =>
  series(
    ONE / k,
    t => -t / (k * k),
    (t, n) => t / (2n * n + 1n),
  );
const LN2 = 2n * atanh(ONE / 3n);
const PI = 16n * arctanInverse(5n) - 4n * arctanInverse(239n);

const nearest = (a: Fixed, unit: Fixed): bigint =>
  (2n * a + unit) / (2n * unit) - (2n * a + unit < 0n && (2n * a + unit) % (2n * unit) ? 1n : 0n);
const expSmall = (r: Fixed): Fixed => series(ONE, (t, n) => mul(t, r) / n);
/** the value, times 2^scale */
function exp(x: Fixed): { value: Fixed; scale: bigint } {
  const k = nearest(x, LN2);
  return { value: expSmall(x - k * LN2), scale: k };
}
const expFixed = (x: Fixed): Fixed => {
  const { value, scale } = exp(x);
  return shifted(value, scale);
};
function log2(x: Fixed): Fixed {
  const e = BigInt(x.toString(2).length - 1) - P;
  const m = shifted(x, -e);
  return e * ONE + div(2n * atanh(div(m - ONE, m + ONE)), LN2);
}
function turned(x: Fixed, quarters: bigint): Fixed {
  const k = nearest(x, PI / 2n);
  const r = x - (k * PI) / 2n;
  const square = mul(r, r);
  const q = (((k + quarters) % 4n) + 4n) % 4n;
  const v =
    q % 2n
      ? series(ONE, (t, n) => -mul(t, square) / ((2n * n - 1n) * 2n * n))
      : series(r, (t, n) => -mul(t, square) / (2n * n * (2n * n + 1n)));
  return q > 1n ? -v : v;
}
function tanh(x: Fixed): Fixed {
  const e = expFixed(2n * x);
  return div(e - ONE, e + ONE);
}
function squareRoot(a: Fixed): Fixed {
  let r = ONE;
  for (let i = 0; i < 20; i++) r = (r + div(a, r)) / 2n;
  return r;
}
const erf = (x: Fixed): Fixed =>
  div(
    2n *
      series(
        x,
        (t, n) => -mul(t, mul(x, x)) / n,
        (t, n) => t / (2n * n + 1n),
      ),
    squareRoot(PI),
  );

/** where values of exp2 are too small for P bits they come with a scale */
export function precise(p: MathPrim, x: number): { value: Fixed; scale: bigint } {
  const v = fixed(x);
  switch (p) {
    case "exp2":
      return exp(mul(v, LN2));
    case "log2": {
      // denormals and large numbers through their logarithm's whole part
      const shift = x < 2 ** -200 ? 1000 : x > 2 ** 200 ? -1000 : 0;
      return { value: log2(fixed(x * 2 ** shift)) - BigInt(shift) * ONE, scale: 0n };
    }
    case "sin":
      return { value: turned(v, 0n), scale: 0n };
    case "cos":
      return { value: turned(v, 1n), scale: 0n };
    case "tanh":
      return { value: tanh(v), scale: 0n };
    case "erf":
      return { value: erf(v), scale: 0n };
    default:
      return p satisfies never;
  }
}
/** how far a float is from the exact value, in units of the last place that the exact value has in its format */
export function ulps(got: number, exact: { value: Fixed; scale: bigint }, elem: "f32" | "f64"): number {
  const [fraction, least] = elem === "f32" ? [23n, -126n] : [52n, -1022n];
  const size = abs(exact.value);
  const e = size === 0n ? least : BigInt(size.toString(2).length - 1) - P + exact.scale;
  const unit = (e < least ? least : e) - fraction;
  // both in units of 2^-64 of the last place
  const wanted = shifted(exact.value, exact.scale - unit + 64n - P);
  return Number(abs(scaled(got, 64n - unit) - wanted)) / 2 ** 64;
}

/** a * b + c of f64 rounded once, half to even */
export function fused(a: number, b: number, c: number): number {
  if (![a, b, c].every(Number.isFinite)) return a * b + c;
  // in units of 2^-2148
  const exact = scaled(a, 1074n) * scaled(b, 1074n) + (scaled(c, 1074n) << 1074n);
  if (exact === 0n) return a * b + c;
  const size = abs(exact);
  const drop = BigInt(Math.max(size.toString(2).length - 53, 1074));
  const half = 1n << (drop - 1n);
  const [kept, rest] = [size >> drop, size & ((1n << drop) - 1n)];
  const up = rest > half || (rest === half && kept & 1n) ? 1n : 0n;
  const exponent = Number(drop) - 2148;
  // in two steps: 2^exponent may be beyond f64, and both products are exact or overflow
  const value = Number(kept + up) * 2 ** Math.max(exponent, -1000) * 2 ** (exponent - Math.max(exponent, -1000));
  return exact < 0n ? -value : value;
}
