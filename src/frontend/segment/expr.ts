/**
 * Core expressions of a row as RelExpr: total over REL's closed tables; of what is not in them it says the name and the place.
 * What hangs on no row is a given value. Knows no table.
 */
import type { Span } from "../../ir/node.ts";
import type { CellElem, Literal, RelExpr } from "../../ir/rel.ts";
import { maker, relOp } from "../../ir/rel-ops.ts";
import type { Json } from "../../ir/stage.ts";
import type { Const, CoreElem, Expr, Fn, Op, Static, TensorType, Tree, Var } from "../core.ts";
import { leaves } from "../core.ts";
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

export const cellElem = (e: CoreElem, span: Span): CellElem => {
  if (e === "f16") throw new Untranslatable("an f16", span);
  return e === "u8" ? "i32" : e;
};
export const jsonOf = (s: Static, span: Span): Json => {
  if (s === null || typeof s !== "object") return s;
  if (Array.isArray(s)) return (s as readonly Static[]).map(x => jsonOf(x, span)); // as: isArray does not narrow readonly lists
  throw new Untranslatable("a number that is known only when data has been seen", span);
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
  if (!r) scope.done.set(e, (r = made(e, scope)));
  return r;
}
function scalarElem(e: Expr): CellElem {
  const t = e.type;
  if (t.k !== "tensor" || t.shape.length) throw new Untranslatable(`\`${nameOf(e)}\` of tensors`, e.span);
  return cellElem(t.elem, e.span);
}
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
  if ((e.depth < scope.depth || (scope.depth === 0 && !needsEngine(e))) && !isConstant(e)) {
    // it changes from step to step of what is around, and a table is made once
    if (e.depth > 0) throw new Untranslatable("a value of a function around it", e.span);
    return { k: "given", index: scope.given.index(e), elem: scalarElem(e) };
  }
  if (e.k === "op") return opOf(e, scope);
  throw new Untranslatable(`\`${nameOf(e)}\``, e.span);
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
  if (!relOp(e.op) || Object.keys(e.fns).length) throw new Untranslatable(`\`${e.op}\``, e.span);
  const elem = e.op === "pad_to" && e.type.k === "tensor" ? cellElem(e.type.elem, e.span) : scalarElem(e);
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

// ---- lists

const fieldTypes = (t: Tree<TensorType>, span: Span): readonly (readonly [string, CellElem])[] =>
  leaves(t).map(([path, x]) => {
    if (x.shape.length) throw new Untranslatable("a list of tensors", span);
    return [path, cellElem(x.elem, span)];
  });
/** inside of a function of the elements of a list */
function inside(f: Fn, names: readonly string[], scope: Scope): Scope {
  const level = scope.level + 1;
  const own = f.params.map((p, i) => [p, { level, name: names[i]! }] as const);
  return { ...scope, vars: new Map([...scope.vars, ...own]), level, done: new Map() };
}
function elementsOf(e: Expr): Tree<TensorType> {
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
function listOf(e: Op, scope: Scope): RelExpr {
  const of = fieldTypes(elementsOf(e), e.span);
  switch (e.op) {
    case "list": {
      const items = Array.from({ length: e.args.length / of.length }, (_, i) =>
        of.map(([name], k) => [name, expr(e.args[i * of.length + k]!, scope)] as const),
      );
      return { k: "list", items };
    }
    case "list.map":
      return each(e.args[0]!, scope, e.fns["f"]!);
    case "list.filter":
      return each(e.args[0]!, scope, undefined, e.fns["f"]!);
    default: {
      if (!maker(e.op)) throw new Untranslatable(`\`${e.op}\``, e.span);
      return { k: "listOp", op: e.op, args: e.args.map(a => expr(a, scope)), of, ...attrsOf(e) };
    }
  }
}
/** list.length, list.sum and the like: list_length, list_sum of what the function makes of each element */
function reduced(e: Op, scope: Scope): RelExpr {
  const name = e.op.replace(".", "_");
  if (!relOp(name)) throw new Untranslatable(`\`${e.op}\``, e.span);
  const f = e.fns["f"];
  const list = f ? each(e.args[0]!, scope, f) : expr(e.args[0]!, scope);
  return { k: "op", op: name, args: [list, ...e.args.slice(1).map(a => expr(a, scope))], elem: scalarElem(e) };
}
