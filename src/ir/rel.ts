/**
 * REL: what an engine does with tables before kernels see them: scans, filters, joins, groups, orders, strings, times, lists. A closed tree
 * that is JSON; expressions are a closed list, each with one meaning (rel-eval.ts) that every engine's SQL must equal.
 *
 * No NULL: a value that may be missing is two columns, `x.value` (0 or "" where there is none) and `x.present` (bool), as everywhere in hsc.
 * Every row has an identity, a number: of a scan its position in the files, kept by map, filter, sort, take, split, sample, shuffle; of flat, join,
 * union, group, distinct and window its position in the order that their comment gives. Rows stand in the order of identity, after `sort` of the key.
 * Knows no SQL and no file format.
 */
import type { Span } from "./node.ts";
import type { Json } from "./stage.ts";

/** of a cell in a register of an engine; u8 is read as i32. time: microseconds since 1970 began, UTC */
export type CellElem = "bool" | "i32" | "i64" | "f32" | "f64" | "string" | "time";
export type Cell =
  | { readonly k: "scalar"; readonly elem: CellElem }
  /** row-major; an engine hands it on as it is */
  | { readonly k: "tensor"; readonly elem: Exclude<CellElem, "string" | "time">; readonly shape: readonly number[] }
  /** any length; of one field named "", or of records: their leaves by path */
  | { readonly k: "list"; readonly of: Fields };
/** of an element of a list: scalars by their element, tensors and lists as they are in a row */
export type Inner = CellElem | Exclude<Cell, { readonly k: "scalar" }>;
export type Fields = readonly (readonly [name: string, of: Inner])[];
/** leaves by path: "a.b", "age.value"; "" where a row is one cell */
export type Columns = readonly (readonly [name: string, cell: Cell])[];

export type Rel =
  /** `columns` as the format's reader gives them with these options, missing values apart */
  | {
      readonly k: "scan";
      readonly format: string;
      readonly paths: readonly string[];
      readonly options: { readonly [k: string]: Json };
      readonly columns: Columns;
    }
  /** a table that an earlier stage computed: the given values `index`, `index` + 1 .. are its columns, [rows, ..] each */
  | { readonly k: "given"; readonly index: number; readonly columns: Columns }
  | { readonly k: "map"; readonly of: Rel; readonly columns: readonly (readonly [name: string, value: RelExpr])[] }
  | { readonly k: "filter"; readonly of: Rel; readonly where: RelExpr }
  /** a row per element of the list, in the order of rows and elements: a field of each is a column */
  | { readonly k: "flat"; readonly of: Rel; readonly list: RelExpr }
  /**
   * equal `on`, to which NaN and what is missing (`x.present` of a pair) are never equal; in the order of left's rows, then of right's; `full`: then right's without a partner, in their order.
   * Columns: left's, then right's but `on`. The right's of `left`, and both sides' of `full`, become pairs .value, .present where they are none
   * (with `full` the columns of `on` are whichever side's there is). `semi`, `anti`: left's rows with and without a partner, identities kept. `one`: right has
   * each key once; left's rows, identities kept, each with right's columns of its partner, or what stands for nothing: 0, "", no element.
   */
  | {
      readonly k: "join";
      readonly left: Rel;
      readonly right: Rel;
      readonly on: readonly string[];
      readonly how: "inner" | "left" | "full" | "semi" | "anti" | "one";
    }
  /** a row per key, in the order of the keys (missing last, NaN last but that, strings by code points; -0 is 0): keys, then aggregates. Without keys one row, also of none */
  | {
      readonly k: "group";
      readonly of: Rel;
      readonly keys: readonly (readonly [name: string, value: RelExpr])[];
      readonly aggregates: readonly (readonly [name: string, Aggregate])[];
    }
  /** the first row of each key (`by` empty: of each row), in the order of their rows */
  | { readonly k: "distinct"; readonly of: Rel; readonly by: readonly RelExpr[] }
  /** by the keys in turn, ties by identity; NaN above all numbers, missing last: of a pair give the key not(present), then the value */
  | {
      readonly k: "sort";
      readonly of: Rel;
      readonly by: readonly { readonly key: RelExpr; readonly descending: boolean }[];
    }
  /** a's rows, then b's; the same columns */
  | { readonly k: "union"; readonly a: Rel; readonly b: Rel }
  | { readonly k: "take"; readonly of: Rel; readonly count: number }
  /** one more column, i64: the position of each row */
  | { readonly k: "number"; readonly of: Rel; readonly column: string }
  /** one more column, i64: the word of each row as split and shuffle take it: of epoch 0, or, `renewed`, of the epoch for which the table is made */
  | {
      readonly k: "word";
      readonly of: Rel;
      readonly column: string;
      readonly place: number;
      readonly seed: Seed;
      readonly by?: RelExpr;
      readonly renewed?: true;
    }
  /**
   * `size` consecutive rows as one, at every `stride`-th; with `by` of the rows of each of its values by themselves, and it stays; other
   * columns, of numbers and bools, become tensors with a leading `size`. In the order of their first rows
   */
  | { readonly k: "window"; readonly of: Rel; readonly size: number; readonly stride: number; readonly by?: string }
  /** language.md 4: rows whose word lies in [low, high), numbers in [0, 2^32]; the word is of the identity, or of `by` (of a string the first 8 bytes of its md5) */
  | {
      readonly k: "split";
      readonly of: Rel;
      readonly place: number;
      readonly seed: Seed;
      readonly low: number;
      readonly high: number;
      readonly by?: RelExpr;
      readonly renewed?: true;
    }
  /** in the order of the words, ties by identity */
  | {
      readonly k: "shuffle";
      readonly of: Rel;
      readonly place: number;
      readonly seed: Seed;
      readonly renewed?: true;
    };

/** over the rows of a group for which `where` holds; of none: count 0, sum 0, mean NaN, any false, all true; min, max, first 0 or "". Sums of f32 are exact,
 * rounded to f64 and then to f32, so that no order tells (exact-sum.ts), and a mean is that f64 divided; those of f64 are made in the order of rows; those of integers wrap; of bools they are i32. Means are f64 of i64 and f64, else f32.
 * Of tensors all but the counts are made element by element. concat: of lists one, in the order of rows */
export interface Aggregate {
  readonly op: "count" | "sum" | "mean" | "min" | "max" | "any" | "all" | "first" | "count_distinct" | "concat";
  /** absent: count */
  readonly value?: RelExpr;
  readonly where?: RelExpr;
}
/** the words of a seed: known, the run's, 0 and those of a given i32, or those of a given i32[2]; in trips of what is repeated, fold_in of their numbers from the outermost */
export type Seed = PlainSeed | { readonly of: PlainSeed; readonly trips: readonly number[] };
export type PlainSeed = readonly [number, number] | "run" | { readonly given: number } | { readonly words: number };
/** a number that JSON cannot hold is its text: "NaN", "Infinity", "-Infinity", "-0"; an i64 is its digits */
export type Literal = number | string | boolean;
export type RelExpr =
  | { readonly k: "column"; readonly name: string }
  | { readonly k: "const"; readonly elem: CellElem; readonly value: Literal }
  /** given value `index`, a scalar; `list`: the elements of a tensor, row-major */
  | { readonly k: "given"; readonly index: number; readonly elem: CellElem; readonly list?: true }
  /** `of` where `holds`; else the run ends with a message of a place of the program */
  | {
      readonly k: "check";
      readonly of: RelExpr;
      readonly holds: RelExpr;
      readonly message: string;
      readonly span: Span;
    }
  /** element of the list that the innermost but `depth` `each` goes over; `name` its field, "" of a scalar */
  | { readonly k: "element"; readonly depth: number; readonly name: string }
  | {
      readonly k: "op";
      readonly op: string;
      readonly args: readonly RelExpr[];
      /** known when compiling: a pattern, a format, a number of buckets */
      readonly attrs?: { readonly [k: string]: Json };
      readonly elem: CellElem;
    }
  /**
   * a list of one element, the state after all elements of `list`: `init`, and from element to element `step`, in which element 0 of the innermost
   * level has the fields `s.<name>` of the state and `x.<name>` of the element
   */
  | {
      readonly k: "fold";
      readonly list: RelExpr;
      readonly init: readonly (readonly [name: string, value: RelExpr])[];
      readonly step: readonly (readonly [name: string, value: RelExpr])[];
    }
  /** a list: of each element of `list` for which `where` holds the fields `of` */
  | {
      readonly k: "each";
      readonly list: RelExpr;
      readonly of: readonly (readonly [name: string, value: RelExpr])[];
      readonly where?: RelExpr;
    }
  /** a list of these, each a record of the fields or one field "" */
  | { readonly k: "list"; readonly items: readonly (readonly (readonly [name: string, value: RelExpr])[])[] }
  /** a list made by a list op: words, skip_grams, .. */
  | {
      readonly k: "listOp";
      readonly op: string;
      readonly args: readonly RelExpr[];
      readonly attrs?: { readonly [k: string]: Json };
      readonly of: Fields;
    };
