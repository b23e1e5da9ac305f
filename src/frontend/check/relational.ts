/** Transforms of whole tables that an engine does: distinct, sort_by, union, flat_map, window; and repartition, which needs none. */
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import { type Expr, type Fn, type LeafType, leaves, mapTree, type TensorType, type Tree } from "../core.ts";
import { report } from "../diagnostics/catalogue.ts";
import { apply, functionOf, named, parameters } from "./apply.ts";
import * as build from "./build.ts";
import { fail, Reported } from "./context.ts";
import type { Dim } from "./dims.ts";
import {
  type Args,
  callableOf,
  dimOf,
  orNone,
  perRecord,
  type RddExpr,
  rddOf,
  rddOp,
  rddValue,
  rows,
  shown,
  simple,
} from "./given.ts";
import { scalars } from "./group-by.ts";
import { asSequence, itemsOf } from "./sequence.ts";
import { staticOf } from "./static.ts";
import { describe, showRow, showType } from "./types.ts";
import { type Frame, type Given, isTensor, type RddValue, type Special, type Value } from "./value.ts";

const given = (args: Args, name: string): Given | undefined =>
  orNone(args, name).k === "none" ? undefined : args.get(name);

/** the first row of each key, or of each row */
function distinct(f: Frame, args: Args, site: Ast.Expr): Value {
  const g = args.get("d")!;
  const d = rddOf(f, "distinct", g);
  const by = given(args, "by");
  const type = { k: "rdd", row: d.expr.type.row } as const;
  if (!by) {
    for (const [path, t] of leaves(d.expr.type.row))
      if (t.k === "list" || t.shape.length)
        fail(f, {
          message: `distinct compares numbers, bools, strings and times, ${path ? `\`${path}\`` : "a row"} is ${showType(t)}`,
          span: g.span,
          help: "distinct(by: .id)",
        });
    return rddOp("rdd.distinct", d, type, site.span);
  }
  callableOf(f, "`by` of distinct", by);
  const made = functionOf(perRecord(f, g), by.value, d.expr.type.row, by.span, site, "a key", d);
  scalars(f, made.body, by.span, "`by` of distinct");
  return rddOp("rdd.distinct", d, type, site.span, { fns: { by: made.fn(made.body) } });
}
/** by the leaves of the key in turn; what is missing comes last */
function sortBy(f: Frame, args: Args, site: Ast.Expr): Value {
  const [c, key] = [args.get("c")!, args.get("key")!];
  if (isTensor(c.value))
    return fail(f, {
      message: `sort_by takes an rdd, this is ${describe(c.value)}`,
      span: c.span,
      help: `sort(${shown(f, c.span)})`,
    });
  const d = rddOf(f, "sort_by", c);
  const g = args.get("descending");
  const down = g ? staticOf(f, g.value, g.span, "`descending`") : false;
  if (typeof down !== "boolean")
    return fail(f, { message: `\`descending\` is true or false, this is ${describe(g!.value)}`, span: g!.span });
  callableOf(f, "sort_by", key);
  const made = functionOf(perRecord(f, c), key.value, d.expr.type.row, key.span, site, "a key", d);
  scalars(f, made.body, key.span, "the key of sort_by");
  const parts = ordered(made.body, down, site.span);
  const body: Tree<Expr> = { k: "record", fields: parts.map((p, i) => [`k${i}`, { k: "leaf", of: p.key }] as const) };
  const fns = { key: made.fn(body) };
  const type = { ...d.expr.type };
  return rddOp("rdd.sort", d, type, site.span, { attrs: { descending: parts.map(p => p.descending) }, fns });
}
function ordered(t: Tree<Expr>, descending: boolean, span: Span): readonly { key: Expr; descending: boolean }[] {
  if (t.k === "leaf") return [{ key: t.of, descending }];
  if (!t.maybe) return t.fields.flatMap(([, x]) => ordered(x, descending, span));
  const [value, present] = leaves(t).map(([, e]) => e) as [Expr, Expr]; // as: a value that may be missing has these two
  return [
    { key: build.op("not", [present], present.type, span), descending: false },
    { key: value, descending },
  ];
}
/** a's rows, then b's; the order of fields does not matter */
function union(f: Frame, args: Args, site: Ast.Expr): Value {
  const [left, right] = [args.get("a")!, args.get("b")!];
  const [a, b] = [rddOf(f, "union", left), rddOf(f, "union", right)];
  const [x, y] = [a.expr.type.row, b.expr.type.row];
  const aligned = alike(x, y);
  if (!aligned)
    return fail(f, {
      message: `union needs rows of one type: ${shown(f, left.span)} has ${showRow(x)}, ${shown(f, right.span)} has ${showRow(y)}`,
      span: site.span,
      help: `${shown(f, right.span)} |> map(r => { .. }) before it`,
    });
  const other = showRow(x) === showRow(y) ? b : inOrder(f, b, x, site.span);
  return rddOp("rdd.union", a, { k: "rdd", row: x }, site.span, {}, [other.expr]);
}
/** a's rows where the condition holds, else b's; undefined where they have no common type */
export function rowsOf(f: Frame, condition: Expr, a: RddValue, b: RddValue, span: Span): RddValue | undefined {
  const { row } = a.expr.type;
  if (!alike(row, b.expr.type.row)) return undefined;
  const only = (d: RddValue, where: Expr): RddValue => {
    const { vars } = parameters(d.expr.type.row, f.depth + 1, span);
    const fn = build.closeFn(vars, { k: "leaf", of: where }, f.depth + 1, span);
    return rddOp("rdd.filter", d, { k: "rdd", row: d.expr.type.row }, span, { fns: { f: fn } });
  };
  const others = only(b, build.op("not", [condition], condition.type, span));
  const second = showRow(row) === showRow(b.expr.type.row) ? others : inOrder(f, others, row, span);
  return rddOp("rdd.union", only(a, condition), { k: "rdd", row }, span, {}, [second.expr]);
}
/** one type, fields in any order */
function alike(x: Tree<LeafType>, y: Tree<LeafType>): boolean {
  if (x.k === "leaf" || y.k === "leaf") return x.k === y.k && showRow(x) === showRow(y);
  if (x.fields.length !== y.fields.length || x.maybe !== y.maybe) return false;
  return x.fields.every(([n, t]) => {
    const other = y.fields.find(([m]) => m === n);
    return other !== undefined && alike(t, other[1]);
  });
}
function inOrder(f: Frame, d: RddValue, like: Tree<LeafType>, span: Span): RddValue {
  const { vars } = parameters(d.expr.type.row, f.depth + 1, span);
  const of = new Map(vars.map(v => [v.name, v] as const));
  const body = mapTree(like, (_, path): Expr => of.get(path)!);
  const fn = build.closeFn(vars, body, f.depth + 1, span);
  return rddOp("rdd.map", d, { ...d.expr.type, row: like }, span, { fns: { f: fn } });
}

/** a row for each element of the list that `fn` gives */
function flatMap(f: Frame, args: Args, site: Ast.Expr): Value {
  const [c, fn] = [args.get("c")!, args.get("f")!];
  if (c.value.k === "poison" || fn.value.k === "poison") throw new Reported();
  callableOf(f, "flat_map", fn);
  if (c.value.k !== "rdd") {
    const all = itemsOf(c.value, c.span);
    if (all)
      return {
        k: "list",
        items: all.flatMap((x, i) => {
          const v = apply({ ...f, place: `${f.place}.${i}` }, fn.value, [x], fn.span, site);
          return itemsOf(v, fn.span) ?? noList(f, v, fn);
        }),
      };
  }
  const d = rddOf(f, "flat_map", c);
  const inner = perRecord(f, c);
  const depth = f.depth + 1;
  const { value, vars } = parameters(d.expr.type.row, depth, fn.span, d.sources);
  const v = apply({ ...inner, depth }, fn.value, [named(value, d.table)], fn.span, site);
  const list = asSequence({ ...inner, depth }, v, fn.span) ?? noList(f, v, fn);
  const f1: Fn = build.closeFn(vars, { k: "leaf", of: list.expr }, depth, fn.span);
  const row: Tree<LeafType> = list.expr.type.of;
  return rddValue(build.op("rdd.flat", [d.expr], { k: "rdd", row }, site.span, { fns: { f: f1 } }) as RddExpr);
}
function noList(f: Frame, v: Value, fn: Given): never {
  if (v.k === "poison") throw new Reported();
  return fail(f, {
    message: `flat_map needs a function that gives a list, this gives ${v.k === "rdd" ? "an " : ""}${describe(v)}`,
    span: fn.span,
    help: "map keeps one record for each",
  });
}

/** n consecutive records as one; of a tensor it is a builtin */
function window(f: Frame, args: Args, site: Ast.Expr): Value {
  const c = args.get("c")!;
  const d = rddOf(f, "window", c);
  for (const name of ["axis", "dilation"]) {
    const g = args.get(name);
    if (g) return fail(f, { message: `\`${name}\` is of the window of a tensor, this is an rdd`, span: g.whole });
  }
  const size = dimOf(f, "n", args.get("n")!);
  const step = args.get("stride");
  const stride = step ? dimOf(f, "stride", step) : 1;
  const g = given(args, "by");
  const by = g ? columnOf(f, d, c, g, site) : null;
  const { row } = d.expr.type;
  const out = windowed(f, row, size, by, c);
  return rddOp("rdd.window", rddValue(d.expr, d.sources), { k: "rdd", row: out }, site.span, {
    attrs: { size, stride, by },
  });
}
/** `.store`, or "store" */
function columnOf(f: Frame, d: RddValue, of: Given, g: Given, site: Ast.Expr): string {
  const row = d.expr.type.row;
  const refuse = (): never =>
    fail(f, { message: "`by` of window is a column of numbers, strings or times", span: g.span, help: "by: .store" });
  if (g.value.k === "text") {
    const name = g.value.text;
    const fields = row.k === "record" ? row.fields : [];
    const own = fields.find(([n]) => n === name);
    if (!own)
      return fail(
        f,
        report.unknownField({ name, of: shown(f, of.span), fields: fields.map(([n]) => n), span: g.span }),
      );
    return own[1].k === "leaf" && own[1].of.k === "tensor" && !own[1].of.shape.length ? name : refuse();
  }
  callableOf(f, "`by` of window", g);
  const made = functionOf(perRecord(f, of), g.value, row, g.span, site, "`by`", d);
  const e = made.body.k === "leaf" ? made.body.of : undefined;
  return e?.k === "var" && e.type.k === "tensor" && !e.type.shape.length && e.name !== "" ? e.name : refuse();
}
function windowed(f: Frame, row: Tree<LeafType>, n: Dim, by: string | null, c: Given, path = ""): Tree<LeafType> {
  if (row.k === "record" && row.maybe)
    return fail(f, {
      message: `a window makes tensors, \`${path}\` may be missing (${showRow(row)})`,
      span: c.span,
      help: `${shown(f, c.span)} |> drop_missing before it`,
    });
  if (row.k === "record")
    return {
      k: "record",
      fields: row.fields.map(([m, t]) => [m, windowed(f, t, n, by, c, path ? `${path}.${m}` : m)] as const),
    };
  if (path !== "" && path === by) return row;
  const t = row.of;
  if (t.k === "list" || t.elem === "string" || t.elem === "time") {
    const what = path === "" ? "a row" : `\`${path}\``;
    const name = path === "" ? "x" : `r.${path}`;
    return fail(f, {
      message: `a window makes tensors, and ${what} is ${showType(t)}`,
      span: c.span,
      help:
        t.k === "tensor" && t.elem === "time"
          ? `seconds(${name}) in a map before it`
          : `leave ${path || "it"} out in a map before it`,
    });
  }
  const shape: TensorType["shape"] = [n, ...t.shape];
  return { k: "leaf", of: { ...t, shape } };
}
/** there is one partition, and its number is nothing that a program sees */
function repartition(f: Frame, args: Args): Value {
  dimOf(f, "n", args.get("n")!);
  return rddOf(f, "repartition", args.get("d")!);
}
export const relationalSpecials: readonly (readonly [string, Special])[] = [
  simple("distinct(d, by = none)", distinct),
  simple("sort_by(c, key, descending = false)", sortBy),
  simple("union(a, b)", union),
  simple("flat_map(c, f)", flatMap),
  simple("window(c, n, stride = 1, by = none, axis = none, dilation = none)", window, rows),
  simple("repartition(d, n)", repartition),
];
