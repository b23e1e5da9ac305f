/** What the translation of a row's expressions to REL carries along, and what it says of what an engine cannot do. Knows no op. */
import type { Span } from "../../ir/node.ts";
import type { CellElem, RelExpr } from "../../ir/rel.ts";
import type { Json } from "../../ir/stage.ts";
import { type Dim, productOf } from "../check/dims.ts";
import {
  type CoreElem,
  type Expr,
  leaves,
  type Op,
  type Static,
  type TensorType,
  type Tree,
  type Var,
} from "../core.ts";
import { held } from "./held.ts";

/** what an engine cannot do, and where it stands */
export class Untranslatable extends Error {
  readonly what: string;
  readonly span: Span;
  /** what to write for it */
  readonly instead: string;
  constructor(what: string, span: Span, instead = "a map before it that computes it as a column") {
    super(what);
    this.what = what;
    this.span = span;
    this.instead = instead;
  }
}
export const ofTexts = (elem: CellElem, span: Span): Untranslatable =>
  new Untranslatable(`a tensor of ${elem}`, span, "a list of them: map(.., s => s)");
/** where the values come from that a query does not read in tables */
export interface Given {
  /** the number of a value that hangs on no row */
  readonly index: (e: Expr) => number;
  /** strings that constants are */
  readonly texts: readonly string[];
  /** the column in which a kernel has computed what of the row no engine knows; absent: there is none */
  readonly part?: ((e: Expr) => string) | undefined;
  /** whether what no engine knows of an element of a list becomes a field of it */
  readonly element?: ((e: Expr) => boolean) | undefined;
}
/** of a function: its parameters, columns of a row or fields of an element of the list that `level` `each` go over */
export interface Scope {
  readonly given: Given;
  readonly vars: ReadonlyMap<Var, { readonly level: number; readonly name: string }>;
  /** how many `each` are open */
  readonly level: number;
  /** how deep what hangs on the row is */
  readonly depth: number;
  readonly done: Map<Expr, RelExpr>;
  /** the translation of any expression: those of tensors and lists, which it asks, come back to it */
  readonly made: (e: Expr, scope: Scope) => RelExpr;
}
export const fields = (t: Tree<Expr>, scope: Scope): readonly (readonly [string, RelExpr])[] =>
  leaves(t).map(([path, e]) => [path, expr(e, scope)]);
export function expr(e: Expr, scope: Scope): RelExpr {
  let r = scope.done.get(e);
  if (!r) scope.done.set(e, (r = scope.made(e, scope)));
  return r;
}
/** an engine has no halves: it holds them in what holds each of them, and computes nothing that would have to be rounded */
export const cellElem = (e: CoreElem): CellElem => (e === "u8" ? "i32" : e === "f16" ? "f32" : e);
const EXACT: ReadonlySet<string> = new Set(["where", "minimum", "maximum", "neg", "abs", "cast", "string"]);
/** whether the op rounds to halves, which only kernels do */
export const roundsToHalf = (e: Op): boolean =>
  e.type.k === "tensor" && e.type.elem === "f16" && (!EXACT.has(e.op) || e.op === "cast");
export const jsonOf = (s: Static, span: Span): Json => {
  if (s === null || typeof s !== "object") return s;
  if (Array.isArray(s)) return (s as readonly Static[]).map(x => jsonOf(x, span)); // as: isArray does not narrow readonly lists
  if ("k" in s && s.k === "poly") return held(s);
  throw new Untranslatable("a record of options", span);
};
export function scalarElem(e: Expr): CellElem {
  const t = e.type;
  if (t.k !== "tensor" || t.shape.length)
    throw new Untranslatable(`${e.k === "op" ? shownOp(e) : "a value"} of tensors`, e.span);
  return cellElem(t.elem);
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
export const shownOp = (e: Op): string => WRITTEN[e.op] ?? `\`${e.op.replace(/^(list|rdd)\./, "")}\``;
export const nameOf = (e: Expr): string => (e.k === "op" ? e.op : e.k);
export function attrsOf(e: Op): { readonly attrs?: { readonly [k: string]: Json } } {
  const entries = Object.entries(e.attrs).filter(([, v]) => v !== undefined);
  if (!entries.length) return {};
  // which element a text is to say is called `elem` in Core
  return { attrs: Object.fromEntries(entries.map(([k, v]) => [k === "elem" ? "to" : k, jsonOf(v, e.span)])) };
}
export const numberAt = (e: Op, name: string): number => {
  const v = e.attrs[name];
  if (typeof v === "number") return v;
  if (typeof v === "object" && v !== null && "k" in v && v.k === "poly") return held(v);
  throw new Error(`internal: ${e.op} has no number ${name}`);
};
export type TensorExpr = Expr & { readonly type: TensorType };
export const isTensor = (e: Expr): e is TensorExpr => e.type.k === "tensor";
export const rankOf = (e: Expr): number => (isTensor(e) ? e.type.shape.length : 0);
export const sizeOf = (shape: readonly Dim[]): number => held(productOf(shape));
