/** Casts between elements whose lanes may differ in width, and the narrowing of 64-bit masks. */
import type { Elem } from "../../ir/type.ts";
import { type Func, isWide, live, type Ref, V128 } from "./func.ts";
import { constant, lanewise, type Site, shared, shuffle } from "./lanes.ts";

const isFloat = (e: Elem): boolean => e === "f32" || e === "f64";

/** one native of 32-bit lanes from two of 64-bit lanes: lanes 0 and 2 of each, seen as 32-bit lanes */
export function narrowed(s: Site, wide: (j: number) => Ref): Ref {
  const low = s.f.keep(wide(2 * s.j), V128);
  if (live(s.e.ty) <= 2) return s.f.m.i8x16.shuffle(low(), low(), LOW_WORDS);
  const high = s.f.keep(wide(2 * s.j + 1), V128);
  return s.f.m.i8x16.shuffle(low(), high(), LOW_WORDS);
}
const LOW_WORDS = [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27];
/** the same from two natives that hold their results in lanes 0 and 1 */
function joined(s: Site, half: (j: number) => Ref): Ref {
  if (live(s.e.ty) <= 2) return half(2 * s.j);
  return shuffle(s.f, [0, 1, 4, 5], 4, half(2 * s.j), half(2 * s.j + 1));
}

export function castNative(s: Site): Ref {
  const [from, to] = [s.elem, s.e.ty.elem];
  if (from === to) return s.arg(0);
  if (!s.vector) return castScalar(s.f, from, to, s.arg(0));
  if (isWide(from) === isWide(to)) return isWide(from) ? castWide(s) : castWord(s);
  return isWide(from) ? castNarrower(s) : castWider(s);
}

/** 32-bit lanes to 32-bit lanes */
function castWord(s: Site): Ref {
  const { m } = s.f;
  const [from, to] = [s.elem, s.e.ty.elem];
  const v = s.arg(0);
  const one = { elem: to, lanes: 4 as const };
  if (from === "bool") return m.v128.and(v, constant(s.f, 1, one));
  if (to === "bool")
    return isFloat(from)
      ? m.f32x4.ne(v, constant(s.f, 0, { elem: from, lanes: 4 }))
      : m.i32x4.ne(v, constant(s.f, 0, { elem: from, lanes: 4 }));
  if (from === "f32") return to === "u32" ? m.i32x4.trunc_sat_f32x4_u(v) : m.i32x4.trunc_sat_f32x4_s(v);
  if (to === "f32") return from === "u32" ? m.f32x4.convert_i32x4_u(v) : m.f32x4.convert_i32x4_s(v);
  return v; // i32 and u32 share their bits
}
/** i64 and f64: WebAssembly converts them as scalars only */
const castWide = (s: Site): Ref => lanewise(s, ([a]) => castScalar(s.f, s.elem, s.e.ty.elem, a!()));

function castWider(s: Site): Ref {
  const { f, j } = s;
  const { m } = f;
  const [from, to] = [s.elem, s.e.ty.elem];
  const of = s.e.args[0]!;
  const half = shared(f, of, j >> 1);
  const high = (j & 1) === 1;
  const low = (): Ref => (high ? shuffle(f, [2, 3, 2, 3], 4, half, shared(f, of, j >> 1)) : half);
  switch (from) {
    case "bool": {
      const mask = high ? m.i64x2.extend_high_i32x4_s(half) : m.i64x2.extend_low_i32x4_s(half);
      return m.v128.and(mask, constant(f, 1, { elem: to, lanes: 2 }));
    }
    case "i32":
      if (to === "f64") return m.f64x2.convert_low_i32x4_s(low());
      return high ? m.i64x2.extend_high_i32x4_s(half) : m.i64x2.extend_low_i32x4_s(half);
    case "u32":
      if (to === "f64") return m.f64x2.convert_low_i32x4_u(low());
      return high ? m.i64x2.extend_high_i32x4_u(half) : m.i64x2.extend_low_i32x4_u(half);
    default:
      return to === "f64" ? m.f64x2.promote_low_f32x4(low()) : lanewise(s, ([a]) => castScalar(f, from, to, a!()));
  }
}
function castNarrower(s: Site): Ref {
  const { f } = s;
  const { m } = f;
  const [from, to] = [s.elem, s.e.ty.elem];
  const zero = (): Ref => constant(f, 0, { elem: from, lanes: 2 });
  if (from === "i64") {
    // not-equal has no name in i64x2's shape here: x != 0 is not (x == 0)
    if (to === "bool") return m.v128.not(narrowed(s, j => m.i64x2.eq(s.arg(0, j), zero())));
    if (to === "f32") return lanewise(s, ([a]) => castScalar(f, from, to, a!()));
    return narrowed(s, j => s.arg(0, j));
  }
  if (to === "bool") return narrowed(s, j => m.f64x2.ne(s.arg(0, j), zero()));
  if (to === "f32") return joined(s, j => m.f32x4.demote_f64x2_zero(s.arg(0, j)));
  return joined(s, j =>
    to === "u32" ? m.i32x4.trunc_sat_f64x2_u_zero(s.arg(0, j)) : m.i32x4.trunc_sat_f64x2_s_zero(s.arg(0, j)),
  );
}

function castScalar(f: Func, from: Elem, to: Elem, v: Ref): Ref {
  const { m } = f;
  const signed = from !== "u32" && from !== "bool";
  switch (to) {
    case "bool":
      if (from === "f32") return m.f32.ne(v, m.f32.const(0));
      if (from === "f64") return m.f64.ne(v, m.f64.const(0));
      return from === "i64" ? m.i64.ne(v, m.i64.const(0n)) : m.i32.ne(v, f.i(0));
    case "i32":
    case "u32":
      if (from === "f32") return to === "u32" ? m.i32.trunc_u_sat.f32(v) : m.i32.trunc_s_sat.f32(v);
      if (from === "f64") return to === "u32" ? m.i32.trunc_u_sat.f64(v) : m.i32.trunc_s_sat.f64(v);
      return from === "i64" ? m.i32.wrap(v) : v;
    case "i64":
      if (from === "f32") return m.i64.trunc_s_sat.f32(v);
      if (from === "f64") return m.i64.trunc_s_sat.f64(v);
      return signed ? m.i64.extend_s(v) : m.i64.extend_u(v);
    case "f32":
      if (from === "f64") return m.f32.demote(v);
      if (from === "i64") return m.f32.convert_s.i64(v);
      return signed ? m.f32.convert_s.i32(v) : m.f32.convert_u.i32(v);
    case "f64":
      if (from === "f32") return m.f64.promote(v);
      if (from === "i64") return m.f64.convert_s.i64(v);
      return signed ? m.f64.convert_s.i32(v) : m.f64.convert_u.i32(v);
    case "f16":
      throw new Error("limit: f16 is not supported on WebAssembly; use f32");
    default:
      return to satisfies never;
  }
}
