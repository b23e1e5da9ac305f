/** What the records' `bound` rules share: rounding per element, errors through primitives and sums (Higham). Knows no op but primitives. */
import { ANGLES } from "../math.ts";
import type { Bounded, BoundRule, TensorValue } from "../op.ts";
import { evaluate, PRIMS, type Prim, type Value } from "../prim.ts";
import { type Elem, isFloat } from "../type.ts";
import { allocate, numbersOf, rounding } from "../value.ts";
import { elemOf } from "./attrs.ts";

interface Precision {
  /** half the distance of neighbours, relative */
  readonly unit: number;
  readonly least: number;
  readonly most: number;
}
const PRECISION: { readonly [E in "f16" | "f32" | "f64"]: Precision } = {
  f16: { unit: 2 ** -11, least: 2 ** -24, most: 65504 },
  f32: { unit: 2 ** -24, least: 2 ** -149, most: (2 - 2 ** -23) * 2 ** 127 },
  f64: { unit: 2 ** -53, least: 2 ** -1074, most: Number.MAX_VALUE },
};
export const precision = (elem: Elem): Precision | undefined =>
  elem === "f16" || elem === "f32" || elem === "f64" ? PRECISION[elem] : undefined;
/** the f64 beside which the error stands is itself rounded at each op: far below a unit of f32 */
export const OWN_ROUNDING = 1 + 2 ** -20;
/** what is far beyond a bound is the bound, whatever its own error is */
function ofExtremum(f: (a: number, b: number) => number, a: number, b: number, p: number, q: number): number {
  const v = f(a, b);
  return Number.isFinite(v) ? Math.max(f(a + p, b + q) - v, v - f(a - p, b - q)) : Math.max(p, q);
}
/** K roundings, one after the other or in a tree, are off by this much of the sum of sizes (Higham, Accuracy and Stability, 3.1) */
const gamma = (roundings: number, unit: number): number => (roundings * unit) / (1 - Math.min(roundings * unit, 1));

/** the result that holds v in every element, ready to be filled */
export function openResult(elem: Elem, shape: readonly number[]): Bounded {
  const size = shape.reduce((a, b) => a * b, 1);
  return {
    value: { k: "tensor", shape, data: allocate(elem, size) },
    error: new Float64Array(size),
    undecided: new Uint8Array(size),
  };
}
/** puts one float: NaN stays NaN, and what may overflow is undecided */
export function put(to: Bounded, i: number, elem: Elem, v: number, error: number): void {
  numbersOf(to.value)[i] = v;
  const p = precision(elem);
  if (Number.isNaN(v) || !p) return;
  if (Number.isFinite(v) && Math.abs(v) + error <= p.most) to.error[i] = error;
  else if (error !== 0 || Number.isFinite(v)) to.undecided[i] = 1;
}

const monotone =
  (f: (x: number) => number) =>
  ([x]: Args, [e]: Args, v: number): number =>
    e === 0 ? 0 : Math.max(Math.abs(f(x! + e!) - v), Math.abs(v - f(x! - e!)));
const known = (yes: boolean): number => (yes ? 0 : Number.NaN);
const apart = ([a, b]: Args, [p, q]: Args): number => known((p === 0 && q === 0) || Math.abs(a! - b!) > p! + q!);
type Args = readonly number[];
/** how far the result of exact arithmetic moves when x moves by e at most; NaN: undecided. Absent: arguments are no floats */
const MOVES: { readonly [P in Prim]?: (x: Args, e: Args, v: number) => number } = {
  neg: (_x, [e]) => e!,
  abs: (_x, [e]) => e!,
  sqrt: ([x], [e], v) => {
    if (e === 0) return 0;
    return x! - e! < 0 ? Number.NaN : Math.max(Math.sqrt(x! + e!) - v, v - Math.sqrt(x! - e!));
  },
  floor: monotone(Math.floor),
  ceil: monotone(Math.ceil),
  trunc: monotone(Math.trunc),
  rint: monotone(x => PRIMS.rint.eval(x, 0, 0, "f64", "f64")),
  add: (_x, [p, q]) => p! + q!,
  sub: (_x, [p, q]) => p! + q!,
  mul: ([a, b], [p, q]) => (p === 0 && q === 0 ? 0 : Math.abs(a!) * q! + Math.abs(b!) * p! + p! * q!),
  div: ([, b], [p, q], v) => {
    if (p === 0 && q === 0) return 0;
    return Math.abs(b!) <= q! ? Number.NaN : (p! + Math.abs(v) * q!) / (Math.abs(b!) - q!);
  },
  rem: ([a, b], [p, q]) => {
    if (p === 0 && q === 0) return 0;
    if (Math.abs(b!) <= q!) return Number.NaN;
    const quotients = [a! - p!, a! + p!].flatMap(x => [Math.trunc(x / (b! - q!)), Math.trunc(x / (b! + q!))]);
    // a remainder is smaller than what divides, on either side of zero
    return quotients.every(x => x === quotients[0]) ? p! + Math.abs(quotients[0]!) * q! : 2 * (Math.abs(b!) + q!);
  },
  min: ([a, b], [p, q]) => ofExtremum(Math.min, a!, b!, p!, q!),
  max: ([a, b], [p, q]) => ofExtremum(Math.max, a!, b!, p!, q!),
  eq: apart,
  lt: apart,
  le: apart,
  exp2: monotone(x => 2 ** x),
  tanh: monotone(Math.tanh),
  erf: monotone(x => PRIMS.erf.eval(x, 0, 0, "f64", "f64")),
  log2: ([x], [e], v) => (e === 0 ? 0 : x! - e! <= 0 ? Number.NaN : monotone(Math.log2)([x!], [e!], v)),
  sin: (_x, [e]) => Math.min(2, e!),
  cos: (_x, [e]) => Math.min(2, e!),
};
function castMoves(x: number, e: number, from: Elem, to: Elem): number {
  if (e === 0 || !isFloat(from)) return 0;
  if (isFloat(to)) return e;
  if (to === "bool") return known(Math.abs(x) > e);
  return known(Math.trunc(x - e) === Math.trunc(x + e));
}
function movesBy(prim: Prim, x: Args, e: Args, v: number, from: Elem, to: Elem): number {
  if (prim === "cast") return castMoves(x[0]!, e[0]!, from, to);
  // the sign of a zero is no part of the contract (a sum of nothing but -0 is either), nor are the bits of a NaN
  if (prim === "bitcast") return known(e[0] === 0 && !(isFloat(from) && (x[0] === 0 || Number.isNaN(x[0]))));
  if (prim === "div" && isFloat(from) && x[1] === 0) return known(x[0] === 0);
  // of a larger angle only that it is some sine
  if ((prim === "sin" || prim === "cos") && Math.abs(x[0]!) + e[0]! > ANGLES[from === "f64" ? "f64" : "f32"]) return 2;
  const rule = MOVES[prim];
  return rule ? rule(x, e, v) : known(e.every(p => p === 0));
}

/** a primitive on each element: moved by the arguments' errors, then rounded, or wrong by its ulp */
export const laneBound =
  (prim: Prim): BoundRule =>
  (args, node) => {
    const [from, to] = [elemOf(node.args.at(-1)!), elemOf(node)];
    const out = openResult(to, args[0]!.value.shape);
    for (let i = 0; i < out.error.length; i++) laneAt(prim, args, i, from, to, out);
    return out;
  };
function laneAt(prim: Prim, args: readonly Bounded[], i: number, from: Elem, to: Elem, out: Bounded): void {
  if (prim === "select") {
    selectAt(args, i, to, out);
    return;
  }
  const x = args.map(a => a.value.data[i]!);
  const exactly = evaluate(prim, x, from, to);
  if (args.some(a => a.undecided[i])) {
    setElement(out.value, i, exactly);
    // one false decides and, one true or
    const ruling = to === "bool" && (prim === "and" ? 0 : prim === "or" ? 1 : undefined);
    const ruled = args.some(a => !a.undecided[i] && a.value.data[i] === ruling);
    out.undecided[i] = ruled ? 0 : 1;
    return;
  }
  const e = args.map(a => a.error[i]!);
  const { ulp, ulp64 } = PRIMS[prim];
  const error = laneError(prim, x, e, exactly, from, to, to === "f64" ? ulp64 : ulp);
  if (error !== undefined && precision(to) && Number.isFinite(exactly)) {
    put(out, i, to, Number(exactly), error);
    return;
  }
  setElement(out.value, i, exactly);
  out.undecided[i] = error === undefined ? 1 : 0;
}
/** of what has no result: wherever the arguments are. The logarithm of what may be below or above 0 may have one */
function isNoNumber(prim: Prim, x: Args, e: Args, from: Elem, to: Elem): boolean {
  if (x.some(Number.isNaN) || e.every(d => d === 0)) return true;
  const none = (y: number): boolean => Number.isNaN(Number(evaluate(prim, [y], from, to)));
  return x.length === 1 && none(x[0]! - e[0]!) && none(x[0]! + e[0]!);
}
/**
 * How far a correct result may be from `exactly`, that of the primitive on x, when x may be off by e and the target's primitive by `ulp`;
 * undefined: it is not decided.
 */
export function laneError(
  prim: Prim,
  x: readonly Value[],
  e: readonly number[],
  exactly: Value,
  from: Elem,
  to: Elem,
  ulp: number,
): number | undefined {
  const v = Number(exactly);
  if (Number.isNaN(v)) return isNoNumber(prim, x.map(Number), e, from, to) ? 0 : undefined;
  const moved = from === "i64" ? 0 : movesBy(prim, x.map(Number), e, v, from, to);
  if (Number.isNaN(moved)) return undefined;
  const p = precision(to);
  // an infinity of exact operands is exact; one that grew in f64 alone may be a number in no element
  if (!p || !Number.isFinite(v)) return moved !== 0 && !x.some(y => !Number.isFinite(Number(y))) ? undefined : 0;
  // a result that the element holds is exact; any other may come from an equal formula that rounds elsewhere
  if (ulp === 0 && moved === 0 && rounding(to)(v) === v) return 0;
  const exactMove = prim === "neg" || prim === "abs" || prim === "min" || prim === "max" || prim === "rem";
  return moved + (exactMove ? 0 : Math.max(2 * ulp, 1) * p.unit * OWN_ROUNDING * (Math.abs(v) + moved) + p.least);
}
/** of a condition that is not decided it is known that the result is one of two: they are as far from each other as it may be wrong */
function selectAt([c, a, b]: readonly Bounded[], i: number, elem: Elem, out: Bounded): void {
  const [chosen, other] = Number(c!.value.data[i]) !== 0 ? [a!, b!] : [b!, a!];
  copyElement(out, i, chosen, i);
  if (!c!.undecided[i] || out.undecided[i]) return;
  const [v, w] = [chosen.value.data[i]!, other.value.data[i]!];
  const apart = Math.abs(Number(v) - Number(w));
  if (other.undecided[i] || Number.isNaN(apart) || !(isFloat(elem) ? Number.isFinite(apart) : v === w)) {
    out.undecided[i] = 1;
    return;
  }
  out.error[i] = apart + Math.max(chosen.error[i]!, other.error[i]!);
}
export const setElement = (to: TensorValue, i: number, v: number | bigint): void => {
  (to.data as { [i: number]: number | bigint })[i] = v; // as: of the element of `to`
};
export function copyElement(to: Bounded, i: number, from: Bounded, j: number): void {
  setElement(to.value, i, from.value.data[j]!);
  to.error[i] = from.error[j]!;
  to.undecided[i] = from.undecided[j]!;
}
/** the elements at flat places; -1 gives the exact `fill` */
export function movedTo(elem: Elem, shape: readonly number[], flat: Int32Array, from: Bounded, fill: number): Bounded {
  const out = openResult(elem, shape);
  for (let i = 0; i < flat.length; i++)
    if (flat[i]! < 0) setElement(out.value, i, elem === "i64" ? BigInt(fill) : fill);
    else copyElement(out, i, from, flat[i]!);
  return out;
}

/** a sum of terms in any order: their errors, and a unit per term of the sum of their sizes */
export interface Sum {
  value: number;
  error: number;
  sizes: number;
  terms: number;
  undecided: boolean;
  whole: boolean;
}
export const noTerms = (): Sum => ({ value: 0, error: 0, sizes: 0, terms: 0, undecided: false, whole: true });
export function addTerm(s: Sum, v: number, error: number, undecided: boolean): void {
  s.value += v;
  s.error += error;
  s.sizes += Math.abs(v) + error;
  s.terms++;
  s.undecided ||= undecided;
  s.whole &&= error === 0 && Number.isInteger(v);
}
export function putSum(to: Bounded, i: number, elem: Elem, s: Sum): void {
  const p = precision(elem);
  // in another order a part of the sum may overflow
  if (s.undecided || (p && Number.isFinite(s.sizes) && s.sizes > p.most)) to.undecided[i] = 1;
  // whole numbers whose sizes fit the element add without rounding in any order
  const exact = !p || (s.whole && s.sizes * p.unit <= 1) || s.terms <= 1;
  if (!p) setElement(to.value, i, rounding(elem)(s.value));
  else
    put(
      to,
      i,
      elem,
      s.value,
      s.error + (exact ? 0 : gamma(s.terms, p.unit) * OWN_ROUNDING * s.sizes + s.terms * p.least),
    );
}

/** for ops that are exact where all arguments are */
export const exactBound: BoundRule = (args, node, cx) => {
  const value = node.op.eval(
    args.map(a => a.value),
    node,
    cx,
  );
  if (value.k !== "tensor") throw new Error(`internal: no bounds of ${value.k}`);
  const vague = args.some(a => a.undecided.some(u => u !== 0) || a.error.some(e => e !== 0));
  const size = value.data.length;
  return { value, error: new Float64Array(size), undecided: new Uint8Array(size).fill(vague ? 1 : 0) };
};
export const exactly = (value: TensorValue): Bounded => ({
  value,
  error: new Float64Array(value.data.length),
  undecided: new Uint8Array(value.data.length),
});
