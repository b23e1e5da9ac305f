/** join: rows of two rdds whose columns of one name are equal. Says where names collide and types differ. */
import type * as Ast from "../ast.ts";
import { type LeafType, type ListType, mapTree, type RddType, type Tree } from "../core.ts";
import { nearest, report } from "../diagnostics/catalogue.ts";
import * as build from "./build.ts";
import { fail, Reported } from "./context.ts";
import { type Args, type RddExpr, rddOf, rddValue, shown, simple, textOf } from "./given.ts";
import { showRow, showType } from "./types.ts";
import type { Frame, Given, RddValue, Special, Table, Value } from "./value.ts";

const HOW = ["inner", "left", "full", "semi", "anti"] as const;
type How = (typeof HOW)[number];
export type Fields = readonly (readonly [string, Tree<LeafType>])[];

/** what is joined: rows of an rdd, elements of a list */
export interface Side {
  readonly given: Given;
  readonly type: RddType | ListType;
  readonly table?: Table | undefined;
}
export interface Joining {
  readonly on: readonly string[];
  readonly how: How;
  /** fields of the other side that the result has */
  readonly others: Fields;
  readonly row: Tree<LeafType>;
}
export function joining(f: Frame, a: Side, b: Side, args: Args, site: Ast.Expr): Joining {
  const given = args.get("on")!;
  const how = howOf(f, args.get("how"));
  const [x, y] = [fieldsOf(f, a), fieldsOf(f, b)];
  const on = namesOf(f, given);
  const [left, right] = [shown(f, a.given.span), shown(f, b.given.span)];
  for (const name of on) {
    const [p, q] = [column(f, x, name, a, given), column(f, y, name, b, given)];
    joinable(f, name, p, a.given, given);
    joinable(f, name, q, b.given, given);
    if (showRow(p) === showRow(q)) continue;
    fail(f, {
      message: `\`${name}\` is ${showRow(p)} in ${left} and ${showRow(q)} in ${right}`,
      span: given.span,
      help: `${right} |> map(r => { ...r, ${name}: ${castOf(p)}(r.${name}) }) before the join`,
    });
  }
  const others = how === "semi" || how === "anti" ? [] : y.filter(([n]) => !on.includes(n));
  for (const [name] of others)
    if (x.some(([n]) => n === name))
      fail(f, {
        message: `both sides of the join have a column \`${name}\``,
        span: site.span,
        help: `rename(${right}, { ${name}: "other_${name}" })`,
      });
  const optional = (fields: Fields): Fields => fields.map(([n, t]) => [n, maybeMissing(t)] as const);
  const mine = how === "full" ? x.map(([n, t]) => [n, on.includes(n) ? t : maybeMissing(t)] as const) : x;
  const row: Tree<LeafType> = { k: "record", fields: [...mine, ...(how === "inner" ? others : optional(others))] };
  return { on, how, others, row };
}
function join(f: Frame, args: Args, site: Ast.Expr): Value {
  const [left, right] = ["a", "b"].map(n => args.get(n)!) as [Given, Given]; // as: bound by the signature
  const [a, b] = [rddOf(f, "join", left), rddOf(f, "join", right)];
  const side = (given: Given, d: RddValue): Side => ({ given, type: d.expr.type, table: d.table });
  const { on, how, row } = joining(f, side(left, a), side(right, b), args, site);
  const expr = build.op("rdd.join", [a.expr, b.expr], { k: "rdd", row }, site.span, { attrs: { on, how } });
  return rddValue(
    expr as RddExpr,
    how === "semi" || how === "anti" ? a.sources : new Map([...(b.sources ?? []), ...(a.sources ?? [])]),
    joined(a, b),
  );
}
/** the files of which the columns are, for messages */
const joined = (a: RddValue, b: RddValue): Table | undefined =>
  a.table &&
  b.table && {
    source: `${a.table.source} and ${b.table.source}`,
    columns: [...a.table.columns, ...b.table.columns.filter(c => !a.table!.columns.some(o => o.name === c.name))],
  };
function howOf(f: Frame, g: Given | undefined): How {
  const text = g ? textOf(f, "how", g) : "inner";
  const how = HOW.find(h => h === text);
  return how ?? fail(f, report.unknownOption({ of: "`how` of join", value: text, options: HOW, span: g!.span }));
}
/** a name, or a list of names */
function namesOf(f: Frame, g: Given): readonly string[] {
  if (g.value.k === "poison") throw new Reported();
  const items = g.value.k === "list" ? g.value.items : [g.value];
  const names = items.map(v => textOf(f, "on", { ...g, value: v }));
  const twice = names.find((n, i) => names.indexOf(n) < i);
  if (twice !== undefined) return fail(f, { message: `\`${twice}\` stands twice in \`on\``, span: g.span });
  return names.length ? names : fail(f, { message: "`on` names no column", span: g.span, help: 'on: "id"' });
}
function fieldsOf(f: Frame, { given: { span }, type }: Side): Fields {
  const row = type.k === "rdd" ? type.row : type.of;
  if (row.k === "record" && !row.maybe) return row.fields;
  return fail(f, {
    message: `join needs records, ${shown(f, span)} is ${type.k === "rdd" ? "an " : ""}${showType(type)}`,
    span,
    help: `${shown(f, span)} |> map(x => { key: x })`,
  });
}
function column(f: Frame, fields: Fields, name: string, of: Side, on: Given): Tree<LeafType> {
  const own = fields.find(([n]) => n === name);
  if (own) return own[1];
  const names = fields.map(([n]) => n);
  const near = nearest(name, names);
  if (of.table && !near) return fail(f, report.unknownColumn({ name, ...of.table, span: on.span }));
  return fail(f, report.unknownField({ name, of: shown(f, of.given.span), fields: names, span: on.span }));
}
function joinable(f: Frame, name: string, t: Tree<LeafType>, of: Given, on: Given): void {
  if (t.k === "record" && t.maybe)
    fail(f, {
      message: `\`${name}\` may be missing in ${shown(f, of.span)} (${showRow(t)}), and what is missing equals nothing`,
      span: on.span,
      help: `${shown(f, of.span)} |> drop_missing before the join, or map(r => { ...r, ${name}: r.${name} ?? .. })`,
    });
  const text = t.k === "leaf" && t.of.k === "tensor" && t.of.shape.length === 0;
  if (!text && !(t.k === "record" && t.maybe))
    fail(f, {
      message: `join compares numbers, bools, strings and times, \`${name}\` is ${showRow(t)}`,
      span: on.span,
    });
}
const castOf = (t: Tree<LeafType>): string => (t.k === "leaf" && t.of.k === "tensor" ? t.of.elem : "string");
/** the fields of a row that has no partner */
function maybeMissing(t: Tree<LeafType>): Tree<LeafType> {
  if (t.k === "record" && t.maybe) return t;
  if (t.k === "record") return { ...t, fields: t.fields.map(([n, x]) => [n, maybeMissing(x)] as const) };
  const present: Tree<LeafType> = { k: "leaf", of: { k: "tensor", elem: "bool", shape: [] } };
  return {
    k: "record",
    maybe: true,
    fields: [
      ["value", t],
      ["present", present],
    ],
  };
}
/** names of fields that become others: { old: "new" } */
export function renaming(f: Frame, side: Side, names: Given): ReadonlyMap<string, string> {
  const fields = fieldsOf(f, side);
  if (names.value.k === "poison") throw new Reported();
  if (names.value.k !== "record" || names.value.fields.size === 0)
    return fail(f, {
      message: "`names` says what becomes of a column",
      span: names.span,
      help: 'rename(d, { old: "new" })',
    });
  const to = new Map([...names.value.fields].map(([old, v]) => [old, textOf(f, old, { ...names, value: v })] as const));
  for (const old of to.keys()) column(f, fields, old, side, names);
  const after = fields.map(([n]) => to.get(n) ?? n);
  const twice = after.find((n, i) => after.indexOf(n) < i);
  if (twice !== undefined) return fail(f, { message: `rename makes two columns \`${twice}\``, span: names.span });
  return to;
}
function rename(f: Frame, args: Args, site: Ast.Expr): Value {
  const given = args.get("d")!;
  const d = rddOf(f, "rename", given);
  const side: Side = { given, type: d.expr.type, table: d.table };
  const fields = fieldsOf(f, side);
  const to = renaming(f, side, args.get("names")!);
  const depth = f.depth + 1;
  const vars: ReturnType<typeof build.variable>[] = [];
  const body = fields.map(
    ([n, t]) =>
      [
        to.get(n) ?? n,
        mapTree(t, (leaf, path) => {
          const v = build.variable(path ? `${n}.${path}` : n, leaf, depth, site.span);
          vars.push(v);
          return v;
        }),
      ] as const,
  );
  const tree = { k: "record", fields: body } as const;
  const row: Tree<LeafType> = { k: "record", fields: fields.map(([n, t]) => [to.get(n) ?? n, t] as const) };
  const fn = build.closeFn(vars, tree, depth, site.span);
  const moved = new Map(
    [...(d.sources ?? [])].map(([path, why]) => {
      const [head, ...rest] = path.split(".");
      return [[to.get(head!) ?? head!, ...rest].join("."), why] as const;
    }),
  );
  const type = { k: "rdd", row, ...(d.expr.type.rows === undefined ? {} : { rows: d.expr.type.rows }) } as const;
  return rddValue(build.op("rdd.map", [d.expr], type, site.span, { fns: { f: fn } }) as RddExpr, moved);
}
export const joinSpecials: readonly (readonly [string, Special])[] = [
  simple('join(a, b, on, how = "inner")', join),
  simple("rename(d, names)", rename),
];
