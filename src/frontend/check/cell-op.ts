/**
 * Ops of strings and instants: of what is known when compiling the value that REL's meaning gives, so that a literal and a column
 * cannot differ; else an op of Core. Knows no function of the language.
 */
import type { Span } from "../../ir/node.ts";
import type { CellElem } from "../../ir/rel.ts";
import type { Scalar } from "../../ir/rel-ops/record.ts";
import { type OpName, relOp } from "../../ir/rel-ops.ts";
import type { CoreElem, Expr, TensorType, Tree } from "../core.ts";
import { valueOfTree } from "./apply.ts";
import * as build from "./build.ts";
import { fail, placed } from "./context.ts";
import type { Dim } from "./dims.ts";
import { cellExpr, isCell } from "./infix.ts";
import { toExpr } from "./operate.ts";
import { select } from "./select.ts";
import { bool, cellValue, type Frame, isTensor, number, settled, tensorValue, text, type Value } from "./value.ts";

/** attributes of REL: a pattern, a format, a number of buckets, which data may decide */
type Attrs = Readonly<Record<string, string | Dim>>;
type Known = Readonly<Record<string, string | number>>;
const isKnown = (attrs: Attrs): attrs is Known => Object.values(attrs).every(a => typeof a !== "object");
const scalar = (elem: CoreElem): TensorType => ({ k: "tensor", elem, shape: [] });
const leaf = (of: Expr): Tree<Expr> => ({ k: "leaf", of });

/** `op` of strings, instants and numbers, each of rank 0; says what is wrong with its attributes */
export function cellOp(
  f: Frame,
  op: OpName,
  args: readonly Value[],
  elem: CellElem,
  span: Span,
  attrs: Attrs = {},
): Value {
  const known = isKnown(attrs) ? attrs : undefined;
  const wrong = known && relOp(op)?.refuse?.(op === "parses" ? { to: known["elem"]! } : known);
  if (wrong) return fail(f, { message: `${op}: ${wrong}`, span });
  return (known && folded(op, args, elem, known, span)) ?? valueOfTree(leaf(residual(f, op, args, elem, span, attrs)));
}
function residual(f: Frame, op: OpName, args: readonly Value[], elem: CellElem, span: Span, attrs: Attrs): Expr {
  const exprs = args.map(v => {
    if (isCell(v)) return cellExpr(v, span);
    if (isTensor(v)) return toExpr(v, settled(v.k === "constant" ? v.elem : v.expr.type.elem), span);
    throw new Error(`internal: ${op} of a ${v.k}`);
  });
  return build.op(op, exprs, scalar(elem), placed(f, span), { attrs });
}
/** `value` of a string where `there` of it says that it has one; of a string that may be missing, only where it is there */
export function maybeOp(
  f: Frame,
  ops: readonly [value: OpName, there: OpName],
  from: Value,
  elem: CellElem,
  span: Span,
  attrs: readonly [Attrs, Attrs],
): Value {
  const s = from.k === "maybe" ? from.value : from;
  const value = cellOp(f, ops[0], [s], elem, span, attrs[0]);
  const parses = cellOp(f, ops[1], [s], "bool", span, attrs[1]);
  const there =
    from.k === "maybe" && isTensor(parses) ? select(f, from.present, parses, bool(false), span, ops[0]) : parses;
  if (!there || !isTensor(there)) throw new Error("internal: whether a value is there is no bool");
  const kept = isTensor(value)
    ? tensorValue(toExpr(value, elem, span), value.k === "constant" ? { known: { constant: value, params: [] } } : {})
    : value;
  if (kept.k !== "tensor" && kept.k !== "cell") throw new Error("internal: a value that is no cell");
  const present = tensorValue(
    toExpr(there, "bool", span),
    there.k === "constant" ? { known: { constant: there, params: [] } } : there.known ? { known: there.known } : {},
  );
  return { k: "maybe", value: kept, present };
}

function folded(op: OpName, args: readonly Value[], to: CellElem, attrs: Known, span: Span): Value | undefined {
  const known = args.map(scalarOf);
  if (!known.every(x => x !== undefined)) return undefined;
  const of = known[0]?.elem ?? "string";
  const how = { of, to, attrs: op === "parses" ? { to: attrs["elem"]! } : attrs };
  const value = relOp(op)!.eval(
    known.map(x => x.value),
    how,
  ) as Scalar; // as: none of them makes a tensor
  if (typeof value === "string") return text(value);
  if (typeof value === "boolean") return bool(value);
  const x = Number(value);
  if (typeof value === "bigint" && !Number.isSafeInteger(x)) return undefined;
  return to === "time"
    ? cellValue(build.constant(x, scalar("time"), span))
    : number(to === "f32" ? Math.fround(x) : x, to);
}
/** a value known when compiling, as REL has it */
function scalarOf(v: Value): { readonly value: Scalar; readonly elem: CellElem } | undefined {
  if (v.k === "text") return { value: v.text, elem: "string" };
  if (v.k === "cell") {
    const e = v.expr;
    const instant = e.k === "const" && e.type.elem === "time" && typeof e.value === "number";
    return instant ? { value: BigInt(e.value as number), elem: "time" } : undefined; // as: seen
  }
  if (v.k !== "constant" || v.shape.length) return undefined;
  const x = v.data[0];
  const elem = settled(v.elem);
  if (typeof x !== "number" || elem === "f16" || elem === "string" || elem === "time") return undefined;
  if (elem === "bool") return { value: x !== 0, elem };
  if (elem === "i64") return Number.isSafeInteger(x) ? { value: BigInt(x), elem } : undefined;
  if (elem === "u8") return { value: x, elem: "i32" };
  return { value: elem === "f32" ? Math.fround(x) : x, elem };
}
