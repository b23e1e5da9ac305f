/** Actions: numbers of all records of an rdd, of a list known when compiling, of a function over a tensor. */
import type * as Ast from "../ast.ts";
import { type CoreElem, leaves, mapTree, type TensorType, tensorRow } from "../core.ts";
import { apply, functionOf, valueOfTree } from "./apply.ts";
import { just } from "./arguments.ts";
import * as build from "./build.ts";
import { fail, limit, newSymbol, Reported } from "./context.ts";
import { type Args, engine, later, orNone, perRecord, rddOf, rows, shown, simple } from "./given.ts";
import { binary } from "./operate.ts";
import { identity, map, unrolled, whole } from "./rdd.ts";
import { describe, floated, showTensor } from "./types.ts";
import {
  type Frame,
  type Given,
  isTensor,
  number,
  recordOf,
  type Special,
  tensorValue,
  typeOf,
  type Value,
} from "./value.ts";

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
      const what = `what ${name} goes over`;
      const made = functionOf(perRecord(f, c), self, tensorRow(d.expr.type.row), at, site, what, d.sources, d);
      for (const [field, type] of made.cells)
        return fail(f, { message: `${name} needs numbers, \`${field}\` is a ${type}`, span: at });
      // reductions skip what is missing
      if (mayMiss(made.result))
        return action(name).call(f, new Map([["c", { ...c, value: whole(f, c, self, site) }]]), site);
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
const mayMiss = (v: Value): boolean => v.k === "maybe" || (v.k === "record" && [...v.fields.values()].some(mayMiss));
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
  const result = mapTree(tensorRow(d.expr.type.row), t => ({ ...t, shape: [n, ...t.shape] }));
  const node = build.op("rdd.collect", [d.expr], { k: "tuple", of: leaves(result).map(([, t]) => t) }, site.span);
  let i = 0;
  return valueOfTree(mapTree(result, t => build.get(node, i++, t, site.span)));
}

/** of each number in a row: how it is spread */
function describeRows(f: Frame, args: Args, site: Ast.Expr): Value {
  const d = rddOf(f, "describe", args.get("d")!);
  const { span } = args.get("d")!;
  const numbers = leaves(tensorRow(d.expr.type.row)).filter(([, t]) => t.shape.length === 0 && t.elem !== "bool");
  if (!numbers.length)
    return fail(f, { message: `describe needs fields that are numbers, this is an ${describe(d)}`, span });
  const field = (path: string): Value => ({
    k: "native",
    name: path,
    call: ([r]) => path.split(".").reduce((v, n) => (v.k === "record" ? v.fields.get(n)! : v), r!),
  });
  const of = (name: string, path: string): Value => {
    const own = f.cx.prelude.names.get(name)?.value() ?? { k: "builtin", name, builtin: f.cx.builtins.get(name) };
    return f.cx.call(f, own, just([d, field(path)], span), site, span);
  };
  return recordOf(
    numbers.map(([path]) => [
      path || "value",
      recordOf(["mean", "std", "min", "max"].map(name => [name, of(name, path)] as const)),
    ]),
  );
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
  later("reduce(d, f)", "sum, mean, min, max of an rdd"),
  later("count_distinct(d, f = none)", engine),
  simple("describe(d)", describeRows),
  later("vocab(d, f = none, min_count = 1, max = none)", engine),
];
