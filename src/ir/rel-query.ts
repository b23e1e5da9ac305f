/** What a REL tree is for an engine: its text, and what must stand ready before it is asked. JSON, part of a PLAN. Knows no engine. */

import type { Span } from "./node.ts";
import type { CellElem, Columns, Seed } from "./rel.ts";
import type { Json } from "./stage.ts";

export interface Query {
  /**
   * `select <some of c0, c1 .. i0> from <from> <order>` gives the rows in their order, i0 (BIGINT) their identity where `identity` says so, else it is
   * their position. It reads of scan k the table hsc_scan<k>, of a table that begins at given value k hsc_given<k>, both with c0 .. and i0, the position; of a given scalar the variable hsc_given<k>; of a given
   * vector of strings the macro hsc_lookup<k>(text); of seed k the variables hsc_a<k> and hsc_b<k>, threefry of (seed; place, epoch): 0, unless it is `renewed`
   */
  readonly from: string;
  readonly order: string;
  readonly scans: readonly {
    readonly format: string;
    readonly paths: readonly string[];
    readonly options: { readonly [k: string]: Json };
    readonly columns: Columns;
  }[];
  readonly tables: readonly { readonly index: number; readonly columns: Columns }[];
  /** `list`: the variable holds all elements of a tensor */
  readonly scalars: readonly { readonly index: number; readonly elem: CellElem; readonly list?: true }[];
  readonly lookups: readonly number[];
  readonly seeds: readonly { readonly place: number; readonly seed: Seed; readonly renewed?: true }[];
  readonly columns: Columns;
  readonly identity: boolean;
  /** one thread of the engine is to run it, so that it meets the rows in their order */
  readonly serial: boolean;
  /** `from` for any number of threads, to be tried in turn: the same values, or the error `UNSURE` where they may hang on the order of the rows */
  readonly quick?: readonly Quick[];
  /** it has one row */
  readonly one?: true;
}

export interface Quick {
  readonly from: string;
  /** only where a file itself is read, which tells the least and greatest of its columns, or only where none is; absent: in both cases */
  readonly footers?: boolean;
}

/** with this a message of the engine begins that a check of the program makes; behind it the fault as JSON */
export const FAULT = "hsc:";
export interface Fault {
  readonly message: string;
  readonly span: Span;
}
/** an error of the engine: which order the rows have may tell */
export const UNSURE = "unsure: the order of the rows tells";
