/** LOOP's expressions: native `j` of each, as binaryen's. Knows nothing of statements. */
import type { Expr } from "../../ir/loop.ts";
import { fold } from "./fold.ts";
import { type Func, type Ref, wasmType } from "./func.ts";
import { constant, type PrimExpr, pick, register, type Site, scalarValue } from "./lanes.ts";
import { loadNative, loadScalar, loadSplat } from "./memory.ts";
import { PRIMS } from "./prim.ts";

/** native of e (a scalar has one: what is splat asks for any) */
export function gen(f: Func, e: Expr, native = 0): Ref {
  const j = e.ty.lanes === 1 ? 0 : native;
  switch (e.k) {
    case "var": {
      const b = f.env.get(e);
      if (b?.k !== "val") return f.dynamic(e);
      return f.get(b.locals.length === 1 ? b.locals[0]! : b.locals[j]!, wasmType(e.ty));
    }
    case "const":
      return constant(f, e.value, e.ty);
    case "load": {
      if (e.buf.space !== "reg") return e.ty.lanes === 1 ? loadScalar(f, e) : (f.known(e, j) ?? loadNative(f, e, j));
      const v = f.get(register(f, e.buf, e.at, e.ty, j), wasmType(e.ty));
      return e.mask ? pick(f, e.mask, v, constant(f, 0, e.ty), e.ty, j) : v;
    }
    case "fold":
      return fold(f, e, j);
    case "prim": {
      const known = scalarValue(f, e);
      if (known !== undefined) return constant(f, known, e.ty);
      const of = e.args[0];
      if (e.prim === "splat" && of?.k === "load" && of.buf.space !== "reg") return loadSplat(f, of);
      return PRIMS[e.prim](site(f, e, j));
    }
    default:
      return e satisfies never;
  }
}
const site = (f: Func, e: PrimExpr, j: number): Site => ({
  f,
  e,
  j,
  elem: (e.args.at(-1) ?? e).ty.elem,
  vector: e.ty.lanes > 1,
  arg: (i, native = j) => gen(f, e.args[i]!, native),
});
