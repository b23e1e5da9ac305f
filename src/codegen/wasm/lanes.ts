/** Lanes of LOOP's values: constants, splats, single lanes, masks. Knows nothing of memory and of what primitives do. */
import binaryen from "binaryen";
import type { Affine, Buf, Expr, Ty } from "../../ir/loop.ts";
import { evaluate, isPrim, type Value } from "../../ir/prim.ts";
import type { Elem } from "../../ir/type.ts";
import { subscript } from "./address.ts";
import { isPlain } from "./constants.ts";
import { type Func, isWide, live, natives, type Ref, ternary, wasmType, width } from "./func.ts";

export type PrimExpr = Extract<Expr, { k: "prim" }>;
/** one native of a primitive, as its generator sees it */
export interface Site {
  readonly f: Func;
  readonly e: PrimExpr;
  readonly j: number;
  /** of the last argument */
  readonly elem: Elem;
  readonly vector: boolean;
  /** native `j` (absent: this one) of argument i */
  readonly arg: (i: number, j?: number) => Ref;
}
/** computes what memory it reads now: stores of the same statement come after */
export function settle(f: Func, e: Expr | undefined): void {
  if (e && e.ty.lanes > 1) for (let j = 0; j < natives(e.ty); j++) shared(f, e, j);
}
/** native j of e, computed once per statement */
export const shared = (f: Func, e: Expr, j: number): Ref =>
  e.k === "var" || e.k === "const" ? f.gen(e, j) : f.once(e, j, () => f.gen(e, j), wasmType(e.ty));

export function constant(f: Func, value: number | bigint, t: Ty): Ref {
  const { m } = f;
  if (t.lanes > 1) {
    const bytes = lanesOf(Array<number | bigint>(width(t.elem)).fill(value), t.elem);
    return isPlain(bytes) ? m.v128.const(bytes) : f.target.constants.splat(m, bytes.subarray(0, 16 / width(t.elem)));
  }
  switch (t.elem) {
    case "bool":
      return f.i(value ? 1 : 0);
    case "i32":
    case "u32":
      return f.i(Number(value));
    case "i64":
      return m.i64.const(BigInt.asIntN(64, BigInt(value)));
    case "f32":
      return m.f32.const(Number(value));
    case "f64":
      return m.f64.const(Number(value));
    case "f16":
      throw new Error("limit: f16 is not supported on WebAssembly; use f32");
    default:
      return t.elem satisfies never;
  }
}
/** the bytes of one native */
export function lanesOf(values: readonly (number | bigint)[], elem: Elem): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  values.forEach((v, l) => {
    if (elem === "f32") view.setFloat32(4 * l, Number(v), true);
    else if (elem === "f64") view.setFloat64(8 * l, Number(v), true);
    else if (elem === "i64") view.setBigInt64(8 * l, BigInt(v), true);
    else view.setInt32(4 * l, elem === "bool" ? (v ? -1 : 0) : Number(v) | 0, true);
  });
  return bytes;
}

/** a 32-bit integer or bool scalar that is known while compiling: subscripts, flags of unrolled loops */
export function scalarValue(f: Func, e: Expr): number | undefined {
  if (e.ty.lanes !== 1 || (e.ty.elem !== "i32" && e.ty.elem !== "u32" && e.ty.elem !== "bool")) return undefined;
  if (e.k === "const") return e.value;
  if (e.k === "var") {
    const b = f.env.get(e);
    return b?.k === "const" ? b.value : undefined;
  }
  if (e.k !== "prim" || !isPrim(e.prim) || e.args.length === 0) return undefined;
  const args: Value[] = [];
  for (const a of e.args) {
    const v = scalarValue(f, a);
    if (v === undefined) return undefined;
    args.push(v);
  }
  return Number(evaluate(e.prim, args, e.args.at(-1)!.ty.elem, e.ty.elem));
}
/** equal in all lanes without computing: a splat, a constant, a variable held in one local */
export function uniform(f: Func, e: Expr): boolean {
  if (e.ty.lanes === 1 || e.k === "const") return true;
  if (e.k === "var") {
    const b = f.env.get(e);
    return b?.k === "val" && b.locals.length === 1 && natives(e.ty) > 1;
  }
  return e.k === "prim" && e.prim === "splat";
}
const holdsZero = (e: Expr): boolean =>
  e.k === "const" ? Object.is(e.value, 0) : e.k === "prim" && e.prim === "splat" && holdsZero(e.args[0]!);

/** lane l of the whole expression, as a scalar (a bool is 0 or 1) */
export function lane(f: Func, e: Expr, l: number): Ref {
  if (e.ty.lanes === 1) return f.gen(e);
  if (e.k === "const") return constant(f, e.value, { elem: e.ty.elem, lanes: 1 });
  const of = e.k === "prim" && e.prim === "splat" ? e.args[0]! : undefined;
  if (of?.k === "const" || of?.k === "var") return f.gen(of);
  if (e.k === "prim" && e.prim === "iota") return constant(f, l, { elem: e.ty.elem, lanes: 1 });
  const w = width(e.ty.elem);
  return extract(f, shared(f, e, Math.floor(l / w)), e.ty.elem, l % w);
}
export function extract(f: Func, v: Ref, elem: Elem, l: number): Ref {
  const { m } = f;
  switch (elem) {
    case "bool":
      return m.i32.and(m.i32x4.extract_lane(v, l), f.i(1));
    case "i32":
    case "u32":
      return m.i32x4.extract_lane(v, l);
    case "i64":
      return m.i64x2.extract_lane(v, l);
    case "f32":
      return m.f32x4.extract_lane(v, l);
    case "f64":
      return m.f64x2.extract_lane(v, l);
    case "f16":
      throw new Error("limit: f16 is not supported on WebAssembly; use f32");
    default:
      return elem satisfies never;
  }
}
/** a scalar (bool: 0 or 1) in all lanes */
export function splat(f: Func, v: Ref, elem: Elem): Ref {
  const { m } = f;
  switch (elem) {
    case "bool":
      return m.i32x4.splat(m.i32.sub(f.i(0), v));
    case "i32":
    case "u32":
      return m.i32x4.splat(v);
    case "i64":
      return m.i64x2.splat(v);
    case "f32":
      return m.f32x4.splat(v);
    case "f64":
      return m.f64x2.splat(v);
    case "f16":
      throw new Error("limit: f16 is not supported on WebAssembly; use f32");
    default:
      return elem satisfies never;
  }
}
function replace(f: Func, v: Ref, elem: Elem, l: number, x: Ref): Ref {
  const { m } = f;
  if (elem === "f32") return m.f32x4.replace_lane(v, l, x);
  if (elem === "f64") return m.f64x2.replace_lane(v, l, x);
  if (elem === "i64") return m.i64x2.replace_lane(v, l, x);
  return m.i32x4.replace_lane(v, l, elem === "bool" ? m.i32.sub(f.i(0), x) : x);
}
/** one native made of scalars */
export function assembleLanes(f: Func, elem: Elem, lanes: number, scalar: (l: number) => Ref): Ref {
  let v = splat(f, scalar(0), elem);
  for (let l = 1; l < lanes; l++) v = replace(f, v, elem, l, scalar(l));
  return v;
}

/** the mask for native j of a value of type t, its lanes as wide as the value's */
function maskFor(f: Func, cond: Expr, t: Ty, j: number): Ref {
  if (!isWide(t.elem) || uniform(f, cond)) return f.gen(cond, j);
  const half = shared(f, cond, j >> 1);
  return j & 1 ? f.m.i64x2.extend_high_i32x4_s(half) : f.m.i64x2.extend_low_i32x4_s(half);
}
/** lanes of a where the mask's are all ones, of b where they are all zeros: one instruction instead of three where it may rely on that */
export const blend = (f: Func, a: Ref, b: Ref, mask: Ref): Ref =>
  f.target.build === "relaxed"
    ? ternary(f.m, binaryen.RelaxedLaneselectI32x4, a, b, mask)
    : f.m.v128.bitselect(a, b, mask);
/** cond ? a : b in registers; cond has one lane or as many as the value */
export function pick(f: Func, cond: Expr, a: Ref, b: Ref, t: Ty, j: number): Ref {
  const known = scalarValue(f, cond);
  if (known !== undefined) return known ? a : b;
  if (cond.ty.lanes === 1) return f.m.select(f.gen(cond), a, b);
  return blend(f, a, b, maskFor(f, cond, t, j));
}
export function select(s: Site): Ref {
  const { f, e } = s;
  const [cond, a, b] = [e.args[0]!, e.args[1]!, e.args[2]!];
  const known = scalarValue(f, cond);
  if (known !== undefined) return f.gen(known ? a : b, s.j);
  if (!s.vector) return f.m.select(f.gen(cond), s.arg(1), s.arg(2));
  if (holdsZero(b)) return f.m.v128.and(s.arg(1), maskFor(f, cond, e.ty, s.j));
  return blend(f, s.arg(1), s.arg(2), maskFor(f, cond, e.ty, s.j));
}
/** each lane by itself, for what WebAssembly has as a scalar only. args: scalars that may be used more than once */
export function lanewise(s: Site, scalar: (args: readonly (() => Ref)[]) => Ref): Ref {
  const { f, e } = s;
  const at = (l: number): Ref =>
    scalar(
      e.args.map(a => {
        if (uniform(f, a) && a.k === "const") return () => lane(f, a, l);
        return f.keep(lane(f, a, l), wasmType({ elem: a.ty.elem, lanes: 1 }));
      }),
    );
  if (!s.vector) return at(0);
  const w = width(e.ty.elem);
  return assembleLanes(f, e.ty.elem, live(e.ty), l => at(s.j * w + l));
}

/** local of a register. Subscripts are constant once the loops around are unrolled */
export function register(f: Func, buf: Buf, at: Affine, t: Ty, j: number): number {
  const i = subscript(f, buf, at);
  const locals = f.regs.get(buf);
  const per = t.lanes === 1 ? 1 : live(t);
  const local = locals?.[i / per + j];
  if (local === undefined) throw new Error(`internal: ${f.name}: register ${buf.name}[${i}] does not exist`);
  return local;
}

export function shuffle(f: Func, order: readonly number[], bytes: number, a: Ref, b: Ref): Ref {
  const index = order.flatMap(i => Array.from({ length: bytes }, (_, x) => bytes * i + x));
  return f.m.i8x16.shuffle(a, b, index);
}
