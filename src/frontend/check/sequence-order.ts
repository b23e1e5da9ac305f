/** Lists of the run as rdds are: put in order, cut, joined, numbered, a row per window; parted by a key. Knows no engine. */
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import { type Expr, type LeafType, leaves, mapTree, type Tree } from "../core.ts";
import { cellsOf, functionOf, parameters, rowTree, valueOfTree } from "./apply.ts";
import { just } from "./arguments.ts";
import * as build from "./build.ts";
import { fail, placed, Reported } from "./context.ts";
import type { Dim } from "./dims.ts";
import { type Args, callableOf, dimOf, orNone } from "./given.ts";
import { keyFields, scalars } from "./group-by.ts";
import { listType, sequence } from "./list.ts";
import { asSequence, filterSequence, firstOfSequence, lengthOfSequence, mapSequence } from "./sequence.ts";
import { staticOf } from "./static.ts";
import { describe, showRow } from "./types.ts";
import { type Frame, type Given, type Native, recordOf, type Sequence, type Value } from "./value.ts";

export type OfList = (f: Frame, s: Sequence, args: Args, site: Ast.Expr) => Value;
const made = (
  f: Frame,
  name: string,
  args: readonly Expr[],
  of: Tree<LeafType>,
  span: Span,
  parts: build.OpParts = {},
) => sequence(build.op(name, args, listType(of), placed(f, span), parts));

/** the elements from `from` to before `to`; negative places count from the end */
export const partOf = (f: Frame, s: Sequence, from: number, to: Dim | null, span: Span): Sequence =>
  made(f, "list.part", [s.expr], s.expr.type.of, span, { attrs: { from, to } });
const take: OfList = (f, s, args, site) => partOf(f, s, 0, dimOf(f, "n", args.get("n")!, 0), site.span);

/** leaf by leaf; what is missing comes last */
function keysOf(t: Tree<Expr>, descending: boolean, span: Span): readonly { key: Expr; descending: boolean }[] {
  if (t.k === "leaf") return [{ key: t.of, descending }];
  if (!t.maybe) return t.fields.flatMap(([, x]) => keysOf(x, descending, span));
  const [value, present] = leaves(t).map(([, e]) => e) as [Expr, Expr]; // as: a value that may be missing has these two
  return [
    { key: build.op("not", [present], present.type, span), descending: false },
    { key: value, descending },
  ];
}
export function ordered(f: Frame, s: Sequence, key: Given, down: boolean, site: Ast.Expr): Sequence {
  const by = functionOf(f, key.value, s.expr.type.of, key.span, site, "a key", {});
  scalars(f, by.body, key.span, "the key of sort_by");
  const parts = keysOf(by.body, down, site.span);
  const body: Tree<Expr> = { k: "record", fields: parts.map((p, i) => [`k${i}`, { k: "leaf", of: p.key }] as const) };
  const attrs = { descending: parts.map(p => p.descending) };
  return made(f, "list.order", [s.expr], s.expr.type.of, site.span, { attrs, fns: { key: by.fn(body) } });
}
const sortBy: OfList = (f, s, args, site) => {
  const g = args.get("descending");
  const down = g ? staticOf(f, g.value, g.span, "`descending`") : false;
  if (typeof down !== "boolean")
    return fail(f, { message: `\`descending\` is true or false, this is ${describe(g!.value)}`, span: g!.span });
  callableOf(f, "sort_by", args.get("key")!);
  return ordered(f, s, args.get("key")!, down, site);
};
/** the first element of each key, or of each element */
function distinctOf(f: Frame, s: Sequence, by: Given | undefined, site: Ast.Expr): Sequence {
  const { of } = s.expr.type;
  const key = functionOf(f, by?.value ?? same, of, by?.span ?? site.span, site, "a key", {});
  scalars(f, key.body, by?.span ?? site.span, by ? "`by` of distinct" : "what distinct compares");
  return made(f, "list.distinct", [s.expr], of, site.span, { fns: { by: key.fn(key.body) } });
}
const same: Value = { k: "native", name: "value", call: ([x]) => x! };
const distinct: OfList = (f, s, args, site) => {
  const by = orNone(args, "by").k === "none" ? undefined : args.get("by")!;
  if (by) callableOf(f, "`by` of distinct", by);
  return distinctOf(f, s, by, site);
};
const union: OfList = (f, s, args, site) => {
  const g = args.get("b")!;
  if (g.value.k === "poison") throw new Reported();
  const other = asSequence(f, g.value, g.span);
  if (!other || showRow(other.expr.type.of) !== showRow(s.expr.type.of))
    return fail(f, {
      message: `union needs lists of one type: these are ${describe(s)} and ${describe(other ?? g.value)}`,
      span: site.span,
    });
  return made(f, "list.concat", [s.expr, other.expr], s.expr.type.of, site.span);
};
const zipIndex: OfList = (f, s, _, site) => {
  const isRecord = s.expr.type.of.k === "record" && !s.expr.type.of.maybe;
  const one: Value = { k: "native", name: "value", call: ([x]) => recordOf([["value", x!]]) };
  const own = isRecord ? s : (mapSequence(f, s, { value: one, span: site.span, whole: site.span }, site) as Sequence); // as: of a list
  const row = own.expr.type.of;
  const fields = row.k === "record" ? row.fields : [];
  if (fields.some(([n]) => n === "index"))
    return fail(f, { message: "zip_index adds a field `index`, and there is one", span: site.span });
  const index: Tree<LeafType> = { k: "leaf", of: { k: "tensor", elem: "i64", shape: [] } };
  const of: Tree<LeafType> = { k: "record", fields: [...fields, ["index", index]] };
  return made(f, "list.number", [own.expr], of, site.span, { attrs: { column: "index" } });
};
/** n elements one after the other as one */
function windows(f: Frame, s: Sequence, size: Dim, stride: Dim, what: string, site: Ast.Expr): Sequence {
  const of = mapTree(
    s.expr.type.of,
    (t, path): LeafType =>
      t.k === "tensor" && t.elem !== "string" && t.elem !== "time"
        ? { ...t, shape: [size, ...t.shape] }
        : fail(f, {
            message: `${what} makes tensors, ${path ? `\`${path}\`` : "an element"} is ${t.k === "list" ? "a list" : t.elem}`,
            span: site.span,
            help: "leave it out in a map before it",
          }),
  );
  return made(f, "list.windows", [s.expr], of, site.span, { attrs: { size, stride } });
}
const window: OfList = (f, s, args, site) => {
  for (const name of ["axis", "dilation", "by"]) {
    const g = args.get(name);
    if (g && g.value.k !== "none")
      return fail(f, { message: `\`${name}\` is not of the window of a list`, span: g.whole });
  }
  const step = args.get("stride");
  return windows(f, s, dimOf(f, "n", args.get("n")!), step ? dimOf(f, "stride", step) : 1, "a window", site);
};
const batch: OfList = (f, s, args, site) => {
  const n = dimOf(f, "n", args.get("n")!);
  return windows(f, s, n, n, "batch", site);
};
export const flatMap: OfList = (f, s, args, site) => {
  const fn = args.get("f")!;
  callableOf(f, "flat_map", fn);
  const inner: Frame = { ...f, depth: f.depth + 1 };
  const { value, vars } = parameters(s.expr.type.of, f.depth + 1, fn.span);
  const v = f.cx.call(inner, fn.value, just([value], fn.span), site, fn.span);
  if (v.k === "poison") throw new Reported();
  const list = asSequence(inner, v, fn.span);
  if (!list)
    return fail(f, {
      message: `flat_map needs a function that gives a list, this gives ${describe(v)}`,
      span: fn.span,
      help: "map keeps one element for each",
    });
  const body = build.closeFn(vars, { k: "leaf", of: list.expr }, f.depth + 1, fn.span);
  return made(f, "list.flat", [s.expr], list.expr.type.of, site.span, { fns: { f: body } });
};
const countDistinct: OfList = (f, s, args, site) => {
  const fn = orNone(args, "f");
  const g = args.get("f") ?? args.get("d")!;
  const all = mapSequence(f, s, { ...g, value: fn.k === "none" ? same : fn }, site) as Sequence; // as: of a list
  return lengthOfSequence(f, distinctOf(f, there(f, all, site), undefined, site), site.span);
};
/** without what is missing */
export function there(f: Frame, s: Sequence, site: Ast.Expr): Sequence {
  const { of } = s.expr.type;
  if (of.k !== "record" || !of.maybe) return s;
  const at = { span: site.span, whole: site.span };
  const half = (name: "value" | "present"): Given => ({
    ...at,
    value: { k: "native", name, call: ([v]) => (v?.k === "maybe" ? v[name] : v!) },
  });
  const kept = filterSequence(f, s, half("present"), site) as Sequence; // as: of a list
  return mapSequence(f, kept, half("value"), site) as Sequence; // as: of a list
}

/** a record per key, in the order of the keys: what the aggregate makes of the list of those that have it */
const groupBy: OfList = (f, s, args, site) => {
  const [key, aggregate] = ["key", "aggregate"].map(n => args.get(n)!) as [Given, Given]; // as: two
  callableOf(f, "group_by", key);
  callableOf(f, "group_by", aggregate);
  return grouped(f, s, key, aggregate, site);
};
export function grouped(f: Frame, s: Sequence, key: Given, aggregate: Given, site: Ast.Expr): Sequence {
  const keyed = withKeys(f, s, key, site);
  const [of, _value] = (keyed.expr.type.of as Extract<Tree<LeafType>, { k: "record" }>).fields.map(([, t]) => t) as [
    Tree<LeafType>,
    Tree<LeafType>,
  ]; // as: a key and a value
  const parts = parted(f, keyed, key, site);
  // of each part the key of its first element
  const depth = f.depth + 1;
  const inner: Frame = { ...f, depth };
  const own = parameters(parts.expr.type.of, depth, key.span);
  const part = own.value as Sequence; // as: a list of lists
  const first = build.constant(0, { k: "tensor", elem: "i32", shape: [] }, key.span);
  const leafAt = (leaf: string, t: LeafType): Expr =>
    build.op("list.at", [part.expr, first], t, key.span, { attrs: { leaf } });
  const keyValue = valueOfTree(mapTree(of, (t, path) => leafAt(path ? `key.${path}` : "key", t)));
  const group = mapSequence(inner, part, { ...key, value: field("value") }, site) as Sequence; // as: of a list
  const v = f.cx.call(inner, aggregate.value, just([group], aggregate.span), site, aggregate.span);
  if (v.k === "poison") throw new Reported();
  if (v.k !== "record")
    return fail(f, {
      message: `the aggregate of group_by gives a record, this is ${describe(v)}`,
      span: aggregate.span,
      help: "g => { n: count(g) }",
    });
  const fields = new Map(keyFields(key.value, recordOf([["key", keyValue]])));
  for (const [name, x] of v.fields) {
    if (fields.has(name))
      return fail(f, { message: `the key of group_by is \`${name}\`, and so is an aggregate`, span: aggregate.span });
    fields.set(name, x);
  }
  const body = cellsOf(inner, recordOf(fields), aggregate.span, "a row");
  const fn = build.closeFn(own.vars, body, depth, aggregate.span);
  return made(f, "list.map", [parts.expr], rowTree(body), site.span, { fns: { f: fn } });
}
/** { key, value } of each element; -0 is the key 0 */
function withKeys(f: Frame, s: Sequence, key: Given, site: Ast.Expr): Sequence {
  const pair: Native["call"] = ([x], at, span) => {
    const v = at.cx.call(at, key.value, just([x!], span), site, span);
    if (v.k === "poison") throw new Reported();
    const body = cellsOf(at, v, key.span, "a key");
    scalars(at, body, key.span, "the key of group_by");
    return recordOf([
      ["key", valueOfTree(mapTree(body, oneZero))],
      ["value", x!],
    ]);
  };
  return mapSequence(f, s, { ...key, value: { k: "native", name: "key", call: pair } }, site) as Sequence; // as: of a list
}
function oneZero(e: Expr): Expr {
  const t = e.type;
  if (t.k !== "tensor" || !t.elem.startsWith("f")) return e;
  return build.op("add", [e, build.constant(0, t, e.span)], t, e.span);
}
/** lists of those with one key, in the order of the keys */
function parted(f: Frame, keyed: Sequence, key: Given, site: Ast.Expr): Sequence {
  const { of } = keyed.expr.type;
  const by = functionOf(f, field("key"), of, key.span, site, "a key", {});
  const keys = keysOf(by.body, false, site.span);
  const body: Tree<Expr> = { k: "record", fields: keys.map((p, i) => [`k${i}`, { k: "leaf", of: p.key }] as const) };
  return made(f, "list.parted", [keyed.expr], { k: "leaf", of: listType(of) }, site.span, { fns: { by: by.fn(body) } });
}
const field = (name: string): Native => ({
  k: "native",
  name,
  call: ([x]) => (x?.k === "record" ? x.fields.get(name)! : x!),
});
/** a list has one part */
const repartition: OfList = (f, s, args) => {
  dimOf(f, "n", args.get("n")!);
  return s;
};
export const ofLists: ReadonlyMap<string, OfList> = new Map<string, OfList>([
  ["take", take],
  ["sort_by", sortBy],
  ["distinct", distinct],
  ["union", union],
  ["zip_index", zipIndex],
  ["window", window],
  ["batch", batch],
  ["flat_map", flatMap],
  ["count_distinct", countDistinct],
  ["group_by", groupBy],
  ["first", (f, s, _, site) => firstOfSequence(f, s, "a list", site.span)],
  ["cache", (_, s) => s],
  ["repartition", repartition],
]);
