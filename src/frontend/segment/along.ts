/**
 * Texts that are made along an axis of tensors outside of rows: each slice is a row of a table, of which an engine makes what kernels cannot, and
 * the loop or map that is left reads that as tensors. A state of which a text is made goes through the rows as a list. Knows no REL.
 */
import type { Span } from "../../ir/node.ts";
import { countTo, foldOf, withElement } from "../check/along.ts";
import * as build from "../check/build.ts";
import { type Dim, productOf } from "../check/dims.ts";
import {
  type Expr,
  type Fn,
  inputsOf,
  type LeafType,
  leaves,
  mapTree,
  type Op,
  type TensorType,
  type Tree,
  type Var,
} from "../core.ts";
import { mapped, type Named, type Rdd, rowOf } from "./columns.ts";
import { engineParts, isRdd, needsEngine } from "./kinds.ts";
import { Rewriting, withParts } from "./rewrite.ts";
import { Untranslatable } from "./scope.ts";

/** of texts with axes, place by place: each place is a row */
export function placeByPlace(e: Op): Expr | undefined {
  if (e.depth > 0 || e.type.k !== "tensor" || !e.type.shape.length || e.op === "lookup") return undefined;
  const { type, span } = e;
  if (!needsEngine(e) || e.args.some(a => a.type.k !== "tensor") || Object.keys(e.fns).length) return undefined;
  const n = productOf(type.shape);
  const columns = e.args.map((a, i) => {
    const t = tensorIn(a);
    const whole = build.op("broadcast", [a], { ...t, shape: type.shape }, span);
    return [`${i}`, build.op("reshape", [whole], { ...t, shape: [n] }, span)] as const;
  });
  const rows = mapped(tableOf(n, columns, span), span, vars => [
    ["0", build.op(e.op, vars, { ...type, shape: [] }, span, { attrs: e.attrs })],
  ]);
  return build.op("reshape", collected(rows, n, span), type, span);
}
/** a tensor for each leaf of a map or loop outside of rows in which an engine has parts; undefined: it has none */
export function alongRows(e: Op): readonly Expr[] | undefined {
  if (e.depth > 0) return undefined;
  if (e.op === "map") return mapAlong(e);
  return e.op === "loop" ? loopAlong(e) : undefined;
}
const typesOf = (e: Op): readonly TensorType[] => {
  if (e.type.k !== "tuple") throw new Error(`internal: ${e.op} gives no tuple`);
  return e.type.of;
};
const I32: TensorType = { k: "tensor", elem: "i32", shape: [] };
const tensorIn = (e: Expr): TensorType => e.type as TensorType; // as: seen by who asks
const all = (f: Fn): readonly Expr[] => leaves(f.body).map(([, e]) => e);
const results = (e: Op): readonly Expr[] => typesOf(e).map((t, i) => build.get(e, i, t, e.span));
const record = (es: readonly Expr[]): Tree<Expr> => ({
  k: "record",
  fields: es.map((x, i) => [`${i}`, { k: "leaf", of: x }] as const),
});

/** its parts of an engine, which are stacked */
function cellParts(f: Fn): readonly Expr[] {
  const parts = engineParts(f);
  const list = parts.find(p => p.type.k === "list");
  if (!list) return parts;
  const instead = 'one string of it, as fold(.., "", (s, x) => s + x): what hangs on no row is made before the rows';
  throw new Untranslatable("a list that a function around the rows makes for them", list.span, instead);
}

// ---- maps

function mapAlong(e: Op): readonly Expr[] | undefined {
  const f = e.fns["f"]!;
  const parts = cellParts(f);
  if (!parts.length) return undefined;
  const { span } = e;
  const n = typesOf(e)[0]!.shape[0]!;
  const made = madeByRows(n, e.args, f, parts, span);
  const depth = f.params[0]!.depth;
  const vars = parts.map((p, i) => build.variable(`${i}`, tensorIn(p), depth, p.span));
  const body = Rewriting.renamed(all(f), new Map<Expr, Expr>(parts.map((p, i) => [p, vars[i]!])));
  const fns = { f: build.closeFn([...f.params, ...vars], record(body), depth, f.span) };
  return results(withParts(e, [...e.args, ...made], fns, e.type));
}
/** what `parts` of a function of slices of `xs` are for each: kernels compute what they are made of, an engine them */
function madeByRows(n: Dim, xs: readonly Expr[], f: Fn, parts: readonly Expr[], span: Span): readonly Expr[] {
  const inputs = largest(parts, e => !hasEngine(e), [...f.params, ...f.captures]);
  const first = inputs.length ? mapOf(n, xs, f, inputs, span) : [];
  const columns = [...xs, ...first].map((x, i) => [`${i}`, x] as const);
  const rows = mapped(tableOf(n, columns, span), span, vars => {
    const local = new Map<Expr, Expr>([...f.params, ...inputs].map((p, i) => [p, vars[i]!]));
    return Rewriting.renamed(parts, local).map((p, i) => [`${i}`, p] as const);
  });
  return collected(rows, n, span);
}
/** `of` of a function of slices for each of them, stacked */
function mapOf(n: Dim, xs: readonly Expr[], f: Fn, of: readonly Expr[], span: Span): readonly Expr[] {
  const types = of.map((x): TensorType => ({ ...tensorIn(x), shape: [n, ...tensorIn(x).shape] }));
  const fn = build.closeFn(f.params, record(of), f.params[0]!.depth, f.span);
  return results(build.op("map", xs, { k: "tuple", of: types }, span, { fns: { f: fn } }));
}
/** the largest tensors in them, none of them a constant, of which `fits` is true */
function largest(roots: readonly Expr[], fits: (e: Expr) => boolean, outside: readonly Expr[]): readonly Expr[] {
  const out = new Set<Expr>();
  const seen = new Set<Expr>(outside);
  const stack = [...roots];
  while (stack.length) {
    const e = stack.pop()!;
    if (seen.has(e) || e.depth === 0 || e.k === "const") continue;
    seen.add(e);
    if (e.type.k === "tensor" && fits(e)) out.add(e);
    else stack.push(...inputsOf(e));
  }
  return [...out];
}
function hasEngine(root: Expr): boolean {
  const seen = new Set<Expr>();
  const stack = [root];
  while (stack.length) {
    const e = stack.pop()!;
    // what hangs on no function has been made before
    if (seen.has(e) || e.depth === 0) continue;
    seen.add(e);
    if (needsEngine(e)) return true;
    // rows are gone over in each trip, whoever makes them
    if (e.k === "op" && !isRdd(e) && e.args.some(isRdd)) continue;
    stack.push(...inputsOf(e));
    if (e.k === "op") for (const f of Object.values(e.fns)) stack.push(...all(f));
  }
  return false;
}

// ---- loops

function loopAlong(e: Op): readonly Expr[] | undefined {
  const f = e.fns["f"]!;
  const until = e.fns["until"];
  const parts = cellParts(f);
  const last = until ? cellParts(until) : [];
  if (!parts.length && !last.length) return undefined;
  const { span } = e;
  const count = Number(e.attrs["states"]);
  const n = e.attrs["times"] as Dim; // as: check made it one
  const isFree = freeOf(new Set<Expr>(f.params.slice(0, count)));
  const trips = e.args.length > count ? f : withElement(f, f.params[0]!.depth, span);
  const xs = e.args.length > count ? e.args.slice(count) : [countTo(n, span)];
  const slices: Fn = { ...trips, params: trips.params.slice(count) };
  if (!last.length && parts.every(isFree)) {
    const made = mapOf(n, xs, slices, parts, span);
    const [params, body] = withLocal(f, parts);
    return results(withParts(e, [...e.args, ...made], { ...e.fns, f: closed(params, body, f) }, e.type));
  }
  // what hangs on no state is computed before, and goes with the elements
  const inputs = largest(all(f), isFree, [...f.params, ...f.captures]);
  const before = inputs.length ? mapOf(n, xs, slices, inputs, span) : [];
  const [params, body] = withLocal(trips, inputs);
  return folded(e, [...xs, ...before], closed(params, body, f), n);
}
/** the function with the parts as parameters more */
function withLocal(f: Fn, parts: readonly Expr[]): readonly [params: readonly Var[], body: readonly Expr[]] {
  const vars = parts.map((p, i) => build.variable(`${i}`, tensorIn(p), f.params[0]!.depth, p.span));
  const local = new Map<Expr, Expr>(parts.map((p, i) => [p, vars[i]!]));
  return [[...f.params, ...vars], Rewriting.renamed(all(f), local)];
}
const closed = (params: readonly Var[], body: readonly Expr[], like: Fn): Fn =>
  build.closeFn(params, record(body), like.params[0]!.depth, like.span);
/** whether an expression hangs on none of these */
function freeOf(on: ReadonlySet<Expr>): (e: Expr) => boolean {
  const known = new Map<Expr, boolean>();
  return root => {
    const stack = [root];
    while (stack.length) {
      const e = stack[stack.length - 1]!;
      const open = on.has(e) ? [] : inputsOf(e).filter(x => !known.has(x));
      if (open.length) {
        stack.push(...open);
        continue;
      }
      stack.pop();
      known.set(e, !on.has(e) && inputsOf(e).every(x => known.get(x)));
    }
    return known.get(root)!;
  };
}
/** the state goes through a list of the slices, which is one row */
function folded(e: Op, xs: readonly Expr[], f: Fn, n: Dim): readonly Expr[] {
  const { span } = e;
  const count = Number(e.attrs["states"]);
  const isAll = e.attrs["all"] === true;
  const table = tableOf(
    n,
    xs.map((x, i) => [`${i}`, x] as const),
    span,
  );
  const rows = listOfRows(table, span);
  const depth = f.params[0]!.depth;
  const deeper = (g: Fn): Fn => {
    const params = g.params.map(p => build.variable(p.name, p.type, depth + 1, p.span));
    const local = new Map<Expr, Expr>(g.params.map((p, i) => [p, params[i]!]));
    return build.closeFn(params, record(Rewriting.renamed(all(g), local)), depth + 1, g.span);
  };
  const until = e.fns["until"];
  const list = build.variable("list", leaves(rows.type.row)[0]![1], depth, span);
  const folding = { start: e.args.slice(0, count), f: deeper(f), until: until && deeper(until), all: isAll };
  const made = foldOf(list, folding, span);
  if (made.type.k !== "list") throw new Error("internal: a fold is a list");
  const fns = { f: build.closeFn([list], { k: "leaf", of: made }, depth, span) };
  const states = build.op("rdd.flat", [rows], { k: "rdd", row: made.type.of }, span, { fns }) as Op & Rdd; // as: of that type
  const tensors = collected(states, isAll ? n : 1, span).slice(0, count);
  return isAll ? tensors : tensors.map((x, i) => build.op("reshape", [x], typesOf(e)[i]!, span));
}

// ---- lists outside of rows

/** before: mean(list, x => net(x)) --> the same in a function of one row, of which the lists are columns: there kernels have parts in elements */
export function inOneRow(e: Expr, type: TensorType): Expr | undefined {
  const { span } = e;
  const lists = listsIn(e);
  if (!lists.length) return undefined;
  const one = build.op("rows", [countTo(1, span)], { k: "rdd", row: { k: "leaf", of: I32 }, rows: 1 }, span) as Op &
    Rdd; // as: of that type
  const row = mapped(one, span, () => lists.map((l, i) => [`${i}`, l] as const));
  const made = mapped(row, span, vars => {
    const local = new Map<Expr, Expr>(lists.map((l, i) => [l, vars[i]!]));
    return [["0", deepened(e, local)]];
  });
  return build.op("reshape", collected(made, 1, span), type, span);
}
/** with `local` replaced; what stood in functions stands one function deeper: chance counts the elements, not the row */
function deepened(e: Expr, local: Map<Expr, Expr>): Expr {
  const known = local.get(e);
  if (known) return known;
  const of = (x: Expr): Expr => deepened(x, local);
  const made = ((): Expr => {
    if (e.k === "get") return build.get(of(e.of), e.index, e.type, e.span);
    if (e.k === "check") return build.check(of(e.of), e.low, e.high, e.message, e.span);
    if (e.k !== "op") return e;
    const fns = Object.entries(e.fns).map(([name, f]): readonly [string, Fn] => {
      const depth = (f.params[0]?.depth ?? e.depth + 1) + 1;
      const params = f.params.map(p => build.variable(p.name, p.type, depth, p.span));
      for (const [i, p] of f.params.entries()) local.set(p, params[i]!);
      return [name, build.closeFn(params, mapTree(f.body, of), depth, f.span)];
    });
    const args = e.args.map(of);
    if (!fns.length && e.depth === 0 && args.every((a, i) => a === e.args[i])) return e;
    const place = e.place === undefined ? {} : { place: e.place };
    const depth = e.depth > 0 ? e.depth + 1 : 0;
    return build.op(e.op, args, e.type, e.span, { attrs: e.attrs, fns: Object.fromEntries(fns), depth, ...place });
  })();
  local.set(e, made);
  return made;
}
/** lists outside of functions that are made of no list */
function listsIn(root: Expr): readonly Expr[] {
  const out: Expr[] = [];
  const seen = new Set<Expr>();
  const stack = [root];
  while (stack.length) {
    const e = stack.pop()!;
    if (seen.has(e)) continue;
    seen.add(e);
    const of = inputsOf(e);
    if (e.type.k === "list" && !of.some(x => x.type.k === "list")) out.push(e);
    else stack.push(...of);
  }
  return out;
}

// ---- tables of slices

/** the slices along axis 0 of tensors as rows */
function tableOf(n: Dim, columns: Named<Expr>, span: Span): Rdd {
  const places = build.op("rows", [countTo(n, span)], { k: "rdd", row: { k: "leaf", of: I32 }, rows: n }, span) as Op &
    Rdd; // as: of that type
  return mapped(places, span, ([at]) =>
    columns.map(([name, x]) => {
      const t = tensorIn(x);
      const type: TensorType = { ...t, shape: t.shape.slice(1) };
      return [name, build.op("gather", [x, at!], type, span, { attrs: { axis: 0 } })] as const;
    }),
  );
}
/** one row: all rows as a list */
function listOfRows(d: Rdd, span: Span): Op & Rdd {
  const depth = d.depth + 1;
  const vars = leaves(d.type.row).map(([path, t]) => build.variable(path, t, depth, span));
  const type: LeafType = { k: "list", of: rowOf(vars.map(v => [v.name, v.type] as const)) };
  const close = (body: Tree<Expr>): Fn => build.closeFn(vars, body, depth, span);
  const fns = {
    key: close({ k: "record", fields: [] }),
    a0: close({ k: "leaf", of: build.op("list", vars, type, span) }),
  };
  const row = rowOf([["a0", type]]);
  return build.op("rdd.group", [d], { k: "rdd", row }, span, { attrs: { ops: ["concat"] }, fns }) as Op & Rdd; // as: of that type
}
function collected(d: Rdd, n: Dim, span: Span): readonly Expr[] {
  const of = leaves(d.type.row).map(([, t]): TensorType => {
    if (t.k === "list") throw new Error("internal: a list among tensors");
    return { ...t, shape: [n, ...t.shape] };
  });
  const whole = build.op("rdd.collect", [d], { k: "tuple", of }, span);
  return of.map((t, i) => build.get(whole, i, t, span));
}
