/** reduce: all records in one, two at a time. A fold in which the first one is the state. */
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import { type Expr, type LeafType, mapTree, type TensorType, type Tree } from "../core.ts";
import { apply, cellsOf, typeTree, valueOfTree } from "./apply.ts";
import { just } from "./arguments.ts";
import * as build from "./build.ts";
import { fail, Reported } from "./context.ts";
import { type Args, callableOf, rddOf, simple } from "./given.ts";
import { guard } from "./guard.ts";
import { identity, whole } from "./rdd.ts";
import { select } from "./select.ts";
import { describe, showType } from "./types.ts";
import {
  bool,
  type Frame,
  type Given,
  isTensor,
  type RddValue,
  recordOf,
  type Special,
  tensorValue,
  treeOf,
  type Value,
} from "./value.ts";

const BOOL: TensorType = { k: "tensor", elem: "bool", shape: [] };

function reduce(f: Frame, args: Args, site: Ast.Expr): Value {
  const [c, fn] = [args.get("d")!, args.get("f")!];
  callableOf(f, "reduce", fn);
  if (c.value.k === "poison") throw new Reported();
  if (c.value.k === "list") {
    const [first, ...rest] = c.value.items;
    if (!first) return fail(f, { message: "reduce of an empty list", span: c.span });
    return rest.reduce<Value>((s, x, i) => apply(f, fn.value, [s, x], fn.span, site, `${i}`), first);
  }
  const call = (name: string, values: readonly Value[]): Value =>
    f.cx.call(f, { k: "builtin", name, builtin: f.cx.builtins.get(name) }, just(values, c.span), site, site.span);
  const isWhole = isTensor(c.value) || c.value.k === "cell";
  const all = isWhole ? c.value : call("collect", [withoutLists(f, present(f, c, site), c)]);
  const xs = typeTree(cellsOf(f, all, c.span, "what reduce goes over"));
  if (xs.k === "leaf" && xs.of.shape.length === 0)
    return fail(f, { message: `reduce needs an axis to go along, this is ${describe(c.value)}`, span: c.span });
  const zero = mapTree(xs, t =>
    t.elem === "string"
      ? build.textConstant("", site.span)
      : build.constant(0, { ...t, shape: t.shape.slice(1) }, site.span),
  );
  // whether there was a first one
  const start = recordOf([
    ["s", valueOfTree(zero as Tree<Expr>)],
    ["some", tensorValue(build.constant(0, BOOL, site.span))],
  ]);
  const step: Value = {
    k: "native",
    name: "reduce",
    call: ([state, x], inner, span) => {
      if (state?.k !== "record" || !x) throw new Error("internal: reduce without its state");
      const [s, some] = [state.fields.get("s")!, state.fields.get("some")!];
      const both = apply(inner, fn.value, [s, x], span, site);
      if (both.k === "poison") return both;
      return recordOf([
        ["s", either(inner, some, both, x, fn.span)],
        ["some", bool(true)],
      ]);
    },
  };
  const done = call("fold", [all, start, step]);
  if (done.k !== "record") throw new Reported();
  return there(f, done.fields.get("s")!, done.fields.get("some")!, site.span);
}
/** what is missing is skipped */
function present(f: Frame, c: Given, site: Ast.Expr): RddValue {
  const d = rddOf(f, "reduce", c);
  const there = whole(f, { ...c, value: d }, identity, site);
  return there.k === "rdd" ? there : d;
}
/** lists have no place in a loop */
function withoutLists(f: Frame, d: RddValue, c: Given): RddValue {
  mapTree(d.expr.type.row, (t: LeafType, path) =>
    t.k === "list"
      ? fail(f, {
          message: `reduce goes over numbers and texts, ${path ? `\`${path}\`` : "a row"} is ${showType(t)}`,
          span: c.span,
          help: "leave it out in a map before it",
        })
      : t,
  );
  return d;
}
/** leaf by leaf: a record stays one */
function either(f: Frame, c: Value, a: Value, b: Value, span: Span): Value {
  if (a.k === "record" && b.k === "record")
    return recordOf(
      [...b.fields].map(([n, x]) => {
        const own = a.fields.get(n);
        return [n, own ? either(f, c, own, x, span) : changed(f, a, b, span)] as const;
      }),
    );
  if (!isTensor(c)) throw new Error("internal: a condition that is no bool");
  return select(f, c, a, b, span, "reduce") ?? changed(f, a, b, span);
}
const changed = (f: Frame, a: Value, b: Value, span: Span): never =>
  fail(f, {
    message: `the function of reduce gives what its arguments are: ${describe(b)} becomes ${describe(a)}`,
    span,
  });
/** of nothing there is no result: a fault of this place */
function there(f: Frame, v: Value, some: Value, span: Span): Value {
  if (!isTensor(some)) throw new Error("internal: a condition that is no bool");
  if (some.k === "constant") return v;
  return valueOfTree(
    mapTree(treeOf(v), leaf => {
      const own = cellsOf(f, leaf, span, "a state");
      if (own.k !== "leaf") throw new Error("internal: a leaf that is a record");
      return guard(some.expr, own.of, "there are no rows, and of nothing reduce makes nothing", span);
    }),
  );
}
export const reduceSpecials: readonly (readonly [string, Special])[] = [simple("reduce(d, f)", reduce)];
