/**
 * What the frontend hands to the passes: one closed GRAPH function, where its inputs come from, what is done with its results.
 * A stage is the longest run of definitions and effects whose dims are numbers (ir.md 1). Knows nothing of the language.
 */
import type { Fn, Span } from "./node.ts";
import type { Rel } from "./rel.ts";
import type { Column, Stored, TensorType } from "./type.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [k: string]: Json };

/** a file or files, as the format's reader takes them; paths are relative to the program's folder */
export interface Source {
  readonly format: string;
  readonly paths: readonly string[];
  readonly options: { readonly [k: string]: Json };
  readonly columns: Readonly<Record<string, Column>>;
  readonly span: Span;
  /** format "engine": what an engine makes of the files in it and of given values, which earlier stages kept under these names, or columns of tables */
  readonly query?: Rel;
  readonly given?: readonly (string | TableColumn)[];
}
/** of a source that a training has made anew: a column of one of the tables that it is given, both by number */
export interface TableColumn {
  readonly table: number;
  readonly column: number;
}
/** one number for all elements, the elements row-major, or the path of a .npy file that has them */
export type ParamValue = number | readonly number[] | string;
/** where parameter i of `main` comes from */
export type Input =
  | { readonly k: "rows"; readonly source: Source }
  /** one tensor of a file: npy, or the entry `tensor` of a safetensors file */
  | { readonly k: "file"; readonly source: Source; readonly tensor?: string; readonly type: TensorType }
  /** a param of the program: its default, replaced by --set */
  | { readonly k: "param"; readonly name: string; readonly type: TensorType; readonly value: ParamValue }
  /** u32[2]: the two words of --seed */
  | { readonly k: "seed" }
  /** result of an earlier stage, by its name there */
  | { readonly k: "earlier"; readonly name: string; readonly type: TensorType };

/**
 * What a result stands for, beside its own numbers: numbers of strings (i32), microseconds since 1970 began (i64), bytes (i32, as they are
 * computed); result `present`, bools: which are there.
 */
export interface Meaning {
  readonly as?: "string" | "time" | "u8" | "list";
  /** of "list", each a string (segment/pack.ts): what its elements are */
  readonly of?: Listed;
  readonly present?: number;
}
/** a value in a list */
export type Listed =
  | { readonly k: "scalar"; readonly elem: Stored | "string" | "time" }
  | { readonly k: "tensor"; readonly elem: Stored; readonly shape: readonly number[] }
  | { readonly k: "record"; readonly fields: readonly (readonly [name: string, of: Listed])[] }
  /** its text, and one that says whether it is there */
  | { readonly k: "maybe"; readonly of: Listed }
  | { readonly k: "list"; readonly of: Listed };
/** a value made of results of `main`, for printing and saving */
export type Shape =
  | ({ readonly k: "tensor"; readonly result: number } & Meaning)
  | { readonly k: "text"; readonly text: string }
  | { readonly k: "record"; readonly fields: readonly (readonly [name: string, Shape])[] }
  | { readonly k: "list"; readonly of: readonly Shape[] }
  /** text: a vector of integers, each a byte of UTF-8 */
  | { readonly k: "utf8"; readonly result: number }
  /** of[index]: result `index`, an i32 scalar, tells which of them it is */
  | { readonly k: "oneOf"; readonly index: number; readonly of: readonly Shape[] }
  /**
   * an rdd as a person sees it: columns with a leading dim of rows; result `count`, an integer scalar, tells how many of them are there. Absent: each
   * result holds the rows of one batch of the pass that makes them, and all of them, one behind the other, are the table's
   */
  | {
      readonly k: "table";
      readonly columns: readonly ({ readonly name: string; readonly result: number } & Meaning)[];
      readonly count?: number;
    };
/** the results that a value is made of, in order */
export function resultsOf(s: Shape): readonly number[] {
  switch (s.k) {
    case "tensor":
      return own(s);
    case "utf8":
      return [s.result];
    case "text":
      return [];
    case "record":
      return s.fields.flatMap(([, v]) => resultsOf(v));
    case "list":
      return s.of.flatMap(resultsOf);
    case "oneOf":
      return [s.index, ...s.of.flatMap(resultsOf)];
    case "table":
      return [...s.columns.flatMap(own), ...(s.count === undefined ? [] : [s.count])];
    default:
      return s satisfies never;
  }
}
const own = (s: { readonly result: number } & Meaning): readonly number[] =>
  s.present === undefined ? [s.result] : [s.result, s.present];
export type Effect =
  | { readonly k: "print"; readonly label?: string; readonly value: Shape; readonly span: Span }
  /** format by extension; net: weights by path (safetensors) */
  | { readonly k: "save"; readonly path: string; readonly format: string; readonly value: Shape; readonly span: Span }
  /** a result that a later stage needs, or a dim */
  | { readonly k: "keep"; readonly name: string; readonly result: number };

/** one place in the program that a run-time check guards; the player prints it as a diagnostic */
export interface Site {
  readonly span: Span;
  readonly message: string;
}
export interface Stage {
  readonly inputs: readonly Input[];
  readonly main: Fn;
  readonly effects: readonly Effect[];
  readonly sites: readonly Site[];
}
