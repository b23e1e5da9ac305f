/** Lists in rows, of a length that the run knows: made of strings and of literals, mapped, filtered, reduced, padded to tensors. */
import type { Span } from "../../ir/node.ts";
import { MAKERS } from "../../ir/rel-ops/makers.ts";
import type * as Ast from "../ast.ts";
import type { CoreElem, Expr, TensorType, Tree } from "../core.ts";
import { report } from "../diagnostics/catalogue.ts";
import { cellsOf, functionOf, typeTree, valueOfTree } from "./apply.ts";
import * as build from "./build.ts";
import { sliceAt } from "./builtin-call.ts";
import { fail, limit, placed, Reported } from "./context.ts";
import { type Args, countOf, simple } from "./given.ts";
import { listOf, listType, sequence } from "./list.ts";
import { FOLDED, toExpr } from "./operate.ts";
import { textInTensor } from "./text-in-tensor.ts";
import { describe, showTensor, showType } from "./types.ts";
import {
  type Cell,
  type Frame,
  type Given,
  isTensor,
  number,
  recordOf,
  type Sequence,
  type Special,
  type Text,
  tensorValue,
  text,
  typeOf,
  type Value,
} from "./value.ts";

const scalar = (elem: CoreElem): TensorType => ({ k: "tensor", elem, shape: [] });
const scalarLeaf = (elem: CoreElem): Tree<TensorType> => ({ k: "leaf", of: scalar(elem) });

/** the words of a string: what white space parts */
export function wordsOf(f: Frame, s: Cell | Text, span: Span): Value {
  if (s.k === "text") return { k: "list", items: MAKERS.words.eval([s.text]).map(([w]) => text(String(w))) };
  return sequence(build.op("words", [s.expr], listType(scalarLeaf("string")), placed(f, span)));
}
/** how many elements a list has; undefined: this is none */
export function lengthOf(f: Frame, g: Given, span: Span): Value | undefined {
  if (g.value.k === "list") return number(g.value.items.length);
  if (g.value.k !== "sequence") return undefined;
  return tensorValue(build.op("list.length", [g.value.expr], scalar("i32"), placed(f, span)));
}
/** a value as a list of the run: a literal's elements, the slices of a vector; undefined: it is none */
export function asSequence(f: Frame, v: Value, span: Span): Sequence | undefined {
  if (v.k === "sequence") return v;
  const items = itemsOf(f, v, span);
  return items && sequence(listOf(f, items, span, x => cellsOf(f, x, span, "an element of a list")));
}
/** the elements of a list whose length is known when compiling */
export function itemsOf(f: Frame, v: Value, span: Span): readonly Value[] | undefined {
  if (v.k === "list") return v.items;
  if (!isTensor(v)) return undefined;
  const n = typeOf(v).shape[0];
  if (typeof n !== "number") return undefined;
  if (n > FOLDED) return limit(f, `a list of the ${n} slices of a tensor`, "rows(..) of it", span);
  return Array.from({ length: n }, (_, i) => sliceAt(v, i, span));
}

export function mapSequence(f: Frame, s: Sequence, fn: Given, site: Ast.Expr): Value {
  const made = functionOf(f, fn.value, s.expr.type.of, fn.span, site, "an element of a list", {});
  const of = elements(f, made.body, fn.span);
  return sequence(
    build.op("list.map", [s.expr], listType(of), placed(f, site.span), { fns: { f: made.fn(made.body) } }),
  );
}
function elements(f: Frame, body: Tree<Expr>, span: Span): Tree<TensorType> {
  const check = (t: Tree<Expr>): void => {
    if (t.k === "record") for (const [, x] of t.fields) check(x);
    else if (t.of.type.k !== "tensor" || t.of.type.shape.length)
      fail(f, {
        message: `a list in a row has elements that are numbers, strings or records of them, this is ${showType(t.of.type)}`,
        span,
      });
  };
  check(body);
  return typeTree(body);
}
export function filterSequence(f: Frame, s: Sequence, fn: Given, site: Ast.Expr): Value {
  const made = functionOf(f, fn.value, s.expr.type.of, fn.span, site, "a condition", {});
  const t = made.body.k === "leaf" ? made.body.of.type : undefined;
  if (t?.k !== "tensor" || t.elem !== "bool" || t.shape.length)
    return fail(f, {
      message: `the condition of filter is one bool, this is ${describe(valueOfTree(made.body))}`,
      span: fn.span,
    });
  return sequence(
    build.op("list.filter", [s.expr], s.expr.type, placed(f, site.span), { fns: { f: made.fn(made.body) } }),
  );
}
/** sum, mean, min, max, any, all; `elemOf`: of the result, undefined where it takes no such elements */
export function reduceSequence(
  f: Frame,
  name: string,
  s: Sequence,
  fn: Given,
  site: Ast.Expr,
  elemOf: (e: CoreElem) => CoreElem | undefined,
): Value {
  const made = functionOf(f, fn.value, s.expr.type.of, fn.span, site, `what ${name} goes over`, {});
  const t = made.body.k === "leaf" ? made.body.of.type : undefined;
  const elem = t?.k === "tensor" && !t.shape.length && t.elem !== "string" ? elemOf(t.elem) : undefined;
  if (made.body.k !== "leaf" || !elem)
    return fail(f, {
      message: `${name} of a list needs ${name === "any" || name === "all" ? "bools" : "numbers"}, its elements are ${describe(valueOfTree(made.body))}`,
      span: fn.span,
    });
  const body: Tree<Expr> = { k: "leaf", of: build.cast(made.body.of, elem, site.span) };
  return valueOfTree({
    k: "leaf",
    of: build.op(`list.${name}`, [s.expr], scalar(elem), placed(f, site.span), { fns: { f: made.fn(body) } }),
  });
}

/** the first n elements, filled up with `value` */
function padTo(f: Frame, args: Args, site: Ast.Expr): Value {
  const [c, n, fill] = ["c", "n", "value"].map(a => args.get(a)) as [Given, Given, Given | undefined]; // as: bound by the signature
  const count = countOf(f, "n", n, 0);
  const value = fill?.value ?? number(0);
  if (value.k === "poison" || c.value.k === "poison") throw new Reported();
  if (!isTensor(value) || typeOf(value).shape.length)
    return fail(f, { message: `\`value\` of pad_to is one number, this is ${describe(value)}`, span: fill!.span });
  if (c.value.k !== "sequence") return padKnown(f, c, count, value, site);
  const { of } = c.value.expr.type;
  if (of.k !== "leaf")
    return fail(f, {
      message: `pad_to makes a tensor, the elements are ${describe(c.value)}`,
      span: c.span,
      help: "map(.field) before it",
    });
  if (of.of.elem === "string" || of.of.elem === "time")
    return fail(
      f,
      report.textInTensor({
        what: f.cx.text(c.span),
        type: describe(c.value),
        span: c.span,
        help:
          of.of.elem === "string"
            ? "|> map(terms.index) before it, of let terms = vocab(..)"
            : "|> map(seconds) before it",
      }),
    );
  const elem = of.of.elem === "u8" ? "i32" : of.of.elem;
  const own = value.k === "constant" ? value.elem : value.expr.type.elem;
  if (elem !== own && own !== "int" && !(own === "decimal" && elem.startsWith("f")))
    return fail(f, {
      message: `\`value\` of pad_to is ${showTensor(scalar(elem))} as the elements are, this is ${describe(value)}`,
      span: fill!.span,
    });
  const type: TensorType = { k: "tensor", elem, shape: [count] };
  const pad = toExpr(value, elem, site.span);
  return tensorValue(build.op("pad_to", [c.value.expr, pad], type, placed(f, site.span), { attrs: { n: count } }));
}
/** of a tensor along axis 0, and of a list whose elements are known when compiling */
function padKnown(f: Frame, c: Given, n: number, value: Value, site: Ast.Expr): Value {
  const items = itemsOf(f, c.value, c.span);
  if (!items)
    return fail(f, {
      message: `pad_to takes a list or a tensor, this is ${c.value.k === "rdd" ? "an " : ""}${describe(c.value)}`,
      span: c.span,
    });
  const kept = items.slice(0, n);
  const wrong = kept.find(v => !isTensor(v));
  if (wrong) return textInTensor(f, c.span, wrong, f.cx.text(c.span));
  const like = isTensor(c.value) ? typeOf(c.value).shape.slice(1) : [];
  if (like.length && kept.length < n)
    return limit(f, "pad_to of more than one axis", "pad(x, ..) and a slice", site.span);
  const all = [...kept, ...Array.from({ length: n - kept.length }, () => value)].filter(isTensor);
  return all.length ? f.cx.stack(f, all, site.span) : number(0, "int");
}
/** each element with every other that lies at most `window` places from it, in order */
function skipGrams(f: Frame, args: Args, site: Ast.Expr): Value {
  const c = args.get("c")!;
  const window = countOf(f, "window", args.get("window")!);
  if (c.value.k === "poison") throw new Reported();
  const items = c.value.k === "sequence" ? undefined : itemsOf(f, c.value, c.span);
  if (items)
    return {
      k: "list",
      items: items.flatMap((center, i) =>
        items.flatMap((context, j) =>
          i !== j && Math.abs(i - j) <= window
            ? [recordOf([["center", center] as const, ["context", context] as const])]
            : [],
        ),
      ),
    };
  const s = c.value.k === "sequence" ? c.value : undefined;
  const of = s?.expr.type.of;
  if (!s || of?.k !== "leaf")
    return fail(f, {
      message: `skip_grams takes a list of words or their numbers, this is ${c.value.k === "rdd" ? "an " : ""}${describe(c.value)}`,
      span: c.span,
    });
  const pair: Tree<TensorType> = {
    k: "record",
    fields: [
      ["center", of],
      ["context", of],
    ],
  };
  return sequence(build.op("skip_grams", [s.expr], listType(pair), placed(f, site.span), { attrs: { window } }));
}
export const sequenceSpecials: readonly (readonly [string, Special])[] = [
  simple("pad_to(c, n, value = 0)", padTo),
  simple("skip_grams(c, window)", skipGrams),
];
