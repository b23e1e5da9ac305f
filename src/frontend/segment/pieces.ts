/** Pieces of REL that lists and tensors are made of, and the types of their elements. Knows no expression of Core. */
import type { Span } from "../../ir/node.ts";
import type { CellElem, Fields, Inner, RelExpr } from "../../ir/rel.ts";
import type { Json } from "../../ir/stage.ts";
import type { Dim } from "../check/dims.ts";
import { type LeafType, leaves, type Tree } from "../core.ts";
import { held } from "./held.ts";
import { cellElem, ofTexts, sizeOf } from "./scope.ts";

export const fieldTypes = (t: Tree<LeafType>, span: Span): Fields =>
  leaves(t).map(([path, x]) => [path, innerType(x, span)] as const);
function innerType(t: LeafType, span: Span): Inner {
  if (t.k === "list") return { k: "list", of: fieldTypes(t.of, span) };
  const elem = cellElem(t.elem);
  if (!t.shape.length) return elem;
  if (elem === "string" || elem === "time") throw ofTexts(elem, span);
  return { k: "tensor", elem, shape: t.shape.map(held) };
}
export const int = (value: number): RelExpr => ({ k: "const", elem: "i32", value });
export const listOp = (
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
/** one field of each element */
export const fieldOf = (list: RelExpr, of: Fields, name: string): RelExpr =>
  of.length === 1 ? list : { k: "each", list, of: [["", { k: "element", depth: 0, name }]] };
/** the elements of all tensors of a list */
export const elementsIn = (list: RelExpr, of: Extract<Inner, { k: "tensor" }>): RelExpr => {
  const own: RelExpr = listOp("elements", [{ k: "element", depth: 0, name: "" }], [["", of.elem]]);
  return listOp("flatten", [{ k: "each", list, of: [["", own]] }], [["", of.elem]]);
};
export const tensorOf = (list: RelExpr, elem: CellElem, shape: readonly Dim[], fill?: RelExpr): RelExpr => ({
  k: "op",
  op: "pad_to",
  args: [list, fill ?? { k: "const", elem, value: elem === "bool" ? false : elem === "i64" ? "0" : 0 }],
  attrs: { n: sizeOf(shape), shape: shape.map(held) },
  elem,
});
