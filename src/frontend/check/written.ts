/** Written types and dims as they stand: names that mean integers, shapes, tensor types, and their text. */
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import type { CoreElem, TensorType } from "../core.ts";
import { fail, fix, Reported } from "./context.ts";
import type { Dim } from "./dims.ts";
import { lookup } from "./scope.ts";
import { describe, ELEMS, isInteger } from "./types.ts";
import { type Closure, type Frame, knownOf, type Value } from "./value.ts";

export const CLASSES = ["int", "float", "number"];
/** what an argument or result is, for messages */
export interface Fitting {
  /** "x" of "dense", or the whole of what is fitted */
  readonly formal: string;
  readonly callee: string;
  /** the callee as the user wrote it, where that is another name: `net` of LeNet */
  readonly call?: string;
  readonly closure?: Closure | undefined;
  /** of the argument as the user wrote it */
  readonly span: Span;
  readonly type: Ast.Type;
  /** the result of a function: dims without a meaning yet bind silently */
  readonly result?: boolean;
}
export const isName = (d: Ast.Dim): d is Ast.Dim & { k: "dim"; value: Ast.Ref } => d.k === "dim" && d.value.k === "ref";
/** the integer that a name means here; undefined: it is free to be bound */
export function integerNamed(f: Frame, ref: Ast.Ref): Dim | undefined {
  const b = lookup(f.scope, ref.name, ref.span);
  if (!b) return undefined;
  const v = b.value();
  const k = knownOf(v);
  if (k?.constant.shape.length !== 0 || !isInteger(k.constant.elem)) return undefined;
  fix(f, k.params);
  return k.constant.data[0]!;
}
/** a dim of a written type: an integer, known when compiling */
export function dimOf(f: Frame, e: Ast.Expr): Dim {
  const v = f.cx.evaluate(e, f);
  return integerOf(f, v, e.span, "a dim");
}
/** an integer known when compiling, maybe with symbols */
function integerOf(f: Frame, v: Value, span: Span, what: string): Dim {
  if (v.k === "poison") throw new Reported();
  const k = knownOf(v);
  if (k && k.constant.shape.length === 0 && isInteger(k.constant.elem)) {
    fix(f, k.params);
    return k.constant.data[0]!;
  }
  if (v.k === "tensor" && v.expr.type.shape.length === 0 && isInteger(v.expr.type.elem))
    return fail(f, { message: `${what} must be known when compiling, this is computed by the program`, span });
  return fail(f, { message: `${what} is an integer, this is ${describe(v)}`, span });
}
/** the shape that written dims are now; undefined while a name in them is free */
export function shapeNow(f: Frame, dims: readonly Ast.Dim[]): readonly Dim[] | undefined {
  const out: Dim[] = [];
  for (const d of dims) {
    if (d.k === "rest") {
      const r = f.rests.get(`...${d.name?.text ?? ""}`);
      if (!r) return undefined;
      out.push(...r);
    } else if (isName(d)) {
      const n = integerNamed(f, d.value);
      if (n === undefined) return undefined;
      out.push(n);
    } else out.push(dimOf(f, d.value));
  }
  return out;
}
/** the tensor type that is written, everything in it known; a class that inputs left open is f32 */
export function writtenTensor(f: Frame, t: Ast.Type, what: string): TensorType {
  if (t.k !== "named" || t.optional || (!ELEMS.includes(t.name.text) && !CLASSES.includes(t.name.text)))
    return fail(f, { message: `${what} is a tensor: f32[n, m]`, span: t.span });
  const name = t.name.text;
  const elem = ELEMS.includes(name) ? (name as CoreElem) : name === "int" ? "i32" : (f.classes.get(name) ?? "f32");
  const shape = shapeNow(f, t.dims ?? []);
  if (!shape) {
    const free = (t.dims ?? []).find(d => d.k === "rest" || (isName(d) && integerNamed(f, d.value) === undefined));
    const shown = free ? f.cx.text(free.span) : "a dim";
    return fail(f, { message: `\`${shown}\` has no value here`, span: free?.span ?? t.span });
  }
  return { k: "tensor", elem, shape };
}
