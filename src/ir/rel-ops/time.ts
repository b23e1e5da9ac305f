/** Ops of REL on instants: microseconds since 1970 began, in UTC. Calendars know the years 1 to 9999. */
import { civil, DAY, dayOf, formatted, parsed, refuseFormat, within } from "./calendar.ts";
import { op, type RelOp, textOf } from "./record.ts";

const clock = (doc: string, f: (t: bigint) => number): RelOp =>
  op(doc, [{ args: ["time"], to: "i32" }], ([t]) => f(within(t as bigint))); // as: of time
const dateOf = (t: bigint) => civil(Number(dayOf(t)));
const FORMATS = ["%Y-%m-%d", "%d.%m.%Y %H:%M", "%Y%m%d", "%b %d %y", "%Y-%m-%dT%H:%M:%S.%f", "%B %Y (100%%)"];
const format = (reads: boolean): Partial<RelOp> => ({
  refuse: attrs => refuseFormat(textOf(attrs, "format"), reads),
  sample: draw => ({ format: FORMATS[draw.below(FORMATS.length)]! }),
});

export const TIME_OPS = {
  year: clock("1 to 9999", t => dateOf(t).year),
  month: clock("1 to 12", t => dateOf(t).month),
  day: clock("1 to 31", t => dateOf(t).day),
  weekday: clock("Monday is 0", t => Number((((dayOf(t) + 3n) % 7n) + 7n) % 7n)),
  hour: clock("0 to 23", t => Number((t - dayOf(t) * DAY) / 3_600_000_000n)),
  seconds: op("since 1970 began", [{ args: ["time"], to: "f64" }], ([t]) => Number(t as bigint) / 1e6), // as: of time
  ticks: op("microseconds since 1970 began", [{ args: ["time"], to: "i64" }], ([t]) => t as bigint), // as: of time
  instant: op("the time of its ticks", [{ args: ["i64"], to: "time" }], ([t]) => t as bigint), // as: of i64
  date: op("when its day began", [{ args: ["time"], to: "time" }], ([t]) => dayOf(within(t as bigint)) * DAY), // as: of time
  parse_time: op(
    "the instant that a text is by a format; where it is none, 0",
    [{ args: ["string"], to: "time" }],
    ([s], { attrs }) => parsed(s as string, textOf(attrs, "format")) ?? 0n, // as: of string
    format(true),
  ),
  parses_time: op(
    "whether a text is an instant by a format",
    [{ args: ["string"], to: "bool" }],
    ([s], { attrs }) => parsed(s as string, textOf(attrs, "format")) !== undefined, // as: of string
    format(true),
  ),
  format_time: op(
    "as text: %Y %y %m %b %B %d %H %M %S %f",
    [{ args: ["time"], to: "string" }],
    ([t], { attrs }) => formatted(t as bigint, textOf(attrs, "format")), // as: of time
    format(false),
  ),
} satisfies Record<string, RelOp>;
