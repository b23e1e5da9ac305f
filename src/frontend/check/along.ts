/**
 * map, fold, scan and iterate along an axis of a tensor where texts are made. Outside of rows what is made is stacked leaf by leaf, texts too,
 * as collect does; in a row, where a column has no tensor of texts, texts are a list. Knows no engine.
 */
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import {
  type CoreElem,
  type Expr,
  type Fn,
  inputsOf,
  type LeafType,
  type ListType,
  leaves,
  mapTree,
  type TensorType,
  type Tree,
} from "../core.ts";
import { needsEngine } from "../segment/kinds.ts";
import { Rewriting } from "../segment/rewrite.ts";
import { functionOf, valueOfTree } from "./apply.ts";
import * as build from "./build.ts";
import { fail, placed } from "./context.ts";
import type { Dim } from "./dims.ts";
import { listType } from "./list.ts";
import { toExpr } from "./operate.ts";
import { describe } from "./types.ts";
import { type Frame, type Given, isTensor, type Sequence, settled, type Value } from "./value.ts";

/** a tensor, or strings or instants with an axis; undefined: it has none to go along */
export function withAxis(v: Value, span: Span): (Expr & { readonly type: TensorType }) | undefined {
  const e = isTensor(v)
    ? toExpr(v, settled(v.k === "constant" ? v.elem : v.expr.type.elem), span)
    : v.k === "cell"
      ? v.expr
      : undefined;
  return e?.type.k === "tensor" && e.type.shape.length ? (e as Expr & { readonly type: TensorType }) : undefined; // as: seen
}
const isTextElem = (e: CoreElem): boolean => e === "string" || e === "time";
const isText = (e: Expr): boolean => e.type.k === "tensor" && isTextElem(e.type.elem);
/** whether what functions deeper than `depth` give is texts or lists, or made of texts or lists that hang on their parameters */
export function makesTexts(bodies: readonly Tree<Expr>[], depth: number): boolean {
  const stack = bodies.flatMap(b => leaves(b).map(([, e]) => e));
  if (stack.some(e => isText(e) || e.type.k === "list")) return true;
  const seen = new Set<Expr>();
  while (stack.length) {
    const e = stack.pop()!;
    if (seen.has(e) || e.depth <= depth) continue;
    seen.add(e);
    if (needsEngine(e)) return true;
    stack.push(...inputsOf(e));
    if (e.k === "op") for (const f of Object.values(e.fns)) stack.push(...leaves(f.body).map(([, x]) => x));
  }
  return false;
}
/** what is stacked has the same sides in each */
export function stackable(f: Frame, body: Tree<Expr>, what: string, span: Span): Tree<TensorType> {
  return mapTree(body, e =>
    e.type.k === "tensor"
      ? e.type
      : fail(f, {
          message: `${what} is stacked, and lists have any length: this is ${describe(valueOfTree(body))}`,
          span,
          help: "rows(x) |> map(..)",
        }),
  );
}
/** the slices of a tensor along axis 0 as a list of the row */
export function slicesOf(f: Frame, x: Expr & { readonly type: TensorType }, span: Span): Sequence {
  const { type } = x;
  const elem = type.elem === "u8" ? "i32" : type.elem;
  const of: Tree<TensorType> = { k: "leaf", of: { ...type, elem, shape: type.shape.slice(1) } };
  return sequenceOf(build.op("list.slices", [x], listType(of), placed(f, span)));
}
const sequenceOf = (e: Expr): Sequence => ({ k: "sequence", expr: e as Sequence["expr"] }); // as: of type list
/** in a row, of each slice what `fn` gives: numbers stacked, texts and lists a list */
export function mapInRow(f: Frame, x: Expr & { readonly type: TensorType }, fn: Given, site: Ast.Expr): Value {
  const list = slicesOf(f, x, site.span);
  const made = functionOf(f, fn.value, list.expr.type.of, fn.span, site, "what map gives", {});
  const n = x.type.shape[0]!;
  return valueOfTree(
    mapTree(made.body, e => {
      const body: Tree<Expr> = { k: "leaf", of: e };
      const type = listType({ k: "leaf", of: e.type as LeafType }); // as: of an element
      const own = build.op("list.map", [list.expr], type, placed(f, site.span), { fns: { f: made.fn(body) } });
      return isText(e) || e.type.k !== "tensor" ? own : stackedList(own, e.type, n, placed(f, site.span));
    }),
  );
}
/** a list of `n` tensors of one type as a tensor */
function stackedList(list: Expr, of: TensorType, n: Dim, span: Span): Expr {
  const zero = build.constant(0, { k: "tensor", elem: of.elem, shape: [] }, span);
  return build.op("pad_to", [list, zero], { ...of, shape: [n, ...of.shape] }, span, { attrs: { n } });
}

// ---- a state from element to element

/** iterate, fold or scan: its start, and its functions over the leaves of the state, then of an element */
export interface Folding {
  readonly start: readonly Expr[];
  readonly f: Fn;
  /** of the state before, then of the one behind it: whether this is the last trip */
  readonly until: Fn | undefined;
  /** all states */
  readonly all: boolean;
}
const BOOL: TensorType = { k: "tensor", elem: "bool", shape: [] };
const stateName = (i: number): string => `s${i}`;
/** a list of the last state, or of all: their leaves by `stateName`, and behind an `until` whether it has ended */
export function foldOf(list: Expr, { start, f, until, all }: Folding, span: Span): Expr {
  const next = leaves(f.body).map(([, e]) => e);
  const types = start.map(e => e.type as TensorType); // as: states are tensors and texts
  const named = (of: readonly Expr[]): Tree<Expr> => record(of.map((e, i) => [stateName(i), e]));
  const attrs = { all };
  const made = (of: readonly TensorType[], from: readonly Expr[], fn: Fn): Expr =>
    build.op("list.fold", [list, ...from], listType(record(of.map((t, i) => [stateName(i), t]))), span, {
      attrs,
      fns: { f: fn },
    });
  const depth = f.params[0]?.depth ?? until?.params[0]?.depth ?? 1;
  if (!until) return made(types, start, build.closeFn(f.params, named(next), depth, span));
  // a state that has ended stays as it is
  const [states, elements] = [f.params.slice(0, start.length), f.params.slice(start.length)];
  const done = build.variable(stateName(start.length), BOOL, depth, span);
  const local = new Map<Expr, Expr>(until.params.map((p, i) => [p, states[i] ?? next[i - states.length]!]));
  const [ends] = Rewriting.renamed([leaves(until.body)[0]![1]], local) as [Expr]; // as: one of one
  const held = next.map((e, i) => build.op("where", [done, states[i]!, e], types[i]!, span));
  const body = named([...held, build.op("or", [done, ends], BOOL, span)]);
  const no = build.constant(0, BOOL, span);
  return made([...types, BOOL], [...start, no], build.closeFn([...states, done, ...elements], body, depth, span));
}
const record = <T>(fields: readonly (readonly [name: string, of: T])[]): Tree<T> => ({
  k: "record",
  fields: fields.map(([n, of]) => [n, { k: "leaf", of }] as const),
});
const I32: TensorType = { k: "tensor", elem: "i32", shape: [] };
/** 0, 1 .. */
export const countTo = (n: Dim, span: Span): Expr =>
  build.op("range", [], { ...I32, shape: [n] }, span, { attrs: { start: n, stop: null } });
/** in a row: the last state, or all, numbers stacked and texts a list; `over`: the tensors that it goes along, leaf by leaf */
export function foldInRow(
  f: Frame,
  folding: Folding,
  state: Tree<TensorType>,
  over: readonly Expr[],
  times: Dim,
  site: Ast.Expr,
): Value {
  const span = placed(f, site.span);
  const depth = f.depth + 1;
  const places = slicesOf(f, countTo(times, span) as TensorExpr, span).expr; // as: of a tensor
  const place = build.variable("", I32, depth, span);
  const lists = over.map(x => slicesOf(f, x as TensorExpr, span).expr); // as: tensors and texts
  const at = lists.map((l, i): readonly [string, Expr] => {
    const of = leaves(l.type.of)[0]![1];
    return [`x${i}`, build.op("list.at", [l, place], of, span, { attrs: { leaf: "" } })];
  });
  const elements = at.length ? at : [["x0", place] as const];
  const type = listType(record(elements.map(([n, e]) => [n, e.type as TensorType]))); // as: tensors and texts
  const fn = build.closeFn([place], record(elements), depth, span);
  const list = build.op("list.map", [places], type, span, { fns: { f: fn } });
  const own = at.length ? folding : { ...folding, f: withElement(folding.f, depth, span) };
  const made = foldOf(list, own, span);
  let i = 0;
  return valueOfTree(
    mapTree(state, (t): Expr => {
      const leaf = stateName(i++);
      if (!folding.all) return build.op("list.at", [made, build.constant(0, I32, span)], t, span, { attrs: { leaf } });
      const all = (made.type as ListType).of; // as: a fold is a list
      const vars = leaves(all).map(([path, x]) => build.variable(path, x, depth, span));
      const body = build.closeFn(vars, { k: "leaf", of: vars.find(v => v.name === leaf)! }, depth, span);
      const states = build.op("list.map", [made], listType({ k: "leaf", of: t }), span, { fns: { f: body } });
      return isTextElem(t.elem) ? states : stackedList(states, t, times, span);
    }),
  );
}
type TensorExpr = Expr & { readonly type: TensorType };
/** a function of the state alone as one that goes over elements */
export const withElement = (f: Fn, depth: number, span: Span): Fn => ({
  ...f,
  params: [...f.params, build.variable("x0", I32, depth, span)],
});
