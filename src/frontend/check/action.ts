/** Actions: numbers of all records of an rdd, of a list known when compiling, of a function over a tensor. */
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import { type CoreElem, countedOf, type LeafType, leaves, mapTree, type TensorType, type Tree } from "../core.ts";
import { apply, functionOf, valueOfTree } from "./apply.ts";
import { just } from "./arguments.ts";
import * as build from "./build.ts";
import { fail, newSymbol, placed, Reported } from "./context.ts";
import { type Args, orNone, perRecord, rddOf, rows, shown, simple } from "./given.ts";
import { countGroup, distinctInGroup, reduceGroup } from "./group.ts";
import { infix, isCell } from "./infix.ts";
import { logic } from "./operate.ts";
import { identity, map, mayMiss, unrolled, whole } from "./rdd.ts";
import { select } from "./select.ts";
import { asSequence, lengthOf, reduceSequence } from "./sequence.ts";
import { describe, floated, showTensor, showType } from "./types.ts";
import {
  type Frame,
  type Given,
  isTensor,
  NONE,
  number,
  recordOf,
  type Special,
  tensorValue,
  typeOf,
  type Value,
} from "./value.ts";

/** instants have a least and a greatest; strings, too, where an engine reduces them */
const ELEMENTS: { readonly [action: string]: (e: CoreElem) => CoreElem | undefined } = {
  sum: e => (isText(e) ? undefined : e === "bool" || e === "u8" ? "i32" : e),
  mean: e => (isText(e) ? undefined : e === "bool" ? "f32" : (floated(e) as CoreElem)),
  min: e => (e === "bool" ? undefined : e === "u8" ? "i32" : e),
  max: e => (e === "bool" ? undefined : e === "u8" ? "i32" : e),
  any: e => (e === "bool" ? e : undefined),
  all: e => (e === "bool" ? e : undefined),
};
const isText = (e: CoreElem): boolean => e === "string" || e === "time";
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
      const each = { value: fn.k === "none" ? identity : fn, span: at, whole: at };
      if (c.value.k === "sequence") return reduceSequence(f, name, c.value, each, site, ELEMENTS[name]!);
      if (c.value.k === "group") return reduceGroup(f, name, c.value, each, site, ELEMENTS[name]!);
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
      const what = `what ${name} goes over`;
      const made = functionOf(perRecord(f, c), self, d.expr.type.row, at, site, what, d);
      // reductions skip what is missing
      if (mayMiss(made.result))
        return action(name).call(f, new Map([["c", { ...c, value: whole(f, c, self, site) }]]), site);
      const out = mapTree(made.body, leaf => {
        const t = leaf.type;
        const elem = t.k === "tensor" && t.elem !== "string" ? ELEMENTS[name]!(t.elem) : undefined;
        if (t.k !== "tensor")
          return fail(f, {
            message: `${name} needs numbers, this is ${describe(valueOfTree({ k: "leaf", of: leaf }))}`,
            span: at,
          });
        if (!elem)
          return fail(
            f,
            name !== "any" && name !== "all"
              ? {
                  message: `${name} needs numbers, this is ${showTensor(t)}`,
                  span: at,
                  help: ordered(f, name, t, c, at),
                }
              : {
                  message: `${name} needs bools, this is ${showTensor(t)}`,
                  span: at,
                  help: `a comparison: ${name}(${shown(f, c.span)}, r => r.x > 0)`,
                },
          );
        return build.op(`rdd.${name}`, [d.expr], { ...t, elem }, placed(f, site.span), {
          fns: { f: made.fn({ k: "leaf", of: leaf }) },
        });
      });
      return valueOfTree(out);
    },
  };
}
/** a list is known when compiling: its elements are folded one by one */
function overList(f: Frame, name: string, c: Given, fn: Value, site: Ast.Expr): Value {
  if (c.value.k !== "list") throw new Reported();
  const each = c.value.items.map((x, i) => (fn.k === "none" ? x : apply(unrolled(f, site, i), fn, [x], c.span, site)));
  if (each.some(v => v.k === "poison")) throw new Reported();
  const [first, ...rest] = each;
  if (!first) return fail(f, { message: `${name} of an empty list`, span: c.span });
  const at = { span: site.span, a: c.span, b: c.span };
  if (first.k === "record") {
    const fields = [...first.fields.keys()];
    const same = each.every(
      v => v.k === "record" && v.fields.size === fields.length && fields.every(n => v.fields.has(n)),
    );
    if (!same) return fail(f, { message: `${name} goes over records with the same fields`, span: c.span });
    const field = (n: string): Given => ({
      ...c,
      value: { k: "list", items: each.map(v => (v.k === "record" ? v.fields.get(n)! : v)) },
    });
    return recordOf(fields.map(n => [n, overList(f, name, field(n), NONE, site)] as const));
  }
  const wrong = each.find(v => !isTensor(v) && !isCell(v));
  if (wrong)
    return fail(f, {
      message: `${name} needs ${name === "any" || name === "all" ? "bools" : "numbers"}, this is ${describe(wrong)}`,
      span: c.span,
    });
  const fold = (step: (a: Value, b: Value) => Value): Value => rest.reduce(step, first);
  switch (name) {
    case "sum":
      return fold((a, b) => infix(f, "+", a, b, at));
    case "mean":
      return infix(
        f,
        "/",
        fold((a, b) => infix(f, "+", a, b, at)),
        number(each.length),
        at,
      );
    case "any":
    case "all":
      return fold((a, b) => logic(f, name === "any" ? "or" : "and", a, b, at));
    default: {
      const least = (a: Value, b: Value): Value => {
        if (isTensor(a) && isTensor(b)) {
          const op = name === "min" ? "minimum" : "maximum";
          return f.cx.call(
            f,
            { k: "builtin", name: op, builtin: f.cx.builtins.get(op) },
            just([a, b], c.span),
            site,
            c.span,
          );
        }
        const isLess = infix(f, name === "min" ? "<" : ">", b, a, at);
        const one = isTensor(isLess) ? select(f, isLess, b, a, site.span, name) : undefined;
        return one ?? fail(f, { message: `${name} compares ${describe(a)} with ${describe(b)}`, span: c.span });
      };
      return fold(least);
    }
  }
}
function count(f: Frame, args: Args, site: Ast.Expr): Value {
  const c = args.get("c")!;
  const v = c.value;
  if (v.k === "list") return number(v.items.length);
  if (isTensor(v)) {
    const n = typeOf(v).shape[0];
    return n === undefined ? fail(f, { message: `count of ${describe(v)}`, span: c.span }) : number(n);
  }
  if (v.k === "sequence") return lengthOf(f, c, site.span)!;
  if (v.k === "group") return countGroup(f, v, site.span);
  const d = rddOf(f, "count", c);
  return tensorValue(build.op("rdd.count", [countedOf(d.expr)], { k: "tensor", elem: "i32", shape: [] }, site.span));
}
function collect(f: Frame, args: Args, site: Ast.Expr): Value {
  const g = args.get("d")!;
  const d = rddOf(f, "collect", g);
  if (d.expr.type.rows === undefined && countedOf(d.expr).depth > 0)
    return fail(f, {
      message: `how many rows \`${shown(f, g.span)}\` has may differ from trip to trip, and a tensor has one shape`,
      span: site.span,
      help: "take(n) before it: it has n rows then, and fewer are an error",
    });
  const n =
    d.expr.type.rows ?? newSymbol(f, f.naming ? `${f.naming}_rows` : "rows", site.span, { k: "rows", rdd: d.expr });
  const result = mapTree(
    d.expr.type.row,
    (t, path): TensorType =>
      t.k === "tensor"
        ? { ...t, shape: [n, ...t.shape] }
        : fail(f, {
            message: `collect makes tensors, ${path ? `\`${path}\`` : "a row"} is ${showType(t)}`,
            span: site.span,
            help: path
              ? `pad_to(r.${path}, n) in a map before it`
              : "flat_map(x => x), or map(x => pad_to(x, n)) before it",
          }),
  );
  const node = build.op("rdd.collect", [d.expr], { k: "tuple", of: leaves(result).map(([, t]) => t) }, site.span);
  let i = 0;
  return valueOfTree(mapTree(result, t => build.get(node, i++, t, site.span)));
}

/** the fields that are numbers, also where they may be missing */
function numbersIn(t: Tree<LeafType>, path = ""): readonly string[] {
  if (t.k === "record" && !t.maybe) return t.fields.flatMap(([n, x]) => numbersIn(x, path ? `${path}.${n}` : n));
  const own = t.k === "leaf" ? t.of : leaves(t)[0]![1];
  const number = own.k === "tensor" && own.shape.length === 0 && !isText(own.elem) && own.elem !== "bool";
  return number ? [path] : [];
}
/** the least and the greatest of strings, whose order an engine knows */
function ordered(f: Frame, name: string, t: TensorType, c: Given, at: Span): string | undefined {
  if (t.elem !== "string" || (name !== "min" && name !== "max")) return undefined;
  const key = f.cx.text(at);
  return `${shown(f, c.span)} |> sort_by(${at === c.span ? "x => x" : key}${name === "max" ? ", descending: true" : ""}) |> first`;
}
/** of each number in a row: how it is spread */
function describeRows(f: Frame, args: Args, site: Ast.Expr): Value {
  const { value, span } = args.get("d")!;
  const list = value.k === "group" || value.k === "sequence" ? asSequence(f, value, span) : undefined;
  const d = list ? value : rddOf(f, "describe", args.get("d")!);
  const numbers = numbersIn(list ? list.expr.type.of : rddOf(f, "describe", args.get("d")!).expr.type.row);
  if (!numbers.length)
    return fail(f, { message: `describe needs fields that are numbers, this is an ${describe(d)}`, span });
  const field = (path: string): Value => ({
    k: "native",
    name: path,
    call: ([r]) => (path === "" ? r! : path.split(".").reduce((v, n) => (v.k === "record" ? v.fields.get(n)! : v), r!)),
  });
  const of = (name: string, path: string): Value => {
    const own = f.cx.prelude.names.get(name)?.value() ?? { k: "builtin", name, builtin: f.cx.builtins.get(name) };
    return f.cx.call(f, own, just([d, field(path)], span), site, span);
  };
  return recordOf(
    numbers.map(path => [
      path || "value",
      recordOf(["mean", "std", "min", "max"].map(name => [name, of(name, path)] as const)),
    ]),
  );
}
/** how many different values there are; what is missing is none */
function countDistinct(f: Frame, args: Args, site: Ast.Expr): Value {
  const g = args.get("d")!;
  const fn = orNone(args, "f");
  const at = args.get("f")?.span ?? g.span;
  if (g.value.k === "group")
    return (
      distinctInGroup(f, g.value, { value: fn.k === "none" ? identity : fn, span: at, whole: at }, site) ??
      f.cx.specials
        .get("count_distinct")!
        .call(f, new Map([...args, ["d", { ...g, value: g.value.sink.list(g.value, g.span) }]]), site)
    );
  rddOf(f, "count_distinct", g);
  const there = whole(f, g, fn.k === "none" ? identity : fn, site);
  const call = (name: string, v: Value): Value =>
    f.cx.call(f, { k: "builtin", name, builtin: undefined }, just([v], at), site, site.span);
  return call("count", call("distinct", there));
}
export const actionSpecials: readonly (readonly [string, Special])[] = [
  ["sum", action("sum")],
  ["mean", action("mean")],
  ["min", action("min")],
  ["max", action("max")],
  ["any", action("any")],
  ["all", action("all")],
  simple("count(c)", count),
  simple("collect(d)", collect),
  simple("count_distinct(d, f = none)", countDistinct),
  simple("describe(d)", describeRows),
];
