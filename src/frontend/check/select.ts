/** One of two values by a condition: `where`, `if`, `??`, of numbers, strings, instants and what may be missing. */
import type { Span } from "../../ir/node.ts";
import type { CoreElem, Expr, LeafType, TensorType, Tree } from "../core.ts";
import { cellsOf } from "./apply.ts";
import * as build from "./build.ts";
import type { Constant } from "./builtin.ts";
import { placed } from "./context.ts";
import { cellElem, cellExpr, isCell } from "./infix.ts";
import { listOf, sequence } from "./list.ts";
import { toExpr, where } from "./operate.ts";
import { broadcast, promote, showRow, typed } from "./types.ts";
import {
  bool,
  type Cell,
  cellValue,
  type Frame,
  isTensor,
  knownOf,
  type Maybe,
  NONE,
  recordOf,
  settled,
  type TensorValue,
  tensorValue,
  typeOf,
  type Value,
} from "./value.ts";

type Condition = Constant | TensorValue;
/** a where c, else b; undefined where they have no common type. Tensors are where's: NumPy's broadcast */
export function select(f: Frame, c: Condition, a: Value, b: Value, span: Span, shown: string): Value | undefined {
  if (a.k === "none" && b.k === "none") return NONE;
  if (isTensor(a) && isTensor(b)) return where(f, c, a, b, span, shown);
  if (isCell(a) && isCell(b)) {
    if (cellElem(a) !== cellElem(b)) return undefined;
    const known = knownOf(c);
    if (known?.constant.shape.length === 0 && known.params.length === 0) return known.constant.data[0] ? a : b;
    const args = [toExpr(c, "bool", span), cellExpr(a, span), cellExpr(b, span)];
    const shapes = args.map(e => (e.type as TensorType).shape); // as: a bool and two cells
    let shape = shapes[0]!;
    for (const s of shapes.slice(1)) {
      const both = broadcast(shape, s);
      if (both.k === "differ" || both.unsure.length) return undefined;
      shape = both.shape;
    }
    return cellValue(build.op("where", args, { k: "tensor", elem: cellElem(a)!, shape }, placed(f, span)));
  }
  if (a.k === "sequence" || b.k === "sequence" || (a.k === "list" && b.k === "list" && f.depth > 0))
    return ofLists(f, c, a, b, span);
  if (![a, b].some(v => v.k === "maybe" || v.k === "none")) return undefined;
  const [x, y] = [maybeOf(a, b, span), maybeOf(b, a, span)];
  if (!x || !y) return undefined;
  const value = select(f, c, x.value, y.value, span, shown);
  const present = where(f, c, x.present, y.present, span, shown);
  return value && isTensor(present) ? maybe(value, present, span) : undefined;
}
/** of lists of one type: the elements of the one that the condition chooses */
function ofLists(f: Frame, c: Condition, a: Value, b: Value, span: Span): Value | undefined {
  const leavesOf = (v: Value): Tree<Expr> => cellsOf(f, v, span, "an element of a list");
  const [x, y] = [a, b].map((v, i) => {
    if (v.k === "sequence") return v.expr;
    const other = i ? a : b;
    const like = other.k === "sequence" ? other.expr : undefined;
    // `[]` is a tensor without elements, and here a list without any
    if (like && isTensor(v) && typeOf(v).shape[0] === 0)
      return build.op("list.part", [like], like.type, span, { attrs: { from: 0, to: 0 } }) as unknown as typeof like; // as: a list
    if (v.k !== "list" || !v.items.length) return undefined;
    return listOf(f, like ? v.items.map(x => likeElement(x, like.type.of, span)) : v.items, span, leavesOf);
  });
  if (!x || !y || typeOf(c).shape.length || showRow(x.type.of) !== showRow(y.type.of)) return undefined;
  return sequence(build.op("list.where", [toExpr(c, "bool", span), x, y], x.type, placed(f, span)));
}
/** literals in the elements of the other list */
function likeElement(v: Value, t: Tree<LeafType>, span: Span): Value {
  if (v.k === "record" && t.k === "record")
    return recordOf(
      [...v.fields].map(([n, x]) => {
        const own = t.fields.find(([m]) => m === n)?.[1];
        return [n, own ? likeElement(x, own, span) : x] as const;
      }),
    );
  const isLiteral = v.k === "constant" && (v.elem === "int" || v.elem === "decimal");
  if (!isLiteral || t.k !== "leaf" || t.of.k !== "tensor") return v;
  const common = promote(v.elem, t.of.elem);
  return common === t.of.elem ? typed(v, t.of.elem, span) : v;
}
/** a value and whether it is there, as residuals */
function maybe(value: Value, present: Condition, span: Span): Maybe | undefined {
  if (!isTensor(value) && value.k !== "cell") return undefined;
  return { k: "maybe", value: value.k === "cell" ? value : residual(value, span), present: residual(present, span) };
}
const residual = (v: Condition, span: Span): TensorValue =>
  v.k === "tensor" ? v : tensorValue(toExpr(v, settled(v.elem), span), { known: knownOf(v)! });
/** a value that is there, or one that may not be, beside one of the same type */
function maybeOf(v: Value, beside: Value, span: Span): Maybe | undefined {
  if (v.k === "maybe") return v;
  if (v.k === "none") {
    const like = beside.k === "maybe" ? beside.value : beside;
    const zero = zeroOf(like, span);
    return zero && { k: "maybe", value: zero, present: residual(bool(false), span) };
  }
  const scalar = isTensor(v) ? typeOf(v).shape.length === 0 : isCell(v);
  if (!scalar) return undefined;
  return maybe(v.k === "text" ? cellValue(cellExpr(v, span)) : v, bool(true), span);
}
/** what stands where there is nothing: 0 or "" */
function zeroOf(like: Value, span: Span): TensorValue | Cell | undefined {
  const of = (elem: CoreElem): TensorType => ({ k: "tensor", elem, shape: [] });
  const elem = cellElem(like);
  if (elem === "string") return cellValue(build.textConstant("", span));
  if (elem === "time") return cellValue(build.constant(0, of("time"), span));
  if (!isTensor(like) || typeOf(like).shape.length) return undefined;
  return tensorValue(build.constant(0, of(typeOf(like).elem), span));
}
