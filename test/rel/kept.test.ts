/** Results of queries that a run asks for several times: made once per run and per what they hang on, and gone in the next. */
import { expect, test } from "vitest";
import { queryRows } from "../../src/runtime/engine/duckdb.ts";
import { keptTable, valueNumber } from "../../src/runtime/engine/kept.ts";
import { makeStrings } from "../../src/runtime/strings.ts";

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
test("values are known by what they are, not by what they hold", () => {
  const value = { store: "i32", shape: [1], bytes: new Uint8Array(4) } as const;
  expect(valueNumber(value)).toBe(valueNumber(value));
  expect(valueNumber({ ...value })).not.toBe(valueNumber(value));
});
