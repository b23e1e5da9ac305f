/** Transforms of rdds; of lists known when compiling, unrolled; and map over a tensor. */
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import { type Expr, type LeafType, leaves, mapTree, type TensorType, type Tree } from "../core.ts";
import { makesTexts, mapInRow, stackable, withAxis } from "./along.ts";
import { apply, cellsOf, functionOf, rowTree, valueOfTree } from "./apply.ts";
import { just } from "./arguments.ts";
import * as build from "./build.ts";
import { fail, fix, Reported } from "./context.ts";
import { type Dim, divDims, sameDim } from "./dims.ts";
import { type Args, countOf, dimOf, perRecord, type RddExpr, rddOf, rddOp, rddValue, shown, simple } from "./given.ts";
import { filterGroup, mapGroup } from "./group.ts";
import { logic, toExpr } from "./operate.ts";
import { placeOf, repeated } from "./scope.ts";
import { asSequence, filterSequence, mapSequence } from "./sequence.ts";
import { sliceAt } from "./slices.ts";
import { describe, showType } from "./types.ts";
import {
  bool,
  type Frame,
  type Given,
  integers,
  isTensor,
  knownOf,
  number,
  type RddValue,
  recordOf,
  type Sequence,
  type Special,
  type TensorValue,
  treeOf,
  type Value,
} from "./value.ts";

export function map(f: Frame, args: Args, site: Ast.Expr): Value {
  const c = args.get("c")!;
  const fn = args.get("f")!;
  if (c.value.k === "poison" || fn.value.k === "poison") throw new Reported();
  if (c.value.k === "list")
    return { k: "list", items: c.value.items.map((x, i) => apply(unrolled(f, site, i), fn.value, [x], fn.span, site)) };
  if (isTensor(c.value) || withAxis(c.value, c.span)) return mapTensor(f, c, fn, site);
  if (c.value.k === "sequence") return mapSequence(f, c.value, fn, site);
  if (c.value.k === "group") return mapGroup(f, c.value, fn, site);
  const d = rddOf(f, "map", c);
  const made = functionOf(perRecord(f, c), fn.value, d.expr.type.row, fn.span, site, "a row", d);
  const row = rowTree(made.body);
  const out = rddOp("rdd.map", rddValue(d.expr, d.sources), { k: "rdd", row, ...rowsOf(d) }, site.span, {
    fns: { f: made.fn(made.body) },
  });
  return { ...out, sources: sourcesIn(made.result) };
}
/** leaves that are as they were read */
const sourcesIn = (v: Value): ReadonlyMap<string, string> =>
  new Map(leaves(treeOf(v)).flatMap(([path, x]) => (x.k === "tensor" && x.source ? [[path, x.source] as const] : [])));
const rowsOf = (d: RddValue): { rows?: Dim } => (d.expr.type.rows === undefined ? {} : { rows: d.expr.type.rows });
export const unrolled = (f: Frame, site: Ast.Expr, i: number): Frame => ({ ...f, place: `${placeOf(f, site)}.${i}` });

function mapTensor(f: Frame, c: Given, fn: Given, site: Ast.Expr): Value {
  const x = withAxis(c.value, c.span);
  if (!x) return fail(f, { message: `map needs an axis to go along, this is ${describe(c.value)}`, span: c.span });
  // constants stay constants: shapes, sizes of layers
  if (c.value.k === "constant" && c.value.data.length <= 64) {
    const all = Array.from({ length: c.value.shape[0]! }, (_, i) => sliceAt(c.value as never, i, c.span));
    const out = all.map((x, i) => apply(repeated(f, i), fn.value, [x], fn.span, site));
    if (out.some(v => v.k === "poison")) throw new Reported();
    return out.length && out.every(isTensor) ? f.cx.stack(f, out, site.span) : { k: "list", items: out };
  }
  const { type } = x;
  const n = type.shape[0]!;
  const made = functionOf(
    repeated(f),
    fn.value,
    { k: "leaf", of: { ...type, shape: type.shape.slice(1) } },
    fn.span,
    site,
    "what map gives",
    {},
  );
  if (f.depth > 0 && makesTexts([made.body], f.depth)) return mapInRow(f, x, fn, site);
  const of = stackable(f, made.body, "what map gives", fn.span);
  const result = mapTree(of, r => ({ ...r, shape: [n, ...r.shape] }));
  const all = leaves(result).map(([, r]) => r);
  const node = build.op("map", [x], { k: "tuple", of: all }, site.span, { fns: { f: made.fn(made.body) } });
  let i = 0;
  return valueOfTree(mapTree(result, r => build.get(node, i++, r, site.span)));
}
/** records stacked leaf by leaf */
export function stacked(f: Frame, items: readonly Value[], span: Span): Value {
  const first = items[0];
  if (items.length && items.every(isTensor)) return f.cx.stack(f, items, span);
  if (first?.k === "record")
    return {
      k: "record",
      fields: new Map(
        [...first.fields.keys()].map(n => {
          const own = items.map(v => (v.k === "record" ? v.fields.get(n) : undefined));
          if (own.some(v => v === undefined)) throw new Reported();
          return [n, stacked(f, own as readonly Value[], span)] as const;
        }),
      ),
    };
  return { k: "list", items };
}
export function filter(f: Frame, args: Args, site: Ast.Expr): Value {
  const c = args.get("c")!;
  const fn = args.get("f")!;
  if (c.value.k === "list") {
    const conditions = c.value.items.map((x, i) => apply(unrolled(f, site, i), fn.value, [x], fn.span, site));
    // which elements stay hangs on the record
    if (f.depth > 0 && conditions.some(v => isTensor(v) && !knownOf(v)))
      return filterSequence(f, asSequence(f, c.value, c.span)!, fn, site);
    const kept = c.value.items.filter((_, i) => {
      const k = knownOf(conditions[i]!);
      if (k?.constant.elem !== "bool")
        return fail(f, { message: "filter of a list needs a condition that is known when compiling", span: fn.span });
      fix(f, k.params);
      return k.constant.data[0] === 1;
    });
    return { k: "list", items: kept };
  }
  const list = c.value.k === "cell" ? asSequence(f, c.value, c.span) : c.value;
  if (list?.k === "sequence") return filterSequence(f, list, fn, site);
  if (c.value.k === "group") return filterGroup(f, c.value, fn, site);
  const d = rddOf(f, "filter", c);
  const made = functionOf(perRecord(f, c), fn.value, d.expr.type.row, fn.span, site, "a condition", d);
  const body = made.body;
  if (body.k !== "leaf" || (body.of.type as TensorType).elem !== "bool" || (body.of.type as TensorType).shape.length)
    return fail(f, {
      message: `the condition of filter is one bool, this is ${describe(valueOfTree(body))}`,
      span: fn.span,
    });
  return rddOp("rdd.filter", d, { k: "rdd", row: d.expr.type.row }, site.span, { fns: { f: made.fn(body) } });
}
function take(f: Frame, args: Args, site: Ast.Expr): Value {
  const c = args.get("c")!;
  const n = args.get("n")!;
  if (isTensor(c.value))
    return fail(f, {
      message: `take is of an rdd, this is ${describe(c.value)}`,
      span: c.span,
      help: `${shown(f, c.span)}[0:${f.cx.text(n.span)}]`,
    });
  if (c.value.k === "list") return { k: "list", items: c.value.items.slice(0, countOf(f, "n", n, 0)) };
  const count = dimOf(f, "n", n, 0);
  const d = rddOf(f, "take", c);
  return rddOp("rdd.take", d, { k: "rdd", row: d.expr.type.row, rows: count }, site.span, { attrs: { count } });
}
function mapped(f: Frame, d: Given, fn: Value, site: Ast.Expr): RddValue {
  const v = map(
    f,
    new Map([
      ["c", d],
      ["f", { ...d, value: fn }],
    ]),
    site,
  );
  if (v.k !== "rdd") throw new Reported();
  return v;
}
function zipIndex(f: Frame, args: Args, site: Ast.Expr): Value {
  const given = args.get("d")!;
  const bare = rddOf(f, "zip_index", given);
  // rows without a name become the field `value`
  const one: Value = { k: "native", name: "value", call: ([x]) => recordOf([["value", x!]]) };
  const isRecord = bare.expr.type.row.k === "record" && !bare.expr.type.row.maybe;
  const d = isRecord ? bare : mapped(f, given, one, site);
  const row = d.expr.type.row;
  const fields = row.k === "record" ? row.fields : [];
  if (fields.some(([n]) => n === "index"))
    return fail(f, { message: "zip_index adds a field `index`, and there is one", span: args.get("d")!.span });
  const index: Tree<LeafType> = { k: "leaf", of: { k: "tensor", elem: "i64", shape: [] } };
  return rddOp(
    "rdd.number",
    d,
    { k: "rdd", row: { k: "record", fields: [...fields, ["index", index]] }, ...rowsOf(d) },
    site.span,
    { attrs: { column: "index" } },
  );
}
function rowsOfTensor(f: Frame, args: Args, site: Ast.Expr): Value {
  const x = args.get("x")!;
  if (x.value.k === "record") return rowsOfRecord(f, x, site);
  if (x.value.k === "sequence" && x.value.expr.depth === 0) return rowsOfList(f, x.value, x.span, site);
  if (x.value.k === "rdd") return fail(f, { message: "this is an rdd already", span: x.span });
  if (!isTensor(x.value) && x.value.k !== "cell")
    return fail(f, { message: `rows takes a tensor, this is ${describe(x.value)}`, span: x.span });
  const e = withAxis(x.value, x.span);
  if (!e) return fail(f, { message: `rows needs an axis to go along, this is ${describe(x.value)}`, span: x.span });
  const t = e.type;
  if (e.depth > 0 && isPerRecord(f))
    return fail(f, { message: "an rdd cannot be made for each record of another", span: site.span });
  const row: Tree<TensorType> = { k: "leaf", of: { ...t, shape: t.shape.slice(1) } };
  const sources = x.value.k === "tensor" && x.value.source ? new Map([["", x.value.source]]) : undefined;
  return rddValue(build.op("rows", [e], { k: "rdd", row, rows: t.shape[0]! }, site.span) as RddExpr, sources);
}

/** of the elements of a list of the run */
function rowsOfList(f: Frame, list: Sequence, span: Span, site: Ast.Expr): Value {
  const { of } = list.expr.type;
  const one: Tree<TensorType> = { k: "leaf", of: { k: "tensor", elem: "i32", shape: [] } };
  const row = rowsOfTensor(f, new Map([["x", { value: integers([0]), span, whole: span }]]), site) as RddValue; // as: of a tensor
  const fn = build.closeFn([build.variable("", one.of, 1, span)], { k: "leaf", of: list.expr }, 1, span);
  return rddOp("rdd.flat", row, { k: "rdd", row: of }, site.span, { fns: { f: fn } });
}
const isPerRecord = (f: Frame): boolean => f.over !== undefined || f.outside === "rdd";
/** of tensors with one leading dim, as collect makes them: a field of each */
function rowsOfRecord(f: Frame, x: Given, site: Ast.Expr): Value {
  const all = cellsOf(f, x.value, x.span, "what rows goes over");
  const sides = leaves(all).map(([, e]) => (e.type.k === "tensor" ? e.type.shape[0] : undefined));
  const n = sides[0];
  if (n === undefined || sides.some(d => d === undefined || !sameDim(d, n)))
    return fail(f, {
      message: `rows takes a record of tensors with one leading dim, this is ${describe(x.value)}`,
      span: x.span,
    });
  if (leaves(all).some(([, e]) => e.depth > 0) && isPerRecord(f))
    return fail(f, { message: "an rdd cannot be made for each record of another", span: site.span });
  const depth = f.depth + 1;
  const index: TensorType = { k: "tensor", elem: "i32", shape: [] };
  const places = f.cx.call(
    f,
    { k: "builtin", name: "range", builtin: f.cx.builtins.get("range") },
    just([number(n)], x.span),
    site,
    site.span,
  );
  if (!isTensor(places)) throw new Reported();
  const rows = build.op(
    "rows",
    [toExpr(places, "i32", x.span)],
    { k: "rdd", row: { k: "leaf", of: index }, rows: n },
    site.span,
  );
  const at = build.variable("", index, depth, site.span);
  const body = mapTree(all, (e): Expr => {
    const t = e.type as TensorType; // as: seen
    return build.op("gather", [e, at], { ...t, shape: t.shape.slice(1) }, site.span, { attrs: { axis: 0 } });
  });
  const fns = { f: build.closeFn([at], body, depth, site.span) };
  return rddOp("rdd.map", rddValue(rows as RddExpr), { k: "rdd", row: rowTree(body), rows: n }, site.span, { fns });
}

/** rows of which nothing is missing; their fields are then always there */
function dropMissing(f: Frame, args: Args, site: Ast.Expr): Value {
  const d = args.get("d")!;
  if (d.value.k !== "group" && d.value.k !== "sequence") rddOf(f, "drop_missing", d);
  return whole(f, d, identity, site);
}
export const identity: Value = { k: "native", name: "identity", call: args => args[0]! };
/** what `fn` gives of the rows, where nothing of it is missing */
export function whole(f: Frame, d: Given, fn: Value, site: Ast.Expr): Value {
  if (d.value.k === "rdd") {
    const { result } = functionOf(perRecord(f, d), fn, d.value.expr.type.row, d.span, site, "a row", d.value);
    if (!mayMiss(result))
      return fn === identity
        ? d.value
        : map(
            f,
            new Map([
              ["c", d],
              ["f", { ...d, value: fn }],
            ]),
            site,
          );
  }
  const step = (name: string, of: (v: Value) => Value): Given => ({
    ...d,
    value: { k: "native", name, call: (row, frame, span) => of(apply(frame, fn, row, span, site)) },
  });
  const there = filter(
    f,
    new Map([
      ["c", d],
      ["f", step("present", v => allOf(presence(v), f, d.span))],
    ]),
    site,
  );
  return map(
    f,
    new Map([
      ["c", { ...d, value: there }],
      ["f", step("value", present)],
    ]),
    site,
  );
}
export const mayMiss = (v: Value): boolean => presence(v).length > 0;
const presence = (v: Value): readonly TensorValue[] =>
  v.k === "maybe" ? [v.present] : v.k === "record" ? [...v.fields.values()].flatMap(presence) : [];
const allOf = (xs: readonly Value[], f: Frame, span: Span): Value =>
  xs.length ? xs.reduce((a, b) => logic(f, "and", a, b, { span, a: span, b: span })) : bool(true);
const present = (v: Value): Value =>
  v.k === "maybe" ? v.value : v.k === "record" ? recordOf([...v.fields].map(([n, x]) => [n, present(x)] as const)) : v;

export const rddSpecials: readonly (readonly [string, Special])[] = [
  simple("map(c, f)", map),
  simple("filter(c, f)", filter),
  simple("take(c, n)", take),
  simple("batch(d, n)", (f, args, site) => {
    const d = rddOf(f, "batch", args.get("d")!);
    const n = dimOf(f, "n", args.get("n")!);
    const row = mapTree(
      d.expr.type.row,
      (t, path): TensorType =>
        t.k === "tensor" && t.elem !== "string" && t.elem !== "time"
          ? { ...t, shape: [n, ...t.shape] }
          : fail(f, {
              message: `batch makes tensors, ${path ? `\`${path}\`` : "a row"} is ${showType(t)}`,
              span: site.span,
              help: "leave it out in a map before it",
            }),
    );
    const groups = d.expr.type.rows === undefined ? {} : { rows: divDims(d.expr.type.rows, n) };
    return rddOp("rdd.batch", d, { k: "rdd", row, ...groups }, site.span, { attrs: { count: n } });
  }),
  simple("zip_index(d)", zipIndex),
  simple("rows(x)", rowsOfTensor),
  simple("cache(d)", (f, args, site) => {
    const d = rddOf(f, "cache", args.get("d")!);
    return rddOp("rdd.cache", d, d.expr.type, site.span);
  }),
  simple("drop_missing(d)", dropMissing),
];
