/** Groups and their aggregates as DuckDB's SQL. Knows no other node. */
import type { Aggregate, CellElem, Columns, Rel, RelExpr } from "../../ir/rel.ts";
import { keyOrder } from "../../ir/rel-eval.ts";
import { zeroOf } from "../../ir/rel-ops/record.ts";
import { UNSURE } from "../../ir/rel-query.ts";
import { elemOf } from "../../ir/rel-verify.ts";
import { narrowed, nearest, wrap } from "./duckdb-ops.ts";
import { carried, names, order, over, plain, select, sub, type Table, under, type World } from "./duckdb-table.ts";
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
  /** those of f32 that are taken in any order, by their columns: in the order of the rows */
  const exact: (readonly [column: string, sql: string])[] = [];
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
    if (w.sure && (a.op === "sum" || a.op === "mean") && elem === "f32" && to === "f32") {
      w.sure();
      exact.push([`c${r.keys.length + i}`, aggregate(a, value!, elem, to, where, of, false)]);
      return anyOrder(a.op, value!, where);
    }
    if (inTurn && (a.op === "sum" || a.op === "mean") && (elem === "f32" || elem === "f64")) w.serial();
    return aggregate(a, value ?? "", elem, to, where, of, inTurn);
  });
  const from = select([...keys, ...inner.map((sql, i) => `${sql} AS v${i}`), ...carried(of)], under(of, e));
  const grouped = names("c", r.keys.length);
  const items = [...grouped, ...values.map((v, i) => `${v} AS c${r.keys.length + i}`)];
  const ids = r.keys.length
    ? keyOrder(r).map(({ key, missing }) => (missing ? `NOT c${key}` : `c${key}`))
    : ["0::BIGINT"];
  const inGroups = grouped.length ? `GROUP BY ${grouped.join(", ")}` : "";
  const found = select(items, from, inGroups);
  const made = exact.length ? ofAnyOrder(found, from, { grouped, exact, all: columns.length, inTurn }) : found;
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
 * A sum or mean of f32 in whatever order its threads take the rows. Two sums in f64 of the same n numbers, in any two orders, are no further apart than
 * 2 (n - 1) 2^-53 times the sum of their absolute values (Higham 2002, 4.2), and rounding keeps order: where both ends of that become the same f32, the
 * sum in the order of the rows does, too; else it is NULL. NaN and infinities come out of any order alike; 0 has two signs.
 */
function anyOrder(op: "sum" | "mean", v: string, where: string | undefined): string {
  const filter = where === undefined ? "" : ` FILTER (WHERE ${where})`;
  const size = `sum(abs(${v})::DOUBLE)${filter}`;
  const [found, apart] =
    op === "sum"
      ? [`coalesce(sum(${v}::DOUBLE)${filter}, 0)`, `${size} * count(*)${filter}::DOUBLE * ${APART}`]
      : [`coalesce(avg(${v}::DOUBLE)${filter}, 0::DOUBLE / 0)`, `${size} * ${APART}`];
  const [low, high] = ["-", "+"].map(sign => `try_cast(${found} ${sign} ${apart} AS FLOAT)`);
  const sure = `${size} IS NULL OR ${size} = 0 OR NOT isfinite(${size}) OR (${low} = ${high} AND ${low} <> 0)`;
  return `CASE WHEN ${sure} THEN ${narrowed("f32", found, x => x)} END`;
}
interface Exact {
  readonly grouped: readonly string[];
  readonly exact: readonly (readonly [column: string, sql: string])[];
  /** how many columns */
  readonly all: number;
  readonly inTurn: boolean;
}
/** `found` without NULL: the few groups that are not sure are taken anew from the rows, which are read again; with many of them it is an error */
function ofAnyOrder(found: string, from: string, { grouped, exact, all, inTurn }: Exact): string {
  const error = `error('${UNSURE}')`;
  const isExact = (c: string): boolean => exact.some(([name]) => name === c);
  const columns = names("c", all);
  // what is made of several tables or put in order would be made twice, even where nobody reads it
  if (!inTurn)
    return select(
      columns.map(c => (isExact(c) ? `coalesce(${c}, ${error}) AS ${c}` : c)),
      found,
    );
  const unsure = exact.map(([c]) => `${c} IS NULL`).join(" OR ");
  const few = `(SELECT ${FEW} * count(*) FILTER (WHERE ${unsure}) <= count(*) FROM g)`;
  const on = (a: string, b: string): string => grouped.map(c => `${a}.${c} = ${b}.${c}`).join(" AND ");
  const rows = `${from} AS t\nSEMI JOIN u ON ${on("t", "u")}`;
  const items = columns.map(c => (isExact(c) ? `coalesce(g.${c}, e.${c}, ${error}) AS ${c}` : `g.${c}`));
  const tables = [
    `g AS MATERIALIZED ${found}`,
    `u AS ${select(grouped, "g", `WHERE (${unsure}) AND ${few}`)}`,
    `e AS ${select([...grouped, ...exact.map(([c, sql]) => `${sql} AS ${c}`)], rows, `GROUP BY ${grouped.join(", ")}`)}`,
  ];
  return sub(`WITH ${tables.join(",\n")}\nSELECT ${items.join(", ")}\nFROM g LEFT JOIN e ON ${on("g", "e")}`);
}
/** to sort the rows of a group takes some 30 times as long as to add them */
const FEW = 50;
/** 2^-52, and a little more for the rounding of the bound itself */
const APART = "2.221e-16";
/** of column `v` of element `of`; sums of floats in the order of the rows, in which one thread takes them (`inTurn`) or which is asked for */
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
  const sum = `coalesce(sum(${v}::DOUBLE${inTurn ? "" : ` ORDER BY ${order(t)}`})${filter}, 0)`;
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
