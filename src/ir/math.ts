/**
 * exp2, log2, sin, cos, tanh, erf as sequences of lane primitives, the same on every back end. How exact they are stands in the
 * primitive's record (ir/prim.ts). Coefficients: minimax for the relative error of the whole function, by Remez' algorithm in 60
 * digits. Knows nothing of targets.
 *
 * NaN gives NaN and denormals count as what they are: nothing is flushed. sin and cos reduce by Cody and Waite: to the stated
 * error up to |x| = 2^13 * pi/2 (f32) and 2^20 * pi/2 (f64). Beyond that the result is finite, in [-1, 1], and nothing else.
 */
import type { LoopPrim } from "./loop.ts";
import type { Elem } from "./type.ts";

/** what evaluates or emits a sequence: V is one value (all lanes) of it */
export interface Builder<V> {
  readonly constant: (value: number, elem: Elem) => V;
  readonly prim: (p: LoopPrim, to: Elem, ...args: readonly V[]) => V;
  /** x rounded to an integer, as a float and as a word. Absent: by adding 1.5 * 2^fraction, which a compiler that may reassociate undoes */
  readonly nearest?: (x: V) => Nearest<V>;
  /** x, or the bound that it lies beyond; NaN stays. Absent: by comparing */
  readonly clamp?: (x: V, low: V, high: V) => V;
  /** x, of which a compiler that may reassociate knows nothing: it takes n * a + n * b for n * (a + b). Absent: x */
  readonly firm?: (x: V) => V;
  /** a polynomial of x, beginning with the coefficient of the lowest power. Absent: a product and a sum for each power, one after the other */
  readonly poly?: (x: V, coefficients: readonly number[]) => V;
}
interface Nearest<V> {
  readonly whole: V;
  readonly word: V;
}
export type MathPrim = "exp2" | "log2" | "sin" | "cos" | "tanh" | "erf";
type Float = "f32" | "f64";
type Sequence = <V>(b: Builder<V>, x: V) => V;

/** the constants of one precision; polynomials begin with the coefficient of the lowest power */
interface Format {
  readonly float: Float;
  /** the integer of the same width */
  readonly word: "i32" | "i64";
  /** bits of the fraction; the exponent's bias */
  readonly fraction: number;
  readonly bias: number;
  /** 1.5 * 2^fraction: adding it rounds to the nearest integer, which then stands in the low bits */
  readonly magic: number;
  readonly magicBits: number;
  readonly smallestNormal: number;
  /** 2^x - 1 = x * polynomial on [-1/2, 1/2]; beyond `exp2Range` the result is 0 or infinite */
  readonly exp2: readonly number[];
  readonly exp2Range: readonly [number, number];
  /** bits of a number a little below sqrt(1/2): what is subtracted so that a mantissa lies in [sqrt(1/2), sqrt(2)) */
  readonly rootBits: number;
  /** log2(e) in two parts */
  readonly log2e: readonly [number, number];
  /** pi/2 in parts whose products with an integer are exact */
  readonly halfPi: readonly number[];
  /** sin x = x + x^3 * polynomial(x^2), cos x = 1 - x^2/2 + x^4 * polynomial(x^2), |x| <= pi/4 */
  readonly sin: readonly number[];
  readonly cos: readonly number[];
  /** tanh x = x + x^3 * polynomial(x^2) below the limit */
  readonly tanh: readonly number[];
  readonly tanhLimit: number;
  /** erf x = x + x * polynomial(x^2) below 1; log2(1 - erf x) = polynomial(x) from 1 to the limit */
  readonly erf: readonly number[];
  readonly log2Erfc: readonly number[];
  readonly erfLimit: number;
}
/** the largest |x| of which sin and cos are what they are to the stated error */
export const ANGLES: { readonly [F in Float]: number } = { f32: 2 ** 13 * (Math.PI / 2), f64: 2 ** 20 * (Math.PI / 2) };
// biome-ignore-start lint/suspicious/noApproximativeNumericConstant: minimax coefficients lie near known constants, and are not these
const F32: Format = {
  float: "f32",
  word: "i32",
  fraction: 23,
  bias: 127,
  magic: 12582912,
  magicBits: 0x4b400000,
  smallestNormal: 2 ** -126,
  exp2: [
    0.6931472420692444, 0.24022652208805084, 0.055503103882074356, 0.009617692790925503, 0.0013406643411144614,
    0.00015594605065416545,
  ],
  exp2Range: [-151, 129],
  rootBits: 0x3f3504f3,
  log2e: [1.4426950216293335, 1.9259629911266175e-8],
  halfPi: [1.5703125, 0.0004837512969970703, 7.549533620476723e-8, 2.5632829192545614e-12, 6.123233995736766e-17],
  sin: [-0.1666666716337204, 0.008333329111337662, -0.0001983933470910415, 2.718312089200481e-6],
  cos: [0.0416666679084301, -0.0013888883404433727, 2.4799519451335073e-5, -2.7210242592445866e-7],
  tanh: [
    -0.3333333134651184, 0.13333247601985931, -0.053952474147081375, 0.021734438836574554, -0.008267090655863285,
    0.0022310642525553703,
  ],
  tanhLimit: 0.6,
  erf: [
    0.12837916612625122, -0.37612637877464294, 0.11283783614635468, -0.026865476742386818, 0.005221131257712841,
    -0.000848524970933795, 0.00011273022391833365, -9.684215001470875e-6,
  ],
  log2Erfc: [
    0.0002718930190894753, -1.6296398639678955, -0.9135382175445557, -0.15641994774341583, 0.03637078031897545,
    -0.0060669234953820705, 0.000636906421277672, -3.1302701245294884e-5,
  ],
  erfLimit: 4,
};
const F64: Format = {
  float: "f64",
  word: "i64",
  fraction: 52,
  bias: 1023,
  magic: 6755399441055744,
  magicBits: 0x4338000000000000,
  smallestNormal: 2 ** -1022,
  exp2: [
    0.6931471805599457, 0.24022650695910097, 0.05550410866479039, 0.009618129107607003, 0.0013333558153439666,
    0.00015403530441570593, 1.5252727385452212e-5, 1.3215442676079093e-6, 1.0180647556780211e-7, 7.072570300645868e-9,
    4.0780874157855424e-10,
  ],
  exp2Range: [-1076, 1025],
  rootBits: 0x3fe6a09e00000000,
  log2e: [Math.LOG2E, 2.0355273740931033e-17],
  halfPi: [1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21, 8.4784276603689e-32],
  sin: [
    -0.16666666666666666, 0.008333333333333323, -0.00019841269841255137, 2.755731921422685e-6, -2.50521049212697e-8,
    1.6058367885097058e-10, -7.578761366951295e-13,
  ],
  cos: [
    0.041666666666666664, -0.0013888888888888874, 2.480158730157154e-5, -2.7557319215394576e-7, 2.0876754370383256e-9,
    -1.1470293746155648e-11, 4.7381307138433105e-14,
  ],
  tanh: [
    -0.333333333333333, 0.13333333333326833, -0.05396825396387844, 0.021869488389099665, -0.008863232652739502,
    0.0035920925321042273, -0.0014555459814918426, 0.0005884570390255969, -0.00023341270409241058, 8.336003581254469e-5,
    -1.9521007862555176e-5,
  ],
  tanhLimit: 0.55,
  erf: [
    0.12837916709551256, -0.3761263890318375, 0.11283791670954908, -0.026866170645080154, 0.00522397762483888,
    -0.0008548326981602962, 0.00012055331128978741, -1.4925595498222804e-5, 1.6461001981379002e-6,
    -1.6350310602050102e-7, 1.4659666753963554e-8, -1.1372140042577144e-9, 5.955584417339225e-11,
  ],
  log2Erfc: [
    -7.254387203711884e-7, -1.6278997033651983, -0.9184826040455204, -0.14816974584319068, 0.027397042816375502,
    0.0005924021969134464, -0.0027641126118033146, 0.0011117954574982323, -0.0001948316229832634,
    -2.9241028604075007e-5, 3.2926853694824463e-5, -1.2504362116298133e-5, 3.0811986891422656e-6, -5.385740603141618e-7,
    6.697557233067744e-8, -5.676068161179049e-9, 2.9503284406978347e-10, -7.1106784272895835e-12,
  ],
  erfLimit: 6,
};
/** log2(m) = f * log2(e) + f^2 * polynomial(f), f = m - 1 */
const LOG2_F32 = [
  -0.7213473320007324, 0.4808982312679291, -0.36069658398628235, 0.2885674834251404, -0.2396184206008911,
  0.2046004831790924, -0.1910558044910431, 0.186171755194664, -0.10995952039957047,
];
/** fdlibm's form: ln(1 + f) = f - (f^2/2 - s * (f^2/2 + R)), s = f / (2 + f), R = s^2 * polynomial(s^2) */
const LOG_F64 = [
  0.6666666666666734, 0.39999999999414704, 0.28571428742383914, 0.22222198573451618, 0.18183564317587508,
  0.1531405064296214, 0.1479594996943041,
];
// biome-ignore-end lint/suspicious/noApproximativeNumericConstant: above

/** primitives of one format by name */
function lanesOf<V>(b: Builder<V>, t: Format) {
  const c = (v: number): V => b.constant(v, t.float);
  const word = (v: number): V => b.constant(v, t.word);
  const fma = (x: V, y: V, z: V): V => b.prim("fma", t.float, x, y, z);
  return {
    c,
    word,
    fma,
    /** the bits of 1 */
    one: word(t.bias * 2 ** t.fraction),
    add: (x: V, y: V): V => b.prim("add", t.float, x, y),
    sub: (x: V, y: V): V => b.prim("sub", t.float, x, y),
    mul: (x: V, y: V): V => b.prim("mul", t.float, x, y),
    div: (x: V, y: V): V => b.prim("div", t.float, x, y),
    abs: (x: V): V => b.prim("abs", t.float, x),
    lt: (x: V, y: V): V => b.prim("lt", "bool", x, y),
    eq: (x: V, y: V): V => b.prim("eq", "bool", x, y),
    select: (p: V, x: V, y: V): V => b.prim("select", t.float, p, x, y),
    bits: (x: V): V => b.prim("bitcast", t.word, x),
    float: (x: V): V => b.prim("bitcast", t.float, x),
    addWord: (x: V, y: V): V => b.prim("add", t.word, x, y),
    subWord: (x: V, y: V): V => b.prim("sub", t.word, x, y),
    and: (x: V, y: V): V => b.prim("and", t.word, x, y),
    xor: (x: V, y: V): V => b.prim("xor", t.word, x, y),
    shl: (x: V, by: number): V => b.prim("shl", t.word, x, word(by)),
    shr: (x: V, by: number): V => b.prim("shr", t.word, x, word(by)),
    poly: (x: V, from: readonly number[]): V =>
      b.poly?.(x, from) ?? from.slice(0, -1).reduceRight<V>((sum, k) => fma(sum, x, c(k)), c(from.at(-1)!)),
  };
}
/** only the sign bit of x */
function signOf<V>(b: Builder<V>, t: Format, x: V): V {
  const k = lanesOf(b, t);
  const top = t.float === "f32" ? 31 : 63;
  return k.shl(k.shr(k.bits(x), top), top);
}

/** what adding the magic constant rounded to an integer */
function unmagic<V>(b: Builder<V>, t: Format, rounded: V): Nearest<V> {
  const k = lanesOf(b, t);
  return { whole: k.sub(rounded, k.c(t.magic)), word: k.subWord(k.bits(rounded), k.word(t.magicBits)) };
}
/** x = n + r: 2^r by a polynomial, times 2^n in two steps, so that it neither overflows too early nor rounds twice */
function exp2<V>(b: Builder<V>, t: Format, x0: V): V {
  const k = lanesOf(b, t);
  const x = clamp(b, t, x0, ...t.exp2Range);
  const rounded = k.add(x, k.c(t.magic));
  const { whole, word } = b.nearest?.(x) ?? { whole: k.sub(rounded, k.c(t.magic)), word: k.bits(rounded) };
  const r = k.sub(x, whole);
  const p = k.fma(r, k.poly(r, t.exp2), k.c(1));
  // n where the exponent stands: the bits of the magic constant lie beyond
  const n = k.shl(word, t.fraction);
  const half = k.shl(k.shr(word, 1), t.fraction);
  const power = (e: V): V => k.float(k.addWord(e, k.one));
  return k.mul(k.mul(p, power(half)), power(k.subWord(n, half)));
}
function clamp<V>(b: Builder<V>, t: Format, x: V, low: number, high: number): V {
  const k = lanesOf(b, t);
  const [l, h] = [k.c(low), k.c(high)];
  if (b.clamp) return b.clamp(x, l, h);
  const above = k.select(k.lt(x, l), l, x);
  return k.select(k.lt(h, above), h, above);
}

/** x = 2^e * m, m in [sqrt(1/2), sqrt(2)); f = m - 1 is exact */
function log2<V>(b: Builder<V>, t: Format, x: V): V {
  const k = lanesOf(b, t);
  const tiny = k.lt(x, k.c(t.smallestNormal));
  const up = t.fraction + 1;
  const normal = k.select(tiny, k.mul(x, k.c(2 ** up)), x);
  const bits = k.bits(normal);
  const e = k.shr(k.subWord(bits, k.word(t.rootBits)), t.fraction);
  const f = k.sub(k.float(k.subWord(bits, k.shl(e, t.fraction))), k.c(1));
  // an integer as a float: it is added to the bits of the magic constant
  const exponent = b.nearest
    ? b.prim("cast", t.float, e)
    : k.sub(k.float(k.addWord(e, k.word(t.magicBits))), k.c(t.magic));
  const whole = k.add(exponent, k.select(tiny, k.c(-up), k.c(0)));
  const [high, low] = t.log2e;
  const tail = t.float === "f32" ? k.mul(k.mul(f, f), k.poly(f, LOG2_F32)) : logTail(b, t, f);
  const y = k.add(whole, k.fma(f, k.c(high), k.fma(f, k.c(low), tail)));
  const finite = k.select(k.eq(x, k.c(Infinity)), x, y);
  const outside = k.select(k.eq(x, k.c(0)), k.c(-Infinity), k.c(Number.NaN));
  return k.select(k.lt(k.c(0), x), finite, outside);
}
/** (ln(1 + f) - f) * log2(e) */
function logTail<V>(b: Builder<V>, t: Format, f: V): V {
  const k = lanesOf(b, t);
  const s = k.div(f, k.add(k.c(2), f));
  const z = k.mul(s, s);
  const halfSquare = k.mul(k.mul(f, f), k.c(0.5));
  const r = k.mul(z, k.poly(z, LOG_F64));
  return k.mul(k.c(-t.log2e[0]), k.sub(halfSquare, k.mul(s, k.add(halfSquare, r))));
}

/** |x| = n * pi/2 + r; quarter turns: 0 for sin, 1 for cos; sign: bits that flip the result's sign */
function turned<V>(b: Builder<V>, t: Format, a: V, quarters: number, sign: V | undefined): V {
  const k = lanesOf(b, t);
  const turns = k.c(2 / Math.PI);
  const firm = b.firm ?? ((x: V): V => x);
  const { whole: n, word } = b.nearest?.(k.mul(a, turns)) ?? unmagic(b, t, k.fma(a, turns, k.c(t.magic)));
  const far = t.halfPi.reduce((r, part) => firm(k.fma(n, k.c(-part), r)), a);
  // where n is not exact, r is not small: it is cut so that the polynomials stay in [-1, 1]
  const near = k.select(k.lt(far, k.c(-0.79)), k.c(-0.79), far);
  const r = k.select(k.lt(k.c(0.79), near), k.c(0.79), near);
  const z = k.mul(r, r);
  const sine = k.fma(k.mul(r, z), k.poly(z, t.sin), r);
  const cosine = k.fma(k.mul(z, z), k.poly(z, t.cos), k.fma(z, k.c(-0.5), k.c(1)));
  const q = k.addWord(word, k.word(quarters));
  const odd = k.eq(k.and(q, k.word(1)), k.word(1));
  const flip = k.shl(k.and(q, k.word(2)), t.float === "f32" ? 30 : 62);
  const value = k.bits(k.select(odd, cosine, sine));
  return k.float(k.xor(value, sign === undefined ? flip : k.xor(flip, sign)));
}
/** sin(-x) = -sin(x): so is its zero */
const sin = <V>(b: Builder<V>, t: Format, x: V): V => turned(b, t, lanesOf(b, t).abs(x), 0, signOf(b, t, x));
const cos = <V>(b: Builder<V>, t: Format, x: V): V => turned(b, t, lanesOf(b, t).abs(x), 1, undefined);

/** 1 - 2 / (e^2x + 1), or a polynomial where that cancels */
function tanh<V>(b: Builder<V>, t: Format, x: V): V {
  const k = lanesOf(b, t);
  const a = k.abs(x);
  const z = k.mul(a, a);
  const small = k.fma(k.mul(a, z), k.poly(z, t.tanh), a);
  const power = exp2(b, t, k.mul(a, k.c(2 * Math.LOG2E)));
  const large = k.sub(k.c(1), k.div(k.c(2), k.add(power, k.c(1))));
  const y = k.select(k.lt(a, k.c(t.tanhLimit)), small, large);
  return k.float(k.xor(k.bits(y), signOf(b, t, x)));
}

function erf<V>(b: Builder<V>, t: Format, x: V): V {
  const k = lanesOf(b, t);
  const a = k.abs(x);
  const small = k.fma(a, k.poly(k.mul(a, a), t.erf), a);
  const cut = k.select(k.lt(k.c(t.erfLimit), a), k.c(t.erfLimit), a);
  const large = k.sub(k.c(1), exp2(b, t, k.poly(cut, t.log2Erfc)));
  const y = k.select(k.lt(a, k.c(1)), small, large);
  return k.float(k.xor(k.bits(y), signOf(b, t, x)));
}

const both = (f: <V>(b: Builder<V>, t: Format, x: V) => V): { readonly [F in Float]: Sequence } => ({
  f32: (b, x) => f(b, F32, x),
  f64: (b, x) => f(b, F64, x),
});
export const MATH: { readonly [P in MathPrim]: { readonly [F in Float]: Sequence } } = {
  exp2: both(exp2),
  log2: both(log2),
  sin: both(sin),
  cos: both(cos),
  tanh: both(tanh),
  erf: both(erf),
};
export const isMath = (p: string): p is MathPrim => Object.hasOwn(MATH, p);
