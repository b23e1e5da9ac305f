/** Ops of REL on strings. Characters are code points; white space is that of ASCII. */
import { md5 } from "@noble/hashes/legacy.js";
import type { CellElem } from "../rel.ts";
import { timeText } from "./calendar.ts";
import { op, type RelOp, SCALARS, type Scalar, same, toF32, zeroOf } from "./record.ts";

const text =
  (f: (s: string, t: string, attrs: Readonly<Record<string, unknown>>) => Scalar): RelOp["eval"] =>
  ([s, t], { attrs }) =>
    f(s as string, t as string, attrs); // as: of string

/** a character becomes one character: by letters of Unicode 15, as engines map them */
const mapped = (s: string, f: (c: string) => string, own: Readonly<Record<string, string>>): string =>
  Array.from(s, c => own[c] ?? (length(f(c)) === 1 ? f(c) : c)).join("");
const length = (s: string): number => [...s].length;
/** letters whose one capital is no whole one: the mark below stands beside it */
const TITLES = Object.fromEntries(
  [0x1f80, 0x1f90, 0x1fa0].flatMap(first =>
    Array.from({ length: 8 }, (_, i) => [String.fromCodePoint(first + i), String.fromCodePoint(first + 8 + i)]),
  ),
);
/** a byte order mark is no letter */
const MARK = { "\ufeff": "" };
const CAPITALS = { ...MARK, ...TITLES, "\u00df": "\u1e9e", "\u1fb3": "\u1fbc", "\u1fc3": "\u1fcc", "\u1ff3": "\u1ffc" };
const SMALL = { ...MARK, "\u0130": "i" };

export const SPACE = " \t\n\v\f\r";
const trimmed = (s: string): string => {
  const inside = (c: string | undefined): boolean => c !== undefined && SPACE.includes(c);
  let [from, to] = [0, s.length];
  while (from < to && inside(s[from])) from++;
  while (to > from && inside(s[to - 1])) to--;
  return s.slice(from, to);
};
const ESCAPES = "dDwWbBsSnrtfv";
/** what is wrong with a regular expression: it must mean the same to JavaScript and to RE2 */
function refusePattern(attrs: Readonly<Record<string, unknown>>): string | undefined {
  const pattern = String(attrs["pattern"]);
  if (/\(\?(?!:)/.test(pattern)) return "of (?..) only (?:..) is known";
  if (/\[\^?\]|\[\^?[^\]]*\[:/.test(pattern)) return "[] and [:..:] are not known";
  const unknown = [...pattern.matchAll(/\\(.?)/gsu)].find(
    ([, c]) => /[A-Za-z0-9]|^$/.test(c!) && !ESCAPES.includes(c!),
  );
  if (unknown) return `${unknown[0]} is not known`;
  if ([...pattern.matchAll(/\{(\d+)(?:,(\d*))?\}/g)].some(m => Number(m[1]) > 1000 || Number(m[2]) > 1000))
    return "a repetition is at most {1000}";
  try {
    regExp(pattern);
    return undefined;
  } catch (e) {
    return (e as Error).message;
  }
}
/** RE2's: \s is white space of ASCII, and . anything but the end of a line */
function regExp(pattern: string): RegExp {
  let inClass = false;
  const own = pattern.replace(/\\.|[[\].]/gsu, c => {
    if (c === "[") inClass = true;
    if (c === "]") inClass = false;
    if (c === "\\s") return inClass ? "\\t\\n\\f\\r " : "[\\t\\n\\f\\r ]";
    if (c === "\\S" && inClass) throw new Error("\\S is not known within []");
    if (c === "\\S") return "[^\\t\\n\\f\\r ]";
    return c === "." && !inClass ? "[^\\n]" : c;
  });
  return new RegExp(own, "gu");
}
const PATTERNS = ["a", "[a-c]+", "^.", "x*", "(?:é|b)$", "\\d+", "[^a]", "\\.", "'", "\\s+", "a.b"];
const pattern: Partial<RelOp> = {
  refuse: refusePattern,
  sample: draw => ({
    pattern: PATTERNS[draw.below(PATTERNS.length)]!,
    by: ["", "-", "\\1", "$1", "'"][draw.below(5)]!,
  }),
};
/** an empty match at the end of a match is none */
function replaced(s: string, pattern: string, by: string): string {
  let end = -1;
  return s.replace(regExp(pattern), (found, ...rest) => {
    const at = rest.find(x => typeof x === "number") as number; // as: groups are strings
    if (found === "" && at === end) return "";
    end = at + found.length;
    return by;
  });
}
/** the first 8 bytes of the md5 of its UTF-8 */
export function textWords(s: string): readonly [hi: number, lo: number] {
  const view = new DataView(md5(new TextEncoder().encode(s)).buffer);
  return [view.getUint32(0), view.getUint32(4)];
}

const WHOLE = /^[+-]?[0-9]+$/;
export const FLOAT_PATTERN = "[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?";
const FLOAT = new RegExp(`^${FLOAT_PATTERN}$`);
/** the value that a text says, undefined: none */
function said(s: string, to: CellElem): Scalar | undefined {
  const t = trimmed(s);
  if (to === "bool") return { true: true, false: false, "1": true, "0": false }[t.toLowerCase()];
  if (to === "i32" || to === "i64") {
    if (!WHOLE.test(t)) return undefined;
    const n = BigInt(t.replace("+", ""));
    const bits = to === "i32" ? 32 : 64;
    return BigInt.asIntN(bits, n) !== n ? undefined : to === "i32" ? Number(n) : n;
  }
  const infinite = /^([+-]?)inf(inity)?$/i.exec(t);
  const x = infinite
    ? infinite[1] === "-"
      ? -Infinity
      : Infinity
    : /^[+-]?nan$/i.test(t)
      ? Number.NaN
      : FLOAT.test(t)
        ? Number(t)
        : undefined;
  return x === undefined || to === "f64" ? x : toF32(x);
}
const PARSED = ["bool", "i32", "i64", "f32", "f64"] as const;

/** digits after which an f32 reads back as itself */
const DIGITS = 9;
/** in the fewest digits that read back; as what is printed */
function numberText(x: number, of: CellElem): string {
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x > 0 ? "inf" : "-inf";
  if (Object.is(x, -0)) return "-0";
  if (of === "f64" || (Number.isInteger(x) && Math.abs(x) < 2 ** 31)) return String(x);
  for (let p = 1; p < DIGITS; p++)
    if (Math.fround(Number(x.toPrecision(p))) === x) return String(Number(x.toPrecision(p)));
  return String(Number(x.toPrecision(DIGITS)));
}
export const TEXT_OPS = {
  join_text: op(
    "a, then b",
    same(["string"], 2),
    text((a, b) => a + b),
  ),
  lower: op(
    "letter by letter",
    same(["string"], 1),
    text(s => mapped(s, c => c.toLowerCase(), SMALL)),
  ),
  upper: op(
    "letter by letter",
    same(["string"], 1),
    text(s => mapped(s, c => c.toUpperCase(), CAPITALS)),
  ),
  trim: op("without white space at its ends", same(["string"], 1), text(trimmed)),
  replace: op(
    "each match of a pattern by a text, which is taken as it stands",
    same(["string"], 1),
    text((s, _, { pattern, by }) => replaced(s, String(pattern), String(by))),
    pattern,
  ),
  matches: op(
    "whether a pattern occurs in it",
    same(["string"], 1, "bool"),
    text((s, _, { pattern }) => s.search(regExp(String(pattern))) >= 0),
    pattern,
  ),
  contains: op(
    "whether b occurs in a",
    same(["string"], 2, "bool"),
    text((s, part) => s.includes(part)),
  ),
  starts_with: op(
    "whether a begins with b",
    same(["string"], 2, "bool"),
    text((s, part) => s.startsWith(part)),
  ),
  length: op("characters", same(["string"], 1, "i32"), text(length)),
  substring: op(
    "`size` characters from the one numbered `start`, as many as there are; below 0: 0",
    [{ args: ["string", "i32", "i32"], to: "string" }],
    ([s, start, size]) => {
      const from = Math.max(Number(start), 0);
      return [...(s as string)].slice(from, from + Math.max(Number(size), 0)).join(""); // as: of string
    },
  ),
  hash: op(
    "the first 8 bytes of its md5 modulo `buckets`",
    same(["string"], 1, "i32"),
    text((s, _, { buckets }) => {
      const [hi, lo] = textWords(s);
      return Number(((BigInt(hi) << 32n) | BigInt(lo)) % BigInt(Number(buckets)));
    }),
    {
      refuse: ({ buckets }) =>
        Number.isInteger(buckets) && Number(buckets) > 0 && Number(buckets) < 2 ** 31
          ? undefined
          : "no number of buckets",
      sample: draw => ({ buckets: 1 + draw.below(1000) }),
    },
  ),
  string: op(
    "as it is printed",
    SCALARS.map(e => ({ args: [e], to: "string" })),
    ([x], { of }) =>
      of === "time" ? timeText(x as bigint) : typeof x === "number" && of !== "i32" ? numberText(x, of) : String(x), // as: of time
  ),
  parse: op(
    "the value that a text says, white space around it or not; where it says none, 0",
    PARSED.map(e => ({ args: ["string"], to: e })),
    ([s], { to }) => said(s as string, to) ?? zeroOf(to), // as: of string
  ),
  parses: op(
    "whether a text says a value of the element `to`",
    same(["string"], 1, "bool"),
    text((s, _, { to }) => said(s, to as CellElem) !== undefined), // as: refuse has looked
    {
      refuse: ({ to }) => (PARSED.some(e => e === to) ? undefined : "nothing that a text can say"),
      sample: draw => ({ to: PARSED[draw.below(PARSED.length)]! }),
    },
  ),
} satisfies Record<string, RelOp>;
