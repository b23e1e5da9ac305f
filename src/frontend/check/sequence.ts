/** Lists in rows, of a length that the run knows: made of strings and of literals, mapped, filtered, reduced, padded to tensors. */
import type { Span } from "../../ir/node.ts";
import { MAKERS } from "../../ir/rel-ops/makers.ts";
import type * as Ast from "../ast.ts";
import { type CoreElem, type Expr, type LeafType, mapTree, type TensorType, type Tree } from "../core.ts";
import { report } from "../diagnostics/catalogue.ts";
import { slicesOf, withAxis } from "./along.ts";
import { cellsOf, functionOf, rowTree, valueOfTree } from "./apply.ts";
import * as build from "./build.ts";
import type { Constant } from "./builtin.ts";
import { fail, placed, Reported } from "./context.ts";
import type { Dim } from "./dims.ts";
import { FOLDED } from "./fold.ts";
import { type Args, countOf, dimOf, simple } from "./given.ts";
import { guard } from "./guard.ts";
import { listOf, listType, sequence } from "./list.ts";
import { toExpr } from "./operate.ts";
import { sliceAt } from "./slices.ts";
import { textInTensor } from "./text-in-tensor.ts";
import { describe, showTensor } from "./types.ts";
import {
  type Cell,
  type Frame,
  type Given,
  isTensor,
  number,
  recordOf,
  type Sequence,
  type Special,
  type TensorValue,
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
  const s = g.value.k === "group" ? g.value.sink.list(g.value, span) : asTexts(f, g, span);
  return s.k === "sequence" ? lengthOfSequence(f, s, span) : undefined;
}
const asTexts = (f: Frame, { value }: Given, span: Span): Value =>
  value.k === "cell" ? (asSequence(f, value, span) ?? value) : value;
export const lengthOfSequence = (f: Frame, s: Sequence, span: Span): TensorValue =>
  tensorValue(build.op("list.length", [s.expr], scalar("i32"), placed(f, span)));
/** a value as a list of the run: a literal's elements, the slices of a vector, the records of a group; undefined: it is none */
export function asSequence(f: Frame, v: Value, span: Span): Sequence | undefined {
  if (v.k === "sequence") return v;
  if (v.k === "group") return v.sink.list(v, span);
  const x = isTensor(v) && isShort(v) ? undefined : withAxis(v, span);
  if (x) return slicesOf(f, x, span);
  const items = itemsOf(v, span);
  return items && sequence(listOf(f, items, span, x => cellsOf(f, x, span, "an element of a list")));
}
/** its slices are written one by one */
function isShort(v: Constant | TensorValue): boolean {
  const n = typeOf(v).shape[0];
  return typeof n === "number" && (n <= WRITTEN || (v.k === "constant" && n <= FOLDED));
}
const WRITTEN = 64;
/** the elements of a list whose length is known when compiling, and is none that a program would be long with */
export function itemsOf(v: Value, span: Span): readonly Value[] | undefined {
  if (v.k === "list") return v.items;
  if (!isTensor(v)) return undefined;
  const n = typeOf(v).shape[0];
  if (typeof n !== "number" || n > FOLDED) return undefined;
  return Array.from({ length: n }, (_, i) => sliceAt(v, i, span));
}

export function mapSequence(f: Frame, s: Sequence, fn: Given, site: Ast.Expr): Value {
  const made = functionOf(f, fn.value, s.expr.type.of, fn.span, site, "an element of a list", {});
  return sequence(
    build.op("list.map", [s.expr], listType(rowTree(made.body)), placed(f, site.span), {
      fns: { f: made.fn(made.body) },
    }),
  );
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
/**
 * sum, mean, min, max, any, all; of records leaf by leaf, of tensors element by element; what is missing is skipped. `elemOf`: of the result,
 * undefined where it takes no such elements
 */
export function reduceSequence(
  f: Frame,
  name: string,
  s: Sequence,
  fn: Given,
  site: Ast.Expr,
  elemOf: (e: CoreElem) => CoreElem | undefined,
): Value {
  const made = functionOf(f, fn.value, s.expr.type.of, fn.span, site, `what ${name} goes over`, {});
  const again = (of: Sequence, value: Value): Value => reduceSequence(f, name, of, { ...fn, value }, site, elemOf);
  if (made.result.k === "maybe") {
    const all = mapSequence(f, s, fn, site) as Sequence; // as: of a list
    const there = filterSequence(f, all, { ...fn, value: half("present") }, site) as Sequence; // as: of a list
    return again(there, half("value"));
  }
  const span = placed(f, site.span);
  const out = mapTree(made.body, leaf => {
    const t = leaf.type;
    const elem = t.k === "tensor" ? elemOf(t.elem) : undefined;
    if (t.k !== "tensor" || !elem)
      return fail(f, {
        message: `${name} of a list needs ${name === "any" || name === "all" ? "bools" : "numbers"}, its elements are ${describe(valueOfTree(made.body))}`,
        span: fn.span,
      });
    const summed = summedIn(name, elem);
    const body: Tree<Expr> = { k: "leaf", of: build.cast(leaf, summed, site.span) };
    const own = build.op(`list.${name}`, [s.expr], { ...t, elem: summed }, span, { fns: { f: made.fn(body) } });
    return build.cast(own, elem, span);
  });
  if (name !== "min" && name !== "max") return valueOfTree(out);
  const some = build.op(
    "gt",
    [lengthOfSequence(f, s, span).expr, build.constant(0, scalar("i32"), span)],
    scalar("bool"),
    span,
  );
  const message = `a list has no element here, and of nothing there is no ${name === "min" ? "least" : "greatest"}`;
  return valueOfTree(mapTree(out, e => guard(some, e, message, span)));
}
/** in which element a reduction is made: of halves rounded once, at its end */
export const summedIn = (name: string, elem: CoreElem): CoreElem =>
  elem === "f16" && (name === "sum" || name === "mean") ? "f32" : elem;
/** one leaf of what may be missing */
const half = (of: "value" | "present"): Value => ({
  k: "native",
  name: of,
  call: ([v]) => (v?.k === "maybe" ? v[of] : v!),
});

/** element `i`, an i32 that counts from 0: a fault of this place where there is none */
export function elementOf(f: Frame, s: Sequence, i: Expr, message: string, span: Span): Value {
  const at = placed(f, span);
  const length = lengthOfSequence(f, s, span).expr;
  const zero = build.constant(0, scalar("i32"), at);
  const isIn = build.op(
    "and",
    [build.op("ge", [i, zero], scalar("bool"), at), build.op("lt", [i, length], scalar("bool"), at)],
    scalar("bool"),
    at,
  );
  return valueOfTree(
    mapTree(s.expr.type.of, (t, leaf) => {
      const e = build.op("list.at", [s.expr, i], t, at, { attrs: { leaf } });
      return t.k === "tensor" ? guard(isIn, e, message, at) : e;
    }),
  );
}
export const firstOfSequence = (f: Frame, s: Sequence, what: string, span: Span): Value =>
  elementOf(f, s, build.constant(0, scalar("i32"), span), `${what} has no first element here`, span);

/** the first n elements, filled up with `value` */
function padTo(f: Frame, args: Args, site: Ast.Expr): Value {
  const [c, n, fill] = ["c", "n", "value"].map(a => args.get(a)) as [Given, Given, Given | undefined]; // as: bound by the signature
  const count = dimOf(f, "n", n, 0);
  const value = fill?.value ?? number(0);
  if (value.k === "poison" || c.value.k === "poison") throw new Reported();
  if (!isTensor(value) || typeOf(value).shape.length)
    return fail(f, { message: `\`value\` of pad_to is one number, this is ${describe(value)}`, span: fill!.span });
  const list = c.value.k === "group" ? c.value.sink.list(c.value, c.span) : c.value;
  if (list.k !== "sequence") return padKnown(f, c, countOf(f, "n", n, 0), value, site);
  const { of } = list.expr.type;
  if (of.k !== "leaf" || of.of.k === "list")
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
  const type: TensorType = { k: "tensor", elem, shape: [count, ...of.of.shape] };
  const pad = toExpr(value, elem, site.span);
  return tensorValue(build.op("pad_to", [list.expr, pad], type, placed(f, site.span), { attrs: { n: count } }));
}
/** of a tensor along axis 0, and of a list whose elements are known when compiling */
function padKnown(f: Frame, c: Given, n: number, value: Value, site: Ast.Expr): Value {
  const items = itemsOf(c.value, c.span);
  if (!items && isTensor(c.value) && typeOf(c.value).shape.length) return padLong(f, c.value, n, value, site);
  if (!items)
    return fail(f, {
      message: `pad_to takes a list or a tensor, this is ${c.value.k === "rdd" ? "an " : ""}${describe(c.value)}`,
      span: c.span,
    });
  const kept = items.slice(0, n);
  const wrong = kept.find(v => !isTensor(v));
  if (wrong) return textInTensor(f, c.span, wrong, f.cx.text(c.span));
  const like = isTensor(c.value) ? typeOf(c.value).shape.slice(1) : [];
  const more = n - kept.length;
  const filler = more > 0 && like.length ? filled(f, value, like, site.span) : value;
  const all = [...kept, ...Array.from({ length: Math.max(more, 0) }, () => filler)].filter(isTensor);
  return all.length ? f.cx.stack(f, all, site.span) : number(0, "int");
}
/** of more slices than are written one by one */
function padLong(f: Frame, v: Constant | TensorValue, n: Dim, value: Value, site: Ast.Expr): Value {
  const at = { value: v, span: site.span, whole: site.span };
  const list = { ...at, value: slicesOf(f, withAxis(v, site.span)!, site.span) }; // as: it has an axis
  const args = new Map([
    ["c", list],
    ["n", { ...at, value: number(n) }],
    ["value", { ...at, value }],
  ]);
  return padTo(f, args, site);
}
/** a tensor of one number */
function filled(f: Frame, value: Value, shape: readonly Dim[], span: Span): Value {
  if (!isTensor(value)) throw new Reported();
  const { elem } = typeOf(value);
  if (value.k === "constant" && shape.every(d => typeof d === "number")) {
    const size = (shape as readonly number[]).reduce((a, b) => a * b, 1);
    return { ...value, shape, data: Array.from({ length: size }, () => value.data[0]!) };
  }
  const type: TensorType = { k: "tensor", elem, shape };
  return tensorValue(build.op("broadcast", [toExpr(value, elem, span)], type, placed(f, span)));
}
/** each element with every other that lies at most `window` places from it, in order */
function skipGrams(f: Frame, args: Args, site: Ast.Expr): Value {
  const c = args.get("c")!;
  const window = dimOf(f, "window", args.get("window")!);
  if (c.value.k === "poison") throw new Reported();
  const own =
    c.value.k === "group" || (isTensor(c.value) && typeOf(c.value).shape.length && !isShort(c.value))
      ? asSequence(f, c.value, c.span)!
      : c.value;
  const items = own.k === "sequence" ? undefined : itemsOf(own, c.span);
  if (items && typeof window === "number")
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
  const s = own.k === "sequence" ? own : undefined;
  const of = s?.expr.type.of;
  if (!s || of?.k !== "leaf")
    return fail(f, {
      message: `skip_grams takes a list of words or their numbers, this is ${c.value.k === "rdd" ? "an " : ""}${describe(c.value)}`,
      span: c.span,
    });
  if (typeof window === "number" && (window < 1 || window > 100))
    return fail(f, {
      message: `skip_grams of a list that data make looks 1 to 100 places far, not ${window}`,
      span: args.get("window")!.span,
    });
  const pair: Tree<LeafType> = {
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
