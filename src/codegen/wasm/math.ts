/** ir/math.ts's sequences as WebAssembly: each step of a native is one local. */
import type { Expr, Lanes } from "../../ir/loop.ts";
import { type Builder, MATH, type MathPrim } from "../../ir/math.ts";
import type { Elem } from "../../ir/type.ts";
import { type Func, type Ref, V128, wasmType, width } from "./func.ts";
import type { Site } from "./lanes.ts";

/** a value held in a local, as a variable that LOOP's other generators can read */
function held(f: Func, v: Ref, elem: Elem, lanes: Lanes): Expr {
  const t = { elem, lanes };
  const local = f.hold(v, lanes === 1 ? wasmType(t) : V128);
  const variable: Expr = { k: "var", name: "step", ty: t };
  f.env.set(variable, { k: "val", locals: [local] });
  return variable;
}
export const sequence =
  (name: MathPrim): ((s: Site) => Ref) =>
  s => {
    const { f, elem } = s;
    if (elem !== "f32" && elem !== "f64") throw new Error(`limit: ${name} of ${elem} is not supported on WebAssembly`);
    const lanes: Lanes = s.vector ? (width(elem) === 4 ? 4 : 2) : 1;
    const builder: Builder<Expr> = {
      constant: (value, of) => ({ k: "const", value, ty: { elem: of, lanes } }),
      prim: (p, to, ...args) => held(f, f.gen({ k: "prim", prim: p, args, ty: { elem: to, lanes } }), to, lanes),
      // pmax(a, b) is a < b ? b : a, pmin(a, b) is b < a ? b : a: one instruction each
      ...(s.vector
        ? {
            clamp: (x: Expr, low: Expr, high: Expr): Expr => {
              const of = elem === "f32" ? f.m.f32x4 : f.m.f64x2;
              return held(f, of.pmin(of.pmax(f.gen(x), f.gen(low)), f.gen(high)), elem, lanes);
            },
          }
        : {}),
    };
    return f.gen(MATH[name][elem](builder, held(f, s.arg(0), elem, lanes)));
  };
