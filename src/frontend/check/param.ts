/** Params: values from outside, their types, defaults and --set. */

import type * as Ast from "../ast.ts";
import type { Param, TensorType } from "../core.ts";
import * as build from "./build.ts";
import { fail } from "./context.ts";
import { evaluate } from "./eval.ts";
import { numberIn } from "./number.ts";
import { fitted, hasAxes, isFree, tensorParam } from "./param-tensor.ts";
import { describe, isFloat, range, showTensor, unfit } from "./types.ts";
import { type Frame, isTensor, knownOf, NONE, settled, tensorValue, text, typeOf, type Value } from "./value.ts";

/** line 0: of the program as a whole */
export const NOWHERE: Ast.Expr = { k: "none", span: { file: "", start: 0, end: 0, line: 0, column: 0 } };
/** what --set gives, and which of it was asked for */
export interface ParamSet {
  readonly values: Readonly<Record<string, string>>;
  readonly used: Set<string>;
}
export function paramValue(f: Frame, item: Ast.Param, prefix: string, set: ParamSet): Value {
  const name = prefix + item.name.text;
  const given = set.values[name];
  if (given !== undefined) set.used.add(name);
  const frame = { ...f, place: name, root: item.value ?? NOWHERE };
  let v = item.value ? evaluate(item.value, frame) : NONE;
  if (v.k === "poison") return v;
  if (v.k === "list" || (item.type?.k === "named" && item.type.name.text === "string" && item.type.dims))
    return fail(f, {
      message: `a param is a number, a tensor of numbers, a bool or a string, this is a list${v.k === "list" ? ` of ${v.items.length}` : ""}`,
      span: item.value?.span ?? item.span,
      help: `param ${item.name.text} = "a b", and words(${item.name.text}) where it is read`,
    });
  const isOpen = item.type?.k === "named" && (item.type.dims ?? []).some(d => isFree(frame, d));
  // another value may have other sides where the type gives them names
  const isReplaced = given !== undefined && isOpen;
  if (item.type && item.value && !isReplaced) v = fitted(frame, item, v, item.value.span);
  if (hasAxes(item, v)) return tensorParam({ f, frame, item, name, given, isOpen }, v) ?? missing(f, item, name);
  const kind = kindOf(f, item, v);
  if (kind.k === "string") {
    const value = given ?? (v.k === "text" ? v.text : undefined);
    if (value === undefined) return missing(f, item, name);
    const own = v.k === "text" ? { own: v.text } : {};
    f.cx.params.set(name, { name, type: kind, value, ...own, fixed: true, span: item.span });
    f.cx.fixed.add(name);
    return text(value);
  }
  const own = isTensor(v) ? knownOf(v)?.constant.data[0] : undefined;
  if (item.value && typeof own !== "number")
    return fail(f, {
      message: `the default of a param is known when compiling, this is ${describe(v)}`,
      span: item.value.span,
    });
  const value = given === undefined ? (own as number | undefined) : setValue(f, item, kind, given, name);
  if (value === undefined) return missing(f, item, name);
  const byText = typeof own === "number" ? { own } : {};
  f.cx.params.set(name, { name, type: kind, value, ...byText, fixed: false, span: item.span });
  const constant = {
    k: "constant",
    elem: kind.elem,
    shape: [],
    data: [kind.elem === "f32" ? Math.fround(value) : value],
  } as const;
  return tensorValue(build.paramLeaf(name, kind, item.name.span), { known: { constant, params: [name] } });
}
function kindOf(f: Frame, item: Ast.Param, v: Value): Param["type"] {
  if (isTensor(v)) {
    const t = typeOf(v);
    return { k: "tensor", elem: v.k === "constant" ? settled(v.elem) : t.elem, shape: [] };
  }
  if (v.k === "text") return { k: "string" };
  const t = item.type;
  if (v.k === "none" && t?.k === "named" && !t.optional && !t.dims) {
    if (t.name.text === "string") return { k: "string" };
    const elem = t.name.text === "float" ? "f32" : t.name.text === "int" ? "i32" : t.name.text;
    if (["bool", "u8", "i32", "i64", "f16", "f32", "f64"].includes(elem))
      return { k: "tensor", elem: elem as TensorType["elem"], shape: [] };
  }
  if (!item.value && !t)
    return fail(f, {
      message: `the param \`${item.name.text}\` has no type`,
      span: item.span,
      help: `param ${item.name.text}: f32, or with a default: param ${item.name.text} = 0.01`,
    });
  return fail(f, {
    message: `a param is a number, a bool or a string, this is ${describe(v)}`,
    span: item.value?.span ?? item.span,
  });
}
const missing = (f: Frame, item: Ast.Param, name: string): Value =>
  fail(f, { message: `the param \`${name}\` has no value`, span: item.span, help: `--set ${name}=..` });
/** the text of --set as the type of the param wants it */
function setValue(f: Frame, item: Ast.Param, type: TensorType, given: string, name: string): number {
  if (type.elem === "bool") {
    if (given === "true" || given === "false") return given === "true" ? 1 : 0;
    return fail(f, { message: `--set ${name}=${given}: \`${name}\` is true or false`, span: item.span });
  }
  const n = numberIn(given, isFloat(type.elem));
  const wrong = `--set ${name}=${given}: \`${name}\` is ${showTensor(type)}`;
  if (n === undefined) return fail(f, { message: wrong, span: item.span });
  if (unfit(n, type.elem)) return fail(f, { message: `${wrong}, from ${range(type.elem)}`, span: item.span });
  return n;
}
