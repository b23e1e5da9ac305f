/** Groups and their aggregates as DuckDB's SQL. Knows no other node. */
import type { Aggregate, CellElem, Columns, Rel, RelExpr } from "../../ir/rel.ts";
import { keyOrder } from "../../ir/rel-eval.ts";
import { fileColumn, isWhole } from "../../ir/rel-facts.ts";
import { zeroOf } from "../../ir/rel-ops/record.ts";
import { elemOf } from "../../ir/rel-verify.ts";
import { narrowed, nearest, wrap } from "./duckdb-ops.ts";
import { exactSum, fineSum, type Summed, sumBelow, sumBySize, unsure, wholeSum } from "./duckdb-sums.ts";
import {
  carried,
  over as expressionsOver,
  names,
  order,
  plain,
  select,
  type Table,
  under,
  type World,
} from "./duckdb-table.ts";
import { literal, TYPES, typeOf } from "./text.ts";

export function group(r: Extract<Rel, { k: "group" }>, of: Table, columns: Columns, w: World): Table {
  const scope = { columns: of.columns, elements: [] };
  const e = expressionsOver(of, w);
  const keys = r.keys.map(([, v], i) => `${plain(elemOf(v, scope, "group"), e.sql(v))} AS c${i}`);
  // one thread adds in the order in which it meets the rows; a sort of each group takes some 30 times as long
  const inTurn = of.inOrder && !of.keys.length && r.keys.length > 0;
  const inner: string[] = [];
  const input = (v: RelExpr): string => {
    const sql = e.sql(v);
    const at = inner.indexOf(sql);
    return `v${at >= 0 ? at : inner.push(sql) - 1}`;
  };
  const aggregates: string[] = [];
  const over = (sql: string): string => {
    const at = aggregates.indexOf(sql);
    return `a${at >= 0 ? at : aggregates.push(sql) - 1}`;
  };
  // once for all groups
  const bounds: string[] = [];
  const once = (sql: string): string => {
    const at = bounds.indexOf(sql);
    return `b${at >= 0 ? at : bounds.push(sql) - 1}`;
  };
  const values = r.aggregates.map(([, a], i) => {
    const value = a.value && input(a.value);
    const where = a.where && input(a.where);
    const cell = columns[r.keys.length + i]![1];
    const to = cell.k === "scalar" ? cell.elem : "i32";
    if (a.op === "concat") {
      if (inTurn) w.serial();
      const filter = where === undefined ? "" : ` FILTER (WHERE ${where})`;
      const all = `flatten(list(${value}${inTurn ? "" : ` ORDER BY ${order(of)}`})${filter})`;
      return over(`coalesce(${all}, []::${typeOf(cell)})`);
    }
    const elem = a.value ? elemOf(a.value, scope, "group") : to;
    const adds = a.op === "sum" || a.op === "mean";
    const quick = w.quick && adds && a.value && quickSum(r, a, elem, { v: value!, where, over, once }, w);
    if (quick) return quick;
    if (inTurn && adds && elem === "f64") w.serial();
    return over(aggregate(a, value ?? "", elem, to, where, of, inTurn));
  });
  const from = select([...keys, ...inner.map((sql, i) => `${sql} AS v${i}`), ...carried(of)], under(of, e));
  const grouped = names("c", r.keys.length);
  const items = [...grouped, ...aggregates.map((a, i) => `${a} AS a${i}`)];
  const made = select(items, from, grouped.length ? `GROUP BY ${grouped.join(", ")}` : "");
  const bounded = bounds.length ? select(["*", ...bounds.map((b, i) => `${b} AS b${i}`)], made) : made;
  const cells = [...grouped, ...values.map((v, i) => `${v} AS c${r.keys.length + i}`)];
  const ids = r.keys.length
    ? keyOrder(r).map(({ key, missing }) => (missing ? `NOT c${key}` : `c${key}`))
    : ["0::BIGINT"];
  return {
    columns,
    from: select([...cells, ...ids.map((x, i) => `${x} AS i${i}`)], bounded),
    ids: ids.length,
    numeric: false,
    identity: !r.keys.length,
    keys: [],
    inOrder: !r.keys.length,
  };
}
type Group = Extract<Rel, { k: "group" }>;
/** undefined: in no other order than that of the rows */
function quickSum(
  r: Group,
  { op, value }: Aggregate,
  elem: CellElem,
  { v, where, over, once }: Pick<Summed, "v" | "over" | "once"> & { readonly where: string | undefined },
  w: World,
): string | undefined {
  if (op !== "sum" && op !== "mean") return undefined;
  const summed: Summed = { op, v, filter: where === undefined ? "" : ` FILTER (WHERE ${where})`, over, once };
  if (elem === "f64" && isWhole(value!, r.of)) {
    w.quick!.used();
    return wholeSum(summed);
  }
  if (elem !== "f32") return undefined;
  w.quick!.used();
  if (w.quick!.asked === "fine") return fineSum(summed);
  const most = w.quick!.asked === "footers" ? mostOf(r, value!, w) : undefined;
  return most ? sumBelow(summed, most) : sumBySize(summed);
}
/**
 * Above what no absolute value of the column is, by what a file tells of its columns, which DuckDB asks it for where least and greatest of a whole file are
 * wanted. Where the keys, of which it tells as much, may be so many that a sum or two lie just between two numbers of f32, an error
 */
function mostOf(r: Group, value: RelExpr, w: World): string | undefined {
  const column = fileColumn(value, r.of);
  if (column?.scan.format !== "parquet") return undefined;
  const ranges = r.keys.flatMap(([, key]) => {
    const own = fileColumn(key, r.of);
    return own?.scan === column.scan && /^i(32|64)$/.test(own.elem)
      ? [`(max(c${own.at})::DOUBLE - min(c${own.at})::DOUBLE + 1)`]
      : [];
  });
  const greatest = `greatest(abs(min(c${column.at})), abs(max(c${column.at})))::DOUBLE`;
  const many = `count(*)::DOUBLE ** 2 < ${MANY} * (${ranges.join(" * ")})::DOUBLE ** 3`;
  const most = ranges.length ? `CASE WHEN ${many} THEN ${unsure("DOUBLE")} ELSE ${greatest} END` : greatest;
  return `(SELECT ${most} FROM hsc_scan${w.scan(column.scan)})`;
}
/** of n numbers of [0, 1) about 4 / n^2 of the sums lie so: of g groups of r rows 4 g^3 / r^2 in all, of which a tenth is little */
const MANY = 40;
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
