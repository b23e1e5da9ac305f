/** Functions of strings: one op each, of literals a literal. */
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import type { CoreElem } from "../core.ts";
import { just } from "./arguments.ts";
import { cellOp, maybeOp } from "./cell-op.ts";
import { fail, Reported } from "./context.ts";
import { type Args, dimOf, type First, simple, textOf } from "./given.ts";
import { cellElem, infix, isCell, mayBeMissing } from "./infix.ts";
import { logic, toExpr } from "./operate.ts";
import { lengthOf, wordsOf } from "./sequence.ts";
import { describe, isInteger, typed } from "./types.ts";
import {
  type Cell,
  type Frame,
  type Given,
  isTensor,
  number,
  type Special,
  type Text,
  tensorValue,
  typeOf,
  type Value,
} from "./value.ts";

/** one string or instant; message 4 where it may be missing */
export function cellGiven(f: Frame, name: string, g: Given, elem: "string" | "time", site: Ast.Expr): Cell | Text {
  const v = g.value;
  if (v.k === "poison") throw new Reported();
  if (isCell(v) && cellElem(v) === elem && (v.k === "text" || v.expr.type.shape.length === 0)) return v;
  const needs = elem === "string" ? "a string" : "a time";
  if (v.k === "maybe" && cellElem(v.value) === elem) {
    const [own, whole] = [f.cx.text(g.span), f.cx.text(site.span)];
    const rest = (other: (s: Span) => string): string =>
      whole.includes(own) ? whole.replace(own, () => `${own} ?? ""`) : `${other(g.span)} |> ${whole}`;
    return mayBeMissing(f, v, { op: name, needs, span: g.span, rest });
  }
  const help =
    v.k === "cell" && cellElem(v) === elem
      ? `map(${f.cx.text(g.span)}, s => ${name}(s))`
      : isTensor(v) && elem === "string"
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
const ofOne = (name: "lower" | "upper" | "trim"): readonly [string, Special] =>
  simple(`${name}(s)`, (f, args, site) =>
    cellOp(f, name, [stringGiven(f, name, args, "s", site)], "string", site.span),
  );
/** `name(s, part)`: bool */
const ofTwo = (name: "contains" | "starts_with"): readonly [string, Special] =>
  simple(`${name}(s, part)`, (f, args, site) => {
    const both = ["s", "part"].map(n => stringGiven(f, name, args, n, site));
    return cellOp(f, name, both, "bool", site.span);
  });
function whole(f: Frame, name: string, g: Given): Value {
  const v = g.value;
  if (v.k === "poison") throw new Reported();
  if (isTensor(v) && isInteger(v.k === "constant" ? v.elem : v.expr.type.elem) && typeOf(v).shape.length === 0)
    return v.k === "constant" ? typed(v, "i32", g.span) : tensorValue(toExpr(v, "i32", g.span));
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
  if (v.k !== "cell" && (!isTensor(v) || typeOf(v).shape.length))
    return fail(f, {
      message: `string takes one number, bool or time, this is ${v.k === "rdd" ? "an " : ""}${describe(v)}`,
      span: g.span,
    });
  const own = v.k === "tensor" && v.expr.type.elem === "u8" ? tensorValue(toExpr(v, "i32", site.span)) : v;
  return cellOp(f, "string", [own], "string", site.span);
});

/** a number that may be missing in an element that no text is read in: what a u8 cannot be is missing */
function narrowed(f: Frame, read: Value, elem: CoreElem, site: Ast.Expr): Value {
  const cast = (v: Value): Value =>
    f.cx.call(f, { k: "builtin", name: elem, builtin: f.cx.builtins.get(elem) }, just([v], site.span), site, site.span);
  if (read.k !== "maybe") return read.k === "none" ? read : cast(read);
  const { value, present } = read;
  const at = { span: site.span, a: site.span, b: site.span };
  const isByte = logic(f, "and", infix(f, ">=", value, number(0), at), infix(f, "<=", value, number(255), at), at);
  const there = elem === "u8" ? logic(f, "and", present, isByte, at) : present;
  const made = cast(value);
  if (made.k !== "tensor" || !isTensor(there)) throw new Reported();
  return {
    k: "maybe",
    value: made,
    present: there.k === "tensor" ? there : tensorValue(toExpr(there, "bool", site.span)),
  };
}
/** casts of strings: what is no such number is missing */
const PARSED = ["bool", "i32", "i64", "f32", "f64"] as const;
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
          help: elem === "f64" ? `seconds(${f.cx.text(g.span)})` : `${elem}(seconds(${f.cx.text(g.span)}))`,
        });
      const to = PARSED.find(e => e === elem) ?? (elem === "u8" ? "i32" : "f32");
      const read = maybeOp(f, ["parse", "parses"], g.value, to, site.span, [{}, { elem: to }]);
      return to === elem ? read : narrowed(f, read, elem, site);
    },
    ofString,
  );

export const textSpecials: readonly (readonly [string, Special])[] = [
  ofOne("lower"),
  ofOne("upper"),
  ofOne("trim"),
  ofTwo("contains"),
  ofTwo("starts_with"),
  simple("replace(s, pattern, by)", (f, args, site) => {
    const s = stringGiven(f, "replace", args, "s", site);
    const attrs = { pattern: textOf(f, "pattern", args.get("pattern")!), by: textOf(f, "by", args.get("by")!) };
    return cellOp(f, "replace", [s], "string", site.span, attrs);
  }),
  simple("matches(s, pattern)", (f, args, site) => {
    const s = stringGiven(f, "matches", args, "s", site);
    return cellOp(f, "matches", [s], "bool", site.span, { pattern: textOf(f, "pattern", args.get("pattern")!) });
  }),
  simple("substring(s, start, size)", (f, args, site) => {
    const s = stringGiven(f, "substring", args, "s", site);
    const part = ["start", "size"].map(n => whole(f, n, args.get(n)!));
    return cellOp(f, "substring", [s, ...part], "string", site.span);
  }),
  simple("hash(s, buckets)", (f, args, site) => {
    const s = stringGiven(f, "hash", args, "s", site);
    return cellOp(f, "hash", [s], "i32", site.span, { buckets: dimOf(f, "buckets", args.get("buckets")!) });
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
    return cellOp(f, "length", [stringGiven(f, "length", args, "s", site)], "i32", site.span);
  }),
  simple("words(s)", (f, args, site) => wordsOf(f, stringGiven(f, "words", args, "s", site), site.span)),
  string,
  ...(["bool", "u8", "i32", "i64", "f16", "f32", "f64"] as const).map(parse),
];
