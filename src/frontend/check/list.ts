/** Lists in rows: literals of computed elements, and a function of an element as Core. Knows no builtin. */
import type { Span } from "../../ir/node.ts";
import { type Expr, type ListType, leaves, mapTree, type TensorType, type Tree } from "../core.ts";
import * as build from "./build.ts";
import { fail, limit } from "./context.ts";
import { promote, showTensor, showType } from "./types.ts";
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
  if (!first) return limit(f, "an empty list in a row", "a list of one element, and filter", span);
  const names = leaves(first).map(([path]) => path);
  const all = trees.map(t => new Map(leaves(t)));
  const common = (path: string): TensorType =>
    all
      .map(m => elementType(f, m.get(path)?.type, span))
      .reduce((a, b): TensorType => {
        const elem = a.elem === b.elem ? a.elem : isText(a) || isText(b) ? undefined : promote(a.elem, b.elem);
        return elem === undefined
          ? fail(f, {
              message: `a list has elements of one type, this has ${showTensor(a)} and ${showTensor(b)}`,
              span,
            })
          : { k: "tensor", elem: settled(elem), shape: [] };
      });
  for (const m of all)
    if (m.size !== names.length) fail(f, { message: "a list has elements of one type, these have other fields", span });
  const of = mapTree(first, (_, path) => common(path));
  const types = new Map(leaves(of));
  const args = all.flatMap(m => names.map(n => build.cast(m.get(n)!, types.get(n)!.elem, span)));
  return build.op("list", args, { k: "list", of }, span) as unknown as Sequence["expr"]; // as: the type is a list
}
const isText = (t: TensorType): boolean => t.elem === "string" || t.elem === "time";
function elementType(f: Frame, t: Expr["type"] | undefined, span: Span): TensorType {
  if (!t) return fail(f, { message: "a list has elements of one type, these have other fields", span });
  if (t.k === "tensor" && t.shape.length === 0) return t;
  return fail(f, {
    message: `a list in a row has elements that are numbers, strings or records of them, this is ${showType(t)}`,
    span,
  });
}
export const sequence = (expr: Expr): Sequence => ({ k: "sequence", expr: expr as Sequence["expr"] }); // as: of type list
export const listType = (of: Tree<TensorType>): ListType => ({ k: "list", of });
