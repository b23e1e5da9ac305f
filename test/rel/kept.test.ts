/** Results of queries that a run asks for several times: made once per run and per what they hang on, and gone in the next. */
import { expect, test } from "vitest";
import type { Cell, Rel, RelExpr } from "../../src/ir/rel.ts";
import type { Value } from "../../src/ir/rel-eval.ts";
import { queryRows } from "../../src/runtime/engine/duckdb.ts";
import { keptTable, valueNumber } from "../../src/runtime/engine/kept.ts";
import { makeStrings } from "../../src/runtime/strings.ts";
import { byDuckdb, interpreted } from "./engine.ts";

test("once per key; those of an earlier run are dropped", () => {
  const made: string[] = [];
  const make = (name: string): void => {
    made.push(name);
    queryRows(`create temp table ${name} as select 42 as x`);
  };
  const run = makeStrings([]);
  const a = keptTable("a", run, make);
  expect(keptTable("a", run, make)).toBe(a);
  const b = keptTable("b", run, make);
  expect(made).toEqual([a, b]);
  expect(Number(queryRows(`select x from ${a}`)[0]![0])).toBe(42);
  const c = keptTable("a", makeStrings([]), make);
  expect(c).not.toBe(a);
  expect(() => queryRows(`select x from ${a}`)).toThrow(/does not exist/);
});
test("a table that could not be made is made when it is asked for again", () => {
  const run = makeStrings([]);
  expect(() => keptTable("a", run, () => queryRows("select no"))).toThrow();
  const name = keptTable("a", run, n => void queryRows(`create temp table ${n} as select 1 as x`));
  expect(Number(queryRows(`select x from ${name}`)[0]![0])).toBe(1);
});
test("of a query nothing stays: no table, view, type, macro or variable", () => {
  const left = (): readonly unknown[] =>
    [
      "select table_name from duckdb_tables()",
      "select view_name from duckdb_views() where not internal",
      "select type_name from duckdb_types() where not internal",
      "select function_name from duckdb_functions() where not internal",
      "select name from duckdb_variables()",
    ].flatMap(q => queryRows(q).map(([name]) => name));
  const before = left();
  const text: Cell = { k: "scalar", elem: "string" };
  const scan: Rel = { k: "scan", format: "rows", paths: ["a"], options: {}, columns: [["s", text]] };
  const column: RelExpr = { k: "column", name: "s" };
  const number: RelExpr = {
    k: "op",
    op: "lookup",
    args: [column, { k: "given", index: 0, elem: "string" }],
    elem: "i32",
  };
  const other: RelExpr = {
    k: "op",
    op: "join_text",
    args: [column, { k: "given", index: 1, elem: "string" }],
    elem: "string",
  };
  const made: Rel = {
    k: "map",
    of: { k: "shuffle", of: scan, place: 3, seed: "run" },
    columns: [
      ["n", number],
      ["t", other],
    ],
  };
  const given = new Map<number, { readonly cell: Cell; readonly value: Value | readonly Value[] }>([
    [0, { cell: text, value: ["", "x", "y"] }],
    [1, { cell: text, value: "!" }],
  ]);
  const world = { scans: { a: [["y"], ["z"], ["x"]] }, given, seed: 5 };
  expect(byDuckdb(made, world).map(r => r.cells)).toEqual(interpreted(made, world).map(r => r.cells));
  expect(left()).toEqual(before);
});
test("values are known by what they are, not by what they hold", () => {
  const value = { store: "i32", shape: [1], bytes: new Uint8Array(4) } as const;
  expect(valueNumber(value)).toBe(valueNumber(value));
  expect(valueNumber({ ...value })).not.toBe(valueNumber(value));
});
