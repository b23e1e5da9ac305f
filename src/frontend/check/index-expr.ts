/** `x[i]`, `x[a:b]`, `x[ids]`, `x[..., 0]`: slices where the index is known, gathers behind a check where it is not. */
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import type { Expr, TensorType } from "../core.ts";
import * as build from "./build.ts";
import type { Constant } from "./builtin.ts";
import { chosen } from "./choice.ts";
import { fail, fix, placed, Reported, unsureDim } from "./context.ts";
import { addDims, compareDims, type Dim, productOf, showDim, subDims } from "./dims.ts";
import { elementAt, FOLDED } from "./fold.ts";
import { cellElem, cellExpr, isCell } from "./infix.ts";
import { toExpr } from "./operate.ts";
import { elementOf } from "./sequence.ts";
import { partOf } from "./sequence-order.ts";
import { broadcast, describe, isInteger, showTensor } from "./types.ts";
import {
  type Cell,
  cellValue,
  type Frame,
  isTensor,
  type Known,
  knownOf,
  POISON,
  type Sequence,
  settled,
  type TensorValue,
  tensorValue,
  typeOf,
  type Value,
} from "./value.ts";

/** what is taken of one axis */
type Take =
  | { readonly k: "all" }
  | { readonly k: "one"; readonly at: Dim }
  | { readonly k: "part"; readonly from: Dim; readonly size: Dim }
  | { readonly k: "gather"; readonly ids: Constant | TensorValue; readonly span: Span };

export function index(f: Frame, e: Ast.Index): Value {
  const v = f.cx.evaluate(e.value, f);
  if (v.k === "poison") return POISON;
  if (v.k === "list") return element(f, v.items, e);
  const list = v.k === "group" ? v.sink.list(v, e.span) : v;
  if (list.k === "sequence") return ofSequence(f, list, e);
  if (v.k === "cell" && v.expr.type.shape.length) return ofCells(f, v, e);
  if (v.k === "closure" && (v.kind === "layer" || v.kind === "model"))
    return fail(f, {
      message: `\`[ ]\` needs a tensor, this is ${describe(v)}`,
      span: e.value.span,
      help: `${v.name}(..)[..]`,
    });
  if (!isTensor(v))
    return fail(f, {
      message: `\`[ ]\` needs a tensor or a list, this is ${v.k === "rdd" ? "an " : ""}${describe(v)}`,
      span: e.value.span,
      help:
        v.k === "rdd"
          ? "first records: take(n) |> collect"
          : v.k === "record"
            ? "a field of a record is r.name"
            : undefined,
    });
  const shape = typeOf(v).shape;
  const takes = plan(f, e, v, shape);
  if (takes === undefined) return POISON;
  const known = foldIndex(v, takes);
  if (known && v.k === "constant") return known.constant;
  const out = residual(f, v, takes, placed(f, e.span));
  return known ? { ...out, known } : out;
}
function element(f: Frame, items: readonly Value[], e: Ast.Index): Value {
  const [item] = e.items;
  if (e.items.length !== 1 || !item || item.k === "rest")
    return fail(f, { message: "a list has one axis", span: e.span });
  const bound = (x: Ast.Expr | undefined, otherwise: number): number => {
    if (!x) return otherwise;
    const k = knownOf(f.cx.evaluate(x, f));
    const n = k?.constant.data[0];
    if (!k || k.constant.shape.length || !isInteger(k.constant.elem) || typeof n !== "number")
      return fail(f, { message: "an index into a list must be known when compiling", span: x.span });
    fix(f, k.params);
    return n < 0 ? n + items.length : n;
  };
  if (item.k === "slice") return { k: "list", items: items.slice(bound(item.from, 0), bound(item.to, items.length)) };
  const own = f.cx.evaluate(item.value, f);
  if (own.k === "poison") return POISON;
  const isOne =
    isTensor(own) && isInteger(own.k === "constant" ? own.elem : own.expr.type.elem) && !typeOf(own).shape.length;
  // a number that data decide is a dim
  const isOpen = isOne && typeof (knownOf(own)?.constant.data[0] ?? {}) === "object";
  if (isOpen && items.length) {
    const at = own.k === "tensor" ? own : tensorValue(toExpr(own, "i32", item.span));
    return oneOf(f, items, at, e, item.span);
  }
  const at = bound(item.value, 0);
  return items[at] ?? fail(f, { message: `index ${at} of a list of ${items.length}`, span: item.span });
}

/** the run chooses one of a list that is known when compiling */
function oneOf(f: Frame, items: readonly Value[], at: TensorValue, e: Ast.Index, span: Span): Value {
  const message = `index \`${f.cx.text(span)}\` is out of range: the list has ${items.length} elements`;
  const i = build.check(toExpr(at, "i32", span), 0, items.length, message, placed(f, span));
  if (items.every(isCell)) {
    const elem = cellElem(items[0]!)!;
    if (items.every(v => cellElem(v) === elem && (v.k === "text" || !v.expr.type.shape.length))) {
      const all = items.map(v => cellExpr(v, e.span));
      const list = build.op("stack", all, { k: "tensor", elem, shape: [items.length] }, placed(f, e.span));
      return cellValue(
        build.op("gather", [list, i], { k: "tensor", elem, shape: [] }, placed(f, e.span), { attrs: { axis: 0 } }),
      );
    }
  }
  return chosen(f, tensorValue(i), items, e.span);
}
/** an element, or the elements between two places */
function ofSequence(f: Frame, s: Sequence, e: Ast.Index): Value {
  const [item] = e.items;
  if (e.items.length !== 1 || !item || item.k === "rest")
    return fail(f, { message: "a list has one axis", span: e.span });
  const integer = (x: Ast.Expr): Constant | TensorValue => {
    const v = f.cx.evaluate(x, f);
    if (v.k === "poison") throw new Reported();
    if (isTensor(v) && isInteger(v.k === "constant" ? v.elem : v.expr.type.elem) && typeOf(v).shape.length === 0)
      return v;
    return fail(f, { message: `an index into a list is one integer, this is ${describe(v)}`, span: x.span });
  };
  const bound = (x: Ast.Expr): number => {
    const k = knownOf(integer(x));
    const n = k?.constant.data[0];
    if (!k || typeof n !== "number")
      return fail(f, { message: "the ends of a slice must be known when compiling", span: x.span });
    fix(f, k.params);
    return n;
  };
  if (item.k === "slice")
    return partOf(f, s, item.from ? bound(item.from) : 0, item.to ? bound(item.to) : null, e.span);
  const at = integer(item.value);
  const i = toExpr(at, "i32", item.span);
  const n = knownOf(at)?.constant.data[0];
  const message = `index \`${f.cx.text(item.span)}\` is out of range: the list has no such element`;
  if (typeof n !== "number" || n >= 0) return elementOf(f, s, i, message, e.span);
  const length = build.op("list.length", [s.expr], { k: "tensor", elem: "i32", shape: [] }, e.span);
  return elementOf(
    f,
    s,
    build.op("add", [length, i], { k: "tensor", elem: "i32", shape: [] }, e.span),
    message,
    e.span,
  );
}
/** of strings or instants of a collect: as of a tensor */
function ofCells(f: Frame, v: Cell, e: Ast.Index): Value {
  const t = tensorValue(v.expr);
  const takes = plan(f, e, t, v.expr.type.shape);
  return takes === undefined ? POISON : cellValue(residual(f, t, takes, placed(f, e.span)).expr);
}

function plan(f: Frame, e: Ast.Index, v: Constant | TensorValue, shape: readonly Dim[]): readonly Take[] | undefined {
  const rest = e.items.findIndex(i => i.k === "rest");
  const given = e.items.length - (rest >= 0 ? 1 : 0);
  if (e.items.filter(i => i.k === "rest").length > 1)
    return fail(f, { message: "`...` stands once in an index", span: e.span });
  if (given > shape.length)
    return fail(f, {
      message: `${given === 1 ? "an index" : `${given} indices`} into ${showTensor(typeOf(v))}, which has ${shape.length === 0 ? "no axis" : `${shape.length} ax${shape.length === 1 ? "is" : "es"}`}`,
      span: e.span,
    });
  const takes: Take[] = [];
  let wrong = false;
  for (const item of e.items) {
    if (item.k === "rest") {
      for (let i = given; i < shape.length; i++) takes.push({ k: "all" });
      continue;
    }
    const axis = takes.length;
    const size = shape[axis]!;
    if (item.k === "slice") takes.push(part(f, item, size, axis));
    else {
      const x = f.cx.evaluate(item.value, f);
      if (x.k === "poison") wrong = true;
      takes.push(x.k === "poison" ? { k: "all" } : at(f, x, item.span, size, axis, knownOf(v) !== undefined));
    }
  }
  while (takes.length < shape.length) takes.push({ k: "all" });
  return wrong ? undefined : takes;
}
const axisText = (size: Dim, axis: number): string => `axis ${axis} has ${showDim(size)}`;
function at(f: Frame, x: Value, span: Span, size: Dim, axis: number, constant: boolean): Take {
  if (!isTensor(x) || !isInteger(x.k === "constant" ? x.elem : x.expr.type.elem))
    return fail(f, { message: `an index is an integer, this is ${describe(x)}`, span });
  const k = knownOf(x);
  // a param that is an index alone stays an input of the run
  if (k && k.constant.shape.length === 0 && (k.params.length === 0 || constant)) {
    fix(f, k.params);
    const d = k.constant.data[0]!;
    const low = typeof d === "number" && d < 0 ? addDims(size, d) : d;
    if (compareDims(low, 0) === "<" || [">", ">=", "="].includes(compareDims(low, size)))
      return fail(f, { message: `index ${showDim(d)} is out of range`, span, label: axisText(size, axis) });
    return { k: "one", at: low };
  }
  if (x.k === "constant") {
    const low = x.data.map(d => (typeof d === "number" && d < 0 ? addDims(size, d) : d));
    const bad = low.findIndex(d => compareDims(d, 0) === "<" || [">", ">=", "="].includes(compareDims(d, size)));
    if (bad >= 0)
      return fail(f, { message: `index ${showDim(x.data[bad]!)} is out of range`, span, label: axisText(size, axis) });
    return { k: "gather", ids: { ...x, data: low }, span };
  }
  return { k: "gather", ids: x, span };
}
function part(f: Frame, item: Ast.IndexItem & { k: "slice" }, size: Dim, axis: number): Take {
  const bound = (e: Ast.Expr | undefined, otherwise: Dim): Dim => {
    if (!e) return otherwise;
    const v = f.cx.evaluate(e, f);
    const k = knownOf(v);
    if (!k || k.constant.shape.length || !isInteger(k.constant.elem))
      return fail(f, {
        message:
          v.k === "tensor"
            ? "the ends of a slice must be known when compiling"
            : `the ends of a slice are integers, this is ${describe(v)}`,
        span: e.span,
        ...(v.k === "tensor" ? { help: "slice(x, [start], [size]) takes a start that is computed" } : {}),
      });
    fix(f, k.params);
    const d = k.constant.data[0]!;
    return typeof d === "number" && d < 0 ? addDims(size, d) : d;
  };
  const [from, to] = [bound(item.from, 0), bound(item.to, size)];
  if (compareDims(from, 0) === "<" || compareDims(to, size) === ">" || compareDims(from, to) === ">")
    return fail(f, {
      message: `the slice ${showDim(from)}:${showDim(to)} is out of range`,
      span: item.span,
      label: axisText(size, axis),
    });
  return { k: "part", from, size: subDims(to, from) };
}

function foldIndex(v: Constant | TensorValue, takes: readonly Take[]): Known | undefined {
  const k = knownOf(v);
  if (!k || pairsUp(takes)) return undefined;
  const axes: number[][] = [];
  const shape: number[] = [];
  for (const [d, t] of takes.entries()) {
    const side = k.constant.shape[d]!;
    const own = indices(t, side);
    if (!own) return undefined;
    axes.push(own);
    if (t.k === "gather") shape.push(...(typeOf(t.ids).shape as readonly number[]));
    else if (t.k !== "one") shape.push(own.length);
  }
  const size = axes.reduce((n, a) => n * a.length, 1);
  if (size > FOLDED) return undefined;
  const data: Dim[] = [];
  for (let i = 0; i < size; i++) {
    let rest = i;
    let flat = 0;
    let stride = 1;
    for (let d = axes.length - 1; d >= 0; d--) {
      const a = axes[d]!;
      flat += a[rest % a.length]! * stride;
      rest = Math.floor(rest / a.length);
      stride *= k.constant.shape[d]!;
    }
    data.push(elementAt(k.constant, k.constant.shape, flat));
  }
  return { constant: { k: "constant", elem: k.constant.elem, shape, data }, params: k.params };
}
function indices(t: Take, side: number): number[] | undefined {
  switch (t.k) {
    case "all":
      return Array.from({ length: side }, (_, i) => i);
    case "one":
      return typeof t.at === "number" ? [t.at] : undefined;
    case "part": {
      const { from, size } = t;
      return typeof from === "number" && typeof size === "number"
        ? Array.from({ length: size }, (_, i) => from + i)
        : undefined;
    }
    case "gather":
      return t.ids.k === "constant" && t.ids.data.every(d => typeof d === "number")
        ? [...(t.ids.data as readonly number[])]
        : undefined;
    default:
      return t satisfies never;
  }
}

function residual(f: Frame, v: Constant | TensorValue, takes: readonly Take[], span: Span): TensorValue {
  let e = toExpr(v, settled(v.k === "constant" ? v.elem : v.expr.type.elem), span);
  const type = e.type as TensorType;
  const sizes = type.shape.map((d, i) => {
    const t = takes[i]!;
    return t.k === "one" ? 1 : t.k === "part" ? t.size : d;
  });
  if (takes.some(t => t.k === "one" || t.k === "part")) {
    const start = takes.map(t => (t.k === "one" ? t.at : t.k === "part" ? t.from : 0));
    const cut: TensorType = { ...type, shape: sizes };
    e = build.op("slice", [e], cut, span, { attrs: { start, step: sizes.map(() => 1), size: sizes } });
  }
  // axes with one known index go first, so that what is left are the axes to gather
  const kept = sizes.filter((_, i) => takes[i]!.k !== "one");
  if (kept.length < sizes.length) e = build.op("reshape", [e], { ...type, shape: kept }, span);
  const source = v.k === "tensor" && v.source ? { source: v.source } : {};
  const together = pairsUp(takes);
  const left: Take[] = [];
  let axis = 0;
  for (const t of takes) {
    if (t.k === "one") continue;
    // one number takes its axis away, as a known one does
    if (t.k === "gather" && !(together && isPlaces(t))) {
      e = gatherAxis(f, e, t.ids, axis, t.span, span);
      axis += typeOf(t.ids).shape.length;
      continue;
    }
    left.push(t);
    axis++;
  }
  if (together) e = gatherPlaces(f, e, left, span);
  return tensorValue(e, source);
}
const isPlaces = (t: Take): t is Extract<Take, { k: "gather" }> => t.k === "gather" && typeOf(t.ids).shape.length > 0;
/** several tensors are the coordinates of places together */
const pairsUp = (takes: readonly Take[]): boolean => takes.filter(isPlaces).length > 1;
/** as NumPy: the tensors broadcast, and their shape stands where their axes were, or first where others lie between them */
function gatherPlaces(f: Frame, x: Expr, takes: readonly Take[], span: Span): Expr {
  const type = x.type as TensorType; // as: of a tensor
  const axes = takes.flatMap((t, i) => (isPlaces(t) ? [i] : []));
  const first = axes[0]!;
  const at = axes.every((a, i) => a === first + i) ? first : 0;
  const others = takes.flatMap((t, i) => (isPlaces(t) ? [] : [i]));
  const order = [...others.slice(0, at), ...axes, ...others.slice(at)];
  const turned = (axis: number): Dim => type.shape[axis]!;
  const moved = order.every((a, i) => a === i)
    ? x
    : build.op("transpose", [x], { ...type, shape: order.map(turned) }, span, { attrs: { axes: order } });
  const sides = axes.map(turned);
  const rest = others.map(turned);
  const merged: TensorType = { ...type, shape: [...rest.slice(0, at), productOf(sides), ...rest.slice(at)] };
  const whole = build.op("reshape", [moved], merged, span);
  const place = takes.filter(isPlaces).reduce<Expr | undefined>((so, t, i) => {
    const own = checked(f, t.ids, sides[i]!, axes[i]!, t.span);
    if (!so) return own;
    const shape = placesShape(f, so, own, t.span);
    const skip = build.constant(sides[i]!, { k: "tensor", elem: "i32", shape: [] }, span);
    const lines = build.op("mul", [so, skip], so.type, span);
    return build.op("add", [lines, own], { k: "tensor", elem: "i32", shape }, span);
  }, undefined)!;
  const shape = [...rest.slice(0, at), ...(place.type as TensorType).shape, ...rest.slice(at)]; // as: of i32
  return build.op("gather", [whole, place], { ...type, shape }, span, { attrs: { axis: at } });
}
function placesShape(f: Frame, a: Expr, b: Expr, span: Span): readonly Dim[] {
  const [x, y] = [a.type as TensorType, b.type as TensorType]; // as: of i32
  const both = broadcast(x.shape, y.shape);
  if (both.k === "differ")
    return fail(f, {
      message: `an index by several tensors needs shapes that broadcast, these are ${showTensor(x)} and ${showTensor(y)}`,
      span,
    });
  const message = `shapes of an index by several tensors differ: ${showTensor(x)} and ${showTensor(y)}`;
  for (const [p, q] of both.unsure) unsureDim(f, p, q, message, span);
  return both.shape;
}
function gatherAxis(f: Frame, x: Expr, ids: Constant | TensorValue, axis: number, at: Span, span: Span): Expr {
  const type = x.type as TensorType;
  const safe = checked(f, ids, type.shape[axis]!, axis, at);
  const shape = [...type.shape.slice(0, axis), ...typeOf(ids).shape, ...type.shape.slice(axis + 1)];
  return build.op("gather", [x, safe], { ...type, shape }, span, { attrs: { axis } });
}
/** a place outside of the axis is a fault */
function checked(f: Frame, ids: Constant | TensorValue, size: Dim, axis: number, at: Span): Expr {
  const plain = toExpr(ids, "i32", placed(f, at));
  const shown = f.cx.text(at);
  return ids.k === "constant"
    ? plain
    : build.check(
        plain,
        0,
        size,
        `index \`${shown}\` is out of range: axis ${axis} has ${showDim(size)}`,
        placed(f, at),
      );
}
