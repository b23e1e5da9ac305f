/** Literals that hold others: lists and tensors in brackets, records; and the fields of a record. */
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import type { TensorType } from "../core.ts";
import { report } from "../diagnostics/catalogue.ts";
import * as build from "./build.ts";
import type { Constant } from "./builtin.ts";
import { chosen } from "./choice.ts";
import { fail, placed } from "./context.ts";
import { sameDims } from "./dims.ts";
import { isCell } from "./infix.ts";
import { toExpr } from "./operate.ts";
import { textInTensor } from "./text-in-tensor.ts";
import { describe, type Elem, promote } from "./types.ts";
import {
  type Frame,
  isTensor,
  knownOf,
  POISON,
  recordOf,
  settled,
  type TensorValue,
  tensorValue,
  typeOf,
  type Value,
} from "./value.ts";

/** numbers and equal tensors are stacked, anything else is a list */
export function list(e: Ast.List, f: Frame): Value {
  const items = e.items.map(i => f.cx.evaluate(i, f));
  if (items.some(i => i.k === "poison")) return POISON;
  if (items.length === 0) return { k: "constant", elem: "int", shape: [0], data: [] };
  const numbers = items.some(i => isTensor(i) || (i.k === "maybe" && i.value.k === "tensor"));
  const cell = items.findIndex(i => isCell(i) || (i.k === "maybe" && i.value.k === "cell"));
  if (cell >= 0 && numbers) return textInTensor(f, e.items[cell]!.span, items[cell]!);
  const maybe = items.findIndex(i => i.k === "maybe");
  if (maybe >= 0 && numbers) {
    const { span } = e.items[maybe]!;
    const what = f.cx.text(span);
    const parts = { what, type: describe(items[maybe]!), op: "[ ]", needs: "numbers", span };
    return fail(f, report.mayBeMissing({ ...parts, help: `${what} ?? 0, or |> drop_missing before this map` }));
  }
  if (!items.every(isTensor)) return { k: "list", items };
  return stack(f, items, e.span);
}
export const stack = (f: Frame, items: readonly (Constant | TensorValue)[], span: Span): Value =>
  stacked(f, items, span) ?? { k: "list", items };
/** undefined where the elements do not stack: their shapes are not provably equal, or bools stand beside numbers */
function stacked(f: Frame, items: readonly (Constant | TensorValue)[], span: Span): Value | undefined {
  const elemOf = (v: Constant | TensorValue): Elem => (v.k === "constant" ? v.elem : v.expr.type.elem);
  const first = typeOf(items[0]!);
  let elem: Elem | undefined = elemOf(items[0]!);
  for (const v of items) {
    if (!sameDims(typeOf(v).shape, first.shape)) return undefined;
    elem = elemOf(v) === elem ? elem : promote(elem, elemOf(v));
    if (elem === undefined) return undefined;
  }
  const known = items.map(knownOf);
  const sides = first.shape;
  const all = known.every(k => k !== undefined) && sides.every(d => typeof d === "number");
  const constant: Constant | undefined = all
    ? {
        k: "constant",
        elem,
        shape: [items.length, ...(sides as readonly number[])],
        data: known.flatMap(k => k!.constant.data),
      }
    : undefined;
  if (constant && items.every(v => v.k === "constant")) return constant;
  const final = settled(elem);
  const args = items.map(v => toExpr(v, final, placed(f, span)));
  const type: TensorType = { k: "tensor", elem: final, shape: [items.length, ...first.shape] };
  return tensorValue(
    build.op("stack", args, type, placed(f, span)),
    constant ? { known: { constant, params: [...new Set(known.flatMap(k => k!.params))] } } : {},
  );
}

export function record(e: Ast.RecordLiteral, f: Frame): Value {
  const fields = new Map<string, Value>();
  const own = new Map<string, Span>();
  for (const field of e.fields) {
    const v = f.cx.evaluate(field.value, f);
    if (field.k === "spread") {
      if (v.k === "poison") return POISON;
      if (v.k !== "record")
        return fail(f, { message: `\`...\` copies the fields of a record, this is ${describe(v)}`, span: field.span });
      for (const [n, x] of v.fields) fields.set(n, x);
      continue;
    }
    const before = own.get(field.name.text);
    if (before)
      fail(f, {
        message: `two fields \`${field.name.text}\` in one record`,
        span: field.name.span,
        notes: [{ message: "the first", span: before }],
      });
    own.set(field.name.text, field.name.span);
    fields.set(field.name.text, v);
  }
  return recordOf(fields);
}
export function member(f: Frame, v: Value, field: Ast.Name, of: Span): Value {
  if (v.k === "poison") return POISON;
  const n = field.text;
  if (v.k === "record") {
    const x = v.fields.get(n);
    if (x) return x;
    if (v.table) return fail(f, report.unknownColumn({ name: n, ...v.table, span: field.span }));
    // `.name` alone is a function of a record
    const whose = f.cx.text(of).startsWith(".") ? `a record${f.over ? ` of ${f.over}` : ""}` : f.cx.text(of);
    return fail(f, report.unknownField({ name: n, of: whose, fields: [...v.fields.keys()], span: field.span }));
  }
  if (v.k === "oneOf" && v.items.every(x => x.k === "record"))
    return chosen(
      f,
      v.index,
      v.items.map(x => member(f, x, field, of)),
      of,
    );
  if (v.k === "module") {
    const b = v.scope.names.get(n);
    if (b) return b.value();
    return fail(
      f,
      report.unknownName({
        name: `${v.name}.${n}`,
        candidates: [...v.scope.names.keys()].map(x => `${v.name}.${x}`),
        span: field.span,
      }),
    );
  }
  const own = f.cx.text(of);
  const help =
    v.k === "rdd"
      ? `one record has fields: ${own} |> map(r => r.${n})`
      : v.k === "group"
        ? `of all of them: mean(${own}, .${n}), map(${own}, .${n}); of the first: first(${own}).${n}`
        : undefined;
  return fail(f, {
    message: `\`.${n}\` needs a record, this is ${v.k === "rdd" ? "an " : ""}${describe(v)}`,
    span: field.span,
    help,
  });
}
