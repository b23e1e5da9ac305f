/** What kernels cannot do: rdds that only an engine makes, and expressions of texts, calendars and lists. Knows no REL. */
import { type Expr, type Fn, inputsOf, type LeafType, leaves, type Op, type RddType, type Tree } from "../core.ts";

const TRANSFORMS: ReadonlySet<string> = new Set([
  ...["rdd.flat", "rdd.join", "rdd.group", "rdd.distinct", "rdd.sort", "rdd.union", "rdd.window", "rdd.word"],
]);
/** kernels hold a text as its number: they copy it, choose it and compare it for equality */
const OF_TEXT: ReadonlySet<string> = new Set([
  ...["join_text", "lower", "upper", "trim", "replace", "matches", "contains", "starts_with", "length", "substring"],
  ...["hash", "string", "parse", "parses", "lookup"],
  ...["year", "month", "day", "weekday", "hour", "date", "parse_time", "parses_time", "format_time", "pad_to"],
]);
const ORDERS: ReadonlySet<string> = new Set(["lt", "le", "gt", "ge", "minimum", "maximum"]);

export const isRdd = (e: Expr): e is Expr & { readonly type: RddType } => e.type.k === "rdd";
export const hasLists = (row: Tree<LeafType>): boolean => leaves(row).some(([, t]) => t.k === "list");
const isText = (e: Expr): boolean => e.type.k === "tensor" && e.type.elem === "string";

/** no kernel has a form of the expression itself, whatever its arguments are */
export const needsEngine = (e: Expr): boolean =>
  e.type.k === "list" ||
  (e.k === "op" && (OF_TEXT.has(e.op) || e.op.startsWith("list.") || (ORDERS.has(e.op) && e.args.some(isText))));
/** an rdd that no kernel and no selection of rows makes, whatever its functions are */
export const isTransform = (e: Op): boolean =>
  TRANSFORMS.has(e.op) || (e.op === "rdd.split" && Object.hasOwn(e.fns, "by"));

/** in a function: what needs an engine and lies in nothing else that does; those behind its captures apart, but lists, which kernels never hold */
export function engineParts(f: Fn): readonly Expr[] {
  const out = new Set<Expr>();
  const seen = new Set<Expr>(f.captures.filter(c => c.type.k !== "list"));
  const stack = leaves(f.body).map(([, e]) => e);
  while (stack.length) {
    const e = stack.pop()!;
    if (seen.has(e)) continue;
    seen.add(e);
    if (needsEngine(e)) {
      out.add(e);
      continue;
    }
    stack.push(...inputsOf(e));
    if (e.k === "op" && !isRdd(e) && !e.args.some(isRdd))
      for (const g of Object.values(e.fns)) stack.push(...leaves(g.body).map(([, x]) => x));
  }
  return [...out];
}
