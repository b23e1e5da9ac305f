/** A value among several that only the running program knows: the best of a list. Computed things are computed of all of them. */
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import type { TensorType } from "../core.ts";
import { apply, functionOf } from "./apply.ts";
import { just } from "./arguments.ts";
import * as build from "./build.ts";
import type { Constant } from "./builtin.ts";
import { fail, Reported } from "./context.ts";
import { relate } from "./dims.ts";
import { type Args, perRecord, rddOf, shown, simple } from "./given.ts";
import { firstOfGroup } from "./group.ts";
import { binary, toExpr, where } from "./operate.ts";
import { filter, unrolled } from "./rdd.ts";
import { select } from "./select.ts";
import { asSequence } from "./sequence.ts";
import { sliceAt } from "./slices.ts";
import { describe, promote } from "./types.ts";
import {
  type Arguments,
  cellValue,
  type Frame,
  type Given,
  isCallable,
  isTensor,
  knownOf,
  type Maybe,
  number,
  type OneOf,
  POISON,
  recordOf,
  type Sequence,
  type Special,
  type TensorValue,
  tensorValue,
  typeOf,
  type Value,
} from "./value.ts";

/** items[index]: a record of choices, a chosen number or tensor where all have one type, else a value that is none yet */
export function chosen(f: Frame, index: TensorValue, items: readonly Value[], span: Span): Value {
  const first = items[0]!;
  if (items.some(v => v.k === "poison")) return POISON;
  if (items.every(v => v === first)) return first;
  if (items.every(v => v.k === "text" && first.k === "text" && v.text === first.text)) return first;
  if (first.k === "record" && items.every(v => v.k === "record" && sameFields(v.fields, first.fields)))
    return recordOf(
      [...first.fields.keys()].map(n => {
        const own = items.map(v => (v.k === "record" ? v.fields.get(n)! : v));
        return [n, chosen(f, index, own, span)] as const;
      }),
    );
  if (items.every(isTensor) && oneShape(items))
    return inTurn(f, index, items, span, (c, a, b) => where(f, c, a, b, span, "max_by"))!;
  const isComputed = items.some(v => v.k === "cell" || v.k === "maybe" || v.k === "sequence");
  const one = isComputed ? inTurn(f, index, items, span, (c, a, b) => select(f, c, a, b, span, "if")) : undefined;
  if (one) return one;
  return { k: "oneOf", index, items };
}
const sameFields = (a: ReadonlyMap<string, Value>, b: ReadonlyMap<string, Value>): boolean =>
  a.size === b.size && [...a.keys()].every(n => b.has(n));
function oneShape(items: readonly (Constant | TensorValue)[]): boolean {
  const first = typeOf(items[0]!);
  return items.every(v => {
    const t = typeOf(v);
    const mixed = t.elem !== first.elem && (t.elem === "bool" || first.elem === "bool");
    return (
      !mixed && t.shape.length === first.shape.length && t.shape.every((d, i) => relate(d, first.shape[i]!) === "equal")
    );
  });
}
/** where(index == 0, a, where(index == 1, b, ..)) */
function inTurn<T extends Value>(
  f: Frame,
  index: TensorValue,
  items: readonly T[],
  span: Span,
  choose: (c: Constant | TensorValue, a: T, b: T) => Value | undefined,
): Value | undefined {
  return items.slice(0, -1).reduceRight<Value | undefined>((rest, item, i) => {
    const here = binary(f, "==", index, number(i), { span, a: span, b: span });
    return rest && isTensor(here) ? choose(here, item, rest as T) : rest; // as: what two of them make is one of them
  }, items.at(-1)!);
}
/** the call of a function among several: all are called */
export function callChosen(f: Frame, v: OneOf, args: Arguments, site: Ast.Expr, at: Span): Value {
  if (!v.items.every(isCallable))
    return fail(f, { message: `\`${f.cx.text(at)}\` is no function, it is ${describe(v)}`, span: at });
  const results = v.items.map((fn, i) => f.cx.call(unrolled(f, site, i), fn, args, site, at));
  return chosen(f, v.index, results, site.span);
}

/** the first element for which `fn` is largest, or least */
function extreme(name: "max_by" | "min_by") {
  return (f: Frame, args: Args, site: Ast.Expr): Value => {
    const [c, fn] = [args.get("c")!, args.get("f")!];
    if (c.value.k === "poison" || fn.value.k === "poison") throw new Reported();
    if (c.value.k === "list") return ofList(f, name, c, fn, site);
    const list = asList(f, c);
    if (list) {
      const made = functionOf(f, fn.value, list.expr.type.of, fn.span, site, "a key", {});
      const own = c.value.k === "cell" ? { ...c, value: list } : c;
      return ofValues(f, name, ...whereKey(f, own, fn, made.result, site), site);
    }
    if (c.value.k === "rdd") return ofValues(f, name, ...withKey(f, c, fn, site), site);
    if (!isTensor(c.value)) rddOf(f, name, c);
    return ofValues(f, name, c, fn, site);
  };
}
const asList = (f: Frame, { value, span }: Given): Sequence | undefined =>
  value.k === "sequence" || value.k === "group" || value.k === "cell" ? asSequence(f, value, span) : undefined;
function withKey(f: Frame, c: Given, fn: Given, site: Ast.Expr): readonly [Given, Given] {
  const d = rddOf(f, "max_by", c);
  const made = functionOf(perRecord(f, c), fn.value, d.expr.type.row, fn.span, site, "a key", d);
  return whereKey(f, c, fn, made.result, site);
}
/** only rows whose key is there, and the key of those */
function whereKey(f: Frame, c: Given, fn: Given, key: Value, site: Ast.Expr): readonly [Given, Given] {
  if (key.k !== "maybe") return [c, fn];
  const of = (take: (v: Maybe) => Value): Given => ({
    ...fn,
    value: {
      k: "native",
      name: "key",
      call: ([r], inner, span) => {
        const v = apply(inner, fn.value, [r!], span, site);
        return v.k === "maybe" ? take(v) : v;
      },
    },
  });
  const there = filter(
    f,
    new Map([
      ["c", c],
      ["f", of(v => v.present)],
    ]),
    site,
  );
  return [{ ...c, value: there }, of(v => v.value)];
}
function ofValues(f: Frame, name: "max_by" | "min_by", c: Given, fn: Given, site: Ast.Expr): Value {
  const action = name === "max_by" ? "max" : "min";
  const best = f.cx.call(
    f,
    { k: "builtin", name: action, builtin: f.cx.builtins.get(action) },
    { positional: [c, fn], named: [] },
    site,
    site.span,
  );
  if (best.k === "poison") throw new Reported();
  const search = f.cx.prelude.names.get("first_with")!.value();
  return f.cx.call(f, search, just([c.value, fn.value, best], site.span), site, site.span);
}
function ofList(f: Frame, name: "max_by" | "min_by", c: Given, fn: Given, site: Ast.Expr): Value {
  if (c.value.k !== "list" || c.value.items.length === 0)
    return fail(f, { message: `${name} of an empty list`, span: c.span });
  const { items } = c.value;
  const keys = items.map((x, i) => apply(unrolled(f, site, i), fn.value, [x], fn.span, site));
  if (keys.some(k => k.k === "poison")) throw new Reported();
  const wrong = keys.find(k => !isTensor(k) || typeOf(k).shape.length > 0 || typeOf(k).elem === "bool");
  if (wrong)
    return fail(f, {
      message: `${name} compares numbers, this is ${describe(wrong)}`,
      span: fn.span,
      help: `${shown(f, c.span)} |> ${name}(.accuracy)`,
    });
  const all = f.cx.stack(f, keys.filter(isTensor), site.span);
  const known = knownOf(all)?.constant.data;
  if (known?.every(d => typeof d === "number")) {
    const best = name === "max_by" ? Math.max(...known) : Math.min(...known);
    return items[Math.max(0, known.indexOf(best))]!;
  }
  if (!isTensor(all)) throw new Error("internal: numbers do not stack");
  const elem = promote(typeOf(all).elem, typeOf(all).elem);
  const x = toExpr(all, elem === "int" || elem === "decimal" || elem === undefined ? "f32" : elem, site.span);
  const type: TensorType = { k: "tensor", elem: "i32", shape: [] };
  const op = name === "max_by" ? "argmax" : "argmin";
  const index = tensorValue(build.op(op, [x], type, site.span, { attrs: { axis: [0] } }));
  return chosen(f, index, items, site.span);
}
/** the first element of a list, slice of a tensor, row of an rdd */
function first(f: Frame, args: Args, site: Ast.Expr): Value {
  const c = args.get("c")!;
  const v = c.value;
  if (v.k === "poison") throw new Reported();
  if (v.k === "list") return v.items[0] ?? fail(f, { message: "first of an empty list", span: c.span });
  if (isTensor(v)) {
    const side = typeOf(v).shape[0];
    if (side === undefined || side === 0) return fail(f, { message: `first of ${describe(v)}`, span: c.span });
    return sliceAt(v, 0, site.span);
  }
  if (v.k === "group") return firstOfGroup(f, v, site);
  rddOf(f, "first", c);
  const call = (name: string, args: readonly Value[]): Value =>
    f.cx.call(f, { k: "builtin", name, builtin: f.cx.builtins.get(name) }, just(args, c.span), site, site.span);
  const head = call("collect", [call("take", [v, number(1)])]);
  return firstOf(head, site.span);
}
/** the first of each leaf */
function firstOf(v: Value, span: Span): Value {
  if (isTensor(v)) return sliceAt(v, 0, span);
  if (v.k === "cell") {
    const head = sliceAt(tensorValue(v.expr), 0, span);
    return head.k === "tensor" ? cellValue(head.expr) : v;
  }
  if (v.k === "maybe") return { k: "maybe", value: firstOf(v.value, span), present: firstOf(v.present, span) } as Value; // as: leaves stay leaves
  return v.k === "record" ? recordOf([...v.fields].map(([n, x]) => [n, firstOf(x, span)] as const)) : v;
}
export const choiceSpecials: readonly (readonly [string, Special])[] = [
  simple("max_by(c, f)", extreme("max_by")),
  simple("min_by(c, f)", extreme("min_by")),
  simple("first(c)", first),
];
