/** Calls of the builtins that are typed operations on tensors: arguments by the signature, folded, or left as a Core op. */
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import type { CoreElem, Expr, Static, TensorType, Tree } from "../core.ts";
import { leaves, mapTree } from "../core.ts";
import { valueOfTree } from "./apply.ts";
import { assign } from "./arguments.ts";
import * as build from "./build.ts";
import type { Builtin, BuiltinCall, Constant } from "./builtin.ts";
import { fail, limit, placed, Reported } from "./context.ts";
import type { Dim } from "./dims.ts";
import { FOLDED } from "./fold.ts";
import { mayBeMissing } from "./infix.ts";
import { lane, toExpr } from "./operate.ts";
import { placeOf } from "./scope.ts";
import { fit, type Later } from "./signature.ts";
import { items, slicesJoined } from "./slices.ts";
import { staticOf } from "./static.ts";
import { asNumbers } from "./text-in-tensor.ts";
import { describe, type Elem, elementIn, floated, inElem, promote, typed } from "./types.ts";
import {
  type Arguments,
  type Frame,
  type Given,
  isTensor,
  knownOf,
  POISON,
  settled,
  type TensorValue,
  tensorValue,
  typeOf,
  type Value,
} from "./value.ts";

type Operand = Constant | TensorValue;
const elemOf = (v: Operand): Elem => (v.k === "constant" ? v.elem : v.expr.type.elem);

export function callBuiltin(f: Frame, name: string, b: Builtin, args: Arguments, site: Ast.Expr): Value {
  const signature = f.cx.signature(b.signature);
  const given = assign(f, name, signature.params, args, site.span);
  const at: Frame = {
    ...f,
    scope: { parent: f.cx.prelude, names: new Map() },
    classes: new Map(),
    rests: new Map(),
    wanted: undefined,
  };
  const call = new Map<string, Given>();
  for (const p of signature.params) {
    const own = given.get(p.name.text) ?? { value: f.cx.evaluate(p.value!, at), span: site.span, whole: site.span };
    if (own.value.k === "poison") return POISON;
    call.set(p.name.text, own);
  }
  const joined = name === "concat" ? slicesJoined(f, call, site) : undefined;
  if (joined) return joined;
  if (b.notBuilt !== undefined) return limit(f, `\`${name}\``, b.notBuilt, site.span);
  const fixed = new Set(b.fixed ?? []);
  const formals = signature.params.filter(p => !fixed.has(p.name.text));
  if (b.lane) return laneCall(f, name, b, formals, call, site);
  const operands = operandsOf(at, f, name, formals, call, site.span);
  const statics = new Map<string, Static>();
  for (const p of signature.params) {
    if (!fixed.has(p.name.text)) continue;
    const own = call.get(p.name.text)!;
    statics.set(p.name.text, staticOf(f, own.value, own.span, `\`${p.name.text}\` of ${name}`));
    const scalar = isTensor(own.value) && knownOf(own.value)?.constant;
    if (scalar && scalar.shape.length === 0)
      at.scope.names.set(p.name.text, { name: p.name.text, span: own.span, after: undefined, value: () => scalar });
  }
  const asked = builtinCall(f, name, operands, statics, call, site.span);
  const known = foldedCall(b, asked, operands);
  if (known && [...operands.values()].flat().every(v => v.k === "constant")) return known.constant;
  const result = resultOf(at, b, signature, asked, site.span);
  const span = placed(f, site.span);
  const list = formals.filter(p => p.name.text !== "seed" || !b.random).flatMap(p => operands.get(p.name.text) ?? []);
  const exprs = list.map(v => toExpr(v, settled(elemOf(v)), span));
  const parts: build.OpParts = { attrs: Object.fromEntries([...statics, ...absent(formals, operands)]) };
  if (!b.random) return opValue(b.op, exprs, result, span, parts, known);
  const seed = operands.get("seed")?.[0] ?? (f.seed && isTensor(f.seed) ? f.seed : undefined);
  const all = seed ? [...exprs, toExpr(seed, "i32", span)] : exprs;
  return opValue(b.op, all, result, span, { ...parts, place: placeOf(f, site), depth: f.depth }, undefined);
}
const absent = (
  formals: readonly Ast.Formal[],
  operands: ReadonlyMap<string, readonly Operand[]>,
): (readonly [string, Static])[] =>
  formals.filter(p => !operands.has(p.name.text)).map(p => [p.name.text, null] as const);

/** one op; a record of results is a tuple and what reads it */
function opValue(
  name: string,
  args: readonly Expr[],
  result: Tree<TensorType>,
  span: Span,
  parts: build.OpParts,
  known: TensorValue["known"],
): Value {
  if (result.k === "leaf") return tensorValue(build.op(name, args, result.of, span, parts), known ? { known } : {});
  const all = leaves(result).map(([, t]) => t);
  const node = build.op(name, args, { k: "tuple", of: all }, span, parts);
  let i = 0;
  return valueOfTree(mapTree(result, t => build.get(node, i++, t, span)));
}

function laneCall(
  f: Frame,
  name: string,
  b: Builtin,
  formals: readonly Ast.Formal[],
  call: ReadonlyMap<string, Given>,
  site: Ast.Expr,
): Value {
  const operands: Operand[] = [];
  let elem: Elem | undefined;
  for (const p of formals) {
    const { value, span } = call.get(p.name.text)!;
    if (!isTensor(value)) return notTensor(f, name, value, span);
    const own = elemOf(value);
    if (own === "bool")
      return fail(f, {
        message: `${name} needs numbers, this is ${describe(value)}`,
        span,
        help: `a bool is no number: i32(${f.cx.text(span)})`,
      });
    elem = elem === undefined ? promote(own, own) : promote(elem, own);
    operands.push(value);
  }
  let common = elem!;
  if (b.lane === "float") common = floated(common);
  const { fold, foldDims } = b;
  const both =
    fold || foldDims
      ? (...x: readonly Dim[]): Dim | undefined =>
          x.every(d => typeof d === "number")
            ? fold
              ? fold(...(x as readonly number[]))
              : foldDims!(...x)
            : foldDims?.(...x)
      : undefined;
  return lane(f, b.op, operands, common, b.lane === "bool" ? "bool" : common, site.span, name, both);
}
function notTensor(f: Frame, name: string, v: Value, span: Span): never {
  if (v.k === "rdd")
    return fail(f, {
      message: `${name} needs a tensor, this is an ${describe(v)}`,
      span,
      help: `per record: ${f.cx.text(span)} |> map(r => ${name}(r))`,
    });
  const own = f.cx.text(span);
  if (v.k === "maybe" && v.value.k === "tensor")
    return mayBeMissing(f, v, { op: name, needs: "a number", span, rest: () => `${name}(${own} ?? 0)` });
  const text = v.k === "cell" || v.k === "text" || v.k === "maybe";
  return fail(f, {
    message: `${name} needs a tensor, this is ${describe(v)}`,
    span,
    ...(text ? { help: asNumbers(f, v, own) } : {}),
  });
}

/** the tensor arguments, as the signature types them; those of a class share one element */
function operandsOf(
  at: Frame,
  f: Frame,
  name: string,
  formals: readonly Ast.Formal[],
  call: ReadonlyMap<string, Given>,
  whole: Span,
): Map<string, readonly Operand[]> {
  const out = new Map<string, readonly Operand[]>();
  for (const p of formals) {
    const { value, span } = call.get(p.name.text)!;
    if (value.k === "none") continue;
    out.set(
      p.name.text,
      p.type?.k === "many" ? items(f, name, value, span) : [isTensor(value) ? value : notTensor(f, name, value, span)],
    );
  }
  for (const word of ["float", "number"] as const) {
    const own = formals.filter(p => out.has(p.name.text) && classOf(p.type) === word);
    let elem: Elem | undefined;
    for (const v of own.flatMap(p => out.get(p.name.text)!))
      elem = elem === undefined ? promote(elemOf(v), elemOf(v)) : promote(elem, elemOf(v));
    if (own.length === 0) continue;
    if (elem === undefined) {
      // all of them bool: a list of bools is joined as it is; else it is no number
      const p = own.find(q => out.get(q.name.text)!.some(v => elemOf(v) === "bool"))!;
      if (own.length === 1 && p.type?.k === "many" && out.get(p.name.text)!.every(v => elemOf(v) === "bool")) continue;
      const { span } = call.get(p.name.text)!;
      fail(f, {
        message: `${name} needs numbers, this is ${describe(call.get(p.name.text)!.value)}`,
        span,
        help: `a bool is no number: i32(${f.cx.text(span)})`,
      });
    }
    const common = settled(word === "float" ? floated(elem!) : elem!);
    for (const p of own)
      out.set(
        p.name.text,
        out.get(p.name.text)!.map(v => inElement(v, common, call.get(p.name.text)!.span)),
      );
  }
  const later: Later = [];
  for (const p of formals) {
    const own = out.get(p.name.text);
    if (!own || !p.type || p.type.k === "many") continue;
    const { span } = call.get(p.name.text)!;
    const v = fit(
      { ...at, user: span.file === whole.file ? span : f.user },
      own[0]!,
      p.type,
      { formal: p.name.text, callee: name, span, type: p.type },
      later,
      new Set(formals.map(q => q.name.text)),
    );
    if (isTensor(v)) out.set(p.name.text, [v]);
    else throw new Reported();
  }
  for (const l of later) l();
  return out;
}
const classOf = (t: Ast.Type | undefined): string | undefined =>
  t?.k === "named" ? t.name.text : t?.k === "many" ? classOf(t.item) : undefined;
const inElement = (v: Operand, elem: CoreElem, span: Span): Operand =>
  v.k === "constant"
    ? typed(v, elem, span)
    : elemOf(v) === elem
      ? v
      : {
          ...v,
          expr: build.cast(v.expr, elem) as TensorValue["expr"],
          ...(v.known ? { known: { ...v.known, constant: inElem(v.known.constant, elem) } } : {}),
        };
function builtinCall(
  f: Frame,
  name: string,
  operands: ReadonlyMap<string, readonly Operand[]>,
  statics: ReadonlyMap<string, Static>,
  given: ReadonlyMap<string, Given>,
  span: Span,
): BuiltinCall {
  const refuse = (message: string, formal?: string, help?: string): never =>
    fail(f, {
      message: message.startsWith(name) ? message : `${name}: ${message}`,
      span: (formal && given.get(formal)?.span) || span,
      help,
    });
  const types = (formal: string): readonly TensorType[] => (operands.get(formal) ?? []).map(typeOf);
  const fixed = (formal: string): Static => {
    const s = statics.get(formal);
    if (s === undefined) throw new Error(`internal: \`${formal}\` of ${name} is not fixed`);
    return s;
  };
  const isDim = (s: Static): s is Dim =>
    typeof s === "number" || (typeof s === "object" && s !== null && "k" in s && s.k === "poly");
  const integer = (formal: string): number => {
    const s = fixed(formal);
    return typeof s === "number" && Number.isInteger(s) ? s : refuse(`\`${formal}\` is an integer`, formal);
  };
  return {
    types,
    type: formal => types(formal)[0] ?? refuse(`needs \`${formal}\``),
    has: formal => operands.has(formal) || (statics.has(formal) && statics.get(formal) !== null),
    fixed,
    integer,
    dims: formal => {
      const s = fixed(formal);
      const whole = (x: Static): x is Dim => isDim(x) && (typeof x !== "number" || Number.isInteger(x));
      if (whole(s)) return [s];
      if (Array.isArray(s) && s.every(whole)) return s as readonly Dim[];
      return refuse(`\`${formal}\` is a list of integers`, formal);
    },
    axis: (formal, rank) => {
      const a = integer(formal);
      if (a < -rank || a >= rank)
        return refuse(`axis ${a} of a tensor with ${rank} ${rank === 1 ? "axis" : "axes"}`, formal);
      return a < 0 ? a + rank : a;
    },
    fail: refuse,
  };
}
function foldedCall(
  b: Builtin,
  call: BuiltinCall,
  operands: ReadonlyMap<string, readonly Operand[]>,
): TensorValue["known"] {
  if (!b.foldCall) return undefined;
  const args: Record<string, Constant | readonly Constant[]> = {};
  const params = new Set<string>();
  for (const [name, own] of operands) {
    const all = own.map(knownOf);
    if (all.some(k => k === undefined || k.constant.data.length > FOLDED)) return undefined;
    for (const k of all) for (const p of k!.params) params.add(p);
    args[name] = name === "xs" ? all.map(k => k!.constant) : all[0]!.constant;
  }
  const constant = b.foldCall(call, args);
  return (
    constant && {
      constant:
        constant.elem === "int" || constant.elem === "decimal"
          ? constant
          : { ...constant, data: constant.data.map(d => elementIn(d, constant.elem)) },
      params: [...params],
    }
  );
}
function resultOf(at: Frame, b: Builtin, signature: Ast.Signature, call: BuiltinCall, span: Span): Tree<TensorType> {
  if (b.result) {
    const r = b.result(call);
    const tree: Tree<TensorType> = r.k === "tensor" ? { k: "leaf", of: r } : r;
    for (const d of leaves(tree).flatMap(([, t]) => t.shape))
      if (typeof d === "number" && !(Number.isInteger(d) && d >= 0))
        call.fail(`a side of ${d}`, b.fixed?.includes("shape") ? "shape" : undefined);
    return tree;
  }
  if (!signature.result) throw new Error(`internal: ${b.op} has no rule for its result`);
  return { k: "leaf", of: written(at, signature.result, span) };
}
function written(at: Frame, t: Ast.Type, span: Span): TensorType {
  if (t.k !== "named") throw new Error("internal: the result of a builtin is a tensor");
  const shape = (t.dims ?? []).flatMap((d): readonly Dim[] => {
    if (d.k === "rest") return at.rests.get(`...${d.name?.text ?? ""}`) ?? [];
    const v = at.cx.evaluate(d.value, at);
    const k = knownOf(v);
    if (!k) throw new Error(`internal: a dim of a builtin's result at ${span.start}`);
    return [k.constant.data[0]!];
  });
  const name = t.name.text;
  const elem =
    name === "float" || name === "number"
      ? (at.classes.get(name) ?? "f32")
      : name === "int"
        ? "i32"
        : (name as CoreElem);
  return { k: "tensor", elem, shape };
}
