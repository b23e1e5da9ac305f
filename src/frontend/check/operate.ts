/** Operators: `+ - * / % ^ @`, comparisons, `and or not`, where: folded on constants, else Core ops of one element type. */
import type { Span } from "../../ir/node.ts";
import type { CoreElem, Expr, TensorType } from "../core.ts";
import * as build from "./build.ts";
import type { Constant } from "./builtin.ts";
import { fail, placed, unsureDim } from "./context.ts";
import { type Dim, negDim, relate } from "./dims.ts";
import { foldDims, foldKnown } from "./fold.ts";
import { lookup } from "./scope.ts";
import { broadcast, describe, type Elem, floated, isFloat, promote, showTensor, typed } from "./types.ts";
import {
  type Frame,
  isTensor,
  knownOf,
  type Origin,
  POISON,
  settled,
  type TensorValue,
  tensorValue,
  typeOf,
  type Value,
} from "./value.ts";

export type Operator = "+" | "-" | "*" | "/" | "%" | "^" | "==" | "!=" | "<" | "<=" | ">" | ">=";
export const OPS: { readonly [O in Operator]: string } = {
  "+": "add",
  "-": "sub",
  "*": "mul",
  "/": "div",
  "%": "mod",
  "^": "pow",
  "==": "eq",
  "!=": "ne",
  "<": "lt",
  "<=": "le",
  ">": "gt",
  ">=": "ge",
};
export const isComparison = (o: Operator): boolean =>
  o === "==" || o === "!=" || o === "<" || o === "<=" || o === ">" || o === ">=";

/** spans of an operator expression: the whole, and its operands */
export interface At {
  readonly span: Span;
  readonly a: Span;
  readonly b: Span;
}
type Operand = Constant | TensorValue;

/** of numbers and bools; strings and what may be missing are infix's (infix.ts) */
export function binary(f: Frame, o: Operator, a: Value, b: Value, at: At): Value {
  if (a.k === "poison" || b.k === "poison") return POISON;
  const [x, y] = [operand(f, o, a, at.a), operand(f, o, b, at.b)];
  const [ex, ey] = [elemOf(x), elemOf(y)];
  const equality = o === "==" || o === "!=";
  let elem = ex === "bool" && ey === "bool" && equality ? "bool" : promote(ex, ey);
  if (elem === undefined) return notNumbers(f, o, x, y, at);
  if (o === "/") elem = floated(elem);
  if (o === "^" && !isFloat(elem) && isNegative(y)) elem = fraction(f, elem, at);
  return lane(f, OPS[o], [x, y], elem, isComparison(o) ? "bool" : elem, at.span, o, (p, q) =>
    foldDims(o, elem, p!, q!),
  );
}

const holdsZero = (v: Operand): boolean => v.k === "constant" && v.data.some(x => x === 0);
const isNegative = (v: Operand): boolean =>
  knownOf(v)?.constant.data.some(x => typeof x === "number" && x < 0) ?? false;
/** the element of a whole number to a negative power: literals are decimals then, 10^-3 */
function fraction(f: Frame, elem: Elem, at: At): Elem {
  if (elem === "int") return "decimal";
  return fail(f, {
    message: "a whole number to a negative power is no whole number",
    span: at.span,
    help: `f32(${f.cx.text(at.a)})^${f.cx.text(at.b)}`,
  });
}
const elemOf = (v: Operand): Elem => (v.k === "constant" ? v.elem : v.expr.type.elem);
function operand(f: Frame, o: string, v: Value, span: Span): Operand {
  if (isTensor(v)) return v;
  if (v.k === "rdd")
    return fail(f, {
      message: `\`${o}\` needs numbers, this is an ${describe(v)}`,
      span,
      help: `compute it per record: ${f.cx.text(span)} |> map(r => ..)`,
    });
  return fail(f, { message: `\`${o}\` needs numbers, this is ${describe(v)}`, span });
}
function notNumbers(f: Frame, o: string, x: Operand, y: Operand, at: At): Value {
  const [v, span] = elemOf(x) === "bool" ? [x, at.a] : [y, at.b];
  return fail(f, {
    message: `\`${o}\` needs numbers, this is ${describe(v)}`,
    span,
    help: `a bool is no number: i32(${f.cx.text(span)})`,
  });
}
/**
 * An op per element over operands that are promoted to `elem` and broadcast together. `fold` of elements folds constants,
 * and tells what a residual of params would be. `shown` is what the user wrote: `+`, or the name of a function.
 */
export function lane(
  f: Frame,
  name: string,
  operands: readonly Operand[],
  elem: Elem,
  result: Elem,
  span: Span,
  shown: string,
  fold: ((...x: readonly Dim[]) => Dim | undefined) | undefined,
  elems?: readonly Elem[],
): Value {
  const shape = commonShape(f, operands, shown, span);
  if ((shown === "div" || shown === "%") && !isFloat(elem) && holdsZero(operands[1]!))
    return fail(f, { message: `\`${shown}\` of a whole number by 0`, span });
  const wanted = operands.map((_, i) => elems?.[i] ?? elem);
  const known = fold && foldKnown(operands, wanted, shape, result, fold);
  if (known && operands.every(v => v.k === "constant")) return known.constant;
  // a literal that nothing gives a type: what it is alone
  const final = settled(result);
  const at = placed(f, span);
  const origins = originsOf(operands, shape);
  const type: TensorType = { k: "tensor", elem: final, shape };
  const exact = fold !== undefined && isFloat(final) && shape.length === 0 && operands.every(hasNoType);
  // nothing is rounded before the result is
  const args = operands.map((v, i) =>
    exact && v.k === "tensor" ? v.expr : toExpr(v, exact ? "f64" : settled(wanted[i]!), at),
  );
  return tensorValue(build.op(name, args, type, at, { exact }), {
    ...(known && { known }),
    ...(origins && { origins }),
  });
}
/** a literal or a dim, or made of such */
const hasNoType = (v: Operand): boolean =>
  v.k === "constant" ? v.elem === "int" || v.elem === "decimal" : v.expr.k === "op" && v.expr.exact === true;
/** the broadcast of all shapes; message 1 where they differ */
function commonShape(f: Frame, operands: readonly Operand[], shown: string, span: Span): readonly Dim[] {
  let shape: readonly Dim[] = [];
  let before: Operand | undefined;
  for (const v of operands) {
    const b = broadcast(shape, typeOf(v).shape);
    if (b.k === "differ") return differ(f, shown, before!, v, b, span);
    for (const [x, y] of b.unsure)
      unsureDim(f, x, y, `shapes differ in \`${shown}\`: ${describe(before!)} and ${describe(v)}`, span);
    if (typeOf(v).shape.length || !before) before = v;
    shape = b.shape;
  }
  return shape;
}
function differ(
  f: Frame,
  shown: string,
  a: Operand,
  b: Operand,
  by: { axis: number; a: Dim; b: Dim },
  span: Span,
): never {
  const rank = Math.max(typeOf(a).shape.length, typeOf(b).shape.length);
  const notes = [a, b].flatMap(v => {
    const i = by.axis - rank + typeOf(v).shape.length;
    const origin = v.k === "tensor" ? v.origins?.[i] : undefined;
    return origin ? [{ message: `${origin.text}, from ${origin.because}`, span: origin.span }] : [];
  });
  const strided = [a, b]
    .map(v => (v.k === "tensor" ? v.origins?.[by.axis - rank + typeOf(v).shape.length] : undefined))
    .find(o => o?.because.includes("`stride:"));
  return fail(f, {
    message: `shapes differ in \`${shown}\`: ${showTensor(typeOf(a))} and ${showTensor(typeOf(b))}`,
    span,
    label: `axis ${by.axis}: ${showOne(by.a)} and ${showOne(by.b)}`,
    notes,
    ...(strided ? { help: stridedHelp(f, strided, span) } : {}),
  });
}
const showOne = (d: Dim): string => showTensor({ k: "tensor", elem: "i32", shape: [d] }).slice(4, -1);
/** the call that made the difference, with the stride of its surroundings: conv(filters, kernel: 1, stride: stride) */
function stridedHelp(f: Frame, o: Origin, at: Span): string {
  const outer = lookup(f.scope, "stride", at) ? o.call.replace(/stride:[^,)]+/, "stride: stride") : o.call;
  return `give both paths the same stride${outer === o.call ? "" : `: ${outer}`}`;
}
function originsOf(operands: readonly Operand[], shape: readonly Dim[]): readonly (Origin | undefined)[] | undefined {
  let out: (Origin | undefined)[] | undefined;
  for (const v of operands) {
    if (v.k !== "tensor" || !v.origins) continue;
    const off = shape.length - v.expr.type.shape.length;
    v.origins.forEach((o, i) => {
      if (o && v.expr.type.shape[i] === shape[i + off]) (out ??= shape.map(() => undefined))[i + off] ??= o;
    });
  }
  return out;
}
export function negate(f: Frame, v: Value, span: Span, at: Span): Value {
  if (v.k === "poison") return POISON;
  const x = operand(f, "-", v, at);
  const e = elemOf(x);
  const elem = e === "bool" ? undefined : promote(e, e);
  if (elem === undefined) return notNumbers(f, "-", x, x, { span, a: at, b: at });
  return lane(f, "neg", [x], elem, elem, span, "-", p => (typeof p === "number" ? -p : negDim(p!)));
}
export function not(f: Frame, v: Value, span: Span, at: Span): Value {
  if (v.k === "poison") return POISON;
  return lane(f, "not", [truth(f, "not", v, at)], "bool", "bool", span, "not", p => (p === 0 ? 1 : 0));
}
export function logic(f: Frame, o: "and" | "or", a: Value, b: Value, at: At): Value {
  if (a.k === "poison" || b.k === "poison") return POISON;
  const [x, y] = [truth(f, o, a, at.a), truth(f, o, b, at.b)];
  // one known side decides, or is neutral
  const c =
    x.k === "constant" && x.shape.length === 0
      ? [x, y]
      : y.k === "constant" && y.shape.length === 0
        ? [y, x]
        : undefined;
  if (c) {
    const absorbs = (c[0] as Constant).data[0] === (o === "and" ? 0 : 1);
    if (!absorbs) return c[1]!;
    if (typeOf(c[1]!).shape.length === 0) return c[0]!;
  }
  return lane(f, o, [x, y], "bool", "bool", at.span, o, (p, q) => (o === "and" ? (p && q ? 1 : 0) : p || q ? 1 : 0));
}
/** a bool, or tensor of bools */
export function truth(f: Frame, o: string, v: Value, span: Span): Operand {
  if (isTensor(v) && elemOf(v) === "bool") return v;
  const number = isTensor(v);
  return fail(f, {
    message: `\`${o}\` needs a bool, this is ${describe(v)}`,
    span,
    ...(number ? { help: `${f.cx.text(span)} != 0` } : {}),
  });
}

/** per element; also an `if` whose condition is not known when compiling */
export function where(f: Frame, c: Operand, a: Operand, b: Operand, span: Span, shown: string): Value {
  const [ea, eb] = [elemOf(a), elemOf(b)];
  const elem = ea === eb ? ea : promote(ea, eb);
  if (elem === undefined)
    return fail(f, {
      message: `\`${shown}\` chooses between ${describe(a)} and ${describe(b)}: both need one type`,
      span,
    });
  return lane(f, "where", [c, a, b], elem, elem, span, shown, (p, x, y) => (p ? x! : y!), ["bool", elem, elem]);
}

export function matmul(f: Frame, a: Value, b: Value, at: At): Value {
  if (a.k === "poison" || b.k === "poison") return POISON;
  const [x, y] = [operand(f, "@", a, at.a), operand(f, "@", b, at.b)];
  const elem = promote(elemOf(x), elemOf(y));
  if (elem === undefined) return notNumbers(f, "@", x, y, at);
  const [tx, ty] = [typeOf(x), typeOf(y)];
  const [sx, sy] = [tx.shape, ty.shape];
  for (const [s, span, v] of [
    [sx, at.a, x],
    [sy, at.b, y],
  ] as const)
    if (s.length === 0)
      return fail(f, { message: `\`@\` multiplies matrices, this is ${describe(v)}`, span, help: "use `*`" });
  const k = sx[sx.length - 1]!;
  const axis = Math.max(0, sy.length - 2);
  const l = sy[axis]!;
  const r = relate(k, l);
  const message = `shapes differ in \`@\`: ${showTensor(tx)} and ${showTensor(ty)}`;
  if (r === "different")
    return fail(f, {
      message,
      span: at.span,
      label: `axis ${sx.length - 1} of the left is ${showOne(k)}, axis ${axis} of the right is ${showOne(l)}`,
    });
  if (r === "unknown") unsureDim(f, k, l, message, at.span);
  const batch = broadcast(sx.slice(0, -2), sy.slice(0, -2));
  if (batch.k === "differ")
    return fail(f, { message, span: at.span, label: `leading axes: ${showOne(batch.a)} and ${showOne(batch.b)}` });
  for (const [p, q] of batch.unsure) unsureDim(f, p, q, message, at.span);
  const shape = [
    ...batch.shape,
    ...(sx.length > 1 ? [sx[sx.length - 2]!] : []),
    ...(sy.length > 1 ? [sy[sy.length - 1]!] : []),
  ];
  const final = settled(elem);
  const span = placed(f, at.span);
  const args = [toExpr(x, final, span), toExpr(y, final, span)];
  return tensorValue(build.op("matmul", args, { k: "tensor", elem: final, shape }, span));
}

/** the value as a Core node of that element: a literal typed, a residual cast */
export function toExpr(v: Operand, elem: CoreElem, span: Span): Expr {
  if (v.k === "tensor") return build.cast(v.expr, elem, span);
  const { data } = typed(v, elem, span);
  const first = data[0];
  const uniform = data.length > 0 && data.every(x => x === first || Object.is(x, first));
  return build.constant(uniform ? first! : data, { k: "tensor", elem, shape: v.shape }, span);
}
