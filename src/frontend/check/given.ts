/** Arguments of the builtins that are part of check: an rdd, a function, a count, a text, a seed; and how their table is written. */
import type { Span } from "../../ir/node.ts";
import type { Expr, RddType } from "../core.ts";
import { report } from "../diagnostics/catalogue.ts";
import * as build from "./build.ts";
import { fail, limit, newSymbol, placed, Reported } from "./context.ts";
import { compareDims, type Dim } from "./dims.ts";
import { toExpr } from "./operate.ts";
import { staticOf } from "./static.ts";
import { describe, isFloat, isInteger } from "./types.ts";
import {
  type Arguments,
  type Frame,
  type Given,
  isCallable,
  isTensor,
  knownOf,
  NONE,
  type RddValue,
  type Special,
  type Table,
  typeOf,
  type Value,
} from "./value.ts";

export type RddExpr = RddValue["expr"];
export type Args = ReadonlyMap<string, Given>;
export type First = (args: Arguments) => boolean;
const firstOf = (args: Arguments): Value | undefined => args.positional[0]?.value ?? args.named[0]?.value;
/** the first argument is no tensor: the builtin on tensors of the same name is not meant */
export const rows: First = args => {
  const v = firstOf(args);
  return v !== undefined && !isTensor(v);
};
export const orNone = (args: Args, name: string): Value => args.get(name)?.value ?? NONE;
/** the text of an expression, short enough for a message */
export const shown = (f: Frame, span: Span): string => {
  const t = f.cx.text(span);
  return t.length > 40 || t.includes("\n") ? "this" : t;
};

/** the argument as an rdd; 7 where it is read for each record of another */
export function rddOf(f: Frame, name: string, g: Given): RddValue {
  const v = g.value;
  if (v.k === "poison") throw new Reported();
  if (v.k === "group")
    return fail(f, {
      message: `${name} takes an rdd, these are the records of one group, of which each has its own number`,
      span: g.span,
      ...(name === "collect" ? { help: `pad_to(${shown(f, g.span)}, 8)` } : {}),
    });
  if (v.k !== "rdd")
    return fail(f, {
      message: `${name} takes an rdd, this is ${describe(v)}`,
      span: g.span,
      ...(isTensor(v) ? { help: `rows(${shown(f, g.span)}) is the rdd of its slices` } : {}),
    });
  if (f.over !== undefined) {
    const both = fieldsIn(v).filter(n => f.overFields?.includes(n));
    const on =
      fieldsIn(v).length && name === "filter"
        ? `${f.over} |> join(${shown(f, g.span)}, on: "${both.length === 1 ? both[0] : "key"}"); a small one: `
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
export const rddValue = (expr: RddExpr, sources?: ReadonlyMap<string, string>, table?: Table): RddValue => ({
  k: "rdd",
  expr,
  ...(sources ? { sources } : {}),
  ...(table ? { table } : {}),
});
export const rddOp = (
  name: string,
  d: RddValue,
  type: RddType,
  span: Span,
  parts: build.OpParts = {},
  more: readonly Expr[] = [],
): RddValue => rddValue(build.op(name, [d.expr, ...more], type, span, parts) as RddExpr, d.sources, d.table);
const fieldsIn = (d: RddValue): readonly string[] => {
  const { row } = d.expr.type;
  return row.k === "record" && !row.maybe ? row.fields.map(([n]) => n) : [];
};
export const perRecord = (f: Frame, g: Given): Frame => ({
  ...f,
  over: f.cx.text(g.span),
  overFields: g.value.k === "rdd" ? fieldsIn(g.value) : [],
  outside: "rdd",
  instances: undefined,
});
export const seedArgument = (f: Frame, args: Args): readonly Expr[] => {
  const seed = args.get("seed");
  if (!seed || seed.value.k === "none") return [];
  const t = isTensor(seed.value) ? typeOf(seed.value) : undefined;
  if (seed.value.k === "poison") throw new Reported();
  if (!t || t.shape.length || !isInteger(t.elem) || !isTensor(seed.value))
    return fail(f, { message: `\`seed\` is one integer, this is ${describe(seed.value)}`, span: seed.span });
  return [toExpr(seed.value, "i32", seed.span)];
};
/** a positive count known when compiling */
export function countOf(f: Frame, name: string, g: Given, least = 1, help = "a number, or a param"): number {
  const n = dimOf(f, name, g, least);
  if (typeof n === "number") return n;
  return fail(f, {
    message: `\`${name}\` must be known when compiling, this hangs on data`,
    span: g.span,
    help,
  });
}
/** a positive count; data may decide it */
export function dimOf(f: Frame, name: string, g: Given, least = 1): Dim {
  const type = isTensor(g.value) ? typeOf(g.value) : undefined;
  const notInteger = (): never =>
    fail(f, {
      message: `\`${name}\` is an integer, this is ${describe(g.value)}`,
      span: g.span,
      ...(type && type.shape.length === 0 && isFloat(type.elem)
        ? { help: `div(a, b) in place of a / b, or i32(${shown(f, g.span)})` }
        : {}),
    });
  if (type && isFloat(type.elem) && !knownOf(g.value)) return notInteger();
  const s = ofData(f, name, g) ?? staticOf(f, g.value, g.span, `\`${name}\``);
  if (typeof s === "object" && s !== null && "k" in s && s.k === "poly") {
    const order = compareDims(s, least);
    if (order === "?" || order === "<=") {
      const message = `\`${name}\` is at least ${least}`;
      f.cx.checks.push({ a: s, b: least, least: true, message, span: placed(f, g.span) });
    }
    return s;
  }
  if (typeof s !== "number" || !Number.isInteger(s)) return notInteger();
  if (s < least) return fail(f, { message: `\`${name}\` is at least ${least}, this is ${s}`, span: g.span });
  return s;
}
/** an integer outside of all functions that data decide, as a dim */
function ofData(f: Frame, name: string, { value, span }: Given): Dim | undefined {
  if (value.k !== "tensor" || value.known || value.expr.depth > 0) return undefined;
  const { shape, elem } = value.expr.type;
  if (shape.length || !isInteger(elem)) return undefined;
  return newSymbol(f, name, span, { k: "value", of: value.expr });
}
export function textOf(f: Frame, name: string, g: Given): string {
  if (g.value.k === "text") return g.value.text;
  if (g.value.k === "poison") throw new Reported();
  const computed = g.value.k === "cell" && g.value.expr.type.elem === "string";
  return fail(f, {
    message: computed
      ? `\`${name}\` must be known when compiling, this is computed by the program`
      : `\`${name}\` is a string, this is ${describe(g.value)}`,
    span: g.span,
  });
}

export function callableOf(f: Frame, name: string, g: Given): Value {
  if (g.value.k === "poison") throw new Reported();
  if (isCallable(g.value)) return g.value;
  return fail(f, { message: `${name} takes a function, this is ${describe(g.value)}`, span: g.span });
}

/** parses and means something, and ends in a Limit; its arguments are bound first */
export const later = (signature: string, instead: string, takes?: First): [string, Special] => {
  const name = signature.slice(0, signature.indexOf("("));
  return [
    name,
    {
      signature,
      notBuilt: true,
      ...(takes ? { takes } : {}),
      call: (f, args, site) =>
        [...args.values()].some(a => a.value.k === "poison") ? fail1() : limit(f, `\`${name}\``, instead, site.span),
    },
  ];
};
const fail1 = (): never => {
  throw new Reported();
};
export const simple = (signature: string, call: Special["call"], takes?: First): [string, Special] => [
  signature.slice(0, signature.indexOf("(")),
  { signature, call, ...(takes ? { takes } : {}) },
];
