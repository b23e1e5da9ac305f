/**
 * vocab: the values of a column of strings by falling count, 0 for what is unknown or missing. A table that an engine makes: groups,
 * counts, order; what reads it is `lookup` (string to number) and a gather (number to string).
 */
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import type { Expr, LeafType, TensorType, Tree } from "../core.ts";
import * as build from "./build.ts";
import { fail, newSymbol, placed, Reported } from "./context.ts";
import { addDims, type Dim, subDims } from "./dims.ts";
import { type Args, dimOf, orNone, type RddExpr, rddOf, rddValue, shown, simple } from "./given.ts";
import { cellElem, cellExpr, isCell } from "./infix.ts";
import { toExpr } from "./operate.ts";
import { identity, map, whole } from "./rdd.ts";
import { select } from "./select.ts";
import { describe, isInteger } from "./types.ts";
import {
  cellValue,
  type Frame,
  isTensor,
  type Native,
  number,
  type RddValue,
  recordOf,
  type Special,
  tensorValue,
  typeOf,
  type Value,
} from "./value.ts";

const STRING: TensorType = { k: "tensor", elem: "string", shape: [] };
const I32: TensorType = { k: "tensor", elem: "i32", shape: [] };
const leaf = <T>(of: T): Tree<T> => ({ k: "leaf", of });
const vector = (t: TensorType, n: Dim): TensorType => ({ ...t, shape: [n] });

function vocab(f: Frame, args: Args, site: Ast.Expr): Value {
  const { span } = site;
  const g = args.get("d")!;
  const d = rddOf(f, "vocab", g);
  const fn = orNone(args, "f");
  const least = args.get("min_count") ? dimOf(f, "min_count", args.get("min_count")!) : 1;
  const most = orNone(args, "max").k === "none" ? undefined : dimOf(f, "max", args.get("max")!);
  const strings = stringsOf(f, g, fn.k === "none" ? identity : fn, args, site);
  const total = build.op("rdd.count", [d.expr], I32, span);
  const table = tableOf(strings, least, most, span, f.depth + 1);

  // the table has a row per known string, what is made of it one more: 0
  const rows = build.op("rdd.count", [table.expr], I32, span);
  const name = `${f.naming ?? "vocab"}.size`;
  const size = newSymbol(f, name, span, {
    k: "value",
    of: build.op("add", [rows, build.constant(1, I32, span)], I32, span),
  });
  const known = subDims(size, 1);
  const all = build.op(
    "rdd.collect",
    [table.expr],
    { k: "tuple", of: [vector(STRING, known), vector(I32, known)] },
    span,
  );
  const [values, counts] = [
    build.get(all, 0, vector(STRING, known), span),
    build.get(all, 1, vector(I32, known), span),
  ];
  const head = (e: Expr, t: TensorType): Expr => build.op("reshape", [e], vector(t, 1), span);
  const joined = (a: Expr, b: Expr, t: TensorType): Expr =>
    build.op("concat", [head(a, t), b], vector(t, addDims(known, 1)), span, { attrs: { axis: 0 } });
  const listed = joined(build.textConstant("", span), values, STRING);
  const others = build.op("sub", [total, build.op("sum", [counts], I32, span, { attrs: { axis: null } })], I32, span);
  return recordOf([
    ["size", number(size, "i32")],
    ["index", indexOf(listed)],
    ["value", valueAt(listed, size)],
    ["counts", tensorValue(joined(others, counts, I32))],
  ]);
}
/** the strings that are there, one a row */
function stringsOf(f: Frame, g: { span: Span }, fn: Value, args: Args, site: Ast.Expr): RddValue {
  const at = args.get("f")?.span ?? g.span;
  const mapped = map(
    f,
    new Map([
      ["c", args.get("d")!],
      ["f", { value: fn, span: at, whole: at }],
    ]),
    site,
  );
  const row = mapped.k === "rdd" ? mapped.expr.type.row : undefined;
  if (mapped.k !== "rdd" || !row) throw new Reported();
  const [own, missing] = row.k === "record" && row.maybe ? [row.fields[0]![1], true] : [row, false];
  if (own.k !== "leaf" || own.of.k !== "tensor" || own.of.elem !== "string") {
    const list = own.k === "leaf" && own.of.k === "list";
    return fail(f, {
      message: `vocab goes over strings, this is an ${describe(mapped)}`,
      span: at,
      help: list
        ? `${shown(f, g.span)} |> flat_map(w => w) |> vocab`
        : own.k === "record"
          ? `vocab(${shown(f, g.span)}, .${own.fields[0]?.[0] ?? "name"})`
          : `vocab(${shown(f, g.span)}, x => string(x))`,
    });
  }
  if (!missing) return mapped;
  const there = whole(f, { value: mapped, span: at, whole: at }, identity, site);
  if (there.k !== "rdd") throw new Reported();
  return there;
}
/** { value, count } by falling count, ties by value */
function tableOf(strings: RddValue, least: Dim, most: Dim | undefined, span: Span, depth: number): RddValue {
  const own = build.variable("", STRING, depth, span);
  const key = build.closeFn([own], leaf<Expr>(own), depth, span);
  const row: Tree<LeafType> = {
    k: "record",
    fields: [
      ["key", leaf<LeafType>(STRING)],
      ["a0", leaf<LeafType>(I32)],
    ],
  };
  const type = { k: "rdd", row } as const;
  const step = (
    op: string,
    of: Expr,
    attrs: build.OpParts["attrs"],
    fn?: readonly [string, (count: Expr) => Expr],
  ): Expr => {
    const vars = [build.variable("key", STRING, depth, span), build.variable("a0", I32, depth, span)];
    const fns = fn ? { [fn[0]]: build.closeFn(vars, leaf(fn[1](vars[1]!)), depth, span) } : {};
    return build.op(op, [of], type, span, { attrs: attrs ?? {}, fns });
  };
  let table: Expr = build.op("rdd.group", [strings.expr], type, span, { attrs: { ops: ["count"] }, fns: { key } });
  if (least !== 1) {
    const enough = (count: Expr): Expr =>
      build.op("ge", [count, build.constant(least, I32, span)], { k: "tensor", elem: "bool", shape: [] }, span);
    table = step("rdd.filter", table, {}, ["f", enough]);
  }
  // groups come in the order of their keys, and equal counts stay in it
  table = step("rdd.sort", table, { descending: [true] }, ["key", count => count]);
  if (most !== undefined)
    table = step("rdd.take", table, { count: typeof most === "number" ? Math.max(0, most - 1) : subDims(most, 1) });
  return rddValue(table as RddExpr); // as: of type rdd
}
function indexOf(table: Expr): Native {
  return {
    k: "native",
    name: "index",
    call: ([s], f, span) => {
      if (s?.k === "poison") throw new Reported();
      const look = (v: Value): Value =>
        isCell(v) && cellElem(v) === "string"
          ? tensorValue(
              build.op(
                "lookup",
                [cellExpr(v, span), table],
                { ...I32, shape: v.k === "cell" ? v.expr.type.shape : [] },
                placed(f, span),
              ),
            )
          : fail(f, { message: `index takes a string, this is ${describe(v)}`, span });
      if (s?.k === "none") return number(0, "i32");
      if (s?.k === "maybe") return select(f, s.present, look(s.value), number(0, "i32"), span, "index")!;
      return look(s ?? fail(f, { message: "index takes a string", span }));
    },
  };
}
function valueAt(table: Expr, size: Dim): Native {
  return {
    k: "native",
    name: "value",
    call: ([i], f, span) => {
      if (i?.k === "poison") throw new Reported();
      if (!i || !isTensor(i) || !isInteger(i.k === "constant" ? i.elem : i.expr.type.elem))
        return fail(f, { message: `value takes an integer${i ? `, this is ${describe(i)}` : ""}`, span });
      const ids = toExpr(i, "i32", span);
      const within = build.check(ids, 0, size, `the vocabulary has no entry \`${f.cx.text(span)}\``, placed(f, span));
      const type = { ...STRING, shape: typeOf(i).shape };
      return cellValue(build.op("gather", [table, within], type, placed(f, span), { attrs: { axis: 0 } }));
    },
  };
}
export const vocabSpecials: readonly (readonly [string, Special])[] = [
  simple("vocab(d, f = none, min_count = 1, max = none)", vocab),
];
