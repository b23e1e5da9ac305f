/**
 * The records of one key, as the aggregate of group_by sees them: what is reduced becomes a column of the groups. What a column cannot be,
 * as it reads another one or is a tensor, is made of the list of the records.
 */
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import { type CoreElem, type Expr, type LeafType, leaves, mapTree, type TensorType, type Tree } from "../core.ts";
import { apply, cellsOf, valueOfTree } from "./apply.ts";
import * as build from "./build.ts";
import { fail, placed, Reported } from "./context.ts";
import { guard } from "./guard.ts";
import { logic, toExpr, truth } from "./operate.ts";
import {
  filterSequence,
  firstOfSequence,
  lengthOfSequence,
  mapSequence,
  reduceSequence,
  summedIn,
} from "./sequence.ts";
import { describe, showType } from "./types.ts";
import { type Frame, type Given, type Group, isTensor, tensorValue, treeOf, typeOf, type Value } from "./value.ts";

const I32: TensorType = { k: "tensor", elem: "i32", shape: [] };
/** functions of a record of the group */
export const recordsOf = (f: Frame, g: Group): Frame => ({
  ...f,
  depth: g.sink.depth,
  over: g.sink.over,
  outside: "rdd",
  instances: undefined,
});
const at = (span: Span): { span: Span; a: Span; b: Span } => ({ span, a: span, b: span });

/** in a function of a record, or of an element of a list: a record of the group that it reads is another one than the function's own */
export const isInside = (f: Frame, g: Group): boolean => f.depth >= g.sink.depth;

export function mapGroup(f: Frame, g: Group, fn: Given, site: Ast.Expr): Value {
  if (isInside(f, g)) return mapSequence(f, g.sink.list(g, site.span), fn, site);
  const row = apply(recordsOf(f, g), fn.value, [g.row], fn.span, site);
  if (row.k === "poison") throw new Reported();
  return { ...g, row };
}
export function filterGroup(f: Frame, g: Group, fn: Given, site: Ast.Expr): Value {
  if (isInside(f, g)) return filterSequence(f, g.sink.list(g, site.span), fn, site);
  const v = apply(recordsOf(f, g), fn.value, [g.row], fn.span, site);
  if (v.k === "poison") throw new Reported();
  const c = truth(f, "filter", v, fn.span);
  if (typeOf(c).shape.length)
    return fail(f, { message: `the condition of filter is one bool, this is ${describe(c)}`, span: fn.span });
  return only(f, g, c, site.span);
}
/** those of them that are counted already and fulfil the condition */
export function only(f: Frame, g: Group, condition: Value, span: Span): Group {
  const both = g.where ? logic(f, "and", g.where, condition, at(span)) : condition;
  if (!isTensor(both)) throw new Reported();
  const where = both.k === "tensor" ? both : tensorValue(toExpr(both, "bool", span));
  return { ...g, where };
}
export function countGroup(f: Frame, g: Group, span: Span): Value {
  if (g.sink.reads([g.where?.expr])) return lengthOfSequence(f, g.sink.list(g, span), span);
  return tensorValue(g.sink.add("count", I32, undefined, g.where?.expr, span));
}

/** sum, mean, min, max, any, all of what `fn` gives of each record; what is missing is skipped */
export function reduceGroup(
  f: Frame,
  name: string,
  g: Group,
  fn: Given,
  site: Ast.Expr,
  elemOf: (e: CoreElem) => CoreElem | undefined,
): Value {
  if (isInside(f, g)) return reduceSequence(f, name, g.sink.list(g, site.span), fn, site, elemOf);
  const v = apply(recordsOf(f, g), fn.value, [g.row], fn.span, site);
  if (v.k === "poison") throw new Reported();
  if (v.k === "maybe")
    return reduceGroup(f, name, only(f, g, v.present, fn.span), { ...fn, value: always(v.value) }, site, elemOf);
  const body = cellsOf(recordsOf(f, g), v, fn.span, `what ${name} goes over`);
  const typed = mapTree(body, (e): Expr => {
    const elem = e.type.k === "tensor" ? elemOf(e.type.elem) : undefined;
    if (elem) return build.cast(e, summedIn(name, elem), site.span);
    return fail(f, {
      message: `${name} needs ${name === "any" || name === "all" ? "bools" : "numbers"}, this is ${describe(v)}`,
      span: fn.span,
    });
  });
  const all = leaves(typed).map(([, e]) => e);
  const elems = leaves(body).map(([, e]) => elemOf((e.type as TensorType).elem)!); // as: seen
  if (all.some(e => e.type.k === "tensor" && e.type.shape.length) || g.sink.reads([...all, g.where?.expr])) {
    const list = g.sink.list({ ...g, row: valueOfTree(typed) }, site.span);
    return inHalves(reduceSequence(f, name, list, { ...fn, value: same }, site, elemOf), elems, site.span);
  }
  return inHalves(atLeastOne(name, g, typed, placed(f, site.span)), elems, site.span);
}
/** a sum or mean of halves, which was made in f32 */
function inHalves(v: Value, elems: readonly CoreElem[], span: Span): Value {
  if (!elems.includes("f16")) return v;
  let i = 0;
  return valueOfTree(
    mapTree(treeOf(v), (x): Expr => {
      if (!isTensor(x)) throw new Reported();
      return build.cast(toExpr(x, typeOf(x).elem, span), elems[i++]!, span);
    }),
  );
}
const always = (value: Value): Value => ({ k: "native", name: "value", call: () => value });
const same: Value = { k: "native", name: "value", call: ([x]) => x! };

/** the first record of the group */
export function firstOfGroup(f: Frame, g: Group, site: Ast.Expr): Value {
  const row = cellsOf(recordsOf(f, g), g.row, site.span, "a record");
  const all = leaves(row).map(([, e]) => e);
  const isPlain = all.every(e => e.type.k === "tensor" && !e.type.shape.length);
  if (!isPlain || g.sink.reads([...all, g.where?.expr]))
    return firstOfSequence(f, g.sink.list(g, site.span), "a group", site.span);
  return atLeastOne("first", g, row, placed(f, site.span));
}
/** how many values there are; what is missing is none. undefined: they are none of a column */
export function distinctInGroup(f: Frame, g: Group, fn: Given, site: Ast.Expr): Value | undefined {
  if (isInside(f, g)) return undefined;
  const v = apply(recordsOf(f, g), fn.value, [g.row], fn.span, site);
  if (v.k === "poison") throw new Reported();
  const there = v.k === "maybe" ? only(f, g, v.present, fn.span) : g;
  const body = cellsOf(recordsOf(f, g), v.k === "maybe" ? v.value : v, fn.span, "what count_distinct goes over");
  if (body.k !== "leaf" || there.sink.reads([body.of, there.where?.expr])) return undefined;
  if (body.of.type.k !== "tensor" || body.of.type.shape.length)
    return fail(f, {
      message: `count_distinct compares numbers, strings and times, this is ${showType(body.of.type)}`,
      span: fn.span,
    });
  return tensorValue(g.sink.add("count_distinct", I32, body.of, there.where?.expr, placed(f, site.span)));
}

/** of no record there is no least, no greatest and no first: a fault of this place */
function atLeastOne(name: string, g: Group, body: Tree<Expr>, span: Span): Value {
  const add = (e: Expr): Expr => g.sink.add(name, e.type as LeafType, e, g.where?.expr, span); // as: a leaf of a row
  const total = name === "sum" || name === "mean" || name === "any" || name === "all";
  if (total || !g.where) return valueOfTree(mapTree(body, add));
  const count = g.sink.add("count", I32, undefined, g.where.expr, span);
  const message = `a group has no record here, and of nothing there is no ${name === "first" ? "first" : name === "min" ? "least" : "greatest"}`;
  const some = build.op("gt", [count, build.constant(0, I32, span)], { k: "tensor", elem: "bool", shape: [] }, span);
  return valueOfTree(mapTree(body, e => guard(some, add(e), message, span)));
}
