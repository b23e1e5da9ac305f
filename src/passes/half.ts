/**
 * LOOP -> LOOP without 16-bit floats, for targets that have none: f16 and bf16 lie in memory as 16-bit patterns, an f16 in registers is an
 * f32 that an f16 can hold. Knows no target.
 *
 *   let y f16 = add(load x, load z)    -->    let y f32 = half(add(f32 of load x u16, f32 of load z u16))
 *
 * f32 has more than twice the digits of f16 and two to spare, so that +, -, *, / and roots rounded to f32 and then to f16 are rounded
 * as if once (Figueroa, "When is double rounding innocuous?", 1995). Sums in registers are rounded when they are read for another use.
 */
import {
  type At,
  type Block,
  type Buf,
  blocks,
  type Expr,
  fresh,
  type LoopKernel,
  type LoopPrim,
  num,
  prim,
  type Stmt,
  type Ty,
  ty,
  type Var,
} from "../ir/loop.ts";
import type { Stored } from "../ir/type.ts";

const isHalf = (s: Stored): boolean => s === "f16" || s === "bf16";
/** exact, or a choice among what is exact: of f16s these give an f16 */
const EXACT: ReadonlySet<LoopPrim> = new Set<LoopPrim>(
  "neg abs floor ceil trunc rint rem min max select splat extract".split(" ") as LoopPrim[], // as: of that type, by its spelling
);
const SUMS: ReadonlySet<LoopPrim> = new Set<LoopPrim>(["add", "fma"]);

export function withoutHalves(k: LoopKernel): LoopKernel {
  const inside = (b: Block): boolean => b.some(s => halfIn(s) || blocks(s).some(inside));
  if (!k.params.some(p => isHalf(p.store)) && !inside(k.body)) return k;
  const pass = new Halves();
  return { ...k, params: k.params.map(p => pass.buf(p)), body: pass.block(k.body) };
}
/** values of f16 come from memory, from constants or casts, and end in a `let` or a `store` */
const halfIn = (s: Stmt): boolean =>
  s.k === "let" || s.k === "store"
    ? mentions(s.value) || (s.k === "store" && isHalf(s.buf.store))
    : s.k === "alloc"
      ? isHalf(s.buf.store)
      : s.k === "if" && mentions(s.cond);
function mentions(e: Expr): boolean {
  const seen = new Set<Expr>();
  const stack = [e];
  for (let x = stack.pop(); x; x = stack.pop()) {
    if (seen.has(x)) continue;
    seen.add(x);
    if (x.ty.elem === "f16" || (x.k === "load" && isHalf(x.buf.store))) return true;
    if (x.k === "prim") stack.push(...x.args);
    else if (x.k === "fold") stack.push(x.arg);
    else if (x.k === "load") stack.push(...(x.mask ? [x.mask] : []), ...(x.at.gather ? [x.at.gather] : []));
  }
  return false;
}

class Halves {
  private readonly bufs = new Map<Buf, Buf>();
  private readonly vars = new Map<Var, Var>();
  /** of the statement that is rewritten: expressions share their parts, and conversions are long */
  private done = new Map<Expr, Expr>();
  private before: Stmt[] = [];

  buf(b: Buf): Buf {
    if (!isHalf(b.store)) return b;
    let now = this.bufs.get(b);
    if (!now) this.bufs.set(b, (now = { ...b, store: b.space === "reg" ? "f32" : "u16" }));
    return now;
  }
  block(b: Block): Block {
    return b.flatMap(s => {
      this.done = new Map();
      this.before = [];
      const now = this.stmt(s);
      return [...this.before, now];
    });
  }
  private inner(b: Block): Block {
    const [done, before] = [this.done, this.before];
    const now = this.block(b);
    [this.done, this.before] = [done, before];
    return now;
  }
  private stmt(s: Stmt): Stmt {
    switch (s.k) {
      case "let":
        return { ...s, value: this.expr(s.value), to: this.variable(s.to) };
      case "store": {
        const mask = s.mask && { mask: this.expr(s.mask) };
        return { ...s, ...mask, buf: this.buf(s.buf), at: this.at(s.at), value: this.toStore(s.buf, s.value) };
      }
      case "if":
        return { ...s, cond: this.expr(s.cond), then: this.inner(s.then), else: this.inner(s.else) };
      case "for":
        return { ...s, body: this.inner(s.body) };
      case "alloc":
        return { ...s, buf: this.buf(s.buf), body: this.inner(s.body) };
      case "atomic":
        return { ...s, ...(s.mask && { mask: this.expr(s.mask) }), at: this.at(s.at), value: this.expr(s.value) };
      case "barrier":
      case "frag":
        return s;
      default:
        return s satisfies never;
    }
  }
  private toStore(b: Buf, value: Expr): Expr {
    if (!isHalf(b.store)) return this.expr(value);
    if (b.space === "reg") return this.sum(value);
    const v = this.expr(value);
    return b.store === "f16" ? this.named("bits", halfBits(this, v)) : this.named("bits", brainBits(this, v));
  }
  /** what a register takes: a sum is not rounded yet */
  private sum(e: Expr): Expr {
    if (e.k === "prim" && SUMS.has(e.prim))
      return { ...e, args: e.args.map(a => (inRegister(a) ? this.load(a) : this.expr(a))), ty: wide(e.ty) };
    return this.expr(e);
  }
  private variable(v: Var): Var {
    if (v.ty.elem !== "f16") return v;
    let now = this.vars.get(v);
    if (!now) this.vars.set(v, (now = { ...v, ty: wide(v.ty) }));
    return now;
  }
  private at(a: At): At {
    return a.gather ? { ...a, gather: this.expr(a.gather) } : a;
  }
  private expr(e: Expr): Expr {
    let now = this.done.get(e);
    if (!now) this.done.set(e, (now = this.rewritten(e)));
    return now;
  }
  private rewritten(e: Expr): Expr {
    switch (e.k) {
      case "var":
        return this.variable(e);
      case "const":
        return { ...e, ty: wide(e.ty) };
      case "load": {
        const x = this.load(e);
        if (!isHalf(e.buf.store)) return x;
        if (e.buf.space === "reg") return this.rounded(x);
        const pattern = this.named("bits", x);
        return this.named("half", e.buf.store === "f16" ? fromHalf(this, pattern) : fromBrain(pattern));
      }
      case "fold": {
        const x: Expr = { ...e, arg: inRegister(e.arg) ? this.load(e.arg) : this.expr(e.arg), ty: wide(e.ty) };
        return e.ty.elem === "f16" ? this.rounded(x) : x;
      }
      case "prim": {
        const args = e.args.map(a => this.expr(a));
        if (e.ty.elem !== "f16") return { ...e, args };
        if (e.prim === "cast") return this.rounded(this.toSingle(args[0]!));
        const x: Expr = { ...e, args, ty: wide(e.ty) };
        return EXACT.has(e.prim) ? x : this.rounded(x);
      }
      default:
        return e satisfies never;
    }
  }
  private load(e: Extract<Expr, { k: "load" }>): Expr {
    const mask = e.mask && { mask: this.expr(e.mask) };
    const half = isHalf(e.buf.store) && e.buf.space !== "reg";
    return { ...e, ...mask, buf: this.buf(e.buf), at: this.at(e.at), ty: half ? { ...e.ty, elem: "i32" } : wide(e.ty) };
  }
  private rounded(x: Expr): Expr {
    return this.named("half", roundToHalf(this, x));
  }
  /** an f64 so that rounding it again to f16 is rounding it once: inexact ones get an odd last bit (Boldo, Melquiond, 2008) */
  private toSingle(x: Expr): Expr {
    const to: Ty = { ...x.ty, elem: "f32" };
    if (x.ty.elem !== "f64") return x.ty.elem === "f32" ? x : prim("cast", to, x);
    const [i, b]: readonly Ty[] = [bitsOf(to), { ...to, elem: "bool" }];
    const exact = this.named("wide", x);
    const near = this.named("near", prim("cast", to, exact));
    const back = this.named("back", prim("cast", exact.ty, near));
    const above = prim("lt", b!, prim("abs", exact.ty, exact), prim("abs", exact.ty, back));
    const inwards = prim("sub", i!, prim("bitcast", i!, near), prim("cast", i!, above));
    const odd = prim("bitcast", to, prim("or", i!, inwards, num(1, i!)));
    // NaN is equal to nothing and odd already
    return prim("select", to, prim("eq", b!, exact, back), near, odd);
  }
  /** a value that is used several times gets a name */
  named(name: string, value: Expr): Expr {
    const to = fresh(name, value.ty);
    this.before.push({ k: "let", to, value });
    return to;
  }
}
const inRegister = (e: Expr): e is Extract<Expr, { k: "load" }> =>
  e.k === "load" && e.buf.space === "reg" && isHalf(e.buf.store);
const wide = (t: Ty): Ty => (t.elem === "f16" ? { ...t, elem: "f32" } : t);
const bitsOf = (t: Ty): Ty => ty("i32", t.lanes);

type Names = Pick<Halves, "named">;
/** patterns of f32: 2^-14, the least that is no denormal of f16; 65520, from which on it is infinite; infinity */
const [LEAST, BEYOND, INFINITE] = [0x38800000, 0x477ff000, 0x7f800000];
// what a value is, its pattern tells: a GPU may take x == x for true and (x + 0.5) - 0.5 for x, and denormals of f32 for 0
/** f32 to the nearest f16, ties to even, as an f32 */
function roundToHalf(cx: Names, value: Expr): Expr {
  const [f, i, b] = [value.ty, bitsOf(value.ty), ty("bool", value.ty.lanes)];
  const x = cx.named("single", value);
  const u = cx.named("bits", prim("bitcast", i, x));
  const at = cx.named("at", prim("and", i, u, num(0x7fffffff, i)));
  // 10 bits of the fraction stay: half of the last, less one if it is even, is added and the rest is cut off
  const odd = prim("and", i, prim("shr", i, u, num(13, i)), num(1, i));
  const normal = prim("and", i, prim("add", i, u, prim("add", i, num(0xfff, i), odd)), num(-0x2000, i));
  // below 2^-14 the step is 2^-24
  const sign = prim("and", i, u, num(-0x80000000, i));
  const steps = prim("rint", f, prim("mul", f, prim("abs", f, x), num(2 ** 24, f)));
  const small = prim("or", i, prim("bitcast", i, prim("mul", f, steps, num(2 ** -24, f))), sign);
  const near = prim("select", i, prim("lt", b, at, num(LEAST, i)), small, normal);
  const infinite = prim("or", i, num(INFINITE, i), sign);
  const other = prim("select", i, prim("lt", b, num(INFINITE, i), at), u, infinite);
  return prim("bitcast", f, prim("select", i, prim("lt", b, at, num(BEYOND, i)), near, other));
}
/** the pattern of an f32 that an f16 can hold */
function halfBits(cx: Names, value: Expr): Expr {
  const [f, i, b] = [value.ty, bitsOf(value.ty), ty("bool", value.ty.lanes)];
  const x = cx.named("single", value);
  const u = cx.named("bits", prim("bitcast", i, x));
  const at = cx.named("at", prim("and", i, u, num(0x7fffffff, i)));
  // the exponents differ by 112
  const normal = prim("shr", i, prim("sub", i, at, num(112 << 23, i)), num(13, i));
  const small = prim("cast", i, prim("mul", f, prim("abs", f, x), num(2 ** 24, f)));
  const finite = prim("select", i, prim("lt", b, at, num(LEAST, i)), small, normal);
  const other = prim("select", i, prim("lt", b, num(INFINITE, i), at), num(0x7e00, i), num(0x7c00, i));
  const sign = prim("and", i, prim("shr", i, u, num(16, i)), num(0x8000, i));
  return prim("or", i, prim("select", i, prim("lt", b, at, num(BEYOND, i)), finite, other), sign);
}
/** of 16 bits as an i32: the fraction and the exponent in their places, the exponent greater by 112; of a denormal by 113 and less what that adds */
function fromHalf(cx: Names, pattern: Expr): Expr {
  const [i, f, b] = [pattern.ty, ty("f32", pattern.ty.lanes), ty("bool", pattern.ty.lanes)];
  const shifted = prim("shl", i, prim("and", i, pattern, num(0x7fff, i)), num(13, i));
  const at = cx.named("at", shifted);
  const normal = prim("add", i, at, num(112 << 23, i));
  const raised = prim("bitcast", f, prim("add", i, at, num(113 << 23, i)));
  const small = prim("bitcast", i, prim("sub", f, raised, num(2 ** -14, f)));
  const finite = prim("select", i, prim("lt", b, at, num(1 << 23, i)), small, normal);
  const other = prim("or", i, at, num(INFINITE, i));
  const size = prim("select", i, prim("lt", b, at, num(0x7c00 << 13, i)), finite, other);
  const sign = prim("shl", i, prim("and", i, pattern, num(0x8000, i)), num(16, i));
  return prim("bitcast", f, prim("or", i, size, sign));
}
/** bf16 is the upper half of an f32 */
const fromBrain = (pattern: Expr): Expr =>
  prim("bitcast", ty("f32", pattern.ty.lanes), prim("shl", pattern.ty, pattern, num(16, pattern.ty)));
function brainBits(cx: Names, value: Expr): Expr {
  const [i, b] = [bitsOf(value.ty), ty("bool", value.ty.lanes)];
  const u = cx.named("bits", prim("bitcast", i, value));
  const odd = prim("and", i, prim("shr", i, u, num(16, i)), num(1, i));
  const near = prim("add", i, u, prim("add", i, num(0x7fff, i), odd));
  const quiet = prim("or", i, u, num(0x400000, i));
  const isNumber = prim("le", b, prim("and", i, u, num(0x7fffffff, i)), num(INFINITE, i));
  const kept = prim("select", i, isNumber, near, quiet);
  return prim("and", i, prim("shr", i, kept, num(16, i)), num(0xffff, i));
}
