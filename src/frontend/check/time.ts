/** Functions of instants: UTC, microseconds. A text that is no such time is missing. */
import type * as Ast from "../ast.ts";
import { cellOp, maybeOp } from "./cell-op.ts";
import { type Args, simple, textOf } from "./given.ts";
import { cellGiven } from "./text.ts";
import type { Frame, Special, Value } from "./value.ts";

/** `name(t)` */
const part = (
  name: "year" | "month" | "day" | "weekday" | "hour" | "seconds" | "date",
  elem: "i32" | "f64" | "time",
): readonly [string, Special] =>
  simple(`${name}(t)`, (f, args, site) =>
    cellOp(f, name, [cellGiven(f, name, args.get("t")!, "time", site)], elem, site.span),
  );
/** of text that may be missing the time may be, too */
function parseTime(f: Frame, args: Args, site: Ast.Expr): Value {
  const g = args.get("s")!;
  const attrs = { format: textOf(f, "format", args.get("format")!) };
  const from = g.value.k === "maybe" && g.value.value.k === "cell" ? { ...g, value: g.value.value } : g;
  const s = cellGiven(f, "parse_time", from, "string", site);
  const given = g.value.k === "maybe" ? g.value : s;
  return maybeOp(f, ["parse_time", "parses_time"], given, "time", site.span, [attrs, attrs]);
}
export const timeSpecials: readonly (readonly [string, Special])[] = [
  simple("parse_time(s, format)", parseTime),
  simple("format_time(t, format)", (f, args, site) => {
    const t = cellGiven(f, "format_time", args.get("t")!, "time", site);
    return cellOp(f, "format_time", [t], "string", site.span, { format: textOf(f, "format", args.get("format")!) });
  }),
  part("year", "i32"),
  part("month", "i32"),
  part("day", "i32"),
  part("weekday", "i32"),
  part("hour", "i32"),
  part("seconds", "f64"),
  part("date", "time"),
];
