/** Functions of instants: UTC, microseconds. A text that is no such time is missing. */
import type * as Ast from "../ast.ts";
import type { CoreElem, Expr, Tree } from "../core.ts";
import { valueOfTree } from "./apply.ts";
import * as build from "./build.ts";
import { fail, placed } from "./context.ts";
import { simple } from "./given.ts";
import { cellExpr } from "./infix.ts";
import { cellGiven, cellOp, formatOf } from "./text.ts";
import { describe } from "./types.ts";
import type { Frame, Special, Value } from "./value.ts";

/** `name(t)` */
const part = (name: string, elem: CoreElem): readonly [string, Special] =>
  simple(`${name}(t)`, (f, args, site) =>
    cellOp(f, name, [cellExpr(cellGiven(f, name, args.get("t")!, "time", site), site.span)], elem, site.span),
  );
function parseTime(
  f: Frame,
  args: ReadonlyMap<string, { value: Value; span: Ast.Span; whole: Ast.Span }>,
  site: Ast.Expr,
): Value {
  const g = args.get("s")!;
  const attrs = { format: formatOf(f, args.get("format")!) };
  // of text that may be missing the time may be, too
  const from = g.value.k === "maybe" ? { ...g, value: g.value.value } : g;
  if (from.value.k === "tensor")
    return fail(f, { message: `parse_time needs a string, this is ${describe(g.value)}`, span: g.span });
  const s = cellExpr(cellGiven(f, "parse_time", from, "string", site), site.span);
  const span = placed(f, site.span);
  const op = (name: string, elem: CoreElem): Expr =>
    build.op(name, [s], { k: "tensor", elem, shape: [] }, span, { attrs });
  const parses = op("parses_time", "bool");
  const there =
    g.value.k === "maybe"
      ? build.op("and", [g.value.present.expr, parses], { k: "tensor", elem: "bool", shape: [] }, span)
      : parses;
  const leaf = (of: Expr): Tree<Expr> => ({ k: "leaf", of });
  return valueOfTree({
    k: "record",
    maybe: true,
    fields: [
      ["value", leaf(op("parse_time", "time"))],
      ["present", leaf(there)],
    ],
  });
}
export const timeSpecials: readonly (readonly [string, Special])[] = [
  simple("parse_time(s, format)", parseTime),
  simple("format_time(t, format)", (f, args, site) => {
    const t = cellExpr(cellGiven(f, "format_time", args.get("t")!, "time", site), site.span);
    return cellOp(f, "format_time", [t], "string", site.span, { format: formatOf(f, args.get("format")!) });
  }),
  ...(["year", "month", "day", "weekday", "hour"] as const).map(name => part(name, "i32")),
  part("seconds", "f64"),
  part("date", "time"),
];
