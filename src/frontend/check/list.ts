/** Lists in rows: literals of computed elements, and a function of an element as Core. Knows no builtin. */
import type { Span } from "../../ir/node.ts";
import { type Expr, type LeafType, type ListType, leaves, mapTree, type TensorType, type Tree } from "../core.ts";
import * as build from "./build.ts";
import { fail } from "./context.ts";
import { sameDims } from "./dims.ts";
import { promote, showType } from "./types.ts";
import { type Frame, type Sequence, settled, type Value } from "./value.ts";

/** the elements one after the other, leaf by leaf: `list(x..)` */
export function listOf(
  f: Frame,
  items: readonly Value[],
  span: Span,
  leavesOf: (v: Value) => Tree<Expr>,
): Sequence["expr"] {
  const trees = items.map(leavesOf);
  const first = trees[0];
  if (!first)
    return fail(f, {
      message: "nothing says which elements this empty list would have",
      span,
      help: "[x] |> filter(y => false)",
    });
  const names = leaves(first).map(([path]) => path);
  const all = trees.map(t => new Map(leaves(t)));
  const common = (path: string): LeafType =>
    all
      .map(m => elementType(f, m.get(path)?.type, span))
      .reduce((a, b): LeafType => {
        const same = a.k === "tensor" && b.k === "tensor" && sameDims(a.shape, b.shape);
        const elem = same ? commonElem(a, b) : undefined;
        if (elem !== undefined && a.k === "tensor") return { k: "tensor", elem: settled(elem), shape: a.shape };
        if (a.k === "list" && showType(a) === showType(b)) return a;
        return fail(f, {
          message: `a list has elements of one type, this has ${showType(a)} and ${showType(b)}`,
          span,
        });
      });
  for (const m of all)
    if (m.size !== names.length) fail(f, { message: "a list has elements of one type, these have other fields", span });
  const of = mapTree(first, (_, path) => common(path));
  const types = new Map(leaves(of));
  const typed = (e: Expr, t: LeafType): Expr => (t.k === "tensor" ? build.cast(e, t.elem, span) : e);
  const args = all.flatMap(m => names.map(n => typed(m.get(n)!, types.get(n)!)));
  return build.op("list", args, { k: "list", of }, span) as unknown as Sequence["expr"]; // as: the type is a list
}
const isText = (t: TensorType): boolean => t.elem === "string" || t.elem === "time";
const commonElem = (a: TensorType, b: TensorType): ReturnType<typeof promote> =>
  a.elem === b.elem ? a.elem : isText(a) || isText(b) ? undefined : promote(a.elem, b.elem);
function elementType(f: Frame, t: Expr["type"] | undefined, span: Span): LeafType {
  if (t?.k === "tensor" || t?.k === "list") return t;
  return fail(f, { message: "a list has elements of one type, these have other fields", span });
}
export const sequence = (expr: Expr): Sequence => ({ k: "sequence", expr: expr as Sequence["expr"] }); // as: of type list
export const listType = (of: Tree<LeafType>): ListType => ({ k: "list", of });
