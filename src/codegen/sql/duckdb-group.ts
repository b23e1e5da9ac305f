/** Groups and their aggregates as DuckDB's SQL. Knows no other node. */
import type { Aggregate, CellElem, Columns, Rel, RelExpr } from "../../ir/rel.ts";
import { keyOrder } from "../../ir/rel-eval.ts";
import { zeroOf } from "../../ir/rel-ops/record.ts";
import { UNSURE } from "../../ir/rel-query.ts";
import { elemOf } from "../../ir/rel-verify.ts";
import { narrowed, nearest, wrap } from "./duckdb-ops.ts";
import { carried, names, order, over, plain, select, type Table, under, type World } from "./duckdb-table.ts";
import { literal, TYPES, typeOf } from "./text.ts";

export function group(r: Extract<Rel, { k: "group" }>, of: Table, columns: Columns, w: World): Table {
  const scope = { columns: of.columns, elements: [] };
  const e = over(of, w);
  const keys = r.keys.map(([, v], i) => `${plain(elemOf(v, scope, "group"), e.sql(v))} AS c${i}`);
  // one thread adds in the order in which it meets the rows; a sort of each group takes some 30 times as long
  const inTurn = of.inOrder && !of.keys.length && r.keys.length > 0;
  const inner: string[] = [];
  const input = (v: RelExpr): string => {
    const sql = e.sql(v);
    const at = inner.indexOf(sql);
    return `v${at >= 0 ? at : inner.push(sql) - 1}`;
  };
  const values = r.aggregates.map(([, a], i) => {
    const value = a.value && input(a.value);
    const where = a.where && input(a.where);
    const cell = columns[r.keys.length + i]![1];
    const to = cell.k === "scalar" ? cell.elem : "i32";
    if (a.op === "concat") {
      if (inTurn) w.serial();
      const filter = where === undefined ? "" : ` FILTER (WHERE ${where})`;
      return `coalesce(flatten(list(${value}${inTurn ? "" : ` ORDER BY ${order(of)}`})${filter}), []::${typeOf(cell)})`;
    }
    const elem = a.value ? elemOf(a.value, scope, "group") : to;
    const adds = a.op === "sum" || a.op === "mean";
    if (w.sure && adds && elem === "f32") {
      w.sure();
      return nearby(a.op, value!, where);
    }
    if (inTurn && adds && elem === "f64") w.serial();
    return aggregate(a, value ?? "", elem, to, where, of, inTurn);
  });
  const from = select([...keys, ...inner.map((sql, i) => `${sql} AS v${i}`), ...carried(of)], under(of, e));
  const grouped = names("c", r.keys.length);
  const items = [...grouped, ...values.map((v, i) => `${v} AS c${r.keys.length + i}`)];
  const ids = r.keys.length
    ? keyOrder(r).map(({ key, missing }) => (missing ? `NOT c${key}` : `c${key}`))
    : ["0::BIGINT"];
  const made = select(items, from, grouped.length ? `GROUP BY ${grouped.join(", ")}` : "");
  return {
    columns,
    from: select([...names("c", columns.length), ...ids.map((x, i) => `${x} AS i${i}`)], made),
    ids: ids.length,
    numeric: false,
    identity: !r.keys.length,
    keys: [],
    inOrder: !r.keys.length,
  };
}
/**
 * A sum or mean of f32 by Kahan's sum in f64, if that settles it. His sum of n numbers is no further from the exact one than 2 u and a term of u^2 times
 * the sum of their absolute values (Higham 2002, 4.3; u = 2^-53); DuckDB sums parts that way, and then these, with an error of theirs that adds 2 u more:
 * two or three levels of it, for which APART has room. Rounding keeps order: where both ends of that become the same f32, the exact sum does, too.
 * Else, and where infinities are, of which Kahan's sum is NaN, an error; 0 has two signs.
 */
function nearby(op: "sum" | "mean", v: string, where: string | undefined): string {
  const filter = where === undefined ? "" : ` FILTER (WHERE ${where})`;
  const per = op === "mean" ? ` / count(*)${filter}::DOUBLE` : "";
  const size = `sum(abs(${v})::DOUBLE)${filter}`;
  const [found, apart] = [`(coalesce(fsum(${v})${filter}, 0)${per})`, `${size}${per} * ${APART}`];
  const [low, high] = ["-", "+"].map(sign => `try_cast(${found} ${sign} ${apart} AS FLOAT)`);
  const isSure = `${size} IS NULL OR ${size} = 0 OR isnan(${size}) OR (isfinite(${size}) AND ${low} = ${high} AND ${low} <> 0)`;
  return `CASE WHEN ${isSure} THEN ${found}::FLOAT ELSE error('${UNSURE}')::FLOAT END`;
}
/** 2^-48 */
const APART = literal("f64", 2 ** -48);
/**
 * The f64 nearest to the exact sum of numbers of f32: most are integers in units of 2^-40 that an i64 holds, others so in units of 2^-149, of which DuckDB
 * has integers of any size. Integers are put into digits, which are read as the nearest f64.
 */
function exactSum(v: string, filter: string): string {
  const [unit, least, most] = [2 ** 40, 2 ** 149, 2 ** 22].map(x => literal("f64", x)) as [string, string, string]; // as: three
  const d = `${v}::DOUBLE`;
  const isPlain = `abs(${d}) < ${most} AND ${d} * ${unit} = trunc(${d} * ${unit})`;
  const plain = `coalesce(sum(CASE WHEN ${isPlain} THEN (${d} * ${unit})::BIGINT END)${filter}, 0)::HUGEINT`;
  const other = `sum(CASE WHEN isfinite(${d}) AND NOT (${isPlain}) THEN (${d} * ${least})::BIGNUM END)${filter}`;
  // both parts of it are numbers of f64
  const low = `(${plain} & ${2 ** 40 - 1})`;
  const [above, below] = [
    `((${plain} - ${low}) // ${2 ** 40})::DOUBLE * ${least}`,
    `${low}::DOUBLE * ${literal("f64", 2 ** 109)}`,
  ];
  const digits = (x: string, scale: number): string => `(${x})::VARCHAR::DOUBLE * ${literal("f64", scale)}`;
  const both = `(${above})::BIGNUM + (${below})::BIGNUM + ${other}`;
  const finite = `CASE WHEN ${other} IS NULL THEN ${digits(plain, 2 ** -40)} ELSE ${digits(both, 2 ** -149)} END`;
  const any = `sum(${d})${filter}`;
  return `CASE WHEN isfinite(coalesce(${any}, 0)) THEN ${finite} ELSE ${any} END`;
}
/** of column `v` of element `of`; sums of f64 in the order of the rows, in which one thread takes them (`inTurn`) or which is asked for */
function aggregate(
  a: Aggregate,
  v: string,
  of: CellElem,
  to: CellElem,
  where: string | undefined,
  t: Table,
  inTurn: boolean,
): string {
  const filter = where === undefined ? "" : ` FILTER (WHERE ${where})`;
  const isFloat = of === "f32" || of === "f64";
  const count = `count(*)${filter}`;
  const whole = `coalesce(sum(${of === "bool" ? `${v}::INTEGER` : v})${filter}, 0)`;
  const sum =
    of === "f32"
      ? `(${exactSum(v, filter)})`
      : `coalesce(sum(${v}::DOUBLE${inTurn ? "" : ` ORDER BY ${order(t)}`})${filter}, 0)`;
  const same = (x: string): string => x;
  switch (a.op) {
    case "count":
      return `${count}::INTEGER`;
    case "count_distinct":
      return `count(DISTINCT ${plain(of, v)})${filter}::INTEGER`;
    case "sum":
      return isFloat ? narrowed(to, sum, same) : wrap(to, whole);
    case "mean":
      return narrowed(to, `(${isFloat ? sum : nearest(`${whole}::HUGEINT`)} / ${count}::DOUBLE)`, same);
    case "min":
    case "max": {
      const zero = literal(to, zeroOf(to));
      const found = `${a.op}(${v})${filter}`;
      if (!isFloat) return `coalesce(${found}, ${zero})`;
      const isWanted = a.op === "min" ? `signbit(${v})` : `NOT signbit(${v})`;
      const zeros = `CASE WHEN bool_or(${v} = 0 AND ${isWanted})${filter} THEN ${a.op === "min" ? literal(to, -0) : zero} ELSE ${found} END`;
      return `coalesce(CASE WHEN bool_or(isnan(${v}))${filter} THEN 'NaN'::${TYPES[to]} WHEN ${found} = 0 THEN ${zeros} ELSE ${found} END, ${zero})`;
    }
    case "any":
      return `coalesce(bool_or(${v})${filter}, false)`;
    case "all":
      return `coalesce(bool_and(${v})${filter}, true)`;
    case "first": {
      const first = (x: string): string =>
        (t.ids === 1 && !t.keys.length ? `arg_min(${x}, i0)` : `first(${x} ORDER BY ${order(t)})`) + filter;
      const found = `coalesce(${first(v)}, ${literal(to, zeroOf(to))})`;
      // on its way through keys of a sort a zero loses its sign
      return isFloat ? `CASE WHEN ${first(`signbit(${v})`)} THEN -abs(${found}) ELSE ${found} END` : found;
    }
    case "concat":
      throw new Error("internal: lists are joined without an element");
    default:
      return a.op satisfies never;
  }
}
