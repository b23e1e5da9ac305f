/** Tensors in a query: what stands at one place of them, and tensors made place by place. Knows no list of records. */
import type { RelExpr } from "../../ir/rel.ts";
import { relOp } from "../../ir/rel-ops.ts";
import { addDims, type Dim, mulDims, productOf, sameDim } from "../check/dims.ts";
import type { Expr, Op, Static, TensorType } from "../core.ts";
import { held } from "./held.ts";
import { needsEngine } from "./kinds.ts";
import { int, tensorOf } from "./pieces.ts";
import {
  attrsOf,
  cellElem,
  expr,
  isTensor,
  rankOf,
  roundsToHalf,
  type Scope,
  scalarElem,
  shownOp,
  sizeOf,
  type TensorExpr,
  Untranslatable,
} from "./scope.ts";

/** reductions of all elements of a tensor, and what a list makes of them */
const OF_ALL: Readonly<Record<string, string>> = {
  sum: "list_sum",
  mean: "list_mean",
  max: "list_max",
  min: "list_min",
  any: "list_any",
  all: "list_all",
};
/** a tensor that is no column, element or list made to one, or a number of all elements of a tensor */
export function isPlacewise(e: Expr): boolean {
  if (!isTensor(e) || e.k === "var") return false;
  if (e.k === "op" && !e.type.shape.length && e.type.elem === "f16" && e.op !== "min" && e.op !== "max") return false;
  if (e.type.shape.length) return e.k === "const" || (e.k === "op" && !needsEngine(e));
  return (
    e.k === "op" && (isProduct(e) || (OF_ALL[e.op] !== undefined && e.args.length === 1 && rankOf(e.args[0]!) > 0))
  );
}
/** the product of two vectors */
const isProduct = (e: Op): boolean =>
  (e.op === "einsum" || e.op === "matmul") &&
  e.args.length === 2 &&
  e.args.every(a => rankOf(a) === 1) &&
  rankOf(e) === 0;
const PLACE: RelExpr = { k: "element", depth: 0, name: "" };
export function placewise(e: Expr, scope: Scope): RelExpr {
  if (!isTensor(e)) throw new Error("internal: places of what is no tensor");
  const elem = cellElem(e.type.elem);
  const inner: Scope = { ...scope, level: scope.level + 1, done: new Map() };
  const over = (of: TensorExpr, value: RelExpr): RelExpr => ({
    k: "each",
    list: { k: "listOp", op: "range", args: [int(sizeOf(of.type.shape))], of: [["", "i32"]] },
    of: [["", value]],
  });
  if (e.type.shape.length) return tensorOf(over(e, placeOf(e, inner)), elem, e.type.shape);
  const [a, b] = (e as Op).args as readonly TensorExpr[]; // as: isPlacewise has looked
  const own = cellElem(a!.type.elem);
  if (b)
    return {
      k: "op",
      op: "list_sum",
      args: [over(a!, { k: "op", op: "mul", args: [placeOf(a!, inner), placeOf(b, inner)], elem: own })],
      elem,
    };
  return { k: "op", op: OF_ALL[(e as Op).op]!, args: [over(a!, placeOf(a!, inner))], elem }; // as: isPlacewise has looked
}
/** the element at the place that the innermost level counts, row-major */
function placeOf(e: Expr, scope: Scope): RelExpr {
  if (!isTensor(e) || !e.type.shape.length) return expr(e, scope);
  const elem = cellElem(e.type.elem);
  const at = (list: RelExpr, i: RelExpr): RelExpr => ({ k: "op", op: "element_at", args: [list, i], elem });
  if (e.k === "const" && !Array.isArray(e.value)) return expr({ ...e, type: { ...e.type, shape: [] } }, scope);
  const vector =
    e.k === "const"
      ? vectorOf({ ...e, type: { ...e.type, shape: [sizeOf(e.type.shape)] } }, scope)
      : vectorOf(e, scope);
  if (vector) return at(vector, PLACE);
  if (e.depth === 0) return at({ k: "given", index: scope.given.index(e), elem, list: true }, PLACE);
  if (e.k === "op" && (e.op === "reshape" || e.op === "broadcast") && sameSize(e, e.args[0]!))
    return placeOf(e.args[0]!, scope);
  if (e.k === "op" && e.op === "broadcast" && rankOf(e.args[0]!) === 0) return expr(e.args[0]!, scope);
  const part = e.k === "op" && e.op === "slice" ? partAt(e, scope) : undefined;
  if (part) return part;
  const row = e.k === "op" && e.op === "gather" ? rowAt(e, scope) : undefined;
  if (row) return at(row.of, row.at);
  const isLane = e.k === "op" && relOp(e.op) && !needsEngine(e) && !Object.keys(e.fns).length && !roundsToHalf(e);
  if (isLane && e.args.every(a => rankOf(a) === 0 || sameSize(e, a)))
    return { k: "op", op: e.op, args: e.args.map(a => placeOf(a, scope)), elem, ...attrsOf(e) };
  if (e.k === "op" && !needsEngine(e)) throw new Untranslatable(`${shownOp(e)} of an element of a list`, e.span);
  return { k: "op", op: "item", args: [expr(e, scope), PLACE], elem };
}
/** of a part of a vector */
function partAt(e: Op, scope: Scope): RelExpr | undefined {
  const of = e.args[0]!;
  const [start, step] = ["start", "step"].map(n => (e.attrs[n] as readonly Dim[])[0]!); // as: check made them of dims
  if (rankOf(of) !== 1 || !isTensor(of)) return undefined;
  const skipped: RelExpr = { k: "op", op: "mul", args: [PLACE, int(held(step!))], elem: "i32" };
  const at: RelExpr = { k: "op", op: "add", args: [skipped, int(held(start!))], elem: "i32" };
  return { k: "op", op: "item", args: [expr(of, scope), at], elem: cellElem(of.type.elem) };
}
function sameSize(a: Expr, b: Expr): boolean {
  if (!isTensor(a) || !isTensor(b)) return false;
  return sameDim(productOf(a.type.shape), productOf(b.type.shape));
}
/** a row of a given tensor: where it begins, and the place in it */
function rowAt(e: Op, scope: Scope): { readonly of: RelExpr; readonly at: RelExpr } | undefined {
  const [table, ids] = e.args as [Expr, Expr]; // as: gather has two
  if (table.depth > 0 || !isTensor(table) || e.attrs["axis"] !== 0 || rankOf(ids) > 0 || !isTensor(e)) return undefined;
  const elem = cellElem(table.type.elem);
  const first: RelExpr = {
    k: "op",
    op: "mul",
    args: [expr(ids, scope), int(sizeOf(e.type.shape))],
    elem: "i32",
  };
  const at: RelExpr = { k: "op", op: "add", args: [first, PLACE], elem: "i32" };
  return { of: { k: "given", index: scope.given.index(table), elem, list: true }, at };
}
/** [a, b][1] is b: the elements of a literal as a list */
export function elementOfStack(e: Op): Expr | undefined {
  const [cut] = e.args;
  if (e.op !== "reshape" || cut?.k !== "op" || cut.op !== "slice") return undefined;
  const [start] = Array.isArray(cut.attrs["start"]) ? (cut.attrs["start"] as readonly Static[]) : []; // as: isArray does not narrow readonly lists
  const of = cut.args[0]!;
  if (of.k !== "op" || of.op !== "stack" || of.type.k !== "tensor" || of.type.shape.length !== 1) return undefined;
  return typeof start === "number" ? of.args[start] : undefined;
}
/** an element of a tensor: x[1, 0] */
export function itemOf(e: Op, scope: Scope): RelExpr | undefined {
  const [cut] = e.args;
  if (e.op !== "reshape" || cut?.k !== "op" || cut.op !== "slice" || e.type.k !== "tensor" || e.type.shape.length)
    return undefined;
  const of = cut.args[0]!;
  const start = cut.attrs["start"];
  if (of.type.k !== "tensor" || !Array.isArray(start) || of.depth < scope.depth) return undefined;
  const { shape } = of.type;
  let place: Dim = 0;
  for (const [i, at] of (start as readonly Dim[]).entries()) place = addDims(mulDims(place, shape[i]!), at); // as: check made it of dims
  return { k: "op", op: "item", args: [expr(of, scope), int(held(place))], elem: scalarElem(e) };
}
/** of one axis: what check makes of a value that is there on a condition, and an element of a vector */
export function gathered(e: Op, scope: Scope): RelExpr {
  const [x, at] = e.args as [Expr, Expr]; // as: it has two
  scalarElem(e);
  const isOne = x.k === "op" && x.op === "reshape" && x.args[0]!.type.k === "tensor" && !x.args[0]!.type.shape.length;
  const some = at.k === "check" && at.low === 0 && at.high === 1 ? conditionOf(at.of) : undefined;
  if (isOne && some && at.k === "check")
    return { k: "check", of: expr(x.args[0]!, scope), holds: expr(some, scope), message: at.message, span: at.span };
  const list = vectorOf(x, scope);
  if (!list) throw new Untranslatable("`[ ]`", e.span);
  return { k: "op", op: "element_at", args: [list, expr(at, scope)], elem: scalarElem(e) };
}
/** not(some) as a number */
const conditionOf = (e: Expr): Expr | undefined => {
  const no = e.k === "op" && e.op === "cast" ? e.args[0] : undefined;
  return no?.k === "op" && no.op === "not" ? no.args[0] : undefined;
};
/** a vector as a list: its elements, or a given tensor */
function vectorOf(x: Expr, scope: Scope): RelExpr | undefined {
  const t = x.type;
  if (t.k !== "tensor" || t.shape.length !== 1) return undefined;
  const elem = cellElem(t.elem);
  if (x.k === "op" && x.op === "stack") return { k: "list", items: x.args.map(a => [["", expr(a, scope)]]) };
  if (x.k === "const" && Array.isArray(x.value)) {
    const values = x.value as readonly Dim[]; // as: isArray does not narrow readonly lists
    const scalar: TensorType = { ...t, shape: [] };
    return { k: "list", items: values.map(v => [["", expr({ ...x, type: scalar, value: v }, scope)]]) };
  }
  return x.depth === 0 ? { k: "given", index: scope.given.index(x), elem, list: true } : undefined;
}
