/**
 * Core expressions of a row as RelExpr: total over REL's closed tables; of what is not in them it says the name and the place.
 * What hangs on no row is a given value. Knows no table.
 */
import type { Span } from "../../ir/node.ts";
import type { CellElem, Fields, Inner, Literal, RelExpr } from "../../ir/rel.ts";
import { maker, relOp } from "../../ir/rel-ops.ts";
import type { Json } from "../../ir/stage.ts";
import * as build from "../check/build.ts";
import { addDims, type Dim, mulDims, productOf } from "../check/dims.ts";
import type { Const, CoreElem, Expr, Fn, LeafType, Op, Static, TensorType, Tree, Var } from "../core.ts";
import { inputsOf, leaves } from "../core.ts";
import { held } from "./held.ts";
import { needsEngine } from "./kinds.ts";

/** what an engine cannot do, and where it stands */
export class Untranslatable extends Error {
  readonly what: string;
  readonly span: Span;
  constructor(what: string, span: Span) {
    super(what);
    this.what = what;
    this.span = span;
  }
}
/** where the values come from that a query does not read in tables */
export interface Given {
  /** the number of a value that hangs on no row */
  readonly index: (e: Expr) => number;
  /** strings that constants are */
  readonly texts: readonly string[];
  /** the column in which a kernel has computed what of the row no engine knows; absent: there is none */
  readonly part?: ((e: Expr) => string) | undefined;
}
/** of a function: its parameters, columns of a row or fields of an element of the list that `level` `each` go over */
interface Scope {
  readonly given: Given;
  readonly vars: ReadonlyMap<Var, { readonly level: number; readonly name: string }>;
  /** how many `each` are open */
  readonly level: number;
  /** how deep what hangs on the row is */
  readonly depth: number;
  readonly done: Map<Expr, RelExpr>;
}

const cellElem = (e: CoreElem, span: Span): CellElem => {
  if (e === "f16") throw new Untranslatable("an f16", span);
  return e === "u8" ? "i32" : e;
};
export const jsonOf = (s: Static, span: Span): Json => {
  if (s === null || typeof s !== "object") return s;
  if (Array.isArray(s)) return (s as readonly Static[]).map(x => jsonOf(x, span)); // as: isArray does not narrow readonly lists
  if ("k" in s && s.k === "poly") return held(s);
  throw new Untranslatable("a record of options", span);
};
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
const isPoly = (e: Const): boolean => typeof e.value === "object" && !Array.isArray(e.value);

/** the results of a function of rows, by leaf; its parameters are the columns `names` */
export function translated(f: Fn, names: readonly string[], given: Given): readonly (readonly [string, RelExpr])[] {
  const vars = new Map(f.params.map((p, i) => [p, { level: 0, name: names[i]! }]));
  const depth = f.params[0]?.depth ?? 1;
  const scope: Scope = { given, vars, level: 0, depth, done: new Map() };
  if (f.random) throw new Untranslatable("a random value", f.span);
  return fields(f.body, scope);
}
/** an expression outside of all functions: what needs no engine in it is given */
export function translatedAlone(e: Expr, given: Given): RelExpr {
  return opOf(e as Op, { given, vars: new Map(), level: 0, depth: 0, done: new Map() }); // as: leaves need no engine
}
const fields = (t: Tree<Expr>, scope: Scope): readonly (readonly [string, RelExpr])[] =>
  leaves(t).map(([path, e]) => [path, expr(e, scope)]);
function expr(e: Expr, scope: Scope): RelExpr {
  let r = scope.done.get(e);
  if (!r) scope.done.set(e, (r = scope.given.part ? madeOr(scope.given.part, e, scope) : made(e, scope)));
  return r;
}
/** the smallest scalar or tensor around what no engine knows is a column that a kernel makes */
function madeOr(part: (e: Expr) => string, e: Expr, scope: Scope): RelExpr {
  try {
    return made(e, scope);
  } catch (error) {
    const isCell = e.type.k === "tensor" && e.type.shape.every(d => typeof d === "number");
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
    stack.push(...inputsOf(e));
  }
  return false;
}
function scalarElem(e: Expr): CellElem {
  const t = e.type;
  if (t.k !== "tensor" || t.shape.length)
    throw new Untranslatable(`${e.k === "op" ? shownOp(e) : "a value"} of tensors`, e.span);
  return cellElem(t.elem, e.span);
}
/** what the user wrote: Core has names of its own for some of it */
const WRITTEN: Readonly<Record<string, string>> = {
  einsum: "a product of tensors",
  matmul: "`@`",
  gather: "`[ ]`",
  slice: "`[ ]`",
  stack: "`[ ]`",
  loop: "a loop",
  map: "`map` over a tensor",
};
const shownOp = (e: Op): string => WRITTEN[e.op] ?? `\`${e.op.replace(/^(list|rdd)\./, "")}\``;
const nameOf = (e: Expr): string => (e.k === "op" ? e.op : e.k);

function made(e: Expr, scope: Scope): RelExpr {
  if (e.k === "var") {
    const v = scope.vars.get(e);
    if (v) {
      if (v.level === 0) return { k: "column", name: v.name };
      return { k: "element", depth: scope.level - v.level, name: v.name };
    }
    throw new Untranslatable("a value of a function around it", e.span);
  }
  if (e.k === "const" && !isPoly(e)) return { k: "const", elem: scalarElem(e), value: literal(e, scope.given.texts) };
  const isOutside = e.depth < scope.depth || (scope.depth === 0 && !needsEngine(e));
  if (isOutside && e.type.k === "tensor" && !isConstant(e)) {
    // it changes from step to step of what is around, and a table is made once
    if (e.depth > 0) throw new Untranslatable("a value of a function around it", e.span);
    const elem = cellElem(e.type.elem, e.span);
    const index = scope.given.index(e);
    if (!e.type.shape.length) return { k: "given", index, elem };
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
type TensorExpr = Expr & { readonly type: TensorType };
const isTensor = (e: Expr): e is TensorExpr => e.type.k === "tensor";
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
function isPlacewise(e: Expr): boolean {
  if (!isTensor(e) || e.k === "var") return false;
  if (e.type.shape.length) return e.k === "const" || (e.k === "op" && !needsEngine(e));
  return (
    e.k === "op" && (isProduct(e) || (OF_ALL[e.op] !== undefined && e.args.length === 1 && rankOf(e.args[0]!) > 0))
  );
}
const rankOf = (e: Expr): number => (isTensor(e) ? e.type.shape.length : 0);
/** the product of two vectors */
const isProduct = (e: Op): boolean =>
  (e.op === "einsum" || e.op === "matmul") &&
  e.args.length === 2 &&
  e.args.every(a => rankOf(a) === 1) &&
  rankOf(e) === 0;
const PLACE: RelExpr = { k: "element", depth: 0, name: "" };
function placewise(e: Expr, scope: Scope): RelExpr {
  if (!isTensor(e)) throw new Error("internal: places of what is no tensor");
  const elem = cellElem(e.type.elem, e.span);
  const inner: Scope = { ...scope, level: scope.level + 1, done: new Map() };
  const over = (of: TensorExpr, value: RelExpr): RelExpr => ({
    k: "each",
    list: { k: "listOp", op: "range", args: [int(sizeOf(of.type.shape))], of: [["", "i32"]] },
    of: [["", value]],
  });
  if (e.type.shape.length) return tensorOf(over(e, placeOf(e, inner)), elem, e.type.shape);
  const [a, b] = (e as Op).args as readonly TensorExpr[]; // as: isPlacewise has looked
  const own = cellElem(a!.type.elem, e.span);
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
  const elem = cellElem(e.type.elem, e.span);
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
  const isLane = e.k === "op" && relOp(e.op) && !needsEngine(e) && !Object.keys(e.fns).length;
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
  return { k: "op", op: "item", args: [expr(of, scope), at], elem: cellElem(of.type.elem, e.span) };
}
function sameSize(a: Expr, b: Expr): boolean {
  if (!isTensor(a) || !isTensor(b)) return false;
  return sizeOf(a.type.shape) === sizeOf(b.type.shape);
}
/** a row of a given tensor: where it begins, and the place in it */
function rowAt(e: Op, scope: Scope): { readonly of: RelExpr; readonly at: RelExpr } | undefined {
  const [table, ids] = e.args as [Expr, Expr]; // as: gather has two
  if (table.depth > 0 || !isTensor(table) || e.attrs["axis"] !== 0 || rankOf(ids) > 0 || !isTensor(e)) return undefined;
  const elem = cellElem(table.type.elem, e.span);
  const first: RelExpr = {
    k: "op",
    op: "mul",
    args: [expr(ids, scope), int(sizeOf(e.type.shape))],
    elem: "i32",
  };
  const at: RelExpr = { k: "op", op: "add", args: [first, PLACE], elem: "i32" };
  return { of: { k: "given", index: scope.given.index(table), elem, list: true }, at };
}
/** made of constants alone: the engine computes it itself */
const isConstant = (e: Expr): boolean =>
  e.k === "const"
    ? !isPoly(e)
    : e.k === "op" &&
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
  if (!relOp(e.op) || Object.keys(e.fns).length) throw new Untranslatable(shownOp(e), e.span);
  const elem = scalarElem(e);
  const args = e.args.map(a => expr(a, scope));
  if (e.op === "cast" && e.type.k === "tensor" && e.type.elem === "u8") return asByte(args[0]!);
  return { k: "op", op: e.op, args, elem, ...attrsOf(e) };
}
/** [a, b][1] is b: the elements of a literal as a list */
function elementOfStack(e: Op): Expr | undefined {
  const [cut] = e.args;
  if (e.op !== "reshape" || cut?.k !== "op" || cut.op !== "slice") return undefined;
  const [start] = Array.isArray(cut.attrs["start"]) ? (cut.attrs["start"] as readonly Static[]) : []; // as: isArray does not narrow readonly lists
  const of = cut.args[0]!;
  if (of.k !== "op" || of.op !== "stack" || of.type.k !== "tensor" || of.type.shape.length !== 1) return undefined;
  return typeof start === "number" ? of.args[start] : undefined;
}
/** an element of a tensor: x[1, 0] */
function itemOf(e: Op, scope: Scope): RelExpr | undefined {
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
/** towards zero, saturating: 0 to 255 */
function asByte(x: RelExpr): RelExpr {
  const bound = (value: number): RelExpr => ({ k: "const", elem: "i32", value });
  const op = (op: string, ...args: readonly RelExpr[]): RelExpr => ({ k: "op", op, args, elem: "i32" });
  return op("minimum", op("maximum", op("cast", x), bound(0)), bound(255));
}
function attrsOf(e: Op): { readonly attrs?: { readonly [k: string]: Json } } {
  const entries = Object.entries(e.attrs).filter(([, v]) => v !== undefined);
  if (!entries.length) return {};
  // which element a text is to say is called `elem` in Core
  return { attrs: Object.fromEntries(entries.map(([k, v]) => [k === "elem" ? "to" : k, jsonOf(v, e.span)])) };
}
function lookup(e: Op, scope: Scope): RelExpr {
  const [s, table] = e.args as [Expr, Expr]; // as: it has two
  if (table.depth > 0) throw new Untranslatable("a table of a function around it", e.span);
  const given: RelExpr = { k: "given", index: scope.given.index(table), elem: "string" };
  return { k: "op", op: "lookup", args: [expr(s, scope), given], elem: "i32" };
}

/** of one axis: what check makes of a value that is there on a condition, and an element of a vector */
function gathered(e: Op, scope: Scope): RelExpr {
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
  const elem = cellElem(t.elem, x.span);
  if (x.k === "op" && x.op === "stack") return { k: "list", items: x.args.map(a => [["", expr(a, scope)]]) };
  if (x.k === "const" && Array.isArray(x.value)) {
    const values = x.value as readonly Dim[]; // as: isArray does not narrow readonly lists
    const scalar: TensorType = { ...t, shape: [] };
    return { k: "list", items: values.map(v => [["", expr({ ...x, type: scalar, value: v }, scope)]]) };
  }
  return x.depth === 0 ? { k: "given", index: scope.given.index(x), elem, list: true } : undefined;
}

// ---- lists

export const fieldTypes = (t: Tree<LeafType>, span: Span): Fields =>
  leaves(t).map(([path, x]) => [path, innerType(x, span)] as const);
function innerType(t: LeafType, span: Span): Inner {
  if (t.k === "list") return { k: "list", of: fieldTypes(t.of, span) };
  const elem = cellElem(t.elem, span);
  if (!t.shape.length) return elem;
  if (elem === "string" || elem === "time") throw new Untranslatable(`a tensor of ${elem}`, span);
  return { k: "tensor", elem, shape: t.shape.map(held) };
}
const sizeOf = (shape: readonly Dim[]): number => held(productOf(shape));
/** inside of a function of the elements of a list */
function inside(f: Fn, names: readonly string[], scope: Scope): Scope {
  const level = scope.level + 1;
  const own = f.params.map((p, i) => [p, { level, name: names[i]! }] as const);
  return { ...scope, vars: new Map([...scope.vars, ...own]), level, done: new Map() };
}
function elementsOf(e: Expr): Tree<LeafType> {
  if (e.type.k !== "list") throw new Error(`internal: ${nameOf(e)} is no list`);
  return e.type.of;
}
/** `of` of each element of a list for which `where` holds */
function each(list: Expr, scope: Scope, f: Fn | undefined, where?: Fn): RelExpr {
  const names = leaves(elementsOf(list)).map(([path]) => path);
  const of = f
    ? fields(f.body, inside(f, names, scope))
    : names.map((name): readonly [string, RelExpr] => [name, { k: "element", depth: 0, name }]);
  const kept = where && fields(where.body, inside(where, names, scope))[0]![1];
  return { k: "each", list: expr(list, scope), of, ...(kept ? { where: kept } : {}) };
}
const int = (value: number): RelExpr => ({ k: "const", elem: "i32", value });
const listOp = (
  op: string,
  args: readonly RelExpr[],
  of: Fields,
  attrs: { readonly [k: string]: Json } = {},
): RelExpr => ({
  k: "listOp",
  op,
  args,
  of,
  ...(Object.keys(attrs).length ? { attrs } : {}),
});
const LAST = 2 ** 31 - 1;
export const numberAt = (e: Op, name: string): number => {
  const v = e.attrs[name];
  if (typeof v === "number") return v;
  if (typeof v === "object" && v !== null && "k" in v && v.k === "poly") return held(v);
  throw new Error(`internal: ${e.op} has no number ${name}`);
};

type ListOf = (e: Op, of: Fields, scope: Scope) => RelExpr;
const LISTS: Readonly<Record<string, ListOf>> = {
  list: (e, of, scope) => {
    const items = Array.from({ length: e.args.length / of.length }, (_, i) =>
      of.map(([name], k) => [name, expr(e.args[i * of.length + k]!, scope)] as const),
    );
    return { k: "list", items };
  },
  "list.map": (e, _, scope) => each(e.args[0]!, scope, e.fns["f"]!),
  "list.filter": (e, _, scope) => each(e.args[0]!, scope, undefined, e.fns["f"]!),
  "list.flat": (e, of, scope) => listOp("flatten", [each(e.args[0]!, scope, e.fns["f"]!)], of),
  "list.part": (e, of, scope) => {
    const to = e.attrs["to"] === null ? int(LAST) : int(numberAt(e, "to"));
    return listOp("part", [expr(e.args[0]!, scope), int(numberAt(e, "from")), to], of);
  },
  "list.concat": (e, of, scope) =>
    listOp(
      "concat",
      e.args.map(a => expr(a, scope)),
      of,
    ),
  // the elements of one and none of the other
  "list.where": (e, of, scope) => {
    const [c, a, b] = e.args.map(x => expr(x, scope)) as [RelExpr, RelExpr, RelExpr]; // as: it has three
    const taken = (yes: number, no: number): RelExpr => ({
      k: "op",
      op: "where",
      args: [c, int(yes), int(no)],
      elem: "i32",
    });
    return listOp("concat", [listOp("take", [a, taken(LAST, 0)], of), listOp("take", [b, taken(0, LAST)], of)], of);
  },
  // the last key first: each order keeps the one before among equal keys
  "list.order": (e, of, scope) => {
    const descending = e.attrs["descending"] as readonly boolean[]; // as: check gives one per leaf of the key
    const key = e.fns["key"]!;
    const names = of.map(([name]) => name);
    const inner = fields(key.body, inside(key, names, scope));
    return descending.reduceRight<RelExpr>(
      (list, down, i) => {
        const keys: RelExpr = { k: "each", list, of: [["", inner[i]![1]]] };
        return listOp("order", [list, keys], of, { descending: down });
      },
      expr(e.args[0]!, scope),
    );
  },
  "list.distinct": (e, of, scope) =>
    listOp("distinct", [expr(e.args[0]!, scope), each(e.args[0]!, scope, e.fns["by"]!)], of),
  "list.number": (e, of, scope) =>
    listOp("numbered", [expr(e.args[0]!, scope)], of, { name: String(e.attrs["column"]) }),
  "list.windows": windows,
  "list.fold": folded,
};
function listOf(e: Op, scope: Scope): RelExpr {
  const of = fieldTypes(elementsOf(e), e.span);
  if (e.op === "list.at") return listIn(expr(e.args[0]!, scope), fieldTypes(elementsOf(e.args[0]!), e.span), e, scope);
  const make = LISTS[e.op];
  if (make) return make(e, of, scope);
  if (!maker(e.op)) throw new Untranslatable(`\`${e.op}\``, e.span);
  return { k: "listOp", op: e.op, args: e.args.map(a => expr(a, scope)), of, ...attrsOf(e) };
}
/** one field of each element */
const fieldOf = (list: RelExpr, of: Fields, name: string): RelExpr =>
  of.length === 1 ? list : { k: "each", list, of: [["", { k: "element", depth: 0, name }]] };
/** the elements of an element that is a list, or a tensor */
function listIn(list: RelExpr, of: Fields, e: Op, scope: Scope): RelExpr {
  const name = String(e.attrs["leaf"]);
  const inner = of.find(([n]) => n === name)![1];
  if (typeof inner === "string") throw new Error("internal: an element that is no list");
  const at = expr(e.args[1]!, scope);
  const next: RelExpr = { k: "op", op: "add", args: [at, int(1)], elem: "i32" };
  const one = listOp("part", [fieldOf(list, of, name), at, next], [["", inner]]);
  if (inner.k === "list") return listOp("flatten", [one], inner.of);
  return elementsIn(one, inner);
}
/** the elements of all tensors of a list */
const elementsIn = (list: RelExpr, of: Extract<Inner, { k: "tensor" }>): RelExpr => {
  const own: RelExpr = listOp("elements", [{ k: "element", depth: 0, name: "" }], [["", of.elem]]);
  return listOp("flatten", [{ k: "each", list, of: [["", own]] }], [["", of.elem]]);
};
const tensorOf = (list: RelExpr, elem: CellElem, shape: readonly Dim[], fill?: RelExpr): RelExpr => ({
  k: "op",
  op: "pad_to",
  args: [list, fill ?? { k: "const", elem, value: elem === "bool" ? false : elem === "i64" ? "0" : 0 }],
  attrs: { n: sizeOf(shape), shape: shape.map(held) },
  elem,
});
/** of element i a leaf */
function elementAt(e: Op, scope: Scope): RelExpr {
  const of = fieldTypes(elementsOf(e.args[0]!), e.span);
  const [list, name] = [expr(e.args[0]!, scope), String(e.attrs["leaf"])];
  const inner = of.find(([n]) => n === name)![1];
  if (typeof inner === "string")
    return { k: "op", op: "element_at", args: [fieldOf(list, of, name), expr(e.args[1]!, scope)], elem: inner };
  const elements = listIn(list, of, e, scope);
  return inner.k === "tensor" ? tensorOf(elements, inner.elem, inner.shape) : elements;
}
/** the first `n` elements, or of those that are tensors */
function padded(e: Op, scope: Scope): RelExpr {
  const t = e.type as TensorType; // as: pad_to makes one
  const [[, inner]] = fieldTypes(elementsOf(e.args[0]!), e.span) as [Fields[number]]; // as: check has looked
  const list = expr(e.args[0]!, scope);
  const own = typeof inner === "object" && inner.k === "tensor" ? elementsIn(list, inner) : list;
  const shape = t.shape;
  if (sizeOf(shape) === 0) throw new Untranslatable("a tensor without elements", e.span);
  return tensorOf(own, cellElem(t.elem, e.span), shape, expr(e.args[1]!, scope));
}
/** of `size` elements one after the other, at every `stride`-th, tensors field by field */
function windows(e: Op, of: Fields, scope: Scope): RelExpr {
  const [size, stride] = [numberAt(e, "size"), numberAt(e, "stride")];
  const list = expr(e.args[0]!, scope);
  const inner: RelExpr = expr(e.args[0]!, { ...scope, level: scope.level + 1, done: new Map() });
  const own = fieldTypes(elementsOf(e.args[0]!), e.span);
  const op = (name: string, ...args: readonly RelExpr[]): RelExpr => ({ k: "op", op: name, args, elem: "i32" });
  const length: RelExpr = { k: "op", op: "list_length", args: [list], elem: "i32" };
  const count = op("add", op("floordiv", op("sub", length, int(size)), int(stride)), int(1));
  const from = op("mul", { k: "element", depth: 0, name: "" }, int(stride));
  const part = listOp("part", [inner, from, op("add", from, int(size))], own);
  const made = of.map(([name, t], i): readonly [string, RelExpr] => {
    if (typeof t === "string" || t.k !== "tensor") throw new Error("internal: a window that is no tensor");
    const element = own[i]![1];
    const items = fieldOf(part, own, name);
    return [
      name,
      tensorOf(typeof element === "string" ? items : elementsIn(items, element as typeof t), t.elem, t.shape),
    ]; // as: a window of one is one
  });
  return { k: "each", list: listOp("range", [count], [["", "i32"]]), of: made };
}
function folded(e: Op, of: Fields, scope: Scope): RelExpr {
  const f = e.fns["f"]!;
  const [list, ...start] = e.args.map(a => expr(a, scope));
  const own = fieldTypes(elementsOf(e.args[0]!), e.span);
  const names = [...of.map(([n]) => `s.${n}`), ...own.map(([n]) => `x.${n}`)];
  const named = (values: readonly RelExpr[]): readonly (readonly [string, RelExpr])[] =>
    of.map(([n], i) => [n, values[i]!] as const);
  const init = named(start);
  const step = named(fields(f.body, inside(f, names, scope)).map(([, v]) => v));
  if (e.attrs["all"] !== true) return { k: "fold", list: list!, init, step };
  // the states so far are one field of the state more
  const none = listOp("part", [{ k: "list", items: [init] }, int(0), int(0)], of);
  const so: RelExpr = { k: "element", depth: 0, name: `s.${SO_FAR}` };
  const more = listOp("concat", [so, { k: "list", items: [step] }], of);
  const all: RelExpr = { k: "fold", list: list!, init: [...init, [SO_FAR, none]], step: [...step, [SO_FAR, more]] };
  const states: RelExpr = { k: "each", list: all, of: [["", { k: "element", depth: 0, name: SO_FAR }]] };
  return listOp("flatten", [states], of);
}
/** no field of a record has this name */
const SO_FAR = "#";
/** list.length, list.sum and the like: list_length, list_sum of what the function makes of each element; of tensors place by place */
function reduced(e: Op, scope: Scope): RelExpr {
  if (e.op === "list.at") return elementAt(e, scope);
  const name = e.op.replace(".", "_");
  if (!relOp(name)) throw new Untranslatable(`\`${e.op}\``, e.span);
  const f = e.fns["f"];
  if (f && e.type.k === "tensor" && e.type.shape.length) {
    const elem = cellElem(e.type.elem, e.span);
    const shape = e.type.shape;
    // one level deeper: the places of the tensor are gone over around it
    const outer: Scope = { ...scope, level: scope.level + 1, done: new Map() };
    const tensors = each(e.args[0]!, outer, f) as Extract<RelExpr, { k: "each" }>; // as: made of a function
    const place: RelExpr = { k: "element", depth: 1, name: "" };
    const inner = (tensors.of[0] as readonly [string, RelExpr])[1]; // as: the function gives one leaf
    const from = (f.body as Extract<Tree<Expr>, { k: "leaf" }>).of.type as TensorType; // as: the function gives one leaf
    const item: RelExpr = { k: "op", op: "item", args: [inner, place], elem: cellElem(from.elem, e.span) };
    const own: RelExpr = { k: "op", op: name, args: [{ ...tensors, of: [["", item]] }], elem };
    return tensorOf(
      { k: "each", list: listOp("range", [int(sizeOf(shape))], [["", "i32"]]), of: [["", own]] },
      elem,
      shape,
    );
  }
  const list = f ? each(e.args[0]!, scope, f) : expr(e.args[0]!, scope);
  return { k: "op", op: name, args: [list, ...e.args.slice(1).map(a => expr(a, scope))], elem: scalarElem(e) };
}
