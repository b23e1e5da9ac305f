/** What each lane primitive is on WebAssembly: one native of any element. Knows nothing of memory and of statements. */
import binaryen from "binaryen";
import type { Expr, LoopPrim, Ty } from "../../ir/loop.ts";
import type { Elem } from "../../ir/type.ts";
import { castNative, narrowed } from "./cast.ts";
import { type Func, isWide, type Module, type Ref, ternary, V128, wasmType } from "./func.ts";
import { remainderHelper } from "./helper.ts";
import {
  blend,
  extract,
  lanesOf,
  lanewise,
  type PrimExpr,
  type Site,
  scalarValue,
  select,
  splat,
  uniform,
} from "./lanes.ts";
import { sequence } from "./math.ts";

export type Gen = (s: Site) => Ref;
type Space = "i32" | "i64" | "f32" | "f64" | "i32x4" | "i64x2" | "f32x4" | "f64x2";

const spaceOf = (elem: Elem, vector: boolean): Space => {
  const scalar = wasmType({ elem, lanes: 1 });
  if (scalar === binaryen.f32) return vector ? "f32x4" : "f32";
  if (scalar === binaryen.f64) return vector ? "f64x2" : "f64";
  if (scalar === binaryen.i64) return vector ? "i64x2" : "i64";
  return vector ? "i32x4" : "i32";
};
/** binaryen's builders by name: the one place without types, because the name is put together */
function instruction(m: Module, space: Space, name: string, args: readonly Ref[]): Ref {
  const build = (m[space] as unknown as Record<string, ((...a: readonly Ref[]) => Ref) | undefined>)[name];
  if (!build) throw new Error(`internal: ${space}.${name} does not exist`);
  return build(...args);
}
const isFloat = (e: Elem): boolean => e === "f32" || e === "f64";
const sign = (e: Elem): string => (isFloat(e) ? "" : e === "u32" ? "_u" : "_s");
const both = (s: Site): readonly [Ref, Ref] => [s.arg(0), s.arg(1)];

const plain =
  (name: string): Gen =>
  s =>
    instruction(s.f.m, spaceOf(s.elem, s.vector), name, both(s));
const unary =
  (name: string): Gen =>
  s =>
    instruction(s.f.m, spaceOf(s.elem, s.vector), name, [s.arg(0)]);

/**
 * -x of integers is 0 - x. V8 13.6 complements a pair of f64x2 instead of negating it where the pair stays in its register (a shift is
 * missing): test/wasm/wide.test.ts. So their sign is turned as a bit.
 */
const neg: Gen = s => {
  if (s.elem === "f64" && s.vector) return s.f.m.v128.xor(s.arg(0), s.f.m.v128.const(lanesOf([-0, -0], "f64")));
  if (isFloat(s.elem) || s.vector) return unary("neg")(s);
  return instruction(s.f.m, spaceOf(s.elem, false), "sub", [zero(s), s.arg(0)]);
};
const zero = (s: Site): Ref => s.f.gen({ k: "const", value: 0, ty: { elem: s.elem, lanes: 1 } });
const abs: Gen = s => {
  if (s.elem === "u32") return s.arg(0);
  if (isFloat(s.elem) || s.vector) return unary("abs")(s);
  const { f } = s;
  const type = wasmType({ elem: s.elem, lanes: 1 });
  const space = spaceOf(s.elem, false);
  const x = f.keep(s.arg(0), type);
  const negative = instruction(f.m, space, "lt_s", [x(), zero(s)]);
  return f.m.select(negative, instruction(f.m, space, "sub", [zero(s), x()]), x());
};

/** min, max: floats and vectors of 32 bits have instructions, the rest compares and selects */
const extremum =
  (name: "min" | "max"): Gen =>
  s => {
    const { f, elem, vector } = s;
    const space = spaceOf(elem, vector);
    if (isFloat(elem)) return instruction(f.m, space, name, both(s));
    if (space === "i32x4") return instruction(f.m, space, name + sign(elem), both(s));
    const type = vector ? V128 : wasmType({ elem, lanes: 1 });
    const [a, b] = [f.keep(s.arg(0), type), f.keep(s.arg(1), type)];
    const first = instruction(f.m, space, (name === "min" ? "lt" : "gt") + sign(elem), [a(), b()]);
    return vector ? blend(f, a(), b(), first) : f.m.select(first, a(), b());
  };

/** x / 0 = x and MIN / -1 = MIN: both are divisions by 1. The remainders follow: 0 */
const integer =
  (name: "div" | "rem"): Gen =>
  s =>
    lanewise(s, ([a, b]) => {
      const { f, elem } = s;
      const space = spaceOf(elem, false);
      const of = s.e.args[1]!;
      const c = (v: number | bigint): Ref => (elem === "i64" ? f.m.i64.const(BigInt(v)) : f.i(Number(v)));
      const divisor = of.k === "const" ? of.value : scalarValue(f, of);
      if (divisor !== undefined && divisor !== 0 && divisor !== -1)
        return instruction(f.m, space, name + sign(elem), [a!(), b!()]);
      const is = (x: Ref, v: number | bigint): Ref => instruction(f.m, space, "eq", [x, c(v)]);
      const least = elem === "i64" ? -(2n ** 63n) : -(2 ** 31);
      const overflow = (): Ref => f.m.i32.and(is(a!(), least), is(b!(), -1));
      const trap = elem === "u32" ? is(b!(), 0) : f.m.i32.or(is(b!(), 0), overflow());
      return instruction(f.m, space, name + sign(elem), [a!(), f.m.select(trap, c(1), b!())]);
    });
const div: Gen = s => (isFloat(s.elem) ? plain("div")(s) : integer("div")(s));
const rem: Gen = s => {
  if (!isFloat(s.elem)) return integer("rem")(s);
  const { f, elem } = s;
  const helper = remainderHelper(f.target);
  // the remainder of two f32 is an f32: through f64 it is exact
  const wide = (x: Ref): Ref => (elem === "f32" ? f.m.f64.promote(x) : x);
  return lanewise(s, ([a, b]) => {
    const r = f.m.call(helper, [wide(a!()), wide(b!())], binaryen.f64);
    return elem === "f32" ? f.m.f32.demote(r) : r;
  });
};

/** vectors shift by one amount; amounts that differ go lane by lane. WebAssembly takes them modulo the width, as LOOP does */
const shift =
  (name: "shl" | "shr"): Gen =>
  s => {
    const { f, elem, vector } = s;
    const op = name === "shl" ? "shl" : `shr${sign(elem)}`;
    const by = s.e.args[1]!;
    if (!vector || !uniform(f, by))
      return lanewise(s, ([a, b]) => instruction(f.m, spaceOf(elem, false), op, [a!(), b!()]));
    const amount =
      by.k === "const"
        ? f.i(by.value)
        : by.k === "prim"
          ? narrow(f, elem, f.gen(by.args[0]!))
          : narrow(f, elem, extract(f, s.arg(1), elem, 0));
    return instruction(f.m, spaceOf(elem, true), op, [s.arg(0), amount]);
  };
const narrow = (f: Func, elem: Elem, v: Ref): Ref => (elem === "i64" ? f.m.i32.wrap(v) : v);

const bitwise =
  (name: "and" | "or" | "xor"): Gen =>
  s =>
    s.vector ? s.f.m.v128[name](...both(s)) : instruction(s.f.m, spaceOf(s.elem, false), name, both(s));
/** x and not y is one instruction */
const and: Gen = s => {
  const [a, b] = s.e.args;
  const negated = (e: Expr | undefined): e is PrimExpr => e?.k === "prim" && e.prim === "not" && e.ty.lanes > 1;
  if (!s.vector || !(negated(a) || negated(b))) return bitwise("and")(s);
  const [x, no] = negated(a) ? [1, a] : [0, b as PrimExpr]; // as: one of them is
  return s.f.m.v128.andnot(s.arg(x), s.f.gen(no.args[0]!, s.j));
};
const not: Gen = s => {
  const { f, elem, vector } = s;
  if (vector) return f.m.v128.not(s.arg(0));
  if (elem === "bool") return f.m.i32.eqz(s.arg(0));
  return elem === "i64" ? f.m.i64.xor(s.arg(0), f.m.i64.const(-1n)) : f.m.i32.xor(s.arg(0), f.i(-1));
};

/** a mask has lanes of 32 bits: two natives of 64-bit lanes give one */
const compare =
  (name: "eq" | "lt" | "le"): Gen =>
  s => {
    const { f, elem, vector } = s;
    const one = (j: number): Ref =>
      instruction(f.m, spaceOf(elem, vector), name === "eq" ? name : name + sign(elem), [s.arg(0, j), s.arg(1, j)]);
    return vector && isWide(elem) ? narrowed(s, one) : one(s.j);
  };

const fma: Gen = s => {
  const { f, elem, vector } = s;
  const space = spaceOf(elem, vector);
  if (vector && isFloat(elem) && f.target.build === "relaxed") {
    const op = elem === "f32" ? binaryen.RelaxedMaddVecF32x4 : binaryen.RelaxedMaddVecF64x2;
    return ternary(f.m, op, s.arg(0), s.arg(1), s.arg(2));
  }
  return instruction(f.m, space, "add", [instruction(f.m, space, "mul", [s.arg(0), s.arg(1)]), s.arg(2)]);
};
const bitcast: Gen = s => {
  const { f, e, elem } = s;
  const v = s.arg(0);
  if (s.vector || isFloat(elem) === isFloat(e.ty.elem)) return v;
  switch (e.ty.elem) {
    case "f32":
      return f.m.f32.reinterpret(v);
    case "f64":
      return f.m.f64.reinterpret(v);
    case "i64":
      return f.m.i64.reinterpret(v);
    default:
      return f.m.i32.reinterpret(v);
  }
};
const iota: Gen = s => {
  const w = isWide(s.e.ty.elem) ? 2 : 4;
  return s.f.m.v128.const(
    lanesOf(
      Array.from({ length: w }, (_, l) => s.j * w + l),
      s.e.ty.elem,
    ),
  );
};
const oneLane: Gen = s => {
  const { f, e } = s;
  const of = e.args[0]!;
  const w = isWide(e.ty.elem) ? 2 : 4;
  const l = e.lane ?? 0;
  return of.ty.lanes === 1 ? s.arg(0) : extract(f, s.arg(0, Math.floor(l / w)), e.ty.elem, l % w);
};

export const PRIMS: { readonly [P in LoopPrim]: Gen } = {
  neg,
  abs,
  sqrt: unary("sqrt"),
  floor: unary("floor"),
  ceil: unary("ceil"),
  trunc: unary("trunc"),
  rint: unary("nearest"),
  add: plain("add"),
  sub: plain("sub"),
  mul: plain("mul"),
  div,
  rem,
  min: extremum("min"),
  max: extremum("max"),
  and,
  or: bitwise("or"),
  xor: bitwise("xor"),
  not,
  shl: shift("shl"),
  shr: shift("shr"),
  eq: compare("eq"),
  lt: compare("lt"),
  le: compare("le"),
  select,
  cast: castNative,
  bitcast,
  exp2: sequence("exp2"),
  log2: sequence("log2"),
  sin: sequence("sin"),
  cos: sequence("cos"),
  tanh: sequence("tanh"),
  erf: sequence("erf"),
  fma,
  // one for all natives of a statement: the revectoriser pairs only what has the very same operand
  splat: s => s.f.once(s.e, 0, () => splat(s.f, s.arg(0), s.e.ty.elem), V128),
  extract: oneLane,
  iota,
};

/** a binary primitive on two natives (or scalars) that exist already */
export function vertical(f: Func, op: "add" | "mul" | "max" | "min" | "or", t: Ty, a: Ref, b: Ref): Ref {
  const site: Site = {
    f,
    e: { k: "prim", prim: op, args: [], ty: t },
    j: 0,
    elem: t.elem,
    vector: t.lanes > 1,
    arg: i => (i === 0 ? a : b),
  };
  return PRIMS[op](site);
}
