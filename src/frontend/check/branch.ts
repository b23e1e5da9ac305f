/** What `if` gives where only the run knows the condition: one value of the two. Knows no syntax. */
import type { Span } from "../../ir/node.ts";
import type { TensorType } from "../core.ts";
import * as build from "./build.ts";
import type { Constant } from "./builtin.ts";
import { chosen } from "./choice.ts";
import { fail } from "./context.ts";
import { relate } from "./dims.ts";
import { toExpr, where } from "./operate.ts";
import { rowsOf } from "./relational.ts";
import { select } from "./select.ts";
import { asSequence } from "./sequence.ts";
import { describe } from "./types.ts";
import {
  type Frame,
  isCallable,
  isTensor,
  POISON,
  recordOf,
  type TensorValue,
  tensorValue,
  typeOf,
  type Value,
} from "./value.ts";

/** both sides are computed; they have one type */
export function choose(f: Frame, c: Constant | TensorValue, a: Value, b: Value, span: Span): Value {
  if (a.k === "poison" || b.k === "poison") return POISON;
  const differ = (): never =>
    fail(f, {
      message: `the branches of \`if\` differ: ${describe(a)} and ${describe(b)}`,
      span,
      help: "a condition that is known only when the program runs needs two branches of one type",
    });
  if (a.k === "record" && b.k === "record") {
    if (a.fields.size !== b.fields.size || [...a.fields.keys()].some(n => !b.fields.has(n))) return differ();
    return recordOf([...a.fields].map(([n, v]) => [n, choose(f, c, v, b.fields.get(n)!, span)] as const));
  }
  if (isTensor(a) && isTensor(b)) {
    const [x, y] = [typeOf(a).shape, typeOf(b).shape];
    if (x.length !== y.length || x.some((d, i) => relate(d, y[i]!) === "different")) return differ();
    return where(f, c, a, b, span, "if");
  }
  // the records of a group, or what is left of them, are a list
  const [p, q] = [a, b].map(v => (v.k === "group" ? asSequence(f, v, span)! : v)) as [Value, Value]; // as: two
  const one = select(f, c, p, q, span, "if");
  if (one) return one;
  if (a.k === "rdd" && b.k === "rdd") return rowsOf(f, toExpr(c, "bool", span), a, b, span) ?? differ();
  const both = [a, b];
  const bool: TensorType = { k: "tensor", elem: "bool", shape: [] };
  const second = tensorValue(build.cast(build.op("not", [toExpr(c, "bool", span)], bool, span), "i32", span));
  if (a.k === "list" && b.k === "list" && a.items.length === b.items.length)
    return { k: "list", items: a.items.map((x, i) => choose(f, c, x, b.items[i]!, span)) };
  if (both.every(isCallable) || (a.k === b.k && CHOSEN.has(a.k))) return chosen(f, second, both, span);
  return differ();
}

/** values of which the run can name one */
const CHOSEN: ReadonlySet<Value["k"]> = new Set(["list", "text", "spelled", "oneOf"]);
