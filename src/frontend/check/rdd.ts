/** Sources, transforms and actions of rdds; of lists known when compiling, unrolled; and map over a tensor. */
import { HostError, type Schema } from "../../ir/host.ts";
import type { Span } from "../../ir/node.ts";
import type { Column } from "../../ir/type.ts";
import type * as Ast from "../ast.ts";
import {
  type CoreElem,
  type Expr,
  leaves,
  mapTree,
  type RddType,
  type Source,
  type Static,
  type TensorType,
  type Tree,
} from "../core.ts";
import { report } from "../diagnostics/catalogue.ts";
import { apply, functionOf, typeTree, valueOfTree } from "./apply.ts";
import * as build from "./build.ts";
import { sliceAt, staticOf } from "./builtin-call.ts";
import { fail, fix, limit, newSymbol, Reported } from "./context.ts";
import { type Dim, divDims, relate } from "./dims.ts";
import { binary, toExpr } from "./operate.ts";
import { known, placeOf } from "./scope.ts";
import { integerNamed } from "./signature.ts";
import { describe, ELEMS, floated, isInteger, showTensor } from "./types.ts";
import {
  type Arguments,
  type Frame,
  type Given,
  isTensor,
  knownOf,
  NONE,
  number,
  type RddValue,
  recordOf,
  type Special,
  settled,
  tensorValue,
  treeOf,
  typeOf,
  type Value,
} from "./value.ts";

type RddExpr = RddValue["expr"];
type Args = ReadonlyMap<string, Given>;
type First = (args: Arguments) => boolean;
const firstOf = (args: Arguments): Value | undefined => args.positional[0]?.value ?? args.named[0]?.value;
/** the first argument is no tensor: the builtin on tensors of the same name is not meant */
const rows: First = args => {
  const v = firstOf(args);
  return v !== undefined && !isTensor(v);
};
const orNone = (args: Args, name: string): Value => args.get(name)?.value ?? NONE;
/** the text of an expression, short enough for a message */
export const shown = (f: Frame, span: Span): string => {
  const t = f.cx.text(span);
  return t.length > 40 || t.includes("\n") ? "this" : t;
};

/** the argument as an rdd; 7 where it is read for each record of another */
function rddOf(f: Frame, name: string, g: Given): RddValue {
  const v = g.value;
  if (v.k === "poison") throw new Reported();
  if (v.k !== "rdd")
    return fail(f, {
      message: `${name} takes an rdd, this is ${describe(v)}`,
      span: g.span,
      ...(isTensor(v) ? { help: `rows(${shown(f, g.span)}) is the rdd of its slices` } : {}),
    });
  if (f.over !== undefined) {
    const on =
      v.expr.type.row.k === "record" && name === "filter"
        ? `${f.over} |> join(${shown(f, g.span)}, on: "key"); a small one: `
        : "a small one: ";
    return fail(
      f,
      report.rddInLambda({
        inner: f.cx.text(g.span),
        outer: f.over,
        span: g.span,
        help: `${on}let table = collect(${shown(f, g.span)})`,
      }),
    );
  }
  return v;
}
const rddValue = (expr: RddExpr, sources?: ReadonlyMap<string, string>): RddValue => ({
  k: "rdd",
  expr,
  ...(sources ? { sources } : {}),
});
const rddOp = (
  name: string,
  d: RddValue,
  type: RddType,
  span: Span,
  parts: build.OpParts = {},
  more: readonly Expr[] = [],
): RddValue => rddValue(build.op(name, [d.expr, ...more], type, span, parts) as RddExpr, d.sources);
const perRecord = (f: Frame, g: Given): Frame => ({
  ...f,
  over: f.cx.text(g.span),
  outside: "rdd",
  instances: undefined,
});
const seedArgument = (f: Frame, args: Args): readonly Expr[] => {
  const seed = args.get("seed");
  if (!seed || seed.value.k === "none") return [];
  if (!isTensor(seed.value) || !isInteger(seed.value.k === "constant" ? seed.value.elem : seed.value.expr.type.elem))
    return fail(f, { message: `\`seed\` is an integer, this is ${describe(seed.value)}`, span: seed.span });
  return [toExpr(seed.value, "i32", seed.span)];
};
/** a positive count known when compiling */
export function countOf(f: Frame, name: string, g: Given, least = 1): number {
  const s = staticOf(f, g.value, g.span, `\`${name}\``);
  if (typeof s === "object" && s !== null && "k" in s && s.k === "poly")
    return limit(f, `\`${name}\` that hangs on data`, "a number, or a param", g.span);
  if (typeof s !== "number" || !Number.isInteger(s))
    return fail(f, { message: `\`${name}\` is an integer, this is ${describe(g.value)}`, span: g.span });
  if (s < least) return fail(f, { message: `\`${name}\` is at least ${least}, this is ${s}`, span: g.span });
  return s;
}
export function textOf(f: Frame, name: string, g: Given): string {
  if (g.value.k === "text") return g.value.text;
  if (g.value.k === "poison") throw new Reported();
  return fail(f, { message: `\`${name}\` is a string, this is ${describe(g.value)}`, span: g.span });
}

// --- sources

function schemaOf(
  f: Frame,
  format: string,
  paths: readonly string[],
  options: Readonly<Record<string, Static>>,
  span: Span,
): Schema {
  try {
    return f.cx.host.schema(format, paths, options);
  } catch (e) {
    if (!(e instanceof HostError)) throw e;
    return fail(f, { message: e.message, span });
  }
}
const columnType = (f: Frame, c: Column, span: Span): TensorType => {
  if (c.store === "string" || c.store === "time")
    return limit(f, `a column of type ${c.store}`, "read numeric columns only", span);
  const elem: CoreElem =
    c.store === "u32" || c.store === "u16" || c.store === "i8" ? "i32" : c.store === "bf16" ? "f32" : c.store;
  return { k: "tensor", elem, shape: c.shape };
};
/** what the written type of the `let` says of this source; the names in it are bound in the scope of the `let` */
const wanted = (f: Frame, site: Ast.Expr): Ast.Type | undefined =>
  f.wanted?.site === site ? f.wanted.type : undefined;

function idx(f: Frame, args: Args, site: Ast.Expr): Value {
  const path = args.get("path")!;
  const labels = orNone(args, "labels");
  const paths = [textOf(f, "path", path), ...(labels.k === "none" ? [] : [textOf(f, "labels", args.get("labels")!)])];
  const schema = schemaOf(f, "idx", paths, {}, path.span);
  return rowsSource(f, "idx", paths, schema, site);
}
function rowsSource(f: Frame, format: string, paths: readonly string[], schema: Schema, site: Ast.Expr): Value {
  const type = wanted(f, site);
  let columns = schema.columns;
  if (type) columns = chosen(f, type, columns, paths[0]!);
  const row: Tree<TensorType> = {
    k: "record",
    fields: Object.entries(columns).map(([n, c]) => [n, { k: "leaf", of: columnType(f, c, site.span) }] as const),
  };
  const core: RddType = { k: "rdd", row, ...(schema.rows === undefined ? {} : { rows: schema.rows }) };
  const sources = new Map(Object.keys(columns).map(n => [n, `read from ${paths[0]}`] as const));
  return rddValue(
    build.source({ format, paths, options: {}, columns, type: core, span: site.span }) as RddExpr,
    sources,
  );
}
/** the columns that a written type names, in its order */
function chosen(f: Frame, t: Ast.Type, columns: Schema["columns"], path: string): Schema["columns"] {
  if (t.k !== "many" || t.of !== "rdd" || t.item.k !== "recordtype")
    return fail(f, { message: `${path} has rows: its type is rdd { .. }`, span: t.span });
  const all = Object.entries(columns).map(([name, c]) => ({
    name,
    type: c.store + (c.shape.length ? `[${c.shape.join(", ")}]` : ""),
  }));
  return Object.fromEntries(
    t.item.fields.map(field => {
      const c = columns[field.name.text];
      if (!c)
        return fail(
          f,
          report.unknownColumn({ name: field.name.text, source: path, columns: all, span: field.name.span }),
        );
      return [field.name.text, c] as const;
    }),
  );
}
/** one tensor of a file; a written type names its sides, else they are constants */
function tensorSource(f: Frame, format: string, path: Given, tensor: Given | undefined, site: Ast.Expr): Value {
  const paths = [textOf(f, "path", path)];
  const name = tensor && textOf(f, "tensor", tensor);
  const options: Readonly<Record<string, Static>> = name === undefined ? {} : { tensor: name };
  const schema = schemaOf(f, format, paths, options, path.span);
  const column = name === undefined ? Object.values(schema.columns)[0] : schema.columns[name];
  if (!column) return fail(f, { message: `${paths[0]} has no tensor \`${name}\``, span: tensor?.span ?? path.span });
  const own = columnType(f, column, site.span);
  const parts = {
    format,
    paths,
    options,
    columns: schema.columns,
    span: site.span,
    ...(name === undefined ? {} : { tensor: name }),
  };
  const type = wanted(f, site);
  const of = `read from ${paths[0]}`;
  if (!type) return tensorValue(build.source({ ...parts, type: own }), { source: of });
  if (type.k !== "named" || !ELEMS.includes(type.name.text) || type.optional)
    return fail(f, {
      message: `${paths[0]} is ${showTensor(own)}: a tensor has a type like f32[n, m]`,
      span: type.span,
    });
  const dims = type.dims ?? [];
  if (type.name.text !== own.elem || dims.length !== own.shape.length || dims.some(d => d.k === "rest"))
    return fail(f, { message: `${paths[0]} is ${showTensor(own)}, not ${f.cx.text(type.span)}`, span: type.span });
  // names that are free become symbols; what is bound already is checked at the start of the run
  const fresh: { axis: number; dim: Dim }[] = [];
  const shape = dims.map((d, axis): Dim => {
    if (d.k !== "dim") throw new Reported();
    const span = d.span;
    if (d.value.k === "ref") {
      const bound = integerNamed(f, d.value);
      if (bound === undefined) {
        const dim = newSymbol(f, d.value.name, span, undefined);
        f.scope.names.set(d.value.name, known(d.value.name, span, number(dim)));
        fresh.push({ axis, dim });
        return dim;
      }
      return agreed(bound, axis, span);
    }
    const k = knownOf(f.cx.evaluate(d.value, f));
    const dim = k?.constant.data[0];
    if (dim === undefined) return fail(f, { message: "a side is an integer", span });
    fix(f, k!.params);
    return agreed(dim, axis, span);
  });
  function agreed(dim: Dim, axis: number, span: Span): Dim {
    const file = own.shape[axis]!;
    const message = `${paths[0]} is ${showTensor(own)}, not ${f.cx.text(type!.span)}`;
    if (relate(dim, file) === "different") return fail(f, { message, span });
    if (relate(dim, file) === "unknown") {
      const side = newSymbol(f, f.cx.text(span), span, undefined);
      fresh.push({ axis, dim: side });
      f.cx.checks.push({ a: dim, b: side, message: `\`${f.cx.text(span)}\` differs`, span });
    }
    return dim;
  }
  const source = build.source({ ...parts, type: { ...own, shape } }) as Source;
  for (const { axis, dim } of fresh) f.cx.bind(dim, { k: "file", source, axis });
  return tensorValue(source, { source: of });
}

// --- transforms

function map(f: Frame, args: Args, site: Ast.Expr): Value {
  const c = args.get("c")!;
  const fn = args.get("f")!;
  if (c.value.k === "poison" || fn.value.k === "poison") throw new Reported();
  if (c.value.k === "list")
    return { k: "list", items: c.value.items.map((x, i) => apply(unrolled(f, site, i), fn.value, [x], fn.span, site)) };
  if (isTensor(c.value)) return mapTensor(f, c, fn, site);
  const d = rddOf(f, "map", c);
  const made = functionOf(perRecord(f, c), fn.value, d.expr.type.row, fn.span, site, "a row", d.sources);
  const row = typeTree(made.body);
  const out = rddOp("rdd.map", d, { k: "rdd", row, ...rowsOf(d) }, site.span, { fns: { f: made.fn(made.body) } });
  return { ...out, sources: sourcesIn(made.result) };
}
/** leaves that are as they were read */
const sourcesIn = (v: Value): ReadonlyMap<string, string> =>
  new Map(leaves(treeOf(v)).flatMap(([path, x]) => (x.k === "tensor" && x.source ? [[path, x.source] as const] : [])));
const rowsOf = (d: RddValue): { rows?: Dim } => (d.expr.type.rows === undefined ? {} : { rows: d.expr.type.rows });
const unrolled = (f: Frame, site: Ast.Expr, i: number): Frame => ({ ...f, place: `${placeOf(f, site)}.${i}` });

function mapTensor(f: Frame, c: Given, fn: Given, site: Ast.Expr): Value {
  if (!isTensor(c.value)) throw new Reported();
  const t = typeOf(c.value);
  const n = t.shape[0];
  if (n === undefined)
    return fail(f, { message: `map needs an axis to go along, this is ${describe(c.value)}`, span: c.span });
  // constants stay constants: shapes, sizes of layers
  if (c.value.k === "constant" && c.value.data.length <= 64) {
    const all = Array.from({ length: c.value.shape[0]! }, (_, i) => sliceAt(c.value as never, i, c.span));
    const out = all.map((x, i) => apply(unrolled(f, site, i), fn.value, [x], fn.span, site));
    if (out.some(v => v.k === "poison")) throw new Reported();
    return out.length && out.every(isTensor) ? f.cx.stack(f, out, site.span) : { k: "list", items: out };
  }
  const x = toExpr(c.value, settled(c.value.k === "constant" ? c.value.elem : t.elem), c.span);
  const type = x.type as TensorType;
  const made = functionOf(
    f,
    fn.value,
    { k: "leaf", of: { ...type, shape: type.shape.slice(1) } },
    fn.span,
    site,
    "what map gives",
  );
  const result = mapTree(typeTree(made.body), r => ({ ...r, shape: [n, ...r.shape] }));
  const all = leaves(result).map(([, r]) => r);
  const node = build.op("map", [x], { k: "tuple", of: all }, site.span, { fns: { f: made.fn(made.body) } });
  let i = 0;
  return valueOfTree(mapTree(result, r => build.get(node, i++, r, site.span)));
}
function filter(f: Frame, args: Args, site: Ast.Expr): Value {
  const c = args.get("c")!;
  const fn = args.get("f")!;
  if (c.value.k === "list") {
    const kept = c.value.items.filter((x, i) => {
      const k = knownOf(apply(unrolled(f, site, i), fn.value, [x], fn.span, site));
      if (k?.constant.elem !== "bool")
        return fail(f, { message: "filter of a list needs a condition that is known when compiling", span: fn.span });
      fix(f, k.params);
      return k.constant.data[0] === 1;
    });
    return { k: "list", items: kept };
  }
  const d = rddOf(f, "filter", c);
  const made = functionOf(perRecord(f, c), fn.value, d.expr.type.row, fn.span, site, "a condition", d.sources);
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
  const count = countOf(f, "n", n, 0);
  if (c.value.k === "list") return { k: "list", items: c.value.items.slice(0, count) };
  const d = rddOf(f, "take", c);
  return rddOp("rdd.take", d, { k: "rdd", row: d.expr.type.row, rows: count }, site.span, { attrs: { count } });
}
function split(f: Frame, args: Args, site: Ast.Expr): Value {
  const d = rddOf(f, "split", args.get("d")!);
  const parts = args.get("parts")!;
  if (orNone(args, "by").k !== "none")
    return limit(f, "`by:` of split", "split without `by`: each row goes by its own number", args.get("by")!.span);
  if (parts.value.k === "poison") throw new Reported();
  if (parts.value.k !== "record" || parts.value.fields.size === 0)
    return fail(f, {
      message: `\`parts\` is a record of shares, this is ${describe(parts.value)}`,
      span: parts.span,
      help: "split({ train: 0.8, test: 0.2 })",
    });
  const seed = seedArgument(f, args);
  const place = placeOf(f, site);
  let low = 0;
  const out = [...parts.value.fields].map(([name, v]) => {
    const share = staticOf(f, v, parts.span, `the share of \`${name}\``);
    if (typeof share !== "number" || share < 0 || share > 1)
      return fail(f, { message: `the share of \`${name}\` is a number from 0 to 1`, span: parts.span });
    const high = low + share;
    if (high > 1 + 1e-9)
      return fail(f, { message: `the shares add up to ${Number(high.toPrecision(6))}: more than 1`, span: parts.span });
    // shares like 0.7 + 0.1 + 0.2 leave no row behind
    const attrs = { low, high: Math.abs(high - 1) < 1e-9 ? 1 : high };
    low = high;
    return [
      name,
      rddOp("rdd.split", d, { k: "rdd", row: d.expr.type.row }, parts.span, { attrs, place }, seed),
    ] as const;
  });
  return recordOf(out);
}
function zipIndex(f: Frame, args: Args, site: Ast.Expr): Value {
  const d = rddOf(f, "zip_index", args.get("d")!);
  const row = d.expr.type.row;
  const fields = row.k === "record" ? row.fields : [["value", row] as const];
  if (fields.some(([n]) => n === "index"))
    return fail(f, { message: "zip_index adds a field `index`, and there is one", span: args.get("d")!.span });
  if (row.k === "leaf")
    return limit(f, "zip_index of rows that are no records", "map(x => { value: x }) before it", site.span);
  const index: Tree<TensorType> = { k: "leaf", of: { k: "tensor", elem: "i64", shape: [] } };
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
  if (x.value.k === "rdd") return fail(f, { message: "this is an rdd already", span: x.span });
  if (!isTensor(x.value))
    return fail(f, { message: `rows takes a tensor, this is ${describe(x.value)}`, span: x.span });
  const t = typeOf(x.value);
  if (t.shape.length === 0)
    return fail(f, { message: `rows needs an axis to go along, this is ${describe(x.value)}`, span: x.span });
  const e = toExpr(x.value, t.elem, x.span);
  if (e.depth > 0) return fail(f, { message: "an rdd cannot be made for each record of another", span: site.span });
  const row: Tree<TensorType> = { k: "leaf", of: { ...t, shape: t.shape.slice(1) } };
  const sources = x.value.k === "tensor" && x.value.source ? new Map([["", x.value.source]]) : undefined;
  return rddValue(build.op("rows", [e], { k: "rdd", row, rows: t.shape[0]! }, site.span) as RddExpr, sources);
}

// --- actions

const ELEMENTS: { readonly [action: string]: (e: CoreElem) => CoreElem | undefined } = {
  sum: e => (e === "bool" || e === "u8" ? "i32" : e),
  mean: e => (e === "bool" ? "f32" : (floated(e) as CoreElem)),
  min: e => (e === "bool" ? undefined : e === "u8" ? "i32" : e),
  max: e => (e === "bool" ? undefined : e === "u8" ? "i32" : e),
  any: e => (e === "bool" ? e : undefined),
  all: e => (e === "bool" ? e : undefined),
};
function action(name: string): Special {
  return {
    signature: `${name}(c, f = none)`,
    takes: args =>
      rows(args) ||
      args.named.some(a => a.name.text === "f") ||
      (args.positional.length > 1 && !isTensor(args.positional[1]!.value)),
    call: (f, args, site) => {
      const c = args.get("c")!;
      const fn = orNone(args, "f");
      const at = args.get("f")?.span ?? c.span;
      if (c.value.k === "poison" || fn.k === "poison") throw new Reported();
      if (c.value.k === "list") return overList(f, name, c, fn, site);
      if (isTensor(c.value)) {
        if (fn.k === "none") throw new Error("internal: a reduction of a tensor is a builtin");
        const each = map(
          f,
          new Map([
            ["c", c],
            ["f", { value: fn, span: at, whole: at }],
          ]),
          site,
        );
        return f.cx.call(
          f,
          { k: "builtin", name, builtin: f.cx.builtins.get(name) },
          { positional: [{ value: each, span: site.span, whole: site.span }], named: [] },
          site,
          site.span,
        );
      }
      const d = rddOf(f, name, c);
      const self: Value = fn.k === "none" ? identity : fn;
      const made = functionOf(perRecord(f, c), self, d.expr.type.row, at, site, `what ${name} goes over`, d.sources);
      const out = mapTree(made.body, leaf => {
        const t = leaf.type as TensorType;
        const elem = ELEMENTS[name]!(t.elem);
        if (!elem)
          return fail(
            f,
            t.elem === "bool"
              ? { message: `${name} needs numbers, this is ${showTensor(t)}`, span: at }
              : {
                  message: `${name} needs bools, this is ${showTensor(t)}`,
                  span: at,
                  help: `a comparison: ${name}(${shown(f, c.span)}, r => r.x > 0)`,
                },
          );
        return build.op(`rdd.${name}`, [d.expr], { ...t, elem }, site.span, {
          fns: { f: made.fn({ k: "leaf", of: leaf }) },
        });
      });
      return valueOfTree(out);
    },
  };
}
const identity: Value = { k: "native", name: "identity", call: args => args[0]! };
/** a list is known when compiling: its elements are folded one by one */
function overList(f: Frame, name: string, c: Given, fn: Value, site: Ast.Expr): Value {
  if (c.value.k !== "list") throw new Reported();
  const each = c.value.items.map((x, i) => (fn.k === "none" ? x : apply(unrolled(f, site, i), fn, [x], c.span, site)));
  if (each.some(v => v.k === "poison")) throw new Reported();
  if (!each.length || !each.every(isTensor))
    return limit(f, `${name} of this list`, "numbers in brackets are a tensor: [1, 2, 3]", c.span);
  const at = { span: site.span, a: c.span, b: c.span };
  if (name === "sum" || name === "mean") {
    const total = each.slice(1).reduce<Value>((a, b) => binary(f, "+", a, b, at), each[0]!);
    return name === "sum" ? total : binary(f, "/", total, number(each.length), at);
  }
  return limit(f, `${name} of a list`, "write the tensor of its elements: [a, b, c]", c.span);
}
function count(f: Frame, args: Args, site: Ast.Expr): Value {
  const c = args.get("c")!;
  const v = c.value;
  if (v.k === "list") return number(v.items.length);
  if (isTensor(v)) {
    const n = typeOf(v).shape[0];
    return n === undefined ? fail(f, { message: `count of ${describe(v)}`, span: c.span }) : number(n);
  }
  const d = rddOf(f, "count", c);
  return tensorValue(build.op("rdd.count", [d.expr], { k: "tensor", elem: "i32", shape: [] }, site.span));
}
function collect(f: Frame, args: Args, site: Ast.Expr): Value {
  const d = rddOf(f, "collect", args.get("d")!);
  const n =
    d.expr.type.rows ?? newSymbol(f, f.naming ? `${f.naming}_rows` : "rows", site.span, { k: "rows", rdd: d.expr });
  const result = mapTree(d.expr.type.row, t => ({ ...t, shape: [n, ...t.shape] }));
  const node = build.op("rdd.collect", [d.expr], { k: "tuple", of: leaves(result).map(([, t]) => t) }, site.span);
  let i = 0;
  return valueOfTree(mapTree(result, t => build.get(node, i++, t, site.span)));
}

/** parses and means something, and ends in a Limit; its arguments are bound first */
const later = (signature: string, instead: string, takes?: First): [string, Special] => {
  const name = signature.slice(0, signature.indexOf("("));
  return [
    name,
    {
      signature,
      ...(takes ? { takes } : {}),
      call: (f, args, site) =>
        [...args.values()].some(a => a.value.k === "poison") ? fail1() : limit(f, `\`${name}\``, instead, site.span),
    },
  ];
};
const fail1 = (): never => {
  throw new Reported();
};
const engine = "it needs an engine for text and tables; idx, npy and safetensors files can be read";
const simple = (signature: string, call: Special["call"], takes?: First): [string, Special] => [
  signature.slice(0, signature.indexOf("(")),
  { signature, call, ...(takes ? { takes } : {}) },
];

export const rddSpecials: readonly (readonly [string, Special])[] = [
  simple("idx(path, labels = none)", idx),
  simple("npy(path)", (f, args, site) => tensorSource(f, "npy", args.get("path")!, undefined, site)),
  simple("safetensors(path, tensor)", (f, args, site) =>
    tensorSource(f, "safetensors", args.get("path")!, args.get("tensor"), site),
  ),
  later('csv(path, header = true, delimiter = ",", missing = none)', engine),
  later("json(path)", engine),
  later("parquet(path)", engine),
  later("arrow(path)", engine),
  later("text(path)", engine),
  later("libsvm(path, sparse = false)", engine),
  later("images(path, size)", engine),
  later("binary(path)", engine),
  later("lmdb(path)", engine),
  later("npz(path)", "npy(path) reads one tensor of a file"),
  later("bytes(path)", engine),
  simple("map(c, f)", map),
  simple("filter(c, f)", filter),
  simple("take(c, n)", take),
  simple("split(d, parts, by = none, seed = none)", split),
  simple("shuffle(d, seed = none)", (f, args, site) => {
    const d = rddOf(f, "shuffle", args.get("d")!);
    return rddOp("rdd.shuffle", d, d.expr.type, site.span, { place: placeOf(f, site) }, seedArgument(f, args));
  }),
  simple("sample(d, fraction, seed = none)", (f, args, site) => {
    const d = rddOf(f, "sample", args.get("d")!);
    const g = args.get("fraction")!;
    const fraction = staticOf(f, g.value, g.span, "`fraction`");
    if (typeof fraction !== "number" || fraction < 0 || fraction > 1)
      return fail(f, { message: "`fraction` is a number from 0 to 1", span: g.span });
    return rddOp(
      "rdd.sample",
      d,
      { k: "rdd", row: d.expr.type.row },
      site.span,
      { attrs: { fraction }, place: placeOf(f, site) },
      seedArgument(f, args),
    );
  }),
  simple("batch(d, n)", (f, args, site) => {
    const d = rddOf(f, "batch", args.get("d")!);
    const n = countOf(f, "n", args.get("n")!);
    const row = mapTree(d.expr.type.row, t => ({ ...t, shape: [n, ...t.shape] }));
    const groups = d.expr.type.rows === undefined ? {} : { rows: divDims(d.expr.type.rows, n) };
    return rddOp("rdd.batch", d, { k: "rdd", row, ...groups }, site.span, { attrs: { count: n } });
  }),
  simple("zip_index(d)", zipIndex),
  simple("rows(x)", rowsOfTensor),
  simple("cache(d)", (f, args, site) => {
    const d = rddOf(f, "cache", args.get("d")!);
    return rddOp("rdd.cache", d, d.expr.type, site.span);
  }),
  later("flat_map(c, f)", "filter and map keep one record for each"),
  later("union(a, b)", engine),
  later("distinct(d, by = none)", engine),
  later('join(a, b, on, how = "inner")', engine),
  later("group_by(d, key, aggregate)", engine),
  later("sort_by(c, key, descending = false)", engine),
  later("window(c, n, stride = 1, by = none, axis = 0, dilation = 1)", "batch(d, n) takes n records as one", rows),
  later("repartition(d, n)", "leave it out: there is one partition"),
  later("rename(d, names)", "map(r => { new: r.old })"),
  later("drop_missing(d)", "numeric files have no missing values: leave it out"),
  action("sum"),
  action("mean"),
  action("min"),
  action("max"),
  action("any"),
  action("all"),
  simple("count(c)", count),
  simple("collect(d)", collect),
  later("reduce(d, f)", "sum, mean, min, max of an rdd"),
  later("first(c)", "take(c, 1) |> collect"),
  later("quantile(d, q, f = none)", "mean, min, max"),
  later("count_distinct(d, f = none)", engine),
  later("min_by(c, f)", "min(c, f)"),
  later("max_by(c, f)", "max(c, f)"),
  later("describe(d)", "mean, std, min, max of each field"),
  later("sum_by(d, key, groups, value = none)", "sum(d, r => one_hot(key(r), groups) * value(r))"),
  later("mean_by(d, key, groups, value = none, empty = none)", "sums of one_hot(key(r), groups)"),
  later("count_by(d, key, groups)", "sum(d, r => one_hot(key(r), groups))"),
  later("vocab(d, f = none, min_count = 1, max = none)", engine),
].map(s => ("signature" in s ? ([(s as Special).signature.split("(")[0]!, s] as const) : s)) as readonly (readonly [
  string,
  Special,
])[];
