/**
 * Names of the prelude that have a place in the language and no meaning here yet: they are known, so that a typing error
 * finds them, and say what to write instead.
 */
import type { Builtin } from "../builtin.ts";

const later = (signature: string, notBuilt: string): Builtin => ({
  op: signature.slice(0, signature.indexOf("(")),
  signature,
  notBuilt,
});
const engine = "it needs an engine for text; a time in a table is i64 microseconds";
const text = "strings are not built yet: make numbers of them before, and read these";

export const laterOnes: Readonly<Record<string, Builtin>> = {
  words: later("words(s)", text),
  lower: later("lower(s)", text),
  upper: later("upper(s)", text),
  trim: later("trim(s)", text),
  replace: later("replace(s, pattern, by)", text),
  matches: later("matches(s, pattern)", text),
  contains: later("contains(s, part)", text),
  starts_with: later("starts_with(s, part)", text),
  length: later("length(s)", text),
  substring: later("substring(s, start, size)", text),
  hash: later("hash(s, buckets)", text),
  pad_to: later("pad_to(c, n, value = 0)", "pad(x, [[0, n]]) of a tensor"),
  skip_grams: later("skip_grams(c, window)", text),
  parse_time: later("parse_time(s, format)", engine),
  format_time: later("format_time(t, format)", engine),
  year: later("year(t)", engine),
  month: later("month(t)", engine),
  day: later("day(t)", engine),
  weekday: later("weekday(t)", engine),
  hour: later("hour(t)", engine),
  seconds: later("seconds(t)", engine),
  date: later("date(t)", engine),
};
