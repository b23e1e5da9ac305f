/** join of lists of the run, those of groups above all: each element of one with those of the other that have its key. Knows no engine. */
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import { type Expr, type LeafType, leaves, type TensorType, type Tree } from "../core.ts";
import { cellsOf, valueOfTree } from "./apply.ts";
import * as build from "./build.ts";
import { fail, placed, Reported } from "./context.ts";
import { shown } from "./given.ts";
import { infix } from "./infix.ts";
import { type Fields, type Joining, joining, renaming } from "./join.ts";
import { sequence } from "./list.ts";
import { logic, toExpr } from "./operate.ts";
import { asSequence, filterSequence, lengthOfSequence, mapSequence } from "./sequence.ts";
import { flatMap, type OfList } from "./sequence-order.ts";
import { describe } from "./types.ts";
import {
  bool,
  type Frame,
  type Given,
  isTensor,
  type Native,
  number,
  recordOf,
  type Sequence,
  type Value,
} from "./value.ts";

interface Lists extends Joining {
  readonly f: Frame;
  readonly a: Sequence;
  readonly b: Sequence;
  readonly site: Ast.Expr;
}
const BOOL: TensorType = { k: "tensor", elem: "bool", shape: [] };
type Record = readonly (readonly [name: string, value: Value])[];

const join: OfList = (f, a, args, site) => {
  const [left, right] = ["a", "b"].map(n => args.get(n)!) as [Given, Given]; // as: bound by the signature
  if (right.value.k === "rdd")
    return fail(f, {
      message: `${left.value.k === "group" ? "each group" : "a list of a row"} is joined with a list or a group, \`${f.cx.text(right.span)}\` is an ${describe(right.value)}`,
      span: right.span,
      help:
        left.value.k === "group"
          ? "join(d, .., on: ..) before the group_by"
          : `flat_map(..) makes rows of the elements, which join ${shown(f, right.span)}`,
    });
  const b = asSequence(f, right.value, right.span);
  if (!b) return fail(f, { message: `join takes two lists, this is ${describe(right.value)}`, span: right.span });
  const sides = [
    { given: left, type: a.expr.type },
    { given: right, type: b.expr.type },
  ] as const;
  const l: Lists = { ...joining(f, ...sides, args, site), f, a, b, site };
  const some = (x: Value, at: Frame, among: Sequence): Value =>
    infix(at, ">", count(at, partners(l, at, x, among), site.span), number(0), spans(site.span));
  if (l.how === "semi")
    return filterSequence(
      f,
      a,
      given(site, ([x], at) => some(x!, at, b)),
      site,
    );
  if (l.how === "anti")
    return filterSequence(
      f,
      a,
      given(site, ([x], at) => negated(some(x!, at, b), site.span)),
      site,
    );
  const found = flatMap(f, a, new Map([["f", given(site, ([x], at) => ofOne(l, at, x!))]]), site) as Sequence; // as: of a list
  if (l.how !== "full") return found;
  // then those of b without a partner
  const alone = filterSequence(
    f,
    b,
    given(site, ([y], at) => negated(some(y!, at, a), site.span)),
    site,
  ) as Sequence; // as: of a list
  const rest = mapSequence(
    f,
    alone,
    given(site, ([y], at) => merged(l, at, undefined, y)),
    site,
  ) as Sequence; // as: of a list
  return sequence(build.op("list.concat", [found.expr, rest.expr], found.expr.type, placed(f, site.span)));
};
const given = (site: Ast.Expr, call: Native["call"]): Given => ({
  value: { k: "native", name: "join", call },
  span: site.span,
  whole: site.span,
});
const spans = (span: Span): { span: Span; a: Span; b: Span } => ({ span, a: span, b: span });
const count = (f: Frame, s: Sequence, span: Span): Value => lengthOfSequence(f, s, span);
function negated(v: Value, span: Span): Value {
  if (!isTensor(v)) throw new Reported();
  return valueOfTree({ k: "leaf", of: build.op("not", [toExpr(v, "bool", span)], BOOL, span) });
}
const fieldsOf = (v: Value | undefined): Record => (v?.k === "record" ? [...v.fields] : []);
/** those of a list that have the key of a record */
function partners(l: Lists, f: Frame, x: Value, among: Sequence): Sequence {
  const own = new Map(fieldsOf(x));
  const is: Native["call"] = ([y], at) => {
    const other = new Map(fieldsOf(y));
    const equal = l.on.map(n => infix(at, "==", own.get(n)!, other.get(n)!, spans(l.site.span)));
    return equal.reduce((p, q) => logic(at, "and", p, q, spans(l.site.span)), bool(true) as Value);
  };
  return filterSequence(f, among, given(l.site, is), l.site) as Sequence; // as: of a list
}
/** a record with each of its partners; without one alone, where that is asked for */
function ofOne(l: Lists, f: Frame, x: Value): Value {
  const found = partners(l, f, x, l.b);
  const both = mapSequence(
    f,
    found,
    given(l.site, ([y], at) => merged(l, at, x, y)),
    l.site,
  ) as Sequence; // as: of a list
  if (l.how === "inner") return both;
  const one = asSequence(f, { k: "list", items: [merged(l, f, x, undefined)] }, l.site.span)!; // as: a list is one
  const isAlone = infix(f, "==", count(f, found, l.site.span), number(0), spans(l.site.span));
  const alone = filterSequence(
    f,
    one,
    given(l.site, () => isAlone),
    l.site,
  ) as Sequence; // as: of a list
  return sequence(build.op("list.concat", [both.expr, alone.expr], both.expr.type, placed(f, l.site.span)));
}
/** the fields of both; of a side that is not there those that say so */
function merged(l: Lists, f: Frame, x: Value | undefined, y: Value | undefined): Value {
  const own = (l.a.expr.type.of as Extract<Tree<LeafType>, { k: "record" }>).fields; // as: joining has looked
  const keys = new Map(fieldsOf(x ?? y));
  const side = (of: Fields, v: Value | undefined, list: Sequence, optional: boolean): Record => {
    const values = new Map(fieldsOf(v));
    return of.map(([n, t]) => {
      if (l.on.includes(n)) return [n, keys.get(n)!] as const;
      if (!optional) return [n, values.get(n)!] as const;
      const value = values.get(n);
      const cells = value && new Map(leaves(cellsOf(f, value, l.site.span, `\`${n}\``)));
      return [
        n,
        valueOfTree(
          perhaps(t, "", path => cells?.get(path) ?? none(list, n, path, l.site.span), v !== undefined, l.site.span),
        ),
      ] as const;
    });
  };
  return recordOf([...side(own, x, l.a, l.how === "full"), ...side(l.others, y, l.b, l.how !== "inner")]);
}
/** as `maybeMissing` types it */
function perhaps(
  t: Tree<LeafType>,
  path: string,
  cell: (path: string) => Expr,
  isThere: boolean,
  span: Span,
): Tree<Expr> {
  const under = (n: string): string => (path ? `${path}.${n}` : n);
  if (t.k === "record") {
    const fields = t.fields.map(([n, x]) => {
      const of = t.maybe ? ({ k: "leaf", of: cell(under(n)) } as const) : perhaps(x, under(n), cell, isThere, span);
      return [n, of] as const;
    });
    return t.maybe ? { k: "record", maybe: true, fields } : { k: "record", fields };
  }
  const present = build.constant(isThere ? 1 : 0, BOOL, span);
  return {
    k: "record",
    maybe: true,
    fields: [
      ["value", { k: "leaf", of: cell(path) }],
      ["present", { k: "leaf", of: present }],
    ],
  };
}
/** what stands where there is nothing: 0, "", no element */
function none(list: Sequence, field: string, path: string, span: Span): Expr {
  const whole = path ? `${field}.${path}` : field;
  const fields = leaves(list.expr.type.of);
  const [, t] = fields.find(([n]) => n === whole)!;
  if (t.k === "tensor" && t.elem === "string") return build.textConstant("", span);
  if (t.k === "tensor") return build.constant(0, t, span);
  const empty = build.op("list.part", [list.expr], list.expr.type, span, { attrs: { from: 0, to: 0 } });
  const depth = list.expr.depth + 1;
  const vars = fields.map(([n, of]) => build.variable(n, of, depth, span));
  const f = build.closeFn(vars, { k: "leaf", of: vars.find(v => v.name === whole)! }, depth, span);
  return build.op("list.flat", [empty], t, span, { fns: { f } });
}
const rename: OfList = (f, s, args, site) => {
  const to = renaming(f, { given: args.get("d")!, type: s.expr.type }, args.get("names")!);
  const other: Native["call"] = ([x]) => recordOf(fieldsOf(x).map(([n, v]) => [to.get(n) ?? n, v] as const));
  return mapSequence(f, s, given(site, other), site);
};
export const joinsOfLists: ReadonlyMap<string, OfList> = new Map<string, OfList>([
  ["join", join],
  ["rename", rename],
]);
