/** Each op of REL in DuckDB's SQL: total tables over the ops, so that one without its line does not compile. Knows no tree. */
import type { CellElem } from "../../ir/rel.ts";
import { formatPattern } from "../../ir/rel-ops/calendar.ts";
import { zeroOf } from "../../ir/rel-ops/record.ts";
import { FLOAT_PATTERN } from "../../ir/rel-ops/text.ts";
import type { MakerName, OpName } from "../../ir/rel-ops.ts";
import { literal, quoted, TYPES } from "./text.ts";

export interface How {
  /** element of the first operand, of a list that of its elements */
  readonly of: CellElem;
  readonly to: CellElem;
  readonly attrs: Readonly<Record<string, unknown>>;
  /** a name for a piece that is wanted more than once */
  readonly bind: (sql: string) => string;
}
/** operands are names or literals: they may be said several times */
export type SqlOp = (args: readonly string[], how: How) => string;

const isFloat = (e: CellElem): boolean => e === "f32" || e === "f64";
const NAN = "'NaN'::DOUBLE";
/** in an integer type that holds every result of two operands */
const wide = (e: CellElem, x: string): string => `${x}::${e === "i32" ? "BIGINT" : "HUGEINT"}`;
/** the low bits of an integer of a wider type */
export const wrap = (e: CellElem, x: string): string =>
  e === "i32"
    ? `((((${x}) + 2147483648) & 4294967295) - 2147483648)::INTEGER`
    : `((((${x})::HUGEINT + 9223372036854775808) & 18446744073709551615) - 9223372036854775808)::BIGINT`;
/** a DOUBLE as the element: DuckDB refuses what is too large for FLOAT */
export const narrowed = (e: CellElem, x: string, bind: How["bind"]): string => {
  if (e !== "f32") return x;
  const d = bind(x);
  return `coalesce(try_cast(${d} AS FLOAT), CASE WHEN ${d} > 0 THEN 'Infinity'::FLOAT ELSE '-Infinity'::FLOAT END)`;
};
const arithmetic =
  (whole: (a: string, b: string) => string, float: (a: string, b: string, bind: How["bind"]) => string): SqlOp =>
  ([a = "", b = ""], { of, bind }) =>
    isFloat(of) ? float(a, b, bind) : wrap(of, whole(wide(of, a), b && wide(of, b)));
const infix = (sign: string): SqlOp => {
  const both = (a: string, b: string): string => `${a} ${sign} ${b}`;
  return arithmetic(both, (a, b) => `(${a} ${sign} ${b})`);
};
/** a function of DOUBLE */
const float =
  (f: (x: string, bind: How["bind"]) => string): SqlOp =>
  ([x], { of, bind }) =>
    narrowed(of, f(of === "f32" ? `${x}::DOUBLE` : x!, bind), bind);
/** NaN is equal to itself and above all to DuckDB; `nan`: the side that must not be NaN */
const compare =
  (sign: string, nan: 0 | 1): SqlOp =>
  (args, { of }) => {
    const plain = `(${args[0]} ${sign} ${args[1]})`;
    return isFloat(of) ? `(${plain} AND NOT isnan(${args[nan]}))` : plain;
  };
const wholeToo =
  (f: (x: string) => string): SqlOp =>
  ([x], { of }) =>
    isFloat(of) ? f(x!) : x!;
const flooredMod = (a: string, b: string): string => `coalesce(((${a} % ${b}) + ${b}) % ${b}, 0)`;

/** of a float to an integer: towards zero, saturating, NaN is 0 */
function truncated(x: string, to: CellElem): string {
  const [low, high] = to === "i32" ? ["-2147483648", "2147483647"] : ["-9223372036854775808", "9223372036854775807"];
  const d = `trunc(${x}::DOUBLE)`;
  const inside =
    to === "i32" ? `greatest(least(${d}, ${high}), ${low})::INTEGER` : `coalesce(try_cast(${d} AS BIGINT), 0)`;
  return to === "i32"
    ? `CASE WHEN isnan(${x}) THEN 0 ELSE ${inside} END`
    : `CASE WHEN isnan(${x}) THEN 0 WHEN ${x} >= ${literal("f64", 2 ** 63)} THEN ${high} WHEN ${x} < ${literal("f64", -(2 ** 63))} THEN ('${low}'::BIGINT) ELSE ${inside} END`;
}
function cast(x: string, of: CellElem, to: CellElem, bind: How["bind"]): string {
  if (of === to) return x;
  if (to === "bool") return `(${x} <> 0)`;
  if (isFloat(to)) return of === "f64" ? narrowed(to, x, bind) : `${x}::${TYPES[to]}`;
  if (isFloat(of)) return truncated(x, to);
  return of === "i64" && to === "i32"
    ? `((((${x} & 4294967295) + 2147483648) & 4294967295) - 2147483648)::INTEGER`
    : `${x}::${TYPES[to]}`;
}
const power = (a: string, b: string): string =>
  `CASE WHEN ${b} = 0 THEN 1 WHEN abs(${a}) = 1 AND NOT isfinite(${b}) THEN ${NAN} ELSE pow(${a}, ${b}) END`;

/** white space of ASCII */
const SPACE = "' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13)";
const trimmed = (x: string): string => `trim(${x}, ${SPACE})`;
/** the value that a text says, NULL: none */
function said(x: string, to: CellElem, bind: How["bind"]): string {
  const t = bind(trimmed(x));
  if (to === "bool")
    return `CASE lower(${t}) WHEN 'true' THEN true WHEN '1' THEN true WHEN 'false' THEN false WHEN '0' THEN false END`;
  if (!isFloat(to)) return `CASE WHEN regexp_full_match(${t}, '[+-]?[0-9]+') THEN try_cast(${t} AS ${TYPES[to]}) END`;
  const pattern = `(${FLOAT_PATTERN})|[+-]?([iI][nN][fF]([iI][nN][iI][tT][yY])?|[nN][aA][nN])`;
  const d = bind(`CASE WHEN regexp_full_match(${t}, ${quoted(pattern)}) THEN try_cast(${t} AS DOUBLE) END`);
  return to === "f64" ? d : `CASE WHEN ${d} IS NOT NULL THEN ${narrowed(to, d, bind)} END`;
}
/** DuckDB has an exponent below 1e-4 and from 1e16 on, with two digits, and a point in whole numbers; printed is as JavaScript has it */
function numberText(x: string, of: CellElem, bind: How["bind"]): string {
  const t = bind(`${x}::VARCHAR`);
  const sign = `CASE WHEN ${x} < 0 THEN '-' ELSE '' END`;
  const digits = bind(`replace(regexp_extract(${t}, '^-?([0-9.]+)', 1), '.', '')`);
  const exponent = bind(`try_cast(regexp_extract(${t}, 'e([-+][0-9]+)$', 1) AS INTEGER)`);
  const whole = `abs(${x}) < 2147483648 AND trunc(${x}) = ${x}`;
  return `CASE WHEN isnan(${x}) THEN 'nan' WHEN isinf(${x}) THEN CASE WHEN ${x} > 0 THEN 'inf' ELSE '-inf' END WHEN ${x} = 0 THEN CASE WHEN signbit(${x}) THEN '-0' ELSE '0' END WHEN ${whole} THEN ${of === "f32" ? `${x}::DOUBLE` : x}::BIGINT::VARCHAR WHEN ${exponent} BETWEEN 16 AND 20 THEN ${sign} || rpad(${digits}, ${exponent} + 1, '0') WHEN ${exponent} BETWEEN -6 AND -5 THEN ${sign} || '0.' || repeat('0', -${exponent} - 1) || ${digits} ELSE regexp_replace(regexp_replace(${t}, 'e([-+])0', 'e\\1'), '\\.0$', '') END`;
}
/** the years that calendars know */
const instant = (t: string): string =>
  `make_timestamp(greatest(least(${t}, 253402300799999999), '-62135596800000000'::BIGINT))`;
const calendar =
  (part: string): SqlOp =>
  ([t]) =>
    `extract(${part} FROM ${instant(t!)})::INTEGER`;
const readTime = (s: string, attrs: How["attrs"], bind: How["bind"]): string => {
  const format = String(attrs["format"]);
  const t = bind(
    `CASE WHEN regexp_full_match(${s}, ${quoted(formatPattern(format))}) THEN epoch_us(try_strptime(${s}, ${quoted(format)})) END`,
  );
  return `CASE WHEN ${t} >= '-62135596800000000'::BIGINT THEN ${t} END`;
};

/** the DOUBLE nearest to a HUGEINT, in steps that rel-ops/list.ts makes, too */
export const nearest = (s: string): string =>
  `(((${s} - (${s} & 4294967295)) // 4294967296)::DOUBLE * 4294967296 + (${s} & 4294967295)::DOUBLE)`;
const listSum = (x: string, of: CellElem): string => `coalesce(list_sum(${of === "bool" ? `${x}::INTEGER[]` : x}), 0)`;
const extreme =
  (name: "min" | "max"): SqlOp =>
  ([x], { of }) => {
    const zero = literal(of, zeroOf(of));
    const found = `list_${name}(${x})`;
    if (!isFloat(of)) return `coalesce(${found}, ${zero})`;
    const some = (is: string): string => `coalesce(list_bool_or(list_transform(${x}, lambda q: ${is})), false)`;
    const other = name === "min" ? literal(of, -0) : zero;
    const wanted = name === "min" ? "q = 0 AND signbit(q)" : "q = 0 AND NOT signbit(q)";
    return `coalesce(CASE WHEN ${some("isnan(q)")} THEN 'NaN'::${TYPES[of]} WHEN ${found} = 0 AND ${some(wanted)} THEN ${other} ELSE ${found} END, ${zero})`;
  };

export const SQL: { readonly [O in OpName]: SqlOp } = {
  neg: arithmetic(
    a => `-(${a})`,
    a => `(-${a})`,
  ),
  add: infix("+"),
  sub: infix("-"),
  mul: infix("*"),
  div: ([a, b]) => `(${a} / ${b})`,
  mod: arithmetic(flooredMod, (a, b, bind) => {
    const r = bind(`(${a} % ${b})`);
    return `CASE WHEN ${r} <> 0 AND (${r} < 0) <> (${b} < 0) THEN ${r} + ${b} ELSE ${r} END`;
  }),
  floordiv: arithmetic(
    (a, b) => `coalesce((${a} - ${flooredMod(a, b)}) // ${b}, ${a})`,
    (a, b) => `floor(${a} / ${b})`,
  ),
  pow: ([a, b], { of, bind }) => {
    if (of === "f64") return power(a!, b!);
    const p = power(`${a}::DOUBLE`, `${b}::DOUBLE`);
    return of === "f32" ? narrowed(of, p, bind) : truncated(bind(`round_even(${p}, 0)`), of);
  },
  eq: compare("=", 0),
  ne: ([a, b], { of }) => (isFloat(of) ? `(${a} <> ${b} OR isnan(${a}))` : `(${a} <> ${b})`),
  lt: compare("<", 1),
  le: compare("<=", 1),
  gt: compare(">", 0),
  ge: compare(">=", 0),
  and: ([a, b]) => `(${a} AND ${b})`,
  or: ([a, b]) => `(${a} OR ${b})`,
  not: ([a]) => `(NOT ${a})`,
  where: ([c, a, b]) => `CASE WHEN ${c} THEN ${a} ELSE ${b} END`,
  cast: ([x], { of, to, bind }) => cast(x!, of, to, bind),
  abs: arithmetic(
    a => `abs(${a})`,
    a => `CASE WHEN signbit(${a}) THEN -${a} ELSE ${a} END`,
  ),
  sign: ([x], { of }) =>
    isFloat(of)
      ? `CASE WHEN isnan(${x}) OR ${x} = 0 THEN ${x} WHEN ${x} > 0 THEN ${literal(of, 1)} ELSE ${literal(of, -1)} END`
      : `sign(${x})::${TYPES[of]}`,
  floor: wholeToo(x => `floor(${x})`),
  ceil: wholeToo(x => `ceil(${x})`),
  round: wholeToo(x => `round_even(${x}, 0)`),
  exp: float(x => `exp(${x})`),
  log: float(
    x => `CASE WHEN ${x} = 0 THEN '-Infinity'::DOUBLE ELSE ln(CASE WHEN ${x} > 0 THEN ${x} ELSE ${NAN} END) END`,
  ),
  log1p: float((x, bind) => {
    const u = bind(`1 + ${x}`);
    const log = `ln(CASE WHEN ${u} > 0 THEN ${u} ELSE ${NAN} END)`;
    return `CASE WHEN ${u} = 1 THEN ${x} WHEN ${u} = 0 THEN '-Infinity'::DOUBLE WHEN isinf(${u}) THEN ${log} ELSE ${log} * (${x} / (${u} - 1)) END`;
  }),
  expm1: float((x, bind) => {
    const u = bind(`exp(${x})`);
    return `CASE WHEN ${u} = 1 THEN ${x} WHEN ${u} - 1 = -1 THEN -1 WHEN isinf(${u}) THEN ${u} ELSE (${u} - 1) * (${x} / ln(${u})) END`;
  }),
  sqrt: float(x => `sqrt(CASE WHEN ${x} < 0 THEN ${NAN} ELSE ${x} END)`),
  sin: float(x => `sin(CASE WHEN isinf(${x}) THEN ${NAN} ELSE ${x} END)`),
  cos: float(x => `cos(CASE WHEN isinf(${x}) THEN ${NAN} ELSE ${x} END)`),
  tanh: float(x => `tanh(${x})`),
  minimum: ([a, b], { of }) =>
    isFloat(of)
      ? `CASE WHEN isnan(${a}) THEN ${a} WHEN isnan(${b}) THEN ${b} WHEN ${a} < ${b} THEN ${a} WHEN ${b} < ${a} THEN ${b} WHEN signbit(${a}) THEN ${a} ELSE ${b} END`
      : `least(${a}, ${b})`,
  maximum: ([a, b], { of }) =>
    isFloat(of)
      ? `CASE WHEN isnan(${a}) THEN ${a} WHEN isnan(${b}) THEN ${b} WHEN ${a} > ${b} THEN ${a} WHEN ${b} > ${a} THEN ${b} WHEN signbit(${a}) THEN ${b} ELSE ${a} END`
      : `greatest(${a}, ${b})`,
  isnan: ([x], { of }) => (isFloat(of) ? `isnan(${x})` : "false"),

  join_text: ([a, b]) => `(${a} || ${b})`,
  lower: ([s]) => `lower(${s})`,
  upper: ([s]) => `upper(${s})`,
  trim: ([s]) => trimmed(s!),
  replace: ([s], { attrs }) =>
    `regexp_replace(${s}, ${quoted(String(attrs["pattern"]))}, ${quoted(String(attrs["by"]).replaceAll("\\", "\\\\"))}, 'g')`,
  matches: ([s], { attrs }) => `regexp_matches(${s}, ${quoted(String(attrs["pattern"]))})`,
  contains: ([s, part]) => `contains(${s}, ${part})`,
  starts_with: ([s, part]) => `starts_with(${s}, ${part})`,
  length: ([s]) => `length(${s})::INTEGER`,
  substring: ([s, start, size]) => `substring(${s}, greatest(${start}, 0)::BIGINT + 1, greatest(${size}, 0)::BIGINT)`,
  hash: ([s], { attrs }) => `(('0x' || md5(${s})[1:16])::UBIGINT % ${Number(attrs["buckets"])})::INTEGER`,
  string: ([x], { of, bind }) => {
    if (of === "string") return x!;
    if (isFloat(of)) return numberText(x!, of, bind);
    return of === "time" ? `${instant(x!)}::VARCHAR` : `${x}::VARCHAR`;
  },
  parse: ([s], { to, bind }) => `coalesce(${said(s!, to, bind)}, ${literal(to, zeroOf(to))})`,
  parses: ([s], { attrs, bind }) => `(${said(s!, attrs["to"] as CellElem, bind)} IS NOT NULL)`, // as: verified

  year: calendar("year"),
  month: calendar("month"),
  day: calendar("day"),
  weekday: ([t]) => `(extract(isodow FROM ${instant(t!)}) - 1)::INTEGER`,
  hour: calendar("hour"),
  seconds: ([t]) => `(${t}::DOUBLE / 1000000)`,
  ticks: ([t]) => t!,
  instant: ([t]) => t!,
  date: ([t]) => `epoch_us(date_trunc('day', ${instant(t!)})::TIMESTAMP)`,
  parse_time: ([s], { attrs, bind }) => `coalesce(${readTime(s!, attrs, bind)}, 0)`,
  parses_time: ([s], { attrs, bind }) => `(${readTime(s!, attrs, bind)} IS NOT NULL)`,
  format_time: ([t], { attrs }) => `strftime(${instant(t!)}, ${quoted(String(attrs["format"]))})`,

  list_length: ([l]) => `len(${l})::INTEGER`,
  list_sum: ([l], { of, to, bind }) => {
    const sum = listSum(l!, of);
    return isFloat(of) ? narrowed(to, sum, bind) : wrap(to, sum);
  },
  list_mean: ([l], { of, to, bind }) => {
    const sum = isFloat(of) ? listSum(l!, of) : nearest(bind(`${listSum(l!, of)}::HUGEINT`));
    return narrowed(to, `(${sum} / len(${l})::DOUBLE)`, bind);
  },
  list_min: extreme("min"),
  list_max: extreme("max"),
  list_any: ([l]) => `coalesce(list_bool_or(${l}), false)`,
  list_all: ([l]) => `coalesce(list_bool_and(${l}), true)`,
  item: ([t, i], { of }) =>
    `coalesce(CASE WHEN ${i} >= 0 THEN (${t})[${i}::BIGINT + 1] END, ${literal(of, zeroOf(of))})`,
  list_text: ([l]) => `to_json(${l})::VARCHAR`,
  element_at: ([l, i], { of }) =>
    `coalesce(CASE WHEN ${i} >= 0 THEN (${l})[${i}::BIGINT + 1] END, ${literal(of, zeroOf(of))})`,
  pad_to: ([l, value], { of, attrs }) =>
    `list_resize(${l}, ${Number(attrs["n"])}, ${value})::${TYPES[of]}[${Number(attrs["n"])}]`,
  lookup: ([s, table]) => `${table}(${s})`,
};

/** of a list that is made: how many fields the elements of each operand have, and how deep in lambdas it stands */
export interface Making {
  readonly fields: readonly number[];
  readonly level: number;
}
/** places of a list, from 1, by keys; equal ones in the order of the list */
const placesBy = (keys: string, { fields, level }: Making, down: boolean): string => {
  const [x, i] = [`ek${level}`, `ep${level}`];
  const parts = fields[1] === 1 ? [x] : Array.from({ length: fields[1]! }, (_, k) => `${x}.f${k}`);
  // downwards a later place is less
  const packed = [...parts, down ? `-${i}` : i].map((p, k) => `f${k} := ${p}`).join(", ");
  return `list_grade_up(list_transform(${keys}, lambda ${x}, ${i}: struct_pack(${packed})), '${down ? "DESC" : "ASC"}')`;
};
/**
 * of a list, its keys and its places by them, and the places at which a key is another than before; the three stand in a list of one, so that they are made
 * once and not for each element
 */
function byKey(
  l: string,
  keys: string,
  how: Making,
  make: (v: string, starts: string, level: number) => string,
): string {
  const [v, s] = [`ev${how.level}`, `es${how.level}`];
  const starts = `list_filter(range(1, len(${v}.p) + 1), lambda ${s}: ${s} = 1 OR ${v}.k[${v}.p[${s}]] IS DISTINCT FROM ${v}.k[${v}.p[${s} - 1]])`;
  const packed = `struct_pack(l := ${l}, k := ${keys}, p := ${placesBy(keys, how, false)})`;
  return `(list_transform([${packed}], lambda ${v}: ${make(v, starts, how.level)})[1])`;
}
const bound = (at: string, l: string): string =>
  `CASE WHEN ${at} < 0 THEN greatest(len(${l}) + ${at}, 0) ELSE ${at}::BIGINT END`;

export const MAKER_SQL: {
  readonly [M in MakerName]: (args: readonly string[], attrs: How["attrs"], how: Making) => string;
} = {
  words: ([s]) => `regexp_extract_all(${s}, '[^ \\t\\n\\v\\f\\r]+')`,
  skip_grams: ([l], { window }) =>
    `flatten(list_transform(range(1, len(${l}) + 1), lambda q: list_transform(list_filter(range(greatest(q - ${Number(window)}, 1), least(q + ${Number(window)}, len(${l})) + 1), lambda r: r <> q), lambda r: struct_pack(f0 := ${l}[q], f1 := ${l}[r]))))`,
  take: ([l, n]) => `list_slice(${l}, 1, greatest(${n}, 0)::BIGINT)`,
  part: ([l, from, to]) => `list_slice(${l}, ${bound(from!, l!)} + 1, ${bound(to!, l!)})`,
  concat: ([a, b]) => `list_concat(${a}, ${b})`,
  order: ([l, keys], { descending }, how) =>
    `list_transform(${placesBy(keys!, how, descending === true)}, lambda eo${how.level}: (${l})[eo${how.level}])`,
  distinct: ([l, keys], _, how) =>
    byKey(l!, keys!, how, (v, starts, level) => {
      const first = `list_sort(list_transform(${starts}, lambda es${level}: ${v}.p[es${level}]))`;
      return `list_transform(${first}, lambda ed${level}: ${v}.l[ed${level}])`;
    }),
  parted: ([l, keys], _, how) =>
    byKey(l!, keys!, how, (v, starts, level) => {
      const [all, i] = [`ea${level}`, `ei${level}`];
      // places, not a slice of them: a slice copies the list that a lambda sees
      const places = `range(${all}[${i}], coalesce(${all}[${i} + 1], len(${v}.p) + 1))`;
      const parts = `list_transform(range(1, len(${all}) + 1), lambda ${i}: list_transform(${places}, lambda ed${level}: ${v}.l[${v}.p[ed${level}]]))`;
      return `list_transform([${starts}], lambda ${all}: ${parts})[1]`;
    }),
  numbered: ([l], _, { fields, level }) => {
    const [x, n] = [`en${level}`, fields[0]!];
    const own = n === 1 ? [`f0 := ${x}`] : Array.from({ length: n }, (_, i) => `f${i} := ${x}.f${i}`);
    return `list_transform(${l}, lambda ${x}, ei${level}: struct_pack(${[...own, `f${n} := (ei${level} - 1)::BIGINT`].join(", ")}))`;
  },
  flatten: ([l]) => `flatten(${l})`,
  elements: ([t]) => `list_transform(${t}, lambda q: q)`,
  range: ([n]) => `range(greatest(${n}, 0)::BIGINT)::INTEGER[]`,
  texts: ([s]) => `coalesce(from_json(CASE WHEN json_valid(${s}) THEN ${s} END, '["VARCHAR"]'), [])`,
};
