/** Binary operators between any two values: strings and instants beside numbers, `none`, and message 4 where a value may be missing. */
import type { Span } from "../../ir/node.ts";
import type { Expr, TensorType } from "../core.ts";
import { report } from "../diagnostics/catalogue.ts";
import * as build from "./build.ts";
import { fail, placed } from "./context.ts";
import { type At, binary, isComparison, OPS, type Operator } from "./operate.ts";
import { broadcast, describe } from "./types.ts";
import {
  bool,
  type Cell,
  cellValue,
  type Frame,
  isTensor,
  type Maybe,
  POISON,
  settledValue,
  type Text,
  tensorValue,
  text,
  typeOf,
  type Value,
} from "./value.ts";

export function infix(f: Frame, o: Operator, a: Value, b: Value, at: At): Value {
  if (a.k === "poison" || b.k === "poison") return POISON;
  if (a.k === "none" || b.k === "none") return withNone(f, o, a, b, at);
  for (const [v, span] of [[a, at.a] as const, [b, at.b] as const])
    if (v.k === "maybe")
      return mayBeMissing(f, v, { op: o, needs: needs(v), span, rest: other => `${other(at.a)} ${o} ${other(at.b)}` });
  if (isCell(a) || isCell(b)) return ofCells(f, o, a, b, at);
  return binary(f, o, a, b, at);
}
export const isCell = (v: Value): v is Cell | Text => v.k === "cell" || v.k === "text";
/** what a string or an instant is; undefined: neither */
export const cellElem = (v: Value): "string" | "time" | undefined =>
  v.k === "text" ? "string" : v.k === "cell" ? (v.expr.type.elem as "string" | "time") : undefined; // as: a cell has no other
export const cellExpr = (v: Cell | Text, span: Span): Expr =>
  v.k === "text" ? build.textConstant(v.text, span) : v.expr;

function ofCells(f: Frame, o: Operator, a: Value, b: Value, at: At): Value {
  const [x, y] = [cellElem(a), cellElem(b)];
  if (!isCell(a) || !isCell(b) || x !== y) return mixed(f, o, a, b, at);
  if (a.k === "text" && b.k === "text") {
    if (o === "+") return text(a.text + b.text);
    if (isComparison(o)) return bool(compared(o, byCodePoints(a.text, b.text)));
  }
  const args = [cellExpr(a, at.a), cellExpr(b, at.b)];
  const [s, t] = args.map(e => e.type as TensorType); // as: cells
  const both = broadcast(s!.shape, t!.shape);
  if (both.k === "differ" || both.unsure.length)
    return fail(f, { message: `shapes differ in \`${o}\`: ${describe(a)} and ${describe(b)}`, span: at.span });
  const { shape } = both;
  const span = placed(f, at.span);
  if (isComparison(o)) return tensorValue(build.op(OPS[o], args, { k: "tensor", elem: "bool", shape }, span));
  if (o === "+" && x === "string")
    return cellValue(build.op("join_text", args, { k: "tensor", elem: "string", shape }, span));
  const [left, right] = [f.cx.text(at.a), f.cx.text(at.b)];
  return fail(f, {
    message: `\`${o}\` needs numbers, this is ${describe(a)}`,
    span: at.a,
    ...(x === "time" ? { help: o === "-" ? `seconds(${left}) - seconds(${right})` : `seconds(${left})` } : {}),
  });
}
function mixed(f: Frame, o: Operator, a: Value, b: Value, at: At): never {
  const [v, other, span, rest] = isCell(a) ? [a, b, at.a, at.b] : [b, a, at.b, at.a];
  if (isComparison(o))
    return fail(f, {
      message: `\`${o}\` compares ${describe(a)} with ${describe(b)}: both need one type`,
      span: at.span,
      ...converted(f, v, other, rest, span),
    });
  if (o === "+" && cellElem(v) === "string" && isTensor(other))
    return fail(f, {
      message: `\`+\` joins strings, this is ${describe(other)}`,
      span: rest,
      ...(typeOf(other).shape.length ? {} : { help: `string(${f.cx.text(rest)})` }),
    });
  return fail(f, {
    message: `\`${o}\` needs numbers, this is ${describe(v)}`,
    span,
    ...(cellElem(v) === "time" ? { help: `seconds(${f.cx.text(span)})` } : {}),
  });
}
function converted(f: Frame, v: Value, other: Value, rest: Span, own: Span): { help?: string } {
  if (cellElem(v) === "time" && cellElem(other) === "string")
    return { help: `parse_time(${f.cx.text(rest)}, "%Y-%m-%d")` };
  if (cellElem(v) === "string" && cellElem(other) === "time")
    return { help: `parse_time(${f.cx.text(own)}, "%Y-%m-%d")` };
  if (cellElem(v) === "string" && isTensor(other) && typeOf(other).shape.length === 0)
    return { help: `string(${f.cx.text(rest)})` };
  return {};
}
/** by code points, as an engine orders strings */
function byCodePoints(a: string, b: string): number {
  const [x, y] = [[...a], [...b]];
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const d = x[i]!.codePointAt(0)! - y[i]!.codePointAt(0)!;
    if (d) return d;
  }
  return x.length - y.length;
}
const compared = (o: Operator, c: number): boolean =>
  ({ "==": c === 0, "!=": c !== 0, "<": c < 0, "<=": c <= 0, ">": c > 0, ">=": c >= 0 })[o as "=="];

const needs = (v: Maybe): string =>
  cellElem(v.value) === "string" ? "a string" : cellElem(v.value) === "time" ? "a time" : "a number";
/** message 4. `rest`: the whole with what stands there for the place of this value */
export function mayBeMissing(
  f: Frame,
  v: Maybe,
  p: { op: string; needs: string; span: Span; what?: string; rest: (other: (s: Span) => string) => string },
): never {
  const what = p.what ?? f.cx.text(p.span);
  const parts = { what, type: describe(v), op: p.op, needs: p.needs, span: p.span };
  const own = /^\w+(\.(\w+|"[^"]*"))+$/.test(what); // a field of the row, not what is made of it here
  const before = own ? "|> drop_missing" : `|> map(r => { ...r, x: ${what} }) |> drop_missing`;
  const drop = f.over === undefined ? undefined : `${before} before this map`;
  const instead = p.needs === "a time" ? undefined : `${what} ?? ${p.needs === "a string" ? '""' : "0"}`;
  const whole = instead && p.rest(s => (s === p.span ? `(${instead})` : f.cx.text(s)));
  return fail(f, report.mayBeMissing({ ...parts, help: whole && drop ? `${whole}, or ${drop}` : (whole ?? drop) }));
}
function withNone(f: Frame, o: Operator, a: Value, b: Value, at: At): Value {
  const maybe = a.k === "maybe" ? a : b.k === "maybe" ? b : undefined;
  if (maybe && o === "!=") return settledValue(maybe.present);
  const there = maybe && settledValue(maybe.present);
  if (there?.k === "constant" && o === "==") return bool(there.data[0] === 0);
  if (maybe && o === "==")
    return tensorValue(build.op("not", [maybe.present.expr], maybe.present.expr.type, placed(f, at.span)));
  if (o === "==" || o === "!=") return bool(((a.k === "none") === (b.k === "none")) === (o === "=="));
  return fail(f, { message: `\`${o}\` needs a number, this is none`, span: a.k === "none" ? at.a : at.b });
}
