/**
 * Sums and means of f32 as DuckDB's SQL: the exact sum, rounded to f64 and then to f32, whatever threads add in whatever order. One text is sure of it for all numbers, but
 * slow. Others are quick, and an error where they are not sure. They add by Kahan's sum in f64: of n numbers it is no further from the exact one than 2 u
 * and a term of u^2 times the sum of their absolute values (Higham 2002, 4.3; u = 2^-53); DuckDB sums parts that way, and then these, with an error of
 * theirs that adds 2 u more: two or three levels of it, for which APART has room. Rounding keeps order: where both ends of that become the same f32, the
 * exact sum does, too. Knows no node.
 */
import { UNSURE } from "../../ir/rel-query.ts";
import { narrowed } from "./duckdb-ops.ts";
import { literal } from "./text.ts";

/** what a quick text asks of the numbers: `footers`: how large the largest is, as a file tells; `near`: how large they are; `fine`: how small, too */
export type Quickness = "footers" | "near" | "fine";
export interface Summed {
  readonly op: "sum" | "mean";
  /** a column of FLOAT */
  readonly v: string;
  /** FILTER and what it asks, or nothing */
  readonly filter: string;
  /** a name for an aggregate over the rows of the group */
  readonly over: (sql: string) => string;
  /** a name for what is the same for all groups */
  readonly once: (sql: string) => string;
}
/** 2^-48 */
const APART = literal("f64", 2 ** -48);
export const unsure = (elem: "FLOAT" | "DOUBLE"): string => `error('${UNSURE}')::${elem}`;
const kahan = ({ op, v, filter, over }: Summed): string => over(`${op === "mean" ? "favg" : "fsum"}(${v})${filter}`);
/** of no numbers */
const none = ({ op }: Summed): string => (op === "mean" ? "'NaN'::DOUBLE" : "0");
const sure = (isSure: string, found: string): string =>
  `CASE WHEN ${isSure} THEN ${narrowed("f32", found, x => x)} ELSE ${unsure("FLOAT")} END`;
/** both ends become the same number, which is not 0: that has two signs; of what is not finite there is no interval */
const settled = (found: string, apart: string): string =>
  `(try_cast(${found} - ${apart} AS FLOAT) = try_cast(${found} + ${apart} AS FLOAT) AND ${found} <> 0 AND isfinite(${found} + ${apart}))`;

/** by a bound, above which no absolute value of the column is */
export function sumBelow(s: Summed, bound: string): string {
  const apart = s.once(`${bound} * ${APART}`);
  const found = kahan(s);
  if (s.op === "mean") return sure(`${found} IS NULL OR ${settled(found, apart)}`, `coalesce(${found}, ${none(s)})`);
  const count = s.over(`count(*)${s.filter}`);
  return sure(`${count} = 0 OR ${settled(found, `${count} * ${apart}`)}`, `coalesce(${found}, ${none(s)})`);
}
/** by how large all are together, or on average; an infinity, of which Kahan's sum is NaN, is an error */
export function sumBySize(s: Summed): string {
  const found = kahan(s);
  const size = s.over(`${s.op === "mean" ? "avg" : "sum"}(abs(${s.v})::DOUBLE)${s.filter}`);
  const isKnown = `${size} IS NULL OR ${size} = 0 OR isnan(${size})`;
  return sure(`${isKnown} OR ${settled(found, `${size} * ${APART}`)}`, `coalesce(${found}, ${none(s)})`);
}
/**
 * By how small they are, too. Of n numbers that are not 0 the sum T of all |v| and H of all 1 / |v| have a product of n^2 or more. The least of them is at least
 * 1 / H, and all are multiples of a power of two that is above 2^-24 of it: where T is below 2^53 of that, every sum of some of them is a number
 * of f64, and theirs is exact. Else a plain sum is no further from the exact one than n u T, n being at most sqrt(T H), and a mean no further than u T
 */
export function fineSum(s: Summed): string {
  const { op, v, filter, over } = s;
  const size = over(`sum(abs(${v})::DOUBLE)${filter}`);
  const inverse = over(`sum((1::FLOAT / nullif(abs(${v}), 0::FLOAT))::DOUBLE)${filter}`);
  const found = over(`${op === "mean" ? "avg" : "sum"}(${v}::DOUBLE)${filter}`);
  const apart = `${size} * ${op === "mean" ? "" : `sqrt(${size} * ${inverse}) * `}${UNIT}`;
  // an infinity makes of every sum what it is, as NaN does
  const isKnown = `${size} IS NULL OR ${size} = 0 OR NOT isfinite(${size})`;
  return sure(
    `${isKnown} OR ${size} * ${inverse} <= ${FINE} OR ${settled(found, apart)}`,
    `coalesce(${found}, ${none(s)})`,
  );
}
/** 2^28: half of what 2^53 and 2^-24 leave; 2^-51: 4 u */
const [FINE, UNIT] = [literal("f64", 2 ** 28), literal("f64", 2 ** -51)];

/** of integers as f64: every sum of some of them is an integer below 2^53 and exact, or it is an error */
export function wholeSum({ op, v, filter, over }: Summed): string {
  const size = `coalesce(${over(`sum(abs(${v}))${filter}`)}, 0)`;
  const found = `coalesce(${over(`sum(${v})${filter}`)}, 0)`;
  const sum = `CASE WHEN ${size} <= ${literal("f64", 2 ** 52)} THEN ${found} ELSE ${unsure("DOUBLE")} END`;
  return op === "mean" ? `(${sum}) / ${over(`count(*)${filter}`)}::DOUBLE` : sum;
}

/**
 * The f64 nearest to the exact sum of numbers of f32: most are integers in units of 2^-40 that an i64 holds, others so in units of 2^-149, of which DuckDB
 * has integers of any size. Integers are put into digits, which are read as the nearest f64.
 */
export function exactSum(v: string, filter: string): string {
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
