/** Functions of strings: one op each, of literals a literal where every engine agrees on what it is. */
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import type { CoreElem, Expr, Static, TensorType, Tree } from "../core.ts";
import { valueOfTree } from "./apply.ts";
import * as build from "./build.ts";
import { staticOf } from "./builtin-call.ts";
import { fail, limit, placed, Reported } from "./context.ts";
import { type Args, countOf, type First, simple, textOf } from "./given.ts";
import { cellElem, cellExpr, isCell, mayBeMissing } from "./infix.ts";
import { toExpr } from "./operate.ts";
import { lengthOf, wordsOf } from "./sequence.ts";
import { describe, isInteger } from "./types.ts";
import {
  bool,
  type Cell,
  type Frame,
  type Given,
  isTensor,
  knownOf,
  number,
  type Special,
  settled,
  type Text,
  text,
  typeOf,
  type Value,
} from "./value.ts";

const scalar = (elem: CoreElem): TensorType => ({ k: "tensor", elem, shape: [] });
const leaf = (of: Expr): Tree<Expr> => ({ k: "leaf", of });
/** an op of strings and instants; its result is a number, a bool, or such a cell */
export const cellOp = (
  f: Frame,
  op: string,
  args: readonly Expr[],
  elem: CoreElem,
  span: Span,
  attrs: Readonly<Record<string, Static>> = {},
): Value => valueOfTree(leaf(build.op(op, args, scalar(elem), placed(f, span), { attrs })));

/** one string or instant; message 4 where it may be missing */
export function cellGiven(f: Frame, name: string, g: Given, elem: "string" | "time", site: Ast.Expr): Cell | Text {
  const v = g.value;
  if (v.k === "poison") throw new Reported();
  if (isCell(v) && cellElem(v) === elem && (v.k === "text" || v.expr.type.shape.length === 0)) return v;
  const needs = elem === "string" ? "a string" : "a time";
  if (v.k === "maybe" && cellElem(v.value) === elem) {
    const [own, whole] = [f.cx.text(g.span), f.cx.text(site.span)];
    const rest = (other: (s: Span) => string): string =>
      whole.includes(own) ? whole.replace(own, `${own} ?? ""`) : `${other(g.span)} |> ${whole}`;
    return mayBeMissing(f, v, { op: name, needs, span: g.span, rest });
  }
  const help =
    isTensor(v) && elem === "string"
      ? `string(${f.cx.text(g.span)})`
      : cellElem(v) === "string"
        ? `parse_time(${f.cx.text(g.span)}, "%Y-%m-%d")`
        : v.k === "rdd"
          ? `per record: ${f.cx.text(g.span)} |> map(r => ${name}(r))`
          : undefined;
  return fail(f, {
    message: `${name} needs ${needs}, this is ${v.k === "rdd" ? "an " : ""}${describe(v)}`,
    span: g.span,
    help,
  });
}
const stringGiven = (f: Frame, name: string, args: Args, formal: string, site: Ast.Expr): Cell | Text =>
  cellGiven(f, name, args.get(formal)!, "string", site);

/** `name(s)` */
const ofOne = (name: string, fold: (s: string) => string) =>
  simple(`${name}(s)`, (f, args, site) => {
    const s = stringGiven(f, name, args, "s", site);
    return s.k === "text" ? text(fold(s.text)) : cellOp(f, name, [s.expr], "string", site.span);
  });
/** `name(s, part)`: bool */
const ofTwo = (name: string, fold: (s: string, part: string) => boolean) =>
  simple(`${name}(s, part)`, (f, args, site) => {
    const [s, part] = ["s", "part"].map(n => stringGiven(f, name, args, n, site));
    if (s!.k === "text" && part!.k === "text") return bool(fold(s!.text, part!.text));
    return cellOp(
      f,
      name,
      [s!, part!].map(v => cellExpr(v, site.span)),
      "bool",
      site.span,
    );
  });
/** a pattern that can be a regular expression */
function patternOf(f: Frame, g: Given): string {
  const pattern = textOf(f, "pattern", g);
  try {
    new RegExp(pattern, "u");
  } catch {
    return fail(f, { message: `${JSON.stringify(pattern)} is no regular expression`, span: g.span });
  }
  return pattern;
}
function whole(f: Frame, name: string, g: Given): Expr {
  const v = g.value;
  if (v.k === "poison") throw new Reported();
  if (isTensor(v) && isInteger(v.k === "constant" ? v.elem : v.expr.type.elem) && typeOf(v).shape.length === 0)
    return toExpr(v, "i32", g.span);
  return fail(f, { message: `\`${name}\` is an integer, this is ${describe(v)}`, span: g.span });
}

const string = simple("string(x)", (f, args, site) => {
  const g = args.get("x")!;
  const v = g.value;
  if (v.k === "poison") throw new Reported();
  if (cellElem(v) === "string") return v;
  if (v.k === "maybe") {
    const rest = (): string => `string(${f.cx.text(g.span)} ?? ..)`;
    return mayBeMissing(f, v, { op: "string", needs: "a value", span: g.span, rest });
  }
  if (v.k === "cell") return cellOp(f, "string", [v.expr], "string", site.span);
  if (!isTensor(v) || typeOf(v).shape.length)
    return fail(f, {
      message: `string takes one number, bool or time, this is ${v.k === "rdd" ? "an " : ""}${describe(v)}`,
      span: g.span,
    });
  const d = v.k === "constant" ? v.data[0] : undefined;
  if (v.k === "constant" && typeof d === "number") {
    if (v.elem === "bool") return text(d ? "true" : "false");
    if (isInteger(v.elem)) return text(String(d));
  }
  const elem = v.k === "constant" ? settled(v.elem) : v.expr.type.elem;
  return cellOp(f, "string", [toExpr(v, elem === "u8" ? "i32" : elem, site.span)], "string", site.span);
});

/** casts of strings: what is no such number is missing */
const PARSED: readonly CoreElem[] = ["bool", "i32", "i64", "f32", "f64"];
const ofString: First = args => {
  const v = args.positional[0]?.value ?? args.named[0]?.value;
  return v !== undefined && (cellElem(v) !== undefined || (v.k === "maybe" && v.value.k === "cell"));
};
const parse = (elem: CoreElem): readonly [string, Special] =>
  simple(
    `${elem}(x)`,
    (f, args, site) => {
      const g = args.get("x")!;
      const v = g.value.k === "maybe" ? g.value.value : g.value;
      if (cellElem(v) === "time")
        return fail(f, {
          message: `${elem} takes a number or a string, this is ${describe(g.value)}`,
          span: g.span,
          help: `${elem === "f64" ? "" : `${elem}(`}seconds(${f.cx.text(g.span)})${elem === "f64" ? "" : ")"}`,
        });
      if (!PARSED.includes(elem))
        return limit(f, `a string as ${elem}`, `${elem}(f32(${f.cx.text(g.span)}) ?? 0)`, site.span);
      if (!isCell(v)) throw new Reported();
      const s = cellExpr(v, g.span);
      const value = cellOp(f, "parse", [s], elem, site.span);
      const parses = build.op("parses", [s], scalar("bool"), placed(f, site.span), { attrs: { elem } });
      const there =
        g.value.k === "maybe" ? build.op("and", [g.value.present.expr, parses], scalar("bool"), site.span) : parses;
      return valueOfTree({
        k: "record",
        maybe: true,
        fields: [
          ["value", leaf((value as { expr: Expr }).expr)], // as: a residual
          ["present", leaf(there)],
        ],
      });
    },
    ofString,
  );

export const textSpecials: readonly (readonly [string, Special])[] = [
  ofOne("lower", s => s.toLowerCase()),
  ofOne("upper", s => s.toUpperCase()),
  ofOne("trim", s => s.trim()),
  ofTwo("contains", (s, part) => s.includes(part)),
  ofTwo("starts_with", (s, part) => s.startsWith(part)),
  simple("replace(s, pattern, by)", (f, args, site) => {
    const s = stringGiven(f, "replace", args, "s", site);
    const attrs = { pattern: patternOf(f, args.get("pattern")!), by: textOf(f, "by", args.get("by")!) };
    return cellOp(f, "replace", [cellExpr(s, site.span)], "string", site.span, attrs);
  }),
  simple("matches(s, pattern)", (f, args, site) => {
    const s = stringGiven(f, "matches", args, "s", site);
    const attrs = { pattern: patternOf(f, args.get("pattern")!) };
    return cellOp(f, "matches", [cellExpr(s, site.span)], "bool", site.span, attrs);
  }),
  simple("substring(s, start, size)", (f, args, site) => {
    const s = stringGiven(f, "substring", args, "s", site);
    const [start, size] = ["start", "size"].map(n => args.get(n)!);
    const known = [start!, size!].map(g => knownOf(g.value)?.constant.data[0]);
    if (s.k === "text" && known.every(n => typeof n === "number" && n >= 0))
      return text([...s.text].slice(known[0] as number, (known[0] as number) + (known[1] as number)).join("")); // as: seen above
    const where = [whole(f, "start", start!), whole(f, "size", size!)];
    return cellOp(f, "substring", [cellExpr(s, site.span), ...where], "string", site.span);
  }),
  simple("hash(s, buckets)", (f, args, site) => {
    const s = stringGiven(f, "hash", args, "s", site);
    const buckets = countOf(f, "buckets", args.get("buckets")!);
    return cellOp(f, "hash", [cellExpr(s, site.span)], "i32", site.span, { buckets });
  }),
  simple("length(s)", (f, args, site) => {
    const g = args.get("s")!;
    const list = lengthOf(f, g, site.span);
    if (list) return list;
    if (isTensor(g.value))
      return fail(f, {
        message: `length is of a string or a list, this is ${describe(g.value)}`,
        span: g.span,
        help: `shape(${f.cx.text(g.span)})[0]`,
      });
    const s = stringGiven(f, "length", args, "s", site);
    return s.k === "text" ? number([...s.text].length, "i32") : cellOp(f, "length", [s.expr], "i32", site.span);
  }),
  simple("words(s)", (f, args, site) => wordsOf(f, stringGiven(f, "words", args, "s", site), site.span)),
  string,
  ...(["bool", "u8", "i32", "i64", "f16", "f32", "f64"] as const).map(parse),
];
/** a format that is known when compiling */
export const formatOf = (f: Frame, g: Given): string => {
  const s = staticOf(f, g.value, g.span, "`format`");
  return typeof s === "string"
    ? s
    : fail(f, { message: `\`format\` is a string, this is ${describe(g.value)}`, span: g.span });
};
