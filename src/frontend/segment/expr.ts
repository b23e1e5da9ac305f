/**
 * Core expressions of a row as RelExpr: total over REL's closed tables; of what is not in them it says the name and the place.
 * What hangs on no row is a given value. Knows no table.
 */
import type { Literal, RelExpr } from "../../ir/rel.ts";
import { relOp } from "../../ir/rel-ops.ts";
import * as build from "../check/build.ts";
import type { Dim } from "../check/dims.ts";
import { type Const, type Expr, type Fn, inputsOf, type Op, type TensorType } from "../core.ts";
import { needsEngine } from "./kinds.ts";
import { listOf, padded, reduced } from "./lists.ts";
import { tensorOf } from "./pieces.ts";
import { elementOfStack, gathered, isPlacewise, itemOf, placewise } from "./places.ts";
import {
  attrsOf,
  cellElem,
  expr,
  fields,
  type Given,
  ofTexts,
  roundsToHalf,
  type Scope,
  scalarElem,
  shownOp,
  Untranslatable,
} from "./scope.ts";

/** the results of a function of rows, by leaf; its parameters are the columns `names` */
export function translated(f: Fn, names: readonly string[], given: Given): readonly (readonly [string, RelExpr])[] {
  const vars = new Map(f.params.map((p, i) => [p, { level: 0, name: names[i]! }]));
  const depth = f.params[0]?.depth ?? 1;
  const scope: Scope = { given, vars, level: 0, depth, done: new Map(), made: madeBy(given) };
  if (f.random) throw new Untranslatable("a random value", f.span);
  return fields(f.body, scope);
}
/** an expression outside of all functions: what needs no engine in it is given */
export function translatedAlone(e: Expr, given: Given): RelExpr {
  return opOf(e as Op, { given, vars: new Map(), level: 0, depth: 0, done: new Map(), made: madeBy(given) }); // as: leaves need no engine
}
const madeBy = ({ part, element }: Given): Scope["made"] =>
  part ? (e, scope) => madeOr(part, element, e, scope) : made;
/** the smallest scalar or tensor around what no engine knows is a column that a kernel makes */
function madeOr(part: (e: Expr) => string, element: Given["element"], e: Expr, scope: Scope): RelExpr {
  try {
    return made(e, scope);
  } catch (error) {
    const isField = error instanceof Untranslatable && scope.level > 0 && readsElements(e, scope) && element?.(e);
    if (isField) return { k: "element", depth: 0, name: "" };
    const isCell = e.type.k === "tensor";
    if (!(error instanceof Untranslatable) || !isCell || needsEngine(e) || readsElements(e, scope)) throw error;
    return { k: "column", name: part(e) };
  }
}
function readsElements(root: Expr, scope: Scope): boolean {
  const seen = new Set<Expr>();
  const stack = [root];
  while (stack.length) {
    const e = stack.pop()!;
    if (seen.has(e)) continue;
    seen.add(e);
    if (e.k === "var" && (scope.vars.get(e)?.level ?? 0) > 0) return true;
    // it is drawn for each of them
    if (e.k === "op" && e.place !== undefined && e.depth > scope.depth) return true;
    stack.push(...inputsOf(e));
  }
  return false;
}
function made(e: Expr, scope: Scope): RelExpr {
  if (e.k === "var") {
    const v = scope.vars.get(e);
    if (v) {
      if (v.level === 0) return { k: "column", name: v.name };
      return { k: "element", depth: scope.level - v.level, name: v.name };
    }
    throw new Untranslatable("a value of a function around it", e.span);
  }
  if (e.k === "const" && !isPoly(e) && !(scope.level > 0 && isPlacewise(e)))
    return { k: "const", elem: scalarElem(e), value: literal(e, scope.given.texts) };
  const isOutside = e.depth < scope.depth || (scope.depth === 0 && e.depth === 0 && !needsEngine(e));
  if (isOutside && e.type.k === "tensor" && !isConstant(e)) {
    const elem = cellElem(e.type.elem);
    const index = scope.given.index(e);
    if (!e.type.shape.length) return { k: "given", index, elem };
    if (isText(e.type)) throw ofTexts(elem, e.span);
    return tensorOf({ k: "given", index, elem, list: true }, elem, e.type.shape);
  }
  // inside of a list no kernel computes anything: tensors are made place by place
  if (scope.level > 0 && isPlacewise(e)) return placewise(e, scope);
  if (e.k === "op") return opOf(e, scope);
  if (e.k === "check") {
    const x = expr(e.of, scope);
    scalarElem(e);
    const bound = (d: Dim): RelExpr => expr(build.constant(d, { ...e.type, shape: [] }, e.span), scope);
    const compared = (op: string, d: Dim): RelExpr => ({ k: "op", op, args: [x, bound(d)], elem: "bool" });
    const holds: RelExpr = { k: "op", op: "and", args: [compared("ge", e.low), compared("lt", e.high)], elem: "bool" };
    return { k: "check", of: x, holds, message: e.message, span: e.span };
  }
  throw new Untranslatable("this value", e.span);
}
function literal(e: Const, texts: readonly string[]): Literal {
  const v = e.value;
  if (typeof v !== "number") throw new Untranslatable("a tensor", e.span);
  switch (e.type.elem) {
    case "bool":
      return v !== 0;
    case "string":
      return texts[v]!;
    case "i64":
    case "time":
      return String(BigInt(v));
    default:
      return Number.isFinite(v) && !Object.is(v, -0) ? v : Object.is(v, -0) ? "-0" : String(v);
  }
}
const isText = ({ elem }: TensorType): boolean => elem === "string" || elem === "time";
const isPoly = (e: Const): boolean => typeof e.value === "object" && !Array.isArray(e.value);
/** made of constants alone, by what an engine knows: it computes it itself */
const isConstant = (e: Expr): boolean =>
  e.k === "const"
    ? !isPoly(e)
    : e.k === "op" &&
      e.type.k === "tensor" && // of rows it knows none of ours
      (isText(e.type) || relOp(e.op) !== undefined) &&
      e.place === undefined &&
      !Object.keys(e.fns).length &&
      e.args.length > 0 &&
      e.args.every(isConstant);
function opOf(e: Op, scope: Scope): RelExpr {
  if (e.op === "lookup") return lookup(e, scope);
  if (e.type.k === "list") return listOf(e, scope);
  if (e.op.startsWith("list.")) return reduced(e, scope);
  if (e.place !== undefined) throw new Untranslatable("a random value", e.span);
  const element = elementOfStack(e);
  if (element) return expr(element, scope);
  const item = itemOf(e, scope);
  if (item) return item;
  if (e.op === "gather") return gathered(e, scope);
  if (e.op === "pad_to") return padded(e, scope);
  if (!relOp(e.op) || Object.keys(e.fns).length || roundsToHalf(e)) throw new Untranslatable(shownOp(e), e.span);
  const elem = scalarElem(e);
  const args = e.args.map(a => expr(a, scope));
  // a half is held in an f32
  if (e.op === "cast" && elem === "f32" && (e.args[0]!.type as TensorType).elem === "f16") return args[0]!; // as: a cast is of tensors
  if (e.op === "cast" && e.type.k === "tensor" && e.type.elem === "u8") return asByte(args[0]!);
  return { k: "op", op: e.op, args, elem, ...attrsOf(e) };
}
/** towards zero, saturating: 0 to 255 */
function asByte(x: RelExpr): RelExpr {
  const bound = (value: number): RelExpr => ({ k: "const", elem: "i32", value });
  const op = (op: string, ...args: readonly RelExpr[]): RelExpr => ({ k: "op", op, args, elem: "i32" });
  return op("minimum", op("maximum", op("cast", x), bound(0)), bound(255));
}
function lookup(e: Op, scope: Scope): RelExpr {
  const [s, table] = e.args as [Expr, Expr]; // as: it has two
  if (table.depth > 0) throw new Untranslatable("a table of a function around it", e.span);
  const given: RelExpr = { k: "given", index: scope.given.index(table), elem: "string" };
  return { k: "op", op: "lookup", args: [expr(s, scope), given], elem: "i32" };
}
